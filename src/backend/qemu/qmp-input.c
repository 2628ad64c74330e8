/* What arrives from the monitor: lines, and what each of them is. */
#include "config.h"

#include "backend/qemu/qmp-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "util/error.h"

#define QMP_READ_BYTES (64 * 1024)

gboolean
qmp_lose(QmpConn *conn, GError **error, GError *cause)
{
    hv_error_set_source(&cause, HV_FROM_QEMU);
    if (!conn->lost)
        conn->lost = g_error_copy(cause);
    g_propagate_error(error, cause);
    return FALSE;
}

static gboolean
qmp_lose_rubbish(QmpConn *conn, const char *what, const char *bytes, gsize len, GError **error)
{
    GError *cause = NULL;
    g_autofree char *start = g_strndup(bytes, MIN(len, 80));
    g_autofree char *shown = g_strescape(start, NULL);

    hv_throw(&cause, HV_ERR_INTERNAL_ERROR, "%s: %s '%s%s'", conn->peer, what, shown, len > 80 ? "..." : "");
    return qmp_lose(conn, error, cause);
}

/* The id a reply belongs to: 0 when it is none that this connection gave. */
static guint64
qmp_reply_id(QmpConn *conn, json_t *message)
{
    const char *id = json_string_value(json_object_get(message, "id"));
    guint64 number = 0;

    if (conn->last_id && id && g_str_has_prefix(id, "libvirt-") &&
        g_ascii_string_to_unsigned(id + strlen("libvirt-"), 10, 1, conn->last_id, &number, NULL))
        return number;
    return 0;
}

/* QEMU leaves the id out of its answer to a command it could not parse: commands are answered in
 * order, so it belongs to the oldest one without an answer. */
static guint64
qmp_oldest_pending(QmpConn *conn)
{
    GHashTableIter iter;
    gpointer key;
    guint64 oldest = 0;

    g_hash_table_iter_init(&iter, conn->pending);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        guint64 id = *(guint64 *)key;

        if (!g_hash_table_contains(conn->replies, key) && (!oldest || id < oldest))
            oldest = id;
    }
    return oldest;
}

static gboolean
qmp_take_line(QmpConn *conn, const char *line, gsize len, GError **error)
{
    json_error_t json_error;
    json_t *message;
    json_t *id;
    guint64 number;

    while (len && g_ascii_isspace(line[len - 1]))
        len--;
    if (!len)
        return TRUE;

    message = json_loadb(line, len, 0, &json_error);
    /* QEMU has unsigned numbers of 64 bits, jansson signed ones: rather all of that answer inexactly than none of it. */
    if (!message && json_error_code(&json_error) == json_error_numeric_overflow)
        message = json_loadb(line, len, JSON_DECODE_INT_AS_REAL, &json_error);
    if (!json_is_object(message)) {
        json_decref(message);
        return qmp_lose_rubbish(conn, "cannot parse JSON", line, len, error);
    }

    /* Events are the supervisor's business: its journal has them. */
    if (json_is_string(json_object_get(message, "event"))) {
        json_decref(message);
        return TRUE;
    }
    if (!conn->greeting && json_is_object(json_object_get(message, "QMP"))) {
        conn->greeting = message;
        return TRUE;
    }
    if (!json_object_get(message, "return") && !json_is_object(json_object_get(message, "error"))) {
        json_decref(message);
        return qmp_lose_rubbish(conn, "Unknown JSON reply", line, len, error);
    }

    id = json_object_get(message, "id");
    number = id ? qmp_reply_id(conn, message) : qmp_oldest_pending(conn);
    if (!number) {
        json_decref(message);
        return qmp_lose_rubbish(conn, "Unexpected JSON reply", line, len, error);
    }
    /* An answer to a command whose deadline has passed is of no use to anybody. */
    if (!g_hash_table_contains(conn->pending, &number)) {
        json_decref(message);
        return TRUE;
    }
    g_hash_table_replace(conn->replies, g_memdup2(&number, sizeof(number)), message);
    return TRUE;
}

/* Works off all complete lines of the input. */
static gboolean
qmp_take_input(QmpConn *conn, GError **error)
{
    gsize start = 0;

    for (;;) {
        const char *bytes = (const char *)conn->input->data;
        const char *end = NULL;

        if (conn->input->len > conn->scanned)
            end = memchr(bytes + conn->scanned, '\n', conn->input->len - conn->scanned);
        if (!end)
            break;
        conn->scanned = (gsize)(end - bytes) + 1;
        if (!qmp_take_line(conn, bytes + start, (gsize)(end - bytes) - start, error))
            return FALSE;
        start = conn->scanned;
    }
    if (start)
        g_byte_array_remove_range(conn->input, 0, (guint)start);
    conn->scanned = conn->input->len;
    if (conn->input->len > QMP_LINE_MAX)
        return qmp_lose_rubbish(conn, "No complete monitor response found in the allowed size, it begins with",
                                (const char *)conn->input->data, conn->input->len, error);
    return TRUE;
}

gboolean
qmp_read(QmpConn *conn, GError **error)
{
    guint old = conn->input->len;
    GError *cause = NULL;
    ssize_t got;

    g_byte_array_set_size(conn->input, old + QMP_READ_BYTES);
    do
        got = recv(conn->fd, conn->input->data + old, QMP_READ_BYTES, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    int errnum = errno;
    g_byte_array_set_size(conn->input, old + (guint)MAX(got, 0));

    if (got > 0)
        return qmp_take_input(conn, error);
    if (got < 0 && (errnum == EAGAIN || errnum == EWOULDBLOCK))
        return TRUE;
    if (got < 0 && errnum != ECONNRESET)
        hv_throw_errno(&cause, errnum, "Unable to read from monitor");
    else if (old)
        hv_throw(&cause, HV_ERR_INTERNAL_ERROR, "End of file from qemu monitor within an answer");
    else
        hv_throw(&cause, HV_ERR_INTERNAL_ERROR, "End of file from qemu monitor");
    return qmp_lose(conn, error, cause);
}
