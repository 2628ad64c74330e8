#include "supervisor/launch-private.h"

#include <string.h>

/* The lists of strings. */
static const struct {
    const char *key;
    gsize offset;
} lists[] = {
    { "taps", G_STRUCT_OFFSET(LaunchRelease, taps) },
    { "files", G_STRUCT_OFFSET(LaunchRelease, files) },
    { "trees", G_STRUCT_OFFSET(LaunchRelease, trees) },
};

#define N_LISTS G_N_ELEMENTS(lists)

typedef struct {
    char **strings[N_LISTS];
    GPtrArray *hooks;
} Parsed;

static void
parsed_clear(Parsed *parsed)
{
    for (gsize i = 0; i < N_LISTS; i++)
        g_strfreev(parsed->strings[i]);
    g_clear_pointer(&parsed->hooks, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parsed, parsed_clear)

static GPtrArray *
list_of(const LaunchRelease *release, gsize i)
{
    return G_STRUCT_MEMBER(GPtrArray *, release, lists[i].offset);
}

void
launch_release_init(LaunchRelease *release)
{
    for (gsize i = 0; i < N_LISTS; i++)
        G_STRUCT_MEMBER(GPtrArray *, release, lists[i].offset) = g_ptr_array_new_with_free_func(g_free);
    release->hooks = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
}

void
launch_release_clear(LaunchRelease *release)
{
    for (gsize i = 0; i < N_LISTS; i++)
        g_ptr_array_unref(list_of(release, i));
    g_ptr_array_unref(release->hooks);
}

json_t *
launch_release_to_json(const LaunchRelease *release)
{
    json_t *json = json_object(), *hooks = json_array();

    for (gsize i = 0; i < N_LISTS; i++) {
        const GPtrArray *list = list_of(release, i);

        json_object_set_new(json, lists[i].key, launch_strings_to_json((char **)list->pdata, list->len));
    }
    for (guint i = 0; i < release->hooks->len; i++) {
        char **argv = g_ptr_array_index(release->hooks, i);

        json_array_append_new(hooks, launch_strings_to_json(argv, g_strv_length(argv)));
    }
    json_object_set_new(json, "hooks", hooks);
    return json;
}

/* The lists of @json, checked as a whole before anything is changed. */
static gboolean
parse(const json_t *json, Parsed *parsed, GError **error)
{
    const json_t *list = json_object_get(json, "hooks");

    for (gsize i = 0; i < N_LISTS; i++)
        if (!launch_read_strings(json, lists[i].key, FALSE, &parsed->strings[i], error))
            return FALSE;
    if (list && (!json_is_array(list) || json_array_size(list) > LAUNCH_MAX_STRINGS))
        return launch_bad_member(error, "hooks", "a list of commands");
    parsed->hooks = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    for (gsize i = 0; i < json_array_size(list); i++) {
        char **argv = launch_strings_from_json(json_array_get(list, i));

        if (!argv || !*argv) {
            g_strfreev(argv);
            return launch_bad_member(error, "hooks", "a list of commands");
        }
        g_ptr_array_add(parsed->hooks, argv);
    }
    return TRUE;
}

gboolean
launch_release_add(LaunchRelease *release, const json_t *json, GError **error)
{
    g_auto(Parsed) parsed = { 0 };

    if (!parse(json, &parsed, error))
        return FALSE;
    for (gsize i = 0; i < N_LISTS; i++)
        for (char **string = parsed.strings[i]; string && *string; string++)
            if (!g_ptr_array_find_with_equal_func(list_of(release, i), *string, g_str_equal, NULL))
                g_ptr_array_add(list_of(release, i), g_strdup(*string));
    for (guint i = 0; i < parsed.hooks->len; i++)
        g_ptr_array_add(release->hooks, g_strdupv(g_ptr_array_index(parsed.hooks, i)));
    return TRUE;
}

static gboolean
same_argv(gconstpointer a, gconstpointer b)
{
    return g_strv_equal(a, b);
}

static void
remove_equal(GPtrArray *array, gconstpointer item, GEqualFunc equal)
{
    guint index;

    if (g_ptr_array_find_with_equal_func(array, item, equal, &index))
        g_ptr_array_remove_index(array, index);
}

gboolean
launch_release_remove(LaunchRelease *release, const json_t *json, GError **error)
{
    g_auto(Parsed) parsed = { 0 };

    if (!parse(json, &parsed, error))
        return FALSE;
    for (gsize i = 0; i < N_LISTS; i++)
        for (char **string = parsed.strings[i]; string && *string; string++)
            remove_equal(list_of(release, i), *string, g_str_equal);
    for (guint i = 0; i < parsed.hooks->len; i++)
        remove_equal(release->hooks, g_ptr_array_index(parsed.hooks, i), same_argv);
    return TRUE;
}
