/* Secrets as options of QEMU; for the files that build the command line. */
#pragma once

#include "backend/qemu/argv-builder.h"

G_BEGIN_DECLS

/* The object @id with the value of the secret that the element @secret names by uuid, or by usage with libvirt's name of its
 * kind ("volume"). NO_SECRET in libvirt's words; INTERNAL_ERROR where it cannot be encrypted. */
gboolean secret_add(ArgvBuilder *b, const char *id, const xmlNode *secret, const char *usage_type, GError **error);
/* The same with a value that is known. */
gboolean secret_add_value(ArgvBuilder *b, const char *id, const guint8 *value, gsize length, GError **error);

G_END_DECLS
