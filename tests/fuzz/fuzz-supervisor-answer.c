/* What a supervisor answers to a request. */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/embedded/supervisor-client.h"
#include "supervisor/supervisor.h"
#include "util/unix-socket.h"

#define ANSWER_MAX (64 * 1024)
#define TIMEOUT_MS 5000

typedef struct {
    int listener;
    const uint8_t *data;
    size_t size;
} Answer;

static gpointer
answer(gpointer data)
{
    Answer *given = data;
    int fd = accept4(given->listener, NULL, NULL, SOCK_CLOEXEC);
    char request[4096];

    FUZZ_CHECK(fd >= 0);
    if (recv(fd, request, sizeof request, 0) > 0 && given->size > 0)
        (void)!send(fd, given->data, given->size, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    /* Until the other side has gone, so that it does not lose what it was sent. */
    while (recv(fd, request, sizeof request, 0) > 0)
        continue;
    close(fd);
    return NULL;
}

static int
listen_once(void)
{
    static int listener = -1;
    int dir_fd;

    if (listener >= 0)
        return listener;
    dir_fd = open(fuzz_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    listener = unix_socket_listen(dir_fd, fuzz_folder(), CONTROL_SOCKET, NULL);
    FUZZ_CHECK(listener >= 0);
    fcntl(listener, F_SETFL, 0);
    close(dir_fd);
    return listener;
}

static void
check_request(void)
{
    g_autoptr(GError) error = NULL;
    json_t *request = json_pack("{s:s}", "op", "info"), *reply = supervisor_request(fuzz_folder(), request, TIMEOUT_MS, &error);

    FUZZ_CHECK(!reply == !!error);
    json_decref(reply);
    json_decref(request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Answer given = { listen_once(), data, MIN(size, ANSWER_MAX) };
    GThread *thread = g_thread_new("answer", answer, &given);

    check_request();
    g_thread_join(thread);
    return 0;
}
