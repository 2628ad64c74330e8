/* From words to a parsed command, by virsh's rules: options may stand anywhere, data words
 * fill the options that may be positional in the order in which the table declares them. */
#include "shell/internal.h"

#include <string.h>

#include "util/error.h"

static const CmdOpt help_option = { .name = "help", .type = CMD_OPT_BOOL };

static void
cmd_arg_clear(CmdArg *arg)
{
    g_free(arg->value);
}

CmdContext *
cmd_context_new(Shell *shell, const CmdDef *def)
{
    CmdContext *ctx = g_new0(CmdContext, 1);

    ctx->shell = shell;
    ctx->def = def;
    ctx->redirect = LEX_END;
    ctx->args = g_array_new(FALSE, FALSE, sizeof(CmdArg));
    g_array_set_clear_func(ctx->args, (GDestroyNotify)cmd_arg_clear);
    return ctx;
}

void
cmd_context_free(CmdContext *ctx)
{
    if (!ctx)
        return;
    g_array_unref(ctx->args);
    g_free(ctx->argv);
    g_free(ctx->redirect_to);
    g_free(ctx);
}

void
cmd_context_add(CmdContext *ctx, const CmdOpt *opt, const char *value)
{
    CmdArg arg = { opt, g_strdup(value) };

    g_array_append_val(ctx->args, arg);
    if (opt->type == CMD_OPT_ARGV) {
        gsize n = 0;

        while (ctx->argv && ctx->argv[n])
            n++;
        ctx->argv = g_renew(const char *, ctx->argv, n + 2);
        ctx->argv[n] = g_array_index(ctx->args, CmdArg, ctx->args->len - 1).value;
        ctx->argv[n + 1] = NULL;
    }
}

static gboolean
is_given(const CmdContext *ctx, const CmdOpt *opt)
{
    for (guint i = 0; i < ctx->args->len; i++)
        if (g_array_index(ctx->args, CmdArg, i).opt == opt)
            return TRUE;
    return FALSE;
}

/* The next option that a data word fills, or NULL. */
static const CmdOpt *
next_positional(const CmdContext *ctx)
{
    for (const CmdOpt *opt = ctx->def->opts; opt && opt->name; opt++) {
        if (opt->type == CMD_OPT_BOOL || opt->type == CMD_OPT_ALIAS || (opt->flags & CMD_OPT_NAMED_ONLY))
            continue;
        if (opt->type == CMD_OPT_ARGV || !is_given(ctx, opt))
            return opt;
    }
    return NULL;
}

/* What is being read: one command of a line. */
typedef struct {
    CmdContext *ctx;
    Lexer *lexer;
    gboolean data_only;         /* after `--` */
    gboolean lenient;           /* `help` takes any words */
    gboolean help;              /* --help was among them */
} Reader;

/* One that was read is told of even when a later word is wrong. */
static void
take_option(Reader *reader, const CmdOpt *opt, const char *value)
{
    CmdContext *ctx = reader->ctx;

    shell_debug(ctx->shell, 1, "%s: %s(%s): %s\n", ctx->def->name, opt->name,
                opt->type == CMD_OPT_BOOL ? "bool" : "optdata", value ? value : "(none)");
    if (opt == &help_option)
        reader->help = TRUE;
    else
        cmd_context_add(ctx, opt, value);
}

/* "--name", "--name value" or "--name=value". */
static gboolean
read_option(Reader *reader, const char *word, GError **error)
{
    CmdContext *ctx = reader->ctx;
    const char *equals = strchr(word, '='), *fixed, *value = equals ? equals + 1 : NULL;
    g_autofree char *name = equals ? g_strndup(word, equals - word) : g_strdup(word);
    g_autofree char *next = NULL;
    const CmdOpt *opt = strcmp(name, "help") == 0 ? &help_option : registry_find_option(ctx->def, name);

    opt = registry_resolve_option(ctx->def, opt, &fixed);
    if (!opt) {
        if (reader->lenient)
            return TRUE;
        hv_throw(error, HV_ERR_USAGE, "command '%s' doesn't support option --%s", ctx->def->name, name);
        suggest_option(ctx->def, name, error);
        return FALSE;
    }
    if (fixed && value)
        return hv_throw(error, HV_ERR_USAGE, "invalid '=' after option --%s", name);
    if (opt->type != CMD_OPT_ARGV && is_given(ctx, opt) && reader->lenient) {
        report_complaint(ctx->shell, "option --%s already seen", opt->name);
        return TRUE;
    }
    if (opt->type != CMD_OPT_ARGV && is_given(ctx, opt))
        return hv_throw(error, HV_ERR_USAGE, "option --%s already seen", opt->name);

    if (opt->type == CMD_OPT_BOOL) {
        if (value)
            return hv_throw(error, HV_ERR_USAGE, "invalid '=' after option --%s", opt->name);
        take_option(reader, opt, NULL);
        return TRUE;
    }
    if (fixed)
        value = fixed;
    if (!value) {
        LexKind kind = lexer_next(reader->lexer, &next, error);

        if (kind == LEX_ERROR)
            return FALSE;
        if (kind != LEX_WORD)
            return hv_throw(error, HV_ERR_USAGE, "expected syntax: --%s <%s>", opt->name,
                            opt->type == CMD_OPT_NUMBER ? "number" : "string");
        value = next;
    }
    take_option(reader, opt, value);
    return TRUE;
}

static gboolean
read_word(Reader *reader, const char *word, GError **error)
{
    const CmdOpt *opt;

    if (!reader->data_only && strcmp(word, "--") == 0) {
        reader->data_only = TRUE;
        return TRUE;
    }
    /* "---" and "--=" are data. */
    if (!reader->data_only && g_str_has_prefix(word, "--") && g_ascii_isalnum(word[2]))
        return read_option(reader, word + 2, error);

    opt = next_positional(reader->ctx);
    if (!opt)
        return reader->lenient || hv_throw(error, HV_ERR_USAGE, "unexpected data '%s'", word);
    take_option(reader, opt, word);
    return TRUE;
}

/* All that are missing are named, one a line. */
static gboolean
check_required(const CmdContext *ctx, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    for (const CmdOpt *opt = ctx->def->opts; opt && opt->name; opt++) {
        gboolean data = opt->type == CMD_OPT_DATA || opt->type == CMD_OPT_ARGV;

        if (!(opt->flags & CMD_OPT_REQUIRED) || is_given(ctx, opt))
            continue;
        g_ptr_array_add(lines, g_strdup_printf("command '%s' requires %s%s%s option", ctx->def->name,
                                               data ? "<" : "--", opt->name, data ? ">" : ""));
    }
    if (lines->len == 0)
        return TRUE;
    hv_throw(error, HV_ERR_USAGE, "%s", (char *)g_ptr_array_index(lines, lines->len - 1));
    for (guint i = lines->len - 1; i > 0; i--)
        hv_error_add_sentence(error, "%s", (char *)g_ptr_array_index(lines, i - 1));
    return FALSE;
}

static CmdContext *
begin_command(Shell *shell, Lexer *lexer, const char *word, GError **error)
{
    /* A dash before the name is an addition that virsh's grammar must not see. */
    gboolean ignore = !shell->virsh && !lexer->argv && word[0] == '-' && word[1] != '\0';
    const CmdDef *def = registry_find(shell->host, word + ignore);
    CmdContext *ctx;

    if (!def) {
        hv_throw(error, HV_ERR_USAGE, "unknown command: '%s'", word);
        suggest_command(shell->host, word, error);
        return NULL;
    }
    ctx = cmd_context_new(shell, def);
    ctx->ignore_failure = ignore;
    return ctx;
}

/* `X … --help` is `help X`. */
static CmdContext *
finish_command(Reader *reader, GError **error)
{
    g_autoptr(CmdContext) ctx = g_steal_pointer(&reader->ctx);
    const CmdDef *help = reader->help ? registry_find(ctx->shell->host, "help") : NULL;
    CmdContext *replaced;

    if (!help)
        return check_required(ctx, error) ? g_steal_pointer(&ctx) : NULL;
    replaced = cmd_context_new(ctx->shell, help);
    cmd_context_add(replaced, &help->opts[0], ctx->def->name);
    replaced->redirect = ctx->redirect;
    replaced->redirect_to = g_steal_pointer(&ctx->redirect_to);
    return replaced;
}

static gboolean
read_redirection(Reader *reader, LexKind kind, char **word, GError **error)
{
    CmdContext *ctx = reader->ctx;

    if (ctx->redirect != LEX_END)
        return hv_throw(error, HV_ERR_USAGE, "the output of '%s' is redirected twice", ctx->def->name);
    if (kind != LEX_PIPE) {
        LexKind next = lexer_next(reader->lexer, word, error);

        if (next == LEX_ERROR)
            return FALSE;
        if (next != LEX_WORD)
            return hv_throw(error, HV_ERR_USAGE, "a file name is missing after '%s'", kind == LEX_WRITE ? ">" : ">>");
    }
    if (**word == '\0' || strspn(*word, " \t") == strlen(*word))
        return hv_throw(error, HV_ERR_USAGE, "%s", kind == LEX_PIPE ? "a command is missing after '|'" : "empty file name");
    ctx->redirect = kind;
    ctx->redirect_to = g_steal_pointer(word);
    return TRUE;
}

static gboolean
read_token(Reader *reader, LexKind kind, char **word, GError **error)
{
    if (kind == LEX_WORD)
        return read_word(reader, *word, error);
    return read_redirection(reader, kind, word, error);
}

GPtrArray *
arguments_parse(Shell *shell, Lexer *lexer, GError **error)
{
    g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func((GDestroyNotify)cmd_context_free);
    LexKind kind;

    do {
        g_autoptr(CmdContext) ctx = NULL;
        Reader reader = { .lexer = lexer };
        gboolean comment = FALSE;

        for (;;) {
            g_autofree char *word = NULL;

            kind = lexer_next(lexer, &word, error);
            if (kind == LEX_ERROR)
                return NULL;
            if (kind == LEX_END || kind == LEX_SEPARATOR)
                break;
            /* As in virsh a quoted "#x" in place of a command begins a comment too, up to the next separator. */
            comment = comment || (!ctx && kind == LEX_WORD && *word == '#');
            if (comment)
                continue;
            if (!ctx) {
                if (kind != LEX_WORD) {
                    hv_throw(error, HV_ERR_USAGE, "a command is missing before the redirection");
                    return NULL;
                }
                ctx = reader.ctx = begin_command(shell, lexer, word, error);
                if (!ctx)
                    return NULL;
                reader.lenient = strcmp(ctx->def->name, "help") == 0;
                continue;
            }
            if (!read_token(&reader, kind, &word, error))
                return NULL;
        }
        if (!ctx)
            continue;
        ctx = NULL;     /* finish_command() takes it from the reader */
        ctx = finish_command(&reader, error);
        if (!ctx)
            return NULL;
        g_ptr_array_add(commands, g_steal_pointer(&ctx));
    } while (kind != LEX_END);

    return g_steal_pointer(&commands);
}
