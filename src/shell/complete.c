#include "shell/complete.h"

#include <string.h>

#include "shell/internal.h"

/* What has been typed of one command. */
typedef struct {
    CmdContext *ctx;
    const CmdOpt *pending;      /* the option whose value comes next */
    gboolean data_only;
} Typed;

static gboolean
is_taken(const CmdContext *ctx, const CmdOpt *opt)
{
    return opt->type != CMD_OPT_ARGV && cmd_given(ctx, opt->name);
}

/* Unlike the parser this takes what it can: the line is not finished. */
static void
take_word(Typed *typed, const char *word)
{
    CmdContext *ctx = typed->ctx;

    if (typed->pending) {
        cmd_context_add(ctx, typed->pending, word);
        typed->pending = NULL;
        return;
    }
    if (!typed->data_only && strcmp(word, "--") == 0) {
        typed->data_only = TRUE;
        return;
    }
    if (!typed->data_only && g_str_has_prefix(word, "--")) {
        const char *equals = strchr(word, '='), *fixed;
        g_autofree char *name = equals ? g_strndup(word + 2, equals - word - 2) : g_strdup(word + 2);
        const CmdOpt *opt = registry_resolve_option(ctx->def, registry_find_option(ctx->def, name), &fixed);

        if (!opt)
            return;
        if (opt->type == CMD_OPT_BOOL)
            cmd_context_add(ctx, opt, NULL);
        else if (equals || fixed)
            cmd_context_add(ctx, opt, fixed ? fixed : equals + 1);
        else
            typed->pending = opt;
        return;
    }
    for (const CmdOpt *opt = ctx->def->opts; opt && opt->name; opt++) {
        if (opt->type == CMD_OPT_BOOL || opt->type == CMD_OPT_ALIAS || (opt->flags & CMD_OPT_NAMED_ONLY) ||
            is_taken(ctx, opt))
            continue;
        cmd_context_add(ctx, opt, word);
        return;
    }
}

static void
add_prefixed(GPtrArray *found, const char *prefix, const char *candidate, const char *word)
{
    g_autofree char *whole = g_strconcat(prefix, candidate, NULL);

    if (g_str_has_prefix(whole, word))
        g_ptr_array_add(found, g_steal_pointer(&whole));
}

/* A connection that cannot be had means no candidates, not an error in the middle of a line. */
static gboolean
ensure_connection(Shell *shell)
{
    return shell->connection || shell->host->connect(shell, NULL, shell->options.readonly, NULL);
}

/* Returns FALSE when the value is the name of a file. */
static gboolean
add_values(const Typed *typed, const CmdOpt *opt, const char *prefix, const char *word, GPtrArray *found)
{
    CmdContext *ctx = typed->ctx;
    g_auto(GStrv) values = NULL;

    if (!opt->complete)
        return !(opt->flags & CMD_OPT_FILE);
    if (!(ctx->def->flags & CMD_NO_CONNECTION) && !ensure_connection(ctx->shell))
        return TRUE;
    values = opt->complete(ctx, opt->complete_flags);
    for (char **value = values; value && *value; value++)
        add_prefixed(found, prefix, *value, word);
    return TRUE;
}

static void
add_option_names(const Typed *typed, const char *word, GPtrArray *found)
{
    for (const CmdOpt *opt = typed->ctx->def->opts; opt && opt->name; opt++)
        if (opt->type != CMD_OPT_ALIAS && !is_taken(typed->ctx, opt))
            add_prefixed(found, "--", opt->name, word);
}

/* "--option=val" */
static gboolean
add_joined_values(const Typed *typed, const char *word, GPtrArray *found)
{
    const char *equals = strchr(word, '='), *fixed;
    g_autofree char *name = g_strndup(word + 2, equals - word - 2);
    g_autofree char *prefix = g_strndup(word, equals - word + 1);
    const CmdOpt *opt = registry_resolve_option(typed->ctx->def, registry_find_option(typed->ctx->def, name), &fixed);

    return opt && !fixed && add_values(typed, opt, prefix, word, found);
}

static gboolean
add_arguments(const Typed *typed, const char *word, GPtrArray *found)
{
    gboolean known = FALSE, file_due = FALSE;

    if (typed->pending)
        return add_values(typed, typed->pending, "", word, found);
    if (!typed->data_only && g_str_has_prefix(word, "--") && strchr(word, '='))
        return add_joined_values(typed, word, found);
    if (!typed->data_only && *word == '-') {
        add_option_names(typed, word, found);
        return TRUE;
    }
    for (const CmdOpt *opt = typed->ctx->def->opts; opt && opt->name; opt++) {
        if (opt->type == CMD_OPT_BOOL || opt->type == CMD_OPT_ALIAS || (opt->flags & CMD_OPT_NAMED_ONLY) ||
            is_taken(typed->ctx, opt))
            continue;
        known = add_values(typed, opt, "", word, found);
        file_due = !known && (opt->flags & CMD_OPT_REQUIRED);
        break;
    }
    if (*word == '\0' && found->len == 0 && !typed->data_only && !file_due)
        add_option_names(typed, word, found);
    return known || found->len > 0;
}

static char **
finish(GPtrArray *found, gboolean known)
{
    if (found->len == 0 && !known)
        return NULL;
    g_ptr_array_add(found, NULL);
    return (char **)g_ptr_array_steal(found, NULL);
}

/* @words are one command, the last one unfinished. */
static char **
complete_command(Shell *shell, const char *const *words, gsize n_words)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(CmdContext) ctx = NULL;
    const CmdDef *def;
    Typed typed = { NULL };
    gboolean known;

    if (n_words <= 1) {
        const char *word = n_words ? words[0] : "";

        for (const CmdDef *const *each = shell->host->commands; *each; each++)
            if (!((*each)->flags & CMD_HIDDEN))
                add_prefixed(found, "", (*each)->name, word);
        return finish(found, TRUE);
    }
    def = registry_find(shell->host, words[0]);
    if (!def)
        return finish(found, TRUE);
    typed.ctx = ctx = cmd_context_new(shell, def);
    for (gsize i = 1; i + 1 < n_words; i++)
        take_word(&typed, words[i]);
    known = add_arguments(&typed, words[n_words - 1], found);
    return finish(found, known);
}

char **
complete_line(Shell *shell, const char *line)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    gboolean open_word = FALSE;
    Lexer lexer;

    lexer_init_string(&lexer, line, LEX_UNFINISHED | (shell->virsh ? 0 : LEX_OPERATORS));
    for (;;) {
        char *word;
        LexKind kind = lexer_next(&lexer, &word, NULL);

        if (kind == LEX_END || kind == LEX_ERROR)
            break;
        if (kind == LEX_WORD) {
            g_ptr_array_add(words, word);
            open_word = *lexer.text == '\0';
            continue;
        }
        g_free(word);
        /* What follows a bar or an angle is no word of ours; after a semicolon a new command begins. */
        if (kind != LEX_SEPARATOR)
            return NULL;
        g_ptr_array_set_size(words, 0);
        open_word = FALSE;
    }
    if (!open_word)
        g_ptr_array_add(words, g_strdup(""));
    return complete_command(shell, (const char *const *)words->pdata, words->len);
}

/* @prefix: what of @word comes before the value, "--output=" or nothing. */
static char **
complete_program_value(Shell *shell, const ProgramOption *option, const char *prefix, const char *word)
{
    const char *const *values = option->letter == 'o' ? output_format_names : option->letter == 'c' ? shell->host->uris : NULL;
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

    for (; values && *values; values++)
        add_prefixed(found, prefix, *values, word);
    return finish(found, FALSE);
}

static char **
complete_program_option(Shell *shell, const char *word)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

    for (const ProgramOption *option = program_options; option->letter || option->name; option++) {
        g_autofree char *prefix = option->name && option->argument ? g_strdup_printf("--%s=", option->name) : NULL;

        if (prefix && g_str_has_prefix(word, prefix))
            return complete_program_value(shell, option, prefix, word);
    }
    for (const ProgramOption *option = program_options; option->letter || option->name; option++)
        if (option->name)
            add_prefixed(found, "--", option->name, word);
    return finish(found, TRUE);
}

char **
complete_argv(Shell *shell, const char *const *words, gsize n_words)
{
    const ProgramOption *pending;
    gsize first = options_skim(shell, words, n_words, &pending);

    if (pending)
        return complete_program_value(shell, pending, "", words[n_words - 1]);
    if (first + 1 >= n_words && n_words > 0 && g_str_has_prefix(words[n_words - 1], "-"))
        return complete_program_option(shell, words[n_words - 1]);
    return complete_command(shell, words + first, n_words - first);
}
