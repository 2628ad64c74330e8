#include "config.h"

#include <string.h>

#include "backend/embedded/capabilities/capabilities.h"
#include "backend/embedded/cpu/expand.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

gboolean
embedded_domain_get_info(const Call *call, const void *args, void *result, GError **error)
{
    domain_get_info_result *out = result;
    g_autoptr(Domain) domain = domain_open(call, &((const domain_get_info_args *) args)->dom, error);
    const xmlDoc *doc = domain ? domain_peek_current(domain, error) : NULL;
    Machine *machine;

    if (!doc)
        return FALSE;
    machine = domain->state->machine;
    out->state = (guint8) domain->info.status.state;
    out->max_mem = domain_max_memory(doc);
    out->memory = domain_memory(doc);
    out->nr_virt_cpu = (guint16) domain_vcpus(doc);
    if (!domain->info.active)
        return TRUE;
    if (node_attr_is(node_child(domain_devices(doc), "memballoon"), "model", "none"))
        out->memory = out->max_mem;
    return !machine->funcs->cpu_time || machine->funcs->cpu_time(machine, &domain->info, &out->cpu_time, error);
}

gboolean
embedded_domain_get_state(const Call *call, const void *args, void *result, GError **error)
{
    const domain_get_state_args *in = args;
    domain_get_state_result *out = result;
    g_autoptr(Domain) domain = NULL;

    if (!domain_check_flags(in->flags, 0, "qemuDomainGetState", error))
        return FALSE;
    domain = domain_open(call, &in->dom, error);
    if (!domain)
        return FALSE;
    out->state = domain->info.status.state;
    out->reason = domain->info.status.reason;
    return TRUE;
}

gboolean
embedded_domain_get_control_info(const Call *call, const void *args, void *result, GError **error)
{
    const domain_get_control_info_args *in = args;
    domain_get_control_info_result *out = result;
    g_autoptr(Domain) domain = NULL;
    Machine *machine;
    guint state = CONTROL_OK;
    guint details = 0;
    guint64 since = 0;

    if (!domain_check_flags(in->flags, 0, "qemuDomainGetControlInfo", error))
        return FALSE;
    domain = domain_open(call, &in->dom, error);
    if (!domain || !domain_require_active(domain, error))
        return FALSE;
    machine = domain->state->machine;
    if (machine->funcs->control && !machine->funcs->control(machine, &domain->info, &state, &details, &since, error))
        return FALSE;
    out->state = state;
    out->details = details;
    out->state_time = since;
    return TRUE;
}

gboolean
embedded_domain_get_os_type(const Call *call, const void *args, void *result, GError **error)
{
    domain_get_os_type_result *out = result;
    g_autoptr(Domain) domain = domain_open(call, &((const domain_get_os_type_args *) args)->dom, error);
    const xmlDoc *doc = domain ? domain_peek_current(domain, error) : NULL;
    const char *type = doc ? domain_os_type(doc) : NULL;

    if (!doc)
        return FALSE;
    out->type = g_strdup(type ? type : "hvm");
    return TRUE;
}

gboolean
embedded_domain_has_managed_save_image(const Call *call, const void *args, void *result, GError **error)
{
    const domain_has_managed_save_image_args *in = args;
    g_autoptr(Domain) domain = NULL;

    if (!domain_check_flags(in->flags, 0, "qemuDomainHasManagedSaveImage", error))
        return FALSE;
    domain = domain_open(call, &in->dom, error);
    if (!domain)
        return FALSE;
    ((domain_has_managed_save_image_result *) result)->result = 0;
    return TRUE;
}

/* Guests run without labels of a security driver. */
gboolean
embedded_domain_get_security_label(const Call *call, const void *args, void *result, GError **error)
{
    domain_get_security_label_result *out = result;
    g_autoptr(Domain) domain = domain_open(call, &((const domain_get_security_label_args *) args)->dom, error);
    gboolean enforcing = FALSE;

    if (!domain)
        return FALSE;
    out->label = security_label(domain->state->host, domain->info.active ? domain->info.status.pid : 0, &enforcing);
    out->enforcing = enforcing;
    return TRUE;
}

gboolean
embedded_domain_get_xml_desc(const Call *call, const void *args, void *result, GError **error)
{
    const domain_get_xml_desc_args *in = args;
    g_autoptr(Domain) domain = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    DomainFormatFlags flags = DOMAIN_FORMAT_DEFAULT;
    char *xml;

    if (!domain_check_flags(in->flags, XML_SECURE | XML_INACTIVE | XML_UPDATE_CPU | XML_MIGRATABLE,
                            "qemuDomainGetXMLDesc", error))
        return FALSE;
    domain = domain_open(call, &in->dom, error);
    if (!domain)
        return FALSE;
    if ((in->flags & XML_SECURE) && domain->state->readonly)
        return hv_throw(error, HV_ERR_OPERATION_DENIED, "virDomainGetXMLDesc with secure flag");
    doc = (in->flags & XML_INACTIVE) && domain->info.persistent ? domain_load_config(domain, error)
                                                                 : domain_load_current(domain, error);
    if (!doc || ((in->flags & XML_UPDATE_CPU) && domain->state->qemu && !cpu_expand(domain->state->qemu, doc, error)))
        return FALSE;
    flags |= in->flags & XML_SECURE ? DOMAIN_FORMAT_SECURE : 0;
    flags |= in->flags & XML_INACTIVE ? DOMAIN_FORMAT_INACTIVE : 0;
    flags |= in->flags & XML_UPDATE_CPU ? DOMAIN_FORMAT_UPDATE_CPU : 0;
    flags |= in->flags & XML_MIGRATABLE ? DOMAIN_FORMAT_MIGRATABLE : 0;
    xml = domain_format(doc, flags, error);
    if (!xml)
        return FALSE;
    ((domain_get_xml_desc_result *) result)->xml = xml;
    return TRUE;
}
