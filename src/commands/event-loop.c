#include "commands/event-loop.h"

#include "commands/event-text.h"

#include <string.h>

gboolean
event_loop_show(CmdContext *ctx, const Event *event, const char *const *names, const OutValue *common, gsize n)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(OutValue));
    g_autofree char *line = event_text(event);
    g_autofree char *time = event_timestamp(event);
    g_autofree char *text = cmd_bool(ctx, "timestamp") ? g_strdup_printf("%s: %s", time, line) : g_strdup(line);

    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(keys, (gpointer) names[i]);
    g_array_append_vals(values, common, (guint) n);
    event_fields(event, keys, values);
    out_event(cmd_out(ctx), text, (const char *const *)keys->pdata, (const OutValue *)(gpointer)values->data, keys->len);
    return TRUE;
}

void
event_loop_list(CmdContext *ctx, const char *const *kinds)
{
    Out *out = cmd_out(ctx);

    out_list_begin(out);
    for (; *kinds; kinds++)
        out_list_item(out, OUT_STR(*kinds));
    out_list_end(out);
}

gboolean
event_loop_kind(const char *const *kinds, const char *name, int *id, GError **error)
{
    for (int i = 0; kinds[i]; i++) {
        if (strcmp(kinds[i], name) == 0) {
            *id = i;
            return TRUE;
        }
    }
    return cmd_fail(error, HV_ERR_INVALID_ARG, "unknown event type %s", name);
}

gboolean
event_loop_timeout(CmdContext *ctx, gint64 *timeout_ms, GError **error)
{
    *timeout_ms = -1;
    return !cmd_given(ctx, "timeout") || cmd_timeout_ms(ctx, "timeout", timeout_ms, error);
}

gboolean
event_loop_run(CmdContext *ctx, EventSource *source, EventShow show, gpointer data, GError **error)
{
    Shell *shell = cmd_shell(ctx);
    Out *out = cmd_out(ctx);
    gint64 timeout_ms, deadline = -1;
    guint count = 0;

    if (!event_loop_timeout(ctx, &timeout_ms, error))
        return FALSE;
    if (timeout_ms >= 0)
        deadline = g_get_monotonic_time() + timeout_ms * 1000;
    while (count == 0 || cmd_bool(ctx, "loop")) {
        g_auto(Event) event = { 0 };
        int got = event_source_wait(source, deadline, shell_interrupt_fd(shell), &event, error);

        if (got < 0)
            return FALSE;
        if (got == 0) {
            out_text(out, shell_interrupted(shell) ? "event loop interrupted\n" : "event loop timed out\n");
            break;
        }
        if (show(ctx, &event, data))
            count++;
    }
    out_text(out, "events received: %u\n", count);
    if (count > 0)
        return TRUE;
    /* An empty list is one, too. */
    out_records_begin(out);
    out_records_end(out);
    return cmd_fail_silently(error, HV_ERR_OPERATION_TIMEOUT, "no event was received");
}
