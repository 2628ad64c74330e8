/* A QEMU that only answers questions: spawning, connecting, its last words, its end. */
#include "config.h"

#include "backend/qemu/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/deadline.h"
#include "util/error.h"

#define PROBE_WORDS_MAX 4096    /* of what the process says on stderr, its end is kept */
#define PROBE_KILL_MS 1000
#define PROBE_END_MS 200        /* between the end of the connection and that of the process */
/* The descriptor of the monitor in the child; 0 to 2 are its standard streams. */
#define PROBE_MONITOR_FD 3

struct QemuProbe {
    char *emulator;
    pid_t pid;              /* 0: ended and collected */
    int status;
    int words_fd;
    GString *words;
    QmpConn *monitor;
    gint64 begun;               /* monotonic, microseconds */
};

/* FALSE: it has not ended by then. pidfd_open() makes the end of a process something to poll for. */
static gboolean
qemu_child_wait(pid_t pid, gint64 deadline, int *status)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    pid_t ended;

    for (;;) {
        int left = deadline_remaining_ms(deadline);
        struct pollfd pfd = { .fd = pidfd, .events = POLLIN };

        ended = waitpid(pid, status, WNOHANG);
        if (ended != 0 || left == 0)
            break;
        poll(&pfd, pidfd >= 0 ? 1 : 0, pidfd >= 0 ? left : 5);
    }
    if (pidfd >= 0)
        close(pidfd);
    if (ended < 0)
        *status = 0;
    return ended != 0;
}

/* Between fork and exec only system calls are made. */
static void G_GNUC_NORETURN
probe_exec(const char *const *argv, char *const *env, int monitor_fd, int words_fd, int null_fd)
{
    sigset_t none;

    /* Its own group: what a wrapper script has started ends together with it. */
    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(null_fd, STDIN_FILENO) >= 0 && dup2(null_fd, STDOUT_FILENO) >= 0 &&
        dup2(words_fd, STDERR_FILENO) >= 0 && dup2(monitor_fd, PROBE_MONITOR_FD) >= 0) {
        syscall(SYS_close_range, PROBE_MONITOR_FD + 1, ~0U, 0);
        execve(argv[0], (char *const *)argv, env);
    }
    _exit(127);
}

static int
probe_above_streams(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, PROBE_MONITOR_FD + 1);

    close(fd);
    return copy;
}

/* A connected pair whose far end is a listening socket, as QEMU's chardev wants it: the client is in the queue
 * before QEMU exists, so nothing has to be waited for and nobody else can be first. */
static gboolean
probe_sockets(int *listener, int *client, GError **error)
{
    g_autofree char *folder = g_build_filename(g_get_tmp_dir(), "hvsh-probe-XXXXXX", NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    gboolean done = FALSE;

    *listener = *client = -1;
    if (!g_mkdtemp_full(folder, 0700))
        return hv_throw_errno(error, errno, "unable to create a folder in '%s' for probing QEMU", g_get_tmp_dir());
    if (g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/m", folder) < (int)sizeof(address.sun_path)) {
        *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        *client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        done = *listener >= 0 && *client >= 0 &&
               bind(*listener, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(*listener, 1) == 0 &&
               connect(*client, (struct sockaddr *)&address, sizeof(address)) == 0;
    } else {
        errno = ENAMETOOLONG;
    }
    if (!done)
        hv_throw_errno(error, errno, "unable to make a socket in '%s' for probing QEMU", folder);
    unlink(address.sun_path);
    rmdir(folder);
    return done;
}

static gboolean
probe_spawn(QemuProbe *probe, const char *accel, int listener, GError **error)
{
    g_autofree char *machine = g_strconcat("none,accel=", accel, NULL);
    const char *const argv[] = {
        probe->emulator, "-S", "-no-user-config", "-nodefaults", "-nographic", "-machine", machine,
        "-chardev", "socket,id=charmonitor,fd=3,server=on,wait=off",
        "-mon", "chardev=charmonitor,id=monitor,mode=control", NULL,
    };
    g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "LC_ALL", "C", TRUE);
    int words[2] = { -1, -1 };
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int errnum;

    if (null_fd < 0 || pipe2(words, O_CLOEXEC | O_NONBLOCK) < 0) {
        errnum = errno;
        if (null_fd >= 0)
            close(null_fd);
        return hv_throw_errno(error, errnum, "unable to prepare the probing of QEMU");
    }
    /* Its own end must block; the flag belongs to the open file, and each end has its own. */
    fcntl(words[1], F_SETFL, 0);
    words[0] = probe_above_streams(words[0]);
    words[1] = probe_above_streams(words[1]);
    null_fd = probe_above_streams(null_fd);
    listener = fcntl(listener, F_DUPFD_CLOEXEC, PROBE_MONITOR_FD + 1);

    probe->pid = fork();
    if (probe->pid == 0)
        probe_exec(argv, env, listener, words[1], null_fd);
    errnum = errno;
    close(listener);
    close(words[1]);
    close(null_fd);
    probe->words_fd = words[0];
    if (probe->pid > 0)
        return TRUE;
    probe->pid = 0;
    return hv_throw_errno(error, errnum, "cannot fork child process");
}

static void
probe_read_words(QemuProbe *probe)
{
    char part[1024];
    ssize_t got;

    if (probe->words_fd < 0)
        return;
    while ((got = read(probe->words_fd, part, sizeof(part))) > 0) {
        g_string_append_len(probe->words, part, got);
        if (probe->words->len > PROBE_WORDS_MAX)
            g_string_erase(probe->words, 0, (gssize)(probe->words->len - PROBE_WORDS_MAX));
    }
}

static char *
probe_end_text(const QemuProbe *probe)
{
    if (WIFSIGNALED(probe->status))
        return g_strdup_printf("it was killed by signal %d", WTERMSIG(probe->status));
    if (WIFEXITED(probe->status) && WEXITSTATUS(probe->status) == 127)
        return g_strdup("it could not be run");
    return g_strdup_printf("it ended with status %d", WEXITSTATUS(probe->status));
}

/* A binary that ends closes the monitor first: a short wait tells the one from the other. */
gboolean
qemu_probe_explain(QemuProbe *probe, GError **error)
{
    g_autofree char *words = NULL;
    g_autofree char *end = NULL;
    gboolean timed_out = error && g_error_matches(*error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    gint64 patience = deadline_after(timed_out ? 0 : PROBE_END_MS);

    if (probe->pid && qemu_child_wait(probe->pid, patience, &probe->status))
        probe->pid = 0;
    probe_read_words(probe);
    words = g_utf8_make_valid(probe->words->str, (gssize)probe->words->len);
    g_strstrip(words);
    if (probe->pid) {
        if (timed_out && error) {
            g_clear_error(error);
            hv_throw(error, HV_ERR_OPERATION_TIMEOUT,
                     "QEMU binary %s did not answer its monitor within %d ms when it was probed%s%s", probe->emulator,
                     (int)((g_get_monotonic_time() - probe->begun) / 1000), *words ? ": " : "", words);
            hv_error_set_source(error, HV_FROM_QEMU);
        }
        return FALSE;
    }
    end = probe_end_text(probe);
    g_clear_error(error);
    hv_throw(error, HV_ERR_INTERNAL_ERROR, "Failed to start QEMU binary %s for probing: %s", probe->emulator,
             *words ? words : end);
    hv_error_set_source(error, HV_FROM_QEMU);
    return FALSE;
}

QemuProbe *
qemu_probe_new(const char *emulator, const char *accel, gint64 deadline, GError **error)
{
    g_autoptr(QemuProbe) probe = g_new0(QemuProbe, 1);
    int listener, client;
    gboolean spawned;
    int left;

    probe->emulator = g_strdup(emulator);
    probe->words_fd = -1;
    probe->begun = g_get_monotonic_time();
    probe->words = g_string_new(NULL);
    spawned = probe_sockets(&listener, &client, error) && probe_spawn(probe, accel, listener, error);
    /* With QEMU's copy the only one left, its end is the end of the connection. */
    if (listener >= 0)
        close(listener);
    if (!spawned) {
        if (client >= 0)
            close(client);
        return NULL;
    }
    left = deadline_remaining_ms(deadline);
    probe->monitor = qmp_connect_fd(client, emulator, left, error);
    if (!probe->monitor) {
        qemu_probe_explain(probe, error);
        return NULL;
    }
    qmp_set_timeout(probe->monitor, left);
    return g_steal_pointer(&probe);
}

QmpConn *
qemu_probe_monitor(QemuProbe *probe)
{
    return probe->monitor;
}

void
qemu_probe_free(QemuProbe *probe)
{
    if (!probe)
        return;
    if (probe->pid) {
        kill(-probe->pid, SIGKILL);
        kill(probe->pid, SIGKILL);  /* where it is so new that it has no group yet */
        qemu_child_wait(probe->pid, deadline_after(PROBE_KILL_MS), &probe->status);
    }
    qmp_free(probe->monitor);
    if (probe->words_fd >= 0)
        close(probe->words_fd);
    g_string_free(probe->words, TRUE);
    g_free(probe->emulator);
    g_free(probe);
}
