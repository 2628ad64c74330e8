#include "supervisor/peer.h"

#include "util/unix-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 16384
#define KEEP_BUFFER 16384

static gboolean on_readable(int fd, GIOCondition condition, gpointer data);

Peer *
peer_new(int fd, PeerInput input, gpointer data)
{
    Peer *peer = g_new0(Peer, 1);

    peer->fd = fd;
    peer->input = input;
    peer->data = data;
    peer->fds = g_array_new(FALSE, FALSE, sizeof(int));
    peer_set_reading(peer, TRUE);
    return peer;
}

void
peer_free(Peer *peer)
{
    int fd;

    if (!peer)
        return;
    if (peer->in_source)
        g_source_remove(peer->in_source);
    if (peer->out_source)
        g_source_remove(peer->out_source);
    if (peer->out)
        g_string_free(peer->out, TRUE);
    while ((fd = peer_take_fd(peer)) >= 0)
        close(fd);
    g_array_unref(peer->fds);
    close(peer->fd);
    g_free(peer);
}

int
peer_take_fd(Peer *peer)
{
    int fd;

    if (peer->fds->len == 0)
        return -1;
    fd = g_array_index(peer->fds, int, 0);
    g_array_remove_index(peer->fds, 0);
    return fd;
}

/* The connection is ended; the end is then read like any other, so nobody's peer vanishes under his hands. */
static void
peer_break(Peer *peer)
{
    peer->broken = TRUE;
    shutdown(peer->fd, SHUT_RDWR);
    peer_set_reading(peer, TRUE);
}

static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
    Peer *peer = data;
    char bytes[READ_SIZE];
    gssize got = unix_socket_receive(fd, bytes, sizeof bytes, peer->fds);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (got <= 0 || peer->broken || peer->fds->len > PEER_MAX_FDS)
        peer->input(peer, NULL, 0, peer->data);
    else
        peer->input(peer, bytes, (gsize)got, peer->data);
    /* The source, and the peer, may be gone now; a removed source is not called again whatever is returned. */
    return G_SOURCE_CONTINUE;
}

void
peer_set_reading(Peer *peer, gboolean reading)
{
    if (reading && !peer->in_source) {
        peer->in_source = g_unix_fd_add(peer->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, peer);
    } else if (!reading && peer->in_source && !peer->broken) {
        g_source_remove(peer->in_source);
        peer->in_source = 0;
    }
}

/* Sends what is kept, as far as it goes. */
static void
send_kept(Peer *peer)
{
    while (peer->out && peer->out_done < peer->out->len) {
        gssize sent = send(peer->fd, peer->out->str + peer->out_done, peer->out->len - peer->out_done,
                           MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            if (errno != EAGAIN)
                peer_break(peer);
            return;
        }
        peer->out_done += (gsize)sent;
    }
    if (peer->out && peer->out->allocated_len > KEEP_BUFFER)
        g_string_free(g_steal_pointer(&peer->out), TRUE);
    else if (peer->out)
        g_string_truncate(peer->out, 0);
    peer->out_done = 0;
}

static gboolean
on_writable(int fd, GIOCondition condition, gpointer data)
{
    Peer *peer = data;

    send_kept(peer);
    if (!peer->broken && peer->out && peer->out->len > 0)
        return G_SOURCE_CONTINUE;
    peer->out_source = 0;
    return G_SOURCE_REMOVE;
}

void
peer_send(Peer *peer, const char *text, gsize length, gboolean unlimited)
{
    gsize kept = peer->out ? peer->out->len - peer->out_done : 0;

    if (peer->broken)
        return;
    if (!unlimited && kept > 0 && kept + length > PEER_MAX_OUTPUT) {
        peer_break(peer);
        return;
    }
    if (kept == 0) {
        gssize sent = send(peer->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            peer_break(peer);
            return;
        }
        if (sent > 0) {
            text += sent;
            length -= (gsize)sent;
        }
        if (length == 0)
            return;
    }
    if (!peer->out)
        peer->out = g_string_new(NULL);
    if (peer->out_done > 0) {
        g_string_erase(peer->out, 0, (gssize)peer->out_done);
        peer->out_done = 0;
    }
    g_string_append_len(peer->out, text, (gssize)length);
    if (!peer->out_source)
        peer->out_source = g_unix_fd_add(peer->fd, G_IO_OUT, on_writable, peer);
}

void
peer_flush(Peer *peer, gint64 deadline)
{
    while (!peer->broken && peer->out && peer->out->len > 0) {
        struct pollfd wait = { peer->fd, POLLOUT, 0 };
        gint64 left = deadline - g_get_monotonic_time();

        if (left <= 0 || poll(&wait, 1, (int)(left / 1000) + 1) <= 0)
            return;
        send_kept(peer);
    }
}

int
peer_accept(int listener)
{
    static int spare = -1;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    /* Without a free number the client would stay in the queue, and the listener readable for ever: the spare one is
     * spent on sending it away. */
    if (fd < 0 && errno == EMFILE && spare >= 0) {
        close(spare);
        fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            close(fd);
        spare = fd = -1;
    }
    if (spare < 0)
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd;
}
