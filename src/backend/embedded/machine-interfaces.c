/* The interfaces of a guest on the host: their devices, and what is set on those. */
#include "config.h"

#include <net/if.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/machine-start-private.h"
#include "backend/qemu/tap.h"
#include "util/error.h"
#include "util/macvtap.h"
#include "util/process.h"

/* --- what cannot be done ---------------------------------------------------------------------------------- */

static gboolean
check_interface(const xmlNode *interface, GError **error)
{
    static const char *const filtered[] = { "network", "bridge", "ethernet", NULL };
    const char *type = node_attr(interface, "type"), *port = node_child_attr(interface, "virtualport", "type");
    const char *mac = node_child_attr(interface, "mac", "address"), *filter = node_child_attr(interface, "filterref", "filter");
    const char *name = node_child_attr(interface, "target", "dev"), *bridge = node_child_attr(interface, "source", "bridge");

    if (filter && g_strv_contains(filtered, type))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "referenced filter '%s' is missing", filter);
    if (bridge && g_strcmp0(port, "openvswitch") == 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to add port %s to OVS bridge %s", name ? name : mac, bridge);
    if (port && g_strcmp0(type, "direct") == 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "sending of PortProfileRequest failed.");
    if (port)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "interface %s - virtual ports of type '%s' are not supported", mac, port);
    if (node_child(interface, "vlan"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "interface %s - vlan tag not supported for this connection type", mac);
    return TRUE;
}

gboolean
machine_qemu_check_interfaces(const xmlDoc *live, GError **error)
{
    for (xmlNode *dev = NULL; (dev = domain_next_device(live, dev, "interface"));)
        if (!check_interface(dev, error))
            return FALSE;
    return TRUE;
}

/* --- settings --------------------------------------------------------------------------------------------- */

/* How long a program may take over an interface. */
#define PROGRAM_TIMEOUT_MS 30000

static gboolean
run_program(const char *const *argv, GError **error)
{
    ProcessRun run = { .argv = argv, .timeout_ms = PROGRAM_TIMEOUT_MS };

    return process_run_checked(&run, NULL, error);
}

/* One tc command. */
#define TC(...) run_program((const char *const[]){ "tc", __VA_ARGS__, NULL }, error)
/* Bytes of a full frame: what libvirt's quantum of a class of HTB is reckoned by. */
#define FRAME 1500

/* What the host sends through the device is shaped: a class with a rate, a ceiling and a burst. */
static gboolean
shape(const char *ifname, const xmlNode *rates, GError **error)
{
    guint64 average = node_attr_uint(rates, "average", 0), quantum = average * 1024 / 8 / FRAME;
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    static const char *const limits[][3] = { { "peak", "ceil", "kbps" }, { "burst", "burst", "kb" } };
    const char *const fixed[] = { "tc", "class", "add", "dev", ifname, "parent", "1:", "classid", "1:1", "htb", "rate" };

    for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_ptr_array_add(argv, g_strdup(fixed[i]));
    g_ptr_array_add(argv, g_strdup_printf("%" G_GUINT64_FORMAT "kbps", average));
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
        if (!node_attr(rates, limits[i][0]))
            continue;
        g_ptr_array_add(argv, g_strdup(limits[i][1]));
        g_ptr_array_add(argv, g_strconcat(node_attr(rates, limits[i][0]), limits[i][2], NULL));
    }
    g_ptr_array_add(argv, g_strdup("quantum"));
    g_ptr_array_add(argv, g_strdup_printf("%" G_GUINT64_FORMAT, MAX(quantum, 1)));
    g_ptr_array_add(argv, NULL);
    return TC("qdisc", "add", "dev", ifname, "root", "handle", "1:", "htb", "default", "1") &&
           run_program((const char *const *)argv->pdata, error) &&
           TC("qdisc", "add", "dev", ifname, "parent", "1:1", "handle", "2:", "sfq", "perturb", "10") &&
           TC("filter", "add", "dev", ifname, "parent", "1:0", "protocol", "all", "prio", "1", "handle", "1", "fw", "flowid", "1");
}

/* What comes in through it is dropped above its rate. */
static gboolean
police(const char *ifname, const xmlNode *rates, GError **error)
{
    const char *average = node_attr(rates, "average"), *burst = node_attr(rates, "burst");
    g_autofree char *rate = g_strconcat(average, "kbps", NULL);
    g_autofree char *most = g_strconcat(burst ? burst : average, "kb", NULL);

    return TC("qdisc", "add", "dev", ifname, "ingress") &&
           TC("filter", "add", "dev", ifname, "parent", "ffff:", "protocol", "all", "u32", "match", "u32", "0", "0", "police",
              "rate", rate, "burst", most, "mtu", "64kb", "drop", "flowid", ":1");
}

/* A tap is the other end of the guest's cable: what the guest receives is what the host sends. A macvtap is the guest's own
 * view. */
static gboolean
set_bandwidth(const char *ifname, const xmlNode *interface, gboolean tap, GError **error)
{
    const xmlNode *bandwidth = node_child(interface, "bandwidth");
    const xmlNode *inbound = node_child(bandwidth, "inbound"), *outbound = node_child(bandwidth, "outbound");
    const xmlNode *sent = tap ? inbound : outbound, *received = tap ? outbound : inbound;

    return (!node_attr(sent, "average") || shape(ifname, sent, error)) &&
           (!node_attr(received, "average") || police(ifname, received, error));
}

/* Frames that may wait before the host is told of them. */
static gboolean
set_coalesce(const char *ifname, const xmlNode *interface, GError **error)
{
    const xmlNode *frames = node_path(interface, "coalesce/rx/frames");
    struct ethtool_coalesce settings = { .cmd = ETHTOOL_GCOALESCE };
    struct ifreq request = { .ifr_data = (char *)&settings };
    hv_autofd int fd = -1;

    if (!node_attr(frames, "max"))
        return TRUE;
    g_strlcpy(request.ifr_name, ifname, IFNAMSIZ);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request) < 0)
        return hv_throw_errno(error, errno, "Cannot get coalesce info on '%s'", ifname);
    settings.cmd = ETHTOOL_SCOALESCE;
    settings.rx_max_coalesced_frames = (guint32)node_attr_uint(frames, "max", 0);
    if (ioctl(fd, SIOCETHTOOL, &request) < 0)
        return hv_throw_errno(error, errno, "Cannot set coalesce info on '%s'", ifname);
    return TRUE;
}

/* A port that sees the bridge itself and no other isolated port. */
static gboolean
set_isolated(const char *ifname, const xmlNode *interface, GError **error)
{
    g_autofree char *path = g_strdup_printf("/sys/class/net/%s/brport/isolated", ifname);
    hv_autofd int fd = -1;

    if (!node_attr_yes(node_child(interface, "port"), "isolated", FALSE))
        return TRUE;
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "1", 1) != 1)
        return hv_throw_errno(error, errno, "Unable to set bridge %s port %s isolated", node_child_attr(interface, "source", "bridge"),
                              ifname);
    return TRUE;
}

/* --- devices ---------------------------------------------------------------------------------------------- */

static xmlNode *
find_interface(const Starting *starting, const char *alias)
{
    for (xmlNode *dev = NULL; (dev = domain_next_device(starting->start->live, dev, "interface"));)
        if (g_strcmp0(device_alias(dev), alias) == 0)
            return dev;
    return NULL;
}

gboolean
machine_qemu_open_interface(Starting *starting, const QemuFd *wanted, GError **error)
{
    xmlNode *interface = find_interface(starting, wanted->alias);
    guint queues = MAX(1, wanted->n_queues);
    TapRequest request = {
        .ifname = wanted->ifname,
        .bridge = wanted->bridge,
        .mac = wanted->mac,
        .mtu = wanted->mtu,
        .queues = queues,
        .vnet_header = wanted->vnet_header,
        .unmanaged = wanted->unmanaged,
    };
    MacvtapRequest macvtap = {
        .lower = wanted->lower,
        .mode = wanted->mode,
        .ifname = wanted->ifname,
        .mac = wanted->mac,
        .queues = queues,
        .vnet_header = wanted->vnet_header,
    };
    g_autofree int *fds = g_new(int, queues);
    g_autofree char *ifname = NULL;

    if (wanted->lower ? !macvtap_open(&macvtap, fds, &ifname, error) : !tap_open(&request, fds, &ifname, error))
        return FALSE;
    for (guint i = 0; i < queues; i++)
        starting_pass_fd(starting, fds[i], wanted[i].number);
    if (interface)
        node_set_attr(domain_ensure_child(interface, "target"), "dev", ifname);
    if (wanted->lower)
        g_ptr_array_add(starting->launch->release.taps, g_strdup(ifname));
    if (wanted->downscript)
        g_ptr_array_add(starting->launch->release.hooks, g_strdupv((char *[]){ wanted->downscript, ifname, NULL }));
    return set_bandwidth(ifname, interface, !wanted->lower, error) && set_coalesce(ifname, interface, error) &&
           set_isolated(ifname, interface, error) &&
           (!wanted->script || run_program((const char *const[]){ wanted->script, ifname, NULL }, error));
}

