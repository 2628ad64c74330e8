#include "supervisor-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A start that must fail, and leave nothing. */
static void
assert_start_fails(Fixture *fixture, int code, const char *pattern)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *last = g_strconcat(fixture->run_dir, STATUS_LAST_SUFFIX, NULL);

    g_assert_false(fixture_try_start(fixture, &fixture->ready, &error));
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

/* A supervisor that was not needed after all is gone with its description. */
static void
test_called_off(void)
{
    GError *error = NULL;
    SupervisorStart *start;
    gint64 begun = g_get_monotonic_time();
    pid_t pid;

    /* What leaves its parent becomes a child of this process. */
    g_assert_cmpint(prctl(PR_SET_CHILD_SUBREAPER, 1), ==, 0);
    start = supervisor_start_begin(&error);
    g_assert_no_error(error);
    supervisor_start_free(start);
    while ((pid = waitpid(-1, NULL, WNOHANG)) == 0 && g_get_monotonic_time() - begun < WAIT_MS * 1000)
        g_usleep(1000);
    g_assert_cmpint(pid, >, 0);
    g_assert_cmpint(waitpid(-1, NULL, 0), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
    g_assert_cmpint(prctl(PR_SET_CHILD_SUBREAPER, 0), ==, 0);
}

/* Many descriptors come through, each under the number it was given. */
static void
test_descriptors(void)
{
    enum { COUNT = 60, FIRST_TARGET = 100 };
    Fixture fixture;
    int fds[COUNT];

    fixture_init(&fixture, "");
    for (int i = 0; i < COUNT; i++) {
        g_autofree char *path = g_strdup_printf("%s/passed-%d", fixture.root, i);

        fds[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        g_assert_cmpint(fds[i], >=, 0);
        launch_add_fd(fixture.launch, fds[i], FIRST_TARGET + i);
    }
    fixture_start(&fixture);
    for (int i = 0; i < COUNT; i++) {
        g_autofree char *link = g_strdup_printf("/proc/%d/fd/%d", (int)fixture.ready.pid, FIRST_TARGET + i);
        g_autofree char *kept = g_strdup_printf("/proc/%d/fd", (int)fixture.ready.supervisor_pid);
        g_autofree char *expected = g_strdup_printf("%s/passed-%d", fixture.root, i);
        g_autofree char *there = g_file_read_link(link, NULL);
        g_autoptr(GDir) dir = g_dir_open(kept, 0, NULL);
        const char *name;

        g_assert_cmpstr(there, ==, expected);
        while ((name = g_dir_read_name(dir))) {
            g_autofree char *own = g_build_filename(kept, name, NULL), *target = g_file_read_link(own, NULL);

            g_assert_cmpstr(target, !=, expected);
        }
        close(fds[i]);
    }
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
    g_ptr_array_add(fixture.launch->release.hooks, g_strdupv((char *[]){ (char *)"touch", hooked, NULL }));
    g_ptr_array_add(fixture.launch->release.hooks, g_strdupv((char *[]){ (char *)"/nonexistent/hook", NULL }));
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
test_graceful_destroy(void)
{
    g_autoptr(GError) error = NULL;
    Fixture fixture;

    fixture_init(&fixture, "ignore-term");
    fixture.launch->term_ms = 100;
    fixture_start(&fixture);
    g_assert_false(supervisor_destroy(fixture.run_dir, TRUE, SHUTOFF_DESTROYED, WAIT_MS, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_nonnull(strstr(error->message, "Failed to terminate process"));
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
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
    fixture_main(&argc, &argv);
    g_test_add_func("/supervisor/dies-at-once", test_dies_at_once);
    g_test_add_func("/supervisor/not-there", test_not_there);
    g_test_add_func("/supervisor/stalls", test_stalls);
    g_test_add_func("/supervisor/rubbish", test_rubbish);
    g_test_add_func("/supervisor/refuses-to-run", test_refuses_to_run);
    g_test_add_func("/supervisor/dies-at-cont", test_dies_at_cont);
    g_test_add_func("/supervisor/bad-description", test_bad_description);
    g_test_add_func("/supervisor/start-and-destroy", test_start_and_destroy);
    g_test_add_func("/supervisor/called-off", test_called_off);
    g_test_add_func("/supervisor/descriptors", test_descriptors);
    g_test_add_func("/supervisor/private", test_private);
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
    g_test_add_func("/supervisor/graceful-destroy", test_graceful_destroy);
    g_test_add_func("/supervisor/real-qemu-refuses", test_real_qemu_refuses);
    return g_test_run();
}
