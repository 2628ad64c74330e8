/* Scripts: `-f FILE`, also as `#!/usr/bin/hvsh -f`, and `-` for standard input. */
#include "shell/internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "shell/line.h"
#include "util/error.h"

/* Scripts are kept whole while they run; those of persons, and of their programs, are far smaller. */
#define SCRIPT_BYTES_MAX (16 * 1024 * 1024)
#define SCRIPT_LINES_MAX 1000000

typedef struct {
    guint number;               /* of its first line in the file, from 1 */
    char *text;
} ScriptLine;

static void
script_line_clear(ScriptLine *line)
{
    g_free(line->text);
}

/* A backslash at the end of a line joins it to the next one. */
static gboolean
is_continued(const char *text)
{
    gsize length = strlen(text), slashes = 0;

    while (slashes < length && text[length - 1 - slashes] == '\\')
        slashes++;
    return slashes % 2 == 1;
}

/* One logical line. The line end of DOS is one too, but not for virsh, whose words it becomes part of. 1: read; 0: end of
 * the file; -1: @error. */
static int
read_line(Shell *shell, LineSource *source, ScriptLine *line, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int got;

    line->number = source->number + 1;
    while ((got = line_read(source, text, error)) > 0) {
        if (!shell->virsh && text->len > 0 && text->str[text->len - 1] == '\r')
            g_string_truncate(text, text->len - 1);
        if (!is_continued(text->str))
            break;
        g_string_append_c(text, '\n');
    }
    if (got < 0 || (got == 0 && text->len == 0))
        return got;
    line->text = g_strdup(text->str);
    return 1;
}

static gboolean
is_escape(const char *text)
{
    return text[strspn(text, " \t")] == '!';
}

static int
run_script_escape(Shell *shell, const char *text, gboolean *stopped)
{
    g_autoptr(GError) error = NULL;
    int status;

    out_flush(shell->out);
    text += strspn(text, " \t") + 1;
    status = subprocess_shell(text, &error);
    if (status > 0)
        hv_throw(&error, HV_ERR_COMMAND, "'%s' ended with status %d", text, status);
    if (!error)
        return 0;
    report_error(shell, error);
    *stopped = shell_stops_after(shell, 1);
    return 1;
}

static int
run_line(Shell *shell, const ScriptLine *line, gboolean *stopped)
{
    shell->source_line = line->number;
    if (!shell->virsh && is_escape(line->text))
        return run_script_escape(shell, line->text, stopped);
    return shell_run_string(shell, line->text, shell->virsh ? 0 : LEX_OPERATORS, stopped);
}

/* Reports every line that does not parse, so that a script either starts whole or not at all. */
static gboolean
check_lines(Shell *shell, GArray *lines)
{
    gboolean good = TRUE;

    for (guint i = 0; i < lines->len; i++) {
        const ScriptLine *line = &g_array_index(lines, ScriptLine, i);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) commands = NULL;
        int debug = shell->options.debug;
        Lexer lexer;

        if (!shell->virsh && is_escape(line->text))
            continue;
        shell->source_line = line->number;
        lexer_init_string(&lexer, line->text, shell->virsh ? 0 : LEX_OPERATORS);
        shell->options.debug = G_MAXINT;        /* they are shown when they run */
        commands = arguments_parse(shell, &lexer, &error);
        shell->options.debug = debug;
        if (!commands) {
            report_error(shell, error);
            good = FALSE;
        }
    }
    return good;
}

static GArray *
read_script(Shell *shell, FILE *file, GError **error)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(ScriptLine));
    LineSource source = { .file = file, .name = shell->source_name };
    gsize total = 0;

    g_array_set_clear_func(lines, (GDestroyNotify)script_line_clear);
    for (;;) {
        ScriptLine line;
        int got = read_line(shell, &source, &line, error);

        if (got < 0)
            return NULL;
        if (got == 0)
            return g_steal_pointer(&lines);
        g_array_append_val(lines, line);
        total += strlen(line.text);
        if (total > SCRIPT_BYTES_MAX || lines->len > SCRIPT_LINES_MAX) {
            hv_throw(error, HV_ERR_USAGE, "%s is no script: more than %d %s", source.name,
                     total > SCRIPT_BYTES_MAX ? SCRIPT_BYTES_MAX : SCRIPT_LINES_MAX,
                     total > SCRIPT_BYTES_MAX ? "bytes" : "lines");
            return NULL;
        }
    }
}

/* The error names the line itself. */
static int
report_unread(Shell *shell, const GError *error)
{
    shell->source_name = NULL;
    report_error(shell, error);
    return 1;
}

static int
run_file(Shell *shell, FILE *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) lines = read_script(shell, file, &error);
    int status = 0;
    gboolean stopped = FALSE;

    if (!lines)
        return report_unread(shell, error);
    /* The loose batches of virsh know nothing of a line before they get to it. */
    if (shell_strict(shell) && !check_lines(shell, lines))
        return 1;
    for (guint i = 0; i < lines->len && !stopped && !shell->ending; i++)
        status = run_line(shell, &g_array_index(lines, ScriptLine, i), &stopped);
    return shell_strict(shell) && !stopped ? 0 : status;
}

/* Line by line as they come: the writer may wait for an answer before it writes the next. */
static int
run_stream(Shell *shell)
{
    LineSource source = { .file = stdin, .name = shell->source_name };
    int status = 0;
    gboolean stopped = FALSE;

    while (!stopped && !shell->ending) {
        g_autoptr(GError) error = NULL;
        ScriptLine line;
        int got = read_line(shell, &source, &line, &error);

        if (got < 0)
            return report_unread(shell, error);
        if (got == 0)
            break;
        status = run_line(shell, &line, &stopped);
        script_line_clear(&line);
    }
    return shell_strict(shell) && !stopped ? 0 : status;
}

int
batch_run(Shell *shell)
{
    const char *path = shell->options.script;
    g_autoptr(GError) error = NULL;
    FILE *file;
    int status;

    shell->loop = TRUE;
    if (strcmp(path, "-") == 0) {
        shell->source_name = "stdin";
        return run_stream(shell);
    }
    file = fopen(path, "re");
    if (!file) {
        hv_throw_errno(&error, errno, "cannot open the script '%s'", path);
        report_error(shell, error);
        return 1;
    }
    shell->source_name = path;
    status = run_file(shell, file);
    fclose(file);
    return status;
}
