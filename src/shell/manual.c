#include "shell/manual.h"

#include <string.h>

#include "shell/help.h"
#include "shell/internal.h"
#include "util/error.h"

/* Longer lines of a page are bad style to `mandoc -T lint`. */
#define LINE_BYTES 80

/* Text as roff shows it literally. */
static void
append_escaped(GString *text, const char *plain)
{
    gboolean line_start = TRUE;

    for (; *plain; plain++) {
        if (line_start && (*plain == '.' || *plain == '\''))
            g_string_append(text, "\\&");
        line_start = *plain == '\n';
        switch (*plain) {
        case '\\':
            g_string_append(text, "\\e");
            break;
        case '-':
            g_string_append(text, "\\-");
            break;
        case '\'':
            g_string_append(text, "\\(aq");
            break;
        case '^':
            g_string_append(text, "\\(ha");
            break;
        case '~':
            g_string_append(text, "\\(ti");
            break;
        default:
            g_string_append_c(text, *plain);
            break;
        }
    }
}

/* Words on lines of up to LINE_BYTES. */
static void
append_prose(GString *text, const char *plain)
{
    g_auto(GStrv) words = g_strsplit_set(plain, " \n", -1);
    gsize column = 0;

    for (char **each = words; *each; each++) {
        g_autoptr(GString) word = g_string_new(NULL);

        append_escaped(word, *each);
        if (column > 0) {
            gboolean fits = column + 1 + word->len <= LINE_BYTES;

            g_string_append_c(text, fits ? ' ' : '\n');
            column = fits ? column + 1 : 0;
        }
        g_string_append_len(text, word->str, word->len);
        column += word->len;
    }
    g_string_append_c(text, '\n');
}

static void
append_item(GString *text, const char *label, const char *meaning)
{
    g_string_append(text, ".TP\n.B ");
    append_escaped(text, label);
    g_string_append_c(text, '\n');
    append_prose(text, meaning);
}

static void
append_program_options(GString *text)
{
    for (const ProgramOption *option = program_options; option->letter || option->name; option++) {
        g_autofree char *letter = option->letter ? g_strdup_printf("-%c", option->letter) : g_strdup("");
        g_autofree char *name = option->name ? g_strdup_printf("--%s", option->name) : g_strdup("");
        g_autofree char *label = g_strdup_printf("%s%s%s%s%s%s", letter, *letter && *name ? ", " : "", name,
                                                 option->argument ? option->optional ? "[=" : *name ? "=" : " " : "",
                                                 option->argument ? option->argument : "",
                                                 option->optional ? "]" : "");

        append_item(text, label, option->help);
    }
}

static void
append_command(const CmdDef *def, GString *text)
{
    g_autofree char *synopsis = help_synopsis(def);
    gboolean positional = FALSE;

    g_string_append(text, ".SS ");
    append_escaped(text, def->name);
    g_string_append_c(text, '\n');
    g_string_append(text, ".na\n.nh\n");
    append_prose(text, synopsis);
    g_string_append(text, ".ad\n.hy\n.PP\n");
    append_prose(text, *def->desc ? def->desc : def->help);
    for (const CmdOpt *opt = def->opts; opt && opt->name; opt++) {
        g_autofree char *label = NULL;

        if (opt->type == CMD_OPT_ALIAS)
            continue;
        label = help_option_label(opt, positional);
        append_item(text, label, opt->help);
        positional = positional || help_is_positional(opt);
    }
}

static void
append_commands(const ShellHost *host, GString *text)
{
    for (const CmdGroup *group = host->groups; group->keyword; group++) {
        gboolean first = TRUE;

        for (const CmdDef *const *def = host->commands; *def; def++) {
            if (strcmp((*def)->group, group->keyword) != 0 || ((*def)->flags & CMD_HIDDEN))
                continue;
            if (first) {
                g_autofree char *title = g_ascii_strup(group->title, -1);

                g_string_append(text, ".SH ");
                append_escaped(text, title);
                g_string_append_c(text, '\n');
                first = FALSE;
            }
            append_command(*def, text);
        }
    }
}

gboolean
manual_write(const ShellHost *host, const char *template, GString *text, GError **error)
{
    g_autoptr(GError) reading = NULL;
    g_autofree char *content = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(template, &content, NULL, &reading))
        return hv_throw(error, HV_ERR_SYSTEM_ERROR, "cannot read '%s': %s", template, reading->message);
    lines = g_strsplit(content, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (strcmp(*line, "@OPTIONS@") == 0) {
            append_program_options(text);
        } else if (strcmp(*line, "@COMMANDS@") == 0) {
            append_commands(host, text);
        } else if (**line || line[1]) {
            g_auto(GStrv) parts = g_strsplit(*line, "@VERSION@", -1);
            g_autofree char *filled = g_strjoinv(host->version, parts);

            g_string_append_printf(text, "%s\n", filled);
        }
    }
    return TRUE;
}
