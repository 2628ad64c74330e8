/* Locks and jobs of a store with one user. */
#include "backend/test/store-memory-private.h"

#include <unistd.h>

#include "util/error.h"

typedef struct {
    StoreLock lock;
    char *name;
} MemoryLock;

static StoreLock *
lock_key(Store *store, const char *key, const char *what, GError **error)
{
    MemoryLock *lock;

    if (!g_hash_table_add(store_memory(store)->locked, g_strdup(key))) {
        hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "cannot acquire state change lock (held by this process, for %s)",
                 what);
        return NULL;
    }
    lock = g_new0(MemoryLock, 1);
    lock->lock.store = store;
    lock->name = g_strdup(key);
    return &lock->lock;
}

StoreLock *
store_memory_lock(Store *store, const char *name, const char *what, int timeout_ms, GError **error)
{
    return lock_key(store, name, what, error);
}

/* No domain has an empty name. */
StoreLock *
store_memory_lock_names(Store *store, GError **error)
{
    return lock_key(store, "", "names", error);
}

void
store_memory_unlock(StoreLock *lock)
{
    MemoryLock *held = (MemoryLock *)lock;

    g_hash_table_remove(store_memory(lock->store)->locked, held->name);
    g_free(held->name);
    g_free(held);
}

gboolean
store_memory_job_begin(Store *store, const char *name, const char *type, GError **error)
{
    MemoryEntry *entry = store_memory_require(store, name, error);

    if (!entry)
        return FALSE;
    store_job_clear(&entry->job);
    entry->job.type = g_strdup(type);
    entry->job.owner_pid = getpid();
    entry->job.since_ms = g_get_real_time() / 1000;
    return TRUE;
}

void
store_memory_job_end(Store *store, const char *name)
{
    MemoryEntry *entry = store_memory_find(store, name);

    if (entry)
        store_job_clear(&entry->job);
}

gboolean
store_memory_job_get(Store *store, const char *name, StoreJob *job)
{
    const MemoryEntry *entry = store_memory_find(store, name);

    if (!entry || !entry->job.type)
        return FALSE;
    *job = entry->job;
    job->type = g_strdup(entry->job.type);
    return TRUE;
}
