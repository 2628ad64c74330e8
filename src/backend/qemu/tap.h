/* Tap devices for guests, and the bridges they are put into. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    const char *ifname;         /* wanted name; "vnet%d" or NULL: the first free vnetN */
    const char *bridge;         /* NULL: not in a bridge */
    const char *mac;            /* the guest's; the host end gets it with fe as its first byte */
    guint mtu;                  /* 0: the bridge's */
    guint queues;               /* at least 1 */
    gboolean vnet_header;
    gboolean unmanaged;         /* somebody else's device @ifname, whose settings stay as they are */
} TapRequest;

/* Opens @request->queues descriptors of one tap device into @fds, puts it into the bridge and sets it up. The name it
 * got is a new string in @ifname. The device vanishes when the last descriptor is closed. Errors: SYSTEM_ERROR with
 * libvirt's texts ("Cannot get interface MTU on 'br9': No such device", "Unable to open /dev/net/tun, is tun module
 * loaded?"). */
gboolean tap_open(const TapRequest *request, int *fds, char **ifname, GError **error);

G_END_DECLS
