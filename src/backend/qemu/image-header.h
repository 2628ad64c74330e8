/* What the first bytes of a disk image say of the image behind it. Formats: QEMU's docs/interop/qcow2.txt, qed_spec.txt and
 * block/qcow.c; VMware's "Virtual Disk Format 5.0". */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    gboolean exists;
    gboolean special;       /* neither a regular file nor a block device */
    gboolean is_block;      /* a block device */
    gboolean readable;      /* the rest says something */
    const char *format;     /* by the image's magic; "raw" for what has none; static */
    char *backing;          /* as it stands in the header; NULL: none */
    char *backing_format;   /* NULL: not said */
} ImageHeader;

/* Never waits: what is no file and no block device is not read. At most 64 KiB are read. */
void image_header_read(const char *path, ImageHeader *header);
void image_header_clear(ImageHeader *header);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImageHeader, image_header_clear)

G_END_DECLS
