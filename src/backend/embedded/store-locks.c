/* Who changes a domain now: locks, and jobs that outlast them. */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/store-files-private.h"
#include "backend/embedded/supervisor-client.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"
#include "util/process.h"

#define SUPERVISOR_END_MS 10000

/* --- locks ------------------------------------------------------------------------------------------ */

typedef struct {
    StoreLock base;
    FileLock *lock;
    char *name;                 /* NULL: the lock of the names */
} FilesLock;

/* Clears away what is left of a guest whose QEMU is dead. */
static gboolean
clean_up(StoreFiles *files, const char *name, GError **error)
{
    g_autofree char *run = paths_domain_run(files->paths, name);
    g_autofree char *escaped = file_name_escape(name);
    hv_autofd int run_fd = store_files_open_run(files, "qemu", FALSE, NULL);
    hv_autofd int fd = run_fd >= 0 ? openat(run_fd, escaped, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    g_autoptr(GError) failure = NULL;
    gboolean missing = FALSE, held, known;
    RunStatus status;

    if (fd < 0)
        return TRUE;
    known = status_read_folder(fd, ".", &status, &missing, &failure);
    if (known && status_running(&status))
        return TRUE;
    if (!supervisor_cleanup(run, SUPERVISOR_END_MS, &held, error))
        return FALSE;
    if (!held)
        return file_remove_tree(run_fd, escaped, error);
    if (known)
        return hv_throw(error, HV_ERR_OPERATION_TIMEOUT,
                        "the supervisor (pid %d) of domain '%s' does not end although its guest has",
                        (int) status.supervisor_pid, name);
    hv_throw(error, HV_ERR_RESOURCE_BUSY, "domain '%s' has a supervisor, but its status cannot be read: %s", name,
             missing ? "it is missing" : failure->message);
    hv_error_set_hint(error, "see in '%s' what is there; the guest may be running", run);
    return FALSE;
}

StoreLock *
store_files_lock(Store *store, const char *name, const char *what, int timeout_ms, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *holder = g_strconcat("hvsh ", what, NULL);
    hv_autofd int fd = store_files_open_run(files, "lock", TRUE, error);
    gint64 began = g_get_monotonic_time();
    FileLock *file = fd >= 0 ? file_lock(fd, escaped, holder, timeout_ms, error) : NULL;
    FilesLock *lock;

    HV_DEBUG(STORE_MODULE, "lock of '%s' for '%s': %s after %" G_GINT64_FORMAT " us", name, what,
             file ? "taken" : "not taken", g_get_monotonic_time() - began);
    if (!file)
        return NULL;
    if (!clean_up(files, name, error)) {
        file_unlock(file, FALSE);
        return NULL;
    }
    lock = g_new0(FilesLock, 1);
    lock->base.store = store;
    lock->lock = file;
    lock->name = g_strdup(name);
    return &lock->base;
}

StoreLock *
store_files_lock_names(Store *store, GError **error)
{
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "lock", TRUE, error);
    FileLock *file = fd >= 0 ? file_lock(fd, ".names", "hvsh", STORE_LOCK_TIMEOUT_MS, error) : NULL;
    FilesLock *lock;

    HV_DEBUG(STORE_MODULE, "lock of the names: %s", file ? "taken" : "not taken");
    if (!file)
        return NULL;
    store_files_settle(store, NULL, NULL, NULL);
    lock = g_new0(FilesLock, 1);
    lock->base.store = store;
    lock->lock = file;
    return &lock->base;
}

void
store_files_unlock(StoreLock *base)
{
    FilesLock *lock = (FilesLock *) base;
    StoreFiles *files = (StoreFiles *) base->store;
    gboolean gone = FALSE;

    if (lock->name) {
        g_autofree char *file = store_files_config_file(lock->name);
        g_autofree char *config = g_build_filename(files->config_dir, file, NULL);
        g_autofree char *run = paths_domain_run(files->paths, lock->name);

        gone = !file_exists(AT_FDCWD, config) && !file_exists(AT_FDCWD, run);
        if (gone)
            store_files_forget_last(base->store, lock->name);
    }
    file_unlock(lock->lock, gone);
    HV_DEBUG(STORE_MODULE, "lock of %s%s%s given back", lock->name ? "'" : "", lock->name ? lock->name : "the names",
             lock->name ? "'" : "");
    g_free(lock->name);
    g_free(lock);
}

/* --- jobs ------------------------------------------------------------------------------------------- */

gboolean
store_files_job_begin(Store *store, const char *name, const char *type, GError **error)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *text = g_strdup_printf("%d %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %s\n", getpid(),
                                            process_start_time(getpid()), g_get_real_time() / 1000, type);
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "job", TRUE, error);

    return fd >= 0 && file_write(fd, escaped, NULL, text, -1, FILE_WRITE_DEFAULT, error);
}

void
store_files_job_end(Store *store, const char *name)
{
    g_autofree char *escaped = file_name_escape(name);
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "job", FALSE, NULL);

    if (fd >= 0)
        unlinkat(fd, escaped, 0);
}

gboolean
store_files_job_get(Store *store, const char *name, StoreJob *job)
{
    g_autofree char *escaped = file_name_escape(name);
    hv_autofd int fd = store_files_open_run((StoreFiles *) store, "job", FALSE, NULL);
    g_auto(LockHolder) holder = { 0 };

    /* The record has the form of a lock's holder. */
    if (fd < 0 || !file_lock_holder(fd, escaped, &holder))
        return FALSE;
    job->type = g_steal_pointer(&holder.what);
    job->owner_pid = holder.pid;
    job->since_ms = holder.since_ms;
    return TRUE;
}

