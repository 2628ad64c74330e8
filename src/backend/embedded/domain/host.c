/* What a connection says about itself and its host. */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "util/error.h"

/* The release of libvirt whose interface this is: what `version` and clients compare against. */
#define API_VERSION 9000000

gboolean
embedded_connect_get_type(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error G_GNUC_UNUSED)
{
    DriverState *state = call->data;

    ((connect_get_type_result *) result)->type = g_strdup(state->type);
    return TRUE;
}

gboolean
embedded_connect_get_version(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error)
{
    DriverState *state = call->data;
    Machine *machine = state->machine;
    guint64 version = 0;

    if (!machine->funcs->version)
        return domain_throw_unsupported(call, error);
    if (!machine->funcs->version(machine, &version, error))
        return FALSE;
    ((connect_get_version_result *) result)->hv_ver = version;
    return TRUE;
}

gboolean
embedded_connect_get_lib_version(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                                 GError **error G_GNUC_UNUSED)
{
    ((connect_get_lib_version_result *) result)->lib_ver = API_VERSION;
    return TRUE;
}

gboolean
embedded_connect_get_hostname(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                              GError **error)
{
    char name[HOST_NAME_MAX + 1] = "";

    if (gethostname(name, sizeof name - 1) < 0)
        return hv_throw_errno(error, errno, "failed to determine host name");
    ((connect_get_hostname_result *) result)->hostname = g_strdup(name);
    return TRUE;
}

gboolean
embedded_connect_get_uri(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error G_GNUC_UNUSED)
{
    DriverState *state = call->data;

    ((connect_get_uri_result *) result)->uri = g_strdup(state->uri);
    return TRUE;
}
