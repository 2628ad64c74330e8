/* The chains of images behind the disks of a domain about to run. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

struct _xmlNode;

/* Completes the live document @domain (the root element) with what the images' headers say: <backingStore> down to the
 * end of each chain of local files, and the number of each image's block nodes as the index attribute. Declared chains
 * stay as they are. An image that cannot be opened here is left to the check of access. Errors, in libvirt's words:
 * OPERATION_INVALID for a backing image of unknown format, SYSTEM_ERROR for one that is missing, INTERNAL_ERROR for a
 * chain without end. */
gboolean disk_chains_complete(struct _xmlNode *domain, GError **error);

G_END_DECLS
