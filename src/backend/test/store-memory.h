/* A store (embedded/store.h) that is nothing but memory: it lives as long as its connection and has one
 * user. There is no journal, because the simulated machine writes into the store at once. */
#pragma once

#include "backend/embedded/store.h"

G_BEGIN_DECLS

Store *store_memory_new(void);

/* What a running guest's holder records; for the machine beside this store. */

/* @live is copied. The domain need not be known before: without a configuration it is transient. */
void store_memory_set_running(Store *store, const char *name, const char *uuid, int id, const char *live, int state,
                              int reason);
void store_memory_set_state(Store *store, const char *name, int state, int reason);
/* Shut off for @reason (SHUTOFF_…). A transient domain is forgotten. */
void store_memory_set_stopped(Store *store, const char *name, int reason);

G_END_DECLS
