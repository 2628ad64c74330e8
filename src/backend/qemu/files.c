/* Whether the files of a command can be used, and if not, which part of the path is in the way. */
#include "config.h"

#include "backend/qemu/argv.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"

static char *
file_owner(const struct stat *st)
{
    struct passwd user_space, *user = NULL;
    struct group group_space, *group = NULL;
    char user_text[4096], group_text[4096];
    g_autofree char *uid = g_strdup_printf("%u", (guint)st->st_uid);
    g_autofree char *gid = g_strdup_printf("%u", (guint)st->st_gid);

    if (getpwuid_r(st->st_uid, &user_space, user_text, sizeof(user_text), &user) != 0)
        user = NULL;
    if (getgrgid_r(st->st_gid, &group_space, group_text, sizeof(group_text), &group) != 0)
        group = NULL;
    return g_strdup_printf("%s:%s", user ? user->pw_name : uid, group ? group->gr_name : gid);
}

/* The first part of @path that does not let the caller on. */
static void
file_explain(const char *path, gboolean writable, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autoptr(GString) walked = g_string_new(*path == '/' ? "/" : "");

    for (char **part = parts; *part; part++) {
        g_autofree char *owner = NULL;
        gboolean last = !part[1];
        struct stat st;
        int mode;

        if (!**part)
            continue;
        if (walked->len && walked->str[walked->len - 1] != '/')
            g_string_append_c(walked, '/');
        g_string_append(walked, *part);
        if (lstat(walked->str, &st) < 0) {
            hv_error_set_hint(error, "'%s': %s", walked->str, g_strerror(errno));
            return;
        }
        if (S_ISLNK(st.st_mode) && stat(walked->str, &st) < 0) {
            hv_error_set_hint(error, "'%s' is a symbolic link that leads nowhere: %s", walked->str, g_strerror(errno));
            return;
        }
        owner = file_owner(&st);
        if (!last && !S_ISDIR(st.st_mode)) {
            hv_error_set_hint(error, "'%s' is not a directory: owner %s, mode %04o", walked->str, owner,
                              (guint)st.st_mode & 07777);
            return;
        }
        mode = last ? (writable ? R_OK | W_OK : R_OK) : X_OK;
        if (faccessat(AT_FDCWD, walked->str, mode, AT_EACCESS) < 0) {
            hv_error_set_hint(error, "'%s' refuses %s: owner %s, mode %04o", walked->str,
                              last ? (writable ? "reading and writing" : "reading") : "passing through", owner,
                              (guint)st.st_mode & 07777);
            return;
        }
    }
}

gboolean
qemu_check_file(const char *path, gboolean writable, GError **error)
{
    struct stat st;
    int mode = writable ? R_OK | W_OK : R_OK;

    if (stat(path, &st) == 0 && faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0) {
        if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || S_ISDIR(st.st_mode))
            return TRUE;
        /* QEMU would wait for the other end of a pipe. */
        hv_throw(error, HV_ERR_SYSTEM_ERROR, "Cannot use storage file '%s': it is neither a file nor a block device", path);
        hv_error_set_source(error, HV_FROM_STORAGE);
        return FALSE;
    }
    if (errno == EACCES || errno == EPERM)
        hv_throw_errno(error, errno, "Cannot access storage file '%s' (as uid:%u, gid:%u)", path, (guint)geteuid(),
                       (guint)getegid());
    else
        hv_throw_errno(error, errno, "Cannot access storage file '%s'", path);
    hv_error_set_source(error, HV_FROM_STORAGE);
    file_explain(path, writable, error);
    return FALSE;
}

/* Kernels and firmware have another text than disks. */
static gboolean
file_check_plain(const QemuFile *file, GError **error)
{
    if (faccessat(AT_FDCWD, file->path, file->writable ? R_OK | W_OK : R_OK, AT_EACCESS) == 0)
        return TRUE;
    if (errno == ENOENT)
        hv_throw_errno(error, errno, "unable to stat: %s", file->path);
    else
        hv_throw_errno(error, errno, "unable to access: %s", file->path);
    hv_error_set_source(error, HV_FROM_QEMU);
    file_explain(file->path, file->writable, error);
    return FALSE;
}

gboolean
qemu_command_check_files(const QemuCommand *command, GError **error)
{
    for (guint i = 0; i < command->n_files; i++) {
        const QemuFile *file = &command->files[i];

        if (file->target ? !qemu_check_file(file->path, file->writable, error) : !file_check_plain(file, error))
            return FALSE;
    }
    return TRUE;
}
