#include "supervisor/supervisor.h"
#include "util/error.h"
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL 65536

static int
open_journal(int dir_fd)
{
    return openat(dir_fd, JOURNAL_FILE, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* The seq of the last whole line in @text. */
static guint64
last_seq(char *text)
{
    for (;;) {
        char *end = strrchr(text, '\n'), *line;

        if (!end)
            return 0;
        *end = '\0';
        line = strrchr(text, '\n');
        line = line ? line + 1 : text;
        if (g_str_has_prefix(line, "{\"seq\":"))
            return g_ascii_strtoull(line + strlen("{\"seq\":"), NULL, 10);
        if (line == text)
            return 0;
    }
}

/* A longest line is not longer than the longest event; a tail that holds no whole line is read again, larger. */
static guint64
read_last_seq(int fd, gint64 size)
{
    for (gint64 length = TAIL; ; length *= 4) {
        gint64 part = MIN(length, size);
        g_autofree char *text = g_malloc0((gsize)part + 1);
        gssize got = pread(fd, text, (gsize)part, size - part);
        guint64 seq;

        if (got < 0)
            return 0;
        text[got] = '\0';
        /* A cut first line must not count. */
        seq = part < size && strchr(text, '\n') ? last_seq(strchr(text, '\n')) : last_seq(text);
        if (seq > 0 || part == size)
            return seq;
    }
}

void
journal_open(Supervisor *sup)
{
    struct stat info;
    char last;

    sup->journal_fd = open_journal(sup->dir_fd);
    if (sup->journal_fd < 0 || fstat(sup->journal_fd, &info) < 0 || info.st_size == 0)
        return;
    sup->journal_size = (gsize)info.st_size;
    sup->seq = MAX(sup->seq, read_last_seq(sup->journal_fd, info.st_size));
    /* The last supervisor was killed while it wrote. */
    if (pread(sup->journal_fd, &last, 1, info.st_size - 1) == 1 && last != '\n'
        && write(sup->journal_fd, "\n", 1) == 1)
        sup->journal_size++;
}

static void
rotate(Supervisor *sup)
{
    int fresh;

    if (renameat(sup->dir_fd, JOURNAL_FILE, sup->dir_fd, JOURNAL_OLD_FILE) < 0)
        return;
    fresh = open_journal(sup->dir_fd);
    if (fresh < 0)
        return;
    close(sup->journal_fd);
    sup->journal_fd = fresh;
    sup->journal_size = 0;
}

static gboolean
write_line(Supervisor *sup, const char *line, gsize length)
{
    gssize written;

    if (sup->journal_fd < 0)
        sup->journal_fd = open_journal(sup->dir_fd);
    if (sup->journal_fd < 0)
        return FALSE;
    written = write(sup->journal_fd, line, length);
    if (written == (gssize)length) {
        sup->journal_size += length;
        return TRUE;
    }
    /* Half a line would swallow the next one. */
    if (written > 0 && ftruncate(sup->journal_fd, (off_t)sup->journal_size) < 0)
        sup->journal_size += (gsize)written;
    return FALSE;
}

/* FALSE when the file does not take it. */
static gboolean
append_entry(Supervisor *sup, const char *members, gsize length)
{
    g_autoptr(GString) line = g_string_sized_new(length + 64);

    g_string_printf(line, "{\"seq\":%" G_GUINT64_FORMAT ",\"t\":%" G_GINT64_FORMAT ",", sup->seq + 1, g_get_real_time());
    g_string_append_len(line, members, (gssize)length);
    g_string_append(line, "}\n");

    if (sup->journal_size > 0 && sup->journal_size + line->len > JOURNAL_MAX_SIZE)
        rotate(sup);
    sup->seq++;
    return write_line(sup, line->str, line->len);
}

void
journal_append(Supervisor *sup, const char *members, gsize length)
{
    if (sup->journal_lost > 0) {
        g_autofree char *lost = g_strdup_printf("\"lost\":%" G_GUINT64_FORMAT, sup->journal_lost);

        if (append_entry(sup, lost, strlen(lost)))
            sup->journal_lost = 0;
    }
    if (append_entry(sup, members, length))
        return;
    if (sup->journal_lost_total == 0)
        log_note(sup, "cannot write the journal: %s", g_strerror(errno));
    sup->journal_lost++;
    sup->journal_lost_total++;
}

void
journal_move(Supervisor *sup, int dir_fd)
{
    int fresh = open_journal(dir_fd);
    char buffer[16384];
    gint64 offset = 0;
    gssize got;

    if (fresh < 0)
        return;
    while (sup->journal_fd >= 0 && (got = pread(sup->journal_fd, buffer, sizeof buffer, offset)) > 0) {
        if (write(fresh, buffer, (gsize)got) != got)
            break;
        offset += got;
    }
    if (sup->journal_fd >= 0)
        close(sup->journal_fd);
    sup->journal_fd = fresh;
    sup->journal_size = (gsize)offset;
}
