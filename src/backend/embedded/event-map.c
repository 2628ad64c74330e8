#include "config.h"

#include "backend/embedded/event-map.h"

#include <string.h>

#include "backend/constants.h"
#include "util/uuid.h"

/* Numbers of libvirt's virDomainEvent…: watchdog actions, I/O error actions, tray, graphics phases. */
enum { WATCHDOG_NONE, WATCHDOG_PAUSE, WATCHDOG_RESET, WATCHDOG_POWEROFF, WATCHDOG_SHUTDOWN, WATCHDOG_DEBUG,
       WATCHDOG_INJECT_NMI };
enum { IO_ERROR_NONE, IO_ERROR_PAUSE, IO_ERROR_REPORT };
enum { TRAY_OPEN, TRAY_CLOSE };
enum { GRAPHICS_CONNECT, GRAPHICS_INITIALIZE, GRAPHICS_DISCONNECT };
enum { AGENT_CONNECTED = 1, AGENT_DISCONNECTED = 2, AGENT_REASON_CHANNEL = 2 };

static const char *
text_of(const json_t *data, const char *key)
{
    return json_string_value(json_object_get(data, key));
}

/* The alias of a device from its QOM path or id: "/machine/peripheral/net0/…" and "net0". */
static char *
alias_of(const char *id)
{
    if (!id)
        return NULL;
    if (g_str_has_prefix(id, "/machine/peripheral/")) {
        id += strlen("/machine/peripheral/");
        return g_strndup(id, strcspn(id, "/"));
    }
    if (g_str_has_prefix(id, "/machine/"))
        return NULL;
    return g_strdup(id);
}

static gint64
number_of(const char *word, const char *const *words)
{
    for (gint64 i = 0; word && words[i]; i++) {
        if (strcmp(word, words[i]) == 0)
            return i;
    }
    return 0;
}

static gboolean
map_rtc(const json_t *data, Event *event)
{
    event->id = EVENT_RTC_CHANGE;
    event->n1 = json_integer_value(json_object_get(data, "offset"));
    return TRUE;
}

static gboolean
map_watchdog(const json_t *data, Event *event)
{
    static const char *const actions[] = { "none", "pause", "reset", "poweroff", "shutdown", "debug", "inject-nmi",
                                           NULL };

    event->id = EVENT_WATCHDOG;
    event->n1 = number_of(text_of(data, "action"), actions);
    return TRUE;
}

static gboolean
map_io_error(const json_t *data, Event *event)
{
    const char *action = text_of(data, "action");

    event->id = EVENT_IO_ERROR_REASON;
    event->s1 = g_strdup("");
    event->s2 = alias_of(text_of(data, "device"));
    event->n1 = g_strcmp0(action, "stop") == 0 ? IO_ERROR_PAUSE
                : g_strcmp0(action, "report") == 0 ? IO_ERROR_REPORT : IO_ERROR_NONE;
    event->s3 = g_strdup(json_is_true(json_object_get(data, "nospace")) ? "enospc" : "");
    return TRUE;
}

static gboolean
map_vnc(const json_t *data, Event *event, int phase)
{
    event->id = EVENT_GRAPHICS;
    event->n1 = phase;
    event->s1 = g_strdup(text_of(json_object_get(data, "server"), "auth"));
    return TRUE;
}

static gboolean
map_device(const json_t *data, Event *event, EventId id)
{
    char *alias = alias_of(text_of(data, "device"));

    if (!alias)
        return FALSE;
    event->id = id;
    event->s1 = alias;
    return TRUE;
}

static gboolean
map_tray(const json_t *data, Event *event)
{
    event->id = EVENT_TRAY_CHANGE;
    event->s1 = alias_of(text_of(data, "id"));
    if (!event->s1)
        event->s1 = g_strdup(text_of(data, "device"));
    event->n1 = json_is_true(json_object_get(data, "tray-open")) ? TRAY_OPEN : TRAY_CLOSE;
    return event->s1 != NULL;
}

static gboolean
map_balloon(const json_t *data, Event *event)
{
    event->id = EVENT_BALLOON_CHANGE;
    event->n1 = json_integer_value(json_object_get(data, "actual")) / 1024;
    return TRUE;
}

/* Only the agent's channel: what happens on others is no event of libvirt's. */
static gboolean
map_channel(const json_t *data, Event *event)
{
    const char *id = text_of(data, "id");

    if (!id || !g_str_has_prefix(id, "channel"))
        return FALSE;
    event->id = EVENT_AGENT_LIFECYCLE;
    event->n1 = json_is_true(json_object_get(data, "open")) ? AGENT_CONNECTED : AGENT_DISCONNECTED;
    event->n2 = AGENT_REASON_CHANNEL;
    return TRUE;
}

static gboolean
map_plain(Event *event, EventId id)
{
    event->id = id;
    return TRUE;
}

static gboolean
map_memory_failure(const json_t *data, Event *event)
{
    static const char *const recipients[] = { "hypervisor", "guest", NULL };
    static const char *const actions[] = { "ignore", "inject", "fatal", "reset", NULL };
    const json_t *flags = json_object_get(data, "flags");

    event->id = EVENT_MEMORY_FAILURE;
    event->n1 = number_of(text_of(data, "recipient"), recipients);
    event->n2 = number_of(text_of(data, "action"), actions);
    event->n3 = (json_is_true(json_object_get(flags, "action-required")) ? 1 : 0) |
                (json_is_true(json_object_get(flags, "recursive")) ? 2 : 0);
    return TRUE;
}

static gboolean
map_memory_size(const json_t *data, Event *event)
{
    event->id = EVENT_MEMORY_DEVICE_SIZE_CHANGE;
    event->s1 = alias_of(text_of(data, "id"));
    event->n1 = json_integer_value(json_object_get(data, "size"));
    return event->s1 != NULL;
}

static gboolean
map_threshold(const json_t *data, Event *event)
{
    event->id = EVENT_BLOCK_THRESHOLD;
    event->s1 = g_strdup(text_of(data, "node-name"));
    event->n1 = json_integer_value(json_object_get(data, "write-threshold"));
    event->n2 = json_integer_value(json_object_get(data, "amount-exceeded"));
    return event->s1 != NULL;
}

static gboolean
map_qemu(const char *name, const json_t *data, Event *event)
{
    if (strcmp(name, "RESET") == 0)
        return map_plain(event, EVENT_REBOOT);
    if (strcmp(name, "RTC_CHANGE") == 0)
        return map_rtc(data, event);
    if (strcmp(name, "WATCHDOG") == 0)
        return map_watchdog(data, event);
    if (strcmp(name, "BLOCK_IO_ERROR") == 0)
        return map_io_error(data, event);
    if (strcmp(name, "VNC_CONNECTED") == 0)
        return map_vnc(data, event, GRAPHICS_CONNECT);
    if (strcmp(name, "VNC_INITIALIZED") == 0)
        return map_vnc(data, event, GRAPHICS_INITIALIZE);
    if (strcmp(name, "VNC_DISCONNECTED") == 0)
        return map_vnc(data, event, GRAPHICS_DISCONNECT);
    if (strcmp(name, "DEVICE_DELETED") == 0)
        return map_device(data, event, EVENT_DEVICE_REMOVED);
    if (strcmp(name, "DEVICE_UNPLUG_GUEST_ERROR") == 0)
        return map_device(data, event, EVENT_DEVICE_REMOVAL_FAILED);
    if (strcmp(name, "DEVICE_TRAY_MOVED") == 0)
        return map_tray(data, event);
    if (strcmp(name, "BALLOON_CHANGE") == 0)
        return map_balloon(data, event);
    if (strcmp(name, "VSERPORT_CHANGE") == 0)
        return map_channel(data, event);
    if (strcmp(name, "WAKEUP") == 0)
        return map_plain(event, EVENT_PM_WAKEUP);
    if (strcmp(name, "SUSPEND") == 0)
        return map_plain(event, EVENT_PM_SUSPEND);
    if (strcmp(name, "SUSPEND_DISK") == 0)
        return map_plain(event, EVENT_PM_SUSPEND_DISK);
    if (strcmp(name, "MEMORY_FAILURE") == 0)
        return map_memory_failure(data, event);
    if (strcmp(name, "MEMORY_DEVICE_SIZE_CHANGE") == 0)
        return map_memory_size(data, event);
    if (strcmp(name, "BLOCK_WRITE_THRESHOLD") == 0)
        return map_threshold(data, event);
    return FALSE;
}

static gboolean
map_monitor(const json_t *qemu, Event *event)
{
    const char *name = text_of(qemu, "event");
    const json_t *data = json_object_get(qemu, "data");
    const json_t *stamp = json_object_get(qemu, "timestamp");
    char *details;

    if (!name)
        return FALSE;
    event->monitor_event = g_strdup(name);
    if (stamp)
        event->time_us = json_integer_value(json_object_get(stamp, "seconds")) * G_USEC_PER_SEC +
                         json_integer_value(json_object_get(stamp, "microseconds"));
    details = data ? json_dumps(data, JSON_COMPACT) : NULL;
    event->monitor_details = g_strdup(details);
    free(details);
    return TRUE;
}

gboolean
event_wanted(const Event *event, const EventFilter *filter)
{
    if (event->of_secret != filter->secrets)
        return FALSE;
    if (event->of_secret)
        return (!filter->secret || memcmp(filter->secret->uuid, event->secret.uuid, UUID_BYTES) == 0) &&
               (filter->event_id < 0 || filter->event_id == (int) event->secret_id);
    if (filter->domain && memcmp(filter->domain->uuid, event->dom.uuid, UUID_BYTES) != 0)
        return FALSE;
    if (filter->monitor)
        return event->monitor_event != NULL;
    if (event->monitor_event)
        return FALSE;
    return filter->event_id < 0 || filter->event_id == (int) event->id;
}

gboolean
event_from_journal(const json_t *entry, const DomainRef *dom, const EventFilter *filter, Event *event)
{
    const json_t *qemu = json_object_get(entry, "event");
    const json_t *lifecycle = json_object_get(entry, "lifecycle");
    g_auto(Event) made = { 0 };
    gboolean known;

    made.time_us = json_integer_value(json_object_get(entry, "t"));
    domain_ref_copy(dom, &made.dom);
    if (filter->monitor) {
        known = qemu && map_monitor(qemu, &made);
    } else if (lifecycle) {
        made.id = EVENT_LIFECYCLE;
        made.n1 = json_integer_value(lifecycle);
        made.n2 = json_integer_value(json_object_get(entry, "detail"));
        known = TRUE;
    } else {
        known = qemu && text_of(qemu, "event") && map_qemu(text_of(qemu, "event"), json_object_get(qemu, "data"), &made);
    }
    if (!known || !event_wanted(&made, filter))
        return FALSE;
    *event = made;
    memset(&made, 0, sizeof made);
    return TRUE;
}

static gint64
time_of(const Event *event)
{
    return event->time_us ? event->time_us : g_get_real_time();
}

static json_t *
domain_to_json(const Event *event)
{
    char uuid[UUID_TEXT];

    uuid_format(event->dom.uuid, uuid);
    return json_pack("{s:I, s:i, s:s%, s:s, s:i, s:[I,I,I], s:[s?,s?,s?]}", "t", (json_int_t) time_of(event), "id",
                     (int) event->id, "name", event->dom.name, strlen(event->dom.name), "uuid", uuid, "domain-id",
                     (int) event->dom.id, "n", (json_int_t) event->n1, (json_int_t) event->n2, (json_int_t) event->n3, "s",
                     event->s1, event->s2, event->s3);
}

static json_t *
secret_to_json(const Event *event)
{
    char uuid[UUID_TEXT];

    uuid_format(event->secret.uuid, uuid);
    return json_pack("{s:I, s:i, s:s, s:i, s:s, s:[I,I]}", "t", (json_int_t) time_of(event), "id", (int) event->secret_id,
                     "secret", uuid, "usage-type", (int) event->secret.usage_type, "usage", event->secret.usage_id, "n",
                     (json_int_t) event->n1, (json_int_t) event->n2);
}

char *
event_to_line(const Event *event)
{
    json_t *object = event->of_secret ? secret_to_json(event) : domain_to_json(event);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    char *line = text ? g_strconcat(text, "\n", NULL) : NULL;

    free(text);
    json_decref(object);
    return line;
}

static gboolean
secret_from_json(json_t *object, Event *event)
{
    json_int_t t, n1, n2;
    int id, usage_type;
    const char *uuid, *usage;

    if (json_unpack(object, "{s:I, s:i, s:s, s:i, s:s, s:[I,I]}", "t", &t, "id", &id, "secret", &uuid, "usage-type",
                    &usage_type, "usage", &usage, "n", &n1, &n2) != 0 || id < 0 || id >= SECRET_EVENT_COUNT)
        return FALSE;
    memset(event, 0, sizeof *event);
    if (!uuid_parse(uuid, event->secret.uuid))
        return FALSE;
    event->of_secret = TRUE;
    event->time_us = t;
    event->secret_id = (SecretEventId) id;
    event->secret.usage_type = usage_type;
    event->secret.usage_id = g_strdup(usage);
    event->n1 = n1;
    event->n2 = n2;
    return TRUE;
}

static gboolean
domain_from_json(json_t *object, Event *event)
{
    json_int_t t, n1, n2, n3;
    int id, domain_id;
    const char *name, *uuid;
    json_t *s1, *s2, *s3;

    if (json_unpack(object, "{s:I, s:i, s:s, s:s, s:i, s:[I,I,I], s:[o,o,o]}", "t", &t, "id", &id, "name", &name, "uuid",
                    &uuid, "domain-id", &domain_id, "n", &n1, &n2, &n3, "s", &s1, &s2, &s3) != 0 ||
        id < 0 || id >= EVENT_COUNT)
        return FALSE;
    memset(event, 0, sizeof *event);
    if (!uuid_parse(uuid, event->dom.uuid))
        return FALSE;
    event->time_us = t;
    event->id = (EventId) id;
    event->dom.name = g_strdup(name);
    event->dom.id = domain_id;
    event->n1 = n1;
    event->n2 = n2;
    event->n3 = n3;
    event->s1 = g_strdup(json_string_value(s1));
    event->s2 = g_strdup(json_string_value(s2));
    event->s3 = g_strdup(json_string_value(s3));
    return TRUE;
}

gboolean
event_from_line(const char *line, gsize length, Event *event)
{
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    gboolean ok = json_object_get(object, "secret") ? secret_from_json(object, event)
                                                    : object && domain_from_json(object, event);

    json_decref(object);
    return ok;
}
