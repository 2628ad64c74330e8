#include "config.h"

#include "backend/embedded/store-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/embedded/store-files-private.h"
#include "backend/embedded/supervisor-client.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

#define XML_SUFFIX ".xml"
#define CONFIG_MAX (16 * 1024 * 1024)
/* In our own files the uuid comes right after the name. */
#define CONFIG_HEAD 8192
#define NUMBER_MAX 64
#define SUPERVISOR_END_MS 10000

/* --- names and folders ------------------------------------------------------------------------------ */

static char *
config_file(const char *name)
{
    g_autofree char *escaped = file_name_escape(name);

    return g_strconcat(escaped, XML_SUFFIX, NULL);
}

/* The domain that a file in the configuration folder (or a link's target) stands for; NULL for other files. */
static char *
config_file_name(const char *file)
{
    g_autofree char *escaped = NULL;

    if (g_str_has_prefix(file, "../"))
        file += 3;
    if (!g_str_has_suffix(file, XML_SUFFIX) || strchr(file, '/'))
        return NULL;
    escaped = g_strndup(file, strlen(file) - strlen(XML_SUFFIX));
    return file_name_unescape(escaped);
}

static int
open_config(StoreFiles *files, gboolean create, GError **error)
{
    return folder_open(files->config_dir, create, error);
}

static int
open_config_folder(StoreFiles *files, const char *name, gboolean create, GError **error)
{
    g_autofree char *path = g_build_filename(files->config_dir, name, NULL);

    return folder_open(path, create, error);
}

int
store_files_open_run(StoreFiles *files, const char *name, gboolean create, GError **error)
{
    g_autofree char *path = g_build_filename(files->paths->run, name, NULL);

    return folder_open(path, create, error);
}

/* --- what runs -------------------------------------------------------------------------------------- */

static void
shut_off(StoreDomain *domain, int reason)
{
    domain->active = FALSE;
    domain->status.id = -1;
    domain->status.state = DOMAIN_STATE_SHUTOFF;
    domain->status.reason = reason;
    domain->status.pid = 0;
}

static void
read_last(int run_fd, const char *escaped, StoreDomain *domain)
{
    g_autofree char *file = g_strconcat(escaped, STATUS_LAST_SUFFIX, NULL);
    gboolean missing = FALSE;
    RunStatus last;

    shut_off(domain, SHUTOFF_UNKNOWN);
    domain->status.since_ms = 0;
    if (status_read(run_fd, file, &last, &missing, NULL)) {
        domain->status.reason = last.reason;
        domain->status.since_ms = last.since;
    }
}

/* Asking /proc costs more than all the rest of a lookup: a process that is asked about again is held by a descriptor,
 * which tells when it ends. */
static gboolean
is_running(StoreFiles *files, const RunStatus *status)
{
    if (files->held_pid == status->pid && files->held_start == status->pid_start) {
        struct pollfd ended = { .fd = files->held_fd, .events = POLLIN };

        if (files->held_fd < 0)
            ended.fd = files->held_fd = process_pidfd(status->pid, status->pid_start);
        return files->held_fd >= 0 && poll(&ended, 1, 0) == 0;
    }
    if (files->held_fd >= 0)
        close(files->held_fd);
    files->held_fd = -1;
    files->held_pid = status->pid;
    files->held_start = status->pid_start;
    return status_running(status);
}

/* FALSE when the folder is not that of a domain that runs, or ran a moment ago. */
static gboolean
read_status(StoreFiles *files, int run_fd, const char *escaped, StoreDomain *domain)
{
    g_autofree char *file = g_build_filename(escaped, STATUS_FILE, NULL);
    gboolean missing = FALSE;
    RunStatus status;

    if (!status_read(run_fd, file, &status, &missing, NULL))
        return FALSE;
    domain->active = TRUE;
    domain->status.id = status.id;
    domain->status.state = status.state;
    domain->status.reason = status.reason;
    domain->status.since_ms = status.since;
    domain->status.pid = status.pid;
    domain->status.pid_start = status.pid_start;
    if (!domain->uuid[0])
        g_strlcpy(domain->uuid, status.uuid, sizeof domain->uuid);
    if (is_running(files, &status))
        return TRUE;

    /* QEMU is gone. While its supervisor lives it is about to say why; without one, nobody will. */
    if (status.state != STATE_SHUTOFF)
        shut_off(domain, status_supervised(&status) ? SHUTOFF_SHUTDOWN : SHUTOFF_CRASHED);
    else
        shut_off(domain, status.reason);
    return TRUE;
}

/* --- uuids ------------------------------------------------------------------------------------------ */

/* The uuid inside of a configuration, looked for without reading XML: these files are in our own form. */
static gboolean
scan_uuid(int config_fd, const char *file, char uuid[UUID_TEXT])
{
    hv_autofd int fd = openat(config_fd, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char head[CONFIG_HEAD + 1];
    guint8 bytes[UUID_BYTES];
    const char *start;
    const char *end;
    gssize n;

    if (fd < 0)
        return FALSE;
    n = read(fd, head, CONFIG_HEAD);
    if (n <= 0)
        return FALSE;
    head[n] = '\0';
    start = strstr(head, "<uuid>");
    end = start ? strstr(start, "</uuid>") : NULL;
    if (!end)
        return FALSE;
    {
        g_autofree char *text = g_strndup(start + 6, end - start - 6);

        if (!uuid_parse(text, bytes))
            return FALSE;
    }
    uuid_format(bytes, uuid);
    return TRUE;
}

static char *
linked_name(int uuid_fd, const char *uuid)
{
    g_autofree char *target = uuid_fd >= 0 ? file_read_link(uuid_fd, uuid) : NULL;

    return target ? config_file_name(target) : NULL;
}

typedef struct {
    int uuid_fd;
    GHashTable *by_name;        /* name → uuid */
} LinkScan;

static gboolean
add_link(const char *uuid, unsigned char type G_GNUC_UNUSED, gpointer data)
{
    LinkScan *scan = data;
    char *name = strlen(uuid) == UUID_TEXT - 1 ? linked_name(scan->uuid_fd, uuid) : NULL;

    if (name)
        g_hash_table_replace(scan->by_name, name, g_strdup(uuid));
    return TRUE;
}

/* Every name that a uuid is linked to. */
static GHashTable *
read_links(int uuid_fd, GError **error)
{
    LinkScan scan = { uuid_fd, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free) };

    if (uuid_fd >= 0 && !folder_foreach(uuid_fd, "uuid", add_link, &scan, error)) {
        g_hash_table_unref(scan.by_name);
        return NULL;
    }
    return scan.by_name;
}

/* A file without its link: a crash came before the link was made, or after it was turned to the new name. */
static gboolean
is_leftover(int config_fd, int uuid_fd, const char *name, const char *uuid)
{
    g_autofree char *linked = linked_name(uuid_fd, uuid);
    g_autofree char *file = linked ? config_file(linked) : NULL;

    return linked && strcmp(linked, name) != 0 && file_exists(config_fd, file);
}

/* --- finding ---------------------------------------------------------------------------------------- */

typedef struct {
    GPtrArray *domains;
    GHashTable *by_name;        /* name → StoreDomain, of those that have a configuration */
    GHashTable *links;
    StoreFiles *files;
    int config_fd;
    int uuid_fd;
    int run_fd;
} ListScan;

static gboolean
list_config(const char *file, unsigned char type, gpointer data)
{
    ListScan *scan = data;
    g_autofree char *name = NULL;
    const char *uuid;
    StoreDomain *domain;
    char found[UUID_TEXT] = "";

    if (type == DT_DIR)
        return TRUE;
    name = config_file_name(file);
    if (!name)
        return TRUE;
    uuid = g_hash_table_lookup(scan->links, name);
    if (!uuid && scan_uuid(scan->config_fd, file, found) &&
        is_leftover(scan->config_fd, scan->uuid_fd, name, found))
        return TRUE;

    domain = g_new0(StoreDomain, 1);
    domain->name = g_steal_pointer(&name);
    domain->persistent = TRUE;
    g_strlcpy(domain->uuid, uuid ? uuid : found, sizeof domain->uuid);
    shut_off(domain, SHUTOFF_UNKNOWN);
    g_ptr_array_add(scan->domains, domain);
    g_hash_table_insert(scan->by_name, domain->name, domain);
    return TRUE;
}

static gboolean
list_running(const char *file, unsigned char type, gpointer data)
{
    ListScan *scan = data;
    g_autofree char *name = NULL;
    StoreDomain *known;
    g_auto(StoreDomain) found = { 0 };

    if (type != DT_DIR && type != DT_UNKNOWN)
        return TRUE;
    name = file_name_unescape(file);
    if (!name || !read_status(scan->files, scan->run_fd, file, &found))
        return TRUE;
    known = g_hash_table_lookup(scan->by_name, name);
    if (known) {
        known->active = found.active;
        known->status = found.status;
    } else if (found.active) {
        StoreDomain *domain = g_new0(StoreDomain, 1);

        *domain = found;
        domain->name = g_steal_pointer(&name);
        found.name = NULL;
        g_ptr_array_add(scan->domains, domain);
    }
    return TRUE;
}

static GPtrArray *
files_list(Store *store, gboolean with_last, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func((GDestroyNotify) store_domain_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) links = NULL;
    g_autoptr(GError) failure = NULL;
    hv_autofd int config_fd = open_config(files, FALSE, &failure);
    hv_autofd int uuid_fd = config_fd >= 0 ? open_config_folder(files, "uuid", FALSE, &failure) : -1;
    hv_autofd int run_fd = failure ? -1 : store_files_open_run(files, "qemu", FALSE, &failure);
    ListScan scan = { domains, by_name, NULL, files, config_fd, uuid_fd, run_fd };

    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    links = scan.links = read_links(uuid_fd, error);
    if (!links)
        return NULL;
    if (config_fd >= 0 && !folder_foreach(config_fd, files->config_dir, list_config, &scan, error))
        return NULL;
    if (run_fd >= 0 && !folder_foreach(run_fd, files->paths->run, list_running, &scan, error))
        return NULL;
    for (guint i = 0; with_last && i < domains->len; i++) {
        StoreDomain *domain = domains->pdata[i];
        g_autofree char *escaped = domain->active ? NULL : file_name_escape(domain->name);

        if (run_fd >= 0 && !domain->active && domain->status.reason == SHUTOFF_UNKNOWN)
            read_last(run_fd, escaped, domain);
    }
    return g_steal_pointer(&domains);
}

/* The uuid of a domain that does not run, from its configuration or else from the links. FALSE for a leftover. */
static gboolean
find_config_uuid(StoreFiles *files, const char *name, const char *file, char uuid[UUID_TEXT])
{
    hv_autofd int config_fd = open_config(files, FALSE, NULL);
    hv_autofd int uuid_fd = open_config_folder(files, "uuid", FALSE, NULL);
    g_autoptr(GHashTable) links = NULL;
    const char *linked;

    if (scan_uuid(config_fd, file, uuid))
        return !is_leftover(config_fd, uuid_fd, name, uuid);
    links = read_links(uuid_fd, NULL);
    linked = links ? g_hash_table_lookup(links, name) : NULL;
    g_strlcpy(uuid, linked ? linked : "", UUID_TEXT);
    return TRUE;
}

/* @uuid: that of its link, or NULL. Whole paths, because opening the folders would cost more than what is looked for. */
static gboolean
find_by_name(StoreFiles *files, const char *name, const char *uuid, StoreDomain *domain, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *file = g_strconcat(escaped, XML_SUFFIX, NULL);
    g_autofree char *config = g_strconcat(files->config_dir, "/", file, NULL);
    g_autofree char *run = g_strconcat(files->paths->run, "/qemu/", escaped, NULL);
    g_auto(StoreDomain) found = { 0 };

    if (strlen(file) > NAME_MAX)
        return FALSE;
    if (uuid)
        g_strlcpy(found.uuid, uuid, sizeof found.uuid);
    found.persistent = file_exists(AT_FDCWD, config);
    if (!found.persistent && errno != ENOENT)
        return hv_throw_errno(error, errno, "cannot look for '%s'", config);
    if (!read_status(files, AT_FDCWD, run, &found))
        read_last(AT_FDCWD, run, &found);
    if (!found.persistent && !found.active)
        return FALSE;
    if (found.persistent && !found.uuid[0] && !find_config_uuid(files, name, file, found.uuid))
        return FALSE;
    *domain = found;
    domain->name = g_strdup(name);
    found.name = NULL;
    return TRUE;
}

static gboolean
files_find_name(Store *store, const char *name, StoreDomain *domain, GError **error)
{
    return *name && find_by_name((StoreFiles *) store, name, NULL, domain, error);
}

/* Looks at every domain: for what links do not tell (transient domains, what a crash left). */
static gboolean
find_in_list(Store *store, gboolean (*matches)(const StoreDomain *domain, gconstpointer key), gconstpointer key,
             StoreDomain *domain, GError **error)
{
    g_autoptr(GPtrArray) all = files_list(store, TRUE, error);

    for (guint i = 0; all && i < all->len; i++) {
        StoreDomain *candidate = all->pdata[i];

        if (matches(candidate, key)) {
            *domain = *candidate;
            candidate->name = NULL;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
uuid_matches(const StoreDomain *domain, gconstpointer key)
{
    return strcmp(domain->uuid, key) == 0;
}

static gboolean
files_find_uuid(Store *store, const char *uuid, StoreDomain *domain, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *link = g_strconcat(files->config_dir, "/uuid/", uuid, NULL);
    g_autofree char *target = file_read_link(AT_FDCWD, link);
    g_autofree char *name = target ? config_file_name(target) : NULL;
    g_autoptr(GError) failure = NULL;

    if (name && find_by_name(files, name, uuid, domain, &failure))
        return TRUE;
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return find_in_list(store, uuid_matches, uuid, domain, error);
}

typedef struct {
    StoreFiles *files;
    int run_fd;
    int id;
    char *name;
} IdScan;

static gboolean
match_id(const char *file, unsigned char type, gpointer data)
{
    IdScan *scan = data;
    g_auto(StoreDomain) found = { 0 };

    if ((type != DT_DIR && type != DT_UNKNOWN) || !read_status(scan->files, scan->run_fd, file, &found) || !found.active ||
        found.status.id != scan->id)
        return TRUE;
    scan->name = file_name_unescape(file);
    return !scan->name;
}

static gboolean
files_find_id(Store *store, int id, StoreDomain *domain, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autoptr(GError) failure = NULL;
    hv_autofd int run_fd = store_files_open_run(files, "qemu", FALSE, &failure);
    IdScan scan = { files, run_fd, id, NULL };
    g_autofree char *name = NULL;

    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (run_fd >= 0 && !folder_foreach(run_fd, files->paths->run, match_id, &scan, error))
        return FALSE;
    name = scan.name;
    return name && find_by_name(files, name, NULL, domain, error) && domain->active;
}

/* --- configurations --------------------------------------------------------------------------------- */

static gboolean
files_check_name(Store *store, const char *name, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = config_file(name);

    if (strlen(file) <= NAME_MAX)
        return TRUE;
    return hv_throw_errno(error, ENAMETOOLONG, "Failed to create file '%s/%s'", files->config_dir, file);
}

static char *
files_load_config(Store *store, const char *name, char **label, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = config_file(name);
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
    g_autofree char *file = config_file(name);
    g_autofree char *path = g_build_filename(files->config_dir, file, NULL);
    g_autofree char *target = g_strconcat("../", file, NULL);
    g_autofree char *linked = NULL;
    hv_autofd int config_fd = open_config(files, TRUE, error);
    hv_autofd int uuid_fd = config_fd >= 0 ? open_config_folder(files, "uuid", TRUE, error) : -1;

    if (uuid_fd < 0 || !files_check_name(store, name, error))
        return FALSE;
    if (!file_exists(config_fd, file)) {
        /* Marks that a crash has left of a former domain of this name. */
        for (int kind = STORE_AUTOSTART; kind <= STORE_AUTOSTART_ONCE; kind++) {
            if (!store->funcs->set_autostart(store, name, kind, FALSE, error))
                return FALSE;
        }
        file_remove_leftovers(config_fd);
    }
    if (!file_write(config_fd, file, path, xml, -1, FILE_WRITE_SYNC, error))
        return FALSE;
    linked = file_read_link(uuid_fd, uuid);
    return g_strcmp0(linked, target) == 0 || file_link(uuid_fd, uuid, target, FILE_WRITE_SYNC, error);
}

static gboolean
remove_marks(Store *store, const char *name, GError **error)
{
    return store->funcs->set_autostart(store, name, STORE_AUTOSTART, FALSE, error) &&
           store->funcs->set_autostart(store, name, STORE_AUTOSTART_ONCE, FALSE, error);
}

static gboolean
files_remove_config(Store *store, const char *name, const char *uuid, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = config_file(name);
    hv_autofd int config_fd = open_config(files, FALSE, error);
    hv_autofd int uuid_fd = config_fd >= 0 ? open_config_folder(files, "uuid", FALSE, NULL) : -1;
    g_autofree char *linked = linked_name(uuid_fd, uuid);

    if (config_fd < 0)
        return FALSE;
    if (linked && strcmp(linked, name) == 0 && !file_remove(uuid_fd, uuid, FILE_WRITE_DEFAULT, error))
        return FALSE;
    return file_remove(config_fd, file, FILE_WRITE_SYNC, error) && remove_marks(store, name, error);
}

static gboolean
files_rename_config(Store *store, const char *name, const char *new_name, const char *uuid, const char *xml,
                    GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *file = config_file(name);
    g_autofree char *new_file = config_file(new_name);
    g_autofree char *target = g_strconcat("../", new_file, NULL);
    hv_autofd int config_fd = open_config(files, TRUE, error);
    hv_autofd int uuid_fd = config_fd >= 0 ? open_config_folder(files, "uuid", TRUE, error) : -1;
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
    if (!file_write(config_fd, new_file, NULL, xml, -1, FILE_WRITE_SYNC, error))
        return FALSE;
    for (int kind = STORE_AUTOSTART; kind <= STORE_AUTOSTART_ONCE; kind++) {
        if (marks[kind] && !store->funcs->set_autostart(store, new_name, kind, TRUE, error))
            return FALSE;
    }
    return file_link(uuid_fd, uuid, target, FILE_WRITE_SYNC, error) &&
           file_remove(config_fd, file, FILE_WRITE_SYNC, error) && remove_marks(store, name, error);
}

/* --- marks for autostart ---------------------------------------------------------------------------- */

static const char *const mark_folders[] = { "autostart", "autostart-once" };

static gboolean
files_get_autostart(Store *store, const char *name, StoreAutostart kind, gboolean *on, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *path = g_build_filename(((StoreFiles *) store)->config_dir, mark_folders[kind], escaped, NULL);

    *on = file_exists(AT_FDCWD, path);
    return *on || errno == ENOENT || hv_throw_errno(error, errno, "cannot look for '%s'", path);
}

static gboolean
files_set_autostart(Store *store, const char *name, StoreAutostart kind, gboolean on, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *file = config_file(name);
    g_autofree char *target = g_strconcat("../", file, NULL);
    g_autoptr(GError) failure = NULL;
    hv_autofd int fd = open_config_folder((StoreFiles *) store, mark_folders[kind], on, &failure);

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

static GHashTable *
files_autostarted(Store *store, StoreAutostart kind, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GError) failure = NULL;
    hv_autofd int fd = open_config_folder((StoreFiles *) store, mark_folders[kind], FALSE, &failure);

    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    if (fd >= 0 && !folder_foreach(fd, mark_folders[kind], add_mark, names, error))
        return NULL;
    return g_steal_pointer(&names);
}

/* --- running domains -------------------------------------------------------------------------------- */

typedef struct {
    StoreFiles *files;
    int run_fd;
    int config_fd;
    int highest;
} RunScan;

/* Finds the highest id, and forgets the ends of transient domains that nobody can ask about any more. */
static gboolean
scan_run(const char *file, unsigned char type, gpointer data)
{
    RunScan *scan = data;
    g_auto(StoreDomain) found = { 0 };

    if (g_str_has_suffix(file, STATUS_LAST_SUFFIX)) {
        g_autofree char *escaped = g_strndup(file, strlen(file) - strlen(STATUS_LAST_SUFFIX));
        g_autofree char *config = g_strconcat(escaped, XML_SUFFIX, NULL);

        if (scan->config_fd >= 0 && !file_exists(scan->config_fd, config))
            unlinkat(scan->run_fd, file, 0);
    } else if (type != DT_REG && read_status(scan->files, scan->run_fd, file, &found) && found.active) {
        scan->highest = MAX(scan->highest, found.status.id);
    }
    return TRUE;
}

static gboolean
files_next_id(Store *store, int *id, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    hv_autofd int run_fd = store_files_open_run(files, "", TRUE, error);
    hv_autofd int qemu_fd = run_fd >= 0 ? store_files_open_run(files, "qemu", TRUE, error) : -1;
    hv_autofd int config_fd = qemu_fd >= 0 ? open_config(files, FALSE, NULL) : -1;
    RunScan scan = { files, qemu_fd, config_fd, 0 };
    FileLock *lock;
    g_autofree char *text = NULL;
    g_autofree char *next = NULL;
    gboolean missing;
    gboolean ok;
    guint64 number;

    if (qemu_fd < 0 || !folder_foreach(qemu_fd, files->paths->run, scan_run, &scan, error))
        return FALSE;
    lock = file_lock(run_fd, ".next-id.lock", NULL, STORE_LOCK_TIMEOUT_MS, error);
    if (!lock)
        return FALSE;
    text = file_read(run_fd, "next-id", NULL, NUMBER_MAX, NULL, &missing, NULL);
    number = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    if (number <= (guint64) scan.highest || number >= G_MAXINT)
        number = (guint64) scan.highest + 1;
    next = g_strdup_printf("%" G_GUINT64_FORMAT "\n", number + 1);
    ok = file_write(run_fd, "next-id", NULL, next, -1, FILE_WRITE_DEFAULT, error);
    file_unlock(lock, FALSE);
    *id = (int) number;
    return ok;
}

static char *
files_load_live(Store *store, const char *name, guint64 *applied, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *run = paths_domain_run(files->paths, name);
    g_autofree char *path = g_build_filename(run, "live.xml", NULL);
    g_autofree char *position = g_build_filename(run, "applied", NULL);
    gboolean missing;
    /* The position first: with a document that is newer than it, entries are applied twice, which is harmless. */
    g_autofree char *text = file_read(AT_FDCWD, position, NULL, NUMBER_MAX, NULL, &missing, NULL);

    *applied = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    return file_read(AT_FDCWD, path, path, CONFIG_MAX, NULL, NULL, error);
}

static gboolean
files_save_live(Store *store, const char *name, const char *xml, guint64 applied, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *run = paths_domain_run(files->paths, name);
    g_autofree char *path = g_build_filename(run, "live.xml", NULL);
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT "\n", applied);
    hv_autofd int fd = folder_open(run, TRUE, error);

    return fd >= 0 && file_write(fd, "live.xml", path, xml, -1, FILE_WRITE_DEFAULT, error) &&
           (applied == 0 || file_write(fd, "applied", NULL, text, -1, FILE_WRITE_DEFAULT, error));
}

static gboolean
files_journal(Store *store, const char *name, guint64 applied, StoreJournalFunc func, gpointer data, GError **error)
{
    g_autofree char *run = paths_domain_run(((StoreFiles *) store)->paths, name);

    return journal_read(run, applied, func, data, error);
}

static void
files_forget_last(Store *store, const char *name)
{
    g_autofree char *run = paths_domain_run(((StoreFiles *) store)->paths, name);
    g_autofree char *path = g_strconcat(run, STATUS_LAST_SUFFIX, NULL);

    unlink(path);
}

/* --- locks ------------------------------------------------------------------------------------------ */

typedef struct {
    StoreLock base;
    FileLock *lock;
    char *name;                 /* NULL: the lock of the names */
} FilesLock;

/* Clears away what is left of a guest whose QEMU is dead. */
static gboolean
clean_up(StoreFiles *files, const char *name, GError **error)
{
    g_autofree char *run = paths_domain_run(files->paths, name);
    g_autofree char *escaped = file_name_escape(name);
    hv_autofd int run_fd = store_files_open_run(files, "qemu", FALSE, NULL);
    hv_autofd int fd = run_fd >= 0 ? openat(run_fd, escaped, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    g_autoptr(GError) failure = NULL;
    gboolean missing = FALSE;
    RunStatus status;

    if (fd < 0)
        return TRUE;
    if (!status_read(fd, STATUS_FILE, &status, &missing, &failure))
        return supervisor_cleanup(run, error) && file_remove_tree(run_fd, escaped, error);
    if (status_running(&status))
        return TRUE;
    if (status_supervised(&status) &&
        !process_wait_exit(status.supervisor_pid, status.supervisor_start, SUPERVISOR_END_MS))
        return hv_throw(error, HV_ERR_OPERATION_TIMEOUT,
                        "the supervisor (pid %d) of domain '%s' does not end although its guest has",
                        (int) status.supervisor_pid, name);
    return supervisor_cleanup(run, error) && file_remove_tree(run_fd, escaped, error);
}

static StoreLock *
files_lock(Store *store, const char *name, const char *what, int timeout_ms, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *holder = g_strconcat("hvsh ", what, NULL);
    hv_autofd int fd = store_files_open_run(files, "lock", TRUE, error);
    FileLock *file = fd >= 0 ? file_lock(fd, escaped, holder, timeout_ms, error) : NULL;
    FilesLock *lock;

    if (!file)
        return NULL;
    if (!clean_up(files, name, error)) {
        file_unlock(file, FALSE);
        return NULL;
    }
    lock = g_new0(FilesLock, 1);
    lock->base.store = store;
    lock->lock = file;
    lock->name = g_strdup(name);
    return &lock->base;
}

static StoreLock *
files_lock_names(Store *store, GError **error)
{
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "lock", TRUE, error);
    FileLock *file = fd >= 0 ? file_lock(fd, ".names", "hvsh", STORE_LOCK_TIMEOUT_MS, error) : NULL;
    FilesLock *lock;

    if (!file)
        return NULL;
    lock = g_new0(FilesLock, 1);
    lock->base.store = store;
    lock->lock = file;
    return &lock->base;
}

static void
files_unlock(StoreLock *base)
{
    FilesLock *lock = (FilesLock *) base;
    StoreFiles *files = (StoreFiles *) base->store;
    gboolean gone = FALSE;

    if (lock->name) {
        g_autofree char *file = config_file(lock->name);
        g_autofree char *config = g_build_filename(files->config_dir, file, NULL);
        g_autofree char *run = paths_domain_run(files->paths, lock->name);

        gone = !file_exists(AT_FDCWD, config) && !file_exists(AT_FDCWD, run);
        if (gone)
            files_forget_last(base->store, lock->name);
    }
    file_unlock(lock->lock, gone);
    g_free(lock->name);
    g_free(lock);
}

/* --- jobs ------------------------------------------------------------------------------------------- */

static gboolean
files_job_begin(Store *store, const char *name, const char *type, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *text = g_strdup_printf("%d %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %s\n", getpid(),
                                            process_start_time(getpid()), g_get_real_time() / 1000, type);
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "job", TRUE, error);

    return fd >= 0 && file_write(fd, escaped, NULL, text, -1, FILE_WRITE_DEFAULT, error);
}

static void
files_job_end(Store *store, const char *name)
{
    g_autofree char *escaped = file_name_escape(name);
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "job", FALSE, NULL);

    if (fd >= 0)
        unlinkat(fd, escaped, 0);
}

static gboolean
files_job_get(Store *store, const char *name, StoreJob *job)
{
    g_autofree char *escaped = file_name_escape(name);
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "job", FALSE, NULL);
    g_auto(LockHolder) holder = { 0 };

    /* The record has the form of a lock's holder. */
    if (fd < 0 || !file_lock_holder(fd, escaped, &holder))
        return FALSE;
    job->type = g_steal_pointer(&holder.what);
    job->owner_pid = holder.pid;
    job->since_ms = holder.since_ms;
    return TRUE;
}

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
    .list = files_list,
    .find_name = files_find_name,
    .find_uuid = files_find_uuid,
    .find_id = files_find_id,
    .load_config = files_load_config,
    .save_config = files_save_config,
    .remove_config = files_remove_config,
    .rename_config = files_rename_config,
    .check_name = files_check_name,
    .get_autostart = files_get_autostart,
    .set_autostart = files_set_autostart,
    .autostarted = files_autostarted,
    .next_id = files_next_id,
    .load_live = files_load_live,
    .save_live = files_save_live,
    .journal = files_journal,
    .forget_last = files_forget_last,
    .lock = files_lock,
    .lock_names = files_lock_names,
    .unlock = files_unlock,
    .job_begin = files_job_begin,
    .job_end = files_job_end,
    .job_get = files_job_get,
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
