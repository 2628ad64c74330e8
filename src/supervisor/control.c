#include "supervisor/supervisor.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PEERS 256
#define MAX_REQUEST (1024 * 1024)

typedef struct {
    Supervisor *sup;
    Peer *peer;
    GString *input;
    gboolean awaits_end;        /* asked for QEMU's end and is not answered yet */
} Control;

static void
control_free(Control *control)
{
    g_string_free(control->input, TRUE);
    peer_free(control->peer);
    g_free(control);
}

/* Takes @answer. */
static void
send_answer(Control *control, json_t *answer)
{
    g_autoptr(GString) line = g_string_new(NULL);
    char *text = json_dumps(answer, JSON_COMPACT);

    g_string_append(line, text);
    g_string_append_c(line, '\n');
    peer_send(control->peer, line->str, line->len, FALSE);
    free(text);
    json_decref(answer);
}

static void
send_error(Control *control, const GError *error)
{
    g_autofree char *message = g_utf8_make_valid(error->message, -1);

    send_answer(control, json_pack("{s:b, s:i, s:s}", "ok", 0, "code", error->code, "message", message));
}

static json_t *
make_info(Supervisor *sup)
{
    const SupervisorLaunch *launch = sup->launch;
    const RunStatus *status = &sup->status;
    json_t *info = json_pack("{s:b, s:i, s:s, s:s, s:I, s:I, s:I, s:i, s:i, s:I, s:b, s:I, s:s, s:s, s:s, s:i, s:I, s:b}",
                             "ok", 1, "id", launch->id, "name", launch->name, "uuid", launch->uuid,
                             "pid", (json_int_t)status->pid, "pid_start", (json_int_t)status->pid_start,
                             "supervisor_pid", (json_int_t)getpid(), "state", status->state, "reason", status->reason,
                             "since", (json_int_t)status->since, "reboot", status->reboot, "seq", (json_int_t)sup->seq,
                             "on_poweroff", launch_action_name(launch->on_poweroff),
                             "on_reboot", launch_action_name(launch->on_reboot),
                             "on_crash", launch_action_name(launch->on_crash), "clients", (int)sup->clients->len,
                             "journal_lost", (json_int_t)sup->journal_lost_total,
                             "monitor", sup->monitor_state == MONITOR_READY);

    return info ? info : json_pack("{s:b, s:i}", "ok", 1, "id", launch->id);
}

static void
save_launch(Supervisor *sup)
{
    g_autoptr(GError) error = NULL;

    if (!folder_write_launch(sup, &error))
        log_note(sup, "%s", error->message);
}

static void
on_set_action_reply(Supervisor *sup, const ScanMessage *reply, gpointer data)
{
    if (reply && reply->error.start)
        log_note(sup, "QEMU does not take the action for reboot: %.*s", (int)reply->error.length, reply->error.start);
}

static gboolean
set_action(Supervisor *sup, const json_t *request, GError **error)
{
    const char *event = json_string_value(json_object_get(request, "event"));
    const char *name = json_string_value(json_object_get(request, "action"));
    LaunchAction action;
    gboolean restart;

    if (!event || !name || !launch_action_parse(name, &action))
        return hv_throw(error, HV_ERR_INVALID_ARG, "set-action: no such action");
    restart = action == LAUNCH_ACTION_RESTART || action == LAUNCH_ACTION_RENAME_RESTART;
    if (g_str_equal(event, "poweroff")) {
        sup->launch->on_poweroff = action;
    } else if (g_str_equal(event, "crash")) {
        sup->launch->on_crash = action;
    } else if (g_str_equal(event, "reboot")) {
        sup->launch->on_reboot = action;
        monitor_call(sup, "set-action", restart ? "{\"reboot\":\"reset\"}" : "{\"reboot\":\"shutdown\"}", on_set_action_reply,
                     NULL);
    } else {
        return hv_throw(error, HV_ERR_INVALID_ARG, "set-action: no such event");
    }
    save_launch(sup);
    return TRUE;
}

static gboolean
set_reboot(Supervisor *sup, const json_t *request, GError **error)
{
    const json_t *value = json_object_get(request, "value");

    if (!json_is_boolean(value))
        return hv_throw(error, HV_ERR_INVALID_ARG, "set-reboot: 'value' is not a boolean");
    sup->status.reboot = json_is_true(value);
    folder_write_status(sup);
    return TRUE;
}

static gboolean
expect(Supervisor *sup, const json_t *request, GError **error)
{
    const struct {
        const char *key;
        int *slot;
    } slots[] = { { "stop", &sup->expect_stop }, { "resume", &sup->expect_resume }, { "end", &sup->expect_end } };

    for (gsize i = 0; i < G_N_ELEMENTS(slots); i++) {
        const json_t *value = json_object_get(request, slots[i].key);

        if (value && (!json_is_integer(value) || json_integer_value(value) < -1 || json_integer_value(value) > 100))
            return hv_throw(error, HV_ERR_INVALID_ARG, "expect: '%s' is not a reason", slots[i].key);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(slots); i++)
        if (json_object_get(request, slots[i].key))
            *slots[i].slot = (int)json_integer_value(json_object_get(request, slots[i].key));
    return TRUE;
}

static gboolean
set_state(Supervisor *sup, const json_t *request, GError **error)
{
    json_int_t state = json_integer_value(json_object_get(request, "state"));
    json_int_t reason = json_integer_value(json_object_get(request, "reason"));
    const json_t *lifecycle = json_object_get(request, "lifecycle");

    if (state < STATE_RUNNING || state > STATE_PMSUSPENDED || state == STATE_SHUTOFF || reason < 0 || reason > 100)
        return hv_throw(error, HV_ERR_INVALID_ARG, "set-state: no such state");
    qemu_release_holder(sup);
    guest_set_state(sup, (int)state, (int)reason, lifecycle ? (int)json_integer_value(lifecycle) : -1,
                    (int)json_integer_value(json_object_get(request, "detail")));
    return TRUE;
}

static gboolean
set_owner(Supervisor *sup, const json_t *request, GError **error)
{
    json_int_t pid = json_integer_value(json_object_get(request, "pid"));

    if (!json_is_integer(json_object_get(request, "pid")) || pid < 0 || pid > G_MAXINT32)
        return hv_throw(error, HV_ERR_INVALID_ARG, "owner: 'pid' is not a process");
    sup->launch->owner_pid = (pid_t)pid;
    sup->launch->owner_start = (guint64)json_integer_value(json_object_get(request, "start"));
    save_launch(sup);
    qemu_watch_owner(sup);
    return TRUE;
}

static gboolean
change_release(Supervisor *sup, const json_t *request, gboolean add, GError **error)
{
    LaunchRelease *release = &sup->launch->release;

    if (!(add ? launch_release_add(release, request, error) : launch_release_remove(release, request, error)))
        return FALSE;
    return folder_write_launch(sup, error);
}

static gboolean
destroy(Control *control, const json_t *request, GError **error)
{
    const json_t *reason = json_object_get(request, "reason");

    if (reason && (!json_is_integer(reason) || json_integer_value(reason) < 0 || json_integer_value(reason) > SHUTOFF_DAEMON))
        return hv_throw(error, HV_ERR_INVALID_ARG, "destroy: 'reason' is not a reason");
    control->awaits_end = TRUE;
    qemu_end(control->sup, json_is_true(json_object_get(request, "graceful")),
             reason ? (int)json_integer_value(reason) : SHUTOFF_DESTROYED);
    return TRUE;
}

static void
take_request(Control *control, const char *text, gsize length)
{
    Supervisor *sup = control->sup;
    json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const char *op = json_string_value(json_object_get(request, "op"));
    g_autoptr(GError) error = NULL;
    gboolean good, answered = FALSE;

    if (!op) {
        good = hv_throw(&error, HV_ERR_INVALID_ARG, "the request is not a JSON object with 'op'");
    } else if (g_str_equal(op, "info")) {
        send_answer(control, make_info(sup));
        good = answered = TRUE;
    } else if (g_str_equal(op, "set-action")) {
        good = set_action(sup, request, &error);
    } else if (g_str_equal(op, "set-reboot")) {
        good = set_reboot(sup, request, &error);
    } else if (g_str_equal(op, "expect")) {
        good = expect(sup, request, &error);
    } else if (g_str_equal(op, "set-state")) {
        good = set_state(sup, request, &error);
    } else if (g_str_equal(op, "owner")) {
        good = set_owner(sup, request, &error);
    } else if (g_str_equal(op, "release-add")) {
        good = change_release(sup, request, TRUE, &error);
    } else if (g_str_equal(op, "release-remove")) {
        good = change_release(sup, request, FALSE, &error);
    } else if (g_str_equal(op, "destroy")) {
        good = answered = destroy(control, request, &error);
    } else {
        good = hv_throw(&error, HV_ERR_INVALID_ARG, "there is no request '%s'", op);
    }
    if (!good)
        send_error(control, error);
    else if (!answered)
        send_answer(control, json_pack("{s:b}", "ok", 1));
    json_decref(request);
}

static void
on_input(Peer *peer, const char *bytes, gsize length, gpointer data)
{
    Control *control = data;
    char *end;

    if (!bytes) {
        g_ptr_array_remove_fast(control->sup->controls, control);
        return;
    }
    g_string_append_len(control->input, bytes, (gssize)length);
    while (!peer->broken && (end = memchr(control->input->str, '\n', control->input->len))) {
        gsize size = (gsize)(end - control->input->str);

        take_request(control, control->input->str, size);
        g_string_erase(control->input, 0, (gssize)size + 1);
    }
    if (control->input->len > MAX_REQUEST)
        g_ptr_array_remove_fast(control->sup->controls, control);
}

void
control_init(Supervisor *sup)
{
    sup->controls = g_ptr_array_new_with_free_func((GDestroyNotify)control_free);
}

void
control_accept(Supervisor *sup)
{
    int fd = peer_accept(sup->control_listener);
    Control *control;

    if (fd < 0)
        return;
    if (sup->controls->len >= MAX_PEERS) {
        close(fd);
        return;
    }
    control = g_new0(Control, 1);
    control->sup = sup;
    control->input = g_string_new(NULL);
    control->peer = peer_new(fd, on_input, control);
    g_ptr_array_add(sup->controls, control);
}

void
control_ended(Supervisor *sup, const GError *error)
{
    for (guint i = 0; i < sup->controls->len; i++) {
        Control *control = g_ptr_array_index(sup->controls, i);

        if (!control->awaits_end)
            continue;
        control->awaits_end = FALSE;
        if (error)
            send_error(control, error);
        else
            send_answer(control, json_pack("{s:b}", "ok", 1));
    }
}

void
control_close(Supervisor *sup, gint64 deadline)
{
    for (guint i = 0; i < sup->controls->len; i++)
        peer_flush(((Control *)g_ptr_array_index(sup->controls, i))->peer, deadline);
    g_ptr_array_set_size(sup->controls, 0);
}
