/* Domain XML and the emulator's own form of it. */
#include "config.h"

#include <string.h>

#include "backend/embedded/domain/define.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "backend/qemu/explain.h"

#define NATIVE_FORMAT "qemu-argv"

gboolean
embedded_connect_domain_xml_to_native(const Call *call, const void *args, void *result, GError **error)
{
    const connect_domain_xml_to_native_args *in = args;
    DriverState *state = call->data;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlDoc) live = NULL;
    MachineStart start = { .id = -1 };
    char *native;

    if (!domain_check_flags(in->flags, 0, "qemuConnectDomainXMLToNative", error))
        return FALSE;
    if (strcmp(in->native_format, NATIVE_FORMAT) != 0)
        return hv_throw(error, HV_ERR_INVALID_ARG, "unsupported config type %s", in->native_format);
    doc = define_parse(state, in->domain_xml, FALSE, error);
    if (!doc)
        return FALSE;
    live = start.live = domain_make_live(doc, -1);
    start.name = domain_name(doc);
    start.uuid = domain_uuid(doc);
    native = state->machine->funcs->native(state->machine, &start, error);
    ((connect_domain_xml_to_native_result *) result)->native_config = native;
    return native != NULL;
}

static void
list_fill(StringList *list, const GPtrArray *explanations, gsize offset)
{
    list->items = g_new0(char *, explanations->len + 1);
    list->len = explanations->len;
    for (guint i = 0; i < explanations->len; i++) {
        const char *text = G_STRUCT_MEMBER(char *, explanations->pdata[i], offset);

        list->items[i] = g_strdup(text ? text : "");
    }
}

gboolean
embedded_domain_explain(const Call *call, const void *args, void *result, GError **error)
{
    const domain_explain_args *in = args;
    domain_explain_result *out = result;
    g_autoptr(Domain) domain = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlDoc) live = NULL;
    g_autoptr(GPtrArray) explanations = NULL;
    MachineStart start = { .id = -1 };

    if (!domain_check_flags(in->flags, XML_INACTIVE, "explain", error))
        return FALSE;
    domain = domain_open(call, &in->dom, error);
    if (!domain)
        return FALSE;
    doc = (in->flags & XML_INACTIVE) && domain->info.persistent ? domain_load_config(domain, error)
                                                                 : domain_load_current(domain, error);
    if (!doc)
        return FALSE;
    live = start.live = domain_make_live(doc, domain->info.active ? domain->info.status.id : -1);
    start.name = domain_name(doc);
    start.uuid = domain_uuid(doc);
    explanations = domain->state->machine->funcs->explain(domain->state->machine, &start, error);
    if (!explanations)
        return FALSE;
    list_fill(&out->elements, explanations, G_STRUCT_OFFSET(QemuExplanation, element));
    list_fill(&out->aliases, explanations, G_STRUCT_OFFSET(QemuExplanation, alias));
    list_fill(&out->arguments, explanations, G_STRUCT_OFFSET(QemuExplanation, argument));
    list_fill(&out->objects, explanations, G_STRUCT_OFFSET(QemuExplanation, object));
    return TRUE;
}
