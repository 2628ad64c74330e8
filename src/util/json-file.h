/* Files that hold one JSON value. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

/* What the file @path (in the open folder @dir_fd, or AT_FDCWD) holds, a new reference; @flags are jansson's. Errors are those of
 * file_read(), so a file larger than @max bytes is one, and INTERNAL_ERROR for what is no JSON; @label names the file in
 * them, NULL: @path. */
json_t *json_file_read(int dir_fd, const char *path, const char *label, gsize max, size_t flags, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
