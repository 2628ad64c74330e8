#include "backend/embedded/supervisor-client.h"

#include "supervisor/release.h"
#include "util/cancel.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "hvsh-supervisor"
#define MAX_ANSWER (4 * 1024 * 1024)
#define KILL_WAIT_MS 30000

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
        beside = g_build_filename(dir, PROGRAM, NULL);
        if (access(beside, X_OK) == 0)
            return g_steal_pointer(&beside);
    }
    return g_strdup(PKGLIBEXECDIR "/" PROGRAM);
}

/* Runs the supervisor up to where it has left this process, and reaps what stayed. */
static gboolean
run_supervisor(const char *const *argv, const ProcessFd *fds, gsize n_fds, gint64 deadline, GError **error)
{
    ProcessSpec spec = { .argv = argv, .fds = fds, .n_fds = n_fds };
    int status = 0;
    pid_t pid;

    if (!process_spawn(&spec, &pid, error)) {
        hv_error_set_hint(error, "set HVSH_SUPERVISOR to the path of %s", PROGRAM);
        return FALSE;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            break;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s' failed at once", argv[0]);
    return TRUE;
}

static gboolean
write_launch(int fd, const SupervisorLaunch *launch, gint64 deadline, GError **error)
{
    json_t *json = launch_to_json(launch);
    char *text = json_dumps(json, JSON_COMPACT);
    gsize length = strlen(text), done = 0;
    int failure = 0;

    json_decref(json);
    while (done < length && failure == 0) {
        struct pollfd wait = { fd, POLLOUT, 0 };
        gssize written;

        if (poll(&wait, 1, deadline_remaining_ms(deadline)) <= 0) {
            failure = ETIMEDOUT;
            break;
        }
        written = send(fd, text + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written >= 0)
            done += (gsize)written;
        else if (errno != EAGAIN && errno != EINTR)
            failure = errno;
    }
    free(text);
    if (failure != 0)
        return hv_throw_errno(error, failure, "cannot hand the launch description to " PROGRAM);
    return TRUE;
}

/* One line, without its end. NULL at the deadline or at the end of the stream, which sets @ended (may be NULL). */
static char *
read_line(int fd, gint64 deadline, gboolean *ended)
{
    g_autoptr(GString) line = g_string_new(NULL);

    if (ended)
        *ended = FALSE;
    for (;;) {
        struct pollfd wait = { fd, POLLIN, 0 };
        char buffer[4096], *end;
        gssize got;
        int ready = cancel_poll(&wait, 1, deadline_remaining_ms(deadline));

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return NULL;
        got = read(fd, buffer, sizeof buffer);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0 || line->len > MAX_ANSWER) {
            if (ended)
                *ended = TRUE;
            return NULL;
        }
        g_string_append_len(line, buffer, got);
        end = memchr(line->str, '\n', line->len);
        if (end) {
            g_string_truncate(line, (gsize)(end - line->str));
            return g_string_free(g_steal_pointer(&line), FALSE);
        }
    }
}

/* An error that the supervisor reports, whose message is complete. */
static gboolean
throw_answer(const json_t *answer, GError **error)
{
    const char *message = json_string_value(json_object_get(answer, "message"));

    g_set_error_literal(error, HV_ERROR, (int)json_integer_value(json_object_get(answer, "code")),
                        message ? message : "no message");
    hv_error_set_source(error, HV_FROM_QEMU);
    return FALSE;
}

/* FALSE without an error when the supervisor died before it answered. */
static gboolean
read_ready(int fd, gint64 deadline, SupervisorReady *ready, GError **error)
{
    gboolean ended = FALSE, good = FALSE;
    g_autofree char *line = read_line(fd, deadline, &ended);
    json_t *answer = line ? json_loads(line, 0, NULL) : NULL, *data;

    if (!line && !ended && cancel_told())
        return cancel_throw(error, "%s", PROGRAM);
    if (!line)
        return ended ? FALSE : hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "%s did not answer in time", PROGRAM);
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
        throw_answer(json_object_get(answer, "error"), error);
    } else {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "%s answered with something else: %s", PROGRAM, line);
    }
    json_decref(answer);
    return good;
}

/* The start is given up: what it has brought up so far goes. */
static void
abandon(const SupervisorLaunch *launch)
{
    const char *run_dir = launch->run_dir;
    g_autofree char *path = g_build_filename(run_dir, STATUS_FILE, NULL);
    g_autofree char *launch_path = g_build_filename(run_dir, LAUNCH_FILE, NULL);
    gboolean missing, recorded = access(launch_path, F_OK) == 0;
    RunStatus status;

    if (status_read(AT_FDCWD, path, &status, &missing, NULL)) {
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
    if (!supervisor_cleanup(run_dir, NULL))
        return;
    /* A start that did not succeed is no reason why the domain is off. */
    g_clear_pointer(&path, g_free);
    path = g_strconcat(run_dir, STATUS_LAST_SUFFIX, NULL);
    unlink(path);
}

gboolean
supervisor_start(const SupervisorLaunch *launch, int timeout_ms, SupervisorReady *ready, GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    g_autofree char *program = supervisor_program();
    const char *const argv[] = { program, NULL };
    SupervisorLaunch copy = *launch;
    g_autoptr(GArray) passed = launch_all_fds(launch);
    g_autofree ProcessFd *fds = g_new0(ProcessFd, passed->len + 2);
    hv_autofd int description = -1, answer = -1;
    int description_pair[2], answer_pair[2];
    GError *problem = NULL;
    gboolean good;

    if (passed->len > LAUNCH_MAX_FDS)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "launch description: more than %d descriptors", LAUNCH_MAX_FDS);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, description_pair) < 0)
        return hv_throw_errno(error, errno, "cannot start %s", PROGRAM);
    description = description_pair[1];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, answer_pair) < 0) {
        close(description_pair[0]);
        return hv_throw_errno(error, errno, "cannot start %s", PROGRAM);
    }
    answer = answer_pair[1];

    fds[0] = (ProcessFd){ description_pair[0], LAUNCH_FD };
    fds[1] = (ProcessFd){ answer_pair[0], LAUNCH_ANSWER_FD };
    for (guint i = 0; i < passed->len; i++)
        fds[i + 2] = (ProcessFd){ g_array_index(passed, LaunchFd, i).fd, LAUNCH_FIRST_PASSED_FD + (int)i };
    good = run_supervisor(argv, fds, passed->len + 2, deadline, error);
    close(description_pair[0]);
    close(answer_pair[0]);
    if (!good) {
        release_all(launch, NULL, NULL);
        return FALSE;
    }

    copy.holder_pid = getpid();
    copy.holder_start = process_start_time(copy.holder_pid);
    if (write_launch(description, &copy, deadline, &problem)) {
        shutdown(description, SHUT_WR);
        if (read_ready(answer, deadline, ready, &problem))
            return TRUE;
        if (!problem)
            hv_throw(&problem, HV_ERR_INTERNAL_ERROR, "%s ended before it answered", PROGRAM);
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
    g_autofree char *program = supervisor_program(), *path = g_build_filename(run_dir, STATUS_FILE, NULL);
    const char *const argv[] = { program, "--adopt", run_dir, NULL };
    GError *problem = NULL;
    RunStatus status;

    for (;;) {
        hv_autofd int answer = -1;
        int pair[2];
        ProcessFd fd = { -1, LAUNCH_ANSWER_FD };
        gboolean good;

        if (!status_read(AT_FDCWD, path, &status, NULL, error))
            return FALSE;
        if (!status_running(&status))
            return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
        if (status_supervised(&status)) {
            *ready = (SupervisorReady){ status.pid, status.pid_start, status.supervisor_pid, status.supervisor_start };
            return TRUE;
        }

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
            return hv_throw_errno(error, errno, "cannot start %s", PROGRAM);
        answer = pair[1];
        fd.fd = pair[0];
        good = run_supervisor(argv, &fd, 1, deadline, error);
        close(pair[0]);
        if (!good)
            return FALSE;
        if (read_ready(answer, deadline, ready, &problem))
            return TRUE;
        /* Somebody else's supervisor was faster, and says so in the status file in a moment. */
        if (problem && problem->code == HV_ERR_RESOURCE_BUSY && g_get_monotonic_time() < deadline) {
            g_clear_error(&problem);
            poll(NULL, 0, 5);
            continue;
        }
        if (!problem)
            hv_throw(&problem, HV_ERR_INTERNAL_ERROR, "%s ended before it answered", PROGRAM);
        g_propagate_error(error, problem);
        return FALSE;
    }
}

gboolean
supervisor_ensure(const char *run_dir, int timeout_ms, RunStatus *status, GError **error)
{
    g_autofree char *path = g_build_filename(run_dir, STATUS_FILE, NULL);
    SupervisorReady ready;
    gboolean missing;

    if (!status_read(AT_FDCWD, path, status, &missing, error))
        return missing ? hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running") : FALSE;
    if (!status_running(status))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
    if (status_supervised(status))
        return TRUE;
    if (!supervisor_adopt(run_dir, timeout_ms, &ready, error))
        return FALSE;
    return status_read(AT_FDCWD, path, status, NULL, error);
}

gboolean
supervisor_cleanup(const char *run_dir, GError **error)
{
    g_autofree char *launch_path = g_build_filename(run_dir, LAUNCH_FILE, NULL);
    g_autoptr(SupervisorLaunch) launch = NULL;
    hv_autofd int dir_fd = -1, lock_fd = -1;
    gboolean missing = FALSE, known;
    RunStatus status = { 0 };
    GError *problem = NULL;
    json_t *json;

    lock_fd = release_lock(run_dir, FALSE, 0, &dir_fd, &problem);
    if (lock_fd < 0) {
        /* Held: there is a supervisor. Not there: there is nothing to clean. */
        gboolean nothing = problem->code == HV_ERR_RESOURCE_BUSY || access(run_dir, F_OK) < 0;

        if (nothing)
            g_error_free(problem);
        else
            g_propagate_error(error, problem);
        return nothing;
    }
    /* A damaged status file names nobody who could be alive. */
    known = status_read(dir_fd, STATUS_FILE, &status, &missing, NULL);
    if (known && status_running(&status))
        return TRUE;

    json = json_load_file(launch_path, JSON_REJECT_DUPLICATES, NULL);
    launch = json ? launch_from_json(json, NULL) : NULL;
    json_decref(json);
    if (known && !(status.state == STATE_SHUTOFF && status.pid == 0)) {
        status.state = STATE_SHUTOFF;
        status.reason = SHUTOFF_CRASHED;
        status.since = g_get_real_time() / 1000;
    }
    if (known && !release_write_last(run_dir, &status, error))
        return FALSE;
    if (launch)
        release_all(launch, NULL, NULL);
    release_folder(dir_fd, run_dir);
    return TRUE;
}

static int
connect_control(const char *run_dir, GError **error)
{
    g_autofree char *path = g_build_filename(run_dir, "supervisor.sock", NULL);

    return unix_socket_connect(path, error);
}

static gboolean
send_request(int fd, const json_t *request, GError **error)
{
    char *text = json_dumps(request, JSON_COMPACT);
    g_autofree char *line = text ? g_strconcat(text, "\n", NULL) : NULL;
    gsize length = line ? strlen(line) : 0;

    free(text);
    if (!line)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "the request to %s is no JSON", PROGRAM);
    if (send(fd, line, length, MSG_NOSIGNAL) != (gssize)length)
        return hv_throw_errno(error, errno, "cannot ask %s", PROGRAM);
    return TRUE;
}

json_t *
supervisor_request(const char *run_dir, const json_t *request, int timeout_ms, GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    hv_autofd int fd = connect_control(run_dir, error);
    g_autofree char *line = NULL;
    gboolean ended = FALSE;
    json_t *answer;

    if (fd < 0 || !send_request(fd, request, error))
        return NULL;
    line = read_line(fd, deadline, &ended);
    answer = line ? json_loads(line, 0, NULL) : NULL;
    if (!answer) {
        if (ended)
            hv_throw(error, HV_ERR_OPERATION_FAILED, "%s ended before it answered", PROGRAM);
        else if (line)
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "%s answered with something else than JSON", PROGRAM);
        else if (cancel_told())
            cancel_throw(error, "%s", PROGRAM);
        else
            hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "%s did not answer within %d ms", PROGRAM, timeout_ms);
        return NULL;
    }
    if (json_is_true(json_object_get(answer, "ok")))
        return answer;
    throw_answer(answer, error);
    json_decref(answer);
    return NULL;
}

/* Takes @request. */
static gboolean
request_done(const char *run_dir, json_t *request, int timeout_ms, GError **error)
{
    json_t *answer = supervisor_request(run_dir, request, timeout_ms, error);

    json_decref(request);
    json_decref(answer);
    return answer != NULL;
}

gboolean
supervisor_destroy(const char *run_dir, gboolean graceful, ShutoffReason reason, int timeout_ms, GError **error)
{
    return request_done(run_dir, json_pack("{s:s, s:b, s:i}", "op", "destroy", "graceful", graceful, "reason", (int)reason),
                        timeout_ms, error);
}

gboolean
supervisor_set_reboot(const char *run_dir, gboolean value, int timeout_ms, GError **error)
{
    return request_done(run_dir, json_pack("{s:s, s:b}", "op", "set-reboot", "value", value), timeout_ms, error);
}

gboolean
supervisor_set_action(const char *run_dir, const char *event, LaunchAction action, int timeout_ms, GError **error)
{
    return request_done(run_dir, json_pack("{s:s, s:s, s:s}", "op", "set-action", "event", event,
                                           "action", launch_action_name(action)), timeout_ms, error);
}
