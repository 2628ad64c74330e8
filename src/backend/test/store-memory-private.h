/* What the files of the store in memory share. */
#pragma once

#include "backend/test/store-memory.h"
#include "backend/test/watchers.h"

G_BEGIN_DECLS

typedef struct {
    char *name;
    char uuid[UUID_TEXT];
    char *config;               /* NULL: transient */
    char *live;                 /* NULL: not running */
    guint64 applied;
    gboolean marked[2];         /* by StoreAutostart */
    StoreStatus status;
    StoreJob job;               /* type NULL: none */
} MemoryEntry;

typedef struct {
    Store store;
    GHashTable *entries;        /* name → MemoryEntry */
    GHashTable *locked;         /* set of names */
    Watchers *watchers;
    int last_id;
} MemoryStore;

static inline MemoryStore *
store_memory(Store *store)
{
    return (MemoryStore *)store;
}

/* NULL, for the second with NO_DOMAIN, when there is none. */
MemoryEntry *store_memory_find(Store *store, const char *name);
MemoryEntry *store_memory_require(Store *store, const char *name, GError **error);

/* store-memory-locks.c: slots of StoreFuncs. */
StoreLock *store_memory_lock(Store *store, const char *name, const char *what, int timeout_ms, GError **error);
StoreLock *store_memory_lock_names(Store *store, GError **error);
void store_memory_unlock(StoreLock *lock);
gboolean store_memory_job_begin(Store *store, const char *name, const char *type, GError **error);
void store_memory_job_end(Store *store, const char *name);
gboolean store_memory_job_get(Store *store, const char *name, StoreJob *job);

G_END_DECLS
