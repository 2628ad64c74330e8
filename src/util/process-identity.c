/* Knowing a process again later: by its number and its start time. */
#include "util/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#include "util/deadline.h"
#include "util/error.h"

guint64
process_start_time(pid_t pid)
{
    char path[64], text[1024];
    hv_autofd int fd = -1;
    const char *field;
    char state;
    gssize got;

    if (pid <= 0)
        return 0;
    g_snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    got = read(fd, text, sizeof text - 1);
    if (got <= 0)
        return 0;
    text[got] = '\0';

    /* The second field is the program's name in parentheses, and may hold anything, parentheses too. */
    field = strrchr(text, ')');
    if (!field || field[1] != ' ')
        return 0;
    state = field[2];
    if (state == 'Z' || state == 'X')
        return 0;
    for (int number = 2; number < 22; number++) {
        field = strchr(field + 1, ' ');
        if (!field)
            return 0;
    }
    return g_ascii_strtoull(field + 1, NULL, 10);
}

gboolean
process_alive(pid_t pid, guint64 start_time)
{
    return start_time != 0 && process_start_time(pid) == start_time;
}

int
process_pidfd(pid_t pid, guint64 start_time)
{
    hv_autofd int fd = pid > 0 ? pidfd_open(pid, 0) : -1;

    /* Checked after the descriptor is there: from then on the number cannot become another process's. */
    if (fd < 0 || !process_alive(pid, start_time))
        return -1;
    return process_fd_steal(&fd);
}

gboolean
process_wait_exit(pid_t pid, guint64 start_time, int timeout_ms)
{
    hv_autofd int fd = process_pidfd(pid, start_time);
    gint64 deadline = deadline_after(timeout_ms);
    struct pollfd wait = { fd, POLLIN, 0 };
    int ready;

    if (fd < 0)
        return !process_alive(pid, start_time);
    do
        ready = poll(&wait, 1, timeout_ms < 0 ? -1 : deadline_remaining_ms(deadline));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

gboolean
process_kill(pid_t pid, guint64 start_time, int signum, GError **error)
{
    hv_autofd int fd = process_pidfd(pid, start_time);

    if (fd < 0 && !process_alive(pid, start_time))
        return TRUE;
    if ((fd < 0 ? kill(pid, signum) : pidfd_send_signal(fd, signum, NULL, 0)) < 0 && errno != ESRCH)
        return hv_throw_errno(error, errno, "cannot send signal %d to process %d", signum, (int)pid);
    return TRUE;
}
