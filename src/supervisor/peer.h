/* One connected client of a socket, with output that never blocks the supervisor: what the client does not read at once is
 * kept up to a limit, beyond which it is dropped. */
#pragma once

#include <glib.h>
#include <glib-unix.h>

G_BEGIN_DECLS

#define PEER_MAX_OUTPUT (4 * 1024 * 1024)
#define PEER_MAX_FDS 16

typedef struct Peer Peer;

/* Called with new bytes, and with NULL at the end of the connection: then the peer is to be freed. */
typedef void (*PeerInput)(Peer *peer, const char *bytes, gsize length, gpointer data);

struct Peer {
    int fd;
    guint in_source;
    guint out_source;
    GString *out;
    gsize out_done;
    gboolean broken;            /* being dropped: nothing is sent any more */
    GArray *fds;                /* int: received with SCM_RIGHTS and not yet taken */
    PeerInput input;
    gpointer data;
};

/* Owns @fd (a non-blocking socket) from here on. */
Peer *peer_new(int fd, PeerInput input, gpointer data);
void peer_free(Peer *peer);
/* Sends or keeps it. With @unlimited it is kept whatever its size. */
void peer_send(Peer *peer, const char *text, gsize length, gboolean unlimited);
/* The oldest received descriptor, now the caller's; -1 when there is none. */
int peer_take_fd(Peer *peer);
/* Stops and resumes reading. */
void peer_set_reading(Peer *peer, gboolean reading);
/* Tries until @deadline (monotonic µs) to send what is kept. */
void peer_flush(Peer *peer, gint64 deadline);
/* Accepts one connection of @listener: non-blocking and close-on-exec; -1 when there is none. */
int peer_accept(int listener);

G_END_DECLS
