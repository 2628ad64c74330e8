/* The manual page: hand-written parts from a template, the rest from the table. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

/* Reads the roff file @template and appends it to @text with its lines `@OPTIONS@` (of the program) and `@COMMANDS@`
 * replaced and `@VERSION@` filled in. SYSTEM_ERROR when the file cannot be read. */
gboolean manual_write(const ShellHost *host, const char *template, GString *text, GError **error);

G_END_DECLS
