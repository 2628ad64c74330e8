/* echo: its words, quoted or split. */
#include <string.h>

#include "shell/command.h"
#include "util/quote.h"

static const CmdOpt echo_opts[] = {
    { .name = "shell", .type = CMD_OPT_BOOL, .help = "quote words for a POSIX shell where they need it" },
    { .name = "xml", .type = CMD_OPT_BOOL, .help = "write markup characters as XML entities" },
    { .name = "split", .type = CMD_OPT_BOOL, .help = "one line for each part between commas; two commas stand for one" },
    { .name = "err", .type = CMD_OPT_BOOL, .help = "write to standard error" },
    { .name = "string", .type = CMD_OPT_ARGV, .flags = CMD_OPT_EMPTY_OK, .help = "words to write" },
    { .name = "hi", .type = CMD_OPT_ALIAS, .alias_of = "string=hello" },
    { .name = "str", .type = CMD_OPT_ALIAS, .alias_of = "string" },
    { .name = NULL },
};

static void
append_shell_quoted(GString *text, const char *word)
{
    static const char special[] = "\r\t\n !\"#$&'()*;<>?[\\]^`{|}~";

    if (*word && !strpbrk(word, special))
        g_string_append(text, word);
    else
        quote_append(text, word);
}

static void
append_xml_escaped(GString *text, const char *word)
{
    for (; *word; word++) {
        switch (*word) {
        case '<':
            g_string_append(text, "&lt;");
            break;
        case '>':
            g_string_append(text, "&gt;");
            break;
        case '&':
            g_string_append(text, "&amp;");
            break;
        case '"':
            g_string_append(text, "&quot;");
            break;
        case '\'':
            g_string_append(text, "&apos;");
            break;
        default:
            /* XML 1.0 has no other control characters. */
            if ((guchar)*word >= ' ' || strchr("\t\n\r", *word))
                g_string_append_c(text, *word);
            break;
        }
    }
}

/* "a,b,,c": a, then "b,c", each on a line. */
static void
append_split(GString *text, const char *word)
{
    if (*word == '\0')
        return;
    for (; *word; word++) {
        if (*word == ',' && word[1] == ',')
            word++;
        else if (*word == ',') {
            g_string_append_c(text, '\n');
            continue;
        }
        g_string_append_c(text, *word);
    }
    g_string_append_c(text, '\n');
}

static gboolean
echo_run(CmdContext *ctx, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (const char *const *word = cmd_argv(ctx, "string"); *word; word++) {
        if (word != cmd_argv(ctx, "string"))
            g_string_append_c(text, ' ');
        if (cmd_bool(ctx, "shell"))
            append_shell_quoted(text, *word);
        else if (cmd_bool(ctx, "xml"))
            append_xml_escaped(text, *word);
        else if (cmd_bool(ctx, "split"))
            append_split(text, *word);
        else
            g_string_append(text, *word);
    }
    if (cmd_bool(ctx, "err") && text->len == 0)
        return TRUE;
    if (cmd_bool(ctx, "err"))
        out_warning(cmd_out(ctx), "%s", text->str);
    else if (out_structured(cmd_out(ctx)))
        out_value(cmd_out(ctx), "text", OUT_STR(text->str));
    else
        out_bytes(cmd_out(ctx), text->str, text->len);
    return TRUE;
}

const CmdDef cmd_echo = {
    .name = "echo",
    .group = "virsh",
    .help = "write words",
    .desc = "Write the words with single blanks between them, quoted if that is asked for.",
    .opts = echo_opts,
    .flags = CMD_NO_CONNECTION,
    .exclusive = (const char *const[]){ "shell|xml", "shell|split", "xml|split", NULL },
    .run = echo_run,
};
