/* Command lines: words, options of the real commands, completion. Each line of the input is also a word of an argv. */
#include "fuzz.h"

#include <string.h>

#include "commands/registry.h"
#include "shell/complete.h"
#include "shell/internal.h"
#include "util/error.h"

#define INPUT_MAX 4096

static gboolean
no_connection(Shell *shell, const char *uri, gboolean readonly, GError **error)
{
    return hv_throw(error, HV_ERR_NO_CONNECT, "there is none");
}

static const char *const uris[] = { "qemu:///system", "test:///default", NULL };
static const ShellHost host = { .commands = cmd_all, .groups = cmd_groups, .connect = no_connection, .uris = uris };

/* Every option in every form that a handler may want it in. */
static void
read_options(const CmdContext *ctx)
{
    for (const CmdOpt *opt = ctx->def->opts; opt && opt->name; opt++) {
        const char *text = NULL;
        guint64 size = 0;
        gint64 ms = 0;
        guint count = 0;
        int number = 0;

        if (opt->type == CMD_OPT_ALIAS)
            continue;
        if (opt->type == CMD_OPT_BOOL) {
            (void)cmd_bool(ctx, opt->name);
            continue;
        }
        if (opt->type == CMD_OPT_ARGV)
            (void)cmd_argv(ctx, opt->name);
        (void)cmd_string(ctx, opt->name, &text, NULL);
        (void)cmd_int(ctx, opt->name, &number, NULL);
        (void)cmd_uint(ctx, opt->name, &count, NULL);
        (void)cmd_ulonglong(ctx, opt->name, &size, NULL);
        (void)cmd_scaled(ctx, opt->name, 1024, G_MAXINT64, &size, NULL);
        (void)cmd_timeout_ms(ctx, opt->name, &ms, NULL);
    }
}

static void
parse(Shell *shell, Lexer *lexer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) commands = arguments_parse(shell, lexer, &error);

    FUZZ_CHECK(!commands == !!error);
    for (guint i = 0; commands && i < commands->len; i++)
        read_options(g_ptr_array_index(commands, i));
}

static void
take(const char *text, gboolean virsh)
{
    Shell shell = { .host = &host, .virsh = virsh, .program = virsh ? "virsh" : "hvsh", .options.debug = 4 };
    g_auto(GStrv) words = g_strsplit(text, "\n", 32), found = NULL, found_argv = NULL;
    Lexer lexer;

    for (unsigned flags = 0; flags <= (LEX_OPERATORS | LEX_UNFINISHED); flags++) {
        lexer_init_string(&lexer, text, flags);
        parse(&shell, &lexer);
    }
    lexer_init_argv(&lexer, (const char *const *)words);
    parse(&shell, &lexer);
    found = complete_line(&shell, text);
    found_argv = complete_argv(&shell, (const char *const *)words, g_strv_length(words));
    options_clear(&shell.options);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = fuzz_text(data, MIN(size, INPUT_MAX));

    take(text, FALSE);
    take(text, TRUE);
    return 0;
}
