#include "config.h"

#include "util/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/process.h"

#define TEMP_PREFIX ".tmp-"
#define LEFTOVER_AGE_S 60
#define LAST_SUFFIX ".last"
#define TREE_MAX_DEPTH 64

/* --- names ---------------------------------------------------------------------------------------- */

static gboolean
needs_escape(const char *name, gsize i, gsize length)
{
    guchar c = name[i];

    if (c < 0x20 || c == 0x7f || c == '%' || c == '/')
        return TRUE;
    if (c != '.')
        return FALSE;
    return i == 0 || (i + strlen(LAST_SUFFIX) == length && strcmp(name + i, LAST_SUFFIX) == 0);
}

char *
file_name_escape(const char *name)
{
    gsize length = strlen(name);
    GString *escaped = g_string_sized_new(length + 8);

    for (gsize i = 0; i < length; i++) {
        if (needs_escape(name, i, length))
            g_string_append_printf(escaped, "%%%02X", (guchar) name[i]);
        else
            g_string_append_c(escaped, name[i]);
    }
    return g_string_free(escaped, FALSE);
}

char *
file_name_unescape(const char *escaped)
{
    g_autofree char *name = NULL;
    g_autofree char *again = NULL;

    if (!strchr(escaped, '%')) {
        name = g_strdup(escaped);
    } else {
        GString *text = g_string_sized_new(strlen(escaped));

        for (const char *p = escaped; *p; p++) {
            if (*p == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
                g_string_append_c(text, (char) (g_ascii_xdigit_value(p[1]) * 16 + g_ascii_xdigit_value(p[2])));
                p += 2;
            } else {
                g_string_append_c(text, *p);
            }
        }
        name = g_string_free(text, FALSE);
    }
    again = file_name_escape(name);
    return strcmp(again, escaped) == 0 && *name ? g_steal_pointer(&name) : NULL;
}

/* --- folders -------------------------------------------------------------------------------------- */

static const char *const shared_places[] = { "/etc", "/var", "/run", "/usr", NULL };

/* Folders above ours are only made where a system lacks them, and are not ours to close to others. */
static mode_t
folder_mode(const char *path, gsize length, gboolean last)
{
    if (last)
        return 0700;
    for (const char *const *place = shared_places; *place; place++) {
        if (strlen(*place) == length && strncmp(path, *place, length) == 0)
            return 0755;
    }
    return 0700;
}

gboolean
folder_make(const char *path, GError **error)
{
    g_autofree char *copy = g_strdup(path);
    gsize length = strlen(copy);

    if (mkdir(copy, 0700) == 0)
        return TRUE;
    if (errno == EEXIST) {
        struct stat st;

        if (stat(copy, &st) == 0 && S_ISDIR(st.st_mode))
            return TRUE;
        return hv_throw_errno(error, ENOTDIR, "cannot create directory '%s'", path);
    }
    for (gsize i = 1; i <= length; i++) {
        gboolean last = i == length;

        if (!last && copy[i] != '/')
            continue;
        copy[i] = '\0';
        if (mkdir(copy, folder_mode(copy, i, last)) < 0 && errno != EEXIST)
            return hv_throw_errno(error, errno, "cannot create directory '%s'", copy);
        if (!last)
            copy[i] = '/';
    }
    return TRUE;
}

int
folder_open_path(const char *path, gboolean create, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT && create) {
        if (!folder_make(path, error))
            return -1;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0 && (errno != ENOENT || create))
        hv_throw_errno(error, errno, "cannot open directory '%s'", path);
    return fd;
}

/* --- writing -------------------------------------------------------------------------------------- */

/* A new name in the folder of @name, which may be a path. */
static char *
temp_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    guint64 random = 0;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = (guint64) g_get_real_time() * (guint64) getpid();
    return g_strdup_printf("%.*s" TEMP_PREFIX "%016" G_GINT64_MODIFIER "x", slash ? (int) (slash + 1 - name) : 0, name,
                           random);
}

static gboolean
write_all(int fd, const char *data, gsize length)
{
    while (length > 0) {
        gssize n = write(fd, data, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        data += n;
        length -= n;
    }
    return TRUE;
}

/* The folder that @name is in. */
static gboolean
sync_folder(int dir_fd, const char *name, const char *label, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(name);
    hv_autofd int fd = openat(dir_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL && errno != EROFS))
        return hv_throw_errno(error, errno, "cannot sync the directory of '%s'", label);
    return TRUE;
}

gboolean
file_write(int dir_fd, const char *name, const char *label, const char *data, gssize length, FileWriteFlags flags,
           GError **error)
{
    g_autofree char *temp = temp_name(name);
    hv_autofd int fd = -1;
    int cause;

    if (!label)
        label = name;
    fd = openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return hv_throw_errno(error, errno, "cannot write '%s'", label);
    if (write_all(fd, data, length < 0 ? strlen(data) : (gsize) length) &&
        (!(flags & FILE_WRITE_SYNC) || fsync(fd) == 0) && renameat(dir_fd, temp, dir_fd, name) == 0)
        return !(flags & FILE_WRITE_SYNC) || sync_folder(dir_fd, name, label, error);

    cause = errno;
    unlinkat(dir_fd, temp, 0);
    return hv_throw_errno(error, cause, "cannot write '%s'", label);
}

gboolean
file_link(int dir_fd, const char *name, const char *target, FileWriteFlags flags, GError **error)
{
    /* The usual case first: nothing is there yet. */
    if (symlinkat(target, dir_fd, name) < 0) {
        g_autofree char *temp = NULL;

        if (errno != EEXIST)
            return hv_throw_errno(error, errno, "cannot create link '%s'", name);
        temp = temp_name(name);
        if (symlinkat(target, dir_fd, temp) < 0)
            return hv_throw_errno(error, errno, "cannot create link '%s'", name);
        if (renameat(dir_fd, temp, dir_fd, name) < 0) {
            int cause = errno;

            unlinkat(dir_fd, temp, 0);
            return hv_throw_errno(error, cause, "cannot create link '%s'", name);
        }
    }
    return !(flags & FILE_WRITE_SYNC) || sync_folder(dir_fd, name, name, error);
}

gboolean
file_remove(int dir_fd, const char *name, FileWriteFlags flags, GError **error)
{
    if (unlinkat(dir_fd, name, 0) < 0) {
        if (errno == ENOENT)
            return TRUE;
        return hv_throw_errno(error, errno, "cannot remove '%s'", name);
    }
    return !(flags & FILE_WRITE_SYNC) || sync_folder(dir_fd, name, name, error);
}

/* --- reading -------------------------------------------------------------------------------------- */

char *
file_read(int dir_fd, const char *name, const char *label, gsize max, gsize *length, gboolean *missing, GError **error)
{
    /* O_NONBLOCK: a fifo under this name must not stop us. */
    hv_autofd int fd = openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    g_autofree char *buffer = NULL;
    gsize size;
    gsize used = 0;
    struct stat st;

    if (!label)
        label = name;
    if (missing)
        *missing = FALSE;
    if (fd < 0) {
        if (errno == ENOENT && missing) {
            *missing = TRUE;
            return NULL;
        }
        hv_throw_errno(error, errno, "cannot open '%s'", label);
        return NULL;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        hv_throw_errno(error, S_ISDIR(st.st_mode) ? EISDIR : EINVAL, "cannot read '%s'", label);
        return NULL;
    }
    if ((guint64) st.st_size > max) {
        hv_throw_errno(error, EFBIG, "cannot read '%s'", label);
        return NULL;
    }

    size = st.st_size;
    buffer = g_malloc(size + 1);
    while (used < size) {
        gssize n = read(fd, buffer + used, size - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            hv_throw_errno(error, errno, "cannot read '%s'", label);
            return NULL;
        }
        if (n == 0)
            break;
        used += n;
    }
    buffer[used] = '\0';
    if (length)
        *length = used;
    return g_steal_pointer(&buffer);
}

char *
file_read_link(int dir_fd, const char *name)
{
    char target[PATH_MAX];
    gssize n = readlinkat(dir_fd, name, target, sizeof target - 1);

    if (n <= 0)
        return NULL;
    target[n] = '\0';
    return g_strdup(target);
}

gboolean
file_exists(int dir_fd, const char *name)
{
    return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* --- walking -------------------------------------------------------------------------------------- */

gboolean
folder_foreach(int dir_fd, const char *label, FolderFunc func, gpointer data, GError **error)
{
    /* A descriptor of its own, so that the position in the folder is too. */
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (!dir) {
        int cause = errno;

        if (fd >= 0)
            close(fd);
        return hv_throw_errno(error, cause, "cannot read directory '%s'", label);
    }
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] != '.' && !func(entry->d_name, entry->d_type, data))
            break;
    }
    closedir(dir);
    return TRUE;
}

static gboolean
remove_tree(int dir_fd, const char *name, guint depth, GError **error)
{
    int fd;
    DIR *dir;
    struct dirent *entry;
    gboolean ok = TRUE;

    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return TRUE;
    if (errno != EISDIR && errno != EPERM)
        return hv_throw_errno(error, errno, "cannot remove '%s'", name);
    if (depth >= TREE_MAX_DEPTH)
        return hv_throw_errno(error, ELOOP, "cannot remove '%s'", name);

    fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || hv_throw_errno(error, errno, "cannot remove '%s'", name);
    dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return hv_throw_errno(error, errno, "cannot remove '%s'", name);
    }
    while (ok && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ok = remove_tree(fd, entry->d_name, depth + 1, error);
    }
    closedir(dir);
    if (!ok)
        return FALSE;
    if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return hv_throw_errno(error, errno, "cannot remove '%s'", name);
    return TRUE;
}

gboolean
file_remove_tree(int dir_fd, const char *name, GError **error)
{
    return remove_tree(dir_fd, name, 0, error);
}

void
file_remove_leftovers(int dir_fd)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    struct dirent *entry;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(dir))) {
        struct stat st;

        if (g_str_has_prefix(entry->d_name, TEMP_PREFIX) &&
            fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && now - st.st_mtime > LEFTOVER_AGE_S)
            unlinkat(fd, entry->d_name, 0);
    }
    closedir(dir);
}
