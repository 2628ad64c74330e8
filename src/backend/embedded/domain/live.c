#include "config.h"

#include "backend/embedded/domain/live.h"

#include <string.h>

static xmlNode *
find_device(const xmlDoc *doc, const char *alias)
{
    for (xmlNode *dev = NULL; alias && (dev = domain_next_device(doc, dev, NULL));) {
        if (g_strcmp0(device_alias(dev), alias) == 0)
            return dev;
    }
    return NULL;
}

static const char *
text_of(const json_t *data, const char *key)
{
    return json_string_value(json_object_get(data, key));
}

/* What was unplugged is gone; without an alias it is part of another device. */
static gboolean
apply_deleted(xmlDoc *doc, const json_t *data)
{
    xmlNode *device = find_device(doc, text_of(data, "device"));

    if (!device)
        return FALSE;
    node_remove(device);
    return TRUE;
}

static gboolean
apply_tray(xmlDoc *doc, const json_t *data)
{
    xmlNode *disk = find_device(doc, text_of(data, "id"));
    const char *state = json_is_true(json_object_get(data, "tray-open")) ? "open" : NULL;
    xmlNode *target = node_child(disk, "target");

    if (!target || g_strcmp0(node_attr(target, "tray"), state) == 0)
        return FALSE;
    node_set_attr(target, "tray", state);
    return TRUE;
}

static gboolean
apply_balloon(xmlDoc *doc, const json_t *data)
{
    guint64 kib = (guint64) json_integer_value(json_object_get(data, "actual")) / 1024;

    if (kib == 0 || kib == domain_memory(doc))
        return FALSE;
    domain_set_memory(doc, kib);
    return TRUE;
}

/* A program in the guest opened or closed its end of a virtio channel. */
static gboolean
apply_channel(xmlDoc *doc, const json_t *data)
{
    xmlNode *channel = find_device(doc, text_of(data, "id"));
    const char *state = json_is_true(json_object_get(data, "open")) ? "connected" : "disconnected";
    xmlNode *target = node_is(channel, "channel") ? node_child(channel, "target") : NULL;

    if (!target || node_attr_is(target, "state", state))
        return FALSE;
    node_set_attr(target, "state", state);
    return TRUE;
}

/* QEMU tells the offset to the clock it was started with, so the last event counts alone. */
static gboolean
apply_rtc(xmlDoc *doc, const json_t *data)
{
    xmlNode *clock = node_child(document_root(doc), "clock");

    if (!node_attr_is(clock, "offset", "variable"))
        return FALSE;
    node_set_attrf(clock, "adjustment", "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(data, "offset")));
    return TRUE;
}

/* One event of QEMU ({"event":…,"data":…}). TRUE when it changed the document. */
static gboolean
live_apply(xmlDoc *doc, const json_t *event)
{
    static const struct {
        const char *name;
        gboolean (*apply)(xmlDoc *doc, const json_t *data);
    } appliers[] = {
        { "DEVICE_DELETED", apply_deleted }, { "DEVICE_TRAY_MOVED", apply_tray }, { "BALLOON_CHANGE", apply_balloon },
        { "VSERPORT_CHANGE", apply_channel }, { "RTC_CHANGE", apply_rtc },
    };
    const char *name = text_of(event, "event");

    for (guint i = 0; name && i < G_N_ELEMENTS(appliers); i++) {
        if (strcmp(name, appliers[i].name) == 0)
            return appliers[i].apply(doc, json_object_get(event, "data"));
    }
    return FALSE;
}

typedef struct {
    xmlDoc *doc;
    guint64 *position;
    guint *entries;
    gboolean *changed;
} CatchUp;

static gboolean
apply_entry(guint64 seq, json_t *entry, gpointer data)
{
    CatchUp *catch_up = data;
    const json_t *event = json_object_get(entry, "event");

    if (event && live_apply(catch_up->doc, event))
        *catch_up->changed = TRUE;
    *catch_up->position = seq;
    (*catch_up->entries)++;
    return TRUE;
}

gboolean
live_catch_up(Store *store, const char *name, xmlDoc *doc, guint64 *position, guint *entries, gboolean *changed,
              GError **error)
{
    CatchUp catch_up = { doc, position, entries, changed };

    return store_journal(store, name, *position, apply_entry, &catch_up, error);
}
