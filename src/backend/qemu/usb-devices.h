/* USB devices of a host, as its /sys/bus/usb/devices shows them. */
#pragma once

#include "backend/qemu/host-files.h"
#include "model/document.h"

G_BEGIN_DECLS

/* Fills in, in the live document @domain, bus and device number of each USB <hostdev> that is named by vendor and product,
 * and drops those that are missing and may be (startupPolicy). With @may_miss no one has to be there. Errors in libvirt's
 * words: none or more than one of the kind (OPERATION_FAILED), no USB at all (SYSTEM_ERROR). */
gboolean usb_devices_find(struct _xmlNode *domain, const QemuHostFiles *files, gboolean may_miss, GError **error);

G_END_DECLS
