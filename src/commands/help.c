/* help: pages made from the table of commands. */
#include "shell/help.h"

#include "util/error.h"

static char **
complete_topics(CmdContext *ctx, unsigned flags)
{
    const ShellHost *host = shell_host(cmd_shell(ctx));
    GPtrArray *topics = g_ptr_array_new();

    for (const CmdDef *const *def = host->commands; *def; def++)
        if (!((*def)->flags & CMD_HIDDEN))
            g_ptr_array_add(topics, g_strdup((*def)->name));
    for (const CmdGroup *group = host->groups; group->keyword; group++)
        g_ptr_array_add(topics, g_strdup(group->keyword));
    g_ptr_array_add(topics, NULL);
    return (char **)g_ptr_array_free(topics, FALSE);
}

static const CmdOpt help_opts[] = {
    { .name = "command", .type = CMD_OPT_STRING, .help = "a command or the keyword of a group; without it, everything",
      .complete = complete_topics },
    { .name = NULL },
};

static gboolean
help_run(CmdContext *ctx, GError **error)
{
    Shell *shell = cmd_shell(ctx);
    g_autoptr(GString) text = g_string_new(NULL);
    const char *given = cmd_text(ctx, "command"), *topic = given && *given ? given : NULL;
    const CmdDef *def = topic ? help_find_command(shell, topic) : NULL;
    const CmdGroup *group = topic && !def ? help_find_group(shell, topic) : NULL;

    if (def)
        help_command_page(def, text);
    else if (group)
        help_group_page(shell, group, FALSE, text);
    else if (!topic)
        help_overview(shell, text);
    else
        return help_no_topic(shell, topic, error);
    out_document(cmd_out(ctx), "help", text->str);
    return TRUE;
}

const CmdDef cmd_help = {
    .name = "help",
    .group = "virsh",
    .help = "explain commands",
    .desc = "List all commands, list those of one group, or explain one command.",
    .opts = help_opts,
    .flags = CMD_NO_CONNECTION,
    .run = help_run,
};
