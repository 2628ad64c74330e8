/* event: what happens to domains, as it happens. */
#include "commands/common.h"
#include "commands/event-loop.h"
#include "commands/event-text.h"
#include "util/uuid.h"

static char **
complete_events(CmdContext *ctx, unsigned flags)
{
    return complete_words(event_names);
}

static const CmdOpt event_opts[] = {
    { .name = "domain", .type = CMD_OPT_STRING, .complete = complete_domains, .help = "only of this domain: name, id or UUID" },
    { .name = "event", .type = CMD_OPT_STRING, .complete = complete_events, .help = "kind of event to wait for" },
    { .name = "all", .type = CMD_OPT_BOOL, .help = "every kind of event" },
    { .name = "loop", .type = CMD_OPT_BOOL, .help = "go on after the first one, until the time is over or Ctrl-C" },
    { .name = "timeout", .type = CMD_OPT_NUMBER, .help = "seconds to wait at most" },
    { .name = "list", .type = CMD_OPT_BOOL, .help = "list the kinds of events" },
    { .name = "timestamp", .type = CMD_OPT_BOOL, .help = "print the time before each event" },
    CMD_OPT_END
};
static const char *const event_exclusive[] = { "all|event", "list|all", "list|event", NULL };

static gboolean
show_event(CmdContext *ctx, const Event *event, gpointer data)
{
    static const char *const names[] = { "event", "domain", "uuid", "time_us" };
    char uuid[UUID_TEXT];
    const OutValue common[] = { OUT_STR(event_names[event->id]), OUT_STR(event->dom.name), OUT_STR(uuid),
                                OUT_INT(event->time_us) };

    uuid_format(event->dom.uuid, uuid);
    return event_loop_show(ctx, event, names, common, G_N_ELEMENTS(common));
}

static gboolean
event_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autoptr(EventSource) source = NULL;
    const char *name = NULL;
    gint64 timeout_ms;
    gboolean one_domain;
    int id = -1;

    if (cmd_bool(ctx, "list")) {
        event_loop_list(ctx, event_names);
        return TRUE;
    }
    if (!cmd_string(ctx, "event", &name, error))
        return FALSE;
    if (!name && !cmd_bool(ctx, "all"))
        return cmd_fail(error, HV_ERR_USAGE, "one of --list, --all, or --event <type> is required");
    if (name && !event_loop_kind(event_names, name, &id, error))
        return FALSE;
    if (!event_loop_timeout(ctx, &timeout_ms, error) || !cmd_domain_optional(ctx, &one_domain, &dom, error))
        return FALSE;
    source = conn_events(cmd_connection(ctx), one_domain ? &dom : NULL, id, error);
    return source && event_loop_run(ctx, source, show_event, NULL, error);
}

const CmdDef cmd_event = {
    .name = "event",
    .group = "events",
    .help = "wait for events of domains",
    .desc = "Print events of domains as they happen, or list the kinds there are. Status 1 tells that there was none.",
    .opts = event_opts,
    .exclusive = event_exclusive,
    .run = event_run,
};
