/* Locks between processes, on files that say who holds them.
 *
 * A lock is an flock() on a file that holds one line, "PID START SINCE_MS WHAT". It ends with its holder. The file may be
 * removed by the holder; who was waiting for it then takes the lock of the file's successor. */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct FileLock FileLock;

typedef struct {
    pid_t pid;
    gint64 since_ms;            /* ms since 1970 */
    char *what;                 /* "hvsh start" */
} LockHolder;

void lock_holder_clear(LockHolder *holder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LockHolder, lock_holder_clear)

/* Takes the lock on @name in the folder @dir_fd, waiting up to @timeout_ms (0: not at all). OPERATION_TIMEOUT "cannot
 * acquire state change lock (held by WHAT, pid N, for N s)" when it stays taken; SYSTEM_ERROR where the file cannot be
 * opened. @what NULL: the holder is not written down. */
FileLock *file_lock(int dir_fd, const char *name, const char *what, int timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Gives it back; @remove: and removes the file. NULL is allowed. */
void file_unlock(FileLock *lock, gboolean remove);
/* FALSE when nobody has written that he holds it. */
gboolean file_lock_holder(int dir_fd, const char *name, LockHolder *holder);

G_END_DECLS
