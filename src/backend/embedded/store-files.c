#include "config.h"

#include "backend/embedded/store-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/store-files-private.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"
#include "util/process.h"

#define XML_SUFFIX ".xml"
#define CONFIG_MAX (16 * 1024 * 1024)

/* --- names and folders ------------------------------------------------------------------------------ */

char *
store_files_config_file(const char *name)
{
    g_autofree char *escaped = file_name_escape(name);

    return g_strconcat(escaped, XML_SUFFIX, NULL);
}

/* The domain that a file in the configuration folder (or a link's target) stands for; NULL for other files. */
char *
store_files_config_name(const char *file)
{
    g_autofree char *escaped = NULL;

    if (g_str_has_prefix(file, "../"))
        file += 3;
    if (!g_str_has_suffix(file, XML_SUFFIX) || strchr(file, '/'))
        return NULL;
    escaped = g_strndup(file, strlen(file) - strlen(XML_SUFFIX));
    return file_name_unescape(escaped);
}

int
store_files_open_config(StoreFiles *files, gboolean create, GError **error)
{
    return folder_open_path(files->config_dir, create, error);
}

int
store_files_open_config_folder(StoreFiles *files, const char *name, gboolean create, GError **error)
{
    g_autofree char *path = g_build_filename(files->config_dir, name, NULL);

    return folder_open_path(path, create, error);
}

int
store_files_open_run(StoreFiles *files, const char *name, gboolean create, GError **error)
{
    g_autofree char *path = g_build_filename(files->paths->run, name, NULL);

    return folder_open_path(path, create, error);
}

/* --- configurations --------------------------------------------------------------------------------- */

static gboolean
files_check_name(Store *store, const char *name, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = store_files_config_file(name);

    if (strlen(file) <= NAME_MAX)
        return TRUE;
    return hv_throw_errno(error, ENAMETOOLONG, "Failed to create file '%s/%s'", files->config_dir, file);
}

static char *
files_load_config(Store *store, const char *name, char **label, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = store_files_config_file(name);
    g_autofree char *path = g_build_filename(files->config_dir, file, NULL);
    char *xml = file_read(AT_FDCWD, path, path, CONFIG_MAX, NULL, NULL, error);

    if (label)
        *label = xml ? g_steal_pointer(&path) : NULL;
    return xml;
}

static gboolean
files_save_config(Store *store, const char *name, const char *uuid, const char *xml, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = store_files_config_file(name);
    g_autofree char *path = g_build_filename(files->config_dir, file, NULL);
    g_autofree char *target = g_strconcat("../", file, NULL);
    g_autofree char *linked = NULL;
    hv_autofd int config_fd = store_files_open_config(files, TRUE, error);
    hv_autofd int uuid_fd = config_fd >= 0 ? store_files_open_config_folder(files, "uuid", TRUE, error) : -1;

    if (uuid_fd < 0 || !files_check_name(store, name, error))
        return FALSE;
    if (!file_exists(config_fd, file)) {
        /* Marks that a crash has left of a former domain of this name. */
        for (int kind = STORE_AUTOSTART; kind <= STORE_AUTOSTART_ONCE; kind++) {
            if (!store->funcs->set_autostart(store, name, kind, FALSE, error))
                return FALSE;
        }
        file_remove_leftovers(config_fd);
        file_remove_leftovers(uuid_fd);
    }
    if (!file_write(config_fd, file, path, xml, -1, FILE_WRITE_SYNC, error))
        return FALSE;
    HV_DEBUG(STORE_MODULE, "definition of '%s' written: %zu bytes", name, strlen(xml));
    linked = file_read_link(uuid_fd, uuid);
    return g_strcmp0(linked, target) == 0 || file_link(uuid_fd, uuid, target, FILE_WRITE_SYNC, error);
}

gboolean
store_files_remove_marks(Store *store, const char *name, GError **error)
{
    return store->funcs->set_autostart(store, name, STORE_AUTOSTART, FALSE, error) &&
           store->funcs->set_autostart(store, name, STORE_AUTOSTART_ONCE, FALSE, error);
}

static gboolean
files_remove_config(Store *store, const char *name, const char *uuid, const StoreRemains *remains, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = store_files_config_file(name);
    hv_autofd int config_fd = store_files_open_config(files, FALSE, error);
    hv_autofd int uuid_fd = config_fd >= 0 ? store_files_open_config_folder(files, "uuid", FALSE, NULL) : -1;
    g_autofree char *linked = store_files_linked_name(uuid_fd, uuid);

    if (config_fd < 0)
        return FALSE;
    if ((remains->files->len || remains->trees->len) && !store_files_removal_write(files, name, uuid, remains, error))
        return FALSE;
    if (linked && strcmp(linked, name) == 0 && !file_remove(uuid_fd, uuid, FILE_WRITE_DEFAULT, error))
        return FALSE;
    return file_remove(config_fd, file, FILE_WRITE_SYNC, error) && store_files_remove_marks(store, name, error);
}

static gboolean
files_rename_config(Store *store, const char *name, const char *new_name, const char *uuid, const char *xml,
                    GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = store_files_config_file(name);
    g_autofree char *new_file = store_files_config_file(new_name);
    g_autofree char *target = g_strconcat("../", new_file, NULL);
    hv_autofd int config_fd = store_files_open_config(files, TRUE, error);
    hv_autofd int uuid_fd = config_fd >= 0 ? store_files_open_config_folder(files, "uuid", TRUE, error) : -1;
    gboolean marks[2] = { FALSE, FALSE };

    if (uuid_fd < 0 || !files_check_name(store, new_name, error))
        return FALSE;
    for (int kind = STORE_AUTOSTART; kind <= STORE_AUTOSTART_ONCE; kind++) {
        if (!store->funcs->get_autostart(store, name, kind, &marks[kind], error) ||
            !store->funcs->set_autostart(store, new_name, kind, FALSE, error))
            return FALSE;
    }
    /* Without the link to the old name, the new file could be taken for the domain before the link is turned. */
    if (!file_exists(uuid_fd, uuid)) {
        g_autofree char *old_target = g_strconcat("../", file, NULL);

        if (!file_link(uuid_fd, uuid, old_target, FILE_WRITE_SYNC, error))
            return FALSE;
    }
    if (!store_files_renaming_write(files, name, new_name, uuid, error) ||
        !file_write(config_fd, new_file, NULL, xml, -1, FILE_WRITE_SYNC, error))
        return FALSE;
    for (int kind = STORE_AUTOSTART; kind <= STORE_AUTOSTART_ONCE; kind++) {
        if (marks[kind] && !store->funcs->set_autostart(store, new_name, kind, TRUE, error))
            return FALSE;
    }
    return file_link(uuid_fd, uuid, target, FILE_WRITE_SYNC, error) && store_files_settle(store, name, uuid, error);
}

/* --- the table ---------------------------------------------------------------------------------------- */

static void
files_free(Store *store)
{
    StoreFiles *files = (StoreFiles *) store;

    if (files->held_fd >= 0)
        close(files->held_fd);
    g_free(files->config_dir);
    g_free(files);
}

static const StoreFuncs files_funcs = {
    .list = store_files_list,
    .find_name = store_files_find_name,
    .find_uuid = store_files_find_uuid,
    .find_id = store_files_find_id,
    .load_config = files_load_config,
    .save_config = files_save_config,
    .remove_config = files_remove_config,
    .settle = store_files_settle,
    .rename_config = files_rename_config,
    .check_name = files_check_name,
    .get_autostart = store_files_get_autostart,
    .set_autostart = store_files_set_autostart,
    .autostarted = store_files_autostarted,
    .next_id = store_files_next_id,
    .load_live = store_files_load_live,
    .save_live = store_files_save_live,
    .journal = store_files_journal,
    .forget_last = store_files_forget_last,
    .lock = store_files_lock,
    .lock_names = store_files_lock_names,
    .unlock = store_files_unlock,
    .job_begin = store_files_job_begin,
    .job_end = store_files_job_end,
    .job_get = store_files_job_get,
    .emit = store_files_emit,
    .watch = store_files_watch,
    .free = files_free,
};

Store *
store_files_new(const Paths *paths)
{
    StoreFiles *files = g_new0(StoreFiles, 1);

    files->base.funcs = &files_funcs;
    files->held_fd = -1;
    files->paths = paths;
    files->config_dir = g_build_filename(paths->config, "qemu", NULL);
    return &files->base;
}
