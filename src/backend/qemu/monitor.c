/* Typed calls over QMP. */
#include "config.h"

#include "backend/qemu/monitor.h"

#include <string.h>

#include "util/error.h"
#include "util/keycodes.h"

gboolean
qemu_monitor_stop(QmpConn *conn, GError **error)
{
    return qmp_run(conn, "stop", NULL, error);
}

gboolean
qemu_monitor_cont(QmpConn *conn, GError **error)
{
    return qmp_run(conn, "cont", NULL, error);
}

gboolean
qemu_monitor_powerdown(QmpConn *conn, GError **error)
{
    return qmp_run(conn, "system_powerdown", NULL, error);
}

gboolean
qemu_monitor_reset(QmpConn *conn, GError **error)
{
    return qmp_run(conn, "system_reset", NULL, error);
}

gboolean
qemu_monitor_inject_nmi(QmpConn *conn, GError **error)
{
    return qmp_run(conn, "inject-nmi", NULL, error);
}

/* QEMU takes its own key numbers, which are scan codes of set 1. */
gboolean
qemu_monitor_send_key(QmpConn *conn, int codeset, const guint *keys, guint n_keys, guint hold_ms, GError **error)
{
    json_t *list = json_array();
    json_t *args;

    for (guint i = 0; i < n_keys; i++) {
        int number = keycode_translate(codeset, KEYCODES_QNUM, keys[i]);

        if (number < 0) {
            json_decref(list);
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot translate keycode %u of %s codeset to qnum keycode",
                            keys[i], keycode_set_name(codeset));
        }
        json_array_append_new(list, json_pack("{s:s,s:i}", "type", "number", "data", number));
    }
    args = json_pack("{s:o}", "keys", list);
    if (hold_ms)
        json_object_set_new(args, "hold-time", json_integer(hold_ms));
    return qmp_run_take(conn, "send-key", args, error);
}

gboolean
qemu_monitor_screendump(QmpConn *conn, const char *path, const char *device, guint head, const char **mime,
                        GError **error)
{
    /* PNG came with QEMU 7.1. */
    gboolean png = qmp_version(conn) >= 7001000;
    json_t *args = json_pack("{s:s}", "filename", path);

    if (png)
        json_object_set_new(args, "format", json_string("png"));
    if (device) {
        json_object_set_new(args, "device", json_string(device));
        json_object_set_new(args, "head", json_integer(head));
    }
    if (!qmp_run_take(conn, "screendump", args, error))
        return FALSE;
    *mime = png ? "image/png" : "image/x-portable-pixmap";
    return TRUE;
}

/* --- character devices ----------------------------------------------------------------------------------- */

static void
monitor_chardev_free(gpointer data)
{
    QemuMonitorChardev *chardev = data;

    g_free(chardev->id);
    g_free(chardev->filename);
    g_free(chardev->pty);
    g_free(chardev);
}

GPtrArray *
qemu_monitor_query_chardev(QmpConn *conn, GError **error)
{
    json_t *reply = qmp_call(conn, "query-chardev", NULL, error);
    GPtrArray *chardevs;
    json_t *item;
    gsize i;

    if (!reply)
        return NULL;
    chardevs = g_ptr_array_new_with_free_func(monitor_chardev_free);
    json_array_foreach(reply, i, item) {
        const char *id = json_string_value(json_object_get(item, "label"));
        const char *filename = json_string_value(json_object_get(item, "filename"));
        QemuMonitorChardev *chardev;

        if (!id || !filename)
            continue;
        chardev = g_new0(QemuMonitorChardev, 1);
        chardev->id = g_strdup(id);
        chardev->filename = g_strdup(filename);
        if (g_str_has_prefix(filename, "pty:"))
            chardev->pty = g_strdup(filename + strlen("pty:"));
        chardev->frontend_open = json_is_true(json_object_get(item, "frontend-open"));
        g_ptr_array_add(chardevs, chardev);
    }
    json_decref(reply);
    return chardevs;
}
