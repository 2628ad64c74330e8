#include "util/error.h"
#include "util/process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_not_there(void)
{
    static const char *const argv[] = { "/nonexistent/program", NULL };
    ProcessRun run = { .argv = argv };
    g_auto(ProcessOutput) output = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_false(process_run(&run, &output, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_cmpstr(error->message, ==, "cannot run '/nonexistent/program': No such file or directory");
    g_assert_null(output.out);
}

static gboolean
count_gate(pid_t pid, gpointer data, GError **error)
{
    ++*(int *)data;
    g_assert_cmpuint(process_start_time(pid), >, 0);
    return TRUE;
}

static gboolean
refuse_gate(pid_t pid, gpointer data, GError **error)
{
    *(pid_t *)data = pid;
    return hv_throw(error, HV_ERR_OPERATION_FAILED, "called off");
}

static void
test_gate(void)
{
    static const char *const missing[] = { "/nonexistent/program", NULL }, *const argv[] = { "/bin/true", NULL };
    ProcessSpec spec = { .argv = missing };
    g_autoptr(GError) error = NULL;
    pid_t pid = -1, refused = 0;
    int calls = 0, status;

    g_assert_false(process_spawn_gated(&spec, count_gate, &calls, &pid, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_cmpint(pid, ==, -1);
    g_clear_error(&error);
    spec.argv = argv;
    g_assert_false(process_spawn_gated(&spec, refuse_gate, &refused, &pid, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_FAILED);
    g_assert_cmpuint(process_start_time(refused), ==, 0);
    g_clear_error(&error);
    g_assert_true(process_spawn_gated(&spec, count_gate, &calls, &pid, &error));
    g_assert_cmpint(calls, ==, 2);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

static void
test_bad_descriptors(void)
{
    static const char *const argv[] = { "/bin/true", NULL };
    static const ProcessFd twice[] = { { 0, 5 }, { 1, 5 } }, high[] = { { 0, PROCESS_MAX_TARGET } }, closed[] = { { 999, 5 } };
    static const struct {
        const ProcessFd *fds;
        gsize n;
    } bad[] = { { twice, 2 }, { high, 1 }, { closed, 1 } };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        ProcessSpec spec = { .argv = argv, .fds = bad[i].fds, .n_fds = bad[i].n };
        g_autoptr(GError) error = NULL;
        pid_t pid = -7;

        g_assert_false(process_spawn(&spec, &pid, &error));
        g_assert_nonnull(error);
        g_assert_cmpint(pid, ==, -7);
    }
}

static void
test_timeout(void)
{
    static const char *const argv[] = { "sleep", "60", NULL };
    ProcessRun run = { .argv = argv, .timeout_ms = 50 };
    g_auto(ProcessOutput) output = { 0 };
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();

    g_assert_false(process_run(&run, &output, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 30 * G_USEC_PER_SEC);
}

/* What a program leaves behind may hold its output open for ever. */
static void
test_left_behind(void)
{
    static const char *const argv[] = { "sh", "-c", "sleep 60 & echo $!", NULL };
    ProcessRun run = { .argv = argv, .timeout_ms = 20000 };
    g_auto(ProcessOutput) output = { 0 };
    gint64 start = g_get_monotonic_time();

    g_assert_true(process_run(&run, &output, NULL));
    g_assert_cmpint(g_get_monotonic_time() - start, <, 15 * G_USEC_PER_SEC);
    kill((pid_t)g_ascii_strtoll(output.out, NULL, 10), SIGKILL);
}

static void
test_output(void)
{
    static const char *const argv[] = { "sh", "-c", "cat; echo problem >&2; exit 3", NULL };
    static const char *const dies[] = { "sh", "-c", "kill -9 $$", NULL };
    ProcessRun run = { .argv = argv, .input = "some\0bytes", .input_length = 10 };
    g_auto(ProcessOutput) output = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(process_run(&run, &output, NULL));
    g_assert_cmpint(output.exit_status, ==, 3);
    g_assert_cmpmem(output.out, output.out_length, "some\0bytes", 10);
    g_assert_cmpstr(output.err, ==, "problem\n");
    g_assert_false(output.truncated);
    process_output_clear(&output);

    g_assert_false(process_run_checked(&run, &output, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr(error->message, "'sh' failed: problem"));

    run = (ProcessRun){ .argv = dies };
    g_assert_true(process_run(&run, &output, NULL));
    g_assert_cmpint(output.exit_status, ==, 128 + SIGKILL);
}

static void
test_output_bounded(void)
{
    static const char *const argv[] = { "head", "-c", "3000000", "/dev/zero", NULL };
    ProcessRun run = { .argv = argv, .max_output = 1000 };
    g_auto(ProcessOutput) output = { 0 };

    g_assert_true(process_run(&run, &output, NULL));
    g_assert_cmpint(output.exit_status, ==, 0);
    g_assert_cmpuint(output.out_length, ==, 1000);
    g_assert_true(output.truncated);
}

/* The numbers may overlap those that the descriptors have here; nothing else gets through. */
static void
test_descriptors(void)
{
    /* No pipeline: the shell has its pipes open for a moment. */
    static const char *const argv[] = { "sh", "-c", "ls /proc/$$/fd; cat <&3; cat <&4; cat <&9", NULL };
    int pipes[3][2], leaked = fcntl(0, F_DUPFD, 100);
    g_auto(ProcessOutput) output = { 0 };
    ProcessFd fds[3];

    for (int i = 0; i < 3; i++) {
        char letter = (char)('a' + i);

        g_assert_cmpint(pipe2(pipes[i], O_CLOEXEC), ==, 0);
        g_assert_cmpint(write(pipes[i][1], &letter, 1), ==, 1);
        close(pipes[i][1]);
    }
    fds[0] = (ProcessFd){ pipes[0][0], 4 };
    fds[1] = (ProcessFd){ pipes[1][0], 3 };
    fds[2] = (ProcessFd){ pipes[2][0], 9 };
    g_assert_true(process_run(&(ProcessRun){ .argv = argv, .fds = fds, .n_fds = 3 }, &output, NULL));
    g_assert_true(g_str_has_prefix(output.out, "0\n1\n2\n3\n4\n9\n"));
    g_assert_true(g_str_has_suffix(output.out, "bac"));
    for (int i = 0; i < 3; i++)
        close(pipes[i][0]);
    close(leaked);
}

static void
test_environment(void)
{
    static const char *const argv[] = { "sh", "-c", "echo $A-$PWD", NULL }, *const env[] = { "A=b", NULL };
    g_auto(ProcessOutput) output = { 0 };

    g_assert_true(process_run(&(ProcessRun){ .argv = argv, .env = env, .cwd = "/usr" }, &output, NULL));
    g_assert_cmpstr(output.out, ==, "b-/usr\n");
}

static void
test_identity(void)
{
    static const char *const argv[] = { "sleep", "60", NULL };
    ProcessSpec spec = { .argv = argv };
    guint64 start;
    pid_t pid;
    int fd;

    g_assert_cmpuint(process_start_time(0), ==, 0);
    g_assert_cmpuint(process_start_time(-1), ==, 0);
    g_assert_false(process_alive(G_MAXINT32, 1));
    g_assert_false(process_alive(getpid(), 0));
    g_assert_false(process_alive(getpid(), process_start_time(getpid()) + 1));
    g_assert_true(process_alive(getpid(), process_start_time(getpid())));
    g_assert_cmpint(process_pidfd(getpid(), 1), ==, -1);

    g_assert_true(process_spawn(&spec, &pid, NULL));
    start = process_start_time(pid);
    g_assert_true(process_alive(pid, start));
    g_assert_false(process_wait_exit(pid, start, 20));
    fd = process_pidfd(pid, start);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    /* Another process of that number is left alone. */
    g_assert_true(process_kill(pid, start + 1, SIGKILL, NULL));
    g_assert_true(process_alive(pid, start));
    g_assert_true(process_kill(pid, start, SIGKILL, NULL));
    g_assert_true(process_wait_exit(pid, start, 20000));
    g_assert_false(process_alive(pid, start));
    waitpid(pid, NULL, 0);
    g_assert_true(process_wait_exit(pid, start, 0));
    g_assert_true(process_kill(pid, start, SIGKILL, NULL));
}

static void
test_reap(void)
{
    const char *const quick[] = { "sh", "-c", "exit 7", NULL }, *const slow[] = { "sleep", "1000", NULL };
    ProcessSpec spec = { .argv = quick };
    gint64 begun = g_get_monotonic_time();
    int status;
    pid_t pid;

    g_assert_true(process_spawn(&spec, &pid, NULL));
    g_assert_true(process_reap(pid, 20000, &status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 7);
    spec.argv = slow;
    g_assert_true(process_spawn(&spec, &pid, NULL));
    g_assert_false(process_reap(pid, 20, &status));
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(waitpid(pid, NULL, WNOHANG), ==, -1);
    g_assert_cmpint(g_get_monotonic_time() - begun, <, 20 * G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/process/not-there", test_not_there);
    g_test_add_func("/process/gate", test_gate);
    g_test_add_func("/process/bad-descriptors", test_bad_descriptors);
    g_test_add_func("/process/timeout", test_timeout);
    g_test_add_func("/process/reap", test_reap);
    g_test_add_func("/process/left-behind", test_left_behind);
    g_test_add_func("/process/output", test_output);
    g_test_add_func("/process/output-bounded", test_output_bounded);
    g_test_add_func("/process/descriptors", test_descriptors);
    g_test_add_func("/process/environment", test_environment);
    g_test_add_func("/process/identity", test_identity);
    return g_test_run();
}
