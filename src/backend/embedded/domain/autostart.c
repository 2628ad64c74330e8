#include "config.h"

#include <string.h>

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "backend/embedded/domain/start.h"

static gboolean
get_mark(const Call *call, const DomainRef *ref, StoreAutostart kind, gint32 *value, GError **error)
{
    g_autoptr(Domain) domain = domain_open(call, ref, error);
    gboolean on = FALSE;

    if (!domain || !store_get_autostart(domain->state->store, domain->info.name, kind, &on, error))
        return FALSE;
    *value = on && domain->info.persistent;
    return TRUE;
}

static gboolean
set_mark(const Call *call, const DomainRef *ref, StoreAutostart kind, gboolean on, GError **error)
{
    g_autoptr(Domain) domain = domain_open_locked(call, ref, "autostart", error);

    if (!domain)
        return FALSE;
    if (!domain->info.persistent)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "cannot set autostart for transient domain");
    return store_set_autostart(domain->state->store, domain->info.name, kind, on, error);
}

gboolean
embedded_domain_get_autostart(const Call *call, const void *args, void *result, GError **error)
{
    return get_mark(call, &((const domain_get_autostart_args *) args)->dom, STORE_AUTOSTART,
                    &((domain_get_autostart_result *) result)->autostart, error);
}

gboolean
embedded_domain_set_autostart(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_set_autostart_args *in = args;

    return set_mark(call, &in->dom, STORE_AUTOSTART, in->autostart != 0, error);
}

gboolean
embedded_domain_get_autostart_once(const Call *call, const void *args, void *result, GError **error)
{
    return get_mark(call, &((const domain_get_autostart_once_args *) args)->dom, STORE_AUTOSTART_ONCE,
                    &((domain_get_autostart_once_result *) result)->autostart, error);
}

gboolean
embedded_domain_set_autostart_once(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_set_autostart_once_args *in = args;

    return set_mark(call, &in->dom, STORE_AUTOSTART_ONCE, in->autostart != 0, error);
}

/* --- at boot ---------------------------------------------------------------------------------------- */

static int
compare_domains(gconstpointer a, gconstpointer b)
{
    return strcmp((*(StoreDomain *const *) a)->name, (*(StoreDomain *const *) b)->name);
}

/* One domain that cannot be started does not keep the others from it. */
static void
start_marked(const Call *call, const StoreDomain *info, gboolean once, connect_autostart_result *out, GString *report)
{
    g_auto(DomainRef) ref = { 0 };
    g_autoptr(GError) failure = NULL;
    g_autoptr(Domain) domain = NULL;

    domain_make_ref(info, &ref);
    domain = domain_open_locked(call, &ref, "autostart", &failure);
    if (domain && !domain->info.active && start_domain(domain, 0, NULL, 0, &failure)) {
        out->started++;
        g_string_append_printf(report, "started domain '%s'\n", info->name);
    } else if (failure) {
        out->failed++;
        g_string_append_printf(report, "failed to start domain '%s': %s\n", info->name, failure->message);
    }
    if (domain && once && !failure)
        (void) !store_set_autostart(domain->state->store, info->name, STORE_AUTOSTART_ONCE, FALSE, NULL);
}

gboolean
embedded_connect_autostart(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error)
{
    connect_autostart_result *out = result;
    DriverState *state = call->data;
    g_autoptr(GHashTable) always = store_autostarted(state->store, STORE_AUTOSTART, error);
    g_autoptr(GHashTable) once = always ? store_autostarted(state->store, STORE_AUTOSTART_ONCE, error) : NULL;
    g_autoptr(GPtrArray) all = once ? store_list(state->store, FALSE, error) : NULL;
    GString *report;

    if (!all)
        return FALSE;
    report = g_string_new(NULL);
    g_ptr_array_sort(all, compare_domains);
    for (guint i = 0; i < all->len; i++) {
        const StoreDomain *info = all->pdata[i];
        gboolean marked_once = g_hash_table_contains(once, info->name);

        if (info->persistent && (marked_once || g_hash_table_contains(always, info->name)))
            start_marked(call, info, marked_once, out, report);
    }
    out->report = g_string_free(report, FALSE);
    return TRUE;
}
