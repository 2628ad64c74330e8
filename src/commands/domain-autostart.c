/* autostart: which domains start with the host. As in virsh the sentences name the domain as the user did. */
#include "commands/common.h"

static const CmdOpt autostart_opts[] = {
    CMD_DOMAIN("name, id or UUID of a persistent domain", LIST_PERSISTENT),
    { .name = "disable", .type = CMD_OPT_BOOL, .help = "no longer start it" },
    { .name = "once", .type = CMD_OPT_BOOL, .flags = CMD_OPT_NEWER, .help = "start it at the next boot of the host only" },
    CMD_OPT_END
};

static gboolean
autostart_once(CmdContext *ctx, const DomainRef *dom, gboolean enable, GError **error)
{
    domain_set_autostart_once_args args = { .dom = *dom, .autostart = enable };

    if (!domain_set_autostart_once(cmd_connection(ctx), &args, NULL, error))
        return hv_error_add_sentence(error, enable ? "Failed to mark domain '%s' as autostarted on next boot" :
                                     "Failed to unmark domain '%s' as autostarted on next boot", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), enable ? "Domain '%s' marked as autostarted on next boot" :
             "Domain '%s' unmarked as autostarted on next boot", cmd_text(ctx, "domain"));
    return TRUE;
}

static gboolean
autostart_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    domain_set_autostart_args args = { .autostart = !cmd_bool(ctx, "disable") };

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    if (cmd_bool(ctx, "once"))
        return autostart_once(ctx, &dom, args.autostart, error);
    args.dom = dom;
    if (!domain_set_autostart(cmd_connection(ctx), &args, NULL, error))
        return hv_error_add_sentence(error, args.autostart ? "Failed to mark domain '%s' as autostarted" :
                                     "Failed to unmark domain '%s' as autostarted", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), args.autostart ? "Domain '%s' marked as autostarted" : "Domain '%s' unmarked as autostarted",
             cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_autostart = {
    .name = "autostart",
    .group = "domain",
    .help = "start a domain whenever the host boots",
    .desc = "Say whether a domain starts together with the host.",
    .opts = autostart_opts,
    .run = autostart_run,
};
