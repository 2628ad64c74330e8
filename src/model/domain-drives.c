/* Addresses of drives: disks and SCSI devices of the host on buses that number them. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"

/* libvirt's places for disks by their names. A narrow SCSI bus has 7 units beside the adapter; IDE has 2 buses of 2; a SATA
 * controller has 6 ports, one for floppies 2 drives. */
static const struct {
    const char *bus;
    guint per_controller, per_bus;
} drive_buses[] = { { "scsi", 7, 7 }, { "ide", 4, 2 }, { "sata", 6, 6 }, { "fdc", 2, 2 } };

static void
set_drive_address(xmlNode *device, guint controller, guint bus, guint unit)
{
    xmlNode *address = device_set_address(device, "drive");

    node_set_attrf(address, "controller", "%u", controller);
    node_set_attrf(address, "bus", "%u", bus);
    node_set_attr(address, "target", "0");
    node_set_attrf(address, "unit", "%u", unit);
}

static gboolean
disk_address(xmlNode *disk, const char *bus, GError **error)
{
    int index = disk_name_index(disk_target(disk));

    if (index < 0)
        return node_throw(disk, error, HV_ERR_XML_ERROR, "Unknown disk name '%s' and no address specified", disk_target(disk));
    for (gsize i = 0; i < G_N_ELEMENTS(drive_buses); i++) {
        guint number = (guint)index % drive_buses[i].per_controller, controller = (guint)index / drive_buses[i].per_controller;

        if (strcmp(bus, drive_buses[i].bus) != 0)
            continue;
        if (controller > DOMAIN_MAX_DEVICES)
            return node_throw(disk, error, HV_ERR_XML_ERROR, "disk '%s' would need more than the %u %s controllers allowed",
                              disk_target(disk), DOMAIN_MAX_DEVICES, bus);
        set_drive_address(disk, controller, number / drive_buses[i].per_bus, number % drive_buses[i].per_bus);
    }
    return TRUE;
}

/* Whether the device sits on a SCSI bus whose place is known: *@place is the number of its unit among the 7 of each
 * controller. */
static gboolean
scsi_place(const xmlNode *device, gsize *place)
{
    const xmlNode *a = node_child(device, "address");
    gboolean disk = node_is(device, "disk") && g_strcmp0(node_child_attr(device, "target", "bus"), "scsi") == 0;
    guint64 unit = node_attr_uint(a, "unit", 0);

    if ((!disk && !node_is(device, "hostdev")) || !node_attr_is(a, "type", "drive"))
        return FALSE;
    if (node_attr_uint(a, "bus", 0) != 0 || node_attr_uint(a, "target", 0) != 0 || unit > 6 ||
        node_attr_uint(a, "controller", 0) > DOMAIN_MAX_DEVICES)
        return FALSE;
    *place = (gsize)(node_attr_uint(a, "controller", 0) * 7 + unit);
    return TRUE;
}

/* SCSI devices of the host get the first places that disks leave free. */
static void
hostdev_addresses(Normalise *n)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
    gsize next = 0, place;

    NODE_FOREACH(device, n->devices, NULL)
        if (scsi_place(device, &place))
            g_hash_table_add(taken, GSIZE_TO_POINTER(place));
    NODE_FOREACH(hostdev, n->devices, "hostdev") {
        if (!node_attr_is(hostdev, "type", "scsi") || device_has_address(hostdev))
            continue;
        while (g_hash_table_contains(taken, GSIZE_TO_POINTER(next)))
            next++;
        set_drive_address(hostdev, (guint)(next / 7), 0, (guint)(next % 7));
        next++;
    }
}

gboolean
normalise_drive_addresses(Normalise *n, GError **error)
{
    static const char *const fields[] = { "controller", "bus", "target", "unit" };

    NODE_FOREACH(disk, n->devices, "disk") {
        xmlNode *address;

        if (!device_has_address(disk) && !disk_address(disk, node_child_attr(disk, "target", "bus"), error))
            return node_blame(disk, error);
        address = node_child(disk, "address");
        for (gsize i = 0; address && node_attr_is(address, "type", "drive") && i < G_N_ELEMENTS(fields); i++)
            if (!node_attr(address, fields[i]))
                node_set_attr(address, fields[i], "0");
        if (node_attr_is(address, "type", "drive") && node_attr_uint(address, "controller", 0) > DOMAIN_MAX_DEVICES)
            return node_throw(disk, error, HV_ERR_XML_ERROR, "disk '%s' names controller '%s', above the maximum of %u",
                              disk_target(disk),
                              node_attr(address, "controller"), DOMAIN_MAX_DEVICES);
    }
    hostdev_addresses(n);
    return TRUE;
}
