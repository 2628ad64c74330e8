#include "backend/test/store-memory-private.h"

#include <string.h>

#include "util/error.h"

static void
entry_free(gpointer data)
{
    MemoryEntry *entry = data;

    g_free(entry->name);
    g_free(entry->config);
    g_free(entry->live);
    store_job_clear(&entry->job);
    g_free(entry);
}

MemoryEntry *
store_memory_find(Store *store, const char *name)
{
    return g_hash_table_lookup(store_memory(store)->entries, name);
}

static MemoryEntry *
entry_ensure(Store *store, const char *name, const char *uuid)
{
    MemoryEntry *entry = store_memory_find(store, name);

    if (!entry) {
        entry = g_new0(MemoryEntry, 1);
        entry->name = g_strdup(name);
        entry->status.id = -1;
        entry->status.state = DOMAIN_STATE_SHUTOFF;
        g_hash_table_insert(store_memory(store)->entries, entry->name, entry);
    }
    g_strlcpy(entry->uuid, uuid, sizeof entry->uuid);
    return entry;
}

MemoryEntry *
store_memory_require(Store *store, const char *name, GError **error)
{
    MemoryEntry *entry = store_memory_find(store, name);

    if (!entry)
        hv_throw(error, HV_ERR_NO_DOMAIN, "no domain with matching name '%s'", name);
    return entry;
}

static void
entry_describe(const MemoryEntry *entry, StoreDomain *domain)
{
    memset(domain, 0, sizeof *domain);
    domain->name = g_strdup(entry->name);
    memcpy(domain->uuid, entry->uuid, sizeof domain->uuid);
    domain->persistent = entry->config != NULL;
    domain->active = entry->live != NULL;
    domain->status = entry->status;
}

static void
entry_set_status(MemoryEntry *entry, int id, int state, int reason)
{
    entry->status.id = id;
    entry->status.state = state;
    entry->status.reason = reason;
    entry->status.since_ms = g_get_real_time() / 1000;
}

/* --- finding ---------------------------------------------------------------------------------- */

static GPtrArray *
memory_list(Store *store, gboolean with_last, GError **error)
{
    GPtrArray *domains = g_ptr_array_new_with_free_func((GDestroyNotify)store_domain_free);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, store_memory(store)->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        StoreDomain *domain = g_new0(StoreDomain, 1);

        entry_describe(value, domain);
        g_ptr_array_add(domains, domain);
    }
    return domains;
}

typedef gboolean (*EntryMatch)(const MemoryEntry *entry, gconstpointer key);

static gboolean
memory_find(Store *store, EntryMatch match, gconstpointer key, StoreDomain *domain)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, store_memory(store)->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (match(value, key)) {
            entry_describe(value, domain);
            return TRUE;
        }
    return FALSE;
}

static gboolean
memory_find_name(Store *store, const char *name, StoreDomain *domain, GError **error)
{
    const MemoryEntry *entry = store_memory_find(store, name);

    if (entry)
        entry_describe(entry, domain);
    return entry != NULL;
}

static gboolean
match_uuid(const MemoryEntry *entry, gconstpointer key)
{
    return strcmp(entry->uuid, key) == 0;
}

static gboolean
memory_find_uuid(Store *store, const char *uuid, StoreDomain *domain, GError **error)
{
    return memory_find(store, match_uuid, uuid, domain);
}

static gboolean
match_id(const MemoryEntry *entry, gconstpointer key)
{
    return entry->live && entry->status.id == *(const int *)key;
}

static gboolean
memory_find_id(Store *store, int id, StoreDomain *domain, GError **error)
{
    return memory_find(store, match_id, &id, domain);
}

/* --- configurations ----------------------------------------------------------------------------- */

static char *
memory_load_config(Store *store, const char *name, char **label, GError **error)
{
    const MemoryEntry *entry = store_memory_require(store, name, error);

    if (label)
        *label = NULL;
    if (!entry)
        return NULL;
    if (!entry->config) {
        hv_throw(error, HV_ERR_OPERATION_INVALID, "transient domains do not have any persistent config");
        return NULL;
    }
    return g_strdup(entry->config);
}

static gboolean
memory_save_config(Store *store, const char *name, const char *uuid, const char *xml, GError **error)
{
    MemoryEntry *entry = entry_ensure(store, name, uuid);

    g_free(entry->config);
    entry->config = g_strdup(xml);
    return TRUE;
}

static gboolean
memory_remove_config(Store *store, const char *name, const char *uuid, const StoreRemains *remains G_GNUC_UNUSED,
                     GError **error)
{
    MemoryEntry *entry = store_memory_require(store, name, error);

    if (!entry)
        return FALSE;
    if (!entry->live) {
        g_hash_table_remove(store_memory(store)->entries, name);
        return TRUE;
    }
    g_clear_pointer(&entry->config, g_free);
    memset(entry->marked, 0, sizeof entry->marked);
    return TRUE;
}

static gboolean
memory_rename_config(Store *store, const char *name, const char *new_name, const char *uuid, const char *xml,
                     GError **error)
{
    MemoryEntry *entry = store_memory_require(store, name, error);

    if (!entry)
        return FALSE;
    g_hash_table_steal(store_memory(store)->entries, name);
    g_free(entry->name);
    g_free(entry->config);
    entry->name = g_strdup(new_name);
    entry->config = g_strdup(xml);
    g_hash_table_insert(store_memory(store)->entries, entry->name, entry);
    return TRUE;
}

static gboolean
memory_get_autostart(Store *store, const char *name, StoreAutostart kind, gboolean *on, GError **error)
{
    const MemoryEntry *entry = store_memory_require(store, name, error);

    if (!entry)
        return FALSE;
    *on = entry->marked[kind];
    return TRUE;
}

static gboolean
memory_set_autostart(Store *store, const char *name, StoreAutostart kind, gboolean on, GError **error)
{
    MemoryEntry *entry = store_memory_require(store, name, error);

    if (!entry)
        return FALSE;
    entry->marked[kind] = on;
    return TRUE;
}

static GHashTable *
memory_autostarted(Store *store, StoreAutostart kind, GError **error)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, store_memory(store)->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const MemoryEntry *entry = value;

        if (entry->marked[kind])
            g_hash_table_add(names, g_strdup(entry->name));
    }
    return names;
}

/* --- running domains ------------------------------------------------------------------------------ */

static gboolean
memory_next_id(Store *store, int *id, GError **error)
{
    *id = ++store_memory(store)->last_id;
    return TRUE;
}

static char *
memory_load_live(Store *store, const char *name, guint64 *applied, GError **error)
{
    const MemoryEntry *entry = store_memory_require(store, name, error);

    if (!entry)
        return NULL;
    if (!entry->live) {
        hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    if (applied)
        *applied = entry->applied;
    return g_strdup(entry->live);
}

static gboolean
memory_save_live(Store *store, const char *name, const char *xml, guint64 applied, GError **error)
{
    MemoryEntry *entry = store_memory_require(store, name, error);

    if (!entry)
        return FALSE;
    g_free(entry->live);
    entry->live = g_strdup(xml);
    entry->applied = applied;
    return TRUE;
}

static gboolean
memory_journal(Store *store, const char *name, guint64 applied, StoreJournalFunc func, gpointer data, GError **error)
{
    return TRUE;
}

static void
memory_forget_last(Store *store, const char *name)
{
    MemoryEntry *entry = store_memory_find(store, name);

    if (entry && !entry->live)
        entry_set_status(entry, -1, DOMAIN_STATE_SHUTOFF, SHUTOFF_UNKNOWN);
}

void
store_memory_set_running(Store *store, const char *name, const char *uuid, int id, const char *live, int state,
                         int reason)
{
    MemoryEntry *entry = entry_ensure(store, name, uuid);

    g_free(entry->live);
    entry->live = g_strdup(live);
    entry->applied = 0;
    entry_set_status(entry, id, state, reason);
}

void
store_memory_set_state(Store *store, const char *name, int state, int reason)
{
    MemoryEntry *entry = store_memory_find(store, name);

    if (entry)
        entry_set_status(entry, entry->status.id, state, reason);
}

void
store_memory_set_stopped(Store *store, const char *name, int reason)
{
    MemoryEntry *entry = store_memory_find(store, name);

    if (!entry)
        return;
    if (!entry->config) {
        g_hash_table_remove(store_memory(store)->entries, name);
        return;
    }
    g_clear_pointer(&entry->live, g_free);
    entry_set_status(entry, -1, DOMAIN_STATE_SHUTOFF, reason);
}

/* --- events ------------------------------------------------------------------------------------- */

static void
memory_emit(Store *store, const Event *event)
{
    watchers_emit(store_memory(store)->watchers, event);
}

static EventSource *
memory_watch(Store *store, const EventFilter *filter, GError **error)
{
    return watchers_add(store_memory(store)->watchers, filter, error);
}

static void
memory_free(Store *store)
{
    MemoryStore *self = store_memory(store);

    watchers_unref(self->watchers);
    g_hash_table_unref(self->locked);
    g_hash_table_unref(self->entries);
    g_free(self);
}

static const StoreFuncs memory_funcs = {
    .list = memory_list,
    .find_name = memory_find_name,
    .find_uuid = memory_find_uuid,
    .find_id = memory_find_id,
    .load_config = memory_load_config,
    .save_config = memory_save_config,
    .remove_config = memory_remove_config,
    .rename_config = memory_rename_config,
    .get_autostart = memory_get_autostart,
    .set_autostart = memory_set_autostart,
    .autostarted = memory_autostarted,
    .next_id = memory_next_id,
    .load_live = memory_load_live,
    .save_live = memory_save_live,
    .journal = memory_journal,
    .forget_last = memory_forget_last,
    .lock = store_memory_lock,
    .lock_names = store_memory_lock_names,
    .unlock = store_memory_unlock,
    .job_begin = store_memory_job_begin,
    .job_end = store_memory_job_end,
    .job_get = store_memory_job_get,
    .emit = memory_emit,
    .watch = memory_watch,
    .free = memory_free,
};

Store *
store_memory_new(void)
{
    MemoryStore *self = g_new0(MemoryStore, 1);

    self->store.funcs = &memory_funcs;
    self->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    self->locked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->watchers = watchers_new();
    return &self->store;
}
