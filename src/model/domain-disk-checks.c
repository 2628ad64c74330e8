/* What is wrong with a disk, judged when the domain is complete. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* More than this QEMU cannot count. */
#define IOTUNE_MAX G_GUINT64_CONSTANT(1000000000000000)

static const char *
disk_bus(const xmlNode *disk)
{
    return node_child_attr(disk, "target", "bus");
}

static gboolean
is_one_of(const char *value, const char *const *values)
{
    return value && g_strv_contains(values, value);
}

/* --- the kind of device ----------------------------------------------------------------------------------------- */

static gboolean
check_lun(const xmlNode *disk, GError **error)
{
    const xmlNode *source = node_child(disk, "source");
    const char *bus = disk_bus(disk);

    if (strcmp(disk_device(disk), "lun") != 0) {
        if (node_attr(disk, "rawio"))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "rawio can be used only with device='lun'");
        if (node_attr_is(disk, "sgio", "unfiltered"))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "unfiltered sgio is no longer supported");
        if (node_attr(disk, "sgio"))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "sgio can be used only with device='lun'");
        if (node_child(source, "reservations"))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "<reservations/> allowed only for lun devices");
        return TRUE;
    }
    if (strcmp(bus, "virtio") != 0 && strcmp(bus, "scsi") != 0 && strcmp(bus, "fdc") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk device='lun' is not supported for bus='%s'", bus);
    if (node_attr_is(disk, "type", "network") && !node_attr_is(source, "protocol", "iscsi"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk device='lun' is not supported for protocol='%s'",
                          node_attr(source, "protocol"));
    if (!node_attr_is(disk, "type", "network") && !node_attr_is(disk, "type", "block") && !node_attr_is(disk, "type", "volume"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk device='lun' is only valid for block type disk source");
    if (node_attr_is(disk, "sgio", "unfiltered"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "unfiltered sgio is no longer supported");
    return TRUE;
}

static gboolean
check_device(const xmlNode *disk, GError **error)
{
    static const char *const fixed[] = { "virtio", "sd", NULL };
    const char *device = disk_device(disk), *bus = disk_bus(disk), *name = disk_target(disk);

    if (strcmp(device, "floppy") == 0) {
        if (strcmp(bus, "fdc") != 0)
            return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "Invalid bus type '%s' for floppy disk", bus);
        if (!g_str_has_prefix(name, "fd"))
            return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "Invalid floppy device name: %s", name);
        return TRUE;
    }
    if (strcmp(bus, "fdc") == 0)
        return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "Invalid bus type 'fdc' for disk");
    if (strcmp(device, "disk") == 0 && g_str_has_prefix(name, "fd"))
        return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "Invalid harddisk device name: %s", name);
    if (strcmp(device, "cdrom") == 0 && is_one_of(bus, fixed))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk type of '%s' does not support ejectable media", name);
    return TRUE;
}

static gboolean
check_startup_policy(const xmlNode *disk, GError **error)
{
    const char *policy = node_child_attr(disk, "source", "startupPolicy"), *device = disk_device(disk);

    if (!policy)
        return TRUE;
    if (node_attr_is(disk, "type", "network"))
        return node_throw(disk, error, HV_ERR_XML_ERROR, "disk startupPolicy '%s' is not allowed for disk of 'network' type",
                          policy);
    if (strcmp(policy, "requisite") == 0 && strcmp(device, "cdrom") != 0 && strcmp(device, "floppy") != 0)
        return node_throw(disk, error, HV_ERR_XML_ERROR, "disk startupPolicy 'requisite' is allowed only for cdrom or floppy");
    return TRUE;
}

static gboolean
check_target(const xmlNode *disk, GError **error)
{
    static const char *const rotating[] = { "scsi", "ide", "sata", NULL };
    const xmlNode *target = node_child(disk, "target");
    const char *device = disk_device(disk), *name = disk_target(disk);

    if (node_attr(target, "tray") && strcmp(device, "cdrom") != 0 && strcmp(device, "floppy") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "tray is only valid for cdrom and floppy");
    if (node_attr(target, "removable") && strcmp(disk_bus(disk), "usb") != 0)
        return node_throw(disk, error, HV_ERR_XML_ERROR, "removable is only valid for usb disks");
    if (node_attr(target, "rotation_rate") && !is_one_of(disk_bus(disk), rotating))
        return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "rotation rate is only valid for SCSI/IDE/SATA bus");
    if (node_attr(target, "rotation_rate") && strcmp(device, "disk") != 0)
        return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "rotation rate is only valid for disk device");
    if (*name && g_ascii_isdigit(name[strlen(name) - 1]) && disk_name_index(name) >= 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "invalid disk target '%s', partitions can't appear in disk targets", name);
    return TRUE;
}

/* A unit of the host answers for itself. */
static gboolean
check_lun_identity(const xmlNode *disk, GError **error)
{
    const xmlNode *driver = node_child(disk, "driver");

    if (strcmp(disk_device(disk), "lun") != 0)
        return TRUE;
    if (node_child(disk, "vendor") || node_child(disk, "product"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "Setting vendor or product is not supported for lun device");
    if (node_child(disk, "wwn"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "Setting wwn is not supported for lun device");
    if (node_child(disk, "serial") && strcmp(disk_bus(disk), "scsi") == 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "scsi-block 'lun' devices do not support the serial property");
    if (node_attr(driver, "type") && !node_attr_is(driver, "type", "raw"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk device 'lun' must use 'raw' format");
    if (node_attr_is(driver, "copy_on_read", "on"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "copy_on_read is not compatible with 'lun' disk '%s'",
                          disk_target(disk));
    return TRUE;
}

static gboolean
check_readonly(const xmlNode *disk, GError **error)
{
    const char *bus = disk_bus(disk);

    if (strcmp(disk_device(disk), "disk") == 0 && node_child(disk, "readonly") &&
        (strcmp(bus, "ide") == 0 || strcmp(bus, "sata") == 0))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "readonly %s disks are not supported", bus);
    return TRUE;
}

/* --- options ---------------------------------------------------------------------------------------------------- */

static gboolean
check_bus_options(const xmlNode *disk, GError **error)
{
    static const char *const options[] = { "iommu", "ats", "packed", "page_per_vq" };
    const xmlNode *driver = node_child(disk, "driver");

    if (strcmp(disk_bus(disk), "virtio") == 0)
        return TRUE;
    if (node_attr(disk, "model"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk model '%s' not supported for bus '%s'",
                          node_attr(disk, "model"), disk_bus(disk));
    if (node_attr(driver, "queues"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "queues attribute in disk driver element is only supported by virtio-blk");
    if (node_attr(driver, "event_idx"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk event_idx mode supported only for virtio bus");
    if (node_attr(driver, "ioeventfd"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk ioeventfd mode supported only for virtio bus");
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        if (node_attr(driver, options[i]))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "%s driver option is only supported for virtio devices",
                              options[i]);
    return TRUE;
}

static gboolean
check_copy_on_read(const xmlNode *disk, GError **error)
{
    if (node_attr_is(node_child(disk, "driver"), "copy_on_read", "on") && node_child(disk, "readonly"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "copy_on_read is not compatible with read-only disk '%s'",
                          disk_target(disk));
    return TRUE;
}

static gboolean
check_driver(const Normalise *n, const xmlNode *disk, GError **error)
{
    const xmlNode *driver = node_child(disk, "driver");
    const char *name = disk_target(disk), *cache = node_attr(driver, "cache"), *iothread = node_attr(driver, "iothread");
    const char *type = node_attr(driver, "type");

    if (!node_attr_is(driver, "name", "qemu"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported driver name '%s' for disk '%s'",
                          node_attr(driver, "name"), name);
    if (node_attr_is(driver, "rerror_policy", "enospace"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "Invalid disk read error policy: 'enospace'");
    if (node_attr_is(driver, "io", "native") && g_strcmp0(cache, "none") != 0 && g_strcmp0(cache, "directsync") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "io='native' needs either no disk cache or directsync cache mode");
    if (iothread) {
        guint64 id;

        if (strcmp(disk_bus(disk), "virtio") != 0)
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "IOThreads not available for bus %s target %s",
                              disk_bus(disk), name);
        if (!uint_parse(iothread, 1, G_MAXUINT, &id) || !domain_has_iothread(n, id))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "Disk iothread '%s' not defined in iothreadid", iothread);
    }
    if (node_child(disk, "shareable") && !node_child(disk, "readonly") && type && strcmp(type, "raw") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "shared access for disk '%s' requires use of supported storage format",
                          name);
    return TRUE;
}

static gboolean
check_transient(const xmlNode *disk, GError **error)
{
    const xmlNode *transient = node_child(disk, "transient");
    const char *name = disk_target(disk), *bus = disk_bus(disk);

    if (!transient)
        return TRUE;
    if (node_child(disk, "readonly"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "transient disk '%s' must not be read-only", name);
    if (strcmp(disk_device(disk), "disk") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "transient disk supported only with 'disk' device (%s)", name);
    if (!node_attr_is(disk, "type", "file"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "transient disk supported only with 'file' type (%s)", name);
    if (node_attr_is(transient, "shareBacking", "yes") && strcmp(bus, "virtio") != 0 && strcmp(bus, "scsi") != 0 &&
        strcmp(bus, "usb") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "disk bus '%s' doesn't support transiend disk backing image sharing",
                          bus);
    return TRUE;
}

static gboolean
check_identity(const xmlNode *disk, GError **error)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+ ";
    static const char *const flat[] = { "usb", "sd", NULL };
    const char *bus = disk_bus(disk), *serial = node_child_text(disk, "serial"), *trans = node_child_attr(disk, "geometry", "trans");
    const char *vendor = node_child_text(disk, "vendor"), *product = node_child_text(disk, "product");

    if (node_child(disk, "wwn") && strcmp(bus, "scsi") != 0 && strcmp(bus, "ide") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "Only ide and scsi disk support wwn");
    if ((vendor || product) && strcmp(bus, "scsi") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "Only scsi disk supports vendor and product");
    if (vendor && strlen(vendor) > 8)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk vendor is more than 8 characters");
    if (product && strlen(product) > 16)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "disk product is more than 16 characters");
    if (node_child(disk, "geometry") && is_one_of(bus, flat))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "CHS geometry can not be set for '%s' bus", bus);
    if (trans && strcmp(bus, "ide") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "CHS translation mode can only be set for 'ide' bus not '%s'",
                          bus);
    if (serial && strcmp(bus, "sd") == 0)
        return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "Serial property not supported for drive bus 'sd'");
    if (serial && serial[strspn(serial, allowed)])
        return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "driver serial '%s' contains unsafe characters", serial);
    return TRUE;
}

/* --- limits --------------------------------------------------------------------------------------------------- */

/* A total leaves no room for limits of reads and writes. */
static gboolean
check_iotune(const xmlNode *iotune, GError **error)
{
    static const char *const limits[] = { "bytes_sec", "iops_sec", "bytes_sec_max", "iops_sec_max" };
    gboolean set = FALSE;

    for (gsize i = 0; iotune && i < G_N_ELEMENTS(limits); i++) {
        g_autofree char *total = g_strconcat("total_", limits[i], NULL), *reads = g_strconcat("read_", limits[i], NULL);
        g_autofree char *writes = g_strconcat("write_", limits[i], NULL);

        if (node_child(iotune, total) && (node_child(iotune, reads) || node_child(iotune, writes)))
            return node_throw(iotune, error, HV_ERR_XML_ERROR, "total and read/write %s cannot be set at the same time", limits[i]);
    }
    NODE_FOREACH(limit, iotune, NULL) {
        if (node_is(limit, "group_name"))
            continue;
        set = TRUE;
        if (node_text_uint(limit, 0) > IOTUNE_MAX)
            return node_throw(limit, error, HV_ERR_ARGUMENT_UNSUPPORTED,
                              "block I/O throttle limit must be no more than %" G_GUINT64_FORMAT " using QEMU", IOTUNE_MAX);
    }
    if (iotune && !set)
        return node_throw(iotune, error, HV_ERR_CONFIG_UNSUPPORTED, "group_name can be configured only together with settings");
    return TRUE;
}

static gboolean
same_limits(const xmlNode *a, const xmlNode *b)
{
    const xmlNode *x = node_child(a, NULL), *y = node_child(b, NULL);

    for (; x && y; x = node_next(x, NULL), y = node_next(y, NULL))
        if (!node_is(x, node_name(y)) || strcmp(node_text(x), node_text(y)) != 0)
            return FALSE;
    return !x && !y;
}

/* Disks of one throttle group share its limits. */
static gboolean
check_throttle_groups(const Normalise *n, GError **error)
{
    g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);

    NODE_FOREACH(disk, n->devices, "disk") {
        const xmlNode *iotune = node_child(disk, "iotune"), *other;
        const char *group = node_child_text(iotune, "group_name");

        if (!group)
            continue;
        other = g_hash_table_lookup(groups, group);
        if (!other)
            g_hash_table_insert(groups, (gpointer)group, disk);
        else if (!same_limits(node_child(other, "iotune"), iotune))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "different iotunes for disks %s and %s", disk_target(other),
                              disk_target(disk));
    }
    return TRUE;
}

/* --- addresses -------------------------------------------------------------------------------------------------- */

/* What a controller of drives has: -1 stands for as much as there may be. */
static const struct {
    const char *bus;
    int max_controller, max_bus, max_target;
} drive_limits[] = { { "ide", 0, -1, 0 }, { "fdc", 0, 0, 0 }, { "sata", -1, 0, 0 } };

static gboolean
check_scsi_address(const Normalise *n, const xmlNode *address, GError **error)
{
    const xmlNode *controller = controller_find(n, "scsi", (guint)node_attr_uint(address, "controller", 0));
    const char *model = node_attr(controller, "model");

    if (node_attr_uint(address, "bus", 0) != 0)
        return node_throw(address, error, HV_ERR_INTERNAL_ERROR, "SCSI controller only supports 1 bus");
    if (g_strcmp0(model, "lsilogic") == 0 && node_attr_uint(address, "target", 0) != 0)
        return node_throw(address, error, HV_ERR_CONFIG_UNSUPPORTED, "target must be 0 for controller model '%s'", model);
    return TRUE;
}

static gboolean
check_drive_address(const Normalise *n, const xmlNode *disk, GError **error)
{
    const xmlNode *address = node_child(disk, "address");
    const char *bus = disk_bus(disk);

    if (strcmp(bus, "scsi") == 0)
        return check_scsi_address(n, address, error);
    for (gsize i = 0; i < G_N_ELEMENTS(drive_limits); i++) {
        if (strcmp(bus, drive_limits[i].bus) != 0)
            continue;
        if (drive_limits[i].max_controller == 0 && node_attr_uint(address, "controller", 0) > 0)
            return node_throw(disk, error, HV_ERR_INTERNAL_ERROR, "Only 1 %s controller is supported",
                              strcmp(bus, "ide") == 0 ? "IDE" : bus);
        if (drive_limits[i].max_bus == 0 && node_attr_uint(address, "bus", 0) > 0)
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "bus must be 0 for %s controller", bus);
        if (node_attr_uint(address, "target", 0) > 0)
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "target must be 0 for %s controller", bus);
    }
    return TRUE;
}

static gboolean
check_address(const Normalise *n, const xmlNode *disk, GError **error)
{
    static const char *const virtio[] = { "pci", "ccw", "virtio-mmio", NULL };
    static const char *const drives[] = { "scsi", "ide", "sata", "fdc", NULL };
    const char *type = node_child_attr(disk, "address", "type"), *bus = disk_bus(disk);

    if (!type)
        return TRUE;
    if (strcmp(bus, "virtio") == 0 && !is_one_of(type, virtio))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "virtio disk cannot have an address of type '%s'", type);
    if (!is_one_of(bus, drives))
        return TRUE;
    if (strcmp(type, "drive") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Invalid address type '%s' for the disk '%s' with the bus type '%s'", type, disk_target(disk), bus);
    return check_drive_address(n, disk, error);
}

/* The later of two is named by libvirt as the earlier: it looks for the first that has the place. */
static gboolean
check_duplicate_addresses(const Normalise *n, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    NODE_FOREACH(disk, n->devices, "disk") {
        const xmlNode *a = node_child(disk, "address");
        g_autofree char *place = NULL;
        const char *first;

        if (!node_attr_is(a, "type", "drive"))
            continue;
        place = g_strdup_printf("%s %s %s %s %s", disk_bus(disk), node_attr(a, "controller"), node_attr(a, "bus"),
                                node_attr(a, "target"), node_attr(a, "unit"));
        first = g_hash_table_lookup(seen, place);
        if (first)
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "Found duplicate drive address for disk with target name '%s' controller='%s' bus='%s' "
                              "target='%s' unit='%s'", first, node_attr(a, "controller"), node_attr(a, "bus"),
                              node_attr(a, "target"), node_attr(a, "unit"));
        g_hash_table_insert(seen, g_steal_pointer(&place), (gpointer)disk_target(disk));
    }
    return TRUE;
}

gboolean
normalise_disk_checks(Normalise *n, GError **error)
{
    if (!check_duplicate_addresses(n, error) || !check_throttle_groups(n, error))
        return FALSE;
    NODE_FOREACH(disk, n->devices, "disk")
        if (!disk_check_source(n, disk, error) || !check_lun(disk, error) || !check_startup_policy(disk, error) ||
            !check_device(disk, error) || !check_bus_options(disk, error) ||
            !check_iotune(node_child(disk, "iotune"), error) || !check_target(disk, error) ||
            !check_copy_on_read(disk, error) || !check_identity(disk, error) || !check_driver(n, disk, error) ||
            !check_transient(disk, error) || !check_readonly(disk, error) || !check_lun_identity(disk, error) ||
            !check_address(n, disk, error))
            return node_blame(disk, error);
    return TRUE;
}
