/* Help pages, made from the descriptors. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

/* Appends the page of one command. */
void help_command_page(const CmdDef *def, GString *text);
/* Appends " Title (help keyword 'kw'):" and the commands of the group; no colon with @bare. */
void help_group_page(Shell *shell, const CmdGroup *group, gboolean bare, GString *text);
/* Every group. */
void help_overview(Shell *shell, GString *text);
/* Text of `--help` of the program. */
void help_program_page(Shell *shell, GString *text);

/* "[--file] <string>": the option as a page's list shows it. @positional_before: a data word may come before it. */
char *help_option_label(const CmdOpt *opt, gboolean positional_before);
/* "list [--all] …": the line under SYNOPSIS. */
char *help_synopsis(const CmdDef *def);
/* Whether a bare word can fill the option. */
gboolean help_is_positional(const CmdOpt *opt);

/* Looks the group up; the group of the shell itself answers to both names of the program. */
const CmdGroup *help_find_group(Shell *shell, const char *keyword);
/* The command, for tools that read the table. */
const CmdDef *help_find_command(Shell *shell, const char *name);
/* "command or command group 'x' doesn't exist", with the nearest name as its hint. Returns FALSE. */
gboolean help_no_topic(Shell *shell, const char *topic, GError **error);

G_END_DECLS
