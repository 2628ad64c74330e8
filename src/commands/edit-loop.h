/* What `edit` commands share: the question after a change that was refused. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

typedef enum {
    EDIT_AGAIN,
    EDIT_GIVE_UP,
    EDIT_FORCE,
    EDIT_NO_VALIDATION,
    EDIT_FAILED,                /* nobody to ask; the error is set */
} EditAnswer;

/* Shows *@reason (freed) and asks what to do. @sentence is what went wrong ("Failed."); @relaxable offers to go on without
 * validation. Without a terminal the reason becomes @error. */
EditAnswer edit_ask(CmdContext *ctx, const char *sentence, GError **reason, gboolean relaxable, GError **error);

G_END_DECLS
