/* guests-start, guests-stop: what the host does with its guests when it boots and when it shuts down. For the
 * systemd units. */
#include <sys/timerfd.h>

#include "commands/common.h"
#include "util/cancel.h"
#include "util/process.h"

/* How long guests have for their shutdown when nothing else is said. */
#define STOP_TIMEOUT_MS (120 * 1000)
/* How long one of them is asked: a QEMU that hangs must not cost the others the time for their shutdown. */
#define ASK_SECONDS 5

static gboolean
guests_start_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_autostart_result) result = { 0 };

    if (!connect_autostart(cmd_connection(ctx), &(connect_autostart_args){ }, &result, error))
        return FALSE;
    if (result.report && *result.report)
        out_text(cmd_out(ctx), g_str_has_suffix(result.report, "\n") ? "%s" : "%s\n", result.report);
    if (result.failed > 0)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "%u of %u domains could not be started", result.failed,
                        result.started + result.failed);
    out_note(cmd_out(ctx), "%u domains started", result.started);
    return TRUE;
}

const CmdDef cmd_guests_start = {
    .name = "guests-start",
    .group = "domain",
    .help = "start the domains that are marked for autostart",
    .desc = "Start every domain that is marked for autostart and does not run. The system does it at boot.",
    .flags = CMD_HIDDEN | CMD_HVSH,
    .run = guests_start_run,
};

static const CmdOpt guests_stop_opts[] = {
    { .name = "timeout", .type = CMD_OPT_NUMBER, .help = "seconds that the guests have together (120 if not given)" },
    CMD_OPT_END
};

static gboolean
running_domains(Connection *conn, connect_list_all_domains_result *result, GError **error)
{
    return connect_list_all_domains(conn, &(connect_list_all_domains_args){ .need_results = 1, .flags = LIST_ACTIVE },
                                    result, error);
}

/* A paused guest hears nothing. */
static gboolean
ask(Connection *conn, const DomainRef *dom, GError **error)
{
    g_auto(domain_get_state_result) state = { 0 };

    if (!domain_get_state(conn, &(domain_get_state_args){ .dom = *dom }, &state, error))
        return FALSE;
    if (state.state == DOMAIN_STATE_PAUSED && !domain_resume(conn, &(domain_resume_args){ .dom = *dom }, NULL, error))
        return FALSE;
    return domain_shutdown(conn, &(domain_shutdown_args){ .dom = *dom }, NULL, error);
}

/* Asks all of them before waiting for any. A guest that cannot be asked is destroyed when the time is over. */
static void
ask_all(CmdContext *ctx, const DomainRefList *domains)
{
    const struct itimerspec patience = { .it_value.tv_sec = ASK_SECONDS };
    hv_autofd int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

    for (guint32 i = 0; i < domains->len; i++) {
        const DomainRef *dom = &domains->items[i];
        g_autoptr(GError) failure = NULL;

        if (timer >= 0 && timerfd_settime(timer, 0, &patience, NULL) == 0)
            cancel_set_fd(timer);
        if (ask(cmd_connection(ctx), dom, &failure))
            out_note(cmd_out(ctx), "Domain '%s' is being shutdown", dom->name);
        else if (cancel_told())
            out_warning(cmd_out(ctx), "domain '%s' did not answer within %d s", dom->name, ASK_SECONDS);
        else
            out_warning(cmd_out(ctx), "%s", failure->message);
    }
    cancel_set_fd(shell_interrupt_fd(cmd_shell(ctx)));
    out_flush(cmd_out(ctx));
}

/* Waits until none runs; *@left are those that do when the time is over. */
static gboolean
wait_all(CmdContext *ctx, EventSource *source, gint64 deadline, connect_list_all_domains_result *left, GError **error)
{
    for (;;) {
        g_auto(Event) event = { 0 };
        int got;

        connect_list_all_domains_result_clear(left);
        if (!running_domains(cmd_connection(ctx), left, error))
            return FALSE;
        if (left->domains.len == 0)
            return TRUE;
        got = event_source_wait(source, deadline, shell_interrupt_fd(cmd_shell(ctx)), &event, error);
        if (got <= 0)
            return got == 0;
    }
}

static gboolean
destroy_all(CmdContext *ctx, const DomainRefList *domains, GError **error)
{
    guint failed = 0;

    for (guint32 i = 0; i < domains->len; i++) {
        const DomainRef *dom = &domains->items[i];
        g_autoptr(GError) failure = NULL;

        if (domain_destroy(cmd_connection(ctx), &(domain_destroy_args){ .dom = *dom }, NULL, &failure)) {
            out_note(cmd_out(ctx), "Domain '%s' destroyed", dom->name);
        } else if (!g_error_matches(failure, HV_ERROR, HV_ERR_OPERATION_INVALID) &&
                   !g_error_matches(failure, HV_ERROR, HV_ERR_NO_DOMAIN)) {
            out_warning(cmd_out(ctx), "%s", failure->message);
            failed++;
        }
    }
    return failed == 0 || hv_throw(error, HV_ERR_OPERATION_FAILED, "%u domains could not be stopped", failed);
}

static gboolean
guests_stop_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_list_all_domains_result) domains = { 0 };
    g_autoptr(EventSource) source = NULL;
    gint64 timeout_ms = STOP_TIMEOUT_MS, deadline;

    if (cmd_given(ctx, "timeout") && !cmd_timeout_ms(ctx, "timeout", &timeout_ms, error))
        return FALSE;
    deadline = g_get_monotonic_time() + timeout_ms * 1000;
    source = conn_events(cmd_connection(ctx), NULL, EVENT_LIFECYCLE, error);
    if (!source || !running_domains(cmd_connection(ctx), &domains, error))
        return FALSE;
    ask_all(ctx, &domains.domains);
    return wait_all(ctx, source, deadline, &domains, error) && destroy_all(ctx, &domains.domains, error);
}

const CmdDef cmd_guests_stop = {
    .name = "guests-stop",
    .group = "domain",
    .help = "shut all running domains down",
    .desc = "Ask all running domains at once to shut down, wait for them, and destroy those that still run when the time is over. "
            "The system does it when it shuts down.",
    .opts = guests_stop_opts,
    .flags = CMD_HIDDEN | CMD_HVSH,
    .run = guests_stop_run,
};
