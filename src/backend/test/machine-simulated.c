#include "backend/test/machine-simulated.h"

#include "backend/constants.h"
#include "backend/embedded/plan.h"
#include "backend/test/store-memory.h"
#include "supervisor/journal.h"
#include "util/error.h"

/* libvirt's details of lifecycle events that this machine sends; each is the first of its enumeration. */
#define STARTED_BOOTED 0
#define SUSPENDED_PAUSED 0
#define RESUMED_UNPAUSED 0

/* What libvirt's test driver gives as hypervisor version: 0.0.2. */
#define TEST_VERSION 2

typedef struct {
    Machine machine;
    Store *store;
} SimulatedMachine;

static SimulatedMachine *
simulated(Machine *machine)
{
    return (SimulatedMachine *)machine;
}

/* libvirt's test driver shows no aliases but those that the user gave. */
static void
drop_aliases(const xmlDoc *live)
{
    for (xmlNode *device = NULL; (device = domain_next_device(live, device, NULL));) {
        const char *alias = device_alias(device);

        if (alias && !g_str_has_prefix(alias, "ua-"))
            node_remove(node_child(device, "alias"));
    }
}

static gboolean
interface_name_taken(const xmlDoc *doc, const char *name)
{
    for (xmlNode *interface = NULL; (interface = domain_next_device(doc, interface, "interface"));)
        if (g_strcmp0(node_child_attr(interface, "target", "dev"), name) == 0)
            return TRUE;
    return FALSE;
}

gboolean
machine_simulated_name_interfaces(xmlDoc *doc)
{
    gboolean named = FALSE;
    guint number = 0;

    for (xmlNode *interface = NULL; (interface = domain_next_device(doc, interface, "interface"));) {
        g_autofree char *name = NULL;

        if (node_child_attr(interface, "target", "dev"))
            continue;
        do {
            g_free(name);
            name = g_strdup_printf("testnet%u", number++);
        } while (interface_name_taken(doc, name));
        node_set_attr(domain_ensure_child(interface, "target"), "dev", name);
        named = TRUE;
    }
    return named;
}

static gboolean
simulated_start(Machine *machine, const MachineStart *start, GError **error)
{
    SimulatedMachine *self = simulated(machine);
    g_auto(StoreDomain) domain = { .name = NULL };
    g_autofree char *text = NULL;

    drop_aliases(start->live);
    machine_simulated_name_interfaces(start->live);
    text = document_format(start->live);
    store_memory_set_running(self->store, start->name, start->uuid, start->id, text, DOMAIN_STATE_RUNNING,
                             RUNNING_BOOTED);
    if (!self->store->funcs->find_name(self->store, start->name, &domain, error))
        return FALSE;
    store_emit_lifecycle(self->store, &domain, LIFECYCLE_STARTED, STARTED_BOOTED);
    if (start->paused) {
        store_memory_set_state(self->store, start->name, DOMAIN_STATE_PAUSED, PAUSED_USER);
        store_emit_lifecycle(self->store, &domain, LIFECYCLE_SUSPENDED, SUSPENDED_PAUSED);
    }
    return TRUE;
}

static char *
simulated_plan(Machine *machine, const MachineStart *start, GError **error)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "simulate domain '%s' (%u CPUs, %" G_GUINT64_FORMAT " KiB): no files, no process\n", start->name,
                    domain_vcpus(start->live), domain_memory(start->live));
    return plan_finish(plan_new(), text);
}

static void
simulated_stop(SimulatedMachine *self, const StoreDomain *domain, int reason, int detail)
{
    store_memory_set_stopped(self->store, domain->name, reason);
    store_emit_lifecycle(self->store, domain, LIFECYCLE_STOPPED, detail);
}

static gboolean
simulated_destroy(Machine *machine, const StoreDomain *domain, gboolean graceful, int reason, GError **error)
{
    simulated_stop(simulated(machine), domain, reason, STOPPED_DESTROYED);
    return TRUE;
}

static gboolean
simulated_suspend(Machine *machine, const StoreDomain *domain, GError **error)
{
    Store *store = simulated(machine)->store;

    store_memory_set_state(store, domain->name, DOMAIN_STATE_PAUSED, PAUSED_USER);
    store_emit_lifecycle(store, domain, LIFECYCLE_SUSPENDED, SUSPENDED_PAUSED);
    return TRUE;
}

static gboolean
simulated_resume(Machine *machine, const StoreDomain *domain, GError **error)
{
    Store *store = simulated(machine)->store;

    store_memory_set_state(store, domain->name, DOMAIN_STATE_RUNNING, RUNNING_UNPAUSED);
    store_emit_lifecycle(store, domain, LIFECYCLE_RESUMED, RESUMED_UNPAUSED);
    return TRUE;
}

/* Guests that are not there obey at once. */
static gboolean
simulated_power_button(Machine *machine, const StoreDomain *domain, gboolean reboot, GError **error)
{
    SimulatedMachine *self = simulated(machine);

    if (reboot)
        store_memory_set_state(self->store, domain->name, DOMAIN_STATE_RUNNING, RUNNING_BOOTED);
    else
        simulated_stop(self, domain, SHUTOFF_SHUTDOWN, STOPPED_SHUTDOWN);
    return TRUE;
}

static gboolean
simulated_accept(Machine *machine, const StoreDomain *domain, GError **error)
{
    return TRUE;
}

static gboolean
simulated_send_key(Machine *machine, const StoreDomain *domain, guint codeset, guint holdtime_ms,
                   const UintList *keys, GError **error)
{
    return TRUE;
}

static gboolean
simulated_cpu_time(Machine *machine, const StoreDomain *domain, guint64 *ns, GError **error)
{
    *ns = (guint64)g_get_real_time() * 1000;
    return TRUE;
}

static gboolean
simulated_control(Machine *machine, const StoreDomain *domain, guint *state, guint *details, guint64 *since_ms,
                  GError **error)
{
    *state = CONTROL_OK;
    *details = 0;
    *since_ms = 0;
    return TRUE;
}

static gboolean
simulated_version(Machine *machine, guint64 *version, GError **error)
{
    *version = TEST_VERSION;
    return TRUE;
}

static void
simulated_free(Machine *machine)
{
    g_free(machine);
}

static const MachineFuncs simulated_funcs = {
    .start = simulated_start,
    .plan = simulated_plan,
    .destroy = simulated_destroy,
    .suspend = simulated_suspend,
    .resume = simulated_resume,
    .power_button = simulated_power_button,
    .reset = simulated_accept,
    .inject_nmi = simulated_accept,
    .send_key = simulated_send_key,
    .cpu_time = simulated_cpu_time,
    .control = simulated_control,
    .version = simulated_version,
    .free = simulated_free,
};

Machine *
machine_simulated_new(Store *store)
{
    SimulatedMachine *self = g_new0(SimulatedMachine, 1);

    self->machine.funcs = &simulated_funcs;
    self->store = store;
    return &self->machine;
}
