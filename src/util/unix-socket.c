#include "util/unix-socket.h"

#include "util/error.h"
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128
#define CONNECT_TIMEOUT_S 10

static gboolean
set_address(struct sockaddr_un *address, const char *path)
{
    if (strlen(path) >= sizeof address->sun_path)
        return FALSE;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strcpy(address->sun_path, path);
    return TRUE;
}

/* Long paths go by way of the folder's descriptor: /proc/self/fd/N/name is always short enough. */
static gboolean
set_address_at(struct sockaddr_un *address, int dir_fd, const char *name)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d/%s", dir_fd, name);

    return set_address(address, path);
}

int
unix_socket_connect(const char *path, GError **error)
{
    hv_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), dir_fd = -1;
    const struct timeval limit = { CONNECT_TIMEOUT_S, 0 }, none = { 0, 0 };
    struct sockaddr_un address;

    if (fd < 0) {
        hv_throw_errno(error, errno, "Failed to connect socket to '%s'", path);
        return -1;
    }
    if (!set_address(&address, path)) {
        g_autofree char *dir = g_path_get_dirname(path);
        g_autofree char *name = g_path_get_basename(path);

        dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0 || !set_address_at(&address, dir_fd, name)) {
            hv_throw_errno(error, dir_fd < 0 ? errno : ENAMETOOLONG, "Failed to connect socket to '%s'", path);
            return -1;
        }
    }
    /* A full backlog makes connect() wait; the send time-out bounds that. */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        hv_throw_errno(error, errno == EAGAIN ? ETIMEDOUT : errno, "Failed to connect socket to '%s'", path);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
    return process_fd_steal(&fd);
}

int
unix_socket_listen(int dir_fd, const char *dir_path, const char *name, GError **error)
{
    hv_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_autofree char *path = g_build_filename(dir_path, name, NULL);
    struct sockaddr_un address;

    if (fd < 0 || (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)) {
        hv_throw_errno(error, errno, "cannot make the socket '%s'", path);
        return -1;
    }
    if (!set_address(&address, path) && !set_address_at(&address, dir_fd, name)) {
        hv_throw_errno(error, ENAMETOOLONG, "cannot make the socket '%s'", path);
        return -1;
    }
    /* The mode that bind() gives is that of the socket's own inode, less the umask. */
    if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0) {
        hv_throw_errno(error, errno, "cannot make the socket '%s'", path);
        return -1;
    }
    return process_fd_steal(&fd);
}
