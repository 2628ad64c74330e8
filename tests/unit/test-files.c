/* Files and locks: names for files, whole writes, bounded reads, trees, locks between processes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.h"
#include "util/files.h"
#include "util/lock.h"
#include "util/process.h"

typedef struct {
    char *path;
    int fd;
} Folder;

static void
folder_set_up(Folder *folder, gconstpointer data)
{
    folder->path = g_dir_make_tmp("hvsh-files-XXXXXX", NULL);
    folder->fd = folder_open_path(folder->path, FALSE, NULL);
    g_assert_cmpint(folder->fd, >=, 0);
}

static void
folder_tear_down(Folder *folder, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    close(folder->fd);
    g_assert_true(file_remove_tree(AT_FDCWD, folder->path, &error));
    g_assert_no_error(error);
    g_free(folder->path);
}

static const struct {
    const char *name;
    const char *escaped;
} names[] = {
    { "web", "web" }, { ".hidden", "%2Ehidden" }, { "..", "%2E." }, { "100%", "100%25" }, { "a/b", "a%2Fb" },
    { "a\nb", "a%0Ab" }, { "\x7f", "%7F" }, { "x.last", "x%2Elast" }, { ".last", "%2Elast" }, { "x.last.y", "x.last.y" },
    { "Ünï", "Ünï" }, { "a b", "a b" }, { "-dash", "-dash" }, { "%2E", "%252E" },
};

static const char *const not_escaped[] = { "", ".hidden", "a%2f", "a%", "a%4", "%41", "x.last", "a\nb", "%00" };

static void
test_names(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *escaped = file_name_escape(names[i].name);
        g_autofree char *back = file_name_unescape(escaped);

        g_assert_cmpstr(escaped, ==, names[i].escaped);
        g_assert_cmpstr(back, ==, names[i].name);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(not_escaped); i++)
        g_assert_null(file_name_unescape(not_escaped[i]));
}

static gboolean
count_entry(const char *name, unsigned char type, gpointer data)
{
    (*(guint *) data)++;
    return TRUE;
}

static void
test_write(Folder *folder, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize length;
    struct stat st;
    guint entries = 0;

    g_assert_true(file_write(folder->fd, "a", NULL, "old", -1, FILE_WRITE_DEFAULT, &error));
    g_assert_true(file_write(folder->fd, "a", NULL, "n\0w", 3, FILE_WRITE_SYNC, &error));
    g_assert_no_error(error);
    text = file_read(folder->fd, "a", NULL, 3, &length, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(text, length, "n\0w", 3);
    g_assert_cmpint(fstatat(folder->fd, "a", &st, 0), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0600);
    g_assert_true(folder_foreach(folder->fd, folder->path, count_entry, &entries, &error));
    g_assert_cmpuint(entries, ==, 1);
}

/* A path: nothing is made in the working directory, which is none to write to. */
static void
test_write_path(Folder *folder, gconstpointer data)
{
    g_autofree char *path = g_build_filename(folder->path, "by-path", NULL);
    g_autofree char *link = g_build_filename(folder->path, "link", NULL);
    g_autofree char *before = g_get_current_dir();
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(chdir("/proc"), ==, 0);
    g_assert_true(file_write(AT_FDCWD, path, NULL, "one", -1, FILE_WRITE_SYNC, &error));
    g_assert_no_error(error);
    for (int i = 0; i < 2; i++) {
        g_assert_true(file_link(AT_FDCWD, link, "by-path", FILE_WRITE_SYNC, &error));
        g_assert_no_error(error);
    }
    g_assert_cmpint(chdir(before), ==, 0);
    text = file_read(folder->fd, "link", NULL, 10, NULL, NULL, &error);
    g_assert_cmpstr(text, ==, "one");
}

static void
test_write_fails(Folder *folder, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(mkdirat(folder->fd, "a", 0700), ==, 0);
    g_assert_false(file_write(folder->fd, "a", "/label/a", "x", -1, FILE_WRITE_DEFAULT, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_nonnull(strstr(error->message, "/label/a"));
    g_assert_cmpint(unlinkat(folder->fd, "a", AT_REMOVEDIR), ==, 0);
}

static void
test_read_refuses(Folder *folder, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    gboolean missing = FALSE;

    g_assert_null(file_read(folder->fd, "none", NULL, 10, NULL, &missing, &error));
    g_assert_no_error(error);
    g_assert_true(missing);
    g_assert_null(file_read(folder->fd, "none", NULL, 10, NULL, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_clear_error(&error);

    g_assert_true(file_write(folder->fd, "big", NULL, "12345", -1, FILE_WRITE_DEFAULT, NULL));
    g_assert_null(file_read(folder->fd, "big", NULL, 4, NULL, &missing, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_false(missing);
    g_clear_error(&error);

    /* A fifo must not make the reader wait. */
    g_assert_cmpint(mkfifoat(folder->fd, "fifo", 0600), ==, 0);
    g_assert_null(file_read(folder->fd, "fifo", NULL, 4, NULL, &missing, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
}

static void
test_link(Folder *folder, gconstpointer data)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    g_assert_null(file_read_link(folder->fd, "l"));
    g_assert_true(file_link(folder->fd, "l", "one", FILE_WRITE_DEFAULT, NULL));
    first = file_read_link(folder->fd, "l");
    g_assert_cmpstr(first, ==, "one");
    g_assert_true(file_link(folder->fd, "l", "two", FILE_WRITE_SYNC, NULL));
    second = file_read_link(folder->fd, "l");
    g_assert_cmpstr(second, ==, "two");
    g_assert_true(file_exists(folder->fd, "l"));
    g_assert_true(file_remove(folder->fd, "l", FILE_WRITE_SYNC, NULL));
    g_assert_true(file_remove(folder->fd, "l", FILE_WRITE_SYNC, NULL));
    g_assert_false(file_exists(folder->fd, "l"));
}

/* What a link in the tree points to stays. */
static void
test_remove_tree(Folder *folder, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *deep = g_build_filename(folder->path, "tree", "a", "b", NULL);

    g_assert_true(file_write(folder->fd, "kept", NULL, "x", -1, FILE_WRITE_DEFAULT, NULL));
    g_assert_true(folder_make(deep, &error));
    g_assert_true(file_link(folder->fd, "tree/a/link", "../../kept", FILE_WRITE_DEFAULT, NULL));
    g_assert_true(file_link(folder->fd, "tree/out", folder->path, FILE_WRITE_DEFAULT, NULL));
    g_assert_true(file_remove_tree(folder->fd, "tree", &error));
    g_assert_true(file_remove_tree(folder->fd, "tree", &error));
    g_assert_no_error(error);
    g_assert_false(file_exists(folder->fd, "tree"));
    g_assert_true(file_exists(folder->fd, "kept"));
}

static void
test_folders(Folder *folder, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *missing = g_build_filename(folder->path, "x", "y", NULL);
    g_autofree char *below = g_build_filename(folder->path, "file", "y", NULL);
    struct stat st;
    int fd;

    g_assert_cmpint(folder_open_path(missing, FALSE, &error), ==, -1);
    g_assert_no_error(error);
    fd = folder_open_path(missing, TRUE, &error);
    g_assert_no_error(error);
    g_assert_cmpint(fstat(fd, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0700);
    close(fd);
    g_assert_true(file_write(folder->fd, "file", NULL, "x", -1, FILE_WRITE_DEFAULT, NULL));
    g_assert_cmpint(folder_open_path(below, TRUE, &error), ==, -1);
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
}

static void
test_leftovers(Folder *folder, gconstpointer data)
{
    struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

    g_assert_true(file_write(folder->fd, ".tmp-old", NULL, "x", -1, FILE_WRITE_DEFAULT, NULL));
    g_assert_true(file_write(folder->fd, ".tmp-new", NULL, "x", -1, FILE_WRITE_DEFAULT, NULL));
    g_assert_true(file_write(folder->fd, "other", NULL, "x", -1, FILE_WRITE_DEFAULT, NULL));
    g_assert_cmpint(utimensat(folder->fd, ".tmp-old", old, 0), ==, 0);
    g_assert_cmpint(utimensat(folder->fd, "other", old, 0), ==, 0);
    file_remove_leftovers(folder->fd);
    g_assert_false(file_exists(folder->fd, ".tmp-old"));
    g_assert_true(file_exists(folder->fd, ".tmp-new"));
    g_assert_true(file_exists(folder->fd, "other"));
}

/* --- locks ------------------------------------------------------------------------------------------ */

static void
test_lock(Folder *folder, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_auto(LockHolder) holder = { 0 };
    FileLock *lock = file_lock(folder->fd, "web", "hvsh start", 0, &error);

    g_assert_no_error(error);
    g_assert_null(file_lock(folder->fd, "web", "hvsh stop", 50, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    g_assert_true(g_str_has_prefix(error->message, "Timed out during operation: cannot acquire state change lock "
                                   "(held by hvsh start, pid "));
    g_clear_error(&error);
    g_assert_true(file_lock_holder(folder->fd, "web", &holder));
    g_assert_cmpint(holder.pid, ==, getpid());
    g_assert_cmpstr(holder.what, ==, "hvsh start");

    file_unlock(lock, FALSE);
    g_assert_true(file_exists(folder->fd, "web"));
    lock = file_lock(folder->fd, "web", "hvsh stop", 0, &error);
    g_assert_no_error(error);
    file_unlock(lock, TRUE);
    g_assert_false(file_exists(folder->fd, "web"));
    file_unlock(NULL, TRUE);
}

/* Many processes add to a counter that only the lock protects; some remove the lock's file, some die with it. */
static void
count_up(Folder *folder, guint seed)
{
    for (guint i = 0; i < 25; i++) {
        FileLock *lock = file_lock(folder->fd, "lock", "count", 20000, NULL);
        g_autofree char *text = lock ? file_read(folder->fd, "count", NULL, 20, NULL, NULL, NULL) : NULL;
        g_autofree char *next = text ? g_strdup_printf("%d", atoi(text) + 1) : NULL;

        if (!next || !file_write(folder->fd, "count", NULL, next, -1, FILE_WRITE_DEFAULT, NULL))
            _exit(1);
        if (i == 24 && seed % 2)
            _exit(0);
        file_unlock(lock, (i + seed) % 3 == 0);
    }
    _exit(0);
}

static void
test_lock_contended(Folder *folder, gconstpointer data)
{
    g_autofree char *text = NULL;
    pid_t children[8];

    g_assert_true(file_write(folder->fd, "count", NULL, "0", -1, FILE_WRITE_DEFAULT, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(children); i++) {
        children[i] = fork();
        g_assert_cmpint(children[i], >=, 0);
        if (children[i] == 0)
            count_up(folder, i);
    }
    for (guint i = 0; i < G_N_ELEMENTS(children); i++) {
        int status;

        g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
        g_assert_cmpint(status, ==, 0);
    }
    text = file_read(folder->fd, "count", NULL, 20, NULL, NULL, NULL);
    g_assert_cmpstr(text, ==, "200");
}

#define ADD(path, func) g_test_add(path, Folder, NULL, folder_set_up, func, folder_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/files/names", test_names);
    ADD("/files/write", test_write);
    ADD("/files/write-path", test_write_path);
    ADD("/files/write-fails", test_write_fails);
    ADD("/files/read-refuses", test_read_refuses);
    ADD("/files/link", test_link);
    ADD("/files/remove-tree", test_remove_tree);
    ADD("/files/folders", test_folders);
    ADD("/files/leftovers", test_leftovers);
    ADD("/lock/lock", test_lock);
    ADD("/lock/contended", test_lock_contended);
    return g_test_run();
}
