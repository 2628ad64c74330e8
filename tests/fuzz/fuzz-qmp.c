/* What QEMU sends on its monitor, to the last byte, while hvsh asks it this and that. */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "backend/qemu/monitor.h"

/* What a socket holds without a reader. */
#define STREAM_MAX (64 * 1024)
#define TIMEOUT_MS 2000

static void
ask(QmpConn *conn)
{
    g_autoptr(GPtrArray) chardevs = NULL;
    g_autofree char *human = NULL;
    const char *mime;

    (void)qmp_version(conn);
    json_decref(qmp_call(conn, "query-status", NULL, NULL));
    (void)qmp_error_class(conn);
    chardevs = qemu_monitor_query_chardev(conn, NULL);
    human = qmp_human(conn, "info x", NULL);
    json_decref(qmp_passthrough(conn, "{\"execute\":\"query-x\"}", -1, NULL));
    (void)qemu_monitor_screendump(conn, "/nonexistent", NULL, 0, &mime, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpConn) conn = NULL;
    int pair[2];

    if (size > STREAM_MAX)
        return 0;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    FUZZ_CHECK(size == 0 || send(pair[1], data, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size);
    shutdown(pair[1], SHUT_WR);
    conn = qmp_connect_fd(pair[0], "fuzz", TIMEOUT_MS, &error);
    FUZZ_CHECK(!conn == !!error);
    if (conn)
        ask(conn);
    close(pair[1]);
    return 0;
}
