/* A running guest as its events would have told it. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "backend/qemu/qmp.h"

G_BEGIN_DECLS

/* What QEMU answers now, as an array of its own events (docs/interop/qmp-ref): DEVICE_DELETED for each device that @argv (QEMU's
 * command line) made and that is no more, DEVICE_TRAY_MOVED, BALLOON_CHANGE and VSERPORT_CHANGE. A query that QEMU refuses tells
 * nothing. NULL when the link is lost or a deadline passes. The clock (RTC_CHANGE) cannot be asked for. */
json_t *qemu_observe(QmpConn *conn, char *const *argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
