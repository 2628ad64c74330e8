#include "config.h"

#include "backend/qemu/host-files.h"

#include <stdarg.h>

gboolean
host_files_exist(const QemuHostFiles *files, const char *format, ...)
{
    g_autofree char *path = NULL;
    va_list list;

    va_start(list, format);
    path = g_strdup_vprintf(format, list);
    va_end(list);
    return files && files->exists(files->data, path);
}

char *
host_files_read(const QemuHostFiles *files, const char *format, ...)
{
    g_autofree char *path = NULL;
    va_list list;

    va_start(list, format);
    path = g_strdup_vprintf(format, list);
    va_end(list);
    return files ? files->read(files->data, path) : NULL;
}

char **
host_files_names(const QemuHostFiles *files, const char *path)
{
    return files ? files->names(files->data, path) : NULL;
}
