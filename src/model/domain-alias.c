/* Names of the devices of a running domain, numbered as libvirt does. A document may come from a file that somebody has
 * edited: no attribute is sure to be there. */
#include "model/domain.h"

#include <string.h>

#include "model/normalise.h"

/* Devices whose alias is a word and a number that counts devices of the kind. */
static const struct {
    const char *kind;
    const char *word;
} counted[] = {
    { "filesystem", "fs" }, { "interface", "net" }, { "sound", "sound" }, { "video", "video" }, { "hub", "hub" },
    { "smartcard", "smartcard" }, { "serial", "serial" }, { "parallel", "parallel" }, { "channel", "channel" },
    { "console", "console" }, { "input", "input" }, { "hostdev", "hostdev" }, { "redirdev", "redir" },
    { "watchdog", "watchdog" }, { "memballoon", "balloon" }, { "rng", "rng" }, { "tpm", "tpm" },
    { "shmem", "shmem" }, { "nvram", "nvram" }, { "panic", "panic" }, { "iommu", "iommu" },
    { "vsock", "vsock" }, { "crypto", "crypto" }, { "audio", "audio" },
};

static gboolean
alias_taken(xmlDoc *doc, const char *alias)
{
    for (xmlNode *device = NULL; (device = domain_next_device(doc, device, NULL));)
        if (g_strcmp0(device_alias(device), alias) == 0)
            return TRUE;
    return FALSE;
}

/* LSI Logic's old adapter has one target, which therefore is in no name. */
static gboolean
is_on_lsilogic(xmlDoc *doc, guint64 index)
{
    NODE_FOREACH(controller, domain_devices(doc), "controller")
        if (node_attr_is(controller, "type", "scsi") && node_attr_uint(controller, "index", 0) == index)
            return node_attr_is(controller, "model", "lsilogic");
    return FALSE;
}

static char *
disk_alias(xmlDoc *doc, const xmlNode *disk)
{
    const char *bus = node_child_attr(disk, "target", "bus") ?: "";
    const xmlNode *address = node_child(disk, "address");

    if (node_attr_is(address, "type", "drive")) {
        guint64 controller = node_attr_uint(address, "controller", 0), target = node_attr_uint(address, "target", 0);
        guint64 drive_bus = node_attr_uint(address, "bus", 0), unit = node_attr_uint(address, "unit", 0);

        if (strcmp(bus, "scsi") == 0 && !is_on_lsilogic(doc, controller))
            return g_strdup_printf("scsi%u-%u-%u-%u", (guint)controller, (guint)drive_bus, (guint)target, (guint)unit);
        return g_strdup_printf("%s%u-%u-%u", bus, (guint)controller, (guint)drive_bus, (guint)unit);
    }
    return g_strdup_printf("%s-disk%d", bus, disk_name_index(disk_target(disk)));
}

static char *
controller_alias(xmlDoc *doc, const xmlNode *controller)
{
    const char *type = node_attr(controller, "type") ?: "", *index = node_attr(controller, "index") ?: "0";

    if (strcmp(type, "pci") == 0) {
        /* Root buses carry QEMU's own names. */
        if (node_attr_is(controller, "model", "pcie-root"))
            return g_strdup("pcie.0");
        if (node_attr_is(controller, "model", "pci-root"))
            return g_strdup("pci.0");
        return g_strdup_printf("pci.%s", index);
    }
    if (strcmp(type, "usb") == 0 && strcmp(index, "0") == 0 && !node_child(controller, "master"))
        return g_strdup("usb");
    if (strcmp(type, "usb") == 0 && node_child(controller, "master"))
        return strcmp(index, "0") == 0 ? g_strdup("usb") : g_strdup_printf("usb%s", index);
    if (strcmp(type, "ide") == 0 && strcmp(index, "0") == 0 && domain_is_i440fx(doc))
        return g_strdup("ide");
    /* The chipset's own SATA controller is named "ide" by QEMU. */
    if (strcmp(type, "sata") == 0 && strcmp(index, "0") == 0 && domain_is_q35(doc))
        return g_strdup("ide");
    return g_strdup_printf("%s%s", type, index);
}

/* The first number from @number on that no device has yet. */
static char *
free_alias(xmlDoc *doc, const char *word, guint number)
{
    for (;; number++) {
        g_autofree char *alias = g_strdup_printf("%s%u", word, number);

        if (!alias_taken(doc, alias))
            return g_steal_pointer(&alias);
    }
}

static char *
counted_alias(xmlDoc *doc, const xmlNode *device, const char *word)
{
    guint number = 0;

    for (const xmlNode *before = node_child(domain_devices(doc), node_name(device)); before && before != device;
         before = node_next(before, node_name(device)))
        number++;
    return free_alias(doc, word, number);
}

/* What sits in a slot is named after the slot, the rest is counted. */
static char *
memory_alias(xmlDoc *doc, const xmlNode *memory)
{
    static const char *const words[][2] = {
        { "virtio-pmem", "virtiopmem" }, { "virtio-mem", "virtiomem" }, { "sgx-epc", "epc" },
    };
    const char *model = node_attr(memory, "model");

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_strcmp0(model, words[i][0]) == 0)
            return free_alias(doc, words[i][1], 0);
    return g_strdup_printf("%s%u", model, (guint)node_attr_uint(node_child(memory, "address"), "slot", 0));
}

static char *
device_new_alias(xmlDoc *doc, const xmlNode *device)
{
    if (node_is(device, "disk"))
        return disk_alias(doc, device);
    if (node_is(device, "controller"))
        return controller_alias(doc, device);
    if (node_is(device, "audio"))
        return NULL;
    if (node_is(device, "memory"))
        return memory_alias(doc, device);
    for (gsize i = 0; i < G_N_ELEMENTS(counted); i++)
        if (node_is(device, counted[i].kind))
            return counted_alias(doc, device, counted[i].word);
    return NULL;
}

void
domain_assign_aliases(xmlDoc *doc)
{
    for (xmlNode *device = NULL; (device = domain_next_device(doc, device, NULL));) {
        g_autofree char *alias = NULL;

        if (device_alias(device))
            continue;
        /* The first console is the first serial port. */
        if (node_is(device, "console") && g_strcmp0(node_child_attr(device, "target", "type"), "serial") == 0) {
            const xmlNode *serial = node_child(domain_devices(doc), "serial");

            if (serial && device_alias(serial)) {
                device_set_alias(device, device_alias(serial));
                continue;
            }
        }
        alias = device_new_alias(doc, device);
        if (alias)
            device_set_alias(device, alias);
    }
}

xmlDoc *
domain_make_live(const xmlDoc *doc, int id)
{
    xmlDoc *copy = document_copy(doc);

    node_set_attrf(document_root(copy), "id", "%d", id);
    domain_assign_aliases(copy);
    /* An empty drive of a running domain has no format; its next medium brings one. */
    for (xmlNode *disk = NULL; (disk = domain_next_device(copy, disk, "disk"));)
        if (disk_is_empty_drive(disk) && node_attr_is(node_child(disk, "driver"), "name", "qemu") &&
            node_attr_is(node_child(disk, "driver"), "type", "raw"))
            node_set_attr(node_child(disk, "driver"), "type", NULL);
    return copy;
}
