/* Files that matter: written whole or not at all, read with a limit, in private folders.
 *
 * Functions take an open folder and a name in it (or AT_FDCWD and a path). Errors are SYSTEM_ERROR with the
 * name of the file and the system's reason. All descriptors are close-on-exec. */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* A name for use as one component of a path: `%`, `/`, control characters and a leading dot become %XX; the dot of a final
 * ".last" too, which is the supervisor's suffix for the last state of a domain. New string. */
char *file_name_escape(const char *name);
/* The reverse; NULL for what file_name_escape() would not have made. New string. */
char *file_name_unescape(const char *escaped);

/* Makes the folder @path (mode 0700) and what is missing above it (0755 in system places, else 0700 as well). */
gboolean folder_make(const char *path, GError **error);
/* An open folder, or -1. @create: makes it first where it is missing. Without @create, a missing folder is -1 with @error
 * unset. */
int folder_open_path(const char *path, gboolean create, GError **error);

typedef enum {
    FILE_WRITE_DEFAULT = 0,
    FILE_WRITE_SYNC = 1 << 0,   /* on disk when the call returns; for what must outlive a power failure */
} FileWriteFlags;

/* Replaces the file by @length bytes (-1: up to the NUL), mode 0600: temporary file, (fsync,) rename, (fsync of the folder).
 * @label names the file in messages; NULL: @name. */
gboolean file_write(int dir_fd, const char *name, const char *label, const char *data, gssize length,
                    FileWriteFlags flags, GError **error);
/* Replaces the symbolic link. */
gboolean file_link(int dir_fd, const char *name, const char *target, FileWriteFlags flags, GError **error);
/* A missing file is no error. */
gboolean file_remove(int dir_fd, const char *name, FileWriteFlags flags, GError **error);
/* The whole file, NUL-terminated; refuses what is no regular file or larger than @max. A missing file is NULL
 * without an error when @missing is not NULL (and is set to TRUE). */
char *file_read(int dir_fd, const char *name, const char *label, gsize max, gsize *length, gboolean *missing,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What the link points to: a new string, NULL when there is none. */
char *file_read_link(int dir_fd, const char *name);
gboolean file_exists(int dir_fd, const char *name);

/* Removes @name and everything below it, following no links. What is not there is no error. */
gboolean file_remove_tree(int dir_fd, const char *name, GError **error);
/* Removes temporary files that a killed writer has left in the folder more than a minute ago. */
void file_remove_leftovers(int dir_fd);

/* Calls @func for every entry but those with a leading dot. Returning FALSE ends the walk. */
typedef gboolean (*FolderFunc)(const char *name, unsigned char type, gpointer data);
gboolean folder_foreach(int dir_fd, const char *label, FolderFunc func, gpointer data, GError **error);

G_END_DECLS
