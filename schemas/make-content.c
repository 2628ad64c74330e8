/* What is in an element. */
#include "config.h"

#include "make-schema.h"

#include <string.h>

/* The children named as @first, of which some may stand here. */
static void
append_children_of_name(Output *output, GString *out, const char *noun, const char *name, const char *path,
                        const SchemaElement *first, const SchemaElement *children, const SchemaAttribute *rule,
                        const char *value, int indent)
{
    g_autoptr(GPtrArray) refs = g_ptr_array_new_with_free_func(g_free);
    const char *local = strchr(first->name, '}') ? strchr(first->name, '}') + 1 : first->name;
    g_autofree char *child_path = g_strdup_printf("%s/%s", path, local);
    gboolean many = FALSE;
    const char *wrapper;

    for (const SchemaElement *child = first; child->name; child++) {
        if (strcmp(child->name, first->name) != 0 || !condition_fits(child, children, rule, value) ||
            condition_is_covered(child, children))
            continue;
        g_ptr_array_add(refs, define_element(output, noun, name, child_path, child, children));
        many = many || (child->flags & SCHEMA_MANY);
    }
    if (refs->len == 0)
        return;
    wrapper = many ? "zeroOrMore" : value_is_needed(child_path) ? NULL : "optional";
    if (wrapper)
        g_string_append_printf(out, "%*s<%s>\n", indent, "", wrapper);
    indent += wrapper ? 2 : 0;
    if (refs->len > 1)
        g_string_append_printf(out, "%*s<choice>\n", indent, "");
    for (guint i = 0; i < refs->len; i++)
        g_string_append_printf(out, "%*s<ref name=\"%s\"/>\n", refs->len > 1 ? indent + 2 : indent, "",
                               (const char *) refs->pdata[i]);
    if (refs->len > 1)
        g_string_append_printf(out, "%*s</choice>\n", indent, "");
    if (wrapper)
        g_string_append_printf(out, "%*s</%s>\n", indent - 2, "", wrapper);
}

/* Whether some entry of this name depends on the parent's deciding attribute. */
static gboolean
name_depends(const SchemaElement *first, const SchemaAttribute *rule)
{
    for (const SchemaElement *child = first; rule && child->name; child++)
        if (strcmp(child->name, first->name) == 0 && condition_is_parents(child) &&
            condition_names(child, rule->name, rule->name_len))
            return TRUE;
    return FALSE;
}

/* Children that are an interleave of their own within that of their parent, as in libvirt's schema: libxml2's messages tell
 * of each level that failed. */
static const struct {
    const char *path;
    const char *const members[16];
} families[] = {
    { "domain", { "name", "uuid", "genid" } },
    { "domain", { "maxMemory", "memory", "currentMemory", "blkiotune", "memtune", "memoryBacking", "vcpu", "vcpus", "iothreads",
                  "iothreadids", "defaultiothread", "cputune", "numatune", "resource" } },
    { "domain", { "on_poweroff", "on_reboot", "on_crash", "on_lockfailure" } },
};

/* Its number, or -1. */
static int
family_of(const char *path, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
        if (strcmp(families[i].path, path) == 0 && g_strv_contains(families[i].members, name))
            return (int) i;
    return -1;
}

/* The children that depend on the deciding attribute (@value is its value), or those that do not (@value NULL). Members of a
 * family stand side by side in the table. */
static void
append_children(Output *output, GString *out, const char *noun, const char *name, const char *path,
                const SchemaElement *entry, const SchemaAttribute *rule, const char *value, int indent)
{
    int family = -1;

    for (const SchemaElement *child = entry->children; child->name; child++) {
        gboolean seen = FALSE;
        int own = family_of(path, child->name);

        if (family >= 0 && own != family)
            g_string_append_printf(out, "%*s</interleave>\n", indent, "");
        if (own >= 0 && own != family)
            g_string_append_printf(out, "%*s<interleave>\n", indent, "");
        family = own;
        for (const SchemaElement *before = entry->children; before != child && !seen; before++)
            seen = strcmp(before->name, child->name) == 0;
        if (!seen && name_depends(child, rule) == (value != NULL))
            append_children_of_name(output, out, noun, name, path, child, entry->children, rule, value,
                                    own >= 0 ? indent + 2 : indent);
    }
    if (family >= 0)
        g_string_append_printf(out, "%*s</interleave>\n", indent, "");
}

/* One branch for each set of values of the deciding attribute that allows the same children. All children are in each
 * branch: libxml2 wants the elements of a choice within an interleave side by side. */
static void
append_branches(Output *output, GString *out, const char *noun, const char *name, const char *path,
                const SchemaElement *entry, const SchemaAttribute *rule, const GPtrArray *values, int indent)
{
    g_autoptr(GPtrArray) contents = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) limits = g_ptr_array_new_with_free_func((GDestroyNotify) g_ptr_array_unref);

    for (guint i = 0; i < values->len; i++) {
        GString *content = g_string_new(NULL);
        guint same = 0;

        if (entry->flags & SCHEMA_TEXT)
            g_string_append_printf(content, "%*s<text/>\n", indent + 6, "");
        append_children(output, content, noun, name, path, entry, rule, NULL, indent + 6);
        append_children(output, content, noun, name, path, entry, rule, values->pdata[i], indent + 6);
        while (same < contents->len && strcmp(contents->pdata[same], content->str) != 0)
            same++;
        if (same == contents->len) {
            g_ptr_array_add(contents, g_string_free(content, FALSE));
            g_ptr_array_add(limits, g_ptr_array_new());
        } else {
            g_string_free(content, TRUE);
        }
        g_ptr_array_add(limits->pdata[same], values->pdata[i]);
    }
    g_string_append_printf(out, "%*s<choice>\n", indent, "");
    for (guint i = 0; i < contents->len; i++) {
        const char *content = contents->pdata[i];

        g_string_append_printf(out, "%*s<group>\n", indent + 2, "");
        value_append_attribute(out, path, rule, limits->pdata[i], indent + 4);
        if (*content)
            g_string_append_printf(out, "%*s<interleave>\n%s%*s</interleave>\n", indent + 4, "", content, indent + 4, "");
        g_string_append_printf(out, "%*s</group>\n", indent + 2, "");
    }
    g_string_append_printf(out, "%*s</choice>\n", indent, "");
}

/* All values that the deciding attribute may have, "" for none. Where the table allows any text, those that the children
 * name. */
static GPtrArray *
deciding_values(const SchemaElement *entry, const SchemaElement *siblings, const SchemaAttribute *rule)
{
    GPtrArray *values = condition_limit(entry, siblings, rule);

    if (!values && rule->kind == '=')
        values = values_split(rule->values, rule->values_len);
    if (!values) {
        values = g_ptr_array_new_with_free_func(g_free);
        for (const SchemaElement *child = entry->children; child->name; child++) {
            g_autoptr(GPtrArray) named = NULL;

            if (!condition_is_parents(child) || !condition_names(child, rule->name, rule->name_len))
                continue;
            named = values_split(condition_values(child), strlen(condition_values(child)));
            for (guint i = 0; i < named->len; i++)
                if (!values_have(values, named->pdata[i]))
                    g_ptr_array_add(values, g_strdup(named->pdata[i]));
        }
    }
    if (!rule->required && !rule->fallback && !values_have(values, ""))
        g_ptr_array_add(values, g_strdup(""));
    return values;
}

void
content_append(Output *output, GString *out, const char *noun, const char *name, const char *path,
               const SchemaElement *entry, const SchemaElement *siblings, int indent)
{
    const char *at = entry->attributes;
    SchemaAttribute rule, deciding;
    gboolean decides = condition_decides(entry, &deciding);

    if (entry->flags & SCHEMA_FOREIGN) {
        g_string_append_printf(out, "%*s<ref name=\"type.anything\"/>\n", indent, "");
        return;
    }
    while (schema_next_attribute(&at, &rule)) {
        g_autoptr(GPtrArray) limit = condition_limit(entry, siblings, &rule);

        if (!decides || rule.name != deciding.name)
            value_append_attribute(out, path, &rule, limit, indent);
    }
    if (!entry->children) {
        const char *type = value_type(path);

        if (!(entry->flags & SCHEMA_TEXT))
            g_string_append_printf(out, "%*s<empty/>\n", indent, "");
        else if (type)
            g_string_append_printf(out, "%*s<ref name=\"type.%s\"/>\n", indent, "", type);
        else
            g_string_append_printf(out, "%*s<text/>\n", indent, "");
        return;
    }
    if (decides) {
        g_autoptr(GPtrArray) values = deciding_values(entry, siblings, &deciding);

        append_branches(output, out, noun, name, path, entry, &deciding, values, indent);
        return;
    }
    g_string_append_printf(out, "%*s<interleave>\n", indent, "");
    if (entry->flags & SCHEMA_TEXT)
        g_string_append_printf(out, "%*s<text/>\n", indent + 2, "");
    append_children(output, out, noun, name, path, entry, NULL, NULL, indent + 2);
    g_string_append_printf(out, "%*s</interleave>\n", indent, "");
}
