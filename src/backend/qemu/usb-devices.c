#include "config.h"

#include "backend/qemu/usb-devices.h"

#include <errno.h>
#include <string.h>

#include "model/domain.h"
#include "util/error.h"

#define USB_DEVICES "/sys/bus/usb/devices"

/* A file of a device in /sys: one number. */
static gboolean
read_number(const char *device, const char *file, guint base, guint64 *number)
{
    g_autofree char *path = g_strdup_printf(USB_DEVICES "/%s/%s", device, file);
    g_autofree char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) &&
           g_ascii_string_to_unsigned(g_strstrip(text), base, 0, G_MAXUINT, number, NULL);
}

/* How many devices of the kind there are; @bus and @device of the last. -1 with an error. */
static int
find_kind(guint vendor, guint product, guint64 *bus, guint64 *device, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(USB_DEVICES, 0, NULL);
    const char *name;
    int count = 0;

    if (!dir) {
        hv_throw_errno(error, ENOENT, "cannot open directory '%s'", USB_DEVICES);
        return -1;
    }
    while ((name = g_dir_read_name(dir))) {
        guint64 v, p;

        /* Interfaces have a colon in their names. */
        if (strchr(name, ':') || !read_number(name, "idVendor", 16, &v) || !read_number(name, "idProduct", 16, &p))
            continue;
        if (v == vendor && p == product && read_number(name, "busnum", 10, bus) && read_number(name, "devnum", 10, device))
            count++;
    }
    return count;
}

static gboolean
find_hostdev(xmlNode *hostdev, gboolean may_miss, GError **error)
{
    xmlNode *source = node_child(hostdev, "source"), *address = node_child(source, "address");
    guint vendor = (guint)node_attr_uint(node_child(source, "vendor"), "id", 0);
    guint product = (guint)node_attr_uint(node_child(source, "product"), "id", 0);
    gboolean optional = node_attr_is(source, "startupPolicy", "optional");
    guint64 bus = 0, device = 0;
    int count;

    if (!node_child(source, "vendor") || address)
        return TRUE;
    count = find_kind(vendor, product, &bus, &device, may_miss ? NULL : error);
    if (count == 1) {
        address = domain_add_child(source, "address");
        node_set_attrf(address, "bus", "%u", (guint)bus);
        node_set_attrf(address, "device", "%u", (guint)device);
        return TRUE;
    }
    if (may_miss)
        return TRUE;
    if (count <= 0 && optional) {
        g_clear_error(error);
        node_remove(hostdev);
        return TRUE;
    }
    if (count < 0)
        return FALSE;
    if (count == 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Did not find USB device %04x:%04x", vendor, product);
    return hv_throw(error, HV_ERR_OPERATION_FAILED, "Multiple USB devices for %x:%x, use <address> to specify one", vendor, product);
}

gboolean
usb_devices_find(struct _xmlNode *domain, gboolean may_miss, GError **error)
{
    const xmlNode *devices = node_child(domain, "devices");

    for (xmlNode *hostdev = node_child(devices, "hostdev"), *next; hostdev; hostdev = next) {
        next = node_next(hostdev, "hostdev");
        if (node_attr_is(hostdev, "type", "usb") && !find_hostdev(hostdev, may_miss, error))
            return FALSE;
    }
    return TRUE;
}
