/* Controllers: what is written, what a machine always has, what devices imply. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Models of the controller types that have them. */
static const struct {
    const char *type;
    const char *models[20];
} controller_models[] = {
    { "scsi", { "auto", "buslogic", "lsilogic", "lsisas1068", "vmpvscsi", "ibmvscsi", "virtio-scsi", "lsisas1078",
                "virtio-transitional", "virtio-non-transitional", "ncr53c90", "dc390", "am53c974" } },
    { "usb", { "piix3-uhci", "piix4-uhci", "ehci", "ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3",
               "vt82c686b-uhci", "pci-ohci", "nec-xhci", "qusb1", "qusb2", "qemu-xhci", "none" } },
    { "pci", { "pci-root", "pcie-root", "pci-bridge", "dmi-to-pci-bridge", "pcie-root-port",
               "pcie-switch-upstream-port", "pcie-switch-downstream-port", "pci-expander-bus", "pcie-expander-bus",
               "pcie-to-pci-bridge" } },
    { "ide", { "piix3", "piix4", "ich6" } },
    { "virtio-serial", { "virtio", "virtio-transitional", "virtio-non-transitional" } },
};

xmlNode *
controller_find(const Normalise *n, const char *type, guint index)
{
    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", type) && node_attr_uint(controller, "index", G_MAXUINT) == index)
            return controller;
    return NULL;
}

xmlNode *
controller_add(Normalise *n, const char *type, guint index, const char *model)
{
    xmlNode *controller = domain_add_child(n->devices, "controller");

    node_set_attr(controller, "type", type);
    node_set_attrf(controller, "index", "%u", index);
    node_set_attr(controller, "model", model);
    return controller;
}

static gboolean
is_companion(const xmlNode *controller)
{
    const char *model = node_attr(controller, "model");

    return node_attr_is(controller, "type", "usb") && model && g_str_has_prefix(model, "ich9-uhci");
}

static void
imply(Normalise *n, const char *type, int highest)
{
    g_autofree gboolean *there = highest >= 0 ? g_new0(gboolean, highest + 1) : NULL;

    NODE_FOREACH(controller, n->devices, "controller") {
        guint64 index = node_attr_uint(controller, "index", G_MAXUINT64);

        if (highest >= 0 && index <= (guint64)highest && node_attr_is(controller, "type", type))
            there[index] = TRUE;
    }
    for (int i = 0; i <= highest; i++)
        if (!there[i])
            controller_add(n, type, i, NULL);
}

/* libvirt keeps controllers of one type together in the order of their indexes, a USB master
 * before its companions. */
void
arrange_controllers(xmlNode *devices)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    xmlNode *place = NULL;

    NODE_FOREACH(controller, devices, "controller") {
        gint64 index = node_attr(controller, "index") ? (gint64)node_attr_uint(controller, "index", 0) : -1;
        gint at = -1;

        for (gint i = (gint)sorted->len - 1; i >= 0; i--) {
            const xmlNode *other = g_ptr_array_index(sorted, i);
            gint64 other_index = node_attr(other, "index") ? (gint64)node_attr_uint(other, "index", 0) : -1;

            if (!node_attr_is(other, "type", node_attr(controller, "type")))
                continue;
            if (index == -1) {
                at = i + 1;
                break;
            }
            if (other_index > index ||
                (other_index == index && !node_child(controller, "master") && node_child(other, "master")))
                at = i;
            else if (at == -1)
                at = i + 1;
        }
        g_ptr_array_insert(sorted, at, controller);
    }
    for (guint i = 0; i < sorted->len; i++) {
        xmlNode *controller = g_ptr_array_index(sorted, i);

        if (place)
            xmlAddNextSibling(place, controller);
        else if (node_child(devices, "controller") != controller)
            xmlAddPrevSibling(node_child(devices, "controller"), controller);
        place = controller;
    }
}

/* "TYPE INDEX" of all controllers that have an index. */
static GHashTable *
used_indexes(const Normalise *n)
{
    GHashTable *used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr(controller, "index"))
            g_hash_table_add(used, g_strdup_printf("%s %u", node_attr(controller, "type"),
                                                   (guint)node_attr_uint(controller, "index", 0)));
    return used;
}

static void
assign_indexes(Normalise *n)
{
    g_autoptr(GHashTable) used = used_indexes(n);
    /* By type, where to look on: what was in use stays so. */
    g_autoptr(GHashTable) next = g_hash_table_new(g_str_hash, g_str_equal);
    const char *usb2 = NULL;

    NODE_FOREACH(controller, n->devices, "controller") {
        const char *type = node_attr(controller, "type");
        guint index = GPOINTER_TO_UINT(g_hash_table_lookup(next, type));
        char *key = NULL;

        /* Companions share the index of the master that stands before them. */
        if (!node_attr(controller, "index") && is_companion(controller) && usb2)
            node_set_attr(controller, "index", usb2);
        if (!node_attr(controller, "index")) {
            for (key = g_strdup_printf("%s %u", type, index); g_hash_table_contains(used, key);) {
                g_free(key);
                key = g_strdup_printf("%s %u", type, ++index);
            }
            g_hash_table_add(used, key);
            g_hash_table_insert(next, (gpointer)type, GUINT_TO_POINTER(index + 1));
            node_set_attrf(controller, "index", "%u", index);
        }
        if (node_attr_is(controller, "model", "ich9-ehci1") || is_companion(controller))
            usb2 = node_attr(controller, "index");
    }
}

static gboolean
check_model(const xmlNode *controller, GError **error)
{
    const char *type = node_attr(controller, "type"), *model = node_attr(controller, "model");

    if (!model)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(controller_models); i++) {
        if (strcmp(type, controller_models[i].type) != 0)
            continue;
        return g_strv_contains(controller_models[i].models, model) ||
               hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown model type '%s'", model) ||
               node_expect_word(controller, error, "model", controller_models[i].models);
    }
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown model type '%s'", model) ||
           node_expect(controller, error, "no 'model'");
}

/* Where a bus that several CPUs' memory is near to may be, and whether its cell exists. */
static gboolean
check_expander(const Normalise *n, const xmlNode *controller, GError **error)
{
    const xmlNode *node = node_path(controller, "target/node");
    const char *model = node_attr(controller, "model");
    guint cells = node_count(node_path(n->root, "cpu/numa"), "cell");

    if (g_strcmp0(model, "pci-expander-bus") == 0 && !n->is_i440fx)
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "pci-expander-bus controllers are only supported on 440fx-based machinetypes");
    if (g_strcmp0(model, "pcie-expander-bus") == 0 && !n->is_q35 && !n->is_virt)
        return node_throw(controller, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "pcie-expander-bus controllers are not supported with this machine type");
    if (node && node_text_uint(node, G_MAXUINT64) >= cells)
        return node_throw(controller, error, HV_ERR_XML_ERROR,
                          "%s with index %s is configured for a NUMA node (%s) not present in the domain's <cpu><numa> array (%u)",
                          model ? model : "", node_attr(controller, "index"), node_text(node), cells);
    return TRUE;
}

static gboolean
check_pci_controller(const xmlNode *controller, guint64 index, GError **error)
{
    const char *model = node_attr(controller, "model");

    if ((g_strcmp0(model, "pci-root") == 0 || g_strcmp0(model, "pcie-root") == 0) && index != 0)
        return node_throw(controller, error, HV_ERR_XML_ERROR, "pci-root and pcie-root controllers should have index 0");
    return TRUE;
}

static gboolean
normalise_pcihole(xmlNode *hole, GError **error)
{
    guint64 kib;

    if (!hole)
        return TRUE;
    if (!element_kib(hole, "./pcihole64", &kib, error))
        return FALSE;
    element_set_kib(hole, kib);
    return TRUE;
}

/* What stands there and means nothing for a controller of this type goes. */
static void
forget_idle_attributes(xmlNode *controller)
{
    static const char *const numbers[] = { "queues", "cmd_per_lun", "max_sectors", "iothread" };
    xmlNode *driver = node_child(controller, "driver");

    for (gsize i = 0; driver && i < G_N_ELEMENTS(numbers); i++)
        if (node_attr_is(driver, numbers[i], "0"))
            node_set_attr(driver, numbers[i], NULL);
    if (driver && !driver->properties)
        node_remove(driver);
    if (!node_attr_is(controller, "type", "usb") && !node_attr_is(controller, "type", "virtio-serial"))
        node_set_attr(controller, "ports", NULL);
    if (!node_attr_is(controller, "type", "virtio-serial"))
        node_set_attr(controller, "vectors", NULL);
    if (!node_attr_is(controller, "type", "xenbus")) {
        node_set_attr(controller, "maxGrantFrames", NULL);
        node_set_attr(controller, "maxEventChannels", NULL);
    }
    if (!node_attr_is(controller, "type", "pci")) {
        node_remove_children(controller, "target");
        node_remove_children(controller, "model");
        node_remove_children(controller, "pcihole64");
    }
}

gboolean
normalise_controllers(Normalise *n, GError **error)
{
    NODE_FOREACH(controller, n->devices, "controller") {
        const char *index = node_attr(controller, "index");
        guint64 number = 0;

        if (index)
            uint_parse(index, 0, G_MAXINT, &number);
        forget_idle_attributes(controller);
        if (!check_model(controller, error))
            return node_blame(controller, error);
        if (!normalise_pcihole(node_child(controller, "pcihole64"), error))
            return node_blame(controller, error);
        if (node_attr_is(controller, "type", "pci") && !check_pci_controller(controller, number, error))
            return node_blame(controller, error);
        if (is_companion(controller) && !node_child(controller, "master")) {
            const char *model = node_attr(controller, "model");

            node_set_attrf(domain_add_child(controller, "master"), "startport", "%d", (model[strlen(model) - 1] - '1') * 2);
        }
        if (node_attr_is(controller, "model", "ich9-ehci1"))
            node_remove_children(controller, "master");
    }
    arrange_controllers(n->devices);
    assign_indexes(n);
    return TRUE;
}

/* The highest controller that addresses of SCSI devices of the host name, -1 for none. */
static int
highest_of_hostdevs(const Normalise *n)
{
    int highest = -1;

    NODE_FOREACH(hostdev, n->devices, "hostdev")
        if (node_attr_is(hostdev, "type", "scsi"))
            highest = MAX(highest, (int)MIN(node_attr_uint(node_child(hostdev, "address"), "controller", 0), DOMAIN_MAX_DEVICES));
    return highest;
}

/* SCSI devices of the host: their controllers come before those that the machine has. */
void
normalise_hostdev_controllers(Normalise *n)
{
    imply(n, "scsi", highest_of_hostdevs(n));
}

/* What the machine has whether it is written or not. */
gboolean
normalise_default_controllers(Normalise *n, GError **error)
{
    const char *root = NULL, *usb = NULL;

    if (n->is_q35) {
        root = "pcie-root";
        usb = n->facts->has_device(n->facts->data, n->emulator, "qemu-xhci") ? "qemu-xhci"
            : n->facts->has_device(n->facts->data, n->emulator, "nec-usb-xhci") ? "nec-xhci" : NULL;
    } else if (n->is_i440fx) {
        root = "pci-root";
        usb = "piix3-uhci";
    } else if (n->is_x86) {
        usb = strcmp(n->machine, "isapc") == 0 ? NULL : "piix3-uhci";
    } else if (n->is_virt) {
        root = "pcie-root";
    }
    if (usb && !controller_find(n, "usb", 0))
        controller_add(n, "usb", 0, usb);
    if (n->is_q35 && !controller_find(n, "sata", 0))
        controller_add(n, "sata", 0, NULL);
    if (root && !controller_find(n, "pci", 0))
        controller_add(n, "pci", 0, root);
    if (root && !node_attr_is(controller_find(n, "pci", 0), "model", root))
        return hv_throw(error, HV_ERR_XML_ERROR,
                        "The PCI controller with index='0' must be model='%s' for this machine type, but model='%s' "
                        "was found instead", root, node_attr(controller_find(n, "pci", 0), "model") ?: "(null)");
    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "type", "pci") && !check_expander(n, controller, error))
            return node_blame(controller, error);
    return TRUE;
}

/* The highest controller index that addresses of @kind devices name, -1 for none. */
static int
highest_of_disks(const Normalise *n, const char *bus)
{
    int highest = -1;

    NODE_FOREACH(disk, n->devices, "disk")
        if (g_strcmp0(node_child_attr(disk, "target", "bus"), bus) == 0 &&
            g_strcmp0(node_child_attr(disk, "address", "type"), "drive") == 0)
            highest = MAX(highest, (int)MIN(node_attr_uint(node_child(disk, "address"), "controller", 0), DOMAIN_MAX_DEVICES));
    return highest;
}

/* Each port brings the controller it is on, and no others. */
static void
imply_virtio_serial(Normalise *n)
{
    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));) {
        const xmlNode *address = node_child(device, "address");
        guint index = node_attr_is(address, "type", "virtio-serial") ? node_attr_uint(address, "controller", 0) : 0;

        if ((node_is(device, "channel") || node_is(device, "console")) &&
            g_strcmp0(node_child_attr(device, "target", "type"), "virtio") == 0 &&
            !controller_find(n, "virtio-serial", index))
            controller_add(n, "virtio-serial", index, NULL);
    }
}

static void
default_models(Normalise *n)
{
    NODE_FOREACH(controller, n->devices, "controller") {
        const char *type = node_attr(controller, "type"), *model = node_attr(controller, "model");

        if (strcmp(type, "scsi") == 0 && (!model || strcmp(model, "auto") == 0)) {
            const char *choice = strcmp(n->arch, "s390x") != 0 && n->facts->has_device(n->facts->data, n->emulator, "lsi")
                               ? "lsilogic" : "virtio-scsi";

            node_set_attr(controller, "model", choice);
        } else if (strcmp(type, "usb") == 0 && !model) {
            node_set_attr(controller, "model", n->is_x86 ? "piix3-uhci"
                          : n->facts->has_device(n->facts->data, n->emulator, "qemu-xhci") ? "qemu-xhci" : "nec-xhci");
        }
    }
}

static gboolean
check_duplicates(Normalise *n, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    NODE_FOREACH(controller, n->devices, "controller")
        if (!node_attr_is(controller, "type", "usb") &&
            !g_hash_table_add(seen, g_strdup_printf("%s %s", node_attr(controller, "type"), node_attr(controller, "index"))))
            return hv_throw(error, HV_ERR_XML_ERROR, "Multiple '%s' controllers with index '%s'", node_attr(controller, "type"),
                            node_attr(controller, "index")) ||
                   node_expect(controller, error, "another 'index'");
    return TRUE;
}

/* The adapter of POWER machines sits on a bus of its own; registers are libvirt's. */
static void
place_spapr_controllers(Normalise *n)
{
    guint reg = 0x2000;

    NODE_FOREACH(controller, n->devices, "controller")
        if (node_attr_is(controller, "model", "ibmvscsi") && !device_has_address(controller)) {
            node_set_attrf(device_set_address(controller, "spapr-vio"), "reg", "0x%08x", reg);
            reg += 0x1000;
        }
}

gboolean
normalise_implicit_controllers(Normalise *n, GError **error)
{
    if (!check_duplicates(n, error))
        return FALSE;
    imply(n, "scsi", MAX(highest_of_disks(n, "scsi"), highest_of_hostdevs(n)));
    imply(n, "fdc", highest_of_disks(n, "fdc"));
    imply(n, "ide", highest_of_disks(n, "ide"));
    imply(n, "sata", highest_of_disks(n, "sata"));
    imply_virtio_serial(n);
    imply(n, "ccid", node_child(n->devices, "smartcard") ? 0 : -1);
    if (n->is_test)
        return TRUE;

    default_models(n);
    place_spapr_controllers(n);
    return TRUE;
}
