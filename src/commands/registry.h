/* The commands and groups that the program is made of. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

extern const CmdDef *const cmd_all[];           /* NULL-terminated */
extern const CmdGroup cmd_groups[];             /* ended by a NULL keyword; in the order of the help pages */

G_END_DECLS
