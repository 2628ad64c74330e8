/* Finding domains: what is defined, what runs, and which uuid is whose. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/store-files-private.h"
#include "supervisor/status.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"
#include "util/process.h"

/* In our own files the uuid comes right after the name. */
#define CONFIG_HEAD 8192

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
gboolean
store_files_read_status(StoreFiles *files, int run_fd, const char *escaped, StoreDomain *domain)
{
    gboolean missing = FALSE;
    RunStatus status;

    if (!status_read_folder(run_fd, escaped, &status, &missing, NULL)) {
        HV_DEBUG(STORE_MODULE, "status in '%s': %s", escaped, missing ? "none" : "cannot be read");
        return FALSE;
    }
    HV_DEBUG(STORE_MODULE, "status in '%s': id %d, state %d, reason %d, process %d", escaped, status.id, status.state,
             status.reason, (int) status.pid);
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
    if (status.state == STATE_SHUTOFF)
        shut_off(domain, status.reason);
    else if (!status_supervised(&status))
        shut_off(domain, SHUTOFF_CRASHED);
    else
        shut_off(domain, status.state == STATE_SHUTDOWN ? SHUTOFF_SHUTDOWN : SHUTOFF_UNKNOWN);
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

char *
store_files_linked_name(int uuid_fd, const char *uuid)
{
    g_autofree char *target = uuid_fd >= 0 ? file_read_link(uuid_fd, uuid) : NULL;

    return target ? store_files_config_name(target) : NULL;
}

typedef struct {
    int uuid_fd;
    GHashTable *by_name;        /* name → uuid */
} LinkScan;

static gboolean
add_link(const char *uuid, unsigned char type G_GNUC_UNUSED, gpointer data)
{
    LinkScan *scan = data;
    char *name = strlen(uuid) == UUID_TEXT - 1 ? store_files_linked_name(scan->uuid_fd, uuid) : NULL;

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
    g_autofree char *linked = store_files_linked_name(uuid_fd, uuid);
    g_autofree char *file = linked ? store_files_config_file(linked) : NULL;

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
    name = store_files_config_name(file);
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
    if (!name || !store_files_read_status(scan->files, scan->run_fd, file, &found))
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

GPtrArray *
store_files_list(Store *store, gboolean with_last, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func((GDestroyNotify) store_domain_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) links = NULL;
    g_autoptr(GError) failure = NULL;
    hv_autofd int config_fd = store_files_open_config(files, FALSE, &failure);
    hv_autofd int uuid_fd = config_fd >= 0 ? store_files_open_config_folder(files, "uuid", FALSE, &failure) : -1;
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
    hv_autofd int config_fd = store_files_open_config(files, FALSE, NULL);
    hv_autofd int uuid_fd = store_files_open_config_folder(files, "uuid", FALSE, NULL);
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
    g_autofree char *file = store_files_config_file(name);
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
    if (!store_files_read_status(files, AT_FDCWD, run, &found))
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

gboolean
store_files_find_name(Store *store, const char *name, StoreDomain *domain, GError **error)
{
    return *name && find_by_name((StoreFiles *) store, name, NULL, domain, error);
}

/* Looks at every domain: for what links do not tell (transient domains, what a crash left). */
static gboolean
find_in_list(Store *store, gboolean (*matches)(const StoreDomain *domain, gconstpointer key), gconstpointer key,
             StoreDomain *domain, GError **error)
{
    g_autoptr(GPtrArray) all = store_files_list(store, TRUE, error);

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

gboolean
store_files_find_uuid(Store *store, const char *uuid, StoreDomain *domain, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *link = g_strconcat(files->config_dir, "/uuid/", uuid, NULL);
    g_autofree char *target = file_read_link(AT_FDCWD, link);
    g_autofree char *name = target ? store_files_config_name(target) : NULL;
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

    if ((type != DT_DIR && type != DT_UNKNOWN) || !store_files_read_status(scan->files, scan->run_fd, file, &found) || !found.active ||
        found.status.id != scan->id)
        return TRUE;
    scan->name = file_name_unescape(file);
    return !scan->name;
}

gboolean
store_files_find_id(Store *store, int id, StoreDomain *domain, GError **error)
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

