/* Facts about a QEMU binary, kept in a file. */
#include "config.h"

#include "backend/qemu/facts-cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "util/json-file.h"
#include "util/log.h"

#define FACTS_CACHE_MAX (4 * 1024 * 1024)

struct FactsCache {
    char *path;             /* NULL: no cache */
    json_t *key;
};

/* What the facts hold for: another binary at the path, or another kernel, means to ask again. */
static json_t *
cache_key(const char *emulator, int format)
{
    struct utsname host;
    struct stat st;

    if (stat(emulator, &st) < 0 || uname(&host) < 0)
        return NULL;
    return json_pack("{s:i,s:s,s:I,s:I,s:I,s:s}", "format", format, "path", emulator, "size", (json_int_t)st.st_size, "mtime",
                     (json_int_t)st.st_mtim.tv_sec, "mtime-ns", (json_int_t)st.st_mtim.tv_nsec, "kernel", host.release);
}

FactsCache *
facts_cache_new(const char *cache_dir, const char *emulator, const char *kind, int format)
{
    FactsCache *cache = g_new0(FactsCache, 1);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, emulator, -1);
    g_autofree char *name = g_strdup_printf("%.32s%s%s.json", sum, kind ? "-" : "", kind ? kind : "");

    cache->key = cache_dir ? cache_key(emulator, format) : NULL;
    if (cache->key)
        cache->path = g_build_filename(cache_dir, "capabilities", name, NULL);
    return cache;
}

void
facts_cache_free(FactsCache *cache)
{
    if (!cache)
        return;
    g_free(cache->path);
    json_decref(cache->key);
    g_free(cache);
}

json_t *
facts_cache_read(const FactsCache *cache)
{
    json_t *root, *facts = NULL;

    if (!cache->path)
        return NULL;
    root = json_file_read(AT_FDCWD, cache->path, NULL, FACTS_CACHE_MAX, 0, NULL);
    if (json_equal(json_object_get(root, "key"), cache->key))
        facts = json_incref(json_object_get(root, "facts"));
    HV_DEBUG(QEMU_FACTS_MODULE, "'%s': %s", cache->path, facts ? "hit" : root ? "of another binary or kernel" : "miss");
    json_decref(root);
    return facts;
}

void
facts_cache_write(const FactsCache *cache, json_t *facts)
{
    g_autofree char *folder = cache->path ? g_path_get_dirname(cache->path) : NULL;
    json_t *root;
    char *text;

    if (!folder)
        return;
    root = json_pack("{s:O,s:O}", "key", cache->key, "facts", facts);
    text = json_dumps(root, JSON_COMPACT);
    if (text && g_mkdir_with_parents(folder, 0700) == 0)
        g_file_set_contents_full(cache->path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
    free(text);
    json_decref(root);
}
