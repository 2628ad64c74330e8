/* Firmware that fits a domain, out of the descriptors that packages install (QEMU's docs/interop/firmware.json). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

struct _xmlNode;

/* Folders of descriptors, the most important first: a file name found in one hides those of the same name in later
 * ones. */
extern const char *const firmware_folders[];

/* Where <os firmware='efi'|'bios'> leaves the choice open, completes the live document @domain (the root element):
 * <loader>, and for firmware with variables <nvram template=…> at @nvram_dir/NAME_VARS.fd. OPERATION_FAILED "Unable to
 * find any firmware to satisfy 'efi'". */
gboolean firmware_choose(struct _xmlNode *domain, const char *const *folders, const char *nvram_dir, GError **error);

G_END_DECLS
