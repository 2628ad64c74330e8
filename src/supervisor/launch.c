#include "supervisor/launch-private.h"

#include "supervisor/status.h"
#include "util/error.h"
#include "util/json-file.h"
#include "util/process.h"

#include <string.h>

#define HANDSHAKE_MS 30000
#define TERM_MS 10000

static const char *const action_names[] = {
    [LAUNCH_ACTION_DESTROY] = "destroy",
    [LAUNCH_ACTION_RESTART] = "restart",
    [LAUNCH_ACTION_PRESERVE] = "preserve",
    [LAUNCH_ACTION_RENAME_RESTART] = "rename-restart",
    [LAUNCH_ACTION_COREDUMP_DESTROY] = "coredump-destroy",
    [LAUNCH_ACTION_COREDUMP_RESTART] = "coredump-restart",
};

static const char *const start_names[] = {
    [LAUNCH_START_RUNNING] = "running",
    [LAUNCH_START_PAUSED] = "paused",
    [LAUNCH_START_HOLD] = "hold",
};

SupervisorLaunch *
launch_new(const char *name, const char *uuid, int id)
{
    SupervisorLaunch *launch = g_new0(SupervisorLaunch, 1);

    launch->name = g_strdup(name);
    launch->uuid = g_strdup(uuid);
    launch->id = id;
    launch->monitor_fd = -1;
    launch->fds = g_array_new(FALSE, FALSE, sizeof(LaunchFd));
    launch->running_reason = RUNNING_BOOTED;
    launch->paused_reason = PAUSED_USER;
    launch->handshake_ms = HANDSHAKE_MS;
    launch->term_ms = TERM_MS;
    launch->on_poweroff = LAUNCH_ACTION_DESTROY;
    launch->on_reboot = LAUNCH_ACTION_RESTART;
    launch->on_crash = LAUNCH_ACTION_DESTROY;
    launch->helpers = g_ptr_array_new_with_free_func((GDestroyNotify)launch_helper_free);
    launch_release_init(&launch->release);
    return launch;
}

void
launch_free(SupervisorLaunch *launch)
{
    if (!launch)
        return;
    g_free(launch->name);
    g_free(launch->uuid);
    g_strfreev(launch->argv);
    g_strfreev(launch->env);
    g_free(launch->cwd);
    g_free(launch->run_dir);
    g_free(launch->log_path);
    g_free(launch->dump_dir);
    g_array_unref(launch->fds);
    g_free(launch->definition);
    g_ptr_array_unref(launch->helpers);
    launch_release_clear(&launch->release);
    g_free(launch);
}

void
launch_add_fd(SupervisorLaunch *launch, int fd, int target)
{
    LaunchFd entry = { fd, target };

    g_array_append_val(launch->fds, entry);
}

void
launch_add_file(SupervisorLaunch *launch, const char *path)
{
    g_ptr_array_add(launch->release.files, g_strdup(path));
}

GArray *
launch_all_fds(const SupervisorLaunch *launch)
{
    GArray *all = g_array_copy(launch->fds);

    for (guint i = 0; i < launch->helpers->len; i++) {
        const LaunchHelper *helper = g_ptr_array_index(launch->helpers, i);

        g_array_append_vals(all, helper->fds->data, helper->fds->len);
    }
    return all;
}

gboolean
launch_set_fds(SupervisorLaunch *launch, const int *fds, guint n_fds, GError **error)
{
    g_autoptr(GArray) all = launch_all_fds(launch);
    guint next = 0;

    if (all->len != n_fds)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "launch description: %u descriptors came along, not %u", n_fds, all->len);
    for (guint i = 0; i < launch->fds->len; i++)
        g_array_index(launch->fds, LaunchFd, i).fd = fds[next++];
    for (guint h = 0; h < launch->helpers->len; h++) {
        const LaunchHelper *helper = g_ptr_array_index(launch->helpers, h);

        for (guint i = 0; i < helper->fds->len; i++)
            g_array_index(helper->fds, LaunchFd, i).fd = fds[next++];
    }
    return TRUE;
}

json_t *
launch_to_json(const SupervisorLaunch *launch)
{
    json_t *json = json_object(), *fds = json_array();

    json_object_set_new(json, "version", json_integer(LAUNCH_VERSION));
    json_object_set_new(json, "name", launch_string_to_json(launch->name));
    json_object_set_new(json, "uuid", launch_string_to_json(launch->uuid));
    json_object_set_new(json, "id", json_integer(launch->id));
    json_object_set_new(json, "argv", launch_strings_to_json(launch->argv, g_strv_length(launch->argv)));
    if (launch->env)
        json_object_set_new(json, "env", launch_strings_to_json(launch->env, g_strv_length(launch->env)));
    if (launch->cwd)
        json_object_set_new(json, "cwd", launch_string_to_json(launch->cwd));
    json_object_set_new(json, "run_dir", launch_string_to_json(launch->run_dir));
    if (launch->log_path)
        json_object_set_new(json, "log", launch_string_to_json(launch->log_path));
    if (launch->dump_dir)
        json_object_set_new(json, "dump_dir", launch_string_to_json(launch->dump_dir));
    json_object_set_new(json, "monitor_fd", json_integer(launch->monitor_fd));
    for (guint i = 0; i < launch->fds->len; i++)
        json_array_append_new(fds, json_integer(g_array_index(launch->fds, LaunchFd, i).target));
    json_object_set_new(json, "fds", fds);
    json_object_set_new(json, "start", json_string(start_names[launch->start]));
    json_object_set_new(json, "running_reason", json_integer(launch->running_reason));
    json_object_set_new(json, "paused_reason", json_integer(launch->paused_reason));
    json_object_set_new(json, "handshake_ms", json_integer(launch->handshake_ms));
    json_object_set_new(json, "term_ms", json_integer(launch->term_ms));
    json_object_set_new(json, "on_poweroff", json_string(launch_action_name(launch->on_poweroff)));
    json_object_set_new(json, "on_reboot", json_string(launch_action_name(launch->on_reboot)));
    json_object_set_new(json, "on_crash", json_string(launch_action_name(launch->on_crash)));
    if (launch->owner_pid > 0)
        json_object_set_new(json, "owner", json_pack("{s:I, s:I}", "pid", (json_int_t)launch->owner_pid,
                                                     "start", (json_int_t)launch->owner_start));
    if (launch->holder_pid > 0)
        json_object_set_new(json, "holder", json_pack("{s:I, s:I}", "pid", (json_int_t)launch->holder_pid,
                                                      "start", (json_int_t)launch->holder_start));
    if (launch->definition)
        json_object_set_new(json, "definition", launch_string_to_json(launch->definition));
    json_object_set_new(json, "helpers", launch_helpers_to_json(launch->helpers));
    json_object_set_new(json, "release", launch_release_to_json(&launch->release));
    return json;
}

static gboolean
read_int(const json_t *json, const char *key, int min, int max, int *value, GError **error)
{
    const json_t *member = json_object_get(json, key);
    json_int_t number = json_integer_value(member);

    if (!member)
        return TRUE;
    if (!json_is_integer(member) || number < min || number > max)
        return launch_bad_member(error, key, "a number in its range");
    *value = (int)number;
    return TRUE;
}

static gboolean
read_action(const json_t *json, const char *key, LaunchAction *value, GError **error)
{
    const json_t *member = json_object_get(json, key);

    if (member && !(json_is_string(member) && launch_action_parse(json_string_value(member), value)))
        return launch_bad_member(error, key, "an action");
    return TRUE;
}

static gboolean
read_process(const json_t *json, const char *key, pid_t *pid, guint64 *start, GError **error)
{
    const json_t *member = json_object_get(json, key);
    json_int_t number = json_integer_value(json_object_get(member, "pid"));

    if (!member)
        return TRUE;
    if (number < 0 || number > G_MAXINT32 || !json_is_integer(json_object_get(member, "start")))
        return launch_bad_member(error, key, "a process");
    *pid = (pid_t)number;
    *start = (guint64)json_integer_value(json_object_get(member, "start"));
    return TRUE;
}

static gboolean
read_start(const json_t *json, LaunchStart *value, GError **error)
{
    const char *name = json_string_value(json_object_get(json, "start"));

    for (gsize i = 0; name && i < G_N_ELEMENTS(start_names); i++) {
        if (g_str_equal(name, start_names[i])) {
            *value = (LaunchStart)i;
            return TRUE;
        }
    }
    return launch_bad_member(error, "start", "'running', 'paused' or 'hold'");
}

static gboolean
read_fds(const json_t *json, SupervisorLaunch *launch, GError **error)
{
    const json_t *fds = json_object_get(json, "fds");

    if (fds && (!json_is_array(fds) || json_array_size(fds) > LAUNCH_MAX_FDS))
        return launch_bad_member(error, "fds", "a list of descriptor numbers");
    for (gsize i = 0; i < json_array_size(fds); i++) {
        json_int_t target = json_integer_value(json_array_get(fds, i));

        if (target <= 2 || target >= PROCESS_MAX_TARGET)
            return launch_bad_member(error, "fds", "a list of descriptor numbers");
        launch_add_fd(launch, -1, (int)target);
    }
    return TRUE;
}

SupervisorLaunch *
launch_from_json(const json_t *json, GError **error)
{
    g_autoptr(SupervisorLaunch) launch = launch_new(NULL, NULL, -1);
    const json_t *release = json_object_get(json, "release");

    if (!json_is_object(json) || json_integer_value(json_object_get(json, "version")) != LAUNCH_VERSION) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "launch description: it is not an object of version %d", LAUNCH_VERSION);
        return NULL;
    }
    if (!launch_read_string(json, "name", TRUE, &launch->name, error)
        || !launch_read_string(json, "uuid", TRUE, &launch->uuid, error)
        || !read_int(json, "id", -1, G_MAXINT32, &launch->id, error)
        || !launch_read_strings(json, "argv", TRUE, &launch->argv, error)
        || !launch_read_strings(json, "env", FALSE, &launch->env, error)
        || !launch_read_string(json, "cwd", FALSE, &launch->cwd, error)
        || !launch_read_string(json, "run_dir", TRUE, &launch->run_dir, error)
        || !launch_read_string(json, "log", FALSE, &launch->log_path, error)
        || !launch_read_string(json, "dump_dir", FALSE, &launch->dump_dir, error)
        || !read_int(json, "monitor_fd", 3, PROCESS_MAX_TARGET - 1, &launch->monitor_fd, error)
        || !read_fds(json, launch, error)
        || !read_start(json, &launch->start, error)
        || !read_int(json, "running_reason", 0, 100, &launch->running_reason, error)
        || !read_int(json, "paused_reason", 0, 100, &launch->paused_reason, error)
        || !read_int(json, "handshake_ms", 1, G_MAXINT32, &launch->handshake_ms, error)
        || !read_int(json, "term_ms", 1, G_MAXINT32, &launch->term_ms, error)
        || !read_action(json, "on_poweroff", &launch->on_poweroff, error)
        || !read_action(json, "on_reboot", &launch->on_reboot, error)
        || !read_action(json, "on_crash", &launch->on_crash, error)
        || !read_process(json, "owner", &launch->owner_pid, &launch->owner_start, error)
        || !read_process(json, "holder", &launch->holder_pid, &launch->holder_start, error)
        || !launch_read_string(json, "definition", FALSE, &launch->definition, error)
        || !launch_helpers_read(launch, json, error)
        || (release && !launch_release_add(&launch->release, release, error)))
        return NULL;

    if (!g_path_is_absolute(launch->run_dir)) {
        launch_bad_member(error, "run_dir", "an absolute path");
        return NULL;
    }
    if (!strchr(launch->argv[0], '/')) {
        launch_bad_member(error, "argv", "a program by its path");
        return NULL;
    }
    if (launch->monitor_fd < 0) {
        launch_bad_member(error, "monitor_fd", "a number in its range");
        return NULL;
    }
    return g_steal_pointer(&launch);
}

SupervisorLaunch *
launch_read(int dir_fd, const char *run_dir, GError **error)
{
    g_autofree char *label = g_build_filename(run_dir, LAUNCH_FILE, NULL);
    json_t *json = json_file_read(dir_fd, LAUNCH_FILE, label, LAUNCH_FILE_MAX_SIZE, JSON_REJECT_DUPLICATES, error);
    SupervisorLaunch *launch = json ? launch_from_json(json, error) : NULL;

    json_decref(json);
    return launch;
}

const char *
launch_action_name(LaunchAction action)
{
    return action_names[action];
}

gboolean
launch_action_parse(const char *name, LaunchAction *action)
{
    for (gsize i = 0; i < G_N_ELEMENTS(action_names); i++) {
        if (g_str_equal(name, action_names[i])) {
            *action = (LaunchAction)i;
            return TRUE;
        }
    }
    return FALSE;
}
