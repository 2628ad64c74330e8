/* Words of a command line. */
#include "shell/lexer.h"
#include "util/error.h"

/* Words joined by `|`, separators as `;`, errors as `!MESSAGE`. */
static char *
lex(const char *text, unsigned flags)
{
    GString *shown = g_string_new(NULL);
    Lexer lexer;

    lexer_init_string(&lexer, text, flags);
    for (;;) {
        g_autoptr(GError) error = NULL;
        g_autofree char *word = NULL;

        switch (lexer_next(&lexer, &word, &error)) {
        case LEX_WORD:
            g_string_append_printf(shown, "[%s]", word);
            break;
        case LEX_SEPARATOR:
            g_string_append_c(shown, ';');
            break;
        case LEX_PIPE:
            g_string_append_printf(shown, "PIPE[%s]", word);
            break;
        case LEX_WRITE:
            g_string_append(shown, ">");
            break;
        case LEX_APPEND:
            g_string_append(shown, ">>");
            break;
        case LEX_ERROR:
            g_assert_error(error, HV_ERROR, HV_ERR_USAGE);
            g_string_append_printf(shown, "!%s", error->message);
            return g_string_free(shown, FALSE);
        case LEX_END:
        default:
            return g_string_free(shown, FALSE);
        }
    }
}

static const struct {
    const char *text;
    const char *words;
} strings[] = {
    { "", "" },
    { "  \t ", "" },
    { "a b\tc", "[a][b][c]" },
    { "a;b\nc;;", "[a];[b];[c];;" },
    { "'a;b' \"c\nd\"", "[a;b][c\nd]" },
    { "a\"b c\"d", "[ab cd]" },
    { "\"\" ''", "[][]" },
    { "\"a\\nb\"", "[anb]" },
    { "\"\\\"\"", "[\"]" },
    { "'a\\b'", "[a\\b]" },
    { "a\\ b \\;", "[a b][;]" },
    { "a\\\nb", "[ab]" },
    { "a \\\n b", "[a][b]" },
    { "'open ; end", "[open ; end]" },
    { "a#b #c;d\ne", "[a#b];;[e]" },
    { "a'#'b", "[a#b]" },
    { "$x *`y`", "[$x][*`y`]" },
    { "a | b > c", "[a][|][b][>][c]" },
    { "\"a", "!missing \"" },
    { "x \"a\\\"", "[x]!missing \"" },
    { "a \\", "[a]!dangling \\" },
    { "\\", "!dangling \\" },
};

static void
test_strings(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++) {
        g_autofree char *words = lex(strings[i].text, 0);

        g_assert_cmpstr(words, ==, strings[i].words);
    }
}

static const struct {
    const char *text;
    const char *words;
} operators[] = {
    { "a | grep x; wc\nb", "[a]PIPE[ grep x; wc];[b]" },
    { "a > f; b >>g", "[a]>[f];[b]>>[g]" },
    { "a|b c>d", "[a|b][c>d]" },
    { "a '|' \\> x", "[a][|][>][x]" },
};

static void
test_operators(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(operators); i++) {
        g_autofree char *words = lex(operators[i].text, LEX_OPERATORS);

        g_assert_cmpstr(words, ==, operators[i].words);
    }
}

static void
test_unfinished(void)
{
    g_autofree char *quoted = lex("a \"b c", LEX_UNFINISHED);
    g_autofree char *escaped = lex("a b\\", LEX_UNFINISHED);

    g_assert_cmpstr(quoted, ==, "[a][b c]");
    g_assert_cmpstr(escaped, ==, "[a][b]");
}

static void
test_argv(void)
{
    static const char *const argv[] = { "a;b", "#c", "\"d", "", NULL };
    Lexer lexer;

    lexer_init_argv(&lexer, argv);
    for (gsize i = 0; argv[i]; i++) {
        g_autofree char *word = NULL;

        g_assert_cmpint(lexer_next(&lexer, &word, NULL), ==, LEX_WORD);
        g_assert_cmpstr(word, ==, argv[i]);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lexer/strings", test_strings);
    g_test_add_func("/lexer/operators", test_operators);
    g_test_add_func("/lexer/unfinished", test_unfinished);
    g_test_add_func("/lexer/argv", test_argv);
    return g_test_run();
}
