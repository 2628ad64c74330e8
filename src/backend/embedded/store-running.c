/* What is kept of running domains beside the supervisor's files: ids, live documents. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/store-files-private.h"
#include "supervisor/journal.h"
#include "supervisor/status.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"
#include "util/process.h"

#define LIVE_MAX (16 * 1024 * 1024)
#define NUMBER_MAX 64

typedef struct {
    StoreFiles *files;
    int run_fd;
    int config_fd;
    int highest;
} RunScan;

/* Finds the highest id, and forgets the ends of transient domains that nobody can ask about any more. */
static gboolean
scan_run(const char *file, unsigned char type, gpointer data)
{
    RunScan *scan = data;
    g_auto(StoreDomain) found = { 0 };

    if (g_str_has_suffix(file, STATUS_LAST_SUFFIX)) {
        g_autofree char *escaped = g_strndup(file, strlen(file) - strlen(STATUS_LAST_SUFFIX));
        g_autofree char *config = g_strconcat(escaped, ".xml", NULL);

        if (scan->config_fd >= 0 && !file_exists(scan->config_fd, config))
            unlinkat(scan->run_fd, file, 0);
    } else if (type != DT_REG && store_files_read_status(scan->files, scan->run_fd, file, &found) && found.active) {
        scan->highest = MAX(scan->highest, found.status.id);
    }
    return TRUE;
}

gboolean
store_files_next_id(Store *store, int *id, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    hv_autofd int run_fd = store_files_open_run(files, "", TRUE, error);
    hv_autofd int qemu_fd = run_fd >= 0 ? store_files_open_run(files, "qemu", TRUE, error) : -1;
    hv_autofd int config_fd = qemu_fd >= 0 ? store_files_open_config(files, FALSE, NULL) : -1;
    RunScan scan = { files, qemu_fd, config_fd, 0 };
    FileLock *lock;
    g_autofree char *text = NULL;
    g_autofree char *next = NULL;
    gboolean missing;
    gboolean ok;
    guint64 number;

    if (qemu_fd < 0 || !folder_foreach(qemu_fd, files->paths->run, scan_run, &scan, error))
        return FALSE;
    lock = file_lock(run_fd, ".next-id.lock", NULL, STORE_LOCK_TIMEOUT_MS, error);
    if (!lock)
        return FALSE;
    text = file_read(run_fd, "next-id", NULL, NUMBER_MAX, NULL, &missing, NULL);
    number = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    if (number <= (guint64) scan.highest || number >= G_MAXINT)
        number = (guint64) scan.highest + 1;
    next = g_strdup_printf("%" G_GUINT64_FORMAT "\n", number + 1);
    ok = file_write(run_fd, "next-id", NULL, next, -1, FILE_WRITE_DEFAULT, error);
    file_unlock(lock, FALSE);
    *id = (int) number;
    return ok;
}

char *
store_files_load_live(Store *store, const char *name, guint64 *applied, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *run = paths_domain_run(files->paths, name);
    g_autofree char *path = g_build_filename(run, "live.xml", NULL);
    g_autofree char *position = g_build_filename(run, "applied", NULL);
    gboolean missing;
    /* The position first: with a document that is newer than it, entries are applied twice, which is harmless. */
    g_autofree char *text = file_read(AT_FDCWD, position, NULL, NUMBER_MAX, NULL, &missing, NULL);

    *applied = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    return file_read(AT_FDCWD, path, path, LIVE_MAX, NULL, NULL, error);
}

gboolean
store_files_save_live(Store *store, const char *name, const char *xml, guint64 applied, GError **error)
{
    StoreFiles *files = (StoreFiles *) store;
    g_autofree char *run = paths_domain_run(files->paths, name);
    g_autofree char *path = g_build_filename(run, "live.xml", NULL);
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT "\n", applied);
    hv_autofd int fd = folder_open_path(run, TRUE, error);

    HV_DEBUG(STORE_MODULE, "live document of '%s': %zu bytes, journal read up to %" G_GUINT64_FORMAT, name, strlen(xml), applied);
    return fd >= 0 && file_write(fd, "live.xml", path, xml, -1, FILE_WRITE_DEFAULT, error) &&
           (applied == 0 || file_write(fd, "applied", NULL, text, -1, FILE_WRITE_DEFAULT, error));
}

gboolean
store_files_journal(Store *store, const char *name, guint64 applied, StoreJournalFunc func, gpointer data, GError **error)
{
    g_autofree char *run = paths_domain_run(((StoreFiles *) store)->paths, name);

    return journal_read(run, applied, func, data, error);
}

void
store_files_forget_last(Store *store, const char *name)
{
    g_autofree char *run = paths_domain_run(((StoreFiles *) store)->paths, name);
    g_autofree char *path = g_strconcat(run, STATUS_LAST_SUFFIX, NULL);

    unlink(path);
}

