/* complete: the candidates that the completions of bash, zsh and fish show. */
#include "shell/complete.h"

#include "util/error.h"

static const CmdOpt complete_opts[] = {
    { .name = "string", .type = CMD_OPT_ARGV, .flags = CMD_OPT_EMPTY_OK, .help = "words typed so far, the last one unfinished" },
    { .name = NULL },
};

static gboolean
complete_run(CmdContext *ctx, GError **error)
{
    const char *const *words = cmd_argv(ctx, "string");
    g_auto(GStrv) found = complete_argv(cmd_shell(ctx), words, g_strv_length((char **)words));

    if (!found || !*found) {
        hv_throw(error, HV_ERR_COMMAND, "nothing completes these words");
        hv_error_hide_message(error);
        return FALSE;
    }
    out_list_begin(cmd_out(ctx));
    for (char **word = found; *word; word++)
        out_list_item(cmd_out(ctx), OUT_STR(*word));
    out_list_end(cmd_out(ctx));
    return TRUE;
}

const CmdDef cmd_complete = {
    .name = "complete",
    .group = "virsh",
    .help = "list what may follow",
    .desc = "For the completions of the system's shells.",
    .opts = complete_opts,
    .flags = CMD_NO_CONNECTION | CMD_HIDDEN,
    .run = complete_run,
};
