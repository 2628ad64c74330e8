/* What the shell asks the user for: a text from the editor, the answer to a question. */
#include "shell/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "util/error.h"

#define DEFAULT_EDITOR "vi"

static const char *
editor_command(void)
{
    const char *editor = g_getenv("VISUAL");

    if (!editor || !*editor)
        editor = g_getenv("EDITOR");
    return editor && *editor ? editor : DEFAULT_EDITOR;
}

/* The words of the editor's variable, then the file. */
static GPtrArray *
editor_argv(const char *path, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) syntax = NULL;
    GPtrArray *argv;

    if (!g_shell_parse_argv(editor_command(), NULL, &words, &syntax)) {
        hv_throw(error, HV_ERR_COMMAND, "cannot read the editor command '%s': %s", editor_command(), syntax->message);
        return NULL;
    }
    argv = g_ptr_array_new_with_free_func(g_free);
    for (char **word = words; *word; word++)
        g_ptr_array_add(argv, g_strdup(*word));
    g_ptr_array_add(argv, g_strdup(path));
    g_ptr_array_add(argv, NULL);
    return argv;
}

static gboolean
run_editor(const char *path, GError **error)
{
    g_autoptr(GPtrArray) argv = editor_argv(path, error);
    pid_t pid;
    int status;

    if (!argv)
        return FALSE;
    pid = subprocess_spawn((const char *const *)argv->pdata, STDIN_FILENO, STDOUT_FILENO, error);
    if (pid < 0)
        return FALSE;
    status = subprocess_wait(pid);
    if (status != 0)
        return hv_throw(error, HV_ERR_COMMAND, "%s: command exited with non-zero status", editor_command());
    return TRUE;
}

static gboolean
write_private_file(int fd, const char *path, const char *text, GError **error)
{
    gsize left = strlen(text);

    while (left > 0) {
        gssize n = write(fd, text, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hv_throw_errno(error, errno, "write: %s: failed to write to temporary file", path);
        text += n;
        left -= n;
    }
    return TRUE;
}

char *
shell_edit_text(Shell *shell, const char *text, const char *suffix, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/hvshXXXXXX%s", g_get_tmp_dir(), suffix);
    g_autoptr(GError) reading = NULL;
    char *edited = NULL;
    int fd = mkostemps(path, strlen(suffix), O_CLOEXEC);
    gboolean written;

    if (fd < 0) {
        hv_throw_errno(error, errno, "cannot create the temporary file '%s'", path);
        return NULL;
    }
    out_flush(shell->out);
    written = write_private_file(fd, path, text, error);
    close(fd);
    if (written && run_editor(path, error) && !g_file_get_contents(path, &edited, NULL, &reading))
        hv_throw(error, HV_ERR_COMMAND, "%s: failed to read temporary file: %s", path, reading->message);
    unlink(path);
    return edited;
}

/* One key, without waiting for a newline. 0 at the end of input. */
static char
read_key(void)
{
    struct termios before, raw;
    char key = 0;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return 0;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)ICANON;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    if (read(STDIN_FILENO, &key, 1) != 1)
        key = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    return key;
}

char
shell_ask(Shell *shell, const char *question, const char *answers, GError **error)
{
    if (!isatty(STDIN_FILENO)) {
        hv_throw(error, HV_ERR_COMMAND, "cannot ask '%s': standard input is not a terminal", question);
        return 0;
    }
    for (;;) {
        char key;

        out_raw(shell->out, question, strlen(question));
        out_raw(shell->out, " ", 1);
        out_flush(shell->out);
        key = g_ascii_tolower(read_key());
        out_raw(shell->out, "\n", 1);
        out_flush(shell->out);
        if (key == 0 || interrupt_pending()) {
            hv_throw(error, HV_ERR_OPERATION_ABORTED, "no answer to '%s'", question);
            return 0;
        }
        if (strchr(answers, key))
            return key;
    }
}
