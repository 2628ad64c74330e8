/* Shared by the files that build the options of disks (argv-disk*.c); nobody else includes it. */
#pragma once

#include "backend/qemu/argv-builder.h"

G_BEGIN_DECLS

/* A cache mode of libvirt as QEMU's three switches. */
typedef struct {
    const char *name;
    gboolean writeback, direct, no_flush;
} DiskCacheMode;

/* NULL: QEMU's own. */
const DiskCacheMode *disk_cache_mode(const xmlNode *disk);

/* The block nodes of all images of a disk, the first of them numbered @id unless the live document says otherwise. */
gboolean disk_add_images(ArgvBuilder *b, const xmlNode *disk, guint id, GError **error);
/* How many images the document knows of. */
guint disk_count_images(const xmlNode *disk);
/* The number that the live document has for an image (a disk or <backingStore>), else @fallback. */
guint disk_image_id(const xmlNode *element, guint fallback);
/* QEMU's driver for a format of libvirt. */
const char *disk_format_driver(const char *format);

/* Ends of the ids of an image's secrets. */
#define DISK_AUTH_SECRET "storage-auth-secret0"
#define DISK_COOKIE_SECRET "storage-httpcookie-secret0"
#define DISK_ENCRYPTION_SECRET "format-encryption-secret"

json_t *disk_source_nvme(const xmlNode *source);

G_END_DECLS
