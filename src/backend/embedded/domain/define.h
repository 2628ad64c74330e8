/* What defining and creating domains share. */
#pragma once

#include "backend/embedded/driver-state.h"

G_BEGIN_DECLS

/* The document that a user gave, normalised; its warnings become the state's. */
xmlDoc *define_parse(DriverState *state, const char *xml, gboolean validate, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refuses, in libvirt's words, a name that belongs to another uuid and a uuid that belongs to another name. When there
 * is a domain of that name and uuid already, @exists is set and @existing filled. Called under the lock of the names. */
gboolean define_check_unique(Store *store, const char *name, const char *uuid, StoreDomain *existing, gboolean *exists,
                             GError **error);

/* Before a new domain gets the name and the uuid: nothing of a former one is left that it would inherit, or it is refused. Called
 * under the lock of the names. */
gboolean define_settle_former(Store *store, const char *name, const char *uuid, GError **error);

G_END_DECLS
