/* Talking to the console of a guest on the user's terminal. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

/* Connects the terminal to the console @devname (NULL: the first one) of @dom until the escape character is typed or the
 * console ends. @flags: CONSOLE_…. @resume: the CPUs of the domain are let run once the console is connected. The terminal is
 * as it was before, whatever happens. */
gboolean domain_console_run(CmdContext *ctx, const DomainRef *dom, const char *devname, guint32 flags, gboolean resume,
                            GError **error);

G_END_DECLS
