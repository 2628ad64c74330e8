/* Candidates for the word that is being typed. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

/* All that may follow @line, the text before the cursor; a candidate is a whole word. NULL when the table
 * knows nothing (a file may be meant). Free with g_strfreev. */
char **complete_line(Shell *shell, const char *line);
/* The same for words of the system's shell, the last one unfinished. Options of the program may come first. */
char **complete_argv(Shell *shell, const char *const *words, gsize n_words);

G_END_DECLS
