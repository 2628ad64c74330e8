/* What elements and attributes may hold. */
#include "config.h"

#include "make-schema.h"

#include <string.h>

/* The type of an element's text, or of an attribute ("element@attribute"); a name with "parent/" before it holds
 * below that parent only. */
static const struct {
    const char *where;
    const char *type;
} value_types[] = {
    { "domain@type", "domain-type" },
    { "domain/name", "name" },
    { "uuid", "uuid" },
    { "genid", "optional-uuid" },
    { "domain/memory", "unsigned" },
    { "currentMemory", "unsigned" },
    { "maxMemory", "unsigned" },
    { "domain/vcpu", "unsigned" },
    { "vcpu@cpuset", "cpu-list" },
    { "vcpu@current", "unsigned" },
    { "iothreads", "unsigned" },
    { "shares", "unsigned" },
    { "period", "unsigned" },
    { "quota", "integer" },
    { "global_period", "unsigned" },
    { "global_quota", "integer" },
    { "emulator_period", "unsigned" },
    { "emulator_quota", "integer" },
    { "iothread_period", "unsigned" },
    { "iothread_quota", "integer" },
    { "vcpupin@cpuset", "cpu-list" },
    { "emulatorpin@cpuset", "cpu-list" },
    { "iothreadpin@cpuset", "cpu-list" },
    { "cell@cpus", "cpu-list" },
    { "cell@memory", "unsigned" },
    { "hard_limit", "unsigned" },
    { "soft_limit", "unsigned" },
    { "swap_hard_limit", "unsigned" },
    { "min_guarantee", "unsigned" },
    { "blkiotune/weight", "unsigned" },
    { "memory@unit", "memory-unit" },
    { "currentMemory@unit", "memory-unit" },
    { "maxMemory@unit", "memory-unit" },
    { "page@unit", "memory-unit" },
    { "hard_limit@unit", "memory-unit" },
    { "soft_limit@unit", "memory-unit" },
    { "swap_hard_limit@unit", "memory-unit" },
    { "min_guarantee@unit", "memory-unit" },
    { "on_poweroff", "lifecycle-action" },
    { "on_reboot", "lifecycle-action" },
    { "on_crash", "crash-action" },
    { "on_lockfailure", "lock-failure-action" },
    { "mac@address", "mac-address" },
    { "boot@order", "unsigned" },
    { "controller@index", "unsigned" },
    { "zpci@uid", "number" },
    { "zpci@fid", "number" },
    { "pcihole64", "unsigned" },
    { "iotune/total_bytes_sec", "unsigned" },
    { "iotune/read_bytes_sec", "unsigned" },
    { "iotune/write_bytes_sec", "unsigned" },
    { "iotune/total_iops_sec", "unsigned" },
    { "iotune/read_iops_sec", "unsigned" },
    { "iotune/write_iops_sec", "unsigned" },
    { "memory/target/size", "unsigned" },
};

/* Elements and attributes that cannot be left out. */
static const char *const needed[] = { "domain/name", "domain@type" };

static gboolean
where_matches(const char *where, const char *path)
{
    gsize length = strlen(where), whole = strlen(path);

    return whole >= length && strcmp(path + whole - length, where) == 0 &&
           (whole == length || path[whole - length - 1] == '/');
}

const char *
value_type(const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(value_types); i++)
        if (where_matches(value_types[i].where, path))
            return value_types[i].type;
    return NULL;
}

static void
append_values(GString *out, const GPtrArray *values, int indent)
{
    if (values->len > 1)
        g_string_append_printf(out, "%*s<choice>\n", indent, "");
    for (guint i = 0; i < values->len; i++) {
        g_autofree char *escaped = g_markup_escape_text(values->pdata[i], -1);

        g_string_append_printf(out, "%*s<value>%s</value>\n", values->len > 1 ? indent + 2 : indent, "", escaped);
    }
    if (values->len > 1)
        g_string_append_printf(out, "%*s</choice>\n", indent, "");
}

GPtrArray *
values_split(const char *values, gsize length)
{
    g_autofree char *text = g_strndup(values, length);
    g_auto(GStrv) words = g_strsplit(text, "|", -1);
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

    for (char **word = words; *word; word++)
        g_ptr_array_add(list, g_strdup(*word));
    if (!*words)
        g_ptr_array_add(list, g_strdup(""));
    return list;
}

gboolean
values_have(const GPtrArray *values, const char *value)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *) values, value, g_str_equal, NULL);
}

gboolean
value_is_needed(const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(needed); i++)
        if (where_matches(needed[i], path))
            return TRUE;
    return FALSE;
}

/* The type of a kind of SchemaElement.attributes. */
static const char *
kind_type(char kind)
{
    static const struct {
        char kind;
        const char *type;
    } kinds[] = {
        { 'u', "unsigned" }, { 'U', "unsigned" }, { 'I', "integer" }, { 'd', "count" }, { 'p', "positive" }, { 'n', "number" }, { 'P', "positive-number" },
        { 'i', "integer" }, { 'y', "yes-no" }, { 'o', "on-off" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].type;
    g_error("no type is known for attributes of the kind ':%c'", kind);
}

void
value_append_attribute(GString *out, const char *path, const SchemaAttribute *rule, const GPtrArray *limit, int indent)
{
    g_autofree char *name = g_strndup(rule->name, rule->name_len);
    g_autofree char *where = g_strdup_printf("%s@%s", path, name);
    const char *type = value_type(where);
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    g_autofree char *fallback = rule->fallback ? g_strndup(rule->fallback, rule->fallback_len) : NULL;
    gboolean optional = !rule->required && !value_is_needed(where);

    for (guint i = 0; limit && i < limit->len; i++)
        if (*(const char *) limit->pdata[i])
            g_ptr_array_add(values, limit->pdata[i]);
    if (limit)
        optional = optional && (values_have(limit, "") || (fallback && values_have(limit, fallback)));
    if (optional)
        g_string_append_printf(out, "%*s<optional>\n", indent, "");
    indent += optional ? 2 : 0;
    g_string_append_printf(out, "%*s<attribute name=\"%s\">\n", indent, "", name);
    if (limit) {
        append_values(out, values, indent + 2);
    } else if (rule->kind == '=') {
        g_autoptr(GPtrArray) own = values_split(rule->values, rule->values_len);

        append_values(out, own, indent + 2);
    } else {
        if (rule->kind)
            type = kind_type(rule->kind);
        if (type)
            g_string_append_printf(out, "%*s<ref name=\"type.%s\"/>\n", indent + 2, "", type);
        else
            g_string_append_printf(out, "%*s<text/>\n", indent + 2, "");
    }
    g_string_append_printf(out, "%*s</attribute>\n", indent, "");
    if (optional)
        g_string_append_printf(out, "%*s</optional>\n", indent - 2, "");
}
