#include "supervisor/supervisor.h"
#include "util/error.h"
#include "util/process.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The longest message of QEMU; more than that is no QMP. */
#define MAX_MESSAGE (64 * 1024 * 1024)
/* Clients are not read while more than this waits for QEMU, in bytes to send or in commands to answer. */
#define MAX_QUEUED (1024 * 1024)
#define MAX_PENDING 512
#define READ_SIZE 65536
#define QUOTED_RUBBISH 100

typedef struct {
    GString *text;
    gsize done;
    int fd;                     /* goes along with the first byte; -1 */
} Outgoing;

typedef struct {
    guint64 id;
    char *command;              /* its name with the quotes */
    Client *client;             /* NULL: the supervisor's own, or the client is gone */
    char *client_id;            /* JSON text; NULL: the client gave none */
    MonitorReply func;
    gpointer data;
} Pending;

static void
outgoing_free(Outgoing *out)
{
    g_string_free(out->text, TRUE);
    if (out->fd >= 0)
        close(out->fd);
    g_free(out);
}

static void
pending_free(Pending *pending)
{
    g_free(pending->command);
    g_free(pending->client_id);
    g_free(pending);
}

/* Whoever waits is told that no answer will come. */
static void
fail_pending(Supervisor *sup)
{
    Pending *pending;

    while ((pending = g_queue_pop_head(&sup->pending))) {
        if (pending->client)
            proxy_lost(pending->client, pending->client_id);
        else if (pending->func)
            pending->func(sup, NULL, pending->data);
        pending_free(pending);
    }
}

void
monitor_close(Supervisor *sup)
{
    if (sup->monitor_state == MONITOR_DOWN)
        return;
    sup->monitor_state = MONITOR_DOWN;
    g_clear_handle_id(&sup->monitor_in, g_source_remove);
    g_clear_handle_id(&sup->monitor_out, g_source_remove);
    g_clear_handle_id(&sup->monitor_timer, g_source_remove);
    close(sup->monitor_fd);
    sup->monitor_fd = -1;
    scan_stream_clear(&sup->monitor_stream);
    g_queue_clear_full(&sup->monitor_queue, (GDestroyNotify)outgoing_free);
    sup->monitor_queued = 0;
    fail_pending(sup);
    proxy_set_reading(sup, TRUE);
}

static void
monitor_fail(Supervisor *sup, gboolean closed, GError *error)
{
    monitor_close(sup);
    qemu_monitor_failed(sup, closed, error);
}

static void
control_flow(Supervisor *sup)
{
    guint pending = g_queue_get_length(&sup->pending);

    if (sup->monitor_queued > MAX_QUEUED || pending > MAX_PENDING)
        proxy_set_reading(sup, FALSE);
    else if (sup->monitor_queued < MAX_QUEUED / 2 && pending < MAX_PENDING / 2)
        proxy_set_reading(sup, TRUE);
}

/* FALSE when it has to wait for the socket; the link may be down afterwards. */
static gboolean
send_outgoing(Supervisor *sup, Outgoing *out)
{
    gssize sent;

    do
        sent = unix_socket_send(sup->monitor_fd, out->text->str + out->done, out->text->len - out->done, out->fd);
    while (sent < 0 && errno == EINTR);
    /* Another failure is seen as the end of the link when it is read. */
    if (sent < 0)
        return FALSE;
    if (out->fd >= 0) {
        close(out->fd);
        out->fd = -1;
    }
    out->done += (gsize)sent;
    sup->monitor_queued -= (gsize)sent;
    return out->done == out->text->len;
}

static gboolean
on_writable(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;
    Outgoing *out;

    while ((out = g_queue_peek_head(&sup->monitor_queue))) {
        if (!send_outgoing(sup, out))
            break;
        outgoing_free(g_queue_pop_head(&sup->monitor_queue));
    }
    control_flow(sup);
    if (out && !(condition & (G_IO_HUP | G_IO_ERR)))
        return G_SOURCE_CONTINUE;
    sup->monitor_out = 0;
    return G_SOURCE_REMOVE;
}

/* Takes @text and @fd. */
static void
monitor_write(Supervisor *sup, GString *text, int fd)
{
    Outgoing *out = g_new0(Outgoing, 1);

    out->text = text;
    out->fd = fd;
    sup->monitor_queued += text->len;
    if (g_queue_is_empty(&sup->monitor_queue) && send_outgoing(sup, out)) {
        outgoing_free(out);
        return;
    }
    g_queue_push_tail(&sup->monitor_queue, out);
    if (!sup->monitor_out)
        sup->monitor_out = g_unix_fd_add(sup->monitor_fd, G_IO_OUT, on_writable, sup);
}

static Pending *
add_pending(Supervisor *sup, char *command)
{
    Pending *pending = g_new0(Pending, 1);

    pending->id = ++sup->next_id;
    pending->command = command;
    g_queue_push_tail(&sup->pending, pending);
    return pending;
}

void
monitor_call(Supervisor *sup, const char *command, const char *arguments, MonitorReply func, gpointer data)
{
    GString *text = g_string_new(NULL);
    Pending *pending;

    if (sup->monitor_state < MONITOR_NEGOTIATING) {
        g_string_free(text, TRUE);
        if (func)
            func(sup, NULL, data);
        return;
    }
    pending = add_pending(sup, g_strdup_printf("\"%s\"", command));
    pending->func = func;
    pending->data = data;
    g_string_printf(text, "{\"execute\":\"%s\"%s%s,\"id\":%" G_GUINT64_FORMAT "}\n", command,
                    arguments ? ",\"arguments\":" : "", arguments ? arguments : "", pending->id);
    monitor_write(sup, text, -1);
}

void
monitor_forward(Supervisor *sup, Client *client, const ScanMessage *command, const char *text, gsize length, int fd)
{
    Pending *pending = add_pending(sup, g_strndup(command->execute.start, command->execute.length));
    GString *out = g_string_sized_new(length + 32);

    pending->client = client;
    if (command->id.start) {
        const char *after = command->id.start + command->id.length;

        pending->client_id = g_strndup(command->id.start, command->id.length);
        g_string_append_len(out, text, command->id.start - text);
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, pending->id);
        g_string_append_len(out, after, text + length - after);
    } else {
        const char *after = memchr(text, '{', length);

        g_string_append_printf(out, "{\"id\":%" G_GUINT64_FORMAT ",", pending->id);
        g_string_append_len(out, after + 1, text + length - after - 1);
    }
    g_string_append_c(out, '\n');
    monitor_write(sup, out, fd);
    control_flow(sup);
}

void
monitor_forget_client(Supervisor *sup, Client *client)
{
    for (GList *item = sup->pending.head; item; item = item->next) {
        Pending *pending = item->data;

        if (pending->client == client)
            pending->client = NULL;
    }
}

gboolean
monitor_is_pending(Supervisor *sup, const char *command)
{
    for (GList *item = sup->pending.head; item; item = item->next) {
        Pending *pending = item->data;
        ScanSpan span = { pending->command, strlen(pending->command) };

        if (!pending->func && scan_is_string(span, command))
            return TRUE;
    }
    return FALSE;
}

/* QEMU works off in-band commands in order, so an answer without an id (to a command that its parser refused) is
 * the oldest one's. */
static Pending *
take_pending(Supervisor *sup, ScanSpan id)
{
    guint64 number;

    if (!id.start)
        return g_queue_pop_head(&sup->pending);
    number = g_ascii_strtoull(id.start, NULL, 10);
    for (GList *item = sup->pending.head; item; item = item->next) {
        Pending *pending = item->data;

        if (pending->id == number) {
            g_queue_delete_link(&sup->pending, item);
            return pending;
        }
    }
    return NULL;
}

static void
on_negotiated(Supervisor *sup, const ScanMessage *reply, gpointer data)
{
    if (!reply)
        return;
    if (reply->error.start) {
        GError *error = NULL;

        hv_throw(&error, HV_ERR_INTERNAL_ERROR, "QEMU refused the monitor's negotiation: %.*s",
                 (int)MIN(reply->error.length, QUOTED_RUBBISH), reply->error.start);
        monitor_fail(sup, FALSE, error);
        return;
    }
    g_clear_handle_id(&sup->monitor_timer, g_source_remove);
    sup->monitor_state = MONITOR_READY;
    proxy_greet(sup);
    qemu_monitor_ready(sup);
}

/* QEMU's greeting with its version; out-of-band execution is a promise that the proxy does not make. */
static gboolean
keep_greeting(Supervisor *sup, ScanSpan qmp)
{
    json_t *json = json_loadb(qmp.start, qmp.length, 0, NULL), *version = json_object_get(json, "version");
    char *text;

    if (!json_is_object(version)) {
        json_decref(json);
        return FALSE;
    }
    text = json_dumps(version, JSON_COMPACT);
    g_free(sup->greeting);
    sup->greeting = g_strdup_printf("{\"QMP\": {\"version\": %s, \"capabilities\": []}}\r\n", text);
    free(text);
    json_decref(json);
    return TRUE;
}

static void
take_reply(Supervisor *sup, const ScanMessage *message, const char *text, gsize length)
{
    Pending *pending = take_pending(sup, message->id);

    if (!pending)
        return;
    if (pending->client)
        proxy_reply(pending->client, pending->client_id, message, text, length);
    else if (pending->func)
        pending->func(sup, message, pending->data);
    pending_free(pending);
    control_flow(sup);
}

/* FALSE for what is no QMP, or is not in its place. */
static gboolean
take_message(Supervisor *sup, const char *text, gsize length)
{
    ScanMessage message;

    if (!scan_message(text, length, &message))
        return FALSE;
    if (sup->monitor_state == MONITOR_GREETING) {
        if (!message.greeting.start || !keep_greeting(sup, message.greeting))
            return FALSE;
        sup->monitor_state = MONITOR_NEGOTIATING;
        monitor_call(sup, "qmp_capabilities", NULL, on_negotiated, NULL);
        return TRUE;
    }
    if (message.event.start) {
        g_autofree char *entry = g_strdup_printf("\"event\":%.*s", (int)length, text);

        g_strdelimit(entry, "\r\n", ' ');
        journal_append(sup, entry, strlen(entry));
        guest_event(sup, &message);
        proxy_event(sup, text, length);
        return TRUE;
    }
    if (!message.ret.start && !message.error.start)
        return FALSE;
    take_reply(sup, &message, text, length);
    return TRUE;
}

static void
rubbish(Supervisor *sup, const char *text, gsize length)
{
    g_autofree char *quoted = g_utf8_make_valid(text, (gssize)MIN(length, QUOTED_RUBBISH));
    GError *error = NULL;

    for (char *c = quoted; *c; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    hv_throw(&error, HV_ERR_INTERNAL_ERROR, "QEMU answered on its monitor with something that is not QMP: '%s%s'", quoted,
             length > QUOTED_RUBBISH ? "…" : "");
    monitor_fail(sup, FALSE, error);
}

static void
take_bytes(Supervisor *sup, const char *bytes, gsize length)
{
    ScanSpan message;

    scan_stream_add(&sup->monitor_stream, bytes, length);
    while (sup->monitor_state != MONITOR_DOWN && scan_stream_next(&sup->monitor_stream, &message)) {
        if (!take_message(sup, message.start, message.length)) {
            rubbish(sup, message.start, message.length);
            return;
        }
    }
    if (sup->monitor_state == MONITOR_DOWN)
        return;
    /* Text that does not begin as QMP does is refused before its end, which may never come. */
    length = scan_stream_pending(&sup->monitor_stream);
    if (length > MAX_MESSAGE || (length > 0 && sup->monitor_stream.depth == 0))
        rubbish(sup, sup->monitor_stream.buffer->str + sup->monitor_stream.start, length);
}

static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;
    char bytes[READ_SIZE];
    gssize got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    GError *error = NULL;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (got > 0) {
        take_bytes(sup, bytes, (gsize)got);
        return G_SOURCE_CONTINUE;
    }
    hv_throw(&error, HV_ERR_INTERNAL_ERROR, "QEMU closed its monitor");
    monitor_fail(sup, TRUE, error);
    return G_SOURCE_CONTINUE;
}

void
monitor_drain(Supervisor *sup)
{
    char bytes[READ_SIZE];
    gssize got;

    while (sup->monitor_state != MONITOR_DOWN && (got = recv(sup->monitor_fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        take_bytes(sup, bytes, (gsize)got);
}

static gboolean
on_handshake_timeout(gpointer data)
{
    Supervisor *sup = data;
    GError *error = NULL;

    sup->monitor_timer = 0;
    hv_throw(&error, HV_ERR_OPERATION_TIMEOUT, "QEMU (process %d) did not answer on its monitor within %d ms",
             (int)sup->status.pid, sup->launch->handshake_ms);
    monitor_fail(sup, FALSE, error);
    return G_SOURCE_REMOVE;
}

gboolean
monitor_connect(Supervisor *sup, GError **error)
{
    g_autofree char *path = g_build_filename(sup->launch->run_dir, MONITOR_SOCKET, NULL);
    int fd = unix_socket_connect(path, error);

    if (fd < 0)
        return FALSE;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    sup->monitor_fd = fd;
    sup->monitor_state = MONITOR_GREETING;
    scan_stream_init(&sup->monitor_stream);
    sup->monitor_in = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, sup);
    sup->monitor_timer = g_timeout_add((guint)sup->launch->handshake_ms, on_handshake_timeout, sup);
    return TRUE;
}
