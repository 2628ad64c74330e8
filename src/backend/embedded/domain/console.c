#include "config.h"

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

/* libvirt's order: by name among consoles, serial and parallel ports and channels; without one the first console, else
 * the first serial port. */
static xmlNode *
find_console(const xmlDoc *live, const char *name)
{
    static const char *const kinds[] = { "console", "serial", "parallel", "channel" };

    if (!name) {
        xmlNode *console = domain_next_device(live, NULL, "console");

        return console ? console : domain_next_device(live, NULL, "serial");
    }
    for (guint k = 0; k < G_N_ELEMENTS(kinds); k++) {
        for (xmlNode *dev = NULL; (dev = domain_next_device(live, dev, kinds[k]));) {
            if (g_strcmp0(device_alias(dev), name) == 0)
                return dev;
        }
    }
    return NULL;
}

gboolean
embedded_domain_open_console(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_open_console_args *in = args;
    g_autoptr(Domain) domain = NULL;
    g_autoptr(xmlDoc) live = NULL;
    const xmlNode *device;
    Machine *machine;
    int fd;

    if (!domain_check_flags(in->flags, CONSOLE_FORCE | CONSOLE_SAFE, "qemuDomainOpenConsole", error))
        return FALSE;
    domain = domain_open(call, &in->dom, error);
    if (!domain || !domain_require_active(domain, error))
        return FALSE;
    machine = domain->state->machine;
    if (!machine->funcs->console)
        return domain_throw_unsupported(call, error);
    live = domain_load_live(domain, error);
    if (!live)
        return FALSE;
    device = find_console(live, in->dev_name);
    if (!device)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot find character device %s",
                        in->dev_name ? in->dev_name : "<null>");
    fd = machine->funcs->console(machine, &domain->info, device, (in->flags & CONSOLE_FORCE) != 0,
                                 (in->flags & CONSOLE_SAFE) != 0, error);
    if (fd < 0)
        return FALSE;
    *call->stream = stream_new_fd(fd);
    return TRUE;
}

gboolean
embedded_domain_console_log(const Call *call, const void *args, void *result, GError **error)
{
    g_autoptr(Domain) domain = domain_open(call, &((const domain_console_log_args *) args)->dom, error);
    g_autoptr(xmlDoc) live = NULL;
    g_autoptr(GError) failure = NULL;
    Machine *machine;
    char *path;

    if (!domain || !domain_require_active(domain, error))
        return FALSE;
    machine = domain->state->machine;
    if (!machine->funcs->console_log)
        return domain_throw_unsupported(call, error);
    live = domain_load_live(domain, error);
    if (!live)
        return FALSE;
    path = machine->funcs->console_log(machine, &domain->info, live, &((domain_console_log_result *) result)->offset,
                                       &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!path) {
        hv_throw(error, HV_ERR_DEVICE_MISSING, "domain '%s' has no serial console whose output is recorded",
                 domain->info.name);
        hv_error_set_hint(error, "add <serial type='pty'/> to its devices");
        return FALSE;
    }
    ((domain_console_log_result *) result)->path = path;
    return TRUE;
}
