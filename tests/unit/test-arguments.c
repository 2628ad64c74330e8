/* Options and data words of a command. */
#include "shell/complete.h"
#include "shell/internal.h"
#include "util/error.h"

static const CmdOpt attach_opts[] = {
    { .name = "domain", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "h" },
    { .name = "source", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "h" },
    { .name = "mode", .type = CMD_OPT_STRING, .flags = CMD_OPT_NAMED_ONLY, .help = "h" },
    { .name = "shareable", .type = CMD_OPT_ALIAS, .alias_of = "mode=shareable" },
    { .name = "cache", .type = CMD_OPT_STRING, .help = "h" },
    { .name = "cached", .type = CMD_OPT_ALIAS, .alias_of = "cache" },
    { .name = "live", .type = CMD_OPT_BOOL, .help = "h" },
    { .name = NULL },
};

static const CmdOpt keys_opts[] = {
    { .name = "domain", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "h" },
    { .name = "holdtime", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_NAMED_ONLY, .help = "h" },
    { .name = "keycode", .type = CMD_OPT_ARGV, .flags = CMD_OPT_REQUIRED, .help = "h" },
    { .name = NULL },
};

static const CmdOpt help_opts[] = {
    { .name = "command", .type = CMD_OPT_STRING, .help = "h" },
    { .name = NULL },
};

static const CmdOpt load_opts[] = {
    { .name = "file", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED | CMD_OPT_FILE, .help = "h" },
    { .name = "fast", .type = CMD_OPT_BOOL, .help = "h" },
    { .name = NULL },
};

static const CmdDef attach = { .name = "attach", .group = "g", .help = "h", .desc = "d", .opts = attach_opts };
static const CmdDef keys = { .name = "keys", .group = "g", .help = "h", .desc = "d", .opts = keys_opts };
static const CmdDef plain = { .name = "plain", .group = "g", .help = "h", .desc = "d" };
static const CmdDef help = { .name = "help", .group = "g", .help = "h", .desc = "d", .opts = help_opts };
static const CmdDef load = { .name = "load", .group = "g", .help = "h", .desc = "d", .opts = load_opts };
static const CmdDef *const commands[] = { &attach, &keys, &plain, &help, &load, NULL };
static const CmdGroup groups[] = { { "g", "G" }, { NULL, NULL } };
static const ShellHost host = { .commands = commands, .groups = groups };

/* "attach domain=a source=b live" for each command; "!" and the lines of the error joined by "/". */
static char *
parse(const char *text, unsigned flags, gboolean virsh)
{
    Shell shell = { .host = &host, .virsh = virsh, .options.debug = 4 };
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) parsed = NULL;
    GString *shown = g_string_new(NULL);
    Lexer lexer;

    lexer_init_string(&lexer, text, flags);
    parsed = arguments_parse(&shell, &lexer, &error);
    if (!parsed) {
        g_assert_error(error, HV_ERROR, HV_ERR_USAGE);
        g_string_append_c(shown, '!');
        for (const char *const *line = hv_error_sentences(error); line && *line; line++)
            g_string_append_printf(shown, "%s/", *line);
        g_string_append(shown, error->message);
        return g_string_free(shown, FALSE);
    }
    g_assert_no_error(error);
    for (guint i = 0; i < parsed->len; i++) {
        const CmdContext *ctx = g_ptr_array_index(parsed, i);

        g_string_append_printf(shown, "%s%s%s", i ? "; " : "", ctx->ignore_failure ? "-" : "", ctx->def->name);
        for (guint k = 0; k < ctx->args->len; k++) {
            const CmdArg *arg = &g_array_index(ctx->args, CmdArg, k);

            g_string_append_printf(shown, arg->value ? " %s=%s" : " %s", arg->opt->name, arg->value);
        }
        if (ctx->redirect != LEX_END)
            g_string_append_printf(shown, " %s%s", ctx->redirect == LEX_PIPE ? "|" : ctx->redirect == LEX_WRITE ? ">" : ">>",
                                   ctx->redirect_to);
    }
    return g_string_free(shown, FALSE);
}

static const struct {
    const char *text;
    const char *shown;
} lines[] = {
    { "", "" },
    { " ; # x", "" },
    { "nosuch", "!unknown command: 'nosuch'" },
    { "plain; nosuch", "!unknown command: 'nosuch'" },
    { "attach", "!command 'attach' requires <domain> option/command 'attach' requires <source> option" },
    { "attach a", "!command 'attach' requires <source> option" },
    { "attach a b c d", "!unexpected data 'd'" },
    { "plain x", "!unexpected data 'x'" },
    { "plain -x", "!unexpected data '-x'" },
    { "plain --foo", "!command 'plain' doesn't support option --foo" },
    { "plain --foo=1", "!command 'plain' doesn't support option --foo" },
    { "attach a b --live=1", "!invalid '=' after option --live" },
    { "attach a b --live --live", "!option --live already seen" },
    { "attach a b --domain c", "!option --domain already seen" },
    { "attach --domain", "!expected syntax: --domain <string>" },
    { "keys a b --holdtime", "!expected syntax: --holdtime <number>" },
    { "keys a", "!command 'keys' requires <keycode> option" },
    { "attach a b --shareable=x", "!invalid '=' after option --shareable" },
    { "attach a b --shareable --mode x", "!option --mode already seen" },
    { "attach a b --help=1", "!invalid '=' after option --help" },
    { "attach a b --cached", "!expected syntax: --cache <string>" },

    { "attach a b", "attach domain=a source=b" },
    { "attach --source b a", "attach source=b domain=a" },
    { "attach --live a --source=b=c", "attach live domain=a source=b=c" },
    { "attach a b none", "attach domain=a source=b cache=none" },
    { "attach a b --cached none", "attach domain=a source=b cache=none" },
    { "attach a b --shareable", "attach domain=a source=b mode=shareable" },
    { "attach a -- --live", "attach domain=a source=--live" },
    { "attach a --source --live", "attach domain=a source=--live" },
    { "attach --- --=", "attach domain=--- source=--=" },
    { "attach '' --source=", "attach domain= source=" },
    { "keys a 1 2 --holdtime 3 4", "keys domain=a keycode=1 keycode=2 holdtime=3 keycode=4" },
    { "keys a --keycode 1 --keycode 2", "keys domain=a keycode=1 keycode=2" },
    { "plain;plain", "plain; plain" },
    { "attach --help", "help command=attach" },
    { "attach a --help --live", "help command=attach" },
    { "attach --help --foo", "!command 'attach' doesn't support option --foo" },
    { "help attach x y --foo --bar=1", "help command=attach" },
    { "plain | x", "!unexpected data '|'" },
};

static void
test_lines(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *shown = parse(lines[i].text, 0, TRUE);

        g_assert_cmpstr(shown, ==, lines[i].shown);
    }
}

static const struct {
    const char *text;
    const char *shown;
} additions[] = {
    { "-plain", "-plain" },
    { "plain | grep x; y", "plain | grep x; y" },
    { "plain > f; plain >> g", "plain >f; plain >>g" },
    { "plain > f | x", "!the output of 'plain' is redirected twice" },
    { "plain >", "!a file name is missing after '>'" },
    { "plain |", "!a command is missing after '|'" },
    { "| x", "!a command is missing before the redirection" },
};

static void
test_additions(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(additions); i++) {
        g_autofree char *shown = parse(additions[i].text, LEX_OPERATORS, FALSE);

        g_assert_cmpstr(shown, ==, additions[i].shown);
    }
}

static void
test_suggestions(void)
{
    static const char *const names[] = { "list", "start", "shutdown", "domstate", NULL };

    g_assert_cmpstr(suggest_nearest("lits", names), ==, "list");
    g_assert_cmpstr(suggest_nearest("strat", names), ==, "start");
    g_assert_cmpstr(suggest_nearest("domstat", names), ==, "domstate");
    g_assert_cmpstr(suggest_nearest("x", names), ==, NULL);
    g_assert_cmpstr(suggest_nearest("migrate", names), ==, NULL);
    g_assert_cmpstr(suggest_nearest("", names), ==, NULL);
}

/* Whatever is typed, it parses or it is an error that says something. */
static void
test_random_lines(void)
{
    static const char *const pieces[] = {
        "attach", "keys", "plain", "help", " ", "  ", "\t", "\n", ";", "#", "'", "\"", "\\", "|", ">", ">>", "--", "-", "=", "--live",
        "--domain", "--mode=", "--shareable", "--cached", "--help", "a", "\xff", "\xc3\xa9", "!",
    };
    Shell shell = { .host = &host, .options.debug = 4 };

    for (guint i = 0; i < 20000; i++) {
        g_autoptr(GString) line = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) parsed = NULL;
        g_auto(GStrv) candidates = NULL;
        Lexer lexer;

        for (gint n = g_test_rand_int_range(0, 12); n > 0; n--)
            g_string_append(line, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
        lexer_init_string(&lexer, line->str, i % 2 ? LEX_OPERATORS : 0);
        parsed = arguments_parse(&shell, &lexer, &error);
        g_assert_true((parsed != NULL) == (error == NULL));
        g_assert_true(!error || *error->message);
        candidates = complete_line(&shell, line->str);
    }
}

static void
test_completion(void)
{
    static const struct {
        const char *line;
        const char *candidates;
    } cases[] = {
        { "pl", "plain" },
        { "plain; at", "attach" },
        { "attach a b --l", "--live" },
        { "attach a b --live --", "--mode --cache" },
        { "attach a 'b c' \"--mo", "--mode" },
        { "attach a b -- --l", "" },
        { "load ", NULL },
        { "load x", NULL },
        { "load --file ", NULL },
        { "load --", "--file --fast" },
        { "load x ", "--fast" },
        { "plain | gr", NULL },
        { "nosuch ", "" },
    };
    Shell shell = { .host = &host, .options.debug = 4 };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) found = complete_line(&shell, cases[i].line);
        g_autofree char *joined = found ? g_strjoinv(" ", found) : NULL;

        g_assert_cmpstr(joined, ==, cases[i].candidates);
    }
}

static CmdContext *
context_with(Shell *shell, const char *value)
{
    CmdContext *ctx = cmd_context_new(shell, &keys);

    cmd_context_add(ctx, &keys_opts[1], value);
    return ctx;
}

static void
test_numbers(void)
{
    static const char *const bad[] = { "", "x", "1x", "-1", "99999999999999999999", "0x10", "1.5", "4294967296" };
    Shell shell = { .host = &host, .options.debug = 4 };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(CmdContext) ctx = context_with(&shell, bad[i]);
        g_autoptr(GError) error = NULL;
        g_autofree char *expected =
            g_strdup_printf("Numeric value '%s' for <holdtime> option is malformed or out of range", bad[i]);
        guint value = 7;

        g_assert_false(cmd_uint(ctx, "holdtime", &value, &error));
        g_assert_cmpstr(error->message, ==, expected);
        g_assert_cmpuint(value, ==, 7);
    }
}

static void
test_number_forms(void)
{
    Shell shell = { .host = &host, .options.debug = 4 };
    g_autoptr(CmdContext) negative = context_with(&shell, "-5");
    g_autoptr(CmdContext) timeout = context_with(&shell, "3");
    g_autoptr(CmdContext) zero = context_with(&shell, "0");
    g_autoptr(CmdContext) sized = context_with(&shell, "2M");
    int number = 0;
    gint64 ms = 0;
    guint64 bytes = 0;

    g_assert_true(cmd_int(negative, "holdtime", &number, NULL));
    g_assert_cmpint(number, ==, -5);
    g_assert_true(cmd_timeout_ms(timeout, "holdtime", &ms, NULL));
    g_assert_cmpint(ms, ==, 3000);
    g_assert_false(cmd_timeout_ms(zero, "holdtime", &ms, NULL));
    g_assert_true(cmd_scaled(sized, "holdtime", 1024, G_MAXUINT64, &bytes, NULL));
    g_assert_cmpuint(bytes, ==, 2 << 20);
    g_assert_true(cmd_int(sized, "nosuch", &number, NULL));
    g_assert_cmpint(number, ==, -5);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arguments/lines", test_lines);
    g_test_add_func("/arguments/additions", test_additions);
    g_test_add_func("/arguments/suggestions", test_suggestions);
    g_test_add_func("/arguments/random-lines", test_random_lines);
    g_test_add_func("/arguments/completion", test_completion);
    g_test_add_func("/arguments/numbers", test_numbers);
    g_test_add_func("/arguments/number-forms", test_number_forms);
    return g_test_run();
}
