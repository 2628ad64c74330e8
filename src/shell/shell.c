#include "shell/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell/internal.h"
#include "shell/record.h"
#include "util/cancel.h"
#include "util/error.h"
#include "util/log.h"

/* A person who sees nothing for longer begins to wonder. */
#define SLOW_MS 2000

gpointer
shell_connection(Shell *shell)
{
    return shell->connection;
}

void
shell_set_connection(Shell *shell, gpointer connection)
{
    shell->connection = connection;
}

const char *
shell_default_uri(Shell *shell)
{
    return shell->options.uri;
}

void
shell_set_default_uri(Shell *shell, const char *uri)
{
    char *before = shell->options.uri;

    shell->options.uri = g_strdup(uri);
    g_free(before);
}

gboolean
shell_readonly(Shell *shell)
{
    return shell->options.readonly;
}

void
shell_set_readonly(Shell *shell, gboolean readonly)
{
    shell->options.readonly = readonly;
}

gboolean
shell_is_virsh(Shell *shell)
{
    return shell->virsh;
}

char
shell_escape_char(Shell *shell)
{
    return shell->options.escape;
}

int
shell_keepalive_interval(Shell *shell)
{
    return shell->options.keepalive_interval;
}

int
shell_keepalive_count(Shell *shell)
{
    return shell->options.keepalive_count;
}

const ShellHost *
shell_host(Shell *shell)
{
    return shell->host;
}

void
shell_request_end(Shell *shell)
{
    shell->ending = TRUE;
}

gboolean
shell_strict(const Shell *shell)
{
    return !shell->virsh && !shell->options.keep_going;
}

gboolean
shell_stops_after(Shell *shell, int status)
{
    if (shell_strict(shell))
        return TRUE;
    if (!shell->virsh && !shell->terminal && shell->passed_over == 0)
        shell->passed_over = status;
    return FALSE;
}

gboolean
shell_output_lost(Shell *shell)
{
    return out_write_error(shell->out) != 0;
}

/* --- one command --- */

/* "a|b" and "a>b": whether both names, or the first without the second, were given. */
static gboolean
split_rule(const char *rule, char separator, char **first, char **second)
{
    const char *at = strchr(rule, separator);

    if (!at)
        return FALSE;
    *first = g_strndup(rule, at - rule);
    *second = g_strdup(at + 1);
    return TRUE;
}

static gboolean
check_rules(const CmdContext *ctx, GError **error)
{
    const char *const *rule;

    for (rule = ctx->def->exclusive; rule && *rule; rule++) {
        g_autofree char *a = NULL, *b = NULL;

        if (split_rule(*rule, '|', &a, &b) && cmd_given(ctx, a) && cmd_given(ctx, b))
            return hv_throw(error, HV_ERR_COMMAND, "Options --%s and --%s are mutually exclusive", a, b);
    }
    for (rule = ctx->def->requires; rule && *rule; rule++) {
        g_autofree char *a = NULL, *b = NULL;

        if (split_rule(*rule, '>', &a, &b) && cmd_given(ctx, a) && !cmd_given(ctx, b))
            return hv_throw(error, HV_ERR_COMMAND, "Option --%s is required by option --%s", b, a);
    }
    return TRUE;
}

static gboolean
run_command(CmdContext *ctx, GError **error)
{
    Shell *shell = ctx->shell;
    const CmdDef *def = ctx->def;

    if ((def->flags & CMD_INTERACTIVE) && !shell->loop)
        return hv_throw(error, HV_ERR_COMMAND, "%s: command valid only in interactive mode", def->name);
    if (!(def->flags & CMD_NO_CONNECTION) && !shell->connection &&
        !shell->host->connect(shell, NULL, shell->options.readonly, error))
        return FALSE;
    if ((def->flags & CMD_NEEDS_TTY) && !isatty(STDIN_FILENO))
        return hv_throw(error, HV_ERR_COMMAND, "Cannot run interactive %s without a controlling TTY", def->name);
    return check_rules(ctx, error) && def->run(ctx, error);
}

/* Where the output of one command goes while it runs. */
typedef struct {
    int fd;                     /* -1: nowhere special */
    int before;
    pid_t reader;               /* right side of a pipe, or -1 */
} Redirection;

static gboolean
redirect_to_file(const CmdContext *ctx, Redirection *redirection, GError **error)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (ctx->redirect == LEX_APPEND ? O_APPEND : O_TRUNC);

    redirection->fd = open(ctx->redirect_to, flags, 0666);
    if (redirection->fd < 0)
        return hv_throw_errno(error, errno, "cannot write to '%s'", ctx->redirect_to);
    return TRUE;
}

/* `sh -c`: after a bar the user writes for the system's shell. */
static gboolean
redirect_to_command(const CmdContext *ctx, Redirection *redirection, GError **error)
{
    const char *const argv[] = { "/bin/sh", "-c", ctx->redirect_to, NULL };
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return hv_throw_errno(error, errno, "cannot make a pipe");
    redirection->reader = subprocess_spawn(argv, ends[0], STDOUT_FILENO, error);
    close(ends[0]);
    if (redirection->reader < 0) {
        close(ends[1]);
        return FALSE;
    }
    redirection->fd = ends[1];
    return TRUE;
}

static gboolean
redirection_begin(CmdContext *ctx, Redirection *redirection, GError **error)
{
    gboolean opened;

    *redirection = (Redirection){ .fd = -1, .reader = -1 };
    if (ctx->redirect == LEX_END)
        return TRUE;
    out_flush(ctx->shell->out);
    opened = ctx->redirect == LEX_PIPE ? redirect_to_command(ctx, redirection, error)
                                       : redirect_to_file(ctx, redirection, error);
    if (opened)
        redirection->before = out_redirect(ctx->shell->out, redirection->fd);
    return opened;
}

/* A reader that goes before the end (`| head -1`) is no failure of the command. */
static gboolean
redirection_end(CmdContext *ctx, Redirection *redirection, GError **error)
{
    Out *out = ctx->shell->out;
    int write_error, status;

    if (redirection->fd < 0)
        return TRUE;
    out_redirect(out, redirection->before);
    write_error = out_write_error(out);
    out_clear_write_error(out);
    close(redirection->fd);
    status = redirection->reader >= 0 ? subprocess_wait(redirection->reader) : 0;
    if (write_error && redirection->reader < 0)
        return hv_throw_errno(error, write_error, "cannot write to '%s'", ctx->redirect_to);
    if (status != 0 && !ctx->shell->terminal)
        return hv_throw(error, HV_ERR_COMMAND, "'%s' ended with status %d", g_strstrip(ctx->redirect_to), status);
    return TRUE;
}

/* What follows every command that was run: virsh's empty line, or the time it took. */
static void
end_of_command(Shell *shell, gint64 started)
{
    if (out_structured(shell->out))
        return;
    if (shell->options.timing)
        out_text(shell->out, "\n(Time: %.3f ms)\n\n", (g_get_monotonic_time() - started) / 1000.0);
    else if (!shell->options.quiet)
        out_text(shell->out, "\n");
}

/* The terminal has shown ^C where the cursor stood. */
static void
end_echoed_interrupt(Shell *shell)
{
    if (shell->terminal && interrupt_pending() && !out_write_error(shell->out))
        out_raw(shell->out, "\n", 1);
}

static int
run_and_report(CmdContext *ctx)
{
    Shell *shell = ctx->shell;
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) late = NULL;
    gint64 started = shell->options.timing ? g_get_monotonic_time() : 0;
    Redirection redirection;
    int status = 0;
    gboolean ok;

    interrupt_reset();
    cancel_begin();
    if (!redirection_begin(ctx, &redirection, &error)) {
        report_error(shell, error);
        return 1;
    }
    out_command_begin(shell->out);
    cancel_set_slow_func(report_waiting, shell, SLOW_MS);
    ok = run_command(ctx, &error);
    cancel_set_slow_func(NULL, NULL, 0);
    g_assert(ok || error);
    if (!out_command_end(shell->out, ok, ok ? &error : NULL))
        ok = FALSE;
    if (!ok)
        out_flush(shell->out);
    if (redirection.fd < 0)
        end_echoed_interrupt(shell);
    if (!ok && out_write_error(shell->out)) {
        status = 1;     /* that the output is lost is told in another place */
    } else if (!ok) {
        report_error(shell, error);
        status = report_status(error);
    }
    if (!(ctx->def->flags & CMD_ENDS_SHELL))
        end_of_command(shell, started);
    if (redirection.reader >= 0 && out_write_error(shell->out) == EPIPE)
        status = 0;
    if (!redirection_end(ctx, &redirection, &late)) {
        report_error(shell, late);
        status = MAX(status, 1);
    }
    if (redirection.fd >= 0)
        end_echoed_interrupt(shell);
    out_flush(shell->out);      /* the next command may take long */
    return status;
}

/* --- lines --- */

static int
run_line(Shell *shell, GPtrArray *commands, gboolean *stopped)
{
    int status = 0;

    *stopped = FALSE;
    for (guint i = 0; i < commands->len && !shell->ending; i++) {
        CmdContext *ctx = g_ptr_array_index(commands, i);

        status = run_and_report(ctx);
        if (ctx->ignore_failure)
            status = 0;
        if (shell_output_lost(shell)) {
            *stopped = TRUE;
            return 1;
        }
        if (status != 0 && (shell_stops_after(shell, status) || interrupt_pending())) {
            *stopped = TRUE;
            return status;
        }
    }
    return status;
}

int
shell_run_string(Shell *shell, const char *text, unsigned lex_flags, gboolean *stopped)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) commands = NULL;
    Lexer lexer;

    lexer_init_string(&lexer, text, lex_flags);
    commands = arguments_parse(shell, &lexer, &error);
    if (!commands) {
        report_error(shell, error);
        *stopped = shell_stops_after(shell, 1);
        return 1;
    }
    return run_line(shell, commands, stopped);
}

/* --- the program --- */

/* A URI that was asked for by name is opened before anything runs. */
static gboolean
connect_early(Shell *shell)
{
    g_autoptr(GError) error = NULL;

    if (!shell->options.uri || !*shell->options.uri || shell->connection)
        return TRUE;
    if (shell->host->connect(shell, NULL, shell->options.readonly, &error))
        return TRUE;
    report_error(shell, error);
    return FALSE;
}

static gboolean
is_for_tools(GPtrArray *commands)
{
    return commands->len > 0 && ((CmdContext *)g_ptr_array_index(commands, 0))->def->flags & CMD_HIDDEN;
}

static int
run_words(Shell *shell, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) commands = NULL;
    gboolean stopped;
    Lexer lexer;

    if (argc == 1) {
        shell_debug(shell, 1, "commands: \"%s\"\n", *argv);
        if (**argv == '\0')
            return 1;
        lexer_init_string(&lexer, *argv, 0);
    } else {
        lexer_init_argv(&lexer, (const char *const *)argv);
    }
    commands = arguments_parse(shell, &lexer, &error);
    if (!commands) {
        report_error(shell, error);
        return 1;
    }
    if (!is_for_tools(commands) && !connect_early(shell))
        return 1;
    return run_line(shell, commands, &stopped);
}

/* Before anything is done whose result could then not be told. */
static gboolean
check_output_form(Shell *shell)
{
    g_autoptr(GError) error = NULL;

    if (shell->options.format != OUT_FORMAT_YAML || record_yaml_load(&error))
        return TRUE;
    report_error(shell, error);
    return FALSE;
}

/* virsh says nothing of it. */
static void
set_up_traces(Shell *shell)
{
    g_autoptr(GError) error = NULL;

    if (!log_configure_from_env(&error) && !shell->virsh)
        report_remark(shell, error->message);
}

static int
run_program(Shell *shell, int argc, char **argv)
{
    ShellOptions *options = &shell->options;
    int words = argc - options->first_word;

    set_up_traces(shell);
    if (!check_output_form(shell))
        return 1;

    if (!options->script && !shell->virsh && words == 1 && strcmp(argv[options->first_word], "-") == 0) {
        options->script = g_strdup("-");
        words = 0;
    }
    if (options->script && words > 0) {
        report_complaint(shell, "unexpected data '%s'", argv[options->first_word]);
        return 1;
    }
    if (!options->script && words > 0)
        return run_words(shell, words, argv + options->first_word);
    if (!connect_early(shell))
        return 1;
    return options->script ? batch_run(shell) : repl_run(shell);
}

static void
print_warning(gpointer data, const char *text)
{
    report_complaint(data, "%s", text);
}

static void
print_remark(gpointer data, const char *text)
{
    report_remark(data, text);
}

/* A reader that went away needs no message; a full disk does. */
static int
flush_and_check(Shell *shell, int status)
{
    int failed;

    out_flush(shell->out);
    failed = out_write_error(shell->out);
    if (failed == 0)
        return status;
    if (failed != EPIPE) {
        g_autoptr(GError) error = NULL;

        hv_throw_errno(&error, failed, "cannot write to standard output");
        report_error(shell, error);
    }
    return 1;
}

/* Otherwise the next file that is opened would get the number of a closed one, and the output. What is
 * put there cannot be written to, so that lost output is an error as it should be. */
static void
keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
            return;
}

int
shell_main(const ShellHost *host, int argc, char **argv)
{
    Shell shell = { .host = host, .program = "hvsh" };
    int status;

    keep_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    shell.out = out_new(OUT_FORMAT_TEXT, FALSE);
    out_set_warning_hooks(shell.out, print_warning, print_remark, &shell);
    if (options_parse(&shell, argc, argv, &status)) {
        out_free(shell.out);
        shell.out = out_new(shell.options.format, shell.options.quiet);
        out_set_warning_hooks(shell.out, print_warning, print_remark, &shell);
        status = run_program(&shell, argc, argv);
    }
    status = flush_and_check(&shell, shell.passed_over != 0 ? shell.passed_over : status);

    if (shell.connection)
        host->disconnect(&shell);
    if (shell.log)
        fclose(shell.log);
    out_free(shell.out);
    options_clear(&shell.options);
    return status;
}
