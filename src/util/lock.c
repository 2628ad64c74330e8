#include "config.h"

#include "util/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cancel.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

/* How long to wait for the word that the file was closed before looking anyway: the kernel reports a close
 * before it drops the lock of a holder that was killed. */
#define LOOK_AGAIN_MS 20
#define HOLDER_MAX 512

struct FileLock {
    int dir_fd;
    int fd;
    char *name;
};

void
lock_holder_clear(LockHolder *holder)
{
    g_clear_pointer(&holder->what, g_free);
}

static void
lock_free(FileLock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    if (lock->dir_fd >= 0)
        close(lock->dir_fd);
    g_free(lock->name);
    g_free(lock);
}

/* Whether the name still means the file that was locked. */
static gboolean
is_current(const FileLock *lock)
{
    struct stat ours;
    struct stat named;

    return fstat(lock->fd, &ours) == 0 && fstatat(lock->dir_fd, lock->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* 1: locked; 0: somebody else has it; -1: error. */
static int
try_lock(FileLock *lock, GError **error)
{
    for (;;) {
        if (lock->fd < 0) {
            lock->fd = openat(lock->dir_fd, lock->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
            if (lock->fd < 0) {
                hv_throw_errno(error, errno, "cannot open lock file '%s'", lock->name);
                return -1;
            }
        }
        if (flock(lock->fd, LOCK_EX | LOCK_NB) < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EWOULDBLOCK)
                return 0;
            hv_throw_errno(error, errno, "cannot lock '%s'", lock->name);
            return -1;
        }
        if (is_current(lock))
            return 1;
        close(lock->fd);
        lock->fd = -1;
    }
}

/* FALSE when the user does not want to wait any longer. */
static gboolean
wait_for_change(const FileLock *lock, gint64 deadline)
{
    hv_autofd int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", lock->fd);
    struct pollfd wait = { .fd = notify, .events = POLLIN };

    if (notify >= 0)
        inotify_add_watch(notify, path, IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF);
    /* It may have been given back before the watch was there. */
    if (flock(lock->fd, LOCK_EX | LOCK_NB) == 0) {
        flock(lock->fd, LOCK_UN);
        return TRUE;
    }
    return cancel_poll(&wait, notify >= 0 ? 1 : 0, MIN(deadline_remaining_ms(deadline), LOOK_AGAIN_MS)) >= 0 || errno != ECANCELED;
}

static void
write_holder(int fd, const char *what)
{
    g_autofree char *line = g_strdup_printf("%d %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %.200s\n", getpid(),
                                            process_start_time(getpid()), g_get_real_time() / 1000, what);

    /* Only for messages: a full disk must not stop anybody from locking. */
    if (pwrite(fd, line, strlen(line), 0) >= 0 && ftruncate(fd, strlen(line)) < 0)
        return;
}

static gboolean
throw_busy(const FileLock *lock, GError **error)
{
    g_auto(LockHolder) holder = { 0 };

    if (!file_lock_holder(lock->dir_fd, lock->name, &holder))
        return hv_throw(error, HV_ERR_OPERATION_TIMEOUT, "cannot acquire state change lock");
    return hv_throw(error, HV_ERR_OPERATION_TIMEOUT,
                    "cannot acquire state change lock (held by %s, pid %d, for %" G_GINT64_FORMAT " s)", holder.what,
                    (int) holder.pid, MAX(0, g_get_real_time() / 1000 - holder.since_ms) / 1000);
}

FileLock *
file_lock(int dir_fd, const char *name, const char *what, int timeout_ms, GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    FileLock *lock = g_new0(FileLock, 1);
    int got;

    lock->fd = -1;
    lock->name = g_strdup(name);
    lock->dir_fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);
    if (lock->dir_fd < 0) {
        hv_throw_errno(error, errno, "cannot open the directory of lock file '%s'", name);
        lock_free(lock);
        return NULL;
    }
    while ((got = try_lock(lock, error)) == 0) {
        if (g_get_monotonic_time() >= deadline) {
            throw_busy(lock, error);
            got = -1;
            break;
        }
        if (!wait_for_change(lock, deadline)) {
            cancel_throw(error, "the lock '%s'", name);
            got = -1;
            break;
        }
    }
    if (got < 0) {
        lock_free(lock);
        return NULL;
    }
    if (what)
        write_holder(lock->fd, what);
    return lock;
}

void
file_unlock(FileLock *lock, gboolean remove)
{
    if (!lock)
        return;
    if (remove && is_current(lock))
        unlinkat(lock->dir_fd, lock->name, 0);
    else if (ftruncate(lock->fd, 0) < 0)
        g_debug("lock file '%s' still names its last holder", lock->name);
    flock(lock->fd, LOCK_UN);
    lock_free(lock);
}

gboolean
file_lock_holder(int dir_fd, const char *name, LockHolder *holder)
{
    gboolean missing;
    g_autofree char *line = file_read(dir_fd, name, NULL, HOLDER_MAX, NULL, &missing, NULL);
    g_auto(GStrv) words = line ? g_strsplit(g_strchomp(line), " ", 4) : NULL;

    if (!words || g_strv_length(words) < 4)
        return FALSE;
    holder->pid = (pid_t) g_ascii_strtoll(words[0], NULL, 10);
    if (!process_alive(holder->pid, g_ascii_strtoull(words[1], NULL, 10)))
        return FALSE;
    holder->since_ms = g_ascii_strtoll(words[2], NULL, 10);
    holder->what = g_strdup(words[3]);
    return TRUE;
}
