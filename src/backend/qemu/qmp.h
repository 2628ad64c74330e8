/* One connection to one QEMU monitor, or to the supervisor's proxy, which behaves like one.
 *
 * A connection is owned by one thread. Calls block until the reply is there or the connection's
 * timeout has passed; events that arrive meanwhile are dropped (the supervisor keeps them). After the link
 * is lost, or the peer answered something that is not QMP, every further call fails at once with
 * the same cause.
 *
 * Errors: INTERNAL_ERROR "unable to execute QEMU command 'X': DESC" when QEMU refuses (source
 * HV_FROM_QEMU; qmp_error_class() tells QEMU's own error class), OPERATION_TIMEOUT when the
 * deadline passes, OPERATION_FAILED/INTERNAL_ERROR with source HV_FROM_QEMU when the link is lost
 * or the peer talks rubbish, SYSTEM_ERROR when the socket cannot be opened.
 *
 * Protocol: QEMU's docs/interop/qmp-spec. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

#define QMP_TIMEOUT_MS 30000            /* what a call waits unless told otherwise */
#define QMP_CONNECT_TIMEOUT_MS 10000
#define QMP_LINE_MAX (64 * 1024 * 1024) /* the longest answer that is accepted, in bytes */

typedef struct QmpConn QmpConn;

/* Connects to the unix socket @path (of any length), reads the greeting and leaves the negotiation mode. */
QmpConn *qmp_connect(const char *path, int timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same over the connected stream socket @fd, which the connection owns from here on, also on
 * failure. @peer names it in messages. */
QmpConn *qmp_connect_fd(int fd, const char *peer, int timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qmp_free(QmpConn *conn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpConn, qmp_free)

/* How long each later call may wait for its reply, in milliseconds. */
void qmp_set_timeout(QmpConn *conn, int timeout_ms);
/* QEMU's version from the greeting as major * 1000000 + minor * 1000 + micro; 0 when it named none. */
guint qmp_version(const QmpConn *conn);
gboolean qmp_is_alive(const QmpConn *conn);

/* Runs @command. @args may be NULL and stays the caller's. Returns a new reference to the reply's
 * "return" member. */
json_t *qmp_call(QmpConn *conn, const char *command, json_t *args, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for commands whose answer says nothing. */
gboolean qmp_run(QmpConn *conn, const char *command, json_t *args, GError **error);
/* The same; takes the reference to @args, so that json_pack() can stand in the call. A NULL @args is no arguments. */
gboolean qmp_run_take(QmpConn *conn, const char *command, json_t *args, GError **error);
/* Sends @fd along with @command (add-fd, getfd); @fd stays the caller's. */
json_t *qmp_call_with_fd(QmpConn *conn, const char *command, json_t *args, int fd, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Pipelining: qmp_send() writes the command and returns its id (0 on failure); qmp_collect() waits
 * for that reply until @deadline (monotonic microseconds, 0: the connection's timeout from now).
 * Replies may be collected in any order. */
guint64 qmp_send(QmpConn *conn, const char *command, json_t *args, GError **error);
json_t *qmp_collect(QmpConn *conn, guint64 id, gint64 deadline, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sends the JSON command @text with an id of the connection's put in (one that it has is refused, as libvirt does), and
 * returns the whole reply object, an error reply as well; its keys keep QEMU's order. What is no command goes out as it
 * is. @fd is passed along unless -1. */
json_t *qmp_passthrough(QmpConn *conn, const char *text, int fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Runs one line of the human monitor and returns what it prints. */
char *qmp_human(QmpConn *conn, const char *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "CommandNotFound", "DeviceNotFound", …: the class of the error with which QEMU refused the last collected
 * command; NULL when it did not refuse, or when something else failed. Borrowed until the next call. */
const char *qmp_error_class(const QmpConn *conn);

G_END_DECLS
