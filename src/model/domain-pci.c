/* PCI addresses, and the bridges and ports they need. Two passes, as in libvirt: a rehearsal on a
 * topology that grows tells which controllers are missing, then the addresses are given. */
#include "model/normalise.h"

#include <string.h>

#include "model/domain-pci-plug.h"
#include "model/pci-buses.h"
#include "util/error.h"

#define PCI (PCI_PLUG_DEVICE | PCI_PLUG_HOT)
#define EXPRESS (PCI_PLUG_EXPRESS | PCI_PLUG_HOT)

/* --- places ------------------------------------------------------------------------------------- */

static gboolean
pci_place_of(const xmlNode *device, PciPlace *place)
{
    const xmlNode *address = node_child(device, "address");

    if (!node_attr_is(address, "type", "pci"))
        return FALSE;
    place->bus = node_attr_uint(address, "bus", 0) & 0xff;
    place->slot = node_attr_uint(address, "slot", 0) & 0x1f;
    place->function = node_attr_uint(address, "function", 0) & 7;
    return TRUE;
}

static void
set_place(xmlNode *device, const PciPlace *place)
{
    xmlNode *address = device_set_address(device, "pci");

    node_set_attr(address, "domain", "0x0000");
    node_set_attrf(address, "bus", "0x%02x", place->bus);
    node_set_attrf(address, "slot", "0x%02x", place->slot);
    node_set_attrf(address, "function", "0x%x", place->function);
}

static gboolean
wants_address(const xmlNode *device)
{
    return device && !device_has_address(device);
}

static gboolean
reserve_next(Normalise *n, PciBuses *buses, xmlNode *device, guint function, GError **error)
{
    guint plug = pci_device_plug(device, pci_buses_have_root(buses, "pcie-root"));
    PciPlace place;

    /* The number is that of the flags that libvirt has for such a device. */
    if (!plug)
        return node_throw(device, error, HV_ERR_INTERNAL_ERROR,
                          "Cannot automatically add a new PCI bus for a device with connect flags 00");
    if (!pci_reserve_next(buses, plug, function, &place, error))
        return FALSE;
    if (!buses->growing)
        set_place(device, &place);
    return TRUE;
}

static gboolean
reserve_at(Normalise *n, PciBuses *buses, xmlNode *device, guint slot, guint function, GError **error)
{
    const PciPlace place = { 0, slot, function };

    /* Places of the chipset: whatever the device is, it goes there. */
    if (!pci_reserve(buses, &place, 0, error))
        return FALSE;
    if (device)
        set_place(device, &place);
    return TRUE;
}

/* --- what the chipsets have in fixed places ------------------------------------------------------- */

static gboolean
is_at(const xmlNode *device, guint slot, guint function)
{
    PciPlace place = { 0, 0, 0 };

    return pci_place_of(device, &place) && place.bus == 0 && place.slot == slot && place.function == function;
}

static gboolean
place_primary_video(Normalise *n, PciBuses *buses, guint slot, GError **error)
{
    xmlNode *video = node_child(n->devices, "video");

    if (!wants_address(video) || g_strcmp0(node_child_attr(video, "model", "type"), "none") == 0 ||
        g_strcmp0(node_child_attr(video, "model", "type"), "ramfb") == 0)
        return TRUE;
    if (pci_slot_in_use(buses, 0, slot))
        return reserve_next(n, buses, video, 0, error);
    return reserve_at(n, buses, video, slot, 0, error);
}

/* PIIX3: ISA bridge, IDE and the first USB controller are functions of slot 1; QEMU puts the first display at slot 2. */
static gboolean
has_pci_address(const xmlNode *device)
{
    return node_attr_is(node_child(device, "address"), "type", "pci");
}

static gboolean
place_i440fx(Normalise *n, PciBuses *buses, GError **error)
{
    xmlNode *ide = controller_find(n, "ide", 0);

    if (buses->buses->len == 0)
        return TRUE;
    if (ide && has_pci_address(ide) && !is_at(ide, 1, 1))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Primary IDE controller must have PCI address 0:0:1.1");
    if (!reserve_at(n, buses, NULL, 1, 0, error) || (ide && !has_pci_address(ide) && !reserve_at(n, buses, ide, 1, 1, error)))
        return FALSE;
    NODE_FOREACH(usb, n->devices, "controller") {
        if (!node_attr_is(usb, "type", "usb") || !node_attr_is(usb, "index", "0") || !node_attr_is(usb, "model", "piix3-uhci"))
            continue;
        if (has_pci_address(usb) && !is_at(usb, 1, 2))
            return node_throw(usb, error, HV_ERR_INTERNAL_ERROR, "PIIX3 USB controller at index 0 must have PCI address 0:0:1.2");
        if (!has_pci_address(usb) && !reserve_at(n, buses, usb, 1, 2, error))
            return node_blame(usb, error);
    }
    return place_primary_video(n, buses, 2, error);
}

/* ICH9: SATA, ISA bridge and SMBus share slot 0x1f. USB 2 controllers, the old PCI bridge and the
 * sound device go where real boards have them. */
static gboolean
place_q35(Normalise *n, PciBuses *buses, GError **error)
{
    static const guint usb2_slots[] = { 0x1d, 0x1a };
    xmlNode *sata = controller_find(n, "sata", 0);

    if (buses->buses->len == 0)
        return TRUE;
    if (sata && has_pci_address(sata) && !is_at(sata, 0x1f, 2))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Primary SATA controller must have PCI address 0:0:1f.2");
    if (sata && !has_pci_address(sata) && !reserve_at(n, buses, sata, 0x1f, 2, error))
        return FALSE;
    NODE_FOREACH(controller, n->devices, "controller") {
        if (!wants_address(controller))
            continue;
        /* The first of the companions; the others follow it. */
        for (gsize i = 0; node_attr_is(controller, "model", "ich9-uhci1") && i < G_N_ELEMENTS(usb2_slots) &&
                          wants_address(controller); i++) {
            if (pci_slot_in_use(buses, 0, usb2_slots[i]))
                continue;
            if (!reserve_at(n, buses, controller, usb2_slots[i], 0, error))
                return node_blame(controller, error);
            node_set_attr(node_child(controller, "address"), "multifunction", "on");
        }
        if (node_attr_is(controller, "model", "dmi-to-pci-bridge") && !pci_slot_in_use(buses, 0, 0x1e) &&
            !reserve_at(n, buses, controller, 0x1e, 0, error))
            return node_blame(controller, error);
    }
    if (!reserve_at(n, buses, NULL, 0x1f, 0, error) || !reserve_at(n, buses, NULL, 0x1f, 3, error))
        return FALSE;
    if (!place_primary_video(n, buses, 1, error))
        return FALSE;
    NODE_FOREACH(sound, n->devices, "sound")
        if (node_attr_is(sound, "model", "ich9") && wants_address(sound) && !pci_slot_in_use(buses, 0, 0x1b) &&
            !reserve_at(n, buses, sound, 0x1b, 0, error))
            return node_blame(sound, error);
    return TRUE;
}

/* --- devices in the order in which they get addresses ------------------------------------------------ */

/* USB 2 controllers of one index are functions of one slot. */
static int
usb2_function(const xmlNode *controller)
{
    static const struct {
        const char *model;
        int function;
    } functions[] = { { "ich9-ehci1", 7 }, { "ich9-uhci1", 0 }, { "ich9-uhci2", 1 }, { "ich9-uhci3", 2 } };

    for (gsize i = 0; i < G_N_ELEMENTS(functions); i++)
        if (node_attr_is(controller, "model", functions[i].model))
            return functions[i].function;
    return -1;
}

static gboolean
reserve_usb2(Normalise *n, PciBuses *buses, xmlNode *controller, GError **error)
{
    guint function = usb2_function(controller);
    PciPlace place;

    NODE_FOREACH(other, n->devices, "controller")
        if (other != controller && usb2_function(other) >= 0 &&
            node_attr_is(other, "index", node_attr(controller, "index")) && pci_place_of(other, &place)) {
            place.function = function;
            if (!pci_reserve(buses, &place, PCI_PLUG_DEVICE, error))
                return node_blame(other, error);
            if (!buses->growing) {
                set_place(controller, &place);
                if (function == 0)
                    node_set_attr(node_child(controller, "address"), "multifunction", "on");
            }
            return TRUE;
        }
    if (!reserve_next(n, buses, controller, function, error))
        return FALSE;
    if (!buses->growing && function == 0)
        node_set_attr(node_child(controller, "address"), "multifunction", "on");
    return TRUE;
}

static gboolean
wants_controller(const xmlNode *c)
{
    static const char *const elsewhere[] = { "pci", "fdc", "ccid", "ide", NULL };

    return !g_strv_contains(elsewhere, node_attr(c, "type")) && !node_attr_is(c, "model", "none");
}

static gboolean
wants_sound(const xmlNode *sound)
{
    return !node_attr_is(sound, "model", "sb16") && !node_attr_is(sound, "model", "pcspk") && !node_attr_is(sound, "model", "usb");
}

static gboolean
wants_hostdev(const xmlNode *hostdev)
{
    return node_attr_is(hostdev, "type", "pci") || node_attr_is(hostdev, "type", "scsi_host") ||
           (node_attr_is(hostdev, "type", "mdev") && node_attr_is(hostdev, "model", "vfio-pci"));
}

static gboolean
wants_balloon(const xmlNode *balloon)
{
    return !node_attr_is(balloon, "model", "none") && !node_attr_is(balloon, "model", "xen");
}

static gboolean
wants_watchdog(const xmlNode *watchdog)
{
    return node_attr_is(watchdog, "model", "i6300esb");
}

static gboolean
wants_video(const xmlNode *video)
{
    const char *type = node_child_attr(video, "model", "type");

    return g_strcmp0(type, "none") != 0 && g_strcmp0(type, "ramfb") != 0;
}

static gboolean
wants_serial(const xmlNode *serial)
{
    return g_strcmp0(node_child_attr(serial, "target", "type"), "pci-serial") == 0;
}

static gboolean
wants_iommu(const xmlNode *iommu)
{
    return node_attr_is(iommu, "model", "virtio");
}

static gboolean
is_hostdev_interface(const xmlNode *interface)
{
    return node_attr_is(interface, "type", "hostdev");
}

static gboolean
wants_interface(const xmlNode *interface)
{
    return !is_hostdev_interface(interface);
}

static gboolean
wants_any(const xmlNode *device)
{
    return TRUE;
}

static const struct {
    const char *kind;
    gboolean (*wants)(const xmlNode *device);
} pci_order[] = {
    { "filesystem", wants_any },
    { "interface", wants_interface },
    { "sound", wants_sound },
    { "controller", wants_controller },
    { "disk", pci_is_virtio },
    { "interface", is_hostdev_interface },
    { "hostdev", wants_hostdev },
    { "memballoon", wants_balloon },
    { "rng", wants_any },
    { "watchdog", wants_watchdog },
    { "video", wants_video },
    { "shmem", wants_any },
    { "input", pci_is_virtio },
    { "serial", wants_serial },
    { "vsock", wants_any },
    { "memory", pci_is_virtio },
    { "iommu", wants_iommu },
};

static gboolean
assign_devices(Normalise *n, PciBuses *buses, GError **error)
{
    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", "pci") && wants_address(controller) &&
            pci_device_plug(controller, FALSE) && !reserve_next(n, buses, controller, 0, error))
            return node_blame(controller, error);
    for (gsize i = 0; i < G_N_ELEMENTS(pci_order); i++)
        NODE_FOREACH(device, n->devices, pci_order[i].kind) {
            if (!wants_address(device) || !pci_order[i].wants(device))
                continue;
            if (usb2_function(device) >= 0 ? !reserve_usb2(n, buses, device, error)
                                                     : !reserve_next(n, buses, device, 0, error))
                return node_blame(device, error);
        }
    return TRUE;
}

/* --- the passes ----------------------------------------------------------------------------------------- */

static PciBuses *
survey(Normalise *n, guint count, gboolean growing, GError **error)
{
    g_autoptr(PciBuses) buses = pci_buses_new(count, growing);
    gboolean express = FALSE;

    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", "pci")) {
            guint index = node_attr_uint(controller, "index", 0);

            if (!pci_bus_set_model(buses, index, node_attr(controller, "model"), error))
                return NULL;
            express |= node_attr_is(controller, "model", "pcie-root");
        }
    for (guint i = 0; i < buses->buses->len; i++)
        if (!pci_bus(buses, i)->model &&
            !pci_bus_set_model(buses, i, i == 0 ? "pci-root" : express ? "pcie-root-port" : "pci-bridge", error))
            return NULL;

    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));) {
        PciPlace place;

        if (node_path(device, "address/zpci") && strcmp(n->arch, "s390x") != 0) {
            node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED, "This QEMU binary doesn't support zPCI");
            return NULL;
        }
        /* A console that stands for a serial port shows that one's address. */
        if (!node_is(device, "console") && pci_place_of(device, &place) &&
            !pci_reserve(buses, &place, pci_device_plug(device, express), error))
            return NULL;
    }
    if (n->is_i440fx && !place_i440fx(n, buses, error))
        return NULL;
    if (n->is_q35 && !place_q35(n, buses, error))
        return NULL;
    return g_steal_pointer(&buses);
}

static gboolean
bus_is_full(const PciBus *bus)
{
    for (guint slot = bus->first_slot; slot <= bus->last_slot; slot++)
        if (!bus->used[slot])
            return FALSE;
    return TRUE;
}

/* Finds out which controllers are missing and adds them. */
static gboolean
rehearse(Normalise *n, int highest, GError **error)
{
    g_autoptr(PciBuses) buses = survey(n, highest + 1, TRUE, error);
    gboolean full = TRUE;
    PciPlace place;

    if (!buses)
        return FALSE;
    for (guint i = 0; i < buses->buses->len; i++)
        full &= bus_is_full(pci_bus(buses, i));
    /* A conventional bus keeps a slot for the bridge that the next device may need. */
    if (!full && pci_buses_have_root(buses, "pci-root") && !pci_reserve_next(buses, PCI, 0, &place, error))
        return FALSE;
    if (!assign_devices(n, buses, error))
        return FALSE;
    /* A new domain whose ports are made here gets one more, for hotplug. */
    if (highest <= 0 && (int)buses->buses->len > highest + 1 && pci_buses_have_root(buses, "pcie-root") &&
        !pci_reserve_next(buses, EXPRESS, 0, &place, error))
        return FALSE;
    for (guint i = 1; i < buses->buses->len; i++)
        if (!controller_find(n, "pci", i))
            controller_add(n, "pci", i, pci_bus(buses, i)->model);
    return TRUE;
}

/* Model name and target of PCI controllers, which depend on their own addresses. */
static gboolean
complete_controllers(Normalise *n, GError **error)
{
    guint bus_nr = 256;

    NODE_FOREACH(controller, n->devices, "controller") {
        guint index = node_attr_uint(controller, "index", 0);
        const char *device = NULL, *model = node_attr(controller, "model");
        PciPlace place = { 0, 0, 0 };
        xmlNode *name, *target;

        if (!node_attr_is(controller, "type", "pci"))
            continue;
        device = pci_controller_device(model);
        if (!device) {
            node_remove_children(controller, "model");
            continue;
        }
        name = domain_ensure_child(controller, "model");
        if (!node_attr(name, "name"))
            node_set_attr(name, "name", device);
        pci_place_of(controller, &place);
        /* libvirt asks this of its oldest bridges only. */
        if (index <= place.bus && strcmp(model, "pci-bridge") == 0)
            return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "PCI controller at index %u (0x%02x) has bus='0x%02x', but index must be larger than bus",
                              index, index, place.bus);
        if (strcmp(model, "pci-bridge") == 0) {
            target = domain_ensure_child(controller, "target");
            if (!node_attr(target, "chassisNr"))
                node_set_attrf(target, "chassisNr", "%u", index);
        } else if (strcmp(model, "pcie-root-port") == 0 || strcmp(model, "pcie-switch-downstream-port") == 0) {
            gboolean root_port = strcmp(model, "pcie-root-port") == 0;

            target = domain_ensure_child(controller, "target");
            if (!node_attr(target, "chassis"))
                node_set_attrf(target, "chassis", "%u", index);
            node_set_attrf(target, "port", "0x%x",
                           (guint)node_attr_uint(target, "port", root_port ? place.slot << 3 | place.function : place.slot));
        } else if (strcmp(model, "pci-expander-bus") == 0 || strcmp(model, "pcie-expander-bus") == 0) {
            target = domain_ensure_child(controller, "target");
            bus_nr -= 2;
            if (!node_attr(target, "busNr"))
                node_set_attrf(target, "busNr", "%u", bus_nr);
        }
    }
    return TRUE;
}

/* Function 0 of a slot says when there are others. */
static void
mark_multifunction(Normalise *n, const PciBuses *buses)
{
    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));) {
        xmlNode *address = node_child(device, "address");
        PciPlace place;

        if (pci_place_of(device, &place) && place.function == 0 && !node_attr(address, "multifunction") &&
            place.bus < buses->buses->len && (pci_bus(buses, place.bus)->used[place.slot] & ~1u))
            node_set_attr(address, "multifunction", "on");
    }
}

static int
highest_bus(const Normalise *n)
{
    int highest = -1;

    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", "pci"))
            highest = MAX(highest, (int)node_attr_uint(controller, "index", 0));
    return highest;
}

gboolean
normalise_pci(Normalise *n, GError **error)
{
    g_autoptr(PciBuses) buses = NULL;
    int highest = highest_bus(n);

    if (highest > 255)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "PCI controller index %d too high, maximum is 255", highest);
    if (highest >= 0 && !rehearse(n, highest, error))
        return FALSE;
    buses = survey(n, highest_bus(n) + 1, FALSE, error);
    if (!buses || !assign_devices(n, buses, error) || !complete_controllers(n, error))
        return FALSE;
    mark_multifunction(n, buses);
    return TRUE;
}
