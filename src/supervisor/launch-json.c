#include "supervisor/launch-private.h"

#include "util/error.h"

#include <string.h>

/* A string that is not UTF-8 (a path may hold any bytes) cannot be JSON: it is carried as Latin-1 with a mark before it. */
#define BYTES_MARK "\001bytes:"

json_t *
launch_string_to_json(const char *string)
{
    g_autoptr(GString) latin = NULL;

    if (g_utf8_validate(string, -1, NULL) && !g_str_has_prefix(string, BYTES_MARK))
        return json_string_nocheck(string);
    latin = g_string_new(BYTES_MARK);
    for (; *string; string++)
        g_string_append_unichar(latin, (guchar)*string);
    return json_string_nocheck(latin->str);
}

char *
launch_string_from_json(const json_t *json)
{
    const char *text = json_string_value(json);
    GString *bytes;

    if (!text || strlen(text) != json_string_length(json))
        return NULL;
    if (!g_str_has_prefix(text, BYTES_MARK))
        return g_strdup(text);
    bytes = g_string_new(NULL);
    for (text += strlen(BYTES_MARK); *text; text = g_utf8_next_char(text))
        g_string_append_c(bytes, (char)g_utf8_get_char(text));
    return g_string_free(bytes, FALSE);
}

json_t *
launch_strings_to_json(char *const *strings, gsize count)
{
    json_t *array = json_array();

    for (gsize i = 0; i < count; i++)
        json_array_append_new(array, launch_string_to_json(strings[i]));
    return array;
}

char **
launch_strings_from_json(const json_t *json)
{
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);

    if (!json_is_array(json) || json_array_size(json) > LAUNCH_MAX_STRINGS)
        return NULL;
    for (gsize i = 0; i < json_array_size(json); i++) {
        char *string = launch_string_from_json(json_array_get(json, i));

        if (!string)
            return NULL;
        g_ptr_array_add(strings, string);
    }
    g_ptr_array_add(strings, NULL);
    return (char **)g_ptr_array_steal(strings, NULL);
}

gboolean
launch_bad_member(GError **error, const char *key, const char *expected)
{
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "launch description: '%s' is not %s", key, expected);
}

gboolean
launch_read_string(const json_t *json, const char *key, gboolean required, char **value, GError **error)
{
    const json_t *member = json_object_get(json, key);

    if (!member && !required)
        return TRUE;
    *value = launch_string_from_json(member);
    if (!*value || (required && !**value))
        return launch_bad_member(error, key, "a string");
    return TRUE;
}

gboolean
launch_read_strings(const json_t *json, const char *key, gboolean required, char ***value, GError **error)
{
    const json_t *member = json_object_get(json, key);

    if (!member && !required)
        return TRUE;
    *value = launch_strings_from_json(member);
    if (!*value || (required && !**value))
        return launch_bad_member(error, key, "a list of strings");
    return TRUE;
}
