#include "supervisor/journal.h"

#include "util/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    guint64 after_seq;
    JournalFunc func;
    gpointer data;
    gboolean stopped;
} Reading;

static void
read_line(Reading *reading, const char *line, gsize length)
{
    json_t *entry;
    guint64 seq;

    if (length > JOURNAL_MAX_LINE)
        return;
    entry = json_loadb(line, length, 0, NULL);
    seq = (guint64)json_integer_value(json_object_get(entry, "seq"));
    if (seq > reading->after_seq) {
        reading->after_seq = seq;
        if (!reading->func(seq, entry, reading->data))
            reading->stopped = TRUE;
    }
    json_decref(entry);
}

static gboolean
read_file(Reading *reading, const char *path, GError **error)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    if (!file)
        return errno == ENOENT ? TRUE : hv_throw_errno(error, errno, "cannot read '%s'", path);
    while (!reading->stopped && (length = getline(&line, &size, file)) > 0)
        if (line[length - 1] == '\n')
            read_line(reading, line, (gsize)length - 1);
    free(line);
    fclose(file);
    return TRUE;
}

gboolean
journal_read(const char *run_dir, guint64 after_seq, JournalFunc func, gpointer data, GError **error)
{
    g_autofree char *old = g_build_filename(run_dir, JOURNAL_OLD_FILE, NULL);
    g_autofree char *current = g_build_filename(run_dir, JOURNAL_FILE, NULL);
    Reading reading = { .after_seq = after_seq, .func = func, .data = data };

    return read_file(&reading, old, error) && (reading.stopped || read_file(&reading, current, error));
}
