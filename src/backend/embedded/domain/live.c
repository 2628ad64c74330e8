#include "config.h"

#include "backend/embedded/domain/live.h"

#include <string.h>

#include "util/log.h"

#define MODULE "embedded.live"

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

/* QEMU tells the offset to the clock it was started with, which was moved by an adjustment already: that one is kept in an
 * attribute that only live documents have. */
static gboolean
apply_rtc(xmlDoc *doc, const json_t *data)
{
    xmlNode *clock = node_child(document_root(doc), "clock");
    const char *first = node_attr(clock, DOMAIN_CLOCK_FIRST_ADJUSTMENT);
    g_autofree char *before = g_strdup(node_attr(clock, "adjustment"));
    gint64 offset = json_integer_value(json_object_get(data, "offset"));

    if (!node_attr_is(clock, "offset", "variable"))
        return FALSE;
    if (!first)
        node_set_attr(clock, DOMAIN_CLOCK_FIRST_ADJUSTMENT, before ? before : "0");
    offset += g_ascii_strtoll(node_attr(clock, DOMAIN_CLOCK_FIRST_ADJUSTMENT), NULL, 10);
    node_set_attrf(clock, "adjustment", "%" G_GINT64_FORMAT, offset);
    return g_strcmp0(before, node_attr(clock, "adjustment")) != 0;
}

gboolean
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
    LiveNews *news;
} CatchUp;

/* The supervisor counts every entry, also one that it could not write. */
static gboolean
apply_entry(guint64 seq, json_t *entry, gpointer data)
{
    CatchUp *catch_up = data;
    const json_t *event = json_object_get(entry, "event");

    if (seq != *catch_up->position + 1)
        catch_up->news->gap = TRUE;
    if (event && live_apply(catch_up->doc, event))
        catch_up->news->changed = TRUE;
    *catch_up->position = seq;
    catch_up->news->entries++;
    return TRUE;
}

gboolean
live_catch_up(Store *store, const char *name, xmlDoc *doc, guint64 *position, LiveNews *news, GError **error)
{
    CatchUp catch_up = { doc, position, news };

    if (!store_journal(store, name, *position, apply_entry, &catch_up, error))
        return FALSE;
    if (news->entries)
        HV_DEBUG(MODULE, "'%s': %u entries up to %" G_GUINT64_FORMAT "%s%s", name, news->entries, *position,
                 news->changed ? ", document changed" : "", news->gap ? ", some are lost" : "");
    return TRUE;
}
