/* What a connection can set on its host, and what its firmware says. */
#include "backend/constants.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "host/identity.h"
#include "host/ksm.h"
#include "host/suspend.h"
#include "util/error.h"

/* Those that the kernel has. */
gboolean
embedded_node_get_memory_parameters(const Call *call, const void *args, void *result, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const node_get_memory_parameters_args *in = args;
    node_get_memory_parameters_result *out = result;

    if (!domain_check_flags(in->flags, 0, "virNodeGetMemoryParameters", error))
        return FALSE;
    for (const KsmParameter *parameter = ksm_parameters; parameter->name; parameter++) {
        guint64 value = 0;
        HostResult got = ksm_get(host, parameter, &value, error);

        if (got == HOST_FAILED)
            return FALSE;
        if (got == HOST_MISSING)
            continue;
        if (parameter->type == KSM_UINT)
            typed_param_list_add_uint(&out->params, parameter->name, (guint32)value);
        else
            typed_param_list_add_ullong(&out->params, parameter->name, value);
    }
    out->nparams = (gint32)out->params.len;
    if (in->nparams == 0)
        typed_param_list_clear(&out->params);
    return TRUE;
}

static const KsmParameter *
find_parameter(const TypedParam *param)
{
    for (const KsmParameter *parameter = ksm_parameters; parameter->name; parameter++)
        if (g_strcmp0(parameter->name, param->field) == 0 && parameter->writable)
            return parameter;
    return NULL;
}

/* All or nothing, as far as that can be known before. */
static gboolean
check_parameters(const Host *host, const TypedParamList *params, GError **error)
{
    for (guint32 i = 0; i < params->len; i++) {
        const KsmParameter *parameter = find_parameter(&params->items[i]);
        guint64 value;

        if (!parameter)
            return hv_throw(error, HV_ERR_ARGUMENT_UNSUPPORTED, "parameter '%s' not supported", params->items[i].field);
        if (params->items[i].type != PARAM_UINT)
            return hv_throw(error, HV_ERR_INVALID_ARG, "parameter '%s' must be an unsigned number", parameter->name);
        switch (ksm_get(host, parameter, &value, error)) {
        case HOST_FAILED:
            return FALSE;
        case HOST_MISSING:
            return hv_throw(error, HV_ERR_OPERATION_INVALID, "Parameter '%s' is not supported by this kernel", parameter->name);
        case HOST_OK:
            break;
        }
    }
    return TRUE;
}

gboolean
embedded_node_set_memory_parameters(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const node_set_memory_parameters_args *in = args;

    if (!domain_check_flags(in->flags, 0, "virNodeSetMemoryParameters", error) ||
        !check_parameters(host, &in->params, error))
        return FALSE;
    for (guint32 i = 0; i < in->params.len; i++)
        if (!ksm_set(host, find_parameter(&in->params.items[i]), in->params.items[i].value.u, error))
            return FALSE;
    return TRUE;
}

gboolean
embedded_node_suspend_for_duration(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const node_suspend_for_duration_args *in = args;

    if (!domain_check_flags(in->flags, 0, "virNodeSuspend", error))
        return FALSE;
    if (in->target >= HOST_SUSPEND_LAST)
        return hv_throw_plain(error, HV_ERR_ARGUMENT_UNSUPPORTED, "Invalid target");
    return host_suspend(host, (HostSuspendTarget)in->target, in->duration, error);
}

gboolean
embedded_connect_get_sysinfo(const Call *call, const void *args, void *result, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const connect_get_sysinfo_args *in = args;

    if (!domain_check_flags(in->flags, 0, "virConnectGetSysinfo", error))
        return FALSE;
    ((connect_get_sysinfo_result *)result)->sysinfo = host_sysinfo(host, error);
    return ((connect_get_sysinfo_result *)result)->sysinfo != NULL;
}
