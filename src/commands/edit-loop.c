#include "commands/edit-loop.h"

#include <unistd.h>

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

EditAnswer
edit_ask(CmdContext *ctx, const char *sentence, GError **reason, gboolean relaxable, GError **error)
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
