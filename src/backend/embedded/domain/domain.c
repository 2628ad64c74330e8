#include "config.h"

#include "backend/embedded/domain/domain.h"

#include <string.h>
#include <unistd.h>

#include "backend/embedded/domain/live.h"

/* How often a domain may change its name while we are about to lock it. */
#define RENAME_TRIES 8
/* So many entries of a journal are worth being written into the live document. */
#define CATCH_UP_ENTRIES 64

static gboolean
find(DriverState *state, const DomainRef *ref, StoreDomain *info, GError **error)
{
    static const guchar nobody[UUID_BYTES];
    g_autoptr(GError) failure = NULL;
    char uuid[UUID_TEXT];
    gboolean found;

    uuid_format(ref->uuid, uuid);
    /* A damaged configuration may not tell its uuid: then the name is all there is. */
    if (memcmp(ref->uuid, nobody, UUID_BYTES) == 0 && ref->name)
        found = store_find_name(state->store, ref->name, info, &failure);
    else
        found = store_find_uuid(state->store, uuid, info, &failure);
    if (found)
        return TRUE;
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return hv_throw(error, HV_ERR_NO_DOMAIN, "no domain with matching uuid '%s' (%s)", uuid, ref->name ? ref->name : "");
}

Domain *
domain_open(const Call *call, const DomainRef *ref, GError **error)
{
    g_autoptr(Domain) domain = g_new0(Domain, 1);

    domain->state = call->data;
    return find(domain->state, ref, &domain->info, error) ? g_steal_pointer(&domain) : NULL;
}

static gboolean
check_job(const Domain *domain, GError **error)
{
    g_auto(StoreJob) job = { 0 };

    if (!store_job_get(domain->state->store, domain->info.name, &job) || job.owner_pid == getpid())
        return TRUE;
    return hv_throw(error, HV_ERR_OPERATION_TIMEOUT,
                    "cannot acquire state change lock (held by %s, pid %d, for %" G_GINT64_FORMAT " s)", job.type,
                    (int) job.owner_pid, MAX(0, g_get_real_time() / 1000 - job.since_ms) / 1000);
}

Domain *
domain_open_locked(const Call *call, const DomainRef *ref, const char *what, GError **error)
{
    g_autoptr(Domain) domain = domain_open(call, ref, error);

    for (int tries = 0; domain && tries < RENAME_TRIES; tries++) {
        g_auto(StoreDomain) now = { 0 };

        domain->lock = store_lock(domain->state->store, domain->info.name, what, STORE_LOCK_TIMEOUT_MS, error);
        if (!domain->lock || !find(domain->state, ref, &now, error))
            return NULL;
        if (strcmp(now.name, domain->info.name) == 0) {
            store_domain_clear(&domain->info);
            domain->info = now;
            now.name = NULL;
            return check_job(domain, error) ? g_steal_pointer(&domain) : NULL;
        }
        g_clear_pointer(&domain->lock, store_unlock);
        store_domain_clear(&domain->info);
        domain->info = now;
        now.name = NULL;
    }
    if (domain)
        hv_throw(error, HV_ERR_OPERATION_FAILED, "domain '%s' does not stop being renamed", domain->info.name);
    return NULL;
}

Domain *
domain_open_running(const Call *call, const DomainRef *ref, const char *what, GError **error)
{
    g_autoptr(Domain) domain = domain_open_locked(call, ref, what, error);

    return domain && domain_require_active(domain, error) ? g_steal_pointer(&domain) : NULL;
}

void
domain_close(Domain *domain)
{
    if (!domain)
        return;
    store_unlock(domain->lock);
    store_domain_clear(&domain->info);
    g_free(domain);
}

gboolean
domain_refresh(Domain *domain, GError **error)
{
    StoreDomain now = { 0 };
    g_autoptr(GError) failure = NULL;

    if (!store_find_name(domain->state->store, domain->info.name, &now, &failure)) {
        if (failure)
            g_propagate_error(error, g_steal_pointer(&failure));
        else
            hv_throw(error, HV_ERR_NO_DOMAIN, "no domain with matching name '%s'", domain->info.name);
        return FALSE;
    }
    store_domain_clear(&domain->info);
    domain->info = now;
    return TRUE;
}

gboolean
domain_require_active(const Domain *domain, GError **error)
{
    return domain->info.active || hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
}

gboolean
domain_throw_unsupported(const Call *call, GError **error)
{
    return hv_throw(error, HV_ERR_NO_SUPPORT, "%s", operation_info(call->op)->api);
}

/* --- documents -------------------------------------------------------------------------------------- */

xmlDoc *
domain_load_config(const Domain *domain, GError **error)
{
    g_autofree char *label = NULL;
    g_autofree char *xml = store_load_config(domain->state->store, domain->info.name, &label, error);

    return xml ? domain_load(xml, -1, label, error) : NULL;
}

/* What the lost events would have told is asked of the machine. FALSE when it does not answer. */
static gboolean
fill_gap(const Domain *domain, xmlDoc *doc)
{
    Machine *machine = domain->state->machine;
    json_t *events = machine->funcs->observe ? machine->funcs->observe(machine, &domain->info, NULL) : json_array();
    json_t *event;
    gsize i;

    json_array_foreach(events, i, event)
        live_apply(doc, event);
    json_decref(events);
    return events != NULL;
}

/* Whoever has the lock, or can have it without waiting, brings the files up to date; another reader only his copy. */
static gboolean
settle_live(const Domain *domain, xmlDoc *doc, guint64 *position, guint64 before, const LiveNews *news, GError **error)
{
    DriverState *state = domain->state;
    Machine *machine = state->machine;
    g_autoptr(StoreLock) lock = NULL;
    g_autofree char *xml = NULL;
    gboolean changed = news->changed || news->gap || news->entries >= CATCH_UP_ENTRIES;

    if (!domain->lock) {
        lock = store_lock(state->store, domain->info.name, "catch up", 0, NULL);
        if (!lock) {
            /* Whoever reads next is to see the gap too. */
            *position = news->gap ? before : *position;
            return TRUE;
        }
    }
    if (news->gap && !fill_gap(domain, doc)) {
        *position = before;
        return TRUE;
    }
    /* The shell that started the guest was killed before it had asked for them. */
    if (machine_lacks_ptys(doc) && machine->funcs->ptys) {
        g_autoptr(GPtrArray) ptys = machine->funcs->ptys(machine, &domain->info, NULL);

        changed = (ptys && machine_set_ptys(doc, ptys)) || changed;
    }
    if (!changed)
        return TRUE;
    xml = document_format(doc);
    return store_save_live(state->store, domain->info.name, xml, *position, error);
}

/* Applies to @doc what happened after *@position, which is moved on. */
static gboolean
catch_up(const Domain *domain, xmlDoc *doc, guint64 *position, GError **error)
{
    guint64 before = *position;
    LiveNews news = { 0 };

    if (!live_catch_up(domain->state->store, domain->info.name, doc, position, &news, error))
        return FALSE;
    if (!news.changed && !news.gap && news.entries < CATCH_UP_ENTRIES && !machine_lacks_ptys(doc))
        return TRUE;
    return settle_live(domain, doc, position, before, &news, error);
}

xmlDoc *
domain_load_live(const Domain *domain, GError **error)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autofree char *xml = NULL;
    guint64 position = 0;

    xml = store_load_live(domain->state->store, domain->info.name, &position, error);
    doc = xml ? domain_load(xml, -1, NULL, error) : NULL;
    if (!doc || !catch_up(domain, doc, &position, error))
        return NULL;
    return g_steal_pointer(&doc);
}

xmlDoc *
domain_load_current(const Domain *domain, GError **error)
{
    return domain->info.active ? domain_load_live(domain, error) : domain_load_config(domain, error);
}

const xmlDoc *
domain_peek_current(const Domain *domain, GError **error)
{
    DriverPeek *peek = &domain->state->peek;
    Store *store = domain->state->store;
    g_autofree char *label = NULL, *xml = NULL;
    guint64 position = 0;

    xml = domain->info.active ? store_load_live(store, domain->info.name, &position, error)
                              : store_load_config(store, domain->info.name, &label, error);
    if (!xml)
        return NULL;
    if (g_strcmp0(xml, peek->xml) != 0 || g_strcmp0(domain->info.name, peek->name) != 0) {
        driver_peek_clear(peek);
        peek->doc = domain_load(xml, -1, label, error);
        if (!peek->doc)
            return NULL;
        peek->name = g_strdup(domain->info.name);
        peek->xml = g_steal_pointer(&xml);
        peek->position = position;
    }
    if (domain->info.active && !catch_up(domain, peek->doc, &peek->position, error))
        return NULL;
    return peek->doc;
}

gboolean
domain_save_config(const Domain *domain, xmlDoc *doc, GError **error)
{
    g_autofree char *xml = document_format(doc);

    return store_save_config(domain->state->store, domain->info.name, domain->info.uuid, xml, error);
}

gboolean
domain_save_live(const Domain *domain, xmlDoc *doc, GError **error)
{
    g_autofree char *xml = document_format(doc);

    /* domain_load_live() has written down the position in the journal that goes with the document. */
    return store_save_live(domain->state->store, domain->info.name, xml, 0, error);
}

/* --- small things ----------------------------------------------------------------------------------- */

gboolean
domain_resolve_affect(const Domain *domain, guint *flags, GError **error)
{
    if (!(*flags & (AFFECT_LIVE | AFFECT_CONFIG)))
        *flags |= domain->info.active ? AFFECT_LIVE : AFFECT_CONFIG;
    if ((*flags & AFFECT_LIVE) && !domain_require_active(domain, error))
        return FALSE;
    if ((*flags & AFFECT_CONFIG) && !domain->info.persistent)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "transient domains do not have any persistent config");
    return TRUE;
}

gboolean
domain_check_flags(guint flags, guint allowed, const char *function, GError **error)
{
    guint unknown = flags & ~allowed;

    if (!unknown)
        return TRUE;
    /* libvirt says this without the text of its class. */
    g_set_error(error, HV_ERROR, HV_ERR_INVALID_ARG, "unsupported flags (0x%x) in function %s", unknown, function);
    return FALSE;
}

void
domain_make_ref(const StoreDomain *info, DomainRef *ref)
{
    ref->name = g_strdup(info->name);
    memset(ref->uuid, 0, UUID_BYTES);
    if (info->uuid[0])
        uuid_parse(info->uuid, ref->uuid);
    ref->id = info->active ? info->status.id : -1;
}
