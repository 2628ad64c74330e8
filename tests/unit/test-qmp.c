/* The QMP client against a scripted peer: a thread that reads a line, answers with what the script says, and so on. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/qemu/monitor.h"
#include "backend/qemu/qmp.h"
#include "util/error.h"
#include "util/keycodes.h"

#define GREETING                                                                                                    \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, \"package\": \"\"}, "          \
    "\"capabilities\": [\"oob\"]}}\r\n"

/* "<" waits for a line from the client; "fill N" sends N times "x"; "hold" waits until the client goes; anything
 * else is sent as it is. The peer closes its end after the last step. */
typedef struct {
    int fd;
    const char *const *script;
    GPtrArray *lines;           /* what the client sent */
    int passed_fd;
    GThread *thread;
} Peer;

static gboolean
peer_read_line(Peer *peer)
{
    GString *line = g_string_new(NULL);
    char byte;

    for (;;) {
        struct pollfd pfd = { .fd = peer->fd, .events = POLLIN };
        struct iovec part = { .iov_base = &byte, .iov_len = 1 };
        char control[CMSG_SPACE(sizeof(int))];
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
        };

        if (poll(&pfd, 1, 10000) <= 0 || recvmsg(peer->fd, &message, MSG_CMSG_CLOEXEC) != 1)
            break;
        if (CMSG_FIRSTHDR(&message))
            memcpy(&peer->passed_fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
        if (byte == '\n') {
            g_strchomp(line->str);
            g_ptr_array_add(peer->lines, g_string_free(line, FALSE));
            return TRUE;
        }
        g_string_append_c(line, byte);
    }
    g_string_free(line, TRUE);
    return FALSE;
}

static void
peer_send(Peer *peer, const char *bytes, gsize len)
{
    while (len) {
        ssize_t put = send(peer->fd, bytes, len, MSG_NOSIGNAL);

        if (put <= 0)
            return;
        bytes += put;
        len -= (gsize)put;
    }
}

static void
peer_fill(Peer *peer, gsize count)
{
    g_autofree char *block = g_malloc(1 << 20);

    memset(block, 'x', 1 << 20);
    while (count) {
        gsize part = MIN(count, 1 << 20);

        peer_send(peer, block, part);
        count -= part;
    }
}

static gpointer
peer_run(gpointer data)
{
    Peer *peer = data;

    for (const char *const *step = peer->script; *step; step++) {
        if (g_str_equal(*step, "<")) {
            if (!peer_read_line(peer))
                break;
        } else if (g_str_equal(*step, "hold")) {
            while (peer_read_line(peer))
                continue;
        } else if (g_str_has_prefix(*step, "fill ")) {
            peer_fill(peer, (gsize)g_ascii_strtoull(*step + 5, NULL, 10));
        } else {
            peer_send(peer, *step, strlen(*step));
        }
    }
    close(peer->fd);
    return NULL;
}

static int
peer_start(Peer *peer, const char *const *script)
{
    int pair[2];

    g_assert_no_errno(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    *peer = (Peer){ .fd = pair[1], .script = script, .passed_fd = -1 };
    peer->lines = g_ptr_array_new_with_free_func(g_free);
    peer->thread = g_thread_new("peer", peer_run, peer);
    return pair[0];
}

static void
peer_end(Peer *peer)
{
    g_thread_join(peer->thread);
    g_ptr_array_unref(peer->lines);
    if (peer->passed_fd >= 0)
        close(peer->passed_fd);
}

/* --- connecting ------------------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    const char *script[8];
    int code;
    const char *message;        /* a part of it */
} BadTalk;

static const BadTalk bad_greetings[] = {
    { "nothing", { NULL }, HV_ERR_INTERNAL_ERROR, "End of file from qemu monitor" },
    { "half a line", { "{\"QMP\"", NULL }, HV_ERR_INTERNAL_ERROR, "within an answer" },
    { "silence", { "hold", NULL }, HV_ERR_OPERATION_TIMEOUT, "greeting" },
    { "not JSON", { "SSH-2.0-OpenSSH\r\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR,
      "cannot parse JSON 'SSH-2.0-OpenSSH'" },
    { "no object", { "[1, 2]\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR, "cannot parse JSON" },
    { "object without meaning", { "{\"a\": 1}\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR, "Unknown JSON reply" },
    { "binary", { "\x01\x02\xff\xfe\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR, "\\001\\002" },
    { "reply before a command", { "{\"return\": {}, \"id\": \"libvirt-1\"}\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR,
      "Unexpected JSON reply" },
    { "gone after the greeting", { GREETING, NULL }, HV_ERR_INTERNAL_ERROR, "" },
    { "silence after the greeting", { GREETING, "hold", NULL }, HV_ERR_OPERATION_TIMEOUT, "qmp_capabilities" },
    { "capabilities refused", { GREETING, "<", "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": "
      "\"libvirt-1\"}\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR,
      "unable to execute QEMU command 'qmp_capabilities': no" },
};

static void
test_bad_greetings(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_greetings); i++) {
        g_autoptr(GError) error = NULL;
        Peer peer;
        int fd = peer_start(&peer, bad_greetings[i].script);
        gint64 begin = g_get_monotonic_time();

        g_test_message("%s", bad_greetings[i].name);
        g_assert_null(qmp_connect_fd(fd, "peer", 200, &error));
        g_assert_cmpint(g_get_monotonic_time() - begin, <, 5 * G_USEC_PER_SEC);
        g_assert_error(error, HV_ERROR, bad_greetings[i].code);
        g_assert_nonnull(strstr(error->message, bad_greetings[i].message));
        peer_end(&peer);
    }
}

#define HANDSHAKE GREETING, "<", "{\"return\": {}, \"id\": \"libvirt-1\"}\r\n"

static QmpConn *
connect_to(Peer *peer, const char *const *script)
{
    g_autoptr(GError) error = NULL;
    QmpConn *conn = qmp_connect_fd(peer_start(peer, script), "peer", 5000, &error);

    g_assert_no_error(error);
    g_assert_nonnull(conn);
    return conn;
}

/* --- calls ----------------------------------------------------------------------------------------------- */

static const BadTalk bad_replies[] = {
    { "gone", { HANDSHAKE, "<", NULL }, HV_ERR_INTERNAL_ERROR, "End of file" },
    { "half a reply", { HANDSHAKE, "<", "{\"return\": {", NULL }, HV_ERR_INTERNAL_ERROR, "within an answer" },
    { "silence", { HANDSHAKE, "hold", NULL }, HV_ERR_OPERATION_TIMEOUT, "'query-status'" },
    { "rubbish", { HANDSHAKE, "<", "}{\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR, "cannot parse JSON '}{'" },
    { "an id that nobody gave", { HANDSHAKE, "<", "{\"return\": {}, \"id\": \"libvirt-77\"}\n", "hold", NULL },
      HV_ERR_INTERNAL_ERROR, "Unexpected JSON reply" },
    { "another's id", { HANDSHAKE, "<", "{\"return\": {}, \"id\": 2}\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR,
      "Unexpected JSON reply" },
    { "refusal", { HANDSHAKE, "<", "{\"id\": \"libvirt-2\", \"error\": {\"class\": \"CommandNotFound\", \"desc\": "
      "\"not found\"}}\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR,
      "unable to execute QEMU command 'query-status': not found" },
    { "refusal without id and text", { HANDSHAKE, "<", "{\"error\": {}}\n", "hold", NULL }, HV_ERR_INTERNAL_ERROR,
      "unable to execute QEMU command 'query-status': unknown error" },
};

static void
test_bad_replies(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_replies); i++) {
        g_autoptr(GError) error = NULL;
        Peer peer;
        g_autoptr(QmpConn) conn = connect_to(&peer, bad_replies[i].script);

        g_test_message("%s", bad_replies[i].name);
        qmp_set_timeout(conn, 200);
        g_assert_null(qmp_call(conn, "query-status", NULL, &error));
        g_assert_error(error, HV_ERROR, bad_replies[i].code);
        g_assert_nonnull(strstr(error->message, bad_replies[i].message));
        g_assert_cmpint(hv_error_source(error), ==, HV_FROM_QEMU);
        g_assert_cmpstr(qmp_error_class(conn), ==,
                        strstr(bad_replies[i].message, "not found") ? "CommandNotFound" : NULL);
        g_clear_pointer(&conn, qmp_free);
        peer_end(&peer);
    }
}

/* Once the link is lost every call says so at once. */
static void
test_lost_link_stays_lost(void)
{
    static const char *const script[] = { HANDSHAKE, "<", NULL };
    g_autoptr(GError) first = NULL;
    g_autoptr(GError) second = NULL;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);

    g_assert_true(qmp_is_alive(conn));
    g_assert_null(qmp_call(conn, "stop", NULL, &first));
    g_assert_false(qmp_is_alive(conn));
    g_assert_false(qmp_run(conn, "cont", NULL, &second));
    g_assert_cmpstr(first->message, ==, second->message);
    g_clear_pointer(&conn, qmp_free);
    peer_end(&peer);
}

static void
test_line_too_long(void)
{
    static const char *const script[] = { HANDSHAKE, "<", "fill 67200000", "hold", NULL };
    g_autoptr(GError) error = NULL;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);

    g_assert_null(qmp_call(conn, "query-status", NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
    g_assert_nonnull(strstr(error->message, "allowed size"));
    g_clear_pointer(&conn, qmp_free);
    peer_end(&peer);
}

static void
test_reply_in_pieces_with_events(void)
{
    static const char *const script[] = {
        HANDSHAKE, "<",
        "{\"timestamp\": {\"seconds\": 5, \"microseconds\": 6}, \"event\": \"STOP\"}\r\n{\"retu",
        "rn\": {\"status\": \"paused\", \"running\": false}, \"id\": \"libvirt-2\"}",
        "\r\n{\"event\": \"RESUME\", \"data\": {\"x\": 1}}\r\n", "hold", NULL,
    };
    g_autoptr(GError) error = NULL;
    json_t *status;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);

    g_assert_cmpuint(qmp_version(conn), ==, 7002022);
    status = qmp_call(conn, "query-status", NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(json_string_value(json_object_get(status, "status")), ==, "paused");
    json_decref(status);
    g_clear_pointer(&conn, qmp_free);
    peer_end(&peer);
}

static void
test_pipelining_out_of_order(void)
{
    static const char *const script[] = {
        HANDSHAKE, "<", "<",
        "{\"return\": 3, \"id\": \"libvirt-3\"}\n{\"return\": 2, \"id\": \"libvirt-2\"}\n", "hold", NULL,
    };
    g_autoptr(GError) error = NULL;
    guint64 first, second;
    json_t *value;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);

    first = qmp_send(conn, "a", NULL, &error);
    second = qmp_send(conn, "b", NULL, &error);
    g_assert_no_error(error);
    value = qmp_collect(conn, first, 0, &error);
    g_assert_cmpint(json_integer_value(value), ==, 2);
    json_decref(value);
    value = qmp_collect(conn, second, 0, &error);
    g_assert_cmpint(json_integer_value(value), ==, 3);
    json_decref(value);
    g_assert_null(qmp_collect(conn, second, 0, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
    g_clear_pointer(&conn, qmp_free);
    peer_end(&peer);
}

/* The late answer to a call that was given up is not taken for that of the next. */
static void
test_late_reply_is_dropped(void)
{
    static const char *const script[] = {
        HANDSHAKE, "<", "<", "{\"return\": 2, \"id\": \"libvirt-2\"}\n{\"return\": 3, \"id\": \"libvirt-3\"}\n", "hold",
        NULL,
    };
    g_autoptr(GError) error = NULL;
    json_t *value;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);

    qmp_set_timeout(conn, 50);
    g_assert_null(qmp_call(conn, "slow", NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    g_clear_error(&error);
    qmp_set_timeout(conn, 5000);
    value = qmp_call(conn, "next", NULL, &error);
    g_assert_cmpint(json_integer_value(value), ==, 3);
    json_decref(value);
    g_clear_pointer(&conn, qmp_free);
    peer_end(&peer);
}

static void
test_descriptor_is_passed(void)
{
    static const char *const script[] = { HANDSHAKE, "<", "{\"return\": {}, \"id\": \"libvirt-2\"}\n", NULL };
    g_autoptr(GError) error = NULL;
    int pipe_fds[2];
    json_t *args = json_pack("{s:s}", "fdname", "f");
    json_t *value;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);
    char byte = 0;

    g_assert_no_errno(pipe(pipe_fds));
    value = qmp_call_with_fd(conn, "getfd", args, pipe_fds[1], &error);
    g_assert_no_error(error);
    json_decref(value);
    json_decref(args);
    close(pipe_fds[1]);
    g_thread_join(peer.thread);
    g_assert_cmpstr(g_ptr_array_index(peer.lines, 1), ==,
                    "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"f\"},\"id\":\"libvirt-2\"}");
    g_assert_cmpint(peer.passed_fd, >=, 0);
    g_assert_cmpint(write(peer.passed_fd, "y", 1), ==, 1);
    g_assert_cmpint(read(pipe_fds[0], &byte, 1), ==, 1);
    close(pipe_fds[0]);
    close(peer.passed_fd);
    g_ptr_array_unref(peer.lines);
}

static void
test_passthrough(void)
{
    static const char *const script[] = {
        HANDSHAKE, "<", "{\"id\": \"libvirt-2\", \"error\": {\"class\": \"C\", \"desc\": \"d\"}}\n", "<",
        "{\"error\": {\"class\": \"C\", \"desc\": \"e\"}}\n", "hold", NULL,
    };
    static const char *const bad[] = { "", "[]", "{", "7", "{\"execute\":\"x\",\"id\":1}" };
    g_autoptr(GError) error = NULL;
    json_t *reply;
    char *text;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_null(qmp_passthrough(conn, bad[i], -1, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        g_clear_error(&error);
    }
    reply = qmp_passthrough(conn, "{\"execute\":\"foo\"}", -1, &error);
    text = json_dumps(reply, JSON_COMPACT);
    g_assert_cmpstr(text, ==, "{\"id\":\"libvirt-2\",\"error\":{\"class\":\"C\",\"desc\":\"d\"}}");
    free(text);
    json_decref(reply);
    reply = qmp_passthrough(conn, "{\"foo\":1}", -1, &error);
    g_assert_nonnull(json_object_get(reply, "error"));
    json_decref(reply);
    g_clear_pointer(&conn, qmp_free);
    g_thread_join(peer.thread);
    g_assert_cmpstr(g_ptr_array_index(peer.lines, 2), ==, "{\"foo\":1}");
    g_ptr_array_unref(peer.lines);
}

/* Longer than a socket's address has room for. */
static void
test_long_socket_path(void)
{
    g_autofree char *folder = g_dir_make_tmp("hvsh-test-XXXXXX", NULL);
    g_autofree char *part = g_strnfill(120, 'd');
    g_autofree char *deep = g_build_filename(folder, part, NULL);
    g_autofree char *path = g_build_filename(deep, "monitor.sock", NULL);
    g_autofree char *short_path = g_build_filename(folder, "s", NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_autoptr(GError) error = NULL;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_null(qmp_connect(path, 100, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_clear_error(&error);
    g_assert_no_errno(g_mkdir(deep, 0700));
    g_strlcpy(address.sun_path, short_path, sizeof(address.sun_path));
    g_assert_no_errno(bind(listener, (struct sockaddr *)&address, sizeof(address)));
    g_assert_no_errno(listen(listener, 1));
    g_assert_no_errno(g_rename(short_path, path));

    /* Connected, it waits for the greeting of a peer that never accepts. */
    g_assert_null(qmp_connect(path, 50, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    g_assert_nonnull(strstr(error->message, "greeting"));
    /* Nobody accepts: sooner or later the queue takes no more. */
    for (int i = 0; i < 8 && error->code != HV_ERR_SYSTEM_ERROR; i++) {
        g_clear_error(&error);
        g_assert_null(qmp_connect(path, 50, &error));
    }
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    close(listener);
    g_unlink(path);
    g_rmdir(deep);
    g_rmdir(folder);
}

/* --- typed calls ----------------------------------------------------------------------------------------- */

static void
test_typed_calls_reject_odd_answers(void)
{
    static const char *const script[] = {
        HANDSHAKE, "<", "{\"return\": {}, \"id\": \"libvirt-2\"}\n", "<", "{\"return\": [{\"label\": 1}, 7, {\"label\": \"charserial0\", \"filename\": \"pty:/dev/pts/9\"}], "
        "\"id\": \"libvirt-3\"}\n", "hold", NULL,
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) none = NULL, chardevs = NULL;
    Peer peer;
    g_autoptr(QmpConn) conn = connect_to(&peer, script);
    const QemuMonitorChardev *chardev;

    none = qemu_monitor_query_chardev(conn, &error);
    g_assert_cmpuint(none->len, ==, 0);
    chardevs = qemu_monitor_query_chardev(conn, &error);
    g_assert_cmpuint(chardevs->len, ==, 1);
    chardev = g_ptr_array_index(chardevs, 0);
    g_assert_cmpstr(chardev->pty, ==, "/dev/pts/9");
    g_assert_no_error(error);
    g_clear_pointer(&conn, qmp_free);
    peer_end(&peer);
}

static void
test_keycodes(void)
{
    static const struct {
        KeycodeSet set;
        const char *name;
        int code;
        int qnum;
    } keys[] = {
        { KEYCODES_LINUX, "KEY_LEFTCTRL", 29, 0x1d }, { KEYCODES_LINUX, "KEY_SYSRQ", 99, 0x54 },
        { KEYCODES_LINUX, "KEY_DELETE", 111, 0xd3 },  { KEYCODES_LINUX, "KEY_A", 30, 0x1e },
        { KEYCODES_WIN32, "VK_A", 0x41, 0x1e },       { KEYCODES_OSX, "ANSI_A", 0, 0x1e },
    };
    static const char *const bad[] = { "", "A", "KEY_", "key_a", "KEY_A ", "30" };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_cmpint(keycode_from_name(KEYCODES_LINUX, bad[i]), ==, -1);
    g_assert_cmpint(keycode_from_name(KEYCODES_USB, "KEY_A"), ==, -1);
    g_assert_cmpint(keycode_translate(KEYCODES_LINUX, KEYCODES_QNUM, 9999), ==, -1);
    g_assert_cmpint(keycode_translate(KEYCODES_LAST, KEYCODES_QNUM, 1), ==, -1);
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_assert_cmpint(keycode_from_name(keys[i].set, keys[i].name), ==, keys[i].code);
        g_assert_cmpint(keycode_translate(keys[i].set, KEYCODES_QNUM, (guint)keys[i].code), ==, keys[i].qnum);
    }
    g_assert_cmpint(keycode_translate(KEYCODES_USB, KEYCODES_LINUX, 4), ==, 30);
    g_assert_cmpint(keycode_set_from_name("xt"), ==, KEYCODES_XT);
    g_assert_cmpint(keycode_set_from_name("rfb"), ==, KEYCODES_QNUM);
    g_assert_cmpint(keycode_set_from_name("nosuch"), ==, -1);
    g_assert_null(keycode_set_name(KEYCODES_LAST));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp/bad-greetings", test_bad_greetings);
    g_test_add_func("/qmp/bad-replies", test_bad_replies);
    g_test_add_func("/qmp/lost-link-stays-lost", test_lost_link_stays_lost);
    g_test_add_func("/qmp/line-too-long", test_line_too_long);
    g_test_add_func("/qmp/reply-in-pieces-with-events", test_reply_in_pieces_with_events);
    g_test_add_func("/qmp/pipelining-out-of-order", test_pipelining_out_of_order);
    g_test_add_func("/qmp/late-reply-is-dropped", test_late_reply_is_dropped);
    g_test_add_func("/qmp/descriptor-is-passed", test_descriptor_is_passed);
    g_test_add_func("/qmp/passthrough", test_passthrough);
    g_test_add_func("/qmp/long-socket-path", test_long_socket_path);
    g_test_add_func("/monitor/odd-answers", test_typed_calls_reject_odd_answers);
    g_test_add_func("/keycodes", test_keycodes);
    return g_test_run();
}
