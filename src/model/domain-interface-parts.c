/* Parts of an interface that have rules of their own: VLANs, virtual ports, bandwidth, addresses and routes. */
#include "model/normalise.h"

#include <arpa/inet.h>
#include <string.h>

#include "util/error.h"
#include "util/sizes.h"
#include "util/uuid.h"

gboolean
normalise_vlan(xmlNode *vlan, GError **error)
{
    const char *trunk = node_attr(vlan, "trunk");
    guint tags = 0, native = 0;

    if (!vlan)
        return TRUE;
    NODE_FOREACH(tag, vlan, "tag") {
        guint64 id = node_attr_uint(tag, "id", 0);

        if (id > 4095)
            return node_throw(tag, error, HV_ERR_XML_ERROR, "vlan tag id %" G_GUINT64_FORMAT " too large (maximum 4095)", id);
        native += node_attr(tag, "nativeMode") != NULL;
        tags++;
    }
    if (tags == 0)
        return node_throw(vlan, error, HV_ERR_XML_ERROR,
                          "missing tag id - each <vlan> must have at least one <tag id='n'/> subelement");
    if (native > 1)
        return node_throw(vlan, error, HV_ERR_XML_ERROR, "duplicate native vlan setting");
    if (trunk && strcmp(trunk, "yes") != 0 && strcmp(trunk, "no") != 0)
        return node_throw(vlan, error, HV_ERR_XML_ERROR, "invalid \"trunk='%s'\" in <vlan> - must be yes or no", trunk);
    if (trunk && strcmp(trunk, "no") == 0) {
        if (tags > 1)
            return node_throw(vlan, error, HV_ERR_XML_ERROR,
                              "invalid \"trunk='%s'\" in <vlan> - trunk='yes' is required for more than one vlan tag", trunk);
        node_set_attr(vlan, "trunk", NULL);
    }
    if (tags > 1)
        node_set_attr(vlan, "trunk", "yes");
    return TRUE;
}

/* --- virtual ports ------------------------------------------------------------------------------ */

/* Longest profile with its NUL, as the kernel takes it (PORT_PROFILE_MAX of if_link.h). */
#define PROFILE_MAX 40

typedef enum { PORT_QBG = 1 << 0, PORT_QBH = 1 << 1, PORT_OVS = 1 << 2, PORT_MIDONET = 1 << 3 } PortTypes;

static const struct {
    const char *name;
    PortTypes type;
} port_types[] = { { "802.1Qbg", PORT_QBG }, { "802.1Qbh", PORT_QBH }, { "openvswitch", PORT_OVS }, { "midonet", PORT_MIDONET } };

/* Parameters in the order in which they are looked at: who may have them, who must, and whose are made up. */
static const struct {
    const char *name;
    PortTypes allowed, required, generated;
    guint maximum;              /* of a number; 0: no number */
    gboolean uuid;
} port_parameters[] = {
    { "managerid", PORT_QBG, PORT_QBG, 0, 0xff, FALSE },
    { "typeid", PORT_QBG, PORT_QBG, 0, 0xffffff, FALSE },
    { "typeidversion", PORT_QBG, PORT_QBG, 0, 0xff, FALSE },
    { "instanceid", PORT_QBG, 0, PORT_QBG, 0, TRUE },
    { "profileid", PORT_QBH | PORT_OVS, PORT_QBH, 0, 0, FALSE },
    { "interfaceid", PORT_OVS | PORT_MIDONET, PORT_MIDONET, PORT_OVS, 0, TRUE },
};

static gboolean
normalise_port_parameter(xmlNode *parameters, gsize i, GError **error)
{
    const char *name = port_parameters[i].name, *text = node_attr(parameters, name);
    guint64 number;

    if (!text)
        return TRUE;
    if (port_parameters[i].uuid) {
        g_autofree char *uuid = uuid_canonical(text);

        if (!uuid)
            return hv_throw(error, HV_ERR_XML_ERROR, "cannot parse %s parameter as a uuid", name) ||
                   node_expect(parameters, error, "a UUID as '%s'", name);
        node_set_attr(parameters, name, uuid);
    } else if (port_parameters[i].maximum) {
        char *end;

        number = g_ascii_strtoull(text, &end, 0);
        if (!g_ascii_isdigit(*text) || *end || number > G_MAXUINT)
            return hv_throw(error, HV_ERR_XML_ERROR, "cannot parse value of %s parameter", name) ||
                   node_expect(parameters, error, "a number as '%s'", name);
        if (number > port_parameters[i].maximum)
            return node_throw(parameters, error, HV_ERR_XML_ERROR, strcmp(name, "typeid") == 0 ? "value for %s out of range"
                                                                                : "value of %s out of range", name);
        node_set_attrf(parameters, name, "%u", (guint)number);
    } else if (strlen(text) >= PROFILE_MAX) {
        return node_throw(parameters, error, HV_ERR_XML_ERROR, "%s parameter too long", name);
    }
    return TRUE;
}

gboolean
normalise_virtualport(xmlNode *interface, GError **error)
{
    xmlNode *port = node_child(interface, "virtualport"), *parameters;
    const char *name = node_attr(port, "type");
    gboolean network = node_attr_is(interface, "type", "network");
    PortTypes type = 0;

    if (!port)
        return TRUE;
    if (!name && !network)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing required virtualport type") ||
               node_expect(interface, error, "'type' of <virtualport>");
    for (gsize i = 0; name && i < G_N_ELEMENTS(port_types); i++)
        if (strcmp(name, port_types[i].name) == 0)
            type = port_types[i].type;
    if (name && !type)
        return node_throw(interface, error, HV_ERR_CONFIG_UNSUPPORTED, "unknown virtualport type %s", name);
    /* Without a type, which the network then has, anything may be said. */
    if (!name)
        type = ~(PortTypes)0;
    parameters = domain_ensure_child(port, "parameters");
    for (gsize i = 0; i < G_N_ELEMENTS(port_parameters); i++)
        if (!normalise_port_parameter(parameters, i, error))
            return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(port_parameters); i++)
        if (node_attr(parameters, port_parameters[i].name) && !(port_parameters[i].allowed & type))
            return node_throw(interface, error, HV_ERR_XML_ERROR, "extra %s unsupported in <virtualport type='%s'>",
                              port_parameters[i].name, name);
    for (gsize i = 0; i < G_N_ELEMENTS(port_parameters); i++) {
        char fresh[UUID_TEXT];

        if (node_attr(parameters, port_parameters[i].name))
            continue;
        if (port_parameters[i].generated & type) {
            uuid_generate(fresh);
            node_set_attr(parameters, port_parameters[i].name, fresh);
        } else if (!network && (port_parameters[i].required & type)) {
            return node_throw(interface, error, HV_ERR_XML_ERROR, "missing %s in <virtualport type='%s'>", port_parameters[i].name,
                              name);
        }
    }
    return TRUE;
}

/* --- bandwidth ------------------------------------------------------------------------------------ */

static gboolean
normalise_rates(xmlNode *direction, gboolean inbound, GError **error)
{
    static const char *const rates[] = { "average", "peak", "burst", "floor" };

    if (!inbound && node_attr(direction, "floor"))
        return node_throw(direction, error, HV_ERR_CONFIG_UNSUPPORTED, "'floor' attribute allowed only in <inbound> element");
    if (!node_attr(direction, "average") && !node_attr(direction, "floor"))
        return hv_throw(error, HV_ERR_XML_DETAIL, "Missing mandatory average or floor attributes") ||
               node_expect(direction, error, "'average' or 'floor'");
    if ((node_attr(direction, "peak") || node_attr(direction, "burst")) && !node_attr(direction, "average"))
        return node_throw(direction, error, HV_ERR_XML_DETAIL, "'peak' and 'burst' require 'average' attribute");
    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        const char *text = node_attr(direction, rates[i]);
        guint64 rate;

        if (text && !uint_parse(text, 0, G_MAXUINT64, &rate))
            return node_throw(direction, error, HV_ERR_CONFIG_UNSUPPORTED, "could not convert bandwidth %s value '%s'", rates[i],
                              text);
        if (text && rate == 0)
            node_set_attr(direction, rates[i], NULL);
    }
    if (!node_attr(direction, "average") && !node_attr(direction, "floor"))
        node_remove(direction);
    return TRUE;
}

gboolean
normalise_bandwidth(xmlNode *bandwidth, GError **error)
{
    static const char *const directions[] = { "inbound", "outbound" };

    for (gsize i = 0; bandwidth && i < G_N_ELEMENTS(directions); i++) {
        if (node_count(bandwidth, directions[i]) > 1)
            return node_throw(bandwidth, error, HV_ERR_XML_DETAIL, "Only one child <%s> element allowed", directions[i]);
        if (node_child(bandwidth, directions[i]) && !normalise_rates(node_child(bandwidth, directions[i]), i == 0, error))
            return FALSE;
    }
    return TRUE;
}

/* --- addresses ------------------------------------------------------------------------------------ */

/* As getaddrinfo() reads numbers: "172.17.2" is an address too. @family AF_UNSPEC takes either. The canonical text, or
 * NULL. @bytes, if not NULL, gets the address. */
static char *
address_canonical(const char *text, int family, int *found, guint8 *bytes)
{
    char canonical[INET6_ADDRSTRLEN];
    guint8 raw[16];

    if (family != AF_INET && inet_pton(AF_INET6, text, raw) == 1) {
        *found = AF_INET6;
    } else if (family != AF_INET6 && *text && !text[strspn(text, "0123456789abcdefABCDEFxX.")] &&
               inet_aton(text, (struct in_addr *)raw)) {
        *found = AF_INET;
    } else {
        return NULL;
    }
    if (bytes)
        memcpy(bytes, raw, *found == AF_INET ? 4 : 16);
    return g_strdup(inet_ntop(*found, raw, canonical, sizeof canonical));
}

static int
family_of(const char *name)
{
    return g_strcmp0(name, "ipv4") == 0 ? AF_INET : g_strcmp0(name, "ipv6") == 0 ? AF_INET6 : AF_UNSPEC;
}

static gboolean
normalise_ip(xmlNode *ip, GError **error)
{
    const char *text = node_attr(ip, "address"), *prefix = node_attr(ip, "prefix"), *peer = node_attr(ip, "peer");
    g_autofree char *address = NULL, *other = NULL;
    int family;
    guint64 bits = 0;

    if (!text)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required address in <ip>") ||
               node_expect(ip, error, "'address'");
    address = address_canonical(text, family_of(node_attr(ip, "family")), &family, NULL);
    if (!address)
        return node_throw(ip, error, HV_ERR_XML_ERROR, "Invalid address '%s' in <ip>", text);
    if (prefix && !uint_parse(prefix, 0, family == AF_INET ? 32 : 128, &bits))
        return node_throw(ip, error, HV_ERR_XML_ERROR, "Invalid prefix value '%s' in <ip>", prefix);
    other = peer ? address_canonical(peer, AF_UNSPEC, &family, NULL) : NULL;
    if (peer && !other)
        return node_throw(ip, error, HV_ERR_INVALID_ARG, "Invalid peer '%s' in <ip>", peer);
    node_set_attr(ip, "address", address);
    node_set_attr(ip, "family", strchr(address, ':') ? "ipv6" : "ipv4");
    if (bits == 0)
        node_set_attr(ip, "prefix", NULL);
    node_set_attr(ip, "peer", other);
    return TRUE;
}

/* Whether all bits behind the first @prefix ones are clear. */
static gboolean
is_network(const guint8 *bytes, guint prefix, guint bits)
{
    for (guint bit = prefix; bit < bits; bit++)
        if (bytes[bit / 8] & (0x80 >> bit % 8))
            return FALSE;
    return TRUE;
}

static gboolean
route_address(const xmlNode *route, const char *which, const char *where, guint8 *bytes, char **canonical, GError **error)
{
    const char *name = node_attr(route, "family"), *text = node_attr(route, which);
    int wanted = family_of(name) == AF_UNSPEC ? AF_INET : family_of(name), family;

    *canonical = address_canonical(text, AF_UNSPEC, &family, bytes);
    if (!*canonical)
        return node_throw(route, error, HV_ERR_XML_ERROR, "%s: Bad network %s '%s' in route definition", where, which, text);
    if (family == wanted)
        return TRUE;
    /* libvirt names the address in both cases. */
    if (!name)
        return node_throw(route, error, HV_ERR_XML_ERROR, "%s: No family specified for non-IPv4 %s '%s' in route definition",
                          where, which,
                          node_attr(route, "address"));
    return node_throw(route, error, HV_ERR_XML_ERROR, "%s: %s family specified for non-%s %s '%s' in route definition", where, name,
                      wanted == AF_INET ? "IPv4" : "IPv6", which, node_attr(route, "address"));
}

static gboolean
normalise_route(xmlNode *route, const char *where, GError **error)
{
    const char *family = node_attr(route, "family"), *prefix = node_attr(route, "prefix"), *netmask = node_attr(route, "netmask");
    g_autofree char *address = NULL, *gateway = NULL;
    guint8 bytes[16], mask[16];
    guint limit, bits;
    guint64 number = 0;

    if (!node_attr(route, "address"))
        return hv_throw(error, HV_ERR_XML_ERROR, "%s: Missing required address attribute in route definition", where) ||
               node_expect(route, error, "'address'");
    if (!node_attr(route, "gateway"))
        return hv_throw(error, HV_ERR_XML_ERROR, "%s: Missing required gateway attribute in route definition", where) ||
               node_expect(route, error, "'gateway'");
    if (family && family_of(family) == AF_UNSPEC)
        return node_throw(route, error, HV_ERR_XML_ERROR, "%s: Unrecognized family '%s' in route definition", where, family);
    if (!route_address(route, "address", where, bytes, &address, error) ||
        !route_address(route, "gateway", where, NULL, &gateway, error))
        return FALSE;
    limit = family_of(family) == AF_INET6 ? 128 : 32;
    if (netmask && prefix)
        return node_throw(route, error, HV_ERR_XML_ERROR, "%s: Route definition cannot have both a prefix and a netmask", where);
    if (netmask && limit == 128)
        return node_throw(route, error, HV_ERR_XML_ERROR,
                          "%s: Specifying netmask invalid for IPv6 address '%s' in route definition", where,
                          address);
    if (prefix && !uint_parse(prefix, 0, G_MAXUINT, &number))
        return hv_throw(error, HV_ERR_XML_ERROR,
                        "Invalid value for attribute 'prefix' in element 'route': '%s'. Expected non-negative integer value",
                        prefix) ||
               node_expect(route, error, "a non-negative integer as 'prefix'");
    if (number > limit)
        return node_throw(route, error, HV_ERR_XML_ERROR, "%s: Invalid prefix %u specified in route definition, must be 0 - %u",
                          where,
                          (guint)number, limit);
    bits = (guint)number;
    if (netmask && inet_pton(AF_INET, netmask, mask) != 1)
        return node_throw(route, error, HV_ERR_XML_ERROR, "%s: Bad netmask address '%s' in route definition", where, netmask);
    for (bits = netmask ? 0 : bits; netmask && bits < 32 && (mask[bits / 8] & (0x80 >> bits % 8));)
        bits++;
    if ((prefix || netmask) && !is_network(bytes, bits, limit))
        return node_throw(route, error, HV_ERR_XML_ERROR, "%s: Address '%s' in route definition is not a network address", where,
                          address);
    node_set_attr(route, "address", address);
    node_set_attr(route, "gateway", gateway);
    return TRUE;
}

gboolean
normalise_addresses(xmlNode *parent, const char *where, GError **error)
{
    NODE_FOREACH(ip, parent, "ip")
        if (!normalise_ip(ip, error))
            return node_blame(ip, error);
    NODE_FOREACH(route, parent, "route")
        if (!normalise_route(route, where, error))
            return node_blame(route, error);
    return TRUE;
}

gboolean
normalise_port_forwards(xmlNode *interface, GError **error)
{
    NODE_FOREACH(forward, interface, "portForward") {
        const char *text = node_attr(forward, "address");
        g_autofree char *address = NULL;
        int family;

        if (!text)
            continue;
        address = address_canonical(text, AF_UNSPEC, &family, NULL);
        if (!address)
            return node_throw(forward, error, HV_ERR_XML_ERROR, "Invalid address '%s' in <portForward>", text);
        node_set_attr(forward, "address", address);
    }
    return TRUE;
}
