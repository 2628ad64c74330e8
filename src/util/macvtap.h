/* macvtap devices: a guest's card beside an interface of the host, without a bridge. Made and deleted through rtnetlink;
 * the guest's end is the character device /dev/tapN, N being the index of the interface (Linux's drivers/net/macvtap.c). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    const char *lower;          /* the interface of the host that it is put on */
    const char *mode;           /* "vepa", "private", "bridge" or "passthrough" */
    const char *ifname;         /* wanted name; NULL: the first free "macvtapN" */
    const char *mac;            /* the guest's */
    guint queues;               /* at least 1 */
    gboolean vnet_header;       /* virtio models want one */
} MacvtapRequest;

/* Makes the device, sets it up and opens it @request->queues times into @fds. Its name is a new string in @ifname; it stays
 * until macvtap_delete(). SYSTEM_ERROR, with nothing left behind. */
gboolean macvtap_open(const MacvtapRequest *request, int *fds, char **ifname, GError **error);

/* Deletes the interface @ifname, whose kind must be macvtap. TRUE when there is none of that name. */
gboolean macvtap_delete(const char *ifname, GError **error);
/* Whether @ifname is one. */
gboolean macvtap_is(const char *ifname);

G_END_DECLS
