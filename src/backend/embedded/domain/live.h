/* The live document follows what the guest did: its journal is applied to it. */
#pragma once

#include "backend/embedded/store.h"
#include "model/domain.h"

G_BEGIN_DECLS

/* Applies the entries of the domain's journal after *@position, which is moved on. @entries counts them, @changed tells
 * whether one of them changed the document. Applying an entry twice does what applying it once does. */
gboolean live_catch_up(Store *store, const char *name, xmlDoc *doc, guint64 *position, guint *entries,
                       gboolean *changed, GError **error);

G_END_DECLS
