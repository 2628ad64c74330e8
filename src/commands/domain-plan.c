#include "commands/domain-plan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *
dump_of(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY), *copy = g_strdup(text);

    free(text);
    return copy;
}

gboolean
cmd_show_plan(CmdContext *ctx, const char *plan, GError **error)
{
    Out *out = cmd_out(ctx);
    json_error_t problem;
    json_t *record = json_loads(plan, 0, &problem), *value;
    const char *key, *text = json_string_value(json_object_get(record, "text"));

    if (!text) {
        json_decref(record);
        return cmd_fail(error, HV_ERR_INTERNAL_ERROR, "the plan cannot be read: %s", problem.text);
    }
    if (!out_structured(out)) {
        out_text(out, "%s", text);
    } else {
        out_record_begin(out, 0);
        json_object_foreach(record, key, value) {
            g_autofree char *dump = dump_of(value);

            if (strcmp(key, "text") != 0)
                out_field(out, NULL, key, OUT_PARSED(dump));
        }
        out_record_end(out);
    }
    json_decref(record);
    return TRUE;
}

char *
cmd_json_strings(const GPtrArray *strings)
{
    json_t *list = json_array();
    char *text;

    for (guint i = 0; i < strings->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(strings->pdata[i], -1);

        json_array_append_new(list, json_string(valid));
    }
    text = dump_of(list);
    json_decref(list);
    return text;
}
