/* The loop: a prompt, a line, its commands. */
#include "shell/internal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/complete.h"
#include "shell/line.h"
#include "shell/readline.h"
#include "util/cancel.h"
#include "util/error.h"

#define HISTORY_LINES 500
#define HISTORY_LINES_MAX 100000

static void
print_banner(Shell *shell)
{
    if (shell->options.quiet)
        return;
    out_text(shell->out,
             "Welcome to %s, the virtualization interactive terminal.\n\n"
             "Type:  'help' for help with commands\n"
             "       'quit' to quit\n\n",
             shell->program);
}

static char *
prompt_text(const Shell *shell)
{
    return g_strdup_printf("%s %c ", shell->program, shell->options.readonly ? '>' : '#');
}

/* NULL when there is to be no history file. */
static char *
history_path(const Shell *shell)
{
    g_autofree char *folder = NULL;

    if (shell->options.no_history)
        return NULL;
    folder = g_build_filename(g_get_user_state_dir(), "hvsh", NULL);
    if (g_mkdir_with_parents(folder, 0700) < 0)
        return NULL;
    return g_build_filename(folder, "history", NULL);
}

static int
history_lines(Shell *shell)
{
    const char *text = g_getenv("HVSH_HISTSIZE");
    char *end;
    gint64 lines;

    if (!text)
        text = g_getenv("VIRSH_HISTSIZE");
    if (!text)
        return HISTORY_LINES;
    lines = g_ascii_strtoll(text, &end, 10);
    if (end == text || *end || lines < 0 || lines > HISTORY_LINES_MAX) {
        report_complaint(shell, "Bad $VIRSH_HISTSIZE value.");
        return HISTORY_LINES;
    }
    return lines;
}

static char **
complete_typed(gpointer data, const char *line, int start)
{
    return complete_line(data, line);
}

/* `!COMMAND`: the rest of the line is for the system's shell. Returns FALSE when the line is something else. */
static gboolean
run_escape(Shell *shell, const char *line)
{
    g_autoptr(GError) error = NULL;

    line += strspn(line, " \t");
    if (*line != '!' || shell->virsh)
        return FALSE;
    out_flush(shell->out);
    if (subprocess_shell(line + 1, &error) < 0)
        report_error(shell, error);
    if (interrupt_pending())
        out_raw(shell->out, "\n", 1);
    return TRUE;
}

/* On a terminal nothing that goes wrong ends the loop. */
static int
loop_on_terminal(Shell *shell)
{
    unsigned operators = shell->virsh ? 0 : LEX_OPERATORS;

    while (!shell->ending) {
        g_autofree char *prompt = prompt_text(shell);
        g_autofree char *line = NULL;
        ReadlineResult result;
        gboolean stopped;

        out_flush(shell->out);
        if (shell_output_lost(shell))
            break;
        result = readline_read(prompt, &line);
        if (result == READLINE_END)
            break;
        if (result == READLINE_INTERRUPTED)
            continue;
        readline_remember(line);
        if (!run_escape(shell, line))
            shell_run_string(shell, line, operators, &stopped);
    }
    return 0;
}

/* virsh's form where standard input is no terminal: prompts and the lines that were read are on standard output
 * (of the text form; the structured ones have records only). */
static int
loop_on_input(Shell *shell)
{
    g_autofree char *prompt = NULL;
    g_autoptr(GString) line = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    LineSource source = { .file = stdin, .name = "stdin", .as_readline = shell->virsh };
    int status = 0;
    gboolean stopped = FALSE;

    if (!shell->virsh)
        shell->source_name = "stdin";
    while (!shell->ending && !stopped) {
        g_free(prompt);
        prompt = prompt_text(shell);
        out_text(shell->out, "%s", prompt);
        out_flush(shell->out);
        g_string_truncate(line, 0);
        if (line_read(&source, line, &error) <= 0)
            break;
        shell->source_line = source.number;
        out_text(shell->out, "%s\n", line->str);
        status = shell_run_string(shell, line->str, 0, &stopped);
        if (shell_output_lost(shell))
            stopped = TRUE;
    }
    shell->source_name = NULL;
    if (error) {
        report_error(shell, error);
        return 1;
    }
    return shell->virsh || !stopped ? 0 : status;
}

int
repl_run(Shell *shell)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *history = NULL;
    int status;

    shell->loop = TRUE;
    shell->terminal = isatty(STDIN_FILENO);
    if (!shell->terminal) {
        print_banner(shell);
        status = loop_on_input(shell);
    } else {
        interrupt_catch();
        cancel_set_fd(interrupt_fd());
        history = history_path(shell);
        if (!readline_open(history, history_lines(shell), complete_typed, shell, &error)) {
            hv_error_set_hint(&error, "install the package libreadline8");
            report_error(shell, error);
            return 1;
        }
        print_banner(shell);
        status = loop_on_terminal(shell);
        readline_close();
    }
    out_text(shell->out, "\n");
    return status;
}
