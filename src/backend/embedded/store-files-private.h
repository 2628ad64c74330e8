/* What the files of the file store share. */
#pragma once

#include "backend/embedded/store-files.h"
#include "util/lock.h"

G_BEGIN_DECLS

#define STORE_MODULE "embedded.store"   /* of traces (util/log.h) */

typedef struct {
    Store base;
    const Paths *paths;
    char *config_dir;           /* CONFIG/qemu */
    pid_t held_pid;             /* the emulator that was last asked about */
    guint64 held_start;
    int held_fd;                /* of that process, from the second time on; -1: none */
} StoreFiles;

/* store-files.c */

/* The file of that domain's definition: "NAME.xml". New string. */
char *store_files_config_file(const char *name);
/* The domain that a file in the configuration folder (or a link's target) stands for; NULL for other files. New string. */
char *store_files_config_name(const char *file);
/* Folders: CONFIG/qemu, CONFIG/qemu/NAME, RUN/NAME. They are opened anew every time: they may have been removed and made
 * again meanwhile. */
int store_files_open_config(StoreFiles *files, gboolean create, GError **error);
int store_files_open_config_folder(StoreFiles *files, const char *name, gboolean create, GError **error);
int store_files_open_run(StoreFiles *files, const char *name, gboolean create, GError **error);
/* Those for autostart. */
gboolean store_files_remove_marks(Store *store, const char *name, GError **error);

/* store-find.c */

/* The domain that the uuid is linked to; NULL: none. New string. */
char *store_files_linked_name(int uuid_fd, const char *uuid);
/* Fills active, status and, where it is empty, uuid. FALSE when @escaped (in @run_fd) is not the folder of a domain that
 * runs, or ran a moment ago. */
gboolean store_files_read_status(StoreFiles *files, int run_fd, const char *escaped, StoreDomain *domain);
GPtrArray *store_files_list(Store *store, gboolean with_last, GError **error);
gboolean store_files_find_name(Store *store, const char *name, StoreDomain *domain, GError **error);
gboolean store_files_find_uuid(Store *store, const char *uuid, StoreDomain *domain, GError **error);
gboolean store_files_find_id(Store *store, int id, StoreDomain *domain, GError **error);

/* store-removal.c */
/* Notes, on disk, what is to go with that definition. */
gboolean store_files_removal_write(StoreFiles *files, const char *name, const char *uuid, const StoreRemains *remains, GError **error);
/* Notes that of the files of these two names with that uuid, the one that the link will not mean is to go. */
gboolean store_files_renaming_write(StoreFiles *files, const char *name, const char *new_name, const char *uuid, GError **error);
/* Like StoreFuncs.settle. @name NULL: everything, as far as it can be done; no error then. */
gboolean store_files_settle(Store *store, const char *name, const char *uuid, GError **error);

/* store-marks.c */
gboolean store_files_get_autostart(Store *store, const char *name, StoreAutostart kind, gboolean *on, GError **error);
gboolean store_files_set_autostart(Store *store, const char *name, StoreAutostart kind, gboolean on, GError **error);
GHashTable *store_files_autostarted(Store *store, StoreAutostart kind, GError **error);

/* store-running.c */
gboolean store_files_next_id(Store *store, int *id, GError **error);
char *store_files_load_live(Store *store, const char *name, guint64 *applied, GError **error);
gboolean store_files_save_live(Store *store, const char *name, const char *xml, guint64 applied, GError **error);
gboolean store_files_journal(Store *store, const char *name, guint64 applied, StoreJournalFunc func, gpointer data,
                             GError **error);
void store_files_forget_last(Store *store, const char *name);

/* store-locks.c */
StoreLock *store_files_lock(Store *store, const char *name, const char *what, int timeout_ms, GError **error);
StoreLock *store_files_lock_names(Store *store, GError **error);
void store_files_unlock(StoreLock *base);
gboolean store_files_job_begin(Store *store, const char *name, const char *type, GError **error);
void store_files_job_end(Store *store, const char *name);
gboolean store_files_job_get(Store *store, const char *name, StoreJob *job);

/* store-events.c */
void store_files_emit(Store *store, const Event *event);
EventSource *store_files_watch(Store *store, const EventFilter *filter, GError **error);

G_END_DECLS
