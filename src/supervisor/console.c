/* What QEMU records of the guest's console (run/qemu/NAME/console.log, made by the shell) must not fill the runtime folder: all
 * but the end of it is given back as a hole. QEMU goes on appending, and positions in the file stay what they were. */
#include "supervisor/supervisor.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* So much of the end stays, at least; and so much may be there before it is worth a call. */
#define CONSOLE_KEPT (1024 * 1024)
#define CONSOLE_SLACK (256 * 1024)
/* A guest that writes without a pause is looked after once in this time. */
#define CONSOLE_REST_MS 500

static void
trim(Supervisor *sup)
{
    struct stat st;
    off_t end;

    if (fstat(sup->console_fd, &st) < 0 || st.st_size < sup->console_hole + CONSOLE_KEPT + CONSOLE_SLACK)
        return;
    end = (st.st_size - CONSOLE_KEPT) / CONSOLE_SLACK * CONSOLE_SLACK;
    /* Where the file system has no holes the file just grows. */
    if (fallocate(sup->console_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, end) == 0)
        sup->console_hole = end;
}

/* One notice and no more until it is asked for again. The descriptor's own path: the name may be gone. */
static void
ask(Supervisor *sup)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", sup->console_fd);

    if (inotify_add_watch(sup->console_notify, path, IN_MODIFY | IN_ONESHOT) < 0)
        log_note(sup, "the record of the console is not watched: it may grow without limit");
}

static gboolean
on_rested(gpointer data)
{
    Supervisor *sup = data;

    sup->console_timer = 0;
    ask(sup);
    trim(sup);
    return G_SOURCE_REMOVE;
}

static gboolean
on_written(int fd, GIOCondition condition, gpointer data)
{
    Supervisor *sup = data;
    char buffer[512];

    while (read(fd, buffer, sizeof buffer) > 0)
        ;
    trim(sup);
    if (sup->console_timer == 0)
        sup->console_timer = g_timeout_add(CONSOLE_REST_MS, on_rested, sup);
    return G_SOURCE_CONTINUE;
}

void
console_watch(Supervisor *sup)
{
    sup->console_fd = openat(sup->dir_fd, CONSOLE_FILE, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (sup->console_fd < 0)
        return;
    sup->console_notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (sup->console_notify < 0)
        return;
    g_unix_fd_add(sup->console_notify, G_IO_IN, on_written, sup);
    ask(sup);
    trim(sup);
}
