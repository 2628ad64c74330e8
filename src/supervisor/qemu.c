#include "supervisor/supervisor.h"
#include "supervisor/release.h"
#include "util/error.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILL_TIMEOUT_S 30
/* A QEMU that closed its monitor is about to end; so long it may take to be gone. */
#define EXIT_GRACE_MS 2000

/* QEMU builds its machine out of some ten thousand small objects, and much of the time until its first answer goes into page
 * faults for them. glibc (2.35 and later; others ignore it) can ask for huge pages for the heap: half of the faults, a start
 * that takes 5 ms of 33 less, and 1.4 to 1.8 MiB more in use afterwards. Steps larger than glibc's (top_pad) would save another
 * millisecond, but QEMU never gives back the last of them: 4 MiB. */
#define HEAP_VARIABLE "GLIBC_TUNABLES"
#define HEAP_TUNABLES "glibc.malloc.hugetlb=1"

static void
release_problem(const char *message, gpointer data)
{
    log_note(data, "%s", message);
}

/* Reaps QEMU where it is our child; returns words for how it ended. */
static char *
reap(Supervisor *sup)
{
    int status;

    /* What a script in the emulator's place has started. The number stays taken while there is anything left of that group. */
    if (sup->status.pid > 1)
        kill(-sup->status.pid, SIGKILL);
    if (sup->adopted)
        return g_strdup("ended");
    while (waitpid(sup->status.pid, &status, 0) < 0)
        if (errno != EINTR)
            return g_strdup("ended");
    if (WIFSIGNALED(status))
        return g_strdup_printf("killed by signal %d (%s)", WTERMSIG(status), g_strsignal(WTERMSIG(status)));
    return g_strdup_printf("exit status %d", WEXITSTATUS(status));
}

/* The start did not succeed; takes @error. Leaves nothing. */
static void
start_failed(Supervisor *sup, GError *error)
{
    sup->answered = TRUE;
    sup->finished = TRUE;
    if (sup->pidfd >= 0) {
        struct pollfd gone = { sup->pidfd, POLLIN, 0 };
        g_autofree char *how = NULL;

        pidfd_send_signal(sup->pidfd, SIGKILL, NULL, 0);
        if (poll(&gone, 1, KILL_TIMEOUT_S * 1000) > 0)
            how = reap(sup);
    }
    log_note(sup, "start failed: %s", error->message);
    monitor_close(sup);
    proxy_close(sup);
    release_all(sup->launch, release_problem, sup);
    helper_close(sup);
    folder_remove(sup);
    control_close(sup, 0);
    supervisor_answer_error(sup, error);
    g_main_loop_quit(sup->loop);
}

void
qemu_abandon(Supervisor *sup, GError *error)
{
    if (sup->adopted || sup->lock_fd < 0)
        supervisor_answer_error(sup, error);
    else
        start_failed(sup, error);
}

static void
died_at_start(Supervisor *sup)
{
    g_autofree char *how = reap(sup), *words = log_last_words(sup);
    GError *error = NULL;

    close(sup->pidfd);
    sup->pidfd = -1;
    /* A helper that died is why QEMU gave up. */
    if (helper_blame(sup, &error))
        log_note(sup, "QEMU has ended (%s)", how);
    else if (*words)
        hv_throw(&error, HV_ERR_INTERNAL_ERROR, "process exited while connecting to monitor: %s", words);
    else
        hv_throw(&error, HV_ERR_INTERNAL_ERROR, "process exited while connecting to monitor (%s)", how);
    start_failed(sup, error);
}

static void
ended(Supervisor *sup)
{
    g_autofree char *how = reap(sup);
    g_autoptr(GError) error = NULL;
    gint64 deadline = g_get_monotonic_time() + G_USEC_PER_SEC;
    int reason = guest_end_reason(sup);

    sup->finished = TRUE;
    log_note(sup, "shutting down, QEMU %s", how);
    g_clear_handle_id(&sup->end_timer, g_source_remove);
    g_clear_handle_id(&sup->reset_timer, g_source_remove);
    monitor_close(sup);
    /* Readers see at once that it is off; those who wait are told when everything is released. */
    sup->status.pid = 0;
    sup->status.pid_start = 0;
    sup->status.state = STATE_SHUTOFF;
    sup->status.reason = reason;
    sup->status.since = g_get_real_time() / 1000;
    if (!release_write_last(sup->launch->run_dir, &sup->status, &error))
        log_note(sup, "%s", error->message);
    folder_write_status(sup);
    release_all(sup->launch, release_problem, sup);
    helper_close(sup);
    guest_ended(sup, reason);
    proxy_close(sup);
    folder_remove(sup);
    control_ended(sup, NULL);
    control_close(sup, deadline);
    g_main_loop_quit(sup->loop);
}

static gboolean
on_qemu_gone(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;

    /* Its last events say why. */
    monitor_drain(sup);
    if (sup->finished)
        return G_SOURCE_REMOVE;
    if (!sup->answered && !sup->adopted)
        died_at_start(sup);
    else
        ended(sup);
    return G_SOURCE_REMOVE;
}

static gboolean
record_child(pid_t pid, gpointer data, GError **error)
{
    Supervisor *sup = data;

    sup->status.pid = pid;
    sup->status.pid_start = process_start_time(pid);
    if (!folder_put_status(sup, error))
        return FALSE;
    return linkat(sup->dir_fd, STATUS_FILE, sup->dir_fd, STATUS_FIRST_FILE, 0) == 0 ||
           hv_throw_errno(error, errno, "cannot keep '%s/%s'", sup->launch->run_dir, STATUS_FIRST_FILE);
}

static gboolean
watch_process(Supervisor *sup, GError **error)
{
    sup->pidfd = process_pidfd(sup->status.pid, sup->status.pid_start);
    if (sup->pidfd < 0)
        sup->pidfd = sup->adopted ? -1 : pidfd_open(sup->status.pid, 0);
    if (sup->pidfd < 0)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
    g_unix_fd_add(sup->pidfd, G_IO_IN, on_qemu_gone, sup);
    return TRUE;
}

/* QEMU's environment: a new list. */
static char **
environment(const SupervisorLaunch *launch)
{
    char **env = launch->env ? g_strdupv(launch->env) : g_get_environ();

    return g_environ_setenv(env, HEAP_VARIABLE, HEAP_TUNABLES, FALSE);
}

static gboolean
spawn(Supervisor *sup, GError **error)
{
    const SupervisorLaunch *launch = sup->launch;
    hv_autofd int listener = unix_socket_listen(sup->dir_fd, launch->run_dir, MONITOR_SOCKET, error);
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(ProcessFd));
    g_auto(GStrv) env = environment(launch);
    /* Its own session: where the emulator is a script, QEMU is a process of that group. */
    ProcessSpec spec = { .argv = (const char *const *)launch->argv, .env = (const char *const *)env,
                         .cwd = launch->cwd ? launch->cwd : "/", .new_session = TRUE };
    ProcessFd fd = { listener, launch->monitor_fd };
    pid_t pid;

    /* Connected before there is anybody to accept: a QEMU that ends at once is seen as the end of this connection. */
    if (listener < 0 || !monitor_connect(sup, error))
        return FALSE;
    g_array_append_val(fds, fd);
    for (int target = 1; target <= 2 && sup->log_fd >= 0; target++) {
        fd = (ProcessFd){ sup->log_fd, target };
        g_array_append_val(fds, fd);
    }
    for (guint i = 0; i < launch->fds->len; i++) {
        const LaunchFd *passed = &g_array_index(launch->fds, LaunchFd, i);

        fd = (ProcessFd){ passed->fd, passed->target };
        g_array_append_val(fds, fd);
    }
    spec.fds = (ProcessFd *)(void *)fds->data;
    spec.n_fds = fds->len;
    if (!process_spawn_gated(&spec, record_child, sup, &pid, error))
        return FALSE;
    for (guint i = 0; i < launch->fds->len; i++)
        close(g_array_index(launch->fds, LaunchFd, i).fd);
    return TRUE;
}

static gboolean
on_shell_gone(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;
    GError *error = NULL;

    sup->answer_source = 0;
    hv_throw(&error, HV_ERR_OPERATION_ABORTED, "the shell that was starting the domain has ended");
    start_failed(sup, error);
    return G_SOURCE_REMOVE;
}

gboolean
qemu_start(Supervisor *sup, GError **error)
{
    if (!log_open(sup, error))
        return FALSE;
    log_command(sup);
    sup->status.state = STATE_PAUSED;
    sup->status.reason = PAUSED_STARTING_UP;
    sup->status.since = g_get_real_time() / 1000;
    /* Before there is a QEMU: whoever finds one finds also what is to be released after it. */
    if (!folder_write_launch(sup, error) || !helper_start_all(sup, error) || !spawn(sup, error) || !watch_process(sup, error))
        return FALSE;

    /* QEMU takes its time to come up; all of this is done meanwhile. */
    if (!folder_listen(sup, error))
        return FALSE;
    journal_open(sup);
    folder_watch(sup);
    console_watch(sup);
    qemu_watch_owner(sup);
    sup->answer_source = g_unix_fd_add(sup->answer_fd, G_IO_HUP | G_IO_ERR, on_shell_gone, sup);
    return TRUE;
}

gboolean
qemu_adopt(Supervisor *sup, GError **error)
{
    if (!watch_process(sup, error) || !log_open(sup, error))
        return FALSE;
    helper_adopt_all(sup);
    if (!monitor_connect(sup, error) || !folder_listen(sup, error))
        return FALSE;
    journal_open(sup);
    folder_watch(sup);
    console_watch(sup);
    qemu_watch_owner(sup);
    return TRUE;
}

static void
become_ready(Supervisor *sup)
{
    helper_ready_all(sup);
    guest_started(sup);
    supervisor_answer_ready(sup);
}

static void
on_cont(Supervisor *sup, const ScanMessage *reply, gpointer data)
{
    GError *error = NULL;

    if (!reply)
        return;
    if (!reply->error.start) {
        become_ready(sup);
        return;
    }
    hv_throw(&error, HV_ERR_OPERATION_FAILED, "QEMU refused to let the guest run: %.*s", (int)reply->error.length,
             reply->error.start);
    start_failed(sup, error);
}

static void
on_status(Supervisor *sup, const ScanMessage *reply, gpointer data)
{
    json_t *json = reply && reply->ret.start ? json_loadb(reply->ret.start, reply->ret.length, 0, NULL) : NULL;
    const char *run_state = json_string_value(json_object_get(json, "status"));
    gboolean unfinished = sup->status.state == STATE_PAUSED && sup->status.reason == PAUSED_STARTING_UP;

    if (!reply)
        return;
    /* The shell that was starting it is gone, or will be told that the start failed. */
    if (unfinished && sup->holder_pidfd < 0 && !sup->answered && !json_is_true(json_object_get(json, "running")))
        qemu_end(sup, FALSE, SHUTOFF_FAILED);
    else if (run_state)
        guest_sync(sup, run_state, json_is_true(json_object_get(json, "running")));
    json_decref(json);
    if (!sup->answered)
        supervisor_answer_ready(sup);
}

void
qemu_monitor_ready(Supervisor *sup)
{
    LaunchAction on_reboot = sup->launch->on_reboot;

    if (sup->answered || sup->adopted) {
        monitor_call(sup, "query-status", NULL, on_status, NULL);
        return;
    }
    if (on_reboot != LAUNCH_ACTION_RESTART && on_reboot != LAUNCH_ACTION_RENAME_RESTART)
        monitor_call(sup, "set-action", "{\"reboot\":\"shutdown\"}", NULL, NULL);
    if (sup->launch->start == LAUNCH_START_RUNNING)
        monitor_call(sup, "cont", NULL, on_cont, NULL);
    else
        become_ready(sup);
}

void
qemu_monitor_failed(Supervisor *sup, gboolean closed, GError *error)
{
    struct pollfd gone = { sup->pidfd, POLLIN, 0 };
    GError *blame = NULL;

    if (sup->answered) {
        if (!sup->ending && poll(&gone, 1, 0) == 0)
            log_note(sup, "%s; it is connected again when a client comes", error->message);
        g_error_free(error);
        return;
    }
    if (sup->adopted) {
        sup->answered = TRUE;
        supervisor_answer_error(sup, error);
        g_main_loop_quit(sup->loop);
        return;
    }
    if (closed && poll(&gone, 1, EXIT_GRACE_MS) > 0) {
        g_error_free(error);
        died_at_start(sup);
        return;
    }
    if (helper_blame(sup, &blame)) {
        g_error_free(error);
        error = blame;
    }
    start_failed(sup, error);
}

static gboolean
on_kill_timeout(gpointer data)
{
    Supervisor *sup = data;
    g_autoptr(GError) error = NULL;

    sup->end_timer = 0;
    hv_throw_errno(&error, EBUSY, "Failed to terminate process %d with SIGKILL", (int)sup->status.pid);
    log_note(sup, "%s", error->message);
    control_ended(sup, error);
    return G_SOURCE_REMOVE;
}

static void
kill_hard(Supervisor *sup)
{
    log_note(sup, "QEMU did not end within %d ms of SIGTERM; it is killed", sup->launch->term_ms);
    pidfd_send_signal(sup->pidfd, SIGKILL, NULL, 0);
    sup->end_timer = g_timeout_add_seconds(KILL_TIMEOUT_S, on_kill_timeout, sup);
}

static gboolean
on_term_timeout(gpointer data)
{
    Supervisor *sup = data;
    g_autoptr(GError) error = NULL;

    sup->end_timer = 0;
    if (!sup->end_graceful) {
        kill_hard(sup);
        return G_SOURCE_REMOVE;
    }
    sup->ending = FALSE;
    sup->end_reason = -1;
    hv_throw_errno(&error, EBUSY, "Failed to terminate process %d with SIGTERM", (int)sup->status.pid);
    control_ended(sup, error);
    return G_SOURCE_REMOVE;
}

void
qemu_end(Supervisor *sup, gboolean graceful, int reason)
{
    if (sup->ending) {
        /* One who insists makes a graceful end a hard one; the first reason stays, but that of the guest's own shutdown. */
        sup->end_graceful &= graceful;
        return;
    }
    sup->ending = TRUE;
    sup->end_graceful = graceful;
    sup->end_reason = reason;
    pidfd_send_signal(sup->pidfd, SIGTERM, NULL, 0);
    sup->end_timer = g_timeout_add((guint)sup->launch->term_ms, on_term_timeout, sup);
}

static gboolean
on_owner_gone(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;

    sup->owner_source = 0;
    log_note(sup, "the shell that owned the domain has ended");
    qemu_end(sup, FALSE, SHUTOFF_DESTROYED);
    return G_SOURCE_REMOVE;
}

static gboolean
on_holder_gone(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;

    sup->holder_source = 0;
    log_note(sup, "the shell that was starting the domain has ended");
    qemu_end(sup, FALSE, SHUTOFF_FAILED);
    return G_SOURCE_REMOVE;
}

static void
stop_watching(int *pidfd, guint *source)
{
    g_clear_handle_id(source, g_source_remove);
    if (*pidfd >= 0)
        close(*pidfd);
    *pidfd = -1;
}

void
qemu_release_holder(Supervisor *sup)
{
    stop_watching(&sup->holder_pidfd, &sup->holder_source);
}

void
qemu_watch_owner(Supervisor *sup)
{
    const SupervisorLaunch *launch = sup->launch;
    gboolean starting = sup->status.state == STATE_PAUSED && sup->status.reason == PAUSED_STARTING_UP;

    stop_watching(&sup->owner_pidfd, &sup->owner_source);
    if (launch->owner_pid > 0) {
        sup->owner_pidfd = process_pidfd(launch->owner_pid, launch->owner_start);
        if (sup->owner_pidfd < 0)
            qemu_end(sup, FALSE, SHUTOFF_DESTROYED);
        else
            sup->owner_source = g_unix_fd_add(sup->owner_pidfd, G_IO_IN, on_owner_gone, sup);
    }
    if (launch->start != LAUNCH_START_HOLD || launch->holder_pid <= 0 || !starting || sup->holder_source)
        return;
    sup->holder_pidfd = process_pidfd(launch->holder_pid, launch->holder_start);
    if (sup->holder_pidfd >= 0)
        sup->holder_source = g_unix_fd_add(sup->holder_pidfd, G_IO_IN, on_holder_gone, sup);
    else
        qemu_end(sup, FALSE, SHUTOFF_FAILED);
}
