/* make-schema FOLDER NOUN...: writes the RELAX NG schema of <domain> from the tables that the model itself works by.
 *
 * domain.rng has what stands directly under <domain>, domain-NOUN.rng the element NOUN and all below it. Values are
 * those of the tables; the text of elements, and attributes that the tables leave open, get a type of types.rng from
 * value_types. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "model/schema.h"

/* The type of an element's text, or of an attribute ("element@attribute"); a name with "parent/" before it holds
 * below that parent only. */
static const struct {
    const char *where;
    const char *type;
} value_types[] = {
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

/* What two nouns need alike stands in a file of its own. */
#define COMMON "common"

typedef struct {
    char *name;
    const char *noun;           /* "": domain.rng */
    char *body;
} Define;

typedef struct {
    const char *folder;
    char **nouns;
    GPtrArray *defines;         /* Define, in the order in which they were made */
    GHashTable *by_name;        /* name → Define; borrowed */
    GHashTable *by_body;        /* element and content → Define; borrowed */
    GHashTable *tables;         /* SchemaElement.children → name of the define that they are in */
} Output;

static char *element_define(Output *output, const char *noun, const char *parent, const char *path,
                            const SchemaElement *entry, const SchemaElement *siblings);

/* --- values ----------------------------------------------------------------------------------------- */

static gboolean
where_matches(const char *where, const char *path)
{
    gsize length = strlen(where), whole = strlen(path);

    return whole >= length && strcmp(path + whole - length, where) == 0 &&
           (whole == length || path[whole - length - 1] == '/');
}

static const char *
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

static GPtrArray *
split_values(const char *values, gsize length)
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

static gboolean
values_have(const GPtrArray *values, const char *value)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *) values, value, g_str_equal, NULL);
}

static gboolean
is_needed(const char *path)
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

/* What an attribute may hold: @limit, if not NULL, replaces the table's own values; "" in it means that the attribute may be
 * missing. */
static void
append_attribute(GString *out, const char *path, const SchemaAttribute *rule, const GPtrArray *limit, int indent)
{
    g_autofree char *name = g_strndup(rule->name, rule->name_len);
    g_autofree char *where = g_strdup_printf("%s@%s", path, name);
    const char *type = value_type(where);
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    g_autofree char *fallback = rule->fallback ? g_strndup(rule->fallback, rule->fallback_len) : NULL;
    gboolean optional = !rule->required && !is_needed(where);

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
        g_autoptr(GPtrArray) own = split_values(rule->values, rule->values_len);

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

/* --- conditions ------------------------------------------------------------------------------------- */

static const char *
condition_values(const SchemaElement *entry)
{
    return strchr(entry->when, '=') + 1;
}

static gboolean
condition_is_parents(const SchemaElement *entry)
{
    return entry->when && g_str_has_prefix(entry->when, "../");
}

static gboolean
condition_names(const SchemaElement *entry, const char *name, gsize length)
{
    const char *attribute = condition_is_parents(entry) ? entry->when + 3 : entry->when;

    return strncmp(attribute, name, length) == 0 && attribute[length] == '=';
}

/* The values of its own attribute that lead to @entry: NULL for any. Those of earlier entries of its name are theirs. */
static GPtrArray *
own_limit(const SchemaElement *entry, const SchemaElement *siblings, const SchemaAttribute *rule)
{
    GPtrArray *list;
    gboolean shared = FALSE;

    if (entry->when && !condition_is_parents(entry))
        return condition_names(entry, rule->name, rule->name_len)
               ? split_values(condition_values(entry), strlen(condition_values(entry))) : NULL;
    if (entry->when || rule->kind != '=')
        return NULL;
    list = split_values(rule->values, rule->values_len);
    for (const SchemaElement *other = siblings; other && other->name && other != entry; other++) {
        g_autoptr(GPtrArray) theirs = NULL;

        if (strcmp(other->name, entry->name) != 0 || !other->when || condition_is_parents(other) ||
            !condition_names(other, rule->name, rule->name_len))
            continue;
        theirs = split_values(condition_values(other), strlen(condition_values(other)));
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

/* Whether nothing is left for @entry because earlier ones of its name have taken all values. */
static gboolean
entry_is_covered(const SchemaElement *entry, const SchemaElement *siblings)
{
    const char *at = entry->attributes;
    SchemaAttribute rule;

    while (schema_next_attribute(&at, &rule)) {
        g_autoptr(GPtrArray) limit = own_limit(entry, siblings, &rule);

        if (limit && limit->len == 0)
            return TRUE;
    }
    return FALSE;
}

/* The attribute of @entry on which its children depend; FALSE when they do not. */
static gboolean
deciding_attribute(const SchemaElement *entry, SchemaAttribute *rule)
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

/* Whether @child may stand in a parent whose deciding attribute is @value (NULL: whatever it is). */
static gboolean
child_fits(const SchemaElement *child, const SchemaElement *children, const SchemaAttribute *rule, const char *value)
{
    g_autoptr(GPtrArray) wanted = NULL;

    if (!value || !condition_is_parents(child)) {
        /* After entries with a condition, one without is for the rest. */
        for (const SchemaElement *other = children; value && other != child; other++)
            if (strcmp(other->name, child->name) == 0 && condition_is_parents(other) &&
                child_fits(other, children, rule, value))
                return FALSE;
        return TRUE;
    }
    if (!condition_names(child, rule->name, rule->name_len))
        return TRUE;
    wanted = split_values(condition_values(child), strlen(condition_values(child)));
    return values_have(wanted, value);
}

/* --- content ---------------------------------------------------------------------------------------- */

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
        if (strcmp(child->name, first->name) != 0 || !child_fits(child, children, rule, value) ||
            entry_is_covered(child, children))
            continue;
        g_ptr_array_add(refs, element_define(output, noun, name, child_path, child, children));
        many = many || (child->flags & SCHEMA_MANY);
    }
    if (refs->len == 0)
        return;
    wrapper = many ? "zeroOrMore" : is_needed(child_path) ? NULL : "optional";
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

/* The children that depend on the deciding attribute (@value is its value), or those that do not (@value NULL). */
static void
append_children(Output *output, GString *out, const char *noun, const char *name, const char *path,
                const SchemaElement *entry, const SchemaAttribute *rule, const char *value, int indent)
{
    for (const SchemaElement *child = entry->children; child->name; child++) {
        gboolean seen = FALSE;

        for (const SchemaElement *before = entry->children; before != child && !seen; before++)
            seen = strcmp(before->name, child->name) == 0;
        if (!seen && name_depends(child, rule) == (value != NULL))
            append_children_of_name(output, out, noun, name, path, child, entry->children, rule, value, indent);
    }
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
        append_attribute(out, path, rule, limits->pdata[i], indent + 4);
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
    GPtrArray *values = own_limit(entry, siblings, rule);

    if (!values && rule->kind == '=')
        values = split_values(rule->values, rule->values_len);
    if (!values) {
        values = g_ptr_array_new_with_free_func(g_free);
        for (const SchemaElement *child = entry->children; child->name; child++) {
            g_autoptr(GPtrArray) named = NULL;

            if (!condition_is_parents(child) || !condition_names(child, rule->name, rule->name_len))
                continue;
            named = split_values(condition_values(child), strlen(condition_values(child)));
            for (guint i = 0; i < named->len; i++)
                if (!values_have(values, named->pdata[i]))
                    g_ptr_array_add(values, g_strdup(named->pdata[i]));
        }
    }
    if (!rule->required && !rule->fallback && !values_have(values, ""))
        g_ptr_array_add(values, g_strdup(""));
    return values;
}

static void
append_content(Output *output, GString *out, const char *noun, const char *name, const char *path,
               const SchemaElement *entry, const SchemaElement *siblings, int indent)
{
    const char *at = entry->attributes;
    SchemaAttribute rule, deciding;
    gboolean decides = deciding_attribute(entry, &deciding);

    if (entry->flags & SCHEMA_FOREIGN) {
        g_string_append_printf(out, "%*s<ref name=\"type.anything\"/>\n", indent, "");
        return;
    }
    while (schema_next_attribute(&at, &rule)) {
        g_autoptr(GPtrArray) limit = own_limit(entry, siblings, &rule);

        if (!decides || rule.name != deciding.name)
            append_attribute(out, path, &rule, limit, indent);
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

/* --- defines ---------------------------------------------------------------------------------------- */

static void
define_free(gpointer data)
{
    Define *define = data;

    g_free(define->name);
    g_free(define->body);
    g_free(define);
}

/* One define for all elements that are alike: the name of the first one, a new string. */
static char *
share_define(Output *output, Define *define)
{
    Define *same = g_hash_table_lookup(output->by_body, define->body);

    if (!same) {
        g_hash_table_insert(output->by_body, define->body, define);
        g_ptr_array_add(output->defines, define);
        return g_strdup(define->name);
    }
    if (strcmp(same->noun, define->noun) != 0)
        same->noun = COMMON;
    g_hash_table_remove(output->by_name, define->name);
    define_free(define);
    return g_strdup(same->name);
}

/* As short as can be: "source.file", with what the entry depends on; behind its parent's name where that one is taken. */
static char *
define_name(const Output *output, const char *parent, const char *local, const SchemaElement *entry)
{
    GString *name = g_string_new(local);

    if (strcmp(parent, "devices") == 0)
        g_string_prepend(name, "device.");
    if (entry->when)
        g_string_append_printf(name, ".%s", *condition_values(entry) ? condition_values(entry) : "none");
    g_strdelimit(name->str, "|", '-');
    if (g_hash_table_contains(output->by_name, name->str)) {
        g_string_prepend_c(name, '.');
        g_string_prepend(name, parent);
    }
    while (g_hash_table_contains(output->by_name, name->str))
        g_string_append(name, "-");
    return g_string_free(name, FALSE);
}

/* The name of the define that describes @entry, which is made on the way; a new string. */
static char *
element_define(Output *output, const char *noun, const char *parent, const char *path, const SchemaElement *entry,
               const SchemaElement *siblings)
{
    const char *brace = strchr(entry->name, '}');
    const char *local = brace ? brace + 1 : entry->name;
    const char *known = entry->children ? g_hash_table_lookup(output->tables, entry->children) : NULL;
    gboolean outer = strcmp(parent, "domain") == 0 || strcmp(parent, "devices") == 0;
    GString *out;
    Define *define;
    char *name;

    /* A table that is used twice, and perhaps in itself: <backingStore>. */
    if (known)
        return g_strdup(known);
    if (outer && g_strv_contains((const char *const *) output->nouns, local))
        noun = local;
    define = g_new0(Define, 1);
    define->name = define_name(output, parent, local, entry);
    define->noun = noun;
    g_hash_table_insert(output->by_name, define->name, define);
    if (entry->children)
        g_hash_table_insert(output->tables, (gpointer) entry->children, g_strdup(define->name));
    out = g_string_new(NULL);
    g_string_append_printf(out, "    <element name=\"%s\"", local);
    if (brace)
        g_string_append_printf(out, " ns=\"%.*s\"", (int) (brace - entry->name - 1), entry->name + 1);
    g_string_append(out, ">\n");
    append_content(output, out, noun, define->name, path, entry, siblings, 6);
    g_string_append(out, "    </element>\n");
    define->body = g_string_free(out, FALSE);
    name = share_define(output, define);
    if (entry->children)
        g_hash_table_insert(output->tables, (gpointer) entry->children, g_strdup(name));
    return name;
}

static gboolean
write_file(const Output *output, const char *noun, GError **error)
{
    g_autofree char *name = *noun ? g_strdup_printf("domain-%s.rng", noun) : g_strdup("domain.rng");
    g_autofree char *path = g_build_filename(output->folder, name, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    guint count = 0;

    g_string_append(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<!-- Made by schemas/make-schema from the tables in src/model. -->\n"
                    "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\" "
                    "datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\">\n");
    if (!*noun) {
        g_string_append(text, "\n  <include href=\"types.rng\"/>\n  <include href=\"domain-" COMMON ".rng\"/>\n");
        for (char **part = output->nouns; *part; part++)
            g_string_append_printf(text, "  <include href=\"domain-%s.rng\"/>\n", *part);
        g_string_append(text, "\n  <start>\n    <ref name=\"domain\"/>\n  </start>\n");
    }
    for (guint i = 0; i < output->defines->len; i++) {
        const Define *define = output->defines->pdata[i];

        if (strcmp(define->noun, noun) != 0)
            continue;
        g_string_append_printf(text, "\n  <define name=\"%s\">\n%s  </define>\n", define->name, define->body);
        count++;
    }
    g_string_append(text, "\n</grammar>\n");
    if (count == 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "there is no element <%s>", noun);
        return FALSE;
    }
    return g_file_set_contents(path, text->str, text->len, error);
}

int
main(int argc, char **argv)
{
    g_autoptr(GPtrArray) defines = g_ptr_array_new_with_free_func(define_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) by_body = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) tables = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_autoptr(GError) error = NULL;
    g_autofree char *root = NULL;
    Output output = { .defines = defines, .by_name = by_name, .by_body = by_body, .tables = tables };
    gboolean ok;

    if (argc < 2) {
        fprintf(stderr, "usage: make-schema FOLDER NOUN...\n");
        return 2;
    }
    output.folder = argv[1];
    output.nouns = argv + 2;
    root = element_define(&output, "", "", "domain", &schema_domain, NULL);
    ok = write_file(&output, "", &error) && write_file(&output, COMMON, &error);
    for (char **noun = output.nouns; ok && *noun; noun++)
        ok = write_file(&output, *noun, &error);
    if (!ok)
        fprintf(stderr, "make-schema: %s\n", error->message);
    return ok ? 0 : 1;
}
