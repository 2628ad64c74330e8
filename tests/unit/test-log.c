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

/* A variable with bad words is told of and left out; the others count. */
static void
test_environment(void)
{
    static const struct {
        const char *filters, *outputs, *level;
        const char *problems;           /* NULL: none */
        int lowest;                     /* level from which module "a.b" is told of; 5: none is */
    } cases[] = {
        { NULL, NULL, NULL, NULL, 5 },
        { "", "", "", NULL, 5 },
        { "1:a", NULL, NULL, NULL, 1 },
        { NULL, "1:stderr", NULL, NULL, 3 },
        { NULL, NULL, "2", NULL, 2 },
        { NULL, NULL, "Info", NULL, 2 },
        { "9:bogus", NULL, NULL, "HVSH_LOG_FILTERS is ignored: '9:bogus' does not begin with", 5 },
        { "9:bogus", "1:stderr", NULL, "HVSH_LOG_FILTERS is ignored: ", 3 },
        { "1:a", "1:nonsense", NULL, "HVSH_LOG_OUTPUTS is ignored: log output 'nonsense' is not", 1 },
        { "2:a", "1:file:relative", NULL, "HVSH_LOG_OUTPUTS is ignored: ", 2 },
        { "4:a", NULL, "9", "HVSH_LOG_LEVEL is ignored: '9' is not a level", 4 },
        { "x", "y", NULL, "; HVSH_LOG_OUTPUTS is ignored: ", 5 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const variables[][2] = {
            { "HVSH_LOG_FILTERS", cases[i].filters }, { "HVSH_LOG_OUTPUTS", cases[i].outputs },
            { "HVSH_LOG_LEVEL", cases[i].level },
        };
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        for (gsize v = 0; v < G_N_ELEMENTS(variables); v++) {
            if (variables[v][1])
                g_setenv(variables[v][0], variables[v][1], TRUE);
            else
                g_unsetenv(variables[v][0]);
        }
        g_assert_true(log_configure(NULL, NULL, 0, NULL));
        g_assert_true(log_configure_from_env(&error) == (cases[i].problems == NULL));
        if (cases[i].problems) {
            g_assert_error(error, HV_ERROR, HV_ERR_USAGE);
            g_assert_nonnull(strstr(error->message, cases[i].problems));
        }
        for (int level = 1; level <= LOG_LEVEL_ERROR; level++)
            g_assert_cmpint(log_enabled(level, "a.b"), ==, level >= cases[i].lowest);
    }
}

/* libvirt's rule: a filter is a part of a module's name, or a pattern. */
static void
test_match(void)
{
    static const struct {
        const char *filter, *module;
        gboolean matches;
    } cases[] = {
        { "1:qemu", "qemu.monitor", TRUE }, { "1:qemu", "qemu.facts", TRUE }, { "1:monitor", "qemu.monitor", TRUE },
        { "1:qemu.monitor", "qemu.monitor", TRUE }, { "1:qemu*tor", "qemu.monitor", TRUE }, { "1:*", "qemu.monitor", TRUE },
        { "1:qemu", "embedded.store", FALSE }, { "1:qemu.monitors", "qemu.monitor", FALSE }, { "1:Qemu", "qemu.monitor", FALSE },
        { "4:qemu 1:*", "qemu.monitor", FALSE }, { "4:qemu 1:*", "util.process", TRUE }, { "1:+qemu", "qemu.monitor", TRUE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s: %s", cases[i].filter, cases[i].module);
        g_assert_true(log_configure(cases[i].filter, NULL, 0, NULL));
        g_assert_cmpint(log_enabled(LOG_LEVEL_DEBUG, cases[i].module), ==, cases[i].matches);
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
    g_test_add_func("/log/environment", test_environment);
    g_test_add_func("/log/match", test_match);
    g_test_add_func("/log/filters", test_filters);
    g_test_add_func("/log/file", test_file);
    return g_test_run();
}
