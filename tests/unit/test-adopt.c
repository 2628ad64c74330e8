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
    g_assert_true(supervisor_cleanup(fixture.run_dir, 0, NULL, NULL));
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
    g_assert_true(supervisor_cleanup(fixture.run_dir, 0, NULL, NULL));
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
    g_assert_true(supervisor_set_reboot(fixture.run_dir, FALSE, WAIT_MS, NULL));

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
    g_assert_false(fixture_try_start(&fixture, &ready, &error));
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

int
main(int argc, char **argv)
{
    fixture_main(&argc, &argv);
    g_test_add_func("/adopt/adopt", test_adopt);
    g_test_add_func("/adopt/adopt-race", test_adopt_race);
    g_test_add_func("/adopt/both-dead", test_both_dead);
    g_test_add_func("/adopt/folder-wiped", test_folder_wiped);
    g_test_add_func("/adopt/long-path", test_long_path);
    g_test_add_func("/adopt/start-twice", test_start_twice);
    g_test_add_func("/adopt/start-again", test_start_again);
    g_test_add_func("/adopt/real-qemu", test_real_qemu);
    return g_test_run();
}
