/* The PCI topology of a guest while addresses are handed out: which buses there are, what may
 * be plugged into them, and which slots are taken. Rules and numbers are libvirt's. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a device is to its bus. A bus accepts a set of these. */
typedef enum {
    PCI_PLUG_DEVICE = 1 << 0,               /* conventional endpoint */
    PCI_PLUG_EXPRESS = 1 << 1,              /* PCI Express endpoint */
    PCI_PLUG_ROOT_PORT = 1 << 2,
    PCI_PLUG_UPSTREAM = 1 << 3,
    PCI_PLUG_DOWNSTREAM = 1 << 4,
    PCI_PLUG_DMI_BRIDGE = 1 << 5,
    PCI_PLUG_EXPANDER = 1 << 6,
    PCI_PLUG_EXPRESS_EXPANDER = 1 << 7,
    PCI_PLUG_BRIDGE = 1 << 8,
    PCI_PLUG_EXPRESS_BRIDGE = 1 << 9,       /* pcie-to-pci-bridge */
    PCI_PLUG_TYPES = (1 << 10) - 1,
    PCI_PLUG_HOT = 1 << 10,                 /* wants, or offers, hotplug */
    PCI_PLUG_SHARES_SLOT = 1 << 11,         /* may be one function of a slot with others of its kind */
} PciPlug;

typedef struct {
    guint bus, slot, function;
} PciPlace;

typedef struct {
    const char *model;          /* of the controller, as in the XML; static */
    guint accepts;              /* PciPlug */
    guint first_slot, last_slot;
    guint8 used[32];            /* functions by slot */
    gboolean shares[32];        /* first taken by a device that shares */
} PciBus;

/* @growing: buses are added where a device finds no place (the rehearsal that tells how many
 * controllers a domain needs). */
typedef struct {
    GArray *buses;
    gboolean growing;
} PciBuses;

PciBuses *pci_buses_new(guint count, gboolean growing);
void pci_buses_free(PciBuses *buses);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PciBuses, pci_buses_free)

PciBus *pci_bus(const PciBuses *buses, guint index);
/* @model is one of libvirt's controller models; unknown ones are an error. */
gboolean pci_bus_set_model(PciBuses *buses, guint index, const char *model, GError **error);
gboolean pci_buses_have_root(const PciBuses *buses, const char *model);
gboolean pci_slot_in_use(const PciBuses *buses, guint bus, guint slot);
/* A place that was asked for. */
gboolean pci_reserve(PciBuses *buses, const PciPlace *place, guint plug, GError **error);
/* The first place that suits @plug; @function is that of the place. */
gboolean pci_reserve_next(PciBuses *buses, guint plug, guint function, PciPlace *place, GError **error);

G_END_DECLS
