#include "commands/event-text.h"

#include <jansson.h>

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
#define WORD(words, number) word_at((words), G_N_ELEMENTS(words), (number))

static const char *
lifecycle_detail(gint64 event, gint64 detail)
{
    const char *text = NULL;

    if (event >= 0 && event < (gint64)G_N_ELEMENTS(lifecycle_details) && detail >= 0 && detail < MAX_DETAILS)
        text = lifecycle_details[event][detail];
    return text ? text : "unknown";
}

static const char *
or_null(const char *text)
{
    return text ? text : "<null>";
}

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
graphics_text(const Event *event)
{
    json_t *details = event->monitor_details ? json_loads(event->monitor_details, 0, NULL) : NULL;
    g_autofree char *local = graphics_side(details, "server");
    g_autofree char *remote = graphics_side(details, "client");

    json_decref(details);
    return g_strdup_printf("event 'graphics' for domain '%s': %s local[%s] remote[%s] %s\n", event->dom.name,
                           WORD(graphics_phases, event->n1), local, remote, event->s1 ? event->s1 : "");
}

static char *
secret_text(const Event *event)
{
    char uuid[UUID_TEXT];

    uuid_format(event->secret.uuid, uuid);
    if (event->secret_id == SECRET_EVENT_LIFECYCLE)
        return g_strdup_printf("event 'lifecycle' for secret %s: %s\n", uuid, WORD(secret_lifecycle_names, event->n1));
    return g_strdup_printf("event '%s' for secret %s\n", secret_event_names[event->secret_id], uuid);
}

static char *
domain_text(const Event *event)
{
    const char *kind = event_names[event->id], *name = event->dom.name;
    g_autofree char *prefix = g_strdup_printf("event '%s' for domain '%s'", kind, name);

    switch (event->id) {
    case EVENT_LIFECYCLE:
        return g_strdup_printf("%s: %s %s\n", prefix, WORD(lifecycle_names, event->n1),
                               lifecycle_detail(event->n1, event->n2));
    case EVENT_RTC_CHANGE:
    case EVENT_MIGRATION_ITERATION:
        return g_strdup_printf(event->id == EVENT_RTC_CHANGE ? "%s: %" G_GINT64_FORMAT "\n" :
                               "%s: iteration: '%" G_GINT64_FORMAT "'\n", prefix, event->n1);
    case EVENT_WATCHDOG:
        return g_strdup_printf("%s: %s\n", prefix, WORD(watchdog_actions, event->n1));
    case EVENT_IO_ERROR:
        return g_strdup_printf("%s: %s (%s) %s\n", prefix, or_null(event->s1), or_null(event->s2),
                               WORD(io_error_actions, event->n1));
    case EVENT_IO_ERROR_REASON:
        return g_strdup_printf("%s: %s (%s) %s due to %s\n", prefix, or_null(event->s1), or_null(event->s2),
                               WORD(io_error_actions, event->n1), event->s3 ? event->s3 : "");
    case EVENT_GRAPHICS:
        return graphics_text(event);
    case EVENT_BLOCK_JOB:
    case EVENT_BLOCK_JOB_2:
        return g_strdup_printf("%s: %s for %s %s\n", prefix, WORD(block_job_types, event->n1), or_null(event->s1),
                               WORD(block_job_statuses, event->n2));
    case EVENT_DISK_CHANGE:
        return g_strdup_printf("%s disk %s: %s -> %s: %s\n", prefix, or_null(event->s3), or_null(event->s1),
                               or_null(event->s2), WORD(disk_change_reasons, event->n1));
    case EVENT_TRAY_CHANGE:
        return g_strdup_printf("%s disk %s: %s\n", prefix, or_null(event->s1), WORD(tray_reasons, event->n1));
    case EVENT_BALLOON_CHANGE:
        return g_strdup_printf("%s: %" G_GINT64_FORMAT "KiB\n", prefix, event->n1);
    case EVENT_DEVICE_REMOVED:
    case EVENT_DEVICE_ADDED:
    case EVENT_DEVICE_REMOVAL_FAILED:
        return g_strdup_printf("%s: %s\n", prefix, or_null(event->s1));
    case EVENT_TUNABLE:
    case EVENT_JOB_COMPLETED:
        return g_strdup_printf("%s:\n", prefix);
    case EVENT_AGENT_LIFECYCLE:
        return g_strdup_printf("%s: state: '%s' reason: '%s'\n", prefix, WORD(agent_states, event->n1),
                               WORD(agent_reasons, event->n2));
    case EVENT_METADATA_CHANGE:
        return g_strdup_printf("%s: type %s, uri %s\n", prefix, WORD(metadata_types, event->n1), or_null(event->s1));
    case EVENT_BLOCK_THRESHOLD:
        return g_strdup_printf("%s: dev: %s(%s) %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", prefix, or_null(event->s1),
                               or_null(event->s2), event->n1, event->n2);
    case EVENT_MEMORY_FAILURE:
        return g_strdup_printf("%s:\nrecipient: %s\naction: %s\nflags:\n\taction required: %d\n\trecursive: %d\n", prefix,
                               WORD(memory_recipients, event->n1), WORD(memory_actions, event->n2),
                               (event->n3 & MEMORY_FAILURE_ACTION_REQUIRED) != 0,
                               (event->n3 & MEMORY_FAILURE_RECURSIVE) != 0);
    case EVENT_MEMORY_DEVICE_SIZE_CHANGE:
        return g_strdup_printf("%s:\nalias: %s\nsize: %" G_GINT64_FORMAT "\n", prefix, or_null(event->s1), event->n1);
    case EVENT_REBOOT:
    case EVENT_CONTROL_ERROR:
    case EVENT_PM_WAKEUP:
    case EVENT_PM_SUSPEND:
    case EVENT_PM_SUSPEND_DISK:
    case EVENT_COUNT:
        break;
    }
    return g_strdup_printf("%s\n", prefix);
}

char *
event_text(const Event *event)
{
    return event->of_secret ? secret_text(event) : domain_text(event);
}

static void
add_field(GPtrArray *keys, GArray *values, const char *key, OutValue value)
{
    g_ptr_array_add(keys, (gpointer)key);
    g_array_append_val(values, value);
}

static OutValue
text_value(const char *text)
{
    return text ? OUT_STR(text) : OUT_ABSENT(NULL);
}

void
event_fields(const Event *event, GPtrArray *keys, GArray *values)
{
    if (event->of_secret) {
        if (event->secret_id == SECRET_EVENT_LIFECYCLE)
            add_field(keys, values, "type", OUT_STR(WORD(secret_lifecycle_names, event->n1)));
        return;
    }
    switch (event->id) {
    case EVENT_LIFECYCLE:
        add_field(keys, values, "type", OUT_STR(WORD(lifecycle_names, event->n1)));
        add_field(keys, values, "detail", OUT_STR(lifecycle_detail(event->n1, event->n2)));
        break;
    case EVENT_RTC_CHANGE:
        add_field(keys, values, "offset_s", OUT_INT(event->n1));
        break;
    case EVENT_MIGRATION_ITERATION:
        add_field(keys, values, "iteration", OUT_INT(event->n1));
        break;
    case EVENT_WATCHDOG:
        add_field(keys, values, "action", OUT_STR(WORD(watchdog_actions, event->n1)));
        break;
    case EVENT_IO_ERROR:
    case EVENT_IO_ERROR_REASON:
        add_field(keys, values, "path", text_value(event->s1));
        add_field(keys, values, "alias", text_value(event->s2));
        add_field(keys, values, "action", OUT_STR(WORD(io_error_actions, event->n1)));
        add_field(keys, values, "reason", text_value(event->s3));
        break;
    case EVENT_GRAPHICS:
        add_field(keys, values, "phase", OUT_STR(WORD(graphics_phases, event->n1)));
        add_field(keys, values, "auth", text_value(event->s1));
        break;
    case EVENT_BLOCK_JOB:
    case EVENT_BLOCK_JOB_2:
        add_field(keys, values, "disk", text_value(event->s1));
        add_field(keys, values, "job", OUT_STR(WORD(block_job_types, event->n1)));
        add_field(keys, values, "status", OUT_STR(WORD(block_job_statuses, event->n2)));
        break;
    case EVENT_DISK_CHANGE:
        add_field(keys, values, "alias", text_value(event->s3));
        add_field(keys, values, "old_source", text_value(event->s1));
        add_field(keys, values, "new_source", text_value(event->s2));
        add_field(keys, values, "reason", OUT_STR(WORD(disk_change_reasons, event->n1)));
        break;
    case EVENT_TRAY_CHANGE:
        add_field(keys, values, "alias", text_value(event->s1));
        add_field(keys, values, "reason", OUT_STR(WORD(tray_reasons, event->n1)));
        break;
    case EVENT_BALLOON_CHANGE:
        add_field(keys, values, "memory", out_kib(NULL, (guint64)event->n1));
        break;
    case EVENT_DEVICE_REMOVED:
    case EVENT_DEVICE_ADDED:
    case EVENT_DEVICE_REMOVAL_FAILED:
        add_field(keys, values, "alias", text_value(event->s1));
        break;
    case EVENT_AGENT_LIFECYCLE:
        add_field(keys, values, "state", OUT_STR(WORD(agent_states, event->n1)));
        add_field(keys, values, "reason", OUT_STR(WORD(agent_reasons, event->n2)));
        break;
    case EVENT_METADATA_CHANGE:
        add_field(keys, values, "type", OUT_STR(WORD(metadata_types, event->n1)));
        add_field(keys, values, "uri", text_value(event->s1));
        break;
    case EVENT_BLOCK_THRESHOLD:
        add_field(keys, values, "device", text_value(event->s1));
        add_field(keys, values, "path", text_value(event->s2));
        add_field(keys, values, "threshold", OUT_INT(event->n1));
        add_field(keys, values, "excess", OUT_INT(event->n2));
        break;
    case EVENT_MEMORY_FAILURE:
        add_field(keys, values, "recipient", OUT_STR(WORD(memory_recipients, event->n1)));
        add_field(keys, values, "action", OUT_STR(WORD(memory_actions, event->n2)));
        add_field(keys, values, "action_required", OUT_BOOL(NULL, (event->n3 & MEMORY_FAILURE_ACTION_REQUIRED) != 0));
        add_field(keys, values, "recursive", OUT_BOOL(NULL, (event->n3 & MEMORY_FAILURE_RECURSIVE) != 0));
        break;
    case EVENT_MEMORY_DEVICE_SIZE_CHANGE:
        add_field(keys, values, "alias", text_value(event->s1));
        add_field(keys, values, "size", OUT_INT(event->n1));
        break;
    case EVENT_REBOOT:
    case EVENT_CONTROL_ERROR:
    case EVENT_PM_WAKEUP:
    case EVENT_PM_SUSPEND:
    case EVENT_PM_SUSPEND_DISK:
    case EVENT_TUNABLE:
    case EVENT_JOB_COMPLETED:
    case EVENT_COUNT:
        break;
    }
}
