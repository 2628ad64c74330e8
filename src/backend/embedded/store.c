#include "config.h"

#include "backend/embedded/store.h"

void
store_domain_clear(StoreDomain *domain)
{
    g_clear_pointer(&domain->name, g_free);
}

void
store_domain_free(StoreDomain *domain)
{
    if (!domain)
        return;
    store_domain_clear(domain);
    g_free(domain);
}

void
store_job_clear(StoreJob *job)
{
    g_clear_pointer(&job->type, g_free);
}

void
store_remains_init(StoreRemains *remains)
{
    remains->files = g_ptr_array_new_with_free_func(g_free);
    remains->trees = g_ptr_array_new_with_free_func(g_free);
}

void
store_remains_clear(StoreRemains *remains)
{
    g_clear_pointer(&remains->files, g_ptr_array_unref);
    g_clear_pointer(&remains->trees, g_ptr_array_unref);
}

gboolean
store_check_name(Store *store, const char *name, GError **error)
{
    return !store->funcs->check_name || store->funcs->check_name(store, name, error);
}

gboolean
store_settle(Store *store, const char *name, const char *uuid, GError **error)
{
    return !store->funcs->settle || store->funcs->settle(store, name, uuid, error);
}

void
store_unlock(StoreLock *lock)
{
    if (lock)
        lock->store->funcs->unlock(lock);
}

void
store_free(Store *store)
{
    if (store)
        store->funcs->free(store);
}

void
store_emit_lifecycle(Store *store, const StoreDomain *domain, int type, int detail)
{
    Event event = { .id = EVENT_LIFECYCLE, .n1 = type, .n2 = detail };

    event.dom.name = domain->name;
    uuid_parse(domain->uuid, event.dom.uuid);
    event.dom.id = domain->active ? domain->status.id : -1;
    store_emit(store, &event);
}
