/* The programs beside a QEMU, as its supervisor runs them. */
#include "supervisor-fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/unix-socket.h"

/* Adds a shell with that script, whose log is ROOT/helper.log. */
static LaunchHelper *
add_helper(Fixture *fixture, const char *script)
{
    g_autofree char *log = g_build_filename(fixture->root, "helper.log", NULL);

    return launch_add_helper(fixture->launch, "toy", "tpm0", (const char *const[]){ "/bin/sh", "-c", script, NULL }, log);
}

static char *
read_file(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text ? text : g_strdup("");
}

/* A process by the number in ROOT/@name, which may not be whole yet. */
static pid_t
process_in(Fixture *fixture, const char *name)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * 1000;

    for (;;) {
        g_autofree char *text = read_file(fixture->root, name);

        if (strchr(text, '\n'))
            return (pid_t)g_ascii_strtoll(text, NULL, 10);
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
}

static void
assert_gone(pid_t pid)
{
    g_assert_true(process_wait_exit(pid, process_start_time(pid), WAIT_MS));
}

static void
await_log(Fixture *fixture, const char *words)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * 1000;

    for (;;) {
        g_autofree char *log = fixture_log(fixture);

        if (strstr(log, words))
            return;
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
}

static void
assert_start_fails(Fixture *fixture, int code, const char *pattern)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(fixture_try_start(fixture, &fixture->ready, &error));
    g_assert_error(error, HV_ERROR, code);
    if (!g_pattern_match_simple(pattern, error->message))
        g_error("'%s' does not match '%s'", error->message, pattern);
    await_path(fixture->run_dir, FALSE);
}

/* It runs before QEMU does, its output is kept, and it ends with QEMU, and so does what it has started itself. */
static void
test_life(void)
{
    g_autofree char *words = NULL, *script = NULL;
    Fixture fixture;
    pid_t toy, child;

    fixture_init(&fixture, "");
    script = g_strdup_printf("cd %s; echo hello; sleep 1000 & echo $! >child; echo $$ >pid; wait", fixture.root);
    add_helper(&fixture, script);
    fixture_start(&fixture);
    toy = process_in(&fixture, "pid");
    child = process_in(&fixture, "child");
    g_assert_cmpint(getsid(toy), ==, toy);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    assert_gone(toy);
    assert_gone(child);
    words = read_file(fixture.root, "helper.log");
    g_assert_cmpstr(words, ==, "hello\n");
    fixture_clear(&fixture);
}

/* What it does when it is told to end does not matter. */
static void
test_ignores_term(void)
{
    g_autofree char *script = NULL;
    Fixture fixture;
    pid_t toy;

    fixture_init(&fixture, "");
    script = g_strdup_printf("trap '' TERM; echo $$ >%s/pid; while :; do sleep 1; done", fixture.root);
    add_helper(&fixture, script);
    fixture_start(&fixture);
    toy = process_in(&fixture, "pid");
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    assert_gone(toy);
    await_log(&fixture, "toy of tpm0 did not end within");
    fixture_clear(&fixture);
}

static void
test_fails(void)
{
    static const struct {
        const char *script, *part, *pattern;
        int code;
    } cases[] = {
        { "echo 'no key' >&2; exit 3", "stall-greeting", "operation failed: toy died unexpectedly: no key", HV_ERR_OPERATION_FAILED },
        { "exit 3", "stall-greeting", "operation failed: toy died unexpectedly: exit status 3", HV_ERR_OPERATION_FAILED },
        { "kill -9 $$", "stall-greeting", "operation failed: toy died unexpectedly: killed by signal 9*", HV_ERR_OPERATION_FAILED },
        /* QEMU notices first. */
        { "echo cause; exit 1", "die-at-once effect", "operation failed: toy died unexpectedly: cause", HV_ERR_OPERATION_FAILED },
        { "exec sleep 1000", "die-at-once own fault", "*exited while connecting to monitor: own fault", HV_ERR_INTERNAL_ERROR },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture fixture;

        fixture_init(&fixture, cases[i].part);
        add_helper(&fixture, cases[i].script);
        assert_start_fails(&fixture, cases[i].code, cases[i].pattern);
        fixture_clear(&fixture);
    }
}

static void
test_not_there(void)
{
    Fixture fixture;

    fixture_init(&fixture, "");
    launch_add_helper(fixture.launch, "toy", "tpm0", (const char *const[]){ "/nonexistent/toy", NULL }, NULL);
    assert_start_fails(&fixture, HV_ERR_SYSTEM_ERROR,
                       "Could not start 'toy': cannot run '/nonexistent/toy': No such file or directory");
    fixture_clear(&fixture);
}

/* The first of two is ended when the second cannot be started. */
static void
test_second_fails(void)
{
    g_autofree char *script = NULL;
    Fixture fixture;

    fixture_init(&fixture, "");
    script = g_strdup_printf("echo $$ >%s/pid; exec sleep 1000", fixture.root);
    add_helper(&fixture, script);
    launch_add_helper(fixture.launch, "other", "tpm1", (const char *const[]){ "/nonexistent/other", NULL }, NULL);
    assert_start_fails(&fixture, HV_ERR_SYSTEM_ERROR, "Could not start 'other'*");
    if (g_file_test(fixture.root, G_FILE_TEST_IS_DIR)) {
        g_autofree char *path = g_build_filename(fixture.root, "pid", NULL);

        if (access(path, F_OK) == 0)
            assert_gone(process_in(&fixture, "pid"));
    }
    fixture_clear(&fixture);
}

/* It has its listening socket and takes no connection: QEMU, which waits for it, is not the cause. */
static void
test_takes_no_connection(void)
{
    g_autofree char *path = NULL;
    LaunchHelper *helper;
    int dir_fd, listener, connection;
    Fixture fixture;

    fixture_init(&fixture, "stall-greeting");
    fixture.launch->handshake_ms = 300;
    dir_fd = open(fixture.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    listener = unix_socket_listen(dir_fd, fixture.root, "toy.sock", NULL);
    g_assert_cmpint(listener, >=, 0);
    path = g_build_filename(fixture.root, "toy.sock", NULL);
    connection = unix_socket_connect(path, NULL);
    g_assert_cmpint(connection, >=, 0);
    helper = add_helper(&fixture, "exec sleep 1000");
    launch_helper_add_fd(helper, listener, 3);
    assert_start_fails(&fixture, HV_ERR_OPERATION_TIMEOUT, "*toy (process *) does not take QEMU's connection");
    close(connection);
    close(listener);
    close(dir_fd);
    fixture_clear(&fixture);
}

/* The descriptors come where they belong, and nothing else does. */
static void
test_descriptors(void)
{
    g_autofree char *script = NULL, *numbers = NULL;
    LaunchHelper *helper;
    Fixture fixture;
    int pair[2];

    fixture_init(&fixture, "");
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    script = g_strdup_printf("cd %s; ls -1 /proc/$$/fd | tr '\\n' ' ' >numbers; echo hi >&7; echo $$ >pid; exec sleep 1000",
                             fixture.root);
    helper = add_helper(&fixture, script);
    launch_helper_add_fd(helper, pair[0], 7);
    launch_add_fd(fixture.launch, pair[1], 40);
    fixture_start(&fixture);
    process_in(&fixture, "pid");
    numbers = read_file(fixture.root, "numbers");
    /* The shell has some of its own while it runs ls. */
    g_assert_true(g_str_has_prefix(numbers, "0 1 2 "));
    g_assert_nonnull(strstr(numbers, " 7 "));
    g_assert_null(strstr(numbers, " 40 "));
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    close(pair[0]);
    close(pair[1]);
    fixture_clear(&fixture);
}

/* One that makes its socket itself is waited for. */
static void
test_own_socket(void)
{
    g_autofree char *script = NULL;
    LaunchHelper *helper;
    Fixture fixture;

    fixture_init(&fixture, "");
    script = g_strdup_printf("exec socat UNIX-LISTEN:%s/own.sock,fork EXEC:true", fixture.root);
    helper = add_helper(&fixture, script);
    helper->socket = g_build_filename(fixture.root, "own.sock", NULL);
    fixture_start(&fixture);
    g_assert_cmpint(access(helper->socket, F_OK), ==, 0);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    fixture_clear(&fixture);

    fixture_init(&fixture, "");
    helper = add_helper(&fixture, "echo no place; exit 1");
    helper->socket = g_build_filename(fixture.root, "own.sock", NULL);
    assert_start_fails(&fixture, HV_ERR_OPERATION_FAILED, "operation failed: toy died unexpectedly: no place");
    fixture_clear(&fixture);
}

/* The guest goes on without it. */
static void
test_dies_later(void)
{
    g_autofree char *script = NULL;
    Fixture fixture;

    fixture_init(&fixture, "");
    script = g_strdup_printf("echo $$ >%s/pid; exec sleep 1000", fixture.root);
    add_helper(&fixture, script);
    fixture_start(&fixture);
    kill(process_in(&fixture, "pid"), SIGKILL);
    await_log(&fixture, "toy of tpm0 is gone (killed by signal 9");
    g_assert_cmpint(fixture_status(&fixture).state, ==, STATE_RUNNING);
    g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
    fixture_clear(&fixture);
}

static void
kill_supervisor(Fixture *fixture)
{
    kill(fixture->ready.supervisor_pid, SIGKILL);
    g_assert_true(process_wait_exit(fixture->ready.supervisor_pid, fixture->ready.supervisor_start, WAIT_MS));
}

/* The supervisor that adopts a QEMU has its helpers too. */
static void
test_adopted(void)
{
    g_autofree char *script = NULL;
    Fixture fixture;
    RunStatus status;
    pid_t toy;

    for (int round = 0; round < 2; round++) {
        fixture_init(&fixture, "");
        g_free(script);
        script = g_strdup_printf("echo $$ >%s/pid; exec sleep 1000", fixture.root);
        add_helper(&fixture, script);
        fixture_start(&fixture);
        toy = process_in(&fixture, "pid");
        kill_supervisor(&fixture);
        g_assert_cmpint(kill(toy, 0), ==, 0);
        g_assert_true(supervisor_ensure(fixture.run_dir, WAIT_MS, &status, NULL));
        if (round == 1) {
            kill(toy, SIGKILL);
            await_log(&fixture, "toy of tpm0 is gone");
        }
        g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
        assert_gone(toy);
        fixture_clear(&fixture);
    }
}

static void
test_both_dead(void)
{
    g_autofree char *script = NULL;
    Fixture fixture;
    pid_t toy;

    fixture_init(&fixture, "");
    script = g_strdup_printf("echo $$ >%s/pid; exec sleep 1000", fixture.root);
    add_helper(&fixture, script);
    fixture_start(&fixture);
    toy = process_in(&fixture, "pid");
    kill_supervisor(&fixture);
    kill(fixture.ready.pid, SIGKILL);
    g_assert_true(process_wait_exit(fixture.ready.pid, fixture.ready.pid_start, WAIT_MS));
    g_assert_true(supervisor_cleanup(fixture.run_dir, 0, NULL, NULL));
    assert_gone(toy);
    fixture_clear(&fixture);
}

/* Folders that belong to a definition go with the guest when there is none. */
static void
test_trees(void)
{
    for (int defined = 0; defined < 2; defined++) {
        g_autofree char *tree = NULL, *inside = NULL;
        Fixture fixture;

        fixture_init(&fixture, "");
        tree = g_build_filename(fixture.root, "tree", NULL);
        inside = g_build_filename(tree, "a", "b", NULL);
        g_assert_cmpint(g_mkdir_with_parents(inside, 0700), ==, 0);
        g_ptr_array_add(fixture.launch->release.trees, g_strdup(tree));
        fixture.launch->definition = g_build_filename(fixture.root, defined ? "tree" : "none.xml", NULL);
        fixture_start(&fixture);
        g_assert_true(supervisor_destroy(fixture.run_dir, FALSE, SHUTOFF_DESTROYED, WAIT_MS, NULL));
        g_assert_cmpint(access(tree, F_OK), ==, defined ? 0 : -1);
        fixture_clear(&fixture);
    }
}

int
main(int argc, char **argv)
{
    fixture_main(&argc, &argv);
    g_test_add_func("/helper/life", test_life);
    g_test_add_func("/helper/ignores-term", test_ignores_term);
    g_test_add_func("/helper/fails", test_fails);
    g_test_add_func("/helper/not-there", test_not_there);
    g_test_add_func("/helper/second-fails", test_second_fails);
    g_test_add_func("/helper/takes-no-connection", test_takes_no_connection);
    g_test_add_func("/helper/descriptors", test_descriptors);
    g_test_add_func("/helper/own-socket", test_own_socket);
    g_test_add_func("/helper/dies-later", test_dies_later);
    g_test_add_func("/helper/adopted", test_adopted);
    g_test_add_func("/helper/both-dead", test_both_dead);
    g_test_add_func("/helper/trees", test_trees);
    return g_test_run();
}
