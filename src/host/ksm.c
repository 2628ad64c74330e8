#include "host/ksm.h"

#include "util/error.h"

#define KSM_FOLDER "sys/kernel/mm/ksm"

const KsmParameter ksm_parameters[] = {
    { "shm_pages_to_scan", "pages_to_scan", KSM_UINT, TRUE },
    { "shm_sleep_millisecs", "sleep_millisecs", KSM_UINT, TRUE },
    { "shm_pages_shared", "pages_shared", KSM_UINT64, FALSE },
    { "shm_pages_sharing", "pages_sharing", KSM_UINT64, FALSE },
    { "shm_pages_unshared", "pages_unshared", KSM_UINT64, FALSE },
    { "shm_pages_volatile", "pages_volatile", KSM_UINT64, FALSE },
    { "shm_full_scans", "full_scans", KSM_UINT64, FALSE },
    { "shm_merge_across_nodes", "merge_across_nodes", KSM_UINT, TRUE },
    { NULL, NULL, 0, FALSE },
};

HostResult
ksm_get(const Host *host, const KsmParameter *parameter, guint64 *value, GError **error)
{
    gint64 number = 0;
    HostResult result = host_read_int(host, &number, error, KSM_FOLDER "/%s", parameter->file);

    if (result == HOST_OK && (number < 0 || (parameter->type == KSM_UINT && number > G_MAXUINT32))) {
        g_autofree char *path = host_path(host, KSM_FOLDER "/%s", parameter->file);

        hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s' holds a number that is out of range", path);
        return HOST_FAILED;
    }
    if (result == HOST_OK)
        *value = (guint64)number;
    return result;
}

gboolean
ksm_set(const Host *host, const KsmParameter *parameter, guint64 value, GError **error)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

    if (host_write(host, text, error, KSM_FOLDER "/%s", parameter->file))
        return TRUE;
    g_prefix_error(error, "failed to set %s: ", parameter->name);
    return FALSE;
}
