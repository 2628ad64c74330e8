/* What all devices have in common: addresses, virtio options, boot order; and the controllers. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

json_t *
device_props(const char *driver)
{
    return json_pack("{s:s}", "driver", driver);
}

/* <driver> of a disk, interface and so on; options of every virtio device. */
static void
device_add_virtio_options(json_t *props, const xmlNode *device)
{
    static const char *const options[][2] = {
        { "iommu", "iommu_platform" }, { "ats", "ats" }, { "packed", "packed" }, { "page_per_vq", "page-per-vq" },
    };
    const xmlNode *driver = node_child(device, "driver");

    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        props_attr_bool(props, options[i][1], driver, options[i][0]);
}

/* The device's model, an attribute or, of an interface or video, an element. */
static const char *
device_model(const xmlNode *device)
{
    const char *model = node_attr(device, "model");

    if (!model)
        model = node_child_attr(device, "model", "type");
    return model ? model : "";
}

json_t *
device_props_virtio(const xmlNode *device, const char *base)
{
    const char *address = node_child_attr(device, "address", "type");
    const char *model = device_model(device);
    const char *suffix = "-pci", *kind = "";
    g_autofree char *driver = NULL;
    json_t *props;

    if (g_strcmp0(address, "virtio-mmio") == 0)
        suffix = "-device";
    else if (g_strcmp0(address, "ccw") == 0)
        suffix = "-ccw";
    if (g_str_has_suffix(model, "non-transitional"))
        kind = "-non-transitional";
    else if (g_str_has_suffix(model, "transitional"))
        kind = "-transitional";
    driver = g_strconcat(base, suffix, kind, NULL);
    props = device_props(driver);
    device_add_virtio_options(props, device);
    return props;
}

const char *
device_need_alias(const xmlNode *device, GError **error)
{
    const char *alias = device_alias(device);

    if (!alias)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "the device <%s> has no alias", node_name(device));
    return alias;
}

gboolean
device_unsupported(GError **error, const char *kind, const char *value)
{
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "%s '%s' is not supported by this QEMU driver", kind,
                    value ? value : "");
}

gboolean
device_need_model(const ArgvBuilder *b, const char *model, GError **error)
{
    if (qemu_caps_has_device(b->caps, model))
        return TRUE;
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "%s is not supported in this QEMU binary", model);
}

const xmlNode *
device_controller(const ArgvBuilder *b, const char *type, guint64 index)
{
    NODE_FOREACH(controller, b->devices, "controller")
        if (node_attr_is(controller, "type", type) && node_attr_uint(controller, "index", 0) == index)
            return controller;
    return NULL;
}

void
device_add_boot(json_t *props, const xmlNode *device)
{
    props_attr_uint(props, "bootindex", node_child(device, "boot"), "order");
}

void
device_add_rom(json_t *props, const xmlNode *device)
{
    const xmlNode *rom = node_child(device, "rom");

    if (node_attr_is(rom, "enabled", "no")) {
        props_str(props, "romfile", "");
        return;
    }
    if (node_attr(rom, "bar"))
        props_uint(props, "rombar", node_attr_yes(rom, "bar", TRUE));
    props_attr_str(props, "romfile", rom, "file");
}

/* --- addresses ------------------------------------------------------------------------------------------- */

static gboolean
device_no_controller(GError **error, const char *type, guint64 index)
{
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to find %s controller with index=%" G_GUINT64_FORMAT, type,
                    index);
}

static gboolean
device_add_pci_address(ArgvBuilder *b, json_t *props, const xmlNode *device, const xmlNode *address, GError **error)
{
    guint64 bus = node_attr_uint(address, "bus", 0);
    guint64 slot = node_attr_uint(address, "slot", 0);
    guint64 function = node_attr_uint(address, "function", 0);
    const xmlNode *controller = device_controller(b, "pci", bus);
    g_autofree char *place = NULL;
    const char *alias;

    if (!controller && bus)
        return device_no_controller(error, "pci", bus);
    /* microvm's bus has no controller in the document. */
    alias = controller ? device_need_alias(controller, error) : "pcie.0";
    if (!alias)
        return FALSE;
    place = function ? g_strdup_printf("0x%" G_GINT64_MODIFIER "x.0x%" G_GINT64_MODIFIER "x", slot, function)
                     : g_strdup_printf("0x%" G_GINT64_MODIFIER "x", slot);
    props_str(props, "bus", alias);
    props_attr_bool(props, "multifunction", address, "multifunction");
    props_str(props, "addr", place);
    props_attr_uint(props, "acpi-index", node_child(device, "acpi"), "index");
    return TRUE;
}

static gboolean
device_add_usb_address(ArgvBuilder *b, json_t *props, const xmlNode *address, GError **error)
{
    guint64 bus = node_attr_uint(address, "bus", 0);
    const xmlNode *controller = device_controller(b, "usb", bus);
    const char *alias = controller ? device_need_alias(controller, error) : NULL;
    g_autofree char *name = NULL;

    if (!controller)
        return device_no_controller(error, "usb", bus);
    if (!alias)
        return FALSE;
    name = g_strconcat(alias, ".0", NULL);
    props_str(props, "bus", name);
    props_attr_str(props, "port", address, "port");
    return TRUE;
}

static gboolean
device_add_bus_of(ArgvBuilder *b, json_t *props, const char *type, const xmlNode *address, GError **error)
{
    guint64 index = node_attr_uint(address, "controller", 0);
    const xmlNode *controller = device_controller(b, type, index);
    const char *alias = controller ? device_need_alias(controller, error) : NULL;
    g_autofree char *name = NULL;

    if (!controller)
        return device_no_controller(error, type, index);
    if (!alias)
        return FALSE;
    name = g_strconcat(alias, ".0", NULL);
    props_str(props, "bus", name);
    return TRUE;
}

gboolean
device_add_address(ArgvBuilder *b, json_t *props, const xmlNode *device, GError **error)
{
    const xmlNode *address = node_child(device, "address");
    const char *type = node_attr(address, "type");

    if (!type || g_str_equal(type, "none") || g_str_equal(type, "drive") || g_str_equal(type, "virtio-mmio") ||
        g_str_equal(type, "unassigned"))
        return TRUE;
    if (g_str_equal(type, "pci"))
        return device_add_pci_address(b, props, device, address, error);
    if (g_str_equal(type, "usb"))
        return device_add_usb_address(b, props, address, error);
    if (g_str_equal(type, "virtio-serial")) {
        if (!device_add_bus_of(b, props, "virtio-serial", address, error))
            return FALSE;
        props_attr_uint(props, "nr", address, "port");
        return TRUE;
    }
    if (g_str_equal(type, "ccid"))
        return device_add_bus_of(b, props, "ccid", address, error);
    if (g_str_equal(type, "isa")) {
        props_attr_uint(props, "iobase", address, "iobase");
        props_attr_uint(props, "irq", address, "irq");
        return TRUE;
    }
    if (g_str_equal(type, "dimm")) {
        props_attr_uint(props, "slot", address, "slot");
        props_attr_uint(props, "addr", address, "base");
        return TRUE;
    }
    if (g_str_equal(type, "spapr-vio")) {
        props_attr_uint(props, "reg", address, "reg");
        return TRUE;
    }
    if (g_str_equal(type, "ccw")) {
        g_autofree char *devno = g_strdup_printf("%s.%s.%s", node_attr(address, "cssid"), node_attr(address, "ssid"),
                                                 node_attr(address, "devno"));

        props_str(props, "devno", devno);
        return TRUE;
    }
    return device_unsupported(error, "address type", type);
}

gboolean
device_add(ArgvBuilder *b, json_t *props, const xmlNode *device, GError **error)
{
    if (!device_add_address(b, props, device, error)) {
        json_decref(props);
        return FALSE;
    }
    argv_add_json(b, "-device", props);
    return TRUE;
}

/* --- controllers ----------------------------------------------------------------------------------------- */

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
    const char *model = node_attr(controller, "model");
    const char *driver = controller_driver("usb", model ? model : "piix3-uhci");
    json_t *props;

    if (!driver) {
        device_unsupported(error, "USB controller model", model);
        return NULL;
    }
    if (!device_need_model(b, driver, error))
        return NULL;
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
        if (!device_need_model(b, driver, error))
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
    } else if (g_str_equal(type, "fdc")) {
        props = device_props("isa-fdc");
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
    if (g_str_equal(type, "fdc"))
        return !b->q35;
    return FALSE;
}

static gboolean
controller_add(ArgvBuilder *b, const xmlNode *controller, GError **error)
{
    const char *alias = device_need_alias(controller, error);
    json_t *props;

    if (!alias)
        return FALSE;
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

    if (hole)
        argv_addf(b, "-global", "%s.pci-hole64-size=%" G_GUINT64_FORMAT "K", b->q35 ? "q35-pcihost" : "i440FX-pcihost",
                  argv_kib(hole, 0));
}

gboolean
argv_add_controllers(ArgvBuilder *b, GError **error)
{
    /* A bus has to be there before what sits on it. */
    static const char *const order[] = { "pci", "usb", "scsi", "ide", "sata", "virtio-serial", "ccid", "fdc" };

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
