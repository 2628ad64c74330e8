/* Checks of the table of commands itself, and the table as facts for comparison with other lists. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

/* What is wrong with the table, one text each; an array that frees its texts, empty when all is well. */
GPtrArray *selfcheck_problems(const ShellHost *host);

/* Appends "command: option, option" for commands with options that take a value and have no completer. */
void selfcheck_completers_missing(const ShellHost *host, GString *text);

/* Appends tab-separated lines: group, command, option, kind, required, positional, repeat, origin. Kinds are bool, string,
 * number, data, argv, none and alias-of:--NAME; the origin is virsh, newer or hvsh. */
void selfcheck_facts(const ShellHost *host, GString *text);

G_END_DECLS
