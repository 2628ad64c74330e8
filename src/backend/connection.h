/* A connection: a URI, the driver that serves it, and whether it may change anything.
 * Used by one thread at a time. */
#pragma once

#include "backend/calls.h"
#include "backend/events.h"
#include "backend/interface.h"
#include "backend/stream.h"
#include "util/error.h"

G_BEGIN_DECLS

/* Opens @uri (NULL or "" for the default: see uri.h). Errors: NO_CONNECT where no driver serves it. */
Connection *conn_open(const char *uri, gboolean readonly, GError **error);
void conn_close(Connection *conn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Connection, conn_close)

/* Asks for a connection that is kept alive, in seconds and tries. Where nothing is in between there is nothing to do.
 * NO_SUPPORT where the driver has no such thing. */
gboolean conn_set_keepalive(Connection *conn, int interval, int count, GError **error);

G_END_DECLS
