/* What is wrong with a controller, judged when the domain is complete. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

#define XHCI_PORTS_MAX 15   /* QEMU's */

/* --- PCI -------------------------------------------------------------------------------------------------- */

/* Per model: the devices that may be behind it, and the options it takes. */
static const struct {
    const char *model;
    const char *devices[4];
    const char *options[4];
} pci_models[] = {
    { "pci-root", { NULL }, { "pcihole64", "hotplug" } },
    { "pcie-root", { NULL }, { "pcihole64" } },
    { "pci-bridge", { "pci-bridge" }, { "chassisNr" } },
    { "dmi-to-pci-bridge", { "i82801b11-bridge" }, { NULL } },
    { "pcie-root-port", { "ioh3420", "pcie-root-port" }, { "chassis", "port", "hotplug" } },
    { "pcie-switch-upstream-port", { "x3130-upstream" }, { NULL } },
    { "pcie-switch-downstream-port", { "xio3130-downstream" }, { "chassis", "port", "hotplug" } },
    { "pci-expander-bus", { "pxb" }, { "busNr", "numaNode" } },
    { "pcie-expander-bus", { "pxb-pcie" }, { "busNr", "numaNode" } },
    { "pcie-to-pci-bridge", { "pcie-pci-bridge" }, { NULL } },
};

/* Options by libvirt's names, with the attribute of <target> or the element they stand in. */
static const struct {
    const char *name, *attribute, *element;
    guint minimum, maximum;     /* both 0: any */
} pci_options[] = {
    { "targetIndex", "index", NULL, 0, 0 },     { "pcihole64", NULL, "pcihole64", 0, 0 },
    { "busNr", "busNr", NULL, 1, 254 },         { "numaNode", NULL, "target/node", 0, 0 },
    { "chassisNr", "chassisNr", NULL, 1, 255 }, { "chassis", "chassis", NULL, 0, 255 },
    { "port", "port", NULL, 0, 255 },           { "hotplug", "hotplug", NULL, 0, 0 },
};

static gboolean
check_pci_ranges(const xmlNode *target, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(pci_options); i++) {
        const char *value = pci_options[i].attribute ? node_attr(target, pci_options[i].attribute) : NULL;
        guint64 number = value ? node_attr_uint(target, pci_options[i].attribute, 0) : 0;

        if (value && pci_options[i].maximum && (number < pci_options[i].minimum || number > pci_options[i].maximum))
            return node_throw(target, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "PCI controller %s '%" G_GUINT64_FORMAT "' out of range - must be %u-%u", pci_options[i].name, number,
                              pci_options[i].minimum, pci_options[i].maximum);
    }
    return TRUE;
}

static gboolean
throw_pci_option(const xmlNode *controller, const char *device, const char *option, const char *what, GError **error)
{
    return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                      "Option '%s' %s for PCI controller with index '%s', model '%s' and modelName '%s'", option, what,
                      node_attr(controller, "index"), node_attr(controller, "model"), device);
}

static gboolean
check_pci(const xmlNode *controller, GError **error)
{
    const xmlNode *target = node_child(controller, "target");
    const char *model = node_attr(controller, "model"), *device = node_child_attr(controller, "model", "name");
    gboolean root = g_strcmp0(model, "pci-root") == 0 || g_strcmp0(model, "pcie-root") == 0;

    if (!check_pci_ranges(target, error))
        return FALSE;
    if (root && device_has_address(controller))
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "pci-root and pcie-root controllers should not have an address");
    if (node_attr(target, "index") && (node_attr_uint(controller, "index", 0) == 0) != (node_attr_uint(target, "index", 0) == 0))
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Only the PCI controller with index 0 can have target index 0, and vice versa");
    for (gsize i = 0; i < G_N_ELEMENTS(pci_models); i++) {
        if (g_strcmp0(model, pci_models[i].model) != 0)
            continue;
        if (pci_models[i].devices[0] && !g_strv_contains(pci_models[i].devices, device ? device : ""))
            return throw_pci_option(controller, device, "modelName", "has invalid value", error);
        for (gsize k = 0; k < G_N_ELEMENTS(pci_options); k++) {
            gboolean set = pci_options[k].attribute ? node_attr(target, pci_options[k].attribute) != NULL
                                                    : node_path(controller, pci_options[k].element) != NULL;

            if (set && !g_strv_contains(pci_models[i].options, pci_options[k].name))
                return throw_pci_option(controller, device ? device : "none", pci_options[k].name, "is not valid", error);
        }
    }
    return TRUE;
}

/* --- others ------------------------------------------------------------------------------------------------ */

static gboolean
check_scsi(const Normalise *n, const xmlNode *controller, GError **error)
{
    const char *model = node_attr(controller, "model");

    if (g_strcmp0(model, "buslogic") == 0)
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED, "Unsupported controller model: %s", model);
    if (g_strcmp0(model, "ncr53c90") == 0)
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "ncr53c90 SCSI controller is not a built-in for this machine");
    return TRUE;
}

static gboolean
check_ide(const Normalise *n, const xmlNode *controller, GError **error)
{
    if (!n->is_i440fx && !(n->is_x86 && strcmp(n->machine, "isapc") == 0))
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "IDE controllers are unsupported for this QEMU binary or machine type");
    if (node_attr_uint(controller, "index", 0) > 0)
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Only a single IDE controller is supported for this machine type");
    return TRUE;
}

static gboolean
check_usb(const Normalise *n, const xmlNode *controller, GError **error)
{
    const char *model = node_attr(controller, "model"), *index = node_attr(controller, "index");

    if (g_strcmp0(model, "qusb1") == 0 || g_strcmp0(model, "qusb2") == 0)
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "USB controller model type 'qusb1' or 'qusb2' is not supported in qemu");
    if ((g_strcmp0(model, "qemu-xhci") == 0 || g_strcmp0(model, "nec-xhci") == 0) &&
        node_attr_uint(controller, "ports", 0) > XHCI_PORTS_MAX)
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED, "'%s' controller only supports up to '%d' ports", model,
                          XHCI_PORTS_MAX);
    if (g_strcmp0(model, "none") == 0)
        NODE_FOREACH(other, n->devices, "controller")
            if (node_attr_is(other, "type", "usb") && node_attr_uint(other, "index", 0) > node_attr_uint(controller, "index", 0))
                return node_throw(other, error, HV_ERR_XML_DETAIL,
                                  "Can't add another USB controller: USB is disabled for this domain");
    if (!model || !g_str_has_prefix(model, "ich9-uhci"))
        return TRUE;
    NODE_FOREACH(other, n->devices, "controller")
        if (node_attr_is(other, "model", "ich9-ehci1") && node_attr_is(other, "index", index))
            return TRUE;
    return node_throw(controller, error, HV_ERR_XML_DETAIL, "No master USB controller specified");
}

/* Options that only virtio-scsi has. */
static gboolean
check_driver(const Normalise *n, const xmlNode *controller, GError **error)
{
    static const char *const options[] = { "queues", "cmd_per_lun", "max_sectors", "ioeventfd" };
    const xmlNode *driver = node_child(controller, "driver");
    const char *model = node_attr(controller, "model"), *iothread = node_attr(driver, "iothread");
    gboolean virtio = node_attr_is(controller, "type", "scsi") && model && g_str_has_prefix(model, "virtio");
    guint64 id;

    for (gsize i = 0; !virtio && i < G_N_ELEMENTS(options); i++)
        if (node_attr(driver, options[i]))
            return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED, "'%s' is only supported by virtio-scsi controller",
                              options[i]);
    if (iothread && !virtio)
        return node_throw(controller, error, HV_ERR_XML_ERROR, "'iothread' attribute only supported for virtio scsi controllers");
    if (iothread && (!uint_parse(iothread, 1, G_MAXUINT, &id) || !domain_has_iothread(n, id)))
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED, "controller iothread '%s' not defined in iothreadid",
                          iothread);
    return TRUE;
}

gboolean
normalise_controller_checks(Normalise *n, GError **error)
{
    static const struct {
        const char *type;
        gboolean (*check)(const Normalise *n, const xmlNode *controller, GError **error);
    } checks[] = { { "scsi", check_scsi }, { "ide", check_ide }, { "usb", check_usb } };

    NODE_FOREACH(controller, n->devices, "controller") {
        if (!check_driver(n, controller, error))
            return node_blame(controller, error);
        if (node_attr_is(controller, "type", "pci") && !check_pci(controller, error))
            return node_blame(controller, error);
        for (gsize i = 0; i < G_N_ELEMENTS(checks); i++)
            if (node_attr_is(controller, "type", checks[i].type) && !checks[i].check(n, controller, error))
                return node_blame(controller, error);
    }
    return TRUE;
}
