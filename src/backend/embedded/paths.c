#include "config.h"

#include "backend/embedded/paths.h"

#include "util/error.h"
#include "util/files.h"

/* $@variable/hvsh, or $HOME/@fallback/hvsh. */
static char *
xdg_folder(const char *variable, const char *fallback)
{
    const char *base = g_getenv(variable);
    const char *home;

    if (base && g_path_is_absolute(base))
        return g_build_filename(base, "hvsh", NULL);
    home = g_get_home_dir();
    return home ? g_build_filename(home, fallback, "hvsh", NULL) : NULL;
}

static void
set_session(Paths *paths)
{
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");
    g_autofree char *state = xdg_folder("XDG_STATE_HOME", ".local/state");

    paths->config = xdg_folder("XDG_CONFIG_HOME", ".config");
    paths->state = xdg_folder("XDG_DATA_HOME", ".local/share");
    paths->cache = xdg_folder("XDG_CACHE_HOME", ".cache");
    paths->log = g_build_filename(state, "log", NULL);
    paths->run = runtime && g_path_is_absolute(runtime) ? g_build_filename(runtime, "hvsh", NULL)
                                                        : g_build_filename(paths->cache, "run", NULL);
}

Paths *
paths_new(PathsKind kind, const char *root, GError **error)
{
    g_autoptr(Paths) paths = g_new0(Paths, 1);

    paths->kind = kind;
    switch (kind) {
    case PATHS_SYSTEM:
        paths->config = g_strdup("/etc/hvsh");
        paths->state = g_strdup("/var/lib/hvsh");
        paths->cache = g_strdup("/var/cache/hvsh");
        paths->run = g_strdup("/run/hvsh");
        paths->log = g_strdup("/var/log/hvsh");
        break;
    case PATHS_SESSION:
        if (!g_get_home_dir() || !g_path_is_absolute(g_get_home_dir())) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot find the home directory of this user");
            return NULL;
        }
        set_session(paths);
        break;
    case PATHS_EMBED:
        if (!root || !g_path_is_absolute(root)) {
            hv_throw(error, HV_ERR_INVALID_ARG, "root directory '%s' is not an absolute path", root ? root : "");
            return NULL;
        }
        paths->config = g_build_filename(root, "etc", NULL);
        paths->state = g_build_filename(root, "lib", NULL);
        paths->cache = g_build_filename(root, "cache", NULL);
        paths->run = g_build_filename(root, "run", NULL);
        paths->log = g_build_filename(root, "log", NULL);
        break;
    }
    return g_steal_pointer(&paths);
}

void
paths_free(Paths *paths)
{
    if (!paths)
        return;
    g_free(paths->config);
    g_free(paths->state);
    g_free(paths->cache);
    g_free(paths->run);
    g_free(paths->log);
    g_free(paths);
}

char *
paths_domain_run(const Paths *paths, const char *name)
{
    g_autofree char *file = file_name_escape(name);

    return g_build_filename(paths->run, "qemu", file, NULL);
}

char *
paths_domain_config(const Paths *paths, const char *name)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *file = g_strconcat(escaped, ".xml", NULL);

    return g_build_filename(paths->config, "qemu", file, NULL);
}

char *
paths_domain_log(const Paths *paths, const char *name)
{
    g_autofree char *file = file_name_escape(name);
    g_autofree char *log = g_strconcat(file, ".log", NULL);

    return g_build_filename(paths->log, "qemu", log, NULL);
}
