/* Keys, interrupts and pictures: what a person in front of the machine would do and see. */
#include "config.h"

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

#define KEYS_MAX 16

gboolean
embedded_domain_send_key(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_send_key_args *in = args;
    g_autoptr(Domain) domain = NULL;
    Machine *machine;

    if (!domain_check_flags(in->flags, 0, "qemuDomainSendKey", error))
        return FALSE;
    if (in->keycodes.len == 0 || in->keycodes.len > KEYS_MAX)
        return hv_throw(error, HV_ERR_INVALID_ARG, "between 1 and %d keys can be sent at once", KEYS_MAX);
    domain = domain_open_running(call, &in->dom, "send-key", error);
    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    return machine->funcs->send_key
               ? machine->funcs->send_key(machine, &domain->info, in->codeset, in->holdtime, &in->keycodes, error)
               : domain_throw_unsupported(call, error);
}

gboolean
embedded_domain_inject_nmi(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_inject_nmi_args *in = args;
    g_autoptr(Domain) domain = NULL;
    Machine *machine;

    if (!domain_check_flags(in->flags, 0, "qemuDomainInjectNMI", error))
        return FALSE;
    domain = domain_open_running(call, &in->dom, "inject-nmi", error);
    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    return machine->funcs->inject_nmi ? machine->funcs->inject_nmi(machine, &domain->info, error)
                                      : domain_throw_unsupported(call, error);
}

/* Screens are counted over the heads of all video devices. @device NULL: QEMU's own choice. */
static gboolean
find_screen(const xmlDoc *live, guint screen, const char **device, guint *head, GError **error)
{
    guint before = 0;

    *device = NULL;
    *head = 0;
    if (!domain_next_device(live, NULL, "video"))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "no screens to take screenshot from");
    if (screen == 0)
        return TRUE;
    for (xmlNode *dev = NULL; (dev = domain_next_device(live, dev, "video"));) {
        guint heads = (guint) node_attr_uint(node_child(dev, "model"), "heads", 1);

        if (screen < before + heads) {
            *device = device_alias(dev);
            *head = screen - before;
            return TRUE;
        }
        before += heads;
    }
    return hv_throw(error, HV_ERR_OPERATION_INVALID, "no such screen ID");
}

gboolean
embedded_domain_screenshot(const Call *call, const void *args, void *result, GError **error)
{
    const domain_screenshot_args *in = args;
    g_autoptr(Domain) domain = NULL;
    g_autoptr(xmlDoc) live = NULL;
    Machine *machine;
    const char *device;
    const char *mime = NULL;
    guint head;
    GBytes *picture;

    if (!domain_check_flags(in->flags, 0, "qemuDomainScreenshot", error))
        return FALSE;
    domain = domain_open_running(call, &in->dom, "screenshot", error);
    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    if (!machine->funcs->screenshot)
        return domain_throw_unsupported(call, error);
    live = domain_load_live(domain, error);
    if (!live || !find_screen(live, in->screen, &device, &head, error))
        return FALSE;
    picture = machine->funcs->screenshot(machine, &domain->info, device, head, &mime, error);
    if (!picture)
        return FALSE;
    *call->stream = stream_new_bytes(picture);
    ((domain_screenshot_result *) result)->mime = g_strdup(mime);
    return TRUE;
}
