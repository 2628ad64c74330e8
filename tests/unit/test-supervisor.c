#include "supervisor-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
assert_id(json_t *reply, const char *expected)
{
    char *text = json_dumps(json_object_get(reply, "id"), JSON_ENCODE_ANY | JSON_COMPACT);

    g_assert_cmpstr(text, ==, expected);
    free(text);
    json_decref(reply);
}

static void
assert_ok(json_t *reply)
{
    if (!json_object_get(reply, "return"))
        g_error("refused: %s", json_string_value(json_object_get(json_object_get(reply, "error"), "desc")));
    json_decref(reply);
}

/* A start that must fail, and leave nothing. */
static void
assert_start_fails(Fixture *fixture, int code, const char *pattern)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *last = g_strconcat(fixture->run_dir, STATUS_LAST_SUFFIX, NULL);

    g_assert_false(supervisor_start(fixture->launch, WAIT_MS, &fixture->ready, &error));
    g_assert_error(error, HV_ERROR, code);
    if (!g_pattern_match_simple(pattern, error->message))
        g_error("'%s' does not match '%s'", error->message, pattern);
    await_path(fixture->run_dir, FALSE);
    g_assert_cmpint(access(last, F_OK), ==, -1);
}

static void
test_dies_at_once(void)
{
    Fixture fixture;

    fixture_init(&fixture, "die-at-once qemu: could not open disk 'x.img': No such file");
    assert_start_fails(&fixture, HV_ERR_INTERNAL_ERROR,
                       "internal error: process exited while connecting to monitor: qemu: could not open disk 'x.img': No such file");
    fixture_clear(&fixture);
}

static void
test_not_there(void)
{
    Fixture fixture;

    fixture_init(&fixture, "");
    g_free(fixture.launch->argv[0]);
    fixture.launch->argv[0] = g_strdup("/nonexistent/qemu");
    assert_start_fails(&fixture, HV_ERR_SYSTEM_ERROR, "cannot run '/nonexistent/qemu': No such file or directory");
    fixture_clear(&fixture);
}

static void
test_stalls(void)
{
    Fixture fixture;

    fixture_init(&fixture, "stall-greeting;ignore-term");
    fixture.launch->handshake_ms = 200;
    assert_start_fails(&fixture, HV_ERR_OPERATION_TIMEOUT, "*did not answer on its monitor within 200 ms");
    fixture_clear(&fixture);
}

static void
test_rubbish(void)
{
    Fixture fixture;

    fixture_init(&fixture, "rubbish");
    assert_start_fails(&fixture, HV_ERR_INTERNAL_ERROR, "*something that is not QMP: 'SSH-2.0*");
    fixture_clear(&fixture);
}

static void
test_refuses_to_run(void)
{
    Fixture fixture;

    fixture_init(&fixture, "error cont GenericError no way");
    assert_start_fails(&fixture, HV_ERR_OPERATION_FAILED, "*refused to let the guest run*no way*");
    fixture_clear(&fixture);
}

static void
test_dies_at_cont(void)
{
    Fixture fixture;

    fixture_init(&fixture, "die-after 1");
    assert_start_fails(&fixture, HV_ERR_INTERNAL_ERROR, "*process exited while connecting to monitor: fake-qemu: died at 'cont'*");
    fixture_clear(&fixture);
}

static void
test_bad_description(void)
{
    Fixture fixture;

    fixture_init(&fixture, "");
    fixture.launch->monitor_fd = 1;
    assert_start_fails(&fixture, HV_ERR_INTERNAL_ERROR, "*launch description: 'monitor_fd'*");
    fixture_clear(&fixture);
}

static void
test_start_and_destroy(void)
{
    Fixture fixture;
    GError *error = NULL;
    RunStatus status;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_RUNNING);
    g_assert_cmpint(status.reason, ==, RUNNING_BOOTED);
    g_assert_cmpint(status.id, ==, 7);
    g_assert_cmpint(status.pid, ==, fixture.ready.pid);
    g_assert_true(status_running(&status));
    g_assert_true(status_supervised(&status));

    if (!supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, &error))
        g_assert_no_error(error);
    g_assert_cmpint(access(fixture.run_dir, F_OK), ==, -1);
    g_assert_false(process_alive(fixture.ready.pid, fixture.ready.pid_start));
    status = fixture_last(&fixture);
    g_assert_cmpint(status.state, ==, STATE_SHUTOFF);
    g_assert_cmpint(status.reason, ==, SHUTOFF_DESTROYED);
    fixture_clear(&fixture);
}

static void
test_private(void)
{
    static const char *const files[] = { "status", "launch.json", "qmp.sock", "supervisor.sock", "monitor.sock", "journal" };
    Fixture fixture;
    GStatBuf info;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    g_assert_cmpint(g_stat(fixture.run_dir, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 07777, ==, 0700);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(fixture.run_dir, files[i], NULL);

        g_assert_cmpint(g_stat(path, &info), ==, 0);
        g_assert_cmpint(info.st_mode & 07777, ==, 0600);
    }
    fixture_clear(&fixture);
}

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

    g_assert_true(supervisor_expect(fixture.run_dir, PAUSED_SAVE, -1, -1, WAIT_MS, NULL));
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

static void
test_paused_start(void)
{
    Fixture fixture;
    RunStatus status;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture.launch->start = LAUNCH_START_PAUSED;
    fixture_start(&fixture);
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_PAUSED);
    g_assert_cmpint(status.reason, ==, PAUSED_USER);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"cont\"}"));
    g_assert_cmpint(fixture_status(&fixture).reason, ==, RUNNING_UNPAUSED);
    qmp_close(qmp);
    fixture_clear(&fixture);
}

static void
test_held_start(void)
{
    Fixture fixture;
    RunStatus status;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture.launch->start = LAUNCH_START_HOLD;
    fixture.launch->running_reason = RUNNING_RESTORED;
    fixture_start(&fixture);
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_PAUSED);
    g_assert_cmpint(status.reason, ==, PAUSED_STARTING_UP);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"cont\"}"));
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_RUNNING);
    g_assert_cmpint(status.reason, ==, RUNNING_RESTORED);
    qmp_close(qmp);
    fixture_clear(&fixture);
}

static pid_t
spawn_waiter(void)
{
    const char *const argv[] = { "cat", NULL };
    int pair[2];
    ProcessFd fd;
    ProcessSpec spec = { .argv = argv, .fds = &fd, .n_fds = 1 };
    pid_t pid;

    g_assert_cmpint(pipe2(pair, O_CLOEXEC), ==, 0);
    fd = (ProcessFd){ pair[0], 0 };
    g_assert_true(process_spawn(&spec, &pid, NULL));
    close(pair[0]);
    /* pair[1] stays open for the life of the test: the waiter runs until it is killed. */
    return pid;
}

static void
test_owner(void)
{
    pid_t owner = spawn_waiter();
    Fixture fixture;

    fixture_init(&fixture, "");
    fixture.launch->owner_pid = owner;
    fixture.launch->owner_start = process_start_time(owner);
    fixture_start(&fixture);
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);
    kill(owner, SIGKILL);
    fixture_await(&fixture, STATE_SHUTOFF);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_DESTROYED);
    fixture_clear(&fixture);
}

static void
test_poweroff(void)
{
    Fixture fixture;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"system_powerdown\"}"));
    g_assert_true(qmp_at_end(qmp));
    fixture_await(&fixture, STATE_SHUTOFF);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_SHUTDOWN);
    qmp_close(qmp);
    fixture_clear(&fixture);
}

static void
test_poweroff_preserve(void)
{
    Fixture fixture;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture.launch->on_poweroff = LAUNCH_ACTION_PRESERVE;
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"system_powerdown\"}"));
    json_decref(qmp_event(qmp, "STOP"));
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_SHUTDOWN);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"query-status\"}"));
    qmp_close(qmp);
    fixture_clear(&fixture);
}

static void
test_reboot_by_shutdown(void)
{
    Fixture fixture;
    RunStatus status;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    g_assert_true(supervisor_set_reboot(fixture.run_dir, TRUE, WAIT_MS, NULL));
    g_assert_true(fixture_status(&fixture).reboot);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"system_powerdown\"}"));
    json_decref(qmp_event(qmp, "RESET"));
    json_decref(qmp_event(qmp, "RESUME"));
    status = fixture_status(&fixture);
    g_assert_cmpint(status.state, ==, STATE_RUNNING);
    g_assert_false(status.reboot);
    g_assert_cmpint(status.pid, ==, fixture.ready.pid);

    assert_ok(qmp_ask(qmp, "{\"execute\":\"system_powerdown\"}"));
    fixture_await(&fixture, STATE_SHUTOFF);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_SHUTDOWN);
    qmp_close(qmp);
    fixture_clear(&fixture);
}

static void
test_on_reboot_destroy(void)
{
    Fixture fixture;
    GError *error = NULL;
    Qmp *qmp;

    fixture_init(&fixture, "event query-name {\"event\":\"RESET\"}");
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"query-name\"}"));
    json_decref(qmp_event(qmp, "RESET"));
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);

    if (!supervisor_set_action(fixture.run_dir, "reboot", LAUNCH_ACTION_DESTROY, WAIT_MS, &error))
        g_assert_no_error(error);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"query-name\"}"));
    fixture_await(&fixture, STATE_SHUTOFF);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_SHUTDOWN);
    qmp_close(qmp);
    fixture_clear(&fixture);
}

static void
panic_with(Fixture *fixture, LaunchAction action)
{
    Qmp *qmp;

    fixture_init(fixture, "event query-name {\"event\":\"GUEST_PANICKED\",\"data\":{\"action\":\"pause\"}}");
    fixture->launch->on_crash = action;
    fixture_start(fixture);
    qmp = qmp_open(fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"query-name\"}"));
    json_decref(qmp_event(qmp, "GUEST_PANICKED"));
    qmp_close(qmp);
}

static void
test_on_crash(void)
{
    Fixture fixture;

    panic_with(&fixture, LAUNCH_ACTION_DESTROY);
    fixture_await(&fixture, STATE_SHUTOFF);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_CRASHED);
    fixture_clear(&fixture);

    panic_with(&fixture, LAUNCH_ACTION_PRESERVE);
    fixture_await(&fixture, STATE_CRASHED);
    g_assert_cmpint(fixture_status(&fixture).reason, ==, CRASHED_PANICKED);
    fixture_clear(&fixture);

    panic_with(&fixture, LAUNCH_ACTION_RESTART);
    fixture_await(&fixture, STATE_RUNNING);
    g_assert_cmpint(fixture_status(&fixture).reason, ==, RUNNING_CRASHED);
    fixture_clear(&fixture);

    panic_with(&fixture, LAUNCH_ACTION_COREDUMP_DESTROY);
    fixture_await(&fixture, STATE_SHUTOFF);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_CRASHED);
    fixture_clear(&fixture);
}

static void
test_qemu_killed(void)
{
    Fixture fixture;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    g_assert_true(process_kill(fixture.ready.pid, fixture.ready.pid_start, SIGKILL, NULL));
    fixture_await(&fixture, STATE_SHUTOFF);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_CRASHED);
    fixture_clear(&fixture);
}

static void
test_release(void)
{
    g_autofree char *file = NULL, *late = NULL, *hooked = NULL;
    Fixture fixture;
    json_t *request, *answer;

    fixture_init(&fixture, "");
    file = g_build_filename(fixture.root, "leftover", NULL);
    late = g_build_filename(fixture.root, "later", NULL);
    hooked = g_build_filename(fixture.root, "hooked", NULL);
    g_assert_true(g_file_set_contents(file, "", 0, NULL) && g_file_set_contents(late, "", 0, NULL));
    launch_add_file(fixture.launch, file);
    launch_add_hook(fixture.launch, (const char *const[]){ "touch", hooked, NULL });
    launch_add_hook(fixture.launch, (const char *const[]){ "/nonexistent/hook", NULL });
    fixture_start(&fixture);
    request = json_pack("{s:s, s:[s]}", "op", "release-add", "files", late);
    answer = supervisor_request(fixture.run_dir, request, WAIT_MS, NULL);
    g_assert_nonnull(answer);
    json_decref(request);
    json_decref(answer);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    g_assert_cmpint(access(file, F_OK), ==, -1);
    g_assert_cmpint(access(late, F_OK), ==, -1);
    g_assert_cmpint(access(hooked, F_OK), ==, 0);
    fixture_clear(&fixture);
}

static void
test_adopt(void)
{
    SupervisorReady ready;
    GError *error = NULL;
    Fixture fixture;
    RunStatus status;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    g_assert_true(supervisor_adopt(fixture.run_dir, WAIT_MS, &ready, NULL));
    g_assert_cmpint(ready.supervisor_pid, ==, fixture.ready.supervisor_pid);
    qmp = qmp_open(&fixture);
    kill(fixture.ready.supervisor_pid, SIGKILL);
    g_assert_true(qmp_at_end(qmp));
    qmp_close(qmp);
    g_assert_true(process_wait_exit(fixture.ready.supervisor_pid, fixture.ready.supervisor_start, WAIT_MS));
    g_assert_true(process_alive(fixture.ready.pid, fixture.ready.pid_start));
    g_assert_true(supervisor_cleanup(fixture.run_dir, NULL));
    g_assert_cmpint(access(fixture.run_dir, F_OK), ==, 0);

    if (!supervisor_ensure(fixture.run_dir, WAIT_MS, &status, &error))
        g_assert_no_error(error);
    g_assert_cmpint(status.pid, ==, fixture.ready.pid);
    g_assert_cmpint(status.supervisor_pid, !=, fixture.ready.supervisor_pid);
    g_assert_cmpint(status.state, ==, STATE_RUNNING);
    g_assert_cmpint(status.reason, ==, RUNNING_BOOTED);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"stop\"}"));
    g_assert_cmpint(fixture_status(&fixture).reason, ==, PAUSED_USER);
    qmp_close(qmp);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_DESTROYED);
    g_assert_cmpint(access(fixture.run_dir, F_OK), ==, -1);
    fixture_clear(&fixture);
}

/* Several shells find the supervisor dead at the same time. */
static void
test_adopt_race(void)
{
    pid_t shells[8];
    Fixture fixture;
    RunStatus status;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    kill(fixture.ready.supervisor_pid, SIGKILL);
    g_assert_true(process_wait_exit(fixture.ready.supervisor_pid, fixture.ready.supervisor_start, WAIT_MS));
    for (gsize i = 0; i < G_N_ELEMENTS(shells); i++) {
        shells[i] = fork();
        if (shells[i] == 0) {
            gboolean good = supervisor_ensure(fixture.run_dir, WAIT_MS, &status, NULL);

            _exit(good ? 0 : 1);
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(shells); i++) {
        int result;

        g_assert_cmpint(waitpid(shells[i], &result, 0), ==, shells[i]);
        g_assert_cmpint(result, ==, 0);
    }
    status = fixture_status(&fixture);
    g_assert_true(status_supervised(&status));
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    fixture_clear(&fixture);
}

static void
test_both_dead(void)
{
    g_autofree char *file = NULL;
    Fixture fixture;

    fixture_init(&fixture, "");
    file = g_build_filename(fixture.root, "leftover", NULL);
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    launch_add_file(fixture.launch, file);
    fixture_start(&fixture);
    kill(fixture.ready.supervisor_pid, SIGKILL);
    g_assert_true(process_wait_exit(fixture.ready.supervisor_pid, fixture.ready.supervisor_start, WAIT_MS));
    kill(fixture.ready.pid, SIGKILL);
    g_assert_true(process_wait_exit(fixture.ready.pid, fixture.ready.pid_start, WAIT_MS));
    g_assert_true(supervisor_cleanup(fixture.run_dir, NULL));
    g_assert_cmpint(access(fixture.run_dir, F_OK), ==, -1);
    g_assert_cmpint(access(file, F_OK), ==, -1);
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_CRASHED);
    fixture_clear(&fixture);
}

static void
test_folder_wiped(void)
{
    g_autofree char *run = NULL, *live = NULL, *control = NULL, *text = NULL;
    Fixture fixture;
    json_t *event;
    Qmp *old, *fresh;

    fixture_init(&fixture, "");
    run = g_build_filename(fixture.root, "run", NULL);
    live = g_build_filename(fixture.run_dir, "live.xml", NULL);
    control = g_build_filename(fixture.run_dir, "status", NULL);
    fixture_start(&fixture);
    old = qmp_open(&fixture);
    g_assert_true(g_file_set_contents(live, "<domain/>", -1, NULL));
    /* What the supervisor does with the document is done when it has answered something later. */
    g_assert_true(supervisor_expect(fixture.run_dir, -1, -1, -1, WAIT_MS, NULL));

    {
        const char *const argv[] = { "rm", "-rf", run, NULL };
        ProcessRun wipe = { .argv = argv };

        /* The supervisor may be faster than rm. */
        while (!process_run_checked(&wipe, NULL, NULL))
            ;
    }
    await_path(control, TRUE);
    fresh = qmp_open(&fixture);
    assert_ok(qmp_ask(fresh, "{\"execute\":\"stop\"}"));
    event = qmp_event(old, "STOP");
    json_decref(event);
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_PAUSED);
    g_assert_true(g_file_get_contents(live, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "<domain/>");
    qmp_close(old);
    qmp_close(fresh);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    g_assert_cmpint(access(fixture.run_dir, F_OK), ==, -1);
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
    gboolean ended = FALSE, stopped = FALSE;
    g_autoptr(SupervisorWatch) watch = NULL;
    guint64 last = 0;
    Fixture fixture;
    json_t *entry;
    Qmp *qmp;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    watch = supervisor_watch_new(fixture.run_dir, 0, WAIT_MS, NULL);
    g_assert_nonnull(watch);
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
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    while (!ended) {
        struct pollfd wait = { supervisor_watch_fd(watch), POLLIN, 0 };

        while ((entry = supervisor_watch_next(watch, &ended))) {
            guint64 seq = (guint64)json_integer_value(json_object_get(entry, "seq"));

            g_assert_cmpint(seq, ==, last + 1);
            last = seq;
            stopped = json_integer_value(json_object_get(entry, "lifecycle")) == LIFECYCLE_STOPPED;
            json_decref(entry);
        }
        if (!ended)
            g_assert_cmpint(poll(&wait, 1, WAIT_MS), ==, 1);
    }
    g_assert_true(stopped);
    fixture_clear(&fixture);
}

static void
test_graceful_destroy(void)
{
    g_autoptr(GError) error = NULL;
    Fixture fixture;

    if (!g_test_slow()) {
        g_test_skip("takes SIGTERM's ten seconds; run with -m slow");
        return;
    }
    fixture_init(&fixture, "ignore-term");
    fixture_start(&fixture);
    g_assert_false(supervisor_destroy(fixture.run_dir, TRUE, SHUTOFF_DESTROYED, WAIT_MS, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_nonnull(strstr(error->message, "Failed to terminate process"));
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    fixture_clear(&fixture);
}

static void
test_long_path(void)
{
    g_autofree char *longer = g_strnfill(90, 'n'), *run_dir = NULL;
    Fixture fixture;
    Qmp *qmp;

    fixture_init(&fixture, "");
    run_dir = g_build_filename(fixture.root, longer, longer, "web", NULL);
    g_free(fixture.run_dir);
    fixture.run_dir = g_strdup(run_dir);
    g_free(fixture.launch->run_dir);
    fixture.launch->run_dir = g_strdup(run_dir);
    fixture_start(&fixture);
    qmp = qmp_open(&fixture);
    assert_ok(qmp_ask(qmp, "{\"execute\":\"query-status\"}"));
    qmp_close(qmp);
    kill(fixture.ready.supervisor_pid, SIGKILL);
    g_assert_true(process_wait_exit(fixture.ready.supervisor_pid, fixture.ready.supervisor_start, WAIT_MS));
    g_assert_true(supervisor_adopt(fixture.run_dir, WAIT_MS, &fixture.ready, NULL));
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    fixture_clear(&fixture);
}

/* Two shells that both believe the domain to be off: one QEMU, and it stays. */
static void
test_start_twice(void)
{
    g_autoptr(GError) error = NULL;
    SupervisorReady ready;
    Fixture fixture;

    fixture_init(&fixture, "");
    fixture_start(&fixture);
    kill(fixture.ready.supervisor_pid, SIGKILL);
    g_assert_true(process_wait_exit(fixture.ready.supervisor_pid, fixture.ready.supervisor_start, WAIT_MS));
    g_assert_false(supervisor_start(fixture.launch, WAIT_MS, &ready, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_INVALID);
    g_assert_true(process_alive(fixture.ready.pid, fixture.ready.pid_start));
    g_assert_true(supervisor_adopt(fixture.run_dir, WAIT_MS, &ready, NULL));
    fixture_clear(&fixture);
}

/* A domain that is started again as soon as it is off: the next supervisor meets the last one's end. */
static void
test_start_again(void)
{
    Fixture fixture;

    fixture_init(&fixture, "");
    for (int i = 0; i < 20; i++) {
        fixture_start(&fixture);
        if (i % 2)
            g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
        else
            kill(fixture.ready.pid, SIGKILL);
        g_assert_true(process_wait_exit(fixture.ready.pid, fixture.ready.pid_start, WAIT_MS));
    }
    fixture_clear(&fixture);
}

static void
test_real_qemu(void)
{
    hv_autofd int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    SupervisorReady ready;
    GError *error = NULL;
    Fixture fixture;
    json_t *reply;
    Qmp *a, *b;

    fixture_init(&fixture, NULL);
    fixture_start(&fixture);
    a = qmp_open(&fixture);
    b = qmp_open(&fixture);
    qmp_write(a, "{\"execute\":\"getfd\",\"id\":\"f\",\"arguments\":{\"fdname\":\"f\"}}", fd);
    qmp_write(b, "{\"execute\":\"query-status\",\"id\":\"f\"}", -1);
    assert_id(qmp_reply(a), "\"f\"");
    reply = qmp_reply(b);
    g_assert_true(json_is_true(json_object_get(json_object_get(reply, "return"), "running")));
    assert_id(reply, "\"f\"");
    assert_ok(qmp_ask(a, "{\"execute\":\"closefd\",\"arguments\":{\"fdname\":\"f\"}}"));
    /* A large answer passes through, and a key that QEMU's parser alone refuses gets its answer too. */
    assert_id(qmp_ask(b, "{\"execute\":\"query-qmp-schema\",\"id\":9}"), "9");
    reply = qmp_ask(b, "{\"execute\":\"query-status\",\"arguments\":{\"a\":1,\"a\":2},\"id\":10}");
    g_assert_nonnull(json_object_get(reply, "error"));
    assert_id(reply, "10");

    assert_ok(qmp_ask(a, "{\"execute\":\"stop\"}"));
    json_decref(qmp_event(b, "STOP"));
    g_assert_cmpint(fixture_status(&fixture).reason, ==, PAUSED_USER);
    kill(fixture.ready.supervisor_pid, SIGKILL);
    g_assert_true(qmp_at_end(a));
    g_assert_true(process_wait_exit(fixture.ready.supervisor_pid, fixture.ready.supervisor_start, WAIT_MS));
    qmp_close(a);
    qmp_close(b);
    if (!supervisor_adopt(fixture.run_dir, WAIT_MS, &ready, &error))
        g_assert_no_error(error);
    g_assert_cmpint(ready.pid, ==, fixture.ready.pid);
    a = qmp_open(&fixture);
    assert_ok(qmp_ask(a, "{\"execute\":\"cont\"}"));
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);
    qmp_close(a);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    g_assert_cmpint(fixture_last(&fixture).reason, ==, SHUTOFF_DESTROYED);
    fixture_clear(&fixture);
}

static void
test_real_qemu_refuses(void)
{
    Fixture fixture;

    fixture_init(&fixture, NULL);
    for (char **arg = fixture.launch->argv; *arg; arg++) {
        if (g_str_has_prefix(*arg, "q35")) {
            g_free(*arg);
            *arg = g_strdup("nosuchmachine");
        }
    }
    assert_start_fails(&fixture, HV_ERR_INTERNAL_ERROR, "*process exited while connecting to monitor: *unsupported machine type*");
    fixture_clear(&fixture);
}

int
main(int argc, char **argv)
{
    g_autofree char *program = NULL;

    g_test_init(&argc, &argv, NULL);
    program = g_test_build_filename(G_TEST_BUILT, "..", "hvsh-supervisor", NULL);
    g_setenv("HVSH_SUPERVISOR", program, FALSE);

    g_test_add_func("/supervisor/dies-at-once", test_dies_at_once);
    g_test_add_func("/supervisor/not-there", test_not_there);
    g_test_add_func("/supervisor/stalls", test_stalls);
    g_test_add_func("/supervisor/rubbish", test_rubbish);
    g_test_add_func("/supervisor/refuses-to-run", test_refuses_to_run);
    g_test_add_func("/supervisor/dies-at-cont", test_dies_at_cont);
    g_test_add_func("/supervisor/bad-description", test_bad_description);
    g_test_add_func("/supervisor/start-and-destroy", test_start_and_destroy);
    g_test_add_func("/supervisor/private", test_private);
    g_test_add_func("/supervisor/ids-apart", test_ids_apart);
    g_test_add_func("/supervisor/bad-commands", test_bad_commands);
    g_test_add_func("/supervisor/events-and-state", test_events_and_state);
    g_test_add_func("/supervisor/io-error", test_io_error);
    g_test_add_func("/supervisor/fd-passing", test_fd_passing);
    g_test_add_func("/supervisor/client-leaves", test_client_leaves);
    g_test_add_func("/supervisor/slow-reader", test_slow_reader);
    g_test_add_func("/supervisor/paused-start", test_paused_start);
    g_test_add_func("/supervisor/held-start", test_held_start);
    g_test_add_func("/supervisor/owner", test_owner);
    g_test_add_func("/supervisor/poweroff", test_poweroff);
    g_test_add_func("/supervisor/poweroff-preserve", test_poweroff_preserve);
    g_test_add_func("/supervisor/reboot-by-shutdown", test_reboot_by_shutdown);
    g_test_add_func("/supervisor/on-reboot-destroy", test_on_reboot_destroy);
    g_test_add_func("/supervisor/on-crash", test_on_crash);
    g_test_add_func("/supervisor/qemu-killed", test_qemu_killed);
    g_test_add_func("/supervisor/release", test_release);
    g_test_add_func("/supervisor/adopt", test_adopt);
    g_test_add_func("/supervisor/adopt-race", test_adopt_race);
    g_test_add_func("/supervisor/both-dead", test_both_dead);
    g_test_add_func("/supervisor/folder-wiped", test_folder_wiped);
    g_test_add_func("/supervisor/rubbish-later", test_rubbish_later);
    g_test_add_func("/supervisor/journal", test_journal);
    g_test_add_func("/supervisor/graceful-destroy", test_graceful_destroy);
    g_test_add_func("/supervisor/long-path", test_long_path);
    g_test_add_func("/supervisor/start-twice", test_start_twice);
    g_test_add_func("/supervisor/start-again", test_start_again);
    g_test_add_func("/supervisor/real-qemu", test_real_qemu);
    g_test_add_func("/supervisor/real-qemu-refuses", test_real_qemu_refuses);
    return g_test_run();
}
