#include "util/process.h"

#include "util/deadline.h"
#include "util/error.h"
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Never the arguments: some programs are given passwords so. */
#define MODULE "util.process"

#define DEFAULT_TIMEOUT_MS 30000
/* A killed process that hangs in the kernel (a dead network file system) is waited for so long. */
#define KILLED_MS 3000
#define DEFAULT_MAX_OUTPUT (1024 * 1024)

extern char **environ;

/* What a program is to find under each number, with everything that the numbers could overwrite moved out of the way. */
typedef struct {
    ProcessFd fds[PROCESS_MAX_TARGET];
    gsize n_fds;
    int moved[PROCESS_MAX_TARGET];      /* descriptors of ours to close afterwards */
    gsize n_moved;
    int max_target;
    guint8 taken[PROCESS_MAX_TARGET];
} FdMap;

static void
fd_map_free(FdMap *map)
{
    if (!map)
        return;
    for (gsize i = 0; i < map->n_moved; i++)
        close(map->moved[i]);
    g_free(map);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FdMap, fd_map_free)

static FdMap *
fd_map_new(const ProcessSpec *spec, GError **error)
{
    g_autoptr(FdMap) map = g_new0(FdMap, 1);

    map->max_target = 2;
    for (gsize i = 0; i < spec->n_fds; i++) {
        int target = spec->fds[i].target;

        if (target < 0 || target >= PROCESS_MAX_TARGET || map->taken[target]) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot run '%s': descriptor number %d is out of range or named twice",
                     spec->argv[0], target);
            return NULL;
        }
        map->taken[target] = 1;
        map->max_target = MAX(map->max_target, target);
    }
    for (gsize i = 0; i < spec->n_fds; i++) {
        ProcessFd fd = spec->fds[i];

        if (fd.fd <= map->max_target && fd.fd != fd.target) {
            fd.fd = fcntl(fd.fd, F_DUPFD_CLOEXEC, map->max_target + 1);
            if (fd.fd < 0) {
                hv_throw_errno(error, errno, "cannot run '%s': cannot pass descriptor %d", spec->argv[0], spec->fds[i].fd);
                return NULL;
            }
            map->moved[map->n_moved++] = fd.fd;
        }
        map->fds[map->n_fds++] = fd;
    }
    return g_steal_pointer(&map);
}

gboolean
process_spawn(const ProcessSpec *spec, pid_t *pid, GError **error)
{
    g_autoptr(FdMap) map = fd_map_new(spec, error);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t none, all;
    pid_t child = 0;
    int failure;

    if (!map)
        return FALSE;

    posix_spawn_file_actions_init(&actions);
    for (gsize i = 0; i < map->n_fds; i++)
        posix_spawn_file_actions_adddup2(&actions, map->fds[i].fd, map->fds[i].target);
    for (int fd = 0; fd <= map->max_target; fd++) {
        if (map->taken[fd])
            continue;
        if (fd <= 2)
            posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
        else
            posix_spawn_file_actions_addclose(&actions, fd);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, map->max_target + 1);
    if (spec->cwd)
        posix_spawn_file_actions_addchdir_np(&actions, spec->cwd);

    posix_spawnattr_init(&attributes);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    if (spec->new_session)
        flags |= POSIX_SPAWN_SETSID;
    posix_spawnattr_setflags(&attributes, flags);

    failure = posix_spawnp(&child, spec->argv[0], &actions, &attributes, (char *const *)spec->argv,
                           spec->env ? (char *const *)spec->env : environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure != 0)
        return hv_throw_errno(error, failure, "cannot run '%s'", spec->argv[0]);

    *pid = child;
    HV_DEBUG(MODULE, "%s started as process %d", spec->argv[0], (int)child);
    return TRUE;
}

/* Between fork and exec: nothing here may allocate. Ends with an errno on @report, or in the program. */
static void
gated_child(const ProcessSpec *spec, const FdMap *map, int gate, int report)
{
    sigset_t none;
    char go;
    int failure;

    if (read(gate, &go, 1) != 1)
        _exit(127);

    if (spec->new_session)
        setsid();
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    if (spec->cwd && chdir(spec->cwd) < 0)
        goto failed;
    for (gsize i = 0; i < map->n_fds; i++) {
        if (map->fds[i].fd == map->fds[i].target)
            fcntl(map->fds[i].fd, F_SETFD, 0);
        else if (dup2(map->fds[i].fd, map->fds[i].target) < 0)
            goto failed;
    }
    for (int fd = 0; fd <= map->max_target; fd++) {
        if (map->taken[fd])
            continue;
        close(fd);
        if (fd <= 2 && open("/dev/null", O_RDWR) != fd)
            _exit(127);
    }
    if (report != map->max_target + 1) {
        dup3(report, map->max_target + 1, O_CLOEXEC);
        report = map->max_target + 1;
    }
    close_range(report + 1, ~0U, 0);
    execve(spec->argv[0], (char *const *)spec->argv, spec->env ? (char *const *)spec->env : environ);

failed:
    failure = errno;
    if (write(report, &failure, sizeof failure) < 0)
        _exit(126);
    _exit(127);
}

gboolean
process_spawn_gated(const ProcessSpec *spec, ProcessGate gate, gpointer data, pid_t *pid, GError **error)
{
    g_autoptr(FdMap) map = fd_map_new(spec, error);
    hv_autofd int gate_read = -1, gate_write = -1, report_read = -1, report_write = -1;
    int pair[2], failure = 0, floor;
    gssize got;
    pid_t child;

    if (!map)
        return FALSE;

    /* Above all numbers that the program wants, so that giving it those cannot overwrite the pipes. */
    floor = map->max_target + 2;
    if (pipe2(pair, O_CLOEXEC) < 0)
        return hv_throw_errno(error, errno, "cannot run '%s': cannot make a pipe", spec->argv[0]);
    gate_read = fcntl(pair[0], F_DUPFD_CLOEXEC, floor);
    gate_write = pair[1];
    close(pair[0]);
    if (pipe2(pair, O_CLOEXEC) < 0)
        return hv_throw_errno(error, errno, "cannot run '%s': cannot make a pipe", spec->argv[0]);
    report_read = pair[0];
    report_write = fcntl(pair[1], F_DUPFD_CLOEXEC, floor);
    close(pair[1]);
    if (gate_read < 0 || report_write < 0)
        return hv_throw_errno(error, EMFILE, "cannot run '%s'", spec->argv[0]);

    child = fork();
    if (child < 0)
        return hv_throw_errno(error, errno, "cannot run '%s'", spec->argv[0]);
    if (child == 0) {
        close(gate_write);
        gated_child(spec, map, gate_read, report_write);
        _exit(127);
    }
    close(process_fd_steal(&report_write));

    if (!gate(child, data, error)) {
        close(process_fd_steal(&gate_write));
        waitpid(child, NULL, 0);
        return FALSE;
    }
    if (write(gate_write, "", 1) != 1)
        failure = errno;
    do
        got = read(report_read, &failure, sizeof failure);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        waitpid(child, NULL, 0);
        return hv_throw_errno(error, failure, "cannot run '%s'", spec->argv[0]);
    }

    *pid = child;
    HV_DEBUG(MODULE, "%s started as process %d", spec->argv[0], (int)child);
    return TRUE;
}

/* FALSE when it has not ended in time. */
static gboolean
reap_within(pid_t child, int pidfd, int timeout_ms, int *status)
{
    gint64 deadline = deadline_after(timeout_ms);
    struct pollfd ended = { pidfd, POLLIN, 0 };

    while (poll(&ended, 1, deadline_remaining_ms(deadline)) < 0 && errno == EINTR)
        ;
    return waitpid(child, status, WNOHANG) != 0;
}

gboolean
process_reap(pid_t child, int timeout_ms, int *status)
{
    hv_autofd int pidfd = pidfd_open(child, 0);
    int own;

    if (!status)
        status = &own;
    if (reap_within(child, pidfd, timeout_ms, status))
        return TRUE;
    kill(child, SIGKILL);
    reap_within(child, pidfd, KILLED_MS, status);
    return FALSE;
}

/* One output of a running program. */
typedef struct {
    int fd;
    GString *text;
} Capture;

/* FALSE at the end of the output. */
static gboolean
capture_read(Capture *capture, gsize max, gboolean *truncated)
{
    char buffer[16384];
    gssize got = read(capture->fd, buffer, sizeof buffer);
    gsize keep;

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return FALSE;
    keep = MIN((gsize)got, max - capture->text->len);
    g_string_append_len(capture->text, buffer, (gssize)keep);
    if (keep < (gsize)got)
        *truncated = TRUE;
    return TRUE;
}

/* Reads both outputs until they end, or the program has ended and nothing more is there. FALSE at the deadline. */
static gboolean
capture_all(Capture captures[2], int pidfd, gsize max, gint64 deadline, gboolean *truncated)
{
    gboolean exited = FALSE;

    for (;;) {
        struct pollfd fds[3] = {
            { captures[0].fd, POLLIN, 0 }, { captures[1].fd, POLLIN, 0 }, { exited ? -1 : pidfd, POLLIN, 0 },
        };
        gboolean progress = FALSE;
        int ready;

        if (exited && captures[0].fd < 0 && captures[1].fd < 0)
            return TRUE;
        ready = poll(fds, 3, exited ? 0 : deadline_remaining_ms(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return exited;
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents == 0)
                continue;
            progress = TRUE;
            if (!capture_read(&captures[i], max, truncated)) {
                close(captures[i].fd);
                captures[i].fd = -1;
            }
        }
        if (!progress && fds[2].revents != 0)
            exited = TRUE;
        if (g_get_monotonic_time() > deadline)
            return exited;
    }
}

static int
input_file(const ProcessRun *run, GError **error)
{
    hv_autofd int fd = -1;
    gsize done = 0;

    fd = run->input ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        hv_throw_errno(error, errno, "cannot run '%s': cannot keep its input", run->argv[0]);
        return -1;
    }
    while (done < run->input_length) {
        gssize written = write(fd, run->input + done, run->input_length - done);

        if (written < 0) {
            hv_throw_errno(error, errno, "cannot run '%s': cannot keep its input", run->argv[0]);
            return -1;
        }
        done += (gsize)written;
    }
    lseek(fd, 0, SEEK_SET);
    return process_fd_steal(&fd);
}

static gboolean
run_program(const ProcessRun *run, ProcessOutput *output, GError **error)
{
    int timeout = run->timeout_ms > 0 ? run->timeout_ms : DEFAULT_TIMEOUT_MS;
    gint64 deadline = deadline_after(timeout);
    hv_autofd int input = input_file(run, error), pidfd = -1;
    g_autofree ProcessFd *fds = g_new0(ProcessFd, run->n_fds + 3);
    g_autoptr(GString) out = g_string_new(NULL), err = g_string_new(NULL);
    ProcessSpec spec = { .argv = run->argv, .env = run->env, .cwd = run->cwd, .fds = fds, .n_fds = run->n_fds + 3 };
    int out_pipe[2], err_pipe[2], status = 0;
    gboolean truncated = FALSE, started, finished;
    Capture captures[2];
    pid_t pid = 0;

    if (input < 0)
        return FALSE;
    if (pipe2(out_pipe, O_CLOEXEC) < 0)
        return hv_throw_errno(error, errno, "cannot run '%s': cannot make a pipe", run->argv[0]);
    if (pipe2(err_pipe, O_CLOEXEC) < 0) {
        hv_throw_errno(error, errno, "cannot run '%s': cannot make a pipe", run->argv[0]);
        close(out_pipe[0]);
        close(out_pipe[1]);
        return FALSE;
    }
    captures[0] = (Capture){ out_pipe[0], out };
    captures[1] = (Capture){ err_pipe[0], err };
    fcntl(out_pipe[0], F_SETFL, O_NONBLOCK);
    fcntl(err_pipe[0], F_SETFL, O_NONBLOCK);

    fds[0] = (ProcessFd){ input, 0 };
    fds[1] = (ProcessFd){ out_pipe[1], 1 };
    fds[2] = (ProcessFd){ err_pipe[1], 2 };
    for (gsize i = 0; i < run->n_fds; i++)
        fds[i + 3] = run->fds[i];
    started = process_spawn(&spec, &pid, error);
    close(out_pipe[1]);
    close(err_pipe[1]);
    if (!started) {
        close(out_pipe[0]);
        close(err_pipe[0]);
        return FALSE;
    }

    pidfd = pidfd_open(pid, 0);
    finished = capture_all(captures, pidfd, run->max_output ? run->max_output : DEFAULT_MAX_OUTPUT, deadline, &truncated);
    for (int i = 0; i < 2; i++)
        if (captures[i].fd >= 0)
            close(captures[i].fd);
    finished = process_reap(pid, finished ? deadline_remaining_ms(deadline) : 0, &status) && finished;
    if (!finished)
        return hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "'%s' did not end within %d ms and was killed", run->argv[0], timeout);

    output->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    output->out_length = out->len;
    output->out = g_string_free(g_steal_pointer(&out), FALSE);
    output->err_length = err->len;
    output->err = g_string_free(g_steal_pointer(&err), FALSE);
    output->truncated = truncated;
    return TRUE;
}

gboolean
process_run(const ProcessRun *run, ProcessOutput *output, GError **error)
{
    gint64 started = g_get_monotonic_time();
    GError *problem = NULL;

    if (!run_program(run, output, &problem)) {
        HV_DEBUG(MODULE, "%s failed in %" G_GINT64_FORMAT " us: %s", run->argv[0], g_get_monotonic_time() - started,
                 hv_error_code_name(problem->code));
        g_propagate_error(error, problem);
        return FALSE;
    }
    HV_DEBUG(MODULE, "%s ended with status %d in %" G_GINT64_FORMAT " us", run->argv[0], output->exit_status,
             g_get_monotonic_time() - started);
    return TRUE;
}

gboolean
process_run_checked(const ProcessRun *run, ProcessOutput *output, GError **error)
{
    g_auto(ProcessOutput) own = { 0 };
    const char *line;

    if (!process_run(run, &own, error))
        return FALSE;
    if (own.exit_status != 0) {
        g_strchomp(own.err);
        line = strrchr(own.err, '\n');
        line = line ? line + 1 : own.err;
        if (*line)
            return hv_throw(error, HV_ERR_OPERATION_FAILED, "'%s' failed: %s", run->argv[0], line);
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "'%s' failed with status %d", run->argv[0], own.exit_status);
    }
    if (output) {
        *output = own;
        memset(&own, 0, sizeof own);
    }
    return TRUE;
}

void
process_output_clear(ProcessOutput *output)
{
    g_clear_pointer(&output->out, g_free);
    g_clear_pointer(&output->err, g_free);
    output->out_length = output->err_length = 0;
}
