/* Events of the file store: the driver's own event file, and watchers of it and of every domain's journal.
 *
 * A watcher holds the files open that it reads, so that what a supervisor wrote last is still read after it has
 * removed its domain's folder. inotify alone wakes it. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/embedded/event-map.h"
#include "backend/embedded/store-files-private.h"
#include "supervisor/journal.h"
#include "supervisor/status.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

#define EVENTS_FILE "journal"
#define EVENTS_OLD_FILE "journal.old"
#define EVENTS_MAX_SIZE (1024 * 1024)
#define READ_CHUNK 65536
#define ROTATE_TIMEOUT_MS 2000

/* --- telling ---------------------------------------------------------------------------------------- */

static void
rotate(int dir_fd)
{
    FileLock *lock = file_lock(dir_fd, ".lock", "hvsh", ROTATE_TIMEOUT_MS, NULL);
    struct stat st;

    if (!lock)
        return;
    if (fstatat(dir_fd, EVENTS_FILE, &st, 0) == 0 && st.st_size > EVENTS_MAX_SIZE)
        renameat(dir_fd, EVENTS_FILE, dir_fd, EVENTS_OLD_FILE);
    file_unlock(lock, FALSE);
}

void
store_files_emit(Store *store, const Event *event)
{
    StoreFiles *files = (StoreFiles *) store;
    hv_autofd int dir_fd = store_files_open_run(files, "events", TRUE, NULL);
    hv_autofd int fd = dir_fd < 0 ? -1 : openat(dir_fd, EVENTS_FILE, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    g_autofree char *line = event_to_line(event);
    struct stat st;

    /* What happened has happened: a watcher that cannot be told is no reason to fail. */
    if (fd < 0 || !line || write(fd, line, strlen(line)) < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size > EVENTS_MAX_SIZE)
        rotate(dir_fd);
}

/* --- watching --------------------------------------------------------------------------------------- */

/* A growing file of lines. */
typedef struct {
    int fd;                     /* -1: not there yet */
    GString *partial;           /* a line without its end so far */
} Tail;

typedef struct {
    int watch;                  /* inotify's number for the folder */
    char *folder;               /* escaped name */
    DomainRef dom;
    Tail tail;
} WatchedDomain;

typedef struct {
    EventSource base;
    StoreFiles *files;
    DomainRef wanted;           /* copy behind filter.domain */
    SecretRef wanted_secret;    /* behind filter.secret */
    EventFilter filter;
    int notify;
    int events_watch;
    int domains_watch;
    Tail events;
    GHashTable *domains;        /* watch → WatchedDomain */
    GQueue ready;               /* Event */
} FilesWatch;

typedef void (*LineFunc)(FilesWatch *watch, WatchedDomain *domain, const char *line, gsize length);

static void
tail_clear(Tail *tail)
{
    if (tail->fd >= 0)
        close(tail->fd);
    tail->fd = -1;
    if (tail->partial)
        g_string_free(tail->partial, TRUE);
    tail->partial = NULL;
}

static void
tail_open(Tail *tail, int dir_fd, const char *name, gboolean at_end)
{
    tail->fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (tail->fd >= 0 && at_end)
        lseek(tail->fd, 0, SEEK_END);
    if (!tail->partial)
        tail->partial = g_string_new(NULL);
    g_string_truncate(tail->partial, 0);
}

/* Whether the name now means another file than the one that is held. */
static gboolean
tail_is_replaced(const Tail *tail, int dir_fd, const char *name)
{
    struct stat held;
    struct stat named;

    return tail->fd >= 0 && fstat(tail->fd, &held) == 0 && fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           (held.st_ino != named.st_ino || held.st_dev != named.st_dev);
}

static void
tail_read(Tail *tail, FilesWatch *watch, WatchedDomain *domain, LineFunc func)
{
    g_autofree char *buffer = NULL;

    if (tail->fd < 0)
        return;
    buffer = g_malloc(READ_CHUNK);
    for (;;) {
        gssize n = read(tail->fd, buffer, READ_CHUNK);
        char *end;

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        g_string_append_len(tail->partial, buffer, n);
        while ((end = memchr(tail->partial->str, '\n', tail->partial->len))) {
            gsize length = end - tail->partial->str;

            func(watch, domain, tail->partial->str, length);
            g_string_erase(tail->partial, 0, length + 1);
        }
        if (tail->partial->len > JOURNAL_MAX_LINE)
            g_string_truncate(tail->partial, 0);
    }
}

static void
take(FilesWatch *watch, Event *event)
{
    Event *kept = g_new(Event, 1);

    *kept = *event;
    g_queue_push_tail(&watch->ready, kept);
}

static void
own_line(FilesWatch *watch, WatchedDomain *domain G_GNUC_UNUSED, const char *line, gsize length)
{
    Event event = { 0 };

    if (event_from_line(line, length, &event) && event_wanted(&event, &watch->filter))
        take(watch, &event);
    else
        event_clear(&event);
}

static void
journal_line(FilesWatch *watch, WatchedDomain *domain, const char *line, gsize length)
{
    json_t *entry = json_loadb(line, length, 0, NULL);
    Event event = { 0 };

    if (entry && json_object_get(entry, "id"))
        domain->dom.id = (int) json_integer_value(json_object_get(entry, "id"));
    if (entry && event_from_journal(entry, &domain->dom, &watch->filter, &event))
        take(watch, &event);
    json_decref(entry);
}

static void
watched_domain_free(gpointer data)
{
    WatchedDomain *domain = data;

    tail_clear(&domain->tail);
    domain_ref_clear(&domain->dom);
    g_free(domain->folder);
    g_free(domain);
}

/* The uuid is not known before the supervisor has written its first status. */
static gboolean
learn_uuid(FilesWatch *watch, WatchedDomain *domain)
{
    static const guchar nobody[UUID_BYTES];
    g_autofree char *path = g_build_filename(watch->files->paths->run, "qemu", domain->folder, NULL);
    gboolean missing = FALSE;
    RunStatus status;

    if (memcmp(domain->dom.uuid, nobody, UUID_BYTES) != 0)
        return TRUE;
    if (!status_read_folder(AT_FDCWD, path, &status, &missing, NULL))
        return FALSE;
    domain->dom.id = status.id;
    return uuid_parse(status.uuid, domain->dom.uuid);
}

static void
read_domain(FilesWatch *watch, WatchedDomain *domain)
{
    g_autofree char *path = g_build_filename(watch->files->paths->run, "qemu", domain->folder, JOURNAL_FILE, NULL);

    if (domain->tail.fd < 0)
        tail_open(&domain->tail, AT_FDCWD, path, FALSE);
    if (!learn_uuid(watch, domain))
        return;
    tail_read(&domain->tail, watch, domain, journal_line);
    if (tail_is_replaced(&domain->tail, AT_FDCWD, path)) {
        /* What was written between reading and replacing. */
        tail_read(&domain->tail, watch, domain, journal_line);
        tail_clear(&domain->tail);
        tail_open(&domain->tail, AT_FDCWD, path, FALSE);
        tail_read(&domain->tail, watch, domain, journal_line);
    }
}

static void
watch_domain(FilesWatch *watch, const char *folder, gboolean at_end)
{
    g_autofree char *path = g_build_filename(watch->files->paths->run, "qemu", folder, NULL);
    g_autofree char *name = file_name_unescape(folder);
    WatchedDomain *domain;
    int number;

    if (!name)
        return;
    number = inotify_add_watch(watch->notify, path,
                               IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE_SELF | IN_ONLYDIR);
    if (number < 0 || g_hash_table_contains(watch->domains, GINT_TO_POINTER(number)))
        return;
    domain = g_new0(WatchedDomain, 1);
    domain->watch = number;
    domain->folder = g_strdup(folder);
    domain->dom.name = g_steal_pointer(&name);
    domain->dom.id = -1;
    domain->tail.fd = -1;
    g_hash_table_insert(watch->domains, GINT_TO_POINTER(number), domain);
    if (at_end) {
        g_autofree char *journal = g_build_filename(path, JOURNAL_FILE, NULL);

        learn_uuid(watch, domain);
        tail_open(&domain->tail, AT_FDCWD, journal, TRUE);
    } else {
        read_domain(watch, domain);
    }
}

typedef struct {
    FilesWatch *watch;
    gboolean at_end;
} FolderScan;

static gboolean
watch_found(const char *folder, unsigned char type, gpointer data)
{
    FolderScan *scan = data;

    if (type == DT_DIR || type == DT_UNKNOWN)
        watch_domain(scan->watch, folder, scan->at_end);
    return TRUE;
}

/* Watches the two folders that always are there, making them where they are not. */
static gboolean
watch_folders(FilesWatch *watch, gboolean at_end, GError **error)
{
    g_autofree char *events = g_build_filename(watch->files->paths->run, "events", NULL);
    g_autofree char *domains = g_build_filename(watch->files->paths->run, "qemu", NULL);
    FolderScan scan = { watch, at_end };
    hv_autofd int events_fd = folder_open_path(events, TRUE, error);
    hv_autofd int domains_fd = events_fd >= 0 ? folder_open_path(domains, TRUE, error) : -1;

    if (domains_fd < 0)
        return FALSE;
    watch->events_watch = inotify_add_watch(watch->notify, events, IN_MODIFY | IN_CREATE | IN_MOVED_TO |
                                            IN_MOVED_FROM | IN_DELETE_SELF | IN_ONLYDIR);
    watch->domains_watch = inotify_add_watch(watch->notify, domains, IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF |
                                             IN_ONLYDIR);
    if (watch->events_watch < 0 || watch->domains_watch < 0)
        return hv_throw_errno(error, errno, "cannot watch '%s'", watch->files->paths->run);
    tail_clear(&watch->events);
    tail_open(&watch->events, events_fd, EVENTS_FILE, at_end);
    return folder_foreach(domains_fd, domains, watch_found, &scan, error);
}

static void
read_own(FilesWatch *watch)
{
    hv_autofd int dir_fd = store_files_open_run(watch->files, "events", FALSE, NULL);

    tail_read(&watch->events, watch, NULL, own_line);
    if (dir_fd < 0 || (watch->events.fd >= 0 && !tail_is_replaced(&watch->events, dir_fd, EVENTS_FILE)))
        return;
    tail_read(&watch->events, watch, NULL, own_line);
    tail_clear(&watch->events);
    tail_open(&watch->events, dir_fd, EVENTS_FILE, FALSE);
    tail_read(&watch->events, watch, NULL, own_line);
}

static void
handle(FilesWatch *watch, const struct inotify_event *notice)
{
    WatchedDomain *domain;

    if (notice->wd == watch->events_watch) {
        if (!(notice->mask & (IN_DELETE_SELF | IN_IGNORED)))
            read_own(watch);
        else
            watch->events_watch = -1;
        return;
    }
    if (notice->wd == watch->domains_watch) {
        if (notice->mask & (IN_DELETE_SELF | IN_IGNORED))
            watch->domains_watch = -1;
        else if (notice->len > 0 && (notice->mask & IN_ISDIR))
            watch_domain(watch, notice->name, FALSE);
        return;
    }
    domain = g_hash_table_lookup(watch->domains, GINT_TO_POINTER(notice->wd));
    if (!domain)
        return;
    read_domain(watch, domain);
    if (notice->mask & (IN_DELETE_SELF | IN_IGNORED))
        g_hash_table_remove(watch->domains, GINT_TO_POINTER(notice->wd));
}

static gboolean
read_notices(FilesWatch *watch, GError **error)
{
    _Alignas(struct inotify_event) char buffer[8192];

    for (;;) {
        gssize n = read(watch->notify, buffer, sizeof buffer);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || hv_throw_errno(error, errno, "cannot read the notices of changed files");
        for (char *p = buffer; p < buffer + n;) {
            const struct inotify_event *notice = (const struct inotify_event *) (gpointer) p;

            handle(watch, notice);
            p += sizeof *notice + notice->len;
        }
        /* The runtime folder was wiped: what is made in its place is new. */
        if ((watch->events_watch < 0 || watch->domains_watch < 0) && !watch_folders(watch, FALSE, error))
            return FALSE;
    }
}

static int
files_watch_fd(EventSource *source)
{
    return ((FilesWatch *) source)->notify;
}

static int
files_watch_next(EventSource *source, Event *event, GError **error)
{
    FilesWatch *watch = (FilesWatch *) source;
    Event *ready;

    if (g_queue_is_empty(&watch->ready) && !read_notices(watch, error))
        return -1;
    ready = g_queue_pop_head(&watch->ready);
    if (!ready)
        return 0;
    *event = *ready;
    g_free(ready);
    return 1;
}

static void
event_free(gpointer data)
{
    event_clear(data);
    g_free(data);
}

static void
files_watch_free(EventSource *source)
{
    FilesWatch *watch = (FilesWatch *) source;

    if (watch->notify >= 0)
        close(watch->notify);
    tail_clear(&watch->events);
    g_clear_pointer(&watch->domains, g_hash_table_unref);
    g_queue_clear_full(&watch->ready, event_free);
    domain_ref_clear(&watch->wanted);
    secret_ref_clear(&watch->wanted_secret);
    g_free(watch);
}

EventSource *
store_files_watch(Store *store, const EventFilter *filter, GError **error)
{
    FilesWatch *watch = g_new0(FilesWatch, 1);

    watch->base = (EventSource) { files_watch_fd, files_watch_next, files_watch_free };
    watch->files = (StoreFiles *) store;
    watch->filter = *filter;
    watch->events.fd = -1;
    g_queue_init(&watch->ready);
    watch->domains = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, watched_domain_free);
    if (filter->domain) {
        domain_ref_copy(filter->domain, &watch->wanted);
        watch->filter.domain = &watch->wanted;
    }
    if (filter->secret) {
        secret_ref_copy(filter->secret, &watch->wanted_secret);
        watch->filter.secret = &watch->wanted_secret;
    }
    watch->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->notify < 0)
        hv_throw_errno(error, errno, "cannot watch for events");
    if (watch->notify < 0 || !watch_folders(watch, TRUE, error)) {
        files_watch_free(&watch->base);
        return NULL;
    }
    return &watch->base;
}
