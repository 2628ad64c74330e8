#include "backend/stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/error.h"

struct Stream {
    int fd;                     /* -1 when @bytes holds the content */
    GBytes *bytes;
    gsize position;
};

Stream *
stream_new_fd(int fd)
{
    Stream *stream = g_new0(Stream, 1);

    stream->fd = fd;
    return stream;
}

Stream *
stream_new_bytes(GBytes *bytes)
{
    Stream *stream = g_new0(Stream, 1);

    stream->fd = -1;
    stream->bytes = bytes;
    return stream;
}

void
stream_free(Stream *stream)
{
    if (!stream)
        return;
    if (stream->fd >= 0)
        close(stream->fd);
    g_clear_pointer(&stream->bytes, g_bytes_unref);
    g_free(stream);
}

int
stream_fd(Stream *stream)
{
    return stream->fd;
}

static gssize
failed(int errnum, const char *what, GError **error)
{
    if (errnum == EAGAIN || errnum == EWOULDBLOCK || errnum == EINTR)
        return -2;
    hv_throw_errno(error, errnum, "cannot %s the stream", what);
    return -1;
}

gssize
stream_read(Stream *stream, void *buffer, gsize size, GError **error)
{
    gssize n;

    if (stream->bytes) {
        gsize total;
        const char *data = g_bytes_get_data(stream->bytes, &total);

        size = MIN(size, total - stream->position);
        if (size > 0)
            memcpy(buffer, data + stream->position, size);
        stream->position += size;
        return (gssize)size;
    }
    n = read(stream->fd, buffer, size);
    /* A pty gives EIO once its other side is closed: the guest is gone. */
    if (n < 0 && errno == EIO)
        return 0;
    return n >= 0 ? n : failed(errno, "read from", error);
}

gssize
stream_write(Stream *stream, const void *buffer, gsize size, GError **error)
{
    gssize n;

    if (stream->fd < 0) {
        hv_throw(error, HV_ERR_OPERATION_INVALID, "the stream is not writable");
        return -1;
    }
    /* A signal would end a console with the terminal in raw mode. */
    n = send(stream->fd, buffer, size, MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK)
        n = write(stream->fd, buffer, size);
    return n >= 0 ? n : failed(errno, "write to", error);
}
