/* Controllers and hubs. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

/* libvirt's models and QEMU's devices. */
static const char *const controller_models[][3] = {
    { "usb", "piix3-uhci", "piix3-usb-uhci" },
    { "usb", "piix4-uhci", "piix4-usb-uhci" },
    { "usb", "ehci", "usb-ehci" },
    { "usb", "ich9-ehci1", "ich9-usb-ehci1" },
    { "usb", "ich9-uhci1", "ich9-usb-uhci1" },
    { "usb", "ich9-uhci2", "ich9-usb-uhci2" },
    { "usb", "ich9-uhci3", "ich9-usb-uhci3" },
    { "usb", "vt82c686b-uhci", "vt82c686b-usb-uhci" },
    { "usb", "pci-ohci", "pci-ohci" },
    { "usb", "nec-xhci", "nec-usb-xhci" },
    { "usb", "qemu-xhci", "qemu-xhci" },
    { "scsi", "lsilogic", "lsi" },
    { "scsi", "lsisas1068", "mptsas1068" },
    { "scsi", "lsisas1078", "megasas" },
    { "scsi", "vmpvscsi", "pvscsi" },
    { "scsi", "am53c974", "am53c974" },
    { "scsi", "dc390", "dc-390" },
    { "scsi", "ibmvscsi", "spapr-vscsi" },
    { "pci", "pcie-root-port", "pcie-root-port" },
    { "pci", "pci-bridge", "pci-bridge" },
    { "pci", "dmi-to-pci-bridge", "i82801b11-bridge" },
    { "pci", "pcie-to-pci-bridge", "pcie-pci-bridge" },
    { "pci", "pcie-switch-upstream-port", "x3130-upstream" },
    { "pci", "pcie-switch-downstream-port", "xio3130-downstream" },
    { "pci", "pci-expander-bus", "pxb" },
    { "pci", "pcie-expander-bus", "pxb-pcie" },
};

static const char *
controller_driver(const char *type, const char *model)
{
    for (gsize i = 0; i < G_N_ELEMENTS(controller_models); i++)
        if (g_str_equal(controller_models[i][0], type) && g_strcmp0(controller_models[i][1], model) == 0)
            return controller_models[i][2];
    return NULL;
}

static void
controller_add_pci_options(json_t *props, const xmlNode *controller)
{
    const xmlNode *target = node_child(controller, "target");

    props_attr_uint(props, "chassis_nr", target, "chassisNr");
    props_attr_uint(props, "port", target, "port");
    props_attr_uint(props, "chassis", target, "chassis");
    props_attr_uint(props, "bus_nr", target, "busNr");
    props_text_uint(props, "numa_node", target, "node");
    props_attr_bool(props, "hotplug", target, "hotplug");
}

static json_t *
controller_pci(ArgvBuilder *b, const xmlNode *controller, GError **error)
{
    const char *model = node_attr(controller, "model");
    const char *driver = node_child_attr(controller, "model", "name");
    json_t *props;

    if (!driver)
        driver = controller_driver("pci", model);
    if (!driver) {
        device_unsupported(error, "PCI controller model", model);
        return NULL;
    }
    if (!device_need_model(b, driver, error))
        return NULL;
    props = device_props(driver);
    controller_add_pci_options(props, controller);
    return props;
}

/* A companion controller shares the bus of its master, whose alias it has. */
static void
controller_add_usb_options(json_t *props, const xmlNode *controller, const char *alias)
{
    const xmlNode *master = node_child(controller, "master");

    if (node_attr(controller, "ports")) {
        props_attr_uint(props, "p2", controller, "ports");
        props_attr_uint(props, "p3", controller, "ports");
    }
    if (master) {
        g_autofree char *bus = g_strconcat(alias, ".0", NULL);

        props_str(props, "masterbus", bus);
        props_attr_uint(props, "firstport", master, "startport");
    } else {
        props_str(props, "id", alias);
    }
}

static json_t *
controller_usb(ArgvBuilder *b, const xmlNode *controller, const char *alias, GError **error)
{
    const char *model = node_attr(controller, "model") ? node_attr(controller, "model") : "piix3-uhci";
    const char *driver = controller_driver("usb", model);
    json_t *props;

    if (!driver || !qemu_caps_has_device(b->caps, driver)) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "USB controller model '%s' not supported in this QEMU binary", model);
        return NULL;
    }
    if (node_attr(controller, "ports") && !g_str_has_suffix(model, "-xhci")) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "usb controller type '%s' doesn't support 'ports' with this QEMU binary",
                 model);
        return NULL;
    }
    props = device_props(driver);
    controller_add_usb_options(props, controller, alias);
    return props;
}

static json_t *
controller_scsi(ArgvBuilder *b, const xmlNode *controller, const char *alias, GError **error)
{
    const char *model = node_attr(controller, "model");
    const xmlNode *options = node_child(controller, "driver");
    const char *driver = controller_driver("scsi", model);
    json_t *props;

    if (model && g_str_has_prefix(model, "virtio")) {
        props = device_props_virtio(controller, "virtio-scsi");
        if (node_attr(options, "iothread")) {
            g_autofree char *thread = g_strconcat("iothread", node_attr(options, "iothread"), NULL);

            props_str(props, "iothread", thread);
        }
    } else if (driver) {
        /* libvirt leaves these to QEMU to refuse: shown is what it would be asked for. */
        if (!b->host->by_name && !device_need_model(b, driver, error))
            return NULL;
        props = device_props(driver);
    } else {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unsupported controller model: %s", model ? model : "auto");
        return NULL;
    }
    props_str(props, "id", alias);
    props_attr_uint(props, "num_queues", options, "queues");
    props_attr_uint(props, "cmd_per_lun", options, "cmd_per_lun");
    props_attr_uint(props, "max_sectors", options, "max_sectors");
    props_attr_bool(props, "ioeventfd", options, "ioeventfd");
    return props;
}

static json_t *
controller_props(ArgvBuilder *b, const xmlNode *controller, const char *alias, GError **error)
{
    const char *type = node_attr(controller, "type");
    json_t *props = NULL;

    if (g_str_equal(type, "pci")) {
        props = controller_pci(b, controller, error);
        if (props)
            props_str(props, "id", alias);
    } else if (g_str_equal(type, "usb")) {
        props = controller_usb(b, controller, alias, error);
    } else if (g_str_equal(type, "scsi")) {
        props = controller_scsi(b, controller, alias, error);
    } else if (g_str_equal(type, "virtio-serial")) {
        props = device_props_virtio(controller, "virtio-serial");
        props_str(props, "id", alias);
        props_attr_uint(props, "max_ports", controller, "ports");
        props_attr_uint(props, "vectors", controller, "vectors");
    } else if (g_str_equal(type, "sata")) {
        props = device_props("ahci");
        props_str(props, "id", alias);
    } else if (g_str_equal(type, "ccid")) {
        props = device_props("usb-ccid");
        props_str(props, "id", alias);
    } else {
        device_unsupported(error, "controller type", type);
    }
    return props;
}

/* Controllers that the machine has by itself. */
static gboolean
controller_is_builtin(const ArgvBuilder *b, const xmlNode *controller)
{
    const char *type = node_attr(controller, "type");
    const char *model = node_attr(controller, "model");
    guint64 index = node_attr_uint(controller, "index", 0);

    if (!type || g_str_equal(type, "isa") || g_str_equal(type, "xenbus"))
        return TRUE;
    if (g_str_equal(type, "pci"))
        return g_strcmp0(model, "pci-root") == 0 || g_strcmp0(model, "pcie-root") == 0;
    if (g_str_equal(type, "usb"))
        return g_strcmp0(model, "none") == 0;
    if (g_str_equal(type, "ide"))
        return TRUE;
    if (g_str_equal(type, "sata"))
        return b->q35 && index == 0;
    /* Comes with the disks. */
    if (g_str_equal(type, "fdc"))
        return TRUE;
    return FALSE;
}

static guint
controller_count_usb(const ArgvBuilder *b)
{
    guint count = 0;

    NODE_FOREACH(controller, b->devices, "controller")
        count += node_attr_is(controller, "type", "usb");
    return count;
}

static gboolean
controller_add(ArgvBuilder *b, const xmlNode *controller, GError **error)
{
    const char *alias = device_need_alias(controller, error);
    json_t *props;

    if (!alias)
        return FALSE;
    if (node_attr_is(controller, "type", "usb") && node_attr_is(controller, "model", "none") && controller_count_usb(b) > 1)
        return hv_throw(error, HV_ERR_XML_DETAIL, "Can't add another USB controller: USB is disabled for this domain");
    if (controller_is_builtin(b, controller))
        return TRUE;
    props = controller_props(b, controller, alias, error);
    if (!props)
        return FALSE;
    return device_add(b, props, controller, error);
}

static void
controller_add_pci_hole(ArgvBuilder *b)
{
    const xmlNode *root = device_controller(b, "pci", 0);
    const xmlNode *hole = node_child(root, "pcihole64");

    if (b->x86 && node_child_attr(root, "target", "hotplug"))
        argv_addf(b, "-global", "PIIX4_PM.acpi-root-pci-hotplug=%s", node_child_attr(root, "target", "hotplug"));
    if (hole)
        argv_addf(b, "-global", "%s.pci-hole64-size=%" G_GUINT64_FORMAT "K", b->q35 ? "q35-pcihost" : "i440FX-pcihost",
                  argv_kib(hole, 0));
}

gboolean
argv_add_controllers(ArgvBuilder *b, GError **error)
{
    /* A bus has to be there before what sits on it. */
    static const char *const order[] = { "pci", "usb", "scsi", "ide", "sata", "virtio-serial", "ccid" };

    controller_add_pci_hole(b);
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
        NODE_FOREACH(controller, b->devices, "controller")
            if (node_attr_is(controller, "type", order[i]) && !controller_add(b, controller, error))
                return FALSE;
    NODE_FOREACH(hub, b->devices, "hub") {
        const char *alias = device_need_alias(hub, error);
        json_t *props;

        if (!alias)
            return FALSE;
        props = device_props("usb-hub");
        props_str(props, "id", alias);
        if (!device_add(b, props, hub, error))
            return FALSE;
    }
    return TRUE;
}
