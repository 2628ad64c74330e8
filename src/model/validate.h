/* Documents against the RELAX NG schemas of schemas/. */
#pragma once

#include "model/schema.h"

G_BEGIN_DECLS

/* @schema is a file of the folder of schemas: "domain.rng". @table, the one it was made from (NULL: none), is asked for the
 * place of what is wrong. HV_ERR_XML_INVALID_SCHEMA carries what libxml2 says, in the form of libvirt's message, and
 * the place. The folder: $HVSH_SCHEMAS, schemas/ beside this program (a build tree), the installed one. */
gboolean document_validate(xmlDoc *doc, const char *schema, const SchemaElement *table, GError **error);

G_END_DECLS
