/* Disks: the block nodes of each image of the chain, and the device in front of them. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

/* libvirt's cache modes as QEMU's three switches. */
static const struct {
    const char *name;
    gboolean writeback, direct, no_flush;
} cache_modes[] = {
    { "none", TRUE, TRUE, FALSE },      { "writethrough", FALSE, FALSE, FALSE }, { "writeback", TRUE, FALSE, FALSE },
    { "directsync", FALSE, TRUE, FALSE }, { "unsafe", TRUE, FALSE, TRUE },
};

/* -1 for none or "default". */
static int
disk_cache_mode(const xmlNode *disk)
{
    const char *cache = node_child_attr(disk, "driver", "cache");

    for (gsize i = 0; cache && i < G_N_ELEMENTS(cache_modes); i++)
        if (g_str_equal(cache_modes[i].name, cache))
            return (int)i;
    return -1;
}

static void
disk_add_cache(json_t *props, const xmlNode *disk)
{
    int mode = disk_cache_mode(disk);

    if (mode >= 0)
        json_object_set_new(props, "cache", json_pack("{s:b,s:b}", "direct", cache_modes[mode].direct, "no-flush",
                                                      cache_modes[mode].no_flush));
}

/* --- one image ------------------------------------------------------------------------------------------- */

/* An image of a chain: the disk itself or one of its <backingStore>s. */
typedef struct {
    const xmlNode *disk;
    const xmlNode *element;     /* the disk, or the backingStore */
    guint id;                   /* of its nodes: libvirt-ID-storage and libvirt-ID-format */
    gboolean top;
    gboolean last;              /* the chain is known to end here */
    guint backing_id;           /* of the next image; 0: none is named */
} DiskImage;

static const char *
image_format(const DiskImage *image)
{
    const char *format = image->top ? node_child_attr(image->element, "driver", "type")
                                    : node_child_attr(image->element, "format", "type");

    return format ? format : "raw";
}

static gboolean
image_read_only(const DiskImage *image)
{
    return !image->top || node_child(image->disk, "readonly") || g_strcmp0(disk_device(image->disk), "cdrom") == 0;
}

static json_t *
image_storage_props(ArgvBuilder *b, const DiskImage *image, GError **error)
{
    const char *type = node_attr(image->element, "type");
    const xmlNode *source = node_child(image->element, "source");
    const char *io = node_child_attr(image->disk, "driver", "io");
    gboolean optional = node_attr(source, "startupPolicy") && !node_attr_is(source, "startupPolicy", "mandatory");
    const char *path;
    json_t *props;

    if (g_strcmp0(type, "network") == 0)
        return disk_source_network(source, error);
    if (g_strcmp0(type, "nvme") == 0)
        return disk_source_nvme(source);
    path = node_attr(source, "file") ? node_attr(source, "file") : node_attr(source, "dev");
    if (g_strcmp0(type, "dir") == 0 && node_attr(source, "dir")) {
        path = node_attr(source, "dir");
        props = json_pack("{s:s,s:s,s:b}", "driver", "vvfat", "dir", path, "floppy",
                          g_strcmp0(disk_device(image->disk), "floppy") == 0);
        props_bool(props, "rw", !image_read_only(image));
    } else if (path && g_strcmp0(type, "block") == 0) {
        props = json_pack("{s:s,s:s}", "driver",
                          g_strcmp0(disk_device(image->disk), "cdrom") == 0 ? "host_cdrom" : "host_device", "filename",
                          path);
        props_str(props, "aio", io);
    } else if (path && g_strcmp0(type, "file") == 0) {
        props = json_pack("{s:s,s:s}", "driver", "file", "filename", path);
        props_str(props, "aio", io);
    } else if (g_strcmp0(type, "volume") == 0) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "disk '%s': storage pool '%s' is not known",
                 disk_target(image->disk), node_attr(source, "pool") ? node_attr(source, "pool") : "");
        return NULL;
    } else {
        device_unsupported(error, "disk type", type);
        return NULL;
    }
    argv_add_file(b, path, image->disk, !image_read_only(image), optional);
    return props;
}

static gboolean
image_add_storage(ArgvBuilder *b, const DiskImage *image, GError **error)
{
    g_autofree char *name = g_strdup_printf("libvirt-%u-storage", image->id);
    json_t *props = image_storage_props(b, image, error);

    if (!props)
        return FALSE;
    props_str(props, "node-name", name);
    disk_add_cache(props, image->disk);
    props_bool(props, "auto-read-only", TRUE);
    props_str(props, "discard", "unmap");
    argv_add_json(b, "-blockdev", props);
    return TRUE;
}

static void
image_add_format(ArgvBuilder *b, const DiskImage *image)
{
    g_autofree char *name = g_strdup_printf("libvirt-%u-format", image->id);
    g_autofree char *storage = g_strdup_printf("libvirt-%u-storage", image->id);
    const xmlNode *driver = node_child(image->disk, "driver");
    const xmlNode *slice = node_path(image->element, "source/slices/slice");
    const char *format = image_format(image);
    json_t *props = json_object();

    props_str(props, "node-name", name);
    props_bool(props, "read-only", image_read_only(image));
    disk_add_cache(props, image->disk);
    if (image->top) {
        props_attr_str(props, "discard", driver, "discard");
        /* Zeroes can be unmapped only where discards are passed on. */
        if (node_attr_is(driver, "detect_zeroes", "unmap") && !node_attr_is(driver, "discard", "unmap"))
            props_str(props, "detect-zeroes", "on");
        else if (node_attr(driver, "detect_zeroes") && !node_attr_is(driver, "detect_zeroes", "off"))
            props_attr_str(props, "detect-zeroes", driver, "detect_zeroes");
    }
    props_str(props, "driver", g_str_equal(format, "iso") ? "raw" : g_str_equal(format, "vhd") ? "vpc" : format);
    if (slice && g_str_equal(format, "raw")) {
        props_attr_uint(props, "offset", slice, "offset");
        props_attr_uint(props, "size", slice, "size");
    }
    props_str(props, "file", storage);
    if (image->backing_id) {
        g_autofree char *backing = g_strdup_printf("libvirt-%u-format", image->backing_id);

        props_str(props, "backing", backing);
    } else if (image->last && !g_str_equal(format, "raw")) {
        json_object_set_new(props, "backing", json_null());
    }
    argv_add_json(b, "-blockdev", props);
}

static const xmlNode *
image_backing(const xmlNode *element)
{
    const xmlNode *backing = node_child(element, "backingStore");

    return node_child(backing, "source") ? backing : NULL;
}

/* The number that the live document has for the image, else @fallback. */
static guint
image_id(const xmlNode *element, guint fallback)
{
    const xmlNode *holder = node_is(element, "disk") ? node_child(element, "source") : element;

    return (guint)node_attr_uint(holder, "index", fallback);
}

/* The deepest image comes first, as the others refer to it. */
static gboolean
disk_add_chain(ArgvBuilder *b, const xmlNode *disk, const xmlNode *element, guint id, GError **error)
{
    const xmlNode *backing = image_backing(element);
    DiskImage image = {
        .disk = disk, .element = element, .id = id, .top = element == disk,
        .backing_id = backing ? image_id(backing, id + 1) : 0, .last = node_child(element, "backingStore") && !backing,
    };

    if (node_child(element, "encryption") || node_path(element, "source/encryption"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "disk '%s': its secret cannot be looked up",
                        disk_target(disk));
    if (backing && !disk_add_chain(b, disk, backing, image.backing_id, error))
        return FALSE;
    if (!image_add_storage(b, &image, error))
        return FALSE;
    image_add_format(b, &image);
    return TRUE;
}

static guint
disk_chain_length(const xmlNode *element)
{
    const xmlNode *backing = image_backing(element);

    return 1 + (backing ? disk_chain_length(backing) : 0);
}

/* --- the device ------------------------------------------------------------------------------------------ */

/* The order among <os>'s boot devices goes to the first disk of a class, whose own <boot> wins. */
static guint
disk_boot_index(ArgvBuilder *b, const xmlNode *disk)
{
    const char *device = disk_device(disk);
    guint *slot = &b->boot_disk;
    guint index;

    if (node_child_attr(disk, "boot", "order"))
        return (guint)node_attr_uint(node_child(disk, "boot"), "order", 0);
    if (g_strcmp0(device, "cdrom") == 0)
        slot = &b->boot_cdrom;
    else if (g_strcmp0(device, "floppy") == 0)
        slot = &b->boot_floppy;
    index = *slot;
    *slot = 0;
    return index;
}

static json_t *
disk_props_virtio(const xmlNode *disk)
{
    const xmlNode *driver = node_child(disk, "driver");
    json_t *props = device_props_virtio(disk, "virtio-blk");

    if (node_attr(driver, "iothread")) {
        g_autofree char *thread = g_strconcat("iothread", node_attr(driver, "iothread"), NULL);

        props_str(props, "iothread", thread);
    }
    props_attr_bool(props, "ioeventfd", driver, "ioeventfd");
    props_attr_bool(props, "event_idx", driver, "event_idx");
    props_attr_uint(props, "num-queues", driver, "queues");
    props_attr_uint(props, "queue-size", driver, "queue_size");
    return props;
}

static json_t *
disk_props_scsi(ArgvBuilder *b, const xmlNode *disk, const char *alias, GError **error)
{
    const xmlNode *address = node_child(disk, "address");
    guint64 index = node_attr_uint(address, "controller", 0);
    const xmlNode *controller = device_controller(b, "scsi", index);
    const char *device = disk_device(disk);
    const char *controller_alias = controller ? device_alias(controller) : NULL;
    g_autofree char *bus = g_strconcat(controller_alias ? controller_alias : "", ".0", NULL);
    json_t *props;

    if (!controller_alias) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to find SCSI controller with index=%" G_GUINT64_FORMAT, index);
        return NULL;
    }
    props = device_props(g_strcmp0(device, "lun") == 0    ? "scsi-block"
                         : g_strcmp0(device, "cdrom") == 0 ? "scsi-cd"
                                                           : "scsi-hd");
    props_str(props, "bus", bus);
    if (node_attr_is(controller, "model", "lsilogic")) {
        props_uint(props, "scsi-id", node_attr_uint(address, "unit", 0));
    } else {
        props_uint(props, "channel", node_attr_uint(address, "bus", 0));
        props_uint(props, "scsi-id", node_attr_uint(address, "target", 0));
        props_uint(props, "lun", node_attr_uint(address, "unit", 0));
    }
    if (g_strcmp0(device, "lun") != 0) {
        g_autofree char *id = g_strconcat("drive-", alias, NULL);

        props_str(props, "device_id", id);
    }
    return props;
}

static json_t *
disk_props_ata(ArgvBuilder *b, const xmlNode *disk, gboolean sata, GError **error)
{
    const xmlNode *address = node_child(disk, "address");
    guint64 index = node_attr_uint(address, "controller", 0);
    guint64 unit = node_attr_uint(address, "unit", 0);
    const xmlNode *controller = sata ? device_controller(b, "sata", index) : NULL;
    g_autofree char *bus = NULL;
    json_t *props;

    if (sata && !(controller && device_alias(controller))) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to find SATA controller with index=%" G_GUINT64_FORMAT, index);
        return NULL;
    }
    bus = sata ? g_strdup_printf("%s.%" G_GUINT64_FORMAT, device_alias(controller), unit)
               : g_strdup_printf("ide.%" G_GUINT64_FORMAT, node_attr_uint(address, "bus", 0));
    props = device_props(g_strcmp0(disk_device(disk), "cdrom") == 0 ? "ide-cd" : "ide-hd");
    props_str(props, "bus", bus);
    if (!sata)
        props_uint(props, "unit", unit);
    return props;
}

static json_t *
disk_props(ArgvBuilder *b, const xmlNode *disk, const char *alias, GError **error)
{
    const char *bus = node_child_attr(disk, "target", "bus");
    json_t *props;

    if (!bus)
        bus = "";
    if (g_str_equal(bus, "virtio"))
        return disk_props_virtio(disk);
    if (g_str_equal(bus, "scsi"))
        return disk_props_scsi(b, disk, alias, error);
    if (g_str_equal(bus, "ide") || g_str_equal(bus, "sata"))
        return disk_props_ata(b, disk, g_str_equal(bus, "sata"), error);
    if (g_str_equal(bus, "usb"))
        return device_props("usb-storage");
    if (g_str_equal(bus, "sd"))
        return device_props("sd-card");
    if (g_str_equal(bus, "fdc")) {
        props = device_props("floppy");
        props_uint(props, "unit", node_attr_uint(node_child(disk, "address"), "unit", 0));
        return props;
    }
    hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported disk bus '%s' with device setup", bus);
    return NULL;
}

static void
disk_add_geometry(json_t *props, const xmlNode *disk)
{
    const xmlNode *geometry = node_child(disk, "geometry");
    const xmlNode *blocks = node_child(disk, "blockio");

    props_attr_uint(props, "cyls", geometry, "cyls");
    props_attr_uint(props, "heads", geometry, "heads");
    props_attr_uint(props, "secs", geometry, "secs");
    if (!node_attr_is(geometry, "trans", "default"))
        props_attr_str(props, "bios-chs-trans", geometry, "trans");
    props_attr_uint(props, "logical_block_size", blocks, "logical_block_size");
    props_attr_uint(props, "physical_block_size", blocks, "physical_block_size");
    props_attr_uint(props, "discard_granularity", blocks, "discard_granularity");
}

static void
disk_add_policies(json_t *props, const xmlNode *disk)
{
    const xmlNode *driver = node_child(disk, "driver");
    const char *write_error = node_attr(driver, "error_policy");
    const char *read_error = node_attr(driver, "rerror_policy");
    int mode = disk_cache_mode(disk);

    if (mode >= 0 && g_strcmp0(disk_device(disk), "cdrom") != 0)
        props_str(props, "write-cache", cache_modes[mode].writeback ? "on" : "off");
    /* QEMU's word for reads knows no full disk. */
    if (write_error && !read_error)
        read_error = g_str_equal(write_error, "enospace") ? "report" : write_error;
    if (write_error)
        props_str(props, "werror", g_str_equal(write_error, "enospace") ? "enospc" : write_error);
    props_str(props, "rerror", read_error);
}

static void
disk_add_identity(json_t *props, const xmlNode *disk)
{
    const char *wwn = node_child_text(disk, "wwn");

    if (wwn)
        props_uint(props, "wwn", g_ascii_strtoull(wwn, NULL, 16));
    props_str(props, "vendor", node_child_text(disk, "vendor"));
    props_str(props, "product", node_child_text(disk, "product"));
    props_attr_uint(props, "rotation_rate", node_child(disk, "target"), "rotation_rate");
    props_str(props, "serial", node_child_text(disk, "serial"));
}

static gboolean
disk_add_device(ArgvBuilder *b, const xmlNode *disk, guint id, GError **error)
{
    const char *alias = device_need_alias(disk, error);
    gboolean usb = g_strcmp0(node_child_attr(disk, "target", "bus"), "usb") == 0;
    guint boot_index = disk_boot_index(b, disk);
    json_t *props = alias ? disk_props(b, disk, alias, error) : NULL;

    if (!props)
        return FALSE;
    if (!device_add_address(b, props, disk, error)) {
        json_decref(props);
        return FALSE;
    }
    if (node_child(disk, "shareable"))
        props_bool(props, "share-rw", TRUE);
    if (id) {
        g_autofree char *drive = node_attr_is(node_child(disk, "driver"), "copy_on_read", "on")
                                     ? g_strdup_printf("libvirt-CoR-%s", disk_target(disk))
                                     : g_strdup_printf("libvirt-%u-format", id);

        props_str(props, "drive", drive);
    }
    props_str(props, "id", alias);
    if (boot_index)
        props_uint(props, "bootindex", boot_index);
    if (usb)
        props_bool(props, "removable", node_attr_yes(node_child(disk, "target"), "removable", FALSE));
    disk_add_geometry(props, disk);
    disk_add_identity(props, disk);
    disk_add_policies(props, disk);
    argv_add_json(b, "-device", props);
    return TRUE;
}

/* --- what is set after the start ------------------------------------------------------------------------- */

/* Elements of <iotune> and the arguments of block_set_io_throttle; the first six it always wants. */
static const char *const throttle_names[][2] = {
    { "total_bytes_sec", "bps" }, { "read_bytes_sec", "bps_rd" }, { "write_bytes_sec", "bps_wr" },
    { "total_iops_sec", "iops" }, { "read_iops_sec", "iops_rd" }, { "write_iops_sec", "iops_wr" },
    { "total_bytes_sec_max", "bps_max" }, { "read_bytes_sec_max", "bps_rd_max" },
    { "write_bytes_sec_max", "bps_wr_max" }, { "total_iops_sec_max", "iops_max" },
    { "read_iops_sec_max", "iops_rd_max" }, { "write_iops_sec_max", "iops_wr_max" },
    { "size_iops_sec", "iops_size" }, { "total_bytes_sec_max_length", "bps_max_length" },
    { "read_bytes_sec_max_length", "bps_rd_max_length" }, { "write_bytes_sec_max_length", "bps_wr_max_length" },
    { "total_iops_sec_max_length", "iops_max_length" }, { "read_iops_sec_max_length", "iops_rd_max_length" },
    { "write_iops_sec_max_length", "iops_wr_max_length" },
};

/* The QOM path a disk's throttle is set by: virtio's block device is a child of the one that was named. */
static void
disk_add_throttle(ArgvBuilder *b, const xmlNode *disk)
{
    const xmlNode *iotune = node_child(disk, "iotune");
    const char *alias = device_alias(disk);
    g_autofree char *id = NULL;
    json_t *args;

    if (!iotune || disk_is_empty(disk))
        return;
    id = g_strcmp0(node_child_attr(disk, "target", "bus"), "virtio") == 0
             ? g_strdup_printf("/machine/peripheral/%s/virtio-backend", alias)
             : g_strdup(alias);
    args = json_pack("{s:s}", "id", id);
    for (gsize i = 0; i < G_N_ELEMENTS(throttle_names); i++)
        if (i < 6 || node_child(iotune, throttle_names[i][0]))
            props_uint(args, throttle_names[i][1], node_text_uint(node_child(iotune, throttle_names[i][0]), 0));
    props_str(args, "group", node_child_text(iotune, "group_name"));
    argv_add_setup(b, "block_set_io_throttle", args);
}

static gboolean
disk_add(ArgvBuilder *b, const xmlNode *disk, guint id, GError **error)
{
    if (disk_is_empty(disk))
        return disk_add_device(b, disk, 0, error);
    if (!disk_add_chain(b, disk, disk, id, error))
        return FALSE;
    if (node_attr_is(node_child(disk, "driver"), "copy_on_read", "on")) {
        g_autofree char *name = g_strdup_printf("libvirt-CoR-%s", disk_target(disk));
        g_autofree char *format = g_strdup_printf("libvirt-%u-format", id);

        argv_add_json(b, "-blockdev",
                      json_pack("{s:s,s:s,s:s,s:s}", "driver", "copy-on-read", "node-name", name, "file", format,
                                "discard", "unmap"));
    }
    if (!disk_add_device(b, disk, id, error))
        return FALSE;
    disk_add_throttle(b, disk);
    return TRUE;
}

gboolean
argv_add_disks(ArgvBuilder *b, GError **error)
{
    guint next = 1;

    /* Numbers run from the last disk to the first, down each chain. */
    NODE_FOREACH(disk, b->devices, "disk")
        next += disk_chain_length(disk);
    NODE_FOREACH(disk, b->devices, "disk") {
        next -= disk_chain_length(disk);
        if (!disk_add(b, disk, image_id(disk, next), error))
            return FALSE;
    }
    return TRUE;
}
