/* What the files of the file store share. */
#pragma once

#include "backend/embedded/store-files.h"
#include "util/lock.h"

G_BEGIN_DECLS

typedef struct {
    Store base;
    const Paths *paths;
    char *config_dir;           /* CONFIG/qemu */
    pid_t held_pid;             /* the emulator that was last asked about */
    guint64 held_start;
    int held_fd;                /* of that process, from the second time on; -1: none */
} StoreFiles;

/* The folder RUN/NAME. It is opened anew every time: it may have been removed and made again meanwhile. */
int store_files_open_run(StoreFiles *files, const char *name, gboolean create, GError **error);

/* store-events.c */
void store_files_emit(Store *store, const Event *event);
EventSource *store_files_watch(Store *store, const EventFilter *filter, GError **error);

G_END_DECLS
