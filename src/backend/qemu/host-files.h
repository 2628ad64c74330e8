/* The files that tell of the machine a domain is to run on. Who starts QEMU says how they are read, so that they can be those of
 * another machine. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Paths are below the root: "sys/bus/usb/devices". */
typedef struct {
    gconstpointer data;
    gboolean (*exists)(gconstpointer data, const char *path);
    /* White space at both ends cut off; NULL for what cannot be read. New string. */
    char *(*read)(gconstpointer data, const char *path);
    /* Of what is in the folder, without those with a leading dot; NULL when there is no such folder. New, ended by NULL. */
    char **(*names)(gconstpointer data, const char *path);
} QemuHostFiles;

/* @files NULL: nothing is there. */
gboolean host_files_exist(const QemuHostFiles *files, const char *format, ...) G_GNUC_PRINTF(2, 3);
char *host_files_read(const QemuHostFiles *files, const char *format, ...) G_GNUC_PRINTF(2, 3);
char **host_files_names(const QemuHostFiles *files, const char *path);

G_END_DECLS
