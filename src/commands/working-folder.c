/* cd and pwd. */
#include <errno.h>
#include <unistd.h>

#include "shell/command.h"
#include "util/error.h"

static const CmdOpt cd_opts[] = {
    { .name = "dir", .type = CMD_OPT_STRING, .flags = CMD_OPT_FILE, .help = "folder to change to; without it the home folder" },
    { .name = NULL },
};

static gboolean
cd_run(CmdContext *ctx, GError **error)
{
    const char *dir = cmd_text(ctx, "dir");

    if (!dir || !*dir)
        dir = g_get_home_dir();
    if (!dir)
        dir = "/";
    if (chdir(dir) < 0)
        return hv_throw(error, HV_ERR_COMMAND, "cd: %s: %s", g_strerror(errno), dir);
    return TRUE;
}

const CmdDef cmd_cd = {
    .name = "cd",
    .group = "virsh",
    .help = "change the working folder",
    .desc = "Change the folder in which file names are looked up. Only inside the interactive loop.",
    .opts = cd_opts,
    .flags = CMD_NO_CONNECTION | CMD_INTERACTIVE,
    .run = cd_run,
};

static gboolean
pwd_run(CmdContext *ctx, GError **error)
{
    g_autofree char *dir = g_get_current_dir();

    out_value(cmd_out(ctx), "directory", OUT_STR(dir));
    return TRUE;
}

const CmdDef cmd_pwd = {
    .name = "pwd",
    .group = "virsh",
    .help = "show the working folder",
    .desc = "Show the folder in which file names are looked up.",
    .flags = CMD_NO_CONNECTION,
    .run = pwd_run,
};
