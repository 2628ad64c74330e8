/* Following the console of a guest: lines in pieces, replaced and shortened files, rubbish. */
#include "commands/console-log.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"

typedef struct {
    char *folder;
    char *path;
    ConsoleLog *log;
    GPtrArray *lines;
} Fixture;

static void
setup(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    f->folder = g_dir_make_tmp("hvt-XXXXXX", &error);
    g_assert_no_error(error);
    f->path = g_build_filename(f->folder, "console.log", NULL);
    f->lines = g_ptr_array_new_with_free_func(g_free);
    f->log = console_log_open(f->path, 0, &error);
    g_assert_no_error(error);
}

static void
teardown(Fixture *f, gconstpointer data)
{
    console_log_close(f->log);
    g_ptr_array_unref(f->lines);
    unlink(f->path);
    rmdir(f->folder);
    g_free(f->path);
    g_free(f->folder);
}

static void
keep_line(const char *line, gpointer data)
{
    g_ptr_array_add(data, g_strdup(line));
}

static void
append(Fixture *f, const char *bytes, gsize length)
{
    FILE *file = fopen(f->path, "ae");

    g_assert_nonnull(file);
    g_assert_cmpuint(fwrite(bytes, 1, length, file), ==, length);
    fclose(file);
}

#define append_text(f, text) append((f), (text), sizeof(text) - 1)

/* What has come since, once the descriptor says that there is something. */
static void
read_new(Fixture *f)
{
    struct pollfd ready = { .fd = console_log_fd(f->log), .events = POLLIN };

    g_assert_cmpint(poll(&ready, 1, 5000), ==, 1);
    g_ptr_array_set_size(f->lines, 0);
    console_log_read(f->log, keep_line, f->lines);
}

static void
assert_lines(Fixture *f, const char *expected)
{
    g_ptr_array_add(f->lines, NULL);
    {
        g_autofree char *joined = g_strjoinv("|", (char **)f->lines->pdata);

        g_assert_cmpstr(joined, ==, expected);
    }
    g_ptr_array_set_size(f->lines, 0);
}

static void
test_grows(Fixture *f, gconstpointer data)
{
    console_log_read(f->log, keep_line, f->lines);
    g_assert_cmpuint(f->lines->len, ==, 0);     /* no file yet */
    append_text(f, "one\r\ntw");
    read_new(f);
    assert_lines(f, "one|tw");
    append_text(f, "o\nlogin: ");
    read_new(f);
    assert_lines(f, "two|login: ");
}

static void
test_replaced(Fixture *f, gconstpointer data)
{
    append_text(f, "first boot\n");
    read_new(f);
    assert_lines(f, "first boot");
    g_assert_true(g_file_set_contents(f->path, "second\n", -1, NULL));
    read_new(f);
    assert_lines(f, "second");
    g_assert_cmpint(truncate(f->path, 0), ==, 0);
    append_text(f, "3rd\n");
    read_new(f);
    assert_lines(f, "3rd");
}

/* A million million bytes are not read one by one. */
static void
test_hole(Fixture *f, gconstpointer data)
{
    append_text(f, "lost");
    g_assert_cmpint(truncate(f->path, G_GINT64_CONSTANT(1) << 40), ==, 0);
    append_text(f, "kept\n");
    read_new(f);
    g_assert_cmpuint(f->lines->len, ==, 1);
    g_assert_true(g_str_has_suffix(f->lines->pdata[0], "kept"));
    append_text(f, "more\n");
    read_new(f);
    assert_lines(f, "more");
}

static void
test_rubbish(Fixture *f, gconstpointer data)
{
    g_autofree char *endless = g_strnfill(100000, 'x');
    g_autofree char *tail = NULL;

    append(f, endless, 100000);
    append_text(f, "\n\0a\0b\a\n");
    read_new(f);
    for (guint i = 0; i < f->lines->len; i++)
        g_assert_cmpuint(strlen(g_ptr_array_index(f->lines, i)), <=, 4096);
    g_assert_cmpstr(g_ptr_array_index(f->lines, f->lines->len - 1), ==, "ab\a");
    tail = console_log_tail(f->log, "> ");
    g_assert_true(g_str_has_suffix(tail, "> ab?\n"));
}

/* Sequences may come in pieces, and one without an end takes only its line. */
static void
test_colours(Fixture *f, gconstpointer data)
{
    append_text(f, "[\x1b[0;32m  OK  \x1b[0m] Reached\n\x1b]0;title\aa\x1b]0;title\x1b\\b\x1b(Bc\x1b" "7d\n\x1b[");
    read_new(f);
    assert_lines(f, "[  OK  ] Reached|abcd");
    append_text(f, "6nlogin: ");
    read_new(f);
    assert_lines(f, "login: ");
    append_text(f, "\n\x1b]endless\nnext\n");
    read_new(f);
    assert_lines(f, "login: ||next");
}

static void
test_tail(Fixture *f, gconstpointer data)
{
    g_autofree char *tail = NULL;

    append_text(f, "0\n1\n2\n\n3\n4\n5\n6\n7\n8\n9\n10\n11\nprompt");
    read_new(f);
    tail = console_log_tail(f->log, "");
    g_assert_cmpstr(tail, ==, "2\n3\n4\n5\n6\n7\n8\n9\n10\n11\nprompt\n");
}

/* What an earlier run of the guest has written is left out; a file that is shorter than that is another one. */
static void
test_offset(Fixture *f, gconstpointer data)
{
    append_text(f, "earlier\n");
    console_log_close(f->log);
    f->log = console_log_open(f->path, strlen("earlier\n"), NULL);
    append_text(f, "now\n");
    console_log_read(f->log, keep_line, f->lines);
    g_assert_cmpuint(f->lines->len, ==, 1);
    g_assert_cmpstr(f->lines->pdata[0], ==, "now");

    console_log_close(f->log);
    f->log = console_log_open(f->path, 1000, NULL);
    console_log_read(f->log, keep_line, f->lines);
    g_assert_cmpuint(f->lines->len, ==, 3);
    g_assert_cmpstr(f->lines->pdata[1], ==, "earlier");
}

static void
test_no_folder(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(console_log_open("/nonexistent/folder/console.log", 0, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/console-log/no-folder", test_no_folder);
    g_test_add("/console-log/rubbish", Fixture, NULL, setup, test_rubbish, teardown);
    g_test_add("/console-log/hole", Fixture, NULL, setup, test_hole, teardown);
    g_test_add("/console-log/colours", Fixture, NULL, setup, test_colours, teardown);
    g_test_add("/console-log/grows", Fixture, NULL, setup, test_grows, teardown);
    g_test_add("/console-log/replaced", Fixture, NULL, setup, test_replaced, teardown);
    g_test_add("/console-log/offset", Fixture, NULL, setup, test_offset, teardown);
    g_test_add("/console-log/tail", Fixture, NULL, setup, test_tail, teardown);
    return g_test_run();
}
