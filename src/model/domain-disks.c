/* Disks. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Buses by the first letters of a target name. */
static const struct {
    const char *prefix;
    const char *bus;
} disk_prefixes[] = {
    { "hd", "ide" }, { "sd", "scsi" }, { "vd", "virtio" }, { "fd", "fdc" }, { "xvd", "xen" }, { "ubd", "uml" },
};

/* TCP ports that libvirt fills in. */
static const struct {
    const char *protocol;
    const char *port;
} storage_ports[] = {
    { "nbd", "10809" }, { "sheepdog", "7000" }, { "gluster", "24007" }, { "iscsi", "3260" },
    { "http", "80" }, { "https", "443" }, { "ftp", "21" }, { "ftps", "990" }, { "tftp", "69" },
    { "ssh", "22" }, { "vxhs", "9999" },
};

int
disk_name_index(const char *name)
{
    static const char *const prefixes[] = { "fd", "hd", "vd", "sd", "xvd", "ubd" };
    const char *letters = NULL;
    int index = 0;

    for (gsize i = 0; name && i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(name, prefixes[i]))
            letters = name + strlen(prefixes[i]);
    if (!letters || !g_ascii_islower(*letters))
        return -1;
    for (int length = 0; g_ascii_islower(*letters); letters++, length++) {
        if (length == 5)
            return -1;
        index = (index + (length ? 1 : 0)) * 26 + (*letters - 'a');
    }
    /* Digits name a partition. */
    while (g_ascii_isdigit(*letters))
        letters++;
    return *letters ? -1 : index;
}

/* Disks of one bus stand in the order of their names. */
void
arrange_disks(xmlNode *devices)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    xmlNode *place = NULL;

    NODE_FOREACH(disk, devices, "disk") {
        const char *bus = node_child_attr(disk, "target", "bus");
        int index = disk_name_index(disk_target(disk)), at = -1;

        for (int i = (int)sorted->len - 1; i >= 0; i--) {
            const xmlNode *other = g_ptr_array_index(sorted, i);

            if (g_strcmp0(node_child_attr(other, "target", "bus"), bus) != 0)
                continue;
            if (disk_name_index(disk_target(other)) > index)
                at = i;
            else if (at == -1)
                at = i + 1;
        }
        g_ptr_array_insert(sorted, at, disk);
    }
    for (guint i = 0; i < sorted->len; i++) {
        xmlNode *disk = g_ptr_array_index(sorted, i);

        if (place)
            xmlAddNextSibling(place, disk);
        else if (node_child(devices, "disk") != disk)
            xmlAddPrevSibling(node_child(devices, "disk"), disk);
        place = disk;
    }
}

static gboolean
disk_bus(Normalise *n, xmlNode *disk, GError **error)
{
    const char *device = disk_device(disk), *name = disk_target(disk);
    xmlNode *target = node_child(disk, "target");

    if (strcmp(device, "floppy") == 0 && !g_str_has_prefix(name, "fd"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Invalid floppy device name: %s", name);
    if (node_attr(target, "bus"))
        return TRUE;
    if (strcmp(device, "floppy") == 0) {
        node_set_attr(target, "bus", "fdc");
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(disk_prefixes); i++)
        if (g_str_has_prefix(name, disk_prefixes[i].prefix))
            node_set_attr(target, "bus", disk_prefixes[i].bus);
    return TRUE;
}

static gboolean
disk_network_source(xmlNode *source, GError **error)
{
    const char *protocol = node_attr(source, "protocol"), *name = node_attr(source, "name");

    if (!name && strcmp(protocol, "nbd") != 0 && strcmp(protocol, "ssh") != 0 && strcmp(protocol, "ftp") != 0 &&
        strcmp(protocol, "ftps") != 0 && strcmp(protocol, "http") != 0 && strcmp(protocol, "https") != 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing name for disk source");
    if (strcmp(protocol, "iscsi") == 0 && !strchr(name, '/'))
        node_set_attrf(source, "name", "%s/0", name);
    NODE_FOREACH(host, source, "host") {
        const char *transport = node_attr(host, "transport");

        if (g_strcmp0(transport, "tcp") == 0)
            node_set_attr(host, "transport", NULL);
        if (g_strcmp0(transport, "unix") == 0) {
            if (!node_attr(host, "socket"))
                return hv_throw(error, HV_ERR_XML_ERROR, "missing socket for unix transport");
            continue;
        }
        if (!node_attr(host, "name"))
            return hv_throw(error, HV_ERR_XML_ERROR, "missing name for host");
        for (gsize i = 0; !node_attr(host, "port") && i < G_N_ELEMENTS(storage_ports); i++)
            if (strcmp(protocol, storage_ports[i].protocol) == 0)
                node_set_attr(host, "port", storage_ports[i].port);
    }
    return TRUE;
}

static void
disk_encryption(xmlNode *encryption)
{
    const char *format = node_attr(encryption, "format");

    if (encryption && !node_attr(encryption, "engine") && format &&
        (strcmp(format, "luks") == 0 || strcmp(format, "qcow") == 0))
        node_set_attr(encryption, "engine", "qemu");
}

/* Attributes that say what is so anyway. */
static void
disk_forget(xmlNode *node, const char *name, const char *value)
{
    if (node && node_attr_is(node, name, value))
        node_set_attr(node, name, NULL);
}

/* The size of a format's metadata cache is kept in bytes. */
static gboolean
normalise_cache_size(xmlNode *cache, GError **error)
{
    xmlNode *size = node_child(cache, "max_size");
    g_autofree char *text = NULL;
    guint64 bytes;

    if (!size)
        return TRUE;
    if (!uint_parse(node_text(size), 1, G_MAXUINT64, &bytes))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './max_size[1]'", node_text(size));
    if (!size_scale(&bytes, node_attr(size, "unit"), 1024, G_MAXINT64, error))
        return FALSE;
    text = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
    node_set_text(size, text);
    node_set_attr(size, "unit", "bytes");
    return TRUE;
}

static gboolean
disk_driver(Normalise *n, xmlNode *disk, GError **error)
{
    xmlNode *driver = domain_ensure_child(disk, "driver");
    const char *cache, *io;

    if (!node_attr(driver, "name"))
        node_set_attr(driver, "name", "qemu");
    if (!node_attr_is(driver, "name", "qemu"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported driver name '%s' for disk '%s'",
                        node_attr(driver, "name"), disk_target(disk));
    if (!node_attr(driver, "type") || node_attr_is(driver, "type", "aio"))
        node_set_attr(driver, "type", "raw");
    if (node_attr_is(disk, "type", "dir") && !node_attr_is(driver, "type", "fat"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "storage type 'dir' requires use of storage format 'fat'");
    if (node_attr_is(disk, "type", "vhostuser") || node_attr_is(disk, "type", "vhostvdpa"))
        node_set_attr(disk, "snapshot", "no");
    if (!normalise_cache_size(node_child(driver, "metadata_cache"), error))
        return FALSE;
    disk_forget(driver, "cache", "default");
    disk_forget(driver, "queues", "0");
    disk_forget(driver, "error_policy", "default");
    disk_forget(driver, "rerror_policy", "default");
    cache = node_attr(driver, "cache");
    io = node_attr(driver, "io");
    if (g_strcmp0(io, "native") == 0 && cache && strcmp(cache, "none") != 0 && strcmp(cache, "directsync") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "io='native' needs either no disk cache or directsync cache mode");
    return TRUE;
}

/* A total leaves no room for limits of reads and writes. */
static gboolean
check_iotune(const xmlNode *iotune, GError **error)
{
    static const char *const limits[] = { "bytes_sec", "iops_sec", "bytes_sec_max", "iops_sec_max" };

    for (gsize i = 0; iotune && i < G_N_ELEMENTS(limits); i++) {
        g_autofree char *total = g_strconcat("total_", limits[i], NULL), *reads = g_strconcat("read_", limits[i], NULL);
        g_autofree char *writes = g_strconcat("write_", limits[i], NULL);

        if (node_text_uint(node_child(iotune, total), 0) &&
            (node_text_uint(node_child(iotune, reads), 0) || node_text_uint(node_child(iotune, writes), 0)))
            return hv_throw(error, HV_ERR_XML_ERROR, "total and read/write %s cannot be set at the same time", limits[i]);
    }
    return TRUE;
}

static gboolean
normalise_disk(Normalise *n, xmlNode *disk, GError **error)
{
    const char *device = disk_device(disk), *source_text;
    xmlNode *source = node_child(disk, "source"), *target = node_child(disk, "target"), *iotune = node_child(disk, "iotune");
    gboolean removable = strcmp(device, "cdrom") == 0 || strcmp(device, "floppy") == 0;

    if (!target || !node_attr(target, "dev") || !*node_attr(target, "dev")) {
        source_text = disk_source(disk);
        hv_throw(error, HV_ERR_NO_TARGET, "%s", source_text ? source_text : "");
        return FALSE;
    }
    if (!disk_bus(n, disk, error))
        return FALSE;
    if (source && (node_attr_is(source, "file", "") || node_attr_is(source, "dev", ""))) {
        node_remove(source);
        source = NULL;
    }
    if (!removable && !source) {
        hv_throw(error, HV_ERR_NO_SOURCE, "%s", disk_target(disk));
        return FALSE;
    }
    if (source && node_attr(source, "protocol") && !disk_network_source(source, error))
        return FALSE;
    if (strcmp(device, "lun") == 0 && !node_attr_is(disk, "type", "block") && !node_attr_is(disk, "type", "network") &&
        !node_attr_is(disk, "type", "volume"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "disk device='lun' is only valid for block type disk source");
    if (node_attr_is(disk, "sgio", "unfiltered"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unfiltered sgio is no longer supported");
    disk_encryption(node_child(disk, "encryption"));
    disk_encryption(node_child(source, "encryption"));
    if (!n->is_test && !disk_driver(n, disk, error))
        return FALSE;

    if (node_attr(node_child(disk, "geometry"), "trans") && !node_attr_is(target, "bus", "ide"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "CHS translation mode can only be set for 'ide' bus not '%s'", node_attr(target, "bus"));
    if (strcmp(device, "cdrom") == 0)
        domain_ensure_child(disk, "readonly");
    if (node_attr_is(disk, "snapshot", "no") && node_child(disk, "readonly"))
        node_set_attr(disk, "snapshot", NULL);
    if (!removable || node_attr_is(target, "tray", "closed"))
        node_set_attr(target, "tray", NULL);
    if (!removable && node_attr(target, "removable") && !node_attr_is(target, "bus", "usb") && !node_attr_is(target, "bus", "scsi"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "removable is only valid for usb or scsi disks");
    if (!(n->flags & DOMAIN_PARSE_LIVE)) {
        node_set_attr(source, "index", NULL);
        node_remove(node_child(disk, "mirror"));
        if (node_child(disk, "backingStore") && !node_attr(node_child(disk, "backingStore"), "type"))
            node_remove_children(node_child(disk, "backingStore"), NULL);
    }
    if (!check_iotune(iotune, error))
        return FALSE;
    for (xmlNode *limit = node_child(iotune, NULL), *next; limit; limit = next) {
        next = node_next(limit, NULL);
        if (strcmp(node_text(limit), "0") == 0)
            node_remove(limit);
    }
    return TRUE;
}

static gboolean
check_unique_targets(Normalise *n, GError **error)
{
    g_autoptr(GHashTable) disks = g_hash_table_new(g_str_hash, g_str_equal);

    NODE_FOREACH(disk, n->devices, "disk") {
        const xmlNode *other = g_hash_table_lookup(disks, disk_target(disk));
        const char *first = other ? disk_source(other) : NULL, *second = disk_source(disk);

        if (other)
            return hv_throw(error, HV_ERR_XML_ERROR, "target '%s' duplicated for disk sources '%s' and '%s'",
                            disk_target(disk), first ? first : "<null>", second ? second : "<null>");
        g_hash_table_insert(disks, (gpointer)disk_target(disk), disk);
    }
    return TRUE;
}

gboolean
normalise_disks(Normalise *n, GError **error)
{
    arrange_disks(n->devices);
    NODE_FOREACH(disk, n->devices, "disk")
        if (!normalise_disk(n, disk, error))
            return FALSE;
    return check_unique_targets(n, error);
}

/* libvirt's places for disks on buses that number their drives. A narrow SCSI bus has 7 units
 * beside the adapter; IDE has 2 buses of 2; a SATA controller has 6 ports. */
static gboolean
drive_address(xmlNode *disk, const char *bus, GError **error)
{
    int index = disk_name_index(disk_target(disk));
    guint controller = 0, drive_bus = 0, unit = 0;
    xmlNode *address;

    if (index < 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "Unknown disk name '%s' and no address specified", disk_target(disk));
    if (strcmp(bus, "scsi") == 0) {
        controller = index / 7;
        unit = index % 7;
    } else if (strcmp(bus, "ide") == 0) {
        controller = index / 4;
        drive_bus = index % 4 / 2;
        unit = index % 2;
        if (controller > 0)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Only 1 IDE controller is supported");
    } else if (strcmp(bus, "sata") == 0) {
        controller = index / 6;
        unit = index % 6;
    } else {
        controller = index / 2;
        unit = index % 2;
        if (controller > 0)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Only 1 fdc controller is supported");
    }
    address = device_set_address(disk, "drive");
    node_set_attrf(address, "controller", "%u", controller);
    node_set_attrf(address, "bus", "%u", drive_bus);
    node_set_attr(address, "target", "0");
    node_set_attrf(address, "unit", "%u", unit);
    return TRUE;
}

static gboolean
drive_in_use(const Normalise *n, guint controller, guint unit)
{
    NODE_FOREACH(device, n->devices, NULL) {
        const xmlNode *a = node_child(device, "address");
        gboolean scsi = node_is(device, "hostdev") || g_strcmp0(node_child_attr(device, "target", "bus"), "scsi") == 0;

        if (scsi && node_attr_is(a, "type", "drive") && node_attr_uint(a, "controller", 0) == controller &&
            node_attr_uint(a, "bus", 0) == 0 && node_attr_uint(a, "target", 0) == 0 && node_attr_uint(a, "unit", 0) == unit)
            return TRUE;
    }
    return FALSE;
}

static void
hostdev_address(Normalise *n, xmlNode *hostdev)
{
    for (guint controller = 0;; controller++)
        for (guint unit = 0; unit < 7; unit++) {
            xmlNode *address;

            if (drive_in_use(n, controller, unit))
                continue;
            address = device_set_address(hostdev, "drive");
            node_set_attrf(address, "controller", "%u", controller);
            node_set_attr(address, "bus", "0");
            node_set_attr(address, "target", "0");
            node_set_attrf(address, "unit", "%u", unit);
            return;
        }
}

gboolean
normalise_drive_addresses(Normalise *n, GError **error)
{
    NODE_FOREACH(hostdev, n->devices, "hostdev")
        if (node_attr_is(hostdev, "type", "scsi") && !device_has_address(hostdev))
            hostdev_address(n, hostdev);
    NODE_FOREACH(disk, n->devices, "disk") {
        const char *bus = node_child_attr(disk, "target", "bus");
        xmlNode *address = node_child(disk, "address");
        gboolean drives;

        if (!bus)
            return hv_throw(error, HV_ERR_XML_ERROR, "Unknown disk name '%s' and no address specified", disk_target(disk));
        drives = strcmp(bus, "scsi") == 0 || strcmp(bus, "ide") == 0 || strcmp(bus, "sata") == 0 || strcmp(bus, "fdc") == 0;
        if (!address && drives && !drive_address(disk, bus, error))
            return FALSE;
        if (!address && !drives && disk_name_index(disk_target(disk)) < 0)
            return hv_throw(error, HV_ERR_XML_ERROR, "Unknown disk name '%s' and no address specified", disk_target(disk));
        if (address && drives && !node_attr_is(address, "type", "drive"))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "unexpected address type for %s disk", bus);
        if (address && node_attr_is(address, "type", "drive"))
            for (const char *const *field = (const char *const[]){ "controller", "bus", "target", "unit", NULL }; *field; field++)
                if (!node_attr(address, *field))
                    node_set_attr(address, *field, "0");
    }
    return TRUE;
}
