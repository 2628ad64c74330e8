#include "shell/help.h"

#include <string.h>

#include "shell/internal.h"
#include "util/error.h"

#define SHELL_GROUP "virsh"

gboolean
help_is_positional(const CmdOpt *opt)
{
    return opt->type != CMD_OPT_BOOL && opt->type != CMD_OPT_ALIAS && !(opt->flags & CMD_OPT_NAMED_ONLY);
}

static char *
synopsis_argv(const CmdOpt *opt, gboolean positional_before)
{
    gboolean required = opt->flags & CMD_OPT_REQUIRED;

    if (positional_before)
        return g_strdup_printf(required ? "{[--%s] <string>}..." : "[[--%s] <string>]...", opt->name);
    return g_strdup_printf(required ? "<%s>..." : "[<%s>]...", opt->name);
}

static char *
synopsis_option(const CmdOpt *opt, gboolean positional_before)
{
    gboolean required = opt->flags & CMD_OPT_REQUIRED;

    switch (opt->type) {
    case CMD_OPT_BOOL:
        return g_strdup_printf("[--%s]", opt->name);
    case CMD_OPT_NUMBER:
        return g_strdup_printf(required ? "<%s>" : "[--%s <number>]", opt->name);
    case CMD_OPT_STRING:
        return g_strdup_printf("[--%s <string>]", opt->name);
    case CMD_OPT_DATA:
        return g_strdup_printf(required ? "<%s>" : "[<%s>]", opt->name);
    case CMD_OPT_ARGV:
        return synopsis_argv(opt, positional_before);
    case CMD_OPT_ALIAS:
    default:
        return NULL;
    }
}

char *
help_synopsis(const CmdDef *def)
{
    GString *line = g_string_new(def->name);
    gboolean positional = FALSE;

    for (const CmdOpt *opt = def->opts; opt && opt->name; opt++) {
        g_autofree char *part = synopsis_option(opt, positional);

        if (part)
            g_string_append_printf(line, " %s", part);
        positional = positional || help_is_positional(opt);
    }
    return g_string_free(line, FALSE);
}

char *
help_option_label(const CmdOpt *opt, gboolean positional_before)
{
    switch (opt->type) {
    case CMD_OPT_NUMBER:
        return g_strdup_printf(opt->flags & CMD_OPT_REQUIRED ? "[--%s] <number>" : "--%s <number>", opt->name);
    case CMD_OPT_STRING:
        return g_strdup_printf("--%s <string>", opt->name);
    case CMD_OPT_DATA:
        return g_strdup_printf("[--%s] <string>", opt->name);
    case CMD_OPT_ARGV:
        return g_strdup_printf(positional_before ? "[--%s] <string>" : "<%s>", opt->name);
    case CMD_OPT_ALIAS:
    case CMD_OPT_BOOL:
    default:
        return g_strdup_printf("--%s", opt->name);
    }
}

static void
append_indented(GString *text, const char *paragraph)
{
    g_auto(GStrv) lines = g_strsplit(paragraph, "\n", -1);

    for (char **line = lines; *line; line++)
        g_string_append_printf(text, **line ? "    %s\n" : "\n", *line);
}

static void
append_options(GString *text, const CmdDef *def)
{
    gboolean positional = FALSE;

    g_string_append(text, "\n  OPTIONS\n");
    for (const CmdOpt *opt = def->opts; opt->name; opt++) {
        g_autofree char *label = NULL;

        if (opt->type == CMD_OPT_ALIAS)
            continue;
        label = help_option_label(opt, positional);
        g_string_append_printf(text, "    %-15s  %s\n", label, opt->help);
        positional = positional || help_is_positional(opt);
    }
}

void
help_command_page(const CmdDef *def, GString *text)
{
    g_autofree char *synopsis = help_synopsis(def);

    g_string_append_printf(text, "  NAME\n    %s - %s\n\n  SYNOPSIS\n    %s\n", def->name, def->help, synopsis);
    if (def->desc && *def->desc) {
        g_string_append(text, "\n  DESCRIPTION\n");
        append_indented(text, def->desc);
    }
    if (def->opts && def->opts[0].name)
        append_options(text, def);
    g_string_append_c(text, '\n');
}

static gboolean
is_shell_group(const CmdGroup *group)
{
    return strcmp(group->keyword, SHELL_GROUP) == 0;
}

const CmdGroup *
help_find_group(Shell *shell, const char *keyword)
{
    if (strcmp(keyword, shell->program) == 0)
        keyword = SHELL_GROUP;
    return registry_find_group(shell->host, keyword);
}

const CmdDef *
help_find_command(Shell *shell, const char *name)
{
    return registry_find(shell->host, name);
}

static void
append_group_title(Shell *shell, const CmdGroup *group, GString *text)
{
    if (is_shell_group(group))
        g_string_append_printf(text, " %c%s itself (help keyword '%s')", g_ascii_toupper(*shell->program),
                               shell->program + 1, shell->program);
    else
        g_string_append_printf(text, " %s (help keyword '%s')", group->title, group->keyword);
}

void
help_group_page(Shell *shell, const CmdGroup *group, gboolean bare, GString *text)
{
    append_group_title(shell, group, text);
    g_string_append(text, bare ? "\n" : ":\n");
    for (const CmdDef *const *def = shell->host->commands; *def; def++)
        if (strcmp((*def)->group, group->keyword) == 0 && !((*def)->flags & CMD_HIDDEN))
            g_string_append_printf(text, "    %-30s %s\n", (*def)->name, (*def)->help);
}

void
help_overview(Shell *shell, GString *text)
{
    g_string_append(text, "Grouped commands:\n\n");
    for (const CmdGroup *group = shell->host->groups; group->keyword; group++) {
        help_group_page(shell, group, FALSE, text);
        g_string_append_c(text, '\n');
    }
}

static char *
program_option_label(const ProgramOption *option)
{
    const char *open = option->optional ? "[=" : "=", *close = option->optional ? "]" : "";

    if (!option->name)
        return g_strdup_printf("-%c", option->letter);
    return g_strdup_printf("%c%c %c --%s%s%s%s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
                           option->letter ? '|' : ' ', option->name, option->argument ? open : "",
                           option->argument ? option->argument : "", option->argument ? close : "");
}

void
help_program_page(Shell *shell, GString *text)
{
    g_string_append_printf(text, "\n%s [options]... [<command_string>]\n%s [options]... <command> [args...]\n\n  options:\n",
                           shell->program, shell->program);
    for (const ProgramOption *option = program_options; option->letter || option->name; option++) {
        g_autofree char *label = program_option_label(option);

        if (strlen(label) > 23)
            g_string_append_printf(text, "    %s\n%28s%s\n", label, "", option->help);
        else
            g_string_append_printf(text, "    %-23s %s\n", label, option->help);
    }
    g_string_append(text, "  commands (non interactive mode):\n\n");
    for (const CmdGroup *group = shell->host->groups; group->keyword; group++) {
        help_group_page(shell, group, TRUE, text);
        g_string_append_c(text, '\n');
    }
    g_string_append(text, "\n  `help GROUP` lists the commands of one group, `help COMMAND` explains one command.\n\n");
}

gboolean
help_no_topic(Shell *shell, const char *topic, GError **error)
{
    hv_throw(error, HV_ERR_COMMAND, "command or command group '%s' doesn't exist", topic);
    suggest_command(shell->host, topic, error);
    return FALSE;
}
