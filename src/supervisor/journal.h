/* run/qemu/NAME/journal: what happened to the domain, one JSON object a line, only ever appended to by the supervisor.
 *
 *   {"seq":1,"t":1700000000000000,"id":3,"lifecycle":2,"detail":0,"state":1,"reason":1}
 *   {"seq":2,"t":1700000000000123,"event":{"event":"DEVICE_DELETED","data":{…},"timestamp":{…}}}
 *   {"seq":9,"t":…,"lost":3}
 *
 * `seq` counts from 1 while QEMU lives (through changes of supervisor too), `t` is in µs since 1970.
 *   event      an event of QEMU, as QEMU sent it
 *   state      a change of state, with its reason; and, where libvirt tells its clients of such a change, `lifecycle`
 *              and `detail`: numbers of virDomainEventType and its details. A domain that ended has lifecycle 5 (stopped).
 *   lost       so many entries could not be written (full disk)
 *
 * The position to remember after applying entries is the seq. At JOURNAL_MAX_SIZE the file is renamed to `journal.old`
 * (what was there goes) and a new one begun, so at least that many bytes of history are there to catch up with. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

#define JOURNAL_FILE "journal"
#define JOURNAL_OLD_FILE "journal.old"
#define JOURNAL_MAX_SIZE (4 * 1024 * 1024)
#define JOURNAL_MAX_LINE (1024 * 1024)

/* virDomainEventType */
typedef enum {
    LIFECYCLE_DEFINED = 0, LIFECYCLE_UNDEFINED = 1, LIFECYCLE_STARTED = 2, LIFECYCLE_SUSPENDED = 3, LIFECYCLE_RESUMED = 4,
    LIFECYCLE_STOPPED = 5, LIFECYCLE_SHUTDOWN = 6, LIFECYCLE_PMSUSPENDED = 7, LIFECYCLE_CRASHED = 8,
} LifecycleEvent;

/* virDomainEventStoppedDetailType; the details of other events are listed where the supervisor makes them (guest.c). */
typedef enum {
    STOPPED_SHUTDOWN = 0, STOPPED_DESTROYED = 1, STOPPED_CRASHED = 2, STOPPED_MIGRATED = 3, STOPPED_SAVED = 4,
    STOPPED_FAILED = 5, STOPPED_FROM_SNAPSHOT = 6,
} StoppedDetail;

/* @entry is borrowed. Returning FALSE ends the reading. */
typedef gboolean (*JournalFunc)(guint64 seq, json_t *entry, gpointer data);

/* Calls @func for every whole entry after @after_seq, oldest first. A last line without its end (being written) is left out; a
 * damaged line is skipped. Missing files are an empty journal. FALSE only when a file cannot be read (SYSTEM_ERROR). */
gboolean journal_read(const char *run_dir, guint64 after_seq, JournalFunc func, gpointer data, GError **error);

G_END_DECLS
