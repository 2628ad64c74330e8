#include "commands/event-text.h"

#include <jansson.h>
#include <string.h>

#include "util/uuid.h"

/* 9999-12-31 23:59:59.999999 UTC */
#define LAST_TIME_US (G_GINT64_CONSTANT(253402300799) * G_USEC_PER_SEC + 999999)

const char *const event_names[EVENT_COUNT + 1] = {
    [EVENT_LIFECYCLE] = "lifecycle",
    [EVENT_REBOOT] = "reboot",
    [EVENT_RTC_CHANGE] = "rtc-change",
    [EVENT_WATCHDOG] = "watchdog",
    [EVENT_IO_ERROR] = "io-error",
    [EVENT_GRAPHICS] = "graphics",
    [EVENT_IO_ERROR_REASON] = "io-error-reason",
    [EVENT_CONTROL_ERROR] = "control-error",
    [EVENT_BLOCK_JOB] = "block-job",
    [EVENT_DISK_CHANGE] = "disk-change",
    [EVENT_TRAY_CHANGE] = "tray-change",
    [EVENT_PM_WAKEUP] = "pm-wakeup",
    [EVENT_PM_SUSPEND] = "pm-suspend",
    [EVENT_BALLOON_CHANGE] = "balloon-change",
    [EVENT_PM_SUSPEND_DISK] = "pm-suspend-disk",
    [EVENT_DEVICE_REMOVED] = "device-removed",
    [EVENT_BLOCK_JOB_2] = "block-job-2",
    [EVENT_TUNABLE] = "tunable",
    [EVENT_AGENT_LIFECYCLE] = "agent-lifecycle",
    [EVENT_DEVICE_ADDED] = "device-added",
    [EVENT_MIGRATION_ITERATION] = "migration-iteration",
    [EVENT_JOB_COMPLETED] = "job-completed",
    [EVENT_DEVICE_REMOVAL_FAILED] = "device-removal-failed",
    [EVENT_METADATA_CHANGE] = "metadata-change",
    [EVENT_BLOCK_THRESHOLD] = "block-threshold",
    [EVENT_MEMORY_FAILURE] = "memory-failure",
    [EVENT_MEMORY_DEVICE_SIZE_CHANGE] = "memory-device-size-change",
};

const char *const secret_event_names[SECRET_EVENT_COUNT + 1] = {
    [SECRET_EVENT_LIFECYCLE] = "lifecycle",
    [SECRET_EVENT_VALUE_CHANGED] = "value-changed",
};

/* Words by libvirt's numbers. */
static const char *const lifecycle_names[] = {
    "Defined", "Undefined", "Started", "Suspended", "Resumed", "Stopped", "Shutdown", "PMSuspended", "Crashed",
};
static const char *const secret_lifecycle_names[] = { "Defined", "Undefined" };
#define MAX_DETAILS 9
static const char *const lifecycle_details[][MAX_DETAILS] = {
    [LIFECYCLE_DEFINED] = { "Added", "Updated", "Renamed", "Snapshot" },
    [LIFECYCLE_UNDEFINED] = { "Removed", "Renamed" },
    [LIFECYCLE_STARTED] = { "Booted", "Migrated", "Restored", "Snapshot", "Event wakeup" },
    [LIFECYCLE_SUSPENDED] = { "Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error",
                              "Post-copy", "Post-copy Error" },
    [LIFECYCLE_RESUMED] = { "Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error" },
    [LIFECYCLE_STOPPED] = { "Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot" },
    [LIFECYCLE_SHUTDOWN] = { "Finished", "Finished after guest request", "Finished after host request" },
    [LIFECYCLE_PMSUSPENDED] = { "Memory", "Disk" },
    [LIFECYCLE_CRASHED] = { "Panicked", "Crashloaded" },
};
static const char *const watchdog_actions[] = {
    "none", "pause", "reset", "poweroff", "shutdown", "debug", "inject-nmi",
};
static const char *const io_error_actions[] = { "none", "pause", "report" };
static const char *const graphics_phases[] = { "connect", "initialize", "disconnect" };
static const char *const block_job_types[] = {
    "Unknown job", "Block Pull", "Block Copy", "Block Commit", "Active Block Commit", "Backup",
};
static const char *const block_job_statuses[] = { "completed", "failed", "canceled", "ready" };
static const char *const disk_change_reasons[] = { "changed", "dropped" };
static const char *const tray_reasons[] = { "opened", "closed" };
static const char *const agent_states[] = { "unknown", "connected", "disconnected" };
static const char *const agent_reasons[] = { "unknown", "domain started", "channel event" };
static const char *const metadata_types[] = { "description", "title", "element" };
static const char *const memory_recipients[] = { "hypervisor", "guest" };
static const char *const memory_actions[] = { "ignore", "inject", "fatal", "reset" };

enum { MEMORY_FAILURE_ACTION_REQUIRED = 1, MEMORY_FAILURE_RECURSIVE = 2 };

static const char *
word_at(const char *const *words, gsize n, gint64 number)
{
    return number >= 0 && (gsize)number < n ? words[number] : "unknown";
}

static const char *
lifecycle_detail(gint64 event, gint64 detail)
{
    const char *text = NULL;

    if (event >= 0 && event < (gint64)G_N_ELEMENTS(lifecycle_details) && detail >= 0 && detail < MAX_DETAILS)
        text = lifecycle_details[event][detail];
    return text ? text : "unknown";
}

/* --- what is particular to each event --------------------------------------------------------------------- */

typedef enum {
    FIELD_NUMBER,
    FIELD_KIB,
    FIELD_TEXT,
    FIELD_WORD,
    FIELD_FLAG,
    FIELD_DETAIL,               /* of a lifecycle event */
} FieldKind;

typedef struct {
    const char *key;            /* NULL: no more */
    FieldKind kind;
    guint place;                /* 0 is n1 or s1 of the event */
    const char *const *words;   /* FIELD_WORD */
    gsize n_words;
    gint64 bit;                 /* FIELD_FLAG */
} Field;

#define NUMBER(key, place) { key, FIELD_NUMBER, (place) - 1, NULL, 0, 0 }
#define KIB(key, place) { key, FIELD_KIB, (place) - 1, NULL, 0, 0 }
#define TEXT(key, place) { key, FIELD_TEXT, (place) - 1, NULL, 0, 0 }
#define WORD(key, place, words) { key, FIELD_WORD, (place) - 1, words, G_N_ELEMENTS(words), 0 }
#define FLAG(key, place, bit) { key, FIELD_FLAG, (place) - 1, NULL, 0, bit }
#define DETAIL(key) { key, FIELD_DETAIL, 0, NULL, 0, 0 }

/* @text follows "event 'KIND' for domain 'NAME'"; {key} is the field, {key?} the same but nothing where it is missing, @ the
 * two sides of a connection. */
typedef struct {
    const char *text;
    Field fields[5];
} EventKind;

static const EventKind domain_kinds[EVENT_COUNT] = {
    [EVENT_LIFECYCLE] = { ": {type} {detail}", { WORD("type", 1, lifecycle_names), DETAIL("detail") } },
    [EVENT_RTC_CHANGE] = { ": {offset_s}", { NUMBER("offset_s", 1) } },
    [EVENT_WATCHDOG] = { ": {action}", { WORD("action", 1, watchdog_actions) } },
    [EVENT_IO_ERROR] = { ": {path} ({alias}) {action}",
                         { TEXT("path", 1), TEXT("alias", 2), WORD("action", 1, io_error_actions), TEXT("reason", 3) } },
    [EVENT_IO_ERROR_REASON] = { ": {path} ({alias}) {action} due to {reason?}",
                                { TEXT("path", 1), TEXT("alias", 2), WORD("action", 1, io_error_actions), TEXT("reason", 3) } },
    [EVENT_GRAPHICS] = { ": {phase}@ {auth?}", { WORD("phase", 1, graphics_phases), TEXT("auth", 1) } },
    [EVENT_BLOCK_JOB] = { ": {job} for {disk} {status}",
                          { TEXT("disk", 1), WORD("job", 1, block_job_types), WORD("status", 2, block_job_statuses) } },
    [EVENT_DISK_CHANGE] = { " disk {alias}: {old_source} -> {new_source}: {reason}",
                            { TEXT("alias", 3), TEXT("old_source", 1), TEXT("new_source", 2),
                              WORD("reason", 1, disk_change_reasons) } },
    [EVENT_TRAY_CHANGE] = { " disk {alias}: {reason}", { TEXT("alias", 1), WORD("reason", 1, tray_reasons) } },
    [EVENT_BALLOON_CHANGE] = { ": {memory}KiB", { KIB("memory", 1) } },
    [EVENT_DEVICE_REMOVED] = { ": {alias}", { TEXT("alias", 1) } },
    [EVENT_BLOCK_JOB_2] = { ": {job} for {disk} {status}",
                            { TEXT("disk", 1), WORD("job", 1, block_job_types), WORD("status", 2, block_job_statuses) } },
    [EVENT_TUNABLE] = { ":", { { NULL } } },
    [EVENT_AGENT_LIFECYCLE] = { ": state: '{state}' reason: '{reason}'",
                                { WORD("state", 1, agent_states), WORD("reason", 2, agent_reasons) } },
    [EVENT_DEVICE_ADDED] = { ": {alias}", { TEXT("alias", 1) } },
    [EVENT_MIGRATION_ITERATION] = { ": iteration: '{iteration}'", { NUMBER("iteration", 1) } },
    [EVENT_JOB_COMPLETED] = { ":", { { NULL } } },
    [EVENT_DEVICE_REMOVAL_FAILED] = { ": {alias}", { TEXT("alias", 1) } },
    [EVENT_METADATA_CHANGE] = { ": type {type}, uri {uri}", { WORD("type", 1, metadata_types), TEXT("uri", 1) } },
    [EVENT_BLOCK_THRESHOLD] = { ": dev: {device}({path}) {threshold} {excess}",
                                { TEXT("device", 1), TEXT("path", 2), NUMBER("threshold", 1), NUMBER("excess", 2) } },
    [EVENT_MEMORY_FAILURE] = { ":\nrecipient: {recipient}\naction: {action}\nflags:\n\taction required: {action_required}\n"
                               "\trecursive: {recursive}",
                               { WORD("recipient", 1, memory_recipients), WORD("action", 2, memory_actions),
                                 FLAG("action_required", 3, MEMORY_FAILURE_ACTION_REQUIRED),
                                 FLAG("recursive", 3, MEMORY_FAILURE_RECURSIVE) } },
    [EVENT_MEMORY_DEVICE_SIZE_CHANGE] = { ":\nalias: {alias}\nsize: {size}", { TEXT("alias", 1), NUMBER("size", 1) } },
};

static const EventKind secret_kinds[SECRET_EVENT_COUNT] = {
    [SECRET_EVENT_LIFECYCLE] = { ": {type}", { WORD("type", 1, secret_lifecycle_names) } },
};

static const EventKind *
kind_of(const Event *event)
{
    return event->of_secret ? &secret_kinds[event->secret_id] : &domain_kinds[event->id];
}

static gint64
field_number(const Field *field, const Event *event)
{
    return ((const gint64[]){ event->n1, event->n2, event->n3 })[field->place];
}

/* NULL where it is missing, and for numbers. */
static const char *
field_text(const Field *field, const Event *event)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return ((const char *const[]){ event->s1, event->s2, event->s3 })[field->place];
    case FIELD_WORD:
        return word_at(field->words, field->n_words, field_number(field, event));
    case FIELD_DETAIL:
        return lifecycle_detail(event->n1, event->n2);
    case FIELD_NUMBER:
    case FIELD_KIB:
    case FIELD_FLAG:
        break;
    }
    return NULL;
}

static OutValue
field_value(const Field *field, const Event *event)
{
    const char *text = field_text(field, event);

    switch (field->kind) {
    case FIELD_NUMBER:
        return OUT_INT(field_number(field, event));
    case FIELD_KIB:
        return out_kib(NULL, (guint64)field_number(field, event));
    case FIELD_FLAG:
        return OUT_BOOL(NULL, (field_number(field, event) & field->bit) != 0);
    case FIELD_TEXT:
    case FIELD_WORD:
    case FIELD_DETAIL:
        break;
    }
    return text ? OUT_STR(text) : OUT_ABSENT(NULL);
}

/* --- text ------------------------------------------------------------------------------------------------ */

char *
event_timestamp(const Event *event)
{
    /* A journal that somebody damaged may hold a time that no calendar has. */
    gint64 time_us = CLAMP(event->time_us, 0, LAST_TIME_US);
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);
    g_autofree char *seconds = g_date_time_format(time, "%Y-%m-%d %H:%M:%S");

    return g_strdup_printf("%s.%03d+0000", seconds, (int)(time_us % G_USEC_PER_SEC / 1000));
}

/* "IPv4 127.0.0.1 5900" of one side of a connection to a display, as QEMU reports it. */
static char *
graphics_side(json_t *details, const char *side)
{
    json_t *info = json_object_get(details, side);
    const char *family = json_string_value(json_object_get(info, "family"));
    const char *node = json_string_value(json_object_get(info, "host"));
    const char *service = json_string_value(json_object_get(info, "service"));

    if (g_strcmp0(family, "ipv4") == 0)
        family = "IPv4";
    else if (g_strcmp0(family, "ipv6") == 0)
        family = "IPv6";
    return g_strdup_printf("%s %s %s", family ? family : "unknown", node ? node : "", service ? service : "");
}

static char *
graphics_sides(const Event *event)
{
    json_t *details = event->monitor_details ? json_loads(event->monitor_details, 0, NULL) : NULL;
    g_autofree char *local = graphics_side(details, "server");
    g_autofree char *remote = graphics_side(details, "client");

    json_decref(details);
    return g_strdup_printf(" local[%s] remote[%s]", local, remote);
}

/* Puts in the field that is named at @key, behind a "{". Returns what follows its "}". */
static const char *
append_field(GString *out, const Event *event, const char *key)
{
    const Field *field = kind_of(event)->fields;
    gsize length = strcspn(key, "?}");
    const char *text;

    while (strncmp(field->key, key, length) != 0 || field->key[length])
        field++;
    text = field_text(field, event);
    if (text)
        g_string_append(out, text);
    else if (field->kind == FIELD_FLAG)
        g_string_append_c(out, field_number(field, event) & field->bit ? '1' : '0');
    else if (field->kind != FIELD_TEXT)
        g_string_append_printf(out, "%" G_GINT64_FORMAT, field_number(field, event));
    else if (key[length] != '?')
        g_string_append(out, "<null>");
    return strchr(key, '}') + 1;
}

char *
event_text(const Event *event)
{
    const char *text = kind_of(event)->text;
    GString *out = g_string_new(NULL);
    char uuid[UUID_TEXT];

    if (event->of_secret) {
        uuid_format(event->secret.uuid, uuid);
        g_string_append_printf(out, "event '%s' for secret %s", secret_event_names[event->secret_id], uuid);
    } else {
        g_string_append_printf(out, "event '%s' for domain '%s'", event_names[event->id], event->dom.name);
    }
    while (text && *text) {
        if (*text == '{') {
            text = append_field(out, event, text + 1);
        } else if (*text == '@') {
            g_autofree char *sides = graphics_sides(event);

            g_string_append(out, sides);
            text++;
        } else {
            g_string_append_c(out, *text++);
        }
    }
    g_string_append_c(out, '\n');
    return g_string_free(out, FALSE);
}

void
event_fields(const Event *event, GPtrArray *keys, GArray *values)
{
    for (const Field *field = kind_of(event)->fields; field->key; field++) {
        OutValue value = field_value(field, event);

        g_ptr_array_add(keys, (gpointer)field->key);
        g_array_append_val(values, value);
    }
}
