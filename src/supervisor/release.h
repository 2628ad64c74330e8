/* Undoing what a launch description lists, and leaving the runtime folder, when QEMU has ended. Used by the supervisor, and
 * by a shell that finds both dead. */
#pragma once

#include "supervisor/launch.h"
#include "supervisor/status.h"

G_BEGIN_DECLS

#define SUPERVISOR_LOCK_FILE "supervisor.lock"

/* Ends the helpers that run (SIGTERM, 5 s later SIGKILL), runs the hooks, deletes the taps, unlinks the files, removes the
 * trees. What fails is left and named in @problem (may be NULL), which is called once per failure; nothing stops the rest. */
typedef void (*ReleaseProblem)(const char *message, gpointer data);
void release_all(const SupervisorLaunch *launch, ReleaseProblem problem, gpointer data);

/* Kills what a helper that has ended leaves: the other processes of its group. */
void release_helper(const LaunchHelper *helper);

/* Writes RUN_DIR.last. */
gboolean release_write_last(const char *run_dir, const RunStatus *status, GError **error);

/* Removes every file in the folder but `lock`, the supervisor's lock last, then the folder when it is empty. */
void release_folder(int dir_fd, const char *run_dir);

/* Opens the folder's supervisor lock and locks it, waiting until @deadline (monotonic µs; 0: does not wait) for another
 * holder; makes the folder (mode 0700, parents too) when @create. Returns the lock's descriptor, which keeps it locked until
 * it is closed, and the folder's; or -1 with RESOURCE_BUSY or SYSTEM_ERROR. */
int release_lock(const char *run_dir, gboolean create, gint64 deadline, int *dir_fd, GError **error);

G_END_DECLS
