/* The QMP client: framing, ids, deadlines. */
#include "config.h"

#include "backend/qemu/qmp-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "util/cancel.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/log.h"
#include "util/unix-socket.h"

#define MODULE "qemu.monitor"

static void
qmp_reply_free(gpointer data)
{
    json_decref(data);
}

static void
qmp_pending_free(gpointer data)
{
    QmpPending *pending = data;

    g_free(pending->command);
    g_free(pending);
}

/* --- traces ---------------------------------------------------------------------------------------------- */

static gboolean
qmp_is_name(const char *text)
{
    return *text && text[strspn(text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-.")] == '\0';
}

/* Of what goes over a monitor only names are told: arguments, answers and QEMU's descriptions of errors may hold passwords. What
 * a user sends need not be a command at all. */
static void
qmp_trace(guint64 id, const char *command, const char *what, const char *detail, gint64 since_us)
{
    HV_DEBUG(MODULE, "libvirt-%" G_GUINT64_FORMAT " %.64s: %s%.64s in %" G_GINT64_FORMAT " us", id,
             qmp_is_name(command) ? command : "(no command)", what, detail, g_get_monotonic_time() - since_us);
}

static void
qmp_trace_reply(guint64 id, const QmpPending *pending, const json_t *reply, const GError *error)
{
    const json_t *refusal = json_object_get(reply, "error");
    const char *class = json_string_value(json_object_get(refusal, "class"));

    if (!log_enabled(LOG_LEVEL_DEBUG, MODULE))
        return;
    if (refusal)
        qmp_trace(id, pending->command, "refused with ", class && qmp_is_name(class) ? class : "no class", pending->sent_us);
    else if (reply)
        qmp_trace(id, pending->command, "answered", "", pending->sent_us);
    else
        qmp_trace(id, pending->command, "not answered: ", hv_error_code_name(error->code), pending->sent_us);
}

/* --- waiting --------------------------------------------------------------------------------------------- */

/* Waits until the socket is ready for @events or @deadline has passed (then *@ready is 0). */
static gboolean
qmp_poll(QmpConn *conn, short events, gint64 deadline, short *ready, GError **error)
{
    struct pollfd pfd = { .fd = conn->fd, .events = events };
    int n = cancel_poll(&pfd, 1, deadline_remaining_ms(deadline));

    *ready = 0;
    if (n < 0 && errno == ECANCELED)
        return cancel_throw(error, "the answer of %s", conn->peer);
    if (n < 0 && errno != EINTR)
        return hv_throw_errno(error, errno, "Unable to wait for the monitor");
    if (n > 0)
        *ready = pfd.revents;
    return TRUE;
}

static gboolean
qmp_check_usable(QmpConn *conn, GError **error)
{
    if (!conn->lost)
        return TRUE;
    g_propagate_error(error, g_error_copy(conn->lost));
    return FALSE;
}

static gboolean
qmp_throw_timeout(QmpConn *conn, GError **error, const char *what)
{
    hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "%s did not answer: waited for %s", conn->peer, what);
    hv_error_set_source(error, HV_FROM_QEMU);
    return FALSE;
}

/* --- what is sent ---------------------------------------------------------------------------------------- */

/* Reads while it writes: a peer that answers a pipelined command may not read on before that. */
static gboolean
qmp_write(QmpConn *conn, const char *bytes, gsize len, int passed_fd, GError **error)
{
    gint64 deadline = deadline_after(conn->timeout_ms);

    while (len) {
        GError *cause = NULL;
        gssize put = unix_socket_send(conn->fd, bytes, len, passed_fd);
        short ready;

        if (put > 0) {
            bytes += put;
            len -= (gsize)put;
            passed_fd = -1;
            continue;
        }
        if (put < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            /* What it still said comes before the end of its side. */
            while (qmp_poll(conn, POLLIN, 0, &ready, NULL) && ready && qmp_read(conn, &cause))
                continue;
            if (cause) {
                g_propagate_error(error, cause);
                return FALSE;
            }
            hv_throw_errno(&cause, EPIPE, "Unable to write to monitor");
            return qmp_lose(conn, error, cause);
        }
        if (put < 0 && errno != EAGAIN && errno != EINTR) {
            hv_throw_errno(&cause, errno, "Unable to write to monitor");
            return qmp_lose(conn, error, cause);
        }
        if (!qmp_poll(conn, POLLIN | POLLOUT, deadline, &ready, error))
            return FALSE;
        if ((ready & (POLLIN | POLLHUP | POLLERR)) && !qmp_read(conn, error))
            return FALSE;
        if (!ready && !deadline_remaining_ms(deadline)) {
            /* Half a command went out: nothing that follows could be understood. */
            qmp_throw_timeout(conn, &cause, "it to take a command");
            return qmp_lose(conn, error, cause);
        }
    }
    return TRUE;
}

static guint64
qmp_send_message(QmpConn *conn, json_t *message, const char *command, int fd, GError **error)
{
    guint64 id = conn->last_id + 1;
    g_autofree char *name = g_strdup_printf("libvirt-%" G_GUINT64_FORMAT, id);
    QmpPending *pending;
    char *text;
    g_autofree char *line = NULL;

    if (!qmp_check_usable(conn, error))
        return 0;
    if (json_object_get(message, "execute") || json_object_get(message, "exec-oob"))
        json_object_set_new(message, "id", json_string(name));
    text = json_dumps(message, JSON_COMPACT);
    if (!text) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot format the arguments of QEMU command '%s' as JSON", command);
        return 0;
    }
    line = g_strconcat(text, "\r\n", NULL);
    free(text);
    conn->last_id = id;
    pending = g_new0(QmpPending, 1);
    pending->command = g_strdup(command);
    pending->sent_us = g_get_monotonic_time();
    g_hash_table_replace(conn->pending, g_memdup2(&id, sizeof(id)), pending);
    if (!qmp_write(conn, line, strlen(line), fd, error)) {
        g_hash_table_remove(conn->pending, &id);
        return 0;
    }
    if (log_enabled(LOG_LEVEL_DEBUG, MODULE))
        qmp_trace(id, command, "sent", "", pending->sent_us);
    return id;
}

static guint64
qmp_send_with_fd(QmpConn *conn, const char *command, json_t *args, int fd, GError **error)
{
    json_t *message = json_object();
    guint64 id;

    json_object_set_new(message, "execute", json_string(command));
    if (args)
        json_object_set(message, "arguments", args);
    id = qmp_send_message(conn, message, command, fd, error);
    json_decref(message);
    return id;
}

guint64
qmp_send(QmpConn *conn, const char *command, json_t *args, GError **error)
{
    return qmp_send_with_fd(conn, command, args, -1, error);
}

/* --- replies --------------------------------------------------------------------------------------------- */

static gboolean
qmp_wait_reply(QmpConn *conn, guint64 id, const char *command, gint64 deadline, GError **error)
{
    while (!g_hash_table_contains(conn->replies, &id)) {
        short ready = 0;

        if (!qmp_check_usable(conn, error) || !qmp_poll(conn, POLLIN, deadline, &ready, error))
            return FALSE;
        /* A failed read may follow the reply itself: the loop's condition comes first. */
        if (ready && !qmp_read(conn, NULL))
            continue;
        if (!ready && !deadline_remaining_ms(deadline)) {
            g_autofree char *what = g_strdup_printf("the reply to QEMU command '%s'", command);

            return qmp_throw_timeout(conn, error, what);
        }
    }
    return TRUE;
}

/* The whole reply object, a new reference. */
static json_t *
qmp_collect_reply(QmpConn *conn, guint64 id, gint64 deadline, GError **error)
{
    const QmpPending *pending = g_hash_table_lookup(conn->pending, &id);
    GError *problem = NULL;
    json_t *reply = NULL;

    g_clear_pointer(&conn->error_class, g_free);
    if (!pending) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "no QEMU command with the id %" G_GUINT64_FORMAT " is waited for", id);
        return NULL;
    }
    if (qmp_wait_reply(conn, id, pending->command, deadline ? deadline : deadline_after(conn->timeout_ms), &problem))
        reply = json_incref(g_hash_table_lookup(conn->replies, &id));
    qmp_trace_reply(id, pending, reply, problem);
    g_hash_table_remove(conn->replies, &id);
    g_hash_table_remove(conn->pending, &id);
    if (problem)
        g_propagate_error(error, problem);
    return reply;
}

json_t *
qmp_collect(QmpConn *conn, guint64 id, gint64 deadline, GError **error)
{
    const QmpPending *pending = g_hash_table_lookup(conn->pending, &id);
    g_autofree char *command = pending ? g_strdup(pending->command) : NULL;
    json_t *reply = qmp_collect_reply(conn, id, deadline, error);
    json_t *value, *refusal;

    if (!reply)
        return NULL;
    refusal = json_object_get(reply, "error");
    if (refusal) {
        const char *desc = json_string_value(json_object_get(refusal, "desc"));

        conn->error_class = g_strdup(json_string_value(json_object_get(refusal, "class")));
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "unable to execute QEMU command '%s': %s", command,
                 desc ? desc : "unknown error");
        hv_error_set_source(error, HV_FROM_QEMU);
        json_decref(reply);
        return NULL;
    }
    value = json_incref(json_object_get(reply, "return"));
    json_decref(reply);
    return value;
}

json_t *
qmp_call_with_fd(QmpConn *conn, const char *command, json_t *args, int fd, GError **error)
{
    guint64 id = qmp_send_with_fd(conn, command, args, fd, error);

    return id ? qmp_collect(conn, id, 0, error) : NULL;
}

json_t *
qmp_call(QmpConn *conn, const char *command, json_t *args, GError **error)
{
    return qmp_call_with_fd(conn, command, args, -1, error);
}

static json_t *
qmp_call_take(QmpConn *conn, const char *command, json_t *args, GError **error)
{
    json_t *value = qmp_call(conn, command, args, error);

    json_decref(args);
    return value;
}

gboolean
qmp_run(QmpConn *conn, const char *command, json_t *args, GError **error)
{
    json_t *value = qmp_call(conn, command, args, error);

    json_decref(value);
    return value != NULL;
}

gboolean
qmp_run_take(QmpConn *conn, const char *command, json_t *args, GError **error)
{
    json_t *value = qmp_call_take(conn, command, args, error);

    json_decref(value);
    return value != NULL;
}

json_t *
qmp_passthrough(QmpConn *conn, const char *text, int fd, GError **error)
{
    json_error_t json_error;
    json_t *message = json_loads(text, 0, &json_error);
    json_t *reply = NULL;
    const char *command;
    guint64 id;

    if (!json_is_object(message)) {
        if (message)
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse json %s: it is not an object", text);
        else
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse json %s: %s", text, json_error.text);
        json_decref(message);
        return NULL;
    }
    if (json_object_get(message, "id") && json_object_get(message, "execute")) {
        json_decref(message);
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to append command 'id' string");
        return NULL;
    }
    command = json_string_value(json_object_get(message, "execute"));
    id = qmp_send_message(conn, message, command ? command : "(none)", fd, error);
    json_decref(message);
    if (id)
        reply = qmp_collect_reply(conn, id, 0, error);
    return reply;
}

char *
qmp_human(QmpConn *conn, const char *line, GError **error)
{
    json_t *value = qmp_call_take(conn, "human-monitor-command", json_pack("{s:s}", "command-line", line), error);
    char *text;

    if (!value)
        return NULL;
    text = g_strdup(json_string_value(value));
    json_decref(value);
    if (!text)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "QEMU's answer to the human monitor command '%s' is not a text", line);
    return text;
}

const char *
qmp_error_class(const QmpConn *conn)
{
    return conn->error_class;
}

/* --- connections ----------------------------------------------------------------------------------------- */

static gboolean
qmp_handshake(QmpConn *conn, int timeout_ms, GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    int major = 0, minor = 0, micro = 0;
    json_t *value;
    guint64 id;

    while (!conn->greeting) {
        short ready;

        if (!qmp_check_usable(conn, error) || !qmp_poll(conn, POLLIN, deadline, &ready, error))
            return FALSE;
        if (ready)
            qmp_read(conn, NULL);
        else if (!deadline_remaining_ms(deadline))
            return qmp_throw_timeout(conn, error, "its greeting");
    }
    if (json_unpack(json_object_get(conn->greeting, "QMP"), "{s:{s:{s:i,s:i,s:i}}}", "version", "qemu", "major",
                    &major, "minor", &minor, "micro", &micro) == 0)
        conn->version = (guint)major * 1000000 + (guint)minor * 1000 + (guint)micro;

    id = qmp_send(conn, "qmp_capabilities", NULL, error);
    value = id ? qmp_collect(conn, id, deadline, error) : NULL;
    json_decref(value);
    return value != NULL;
}

QmpConn *
qmp_connect_fd(int fd, const char *peer, int timeout_ms, GError **error)
{
    g_autoptr(QmpConn) conn = g_new0(QmpConn, 1);

    conn->fd = fd;
    conn->peer = g_strdup(peer);
    conn->timeout_ms = QMP_TIMEOUT_MS;
    conn->input = g_byte_array_new();
    conn->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, qmp_pending_free);
    conn->replies = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, qmp_reply_free);
    if (!qmp_handshake(conn, timeout_ms, error))
        return NULL;
    return g_steal_pointer(&conn);
}

QmpConn *
qmp_connect(const char *path, int timeout_ms, GError **error)
{
    int fd = unix_socket_connect_within(path, timeout_ms, error);

    if (fd >= 0)
        return qmp_connect_fd(fd, "QEMU monitor", timeout_ms, error);
    hv_error_set_source(error, HV_FROM_QEMU);
    return NULL;
}

void
qmp_free(QmpConn *conn)
{
    if (!conn)
        return;
    close(conn->fd);
    g_free(conn->peer);
    g_byte_array_unref(conn->input);
    g_hash_table_unref(conn->pending);
    g_hash_table_unref(conn->replies);
    json_decref(conn->greeting);
    g_free(conn->error_class);
    g_clear_error(&conn->lost);
    g_free(conn);
}

void
qmp_set_timeout(QmpConn *conn, int timeout_ms)
{
    conn->timeout_ms = timeout_ms;
}

guint
qmp_version(const QmpConn *conn)
{
    return conn->version;
}

gboolean
qmp_is_alive(const QmpConn *conn)
{
    return conn->lost == NULL;
}
