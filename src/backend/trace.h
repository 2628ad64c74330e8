/* Calls as one line of JSON for the log: names, fields, result, time. Contents that may hold
 * secrets (documents, monitor commands) are shown by their length only. */
#pragma once

#include "backend/interface.h"

G_BEGIN_DECLS

/* Whether one of the fields is shown by its length only: then messages about them may hold a part of it. */
gboolean trace_holds_opaque(const FieldInfo *fields);
/* The fields of @structure as a JSON object; a new string. */
char *trace_fields(const FieldInfo *fields, gconstpointer structure);

G_END_DECLS
