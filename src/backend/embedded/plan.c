#include "backend/embedded/plan.h"

#include <stdlib.h>
#include <string.h>

/* Paths are bytes, JSON strings are UTF-8. */
static json_t *
string_of(const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    return valid ? json_string(valid) : json_null();
}

json_t *
plan_new(void)
{
    return json_pack("{s:[], s:[], s:[], s:[]}", "files", "argv", "qmp", "helpers");
}

void
plan_add_file(json_t *plan, const char *action, const char *path, const char *target)
{
    json_array_append_new(json_object_get(plan, "files"), json_pack("{s:s, s:o, s:o}", "action", action, "path", string_of(path),
                                                                    "target", string_of(target)));
}

void
plan_append_files(const json_t *plan, GString *text)
{
    const json_t *file;
    size_t i;

    g_string_append(text, "files:\n");
    json_array_foreach(json_object_get(plan, "files"), i, file) {
        const char *action = json_string_value(json_object_get(file, "action"));
        const char *target = json_string_value(json_object_get(file, "target"));

        g_string_append_printf(text, "  %-5s %s", action, json_string_value(json_object_get(file, "path")));
        if (target)
            g_string_append_printf(text, " %s %s", strcmp(action, "tap") == 0 ? "in bridge" :
                                   strcmp(action, "link") == 0 ? "to" : "as", target);
        g_string_append_c(text, '\n');
    }
}

json_t *
plan_strings(char *const *strings)
{
    json_t *list = json_array();

    for (; *strings; strings++)
        json_array_append_new(list, string_of(*strings));
    return list;
}

char *
plan_finish(json_t *plan, GString *text)
{
    char *dump, *copy;

    json_object_set_new(plan, "text", string_of(text->str));
    g_string_free(text, TRUE);
    dump = json_dumps(plan, JSON_COMPACT);
    json_decref(plan);
    copy = g_strdup(dump);
    free(dump);
    return copy;
}
