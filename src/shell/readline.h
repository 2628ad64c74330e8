/* GNU readline, loaded when the user sits at a terminal. One line editor per process. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Candidates for the word at @start of @line, which is all that was typed before the cursor; g_strfreev() frees them. */
typedef char **(*ReadlineComplete)(gpointer data, const char *line, int start);

/* Loads the library, sets completion up and reads the history (@history NULL: none). FALSE when the library is not there. */
gboolean readline_open(const char *history, int history_lines, ReadlineComplete complete, gpointer data, GError **error);
/* Shortens the history file to its limit. */
void readline_close(void);

typedef enum {
    READLINE_LINE,
    READLINE_INTERRUPTED,       /* Ctrl-C: the line was thrown away */
    READLINE_END,
} ReadlineResult;

/* Reads a line from the terminal; *@line is set for READLINE_LINE, free it with g_free. */
ReadlineResult readline_read(const char *prompt, char **line);
/* Adds the line to the history and its file; blank lines and repetitions are not kept. */
void readline_remember(const char *line);

G_END_DECLS
