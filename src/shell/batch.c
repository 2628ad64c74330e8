/* Scripts: `-f FILE`, also as `#!/usr/bin/hvsh -f`, and `-` for standard input. */
#include "shell/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"

/* A script of a person is far smaller; a wrong file (a disk image) is not read into memory. */
#define LINE_BYTES_MAX (1024 * 1024)
#define SCRIPT_BYTES_MAX (16 * 1024 * 1024)

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

/* Takes off the line's end. That of DOS is one too, but not for virsh, whose words it becomes part of. */
static void
trim_end(GString *text, gboolean virsh)
{
    if (text->len > 0 && text->str[text->len - 1] == '\n')
        g_string_truncate(text, text->len - 1);
    if (!virsh && text->len > 0 && text->str[text->len - 1] == '\r')
        g_string_truncate(text, text->len - 1);
}

/* One logical line. 1: read; 0: end of the file; -1: @error. */
static int
read_line(Shell *shell, FILE *file, guint *line_number, ScriptLine *line, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *name = shell->source_name;
    char *part = NULL;
    size_t size = 0;
    ssize_t length;

    line->number = *line_number + 1;
    line->text = NULL;
    while ((length = getline(&part, &size, file)) >= 0) {
        ++*line_number;
        if (memchr(part, '\0', length) || text->len + length > LINE_BYTES_MAX) {
            free(part);
            hv_throw(error, HV_ERR_USAGE, "%s is no script: line %u %s", name, *line_number,
                     text->len + length > LINE_BYTES_MAX ? "is too long" : "holds a NUL byte");
            return -1;
        }
        g_string_append_len(text, part, length);
        trim_end(text, shell->virsh);
        if (!is_continued(text->str))
            break;
        g_string_append_c(text, '\n');
    }
    free(part);
    if (length < 0 && ferror(file)) {
        hv_throw_errno(error, errno, "cannot read '%s'", name);
        return -1;
    }
    if (length < 0 && text->len == 0)
        return 0;
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
    *stopped = shell_strict(shell);
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
    guint number = 0;
    gsize total = 0;

    g_array_set_clear_func(lines, (GDestroyNotify)script_line_clear);
    for (;;) {
        ScriptLine line;
        int got = read_line(shell, file, &number, &line, error);

        if (got < 0)
            return NULL;
        if (got == 0)
            return g_steal_pointer(&lines);
        g_array_append_val(lines, line);
        total += strlen(line.text);
        if (total > SCRIPT_BYTES_MAX) {
            hv_throw(error, HV_ERR_USAGE, "%s is no script: larger than %d bytes", shell->source_name, SCRIPT_BYTES_MAX);
            return NULL;
        }
    }
}

static int
run_file(Shell *shell, FILE *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) lines = read_script(shell, file, &error);
    int status = 0;
    gboolean stopped = FALSE;

    if (!lines) {
        const char *name = g_steal_pointer(&shell->source_name);

        report_error(shell, error);
        shell->source_name = name;
        return 1;
    }
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
    int status = 0;
    guint number = 0;
    gboolean stopped = FALSE;

    while (!stopped && !shell->ending) {
        g_autoptr(GError) error = NULL;
        ScriptLine line;
        int got = read_line(shell, stdin, &number, &line, &error);

        if (got < 0) {
            report_error(shell, error);
            return 1;
        }
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
