#include "shell/selfcheck.h"

#include <string.h>

#include "shell/help.h"
#include "shell/internal.h"

static void
problem(GPtrArray *problems, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
problem(GPtrArray *problems, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(problems, g_strdup_vprintf(format, args));
    va_end(args);
}

static void
check_alias(const CmdDef *def, const CmdOpt *opt, GPtrArray *problems)
{
    const char *value;
    const CmdOpt *target = opt->alias_of ? registry_resolve_option(def, opt, &value) : NULL;

    if (!target)
        problem(problems, "%s: --%s is an alias of an option that is not there", def->name, opt->name);
    else if (value && target->type == CMD_OPT_BOOL)
        problem(problems, "%s: --%s gives a value to --%s, which takes none", def->name, opt->name, target->name);
}

static void
check_options(const CmdDef *def, GPtrArray *problems)
{
    const CmdOpt *optional = NULL, *repeated = NULL;

    for (const CmdOpt *opt = def->opts; opt && opt->name; opt++) {
        if (registry_find_option(def, opt->name) != opt)
            problem(problems, "%s: --%s is there twice", def->name, opt->name);
        if (opt->type == CMD_OPT_ALIAS) {
            check_alias(def, opt, problems);
            continue;
        }
        if (!opt->help || !*opt->help)
            problem(problems, "%s: --%s has no help", def->name, opt->name);
        if (opt->type == CMD_OPT_BOOL && (opt->flags & CMD_OPT_REQUIRED))
            problem(problems, "%s: --%s is a switch and cannot be required", def->name, opt->name);
        if (repeated)
            problem(problems, "%s: --%s stands after --%s, which takes all words", def->name, opt->name, repeated->name);
        if (!help_is_positional(opt))
            continue;
        /* A data word would fill the optional one first. */
        if ((opt->flags & CMD_OPT_REQUIRED) && optional)
            problem(problems, "%s: --%s is required but stands after --%s, which is not", def->name, opt->name,
                    optional->name);
        if (!(opt->flags & CMD_OPT_REQUIRED))
            optional = opt;
        if (opt->type == CMD_OPT_ARGV)
            repeated = opt;
    }
}

static void
check_rule_names(const CmdDef *def, const char *const *rules, char separator, GPtrArray *problems)
{
    for (; rules && *rules; rules++) {
        const char *at = strchr(*rules, separator);
        g_autofree char *first = at ? g_strndup(*rules, at - *rules) : NULL;

        if (!at || !registry_find_option(def, first) || !registry_find_option(def, at + 1))
            problem(problems, "%s: the rule '%s' names an option that is not there", def->name, *rules);
    }
}

GPtrArray *
selfcheck_problems(const ShellHost *host)
{
    GPtrArray *problems = g_ptr_array_new_with_free_func(g_free);

    for (const CmdDef *const *each = host->commands; *each; each++) {
        const CmdDef *def = *each;

        if (registry_find(host, def->name) != def)
            problem(problems, "%s: is there twice", def->name);
        if (!registry_find_group(host, def->group))
            problem(problems, "%s: the group '%s' is not there", def->name, def->group);
        if (!def->help || !*def->help)
            problem(problems, "%s: has no help", def->name);
        if (!def->desc)
            problem(problems, "%s: has no description", def->name);
        if (!def->run)
            problem(problems, "%s: does nothing", def->name);
        check_options(def, problems);
        check_rule_names(def, def->exclusive, '|', problems);
        check_rule_names(def, def->requires, '>', problems);
    }
    return problems;
}

void
selfcheck_completers_missing(const ShellHost *host, GString *text)
{
    for (const CmdDef *const *def = host->commands; *def; def++) {
        gboolean first = TRUE;

        for (const CmdOpt *opt = (*def)->opts; opt && opt->name; opt++) {
            if (opt->type == CMD_OPT_BOOL || opt->type == CMD_OPT_NUMBER || opt->type == CMD_OPT_ALIAS || opt->complete)
                continue;
            g_string_append_printf(text, "%s%s%s", first ? (*def)->name : "", first ? ": " : ", ", opt->name);
            first = FALSE;
        }
        if (!first)
            g_string_append_c(text, '\n');
    }
}

static char *
kind_of(const CmdOpt *opt)
{
    static const char *const kinds[] = {
        [CMD_OPT_BOOL] = "bool", [CMD_OPT_STRING] = "string", [CMD_OPT_NUMBER] = "number",
        [CMD_OPT_DATA] = "data", [CMD_OPT_ARGV] = "argv",
    };

    if (opt->type == CMD_OPT_ALIAS)
        return g_strdup_printf("alias-of:--%s", opt->alias_of);
    return g_strdup(kinds[opt->type]);
}

void
selfcheck_facts(const ShellHost *host, GString *text)
{
    for (const CmdDef *const *each = host->commands; *each; each++) {
        const CmdDef *def = *each;
        const char *group = def->flags & CMD_HIDDEN ? "hidden" : def->group;
        const char *origin = def->flags & CMD_HVSH ? "hvsh" : "virsh";

        if (!def->opts || !def->opts[0].name)
            g_string_append_printf(text, "%s\t%s\t-\tnone\tno\tno\tno\t%s\n", group, def->name, origin);
        for (const CmdOpt *opt = def->opts; opt && opt->name; opt++) {
            g_autofree char *kind = kind_of(opt);
            const char *of = opt->flags & CMD_OPT_HVSH ? "hvsh" : opt->flags & CMD_OPT_NEWER ? "newer" : origin;

            g_string_append_printf(text, "%s\t%s\t--%s\t%s\t%s\t%s\t%s\t%s\n", group, def->name, opt->name, kind,
                                   opt->flags & CMD_OPT_REQUIRED ? "yes" : "no", help_is_positional(opt) ? "yes" : "no",
                                   opt->type == CMD_OPT_ARGV ? "yes" : "no", of);
        }
    }
}
