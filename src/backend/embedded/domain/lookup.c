#include "config.h"

#include <string.h>

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

#define LIST_GROUP_ACTIVE (LIST_ACTIVE | LIST_INACTIVE)
#define LIST_GROUP_PERSISTENT (LIST_PERSISTENT | LIST_TRANSIENT)
#define LIST_GROUP_STATE (LIST_RUNNING | LIST_PAUSED | LIST_SHUTOFF | LIST_OTHER)
#define LIST_GROUP_SAVED (LIST_MANAGEDSAVE | LIST_NO_MANAGEDSAVE)
#define LIST_GROUP_AUTOSTART (LIST_AUTOSTART | LIST_NO_AUTOSTART)
#define LIST_GROUP_SNAPSHOT (LIST_HAS_SNAPSHOT | LIST_NO_SNAPSHOT)
#define LIST_GROUP_CHECKPOINT (LIST_HAS_CHECKPOINT | LIST_NO_CHECKPOINT)
#define LIST_ALL_FLAGS (LIST_GROUP_ACTIVE | LIST_GROUP_PERSISTENT | LIST_GROUP_STATE | LIST_GROUP_SAVED | \
                        LIST_GROUP_AUTOSTART | LIST_GROUP_SNAPSHOT | LIST_GROUP_CHECKPOINT)

static gboolean
give(gboolean found, StoreDomain *info, GError **failure, DomainRef *ref, GError **error)
{
    if (found) {
        domain_make_ref(info, ref);
        store_domain_clear(info);
        return TRUE;
    }
    if (*failure)
        g_propagate_error(error, *failure);
    return FALSE;
}

gboolean
embedded_domain_lookup_by_id(const Call *call, const void *args, void *result, GError **error)
{
    const domain_lookup_by_id_args *in = args;
    DriverState *state = call->data;
    StoreDomain info = { 0 };
    GError *failure = NULL;
    gboolean found = store_find_id(state->store, in->id, &info, &failure);

    if (!found && !failure)
        return hv_throw(error, HV_ERR_NO_DOMAIN, "no domain with matching id %d", in->id);
    return give(found, &info, &failure, &((domain_lookup_by_id_result *) result)->dom, error);
}

gboolean
embedded_domain_lookup_by_name(const Call *call, const void *args, void *result, GError **error)
{
    const domain_lookup_by_name_args *in = args;
    DriverState *state = call->data;
    StoreDomain info = { 0 };
    GError *failure = NULL;
    gboolean found = store_find_name(state->store, in->name, &info, &failure);

    if (!found && !failure)
        return hv_throw(error, HV_ERR_NO_DOMAIN, "no domain with matching name '%s'", in->name);
    return give(found, &info, &failure, &((domain_lookup_by_name_result *) result)->dom, error);
}

gboolean
embedded_domain_lookup_by_uuid(const Call *call, const void *args, void *result, GError **error)
{
    const domain_lookup_by_uuid_args *in = args;
    DriverState *state = call->data;
    StoreDomain info = { 0 };
    GError *failure = NULL;
    char uuid[UUID_TEXT];
    gboolean found;

    uuid_format(in->uuid.bytes, uuid);
    found = store_find_uuid(state->store, uuid, &info, &failure);
    if (!found && !failure)
        return hv_throw(error, HV_ERR_NO_DOMAIN, "no domain with matching uuid '%s'", uuid);
    return give(found, &info, &failure, &((domain_lookup_by_uuid_result *) result)->dom, error);
}

gboolean
embedded_domain_is_persistent(const Call *call, const void *args, void *result, GError **error)
{
    g_autoptr(Domain) domain = domain_open(call, &((const domain_is_persistent_args *) args)->dom, error);

    if (!domain)
        return FALSE;
    ((domain_is_persistent_result *) result)->persistent = domain->info.persistent;
    return TRUE;
}

/* --- lists ------------------------------------------------------------------------------------------ */

/* In each group that is asked about, one of the named properties must hold. */
static gboolean
in_group(guint flags, guint group, guint holds)
{
    return !(flags & group) || (flags & holds);
}

static guint
state_flag(const StoreDomain *info)
{
    switch (info->status.state) {
    case DOMAIN_STATE_RUNNING:
        return LIST_RUNNING;
    case DOMAIN_STATE_PAUSED:
        return LIST_PAUSED;
    case DOMAIN_STATE_SHUTOFF:
        return LIST_SHUTOFF;
    default:
        return LIST_OTHER;
    }
}

static gboolean
is_listed(const StoreDomain *info, guint flags, GHashTable *autostarted)
{
    return in_group(flags, LIST_GROUP_ACTIVE, info->active ? LIST_ACTIVE : LIST_INACTIVE) &&
           in_group(flags, LIST_GROUP_PERSISTENT, info->persistent ? LIST_PERSISTENT : LIST_TRANSIENT) &&
           in_group(flags, LIST_GROUP_STATE, state_flag(info)) &&
           in_group(flags, LIST_GROUP_SAVED, LIST_NO_MANAGEDSAVE) &&
           in_group(flags, LIST_GROUP_SNAPSHOT, LIST_NO_SNAPSHOT) &&
           in_group(flags, LIST_GROUP_CHECKPOINT, LIST_NO_CHECKPOINT) &&
           (!autostarted || in_group(flags, LIST_GROUP_AUTOSTART, g_hash_table_contains(autostarted, info->name)
                                     ? LIST_AUTOSTART : LIST_NO_AUTOSTART));
}

gboolean
embedded_connect_list_all_domains(const Call *call, const void *args, void *result, GError **error)
{
    const connect_list_all_domains_args *in = args;
    connect_list_all_domains_result *out = result;
    DriverState *state = call->data;
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GHashTable) autostarted = NULL;

    if (!domain_check_flags(in->flags, LIST_ALL_FLAGS, "qemuConnectListAllDomains", error))
        return FALSE;
    all = store_list(state->store, FALSE, error);
    if (!all)
        return FALSE;
    if (in->flags & LIST_GROUP_AUTOSTART) {
        autostarted = store_autostarted(state->store, STORE_AUTOSTART, error);
        if (!autostarted)
            return FALSE;
    }
    out->domains.items = g_new0(DomainRef, all->len + 1);
    for (guint i = 0; i < all->len; i++) {
        const StoreDomain *info = all->pdata[i];

        if (!is_listed(info, in->flags, autostarted))
            continue;
        out->ret++;
        if (in->need_results)
            domain_make_ref(info, &out->domains.items[out->domains.len++]);
    }
    return TRUE;
}
