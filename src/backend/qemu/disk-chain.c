/* Chains of images: headers of qcow2, numbering of block nodes. */
#include "config.h"

#include "backend/qemu/disk-chain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/qemu/argv.h"
#include "model/document.h"
#include "model/domain.h"
#include "util/error.h"
#include "util/process.h"

#define CHAIN_MAX 200
/* The header, its extensions and the name of the backing file lie in the first cluster, which has 64 KiB unless
 * somebody wanted it otherwise. */
#define HEADER_BYTES (64 * 1024)

/* Offsets and numbers of QEMU's docs/interop/qcow2. */
#define QCOW2_MAGIC 0x514649fbu
#define QCOW2_BACKING_OFFSET 8
#define QCOW2_BACKING_SIZE 16
#define QCOW2_HEADER_LENGTH 100
#define QCOW2_V2_LENGTH 72
#define QCOW2_BACKING_MAX 1023
#define QCOW2_EXTENSION_FORMAT 0xe2792acau

typedef struct {
    gboolean readable;
    const char *format;     /* "qcow2" when its header says so, else "raw" */
    char *backing;          /* as it stands in the header; NULL: none */
    char *backing_format;   /* NULL: not said */
} ImageHeader;

static void
image_header_clear(ImageHeader *header)
{
    g_clear_pointer(&header->backing, g_free);
    g_clear_pointer(&header->backing_format, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImageHeader, image_header_clear)

static guint32
be32(const guint8 *bytes)
{
    return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

static guint64
be64(const guint8 *bytes)
{
    return (guint64)be32(bytes) << 32 | be32(bytes + 4);
}

static void
qcow2_read_extensions(ImageHeader *header, const guint8 *bytes, gsize len, gsize at)
{
    while (at + 8 <= len) {
        guint32 type = be32(bytes + at), size = be32(bytes + at + 4);

        at += 8;
        if (type == 0 || size > len - at)
            return;
        if (type == QCOW2_EXTENSION_FORMAT) {
            header->backing_format = g_strndup((const char *)bytes + at, size);
            return;
        }
        at += ((gsize)size + 7) & ~(gsize)7;
    }
}

static void
qcow2_read(ImageHeader *header, const guint8 *bytes, gsize len)
{
    guint64 offset = be64(bytes + QCOW2_BACKING_OFFSET);
    guint32 size = be32(bytes + QCOW2_BACKING_SIZE);
    guint32 version = be32(bytes + 4);
    gsize extensions = QCOW2_V2_LENGTH;

    header->format = "qcow2";
    if (version >= 3 && len >= QCOW2_HEADER_LENGTH + 4)
        extensions = be32(bytes + QCOW2_HEADER_LENGTH);
    if (!offset || !size || size > QCOW2_BACKING_MAX || offset > len || size > len - offset)
        return;
    header->backing = g_strndup((const char *)bytes + offset, size);
    qcow2_read_extensions(header, bytes, MIN(len, offset), extensions);
}

static void
image_header_read(const char *path, ImageHeader *header)
{
    g_autofree guint8 *bytes = NULL;
    hv_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    ssize_t got;

    *header = (ImageHeader){ .format = "raw" };
    if (fd < 0 || fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
        return;
    bytes = g_malloc(HEADER_BYTES);
    got = pread(fd, bytes, HEADER_BYTES, 0);
    if (got < 0)
        return;
    header->readable = TRUE;
    if (got >= QCOW2_V2_LENGTH && be32(bytes) == QCOW2_MAGIC)
        qcow2_read(header, bytes, (gsize)got);
}

/* "nbd://…", "json:…": QEMU opens these by itself. */
static gboolean
backing_is_file(const char *name)
{
    const char *colon = strchr(name, ':');
    const char *slash = strchr(name, '/');

    return !colon || (slash && slash < colon);
}

static char *
backing_path(const char *image, const char *name)
{
    g_autofree char *folder = NULL;

    if (g_path_is_absolute(name))
        return g_strdup(name);
    folder = g_path_get_dirname(image);
    return g_build_filename(folder, name, NULL);
}

/* --- the document ---------------------------------------------------------------------------------------- */

/* The local file or device of a disk or <backingStore>; NULL for anything else. */
static const char *
element_path(const xmlNode *element)
{
    const xmlNode *source = node_child(element, "source");

    if (node_attr_is(element, "type", "file"))
        return node_attr(source, "file");
    return node_attr_is(element, "type", "block") ? node_attr(source, "dev") : NULL;
}

static const char *
element_format(const xmlNode *element)
{
    return node_is(element, "disk") ? node_child_attr(element, "driver", "type")
                                    : node_child_attr(element, "format", "type");
}

static void
element_set_index(xmlNode *element, guint index)
{
    if (node_is(element, "disk"))
        element = node_child(element, "source");
    if (element)
        node_set_attrf(element, "index", "%u", index);
}

static xmlNode *
element_backing(const xmlNode *element)
{
    xmlNode *backing = node_child(element, "backingStore");

    return node_child(backing, "source") ? backing : NULL;
}

static gboolean
backing_check(const char *image, const char *path, const ImageHeader *header, const char *format, GError **error)
{
    if (!header->readable && access(path, R_OK) < 0) {
        int errnum = errno;

        hv_throw_errno(error, errnum, "Cannot access backing file '%s' of storage file '%s' (as uid:%u, gid:%u)", path,
                       image, (guint)geteuid(), (guint)getegid());
        hv_error_set_source(error, HV_FROM_STORAGE);
        return FALSE;
    }
    if (format || g_str_equal(header->format, "raw"))
        return TRUE;
    return hv_throw(error, HV_ERR_OPERATION_INVALID,
                    "format of backing image '%s' of image '%s' was not specified in the image metadata "
                    "(See https://libvirt.org/kbase/backing_chains.html for troubleshooting)",
                    path, image);
}

/* What an image says of itself goes into the document, where not every byte can stand. */
static gboolean
backing_text_check(const char *image, const char *text, const char *what, GError **error)
{
    gboolean good = !text || g_utf8_validate(text, -1, NULL);

    for (const char *c = text; good && c && *c; c++)
        good = !g_ascii_iscntrl(*c);
    return good || hv_throw(error, HV_ERR_OPERATION_INVALID, "the header of image '%s' gives a %s that is no text", image, what);
}

/* Adds one <backingStore> below @element by the header of its image. *@added is NULL where the chain ends. */
static gboolean
chain_add_backing(xmlNode *element, xmlNode **added, GError **error)
{
    const char *image = element_path(element);
    const char *format = element_format(element);
    g_auto(ImageHeader) header = { 0 };
    g_auto(ImageHeader) below = { 0 };
    g_autofree char *path = NULL;
    xmlNode *backing;

    *added = NULL;
    if (!image)
        return TRUE;
    image_header_read(image, &header);
    if (!header.readable)
        return TRUE;
    if (g_strcmp0(format, "qcow2") != 0 || !header.backing) {
        /* Other formats may have a chain that is not understood here; only raw surely has none. */
        if (g_strcmp0(format, "raw") == 0 || !format || g_strcmp0(format, "qcow2") == 0)
            domain_ensure_child(element, "backingStore");
        return TRUE;
    }
    if (!backing_text_check(image, header.backing, "backing file", error) ||
        !backing_text_check(image, header.backing_format, "backing format", error))
        return FALSE;
    if (!backing_is_file(header.backing))
        return TRUE;
    path = backing_path(image, header.backing);
    image_header_read(path, &below);
    if (!backing_check(image, path, &below, header.backing_format, error))
        return FALSE;
    backing = domain_ensure_child(element, "backingStore");
    node_set_attr(backing, "type", "file");
    node_set_attr(node_add(backing, "format", NULL), "type", header.backing_format ? header.backing_format : "raw");
    node_set_attr(node_add(backing, "source", NULL), "file", path);
    *added = backing;
    return TRUE;
}

/* From the last declared image of @disk on. */
static gboolean
chain_detect(xmlNode *disk, guint *next, GError **error)
{
    xmlNode *element = disk;
    xmlNode *backing;

    while ((backing = element_backing(element)))
        element = backing;
    if (node_child(element, "backingStore"))
        return TRUE;
    for (guint depth = 0; element; depth++) {
        if (depth == CHAIN_MAX)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "backing chain of disk '%s' is longer than %d images",
                            disk_target(disk), CHAIN_MAX);
        if (!chain_add_backing(element, &backing, error))
            return FALSE;
        if (backing)
            element_set_index(backing, (*next)++);
        element = backing;
    }
    return TRUE;
}

gboolean
disk_chains_complete(struct _xmlNode *domain, GError **error)
{
    g_autoptr(GPtrArray) disks = g_ptr_array_new();
    guint next = 1;

    NODE_FOREACH(disk, node_child(domain, "devices"), "disk")
        g_ptr_array_add(disks, disk);
    /* Those that are declared come first, from the last disk to the first; an empty drive keeps a number too. */
    for (guint i = disks->len; i > 0; i--)
        for (xmlNode *element = g_ptr_array_index(disks, i - 1); element; element = element_backing(element))
            element_set_index(element, next++);
    for (guint i = disks->len; i > 0; i--) {
        xmlNode *disk = g_ptr_array_index(disks, i - 1);

        if (!disk_is_empty(disk) && !chain_detect(disk, &next, error))
            return FALSE;
    }
    return TRUE;
}
