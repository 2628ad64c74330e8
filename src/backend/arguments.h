/* What libvirt's public functions refuse before any driver is asked. */
#pragma once

#include "backend/interface.h"

G_BEGIN_DECLS

/* INVALID_ARG in libvirt's words for an argument out of its range. */
gboolean arguments_check(Operation op, const void *args, GError **error);

G_END_DECLS
