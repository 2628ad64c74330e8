#include "commands/edit-loop.h"

#include <string.h>
#include <unistd.h>

typedef enum {
    EDIT_AGAIN,
    EDIT_GIVE_UP,
    EDIT_FORCE,
    EDIT_NO_VALIDATION,
    EDIT_FAILED,                /* nobody to ask; the error is set */
} EditAnswer;

static void
explain(Out *out, gboolean relaxable)
{
    out_text(out, "\ny - yes, open the editor again\n"
             "n - no, throw my changes away\n"
             "%s"
             "f - force: try the same definition again\n"
             "? - print this help\n",
             relaxable ? "i - ignore validation and try the same definition again\n" : "");
}

/* Shows *@reason (freed) and asks what to do. */
static EditAnswer
ask(CmdContext *ctx, const char *sentence, GError **reason, gboolean relaxable, GError **error)
{
    g_autofree char *question = g_strdup_printf("%s Try again? %s: ", sentence, relaxable ? "[y,n,i,f,?]" : "[y,n,f,?]");

    if (!isatty(STDIN_FILENO)) {
        if (*reason) {
            hv_error_add_sentence(reason, "%s", sentence);
            g_propagate_error(error, g_steal_pointer(reason));
        } else {
            cmd_fail(error, HV_ERR_COMMAND, "%s", sentence);
        }
        return EDIT_FAILED;
    }
    if (*reason)
        out_warning(cmd_out(ctx), "%s", (*reason)->message);
    g_clear_error(reason);
    for (;;) {
        switch (shell_ask(cmd_shell(ctx), question, relaxable ? "ynif?" : "ynf?", error)) {
        case 'y':
            return EDIT_AGAIN;
        case 'n':
            return EDIT_GIVE_UP;
        case 'f':
            return EDIT_FORCE;
        case 'i':
            return EDIT_NO_VALIDATION;
        case '?':
            explain(cmd_out(ctx), relaxable);
            break;
        default:
            return EDIT_FAILED;
        }
    }
}

gboolean
edit_loop(CmdContext *ctx, const char *original, gboolean validate, EditFunc func, gpointer data, gboolean *changed,
          GError **error)
{
    EditAttempt attempt = { .validate = validate };
    g_autofree char *text = g_strdup(original);
    gboolean open_editor = TRUE;

    for (;;) {
        g_autoptr(GError) reason = NULL;

        if (open_editor) {
            g_autofree char *before = g_steal_pointer(&text);

            text = shell_edit_text(cmd_shell(ctx), before, ".xml", error);
            if (!text)
                return FALSE;
        }
        *changed = strcmp(text, original) != 0;
        attempt.sentence = "Failed.";
        if (!*changed || func(ctx, text, &attempt, data, &reason))
            return TRUE;
        open_editor = FALSE;
        switch (ask(ctx, attempt.sentence, &reason, attempt.validate, error)) {
        case EDIT_AGAIN:
            open_editor = TRUE;
            break;
        case EDIT_GIVE_UP:
            return cmd_fail_silently(error, HV_ERR_OPERATION_ABORTED, "the changes were thrown away");
        case EDIT_FORCE:
            attempt.force = TRUE;
            break;
        case EDIT_NO_VALIDATION:
            attempt.validate = FALSE;
            break;
        case EDIT_FAILED:
            return FALSE;
        }
    }
}
