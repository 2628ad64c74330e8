/* hvsh-supervisor: the parent of one QEMU. Started by the shell only (backend/embedded/supervisor-client.h):
 *
 *   hvsh-supervisor                 launch description on descriptor 3 (nothing on it: never mind), answer on descriptor 4
 *   hvsh-supervisor --adopt FOLDER  takes over the QEMU of a runtime folder, answer on descriptor 4 */
#include "supervisor/supervisor.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* The shell writes the description at once; one that is stopped in the middle of it is not waited for. */
#define LAUNCH_READ_MS 10000
/* How long the folder's last supervisor may take to be gone: it may be running hooks. */
#define LOCK_MS 60000

static void
answer(Supervisor *sup, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    /* Where the shell is gone nobody wants the answer. */
    g_clear_handle_id(&sup->answer_source, g_source_remove);
    if (sup->answer_fd >= 0) {
        if (write(sup->answer_fd, line, strlen(line)) < 0)
            log_note(sup, "the shell did not wait for the answer");
        close(sup->answer_fd);
        sup->answer_fd = -1;
    }
    free(text);
    json_decref(json);
}

void
supervisor_answer_ready(Supervisor *sup)
{
    sup->answered = TRUE;
    answer(sup, json_pack("{s:{s:I, s:I, s:I, s:I}}", "ready", "pid", (json_int_t)sup->status.pid,
                          "pid_start", (json_int_t)sup->status.pid_start, "supervisor_pid", (json_int_t)sup->status.supervisor_pid,
                          "supervisor_start", (json_int_t)sup->status.supervisor_start));
    malloc_trim(0);
}

void
supervisor_answer_error(Supervisor *sup, GError *error)
{
    g_autofree char *message = g_utf8_make_valid(error->message, -1);

    answer(sup, json_pack("{s:{s:i, s:s}}", "error", "code", error->code, "message", message));
    g_error_free(error);
}

static Supervisor *
supervisor_new(void)
{
    Supervisor *sup = g_new0(Supervisor, 1);

    sup->answer_fd = fcntl(LAUNCH_ANSWER_FD, F_SETFD, FD_CLOEXEC) < 0 ? -1 : LAUNCH_ANSWER_FD;
    sup->lock_fd = sup->dir_fd = sup->qmp_listener = sup->control_listener = sup->inotify_fd = sup->live_fd = -1;
    sup->console_fd = sup->console_notify = -1;
    sup->log_fd = sup->journal_fd = sup->monitor_fd = sup->pidfd = sup->owner_pidfd = sup->holder_pidfd = -1;
    sup->status.supervisor_pid = getpid();
    sup->status.supervisor_start = process_start_time(getpid());
    g_queue_init(&sup->monitor_queue);
    g_queue_init(&sup->pending);
    sup->helpers = g_ptr_array_new_with_free_func((GDestroyNotify)helper_free);
    sup->loop = g_main_loop_new(NULL, FALSE);
    guest_init(sup);
    proxy_init(sup);
    control_init(sup);
    return sup;
}

static void
supervisor_free(Supervisor *sup)
{
    int fds[] = { sup->dir_fd, sup->qmp_listener, sup->control_listener, sup->inotify_fd, sup->live_fd, sup->log_fd,
                  sup->journal_fd, sup->console_fd, sup->console_notify, sup->pidfd, sup->owner_pidfd, sup->holder_pidfd,
                  sup->lock_fd };

    monitor_close(sup);
    g_ptr_array_unref(sup->clients);
    g_ptr_array_unref(sup->controls);
    g_ptr_array_unref(sup->helpers);
    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    g_main_loop_unref(sup->loop);
    launch_free(sup->launch);
    g_free(sup->greeting);
    g_free(sup);
}

/* Leaves the shell: its terminal, its session, its children. */
static void
daemonise(void)
{
    pid_t pid = fork();

    if (pid != 0)
        _exit(pid < 0 ? 1 : 0);
    setsid();
    if (chdir("/") < 0)
        _exit(1);
    umask(077);
}

/* All that comes over the socket, and the descriptors with it. FALSE without an error when it was called off before a byte. */
static gboolean
receive_launch(GString *text, GArray *fds, GError **error)
{
    gint64 deadline = deadline_after(LAUNCH_WAIT_MS);
    gboolean begun = FALSE;

    for (;;) {
        struct pollfd wait = { LAUNCH_FD, POLLIN, 0 };
        char buffer[65536];
        gssize got;

        if (poll(&wait, 1, deadline_remaining_ms(deadline)) == 0)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "launch description: it did not arrive");
        got = unix_socket_receive(LAUNCH_FD, buffer, sizeof buffer, fds);
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return hv_throw_errno(error, errno, "launch description: it cannot be read");
        if (got == 0)
            return begun;
        if (got > 0 && !begun)
            deadline = deadline_after(LAUNCH_READ_MS);
        begun |= got > 0;
        g_string_append_len(text, buffer, MAX(got, 0));
        if (text->len > LAUNCH_MAX_SIZE || fds->len > LAUNCH_MAX_FDS)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "launch description: it is too large");
    }
}

static SupervisorLaunch *
read_launch(GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(SupervisorLaunch) launch = NULL;
    json_error_t problem;
    json_t *json;

    if (!receive_launch(text, fds, error))
        return NULL;
    close(LAUNCH_FD);
    json = json_loadb(text->str, text->len, JSON_REJECT_DUPLICATES, &problem);
    if (!json) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "launch description: %s", problem.text);
        return NULL;
    }
    launch = launch_from_json(json, error);
    json_decref(json);
    if (!launch || !launch_set_fds(launch, (const int *)(const void *)fds->data, fds->len, error))
        return NULL;
    return g_steal_pointer(&launch);
}

static gboolean
start(Supervisor *sup, GError **error)
{
    struct pollfd shell = { sup->answer_fd, 0, 0 };

    sup->launch = read_launch(error);
    if (!sup->launch)
        return FALSE;
    sup->status.id = sup->launch->id;
    g_strlcpy(sup->status.uuid, sup->launch->uuid, sizeof sup->status.uuid);
    if (!folder_open(sup, sup->launch->run_dir, TRUE, g_get_monotonic_time() + LOCK_MS * 1000, error))
        return FALSE;
    if (poll(&shell, 1, 0) > 0 && shell.revents & (POLLHUP | POLLERR))
        return hv_throw(error, HV_ERR_OPERATION_ABORTED, "nobody waits for the start any more");
    return qemu_start(sup, error);
}

static gboolean
adopt(Supervisor *sup, const char *run_dir, GError **error)
{
    const RunStatus own = sup->status;

    sup->adopted = TRUE;
    if (!folder_open(sup, run_dir, FALSE, 0, error) || !status_read_folder(sup->dir_fd, ".", &sup->status, NULL, error))
        return FALSE;
    if (!status_running(&sup->status))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
    sup->launch = launch_read(sup->dir_fd, run_dir, error);
    if (!sup->launch)
        return FALSE;
    /* The folder may have been moved; where it is now is what counts. */
    g_free(sup->launch->run_dir);
    sup->launch->run_dir = g_strdup(run_dir);
    sup->status.supervisor_pid = own.supervisor_pid;
    sup->status.supervisor_start = own.supervisor_start;
    folder_write_status(sup);
    return qemu_adopt(sup, error);
}

static gboolean
on_hangup(int fd, GIOCondition condition, gpointer data)
{
    struct signalfd_siginfo info;

    if (read(fd, &info, sizeof info) == (gssize)sizeof info)
        folder_restore(data);
    return G_SOURCE_CONTINUE;
}

static void
watch_signals(Supervisor *sup)
{
    sigset_t set;
    int fd;

    signal(SIGPIPE, SIG_IGN);
    /* A file-size limit of the user's is like a full disk. */
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd >= 0)
        g_unix_fd_add(fd, G_IO_IN, on_hangup, sup);
}

int
main(int argc, char **argv)
{
    gboolean adopting = argc == 3 && g_str_equal(argv[1], "--adopt");
    GError *error = NULL;
    Supervisor *sup;
    gboolean good;

    if ((argc != 1 && !adopting) || (adopting && !g_path_is_absolute(argv[2]))
        || (!adopting && (fcntl(LAUNCH_FD, F_GETFD) < 0 || fcntl(LAUNCH_ANSWER_FD, F_GETFD) < 0))) {
        fputs("hvsh-supervisor is started by hvsh, with a launch description on descriptor 3\n", stderr);
        return 1;
    }
    daemonise();
    sup = supervisor_new();
    watch_signals(sup);
    good = adopting ? adopt(sup, argv[2], &error) : start(sup, &error);
    if (good)
        g_main_loop_run(sup->loop);
    else if (error)
        qemu_abandon(sup, error);
    supervisor_free(sup);
    return good ? 0 : 1;
}
