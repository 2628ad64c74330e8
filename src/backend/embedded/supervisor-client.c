#include "backend/embedded/supervisor-client-private.h"

#include "supervisor/release.h"
#include "util/cancel.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_ANSWER (4 * 1024 * 1024)

char *
supervisor_read_line(int fd, gint64 deadline, gboolean *ended)
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

gboolean
supervisor_throw_answer(const json_t *answer, GError **error)
{
    const char *message = json_string_value(json_object_get(answer, "message"));

    g_set_error_literal(error, HV_ERROR, (int)json_integer_value(json_object_get(answer, "code")),
                        message ? message : "no message");
    hv_error_set_source(error, HV_FROM_QEMU);
    return FALSE;
}

gboolean
supervisor_ensure(const char *run_dir, int timeout_ms, RunStatus *status, GError **error)
{
    SupervisorReady ready;
    gboolean missing;

    if (!status_read_folder(AT_FDCWD, run_dir, status, &missing, error))
        return missing ? hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running") : FALSE;
    if (!status_running(status))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
    if (status_supervised(status))
        return TRUE;
    if (!supervisor_adopt(run_dir, timeout_ms, &ready, error))
        return FALSE;
    return status_read_folder(AT_FDCWD, run_dir, status, NULL, error);
}

gboolean
supervisor_cleanup(const char *run_dir, int wait_ms, gboolean *held, GError **error)
{
    g_autoptr(SupervisorLaunch) launch = NULL;
    hv_autofd int dir_fd = -1, lock_fd = -1;
    gboolean missing = FALSE, known;
    RunStatus status = { 0 };
    GError *problem = NULL;

    if (held)
        *held = FALSE;
    lock_fd = release_lock(run_dir, FALSE, deadline_after(wait_ms), &dir_fd, &problem);
    if (lock_fd < 0) {
        gboolean busy = problem->code == HV_ERR_RESOURCE_BUSY;

        if (held)
            *held = busy;
        /* Without a folder there is nothing to clean. */
        if (!busy && access(run_dir, F_OK) == 0) {
            g_propagate_error(error, problem);
            return FALSE;
        }
        g_error_free(problem);
        return TRUE;
    }
    known = status_read_folder(dir_fd, ".", &status, &missing, NULL);
    if (known && status_running(&status))
        return TRUE;

    launch = launch_read(dir_fd, run_dir, NULL);
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
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "the request to %s is no JSON", SUPERVISOR_PROGRAM);
    if (send(fd, line, length, MSG_NOSIGNAL) != (gssize)length)
        return hv_throw_errno(error, errno, "cannot ask %s", SUPERVISOR_PROGRAM);
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
    line = supervisor_read_line(fd, deadline, &ended);
    answer = line ? json_loads(line, 0, NULL) : NULL;
    if (!answer) {
        if (ended)
            hv_throw(error, HV_ERR_OPERATION_FAILED, "%s ended before it answered", SUPERVISOR_PROGRAM);
        else if (line)
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "%s answered with something else than JSON", SUPERVISOR_PROGRAM);
        else if (cancel_told())
            cancel_throw(error, "%s", SUPERVISOR_PROGRAM);
        else
            hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "%s did not answer within %d ms", SUPERVISOR_PROGRAM, timeout_ms);
        return NULL;
    }
    if (json_is_true(json_object_get(answer, "ok")))
        return answer;
    supervisor_throw_answer(answer, error);
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
