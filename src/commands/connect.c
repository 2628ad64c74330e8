/* connect: another hypervisor for the commands that follow. */
#include "shell/command.h"

static char **
complete_uris(CmdContext *ctx, unsigned flags)
{
    return g_strdupv((char **)shell_host(cmd_shell(ctx))->uris);
}

static const CmdOpt connect_opts[] = {
    { .name = "name", .type = CMD_OPT_STRING, .flags = CMD_OPT_EMPTY_OK, .help = "URI of the hypervisor",
      .complete = complete_uris },
    { .name = "readonly", .type = CMD_OPT_BOOL, .help = "refuse whatever would change something" },
    { .name = NULL },
};

static gboolean
connect_run(CmdContext *ctx, GError **error)
{
    Shell *shell = cmd_shell(ctx);
    const char *uri = cmd_text(ctx, "name");
    gboolean named = uri && *uri;
    /* Only another URI makes a read-only shell writable again. */
    gboolean readonly = cmd_bool(ctx, "readonly") || (!named && shell_readonly(shell));

    /* As in virsh what lived in the connection before is gone even when the new one fails. */
    shell_host(shell)->disconnect(shell);
    if (!shell_host(shell)->connect(shell, named ? uri : NULL, readonly, error))
        return FALSE;
    if (named)
        shell_set_default_uri(shell, uri);
    shell_set_readonly(shell, readonly);
    return TRUE;
}

const CmdDef cmd_connect = {
    .name = "connect",
    .group = "virsh",
    .help = "use another hypervisor",
    .desc = "Connect to the hypervisor of the given URI, or again to the one of the command line.\n"
            "The shell does this by itself before the first command that needs it.",
    .opts = connect_opts,
    .flags = CMD_NO_CONNECTION,
    .run = connect_run,
};
