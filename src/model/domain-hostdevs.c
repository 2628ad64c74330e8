/* Devices of the host given to the guest. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"
#include "util/uuid.h"

/* Digits of a World Wide Name behind "naa." (T10's NAA identifiers). */
#define WWN_DIGITS 16

static gboolean
is_type(const xmlNode *hostdev, const char *type)
{
    return node_attr_is(hostdev, "type", type);
}

static gboolean
is_capability(const xmlNode *hostdev)
{
    return node_attr_is(hostdev, "mode", "capabilities");
}

/* --- what is filled in --------------------------------------------------------------------------------- */

/* Numbers as libvirt reads them, "010" is 8, and as it writes them. */
static void
rewrite_number(xmlNode *node, const char *name, const char *format)
{
    const char *text = node_attr(node, name);
    guint64 number = text ? g_ascii_strtoull(text, NULL, 0) : 0;
    g_autofree char *canonical = NULL;

    if (!text)
        return;
    canonical = strcmp(format, "%u") == 0 ? g_strdup_printf("%u", (guint)number) : g_strdup_printf("0x%04x", (guint)number);
    node_set_attr(node, name, canonical);
}

static gboolean
normalise_usb_source(xmlNode *source, GError **error)
{
    xmlNode *vendor = node_child(source, "vendor"), *product = node_child(source, "product");
    xmlNode *address = node_child(source, "address");

    if (vendor && !product)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "missing product") ||
               node_expect(source, error, "<product>");
    if (product && !vendor)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "missing vendor") ||
               node_expect(source, error, "<vendor>");
    rewrite_number(vendor, "id", "0x%04x");
    rewrite_number(product, "id", "0x%04x");
    rewrite_number(address, "bus", "%u");
    rewrite_number(address, "device", "%u");
    node_set_attr(address, "port", NULL);
    if (node_attr_is(address, "bus", "0") && node_attr_is(address, "device", "0"))
        node_remove(address);
    return TRUE;
}

static gboolean
normalise_iscsi_source(xmlNode *source, GError **error)
{
    const char *name = node_attr(source, "name");
    const xmlNode *host = node_child(source, "host"), *secret = node_path(source, "auth/secret");

    if (!name)
        return node_throw(source, error, HV_ERR_XML_ERROR, "missing iSCSI hostdev source path name");
    if (!host)
        return node_throw(source, error, HV_ERR_XML_ERROR, "missing the host address for the iSCSI hostdev");
    if (node_next(host, "host"))
        return node_throw(source, error, HV_ERR_XML_ERROR, "only one source host address may be specified for the iSCSI hostdev");
    if (!node_attr(host, "name") && !node_attr_is(host, "transport", "unix"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing name for host") ||
               node_expect(source, error, "'name' of <host>");
    if (node_child(source, "auth") && !secret)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing <secret> element in auth") ||
               node_expect(source, error, "<secret> in <auth>");
    if (secret && !node_attr(secret, "uuid") && !node_attr(secret, "usage"))
        return node_throw(source, error, HV_ERR_XML_ERROR, "missing secret uuid or usage attribute");
    if (secret && node_attr(secret, "type") && !node_attr_is(secret, "type", "iscsi"))
        return node_throw(source, error, HV_ERR_INTERNAL_ERROR, "hostdev invalid secret type '%s'", node_attr(secret, "type"));
    if (!strchr(name, '/'))
        node_set_attrf(source, "name", "%s/0", name);
    return TRUE;
}

static gboolean
normalise_scsi_source(xmlNode *source, GError **error)
{
    const char *protocol = node_attr(source, "protocol");
    xmlNode *address = node_child(source, "address");

    if (g_strcmp0(protocol, "iscsi") == 0)
        return normalise_iscsi_source(source, error);
    if (protocol && strcmp(protocol, "adapter") != 0)
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown SCSI subsystem protocol '%s'", protocol);
    node_set_attr(source, "protocol", NULL);
    node_set_attr(source, "name", NULL);
    if (!address)
        return node_throw(source, error, HV_ERR_XML_ERROR, "'address' must be specified for scsi hostdev source");
    if (!node_attr(node_child(source, "adapter"), "name"))
        return node_throw(source, error, HV_ERR_XML_ERROR, "'adapter' name must be specified for scsi hostdev source");
    return TRUE;
}

static gboolean
normalise_scsi_host_source(const xmlNode *source, GError **error)
{
    const char *protocol = node_attr(source, "protocol"), *name = node_attr(source, "wwpn");

    if (!protocol)
        return node_throw(source, error, HV_ERR_XML_ERROR, "Missing scsi_host subsystem protocol");
    if (strcmp(protocol, "vhost") != 0)
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown scsi_host subsystem protocol '%s'", protocol);
    if (!name)
        return node_throw(source, error, HV_ERR_XML_ERROR, "missing vhost-scsi hostdev source wwpn");
    if (!g_str_has_prefix(name, "naa.") || strlen(name + 4) != WWN_DIGITS || strspn(name + 4, "0123456789abcdefABCDEF") != WWN_DIGITS)
        return hv_throw(error, HV_ERR_XML_ERROR, "malformed 'wwpn' value") ||
               node_expect(source, error, "16 hexadecimal digits behind naa. as 'wwpn'");
    return TRUE;
}

static gboolean
normalise_mdev_source(xmlNode *hostdev, const xmlNode *source, GError **error)
{
    xmlNode *address = node_child(source, "address");
    g_autofree char *uuid = NULL;

    if (!node_attr(hostdev, "model"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'model' in element 'hostdev'") ||
               node_expect(hostdev, error, "'model'");
    if (!address)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Missing <address> element") ||
               node_expect(source, error, "<address>");
    if (!node_attr(address, "uuid"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Missing 'uuid' attribute for element <address>") ||
               node_expect(source, error, "'uuid' of <address>");
    uuid = uuid_canonical(node_attr(address, "uuid"));
    if (!uuid)
        return node_throw(source, error, HV_ERR_INTERNAL_ERROR, "Cannot parse uuid attribute of element <address>");
    node_set_attr(address, "uuid", uuid);
    if (!node_attr(hostdev, "display") && node_attr_is(hostdev, "model", "vfio-pci"))
        node_set_attr(hostdev, "display", "off");
    return TRUE;
}

/* Models of the types that have them. */
static const struct {
    const char *type;
    const char *models[4];
} hostdev_models[] = {
    { "mdev", { "vfio-pci", "vfio-ccw", "vfio-ap" } },
    { "scsi_host", { "virtio", "virtio-transitional", "virtio-non-transitional" } },
};

static gboolean
check_model(const xmlNode *hostdev, GError **error)
{
    const char *type = node_attr(hostdev, "type"), *model = node_attr(hostdev, "model");

    if (!model)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(hostdev_models); i++)
        if (strcmp(type, hostdev_models[i].type) == 0)
            return g_strv_contains(hostdev_models[i].models, model) ||
                   node_throw(hostdev, error, HV_ERR_XML_ERROR, "Invalid value for attribute 'model' in element 'hostdev': '%s'.",
                              model);
    return node_throw(hostdev, error, HV_ERR_XML_ERROR, "'model' attribute in <hostdev> is only supported when type='%s'", type);
}

static gboolean
normalise_capability(xmlNode *hostdev, const char *type, GError **error)
{
    static const char *const elements[][2] = { { "storage", "block" }, { "misc", "char" }, { "net", "interface" } };

    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        if (strcmp(type, elements[i][0]) != 0)
            continue;
        if (!node_child(node_child(hostdev, "source"), elements[i][1]))
            return node_throw(hostdev, error, HV_ERR_XML_ERROR, "Missing <%s> element in hostdev %s device", elements[i][1],
                              strcmp(type, "misc") == 0 ? "character" : type);
        return TRUE;
    }
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown host device source address type '%s'", type) ||
           node_expect(hostdev, error, "storage, misc or net as 'type'");
}

static gboolean
normalise_source(xmlNode *hostdev, const char *type, GError **error)
{
    xmlNode *source = node_child(hostdev, "source");

    if (strcmp(type, "usb") == 0)
        return normalise_usb_source(source, error);
    if (strcmp(type, "pci") == 0) {
        xmlNode *address = domain_ensure_child(source, "address");

        node_set_attr(address, "type", NULL);
        return normalise_host_address(address, error);
    }
    if (strcmp(type, "scsi") == 0)
        return normalise_scsi_source(source, error);
    if (strcmp(type, "scsi_host") == 0)
        return normalise_scsi_host_source(source, error);
    return normalise_mdev_source(hostdev, source, error);
}

gboolean
normalise_hostdev(xmlNode *hostdev, GError **error)
{
    static const char *const types[] = { "usb", "pci", "scsi", "scsi_host", "mdev", NULL };
    const char *type = node_attr(hostdev, "type");
    xmlNode *teaming = node_child(hostdev, "teaming");

    if (!type)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing source address type") ||
               node_expect_word(hostdev, error, "type", types);
    node_set_attr(hostdev, "managed", node_attr_yes(hostdev, "managed", FALSE) ? "yes" : "no");
    if (is_capability(hostdev)) {
        node_set_attr(hostdev, "managed", NULL);
        return normalise_capability(hostdev, type, error);
    }
    if (!g_strv_contains(types, type))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown host device source address type '%s'", type) ||
               node_expect_word(hostdev, error, "type", types);
    if (!node_child(hostdev, "source"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing <source> element in hostdev device") ||
               node_expect(hostdev, error, "<source>");
    if (node_attr(hostdev, "sgio") && !is_type(hostdev, "scsi"))
        return node_throw(hostdev, error, HV_ERR_XML_ERROR, "sgio is only supported for scsi host device");
    if (node_attr(hostdev, "rawio") && !is_type(hostdev, "scsi"))
        return node_throw(hostdev, error, HV_ERR_XML_ERROR, "rawio is only supported for scsi host device");
    if (!check_model(hostdev, error) || !normalise_source(hostdev, type, error))
        return FALSE;
    if (!is_type(hostdev, "mdev")) {
        node_set_attr(hostdev, "display", NULL);
        node_set_attr(hostdev, "ramfb", NULL);
    }
    if (!is_type(hostdev, "scsi")) {
        node_remove_children(hostdev, "readonly");
        node_remove_children(hostdev, "shareable");
    }
    if (!node_attr(teaming, "type"))
        node_remove(teaming);
    return TRUE;
}

/* --- what is refused ------------------------------------------------------------------------------------ */

/* What one device of the host is called by, so that two of the same can be seen. */
static char *
identity(const xmlNode *hostdev)
{
    static const char *const parts[][3] = {
        { "address", "domain", "bus" }, { "address", "slot", "function" }, { "address", "uuid", "device" },
        { "address", "target", "unit" }, { "adapter", "name", "name" }, { "vendor", "id", "id" }, { "product", "id", "id" },
    };
    const xmlNode *source = node_child(hostdev, "source");
    GString *text = g_string_new(node_attr(hostdev, "type"));

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        g_string_append_printf(text, " %s %s", node_child_attr(source, parts[i][0], parts[i][1]) ?: "",
                               node_child_attr(source, parts[i][0], parts[i][2]) ?: "");
    g_string_append_printf(text, " %s %s", node_attr(source, "name") ?: "", node_attr(source, "wwpn") ?: "");
    return g_string_free(text, FALSE);
}

static gboolean
check_boot(const xmlNode *hostdev, GError **error)
{
    if (!node_child(hostdev, "boot"))
        return TRUE;
    if (is_type(hostdev, "mdev"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "booting from assigned devices is not supported by mediated devices of model %s",
                          node_attr(hostdev, "model"));
    if (is_type(hostdev, "scsi_host"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "booting from assigned devices is not supported by vhost SCSI devices");
    return TRUE;
}

static gboolean
check_pci(const xmlNode *hostdev, const char *address, GError **error)
{
    if (node_attr(node_child(hostdev, "source"), "writeFiltering"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Write filtering of PCI device configuration space is not supported by qemu");
    if (address && strcmp(address, "pci") != 0 && strcmp(address, "unassigned") != 0)
        return node_throw(hostdev, error, HV_ERR_INTERNAL_ERROR, "PCI host devices must use 'pci' or 'unassigned' address type");
    if (node_child(hostdev, "teaming") && !node_attr_is(node_child(hostdev, "teaming"), "type", "transient"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "teaming hostdev devices must have type='transient'");
    return TRUE;
}

static gboolean
check_mdev(const Normalise *n, const xmlNode *hostdev, const char *address, GError **error)
{
    static const struct {
        const char *model, *name, *address;
    } models[] = { { "vfio-pci", "PCI", "pci" }, { "vfio-ccw", "CCW", "ccw" }, { "vfio-ap", "AP", NULL } };

    for (gsize i = 0; i < G_N_ELEMENTS(models); i++) {
        if (!node_attr_is(hostdev, "model", models[i].model))
            continue;
        if (address && g_strcmp0(address, models[i].address) != 0)
            return node_throw(hostdev, error, HV_ERR_XML_ERROR, "Unsupported address type '%s' with mediated device model '%s'",
                              address,
                              models[i].model);
        if (!n->facts->has_device(n->facts->data, n->emulator, models[i].model))
            return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "VFIO %s device assignment is not supported by this version of QEMU",
                              models[i].name);
    }
    if (node_attr_is(hostdev, "display", "on") && !node_child(n->devices, "graphics"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "graphics device is needed for attribute value 'display=on' in <hostdev>");
    return TRUE;
}

static gboolean
check_scsi(const Normalise *n, const xmlNode *hostdev, const char *address, GError **error)
{
    const xmlNode *place = node_child(hostdev, "address");
    const xmlNode *controller = controller_find(n, "scsi", node_attr_uint(place, "controller", 0));

    if (node_attr_is(hostdev, "sgio", "unfiltered"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "unfiltered sgio is no longer supported");
    if (address && strcmp(address, "drive") != 0)
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "SCSI host device must use 'drive' address type");
    if (node_attr_is(controller, "model", "lsilogic") && node_attr_uint(place, "target", 0))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "target must be 0 for controller model '%s'", "lsilogic");
    NODE_FOREACH(disk, n->devices, "disk") {
        static const char *const fields[] = { "controller", "bus", "target", "unit" };
        const xmlNode *other = node_child(disk, "address");
        gboolean same = g_strcmp0(node_child_attr(disk, "target", "bus"), "scsi") == 0 && place && other;

        for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
            same = same && node_attr_uint(place, fields[i], 0) == node_attr_uint(other, fields[i], 0);
        if (same)
            return node_throw(disk, error, HV_ERR_XML_ERROR,
                              "SCSI host address controller='%s' bus='%s' target='%s' unit='%s' in use by a SCSI disk",
                              node_attr(place, "controller"), node_attr(place, "bus"), node_attr(place, "target"),
                              node_attr(place, "unit"));
    }
    return TRUE;
}

static gboolean
check_hostdev(const Normalise *n, const xmlNode *hostdev, GError **error)
{
    const char *address = node_child_attr(hostdev, "address", "type");

    if (is_capability(hostdev))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "hostdev mode 'capabilities' is not supported in qemu");
    if (!check_rom(node_child(hostdev, "rom"), error))
        return FALSE;
    if (node_child(hostdev, "rom") && !is_type(hostdev, "pci") && !is_type(hostdev, "mdev"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "ROM tuning is only supported for PCI devices");
    if (node_child(hostdev, "teaming") && !is_type(hostdev, "pci"))
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "teaming is only supported for pci hostdev devices");
    if (!check_boot(hostdev, error))
        return FALSE;
    if (is_type(hostdev, "usb") && address && strcmp(address, "usb") != 0)
        return node_throw(hostdev, error, HV_ERR_CONFIG_UNSUPPORTED, "USB host device must use 'usb' address type");
    if (is_type(hostdev, "pci"))
        return check_pci(hostdev, address, error);
    if (is_type(hostdev, "mdev"))
        return check_mdev(n, hostdev, address, error);
    return !is_type(hostdev, "scsi") || check_scsi(n, hostdev, address, error);
}

gboolean
check_hostdevs(const Normalise *n, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    NODE_FOREACH(hostdev, n->devices, "hostdev") {
        if (!g_hash_table_add(seen, identity(hostdev)))
            return node_throw(hostdev, error, HV_ERR_XML_ERROR, "Hostdev already exists in the domain configuration");
        if (!check_hostdev(n, hostdev, error))
            return node_blame(hostdev, error);
    }
    return TRUE;
}
