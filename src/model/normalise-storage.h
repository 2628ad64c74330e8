/* Steps of normalise.h for disks, controllers and filesystems that several files share. */
#pragma once

#include "model/normalise.h"

G_BEGIN_DECLS

/* domain-disk-source.c: the source of a disk or <backingStore> and the images behind it; the size of a format's metadata
 * cache in a <driver> or <format>, kept in bytes. */
gboolean disk_normalise_source(xmlNode *element, gboolean live, GError **error);
gboolean disk_normalise_cache_size(xmlNode *holder, GError **error);
/* domain-disk-source-checks.c: the images of a disk, once the domain is complete. */
gboolean disk_check_source(const Normalise *n, const xmlNode *disk, GError **error);
/* domain-disk-checks.c */
gboolean normalise_disk_checks(Normalise *n, GError **error);
/* domain-controller-checks.c */
gboolean normalise_controller_checks(Normalise *n, GError **error);
/* domain-leases.c */
gboolean normalise_lease(xmlNode *lease, GError **error);
/* domain-filesystems.c */
gboolean normalise_filesystem(Normalise *n, xmlNode *filesystem, GError **error);
gboolean normalise_filesystem_checks(Normalise *n, GError **error);
/* domain-checks.c: whether the domain has the I/O thread; whether the guest's memory can be mapped by other processes. */
gboolean domain_has_shared_memory(const Normalise *n);

G_END_DECLS
