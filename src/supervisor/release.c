#include "supervisor/release.h"

#include "util/deadline.h"
#include "util/error.h"
#include "util/files.h"
#include "util/macvtap.h"
#include "util/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOK_TIMEOUT_MS 30000
#define LOCK_RETRY_MS 5
/* How long all helpers together may take to end, first when told to, then when killed. */
#define HELPERS_TERM_MS 5000
#define HELPERS_KILL_MS 5000

/* Deletes the interface when it is a tap or macvtap. */
static gboolean
release_tap(const char *name, GError **error)
{
    hv_autofd int fd = -1;
    struct ifreq request = { 0 };

    if (strlen(name) >= sizeof request.ifr_name)
        return hv_throw(error, HV_ERR_INVALID_ARG, "interface name '%s' is too long", name);
    if (if_nametoindex(name) == 0)
        return TRUE;
    if (macvtap_is(name))
        return macvtap_delete(name, error);
    fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return hv_throw_errno(error, errno, "cannot delete tap '%s': cannot open /dev/net/tun", name);
    strcpy(request.ifr_name, name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    /* A tap that is not persistent goes when its last descriptor is closed: this one. One that was made for several
     * queues can only be attached as such. */
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        request.ifr_flags |= IFF_MULTI_QUEUE;
        if (ioctl(fd, TUNSETIFF, &request) < 0)
            return hv_throw_errno(error, errno, "cannot delete tap '%s'", name);
    }
    if (ioctl(fd, TUNSETPERSIST, 0) < 0)
        return hv_throw_errno(error, errno, "cannot delete tap '%s'", name);
    return TRUE;
}

static void
report(GError *error, ReleaseProblem problem, gpointer data)
{
    if (error && problem)
        problem(error->message, data);
    g_clear_error(&error);
}

/* --- helpers --------------------------------------------------------------------------------------------- */

void
release_helper(const LaunchHelper *helper)
{
    /* Helpers lead a session of their own, and some are more than one process. The number stays taken while there is
     * anything left of that group. */
    if (helper->pid > 1)
        kill(-helper->pid, SIGKILL);
}

static void
signal_helpers(const GPtrArray *helpers, int signum)
{
    for (guint i = 0; i < helpers->len; i++) {
        const LaunchHelper *helper = g_ptr_array_index(helpers, i);

        if (helper->pid > 1)
            process_kill(helper->pid, helper->pid_start, signum, NULL);
    }
}

/* Whether all of them have ended by then. */
static gboolean
await_helpers(const GPtrArray *helpers, int timeout_ms)
{
    gint64 deadline = deadline_after(timeout_ms);
    gboolean ended = TRUE;

    for (guint i = 0; i < helpers->len; i++) {
        const LaunchHelper *helper = g_ptr_array_index(helpers, i);

        if (helper->pid > 1 && !process_wait_exit(helper->pid, helper->pid_start, deadline_remaining_ms(deadline)))
            ended = FALSE;
    }
    return ended;
}

static void
report_alive(const GPtrArray *helpers, ReleaseProblem problem, gpointer data)
{
    for (guint i = 0; problem && i < helpers->len; i++) {
        const LaunchHelper *helper = g_ptr_array_index(helpers, i);
        g_autofree char *message = NULL;

        if (!process_alive(helper->pid, helper->pid_start))
            continue;
        message = g_strdup_printf("%s of %s did not end within %d ms of SIGTERM; it is killed", helper->name, helper->alias,
                                  HELPERS_TERM_MS);
        problem(message, data);
    }
}

static void
release_helpers(const GPtrArray *helpers, ReleaseProblem problem, gpointer data)
{
    g_autoptr(GPtrArray) alive = g_ptr_array_new();

    for (guint i = 0; i < helpers->len; i++) {
        LaunchHelper *helper = g_ptr_array_index(helpers, i);

        if (helper->pid > 1 && process_alive(helper->pid, helper->pid_start))
            g_ptr_array_add(alive, helper);
    }
    signal_helpers(alive, SIGTERM);
    if (!await_helpers(alive, HELPERS_TERM_MS)) {
        report_alive(alive, problem, data);
        signal_helpers(alive, SIGKILL);
        await_helpers(alive, HELPERS_KILL_MS);
    }
    for (guint i = 0; i < alive->len; i++)
        release_helper(g_ptr_array_index(alive, i));
}

/* --- everything ------------------------------------------------------------------------------------------ */

static void
release_trees(const SupervisorLaunch *launch, ReleaseProblem problem, gpointer data)
{
    if (launch->definition && access(launch->definition, F_OK) == 0)
        return;
    for (guint i = 0; i < launch->release.trees->len; i++) {
        const char *path = g_ptr_array_index(launch->release.trees, i);
        g_autofree char *parent = g_path_get_dirname(path), *name = g_path_get_basename(path);
        hv_autofd int fd = folder_open_path(parent, FALSE, NULL);
        GError *error = NULL;

        if (fd >= 0 && !file_remove_tree(fd, name, &error))
            report(error, problem, data);
    }
}

void
release_all(const SupervisorLaunch *launch, ReleaseProblem problem, gpointer data)
{
    const LaunchRelease *release = &launch->release;

    release_helpers(launch->helpers, problem, data);
    for (guint i = 0; i < release->hooks->len; i++) {
        ProcessRun run = { .argv = g_ptr_array_index(release->hooks, i), .timeout_ms = HOOK_TIMEOUT_MS };
        GError *error = NULL;

        if (!process_run_checked(&run, NULL, &error))
            report(error, problem, data);
    }
    for (guint i = 0; i < release->taps->len; i++) {
        GError *error = NULL;

        if (!release_tap(g_ptr_array_index(release->taps, i), &error))
            report(error, problem, data);
    }
    for (guint i = 0; i < release->files->len; i++) {
        const char *path = g_ptr_array_index(release->files, i);
        GError *error = NULL;

        if (unlink(path) < 0 && errno != ENOENT && !hv_throw_errno(&error, errno, "cannot delete '%s'", path))
            report(error, problem, data);
    }
    release_trees(launch, problem, data);
}

gboolean
release_write_last(const char *run_dir, const RunStatus *status, GError **error)
{
    g_autofree char *path = g_strconcat(run_dir, STATUS_LAST_SUFFIX, NULL);
    RunStatus last = *status;

    last.id = -1;
    last.pid = last.supervisor_pid = 0;
    last.pid_start = last.supervisor_start = 0;
    last.reboot = FALSE;
    return status_write(AT_FDCWD, path, &last, error);
}

void
release_folder(int dir_fd, const char *run_dir)
{
    int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        const char *name = entry->d_name;

        if (g_str_equal(name, ".") || g_str_equal(name, "..") || g_str_equal(name, "lock")
            || g_str_equal(name, SUPERVISOR_LOCK_FILE))
            continue;
        file_remove_tree(dir_fd, name, NULL);
    }
    if (dir)
        closedir(dir);
    /* From here on the folder may be another supervisor's. */
    unlinkat(dir_fd, SUPERVISOR_LOCK_FILE, 0);
    rmdir(run_dir);
}

/* One attempt: -1 with errno; EAGAIN when the lock is held or the folder was being removed meanwhile. */
static int
try_lock(const char *run_dir, gboolean create, int *dir_fd)
{
    hv_autofd int dir = -1, lock = -1;
    struct stat held, named;

    if (create && g_mkdir_with_parents(run_dir, 0700) < 0 && errno != EEXIST)
        return -1;
    dir = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (dir < 0) {
        if (create && errno == ENOENT)
            errno = EAGAIN;
        return -1;
    }
    lock = openat(dir, SUPERVISOR_LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) {
        if (create && errno == ENOENT)
            errno = EAGAIN;
        return -1;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            errno = EAGAIN;
        return -1;
    }
    /* The last holder removes the file, and the folder, before it lets go. */
    if (fstat(lock, &held) < 0 || fstatat(dir, SUPERVISOR_LOCK_FILE, &named, AT_SYMLINK_NOFOLLOW) < 0
        || held.st_ino != named.st_ino || held.st_dev != named.st_dev) {
        errno = create ? EAGAIN : ENOENT;
        return -1;
    }
    *dir_fd = process_fd_steal(&dir);
    return process_fd_steal(&lock);
}

int
release_lock(const char *run_dir, gboolean create, gint64 deadline, int *dir_fd, GError **error)
{
    for (;;) {
        int lock = try_lock(run_dir, create, dir_fd);

        if (lock >= 0)
            return lock;
        if (errno != EAGAIN) {
            hv_throw_errno(error, errno, "cannot lock '%s'", run_dir);
            return -1;
        }
        if (g_get_monotonic_time() >= deadline) {
            hv_throw(error, HV_ERR_RESOURCE_BUSY, "'%s' is held by another hvsh-supervisor", run_dir);
            return -1;
        }
        poll(NULL, 0, LOCK_RETRY_MS);
    }
}
