/* A driver: a table from operation to implementation. An empty slot is libvirt's "this
 * function is not supported by the connection driver". For drivers and the connection only;
 * commands do not include it. */
#pragma once

#include "backend/events.h"
#include "backend/interface.h"
#include "backend/stream.h"
#include "backend/uri.h"
#include "util/error.h"

G_BEGIN_DECLS

typedef struct {
    Connection *conn;
    gpointer data;              /* the driver's own, from open() */
    Operation op;
    const int *fds_in;
    gsize n_fds_in;
    Stream **stream;            /* where to put an opened stream; never NULL for an operation that opens one */
} Call;

/* @result is zeroed. On FALSE, @error is set and @result may hold what was filled so far: the caller clears it. */
typedef gboolean (*OperationFunc)(const Call *call, const void *args, void *result, GError **error);

typedef struct {
    const DomainRef *domain;    /* NULL: all domains */
    int event_id;               /* EVENT_… or SECRET_EVENT_…, or -1 for all */
    gboolean monitor;           /* QEMU monitor events instead of domain events */
    gboolean secrets;           /* events of secrets instead */
    const SecretRef *secret;    /* NULL: all secrets */
} EventFilter;

typedef struct Driver Driver;
struct Driver {
    const char *name;           /* "QEMU", in messages and `version` */
    gboolean keepalive;         /* virConnectSetKeepAlive succeeds */
    /* TRUE when this driver serves @uri. */
    gboolean (*accepts)(const Uri *uri);
    /* *@canonical: the URI with everything that was left out of it; a new string. */
    gboolean (*open)(const Uri *uri, gboolean readonly, gpointer *data, char **canonical, GError **error);
    void (*close)(gpointer data);
    OperationFunc ops[OPERATION_COUNT];
    EventSource *(*events)(gpointer data, const EventFilter *filter, GError **error);
    gboolean secret_events;     /* events() takes filter.secrets */
};

extern const Driver embedded_driver;
extern const Driver test_driver;

G_END_DECLS
