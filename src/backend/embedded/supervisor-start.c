#include "backend/embedded/supervisor-client-private.h"

#include "supervisor/release.h"
#include "util/cancel.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/log.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KILL_WAIT_MS 30000
/* A supervisor that is not needed reads the end of its launch description at once. */
#define CALL_OFF_MS 2000
#define REAP_MS 2000

#define MODULE "embedded.supervisor"

struct SupervisorStart {
    gint64 began_us;            /* monotonic */
    pid_t pid;                  /* what stays behind of the supervisor when it leaves this process: reaped at the end */
    int description;
    int answer;
};

/* $HVSH_SUPERVISOR, the one beside this program (a build tree), the installed one. */
static char *
supervisor_program(void)
{
    const char *given = g_getenv("HVSH_SUPERVISOR");
    g_autofree char *self = NULL, *dir = NULL, *beside = NULL;

    if (given && *given)
        return g_strdup(given);
    self = g_file_read_link("/proc/self/exe", NULL);
    if (self) {
        dir = g_path_get_dirname(self);
        beside = g_build_filename(dir, SUPERVISOR_PROGRAM, NULL);
        if (access(beside, X_OK) == 0)
            return g_steal_pointer(&beside);
    }
    return g_strdup(PKGLIBEXECDIR "/" SUPERVISOR_PROGRAM);
}

/* The supervisor has its answer's other end, so that its death is seen as the end of the answer. */
static gboolean
spawn(const char *run_dir, SupervisorStart *start, GError **error)
{
    g_autofree char *program = supervisor_program();
    const char *const argv[] = { program, run_dir ? "--adopt" : NULL, run_dir, NULL };
    int description[2] = { -1, -1 }, answer[2] = { -1, -1 };
    ProcessFd fds[2];
    /* In a session of its own from its begin: Ctrl-C at the terminal is not meant for it. */
    ProcessSpec spec = { .argv = argv, .fds = fds, .new_session = TRUE };
    gboolean good = FALSE;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, answer) < 0 ||
        (!run_dir && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, description) < 0)) {
        hv_throw_errno(error, errno, "cannot start %s", SUPERVISOR_PROGRAM);
    } else {
        fds[spec.n_fds++] = (ProcessFd){ answer[0], LAUNCH_ANSWER_FD };
        if (!run_dir)
            fds[spec.n_fds++] = (ProcessFd){ description[0], LAUNCH_FD };
        good = process_spawn(&spec, &start->pid, error);
        if (!good)
            hv_error_set_hint(error, "set HVSH_SUPERVISOR to the path of %s", SUPERVISOR_PROGRAM);
    }
    start->answer = answer[1];
    start->description = description[1];
    for (gsize i = 0; i < spec.n_fds; i++)
        close(fds[i].fd);
    return good;
}

/* What a supervisor leaves behind has ended long before; another program in its place may stay. */
static void
reap(SupervisorStart *start)
{
    if (start->pid > 0)
        process_reap(start->pid, REAP_MS, NULL);
    start->pid = 0;
}

static void
trace_step(const SupervisorStart *start, const char *run_dir, const char *step)
{
    HV_DEBUG(MODULE, "supervisor of '%s' %s, %" G_GINT64_FORMAT " us after its begin", run_dir, step,
             g_get_monotonic_time() - start->began_us);
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

SupervisorStart *
supervisor_start_begin(GError **error)
{
    SupervisorStart *start = g_new0(SupervisorStart, 1);

    start->began_us = g_get_monotonic_time();
    if (spawn(NULL, start, error))
        return start;
    supervisor_start_free(start);
    return NULL;
}

void
supervisor_start_free(SupervisorStart *start)
{
    if (!start)
        return;
    if (start->description >= 0) {
        struct pollfd gone = { start->answer, POLLIN, 0 };

        close_fd(&start->description);
        poll(&gone, 1, CALL_OFF_MS);
    }
    close_fd(&start->answer);
    reap(start);
    g_free(start);
}

/* Each descriptor goes along with a blank before the text. */
static gboolean
send_all(int fd, const char *text, const GArray *fds, gint64 deadline, GError **error)
{
    gsize length = strlen(text), done = 0;
    guint passed = 0;

    while (passed < fds->len || done < length) {
        gboolean passing = passed < fds->len;
        struct pollfd wait = { fd, POLLOUT, 0 };
        gssize sent = passing ? unix_socket_send(fd, " ", 1, g_array_index(fds, LaunchFd, passed).fd)
                              : unix_socket_send(fd, text + done, length - done, -1);

        if (sent >= 0) {
            passed += passing;
            done += passing ? 0 : (gsize)sent;
        } else if (errno == EAGAIN) {
            if (poll(&wait, 1, deadline_remaining_ms(deadline)) == 0)
                return hv_throw_errno(error, ETIMEDOUT, "cannot hand the launch description to %s", SUPERVISOR_PROGRAM);
        } else if (errno != EINTR) {
            return hv_throw_errno(error, errno, "cannot hand the launch description to %s", SUPERVISOR_PROGRAM);
        }
    }
    return TRUE;
}

static gboolean
send_launch(SupervisorStart *start, const SupervisorLaunch *launch, gint64 deadline, GError **error)
{
    SupervisorLaunch held = *launch;
    g_autoptr(GArray) fds = launch_all_fds(launch);
    json_t *json;
    char *text;
    gboolean good;

    held.holder_pid = getpid();
    held.holder_start = process_start_time(held.holder_pid);
    json = launch_to_json(&held);
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    good = send_all(start->description, text, fds, deadline, error);
    free(text);
    close_fd(&start->description);
    return good;
}

/* FALSE without an error when the supervisor died before it answered. */
static gboolean
read_ready(int fd, gint64 deadline, SupervisorReady *ready, GError **error)
{
    gboolean ended = FALSE, good = FALSE;
    g_autofree char *line = supervisor_read_line(fd, deadline, &ended);
    json_t *answer = line ? json_loads(line, 0, NULL) : NULL, *data;

    if (!line && !ended && cancel_told())
        return cancel_throw(error, "%s", SUPERVISOR_PROGRAM);
    if (!line)
        return ended ? FALSE : hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "%s did not answer in time", SUPERVISOR_PROGRAM);
    data = json_object_get(answer, "ready");
    if (data) {
        *ready = (SupervisorReady){
            .pid = (pid_t)json_integer_value(json_object_get(data, "pid")),
            .pid_start = (guint64)json_integer_value(json_object_get(data, "pid_start")),
            .supervisor_pid = (pid_t)json_integer_value(json_object_get(data, "supervisor_pid")),
            .supervisor_start = (guint64)json_integer_value(json_object_get(data, "supervisor_start")),
        };
        good = TRUE;
    } else if (json_object_get(answer, "error")) {
        supervisor_throw_answer(json_object_get(answer, "error"), error);
    } else {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "%s answered with something else: %s", SUPERVISOR_PROGRAM, line);
    }
    json_decref(answer);
    return good;
}

/* The start is given up: what it has brought up so far goes. */
static void
abandon(const SupervisorLaunch *launch)
{
    const char *run_dir = launch->run_dir;
    g_autofree char *last = g_strconcat(run_dir, STATUS_LAST_SUFFIX, NULL);
    g_autofree char *launch_path = g_build_filename(run_dir, LAUNCH_FILE, NULL);
    gboolean missing, recorded = access(launch_path, F_OK) == 0;
    RunStatus status;

    if (status_read_folder(AT_FDCWD, run_dir, &status, &missing, NULL)) {
        /* A domain that ran before is none of ours: its supervisor has not let go of the folder. */
        if (status.id != launch->id || g_strcmp0(status.uuid, launch->uuid) != 0)
            return;
        if (status_supervised(&status))
            process_kill(status.supervisor_pid, status.supervisor_start, SIGKILL, NULL);
        process_wait_exit(status.supervisor_pid, status.supervisor_start, KILL_WAIT_MS);
        process_kill(status.pid, status.pid_start, SIGKILL, NULL);
        process_wait_exit(status.pid, status.pid_start, KILL_WAIT_MS);
    }
    /* A supervisor that did not come as far as to write down what it is to release. */
    if (!recorded)
        release_all(launch, NULL, NULL);
    /* A start that did not succeed is no reason why the domain is off. */
    if (supervisor_cleanup(run_dir, 0, NULL, NULL))
        unlink(last);
}

gboolean
supervisor_start_finish(SupervisorStart *start, const SupervisorLaunch *launch, int timeout_ms, SupervisorReady *ready,
                        GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    GError *problem = NULL;

    if (send_launch(start, launch, deadline, &problem)) {
        gboolean good;

        trace_step(start, launch->run_dir, "has its description");
        good = read_ready(start->answer, deadline, ready, &problem);
        trace_step(start, launch->run_dir, good ? "is ready" : "has failed");
        if (good)
            return TRUE;
        if (!problem)
            hv_throw(&problem, HV_ERR_INTERNAL_ERROR, "%s ended before it answered", SUPERVISOR_PROGRAM);
        else if (problem->code != HV_ERR_OPERATION_TIMEOUT) {
            g_propagate_error(error, problem);
            return FALSE;
        }
    }
    abandon(launch);
    g_propagate_error(error, problem);
    return FALSE;
}

gboolean
supervisor_adopt(const char *run_dir, int timeout_ms, SupervisorReady *ready, GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    GError *problem = NULL;
    RunStatus status;

    for (;;) {
        SupervisorStart start = { .began_us = g_get_monotonic_time() };
        gboolean good;

        if (!status_read_folder(AT_FDCWD, run_dir, &status, NULL, error))
            return FALSE;
        if (!status_running(&status))
            return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
        if (status_supervised(&status)) {
            *ready = (SupervisorReady){ status.pid, status.pid_start, status.supervisor_pid, status.supervisor_start };
            return TRUE;
        }

        good = spawn(run_dir, &start, &problem) && read_ready(start.answer, deadline, ready, &problem);
        trace_step(&start, run_dir, good ? "has taken over" : "has not taken over");
        close_fd(&start.answer);
        reap(&start);
        if (good)
            return TRUE;
        /* Somebody else's supervisor was faster, and says so in the status file in a moment. */
        if (problem && problem->code == HV_ERR_RESOURCE_BUSY && g_get_monotonic_time() < deadline) {
            g_clear_error(&problem);
            poll(NULL, 0, 5);
            continue;
        }
        if (!problem)
            hv_throw(&problem, HV_ERR_INTERNAL_ERROR, "%s ended before it answered", SUPERVISOR_PROGRAM);
        g_propagate_error(error, problem);
        return FALSE;
    }
}
