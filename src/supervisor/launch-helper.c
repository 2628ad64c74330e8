#include "supervisor/launch-private.h"

#include "util/process.h"

#include <string.h>

#define MAX_HELPERS 256

LaunchHelper *
launch_add_helper(SupervisorLaunch *launch, const char *name, const char *alias, const char *const *argv,
                  const char *log_path)
{
    LaunchHelper *helper = g_new0(LaunchHelper, 1);

    helper->name = g_strdup(name);
    helper->alias = g_strdup(alias);
    helper->argv = g_strdupv((char **)argv);
    helper->log_path = g_strdup(log_path);
    helper->fds = g_array_new(FALSE, FALSE, sizeof(LaunchFd));
    g_ptr_array_add(launch->helpers, helper);
    return helper;
}

void
launch_helper_free(LaunchHelper *helper)
{
    g_free(helper->name);
    g_free(helper->alias);
    g_strfreev(helper->argv);
    g_free(helper->log_path);
    g_free(helper->socket);
    g_clear_pointer(&helper->fds, g_array_unref);
    g_free(helper);
}

void
launch_helper_add_fd(LaunchHelper *helper, int fd, int target)
{
    LaunchFd entry = { fd, target };

    g_array_append_val(helper->fds, entry);
}

json_t *
launch_helpers_to_json(const GPtrArray *helpers)
{
    json_t *array = json_array();

    for (guint i = 0; i < helpers->len; i++) {
        const LaunchHelper *helper = g_ptr_array_index(helpers, i);
        json_t *json = json_object(), *fds = json_array();

        json_object_set_new(json, "name", launch_string_to_json(helper->name));
        json_object_set_new(json, "alias", launch_string_to_json(helper->alias));
        json_object_set_new(json, "argv", launch_strings_to_json(helper->argv, g_strv_length(helper->argv)));
        if (helper->log_path)
            json_object_set_new(json, "log", launch_string_to_json(helper->log_path));
        if (helper->socket)
            json_object_set_new(json, "socket", launch_string_to_json(helper->socket));
        for (guint f = 0; f < helper->fds->len; f++)
            json_array_append_new(fds, json_integer(g_array_index(helper->fds, LaunchFd, f).target));
        json_object_set_new(json, "fds", fds);
        if (helper->pid > 0) {
            json_object_set_new(json, "pid", json_integer((json_int_t)helper->pid));
            json_object_set_new(json, "start", json_integer((json_int_t)helper->pid_start));
        }
        json_array_append_new(array, json);
    }
    return array;
}

static gboolean
read_process(LaunchHelper *helper, const json_t *json, GError **error)
{
    const json_t *pid = json_object_get(json, "pid"), *start = json_object_get(json, "start");

    if (!pid)
        return TRUE;
    if (!json_is_integer(pid) || json_integer_value(pid) <= 1 || json_integer_value(pid) > G_MAXINT32
        || !json_is_integer(start))
        return launch_bad_member(error, "helpers", "a list with processes");
    helper->pid = (pid_t)json_integer_value(pid);
    helper->pid_start = (guint64)json_integer_value(start);
    return TRUE;
}

static gboolean
read_fds(LaunchHelper *helper, const json_t *fds, GError **error)
{
    if (fds && (!json_is_array(fds) || json_array_size(fds) > LAUNCH_MAX_FDS))
        return launch_bad_member(error, "helpers", "a list with descriptor numbers");
    for (gsize i = 0; i < json_array_size(fds); i++) {
        json_int_t target = json_integer_value(json_array_get(fds, i));

        if (target <= 2 || target >= PROCESS_MAX_TARGET)
            return launch_bad_member(error, "helpers", "a list with descriptor numbers");
        launch_helper_add_fd(helper, -1, (int)target);
    }
    return TRUE;
}

static gboolean
read_helper(SupervisorLaunch *launch, const json_t *json, GError **error)
{
    LaunchHelper *helper = launch_add_helper(launch, NULL, NULL, NULL, NULL);

    if (!launch_read_string(json, "name", TRUE, &helper->name, error)
        || !launch_read_string(json, "alias", TRUE, &helper->alias, error)
        || !launch_read_strings(json, "argv", TRUE, &helper->argv, error)
        || !launch_read_string(json, "log", FALSE, &helper->log_path, error)
        || !launch_read_string(json, "socket", FALSE, &helper->socket, error)
        || !read_fds(helper, json_object_get(json, "fds"), error))
        return FALSE;
    if (!strchr(helper->argv[0], '/'))
        return launch_bad_member(error, "helpers", "a list of programs by their paths");
    return read_process(helper, json, error);
}

gboolean
launch_helpers_read(SupervisorLaunch *launch, const json_t *json, GError **error)
{
    const json_t *helpers = json_object_get(json, "helpers");

    if (helpers && (!json_is_array(helpers) || json_array_size(helpers) > MAX_HELPERS))
        return launch_bad_member(error, "helpers", "a list of programs");
    for (gsize i = 0; i < json_array_size(helpers); i++)
        if (!read_helper(launch, json_array_get(helpers, i), error))
            return FALSE;
    return TRUE;
}
