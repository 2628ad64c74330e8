#include "host/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/process.h"

struct Host {
    int fd;                     /* of the root */
    char *root;                 /* "" for this machine */
};

Host *
host_new(const char *root, GError **error)
{
    gboolean moved = root && strcmp(root, "/") != 0;
    Host *host;
    int fd;

    if (moved && !g_path_is_absolute(root)) {
        hv_throw(error, HV_ERR_INVALID_ARG, "the root of a host must be an absolute path, not '%s'", root);
        return NULL;
    }
    fd = open(moved ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        hv_throw_errno(error, errno, "cannot open the root of the host '%s'", moved ? root : "/");
        return NULL;
    }
    host = g_new0(Host, 1);
    host->fd = fd;
    host->root = g_strdup(moved ? root : "");
    return host;
}

void
host_free(Host *host)
{
    if (!host)
        return;
    close(host->fd);
    g_free(host->root);
    g_free(host);
}

gboolean
host_is_this_machine(const Host *host)
{
    return !*host->root;
}

/* --- reading --------------------------------------------------------------------------------------- */

#define FORMAT_PATH(path, format) \
    g_autofree char *path = NULL; \
    do { \
        va_list list; \
        va_start(list, format); \
        path = g_strdup_vprintf(format, list); \
        va_end(list); \
    } while (0)

static gboolean
is_missing(int cause)
{
    return cause == ENOENT || cause == ENOTDIR || cause == ENODEV || cause == ENXIO;
}

static gboolean
throw_file(const Host *host, const char *path, int cause, const char *what, GError **error)
{
    return hv_throw_errno(error, cause, "cannot %s '%s/%s'", what, host->root, path);
}

/* What a file of sysfs holds comes with one read, a page at most (Documentation/filesystems/sysfs.rst): there are thousands of them. */
static gboolean
is_attribute(const char *path)
{
    return strncmp(path, "sys/", 4) == 0;
}

/* 0, or the reason. */
static int
read_all(int fd, const char *path, GByteArray *bytes)
{
    guint8 block[4096];
    gssize n;

    do {
        do {
            n = read(fd, block, sizeof block);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
            return errno;
        if (bytes->len + (gsize)n > HOST_FILE_MAX)
            return EFBIG;
        g_byte_array_append(bytes, block, (guint)n);
    } while (n != 0 && !(n < (gssize)sizeof block && is_attribute(path)));
    return 0;
}

/* The size of a file under /proc and /sys says nothing: what can be read counts. Folders and devices come to nothing when they are
 * read; elsewhere than in sysfs they are looked for, since a device may go on for ever. */
static HostResult
read_bytes(const Host *host, const char *path, char **data, gsize *length, GError **error)
{
    /* O_NONBLOCK: a fifo under this name must not stop us. */
    hv_autofd int fd = openat(host->fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    g_autoptr(GByteArray) bytes = NULL;
    struct stat st;
    int failure;

    if (fd < 0) {
        if (is_missing(errno))
            return HOST_MISSING;
        throw_file(host, path, errno, "open", error);
        return HOST_FAILED;
    }
    if (!is_attribute(path) && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        throw_file(host, path, S_ISDIR(st.st_mode) ? EISDIR : EINVAL, "read", error);
        return HOST_FAILED;
    }
    bytes = g_byte_array_sized_new(128);
    failure = read_all(fd, path, bytes);
    /* Attributes of a CPU or device that is leaving. */
    if (failure && is_missing(failure))
        return HOST_MISSING;
    if (failure) {
        throw_file(host, path, failure, "read", error);
        return HOST_FAILED;
    }
    *length = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    *data = (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
    return HOST_OK;
}

static HostResult
read_file(const Host *host, const char *path, char **text, GError **error)
{
    g_autofree char *data = NULL;
    gsize length = 0;
    HostResult result = read_bytes(host, path, &data, &length, error);

    if (result != HOST_OK)
        return result;
    if (strlen(data) != length) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s/%s' is no text", host->root, path);
        return HOST_FAILED;
    }
    *text = g_steal_pointer(&data);
    return HOST_OK;
}

char *
host_read(const Host *host, GError **error, const char *format, ...)
{
    char *text = NULL;
    FORMAT_PATH(path, format);

    if (read_file(host, path, &text, error) == HOST_MISSING)
        throw_file(host, path, ENOENT, "open", error);
    return text;
}

char *
host_read_optional(const Host *host, GError **error, const char *format, ...)
{
    char *text = NULL;
    FORMAT_PATH(path, format);

    return read_file(host, path, &text, error) == HOST_OK ? text : NULL;
}

char *
host_read_word(const Host *host, const char *format, ...)
{
    g_autofree char *text = NULL;
    FORMAT_PATH(path, format);

    if (read_file(host, path, &text, NULL) != HOST_OK || !g_utf8_validate(text, -1, NULL))
        return NULL;
    return g_strdup(g_strstrip(text));
}

char *
host_read_string(const Host *host, const char *format, ...)
{
    char *data = NULL;
    gsize length;
    FORMAT_PATH(path, format);

    return read_bytes(host, path, &data, &length, NULL) == HOST_OK ? data : NULL;
}

static HostResult
throw_content(const Host *host, const char *path, const char *what, const char *text, GError **error)
{
    g_autofree char *shown = g_strndup(text, 40);
    g_autofree char *escaped = g_strescape(g_strchomp(shown), NULL);

    hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s/%s' holds '%s', which is no %s", host->root, path, escaped, what);
    return HOST_FAILED;
}

HostResult
host_read_int(const Host *host, gint64 *value, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    HostResult result;
    gint64 number;
    FORMAT_PATH(path, format);

    result = read_file(host, path, &text, error);
    if (result != HOST_OK)
        return result;
    if (!g_ascii_string_to_signed(g_strchomp(text), 10, G_MININT64, G_MAXINT64, &number, NULL))
        return throw_content(host, path, "number", text, error);
    *value = number;
    return HOST_OK;
}

HostResult
host_read_list(const Host *host, CpuSet **set, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    HostResult result;
    CpuSet *read;
    FORMAT_PATH(path, format);

    result = read_file(host, path, &text, error);
    if (result != HOST_OK)
        return result;
    read = cpu_set_parse_list(text);
    if (!read)
        return throw_content(host, path, "list of numbers", text, error);
    *set = read;
    return HOST_OK;
}

/* More entries than this no folder has that is read here. */
#define NAMES_MAX 65536

static HostResult
read_names(const Host *host, const char *path, char ***names, GError **error)
{
    int fd = openat(host->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    GPtrArray *found;
    struct dirent *entry;

    if (!dir) {
        int cause = errno;

        if (fd >= 0)
            close(fd);
        if (is_missing(cause))
            return HOST_MISSING;
        throw_file(host, path, cause, "read directory", error);
        return HOST_FAILED;
    }
    found = g_ptr_array_new();
    while ((entry = readdir(dir)) && found->len < NAMES_MAX)
        if (entry->d_name[0] != '.')
            g_ptr_array_add(found, g_strdup(entry->d_name));
    closedir(dir);
    g_ptr_array_add(found, NULL);
    *names = (char **)g_ptr_array_free(found, FALSE);
    return HOST_OK;
}

HostResult
host_read_names(const Host *host, char ***names, GError **error, const char *format, ...)
{
    FORMAT_PATH(path, format);

    return read_names(host, path, names, error);
}

HostResult
host_read_folder(const Host *host, const char *prefix, CpuSet **set, GError **error, const char *format, ...)
{
    g_autoptr(CpuSet) found = cpu_set_new();
    g_auto(GStrv) names = NULL;
    gsize length = strlen(prefix);
    HostResult result;
    FORMAT_PATH(path, format);

    result = read_names(host, path, &names, error);
    if (result != HOST_OK)
        return result;
    for (char **name = names; *name; name++) {
        guint64 number;

        if (strncmp(*name, prefix, length) == 0 &&
            g_ascii_string_to_unsigned(*name + length, 10, 0, CPU_SET_LIMIT - 1, &number, NULL))
            cpu_set_add(found, (guint)number);
    }
    *set = g_steal_pointer(&found);
    return HOST_OK;
}

/* --- writing ----------------------------------------------------------------------------------------- */

gboolean
host_write(const Host *host, const char *text, GError **error, const char *format, ...)
{
    /* A file of a copy keeps what a longer text has left behind, one of the kernel does not. */
    int flags = O_WRONLY | O_NONBLOCK | O_CLOEXEC | (host_is_this_machine(host) ? 0 : O_TRUNC);
    hv_autofd int fd = -1;
    gssize n;
    FORMAT_PATH(path, format);

    fd = openat(host->fd, path, flags);
    if (fd < 0) {
        if (errno == EACCES || errno == EPERM)
            return hv_throw_errno(error, errno, "cannot write to '%s/%s', which takes root", host->root, path);
        return throw_file(host, path, errno, "write to", error);
    }
    do {
        n = write(fd, text, strlen(text));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return throw_file(host, path, errno, "write to", error);
    return TRUE;
}

gboolean
host_exists(const Host *host, const char *format, ...)
{
    FORMAT_PATH(path, format);

    return faccessat(host->fd, path, F_OK, AT_EACCESS) == 0;
}

gboolean
host_writable(const Host *host, const char *format, ...)
{
    FORMAT_PATH(path, format);

    return faccessat(host->fd, path, W_OK, AT_EACCESS) == 0;
}

char *
host_path(const Host *host, const char *format, ...)
{
    FORMAT_PATH(path, format);

    return g_strdup_printf("%s/%s", host->root, path);
}
