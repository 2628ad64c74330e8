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
 * A folder whose status names a dead QEMU, and has no live supervisor, is stale: the shell that holds the domain's
 * lock calls supervisor_cleanup() (supervisor-client.h), which does what the supervisor would have done. */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "backend/constants.h"

G_BEGIN_DECLS

#define STATUS_MAX_SIZE 4096
#define STATUS_FILE "status"
#define STATUS_LAST_SUFFIX ".last"

/* Short names for the states (DomainState); the reasons are in backend/constants.h. */
enum {
    STATE_NOSTATE = DOMAIN_STATE_NONE,
    STATE_RUNNING = DOMAIN_STATE_RUNNING,
    STATE_BLOCKED = DOMAIN_STATE_BLOCKED,
    STATE_PAUSED = DOMAIN_STATE_PAUSED,
    STATE_SHUTDOWN = DOMAIN_STATE_SHUTDOWN,     /* the guest has shut down, QEMU is still there */
    STATE_SHUTOFF = DOMAIN_STATE_SHUTOFF,
    STATE_CRASHED = DOMAIN_STATE_CRASHED,
    STATE_PMSUSPENDED = DOMAIN_STATE_PMSUSPENDED,
};

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
/* Temporary file and rename, mode 0600. Not synced: the runtime folder means nothing after a power loss. */
gboolean status_write(int dir_fd, const char *path, const RunStatus *status, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether that QEMU, and that supervisor, are alive. */
gboolean status_running(const RunStatus *status);
gboolean status_supervised(const RunStatus *status);

G_END_DECLS
