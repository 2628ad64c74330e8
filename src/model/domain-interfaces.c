/* Network interfaces: what is filled in and what is left out. What is refused is in domain-interface-checks.c. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* libvirt's prefix for the guests of QEMU and KVM. */
static const guint8 mac_prefix[] = { 0x52, 0x54, 0x00 };

/* Names that libvirt and hvsh give to devices they make: no part of a definition. */
static const char *const generated_prefixes[] = { "vnet", "macvtap", "macvlan" };

/* Interface types that say nothing without a source. */
static const char *const needing_source[] = {
    "network", "bridge", "direct", "internal", "vhostuser", "vdpa", "server", "client", "mcast", "udp", "vds", NULL,
};

/* Types that have filters. */
static const char *const filtered[] = { "network", "bridge", "ethernet", NULL };

/* Cards that libvirt knows, in its spelling; all others keep the one they have. */
static const char *const known_models[] = {
    "netfront", "rtl8139", "virtio", "e1000", "e1000e", "virtio-transitional", "virtio-non-transitional", "usb-net", "spapr-vlan",
    "lan9118", "smc91c111", "vlance", "vmxnet", "vmxnet2", "vmxnet3", "Am79C970A", "Am79C973", "82540EM", "82545EM", "82543GC",
};

static gboolean
is_type(const xmlNode *interface, const char *type)
{
    return node_attr_is(interface, "type", type);
}

static gboolean
mac_parse(const char *text, guint8 bytes[6])
{
    for (int i = 0; i < 6; i++) {
        int digits = 0;

        for (bytes[i] = 0; digits < 2 && g_ascii_isxdigit(*text); digits++, text++)
            bytes[i] = bytes[i] << 4 | g_ascii_xdigit_value(*text);
        if (digits == 0 || (i < 5 && *text++ != ':'))
            return FALSE;
    }
    return *text == '\0';
}

static gboolean
normalise_mac(xmlNode *interface, GError **error)
{
    xmlNode *mac = domain_ensure_child(interface, "mac");
    const char *address = node_attr(mac, "address");
    guint8 b[6];

    if (!address) {
        memcpy(b, mac_prefix, sizeof mac_prefix);
        for (int i = 3; i < 6; i++)
            b[i] = g_random_int_range(0, 256);
    } else if (!mac_parse(address, b)) {
        return hv_throw(error, HV_ERR_XML_ERROR, "unable to parse mac address '%s'", address) ||
               node_expect(interface, error, "six bytes such as 52:54:00:12:34:56 as <mac address>");
    } else if (b[0] & 1) {
        return node_throw(interface, error, HV_ERR_XML_ERROR, "expected unicast mac address, found multicast '%s'", address);
    }
    node_set_attrf(mac, "address", "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
    return TRUE;
}

static const char *
default_model(const Normalise *n, const char *type)
{
    if (strcmp(type, "vdpa") == 0 || n->is_virt || g_str_has_prefix(n->arch, "s390"))
        return "virtio";
    if (n->facts->has_device(n->facts->data, n->emulator, "rtl8139"))
        return "rtl8139";
    if (n->facts->has_device(n->facts->data, n->emulator, "e1000"))
        return "e1000";
    return "virtio";
}

static gboolean
normalise_model(const Normalise *n, xmlNode *interface, GError **error)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    xmlNode *model = node_child(interface, "model");
    const char *name = node_attr(model, "type");

    if (!name) {
        node_remove(model);
        if (!n->is_test && !is_type(interface, "hostdev"))
            node_set_attr(domain_add_child(interface, "model"), "type", default_model(n, node_attr(interface, "type")));
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(known_models); i++)
        if (g_ascii_strcasecmp(name, known_models[i]) == 0) {
            node_set_attr(model, "type", known_models[i]);
            return TRUE;
        }
    if (name[strspn(name, allowed)])
        return node_throw(interface, error, HV_ERR_INVALID_ARG, "Model name contains invalid characters");
    return TRUE;
}

gboolean
normalise_reconnect(xmlNode *source, GError **error)
{
    xmlNode *reconnect = node_child(source, "reconnect");

    if (!reconnect)
        return TRUE;
    if (!node_attr(reconnect, "enabled"))
        node_remove(reconnect);
    else if (!node_attr_yes(reconnect, "enabled", FALSE))
        node_set_attr(reconnect, "timeout", NULL);
    else if (!node_attr(reconnect, "timeout"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'timeout' in element 'reconnect'") ||
               node_expect(source, error, "'timeout' of <reconnect>");
    return TRUE;
}

static gboolean
normalise_source(const Normalise *n, xmlNode *interface, GError **error)
{
    const char *type = node_attr(interface, "type");
    xmlNode *source = node_child(interface, "source");

    if (!source && g_strv_contains(needing_source, type))
        return hv_throw(error, HV_ERR_XML_ERROR, "interface type='%s' requires a 'source' element", type) ||
               node_expect(interface, error, "<source>");
    if (is_type(interface, "udp") && !node_child(source, "local"))
        return hv_throw(error, HV_ERR_XML_ERROR, "'<local>' element missing for 'udp' socket interface") ||
               node_expect(interface, error, "<local>");
    if (is_type(interface, "hostdev")) {
        if (!node_attr(node_child(source, "address"), "type"))
            return hv_throw(error, HV_ERR_XML_ERROR, "missing source address type") ||
                   node_expect(interface, error, "'type' of <address> in <source>");
        return normalise_host_address(node_child(source, "address"), error);
    }
    if (is_type(interface, "network") && !(n->flags & DOMAIN_PARSE_LIVE)) {
        node_set_attr(source, "portid", NULL);
        node_set_attr(source, "bridge", NULL);
    }
    if (is_type(interface, "user") && !node_attr_is(node_child(interface, "backend"), "type", "passt")) {
        node_set_attr(source, "dev", NULL);
        if (source && !source->children)
            node_remove(source);
        return TRUE;
    }
    return normalise_addresses(source, "interface host", error) && normalise_reconnect(source, error);
}

static void
forget_generated_target(xmlNode *interface)
{
    xmlNode *target = node_child(interface, "target");
    const char *dev = node_attr(target, "dev");

    for (gsize i = 0; dev && !node_attr_is(target, "managed", "no") && i < G_N_ELEMENTS(generated_prefixes); i++)
        if (g_str_has_prefix(dev, generated_prefixes[i])) {
            node_remove(target);
            return;
        }
}

static void
normalise_driver(xmlNode *interface)
{
    static const char *const sizes[] = { "rx_queue_size", "tx_queue_size" };
    xmlNode *driver = node_child(interface, "driver"), *backend = node_child(interface, "backend");

    if (!interface_is_virtio(interface)) {
        static const char *const options[] = { "iommu", "ats", "packed", "page_per_vq" };
        gboolean common = FALSE;

        node_set_attr(backend, "vhost", NULL);
        /* Options of every virtio device stay, to be refused. */
        for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
            common |= node_attr(driver, options[i]) != NULL;
        if (!common)
            node_remove(driver);
        return;
    }
    if (node_attr_uint(driver, "queues", 0) <= 1)
        node_set_attr(driver, "queues", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (node_attr_is(driver, sizes[i], "0"))
            node_set_attr(driver, sizes[i], NULL);
}

/* Lists of parameters are hash tables in libvirt, written in the order of their names. */
static void
normalise_filter(xmlNode *interface)
{
    static const char names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    static const char values[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:";
    xmlNode *filter = node_child(interface, "filterref");
    gboolean swapped = TRUE;

    if (!node_attr(filter, "filter") || !g_strv_contains(filtered, node_attr(interface, "type"))) {
        node_remove(filter);
        return;
    }
    for (xmlNode *parameter = node_child(filter, "parameter"), *next; parameter; parameter = next) {
        const char *name = node_attr(parameter, "name"), *value = node_attr(parameter, "value");

        next = node_next(parameter, "parameter");
        if (!name || !value || !*name || !*value || name[strspn(name, names)] || value[strspn(value, values)])
            node_remove(parameter);
    }
    while (swapped) {
        swapped = FALSE;
        NODE_FOREACH(parameter, filter, "parameter") {
            xmlNode *next = node_next(parameter, "parameter");

            if (!next || strcmp(node_attr(parameter, "name"), node_attr(next, "name")) <= 0)
                continue;
            xmlAddNextSibling(next, parameter);
            swapped = TRUE;
            break;
        }
    }
}

static gboolean
normalise_tuning(xmlNode *interface, GError **error)
{
    xmlNode *mtu = node_child(interface, "mtu"), *frames = node_path(interface, "coalesce/rx/frames");
    xmlNode *sndbuf = node_path(interface, "tune/sndbuf"), *boot = node_child(interface, "boot");
    guint64 number;

    if (mtu && *(node_attr(mtu, "size") ?: "") && !uint_parse(node_attr(mtu, "size"), 0, G_MAXUINT, &number))
        return hv_throw(error, HV_ERR_XML_ERROR, "malformed mtu size") ||
               node_expect(interface, error, "a non-negative integer as 'size' of <mtu>");
    if (mtu && (!*(node_attr(mtu, "size") ?: "") || number == 0))
        node_remove(mtu);
    if (node_attr_is(frames, "max", ""))
        node_set_attr(frames, "max", "0");
    if (node_attr(frames, "max") && !uint_parse(node_attr(frames, "max"), 0, G_MAXUINT, &number))
        return node_throw(interface, error, HV_ERR_XML_DETAIL, "cannot parse value '%s' for coalesce parameter",
                          node_attr(frames, "max"));
    if (node_attr(frames, "max") && number == 0)
        node_remove(node_child(interface, "coalesce"));
    if (sndbuf && !uint_parse(node_text(sndbuf), 0, G_MAXUINT64, &number))
        return hv_throw(error, HV_ERR_XML_ERROR, "sndbuf must be a positive integer") ||
               node_expect(interface, error, "a non-negative integer as <sndbuf>");
    if (node_attr(boot, "loadparm")) {
        g_autofree char *upper = g_ascii_strup(node_attr(boot, "loadparm"), -1);

        node_set_attr(boot, "loadparm", upper);
    }
    return normalise_bandwidth(node_child(interface, "bandwidth"), error);
}

static gboolean
normalise_interface(Normalise *n, xmlNode *interface, GError **error)
{
    xmlNode *teaming = node_child(interface, "teaming");

    if (!is_type(interface, "hostdev") || !node_attr_yes(interface, "managed", FALSE))
        node_set_attr(interface, "managed", NULL);
    if (!normalise_source(n, interface, error) || !normalise_mac(interface, error) || !normalise_model(n, interface, error) ||
        !normalise_vlan(node_child(interface, "vlan"), error) || !normalise_virtualport(interface, error) ||
        !normalise_addresses(interface, "guest interface", error) || !normalise_port_forwards(interface, error) ||
        !normalise_tuning(interface, error))
        return FALSE;
    if (!(n->flags & DOMAIN_PARSE_LIVE))
        forget_generated_target(interface);
    if (!node_attr(teaming, "type"))
        node_remove(teaming);
    normalise_filter(interface);
    if (!n->is_test && !is_type(interface, "hostdev"))
        normalise_driver(interface);
    return n->is_test || check_interface(n, interface, error);
}

gboolean
interface_is_virtio(const xmlNode *interface)
{
    const char *model = node_child_attr(interface, "model", "type");

    return model && (strcmp(model, "virtio") == 0 || strcmp(model, "virtio-transitional") == 0 ||
                     strcmp(model, "virtio-non-transitional") == 0);
}

gboolean
normalise_interfaces(Normalise *n, GError **error)
{
    NODE_FOREACH(interface, n->devices, "interface")
        if (!normalise_interface(n, interface, error))
            return node_blame(interface, error);
    return TRUE;
}
