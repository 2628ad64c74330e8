/* Chains of images: what is behind each, numbering of block nodes. */
#include "config.h"

#include "backend/qemu/disk-chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/qemu/argv.h"
#include "backend/qemu/image-header.h"
#include "model/document.h"
#include "model/domain.h"
#include "util/error.h"

#define CHAIN_MAX 200
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

/* What is behind an image has to be one itself: QEMU would wait for somebody to write to a pipe. */
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
    if (header->special)
        return hv_throw(error, HV_ERR_OPERATION_INVALID,
                        "backing image '%s' of image '%s' is neither a regular file nor a block device", path, image);
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
    if (g_strcmp0(format, header.format) != 0 || !header.backing) {
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
    node_set_attr(backing, "type", below.is_block ? "block" : "file");
    node_set_attr(node_add(backing, "format", NULL), "type", header.backing_format ? header.backing_format : "raw");
    node_set_attr(node_add(backing, "source", NULL), below.is_block ? "dev" : "file", path);
    *added = backing;
    return TRUE;
}

/* Remembers that the chain has come to the image of @element; an error when it has been there before. */
static gboolean
chain_visit(GHashTable *seen, const xmlNode *element, GError **error)
{
    const char *path = element_path(element);
    char *real = path ? realpath(path, NULL) : NULL, *key = g_strdup(real);

    free(real);
    if (!key || g_hash_table_add(seen, key))
        return TRUE;
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "backing store for %s is self-referential", path);
}

/* From the last declared image of @disk on. */
static gboolean
chain_detect(xmlNode *disk, guint *next, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
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
        if (!chain_visit(seen, element, error) || !chain_add_backing(element, &backing, error))
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
