/* A supervisor between QEMU, two clients of qmp.sock and one of supervisor.sock. A line of the input goes to the supervisor
 * from the peer that its first character names: q QEMU, a and b the clients, s the shell; a capital letter closes
 * that connection. What would touch processes or the folder is left out. */
#include "fuzz.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "supervisor/supervisor.h"
#include "util/unix-socket.h"

#define LINE_MAX_BYTES 32768
#define TURNS_MAX 200

/* --- the parts that are left out ------------------------------------------------------------------------ */

void
supervisor_answer_ready(Supervisor *sup)
{
    sup->answered = TRUE;
}

void
supervisor_answer_error(Supervisor *sup, GError *error)
{
    g_error_free(error);
}

gboolean
folder_write_launch(Supervisor *sup, GError **error)
{
    json_t *json = launch_to_json(sup->launch);

    FUZZ_CHECK(json);
    json_decref(json);
    return TRUE;
}

void
folder_write_status(Supervisor *sup)
{
    g_free(status_format(&sup->status));
}

void
log_note(Supervisor *sup, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    g_free(g_strdup_vprintf(format, list));
    va_end(list);
}

void
qemu_monitor_ready(Supervisor *sup)
{
    supervisor_answer_ready(sup);
}

void
qemu_monitor_failed(Supervisor *sup, gboolean closed, GError *error)
{
    g_error_free(error);
}

void
qemu_end(Supervisor *sup, gboolean graceful, int reason)
{
    sup->ending = TRUE;
    guest_ended(sup, reason);
    control_ended(sup, NULL);
}

void
qemu_watch_owner(Supervisor *sup)
{
}

void
qemu_release_holder(Supervisor *sup)
{
}

/* --- the peers -------------------------------------------------------------------------------------------- */

enum { PEER_QEMU, PEER_A, PEER_B, PEER_SHELL, PEER_COUNT };

static const char peer_letters[] = "qabs";

typedef struct {
    Supervisor sup;
    int fds[PEER_COUNT];
    GString *received[PEER_COUNT];
} Scene;

static int qemu_listener = -1, qmp_listener, control_listener;

static void
listen_once(void)
{
    int dir_fd;

    if (qemu_listener >= 0)
        return;
    dir_fd = open(fuzz_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    qemu_listener = unix_socket_listen(dir_fd, fuzz_folder(), MONITOR_SOCKET, NULL);
    qmp_listener = unix_socket_listen(dir_fd, fuzz_folder(), QMP_SOCKET, NULL);
    control_listener = unix_socket_listen(dir_fd, fuzz_folder(), CONTROL_SOCKET, NULL);
    FUZZ_CHECK(qemu_listener >= 0 && qmp_listener >= 0 && control_listener >= 0);
    close(dir_fd);
}

static int
connect_to(const char *name)
{
    g_autofree char *path = g_build_filename(fuzz_folder(), name, NULL);
    int fd = unix_socket_connect(path, NULL);

    FUZZ_CHECK(fd >= 0);
    return fd;
}

/* What went to QEMU and to clients is one message a line. */
static void
check_received(GString *received)
{
    char *end;

    while ((end = memchr(received->str, '\n', received->len))) {
        ScanMessage message;
        gsize length = (gsize)(end - received->str);

        if (!scan_message(received->str, length, &message)) {
            g_printerr("%.*s\n", (int)length, received->str);
            FUZZ_CHECK(!"the supervisor sends messages");
        }
        g_string_erase(received, 0, (gssize)length + 1);
    }
}

static gboolean
receive(Scene *scene)
{
    gboolean any = FALSE;

    for (int peer = 0; peer < PEER_COUNT; peer++) {
        char bytes[65536];
        gssize got;

        while (scene->fds[peer] >= 0 && (got = recv(scene->fds[peer], bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
            g_string_append_len(scene->received[peer], bytes, got);
            any = TRUE;
        }
        check_received(scene->received[peer]);
    }
    return any;
}

static void
settle(Scene *scene)
{
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        gboolean worked = g_main_context_iteration(NULL, FALSE);

        if (!receive(scene) && !worked)
            return;
    }
}

static void
hang_up(Scene *scene, int peer)
{
    if (scene->fds[peer] >= 0)
        close(scene->fds[peer]);
    scene->fds[peer] = -1;
}

static void
scene_start(Scene *scene)
{
    Supervisor *sup = &scene->sup;

    listen_once();
    sup->launch = launch_new("a", "74722d00-0000-4000-8000-000000000201", 1);
    sup->launch->argv = g_strsplit("/usr/bin/qemu-system-x86_64 -S -no-shutdown", " ", -1);
    sup->launch->run_dir = g_strdup(fuzz_folder());
    sup->dir_fd = open(fuzz_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sup->journal_fd = -1;
    sup->qmp_listener = qmp_listener;
    sup->control_listener = control_listener;
    g_queue_init(&sup->monitor_queue);
    g_queue_init(&sup->pending);
    guest_init(sup);
    proxy_init(sup);
    control_init(sup);
    journal_open(sup);
    for (int peer = 0; peer < PEER_COUNT; peer++)
        scene->received[peer] = g_string_new(NULL);
    FUZZ_CHECK(monitor_connect(sup, NULL));
    scene->fds[PEER_QEMU] = peer_accept(qemu_listener);
    for (int peer = PEER_A; peer <= PEER_B; peer++) {
        scene->fds[peer] = connect_to(QMP_SOCKET);
        proxy_accept(sup);
    }
    scene->fds[PEER_SHELL] = connect_to(CONTROL_SOCKET);
    control_accept(sup);
}

static void
scene_end(Scene *scene)
{
    Supervisor *sup = &scene->sup;
    int left;

    for (int peer = 0; peer < PEER_COUNT; peer++)
        hang_up(scene, peer);
    settle(scene);
    proxy_close(sup);
    control_close(sup, 0);
    monitor_close(sup);
    g_clear_handle_id(&sup->reset_timer, g_source_remove);
    g_ptr_array_unref(sup->clients);
    g_ptr_array_unref(sup->controls);
    if (sup->journal_fd >= 0)
        close(sup->journal_fd);
    unlinkat(sup->dir_fd, JOURNAL_FILE, 0);
    close(sup->dir_fd);
    launch_free(sup->launch);
    g_free(sup->greeting);
    for (int peer = 0; peer < PEER_COUNT; peer++)
        g_string_free(scene->received[peer], TRUE);
    /* A link to QEMU that was made anew for a client. */
    while ((left = peer_accept(qemu_listener)) >= 0)
        close(left);
}

static void
say(Scene *scene, const char *line, gsize length)
{
    const char *letter = memchr(peer_letters, g_ascii_tolower(*line), sizeof peer_letters - 1);
    int peer = letter ? (int)(letter - peer_letters) : PEER_A;

    if (letter && g_ascii_isupper(*line)) {
        hang_up(scene, peer);
    } else if (scene->fds[peer] >= 0) {
        g_autofree char *text = g_strdup_printf("%.*s\n", (int)length - 1, line + 1);

        if (send(scene->fds[peer], text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            hang_up(scene, peer);
    }
    settle(scene);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Scene scene = { .sup.answered = FALSE };
    const char *at = (const char *)data, *end = at + size;

    scene_start(&scene);
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        if (!stop)
            stop = end;
        if (stop > at && stop - at < LINE_MAX_BYTES)
            say(&scene, at, (gsize)(stop - at));
        at = stop + 1;
    }
    scene_end(&scene);
    return 0;
}
