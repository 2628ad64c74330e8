/* On what it depends whether an entry of the tables holds. */
#include "config.h"

#include "make-schema.h"

#include <string.h>

const char *
condition_values(const SchemaElement *entry)
{
    return strchr(entry->when, '=') + 1;
}

gboolean
condition_is_parents(const SchemaElement *entry)
{
    return entry->when && g_str_has_prefix(entry->when, "../");
}

gboolean
condition_names(const SchemaElement *entry, const char *name, gsize length)
{
    const char *attribute = condition_is_parents(entry) ? entry->when + 3 : entry->when;

    return strncmp(attribute, name, length) == 0 && attribute[length] == '=';
}

GPtrArray *
condition_limit(const SchemaElement *entry, const SchemaElement *siblings, const SchemaAttribute *rule)
{
    GPtrArray *list;
    gboolean shared = FALSE;

    if (entry->when && !condition_is_parents(entry))
        return condition_names(entry, rule->name, rule->name_len)
               ? values_split(condition_values(entry), strlen(condition_values(entry))) : NULL;
    if (entry->when || rule->kind != '=')
        return NULL;
    list = values_split(rule->values, rule->values_len);
    for (const SchemaElement *other = siblings; other && other->name && other != entry; other++) {
        g_autoptr(GPtrArray) theirs = NULL;

        if (strcmp(other->name, entry->name) != 0 || !other->when || condition_is_parents(other) ||
            !condition_names(other, rule->name, rule->name_len))
            continue;
        theirs = values_split(condition_values(other), strlen(condition_values(other)));
        if (!shared && !rule->required)
            g_ptr_array_add(list, g_strdup(""));
        shared = TRUE;
        for (guint i = list->len; i > 0; i--)
            if (values_have(theirs, list->pdata[i - 1]))
                g_ptr_array_remove_index(list, i - 1);
    }
    if (!shared)
        g_clear_pointer(&list, g_ptr_array_unref);
    return list;
}

gboolean
condition_is_covered(const SchemaElement *entry, const SchemaElement *siblings)
{
    const char *at = entry->attributes;
    SchemaAttribute rule;

    while (schema_next_attribute(&at, &rule)) {
        g_autoptr(GPtrArray) limit = condition_limit(entry, siblings, &rule);

        if (limit && limit->len == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
condition_decides(const SchemaElement *entry, SchemaAttribute *rule)
{
    for (const SchemaElement *child = entry->children; child && child->name; child++) {
        const char *at = entry->attributes;

        if (!condition_is_parents(child))
            continue;
        while (schema_next_attribute(&at, rule))
            if (condition_names(child, rule->name, rule->name_len))
                return TRUE;
    }
    return FALSE;
}

gboolean
condition_fits(const SchemaElement *child, const SchemaElement *children, const SchemaAttribute *rule, const char *value)
{
    g_autoptr(GPtrArray) wanted = NULL;

    if (!value || !condition_is_parents(child)) {
        /* After entries with a condition, one without is for the rest. */
        for (const SchemaElement *other = children; value && other != child; other++)
            if (strcmp(other->name, child->name) == 0 && condition_is_parents(other) &&
                condition_fits(other, children, rule, value))
                return FALSE;
        return TRUE;
    }
    if (!condition_names(child, rule->name, rule->name_len))
        return TRUE;
    wanted = values_split(condition_values(child), strlen(condition_values(child)));
    return values_have(wanted, value);
}
