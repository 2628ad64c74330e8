/* shutdown, reboot, reset, destroy: ways to end what a domain is doing. As in virsh their sentences name the domain as the
 * user did, be it by its id. */
#include <string.h>

#include "commands/common.h"

static const char *const modes[] = { "acpi", "agent", "initctl", "signal", "paravirt", NULL };

static char **
complete_modes(CmdContext *ctx, unsigned flags)
{
    return complete_words(modes);
}

static const CmdOpt shutdown_opts[] = {
    CMD_DOMAIN_ACTIVE,
    { .name = "mode", .type = CMD_OPT_STRING, .complete = complete_modes,
      .help = "ways to try, with commas between: acpi, agent, initctl, signal, paravirt" },
    CMD_OPT_END
};

static const CmdOpt domain_only_opts[] = { CMD_DOMAIN_ACTIVE, CMD_OPT_END };

/* The SHUTDOWN_… flags of --mode. @choices is how the message lists them. */
static gboolean
mode_flags(CmdContext *ctx, const char *choices, guint32 *flags, GError **error)
{
    const char *text = NULL;
    g_auto(GStrv) words = NULL;

    *flags = 0;
    if (!cmd_string(ctx, "mode", &text, error))
        return FALSE;
    if (!text)
        return TRUE;
    words = g_strsplit(text, ",", -1);
    for (char **word = words; *word; word++) {
        int i = 0;

        while (modes[i] && strcmp(modes[i], *word) != 0)
            i++;
        if (!modes[i])
            return cmd_fail(error, HV_ERR_INVALID_ARG, "Unknown mode %s value, expecting %s", *word, choices);
        *flags |= 1U << i;
    }
    return TRUE;
}

static gboolean
shutdown_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    guint32 flags;
    gboolean ok;

    if (!mode_flags(ctx, "'acpi', 'agent', 'initctl', 'signal', or 'paravirt'", &flags, error) ||
        !cmd_domain(ctx, &dom, error))
        return FALSE;
    if (flags)
        ok = domain_shutdown_flags(cmd_connection(ctx), &(domain_shutdown_flags_args){ .dom = dom, .flags = flags }, NULL,
                                   error);
    else
        ok = domain_shutdown(cmd_connection(ctx), &(domain_shutdown_args){ .dom = dom }, NULL, error);
    if (!ok)
        return hv_error_add_sentence(error, "Failed to shutdown domain '%s'", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), "Domain '%s' is being shutdown", cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_shutdown = {
    .name = "shutdown",
    .group = "domain",
    .help = "ask a domain to shut down",
    .desc = "Ask the guest to shut down. It may take its time or do nothing; `await` waits for the end.",
    .opts = shutdown_opts,
    .run = shutdown_run,
};

static gboolean
reboot_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    guint32 flags;

    if (!mode_flags(ctx, "'acpi', 'agent', 'initctl', 'signal' or 'paravirt'", &flags, error) ||
        !cmd_domain(ctx, &dom, error))
        return FALSE;
    if (!domain_reboot(cmd_connection(ctx), &(domain_reboot_args){ .dom = dom, .flags = flags }, NULL, error))
        return hv_error_add_sentence(error, "Failed to reboot domain '%s'", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), "Domain '%s' is being rebooted", cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_reboot = {
    .name = "reboot",
    .group = "domain",
    .help = "ask a domain to reboot",
    .desc = "Ask the guest to reboot, as its own reboot command would.",
    .opts = shutdown_opts,
    .run = reboot_run,
};

static gboolean
reset_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    if (!domain_reset(cmd_connection(ctx), &(domain_reset_args){ .dom = dom }, NULL, error))
        return hv_error_add_sentence(error, "Failed to reset domain '%s'", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), "Domain '%s' was reset", cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_reset = {
    .name = "reset",
    .group = "domain",
    .help = "reset a domain",
    .desc = "Reset a domain as its reset button would: at once, without asking the guest.",
    .opts = domain_only_opts,
    .run = reset_run,
};

static const CmdOpt destroy_opts[] = {
    CMD_DOMAIN_ACTIVE,
    { .name = "graceful", .type = CMD_OPT_BOOL, .help = "give the emulator the time to end by itself" },
    { .name = "remove-logs", .type = CMD_OPT_BOOL, .help = "remove the logs of the domain too" },
    CMD_OPT_END
};

static gboolean
destroy_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    guint32 flags = (cmd_bool(ctx, "graceful") ? DESTROY_GRACEFUL : 0) |
                    (cmd_bool(ctx, "remove-logs") ? DESTROY_REMOVE_LOGS : 0);
    gboolean ok;

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    if (flags)
        ok = domain_destroy_flags(cmd_connection(ctx), &(domain_destroy_flags_args){ .dom = dom, .flags = flags }, NULL,
                                  error);
    else
        ok = domain_destroy(cmd_connection(ctx), &(domain_destroy_args){ .dom = dom }, NULL, error);
    if (!ok)
        return hv_error_add_sentence(error, "Failed to destroy domain '%s'", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), "Domain '%s' destroyed", cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_destroy = {
    .name = "destroy",
    .group = "domain",
    .help = "stop a domain at once",
    .desc = "Stop a domain as pulling its plug would. The definition of a persistent domain remains.",
    .opts = destroy_opts,
    .run = destroy_run,
};
