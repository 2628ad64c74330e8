/* Running programs without a shell, and knowing a process again later.
 *
 * A program gets exactly the descriptors that its spec names; everything else is closed in it,
 * whether or not it was opened close-on-exec. Signals are unblocked and at their defaults there.
 *
 * A process is known by its number and its start time (clock ticks since boot, field 22 of
 * /proc/PID/stat): numbers are used again, the pair is not. A zombie counts as ended. */
#pragma once

#include <errno.h>
#include <glib.h>
#include <sys/types.h>
#include <unistd.h>

G_BEGIN_DECLS

typedef struct {
    int fd;                     /* the caller's descriptor; stays the caller's */
    int target;                 /* its number in the program, below PROCESS_MAX_TARGET */
} ProcessFd;

#define PROCESS_MAX_TARGET 1024

typedef struct {
    const char *const *argv;    /* argv[0] is looked up in PATH when it has no slash */
    const char *const *env;     /* KEY=VALUE strings; NULL: the caller's environment */
    const char *cwd;            /* NULL: the caller's */
    const ProcessFd *fds;       /* 0, 1 and 2 are /dev/null unless they are named here */
    gsize n_fds;
    gboolean new_session;       /* setsid(): away from the caller's terminal and its signals */
} ProcessSpec;

/* Starts the program and returns when it has been executed. The caller reaps @pid.
 * Fails with SYSTEM_ERROR "cannot run 'PROGRAM': REASON". */
gboolean process_spawn(const ProcessSpec *spec, pid_t *pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Called with the number of the process before the program is executed in it; FALSE with an error calls it off. */
typedef gboolean (*ProcessGate)(pid_t pid, gpointer data, GError **error);

/* The same, but argv[0] is a path, and @gate is called when the process exists and before it executes the program: what
 * must be on record about it can be written first. It ends by itself when the caller dies in between. */
gboolean process_spawn_gated(const ProcessSpec *spec, ProcessGate gate, gpointer data, pid_t *pid, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    const char *const *argv;
    const char *const *env;     /* as in ProcessSpec */
    const char *cwd;
    const ProcessFd *fds;       /* besides 0, 1 and 2, which are pipes */
    gsize n_fds;
    const char *input;          /* its standard input, NULL for none */
    gsize input_length;
    gsize max_output;           /* bytes kept of each output; the rest is read and dropped. 0: 1 MiB */
    int timeout_ms;             /* it is killed when this is over. 0: 30 s */
} ProcessRun;

typedef struct {
    int exit_status;            /* 0 to 255, or 128 + the signal that killed it */
    char *out;                  /* always NUL-terminated, may hold other NULs */
    gsize out_length;
    char *err;
    gsize err_length;
    gboolean truncated;         /* one of the outputs was longer than max_output */
} ProcessOutput;

/* Runs the program to its end. A non-zero exit status is not an error here. Fails with SYSTEM_ERROR when it cannot be
 * run and OPERATION_TIMEOUT when it had to be killed. @output is filled on success; clear it. */
gboolean process_run(const ProcessRun *run, ProcessOutput *output, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, and a non-zero exit status is OPERATION_FAILED "'PROGRAM' failed: LAST LINE OF STDERR". @output may be NULL. */
gboolean process_run_checked(const ProcessRun *run, ProcessOutput *output, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void process_output_clear(ProcessOutput *output);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ProcessOutput, process_output_clear)

/* Waits until the child has ended, and reaps it. One that has not ended after @timeout_ms is killed, and given up where even
 * that does not end it within seconds (it hangs in the kernel). FALSE when it had to be killed. @status (may be NULL) is that of
 * waitpid(). */
gboolean process_reap(pid_t child, int timeout_ms, int *status);

/* 0 when there is no such process, or only its zombie. */
guint64 process_start_time(pid_t pid);
gboolean process_alive(pid_t pid, guint64 start_time);
/* A descriptor that polls readable when the process ends, for any process, not only children. -1 when it is gone. */
int process_pidfd(pid_t pid, guint64 start_time);
/* TRUE once the process has ended (it is not reaped), FALSE when @timeout_ms (-1: none) was over first. */
gboolean process_wait_exit(pid_t pid, guint64 start_time, int timeout_ms);
/* Sends @signum to that very process. TRUE when it was sent or the process is gone already. */
gboolean process_kill(pid_t pid, guint64 start_time, int signum, GError **error);

/* A descriptor that is closed at the end of its scope; -1 for none. */
static inline void
process_fd_cleanup(int *fd)
{
    if (*fd >= 0) {
        int saved = errno;

        close(*fd);
        errno = saved;
    }
}
#define hv_autofd __attribute__((cleanup(process_fd_cleanup)))

static inline int
process_fd_steal(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

G_END_DECLS
