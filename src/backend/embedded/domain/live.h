/* The live document follows what the guest did: its journal is applied to it. */
#pragma once

#include "backend/embedded/store.h"
#include "model/domain.h"

G_BEGIN_DECLS

typedef struct {
    guint entries;              /* so many were read */
    gboolean changed;           /* one of them changed the document */
    gboolean gap;               /* there were others that are lost: the document may not be true any more */
} LiveNews;

/* One event of QEMU ({"event":…,"data":…}). TRUE when it changed the document. Applying an event twice does what applying it once
 * does. */
gboolean live_apply(xmlDoc *doc, const json_t *event);

/* Applies the entries of the domain's journal after *@position, which is moved on, and adds them to @news. */
gboolean live_catch_up(Store *store, const char *name, xmlDoc *doc, guint64 *position, LiveNews *news, GError **error);

G_END_DECLS
