/* run/qemu/NAME/status: what a running domain is doing, in one small file that is replaced atomically.
 *
 *     hvsh-status 1
 *     id=3
 *     uuid=8a4d…
 *     pid=4711
 *     pid-start=8812345
 *     state=1
 *     reason=1
 *     since=1700000000000
 *     supervisor-pid=4710
 *     supervisor-start=8812344
 *     reboot=0
 *
 * One `key=value` a line, unknown keys are skipped, numbers are decimal, the file is at most STATUS_MAX_SIZE bytes.
 * The supervisor writes it; `list` reads nothing else. The process numbers count only together with the start times
 * (util/process.h): status_running() checks that.
 *
 * When QEMU has ended, the supervisor writes the same format as `run/qemu/NAME.last` (pid 0, state shut off,
 * the reason, since when), removes the folder run/qemu/NAME and goes. A file that is called `lock` in the folder is left
 * alone, and the folder with it. Undefining or starting a domain may delete NAME.last; nobody needs it to exist.
 *
 * status.first beside it is the first status of this QEMU and stays as it is: where `status` was deleted or damaged, it still
 * says which process runs, and whose supervisor is to be asked for the rest.
 *
 * A folder whose status names a dead QEMU, and has no live supervisor, is stale: the shell that holds the domain's
 * lock calls supervisor_cleanup() (supervisor-client.h), which does what the supervisor would have done. */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define STATUS_MAX_SIZE 4096
#define STATUS_FILE "status"
#define STATUS_FIRST_FILE "status.first"
#define STATUS_LAST_SUFFIX ".last"

/* Numbers of libvirt's virDomainState. */
typedef enum {
    STATE_NOSTATE = 0,
    STATE_RUNNING = 1,
    STATE_BLOCKED = 2,
    STATE_PAUSED = 3,
    STATE_SHUTDOWN = 4,         /* the guest has shut down, QEMU is still there */
    STATE_SHUTOFF = 5,
    STATE_CRASHED = 6,
    STATE_PMSUSPENDED = 7,
} DomainState;

/* Numbers of libvirt's reasons, one enumeration per state. */
typedef enum {
    RUNNING_UNKNOWN = 0, RUNNING_BOOTED = 1, RUNNING_MIGRATED = 2, RUNNING_RESTORED = 3, RUNNING_FROM_SNAPSHOT = 4,
    RUNNING_UNPAUSED = 5, RUNNING_MIGRATION_CANCELED = 6, RUNNING_SAVE_CANCELED = 7, RUNNING_WAKEUP = 8,
    RUNNING_CRASHED = 9, RUNNING_POSTCOPY = 10, RUNNING_POSTCOPY_FAILED = 11,
} RunningReason;

typedef enum {
    PAUSED_UNKNOWN = 0, PAUSED_USER = 1, PAUSED_MIGRATION = 2, PAUSED_SAVE = 3, PAUSED_DUMP = 4, PAUSED_IOERROR = 5,
    PAUSED_WATCHDOG = 6, PAUSED_FROM_SNAPSHOT = 7, PAUSED_SHUTTING_DOWN = 8, PAUSED_SNAPSHOT = 9, PAUSED_CRASHED = 10,
    PAUSED_STARTING_UP = 11, PAUSED_POSTCOPY = 12, PAUSED_POSTCOPY_FAILED = 13, PAUSED_API_ERROR = 14,
} PausedReason;

typedef enum {
    SHUTDOWN_UNKNOWN = 0, SHUTDOWN_USER = 1,
} ShutdownReason;

typedef enum {
    SHUTOFF_UNKNOWN = 0, SHUTOFF_SHUTDOWN = 1, SHUTOFF_DESTROYED = 2, SHUTOFF_CRASHED = 3, SHUTOFF_MIGRATED = 4,
    SHUTOFF_SAVED = 5, SHUTOFF_FAILED = 6, SHUTOFF_FROM_SNAPSHOT = 7, SHUTOFF_DAEMON = 8,
} ShutoffReason;

typedef enum {
    CRASHED_UNKNOWN = 0, CRASHED_PANICKED = 1,
} CrashedReason;

typedef struct {
    int id;                     /* -1 in NAME.last */
    char uuid[37];              /* "" when not known */
    pid_t pid;                  /* QEMU; 0 in NAME.last */
    guint64 pid_start;
    int state;                  /* DomainState */
    int reason;
    gint64 since;               /* ms since 1970: when state or reason last changed */
    pid_t supervisor_pid;
    guint64 supervisor_start;
    gboolean reboot;            /* the guest's next shutdown is a reboot (see the supervisor's "set-reboot") */
} RunStatus;

/* Fails with INTERNAL_ERROR that says what is wrong; @status is untouched then. */
gboolean status_parse(const char *text, gsize length, RunStatus *status, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Returns a new string. */
char *status_format(const RunStatus *status);

/* Reads @path relative to @dir_fd (AT_FDCWD for none). A missing file is FALSE without an error
 * when @missing is not NULL (and is set to TRUE). */
gboolean status_read(int dir_fd, const char *path, RunStatus *status, gboolean *missing, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The status of the domain whose runtime folder is @folder, relative to @dir_fd. Without a status that can be read, but with a
 * first one whose QEMU runs, that one with STATE_NOSTATE. */
gboolean status_read_folder(int dir_fd, const char *folder, RunStatus *status, gboolean *missing, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Temporary file and rename, mode 0600. Not synced: the runtime folder means nothing after a power loss. */
gboolean status_write(int dir_fd, const char *path, const RunStatus *status, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether that QEMU, and that supervisor, are alive. */
gboolean status_running(const RunStatus *status);
gboolean status_supervised(const RunStatus *status);

G_END_DECLS
