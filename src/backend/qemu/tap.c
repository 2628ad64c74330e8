/* Tap devices by ioctl: what the tun driver and the bridge take without netlink. */
#include "config.h"

#include "backend/qemu/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#include <unistd.h>

#include "util/error.h"
#include "util/process.h"

static int
tap_control_socket(GError **error)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        hv_throw_errno(error, errno, "Cannot open network interface control socket");
    return fd;
}

static gboolean
tap_set_name(struct ifreq *request, const char *ifname, GError **error)
{
    memset(request, 0, sizeof(*request));
    if (g_strlcpy(request->ifr_name, ifname, IFNAMSIZ) < IFNAMSIZ)
        return TRUE;
    return hv_throw_errno(error, ERANGE, "Invalid interface name '%s'", ifname);
}

/* A socket to ask about @ifname with @request, which gets its name; or -1. */
static int
tap_open_control(struct ifreq *request, const char *ifname, GError **error)
{
    return tap_set_name(request, ifname, error) ? tap_control_socket(error) : -1;
}

/* In bytes. */
static gboolean
tap_interface_mtu(const char *ifname, guint *mtu, GError **error)
{
    struct ifreq request;
    hv_autofd int fd = tap_open_control(&request, ifname, error);

    if (fd < 0)
        return FALSE;
    if (ioctl(fd, SIOCGIFMTU, &request) < 0)
        return hv_throw_errno(error, errno, "Cannot get interface MTU on '%s'", ifname);
    *mtu = (guint)request.ifr_mtu;
    return TRUE;
}

static gboolean
tap_set_mtu(int control, const char *ifname, guint mtu, GError **error)
{
    struct ifreq request;

    if (!tap_set_name(&request, ifname, error))
        return FALSE;
    request.ifr_mtu = (int)mtu;
    if (ioctl(control, SIOCSIFMTU, &request) < 0)
        return hv_throw_errno(error, errno, "Cannot set interface MTU on '%s'", ifname);
    return TRUE;
}

/* Sets the link's administrative state. */
static gboolean
tap_set_up(const char *ifname, gboolean up, GError **error)
{
    struct ifreq request;
    hv_autofd int fd = tap_open_control(&request, ifname, error);

    if (fd < 0)
        return FALSE;
    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        return hv_throw_errno(error, errno, "Cannot get interface flags on '%s'", ifname);
    if (up)
        request.ifr_flags |= IFF_UP;
    else
        request.ifr_flags &= (short)~IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return hv_throw_errno(error, errno, "Cannot set interface flags on '%s'", ifname);
    return TRUE;
}

/* The host's end must not take an address below those of the bridge's ports: with fe in front it is above all. */
static gboolean
tap_set_mac(int control, const char *ifname, const char *mac, GError **error)
{
    struct ifreq request;
    guint bytes[6];

    if (!tap_set_name(&request, ifname, error))
        return FALSE;
    if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5]) != 6)
        return hv_throw(error, HV_ERR_INVALID_MAC, "%s", mac);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    for (int i = 0; i < 6; i++)
        request.ifr_hwaddr.sa_data[i] = (char)bytes[i];
    request.ifr_hwaddr.sa_data[0] = (char)0xfe;
    if (ioctl(control, SIOCSIFHWADDR, &request) < 0)
        return hv_throw_errno(error, errno, "Cannot set interface MAC to %s on '%s'", mac, ifname);
    return TRUE;
}

static gboolean
tap_add_to_bridge(int control, const char *ifname, const char *bridge, GError **error)
{
    struct ifreq request;

    if (!tap_set_name(&request, bridge, error))
        return FALSE;
    request.ifr_ifindex = (int)if_nametoindex(ifname);
    if (!request.ifr_ifindex || ioctl(control, SIOCBRADDIF, &request) < 0)
        return hv_throw_errno(error, errno, "Unable to add bridge %s port %s", bridge, ifname);
    return TRUE;
}

/* One queue; @ifname is the pattern for the first and the name for the others, and gets the name. */
static int
tap_open_queue(char *ifname, const TapRequest *wanted, GError **error)
{
    struct ifreq request;
    int fd;

    if (!tap_set_name(&request, ifname, error))
        return -1;
    fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        hv_throw_errno(error, errno, "Unable to open /dev/net/tun, is tun module loaded?");
        return -1;
    }
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (wanted->vnet_header)
        request.ifr_flags |= IFF_VNET_HDR;
    if (wanted->queues > 1)
        request.ifr_flags |= IFF_MULTI_QUEUE;
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        hv_throw_errno(error, errno, "Unable to create tap device %s", ifname);
        close(fd);
        return -1;
    }
    g_strlcpy(ifname, request.ifr_name, IFNAMSIZ);
    return fd;
}

static gboolean
tap_configure(const char *ifname, const TapRequest *wanted, guint mtu, GError **error)
{
    hv_autofd int control = tap_control_socket(error);

    if (control < 0)
        return FALSE;
    if (wanted->unmanaged)
        return TRUE;
    if (wanted->mac && !tap_set_mac(control, ifname, wanted->mac, error))
        return FALSE;
    if (mtu && !tap_set_mtu(control, ifname, mtu, error))
        return FALSE;
    if (wanted->bridge && !tap_add_to_bridge(control, ifname, wanted->bridge, error))
        return FALSE;
    return tap_set_up(ifname, TRUE, error);
}

gboolean
tap_open(const TapRequest *request, int *fds, char **ifname, GError **error)
{
    char name[IFNAMSIZ];
    guint opened = 0;
    guint mtu = request->mtu;
    guint queues = MAX(request->queues, 1);

    if (request->bridge && !mtu && !tap_interface_mtu(request->bridge, &mtu, error))
        return FALSE;
    if (g_strlcpy(name, request->ifname ? request->ifname : "vnet%d", sizeof(name)) >= sizeof(name))
        return hv_throw_errno(error, ERANGE, "Invalid interface name '%s'", request->ifname);
    while (opened < queues && (fds[opened] = tap_open_queue(name, request, error)) >= 0)
        opened++;
    if (opened == queues && tap_configure(name, request, mtu, error)) {
        *ifname = g_strdup(name);
        return TRUE;
    }
    while (opened)
        close(fds[--opened]);
    return FALSE;
}
