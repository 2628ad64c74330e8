/* The recorded output of a guest's console as it grows, line by line. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct ConsoleLog ConsoleLog;

/* Called for each line, without its end and without a terminal's control sequences (colours); and for a line that has no end yet (a prompt) whenever it has grown. */
typedef void (*ConsoleLineFunc)(const char *line, gpointer data);

/* Follows the file @path from @offset on; it need not exist yet, its folder must. SYSTEM_ERROR when it cannot be watched. */
ConsoleLog *console_log_open(const char *path, guint64 offset, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void console_log_close(ConsoleLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConsoleLog, console_log_close)

/* Readable when the file may have grown; console_log_read() makes it quiet again. */
int console_log_fd(const ConsoleLog *log);
/* Gives @func what has come since the last call. A file that was replaced or shortened is read from its start. */
void console_log_read(ConsoleLog *log, ConsoleLineFunc func, gpointer data);
/* The last lines that were read, oldest first, each with @prefix and a newline; new. */
char *console_log_tail(const ConsoleLog *log, const char *prefix);

G_END_DECLS
