#include "supervisor-fixture.h"

#include "util/files.h"
#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UUID "11111111-2222-3333-4444-555555555555"
#define MONITOR_TARGET 30
#define REAL_QEMU "/usr/bin/qemu-system-x86_64"

void
fixture_init(Fixture *fixture, const char *script)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    GError *error = NULL;

    memset(fixture, 0, sizeof *fixture);
    fixture->root = g_dir_make_tmp("hvsh-test-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->run_dir = g_build_filename(fixture->root, "run", "qemu", "web", NULL);
    fixture->log = g_build_filename(fixture->root, "web.log", NULL);
    fixture->launch = launch_new("web", UUID, 7);
    fixture->launch->run_dir = g_strdup(fixture->run_dir);
    fixture->launch->log_path = g_strdup(fixture->log);
    fixture->launch->monitor_fd = MONITOR_TARGET;

    g_ptr_array_add(argv, script ? g_test_build_filename(G_TEST_BUILT, "fake-qemu", NULL) : g_strdup(REAL_QEMU));
    for (const char *const *option = (const char *const[]){
             "-name", "guest=web", "-S", "-no-shutdown", "-nodefaults", "-display", "none", "-machine", "q35,accel=tcg", "-m", "64",
             "-chardev", "socket,id=charmonitor,fd=30,server=on,wait=off", "-mon", "chardev=charmonitor,id=monitor,mode=control",
             NULL }; *option; option++)
        g_ptr_array_add(argv, g_strdup(*option));
    g_ptr_array_add(argv, NULL);
    fixture->launch->argv = (char **)g_ptr_array_steal(argv, NULL);
    if (script)
        fixture->launch->env = g_environ_setenv(g_get_environ(), "HVSH_FAKE_QEMU", script, TRUE);
}

void
fixture_clear(Fixture *fixture)
{
    g_autofree char *path = g_build_filename(fixture->run_dir, STATUS_FILE, NULL), *log = NULL;
    RunStatus status;
    gboolean missing;

    if (status_read(AT_FDCWD, path, &status, &missing, NULL)) {
        process_kill(status.pid, status.pid_start, SIGKILL, NULL);
        process_wait_exit(status.pid, status.pid_start, WAIT_MS);
        process_wait_exit(status.supervisor_pid, status.supervisor_start, WAIT_MS);
    }
    process_kill(fixture->ready.pid, fixture->ready.pid_start, SIGKILL, NULL);
    g_assert_true(process_wait_exit(fixture->ready.supervisor_pid, fixture->ready.supervisor_start, WAIT_MS));
    log = fixture_log(fixture);
    if (strstr(log, "Sanitizer") || strstr(log, "runtime error") || strstr(log, "CRITICAL"))
        g_error("the supervisor complained: %s", log);
    g_assert_true(file_remove_tree(AT_FDCWD, fixture->root, NULL));
    launch_free(fixture->launch);
    g_free(fixture->root);
    g_free(fixture->run_dir);
    g_free(fixture->log);
}

gboolean
fixture_try_start(Fixture *fixture, SupervisorReady *ready, GError **error)
{
    g_autoptr(SupervisorStart) start = supervisor_start_begin(error);

    return start && supervisor_start_finish(start, fixture->launch, WAIT_MS, ready, error);
}

void
fixture_start(Fixture *fixture)
{
    GError *error = NULL;

    if (!fixture_try_start(fixture, &fixture->ready, &error))
        g_assert_no_error(error);
    g_assert_true(process_alive(fixture->ready.pid, fixture->ready.pid_start));
    g_assert_true(process_alive(fixture->ready.supervisor_pid, fixture->ready.supervisor_start));
}

RunStatus
fixture_status(Fixture *fixture)
{
    g_autofree char *path = g_build_filename(fixture->run_dir, STATUS_FILE, NULL);
    GError *error = NULL;
    RunStatus status;

    if (!status_read(AT_FDCWD, path, &status, NULL, &error))
        g_assert_no_error(error);
    return status;
}

RunStatus
fixture_last(Fixture *fixture)
{
    g_autofree char *path = g_strconcat(fixture->run_dir, STATUS_LAST_SUFFIX, NULL);
    GError *error = NULL;
    RunStatus status;

    if (!status_read(AT_FDCWD, path, &status, NULL, &error))
        g_assert_no_error(error);
    return status;
}

char *
fixture_log(Fixture *fixture)
{
    char *text = NULL;

    return g_file_get_contents(fixture->log, &text, NULL, NULL) ? text : g_strdup("");
}

void
fixture_await(Fixture *fixture, int state)
{
    g_autofree char *path = g_build_filename(fixture->run_dir, STATUS_FILE, NULL);
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * 1000;

    if (state == STATE_SHUTOFF) {
        await_path(fixture->run_dir, FALSE);
        return;
    }
    while (g_get_monotonic_time() < deadline) {
        RunStatus status;
        gboolean missing;

        if (status_read(AT_FDCWD, path, &status, &missing, NULL) && status.state == state)
            return;
        poll(NULL, 0, 2);
    }
    g_assert_cmpint(fixture_status(fixture).state, ==, state);
}

void
await_path(const char *path, gboolean exists)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * 1000;

    while ((access(path, F_OK) == 0) != exists && g_get_monotonic_time() < deadline)
        poll(NULL, 0, 2);
    g_assert_cmpint(access(path, F_OK) == 0, ==, exists);
}

/* NULL at the end of the connection. */
static json_t *
next_message(Qmp *qmp)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * 1000;

    for (;;) {
        char *end = memchr(qmp->input->str, '\n', qmp->input->len), buffer[65536];
        struct pollfd wait = { qmp->fd, POLLIN, 0 };
        gssize got;

        if (end) {
            gsize length = (gsize)(end - qmp->input->str);
            json_t *json = json_loadb(qmp->input->str, length, 0, NULL);

            g_assert_nonnull(json);
            g_string_erase(qmp->input, 0, (gssize)length + 1);
            return json;
        }
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        if (poll(&wait, 1, 1000) <= 0)
            continue;
        got = read(qmp->fd, buffer, sizeof buffer);
        if (got <= 0)
            return NULL;
        g_string_append_len(qmp->input, buffer, got);
    }
}

Qmp *
qmp_open_raw(Fixture *fixture, json_t **greeting)
{
    g_autofree char *path = g_build_filename(fixture->run_dir, "qmp.sock", NULL);
    Qmp *qmp = g_new0(Qmp, 1);
    GError *error = NULL;

    qmp->fd = unix_socket_connect(path, &error);
    g_assert_no_error(error);
    qmp->input = g_string_new(NULL);
    g_queue_init(&qmp->events);
    *greeting = next_message(qmp);
    g_assert_true(json_is_object(json_object_get(*greeting, "QMP")));
    return qmp;
}

Qmp *
qmp_open(Fixture *fixture)
{
    json_t *greeting, *reply;
    Qmp *qmp = qmp_open_raw(fixture, &greeting);

    json_decref(greeting);
    reply = qmp_ask(qmp, "{\"execute\":\"qmp_capabilities\"}");
    g_assert_nonnull(json_object_get(reply, "return"));
    json_decref(reply);
    return qmp;
}

void
qmp_close(Qmp *qmp)
{
    close(qmp->fd);
    g_string_free(qmp->input, TRUE);
    g_queue_clear_full(&qmp->events, (GDestroyNotify)json_decref);
    g_free(qmp);
}

void
qmp_write(Qmp *qmp, const char *text, int fd)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    struct iovec vector = { (char *)text, strlen(text) };
    struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };

    if (fd >= 0) {
        struct cmsghdr *part;

        header.msg_control = &control;
        header.msg_controllen = sizeof control;
        part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(part), &fd, sizeof fd);
    }
    g_assert_cmpint(sendmsg(qmp->fd, &header, MSG_NOSIGNAL), ==, (gssize)strlen(text));
}

json_t *
qmp_reply(Qmp *qmp)
{
    for (;;) {
        json_t *message = next_message(qmp);

        g_assert_nonnull(message);
        if (!json_object_get(message, "event"))
            return message;
        g_queue_push_tail(&qmp->events, message);
    }
}

json_t *
qmp_ask(Qmp *qmp, const char *text)
{
    qmp_write(qmp, text, -1);
    return qmp_reply(qmp);
}

json_t *
qmp_event(Qmp *qmp, const char *name)
{
    for (;;) {
        json_t *event = g_queue_pop_head(&qmp->events);

        if (!event)
            event = next_message(qmp);
        g_assert_nonnull(event);
        if (g_strcmp0(json_string_value(json_object_get(event, "event")), name) == 0)
            return event;
        json_decref(event);
    }
}

gboolean
qmp_at_end(Qmp *qmp)
{
    json_t *message;

    while ((message = next_message(qmp)))
        json_decref(message);
    return TRUE;
}

void
assert_id(json_t *reply, const char *expected)
{
    char *text = json_dumps(json_object_get(reply, "id"), JSON_ENCODE_ANY | JSON_COMPACT);

    g_assert_cmpstr(text, ==, expected);
    free(text);
    json_decref(reply);
}

void
assert_ok(json_t *reply)
{
    if (!json_object_get(reply, "return"))
        g_error("refused: %s", json_string_value(json_object_get(json_object_get(reply, "error"), "desc")));
    json_decref(reply);
}

void
fixture_main(int *argc, char ***argv)
{
    g_autofree char *program = NULL;

    g_test_init(argc, argv, NULL);
    program = g_test_build_filename(G_TEST_BUILT, "..", "hvsh-supervisor", NULL);
    g_setenv("HVSH_SUPERVISOR", program, FALSE);
}
