/* What a guest prints on its console, as it grows and is replaced. */
#include "fuzz.h"

#include <glib/gstdio.h>
#include <string.h>

#include "commands/console-log.h"

static void
on_line(const char *line, gpointer data)
{
    FUZZ_CHECK(line && !strchr(line, '\n'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *path = fuzz_file("console.log", data, size / 2), *again = NULL, *shorter = NULL, *tail = NULL;
    g_autoptr(ConsoleLog) log = console_log_open(path, 0, NULL);

    FUZZ_CHECK(log);
    console_log_read(log, on_line, NULL);
    again = fuzz_file("console.log", data, size);
    console_log_read(log, on_line, NULL);
    shorter = fuzz_file("console.log", data, size / 3);
    console_log_read(log, on_line, NULL);
    tail = console_log_tail(log, "  ");
    FUZZ_CHECK(tail);
    g_unlink(path);
    return 0;
}
