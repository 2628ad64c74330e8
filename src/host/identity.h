/* Who a host is: its SMBIOS or device tree, and its UUID. */
#pragma once

#include "host/host.h"

G_BEGIN_DECLS

/* libvirt's <sysinfo type='smbios'> document, from dmidecode (8) where it is there and permitted, from
 * sys/class/dmi/id, on Arm and others from the device tree. CONFIG_UNSUPPORTED where the machine has none of them. */
char *host_sysinfo(const Host *host, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The UUID of the machine: SMBIOS's product_uuid where it may be read and is none of the fillers of careless vendors, else
 * etc/machine-id, else one of our own that is made once and kept in the file "host-uuid" of the folder @own. */
gboolean host_uuid(const Host *host, const char *own, guchar uuid[16], GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
