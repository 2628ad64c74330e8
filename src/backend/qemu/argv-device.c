/* What all devices have in common: addresses, virtio options, boot order. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

json_t *
device_props(const char *driver)
{
    return json_pack("{s:s}", "driver", driver);
}

void
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

gboolean
device_need_virtio_address(const xmlNode *device, const char *base, GError **error)
{
    static const char *const types[] = { "pci", "virtio-mmio", "ccw", NULL };
    const char *address = node_child_attr(device, "address", "type");

    if (!address || g_strv_contains(types, address))
        return TRUE;
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unexpected address type for '%s'", base);
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
        const xmlNode *controller = device_controller(b, "virtio-serial", node_attr_uint(address, "controller", 0));
        g_autofree char *bus = NULL;

        if (!device_add_bus_of(b, props, "virtio-serial", address, error))
            return FALSE;
        bus = g_strdup_printf("%s.%u", device_alias(controller), (guint)node_attr_uint(address, "bus", 0));
        props_str(props, "bus", bus);
        props_attr_uint(props, "nr", address, "port");
        return TRUE;
    }
    if (g_str_equal(type, "ccid"))
        return device_add_bus_of(b, props, "ccid", address, error);
    if (g_str_equal(type, "isa")) {
        props_uint(props, "iobase", node_attr_uint(address, "iobase", 0));
        if (node_attr_uint(address, "irq", 0))
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

/* virtio devices sit on PCI, on a channel of a mainframe, or in memory. */
static gboolean
device_check_virtio_address(const json_t *props, const xmlNode *device, GError **error)
{
    static const char *const wrong[] = { "usb", "isa", "ccid", "drive", "virtio-serial", "dimm", "spapr-vio", NULL };
    const char *driver = json_string_value(json_object_get(props, "driver"));
    const char *type = node_child_attr(device, "address", "type");
    g_autofree char *base = NULL;

    if (!driver || !g_str_has_prefix(driver, "virtio-") || !type || !g_strv_contains(wrong, type))
        return TRUE;
    base = g_str_has_suffix(driver, "-pci") ? g_strndup(driver, strlen(driver) - strlen("-pci")) : g_strdup(driver);
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unexpected address type for '%s'", base);
}

gboolean
device_add(ArgvBuilder *b, json_t *props, const xmlNode *device, GError **error)
{
    if (!device_check_virtio_address(props, device, error) || !device_add_address(b, props, device, error)) {
        json_decref(props);
        return FALSE;
    }
    argv_add_json(b, "-device", props);
    return TRUE;
}
