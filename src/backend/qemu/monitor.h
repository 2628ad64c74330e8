/* QEMU's monitor commands as typed calls, over a QmpConn. Errors are those of qmp_call(). */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "backend/qemu/qmp.h"

G_BEGIN_DECLS

/* QMP RunState, as far as the driver tells them apart. */
typedef enum {
    QEMU_RUN_UNKNOWN,
    QEMU_RUN_DEBUG,
    QEMU_RUN_INMIGRATE,
    QEMU_RUN_INTERNAL_ERROR,
    QEMU_RUN_IO_ERROR,
    QEMU_RUN_PAUSED,
    QEMU_RUN_POSTMIGRATE,
    QEMU_RUN_PRELAUNCH,
    QEMU_RUN_FINISH_MIGRATE,
    QEMU_RUN_RESTORE_VM,
    QEMU_RUN_RUNNING,
    QEMU_RUN_SAVE_VM,
    QEMU_RUN_SHUTDOWN,
    QEMU_RUN_SUSPENDED,
    QEMU_RUN_WATCHDOG,
    QEMU_RUN_GUEST_PANICKED,
    QEMU_RUN_COLO,
} QemuRunState;

QemuRunState qemu_run_state_parse(const char *name);

gboolean qemu_monitor_stop(QmpConn *conn, GError **error);
gboolean qemu_monitor_cont(QmpConn *conn, GError **error);
gboolean qemu_monitor_query_status(QmpConn *conn, gboolean *running, QemuRunState *state, GError **error);
gboolean qemu_monitor_powerdown(QmpConn *conn, GError **error);
gboolean qemu_monitor_reset(QmpConn *conn, GError **error);
/* The link going down at once is success. */
gboolean qemu_monitor_quit(QmpConn *conn, GError **error);
gboolean qemu_monitor_inject_nmi(QmpConn *conn, GError **error);

/* Presses @keys (numbers of the key code set @codeset: keycodes.h) together for @hold_ms; 0 is QEMU's own time. */
gboolean qemu_monitor_send_key(QmpConn *conn, int codeset, const guint *keys, guint n_keys, guint hold_ms,
                               GError **error);

/* Writes the picture of head @head of the video device @device (NULL: the primary one) into the file @path, which QEMU
 * opens: PNG from QEMU 7.1, PPM before. @mime gets a static string. */
gboolean qemu_monitor_screendump(QmpConn *conn, const char *path, const char *device, guint head,
                                 const char **mime, GError **error);

/* What the balloon leaves to the guest, in bytes. FALSE without an error when there is no balloon. */
gboolean qemu_monitor_query_balloon(QmpConn *conn, guint64 *bytes, GError **error);

typedef struct {
    char *id;           /* "charserial0" */
    char *filename;     /* "pty:/dev/pts/3", "unix:/path,server=on", "disconnected:tcp:…" */
    char *pty;          /* "/dev/pts/3", or NULL */
    gboolean frontend_open;
} QemuMonitorChardev;

/* An array of QemuMonitorChardev that frees them. */
GPtrArray *qemu_monitor_query_chardev(QmpConn *conn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    gboolean enabled;
    char *host;
    char *service;      /* the port as text */
    char *family;
    char *auth;
} QemuMonitorVnc;

void qemu_monitor_vnc_clear(QemuMonitorVnc *vnc);
gboolean qemu_monitor_query_vnc(QmpConn *conn, QemuMonitorVnc *vnc, GError **error);

typedef struct {
    guint index;
    gint64 thread_id;
    char *qom_path;
} QemuMonitorCpu;

/* An array of QemuMonitorCpu in order of their index. */
GPtrArray *qemu_monitor_query_cpus(QmpConn *conn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What QEMU does when the guest reboots: "reset" or "shutdown" (set-action). */
gboolean qemu_monitor_set_reboot_action(QmpConn *conn, const char *action, GError **error);
/* QEMU's set-action for @event ("reboot", "shutdown", "panic", "watchdog"). */
gboolean qemu_monitor_set_action(QmpConn *conn, const char *event, const char *action, GError **error);

/* query-named-block-nodes and query-blockstats as QEMU answers them: new references. */
json_t *qemu_monitor_query_block(QmpConn *conn, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *qemu_monitor_query_blockstats(QmpConn *conn, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *qemu_monitor_query_block_nodes(QmpConn *conn, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* device_add and so on take JSON as argv's -device does. */
gboolean qemu_monitor_set_link(QmpConn *conn, const char *alias, gboolean up, GError **error);

G_END_DECLS
