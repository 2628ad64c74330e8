/* Interfaces: the backend on the host and the card in the guest. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>
#include <unistd.h>

#include "util/error.h"

static gboolean
net_is_virtio(const xmlNode *interface)
{
    const char *model = node_child_attr(interface, "model", "type");

    return model && g_str_has_prefix(model, "virtio");
}

static guint
net_queues(const xmlNode *interface)
{
    guint64 queues = node_attr_uint(node_child(interface, "driver"), "queues", 1);

    return net_is_virtio(interface) ? (guint)CLAMP(queues, 1, 256) : 1;
}

/* --- backends -------------------------------------------------------------------------------------------- */

/* For people to run: QEMU opens the taps itself. Who wants one in a bridge puts it there. */
static void
net_name_tap(json_t *props, const xmlNode *interface)
{
    guint queues = net_queues(interface);

    props_str(props, "type", "tap");
    props_str(props, "ifname", node_child_attr(interface, "target", "dev"));
    props_str(props, "script", "no");
    props_str(props, "downscript", "no");
    if (queues > 1)
        props_uint(props, "queues", queues);
}

static void
net_add_taps(ArgvBuilder *b, json_t *props, const xmlNode *interface, const char *bridge)
{
    guint queues = net_queues(interface);
    g_autoptr(GString) numbers = g_string_new(NULL);
    const char *ifname = node_child_attr(interface, "target", "dev");

    if (b->host->by_name) {
        net_name_tap(props, interface);
        return;
    }
    for (guint i = 0; i < queues; i++) {
        QemuFd fd = {
            .kind = QEMU_FD_TAP,
            .ifname = g_strdup(ifname ? ifname : "vnet%d"),
            .bridge = g_strdup(bridge),
            .mac = g_strdup(node_child_attr(interface, "mac", "address")),
            .mtu = (guint)node_attr_uint(node_child(interface, "mtu"), "size", 0),
            .queue = i,
            .n_queues = queues,
            .vnet_header = net_is_virtio(interface),
            .alias = g_strdup(device_alias(interface)),
        };

        g_string_append_printf(numbers, "%s%d", i ? ":" : "", argv_add_fd(b, fd));
    }
    props_str(props, "type", "tap");
    props_str(props, queues > 1 ? "fds" : "fd", numbers->str);
    /* QEMU opens the device itself, once a queue. */
    if (b->kvm && net_is_virtio(interface) && !node_attr_is(node_child(interface, "driver"), "name", "qemu") &&
        access("/dev/vhost-net", R_OK | W_OK) == 0)
        props_bool(props, "vhost", TRUE);
    if (node_path(interface, "tune/sndbuf"))
        props_text_uint(props, "sndbuf", node_child(interface, "tune"), "sndbuf");
}

static gboolean
net_add_user(json_t *props, const xmlNode *interface, GError **error)
{
    if (node_attr_is(node_child(interface, "backend"), "type", "passt"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "the passt backend is not supported with this QEMU");
    props_str(props, "type", "user");
    NODE_FOREACH(ip, interface, "ip") {
        gboolean ipv6 = node_attr_is(ip, "family", "ipv6");
        const char *prefix = node_attr(ip, "prefix");
        g_autofree char *net = NULL;

        if (!node_attr(ip, "address"))
            continue;
        net = g_strdup_printf("%s/%s", node_attr(ip, "address"), prefix ? prefix : ipv6 ? "64" : "24");
        if (ipv6) {
            props_attr_str(props, "ipv6-prefix", ip, "address");
            props_uint(props, "ipv6-prefixlen", node_attr_uint(ip, "prefix", 64));
        } else {
            props_str(props, "net", net);
        }
    }
    return TRUE;
}

static char *
net_endpoint(const xmlNode *source)
{
    const char *address = node_attr(source, "address");
    const char *port = node_attr(source, "port");

    return g_strdup_printf("%s:%s", address ? address : "", port ? port : "0");
}

static gboolean
net_add_socket(json_t *props, const xmlNode *interface, const char *type)
{
    const xmlNode *source = node_child(interface, "source");
    g_autofree char *endpoint = net_endpoint(source);

    props_str(props, "type", "socket");
    if (g_str_equal(type, "server"))
        props_str(props, "listen", endpoint);
    else if (g_str_equal(type, "client"))
        props_str(props, "connect", endpoint);
    else if (g_str_equal(type, "mcast"))
        props_str(props, "mcast", endpoint);
    else {
        g_autofree char *local = net_endpoint(node_child(source, "local"));

        props_str(props, "udp", endpoint);
        props_str(props, "localaddr", local);
    }
    return TRUE;
}

static gboolean
net_add_vhostuser(ArgvBuilder *b, json_t *props, const xmlNode *interface, const char *alias)
{
    const xmlNode *source = node_child(interface, "source");
    const xmlNode *reconnect = node_child(source, "reconnect");
    g_autofree char *id = g_strconcat("char", alias, NULL);
    g_autoptr(GString) options = g_string_new("socket");

    argv_append(options, "id", id);
    argv_append(options, "path", node_attr(source, "path"));
    if (node_attr_is(source, "mode", "server"))
        g_string_append(options, ",server=on");
    else if (node_attr_yes(reconnect, "enabled", FALSE))
        argv_append(options, "reconnect", node_attr(reconnect, "timeout"));
    argv_add(b, "-chardev", options->str);
    props_str(props, "type", "vhost-user");
    props_str(props, "chardev", id);
    if (net_queues(interface) > 1)
        props_uint(props, "queues", net_queues(interface));
    return TRUE;
}

static gboolean
net_no_network(const xmlNode *interface, GError **error)
{
    const char *network = node_child_attr(interface, "source", "network");

    hv_throw(error, HV_ERR_NO_NETWORK, "no network with matching name '%s'", network ? network : "");
    hv_error_set_source(error, HV_FROM_NETWORK);
    return FALSE;
}

static gboolean
net_add_backend(ArgvBuilder *b, json_t *props, const xmlNode *interface, const char *alias, GError **error)
{
    const char *type = node_attr(interface, "type");

    if (!type)
        type = "";
    if (g_str_equal(type, "user"))
        return net_add_user(props, interface, error);
    if (g_str_equal(type, "vhostuser"))
        return net_add_vhostuser(b, props, interface, alias);
    if (g_str_equal(type, "server") || g_str_equal(type, "client") || g_str_equal(type, "mcast") ||
        g_str_equal(type, "udp"))
        return net_add_socket(props, interface, type);
    if (g_str_equal(type, "network") && !b->host->no_network_check)
        return net_no_network(interface, error);
    if (g_str_equal(type, "bridge") || g_str_equal(type, "ethernet") || g_str_equal(type, "network")) {
        net_add_taps(b, props, interface, node_child_attr(interface, "source", "bridge"));
        return TRUE;
    }
    if (b->host->no_network_check && g_str_equal(type, "direct")) {
        net_add_taps(b, props, interface, NULL);
        return TRUE;
    }
    return device_unsupported(error, "interface type", type);
}

/* --- cards ----------------------------------------------------------------------------------------------- */

static void
net_add_offloads(json_t *props, const xmlNode *driver)
{
    static const char *const options[][3] = {
        { "host", "csum", "csum" }, { "host", "gso", "gso" }, { "host", "tso4", "host_tso4" },
        { "host", "tso6", "host_tso6" }, { "host", "ecn", "host_ecn" }, { "host", "ufo", "host_ufo" },
        { "host", "mrg_rxbuf", "mrg_rxbuf" }, { "guest", "csum", "guest_csum" }, { "guest", "tso4", "guest_tso4" },
        { "guest", "tso6", "guest_tso6" }, { "guest", "ecn", "guest_ecn" }, { "guest", "ufo", "guest_ufo" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        props_attr_bool(props, options[i][2], node_child(driver, options[i][0]), options[i][1]);
}

static json_t *
net_props_virtio(const xmlNode *interface)
{
    const xmlNode *driver = node_child(interface, "driver");
    const char *txmode = node_attr(driver, "txmode");
    json_t *props = device_props_virtio(interface, "virtio-net");
    guint queues = net_queues(interface);

    if (txmode)
        props_str(props, "tx", g_str_equal(txmode, "iothread") ? "bh" : "timer");
    props_attr_bool(props, "ioeventfd", driver, "ioeventfd");
    props_attr_bool(props, "event_idx", driver, "event_idx");
    net_add_offloads(props, driver);
    if (queues > 1) {
        props_bool(props, "mq", TRUE);
        /* One each way for a queue, one for the configuration, one for control. */
        if (g_strcmp0(node_child_attr(interface, "address", "type"), "ccw") != 0)
            props_uint(props, "vectors", 2 * queues + 2);
    }
    props_attr_uint(props, "rx_queue_size", driver, "rx_queue_size");
    props_attr_uint(props, "tx_queue_size", driver, "tx_queue_size");
    props_attr_bool(props, "rss", driver, "rss");
    props_attr_bool(props, "hash", driver, "rss_hash_report");
    props_attr_uint(props, "host_mtu", node_child(interface, "mtu"), "size");
    if (node_attr_is(node_child(interface, "teaming"), "type", "persistent"))
        props_bool(props, "failover", TRUE);
    return props;
}

static json_t *
net_props(ArgvBuilder *b, const xmlNode *interface, GError **error)
{
    const char *model = node_child_attr(interface, "model", "type");

    if (net_is_virtio(interface))
        return net_props_virtio(interface);
    if (!model)
        model = "rtl8139";
    if (!device_need_model(b, model, error))
        return NULL;
    return device_props(model);
}

static gboolean
net_add(ArgvBuilder *b, const xmlNode *interface, GError **error)
{
    const char *alias = device_need_alias(interface, error);
    g_autofree char *host = g_strconcat("host", alias, NULL);
    json_t *backend, *props;

    if (!alias)
        return FALSE;
    backend = json_object();
    if (!net_add_backend(b, backend, interface, alias, error)) {
        json_decref(backend);
        return FALSE;
    }
    props_str(backend, "id", host);
    argv_add_json(b, "-netdev", backend);

    props = net_props(b, interface, error);
    if (!props)
        return FALSE;
    props_str(props, "netdev", host);
    props_str(props, "id", alias);
    props_str(props, "mac", node_child_attr(interface, "mac", "address"));
    if (!device_add_address(b, props, interface, error)) {
        json_decref(props);
        return FALSE;
    }
    device_add_rom(props, interface);
    device_add_boot(props, interface);
    if (b->boot_network && !node_child(interface, "boot"))
        props_uint(props, "bootindex", b->boot_network);
    b->boot_network = 0;
    argv_add_json(b, "-device", props);
    if (node_attr_is(node_child(interface, "link"), "state", "down"))
        argv_add_setup(b, "set_link", json_pack("{s:s,s:b}", "name", alias, "up", 0));
    return TRUE;
}

gboolean
argv_add_interfaces(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(interface, b->devices, "interface")
        /* A card of the host passed through has no backend; it comes with the host devices. */
        if (!node_attr_is(interface, "type", "hostdev") && !net_add(b, interface, error))
            return FALSE;
    return TRUE;
}
