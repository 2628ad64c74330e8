/* Checks of the devices that are one of a kind or have little to be checked. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"

gboolean
check_virtio_options_absent(const xmlNode *device, GError **error)
{
    static const char *const options[] = { "iommu", "ats", "packed", "page_per_vq" };
    const xmlNode *driver = node_child(device, "driver");

    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        if (node_attr(driver, options[i]))
            return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED, "%s driver option is only supported for virtio devices",
                              options[i]);
    return TRUE;
}

gboolean
check_counts(const xmlNode *root, GError **error)
{
    static const struct {
        gboolean device;
        const char *name, *message;
        int code;
    } single[] = {
        { FALSE, "genid", "element 'genid' can only appear once", HV_ERR_XML_ERROR },
        { FALSE, "numatune", "only one numatune is supported", HV_ERR_XML_ERROR },
        { FALSE, "resource", "only one resource element is supported", HV_ERR_XML_ERROR },
        { TRUE, "vsock", "only a single vsock device is supported", HV_ERR_XML_ERROR },
        { TRUE, "iommu", "only a single IOMMU device is supported", HV_ERR_XML_ERROR },
        { TRUE, "watchdog", "only a single watchdog device is supported", HV_ERR_INTERNAL_ERROR },
        { TRUE, "memballoon", "only a single memory balloon device is supported", HV_ERR_INTERNAL_ERROR },
        { TRUE, "nvram", "only a single nvram device is supported", HV_ERR_INTERNAL_ERROR },
        { TRUE, "redirfilter", "only one set of redirection filter rule is supported", HV_ERR_INTERNAL_ERROR },
    };
    const xmlNode *devices = node_child(root, "devices");

    for (gsize i = 0; i < G_N_ELEMENTS(single); i++)
        if (node_count(single[i].device ? devices : root, single[i].name) > 1)
            return node_throw(root, error, single[i].code, "%s", single[i].message);
    return TRUE;
}

static gboolean
check_watchdog(const xmlNode *watchdog, GError **error)
{
    const char *model = node_attr(watchdog, "model"), *address = node_child_attr(watchdog, "address", "type");

    if (!watchdog)
        return TRUE;
    if (strcmp(model, "diag288") == 0)
        return node_throw(watchdog, error, HV_ERR_CONFIG_UNSUPPORTED, "%s model of watchdog is allowed for s390 and s390x only",
                          model);
    if (strcmp(model, "ib700") == 0 && address)
        return node_throw(watchdog, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "%s model of watchdog does not support configuring the address", model);
    if (strcmp(model, "i6300esb") == 0 && address && strcmp(address, "pci") != 0)
        return node_throw(watchdog, error, HV_ERR_CONFIG_UNSUPPORTED, "%s model of watchdog can go only on PCI bus", model);
    return TRUE;
}

static gboolean
check_panic(const Normalise *n, const xmlNode *panic, GError **error)
{
    const char *model = node_attr(panic, "model"), *address = node_child_attr(panic, "address", "type");

    for (const xmlNode *other = node_next(panic, "panic"); other; other = node_next(other, "panic"))
        if (node_attr_is(other, "model", model))
            return node_throw(other, error, HV_ERR_XML_ERROR, "Multiple panic devices with model '%s'", model);
    if (strcmp(model, "pseries") == 0 && !g_str_has_prefix(n->arch, "ppc64"))
        return node_throw(panic, error, HV_ERR_CONFIG_UNSUPPORTED, "only pSeries guests support panic device of model 'pseries'");
    if (strcmp(model, "s390") == 0 && strcmp(n->arch, "s390x") != 0)
        return node_throw(panic, error, HV_ERR_CONFIG_UNSUPPORTED, "only S390 guests support panic device of model 's390'");
    if (strcmp(model, "hyperv") == 0 && !n->is_x86)
        return node_throw(panic, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "only i686 and x86_64 guests support panic device of model 'hyperv'");
    if (strcmp(model, "hyperv") == 0 && address)
        return node_throw(panic, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "setting the panic device address is not supported for model 'hyperv'");
    if (strcmp(model, "isa") != 0)
        return TRUE;
    if (!n->facts->has_device(n->facts->data, n->emulator, "pvpanic"))
        return node_throw(panic, error, HV_ERR_CONFIG_UNSUPPORTED, "the QEMU binary does not support the ISA panic device");
    if (address && strcmp(address, "isa") != 0)
        return node_throw(panic, error, HV_ERR_CONFIG_UNSUPPORTED, "panic is supported only with ISA address type");
    return TRUE;
}

static gboolean
check_shmem(const xmlNode *shmem, GError **error)
{
    const char *model = node_child_attr(shmem, "model", "type");
    gboolean server = node_child(shmem, "server") != NULL;

    if (strchr(node_attr(shmem, "name"), '/'))
        return node_throw(shmem, error, HV_ERR_CONFIG_UNSUPPORTED, "shmem name cannot include '/' character");
    if (strcmp(model, "ivshmem") == 0)
        return node_throw(shmem, error, HV_ERR_CONFIG_UNSUPPORTED, "ivshmem device is not supported with this QEMU binary");
    if (strcmp(model, "ivshmem-plain") == 0 && server)
        return node_throw(shmem, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "shmem model '%s' is supported only with server option disabled", model);
    if (strcmp(model, "ivshmem-plain") == 0 && node_child(shmem, "msi"))
        return node_throw(shmem, error, HV_ERR_XML_ERROR, "msi option is only supported with a server");
    if (strcmp(model, "ivshmem-doorbell") == 0 && !server)
        return node_throw(shmem, error, HV_ERR_CONFIG_UNSUPPORTED, "shmem model '%s' is supported only with server option enabled",
                          model);
    if (strcmp(model, "ivshmem-doorbell") == 0 && node_child(shmem, "size"))
        return node_throw(shmem, error, HV_ERR_CONFIG_UNSUPPORTED, "shmem model '%s' does not support size setting", model);
    return TRUE;
}

static gboolean
check_iommu(const Normalise *n, const xmlNode *iommu, GError **error)
{
    const xmlNode *driver = node_child(iommu, "driver"), *ioapic = node_path(n->root, "features/ioapic");
    const char *model = node_attr(iommu, "model");

    if (!iommu)
        return TRUE;
    if (strcmp(model, "intel") != 0 && driver)
        return node_throw(iommu, error, HV_ERR_XML_ERROR, "iommu model '%s' doesn't support additional attributes", model);
    if (strcmp(model, "virtio") != 0 && device_has_address(iommu))
        return node_throw(iommu, error, HV_ERR_XML_ERROR, "iommu model '%s' can't have address", model);
    if (strcmp(model, "intel") == 0 && !n->is_q35)
        return node_throw(iommu, error, HV_ERR_CONFIG_UNSUPPORTED, "IOMMU device: 'intel' is only supported with Q35 machines");
    if (strcmp(model, "smmuv3") == 0 && !n->is_virt)
        return node_throw(iommu, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "IOMMU device: 'smmuv3' is only supported with ARM Virt machines");
    if (strcmp(model, "virtio") == 0 && !n->is_q35 && !n->is_virt)
        return node_throw(iommu, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "IOMMU device: 'virtio' is only supported with Q35 and ARM Virt machines");
    if (strcmp(model, "virtio") == 0 && !node_path(n->root, "features/acpi"))
        return node_throw(iommu, error, HV_ERR_CONFIG_UNSUPPORTED, "IOMMU device: 'virtio' requires ACPI");
    if (node_attr_is(driver, "intremap", "on") && !node_attr_is(ioapic, "driver", "qemu"))
        return node_throw(iommu, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "IOMMU interrupt remapping requires split I/O APIC (ioapic driver='qemu')");
    if (node_attr_is(driver, "eim", "on") && !node_attr_is(driver, "intremap", "on"))
        return node_throw(iommu, error, HV_ERR_CONFIG_UNSUPPORTED, "IOMMU eim requires interrupt remapping to be enabled");
    return TRUE;
}

/* Channel addresses are those of mainframes. */
static gboolean
check_ccw(const Normalise *n, GError **error)
{
    NODE_FOREACH(device, n->devices, NULL)
        if (node_attr_is(node_child(device, "address"), "type", "ccw") && strcmp(n->arch, "s390x") != 0)
            return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "cannot use CCW address type for device '%s' using machine type '%s'",
                              device_alias(device) ? device_alias(device) : "<null>", n->machine);
    return TRUE;
}

gboolean
check_peripherals(const Normalise *n, GError **error)
{
    if (!check_ccw(n, error) || !check_watchdog(node_child(n->devices, "watchdog"), error) ||
        !check_iommu(n, node_child(n->devices, "iommu"), error))
        return FALSE;
    NODE_FOREACH(panic, n->devices, "panic")
        if (!check_panic(n, panic, error))
            return node_blame(panic, error);
    NODE_FOREACH(shmem, n->devices, "shmem")
        if (!check_shmem(shmem, error))
            return node_blame(shmem, error);
    if (node_child(n->devices, "nvram") && !g_str_has_prefix(n->arch, "ppc64"))
        return node_throw(node_child(n->devices, "nvram"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "nvram device is only supported for PPC64");
    return TRUE;
}
