/* Marks for autostart: links to definitions in folders of their own. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "backend/embedded/store-files-private.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

static const char *const mark_folders[] = { "autostart", "autostart-once" };

gboolean
store_files_get_autostart(Store *store, const char *name, StoreAutostart kind, gboolean *on, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *path = g_build_filename(((StoreFiles *) store)->config_dir, mark_folders[kind], escaped, NULL);

    *on = file_exists(AT_FDCWD, path);
    return *on || errno == ENOENT || hv_throw_errno(error, errno, "cannot look for '%s'", path);
}

gboolean
store_files_set_autostart(Store *store, const char *name, StoreAutostart kind, gboolean on, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *file = store_files_config_file(name);
    g_autofree char *target = g_strconcat("../", file, NULL);
    g_autoptr(GError) failure = NULL;
    hv_autofd int fd = store_files_open_config_folder((StoreFiles *) store, mark_folders[kind], on, &failure);

    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (fd < 0 || (!on && !file_exists(fd, escaped)))
        return TRUE;
    return on ? file_link(fd, escaped, target, FILE_WRITE_SYNC, error)
              : file_remove(fd, escaped, FILE_WRITE_SYNC, error);
}

static gboolean
add_mark(const char *file, unsigned char type G_GNUC_UNUSED, gpointer data)
{
    char *name = file_name_unescape(file);

    if (name)
        g_hash_table_add(data, name);
    return TRUE;
}

GHashTable *
store_files_autostarted(Store *store, StoreAutostart kind, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GError) failure = NULL;
    hv_autofd int fd = store_files_open_config_folder((StoreFiles *) store, mark_folders[kind], FALSE, &failure);

    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    if (fd >= 0 && !folder_foreach(fd, mark_folders[kind], add_mark, names, error))
        return NULL;
    return g_steal_pointer(&names);
}

