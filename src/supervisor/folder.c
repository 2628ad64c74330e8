#include "supervisor/supervisor.h"
#include "supervisor/release.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever deletes one file of the folder usually deletes more; this long after the last one they are brought back. */
#define RESTORE_DELAY_MS 10
#define RESTORE_ATTEMPTS 100
#define MAX_LIVE_SIZE (64 * 1024 * 1024)

static const char *const own_files[] = {
    SUPERVISOR_LOCK_FILE, STATUS_FILE, STATUS_FIRST_FILE, LAUNCH_FILE, JOURNAL_FILE, QMP_SOCKET, CONTROL_SOCKET, LIVE_FILE,
};

/* These begin anew with every start. */
static const char *const start_files[] = { STATUS_FILE, STATUS_FIRST_FILE, LAUNCH_FILE, JOURNAL_FILE, JOURNAL_OLD_FILE };

static void
leftover_problem(const char *message, gpointer data)
{
    log_note(data, "%s", message);
}

/* What a start before ours has left that was cut off, or a domain whose end nobody saw. */
static gboolean
clear_leftovers(Supervisor *sup, const char *run_dir, GError **error)
{
    g_autoptr(SupervisorLaunch) launch = NULL;
    gboolean missing = FALSE;
    RunStatus status;

    if (status_read_folder(sup->dir_fd, ".", &status, &missing, NULL) && status_running(&status))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is already running: '%s' is that of process %d", run_dir,
                        (int)status.pid);
    launch = launch_read(sup->dir_fd, run_dir, NULL);
    if (launch)
        release_all(launch, leftover_problem, sup);
    for (gsize i = 0; i < G_N_ELEMENTS(start_files); i++)
        unlinkat(sup->dir_fd, start_files[i], 0);
    return TRUE;
}

gboolean
folder_open(Supervisor *sup, const char *run_dir, gboolean create, gint64 deadline, GError **error)
{
    sup->lock_fd = release_lock(run_dir, create, deadline, &sup->dir_fd, error);
    if (sup->lock_fd < 0)
        return FALSE;
    if (fchmod(sup->dir_fd, 0700) < 0)
        return hv_throw_errno(error, errno, "cannot protect '%s'", run_dir);
    if (!create || clear_leftovers(sup, run_dir, error))
        return TRUE;
    /* It is the other's folder: nothing of it may be undone. */
    close(sup->lock_fd);
    sup->lock_fd = -1;
    return FALSE;
}

static gboolean
on_qmp_client(int fd, GIOCondition condition, gpointer data)
{
    proxy_accept(data);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_control_client(int fd, GIOCondition condition, gpointer data)
{
    control_accept(data);
    return G_SOURCE_CONTINUE;
}

static gboolean
listen_at(Supervisor *sup, const char *name, GUnixFDSourceFunc func, int *listener, guint *source, GError **error)
{
    int fd = unix_socket_listen(sup->dir_fd, sup->launch->run_dir, name, error);

    if (fd < 0)
        return FALSE;
    g_clear_handle_id(source, g_source_remove);
    if (*listener >= 0)
        close(*listener);
    *listener = fd;
    *source = g_unix_fd_add(fd, G_IO_IN, func, sup);
    return TRUE;
}

gboolean
folder_listen(Supervisor *sup, GError **error)
{
    return listen_at(sup, QMP_SOCKET, on_qmp_client, &sup->qmp_listener, &sup->qmp_source, error)
        && listen_at(sup, CONTROL_SOCKET, on_control_client, &sup->control_listener, &sup->control_source, error);
}

gboolean
folder_write_launch(Supervisor *sup, GError **error)
{
    g_autofree char *label = g_build_filename(sup->launch->run_dir, LAUNCH_FILE, NULL);
    json_t *json = launch_to_json(sup->launch);
    char *text = json_dumps(json, JSON_COMPACT);
    gboolean good = file_write(sup->dir_fd, LAUNCH_FILE, label, text, -1, FILE_WRITE_DEFAULT, error);

    free(text);
    json_decref(json);
    return good;
}

static gboolean
on_restore_timer(gpointer data)
{
    Supervisor *sup = data;

    sup->restore_timer = 0;
    folder_restore(sup);
    return G_SOURCE_REMOVE;
}

static void
restore_soon(Supervisor *sup, guint delay_ms)
{
    g_clear_handle_id(&sup->restore_timer, g_source_remove);
    sup->restore_timer = g_timeout_add(delay_ms, on_restore_timer, sup);
}

gboolean
folder_put_status(Supervisor *sup, GError **error)
{
    if (!status_write(sup->dir_fd, STATUS_FILE, &sup->status, error))
        return FALSE;
    if (fstatat(sup->dir_fd, STATUS_FILE, &sup->status_file, AT_SYMLINK_NOFOLLOW) < 0)
        sup->status_file.st_ino = 0;
    return TRUE;
}

void
folder_write_status(Supervisor *sup)
{
    g_autoptr(GError) error = NULL;

    if (folder_put_status(sup, &error))
        return;
    log_note(sup, "%s", error->message);
    if (faccessat(sup->dir_fd, STATUS_FILE, F_OK, 0) < 0)
        restore_soon(sup, RESTORE_DELAY_MS);
}

static void
keep_live(Supervisor *sup)
{
    int fd = openat(sup->dir_fd, LIVE_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0)
        return;
    if (sup->live_fd >= 0)
        close(sup->live_fd);
    sup->live_fd = fd;
}

static void
restore_live(Supervisor *sup)
{
    hv_autofd int fd = -1;
    char buffer[16384];
    gint64 offset = 0;
    gssize got;

    if (sup->live_fd < 0)
        return;
    fd = openat(sup->dir_fd, LIVE_FILE ".restored", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    while (offset < MAX_LIVE_SIZE && (got = pread(sup->live_fd, buffer, sizeof buffer, offset)) > 0) {
        if (write(fd, buffer, (gsize)got) != got)
            return;
        offset += got;
    }
    /* Somebody may have written a newer one meanwhile. */
    if (linkat(sup->dir_fd, LIVE_FILE ".restored", sup->dir_fd, LIVE_FILE, 0) < 0 && errno != EEXIST)
        log_note(sup, "cannot bring back '%s/%s': %s", sup->launch->run_dir, LIVE_FILE, g_strerror(errno));
    unlinkat(sup->dir_fd, LIVE_FILE ".restored", 0);
}

static gboolean
is_missing(Supervisor *sup, const char *name)
{
    return faccessat(sup->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/* The path leads to the folder that we have open. */
static gboolean
is_in_place(Supervisor *sup)
{
    struct stat held, named;

    return fstat(sup->dir_fd, &held) == 0 && stat(sup->launch->run_dir, &named) == 0 && held.st_ino == named.st_ino
        && held.st_dev == named.st_dev;
}

static gboolean
reopen(Supervisor *sup, GError **error)
{
    int dir_fd, lock_fd = release_lock(sup->launch->run_dir, TRUE, 0, &dir_fd, error);

    if (lock_fd < 0)
        return FALSE;
    if (!is_in_place(sup))
        journal_move(sup, dir_fd);
    close(sup->lock_fd);
    close(sup->dir_fd);
    sup->lock_fd = lock_fd;
    sup->dir_fd = dir_fd;
    return TRUE;
}

static gboolean
restore_files(Supervisor *sup, GError **error)
{
    if ((!is_in_place(sup) || is_missing(sup, SUPERVISOR_LOCK_FILE)) && !reopen(sup, error))
        return FALSE;
    if (is_missing(sup, JOURNAL_FILE))
        journal_move(sup, sup->dir_fd);
    if (is_missing(sup, LIVE_FILE))
        restore_live(sup);
    if (is_missing(sup, LAUNCH_FILE) && !folder_write_launch(sup, error))
        return FALSE;
    if ((is_missing(sup, QMP_SOCKET) || is_missing(sup, CONTROL_SOCKET)) && !folder_listen(sup, error))
        return FALSE;
    if (is_missing(sup, STATUS_FIRST_FILE) && !status_write(sup->dir_fd, STATUS_FIRST_FILE, &sup->status, error))
        return FALSE;
    return !is_missing(sup, STATUS_FILE) || folder_put_status(sup, error);
}

void
folder_restore(Supervisor *sup)
{
    gboolean complete = is_in_place(sup) && (sup->live_fd < 0 || !is_missing(sup, LIVE_FILE));
    g_autoptr(GError) error = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(own_files); i++)
        if (!g_str_equal(own_files[i], LIVE_FILE) && is_missing(sup, own_files[i]))
            complete = FALSE;
    if (complete)
        return;

    if (restore_files(sup, &error)) {
        log_note(sup, "the runtime folder '%s' had lost files and was brought back%s", sup->launch->run_dir,
                 is_missing(sup, MONITOR_SOCKET) ? "; another hvsh-supervisor could not take over any more" : "");
        sup->restore_attempts = 0;
        folder_watch(sup);
        return;
    }
    log_note(sup, "cannot bring back the runtime folder: %s", error->message);
    /* The one who deletes it may not be through. */
    if (++sup->restore_attempts < RESTORE_ATTEMPTS)
        restore_soon(sup, RESTORE_DELAY_MS * sup->restore_attempts);
}

static gboolean
is_own_file(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(own_files); i++)
        if (g_str_equal(own_files[i], name))
            return TRUE;
    return FALSE;
}

static void
put_status_right(Supervisor *sup)
{
    const struct stat *written = &sup->status_file;
    struct stat now;

    if (fstatat(sup->dir_fd, STATUS_FILE, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
        (now.st_ino == written->st_ino && now.st_size == written->st_size && now.st_mtim.tv_sec == written->st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == written->st_mtim.tv_nsec))
        return;
    log_note(sup, "somebody has changed '%s/%s'; it is written again", sup->launch->run_dir, STATUS_FILE);
    folder_write_status(sup);
}

static gboolean
on_inotify(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    gssize got = read(fd, buffer, sizeof buffer);

    for (char *at = buffer; got > 0 && at < buffer + got;) {
        struct inotify_event *event = (struct inotify_event *)at;
        const char *name = event->len > 0 ? event->name : "";

        if (event->mask & (IN_MOVED_TO | IN_CLOSE_WRITE)) {
            if (g_str_equal(name, LIVE_FILE))
                keep_live(sup);
            else if (g_str_equal(name, STATUS_FILE))
                put_status_right(sup);
        } else if (event->len == 0 || is_own_file(name)) {
            restore_soon(sup, RESTORE_DELAY_MS);
        }
        at += sizeof *event + event->len;
    }
    return G_SOURCE_CONTINUE;
}

void
folder_watch(Supervisor *sup)
{
    /* There may be none left for this user (fs.inotify.max_user_instances): then the folder is looked after when its
     * status is written next, or on SIGHUP. */
    if (sup->inotify_fd < 0) {
        sup->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (sup->inotify_fd < 0)
            return;
        sup->inotify_source = g_unix_fd_add(sup->inotify_fd, G_IO_IN, on_inotify, sup);
    }
    inotify_add_watch(sup->inotify_fd, sup->launch->run_dir,
                      IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
    keep_live(sup);
}

void
folder_remove(Supervisor *sup)
{
    g_clear_handle_id(&sup->inotify_source, g_source_remove);
    g_clear_handle_id(&sup->restore_timer, g_source_remove);
    release_folder(sup->dir_fd, sup->launch->run_dir);
}
