/* The shell program: from its arguments to its exit status. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

/* Runs the program: options, then one command, a string of commands, a script or the
 * interactive loop. Returns the exit status: 0 done, 1 failed, 2 a deadline passed. */
int shell_main(const ShellHost *host, int argc, char **argv);

G_END_DECLS
