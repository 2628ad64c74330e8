/* await: wait until a domain is as one wants it. */
#include "commands/common.h"
#include "commands/domain-condition.h"

static const CmdOpt await_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "condition", .type = CMD_OPT_STRING, .flags = CMD_OPT_REQUIRED | CMD_OPT_NAMED_ONLY | CMD_OPT_NEWER,
      .complete = complete_conditions,
      .help = "what to wait for: domain-inactive, state=STATE, console=REGEX, job-done; several with commas between" },
    { .name = "timeout", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_NAMED_ONLY | CMD_OPT_NEWER,
      .help = "seconds to wait at most" },
    { .name = "any", .type = CMD_OPT_BOOL, .flags = CMD_OPT_HVSH, .help = "one of the conditions is enough" },
    CMD_OPT_END
};

static gboolean
await_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autoptr(ConditionSet) conditions = NULL;
    gint64 timeout_ms = -1;

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    conditions = condition_set_from_option(ctx, "condition", cmd_bool(ctx, "any"), error);
    if (!conditions || (cmd_given(ctx, "timeout") && !cmd_timeout_ms(ctx, "timeout", &timeout_ms, error)))
        return FALSE;
    return condition_set_wait(conditions, ctx, &dom, timeout_ms, error);
}

const CmdDef cmd_await = {
    .name = "await",
    .group = "events",
    .help = "wait until a domain is in a condition",
    .desc = "Wait until all the conditions hold at the same time, with --any until one does. They are separated by commas; two "
            "commas stand for one within a condition. domain-inactive: it does not run. state=STATE: it is running, paused, "
            "shutoff, crashed and so on. console=REGEX: a line of its console, one that is there already or one that comes, "
            "matches the extended regular expression; colours do not count. job-done: no job is under way. Status 2 tells that "
            "the time was over or Ctrl-C pressed; the state of the domain and the last lines of its console are then on "
            "standard error.",
    .opts = await_opts,
    .run = await_run,
};
