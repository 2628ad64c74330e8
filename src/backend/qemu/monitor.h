/* QEMU's monitor commands as typed calls, over a QmpConn. Errors are those of qmp_call(). */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "backend/qemu/qmp.h"

G_BEGIN_DECLS

gboolean qemu_monitor_stop(QmpConn *conn, GError **error);
gboolean qemu_monitor_cont(QmpConn *conn, GError **error);
gboolean qemu_monitor_powerdown(QmpConn *conn, GError **error);
gboolean qemu_monitor_reset(QmpConn *conn, GError **error);
gboolean qemu_monitor_inject_nmi(QmpConn *conn, GError **error);

/* Presses @keys (numbers of the key code set @codeset: util/keycodes.h) together for @hold_ms; 0 is QEMU's own time. */
gboolean qemu_monitor_send_key(QmpConn *conn, int codeset, const guint *keys, guint n_keys, guint hold_ms,
                               GError **error);

/* Writes the picture of head @head of the video device @device (NULL: the primary one) into the file @path, which QEMU
 * opens: PNG from QEMU 7.1, PPM before. @mime gets a static string. */
gboolean qemu_monitor_screendump(QmpConn *conn, const char *path, const char *device, guint head,
                                 const char **mime, GError **error);

typedef struct {
    char *id;           /* "charserial0" */
    char *filename;     /* "pty:/dev/pts/3", "unix:/path,server=on", "disconnected:tcp:…" */
    char *pty;          /* "/dev/pts/3", or NULL */
    gboolean frontend_open;
} QemuMonitorChardev;

/* An array of QemuMonitorChardev that frees them. */
GPtrArray *qemu_monitor_query_chardev(QmpConn *conn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
