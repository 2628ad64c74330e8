/* What the files of the schema share about one attribute. */
#pragma once

#include "model/schema.h"

G_BEGIN_DECLS

/* Whether @value is one of "a|b|c", of which @values_len bytes count. */
gboolean schema_values_have(const char *values, gsize values_len, const char *value);
/* Whether @value (NULL: the attribute is missing) is what @rule allows. Throws libvirt's words, with the place in the document. */
gboolean schema_attribute_check(const SchemaAttribute *rule, const xmlNode *node, const char *value, GError **error);
/* Numbers are kept, and so lose what was before them; other kinds stay as they are. */
void schema_attribute_canonicalise(xmlNode *node, const SchemaAttribute *rule, const char *value);

G_END_DECLS
