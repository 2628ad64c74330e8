/* Domain XML and the emulator's own form of it. */
#include "config.h"

#include <string.h>

#include "backend/embedded/domain/define.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

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
