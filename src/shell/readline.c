#include "shell/readline.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "shell/internal.h"
#include "util/error.h"
#include "util/library.h"

/* The functions and variables of the library that are used, under their own names. */
#define READLINE_SYMBOLS \
    X(rl_callback_handler_install) \
    X(rl_callback_read_char) \
    X(rl_callback_handler_remove) \
    X(rl_callback_sigcleanup) \
    X(rl_free_line_state) \
    X(rl_replace_line) \
    X(rl_completion_matches) \
    X(rl_attempted_completion_function) \
    X(rl_attempted_completion_over) \
    X(rl_completion_append_character) \
    X(rl_completer_quote_characters) \
    X(rl_completion_quote_character) \
    X(rl_completer_word_break_characters) \
    X(rl_catch_signals) \
    X(rl_readline_name) \
    X(rl_line_buffer) \
    X(using_history) \
    X(add_history) \
    X(read_history) \
    X(append_history) \
    X(stifle_history) \
    X(history_truncate_file)

static struct {
#define X(symbol) __typeof__(&symbol) symbol;
    READLINE_SYMBOLS
#undef X
} lib;

static struct {
    gboolean open;
    char *history;
    int history_lines;
    char *last_remembered;
    ReadlineComplete complete;
    gpointer data;

    /* The line that is being read. */
    gboolean got_line;
    char *line;

    char **matches;             /* of the completion that runs */
    gsize next_match;
} state;

static gboolean
load(GError **error)
{
    static const char *const sonames[] = { "libreadline.so.8", NULL };
    static const LibrarySymbol symbols[] = {
#define X(symbol) { #symbol, &lib.symbol },
        READLINE_SYMBOLS
#undef X
    };

    return library_load("the line editor", sonames, symbols, G_N_ELEMENTS(symbols), error);
}

/* As the user would have to type it; the library frees it. */
static char *
quoted_match(const char *match)
{
    g_autoptr(GString) quoted = NULL;

    if (*lib.rl_completion_quote_character || !strpbrk(match, " \t\n;'\"\\#|>!"))
        return strdup(match);
    quoted = g_string_new("\"");
    for (; *match; match++) {
        if (*match == '"' || *match == '\\')
            g_string_append_c(quoted, '\\');
        g_string_append_c(quoted, *match);
    }
    g_string_append_c(quoted, '"');
    return strdup(quoted->str);
}

static char *
next_match(const char *text, int again)
{
    if (!again)
        state.next_match = 0;
    while (state.matches && state.matches[state.next_match]) {
        const char *match = state.matches[state.next_match++];

        if (g_str_has_prefix(match, text))
            return quoted_match(match);
    }
    return NULL;
}

static char **
complete_word(const char *text, int start, int end)
{
    g_autofree char *typed = g_strndup(*lib.rl_line_buffer, end);
    gboolean file_names;
    char **matches;

    state.matches = state.complete(state.data, typed, start);
    file_names = !state.matches;
    matches = lib.rl_completion_matches(text, next_match);
    g_clear_pointer(&state.matches, g_strfreev);
    /* Where the table knows no candidates, a file is likely. */
    *lib.rl_attempted_completion_over = !file_names;
    return matches;
}

static void
take_line(char *line)
{
    state.got_line = TRUE;
    state.line = line ? g_strdup(line) : NULL;
    free(line);
    lib.rl_callback_handler_remove();
}

gboolean
readline_open(const char *history, int history_lines, ReadlineComplete complete, gpointer data, GError **error)
{
    int fd;

    if (!load(error))
        return FALSE;
    /* So that the cursor stays right among characters of several bytes. */
    setlocale(LC_CTYPE, "");
    *lib.rl_readline_name = "hvsh";
    *lib.rl_catch_signals = 0;
    *lib.rl_attempted_completion_function = complete_word;
    *lib.rl_completer_word_break_characters = " \t\n;'\"";
    *lib.rl_completer_quote_characters = "'\"";
    lib.using_history();
    lib.stifle_history(history_lines);

    state.complete = complete;
    state.data = data;
    state.history_lines = history_lines;
    state.open = TRUE;
    if (!history || history_lines <= 0)
        return TRUE;
    fd = open(history, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return TRUE;    /* a home that cannot be written has no history */
    close(fd);
    state.history = g_strdup(history);
    lib.read_history(history);
    return TRUE;
}

void
readline_close(void)
{
    if (!state.open)
        return;
    if (state.history)
        lib.history_truncate_file(state.history, state.history_lines);
    g_clear_pointer(&state.history, g_free);
    g_clear_pointer(&state.last_remembered, g_free);
    state.open = FALSE;
}

void
readline_remember(const char *line)
{
    if (strspn(line, " \t") == strlen(line) || g_strcmp0(line, state.last_remembered) == 0)
        return;
    lib.add_history(line);
    /* At once: a terminal that is closed ends the shell without a farewell. */
    if (state.history)
        lib.append_history(1, state.history);
    g_free(state.last_remembered);
    state.last_remembered = g_strdup(line);
}

static void
drop_line(void)
{
    lib.rl_free_line_state();
    /* Leaves a search in the history, which draws the line it began with once more: before the cursor goes down. */
    lib.rl_callback_sigcleanup();
    /* The library has switched the terminal's own echo off; it puts the cursor into column 0 when it lets go. */
    if (write(STDOUT_FILENO, "^C\n", 3) < 0)
        return;
    lib.rl_replace_line("", 0);
    lib.rl_callback_handler_remove();
}

ReadlineResult
readline_read(const char *prompt, char **line)
{
    struct pollfd fds[] = {
        { .fd = STDIN_FILENO, .events = POLLIN },
        { .fd = interrupt_fd(), .events = POLLIN },
    };

    *line = NULL;
    state.got_line = FALSE;
    interrupt_reset();
    lib.rl_callback_handler_install(prompt, take_line);
    while (!state.got_line) {
        if (poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno != EINTR)
            break;
        if (interrupt_pending()) {
            drop_line();
            interrupt_reset();
            return READLINE_INTERRUPTED;
        }
        if (fds[0].revents)
            lib.rl_callback_read_char();
    }
    *line = g_steal_pointer(&state.line);
    return *line ? READLINE_LINE : READLINE_END;
}
