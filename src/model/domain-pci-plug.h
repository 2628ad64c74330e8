/* What a device is to the PCI bus it sits on. */
#pragma once

#include "model/document.h"

G_BEGIN_DECLS

/* PciPlug of @device in a guest whose root bus is PCI Express or not; 0: it has no place that libvirt knows. */
guint pci_device_plug(const xmlNode *device, gboolean express_root);
/* Whether the device is virtio; those of the old kind are conventional PCI devices. */
gboolean pci_is_virtio(const xmlNode *device);
/* QEMU's device behind a controller of @model ("pcie-switch-upstream-port"); NULL for a root. */
const char *pci_controller_device(const char *model);

G_END_DECLS
