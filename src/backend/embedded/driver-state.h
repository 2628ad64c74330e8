/* One open connection of the embedded driver, whatever is below it: files and QEMU, or memory and a
 * simulation. It is the `data` of a Call. All operations (domain/) work on this alone. */
#pragma once

#include "backend/embedded/machine.h"
#include "backend/embedded/paths.h"
#include "backend/embedded/store.h"
#include "host/host.h"
#include "backend/qemu/facts.h"

G_BEGIN_DECLS

/* The document that was last looked at, parsed once for as long as its text stays: reading a document costs more than
 * all else that a query does. */
typedef struct {
    char *name;                 /* of the domain */
    char *xml;
    xmlDoc *doc;                /* of @xml and the journal up to @position */
    guint64 position;
} DriverPeek;

void driver_peek_clear(DriverPeek *peek);

typedef struct {
    char *uri;                  /* canonical */
    const char *type;           /* "QEMU" or "Test": virConnectGetType */
    gboolean readonly;
    gboolean is_test;           /* where libvirt's test driver speaks differently from its QEMU driver */
    Store *store;
    Machine *machine;
    Host *host;                 /* this machine, or the one whose files are shown in its place; NULL for test */
    const Paths *paths;         /* where secrets are kept; borrowed, NULL for test */
    const char *uuid_folder;    /* where the host's UUID is kept when it has none of its own; borrowed */
    gpointer invented_host;     /* of the test driver; freed with g_free() */
    const DomainFacts *facts;   /* for the model; NULL for test */
    QemuFacts *qemu;            /* the same, and more of it; borrowed from facts_owner, NULL for test */
    gpointer facts_owner;       /* freed with facts_free */
    GDestroyNotify facts_free;
    char *warnings;             /* of the last definition, one a line; never NULL */
    DriverPeek peek;
} DriverState;

/* Takes over @store and @machine. */
DriverState *driver_state_new(const char *uri, const char *type, gboolean readonly, Store *store, Machine *machine);
void driver_state_free(gpointer state);

G_END_DECLS
