/* The block nodes of a disk's images: one for the storage, one for the format, for each image of the chain. */
#include "config.h"

#include "backend/qemu/argv-disk.h"

#include <fcntl.h>
#include <linux/cdrom.h>
#include <string.h>
#include <sys/ioctl.h>

#include "backend/qemu/argv-secret.h"
#include "util/error.h"
#include "util/process.h"

static const DiskCacheMode cache_modes[] = {
    { "none", TRUE, TRUE, FALSE },      { "writethrough", FALSE, FALSE, FALSE }, { "writeback", TRUE, FALSE, FALSE },
    { "directsync", FALSE, TRUE, FALSE }, { "unsafe", TRUE, FALSE, TRUE },
};

const DiskCacheMode *
disk_cache_mode(const xmlNode *disk)
{
    const char *cache = node_child_attr(disk, "driver", "cache");

    /* What several guests write must not lie in the cache of one host. */
    if (!cache && node_child(disk, "shareable") && !node_child(disk, "readonly"))
        cache = "none";
    for (gsize i = 0; cache && i < G_N_ELEMENTS(cache_modes); i++)
        if (g_str_equal(cache_modes[i].name, cache))
            return &cache_modes[i];
    return NULL;
}

static void
disk_add_cache(json_t *props, const xmlNode *disk)
{
    const DiskCacheMode *mode = disk_cache_mode(disk);

    if (mode)
        json_object_set_new(props, "cache", json_pack("{s:b,s:b}", "direct", mode->direct, "no-flush", mode->no_flush));
}

/* An image of a chain: the disk itself or one of its <backingStore>s. */
typedef struct {
    const xmlNode *disk;
    const xmlNode *element;     /* the disk, or the backingStore */
    const xmlNode *source;
    const xmlNode *holder;      /* the element that tells the format */
    const char *format;
    guint id;                   /* of its nodes: libvirt-ID-storage and libvirt-ID-format */
    gboolean top;
    gboolean last;              /* the chain is known to end here */
    gboolean read_only;
    guint backing_id;           /* of the next image; 0: none is named */
} DiskImage;

/* libvirt's formats whose drivers QEMU calls by another name. */
const char *
disk_format_driver(const char *format)
{
    static const char *const drivers[][2] = { { "fat", "raw" }, { "vhd", "vhdx" }, { "ploop", "parallels" } };

    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++)
        if (g_str_equal(drivers[i][0], format))
            return drivers[i][1];
    return format;
}

static gboolean
format_has_backing(const char *format)
{
    static const char *const formats[] = { "qcow", "qcow2", "qed", "vmdk", NULL };

    return g_strv_contains(formats, format);
}

/* libvirt asks the device itself whether it is a drive for discs. */
static gboolean
image_is_host_cdrom(const DiskImage *image, const char *path)
{
    hv_autofd int fd = -1;

    if (g_strcmp0(disk_device(image->disk), "cdrom") != 0)
        return FALSE;
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && ioctl(fd, CDROM_GET_CAPABILITY, NULL) >= 0;
}

/* --- persistent reservations: QEMU asks a helper over a socket -------------------------------------------- */

#define PR_HELPER_MANAGED "pr-helper0"

static void
add_pr_manager(ArgvBuilder *b, const char *id, const char *path)
{
    argv_add_json(b, "-object", json_pack("{s:s,s:s,s:s}", "qom-type", "pr-manager-helper", "id", id, "path", path));
}

/* The helper that libvirt runs by itself serves all disks of a domain. */
static gboolean
is_managed(const xmlNode *reservations)
{
    return node_attr_is(reservations, "managed", "yes");
}

static void
image_add_reservations(ArgvBuilder *b, const DiskImage *image, const char *name, json_t *props)
{
    const xmlNode *reservations = node_child(image->source, "reservations");
    g_autofree char *id = g_strconcat("pr-helper-", name, NULL);

    if (!reservations)
        return;
    if (!is_managed(reservations))
        add_pr_manager(b, id, node_child_attr(reservations, "source", "path"));
    props_str(props, "pr-manager", is_managed(reservations) ? PR_HELPER_MANAGED : id);
}

void
argv_add_pr_helper(ArgvBuilder *b)
{
    NODE_FOREACH(disk, b->devices, "disk")
        for (const xmlNode *element = disk; element; element = node_child(element, "backingStore"))
            if (is_managed(node_path(element, "source/reservations"))) {
                g_autofree char *path = g_strdup_printf("%s/%s.sock", b->host->state_dir ? b->host->state_dir : "",
                                                        PR_HELPER_MANAGED);

                add_pr_manager(b, PR_HELPER_MANAGED, path);
                argv_add_helper(b, g_strdupv((char **)(const char *const[]){ "qemu-pr-helper", "-k", path, NULL }), path, disk);
                return;
            }
}

/* --- secrets ----------------------------------------------------------------------------------------------- */

/* The element is the disk's or, in newer documents, the source's. */
static const xmlNode *
image_child(const DiskImage *image, const char *name)
{
    const xmlNode *node = node_child(image->source, name);

    return node ? node : node_child(image->element, name);
}

static char *
image_object(const DiskImage *image, const char *what)
{
    return g_strdup_printf("libvirt-%u-%s", image->id, what);
}

/* Cookies may be as good as a password. */
static gboolean
image_add_cookies(ArgvBuilder *b, const DiskImage *image, GError **error)
{
    g_autofree char *id = image_object(image, DISK_COOKIE_SECRET);
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean ok;

    NODE_FOREACH(cookie, node_child(image->source, "cookies"), "cookie")
        g_string_append_printf(text, "%s%s=%s", text->len ? "; " : "", node_attr(cookie, "name") ?: "", node_text(cookie));
    if (text->len == 0)
        return TRUE;
    ok = secret_add_value(b, id, (const guint8 *)text->str, text->len, error);
    explicit_bzero(text->str, text->len);
    return ok;
}

static gboolean
image_add_secrets(ArgvBuilder *b, const DiskImage *image, GError **error)
{
    const xmlNode *auth = node_child(image_child(image, "auth"), "secret"), *encryption = image_child(image, "encryption");
    g_autofree char *auth_id = image_object(image, DISK_AUTH_SECRET);
    guint number = 0;

    if (auth && !secret_add(b, auth_id, auth, node_attr(auth, "type"), error))
        return FALSE;
    NODE_FOREACH(secret, encryption, "secret") {
        g_autofree char *name = g_strdup_printf("%s%u", DISK_ENCRYPTION_SECRET, number++);
        g_autofree char *id = image_object(image, name);

        if (!secret_add(b, id, secret, "volume", error))
            return FALSE;
    }
    return image_add_cookies(b, image, error);
}

/* --- storage -------------------------------------------------------------------------------------------- */

static json_t *
image_local_props(ArgvBuilder *b, const DiskImage *image, const char *name, GError **error)
{
    const char *type = node_attr(image->element, "type"), *io = node_child_attr(image->disk, "driver", "io");
    gboolean optional = node_attr(image->source, "startupPolicy") && !node_attr_is(image->source, "startupPolicy", "mandatory");
    const char *path;
    json_t *props;

    if (g_strcmp0(type, "volume") == 0) {
        hv_throw(error, HV_ERR_NO_STORAGE_POOL, "no storage pool with matching name '%s'", node_attr(image->source, "pool"));
        return NULL;
    }
    if (node_attr(image->source, "fdgroup")) {
        hv_throw(error, HV_ERR_INVALID_ARG, "file descriptor group '%s' was not associated with the domain",
                 node_attr(image->source, "fdgroup"));
        return NULL;
    }
    path = node_attr(image->source, g_strcmp0(type, "dir") == 0 ? "dir" : g_strcmp0(type, "block") == 0 ? "dev" : "file");
    if (!path) {
        device_unsupported(error, "disk type", type);
        return NULL;
    }
    if (g_str_equal(type, "dir")) {
        props = json_pack("{s:s,s:s,s:b}", "driver", "vvfat", "dir", path, "floppy",
                          g_strcmp0(disk_device(image->disk), "floppy") == 0);
        props_bool(props, "rw", !image->read_only);
    } else {
        const char *driver = g_str_equal(type, "file") ? "file" : image_is_host_cdrom(image, path) ? "host_cdrom" : "host_device";

        props = json_pack("{s:s,s:s}", "driver", driver, "filename", path);
        props_str(props, "aio", io);
        image_add_reservations(b, image, name, props);
    }
    argv_add_file(b, path, image->disk, !image->read_only, optional);
    return props;
}

/* What gives access to the storage: a user and password, cookies, the key of an encryption that the storage itself does. */
static void
image_add_access(const DiskImage *image, json_t *props)
{
    const xmlNode *auth = image_child(image, "auth"), *encryption = image_child(image, "encryption");
    g_autofree char *auth_id = image_object(image, DISK_AUTH_SECRET), *cookie_id = image_object(image, DISK_COOKIE_SECRET);
    g_autofree char *key_id = image_object(image, DISK_ENCRYPTION_SECRET "0");

    if (encryption && node_attr_is(encryption, "engine", "librbd"))
        json_object_set_new(props, "encrypt", json_pack("{s:s*,s:s}", "format", node_attr(encryption, "format"), "key-secret", key_id));
    if (auth)
        disk_source_add_auth(props, auth, auth_id);
    if (node_path(image->source, "cookies/cookie"))
        props_str(props, "cookie-secret", cookie_id);
}

static gboolean
image_add_storage(ArgvBuilder *b, const DiskImage *image, GError **error)
{
    g_autofree char *name = g_strdup_printf("libvirt-%u-storage", image->id);
    json_t *props;

    if (node_attr_is(image->element, "type", "network"))
        props = disk_source_network(b, image->source, name, error);
    else if (node_attr_is(image->element, "type", "nvme"))
        props = disk_source_nvme(image->source);
    else
        props = image_local_props(b, image, name, error);
    if (!props)
        return FALSE;
    image_add_access(image, props);
    props_str(props, "node-name", name);
    disk_add_cache(props, image->disk);
    props_bool(props, "auto-read-only", TRUE);
    props_str(props, "discard", "unmap");
    argv_add_json(b, "-blockdev", props);
    return TRUE;
}

/* --- format --------------------------------------------------------------------------------------------- */

/* A part of the storage: raw images take it by themselves, others see it through a node of its own. */
static char *
image_add_slice(ArgvBuilder *b, const DiskImage *image, json_t *format_props)
{
    const xmlNode *slice = node_path(image->source, "slices/slice");
    g_autofree char *storage = g_strdup_printf("libvirt-%u-storage", image->id);
    gboolean raw = g_str_equal(image->format, "raw");
    g_autofree char *name = NULL;
    json_t *props;

    if (!slice)
        return g_steal_pointer(&storage);
    name = g_strdup_printf("libvirt-%u-slice-sto", image->id);
    props = raw ? format_props : json_pack("{s:s,s:s}", "driver", "raw", "node-name", name);
    props_attr_uint(props, "offset", slice, "offset");
    props_attr_uint(props, "size", slice, "size");
    if (raw)
        return g_steal_pointer(&storage);
    props_str(props, "file", storage);
    props_bool(props, "auto-read-only", TRUE);
    props_str(props, "discard", "unmap");
    argv_add_json(b, "-blockdev", props);
    return g_steal_pointer(&name);
}

/* A raw image that is encrypted is what QEMU calls an image of format luks. */
static void
image_add_driver(const DiskImage *image, json_t *props)
{
    const xmlNode *encryption = image_child(image, "encryption");
    g_autofree char *id = image_object(image, DISK_ENCRYPTION_SECRET "0");
    gboolean raw = g_str_equal(image->format, "raw");

    if (!encryption || node_attr_is(encryption, "engine", "librbd") || !node_child(encryption, "secret")) {
        props_str(props, "driver", disk_format_driver(image->format));
    } else if (raw) {
        props_str(props, "driver", "luks");
        props_str(props, "key-secret", id);
    } else {
        props_str(props, "driver", disk_format_driver(image->format));
        json_object_set_new(props, "encrypt", json_pack("{s:s,s:s}", "format", "luks", "key-secret", id));
    }
}

static void
image_add_format(ArgvBuilder *b, const DiskImage *image)
{
    g_autofree char *name = g_strdup_printf("libvirt-%u-format", image->id);
    const xmlNode *driver = node_child(image->disk, "driver"), *size = node_path(image->holder, "metadata_cache/max_size");
    json_t *props = json_object();
    g_autofree char *storage = NULL;

    props_str(props, "node-name", name);
    props_bool(props, "read-only", image->read_only);
    props_attr_str(props, "discard", driver, "discard");
    /* Zeroes can be unmapped only where discards are passed on. */
    if (image->top && node_attr_is(driver, "detect_zeroes", "unmap") && !node_attr_is(driver, "discard", "unmap"))
        props_str(props, "detect-zeroes", "on");
    else if (image->top)
        props_attr_str(props, "detect-zeroes", driver, "detect_zeroes");
    disk_add_cache(props, image->disk);
    image_add_driver(image, props);
    if (size)
        props_uint(props, "cache-size", node_text_uint(size, 0));
    storage = image_add_slice(b, image, props);
    props_str(props, "file", storage);
    if (image->backing_id) {
        g_autofree char *backing = g_strdup_printf("libvirt-%u-format", image->backing_id);

        props_str(props, "backing", backing);
    } else if (image->last && format_has_backing(image->format)) {
        json_object_set_new(props, "backing", json_null());
    }
    argv_add_json(b, "-blockdev", props);
}

/* --- the chain ------------------------------------------------------------------------------------------ */

static const xmlNode *
image_backing(const xmlNode *element)
{
    const xmlNode *backing = node_child(element, "backingStore");

    return node_child(backing, "source") ? backing : NULL;
}

guint
disk_image_id(const xmlNode *element, guint fallback)
{
    const xmlNode *holder = node_is(element, "disk") ? node_child(element, "source") : element;

    return (guint)node_attr_uint(holder, "index", fallback);
}

guint
disk_count_images(const xmlNode *disk)
{
    guint count = 0;

    for (const xmlNode *element = disk; element; element = image_backing(element))
        count++;
    return count;
}

/* The deepest image comes first, as the others refer to it. */
static gboolean
add_chain(ArgvBuilder *b, const xmlNode *disk, const xmlNode *element, guint id, GError **error)
{
    const xmlNode *backing = image_backing(element);
    gboolean top = element == disk;
    const xmlNode *holder = node_child(element, top ? "driver" : "format");
    DiskImage image = {
        .disk = disk, .element = element, .source = node_child(element, "source"), .holder = holder, .id = id, .top = top,
        .format = node_attr(holder, "type") ? node_attr(holder, "type") : "raw",
        .read_only = !top || node_child(disk, "readonly") || g_strcmp0(disk_device(disk), "cdrom") == 0,
        .backing_id = backing ? disk_image_id(backing, id + 1) : 0, .last = node_child(element, "backingStore") && !backing,
    };

    if (backing && !format_has_backing(image.format))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "storage format '%s' does not support backing store", image.format);
    if ((backing && !add_chain(b, disk, backing, image.backing_id, error)) || !image_add_secrets(b, &image, error) ||
        !image_add_storage(b, &image, error))
        return FALSE;
    image_add_format(b, &image);
    return TRUE;
}

gboolean
disk_add_images(ArgvBuilder *b, const xmlNode *disk, guint id, GError **error)
{
    return add_chain(b, disk, disk, id, error);
}
