/* secret-event: what happens to secrets, as it happens. */
#include "backend/xml-secret.h"
#include "commands/event-loop.h"
#include "commands/event-text.h"
#include "commands/secret.h"
#include "util/uuid.h"

static char **
complete_kinds(CmdContext *ctx, unsigned flags)
{
    return complete_words(secret_event_names);
}

static const CmdOpt event_opts[] = {
    { .name = "secret", .type = CMD_OPT_STRING, .complete = complete_secrets, .help = "only of this secret: its UUID" },
    { .name = "event", .type = CMD_OPT_STRING, .complete = complete_kinds, .help = "kind of event to wait for" },
    { .name = "loop", .type = CMD_OPT_BOOL, .help = "go on after the first one, until the time is over or Ctrl-C" },
    { .name = "timeout", .type = CMD_OPT_NUMBER, .help = "seconds to wait at most" },
    { .name = "list", .type = CMD_OPT_BOOL, .help = "list the kinds of events" },
    { .name = "timestamp", .type = CMD_OPT_BOOL, .help = "print the time before each event" },
    CMD_OPT_END
};

static gboolean
show_event(CmdContext *ctx, const Event *event, gpointer data)
{
    static const char *const names[] = { "event", "uuid", "usage_type", "usage_id", "time_us" };
    const char *type = xml_secret_usage_name(event->secret.usage_type);
    char uuid[UUID_TEXT];
    const OutValue common[] = { OUT_STR(secret_event_names[event->secret_id]), OUT_STR(uuid), OUT_STR(type ? type : "none"),
                                type ? OUT_STR(event->secret.usage_id) : OUT_ABSENT(""), OUT_INT(event->time_us) };

    uuid_format(event->secret.uuid, uuid);
    return event_loop_show(ctx, event, names, common, G_N_ELEMENTS(common));
}

static gboolean
event_run(CmdContext *ctx, GError **error)
{
    g_auto(SecretRef) secret = { 0 };
    g_autoptr(EventSource) source = NULL;
    gboolean one_secret = cmd_given(ctx, "secret");
    const char *name = NULL;
    gint64 timeout_ms;
    int id;

    if (cmd_bool(ctx, "list")) {
        event_loop_list(ctx, secret_event_names);
        return TRUE;
    }
    if (!cmd_string(ctx, "event", &name, error))
        return FALSE;
    if (!name)
        return cmd_fail(error, HV_ERR_USAGE, "either --list or --event <type> is required");
    if (!event_loop_kind(secret_event_names, name, &id, error) || !event_loop_timeout(ctx, &timeout_ms, error) ||
        (one_secret && !cmd_secret(ctx, &secret, error)))
        return FALSE;
    source = conn_secret_events(cmd_connection(ctx), one_secret ? &secret : NULL, id, error);
    return source && event_loop_run(ctx, source, show_event, NULL, error);
}

const CmdDef cmd_secret_event = {
    .name = "secret-event",
    .group = "secret",
    .help = "wait for events of secrets",
    .desc = "Print events of secrets as they happen, or list the kinds there are. Status 1 tells that there was none.",
    .opts = event_opts,
    .run = event_run,
};
