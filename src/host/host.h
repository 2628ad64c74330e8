/* The machine that everything runs on, as the files under its /proc and /sys tell.
 *
 * A Host stands for one root folder: "/" is this machine, any other folder a copy (or an invention) of the files of another
 * one, for tests and for looking at reports. Nothing is kept: each call reads the files anew. Everything under the root is bytes
 * from outside, read with a limit and checked.
 *
 * Errors: SYSTEM_ERROR names the file and the system's reason; INTERNAL_ERROR names the file and what is wrong with its
 * content. Used by one thread. */
#pragma once

#include <glib.h>

#include "util/cpu-set.h"

G_BEGIN_DECLS

/* Variable of the environment that moves the root; who honours it is said in backend/embedded/driver.c. */
#define HOST_ROOT_VARIABLE "HVSH_HOST_ROOT"

typedef struct Host Host;

/* @root NULL or "/": this machine. INVALID_ARG for a path that is not absolute, SYSTEM_ERROR when it is no folder. */
Host *host_new(const char *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void host_free(Host *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Host, host_free)

/* FALSE for a moved root: what no file tells (CPUID, ioctls, programs such as dmidecode) must not be asked then. */
gboolean host_is_this_machine(const Host *host);

/* --- files; paths are relative to the root ("proc/meminfo"), given as a format --- */

/* The largest file that is read: /proc/cpuinfo of 1024 CPUs has about 1.6 MB. */
#define HOST_FILE_MAX (16 * 1024 * 1024)

/* The whole text, or NULL with an error. */
char *host_read(const Host *host, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4) G_GNUC_WARN_UNUSED_RESULT;
/* The same for what need not be there: NULL without an error when the file is missing (ENOENT, ENOTDIR, ENODEV,
 * ENXIO). */
char *host_read_optional(const Host *host, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4)
    G_GNUC_WARN_UNUSED_RESULT;
/* As host_read_optional(), white space at both ends cut off; NULL also for what cannot be read or is not UTF-8. */
char *host_read_word(const Host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* What stands before the first NUL of a file that may hold some (device tree). NULL for what cannot be read. */
char *host_read_string(const Host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);

typedef enum {
    HOST_FAILED = -1,           /* with an error */
    HOST_MISSING = 0,           /* no such file, no error; the value is left alone */
    HOST_OK = 1,
} HostResult;

/* One decimal number and a line end, within the type. */
HostResult host_read_int(const Host *host, gint64 *value, GError **error, const char *format, ...) G_GNUC_PRINTF(4, 5);
/* A list of CPUs or cells ("0-3,8"). */
HostResult host_read_list(const Host *host, CpuSet **set, GError **error, const char *format, ...) G_GNUC_PRINTF(4, 5);
/* The numbers of a folder's entries that are called @prefix and a number (cpu0, cpu1 …). */
HostResult host_read_folder(const Host *host, const char *prefix, CpuSet **set, GError **error, const char *format, ...)
    G_GNUC_PRINTF(5, 6);
/* All names in a folder but those with a leading dot, at most 65536: a new array ended by a NULL. */
HostResult host_read_names(const Host *host, char ***names, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* Writes into an existing file, as tunables want it: one write, nothing truncated or created on this machine. Where the right is
 * missing the error names the file and the right. */
gboolean host_write(const Host *host, const char *text, GError **error, const char *format, ...) G_GNUC_PRINTF(4, 5);
gboolean host_exists(const Host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Whether a write would be permitted; TRUE also says that the file is there. */
gboolean host_writable(const Host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* "/proc/meminfo", or the path in the moved root: what a message calls the file. A new string. */
char *host_path(const Host *host, const char *format, ...) G_GNUC_PRINTF(2, 3);

G_END_DECLS
