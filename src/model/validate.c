#include "config.h"

#include "model/validate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"

/* What libxml2 says about one document, as far as anybody would read it. */
#define MAX_MESSAGES 4096

typedef struct {
    GString *text;
    int line;                   /* of the first that names one */
} Messages;

static char *
schema_path(const char *schema)
{
    const char *given = g_getenv("HVSH_SCHEMAS");
    g_autofree char *self = NULL, *dir = NULL, *beside = NULL;

    if (given && *given)
        return g_build_filename(given, schema, NULL);
    self = g_file_read_link("/proc/self/exe", NULL);
    if (self) {
        dir = g_path_get_dirname(self);
        beside = g_build_filename(dir, "schemas", schema, NULL);
        if (access(beside, R_OK) == 0)
            return g_steal_pointer(&beside);
    }
    return g_build_filename(PKGDATADIR, "schemas", schema, NULL);
}

static void
add_message(void *data, xmlError *error)
{
    Messages *messages = data;

    if (!error->message || messages->text->len >= MAX_MESSAGES)
        return;
    g_string_append(messages->text, error->message);
    if (!messages->line)
        messages->line = error->line;
}

/* The first element that is on @line and, unless it is NULL, has @name. */
static const xmlNode *
find_element(const xmlNode *node, const char *name, int line)
{
    const xmlNode *found = name ? (node_is(node, name) ? node : NULL) : node_line(node) == line ? node : NULL;

    for (const xmlNode *child = node_child(node, NULL); child && !found; child = node_next(child, NULL))
        found = find_element(child, name, line);
    return found;
}

/* libxml2 names an element that does not fit where it says nothing of its line. */
static char *
name_extra(const char *messages)
{
    static const char prefix[] = "Extra element ";

    if (!g_str_has_prefix(messages, prefix))
        return NULL;
    messages += strlen(prefix);
    return g_strndup(messages, strcspn(messages, " \n"));
}

/* The first thing that the table does not know or allow; else what libxml2 found. */
static void
set_place(const xmlDoc *doc, const SchemaElement *table, const Messages *messages, GError **error)
{
    g_autofree char *name = name_extra(messages->text->str);
    g_autoptr(xmlDoc) copy = document_copy(doc);
    g_autoptr(GError) failure = NULL;
    const HvErrorPlace *place = NULL;

    if (table && !schema_apply(document_root(copy), table, "", TRUE, NULL, &failure))
        place = hv_error_place(failure);
    if (place)
        hv_error_set_place(error, place->line, place->element, place->expected);
    else
        node_expect(find_element(document_root(doc), name, messages->line), error, "what the schema allows");
}

/* Reading a schema costs more than using it, so it is kept for as long as the program runs. */
static xmlRelaxNG *
load_schema(const char *path, GError **error)
{
    static GHashTable *schemas;     /* path → xmlRelaxNG */
    g_autoptr(GString) text = NULL;
    Messages messages = { 0 };
    xmlRelaxNGParserCtxt *parser = NULL;
    xmlRelaxNG *schema;

    if (!schemas)
        schemas = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    schema = g_hash_table_lookup(schemas, path);
    if (schema)
        return schema;
    messages.text = text = g_string_new(NULL);
    /* libxml2 would tell standard error of a missing file. */
    if (access(path, R_OK) < 0)
        g_string_append(text, g_strerror(errno));
    else
        parser = xmlRelaxNGNewParserCtxt(path);
    if (parser) {
        xmlRelaxNGSetParserStructuredErrors(parser, (xmlStructuredErrorFunc) add_message, &messages);
        schema = xmlRelaxNGParse(parser);
        xmlRelaxNGFreeParserCtxt(parser);
    }
    g_strchomp(text->str);
    if (!schema)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to parse RNG %s: %s", path, text->str);
    else
        g_hash_table_insert(schemas, g_strdup(path), schema);
    return schema;
}

gboolean
document_validate(xmlDoc *doc, const char *schema_name, const SchemaElement *table, GError **error)
{
    g_autofree char *path = schema_path(schema_name);
    xmlRelaxNG *schema = load_schema(path, error);
    Messages messages = { 0 };
    xmlRelaxNGValidCtxt *validator;
    int result = -1;

    if (!schema)
        return FALSE;
    messages.text = g_string_new(NULL);
    validator = xmlRelaxNGNewValidCtxt(schema);
    if (validator) {
        xmlRelaxNGSetValidStructuredErrors(validator, (xmlStructuredErrorFunc) add_message, &messages);
        result = xmlRelaxNGValidateDoc(validator, doc);
        xmlRelaxNGFreeValidCtxt(validator);
    }
    if (result != 0) {
        hv_throw(error, HV_ERR_XML_INVALID_SCHEMA, "Unable to validate doc against %s\n%s", path, messages.text->str);
        set_place(doc, table, &messages, error);
    }
    g_string_free(messages.text, TRUE);
    return result == 0;
}
