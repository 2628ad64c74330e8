#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "util/log.h"

static const char *const bad_filters[] = { "0:qemu", "5:qemu", "qemu", "1", "1:", ":", "1:qemu x" };
static const char *const bad_outputs[] = { "1:file:", "1:file:relative", "1:syslog:", "1:nowhere", "stderr", "9:stderr",
                                           "1:file:/nonexistent-folder/x" };

static void
test_rejects(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_filters); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("'%s'", bad_filters[i]);
        g_assert_false(log_configure(bad_filters[i], NULL, 0, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_USAGE);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad_outputs); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("'%s'", bad_outputs[i]);
        g_assert_false(log_configure(NULL, bad_outputs[i], 0, &error));
        g_assert_nonnull(error);
    }
}

static void
test_filters(void)
{
    g_assert_true(log_configure("1:qemu 3:*", "4:stderr", 0, NULL));
    g_assert_true(log_enabled(LOG_LEVEL_DEBUG, "qemu.qmp"));
    g_assert_true(log_enabled(LOG_LEVEL_DEBUG, "backend.qemu"));
    g_assert_false(log_enabled(LOG_LEVEL_INFO, "shell"));
    g_assert_true(log_enabled(LOG_LEVEL_WARN, "shell"));
}

static void
test_file(void)
{
    g_autofree char *folder = g_dir_make_tmp("hvsh-log-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "log", NULL);
    g_autofree char *output = g_strconcat("2:file:", path, NULL);
    g_autofree char *text = NULL;

    g_assert_true(log_configure("1:*", output, 0, NULL));
    HV_DEBUG("shell", "too small for this output");
    HV_WARN("shell", "to be %s", "seen");
    g_assert_true(log_configure(NULL, NULL, 0, NULL));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, ": warning : shell:test_file : to be seen\n"));
    g_assert_null(strstr(text, "too small"));
    g_unlink(path);
    g_rmdir(folder);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/rejects", test_rejects);
    g_test_add_func("/log/filters", test_filters);
    g_test_add_func("/log/file", test_file);
    return g_test_run();
}
