/* Interfaces: the backend on the host and the card in the guest. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <net/if.h>
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
    gboolean direct = node_attr_is(interface, "type", "direct"), ethernet = node_attr_is(interface, "type", "ethernet");
    g_autoptr(GString) numbers = g_string_new(NULL);
    const char *ifname = node_child_attr(interface, "target", "dev");

    if (b->host->by_name) {
        net_name_tap(props, interface);
        return;
    }
    for (guint i = 0; i < queues; i++) {
        QemuFd fd = {
            .kind = QEMU_FD_TAP,
            .ifname = g_strdup(ifname ? ifname : direct ? NULL : "vnet%d"),
            .bridge = g_strdup(bridge),
            .lower = g_strdup(direct ? node_child_attr(interface, "source", "dev") : NULL),
            .mode = g_strdup(direct ? node_child_attr(interface, "source", "mode") : NULL),
            .script = g_strdup(ethernet ? node_child_attr(interface, "script", "path") : NULL),
            .downscript = g_strdup(ethernet ? node_child_attr(interface, "downscript", "path") : NULL),
            .unmanaged = node_attr_is(node_child(interface, "target"), "managed", "no"),
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

/* passt has the user's own network, and QEMU a socket to it. */
static void
net_add_passt(ArgvBuilder *b, json_t *props, const xmlNode *interface, const char *alias)
{
    props_str(props, "type", "stream");
    if (b->host->by_name) {
        g_autofree char *path = g_strdup_printf("%s/%s-passt.socket", b->host->state_dir ? b->host->state_dir : "", alias);

        json_object_set_new(props, "addr", json_pack("{s:s,s:s}", "type", "unix", "path", path));
    } else {
        QemuFd fd = { .kind = QEMU_FD_HELPER, .alias = g_strdup(alias) };
        g_autofree char *number = g_strdup_printf("%d", argv_add_fd(b, fd));

        json_object_set_new(props, "addr", json_pack("{s:s,s:s}", "type", "fd", "str", number));
        passt_add_helper(b, interface);
    }
    props_bool(props, "server", FALSE);
}

static void
net_add_user(json_t *props, const xmlNode *interface)
{
    props_str(props, "type", "user");
    NODE_FOREACH(ip, interface, "ip") {
        const char *address = node_attr(ip, "address"), *prefix = node_attr(ip, "prefix");

        if (!address)
            continue;
        if (node_attr_is(ip, "family", "ipv6")) {
            props_str(props, "ipv6-prefix", address);
            props_attr_uint(props, "ipv6-prefixlen", ip, "prefix");
        } else {
            g_autofree char *net = g_strdup_printf("%s%s%s", address, prefix ? "/" : "", prefix ? prefix : "");

            props_str(props, "net", net);
        }
    }
}

static char *
net_endpoint(const xmlNode *source)
{
    const char *address = node_attr(source, "address");
    const char *port = node_attr(source, "port");

    return g_strdup_printf("%s:%s", address ? address : "", port ? port : "0");
}

static void
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
}

static void
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
    else if (reconnect)
        argv_append(options, "reconnect", node_attr_yes(reconnect, "enabled", FALSE) ? node_attr(reconnect, "timeout") : "0");
    argv_add(b, "-chardev", options->str);
    props_str(props, "type", "vhost-user");
    props_str(props, "chardev", id);
    if (net_queues(interface) > 1)
        props_uint(props, "queues", net_queues(interface));
}

static gboolean
net_no_network(const xmlNode *interface, GError **error)
{
    const char *network = node_child_attr(interface, "source", "network");

    hv_throw(error, HV_ERR_NO_NETWORK, "no network with matching name '%s'", network ? network : "");
    hv_error_set_source(error, HV_FROM_NETWORK);
    return FALSE;
}

/* A device node that QEMU gets opened, so that it needs no right to it. */
static void
net_add_vdpa(ArgvBuilder *b, json_t *props, const xmlNode *interface, const char *alias)
{
    const char *path = node_child_attr(interface, "source", "dev");

    props_str(props, "type", "vhost-vdpa");
    if (b->host->by_name) {
        props_str(props, "vhostdev", path);
    } else {
        QemuFd fd = { .kind = QEMU_FD_DEVICE, .path = g_strdup(path), .alias = g_strdup(alias) };
        int set = (int)b->n_fdsets++;
        g_autofree char *name = g_strdup_printf("/dev/fdset/%d", set);

        argv_addf(b, "-add-fd", "set=%d,fd=%d,opaque=%s", set, argv_add_fd(b, fd), path);
        props_str(props, "vhostdev", name);
    }
    if (net_queues(interface) > 1)
        props_uint(props, "queues", net_queues(interface));
}

static gboolean
net_check_unmanaged(const xmlNode *interface, GError **error)
{
    const char *dev = node_child_attr(interface, "target", "dev");

    if (!node_attr_is(node_child(interface, "target"), "managed", "no"))
        return TRUE;
    if (!dev)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "target dev must be supplied when managed='no'");
    if (!if_nametoindex(dev))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "target managed='no' but specified dev doesn't exist");
    return TRUE;
}

/* What only some kinds of backends can do is refused when the guest starts. */
static gboolean
net_check_backend(const xmlNode *interface, const char *type, GError **error)
{
    static const char *const taps[] = { "network", "bridge", "direct", "ethernet", NULL };
    const char *mac = node_child_attr(interface, "mac", "address");
    gboolean tap = g_strv_contains(taps, type);

    if (node_attr_uint(node_child(interface, "driver"), "queues", 0) > 1 && !tap && !g_str_equal(type, "vhostuser") &&
        !g_str_equal(type, "vdpa"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "interface %s - multiqueue is not supported for network interfaces of type %s", mac, type);
    if (node_child_attr(interface, "backend", "tap") && !tap)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "interface %s - custom tap device path is not supported for network interfaces of type %s", mac, type);
    return net_check_unmanaged(interface, error);
}

static gboolean
net_add_backend(ArgvBuilder *b, json_t *props, const xmlNode *interface, const char *alias, GError **error)
{
    const char *type = node_attr(interface, "type") ? node_attr(interface, "type") : "";

    if (!b->host->by_name && !net_check_backend(interface, type, error))
        return FALSE;
    if (g_str_equal(type, "network") && !b->host->no_network_check)
        return net_no_network(interface, error);
    if (g_str_equal(type, "user") && node_attr_is(node_child(interface, "backend"), "type", "passt"))
        net_add_passt(b, props, interface, alias);
    else if (g_str_equal(type, "user"))
        net_add_user(props, interface);
    else if (g_str_equal(type, "vhostuser"))
        net_add_vhostuser(b, props, interface, alias);
    else if (g_str_equal(type, "server") || g_str_equal(type, "client") || g_str_equal(type, "mcast") ||
             g_str_equal(type, "udp"))
        net_add_socket(props, interface, type);
    else if (g_str_equal(type, "vdpa"))
        net_add_vdpa(b, props, interface, alias);
    else if (g_str_equal(type, "bridge") || g_str_equal(type, "ethernet") || g_str_equal(type, "network") ||
             g_str_equal(type, "direct"))
        net_add_taps(b, props, interface, g_str_equal(type, "direct") ? NULL : node_child_attr(interface, "source", "bridge"));
    /* libvirt shows a tap here too; its start of these ends in an error or worse. */
    else if (b->host->by_name)
        net_add_taps(b, props, interface, NULL);
    else
        return device_unsupported(error, "interface type", type);
    return TRUE;
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
    if (!b->host->by_name && !device_need_model(b, model, error))
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
