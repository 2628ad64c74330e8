/* What the files of make-schema share: the schema as a set of defines, what elements and attributes may hold, and when. */
#pragma once

#include "model/schema.h"

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

/* make-values.c. @path is that of an element ("domain/devices/disk"), or of an attribute ("…/disk@type"). */

/* The name of a type in types.rng; NULL: any text. */
const char *value_type(const char *path);
/* Whether it cannot be left out. */
gboolean value_is_needed(const char *path);
/* "a|b" as strings; new. */
GPtrArray *values_split(const char *values, gsize length);
gboolean values_have(const GPtrArray *values, const char *value);
/* What an attribute may hold: @limit, if not NULL, replaces the table's own values; "" in it means that the attribute may be
 * missing. */
void value_append_attribute(GString *out, const char *path, const SchemaAttribute *rule, const GPtrArray *limit, int indent);

/* make-conditions.c: SchemaElement.when. */

/* "a|b" of "type=a|b". */
const char *condition_values(const SchemaElement *entry);
gboolean condition_is_parents(const SchemaElement *entry);
/* Whether it is about the attribute of this name. */
gboolean condition_names(const SchemaElement *entry, const char *name, gsize length);
/* The values of its own attribute that lead to @entry: NULL for any. Those of earlier entries of its name are theirs. */
GPtrArray *condition_limit(const SchemaElement *entry, const SchemaElement *siblings, const SchemaAttribute *rule);
/* Whether nothing is left for @entry because earlier ones of its name have taken all values. */
gboolean condition_is_covered(const SchemaElement *entry, const SchemaElement *siblings);
/* The attribute of @entry on which its children depend; FALSE when they do not. */
gboolean condition_decides(const SchemaElement *entry, SchemaAttribute *rule);
/* Whether @child may stand in a parent whose deciding attribute is @value (NULL: whatever it is). */
gboolean condition_fits(const SchemaElement *child, const SchemaElement *children, const SchemaAttribute *rule, const char *value);

/* make-content.c: attributes and children of @entry, whose define has the name @name. */
void content_append(Output *output, GString *out, const char *noun, const char *name, const char *path,
                    const SchemaElement *entry, const SchemaElement *siblings, int indent);

/* The name of the define that describes @entry, which is made on the way; a new string. */
char *define_element(Output *output, const char *noun, const char *parent, const char *path, const SchemaElement *entry,
                     const SchemaElement *siblings);
