/* suspend and resume. As in virsh their sentences name the domain as the user did. */
#include "commands/common.h"

static const CmdOpt suspend_opts[] = { CMD_DOMAIN("name, id or UUID of a running domain", LIST_RUNNING), CMD_OPT_END };

static gboolean
suspend_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    if (!domain_suspend(cmd_connection(ctx), &(domain_suspend_args){ .dom = dom }, NULL, error))
        return hv_error_add_sentence(error, "Failed to suspend domain '%s'", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), "Domain '%s' suspended", cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_suspend = {
    .name = "suspend",
    .group = "domain",
    .help = "stop the CPUs of a domain",
    .desc = "Stop the CPUs of a running domain. Its memory stays allocated, and `resume` lets it go on.",
    .opts = suspend_opts,
    .run = suspend_run,
};

static const CmdOpt resume_opts[] = { CMD_DOMAIN("name, id or UUID of a paused domain", LIST_PAUSED), CMD_OPT_END };

static gboolean
resume_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    if (!domain_resume(cmd_connection(ctx), &(domain_resume_args){ .dom = dom }, NULL, error))
        return hv_error_add_sentence(error, "Failed to resume domain '%s'", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), "Domain '%s' resumed", cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_resume = {
    .name = "resume",
    .group = "domain",
    .help = "let the CPUs of a paused domain run again",
    .desc = "Let a domain go on that was suspended, or started paused.",
    .opts = resume_opts,
    .run = resume_run,
};
