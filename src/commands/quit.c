/* quit and exit. */
#include "shell/command.h"

static gboolean
quit_run(CmdContext *ctx, GError **error)
{
    shell_request_end(cmd_shell(ctx));
    return TRUE;
}

const CmdDef cmd_quit = {
    .name = "quit",
    .group = "virsh",
    .help = "leave the shell",
    .desc = "",
    .flags = CMD_NO_CONNECTION | CMD_ENDS_SHELL,
    .run = quit_run,
};

const CmdDef cmd_exit = {
    .name = "exit",
    .group = "virsh",
    .help = "leave the shell",
    .desc = "",
    .flags = CMD_NO_CONNECTION | CMD_ENDS_SHELL,
    .run = quit_run,
};
