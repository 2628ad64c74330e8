#include "model/schema-private.h"

#include <string.h>

#include "util/error.h"

typedef struct {
    const char *label;
    gboolean strict;
    GPtrArray *warnings;
} Report;

/* Whether the condition holds for a child of @parent with the attributes of @node (which may be NULL). */
static gboolean
entry_holds(const SchemaElement *entry, const xmlNode *parent, const xmlNode *node)
{
    const char *when = entry->when, *equals, *value;
    g_autofree char *name = NULL;

    if (!when)
        return TRUE;
    if (g_str_has_prefix(when, "../")) {
        node = parent;
        when += 3;
    }
    if (!node)
        return TRUE;
    equals = strchr(when, '=');
    name = g_strndup(when, equals - when);
    value = node_attr(node, name);
    return schema_values_have(equals + 1, strlen(equals + 1), value ? value : "");
}

static gboolean
entry_names(const SchemaElement *entry, const xmlNode *node)
{
    const char *name = entry->name, *brace;

    if (*name != '{')
        return node_is(node, name);
    brace = strchr(name, '}');
    return node->ns && strncmp((const char *)node->ns->href, name + 1, brace - name - 1) == 0 &&
           !node->ns->href[brace - name - 1] && strcmp((const char *)node->name, brace + 1) == 0;
}

static const SchemaElement *
entry_for(const SchemaElement *entries, const xmlNode *parent, const xmlNode *node)
{
    for (const SchemaElement *entry = entries; entry && entry->name; entry++)
        if (entry_names(entry, node) && entry_holds(entry, parent, node))
            return entry;
    return NULL;
}

/* Entries of one name follow each other and share a place in the order. */
static const SchemaElement *
entry_rank(const SchemaElement *entries, const SchemaElement *entry)
{
    while (entry && entry > entries && strcmp(entry[-1].name, entry->name) == 0)
        entry--;
    return entry;
}

/* The place is the line of @node, the element the one around it. Returns FALSE. */
static gboolean G_GNUC_PRINTF(3, 4)
blame_child(const xmlNode *node, GError **error, const char *format, ...)
{
    g_autofree char *expected = NULL;
    va_list args;

    va_start(args, format);
    expected = g_strdup_vprintf(format, args);
    va_end(args);
    hv_error_set_place(error, node_line(node), node_name(node->parent), expected);
    return FALSE;
}

static char *
names_of_children(const SchemaElement *schema)
{
    GString *text = g_string_new(NULL);

    for (const SchemaElement *entry = schema->children; entry && entry->name; entry++)
        if (entry_rank(schema->children, entry) == entry && *entry->name != '{')
            g_string_append_printf(text, "%s<%s>", text->len ? ", " : "", entry->name);
    return g_string_free(text, FALSE);
}

static gboolean
report_dropped(const Report *report, const xmlNode *node, const char *what, const char *name, GError **error)
{
    if (report->strict && strcmp(what, "element") == 0) {
        hv_throw(error, HV_ERR_XML_INVALID_SCHEMA,
                 "%s:%d: Extra element %s in interleave\nElement %s failed to validate content", report->label,
                 node_line(node), name, node_name(node->parent));
        return blame_child(node, error, "no <%s>", name);
    }
    if (report->strict)
        return hv_throw(error, HV_ERR_XML_INVALID_SCHEMA, "%s:%d: Invalid attribute %s for element %s", report->label,
                        node_line(node), name, node_name(node)) ||
               node_expect(node, error, "no attribute '%s'", name);
    if (report->warnings && strcmp(what, "element") == 0)
        g_ptr_array_add(report->warnings, g_strdup_printf("%s:%d: unknown element <%s> in <%s>", report->label,
                                                          node_line(node), name, node_name(node->parent)));
    else if (report->warnings)
        g_ptr_array_add(report->warnings, g_strdup_printf("%s:%d: unknown attribute '%s' of <%s>", report->label,
                                                          node_line(node), name, node_name(node)));
    return TRUE;
}

/* In some enumerations nothing is the same as no attribute: they have an empty last value. */
static void
drop_empty_values(xmlNode *node, const SchemaElement *schema)
{
    for (xmlAttr *attr = node->properties, *next; attr; attr = next) {
        const char *at = schema->attributes;
        SchemaAttribute rule;

        next = attr->next;
        if (attr->ns || (attr->children && attr->children->content && *attr->children->content))
            continue;
        while (schema_next_attribute(&at, &rule)) {
            if (strlen((const char *)attr->name) != rule.name_len || strncmp((const char *)attr->name, rule.name, rule.name_len) != 0)
                continue;
            if (rule.kind == '=' && rule.values_len && rule.values[rule.values_len - 1] == '|')
                xmlRemoveProp(attr);
            break;
        }
    }
}

/* Attributes that stand in the table come first, in its order; what is not there goes. */
static gboolean
apply_attributes(xmlNode *node, const SchemaElement *schema, const Report *report, GError **error)
{
    xmlAttr *rest = node->properties, *last = NULL;
    const char *at = schema->attributes;
    SchemaAttribute rule;

    node->properties = NULL;
    while (schema_next_attribute(&at, &rule)) {
        xmlAttr *attr = rest;
        gboolean found;

        while (attr && (attr->ns || strlen((const char *)attr->name) != rule.name_len ||
                        strncmp((const char *)attr->name, rule.name, rule.name_len) != 0))
            attr = attr->next;
        found = attr != NULL;
        if (found) {
            if (attr == rest)
                rest = attr->next;
            if (attr->prev)
                attr->prev->next = attr->next;
            if (attr->next)
                attr->next->prev = attr->prev;
            attr->prev = last;
            attr->next = NULL;
            if (last)
                last->next = attr;
            else
                node->properties = attr;
            last = attr;
        } else if (rule.fallback) {
            g_autofree char *name = g_strndup(rule.name, rule.name_len);
            g_autofree char *value = g_strndup(rule.fallback, rule.fallback_len);

            last = xmlSetProp(node, (const xmlChar *)name, (const xmlChar *)value);
            continue;
        }
        if (!schema_attribute_check(&rule, node, found ? (attr->children ? (const char *)attr->children->content : "") : NULL,
                        error)) {
            /* Nothing may be lost to the one who frees the document. */
            if (last)
                last->next = rest;
            else
                node->properties = rest;
            if (rest)
                rest->prev = last;
            return FALSE;
        }
        if (found && attr->children)
            schema_attribute_canonicalise(node, &rule, (const char *)attr->children->content);
    }

    if (last)
        last->next = rest;
    else
        node->properties = rest;
    if (rest)
        rest->prev = last;
    for (xmlAttr *next; rest; rest = next) {
        next = rest->next;
        if (!report_dropped(report, node, "attribute", (const char *)rest->name, error))
            return FALSE;
        xmlRemoveProp(rest);
    }
    return TRUE;
}

static void
apply_text(xmlNode *node, const SchemaElement *schema)
{
    if (!(schema->flags & SCHEMA_TEXT))
        for (xmlNode *child = node->children, *next; child; child = next) {
            next = child->next;
            if (child->type == XML_TEXT_NODE)
                node_remove(child);
        }
}

/* Stable sort of the children by their place in the table. */
static void
arrange_children(xmlNode *node, const SchemaElement *schema)
{
    xmlNode *sorted = NULL, *last = NULL;
    xmlNode *rest = node->children;

    if (!rest || !rest->next || (schema->flags & SCHEMA_LOOSE))
        return;
    for (const SchemaElement *entry = schema->children; entry && entry->name; entry++) {
        for (xmlNode *child = rest, *next; child; child = next) {
            next = child->next;
            if (child->type != XML_ELEMENT_NODE ||
                entry_rank(schema->children, entry_for(schema->children, node, child)) != entry)
                continue;
            if (child == rest)
                rest = next;
            if (child->prev)
                child->prev->next = next;
            if (next)
                next->prev = child->prev;
            child->prev = last;
            child->next = NULL;
            if (last)
                last->next = child;
            else
                sorted = child;
            last = child;
        }
    }
    if (last) {
        last->next = rest;
        if (rest)
            rest->prev = last;
        node->children = sorted;
    }
    for (last = node->children; last && last->next;)
        last = last->next;
    node->last = last;
}

/* The text on both sides of an element that was dropped is one text, as the checks that follow expect. */
static void
join_text(xmlNode *node)
{
    g_autoptr(GString) text = NULL;

    if (!node->children || !node->children->next)
        return;
    text = g_string_new(NULL);
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type != XML_TEXT_NODE)
            return;
        g_string_append(text, (const char *)child->content);
    }
    node_set_text(node, text->str);
}

static gboolean
apply_node(xmlNode *node, const SchemaElement *schema, const Report *report, GError **error)
{
    if (schema->flags & SCHEMA_FOREIGN)
        return TRUE;
    drop_empty_values(node, schema);
    if (!apply_attributes(node, schema, report, error))
        return FALSE;
    apply_text(node, schema);
    for (xmlNode *child = node_child(node, NULL), *next; child; child = next) {
        const SchemaElement *entry = entry_for(schema->children, node, child);
        gboolean repeated = FALSE;

        next = node_next(child, NULL);
        if (entry && !(entry->flags & SCHEMA_MANY))
            for (xmlNode *before = child->prev; before && !repeated; before = before->prev)
                repeated = before->type == XML_ELEMENT_NODE && entry_names(entry, before);
        if (!entry && !report->strict && schema_throw_element(child, error)) {
            g_autofree char *names = names_of_children(schema);

            return blame_child(child, error, "one of %s", names);
        }
        if (repeated && schema_throw_repeated(child, error))
            return blame_child(child, error, "only one <%s>", node_name(child));
        if (!entry || repeated) {
            if (!entry && !report_dropped(report, child, "element", node_name(child), error))
                return FALSE;
            node_remove(child);
            continue;
        }
        if (!apply_node(child, entry, report, error))
            return FALSE;
        if ((entry->flags & SCHEMA_FULL) && !child->properties && !child->children)
            node_remove(child);
    }
    if (schema->flags & SCHEMA_TEXT)
        join_text(node);
    arrange_children(node, schema);
    return TRUE;
}

gboolean
schema_apply(xmlNode *node, const SchemaElement *schema, const char *label, gboolean strict,
             GPtrArray *warnings, GError **error)
{
    const Report report = { label, strict, warnings };

    return apply_node(node, schema, &report, error);
}

const SchemaElement *
schema_find(const xmlNode *node, const SchemaElement *root)
{
    const SchemaElement *parent;

    if (entry_names(root, node) && (!node->parent || node->parent->type != XML_ELEMENT_NODE))
        return root;
    if (!node->parent || node->parent->type != XML_ELEMENT_NODE)
        return NULL;
    parent = schema_find(node->parent, root);
    return parent ? entry_for(parent->children, node->parent, node) : NULL;
}

xmlNode *
schema_add_child(xmlNode *parent, const SchemaElement *root, const char *name)
{
    const SchemaElement *schema = schema_find(parent, root), *own = NULL;

    for (const SchemaElement *entry = schema ? schema->children : NULL; entry && entry->name; entry++)
        if (strcmp(entry->name, name) == 0 && entry_holds(entry, parent, NULL))
            own = entry;
    if (own)
        for (xmlNode *child = parent->children; child; child = child->next) {
            const SchemaElement *entry = child->type == XML_ELEMENT_NODE ? entry_for(schema->children, parent, child) : NULL;

            if (entry && entry_rank(schema->children, entry) > own)
                return node_add_before(child, name);
        }
    return node_add(parent, name, NULL);
}
