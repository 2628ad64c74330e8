#include "supervisor-fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_ids_apart(void)
{
    Fixture fixture;
    Qmp *a, *b;
    json_t *greeting, *reply;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    a = qmp_open_raw(&fixture, &greeting);
    g_assert_nonnull(json_object_get(json_object_get(json_object_get(greeting, "QMP"), "version"), "qemu"));
    json_decref(greeting);

    reply = qmp_ask(a, "{\"execute\":\"query-status\",\"id\":1}");
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(reply, "error"), "class")), ==, "CommandNotFound");
    assert_id(reply, "1");
    assert_id(qmp_ask(a, "{\"execute\":\"qmp_capabilities\",\"id\":\"x\"}"), "\"x\"");
    b = qmp_open(&fixture);

    qmp_write(a, "{\"execute\":\"query-status\",\"id\":1}{\"id\":{\"a\":[1,null]},\"execute\":\"query-status\"}\n", -1);
    qmp_write(b, "{\"execute\":\"query-status\",\"id\":1}\n{\"execute\":\"query-status\"}\n{\"execute\":\"query-name\",\"id\":1}", -1);
    assert_id(qmp_reply(a), "1");
    assert_id(qmp_reply(a), "{\"a\":[1,null]}");
    assert_id(qmp_reply(b), "1");
    reply = qmp_reply(b);
    g_assert_null(json_object_get(reply, "id"));
    g_assert_nonnull(json_object_get(reply, "return"));
    json_decref(reply);
    reply = qmp_reply(b);
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(reply, "return"), "name")), ==, "web");
    assert_id(reply, "1");
    qmp_close(a);
    qmp_close(b);
    fixture_clear(&fixture);
}

/* What would upset QEMU's parser, or the order of its answers, is answered by the proxy. */
static void
test_bad_commands(void)
{
    static const char *const bad[] = {
        "rubbish\n", "{]", "[1]", "{\"execute\":1}", "{}", "{\"execute\":\"query-status\",\"execute\":\"quit\"}",
        "{\"execute\":\"a\xff\"}", "{\"execute\":\"a\\u0000\"}", "{\"exec-oob\":\"query-status\"}", "{\"execute\":\"a\nb\"}", "]\n",
    };
    Fixture fixture;
    Qmp *a, *b;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    a = qmp_open(&fixture);
    b = qmp_open(&fixture);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        json_t *reply = qmp_ask(a, bad[i]);

        g_assert_true(json_is_string(json_object_get(json_object_get(reply, "error"), "desc")));
        json_decref(reply);
        assert_id(qmp_ask(b, "{\"execute\":\"query-status\",\"id\":5}"), "5");
    }
    assert_id(qmp_ask(a, "{\"execute\":\"query-status\",\"id\":6}"), "6");
    qmp_close(a);
    qmp_close(b);
    fixture_clear(&fixture);
}

static void
test_events_and_state(void)
{
    json_t *request, *answer;
    Fixture fixture;
    RunStatus status;
    Qmp *a, *b;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    a = qmp_open(&fixture);
    b = qmp_open(&fixture);
    assert_ok(qmp_ask(a, "{\"execute\":\"stop\"}"));
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_PAUSED);
    g_assert_cmpint(status.reason, ==, PAUSED_USER);
    json_decref(qmp_event(a, "STOP"));
    json_decref(qmp_event(b, "STOP"));
    assert_ok(qmp_ask(b, "{\"execute\":\"cont\"}"));
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_RUNNING);
    g_assert_cmpint(status.reason, ==, RUNNING_UNPAUSED);
    json_decref(qmp_event(a, "RESUME"));

    request = json_pack("{s:s, s:i}", "op", "expect", "stop", PAUSED_SAVE);
    answer = supervisor_request(fixture.run_dir, request, WAIT_MS, NULL);
    g_assert_nonnull(answer);
    json_decref(answer);
    json_decref(request);
    assert_ok(qmp_ask(a, "{\"execute\":\"stop\"}"));
    g_assert_cmpint(fixture_status(&fixture).reason, ==, PAUSED_SAVE);
    qmp_close(a);
    qmp_close(b);
    fixture_clear(&fixture);
}

static void
test_io_error(void)
{
    Fixture fixture;
    RunStatus status;
    Qmp *qmp;

    fixture_init(&fixture, "event query-name {\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"action\":\"stop\"}};"
                           "event query-name {\"event\":\"STOP\"}");
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"query-name\"}"));
    json_decref(qmp_event(qmp, "STOP"));
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_PAUSED);
    g_assert_cmpint(status.reason, ==, PAUSED_IOERROR);
    qmp_close(qmp);
    fixture_clear(&fixture);
}

static void
test_fd_passing(void)
{
    hv_autofd int first = -1, second = -1;
    g_autofree char *first_path = NULL, *second_path = NULL;
    Fixture fixture;
    json_t *reply;
    Qmp *a, *b;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    first_path = g_build_filename(fixture.root, "first", NULL);
    second_path = g_build_filename(fixture.root, "second", NULL);
    first = open(first_path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    second = open(second_path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    a = qmp_open(&fixture);
    b = qmp_open(&fixture);
    qmp_write(a, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"f\"}}", first);
    qmp_write(b, "{\"execute\":\"add-fd\"}", second);
    reply = qmp_reply(b);
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(reply, "return"), "fake-path")), ==, second_path);
    json_decref(reply);
    reply = qmp_reply(a);
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(reply, "return"), "fake-path")), ==, first_path);
    json_decref(reply);
    reply = qmp_ask(a, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"g\"}}");
    g_assert_nonnull(json_object_get(reply, "error"));
    json_decref(reply);
    qmp_close(a);
    qmp_close(b);
    fixture_clear(&fixture);
}

static void
test_client_leaves(void)
{
    Fixture fixture;
    Qmp *stayer;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    stayer = qmp_open(&fixture);
    for (int i = 0; i < 50; i++) {
        Qmp *leaver = qmp_open(&fixture);

        qmp_write(leaver, "{\"execute\":\"query-machines\",\"id\":1}{\"execute\":\"query-sta", -1);
        qmp_close(leaver);
    }
    assert_id(qmp_ask(stayer, "{\"execute\":\"query-status\",\"id\":\"still here\"}"), "\"still here\"");
    qmp_close(stayer);
    fixture_clear(&fixture);
}

/* One that asks and never reads is dropped; the others are served on. */
static void
test_slow_reader(void)
{
    Fixture fixture;
    json_t *info, *request = json_pack("{s:s}", "op", "info");
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * 1000;
    gint64 clients = 2;
    Qmp *slow, *good;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    slow = qmp_open(&fixture);
    good = qmp_open(&fixture);
    fcntl(slow->fd, F_SETFL, O_NONBLOCK);
    while (clients == 2 && g_get_monotonic_time() < deadline) {
        static const char command[] = "{\"execute\":\"query-machines\"}";

        for (int i = 0; i < 500; i++)
            if (send(slow->fd, command, sizeof command - 1, MSG_NOSIGNAL) < 0)
                break;
        info = supervisor_request(fixture.run_dir, request, WAIT_MS, NULL);
        g_assert_nonnull(info);
        clients = json_integer_value(json_object_get(info, "clients"));
        json_decref(info);
    }
    g_assert_cmpint(clients, ==, 1);
    assert_id(qmp_ask(good, "{\"execute\":\"query-status\",\"id\":2}"), "2");
    json_decref(request);
    qmp_close(slow);
    qmp_close(good);
    fixture_clear(&fixture);
}

/* A broken monitor is no reason to end a guest: the state is kept, and destroy works. */
static void
test_rubbish_later(void)
{
    Fixture fixture;
    json_t *reply;
    Qmp *qmp;

    fixture_init(&fixture, "rubbish-after 2");
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    reply = qmp_ask(qmp, "{\"execute\":\"query-name\",\"id\":3}");
    g_assert_nonnull(json_object_get(reply, "error"));
    assert_id(reply, "3");
    qmp_close(qmp);
    qmp = qmp_open(&fixture);
    assert_id(qmp_ask(qmp, "{\"execute\":\"query-name\",\"id\":4}"), "4");
    qmp_close(qmp);
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    fixture_clear(&fixture);
}

static gboolean
collect_entry(guint64 seq, json_t *entry, gpointer data)
{
    g_ptr_array_add(data, json_incref(entry));
    return TRUE;
}

static void
test_journal(void)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    Fixture fixture;
    json_t *entry;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"stop\"}"));
    g_assert_true(journal_read(fixture.run_dir, 0, collect_entry, entries, NULL));
    g_assert_cmpint(entries->len, ==, 5);
    entry = g_ptr_array_index(entries, 1);
    g_assert_cmpint(json_integer_value(json_object_get(entry, "lifecycle")), ==, LIFECYCLE_RESUMED);
    entry = g_ptr_array_index(entries, 2);
    g_assert_cmpint(json_integer_value(json_object_get(entry, "lifecycle")), ==, LIFECYCLE_STARTED);
    entry = g_ptr_array_index(entries, 4);
    g_assert_cmpint(json_integer_value(json_object_get(entry, "lifecycle")), ==, LIFECYCLE_SUSPENDED);
    g_ptr_array_set_size(entries, 0);
    g_assert_true(journal_read(fixture.run_dir, 4, collect_entry, entries, NULL));
    g_assert_cmpint(entries->len, ==, 1);

    qmp_close(qmp);
    fixture_clear(&fixture);
}

/* A full disk, played by a limit on file sizes: the journal has a gap, everything else goes on. */
static void
test_full_disk(void)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    struct rlimit limit = { 600, RLIM_INFINITY };
    gboolean gap = FALSE;
    Fixture fixture;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    g_assert_cmpint(prlimit(fixture.ready.supervisor_pid, RLIMIT_FSIZE, &limit, NULL), ==, 0);
    for (int i = 0; i < 10; i++) {
        assert_ok(qmp_ask(qmp, "{\"execute\":\"stop\"}"));
        g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_PAUSED);
        assert_ok(qmp_ask(qmp, "{\"execute\":\"cont\"}"));
        g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);
    }
    limit.rlim_cur = RLIM_INFINITY;
    g_assert_cmpint(prlimit(fixture.ready.supervisor_pid, RLIMIT_FSIZE, &limit, NULL), ==, 0);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"stop\"}"));
    g_assert_true(journal_read(fixture.run_dir, 0, collect_entry, entries, NULL));
    for (guint i = 0; i < entries->len; i++)
        gap |= json_integer_value(json_object_get(g_ptr_array_index(entries, i), "lost")) > 0;
    g_assert_true(gap);
    qmp_close(qmp);
    fixture_clear(&fixture);
}

/* The sum of the lines of /proc/PID/@file that begin with @key. */
static gint64
proc_number(pid_t pid, const char *file, const char *key)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, file), *text = NULL;
    g_auto(GStrv) lines = NULL;
    gint64 sum = 0;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, key))
            sum += g_ascii_strtoll(strchr(*line, ':') + 1, NULL, 10);
    return sum;
}

static void
test_small(void)
{
    Fixture fixture;
    gint64 private;

    fixture_init(&fixture, NULL);
    fixture_start(&fixture);
    for (int i = 0; i < 20; i++) {
        Qmp *qmp = qmp_open(&fixture);

        assert_ok(qmp_ask(qmp, "{\"execute\":\"query-qmp-schema\"}"));
        qmp_close(qmp);
    }
    g_assert_cmpint(proc_number(fixture.ready.supervisor_pid, "status", "Threads:"), ==, 1);
    private = proc_number(fixture.ready.supervisor_pid, "smaps_rollup", "Private_");
    g_test_message("%" G_GINT64_FORMAT " kB private", private);
#ifndef __SANITIZE_ADDRESS__
    g_assert_cmpint(private, <, 2048);
#endif
    fixture_clear(&fixture);
}

int
main(int argc, char **argv)
{
    fixture_main(&argc, &argv);
    g_test_add_func("/proxy/ids-apart", test_ids_apart);
    g_test_add_func("/proxy/bad-commands", test_bad_commands);
    g_test_add_func("/proxy/events-and-state", test_events_and_state);
    g_test_add_func("/proxy/io-error", test_io_error);
    g_test_add_func("/proxy/fd-passing", test_fd_passing);
    g_test_add_func("/proxy/client-leaves", test_client_leaves);
    g_test_add_func("/proxy/slow-reader", test_slow_reader);
    g_test_add_func("/proxy/rubbish-later", test_rubbish_later);
    g_test_add_func("/proxy/journal", test_journal);
    g_test_add_func("/proxy/full-disk", test_full_disk);
    g_test_add_func("/proxy/small", test_small);
    return g_test_run();
}
