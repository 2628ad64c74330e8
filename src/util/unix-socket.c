#include "util/unix-socket.h"

#include "util/deadline.h"
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
#define CONNECT_TIMEOUT_MS 10000

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

/* A full backlog makes connect() wait; the send time-out bounds that. FALSE with errno. */
static gboolean
connect_within(int fd, const struct sockaddr_un *address, int timeout_ms)
{
    gint64 deadline = deadline_after(timeout_ms);
    const struct timeval none = { 0, 0 };

    for (;;) {
        /* A limit of 0 would be none. */
        int left = MAX(deadline_remaining_ms(deadline), 1);
        struct timeval limit = { left / 1000, left % 1000 * 1000 };

        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
            break;
        if (errno == EAGAIN)
            errno = ETIMEDOUT;
        if (errno != EINTR)
            return FALSE;
    }
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
    return TRUE;
}

int
unix_socket_connect(const char *path, GError **error)
{
    return unix_socket_connect_within(path, CONNECT_TIMEOUT_MS, error);
}

int
unix_socket_connect_within(const char *path, int timeout_ms, GError **error)
{
    hv_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), dir_fd = -1;
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
    if (!connect_within(fd, &address, timeout_ms)) {
        hv_throw_errno(error, errno, "Failed to connect socket to '%s'", path);
        return -1;
    }
    return process_fd_steal(&fd);
}

gssize
unix_socket_send(int fd, const void *bytes, gsize length, int passed_fd)
{
    struct iovec part = { .iov_base = (void *)bytes, .iov_len = length };
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (passed_fd >= 0) {
        struct cmsghdr *header;

        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed_fd, sizeof(int));
    }
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
take_fds(struct msghdr *message, GArray *fds)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
            g_array_append_vals(fds, CMSG_DATA(part), (guint)((part->cmsg_len - CMSG_LEN(0)) / sizeof(int)));
    }
}

gssize
unix_socket_receive(int fd, void *bytes, gsize length, GArray *fds)
{
    struct iovec part = { .iov_base = bytes, .iov_len = length };
    union {
        char space[CMSG_SPACE(sizeof(int) * UNIX_SOCKET_MAX_FDS)];
        struct cmsghdr align;
    } control;
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space,
                              .msg_controllen = sizeof control.space };
    gssize got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (got > 0)
        take_fds(&message, fds);
    return got;
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
