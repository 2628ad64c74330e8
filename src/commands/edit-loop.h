/* What `edit` commands share: an editor, again and again, until what is left there is taken. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

typedef struct {
    gboolean force;             /* the user insists */
    gboolean validate;          /* against the schema; the user may ask to go on without */
    const char *sentence;       /* what went wrong, for the question ("Failed."); the function may say it better */
} EditAttempt;

/* Takes what was edited, or says why not. */
typedef gboolean (*EditFunc)(CmdContext *ctx, const char *text, EditAttempt *attempt, gpointer data, GError **error);

/* Opens @original in an editor and gives @func what is left there. After a failure the user is asked what to do; without a
 * terminal it becomes @error. *@changed is FALSE when the text was left as it was, of which @func hears nothing. A user who
 * gives up is OPERATION_ABORTED without a word. */
gboolean edit_loop(CmdContext *ctx, const char *original, gboolean validate, EditFunc func, gpointer data, gboolean *changed,
                   GError **error);

G_END_DECLS
