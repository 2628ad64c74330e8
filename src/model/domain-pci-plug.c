#include "model/domain-pci-plug.h"

#include <string.h>

#include "model/pci-buses.h"

#define PCI (PCI_PLUG_DEVICE | PCI_PLUG_HOT)
#define EXPRESS (PCI_PLUG_EXPRESS | PCI_PLUG_HOT)

/* PCI controllers: how they plug, and QEMU's device behind them. */
static const struct {
    const char *model;
    guint plug;
    const char *device;
} pci_controllers[] = {
    { "pci-root", 0, NULL },
    { "pcie-root", 0, NULL },
    { "pci-bridge", PCI_PLUG_BRIDGE, "pci-bridge" },
    { "dmi-to-pci-bridge", PCI_PLUG_DMI_BRIDGE, "i82801b11-bridge" },
    { "pcie-root-port", PCI_PLUG_ROOT_PORT | PCI_PLUG_SHARES_SLOT, "pcie-root-port" },
    { "pcie-switch-upstream-port", PCI_PLUG_UPSTREAM, "x3130-upstream" },
    { "pcie-switch-downstream-port", PCI_PLUG_DOWNSTREAM, "xio3130-downstream" },
    { "pci-expander-bus", PCI_PLUG_EXPANDER, "pxb" },
    { "pcie-expander-bus", PCI_PLUG_EXPRESS_EXPANDER, "pxb-pcie" },
    { "pcie-to-pci-bridge", PCI_PLUG_EXPRESS_BRIDGE, "pcie-pci-bridge" },
};

/* Devices that are PCI Express where the machine is; `name` is a kind, or "kind model". All others are
 * conventional. virtio devices are not listed. */
static const char *const express_devices[] = {
    "controller usb qemu-xhci", "controller usb nec-xhci",
    "video bochs", "hostdev pci", "hostdev mdev", NULL,
};

/* The network cards that libvirt knows to be conventional; those it does not know count as PCI Express. */
static const char *const conventional_nics[] = {
    "netfront", "rtl8139", "e1000", "spapr-vlan", "lan9118", "vlance", "vmxnet", "vmxnet2", "vmxnet3",
    "82540EM", "82545EM", "82543GC", "Am79C970A", "Am79C973", NULL,
};

static const char *
virtio_model(const xmlNode *device)
{
    const char *model = node_attr(device, "model");

    if (node_is(device, "interface") || node_is(device, "video"))
        return node_child_attr(device, "model", "type");
    return model ? model : "virtio";
}

gboolean
pci_is_virtio(const xmlNode *device)
{
    const char *model = virtio_model(device);

    if (node_is(device, "disk"))
        return g_strcmp0(node_child_attr(device, "target", "bus"), "virtio") == 0;
    if (node_is(device, "controller")) {
        model = node_attr(device, "model");
        return node_attr_is(device, "type", "virtio-serial") ||
               (node_attr_is(device, "type", "scsi") && model && g_str_has_prefix(model, "virtio"));
    }
    if (node_is(device, "input"))
        return node_attr_is(device, "bus", "virtio");
    if (node_is(device, "memory"))
        return node_attr_is(device, "model", "virtio-pmem") || node_attr_is(device, "model", "virtio-mem");
    if (node_is(device, "hostdev"))
        return node_attr_is(device, "type", "scsi_host");
    if (node_is(device, "filesystem") || node_is(device, "vsock") || node_is(device, "rng") || node_is(device, "memballoon"))
        return TRUE;
    return (node_is(device, "interface") || node_is(device, "video")) && model && g_str_has_prefix(model, "virtio");
}

/* What libvirt knows no PCI slot for. */
static gboolean
is_placeless(const xmlNode *device)
{
    static const char *const served[] = { "path", "handle", "virtiofs" };
    const char *driver = node_child_attr(device, "driver", "type");
    gboolean known = !driver;

    if (node_is(device, "controller"))
        return node_attr_is(device, "type", "isa") || node_attr_is(device, "type", "xenbus");
    if (node_is(device, "sound"))
        return node_attr_is(device, "model", "ich7");
    if (node_is(device, "interface"))
        return g_strcmp0(node_child_attr(device, "model", "type"), "usb-net") == 0;
    for (gsize i = 0; driver && i < G_N_ELEMENTS(served); i++)
        known |= strcmp(driver, served[i]) == 0;
    return node_is(device, "filesystem") && !known;
}

guint
pci_device_plug(const xmlNode *device, gboolean express_root)
{
    const char *model = virtio_model(device);
    g_autofree char *name = NULL;

    if (node_is(device, "controller") && node_attr_is(device, "type", "pci")) {
        for (gsize i = 0; i < G_N_ELEMENTS(pci_controllers); i++)
            if (node_attr_is(device, "model", pci_controllers[i].model))
                return pci_controllers[i].plug;
        return 0;
    }
    if (is_placeless(device))
        return 0;
    if (!express_root)
        return PCI;
    if (node_is(device, "iommu"))
        return PCI_PLUG_EXPRESS;
    if (pci_is_virtio(device))
        return model && g_str_has_suffix(model, "-transitional") && !g_str_has_suffix(model, "-non-transitional") ? PCI : EXPRESS;
    if (node_is(device, "interface"))
        return model && g_strv_contains(conventional_nics, model) ? PCI : EXPRESS;
    if (node_is(device, "controller"))
        name = g_strdup_printf("controller %s %s", node_attr(device, "type"), node_attr(device, "model"));
    else
        name = g_strdup_printf("%s %s", node_name(device),
                               node_is(device, "hostdev") ? node_attr(device, "type") : model);
    return g_strv_contains(express_devices, name) ? EXPRESS : PCI;
}

const char *
pci_controller_device(const char *model)
{
    for (gsize i = 0; i < G_N_ELEMENTS(pci_controllers); i++)
        if (g_strcmp0(model, pci_controllers[i].model) == 0)
            return pci_controllers[i].device;
    return NULL;
}
