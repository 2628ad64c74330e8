#include "supervisor/journal.h"
#include "supervisor/launch.h"
#include "supervisor/status.h"
#include "util/error.h"
#include "util/process.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOOD "hvsh-status 1\nid=3\npid=10\npid-start=20\nstate=1\nreason=5\n"

static void
test_bad_status(void)
{
    static const char *const bad[] = {
        "", "\n", "hvsh-status 1", "hvsh-status 2\n", "hvsh-status 1\n", "rubbish",
        "hvsh-status 1\nid=3\npid=10\npid-start=20\nstate=1\n",
        GOOD "since=1", GOOD "noequals\n", GOOD "since=\n", GOOD "since=1x\n", GOOD "since=-1\n", GOOD "state=8\n",
        GOOD "state=99999999999999999999\n", GOOD "pid=4294967296\n", GOOD "reboot=2\n", GOOD "\n",
        GOOD "uuid=1111111111111111111111111111111111111\n",
    };
    g_autofree char *large = g_strnfill(STATUS_MAX_SIZE + 1, '\n');
    g_autoptr(GError) error = NULL;
    RunStatus status = { .id = 77 };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        if (status_parse(bad[i], strlen(bad[i]), &status, &error))
            g_error("accepted: '%s'", bad[i]);
        g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        g_assert_cmpint(status.id, ==, 77);
        g_clear_error(&error);
    }
    g_assert_false(status_parse(large, STATUS_MAX_SIZE + 1, &status, &error));
    g_clear_error(&error);
    g_assert_false(status_parse(GOOD "uuid=a\0b\n", strlen(GOOD) + 9, &status, &error));
    g_assert_cmpint(status.id, ==, 77);
}

static void
test_status_round_trip(void)
{
    RunStatus status = { .id = 3, .uuid = "11111111-2222-3333-4444-555555555555", .pid = 10, .pid_start = 20, .state = STATE_PAUSED,
                         .reason = PAUSED_USER, .since = 1700000000123, .supervisor_pid = 9, .supervisor_start = 19, .reboot = TRUE };
    g_autofree char *text = status_format(&status), *longer = g_strconcat(text, "later-key=something\n", NULL);
    g_autofree char *again = NULL;
    RunStatus read = { 0 };

    g_assert_true(status_parse(longer, strlen(longer), &read, NULL));
    again = status_format(&read);
    g_assert_cmpstr(text, ==, again);
}

static void
test_status_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("hvsh-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "status", NULL);
    RunStatus status = { .id = 3, .pid = getpid(), .pid_start = 1, .state = STATE_RUNNING }, read = { 0 };
    g_autoptr(GError) error = NULL;
    gboolean missing = FALSE;

    g_assert_false(status_read(AT_FDCWD, path, &read, &missing, &error));
    g_assert_no_error(error);
    g_assert_true(missing);
    g_assert_false(status_read(AT_FDCWD, path, &read, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_clear_error(&error);
    g_assert_true(status_write(AT_FDCWD, path, &status, NULL));
    g_assert_true(status_read(AT_FDCWD, path, &read, &missing, NULL));
    g_assert_cmpint(read.id, ==, 3);
    g_assert_false(status_running(&read));
    g_assert_true(g_file_set_contents(path, "damaged", -1, NULL));
    g_assert_false(status_read(AT_FDCWD, path, &read, &missing, &error));
    g_assert_false(missing);
    g_assert_nonnull(strstr(error->message, path));
    g_unlink(path);
    g_clear_error(&error);
    g_assert_false(status_write(AT_FDCWD, "/nonexistent/status", &status, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_rmdir(dir);
}

#define LAUNCH(more) \
    "{\"version\":1,\"name\":\"web\",\"uuid\":\"u\",\"id\":1,\"argv\":[\"/bin/q\"],\"run_dir\":\"/r\",\"start\":\"hold\"," \
    "\"monitor_fd\":30" more "}"

static void
test_bad_launch(void)
{
    static const struct {
        const char *text;
        const char *names;
    } bad[] = {
        { "[]", "object" },
        { "{}", "version" },
        { "{\"version\":2}", "version" },
        { "{\"version\":1}", "'name'" },
        { LAUNCH(",\"fds\":[1]"), "'fds'" },
        { LAUNCH(",\"fds\":[99999]"), "'fds'" },
        { LAUNCH(",\"env\":[1]"), "'env'" },
        { LAUNCH(",\"log\":7"), "'log'" },
        { LAUNCH(",\"log\":\"a\\u0000b\""), "'log'" },
        { LAUNCH(",\"on_crash\":\"dance\""), "'on_crash'" },
        { LAUNCH(",\"handshake_ms\":0"), "'handshake_ms'" },
        { LAUNCH(",\"owner\":{\"pid\":-1,\"start\":1}"), "'owner'" },
        { LAUNCH(",\"owner\":{\"pid\":1}"), "'owner'" },
        { LAUNCH(",\"release\":{\"taps\":\"vnet0\"}"), "'taps'" },
        { LAUNCH(",\"release\":{\"hooks\":[[]]}"), "'hooks'" },
        { LAUNCH(",\"release\":{\"trees\":[1]}"), "'trees'" },
        { LAUNCH(",\"helpers\":{}"), "'helpers'" },
        { LAUNCH(",\"helpers\":[7]"), "'name'" },
        { LAUNCH(",\"helpers\":[{\"name\":\"n\",\"argv\":[\"/h\"]}]"), "'alias'" },
        { LAUNCH(",\"helpers\":[{\"name\":\"n\",\"alias\":\"a\",\"argv\":[]}]"), "'argv'" },
        { LAUNCH(",\"helpers\":[{\"name\":\"n\",\"alias\":\"a\",\"argv\":[\"h\"]}]"), "'helpers'" },
        { LAUNCH(",\"helpers\":[{\"name\":\"n\",\"alias\":\"a\",\"argv\":[\"/h\"],\"fds\":[2]}]"), "'helpers'" },
        { LAUNCH(",\"helpers\":[{\"name\":\"n\",\"alias\":\"a\",\"argv\":[\"/h\"],\"pid\":1,\"start\":1}]"), "'helpers'" },
        { LAUNCH(",\"helpers\":[{\"name\":\"n\",\"alias\":\"a\",\"argv\":[\"/h\"],\"pid\":9}]"), "'helpers'" },
        { "{\"version\":1,\"name\":\"web\",\"uuid\":\"u\",\"argv\":[\"/bin/q\"],\"run_dir\":\"r\",\"start\":\"hold\",\"monitor_fd\":30}",
          "'run_dir'" },
        { "{\"version\":1,\"name\":\"web\",\"uuid\":\"u\",\"argv\":[\"q\"],\"run_dir\":\"/r\",\"start\":\"hold\",\"monitor_fd\":30}",
          "'argv'" },
        { "{\"version\":1,\"name\":\"web\",\"uuid\":\"u\",\"argv\":[],\"run_dir\":\"/r\",\"start\":\"hold\",\"monitor_fd\":30}",
          "'argv'" },
        { "{\"version\":1,\"name\":\"web\",\"uuid\":\"u\",\"argv\":[\"/q\"],\"run_dir\":\"/r\",\"start\":\"now\",\"monitor_fd\":30}",
          "'start'" },
        { "{\"version\":1,\"name\":\"web\",\"uuid\":\"u\",\"argv\":[\"/q\"],\"run_dir\":\"/r\",\"start\":\"hold\"}", "'monitor_fd'" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        json_t *json = json_loads(bad[i].text, JSON_ALLOW_NUL, NULL);
        g_autoptr(GError) error = NULL;

        g_assert_nonnull(json);
        if (launch_from_json(json, &error))
            g_error("accepted: %s", bad[i].text);
        g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        if (!strstr(error->message, bad[i].names))
            g_error("'%s' does not name %s", error->message, bad[i].names);
        json_decref(json);
    }
}

static void
test_launch_round_trip(void)
{
    g_autoptr(SupervisorLaunch) launch = launch_new("n\xff\xfe", "u", 4), again = NULL;
    json_t *json, *second, *more = json_pack("{s:[s,s], s:[[s,s]]}", "files", "/a", "/b", "hooks", "/h", "x");
    char *first_text, *second_text;
    g_autoptr(GArray) all = NULL;
    LaunchHelper *helper;

    launch->argv = g_strsplit("/bin/q -drive file=\xc3\xa4\xff", " ", -1);
    launch->env = g_strsplit("A=1 B=\xff", " ", -1);
    launch->run_dir = g_strdup("/run/n\xff");
    launch->monitor_fd = 30;
    launch->start = LAUNCH_START_PAUSED;
    launch->on_crash = LAUNCH_ACTION_PRESERVE;
    launch->owner_pid = 5;
    launch->owner_start = 6;
    launch_add_fd(launch, 9, 40);
    g_ptr_array_add(launch->release.taps, g_strdup("vnet0"));
    launch_add_file(launch, "/a");
    g_ptr_array_add(launch->release.trees, g_strdup("/t"));
    launch->definition = g_strdup("/d.xml");
    helper = launch_add_helper(launch, "swtpm", "tpm0", (const char *const[]){ "/bin/swtpm", "socket", NULL }, "/l");
    launch_helper_add_fd(helper, 7, 3);
    helper->pid = 100;
    helper->pid_start = 77;
    json = launch_to_json(launch);
    again = launch_from_json(json, NULL);
    g_assert_nonnull(again);
    g_assert_cmpstr(again->argv[2], ==, "file=\xc3\xa4\xff");
    g_assert_cmpstr(again->name, ==, "n\xff\xfe");
    g_assert_cmpint(g_array_index(again->fds, LaunchFd, 0).fd, ==, -1);
    g_assert_false(launch_set_fds(again, (const int[]){ 50 }, 1, NULL));
    g_assert_true(launch_set_fds(again, (const int[]){ 50, 60 }, 2, NULL));
    g_assert_cmpint(g_array_index(again->fds, LaunchFd, 0).fd, ==, 50);
    helper = g_ptr_array_index(again->helpers, 0);
    g_assert_cmpint(helper->pid_start, ==, 77);
    g_assert_cmpint(g_array_index(helper->fds, LaunchFd, 0).fd, ==, 60);
    all = launch_all_fds(again);
    g_assert_cmpint(all->len, ==, 2);
    g_assert_cmpint(g_array_index(all, LaunchFd, 1).target, ==, 3);
    second = launch_to_json(again);
    first_text = json_dumps(json, JSON_COMPACT);
    second_text = json_dumps(second, JSON_COMPACT);
    g_assert_cmpstr(first_text, ==, second_text);
    free(first_text);
    free(second_text);
    json_decref(json);
    json_decref(second);

    g_assert_true(launch_release_add(&again->release, more, NULL));
    g_assert_cmpint(again->release.files->len, ==, 2);
    g_assert_cmpint(again->release.hooks->len, ==, 1);
    g_assert_true(launch_release_remove(&again->release, more, NULL));
    g_assert_cmpint(again->release.files->len + again->release.hooks->len, ==, 0);
    json_decref(more);
}

/* What lies in a runtime folder may be anything. */
static void
test_launch_file(void)
{
    static const char good[] = LAUNCH("");
    static const struct {
        const char *text;
        const char *says;
    } bad[] = {
        { "", "line 1" },
        { "{\"version\":1", "line 1" },
        { "[]", "launch description: " },
        { "{\"version\":1,\"version\":1}", "duplicate" },
    };
    g_autofree char *dir = g_dir_make_tmp("hvsh-test-XXXXXX", NULL), *path = g_build_filename(dir, LAUNCH_FILE, NULL);
    hv_autofd int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(SupervisorLaunch) launch = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_null(launch_read(dir_fd, dir, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_nonnull(strstr(error->message, path));
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_clear_error(&error);
        g_assert_true(g_file_set_contents(path, bad[i].text, -1, NULL));
        g_assert_null(launch_read(dir_fd, dir, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        if (!strstr(error->message, bad[i].says))
            g_error("'%s' does not say '%s'", error->message, bad[i].says);
    }
    g_assert_true(g_file_set_contents(path, good, -1, NULL));
    launch = launch_read(dir_fd, dir, NULL);
    g_assert_nonnull(launch);
    g_assert_cmpstr(launch->name, ==, "web");

    /* It would be good JSON if it were read. */
    g_clear_error(&error);
    {
        g_autofree char *blanks = g_strnfill(LAUNCH_FILE_MAX_SIZE + 1, ' ');
        hv_autofd int fd = -1;

        g_assert_true(g_file_set_contents(path, blanks, LAUNCH_FILE_MAX_SIZE + 1, NULL));
        fd = open(path, O_WRONLY | O_CLOEXEC);
        g_assert_cmpint(write(fd, good, strlen(good)), ==, strlen(good));
    }
    g_assert_null(launch_read(dir_fd, dir, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_unlink(path);

    /* Nobody ever writes to it. */
    g_clear_error(&error);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_null(launch_read(dir_fd, dir, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_unlink(path);
    g_rmdir(dir);
}

static gboolean
add_seq(guint64 seq, json_t *entry, gpointer data)
{
    g_string_append_printf(data, "%" G_GUINT64_FORMAT " ", seq);
    return seq != 100;
}

static void
test_journal(void)
{
    g_autofree char *dir = g_dir_make_tmp("hvsh-test-XXXXXX", NULL);
    g_autofree char *old = g_build_filename(dir, JOURNAL_OLD_FILE, NULL), *current = g_build_filename(dir, JOURNAL_FILE, NULL);
    g_autoptr(GString) seen = g_string_new(NULL);

    g_assert_true(journal_read(dir, 0, add_seq, seen, NULL));
    g_assert_cmpstr(seen->str, ==, "");
    g_assert_true(g_file_set_contents(old, "{\"seq\":1}\n{\"seq\":2}\n", -1, NULL));
    g_assert_true(g_file_set_contents(current, "{\"seq\":3}\nrub\xff\n\n[]\n{\"seq\":\"x\"}\n{\"seq\":2}\n{\"seq\":4}\n{\"seq\":5}", -1, NULL));
    g_assert_true(journal_read(dir, 1, add_seq, seen, NULL));
    g_assert_cmpstr(seen->str, ==, "2 3 4 ");
    g_string_truncate(seen, 0);
    g_assert_true(g_file_set_contents(current, "{\"seq\":100}\n{\"seq\":101}\n", -1, NULL));
    g_assert_true(journal_read(dir, 50, add_seq, seen, NULL));
    g_assert_cmpstr(seen->str, ==, "100 ");
    g_unlink(old);
    g_unlink(current);
    g_rmdir(dir);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/status/bad", test_bad_status);
    g_test_add_func("/status/round-trip", test_status_round_trip);
    g_test_add_func("/status/file", test_status_file);
    g_test_add_func("/launch/bad", test_bad_launch);
    g_test_add_func("/launch/round-trip", test_launch_round_trip);
    g_test_add_func("/launch/file", test_launch_file);
    g_test_add_func("/journal/read", test_journal);
    return g_test_run();
}
