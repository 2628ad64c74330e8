#include "supervisor/supervisor.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LAST_WORDS 4096

gboolean
log_open(Supervisor *sup, GError **error)
{
    const char *path = sup->launch->log_path;
    struct stat info;

    if (!path)
        return TRUE;
    sup->log_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (sup->log_fd < 0)
        return hv_throw_errno(error, errno, "cannot open log file '%s'", path);
    /* What GLib, or a sanitizer, has to say belongs there too. */
    dup2(sup->log_fd, STDERR_FILENO);
    sup->log_start = fstat(sup->log_fd, &info) == 0 ? info.st_size : 0;
    return TRUE;
}

static void
log_write(Supervisor *sup, const char *text, gsize length)
{
    /* Nothing can be done about a log that does not take its lines. */
    if (sup->log_fd >= 0 && write(sup->log_fd, text, length) < 0)
        return;
}

static void
append_time(GString *line)
{
    gint64 now = g_get_real_time();
    time_t seconds = (time_t)(now / G_USEC_PER_SEC);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    g_string_append_printf(line, "%04d-%02d-%02d %02d:%02d:%02d.%03d+0000: ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                           utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(now / 1000 % 1000));
}

void
log_note(Supervisor *sup, const char *format, ...)
{
    g_autoptr(GString) line = g_string_new(NULL);
    va_list args;

    append_time(line);
    va_start(args, format);
    g_string_append_vprintf(line, format, args);
    va_end(args);
    g_string_append_c(line, '\n');
    log_write(sup, line->str, line->len);
}

void
log_command(Supervisor *sup)
{
    g_autoptr(GString) line = g_string_new(NULL);

    append_time(line);
    g_string_append(line, "starting up\n");
    for (char **arg = sup->launch->argv; *arg; arg++) {
        g_autofree char *quoted = g_shell_quote(*arg);
        gboolean plain = **arg && strspn(*arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:+@%") == strlen(*arg);

        /* An option and its value stand on one line. */
        if (arg != sup->launch->argv)
            g_string_append(line, **arg == '-' ? " \\\n" : " ");
        g_string_append(line, plain ? *arg : quoted);
    }
    g_string_append_c(line, '\n');
    log_write(sup, line->str, line->len);
    log_mark(sup);
}

void
log_mark(Supervisor *sup)
{
    struct stat info;

    if (sup->log_fd >= 0 && fstat(sup->log_fd, &info) == 0)
        sup->log_start = info.st_size;
}

char *
log_words_since(int fd, goffset begin)
{
    g_autofree char *text = NULL;
    struct stat info;
    goffset start;
    gssize got;
    char *words;

    if (fd < 0 || fstat(fd, &info) < 0)
        return g_strdup("");
    start = MAX(begin, info.st_size - LAST_WORDS);
    text = g_malloc(LAST_WORDS + 1);
    got = pread(fd, text, LAST_WORDS, start);
    if (got <= 0)
        return g_strdup("");
    text[got] = '\0';
    for (gssize i = 0; i < got; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    /* A cut first line says nothing. */
    words = start > begin ? strchr(text, '\n') : NULL;
    words = g_utf8_make_valid(words ? words + 1 : text, -1);
    return g_strstrip(words);
}

char *
log_last_words(Supervisor *sup)
{
    return log_words_since(sup->log_fd, sup->log_start);
}
