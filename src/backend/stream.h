/* A byte stream that a call opened: console, channel, screenshot. Backed by a descriptor for
 * local drivers, so that it can be polled. */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct Stream Stream;

/* Takes over @fd (readable, for consoles also writable, non-blocking is set by this). @finish may be NULL. */
Stream *stream_new_fd(int fd);
/* A stream whose content is already there (a screenshot). Takes over @bytes. */
Stream *stream_new_bytes(GBytes *bytes);
void stream_free(Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

/* The descriptor to poll for reading and writing, or -1 when reading never blocks. */
int stream_fd(Stream *stream);
/* Bytes read (0 at the end), or -1 with @error set; -2 when nothing is there yet. */
gssize stream_read(Stream *stream, void *buffer, gsize size, GError **error);
/* Bytes written, -1 with @error set, or -2 when it would block. */
gssize stream_write(Stream *stream, const void *buffer, gsize size, GError **error);

G_END_DECLS
