/* make-schema FOLDER NOUN...: writes the RELAX NG schema of <domain> from the tables that the model itself works by.
 *
 * domain.rng has what stands directly under <domain>, domain-NOUN.rng the element NOUN and all below it. Values are
 * those of the tables; the text of elements, and attributes that the tables leave open, get a type of types.rng in
 * make-values.c. */
#include "config.h"

#include "make-schema.h"

#include <stdio.h>
#include <string.h>

/* What two nouns need alike stands in a file of its own. */
#define COMMON "common"

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

char *
define_element(Output *output, const char *noun, const char *parent, const char *path, const SchemaElement *entry,
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
    content_append(output, out, noun, define->name, path, entry, siblings, 6);
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
    root = define_element(&output, "", "", "domain", &schema_domain, NULL);
    ok = write_file(&output, "", &error) && write_file(&output, COMMON, &error);
    for (char **noun = output.nouns; ok && *noun; noun++)
        ok = write_file(&output, *noun, &error);
    if (!ok)
        fprintf(stderr, "make-schema: %s\n", error->message);
    return ok ? 0 : 1;
}
