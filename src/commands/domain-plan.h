/* What dry runs and definitions have to say beyond a sentence. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

/* The answer of a dry run (backend/embedded/plan.h): its text, or the fields. */
gboolean cmd_show_plan(CmdContext *ctx, const char *plan, GError **error);
/* A JSON array of strings, as text; new. */
char *cmd_json_strings(const GPtrArray *strings);

G_END_DECLS
