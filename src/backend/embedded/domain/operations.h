/* The operations on domains, one function per slot of the driver's table: `embedded_` and the
 * operation's name in interface.def. OPERATIONS is that table's part, for use in a const Driver:
 *
 *     .ops = { EMBEDDED_OPERATIONS, [OP_DOMAIN_SHUTDOWN] = my_shutdown }
 */
#pragma once

#include "backend/embedded/driver-state.h"

G_BEGIN_DECLS

#define OP(id, NAME, program, procedure, access, api) \
    gboolean embedded_##id(const Call *call, const void *args, void *result, GError **error);
#define ARG(id, type, field)
#define RES(id, type, field)
#define END(id)
#include "backend/interface.def"
#undef OP
#undef ARG
#undef RES
#undef END

#define EMBEDDED_OPERATION(id, NAME) [OP_##NAME] = embedded_##id

G_END_DECLS
