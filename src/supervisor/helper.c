#include "supervisor/supervisor.h"
#include "supervisor/release.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A helper whose end made QEMU give up closed its sockets before it was gone. */
#define EXIT_GRACE_MS 200
/* How long one may take to listen, where it makes its socket itself. */
#define SOCKET_MS 10000
#define SOCKET_RETRY_MS 5

struct Helper {
    Supervisor *sup;
    LaunchHelper *launch;       /* borrowed */
    int pidfd;
    guint source;
    int log_fd;
    goffset log_start;          /* where its words begin */
    char *end;                  /* how it ended; NULL: it runs */
};

void
helper_free(Helper *helper)
{
    g_clear_handle_id(&helper->source, g_source_remove);
    if (helper->pidfd >= 0)
        close(helper->pidfd);
    if (helper->log_fd >= 0)
        close(helper->log_fd);
    g_free(helper->end);
    g_free(helper);
}

static Helper *
helper_new(Supervisor *sup, LaunchHelper *launch)
{
    Helper *helper = g_new0(Helper, 1);

    helper->sup = sup;
    helper->launch = launch;
    helper->pidfd = helper->log_fd = -1;
    g_ptr_array_add(sup->helpers, helper);
    return helper;
}

/* --- the end ------------------------------------------------------------------------------------------- */

static void
take_end(Helper *helper)
{
    int status = 0;

    g_clear_handle_id(&helper->source, g_source_remove);
    if (helper->end)
        return;
    /* Before it is reaped: its number is its group's. */
    release_helper(helper->launch);
    if (helper->sup->adopted || waitpid(helper->launch->pid, &status, WNOHANG) != helper->launch->pid)
        helper->end = g_strdup("ended");
    else if (WIFSIGNALED(status))
        helper->end = g_strdup_printf("killed by signal %d (%s)", WTERMSIG(status), g_strsignal(WTERMSIG(status)));
    else
        helper->end = g_strdup_printf("exit status %d", WEXITSTATUS(status));
}

/* libvirt's sentence, and the program's own words where it has said any. */
static void
throw_died(const Helper *helper, GError **error)
{
    g_autofree char *words = log_words_since(helper->log_fd, helper->log_start);

    hv_throw(error, HV_ERR_OPERATION_FAILED, "%s died unexpectedly: %s", helper->launch->name, *words ? words : helper->end);
}

static gboolean
on_helper_gone(int fd, GIOCondition condition, gpointer data)
{
    Helper *helper = data;
    Supervisor *sup = helper->sup;
    struct pollfd qemu = { sup->pidfd, POLLIN, 0 };
    GError *error = NULL;

    helper->source = 0;
    take_end(helper);
    /* It ends when QEMU does. */
    if (sup->ending || sup->finished || (sup->pidfd >= 0 && poll(&qemu, 1, 0) > 0))
        return G_SOURCE_REMOVE;
    log_note(sup, "%s of %s is gone (%s)", helper->launch->name, helper->launch->alias, helper->end);
    /* As under libvirt, a guest that runs goes on without its device. */
    if (sup->answered || sup->adopted)
        return G_SOURCE_REMOVE;
    throw_died(helper, &error);
    qemu_abandon(sup, error);
    return G_SOURCE_REMOVE;
}

/* --- the start ----------------------------------------------------------------------------------------- */

static gboolean
record_helper(pid_t pid, gpointer data, GError **error)
{
    Helper *helper = data;

    helper->launch->pid = pid;
    helper->launch->pid_start = process_start_time(pid);
    return folder_write_launch(helper->sup, error);
}

static gboolean
open_log(Helper *helper, GError **error)
{
    const char *path = helper->launch->log_path;
    struct stat info;

    if (!path)
        return TRUE;
    helper->log_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (helper->log_fd < 0)
        return hv_throw_errno(error, errno, "cannot open log file '%s'", path);
    helper->log_start = fstat(helper->log_fd, &info) == 0 ? info.st_size : 0;
    return TRUE;
}

static gboolean
is_listening(int fd)
{
    int listens = 0;
    socklen_t length = sizeof listens;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens;
}

/* Connections end with the helper; its listening sockets stay open here until QEMU runs (helper_blame()). */
static void
close_fds(LaunchHelper *launch, gboolean listening_too)
{
    for (guint i = launch->fds->len; i-- > 0;) {
        int fd = g_array_index(launch->fds, LaunchFd, i).fd;

        if (!listening_too && is_listening(fd))
            continue;
        close(fd);
        g_array_remove_index(launch->fds, i);
    }
}

static gboolean
spawn(Helper *helper, GError **error)
{
    const LaunchHelper *launch = helper->launch;
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(ProcessFd));
    ProcessSpec spec = { .argv = (const char *const *)launch->argv, .cwd = "/", .new_session = TRUE };
    pid_t pid;

    for (int target = 1; target <= 2 && helper->log_fd >= 0; target++) {
        ProcessFd fd = { helper->log_fd, target };

        g_array_append_val(fds, fd);
    }
    for (guint i = 0; i < launch->fds->len; i++) {
        const LaunchFd *passed = &g_array_index(launch->fds, LaunchFd, i);
        ProcessFd fd = { passed->fd, passed->target };

        g_array_append_val(fds, fd);
    }
    spec.fds = (ProcessFd *)(void *)fds->data;
    spec.n_fds = fds->len;
    if (!process_spawn_gated(&spec, record_helper, helper, &pid, error)) {
        g_prefix_error(error, "Could not start '%s': ", launch->name);
        return FALSE;
    }
    close_fds(helper->launch, FALSE);
    return TRUE;
}

/* The folder changes when the socket is made. That it listens is seen by nothing but a try. */
static gboolean
await_socket(Helper *helper, GError **error)
{
    const char *path = helper->launch->socket;
    gint64 deadline = deadline_after(SOCKET_MS);
    hv_autofd int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    g_autofree char *folder = g_path_get_dirname(path);

    if (notify < 0 || inotify_add_watch(notify, folder, IN_CREATE | IN_MOVED_TO) < 0)
        return hv_throw_errno(error, errno, "cannot watch '%s'", folder);
    for (;;) {
        struct pollfd events[] = { { helper->pidfd, POLLIN, 0 }, { notify, POLLIN, 0 } };
        gboolean made = access(path, F_OK) == 0;
        hv_autofd int fd = made ? unix_socket_connect_within(path, SOCKET_RETRY_MS, NULL) : -1;
        char drop[4096];

        if (fd >= 0)
            return TRUE;
        if (deadline_remaining_ms(deadline) == 0)
            return hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "%s socket did not show up: '%s' within %d ms", helper->launch->name,
                            path, SOCKET_MS);
        poll(events, 2, made ? SOCKET_RETRY_MS : deadline_remaining_ms(deadline));
        if (events[0].revents != 0) {
            take_end(helper);
            throw_died(helper, error);
            return FALSE;
        }
        while (read(notify, drop, sizeof drop) > 0)
            continue;
    }
}

static gboolean
watch(Helper *helper, GError **error)
{
    helper->pidfd = pidfd_open(helper->launch->pid, 0);
    if (helper->pidfd < 0)
        return hv_throw_errno(error, errno, "cannot watch process %d (%s)", (int)helper->launch->pid, helper->launch->name);
    helper->source = g_unix_fd_add(helper->pidfd, G_IO_IN, on_helper_gone, helper);
    return TRUE;
}

gboolean
helper_start_all(Supervisor *sup, GError **error)
{
    for (guint i = 0; i < sup->launch->helpers->len; i++) {
        LaunchHelper *launch = g_ptr_array_index(sup->launch->helpers, i);
        Helper *helper = helper_new(sup, launch);
        g_autofree char *command = g_strjoinv(" ", launch->argv);

        log_note(sup, "starting %s of %s: %s", launch->name, launch->alias, command);
        if (!open_log(helper, error) || !spawn(helper, error) || !watch(helper, error)
            || (launch->socket && !await_socket(helper, error)))
            return FALSE;
    }
    log_mark(sup);
    return TRUE;
}

void
helper_ready_all(Supervisor *sup)
{
    for (guint i = 0; i < sup->launch->helpers->len; i++)
        close_fds(g_ptr_array_index(sup->launch->helpers, i), TRUE);
}

void
helper_adopt_all(Supervisor *sup)
{
    for (guint i = 0; i < sup->launch->helpers->len; i++) {
        LaunchHelper *launch = g_ptr_array_index(sup->launch->helpers, i);
        Helper *helper;

        /* Their numbers are those of descriptors of the supervisor before this one. */
        g_array_set_size(launch->fds, 0);
        if (launch->pid == 0)
            continue;
        helper = helper_new(sup, launch);
        helper->pidfd = process_pidfd(launch->pid, launch->pid_start);
        if (helper->pidfd >= 0)
            helper->source = g_unix_fd_add(helper->pidfd, G_IO_IN, on_helper_gone, helper);
        else
            log_note(sup, "%s of %s is gone", launch->name, launch->alias);
    }
}

/* --- whose fault it is that QEMU does not start ---------------------------------------------------------- */

/* Whether QEMU's connection waits to be taken. */
static gboolean
ignores_qemu(const Helper *helper)
{
    for (guint i = 0; i < helper->launch->fds->len; i++) {
        struct pollfd waiting = { g_array_index(helper->launch->fds, LaunchFd, i).fd, POLLIN, 0 };

        if (is_listening(waiting.fd) && poll(&waiting, 1, 0) > 0)
            return TRUE;
    }
    return FALSE;
}

/* The first that has ended, or NULL. */
static Helper *
find_ended(Supervisor *sup)
{
    g_autofree struct pollfd *gone = g_new0(struct pollfd, sup->helpers->len);

    for (guint i = 0; i < sup->helpers->len; i++)
        gone[i] = (struct pollfd){ ((Helper *)g_ptr_array_index(sup->helpers, i))->pidfd, POLLIN, 0 };
    if (sup->helpers->len == 0 || poll(gone, sup->helpers->len, EXIT_GRACE_MS) <= 0)
        return NULL;
    for (guint i = 0; i < sup->helpers->len; i++)
        if (gone[i].revents != 0)
            return g_ptr_array_index(sup->helpers, i);
    return NULL;
}

gboolean
helper_blame(Supervisor *sup, GError **error)
{
    Helper *ended = find_ended(sup);

    if (ended) {
        take_end(ended);
        throw_died(ended, error);
        return TRUE;
    }
    for (guint i = 0; i < sup->helpers->len; i++) {
        Helper *helper = g_ptr_array_index(sup->helpers, i);

        if (ignores_qemu(helper)) {
            hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "%s (process %d) does not take QEMU's connection", helper->launch->name,
                     (int)helper->launch->pid);
            return TRUE;
        }
    }
    return FALSE;
}

void
helper_close(Supervisor *sup)
{
    if (!sup->adopted)
        for (guint i = 0; i < sup->helpers->len; i++)
            waitpid(((Helper *)g_ptr_array_index(sup->helpers, i))->launch->pid, NULL, WNOHANG);
    g_ptr_array_set_size(sup->helpers, 0);
}
