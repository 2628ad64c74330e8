#include "config.h"

#include "backend/qemu/usb-devices.h"

#include <errno.h>
#include <string.h>

#include "model/domain.h"
#include "util/error.h"

#define USB_DEVICES "sys/bus/usb/devices"

/* A file of a device in /sys: one number. */
static gboolean
read_number(const QemuHostFiles *files, const char *device, const char *file, guint base, guint64 *number)
{
    g_autofree char *text = host_files_read(files, USB_DEVICES "/%s/%s", device, file);

    return text && g_ascii_string_to_unsigned(text, base, 0, G_MAXUINT, number, NULL);
}

/* How many devices of the kind there are; @bus and @device of the last. -1 with an error. */
static int
find_kind(const QemuHostFiles *files, guint vendor, guint product, guint64 *bus, guint64 *device, GError **error)
{
    g_auto(GStrv) names = host_files_names(files, USB_DEVICES);
    int count = 0;

    if (!names) {
        hv_throw_errno(error, ENOENT, "cannot open directory '/%s'", USB_DEVICES);
        return -1;
    }
    for (char **name = names; *name; name++) {
        guint64 v, p;

        /* Interfaces have a colon in their names. */
        if (strchr(*name, ':') || !read_number(files, *name, "idVendor", 16, &v) ||
            !read_number(files, *name, "idProduct", 16, &p))
            continue;
        if (v == vendor && p == product && read_number(files, *name, "busnum", 10, bus) &&
            read_number(files, *name, "devnum", 10, device))
            count++;
    }
    return count;
}

static gboolean
find_hostdev(xmlNode *hostdev, const QemuHostFiles *files, gboolean may_miss, GError **error)
{
    xmlNode *source = node_child(hostdev, "source"), *address = node_child(source, "address");
    guint vendor = (guint)node_attr_uint(node_child(source, "vendor"), "id", 0);
    guint product = (guint)node_attr_uint(node_child(source, "product"), "id", 0);
    gboolean optional = node_attr_is(source, "startupPolicy", "optional");
    guint64 bus = 0, device = 0;
    int count;

    if (!node_child(source, "vendor") || address)
        return TRUE;
    count = find_kind(files, vendor, product, &bus, &device, may_miss ? NULL : error);
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
usb_devices_find(struct _xmlNode *domain, const QemuHostFiles *files, gboolean may_miss, GError **error)
{
    const xmlNode *devices = node_child(domain, "devices");

    for (xmlNode *hostdev = node_child(devices, "hostdev"), *next; hostdev; hostdev = next) {
        next = node_next(hostdev, "hostdev");
        if (node_attr_is(hostdev, "type", "usb") && !find_hostdev(hostdev, files, may_miss, error))
            return FALSE;
    }
    return TRUE;
}
