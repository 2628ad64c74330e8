/* Typed wrappers of conn_call(), one an operation: domain_get_info(conn, &args, &result, error). For commands;
 * drivers do not include it (the model has functions of the same names for documents). */
#pragma once

#include "backend/interface.h"

G_BEGIN_DECLS

#define OP(id, NAME, program, procedure, access, api) \
    G_GNUC_UNUSED G_GNUC_WARN_UNUSED_RESULT static inline gboolean \
    id(Connection *conn, const id##_args *args, id##_result *result, GError **error) \
    { \
        return conn_call(conn, OP_##NAME, args, result, error); \
    }
#define ARG(id, type, field)
#define RES(id, type, field)
#define END(id)
#include "backend/interface.def"

G_END_DECLS
