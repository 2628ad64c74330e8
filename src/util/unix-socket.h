/* Unix sockets by path, also where the path is longer than the 107 bytes that the kernel's address has room for.
 * All descriptors are close-on-exec. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Connects to the listener at @path; one that takes no connection is waited for 10 s. Returns a blocking socket, or -1 with
 * SYSTEM_ERROR "Failed to connect socket to 'PATH': REASON". */
int unix_socket_connect(const char *path, GError **error);
/* The same with another limit. */
int unix_socket_connect_within(const char *path, int timeout_ms, GError **error);

/* Sends what goes without waiting; @passed_fd (-1: none) goes along with the first byte and stays the caller's. Returns the
 * bytes sent, or -1 with errno. No SIGPIPE. */
gssize unix_socket_send(int fd, const void *bytes, gsize length, int passed_fd);

/* Receives what is there without waiting. Descriptors that come along (at most UNIX_SOCKET_MAX_FDS with one call; more are
 * dropped by the kernel) are appended to @fds (int) and are the caller's, close-on-exec. Returns the bytes, 0 at the end of
 * the stream, or -1 with errno. */
#define UNIX_SOCKET_MAX_FDS 17
gssize unix_socket_receive(int fd, void *bytes, gsize length, GArray *fds);

/* Binds and listens at @name inside the folder @dir_fd with mode 0600; what was there is replaced.
 * Returns a non-blocking socket or -1. @dir_path is the folder's path, for messages and short addresses. */
int unix_socket_listen(int dir_fd, const char *dir_path, const char *name, GError **error);

G_END_DECLS
