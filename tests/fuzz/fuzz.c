#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHOWN 200

static char *folder;

static GLogWriterOutput
on_complaint(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
    GLogWriterOutput written = g_log_writer_default(level, fields, n_fields, data);

    if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))
        abort();
    return written;
}

/* What GLib complains of is a fault too. */
static void __attribute__((constructor))
make_complaints_fatal(void)
{
    g_log_set_writer_func(on_complaint, NULL, NULL);
}

void
fuzz_broken(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, condition);
    abort();
}

void
fuzz_same(const char *what, const char *first, const char *second)
{
    gsize at = 0, from;

    if (g_strcmp0(first, second) == 0)
        return;
    while (first && second && first[at] && first[at] == second[at])
        at++;
    from = at > SHOWN ? at - SHOWN : 0;
    fprintf(stderr, "%s: not the same at byte %zu\n--- first\n%.*s\n--- second\n%.*s\n", what, at, 2 * SHOWN,
            first ? first + from : "(null)", 2 * SHOWN, second ? second + from : "(null)");
    abort();
}

char *
fuzz_text(const uint8_t *data, size_t size)
{
    return g_strndup((const char *)data, size);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    return remove(path);
}

static void
remove_folder(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    g_clear_pointer(&folder, g_free);
}

const char *
fuzz_folder(void)
{
    if (!folder) {
        g_autofree char *made = g_build_filename(g_get_tmp_dir(), "hvf.XXXXXX", NULL);

        FUZZ_CHECK(mkdtemp(made));
        folder = g_steal_pointer(&made);
        atexit(remove_folder);
    }
    return folder;
}

char *
fuzz_file(const char *name, const uint8_t *data, size_t size)
{
    char *path = g_build_filename(fuzz_folder(), name, NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
    close(fd);
    return path;
}
