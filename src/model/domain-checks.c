/* What can be judged only when the domain is complete. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* libvirt's limit for emulators whose machine says nothing. */
static gboolean
check_vcpus(const Normalise *n, GError **error)
{
    guint limit = n->facts->max_vcpus(n->facts->data, n->emulator, n->machine);

    if (limit && domain_max_vcpus(n->doc) > limit)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Maximum CPUs greater than specified machine type limit %u", limit);
    return TRUE;
}

static gboolean
has_iothread(const Normalise *n, guint64 id)
{
    const xmlNode *ids = node_child(n->root, "iothreadids");

    NODE_FOREACH(thread, ids, "iothread")
        if (node_attr_uint(thread, "id", 0) == id)
            return TRUE;
    return !ids && id >= 1 && id <= node_text_uint(node_child(n->root, "iothreads"), 0);
}

static gboolean
check_drive_addresses(const Normalise *n, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    /* The later of two is named by libvirt as the earlier: it looks for the first that has the place. */
    NODE_FOREACH(disk, n->devices, "disk") {
        const xmlNode *a = node_child(disk, "address");
        char *place;

        if (!node_attr_is(a, "type", "drive"))
            continue;
        place = g_strdup_printf("%s %s %s %s %s", node_child_attr(disk, "target", "bus"), node_attr(a, "controller"),
                                node_attr(a, "bus"), node_attr(a, "target"), node_attr(a, "unit"));
        if (g_hash_table_contains(seen, place)) {
            const char *first = g_hash_table_lookup(seen, place);

            hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                     "Found duplicate drive address for disk with target name '%s' controller='%s' bus='%s' "
                     "target='%s' unit='%s'", first, node_attr(a, "controller"), node_attr(a, "bus"),
                     node_attr(a, "target"), node_attr(a, "unit"));
            g_free(place);
            return FALSE;
        }
        g_hash_table_insert(seen, place, (gpointer)disk_target(disk));
    }
    return TRUE;
}

/* The old adapters have one target only. */
static gboolean
check_scsi_place(const Normalise *n, const xmlNode *disk, const char *bus, GError **error)
{
    const xmlNode *address = node_child(disk, "address"), *controller;
    const char *model;

    if (strcmp(bus, "scsi") != 0)
        return TRUE;
    controller = controller_find(n, "scsi", node_attr_uint(address, "controller", 0));
    model = node_attr(controller, "model");
    if (g_strcmp0(model, "lsilogic") == 0 && node_attr_uint(address, "target", 0) != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "target must be 0 for controller model '%s'", model);
    return TRUE;
}

static gboolean
check_disks(const Normalise *n, GError **error)
{
    if (!check_drive_addresses(n, error))
        return FALSE;
    NODE_FOREACH(disk, n->devices, "disk") {
        const xmlNode *driver = node_child(disk, "driver");
        const char *bus = node_child_attr(disk, "target", "bus"), *iothread = node_attr(driver, "iothread");
        guint64 id;

        if (iothread) {
            if (strcmp(bus, "virtio") != 0)
                return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "IOThreads not available for bus %s target %s", bus,
                                disk_target(disk));
            if (!uint_parse(iothread, 1, G_MAXUINT, &id) || !has_iothread(n, id))
                return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Disk iothread '%s' not defined in iothreadid", iothread);
        }
        if (strcmp(disk_device(disk), "cdrom") == 0 && strcmp(bus, "virtio") == 0)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "disk type of '%s' does not support ejectable media", disk_target(disk));
        if (strcmp(bus, "virtio") == 0 && device_has_address(disk)) {
            const char *type = node_child_attr(disk, "address", "type");

            if (strcmp(type, "pci") != 0 && strcmp(type, "ccw") != 0 && strcmp(type, "virtio-mmio") != 0)
                return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "virtio disk cannot have an address of type '%s'", type);
        }
        if (strcmp(bus, "fdc") == 0 && strcmp(disk_device(disk), "floppy") != 0)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Invalid bus type 'fdc' for disk");
        if (node_attr(driver, "queues") && strcmp(bus, "virtio") != 0)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "queues attribute in disk driver element is only supported by virtio-blk");
        if (node_child(disk, "shareable") && !node_attr_is(driver, "type", "raw"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "shared access for disk '%s' requires use of supported storage format", disk_target(disk));
        if (node_child(node_child(disk, "source"), "reservations") && strcmp(disk_device(disk), "lun") != 0)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "<reservations/> allowed only for lun devices");
        if (g_ascii_isdigit(disk_target(disk)[strlen(disk_target(disk)) - 1]) && disk_name_index(disk_target(disk)) >= 0)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "invalid disk target '%s', partitions can't appear in disk targets", disk_target(disk));
        if (!check_scsi_place(n, disk, bus, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_controllers(const Normalise *n, GError **error)
{
    NODE_FOREACH(controller, n->devices, "controller") {
        const char *iothread = node_child_attr(controller, "driver", "iothread"), *model = node_attr(controller, "model");
        guint64 id;

        if (iothread && (!uint_parse(iothread, 1, G_MAXUINT, &id) || !has_iothread(n, id)))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "controller iothread '%s' not defined in iothreadid", iothread);
        if (node_attr_is(controller, "model", "buslogic") || node_attr_is(controller, "model", "ibmvscsi"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unsupported controller model: %s", model);
        if (node_attr_is(controller, "type", "pci") && node_attr_is(controller, "index", "0")) {
            const char *wanted = n->is_q35 || n->is_virt ? "pcie-root" : n->is_i440fx ? "pci-root" : NULL;

            if (wanted && g_strcmp0(model, wanted) != 0)
                return hv_throw(error, HV_ERR_XML_ERROR,
                                "The PCI controller with index='0' must be model='%s' for this machine type, but model='%s' "
                                "was found instead", wanted, model ? model : "");
        }
    }
    return TRUE;
}

static gboolean
shared_memory(const Normalise *n)
{
    if (g_strcmp0(node_attr(node_path(n->root, "memoryBacking/access"), "mode"), "shared") == 0)
        return TRUE;
    NODE_FOREACH(cell, node_path(n->root, "cpu/numa"), "cell")
        if (!node_attr_is(cell, "memAccess", "shared"))
            return FALSE;
    return node_path(n->root, "cpu/numa/cell") != NULL;
}

static gboolean
check_spice(const Normalise *n, GError **error)
{
    static const char *const kinds[] = { "serial", "parallel", "channel", "console", "redirdev", "smartcard" };
    gboolean spice = FALSE;

    NODE_FOREACH(graphics, n->devices, "graphics") {
        spice |= node_attr_is(graphics, "type", "spice");
        if (node_attr(graphics, "tlsPort"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "spice TLS port set in XML configuration, but TLS is disabled in qemu.conf");
    }
    for (gsize i = 0; !spice && i < G_N_ELEMENTS(kinds); i++)
        NODE_FOREACH(chardev, n->devices, kinds[i])
            if (node_attr_is(chardev, "type", "spicevmc") || node_attr_is(chardev, "type", "spiceport"))
                return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "chardev '%s' not supported without spice graphics",
                                node_attr(chardev, "type"));
    return TRUE;
}

static gboolean
check_audio(const Normalise *n, GError **error)
{
    NODE_FOREACH(audio, n->devices, "audio")
        NODE_FOREACH(direction, audio, NULL)
            if (node_child(direction, "settings") && !node_attr_is(direction, "fixedSettings", "yes"))
                return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "audio settings specified without fixed settings flag");
    return TRUE;
}

static gboolean
check_devices(const Normalise *n, GError **error)
{
    static const char *const single[][2] = { { "vsock", "vsock" }, { "iommu", "IOMMU" }, { "watchdog", "watchdog" } };
    static const char *const ppc_features[] = { "hpt", "htm", "nested-hv", "ccf-assist", "cfpc", "sbbc", "ibs" };
    const xmlNode *iommu = node_child(n->devices, "iommu");

    NODE_FOREACH(timer, node_child(n->root, "clock"), "timer")
        if (n->is_x86 && (node_attr_is(timer, "name", "platform") || node_attr_is(timer, "name", "armvtimer")))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported timer type (name) '%s'", node_attr(timer, "name"));
    NODE_FOREACH(filesystem, n->devices, "filesystem")
        if (g_strcmp0(node_child_attr(filesystem, "driver", "type"), "virtiofs") == 0 && !shared_memory(n))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "'virtiofs' requires shared memory");
    for (gsize i = 0; i < G_N_ELEMENTS(single); i++)
        if (node_count(n->devices, single[i][0]) > 1)
            return hv_throw(error, i == 2 ? HV_ERR_INTERNAL_ERROR : HV_ERR_XML_ERROR, "only a single %s device is supported",
                            single[i][1]);
    for (gsize i = 0; i < G_N_ELEMENTS(ppc_features); i++)
        if (node_child(node_child(n->root, "features"), ppc_features[i]) && !g_str_has_prefix(n->arch, "ppc64"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "The '%s' feature is not supported for architecture '%s' or machine type '%s'", ppc_features[i],
                            n->arch, n->machine);
    if (node_attr_is(iommu, "model", "virtio") && !n->is_q35 && !n->is_virt)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "IOMMU device: 'virtio' is only supported with Q35 and ARM Virt machines");
    if (node_attr_is(iommu, "model", "intel") && !n->is_q35)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "IOMMU device: 'intel' is only supported with Q35 machines");
    if (node_attr_is(iommu, "model", "smmuv3") && !n->is_virt)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "IOMMU device: 'smmuv3' is only supported with ARM Virt machines");
    for (const xmlNode *panic = node_child(n->devices, "panic"); panic; panic = node_next(panic, "panic"))
        for (const xmlNode *other = node_next(panic, "panic"); other; other = node_next(other, "panic"))
            if (node_attr_is(other, "model", node_attr(panic, "model")))
                return hv_throw(error, HV_ERR_XML_ERROR, "Multiple panic devices with model '%s'", node_attr(panic, "model"));
    if (node_attr_is(node_child(n->root, "launchSecurity"), "type", "s390-pv") && strcmp(n->arch, "s390x") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "S390 PV launch security is not supported with this QEMU binary");
    if (node_attr_is(node_child(n->root, "launchSecurity"), "type", "sev") &&
        !n->facts->has_device(n->facts->data, n->emulator, "sev-guest"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "SEV launch security is not supported with this QEMU binary");
    if (node_child(n->devices, "nvram") && !g_str_has_prefix(n->arch, "ppc64"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "nvram device is only supported for PPC64");
    if (node_count(n->devices, "smartcard") > 1)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "this QEMU binary lacks multiple smartcard support");
    NODE_FOREACH(memory, n->devices, "memory")
        if (node_child(memory, "uuid") && !g_str_has_prefix(n->arch, "ppc64"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "UUID is not supported for NVDIMM device");
    if (node_path(n->root, "features/gic") && !n->is_virt)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "The 'gic' feature is not supported for architecture '%s' or machine type '%s'", n->arch, n->machine);
    if (!check_spice(n, error) || !check_audio(n, error))
        return FALSE;
    NODE_FOREACH(input, n->devices, "input")
        if (node_attr_is(input, "bus", "usb") && node_attr_is(controller_find(n, "usb", 0), "model", "none"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Can't add USB input device. USB bus is disabled");
    if (node_child(n->devices, "hub") && node_attr_is(controller_find(n, "usb", 0), "model", "none"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Can't add USB hub: USB is disabled for this domain");
    return TRUE;
}

gboolean
normalise_checks(Normalise *n, GError **error)
{
    return check_vcpus(n, error) && check_disks(n, error) && check_controllers(n, error) && check_devices(n, error);
}
