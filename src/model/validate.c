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

/* The first thing that the table does not know or allow, with its line. */
static char *
find_place(const xmlDoc *doc, const SchemaElement *table, int line)
{
    const char *label = doc->URL ? (const char *) doc->URL : "document";
    g_autoptr(GPtrArray) unknown = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(xmlDoc) copy = document_copy(doc);
    g_autoptr(GError) failure = NULL;

    if (!schema_apply(document_root(copy), table, label, FALSE, unknown, &failure))
        return g_strdup_printf("%s: %s", label, failure->message);
    if (unknown->len > 0)
        return g_strdup(unknown->pdata[0]);
    return line > 0 ? g_strdup_printf("%s:%d", label, line) : NULL;
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
        g_autofree char *place = table ? find_place(doc, table, messages.line) : NULL;

        hv_throw(error, HV_ERR_XML_INVALID_SCHEMA, "Unable to validate doc against %s\n%s", path, messages.text->str);
        if (place)
            hv_error_set_hint(error, "%s", place);
    }
    g_string_free(messages.text, TRUE);
    return result == 0;
}
