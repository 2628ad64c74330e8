/* Disks: the device in front of the block nodes, and what is set after the start. */
#include "config.h"

#include "backend/qemu/argv-disk.h"

#include <string.h>

#include "util/error.h"

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
    if (g_strcmp0(disk_device(disk), "lun") == 0)
        props_bool(props, "scsi", TRUE);
    props_attr_bool(props, "ioeventfd", driver, "ioeventfd");
    props_attr_bool(props, "event_idx", driver, "event_idx");
    props_attr_uint(props, "num-queues", driver, "queues");
    props_attr_uint(props, "queue-size", driver, "queue_size");
    return props;
}

/* Adapters of old, which know their drives by one number. */
static gboolean
is_narrow_scsi(const xmlNode *controller)
{
    static const char *const models[] = { "lsilogic", "ncr53c90", "dc390", "am53c974" };

    for (gsize i = 0; i < G_N_ELEMENTS(models); i++)
        if (node_attr_is(controller, "model", models[i]))
            return TRUE;
    return FALSE;
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
    if (is_narrow_scsi(controller)) {
        props_uint(props, "scsi-id", node_attr_uint(address, "unit", 0));
    } else {
        props_uint(props, "channel", node_attr_uint(address, "bus", 0));
        props_uint(props, "scsi-id", node_attr_uint(address, "target", 0));
        props_uint(props, "lun", node_attr_uint(address, "unit", 0));
    }
    if (g_strcmp0(device, "lun") != 0) {
        g_autofree char *id = g_strconcat("drive-", alias, NULL);

        props_str(props, "device_id", node_child(disk, "serial") ? node_child_text(disk, "serial") : id);
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
    hv_throw(error, HV_ERR_INTERNAL_ERROR, "unsupported disk bus '%s' with device setup", bus);
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
}

static void
disk_add_policies(json_t *props, const xmlNode *disk)
{
    const xmlNode *driver = node_child(disk, "driver");
    const char *write_error = node_attr(driver, "error_policy");
    const char *read_error = node_attr(driver, "rerror_policy");
    const DiskCacheMode *cache = disk_cache_mode(disk);

    if (cache && g_strcmp0(disk_device(disk), "lun") != 0)
        props_str(props, "write-cache", cache->writeback ? "on" : "off");
    /* A read finds no full disk. */
    if (write_error && !read_error && !g_str_equal(write_error, "enospace"))
        read_error = write_error;
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
    if (node_child(disk, "serial")) {
        g_autoptr(GString) serial = g_string_new(node_child_text(disk, "serial"));

        /* libvirt has escaped blanks since the days of -drive, and guests know their disks by it. */
        g_string_replace(serial, " ", "\\ ", 0);
        props_str(props, "serial", serial->str);
    }
}

static gboolean
disk_add_device(ArgvBuilder *b, const xmlNode *disk, guint id, GError **error)
{
    const char *alias = device_need_alias(disk, error);
    gboolean usb = g_strcmp0(node_child_attr(disk, "target", "bus"), "usb") == 0;
    guint boot_index = g_strcmp0(disk_device(disk), "floppy") == 0 ? 0 : disk_boot_index(b, disk);
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

/* Cards are part of boards that QEMU makes only with drives of the old kind. */
static gboolean
disk_add_card(ArgvBuilder *b, const xmlNode *disk, GError **error)
{
    const char *path = disk_source(disk), *format = node_child_attr(disk, "driver", "type");
    const DiskCacheMode *cache = disk_cache_mode(disk);
    g_autoptr(GString) options = g_string_new(NULL);

    if (!node_attr_is(disk, "type", "file") && !node_attr_is(disk, "type", "block"))
        return device_unsupported(error, "source of an SD card, disk type", node_attr(disk, "type"));
    argv_append(options, "file", path);
    g_string_erase(options, 0, 1);
    argv_append(options, "format", format ? disk_format_driver(format) : "raw");
    argv_append(options, "if", "sd");
    g_string_append_printf(options, ",index=%d", disk_name_index(disk_target(disk)));
    if (node_child(disk, "readonly"))
        g_string_append(options, ",readonly=on");
    argv_append(options, "cache", cache ? cache->name : NULL);
    argv_append(options, "discard", node_child_attr(disk, "driver", "discard"));
    argv_append(options, "detect-zeroes", node_child_attr(disk, "driver", "detect_zeroes"));
    argv_append(options, "copy-on-read", node_child_attr(disk, "driver", "copy_on_read"));
    argv_append(options, "aio", node_child_attr(disk, "driver", "io"));
    argv_add(b, "-drive", options->str);
    /* No device that could be told to boot, but a turn among the boot devices. */
    disk_boot_index(b, disk);
    argv_add_file(b, path, disk, !node_child(disk, "readonly"), FALSE);
    return TRUE;
}

/* A disk that another program serves. */
static gboolean
disk_add_vhostuser(ArgvBuilder *b, const xmlNode *disk, GError **error)
{
    const char *alias = device_need_alias(disk, error);
    const xmlNode *driver = node_child(disk, "driver"), *source = node_child(disk, "source");
    const xmlNode *reconnect = node_child(source, "reconnect");
    g_autofree char *id = g_strconcat("chr-vu-", alias, NULL);
    g_autoptr(GString) options = g_string_new("socket");
    guint boot_index = disk_boot_index(b, disk);
    json_t *props;

    if (!alias)
        return FALSE;
    argv_append(options, "id", id);
    argv_append(options, "path", node_attr(source, "path"));
    if (node_attr_is(reconnect, "enabled", "yes"))
        argv_append(options, "reconnect", node_attr(reconnect, "timeout"));
    else if (reconnect)
        argv_append(options, "reconnect", "0");
    argv_add(b, "-chardev", options->str);
    props = device_props_virtio(disk, "vhost-user-blk");
    props_attr_bool(props, "event_idx", driver, "event_idx");
    props_attr_uint(props, "num-queues", driver, "queues");
    props_attr_uint(props, "queue-size", driver, "queue_size");
    props_str(props, "chardev", id);
    props_str(props, "id", alias);
    if (boot_index)
        props_uint(props, "bootindex", boot_index);
    return device_add(b, props, disk, error);
}

static gboolean
disk_add(ArgvBuilder *b, const xmlNode *disk, guint id, GError **error)
{
    if (node_attr_is(disk, "type", "vhostuser"))
        return disk_add_vhostuser(b, disk, error);
    if (g_strcmp0(node_child_attr(disk, "target", "bus"), "sd") == 0)
        return disk_add_card(b, disk, error);
    if (disk_is_empty(disk))
        return disk_add_device(b, disk, 0, error);
    if (!disk_add_images(b, disk, id, error))
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

/* The controller of floppies: part of a PC, a device of its own elsewhere. It is told which of them to boot from. */
static void
argv_add_floppy_controller(ArgvBuilder *b)
{
    json_t *props = device_props("isa-fdc");
    gboolean floppies = FALSE;

    NODE_FOREACH(disk, b->devices, "disk") {
        g_autofree char *key = g_strdup_printf("bootindex%c", 'A' + (char)node_attr_uint(node_child(disk, "address"), "unit", 0));
        guint boot_index;

        if (g_strcmp0(node_child_attr(disk, "target", "bus"), "fdc") != 0)
            continue;
        floppies = TRUE;
        boot_index = disk_boot_index(b, disk);
        if (boot_index && b->q35)
            props_uint(props, key, boot_index);
        else if (boot_index)
            argv_addf(b, "-global", "isa-fdc.%s=%u", key, boot_index);
    }
    if (floppies && b->q35)
        argv_add_json(b, "-device", props);
    else
        json_decref(props);
}

gboolean
argv_add_disks(ArgvBuilder *b, GError **error)
{
    guint next = 1;

    argv_add_floppy_controller(b);

    /* Numbers run from the last disk to the first, down each chain. */
    NODE_FOREACH(disk, b->devices, "disk")
        next += disk_count_images(disk);
    NODE_FOREACH(disk, b->devices, "disk") {
        next -= disk_count_images(disk);
        if (!disk_add(b, disk, disk_image_id(disk, next), error))
            return FALSE;
    }
    return TRUE;
}
