#include "config.h"

#include <string.h>
#include <unistd.h>

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

gboolean
embedded_domain_suspend(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    g_autoptr(Domain) domain = domain_open_running(call, &((const domain_suspend_args *) args)->dom, "suspend", error);
    Machine *machine;

    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    if (!machine->funcs->suspend)
        return domain_throw_unsupported(call, error);
    if (domain->info.status.state == DOMAIN_STATE_PMSUSPENDED)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is pmsuspended");
    return domain->info.status.state == DOMAIN_STATE_PAUSED || machine->funcs->suspend(machine, &domain->info, error);
}

gboolean
embedded_domain_resume(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    g_autoptr(Domain) domain = domain_open_running(call, &((const domain_resume_args *) args)->dom, "resume", error);
    Machine *machine;

    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    if (!machine->funcs->resume)
        return domain_throw_unsupported(call, error);
    if (domain->info.status.state == DOMAIN_STATE_PMSUSPENDED)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is pmsuspended");
    if (domain->info.status.state == DOMAIN_STATE_RUNNING)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is already running");
    return machine->funcs->resume(machine, &domain->info, error);
}

/* --- the power button ------------------------------------------------------------------------------- */

static gboolean
has_agent(const xmlDoc *live)
{
    for (xmlNode *dev = NULL; (dev = domain_next_device(live, dev, "channel"));) {
        if (g_strcmp0(node_child_attr(dev, "target", "name"), "org.qemu.guest_agent.0") == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
throw_agent(const xmlDoc *live, GError **error)
{
    if (!has_agent(live))
        return hv_throw(error, HV_ERR_ARGUMENT_UNSUPPORTED, "QEMU guest agent is not configured");
    return hv_throw(error, HV_ERR_AGENT_UNRESPONSIVE, "QEMU guest agent is not connected");
}

static gboolean
press_button(const Call *call, const DomainRef *ref, guint flags, gboolean reboot, GError **error)
{
    g_autoptr(Domain) domain = domain_open_running(call, ref, reboot ? "reboot" : "shutdown", error);
    g_autoptr(xmlDoc) live = NULL;
    Machine *machine;

    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    if (!machine->funcs->power_button)
        return domain_throw_unsupported(call, error);
    if (reboot || (flags & SHUTDOWN_GUEST_AGENT)) {
        live = domain_load_live(domain, error);
        if (!live)
            return FALSE;
    }
    /* Asked for alone it must be the agent; asked for beside the button, the button will do. */
    if ((flags & SHUTDOWN_GUEST_AGENT) && !(flags & SHUTDOWN_ACPI_POWER_BTN))
        return throw_agent(live, error);
    if (reboot) {
        const char *action = domain_lifecycle(live, DOMAIN_ON_REBOOT);

        reboot = g_strcmp0(action, "destroy") != 0 && g_strcmp0(action, "preserve") != 0;
    }
    return machine->funcs->power_button(machine, &domain->info, reboot, error);
}

gboolean
embedded_domain_shutdown(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    return press_button(call, &((const domain_shutdown_args *) args)->dom, 0, FALSE, error);
}

gboolean
embedded_domain_shutdown_flags(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_shutdown_flags_args *in = args;

    return domain_check_flags(in->flags, SHUTDOWN_ACPI_POWER_BTN | SHUTDOWN_GUEST_AGENT, "qemuDomainShutdownFlags",
                              error) &&
           press_button(call, &in->dom, in->flags, FALSE, error);
}

gboolean
embedded_domain_reboot(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_reboot_args *in = args;

    return domain_check_flags(in->flags, SHUTDOWN_ACPI_POWER_BTN | SHUTDOWN_GUEST_AGENT, "qemuDomainReboot", error) &&
           press_button(call, &in->dom, in->flags, TRUE, error);
}

gboolean
embedded_domain_reset(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_reset_args *in = args;
    g_autoptr(Domain) domain = NULL;
    Machine *machine;

    if (!domain_check_flags(in->flags, 0, "qemuDomainReset", error))
        return FALSE;
    domain = domain_open_running(call, &in->dom, "reset", error);
    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    return machine->funcs->reset ? machine->funcs->reset(machine, &domain->info, error) : domain_throw_unsupported(call, error);
}

/* --- the end ---------------------------------------------------------------------------------------- */

static gboolean
destroy(const Call *call, const DomainRef *ref, guint flags, GError **error)
{
    g_autoptr(Domain) domain = NULL;
    g_autoptr(GPtrArray) logs = NULL;
    Machine *machine;

    if (!domain_check_flags(flags, DESTROY_GRACEFUL | DESTROY_REMOVE_LOGS, "qemuDomainDestroyFlags", error))
        return FALSE;
    domain = domain_open_running(call, ref, "destroy", error);
    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    /* Which they are is known only while it runs. */
    if ((flags & DESTROY_REMOVE_LOGS) && machine->funcs->logs)
        logs = machine->funcs->logs(machine, &domain->info);
    if (!machine->funcs->destroy(machine, &domain->info, (flags & DESTROY_GRACEFUL) != 0, SHUTOFF_DESTROYED, error))
        return FALSE;
    for (guint i = 0; logs && i < logs->len; i++)
        unlink(logs->pdata[i]);
    return TRUE;
}

gboolean
embedded_domain_destroy(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    return destroy(call, &((const domain_destroy_args *) args)->dom, 0, error);
}

gboolean
embedded_domain_destroy_flags(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_destroy_flags_args *in = args;

    return destroy(call, &in->dom, in->flags, error);
}

/* --- what follows on poweroff, reboot and crash ----------------------------------------------------- */

/* libvirt's refusals, in its order: what the event cannot mean, then what QEMU's driver does not do. */
static gboolean
check_action(guint type, const char *action, GError **error)
{
    static const char *const events[] = { "poweroff", "reboot", "crash" };

    if (type != LIFECYCLE_TYPE_CRASH && g_str_has_prefix(action, "coredump"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Lifecycle event '%s' doesn't support '%s' action", events[type],
                        action);
    if (strcmp(action, "rename-restart") == 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "qemu driver doesn't support the 'rename-restart' action for "
                        "'on_reboot'/'on_poweroff'/'on_crash'");
    if (type != LIFECYCLE_TYPE_CRASH && strcmp(action, "preserve") == 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "qemu driver doesn't support the 'preserve' action for "
                        "'on_reboot'/'on_poweroff'");
    return TRUE;
}

static gboolean
change_action(const Domain *domain, gboolean live, DomainLifecycle which, guint type, const char *action,
              GError **error)
{
    g_autoptr(xmlDoc) doc = live ? domain_load_live(domain, error) : domain_load_config(domain, error);
    Machine *machine = domain->state->machine;

    if (!doc || !domain_set_lifecycle(doc, which, action, error))
        return FALSE;
    if (!live)
        return domain_save_config(domain, doc, error);
    return (!machine->funcs->set_action || machine->funcs->set_action(machine, &domain->info, type, action, error)) &&
           domain_save_live(domain, doc, error);
}

gboolean
embedded_domain_set_lifecycle_action(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    /* In the order of libvirt's numbers (constants.h). */
    static const char *const actions[] = { "destroy", "restart", "rename-restart", "preserve", "coredump-destroy",
                                           "coredump-restart" };
    static const DomainLifecycle which[] = { DOMAIN_ON_POWEROFF, DOMAIN_ON_REBOOT, DOMAIN_ON_CRASH };
    const domain_set_lifecycle_action_args *in = args;
    g_autoptr(Domain) domain = NULL;
    guint flags = in->flags;

    if (!domain_check_flags(flags, AFFECT_LIVE | AFFECT_CONFIG, "qemuDomainSetLifecycleAction", error))
        return FALSE;
    if (in->type >= G_N_ELEMENTS(which) || in->action >= G_N_ELEMENTS(actions))
        return hv_throw(error, HV_ERR_INVALID_ARG, "unknown lifecycle event or action");
    domain = domain_open_locked(call, &in->dom, "set-lifecycle-action", error);
    if (!domain || !domain_resolve_affect(domain, &flags, error))
        return FALSE;
    if (!domain->state->is_test && !check_action(in->type, actions[in->action], error))
        return FALSE;
    if ((flags & AFFECT_LIVE) && !change_action(domain, TRUE, which[in->type], in->type, actions[in->action], error))
        return FALSE;
    return !(flags & AFFECT_CONFIG) ||
           change_action(domain, FALSE, which[in->type], in->type, actions[in->action], error);
}
