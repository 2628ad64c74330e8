/* Interfaces that libvirt refuses. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"

static const char *const with_mtu[] = { "network", "bridge", "ethernet", "vhostuser", NULL };
static const char *const with_coalesce[] = { "network", "bridge", "ethernet", NULL };
static const char *const with_isolation[] = { "network", "bridge", NULL };
static const char *const with_virtualport[] = { "network", "bridge", "direct", "hostdev", NULL };

static gboolean
check_teaming(const xmlNode *interface, const char *type, GError **error)
{
    const xmlNode *teaming = node_child(interface, "teaming");
    const char *model = node_child_attr(interface, "model", "type");

    if (node_attr_is(teaming, "type", "transient")) {
        if (!node_attr(teaming, "persistent"))
            return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "teaming persistent attribute must be set if teaming type is 'transient'");
        if (strcmp(type, "hostdev") != 0 && strcmp(type, "network") != 0)
            return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "virtio-net teaming transient interface must be type='hostdev', not '%s'", type);
    } else if (teaming) {
        if (node_attr(teaming, "persistent"))
            return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "teaming persistent attribute not allowed if teaming type is 'persistent'");
        if (!interface_is_virtio(interface))
            return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "virtio-net teaming persistent interface must be <model type='virtio'/>, not '%s'",
                              model ? model : "");
    }
    return TRUE;
}

/* QEMU's user networking has one network of each kind; passt gives the guest one address of each. */
static gboolean
check_guest_addresses(const xmlNode *interface, GError **error)
{
    gboolean passt = node_attr_is(node_child(interface, "backend"), "type", "passt"), have[2] = { FALSE, FALSE };

    if (!node_attr_is(interface, "type", "user"))
        return !(node_child(interface, "ip") || node_child(interface, "route")) ||
               node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Invalid attempt to set network interface guest-side IP route and/or address info, not supported by QEMU");
    if (node_child(interface, "route"))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Invalid attempt to set network interface guest-side IP route, not supported by QEMU");
    NODE_FOREACH(ip, interface, "ip") {
        gboolean ipv6 = node_attr_is(ip, "family", "ipv6");
        guint64 prefix = node_attr_uint(ip, "prefix", 0);

        if (node_attr(ip, "peer"))
            return node_throw(ip, error, HV_ERR_CONFIG_UNSUPPORTED, "Invalid attempt to set peer IP for guest");
        if (have[ipv6])
            return node_throw(ip, error, HV_ERR_CONFIG_UNSUPPORTED, "Only one %s address per interface is allowed",
                              ipv6 ? "IPv6" : "IPv4");
        have[ipv6] = TRUE;
        if (!ipv6 && !passt && prefix > 0 && (prefix < 4 || prefix > 27))
            return node_throw(ip, error, HV_ERR_XML_ERROR, "invalid prefix, must be in range of 4-27");
        if (ipv6 && prefix > 0 && prefix != 64)
            return node_throw(ip, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported IPv6 address prefix='%u' - must be 64",
                              (guint)prefix);
    }
    return TRUE;
}

static gboolean
check_driver(const xmlNode *interface, GError **error)
{
    static const char *const sizes[] = { "rx_queue_size", "tx_queue_size" };
    static const char *const options[] = { "iommu", "ats", "packed", "page_per_vq" };
    const xmlNode *driver = node_child(interface, "driver"), *rom = node_child(interface, "rom");

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        guint64 size = node_attr_uint(driver, sizes[i], 0);

        if (size & (size - 1))
            return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "%s has to be a power of two", sizes[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        if (node_attr(driver, options[i]) && !interface_is_virtio(interface))
            return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "%s %soption is only supported for virtio devices",
                              options[i],
                              strcmp(options[i], "page_per_vq") == 0 ? "" : "driver ");
    return check_rom(rom, error);
}

gboolean
check_rom(const xmlNode *rom, GError **error)
{
    if (node_attr_is(rom, "enabled", "no") && (node_attr(rom, "bar") || node_attr(rom, "file")))
        return node_throw(rom, error, HV_ERR_CONFIG_UNSUPPORTED, "ROM tuning is not supported when ROM is disabled");
    return TRUE;
}

static gboolean
check_vhostuser(const xmlNode *interface, GError **error)
{
    const xmlNode *source = node_child(interface, "source");
    const char *model = node_child_attr(interface, "model", "type");

    if (!node_attr_is(source, "type", "unix"))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "Type='%s' unsupported for <interface type='vhostuser'>",
                          node_attr(source, "type"));
    for (const char *const *name = (const char *const[]){ "path", "mode", NULL }; *name; name++)
        if (!node_attr(source, *name))
            return node_throw(interface, error, HV_ERR_XML_ERROR, "Missing required attribute '%s' in element 'source'", *name);
    if (node_attr_is(source, "mode", "server") && node_child(source, "reconnect"))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "'reconnect' attribute unsupported 'server' mode for <interface type='vhostuser'>");
    if (!model || !g_str_has_prefix(model, "virtio"))
        return node_throw(interface, error, HV_ERR_INTERNAL_ERROR,
                          "Wrong or no <model> 'type' attribute specified with <interface type='vhostuser'/>. "
                          "vhostuser requires the virtio-net* frontend");
    return TRUE;
}

gboolean
check_interface(const Normalise *n, const xmlNode *interface, GError **error)
{
    const char *type = node_attr(interface, "type"), *mac = node_child_attr(interface, "mac", "address");
    const xmlNode *source = node_child(interface, "source");

    if (node_attr_is(node_child(interface, "backend"), "type", "passt") && strcmp(type, "user") != 0)
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "the passt backend can only be used with interface type='user'");
    if (strcmp(type, "vhostuser") == 0 && !check_vhostuser(interface, error))
        return FALSE;
    if (strcmp(type, "vdpa") == 0 && !interface_is_virtio(interface))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "invalid model for interface of type 'vdpa': '%s'",
                          node_child_attr(interface, "model", "type"));
    if (node_child(interface, "virtualport") && !g_strv_contains(with_virtualport, type))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "<virtualport> element unsupported for <interface type='%s'>", type);
    if (!check_teaming(interface, type, error) || !check_guest_addresses(interface, error) || !check_driver(interface, error))
        return FALSE;
    if ((node_child(source, "ip") || node_child(source, "route")) && strcmp(type, "ethernet") != 0)
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Invalid attempt to set network interface host-side IP route and/or address info on interface of type '%s'. "
                          "This is only supported on interfaces of type 'ethernet'",
                          type);
    if (node_attr_is(node_child(interface, "target"), "managed", "no") && strcmp(type, "ethernet") != 0)
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "unmanaged target dev is not supported on interfaces of type '%s'", type);
    if (node_child(interface, "mtu") && !g_strv_contains(with_mtu, type))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "setting MTU on interface type %s is not supported yet",
                          type);
    if (node_child(interface, "coalesce") && !g_strv_contains(with_coalesce, type))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "coalesce settings on interface type %s are not supported",
                          type);
    if (node_attr_yes(node_child(interface, "port"), "isolated", FALSE) && !g_strv_contains(with_isolation, type))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "interface %s - <port isolated='yes'/> is not supported for network interfaces with type='%s'", mac,
                          type);
    if (node_attr_yes(node_child(interface, "port"), "isolated", FALSE) && node_child_attr(interface, "virtualport", "type"))
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "interface %s - <port isolated='yes'/> is not supported for network interfaces with virtualport type='%s'",
                          mac, node_child_attr(interface, "virtualport", "type"));
    if (node_attr(node_path(interface, "bandwidth/inbound"), "floor") && strcmp(type, "network") != 0)
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "floor attribute is not supported for this config");
    return TRUE;
}
