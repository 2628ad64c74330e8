/* What is to be removed and cannot be at one stroke: CONFIG/qemu/removing/NAME says so first. With a definition that goes, its NVRAM
 * and the state of its TPM; with one that gets another name, its former file. So a crash, or what cannot be removed, loses nothing,
 * and what a crash has left is removed before anybody gets the name or the uuid. All of this happens under the lock of the names. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/store-files-private.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

#define REMOVING "removing"
#define RECORD_MAX (1024 * 1024)

static json_t *
paths_to_json(const GPtrArray *paths)
{
    json_t *array = json_array();

    for (guint i = 0; i < paths->len; i++)
        json_array_append_new(array, json_string(paths->pdata[i]));
    return array;
}

/* Takes over @record. */
static gboolean
write_record(StoreFiles *files, const char *name, json_t *record, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    hv_autofd int fd = store_files_open_config_folder(files, REMOVING, TRUE, error);
    char *text = fd >= 0 && record ? json_dumps(record, JSON_COMPACT) : NULL;
    gboolean written = text && file_write(fd, escaped, NULL, text, -1, FILE_WRITE_SYNC, error);

    if (fd >= 0 && !text)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot write down what is to be removed of domain '%s'", name);
    json_decref(record);
    free(text);
    return written;
}

gboolean
store_files_removal_write(StoreFiles *files, const char *name, const char *uuid, const StoreRemains *remains, GError **error)
{
    return write_record(files, name, json_pack("{s:s, s:o, s:o}", "uuid", uuid, "files", paths_to_json(remains->files),
                                               "trees", paths_to_json(remains->trees)), error);
}

gboolean
store_files_renaming_write(StoreFiles *files, const char *name, const char *new_name, const char *uuid, GError **error)
{
    return write_record(files, name, json_pack("{s:s, s:s%}", "uuid", uuid, "renamed", new_name, strlen(new_name)), error);
}

static json_t *
read_record(int dir_fd, const char *escaped, GError **error)
{
    g_autofree char *text = file_read(dir_fd, escaped, escaped, RECORD_MAX, NULL, NULL, error);
    json_t *record = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

    if (text && !json_is_object(record))
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "'" REMOVING "/%s' does not say what is to be removed", escaped);
    if (json_is_object(record))
        return record;
    json_decref(record);
    return NULL;
}

/* The record may only go when what it asks for has reached the disk. */
static gboolean
remove_path(const char *path, gboolean tree, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    hv_autofd int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || hv_throw_errno(error, errno, "cannot open '%s'", parent);
    if (tree && !file_remove_tree(AT_FDCWD, path, error))
        return FALSE;
    if (!tree && unlink(path) < 0 && errno != ENOENT)
        return hv_throw_errno(error, errno, "cannot remove '%s'", path);
    return fsync(fd) == 0 || hv_throw_errno(error, errno, "cannot remove '%s'", path);
}

static gboolean
remove_paths(const json_t *paths, gboolean trees, GError **error)
{
    gsize i;
    json_t *item;

    json_array_foreach(paths, i, item) {
        const char *path = json_string_value(item);

        if (path && g_path_is_absolute(path) && !remove_path(path, trees, error))
            return FALSE;
    }
    return TRUE;
}

/* Of the two files with that uuid, the one that the link does not mean goes. */
static gboolean
settle_renaming(StoreFiles *files, const char *name, const json_t *record, GError **error)
{
    const char *uuid = json_string_value(json_object_get(record, "uuid"));
    const char *new_name = json_string_value(json_object_get(record, "renamed"));
    hv_autofd int config_fd = store_files_open_config(files, FALSE, error);
    hv_autofd int uuid_fd = config_fd >= 0 ? store_files_open_config_folder(files, "uuid", FALSE, error) : -1;
    g_autofree char *linked = uuid ? store_files_linked_name(uuid_fd, uuid) : NULL;
    g_autofree char *file = linked ? store_files_config_file(linked) : NULL;
    g_autofree char *stale_file = NULL;
    const char *stale;

    /* Without a link that holds, readers have no opinion either. */
    if (!file || !file_exists(config_fd, file))
        return config_fd >= 0;
    stale = strcmp(linked, new_name) == 0 ? name : new_name;
    stale_file = store_files_config_file(stale);
    return file_remove(config_fd, stale_file, FILE_WRITE_SYNC, error) && store_files_remove_marks(&files->base, stale, error);
}

/* Where the definition is still there, it was not removed, and all stays. What is in use by a guest that still runs stays until it
 * has ended: then *@done is FALSE. */
static gboolean
settle_removal(StoreFiles *files, const char *name, const json_t *record, gboolean *done, GError **error)
{
    g_autofree char *config = paths_domain_config(files->paths, name);
    g_autofree char *run = paths_domain_run(files->paths, name);

    if (file_exists(AT_FDCWD, config))
        return TRUE;
    if (errno != ENOENT)
        return hv_throw_errno(error, errno, "cannot look for '%s'", config);
    if (!remove_paths(json_object_get(record, "files"), FALSE, error))
        return FALSE;
    *done = !file_exists(AT_FDCWD, run);
    return !*done || remove_paths(json_object_get(record, "trees"), TRUE, error);
}

static gboolean
settle(StoreFiles *files, int dir_fd, const char *escaped, const char *name, const json_t *record, GError **error)
{
    gboolean done = TRUE;

    if (json_is_string(json_object_get(record, "renamed")) ? !settle_renaming(files, name, record, error)
                                                           : !settle_removal(files, name, record, &done, error))
        return FALSE;
    return !done || file_remove(dir_fd, escaped, FILE_WRITE_SYNC, error);
}

typedef struct {
    StoreFiles *files;
    int fd;
    const char *name;           /* only records of that name (or a change to it) or that uuid; NULL: all */
    const char *uuid;
    GError *error;
} Scan;

static gboolean
settle_found(const char *escaped, unsigned char type G_GNUC_UNUSED, gpointer data)
{
    Scan *scan = data;
    g_autofree char *name = file_name_unescape(escaped);
    g_autoptr(GError) failure = NULL;
    json_t *record = name ? read_record(scan->fd, escaped, &failure) : NULL;
    gboolean meant = !scan->name || g_strcmp0(scan->name, name) == 0 ||
                     g_strcmp0(scan->name, json_string_value(json_object_get(record, "renamed"))) == 0 ||
                     g_strcmp0(scan->uuid, json_string_value(json_object_get(record, "uuid"))) == 0;

    if (record && meant)
        settle(scan->files, scan->fd, escaped, name, record, &failure);
    json_decref(record);
    if (scan->name && meant && failure)
        scan->error = g_steal_pointer(&failure);
    return !scan->error;
}

gboolean
store_files_settle(Store *store, const char *name, const char *uuid, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    hv_autofd int fd = store_files_open_config_folder(files, REMOVING, FALSE, NULL);
    Scan scan = { files, fd, name, uuid, NULL };
    g_autofree char *path = NULL;

    if (fd < 0)
        return TRUE;
    file_remove_leftovers(fd);
    if (!folder_foreach(fd, REMOVING, settle_found, &scan, error))
        return FALSE;
    if (scan.error) {
        g_propagate_error(error, scan.error);
        return FALSE;
    }
    /* It is there only as long as something is to be done, and then costs every change a look. */
    path = g_build_filename(files->config_dir, REMOVING, NULL);
    rmdir(path);
    return TRUE;
}
