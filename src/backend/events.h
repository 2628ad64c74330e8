/* Events of domains, of QEMU's monitor and of secrets, for any number of watchers.
 * Numbers and fields are libvirt's (virDomainEventID, virSecretEventID and the remote protocol's event messages). */
#pragma once

#include "backend/interface.h"
#include "supervisor/journal.h"     /* numbers of lifecycle events */

G_BEGIN_DECLS

typedef enum {
    EVENT_LIFECYCLE = 0,
    EVENT_REBOOT = 1,
    EVENT_RTC_CHANGE = 2,
    EVENT_WATCHDOG = 3,
    EVENT_IO_ERROR = 4,
    EVENT_GRAPHICS = 5,
    EVENT_IO_ERROR_REASON = 6,
    EVENT_CONTROL_ERROR = 7,
    EVENT_BLOCK_JOB = 8,
    EVENT_DISK_CHANGE = 9,
    EVENT_TRAY_CHANGE = 10,
    EVENT_PM_WAKEUP = 11,
    EVENT_PM_SUSPEND = 12,
    EVENT_BALLOON_CHANGE = 13,
    EVENT_PM_SUSPEND_DISK = 14,
    EVENT_DEVICE_REMOVED = 15,
    EVENT_BLOCK_JOB_2 = 16,
    EVENT_TUNABLE = 17,
    EVENT_AGENT_LIFECYCLE = 18,
    EVENT_DEVICE_ADDED = 19,
    EVENT_MIGRATION_ITERATION = 20,
    EVENT_JOB_COMPLETED = 21,
    EVENT_DEVICE_REMOVAL_FAILED = 22,
    EVENT_METADATA_CHANGE = 23,
    EVENT_BLOCK_THRESHOLD = 24,
    EVENT_MEMORY_FAILURE = 25,
    EVENT_MEMORY_DEVICE_SIZE_CHANGE = 26,
    EVENT_COUNT,
} EventId;

typedef enum {
    SECRET_EVENT_LIFECYCLE = 0,
    SECRET_EVENT_VALUE_CHANGED = 1,
    SECRET_EVENT_COUNT,
} SecretEventId;

/* Numbers of a secret's lifecycle events (virSecretEventLifecycleType). */
enum { SECRET_DEFINED = 0, SECRET_UNDEFINED = 1 };

typedef struct {
    EventId id;                 /* for domain events */
    DomainRef dom;
    gint64 time_us;             /* wall clock, microseconds since 1970 */
    /* Numbers and strings by event, in the order of the wire message:
     * lifecycle: n1 event, n2 detail. rtc: n1 offset. watchdog: n1 action. io error: s1 path, s2 alias, n1 action, s3 reason.
     * graphics: n1 phase, s1 auth. block job: s1 path or target, n1 type, n2 status. disk change: s1 old, s2 new, s3
     * alias, n1 reason. tray: s1 alias, n1 reason. pm: n1 reason. balloon: n1 KiB. device: s1 alias. agent: n1 state,
     * n2 reason. metadata: n1 type, s1 uri. threshold: s1 dev, s2 path, n1 threshold, n2 excess. memory failure: n1
     * recipient, n2 action, n3 flags. memory size: s1 alias, n1 size. migration iteration: n1. */
    gint64 n1, n2, n3;
    char *s1, *s2, *s3;
    /* for monitor events: QEMU's event name and its data as JSON text (or NULL) */
    char *monitor_event;
    char *monitor_details;
    /* for events of secrets; lifecycle: n1 event, n2 detail */
    gboolean of_secret;
    SecretEventId secret_id;
    SecretRef secret;
} Event;

void event_clear(Event *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Event, event_clear)

/* A subscription. Drivers make one with their own functions; the first member of their struct is this. */
typedef struct EventSource EventSource;
struct EventSource {
    /* A descriptor that is readable when next() may have something. */
    int (*fd)(EventSource *source);
    /* 1: *@event is filled (the caller clears it); 0: nothing now; -1: @error. Never blocks. */
    int (*next)(EventSource *source, Event *event, GError **error);
    void (*free)(EventSource *source);
};

/* Subscribes to what happens from now on. @domain NULL: all domains; @event_id -1: all events. */
EventSource *conn_events(Connection *conn, const DomainRef *domain, int event_id, GError **error);
/* QEMU's own events ("virConnectDomainQemuMonitorEventRegister"). */
EventSource *conn_monitor_events(Connection *conn, const DomainRef *domain, GError **error);
/* Events of secrets. @secret NULL: all secrets; @event_id -1: all events. */
EventSource *conn_secret_events(Connection *conn, const SecretRef *secret, int event_id, GError **error);
int event_source_fd(EventSource *source);
int event_source_next(EventSource *source, Event *event, GError **error);
/* As event_source_next(), waiting up to @deadline_us (g_get_monotonic_time(); -1: for ever) or until @cancel_fd
 * (or -1) is readable: 0 in both cases. */
int event_source_wait(EventSource *source, gint64 deadline_us, int cancel_fd, Event *event, GError **error);
void event_source_free(EventSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventSource, event_source_free)

G_END_DECLS
