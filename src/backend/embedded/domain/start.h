/* Starting a domain that has been opened with its lock. */
#pragma once

#include "backend/embedded/domain/domain.h"

G_BEGIN_DECLS

/* @flags: START_…; @fds are the user's, for the guest. On success domain->info is that of the running domain. */
gboolean start_domain(Domain *domain, guint flags, const int *fds, gsize n_fds, GError **error);

G_END_DECLS
