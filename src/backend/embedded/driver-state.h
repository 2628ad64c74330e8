/* One open connection of the embedded driver, whatever is below it: files and QEMU, or memory and a
 * simulation. It is the `data` of a Call. All operations (domain/) work on this alone. */
#pragma once

#include "backend/embedded/machine.h"
#include "backend/embedded/store.h"

G_BEGIN_DECLS

typedef struct {
    char *uri;                  /* canonical */
    const char *type;           /* "QEMU" or "Test": virConnectGetType */
    gboolean readonly;
    gboolean is_test;           /* where libvirt's test driver speaks differently from its QEMU driver */
    Store *store;
    Machine *machine;
    const DomainFacts *facts;   /* for the model; NULL for test */
    gpointer facts_owner;       /* freed with facts_free */
    GDestroyNotify facts_free;
    char *warnings;             /* of the last definition, one a line; never NULL */
} DriverState;

/* Takes over @store and @machine. */
DriverState *driver_state_new(const char *uri, const char *type, gboolean readonly, Store *store, Machine *machine);
void driver_state_free(gpointer state);

G_END_DECLS
