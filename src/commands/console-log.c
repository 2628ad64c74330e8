#include "commands/console-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/process.h"

#define TAIL_LINES 10
/* A longer line is taken in pieces of this size. */
#define MAX_LINE 4096

/* Where in a terminal's control sequence (ECMA-48) the last byte was. */
typedef enum {
    OUTSIDE,
    AFTER_ESCAPE,
    IN_CONTROL,                 /* ESC [ … up to a letter: colours, the cursor */
    IN_STRING,                  /* ESC ] … up to BEL or ESC \: the window's title */
} EscapeState;

struct ConsoleLog {
    char *path;
    int inotify;                /* watches the folder, because the file may come later or be replaced */
    int fd;                     /* -1 as long as there is no file */
    dev_t device;
    ino_t inode;
    off_t offset;
    GString *line;              /* what has come of the line that has no end yet */
    EscapeState escape;
    GQueue tail;                /* of char *, newest last */
};

ConsoleLog *
console_log_open(const char *path, guint64 offset, GError **error)
{
    g_autoptr(ConsoleLog) log = g_new0(ConsoleLog, 1);
    g_autofree char *folder = g_path_get_dirname(path);

    log->path = g_strdup(path);
    log->fd = -1;
    log->offset = (off_t)offset;
    log->line = g_string_new(NULL);
    g_queue_init(&log->tail);
    log->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (log->inotify < 0 ||
        inotify_add_watch(log->inotify, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
        hv_throw_errno(error, errno, "cannot watch the console log in '%s'", folder);
        return NULL;
    }
    return g_steal_pointer(&log);
}

void
console_log_close(ConsoleLog *log)
{
    if (!log)
        return;
    if (log->inotify >= 0)
        close(log->inotify);
    if (log->fd >= 0)
        close(log->fd);
    g_free(log->path);
    g_string_free(log->line, TRUE);
    g_queue_clear_full(&log->tail, g_free);
    g_free(log);
}

int
console_log_fd(const ConsoleLog *log)
{
    return log->inotify;
}

static void
drain_inotify(ConsoleLog *log)
{
    alignas(struct inotify_event) char events[4096];

    while (read(log->inotify, events, sizeof events) > 0)
        continue;
}

/* The file that has the name now; from its start if it is another one than before, or has lost what was read. */
static void
reopen_if_replaced(ConsoleLog *log)
{
    struct stat now;
    gboolean first = log->fd < 0, another;

    if (stat(log->path, &now) < 0)
        return;
    another = first || now.st_ino != log->inode || now.st_dev != log->device;
    if (another) {
        int fd = open(log->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

        if (fd < 0)
            return;
        if (!first)
            close(log->fd);
        log->fd = fd;
        log->inode = now.st_ino;
        log->device = now.st_dev;
    }
    if (now.st_size >= log->offset && (first || !another))
        return;
    log->offset = 0;
    log->escape = OUTSIDE;
    g_string_truncate(log->line, 0);
}

static EscapeState
after_escape(char byte)
{
    if (byte == '[')
        return IN_CONTROL;
    if (strchr("]PX^_", byte))
        return IN_STRING;
    return byte >= ' ' && byte <= '/' ? AFTER_ESCAPE : OUTSIDE;
}

/* Whether @byte, which is no NUL, is text: what only colours it or moves the cursor would hide it from an expression. A
 * sequence ends with the line at the latest. */
static gboolean
is_text(ConsoleLog *log, char byte)
{
    EscapeState before = log->escape;

    if (byte == '\n' || byte == '\033') {
        log->escape = byte == '\n' ? OUTSIDE : AFTER_ESCAPE;
        return FALSE;
    }
    switch (before) {
    case AFTER_ESCAPE:
        log->escape = after_escape(byte);
        break;
    case IN_CONTROL:
        log->escape = byte >= '@' && byte <= '~' ? OUTSIDE : IN_CONTROL;
        break;
    case IN_STRING:
        log->escape = byte == '\a' ? OUTSIDE : IN_STRING;
        break;
    case OUTSIDE:
    default:
        break;
    }
    return before == OUTSIDE;
}

static void
end_line(ConsoleLog *log, ConsoleLineFunc func, gpointer data)
{
    while (log->line->len > 0 && log->line->str[log->line->len - 1] == '\r')
        g_string_truncate(log->line, log->line->len - 1);
    func(log->line->str, data);
    if (log->line->len > 0)
        g_queue_push_tail(&log->tail, g_strdup(log->line->str));
    while (g_queue_get_length(&log->tail) > TAIL_LINES)
        g_free(g_queue_pop_head(&log->tail));
    g_string_truncate(log->line, 0);
}

/* The next bytes of the file. Of a guest that has written for long only the end is kept; in front of it is a hole. */
static gssize
read_more(ConsoleLog *log, char *bytes, gsize size)
{
    off_t data = lseek(log->fd, log->offset, SEEK_DATA);
    gssize got;

    if (data > log->offset) {
        log->offset = data;
        g_string_truncate(log->line, 0);
    }
    got = pread(log->fd, bytes, size, log->offset);
    log->offset += MAX(got, 0);
    return got;
}

void
console_log_read(ConsoleLog *log, ConsoleLineFunc func, gpointer data)
{
    char bytes[16384];
    gssize got;

    drain_inotify(log);
    reopen_if_replaced(log);
    if (log->fd < 0)
        return;
    while ((got = read_more(log, bytes, sizeof bytes)) > 0) {
        for (gssize i = 0; i < got; i++) {
            if (bytes[i] == '\n' || log->line->len == MAX_LINE)
                end_line(log, func, data);
            if (bytes[i] != '\0' && is_text(log, bytes[i]))
                g_string_append_c(log->line, bytes[i]);
        }
    }
    if (log->line->len > 0)
        func(log->line->str, data);
}

/* Control characters of the guest shall not reach the user's terminal. */
static void
append_line(GString *text, const char *prefix, const char *line)
{
    g_string_append(text, prefix);
    for (const char *p = line; *p; p++)
        g_string_append_c(text, (guchar)*p < 0x20 || *p == 0x7f ? '?' : *p);
    g_string_append_c(text, '\n');
}

char *
console_log_tail(const ConsoleLog *log, const char *prefix)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (const GList *item = log->tail.head; item; item = item->next)
        append_line(text, prefix, item->data);
    if (log->line->len > 0)
        append_line(text, prefix, log->line->str);
    return g_string_free(g_steal_pointer(&text), FALSE);
}
