#include "supervisor/supervisor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CLIENTS 256
#define MAX_MESSAGE (4 * 1024 * 1024)

struct Client {
    Supervisor *sup;
    Peer *peer;
    ScanStream stream;
    gboolean greeted;
    gboolean negotiated;
};

static void
client_free(Client *client)
{
    monitor_forget_client(client->sup, client);
    scan_stream_clear(&client->stream);
    peer_free(client->peer);
    g_free(client);
}

void
proxy_init(Supervisor *sup)
{
    sup->clients = g_ptr_array_new_with_free_func((GDestroyNotify)client_free);
}

/* @id is JSON text or NULL. */
static void
send_error(Client *client, ScanSpan id, const char *class, const char *description)
{
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *string = json_string(description);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);

    g_string_printf(text, "{\"error\": {\"class\": \"%s\", \"desc\": %s}", class, quoted);
    if (id.start) {
        g_string_append(text, ", \"id\": ");
        g_string_append_len(text, id.start, (gssize)id.length);
    }
    g_string_append(text, "}\r\n");
    peer_send(client->peer, text->str, text->len, FALSE);
    free(quoted);
    json_decref(string);
}

void
proxy_lost(Client *client, const char *client_id)
{
    ScanSpan id = { client_id, client_id ? strlen(client_id) : 0 };

    send_error(client, id, "GenericError", "the connection to QEMU was lost before it answered");
}

void
proxy_reply(Client *client, const char *client_id, const ScanMessage *reply, const char *text, gsize length)
{
    g_autoptr(GString) out = g_string_sized_new(length + 64);
    ScanSpan cut = client_id ? reply->id : reply->id_member;
    const char *after = cut.start ? cut.start + cut.length : NULL;

    if (!cut.start) {
        /* QEMU could not tell which command it refused; we can. */
        const char *brace = memchr(text, '{', length);

        g_string_append_c(out, '{');
        if (client_id)
            g_string_append_printf(out, "\"id\": %s, ", client_id);
        g_string_append_len(out, brace + 1, text + length - brace - 1);
    } else {
        g_string_append_len(out, text, cut.start - text);
        if (client_id)
            g_string_append(out, client_id);
        g_string_append_len(out, after, text + length - after);
    }
    g_string_append(out, "\r\n");
    peer_send(client->peer, out->str, out->len, FALSE);
}

void
proxy_event(Supervisor *sup, const char *text, gsize length)
{
    g_autoptr(GString) line = g_string_new_len(text, (gssize)length);

    g_string_append(line, "\r\n");
    for (guint i = 0; i < sup->clients->len; i++) {
        Client *client = g_ptr_array_index(sup->clients, i);

        if (client->negotiated)
            peer_send(client->peer, line->str, line->len, FALSE);
    }
}

/* qmp_capabilities is between the client and the proxy; there is no capability to be had. */
static void
negotiate(Client *client, const ScanMessage *command)
{
    json_t *arguments = command->arguments.start ? json_loadb(command->arguments.start, command->arguments.length, 0, NULL) : NULL;
    json_t *enable = json_object_get(arguments, "enable");
    g_autoptr(GString) text = g_string_new("{\"return\": {}");

    if (json_array_size(enable) > 0) {
        const char *name = json_string_value(json_array_get(enable, 0));
        g_autofree char *description = g_strdup_printf("Capability %s not available", name ? name : "?");

        send_error(client, command->id, "GenericError", description);
    } else {
        client->negotiated = TRUE;
        if (command->id.start) {
            g_string_append(text, ", \"id\": ");
            g_string_append_len(text, command->id.start, (gssize)command->id.length);
        }
        g_string_append(text, "}\r\n");
        peer_send(client->peer, text->str, text->len, FALSE);
    }
    json_decref(arguments);
}

static void
take_command(Client *client, const char *text, gsize length)
{
    Supervisor *sup = client->sup;
    const ScanSpan none = { NULL, 0 };
    ScanMessage command;
    int fd = -1;

    if (!scan_message(text, length, &command)) {
        send_error(client, none, "GenericError", "JSON parse error, or no JSON object");
        return;
    }
    if (command.exec_oob.start) {
        send_error(client, command.id, "GenericError", "QMP input member 'exec-oob' is unexpected");
        return;
    }
    if (!command.execute.start || *command.execute.start != '"') {
        send_error(client, command.id, "GenericError", "QMP input lacks member 'execute'");
        return;
    }
    if (scan_is_string(command.execute, "qmp_capabilities")) {
        if (client->negotiated)
            send_error(client, command.id, "CommandNotFound",
                       "Capabilities negotiation is already complete, command ignored");
        else
            negotiate(client, &command);
        return;
    }
    if (!client->negotiated) {
        send_error(client, command.id, "CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
        return;
    }
    if (sup->monitor_state != MONITOR_READY) {
        send_error(client, command.id, "GenericError", "there is no connection to QEMU");
        return;
    }
    if (scan_is_string(command.execute, "getfd") || scan_is_string(command.execute, "add-fd"))
        fd = peer_take_fd(client->peer);
    monitor_forward(sup, client, &command, text, length, fd);
}

static void
on_input(Peer *peer, const char *bytes, gsize length, gpointer data)
{
    Client *client = data;
    ScanSpan message;

    if (!bytes) {
        g_ptr_array_remove_fast(client->sup->clients, client);
        return;
    }
    scan_stream_add(&client->stream, bytes, length);
    while (!peer->broken && scan_stream_next(&client->stream, &message))
        take_command(client, message.start, message.length);
    if (scan_stream_pending(&client->stream) > MAX_MESSAGE) {
        const ScanSpan none = { NULL, 0 };

        send_error(client, none, "GenericError", "the command is too long");
        g_ptr_array_remove_fast(client->sup->clients, client);
    }
}

static void
greet(Client *client)
{
    if (client->greeted || client->sup->monitor_state != MONITOR_READY)
        return;
    client->greeted = TRUE;
    peer_send(client->peer, client->sup->greeting, strlen(client->sup->greeting), FALSE);
}

void
proxy_accept(Supervisor *sup)
{
    int fd = peer_accept(sup->qmp_listener);
    Client *client;

    if (fd < 0)
        return;
    /* A link to QEMU that broke is tried again when somebody wants it. */
    if (sup->clients->len >= MAX_CLIENTS
        || (sup->monitor_state == MONITOR_DOWN && sup->answered && !monitor_connect(sup, NULL))) {
        close(fd);
        return;
    }
    client = g_new0(Client, 1);
    client->sup = sup;
    scan_stream_init(&client->stream);
    client->peer = peer_new(fd, on_input, client);
    g_ptr_array_add(sup->clients, client);
    greet(client);
}

void
proxy_greet(Supervisor *sup)
{
    for (guint i = 0; i < sup->clients->len; i++)
        greet(g_ptr_array_index(sup->clients, i));
}

void
proxy_set_reading(Supervisor *sup, gboolean reading)
{
    for (guint i = 0; i < sup->clients->len; i++)
        peer_set_reading(((Client *)g_ptr_array_index(sup->clients, i))->peer, reading);
}

void
proxy_close(Supervisor *sup)
{
    gint64 deadline = g_get_monotonic_time() + G_USEC_PER_SEC;

    for (guint i = 0; i < sup->clients->len; i++)
        peer_flush(((Client *)g_ptr_array_index(sup->clients, i))->peer, deadline);
    g_ptr_array_set_size(sup->clients, 0);
}
