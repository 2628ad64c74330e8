/* Look-ups in the tables of the program. They are small, so a search from the front costs
 * less than building an index at every start. */
#include "shell/internal.h"

#include <string.h>

const CmdDef *
registry_find(const ShellHost *host, const char *name)
{
    for (const CmdDef *const *def = host->commands; *def; def++)
        if (strcmp((*def)->name, name) == 0)
            return *def;
    return NULL;
}

const CmdGroup *
registry_find_group(const ShellHost *host, const char *keyword)
{
    for (const CmdGroup *group = host->groups; group->keyword; group++)
        if (strcmp(group->keyword, keyword) == 0)
            return group;
    return NULL;
}

const CmdOpt *
registry_find_option(const CmdDef *def, const char *name)
{
    for (const CmdOpt *opt = def->opts; opt && opt->name; opt++)
        if (strcmp(opt->name, name) == 0)
            return opt;
    return NULL;
}

const CmdOpt *
registry_resolve_option(const CmdDef *def, const CmdOpt *opt, const char **value)
{
    *value = NULL;
    while (opt && opt->type == CMD_OPT_ALIAS) {
        const char *equals = strchr(opt->alias_of, '=');
        g_autofree char *name = equals ? g_strndup(opt->alias_of, equals - opt->alias_of) : g_strdup(opt->alias_of);

        if (equals)
            *value = equals + 1;
        opt = registry_find_option(def, name);
    }
    return opt;
}
