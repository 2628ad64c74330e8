#include "model/pci-buses.h"

#include <string.h>

#include "util/error.h"

/* What users may put in each other's places. */
#define ENDPOINTS (PCI_PLUG_DEVICE | PCI_PLUG_EXPRESS | PCI_PLUG_BRIDGE)

/* Controller models: what goes into them, and which slots they have. */
static const struct {
    const char *model;
    guint accepts;
    guint first_slot, last_slot;
} bus_models[] = {
    { "pci-root", PCI_PLUG_DEVICE | PCI_PLUG_BRIDGE | PCI_PLUG_EXPANDER | PCI_PLUG_HOT, 1, 31 },
    { "pci-bridge", PCI_PLUG_DEVICE | PCI_PLUG_BRIDGE | PCI_PLUG_HOT, 1, 31 },
    { "pci-expander-bus", PCI_PLUG_DEVICE | PCI_PLUG_BRIDGE | PCI_PLUG_HOT, 0, 31 },
    { "pcie-root", PCI_PLUG_EXPRESS | PCI_PLUG_ROOT_PORT | PCI_PLUG_DMI_BRIDGE | PCI_PLUG_EXPRESS_EXPANDER, 1, 31 },
    { "dmi-to-pci-bridge", PCI_PLUG_DEVICE | PCI_PLUG_BRIDGE, 0, 31 },
    { "pcie-to-pci-bridge", PCI_PLUG_DEVICE | PCI_PLUG_BRIDGE | PCI_PLUG_HOT, 1, 31 },
    { "pcie-root-port", PCI_PLUG_EXPRESS | PCI_PLUG_UPSTREAM | PCI_PLUG_EXPRESS_BRIDGE | PCI_PLUG_HOT, 0, 0 },
    { "pcie-switch-downstream-port", PCI_PLUG_EXPRESS | PCI_PLUG_UPSTREAM | PCI_PLUG_EXPRESS_BRIDGE | PCI_PLUG_HOT, 0, 0 },
    { "pcie-switch-upstream-port", PCI_PLUG_DOWNSTREAM, 0, 31 },
    { "pcie-expander-bus", PCI_PLUG_ROOT_PORT | PCI_PLUG_DMI_BRIDGE, 0, 31 },
};

/* What errors call a device that has found no place. */
static const struct {
    guint plug;
    const char *name;
} plug_names[] = {
    { PCI_PLUG_ROOT_PORT, "PCI controller model='pcie-root-port'" },
    { PCI_PLUG_UPSTREAM, "PCI controller model='pcie-switch-upstream-port'" },
    { PCI_PLUG_DOWNSTREAM, "PCI controller model='pcie-switch-downstream-port'" },
    { PCI_PLUG_DMI_BRIDGE, "PCI controller model='dmi-to-pci-bridge'" },
    { PCI_PLUG_EXPANDER, "PCI controller model='pci-expander-bus'" },
    { PCI_PLUG_EXPRESS_EXPANDER, "PCI controller model='pcie-expander-bus'" },
    { PCI_PLUG_BRIDGE, "PCI controller model='pci-bridge'" },
    { PCI_PLUG_EXPRESS_BRIDGE, "pcie-to-pci-bridge" },
    { PCI_PLUG_EXPRESS, "PCI Express endpoint device" },
    { PCI_PLUG_DEVICE, "conventional PCI device" },
};

static const char *
plug_name(guint plug)
{
    for (gsize i = 0; i < G_N_ELEMENTS(plug_names); i++)
        if (plug & plug_names[i].plug)
            return plug_names[i].name;
    return "PCI device";
}

PciBuses *
pci_buses_new(guint count, gboolean growing)
{
    PciBuses *buses = g_new0(PciBuses, 1);

    buses->buses = g_array_new(FALSE, TRUE, sizeof(PciBus));
    buses->growing = growing;
    g_array_set_size(buses->buses, count);
    return buses;
}

void
pci_buses_free(PciBuses *buses)
{
    if (!buses)
        return;
    g_array_unref(buses->buses);
    g_free(buses);
}

PciBus *
pci_bus(const PciBuses *buses, guint index)
{
    return &g_array_index(buses->buses, PciBus, index);
}

gboolean
pci_bus_set_model(PciBuses *buses, guint index, const char *model, GError **error)
{
    PciBus *bus = pci_bus(buses, index);

    for (gsize i = 0; i < G_N_ELEMENTS(bus_models); i++)
        if (g_strcmp0(model, bus_models[i].model) == 0) {
            bus->model = bus_models[i].model;
            bus->accepts = bus_models[i].accepts;
            bus->first_slot = bus_models[i].first_slot;
            bus->last_slot = bus_models[i].last_slot;
            return TRUE;
        }
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "PCI controller model was not set correctly");
}

gboolean
pci_buses_have_root(const PciBuses *buses, const char *model)
{
    return buses->buses->len > 0 && g_strcmp0(pci_bus(buses, 0)->model, model) == 0;
}

gboolean
pci_slot_in_use(const PciBuses *buses, guint bus, guint slot)
{
    return bus < buses->buses->len && pci_bus(buses, bus)->used[slot] != 0;
}

static gboolean
append_bus(PciBuses *buses, const char *model, GError **error)
{
    if (buses->buses->len >= 256)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "No more available PCI slots");
    g_array_set_size(buses->buses, buses->buses->len + 1);
    return pci_bus_set_model(buses, buses->buses->len - 1, model, error);
}

static gboolean
any_bus_accepts(const PciBuses *buses, guint plug)
{
    for (guint i = 0; i < buses->buses->len; i++)
        if (pci_bus(buses, i)->accepts & plug)
            return TRUE;
    return FALSE;
}

/* Adds what is needed for one more device of this kind. */
static gboolean
grow(PciBuses *buses, guint plug, GError **error)
{
    gboolean express = pci_buses_have_root(buses, "pcie-root");

    if (plug & (PCI_PLUG_DEVICE | PCI_PLUG_BRIDGE)) {
        if (!express || any_bus_accepts(buses, PCI_PLUG_BRIDGE))
            return append_bus(buses, "pci-bridge", error);
        if (!append_bus(buses, "pcie-root-port", error))
            return FALSE;
        /* The port is the bridge's. */
        pci_bus(buses, buses->buses->len - 1)->used[0] = 1;
        return append_bus(buses, "pcie-to-pci-bridge", error);
    }
    if ((plug & (PCI_PLUG_EXPRESS | PCI_PLUG_UPSTREAM)) && express)
        return append_bus(buses, "pcie-root-port", error);
    /* An upstream port would need a root port first. */
    if (plug & PCI_PLUG_UPSTREAM)
        plug = PCI_PLUG_ROOT_PORT;
    if (plug & PCI_PLUG_EXPRESS_BRIDGE)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR,
                        "Cannot automatically add a new PCI bus for a device with connect flags 2000");
    return hv_throw(error, HV_ERR_INTERNAL_ERROR,
                    "a PCI slot is needed to connect a %s, but none is available, and it cannot be automatically added",
                    plug_name(plug));
}

gboolean
pci_reserve(PciBuses *buses, const PciPlace *place, guint plug, GError **error)
{
    g_autofree char *text = g_strdup_printf("0000:%02x:%02x.%x", place->bus, place->slot, place->function);
    guint types = plug & PCI_PLUG_TYPES;
    PciBus *bus;

    if (buses->buses->len == 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "No PCI buses available");
    while (place->bus >= buses->buses->len) {
        if (!buses->growing)
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid PCI address %s. Only PCI buses up to %u are available",
                            text, buses->buses->len - 1);
        if (!grow(buses, plug, error))
            return FALSE;
    }
    bus = pci_bus(buses, place->bus);
    /* Whoever writes an address may put an endpoint of either kind where any endpoint goes. */
    if (types & ENDPOINTS)
        types |= ENDPOINTS;
    if (types && !(bus->accepts & types))
        return hv_throw(error, HV_ERR_XML_ERROR,
                        "The device at PCI address %s cannot be plugged into the PCI controller with index='%u'. "
                        "It requires a controller that accepts a %s.", text, place->bus, plug_name(plug));
    if (place->slot < bus->first_slot)
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid PCI address %s. slot must be >= %u", text, bus->first_slot);
    if (place->slot > bus->last_slot)
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid PCI address %s. slot must be <= %u", text, bus->last_slot);
    if (bus->used[place->slot] & (1u << place->function))
        return hv_throw(error, HV_ERR_XML_ERROR, "Attempted double use of PCI Address %s", text);
    bus->shares[place->slot] = (bus->used[place->slot] == 0 || bus->shares[place->slot]) && (plug & PCI_PLUG_SHARES_SLOT);
    bus->used[place->slot] |= 1u << place->function;
    return TRUE;
}

static gboolean
find_on_bus(const PciBus *bus, guint index, guint plug, guint function, PciPlace *place)
{
    if (!(bus->accepts & plug & PCI_PLUG_TYPES) || ((plug & PCI_PLUG_HOT) && !(bus->accepts & PCI_PLUG_HOT)))
        return FALSE;
    for (guint slot = bus->first_slot; slot <= bus->last_slot; slot++) {
        *place = (PciPlace){ index, slot, function };
        if (bus->used[slot] == 0)
            return TRUE;
        if (!(plug & PCI_PLUG_SHARES_SLOT) || !bus->shares[slot])
            continue;
        for (place->function = 0; place->function < 8; place->function++)
            if (!(bus->used[slot] & (1u << place->function)))
                return TRUE;
    }
    return FALSE;
}

gboolean
pci_reserve_next(PciBuses *buses, guint plug, guint function, PciPlace *place, GError **error)
{
    if (buses->buses->len == 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "No PCI buses available");
    for (guint start = 0;;) {
        for (guint i = start; i < buses->buses->len; i++)
            if (find_on_bus(pci_bus(buses, i), i, plug, function, place))
                return pci_reserve(buses, place, plug, error);
        if (!buses->growing)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "No more available PCI slots");
        start = buses->buses->len;
        if (!grow(buses, plug, error))
            return FALSE;
    }
}
