/* start: a defined domain begins to run. */
#include <unistd.h>

#include "commands/common.h"
#include "commands/domain-condition.h"
#include "commands/domain-console.h"
#include "commands/domain-plan.h"

static const CmdOpt start_opts[] = {
    CMD_DOMAIN("name or UUID of an inactive domain", LIST_INACTIVE),
    { .name = "console", .type = CMD_OPT_BOOL, .help = "connect to the console at once" },
    { .name = "paused", .type = CMD_OPT_BOOL, .help = "leave the domain paused" },
    { .name = "autodestroy", .type = CMD_OPT_BOOL, .help = "destroy the domain when this program disconnects" },
    { .name = "bypass-cache", .type = CMD_OPT_BOOL, .help = "read a saved state past the file system cache" },
    { .name = "force-boot", .type = CMD_OPT_BOOL, .help = "boot afresh; a managed save image is thrown away" },
    { .name = "pass-fds", .type = CMD_OPT_STRING, .flags = CMD_OPT_EMPTY_OK,
      .help = "descriptors N,M,… to hand to the guest" },
    { .name = "reset-nvram", .type = CMD_OPT_BOOL, .help = "make the NVRAM anew from its template" },
    { .name = "dry-run", .type = CMD_OPT_BOOL, .flags = CMD_OPT_HVSH,
      .help = "say which files, command line and monitor commands the start would use, and do nothing" },
    { .name = "wait", .type = CMD_OPT_STRING, .flags = CMD_OPT_HVSH | CMD_OPT_NAMED_ONLY, .complete = complete_conditions,
      .help = "then wait until these conditions hold (see await)" },
    { .name = "timeout", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_HVSH | CMD_OPT_NAMED_ONLY,
      .help = "seconds that --wait waits at most" },
    CMD_OPT_END
};
static const char *const start_requires[] = { "timeout>wait", NULL };

static gboolean
start_plan(CmdContext *ctx, const DomainRef *dom, guint32 flags, GError **error)
{
    g_auto(domain_start_plan_result) result = { 0 };
    domain_start_plan_args args = { .dom = *dom, .flags = flags };

    if (!domain_start_plan(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Failed to start domain '%s'", dom->name);
    return cmd_show_plan(ctx, result.plan, error);
}

static gboolean
call_create(CmdContext *ctx, const DomainRef *dom, guint32 flags, const int *fds, gsize n_fds, GError **error)
{
    Connection *conn = cmd_connection(ctx);
    CallExtra extra = { .fds_in = fds, .n_fds_in = n_fds };

    if (n_fds > 0) {
        domain_create_with_files_args args = { .dom = *dom, .flags = flags };

        return conn_call_extra(conn, OP_DOMAIN_CREATE_WITH_FILES, &args, NULL, &extra, error);
    }
    if (flags)
        return domain_create_with_flags(conn, &(domain_create_with_flags_args){ .dom = *dom, .flags = flags }, NULL, error);
    return domain_create(conn, &(domain_create_args){ .dom = *dom }, NULL, error);
}

static gboolean
has_saved_state(CmdContext *ctx, const DomainRef *dom)
{
    g_auto(domain_has_managed_save_image_result) saved = { 0 };

    return domain_has_managed_save_image(cmd_connection(ctx), &(domain_has_managed_save_image_args){ .dom = *dom }, &saved,
                                         NULL) && saved.result;
}

/* Where a driver does not know --force-boot, a start does the same as long as there is no saved state to throw away. */
static gboolean
start_domain(CmdContext *ctx, const DomainRef *dom, guint32 flags, const int *fds, gsize n_fds, GError **error)
{
    g_autoptr(GError) local = NULL;
    gboolean unknown;

    if (call_create(ctx, dom, flags, fds, n_fds, &local))
        return TRUE;
    unknown = g_error_matches(local, HV_ERROR, HV_ERR_INVALID_ARG) || g_error_matches(local, HV_ERROR, HV_ERR_NO_SUPPORT);
    if ((flags & START_FORCE_BOOT) && unknown && !has_saved_state(ctx, dom)) {
        g_clear_error(&local);
        if (call_create(ctx, dom, flags & ~(guint32)START_FORCE_BOOT, fds, n_fds, &local))
            return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&local));
    return hv_error_add_sentence(error, "Failed to start domain '%s'", dom->name);
}

static guint32
start_flags(CmdContext *ctx)
{
    return (cmd_bool(ctx, "paused") ? START_PAUSED : 0) | (cmd_bool(ctx, "autodestroy") ? START_AUTODESTROY : 0) |
           (cmd_bool(ctx, "bypass-cache") ? START_BYPASS_CACHE : 0) |
           (cmd_bool(ctx, "force-boot") ? START_FORCE_BOOT : 0) |
           (cmd_bool(ctx, "reset-nvram") ? START_RESET_NVRAM : 0);
}

static gboolean
start_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autoptr(ConditionSet) conditions = NULL;
    g_autofree int *fds = NULL;
    gsize n_fds = 0;
    guint32 flags = start_flags(ctx);
    gint64 timeout_ms = -1;
    gboolean first_to_console;

    /* An id is none of a domain that could be started. */
    if (!cmd_domain_by(ctx, DOMAIN_BY_UUID | DOMAIN_BY_NAME, &dom, error))
        return FALSE;
    if (cmd_given(ctx, "wait")) {
        conditions = condition_set_from_option(ctx, "wait", FALSE, error);
        if (!conditions || (cmd_given(ctx, "timeout") && !cmd_timeout_ms(ctx, "timeout", &timeout_ms, error)))
            return FALSE;
    }
    if (dom.id >= 0)
        return cmd_fail(error, HV_ERR_OPERATION_INVALID, "Domain is already active");
    if (cmd_bool(ctx, "dry-run"))
        return start_plan(ctx, &dom, flags, error);
    if (!cmd_pass_fds(ctx, &fds, &n_fds, error))
        return FALSE;

    /* The first output of the guest is not missed when its CPUs run only once the console is connected. */
    first_to_console = cmd_bool(ctx, "console") && !(flags & START_PAUSED) && isatty(STDIN_FILENO);
    if (!start_domain(ctx, &dom, flags | (first_to_console ? START_PAUSED : 0), fds, n_fds, error))
        return FALSE;
    out_note(cmd_out(ctx), "Domain '%s' started", dom.name);
    if (cmd_bool(ctx, "console") && !domain_console_run(ctx, &dom, NULL, 0, first_to_console, error))
        return FALSE;
    return !conditions || condition_set_wait(conditions, ctx, &dom, timeout_ms, error);
}

const CmdDef cmd_start = {
    .name = "start",
    .group = "domain",
    .help = "start a defined domain that is not running",
    .desc = "Start a domain: from its managed save image if there is one, else by booting it. With --wait the command ends when "
            "the conditions hold; status 2 tells that --timeout was over first.",
    .opts = start_opts,
    .requires = start_requires,
    .run = start_run,
};
