#include "config.h"

#include "util/macvtap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/error.h"
#include "util/process.h"

/* How long udev may take to make the character device. */
#define DEVICE_TIMEOUT_MS 5000
#define DEVICE_POLL_MS 5
/* Names that are tried for a device that is given none. */
#define MAX_NAMES 8192

static const struct {
    const char *name;
    guint32 mode;
} modes[] = {
    { "vepa", MACVLAN_MODE_VEPA },
    { "private", MACVLAN_MODE_PRIVATE },
    { "bridge", MACVLAN_MODE_BRIDGE },
    { "passthrough", MACVLAN_MODE_PASSTHRU },
};

/* --- rtnetlink --------------------------------------------------------------------------------------- */

typedef struct {
    struct nlmsghdr header;
    struct ifinfomsg info;
    char attributes[512];
} LinkMessage;

static void
message_init(LinkMessage *message, guint16 type, guint16 flags)
{
    memset(message, 0, sizeof(*message));
    message->header.nlmsg_len = NLMSG_LENGTH(sizeof(message->info));
    message->header.nlmsg_type = type;
    message->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

/* Appends an attribute; what the callers put in fits. The result lets an attribute with others in it be closed. */
static struct rtattr *
message_add(LinkMessage *message, guint16 type, const void *data, gsize len)
{
    struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->header.nlmsg_len));

    attribute->rta_type = type;
    attribute->rta_len = (guint16)RTA_LENGTH(len);
    if (len)
        memcpy(RTA_DATA(attribute), data, len);
    message->header.nlmsg_len = (guint32)(NLMSG_ALIGN(message->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
    return attribute;
}

static void
message_close(const LinkMessage *message, struct rtattr *outer)
{
    outer->rta_len = (guint16)((const char *)message + message->header.nlmsg_len - (const char *)outer);
}

/* Sends @message and waits for the kernel's answer: 0 or an errno. */
static int
message_send(const LinkMessage *message)
{
    hv_autofd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    struct pollfd ready = { .events = POLLIN };
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[4096];
    } answer;
    ssize_t len;

    if (fd < 0)
        return errno;
    if (sendto(fd, message, message->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
        return errno;
    ready.fd = fd;
    if (poll(&ready, 1, DEVICE_TIMEOUT_MS) != 1)
        return ETIMEDOUT;
    len = recv(fd, &answer, sizeof(answer), 0);
    if (len < 0)
        return errno;
    if ((gsize)len < sizeof(answer.header) + sizeof(answer.error) || answer.header.nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return -answer.error.error;
}

/* --- the device ----------------------------------------------------------------------------------------- */

static int
link_create(const MacvtapRequest *request, guint lower, guint32 mode, const char *ifname, const guint8 mac[6])
{
    LinkMessage message;
    struct rtattr *info, *data;
    guint32 index = lower;

    message_init(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
    message_add(&message, IFLA_LINK, &index, sizeof(index));
    message_add(&message, IFLA_IFNAME, ifname, strlen(ifname) + 1);
    if (request->mac)
        message_add(&message, IFLA_ADDRESS, mac, 6);
    info = message_add(&message, IFLA_LINKINFO, NULL, 0);
    message_add(&message, IFLA_INFO_KIND, "macvtap", strlen("macvtap"));
    data = message_add(&message, IFLA_INFO_DATA, NULL, 0);
    message_add(&message, IFLA_MACVLAN_MODE, &mode, sizeof(mode));
    message_close(&message, data);
    message_close(&message, info);
    return message_send(&message);
}

static int
link_set_up(guint index)
{
    LinkMessage message;

    message_init(&message, RTM_NEWLINK, 0);
    message.info.ifi_index = (int)index;
    message.info.ifi_flags = IFF_UP;
    message.info.ifi_change = IFF_UP;
    return message_send(&message);
}

static int
link_delete(guint index)
{
    LinkMessage message;

    message_init(&message, RTM_DELLINK, 0);
    message.info.ifi_index = (int)index;
    return message_send(&message);
}

/* Under the wanted name, or under the first "macvtapN" that nobody has. */
static gboolean
link_create_named(const MacvtapRequest *request, guint32 mode, char name[IFNAMSIZ], GError **error)
{
    guint lower = if_nametoindex(request->lower), bytes[6] = { 0 };
    guint8 mac[6];
    int code = EEXIST;

    if (!lower)
        return hv_throw_errno(error, errno, "Unable to get index for interface %s", request->lower);
    if (request->mac && sscanf(request->mac, "%2x:%2x:%2x:%2x:%2x:%2x", &bytes[0], &bytes[1], &bytes[2], &bytes[3],
                               &bytes[4], &bytes[5]) != 6)
        return hv_throw(error, HV_ERR_INVALID_MAC, "%s", request->mac);
    for (int i = 0; i < 6; i++)
        mac[i] = (guint8)bytes[i];
    if (request->ifname) {
        if (g_strlcpy(name, request->ifname, IFNAMSIZ) >= IFNAMSIZ)
            return hv_throw_errno(error, ERANGE, "Invalid interface name '%s'", request->ifname);
        code = link_create(request, lower, mode, name, mac);
    }
    for (guint i = 0; !request->ifname && code == EEXIST && i < MAX_NAMES; i++) {
        g_snprintf(name, IFNAMSIZ, "macvtap%u", i);
        if (!if_nametoindex(name))
            code = link_create(request, lower, mode, name, mac);
    }
    if (code)
        return hv_throw_errno(error, code, "error creating macvtap interface %s@%s", name, request->lower);
    return TRUE;
}

static int
device_open(guint index, gboolean vnet_header, gboolean multiqueue, GError **error)
{
    g_autofree char *path = g_strdup_printf("/dev/tap%u", index);
    gint64 deadline = g_get_monotonic_time() + DEVICE_TIMEOUT_MS * G_TIME_SPAN_MILLISECOND;
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
    int fd;

    while ((fd = open(path, O_RDWR | O_CLOEXEC)) < 0 && errno == ENOENT && g_get_monotonic_time() < deadline)
        poll(NULL, 0, DEVICE_POLL_MS);
    if (fd < 0) {
        hv_throw_errno(error, errno, "cannot open macvtap tap device %s", path);
        return -1;
    }
    if (vnet_header)
        request.ifr_flags |= IFF_VNET_HDR;
    if (multiqueue)
        request.ifr_flags |= IFF_MULTI_QUEUE;
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        hv_throw_errno(error, errno, "unable to set flags on macvtap tap device %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

gboolean
macvtap_open(const MacvtapRequest *request, int *fds, char **ifname, GError **error)
{
    guint queues = MAX(request->queues, 1), opened = 0, index;
    char name[IFNAMSIZ];
    const guint32 *mode = NULL;
    int code;

    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++)
        if (g_strcmp0(request->mode, modes[i].name) == 0)
            mode = &modes[i].mode;
    if (!mode)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "unknown macvtap mode '%s'", request->mode ? request->mode : "");
    if (!link_create_named(request, *mode, name, error))
        return FALSE;
    index = if_nametoindex(name);
    code = index ? link_set_up(index) : errno;
    if (code)
        hv_throw_errno(error, code, "cannot set up interface '%s'", name);
    while (!code && opened < queues && (fds[opened] = device_open(index, request->vnet_header, queues > 1, error)) >= 0)
        opened++;
    if (!code && opened == queues) {
        *ifname = g_strdup(name);
        return TRUE;
    }
    while (opened)
        close(fds[--opened]);
    if (index)
        link_delete(index);
    return FALSE;
}

gboolean
macvtap_is(const char *ifname)
{
    struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
    struct ifreq request = { .ifr_data = (char *)&info };
    hv_autofd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || g_strlcpy(request.ifr_name, ifname, IFNAMSIZ) >= IFNAMSIZ || ioctl(fd, SIOCETHTOOL, &request) < 0)
        return FALSE;
    /* What both kinds of its driver call themselves. */
    return strcmp(info.driver, "macvlan") == 0;
}

gboolean
macvtap_delete(const char *ifname, GError **error)
{
    guint index = if_nametoindex(ifname);
    int code = index ? link_delete(index) : 0;

    if (code == 0 || code == ENODEV)
        return TRUE;
    return hv_throw_errno(error, code, "error destroying network device %s", ifname);
}
