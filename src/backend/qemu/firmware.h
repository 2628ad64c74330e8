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
/* One firmware that fits an architecture and a machine. */
typedef struct {
    gboolean uefi;
    gboolean bios;
    gboolean secure;            /* protects its variables through SMM: <loader secure='yes'> */
    char *path;                 /* the code; NULL where the descriptor names none */
} FirmwareFit;

/* An array of FirmwareFit that frees its elements, in the order in which they are preferred. @machine is the canonical name. */
GPtrArray *firmware_fits(const char *const *folders, const char *arch, const char *machine) G_GNUC_WARN_UNUSED_RESULT;
/* The empty variable store that a descriptor in @folders names for the firmware @code; new. NULL when none tells. */
char *firmware_find_template(const char *code, const char *const *folders);

G_END_DECLS
