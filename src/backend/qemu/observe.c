#include "config.h"

#include "backend/qemu/observe.h"

#include <string.h>

#define PERIPHERALS "/machine/peripheral"       /* where devices with an id are */
#define CHARDEV_PREFIX "char"                   /* of the id of a device's character device */

/* Takes @data. */
static void
add_event(json_t *events, const char *name, json_t *data)
{
    json_array_append_new(events, json_pack("{s:s, s:o}", "event", name, "data", data));
}

/* Of the words behind -device: JSON, or "driver,id=x,…". A new string; NULL when there is none. */
static char *
device_id(const char *words)
{
    json_t *json = *words == '{' ? json_loads(words, 0, NULL) : NULL;
    const char *start = json ? NULL : strstr(words, ",id=");
    char *id = g_strdup(json_string_value(json_object_get(json, "id")));

    if (start) {
        start += strlen(",id=");
        id = g_strndup(start, strcspn(start, ","));
    }
    json_decref(json);
    return id;
}

static void
tell_devices(json_t *events, const json_t *reply, char *const *argv)
{
    g_autoptr(GHashTable) present = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *item;
    gsize i;

    json_array_foreach(reply, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));

        if (name)
            g_hash_table_add(present, (gpointer)name);
    }
    for (; argv[0] && argv[1]; argv++) {
        g_autofree char *id = g_str_equal(argv[0], "-device") ? device_id(argv[1]) : NULL;

        if (id && !g_hash_table_contains(present, id))
            add_event(events, "DEVICE_DELETED", json_pack("{s:s}", "device", id));
    }
}

static void
tell_trays(json_t *events, const json_t *reply, char *const *argv G_GNUC_UNUSED)
{
    json_t *item;
    gsize i;

    json_array_foreach(reply, i, item) {
        json_t *open = json_object_get(item, "tray_open"), *device = json_object_get(item, "qdev");

        if (json_is_boolean(open) && json_is_string(device))
            add_event(events, "DEVICE_TRAY_MOVED", json_pack("{s:O, s:O}", "id", device, "tray-open", open));
    }
}

static void
tell_balloon(json_t *events, const json_t *reply, char *const *argv G_GNUC_UNUSED)
{
    json_t *actual = json_object_get(reply, "actual");

    if (json_is_integer(actual))
        add_event(events, "BALLOON_CHANGE", json_pack("{s:O}", "actual", actual));
}

static void
tell_ports(json_t *events, const json_t *reply, char *const *argv G_GNUC_UNUSED)
{
    json_t *item;
    gsize i;

    json_array_foreach(reply, i, item) {
        const char *label = json_string_value(json_object_get(item, "label"));
        json_t *open = json_object_get(item, "frontend-open");

        if (label && g_str_has_prefix(label, CHARDEV_PREFIX) && json_is_boolean(open))
            add_event(events, "VSERPORT_CHANGE", json_pack("{s:s, s:O}", "id", label + strlen(CHARDEV_PREFIX), "open", open));
    }
}

json_t *
qemu_observe(QmpConn *conn, char *const *argv, GError **error)
{
    static const struct {
        const char *command;
        const char *path;       /* its argument, or NULL */
        void (*tell)(json_t *events, const json_t *reply, char *const *argv);
    } queries[] = {
        { "qom-list", PERIPHERALS, tell_devices },
        { "query-block", NULL, tell_trays },
        { "query-balloon", NULL, tell_balloon },
        { "query-chardev", NULL, tell_ports },
    };
    json_t *events = json_array();

    for (gsize i = 0; i < G_N_ELEMENTS(queries); i++) {
        json_t *args = queries[i].path ? json_pack("{s:s}", "path", queries[i].path) : NULL;
        g_autoptr(GError) problem = NULL;
        json_t *reply = qmp_call(conn, queries[i].command, args, &problem);

        json_decref(args);
        if (!reply && !qmp_error_class(conn)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            json_decref(events);
            return NULL;
        }
        if (reply)
            queries[i].tell(events, reply, argv);
        json_decref(reply);
    }
    return events;
}
