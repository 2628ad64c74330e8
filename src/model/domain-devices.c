/* The remaining devices, and what all devices have in common: alias and address. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"
#include "util/uuid.h"

gboolean
device_has_address(const xmlNode *device)
{
    return node_child(device, "address") != NULL;
}

xmlNode *
device_set_address(xmlNode *device, const char *type)
{
    xmlNode *address = domain_ensure_child(device, "address");

    node_set_attr(address, "type", type);
    return address;
}

/* Fields of a PCI address with what libvirt allows in them. */
static const struct {
    const char *name;
    guint maximum;
    int digits;
} pci_fields[] = { { "domain", 0xffff, 4 }, { "bus", 0xff, 2 }, { "slot", 0x1f, 2 }, { "function", 7, 1 } };

static gboolean
normalise_pci_address(xmlNode *address, GError **error)
{
    gboolean given = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(pci_fields); i++) {
        const char *text = node_attr(address, pci_fields[i].name);
        guint64 value = 0;

        given |= text != NULL;
        if (text && !uint_parse_any(text, 0, G_MAXUINT, &value))
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "Invalid value for attribute '%s' in element 'address': '%s'. Expected non-negative integer value",
                            pci_fields[i].name, text);
        if (value > pci_fields[i].maximum)
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid PCI address %s='0x%0*x', must be <= 0x%X", pci_fields[i].name,
                            pci_fields[i].digits, (guint)value, pci_fields[i].maximum);
        if (given || i > 0)
            node_set_attrf(address, pci_fields[i].name, "0x%0*x", pci_fields[i].digits, (guint)value);
    }
    if (!node_attr(address, "domain"))
        node_set_attr(address, "domain", "0x0000");
    return TRUE;
}

gboolean
normalise_host_address(xmlNode *address, GError **error)
{
    if (!address)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing 'address' element for hostdev");
    return node_attr(address, "type") && !node_attr_is(address, "type", "pci") ? TRUE : normalise_pci_address(address, error);
}

static gboolean
normalise_address(xmlNode *device, GError **error)
{
    static const char *const fields[] = { "domain", "bus", "slot", "function" };
    xmlNode *address = node_child(device, "address");
    gboolean says = FALSE;

    if (!address)
        return TRUE;
    if (!node_attr(address, "type"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'type' in element 'address'");
    if (!node_attr_is(address, "type", "pci"))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        says |= node_attr(address, fields[i]) != NULL;
    if (!says) {
        /* A wish for some PCI address. */
        node_remove(address);
        return TRUE;
    }
    if (!normalise_pci_address(address, error))
        return FALSE;
    if (node_attr_uint(address, "domain", 0) == 0 && node_attr_uint(address, "bus", 0) == 0 &&
        node_attr_uint(address, "slot", 0) == 0 && node_attr_uint(address, "function", 0) == 0)
        node_remove(address);
    return TRUE;
}

/* User aliases begin with "ua-"; all others are made when the domain starts. */
static void
normalise_alias(const Normalise *n, xmlNode *device)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *alias = device_alias(device);

    if (alias && !(n->flags & DOMAIN_PARSE_LIVE) &&
        (!g_str_has_prefix(alias, "ua-") || alias[strspn(alias, allowed)]))
        device_set_alias(device, NULL);
}

static gboolean
check_aliases(Normalise *n, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));) {
        const char *alias = device_alias(device);

        if (alias && !node_is(device, "console") && !g_hash_table_add(seen, (gpointer)alias))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "non unique alias detected: %s", alias);
    }
    return TRUE;
}

static gboolean
normalise_rng(xmlNode *rng, gboolean live, GError **error)
{
    xmlNode *backend = node_child(rng, "backend");

    if (!backend)
        return hv_throw(error, HV_ERR_XML_ERROR, "only one RNG backend is supported");
    if (node_attr_is(backend, "model", "random") && !*node_text(backend))
        node_set_text(backend, "/dev/random");
    if (node_attr_is(backend, "model", "egd")) {
        if (!node_attr(backend, "type"))
            return hv_throw(error, HV_ERR_XML_ERROR, "missing EGD backend type");
        return normalise_chardev_source(backend, live, error);
    }
    return TRUE;
}

static gboolean
normalise_tpm(Normalise *n, xmlNode *tpm, GError **error)
{
    xmlNode *backend = node_child(tpm, "backend");

    if (!backend || !node_attr(backend, "type"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing TPM device backend type");
    if (!node_attr(tpm, "model") || node_attr_is(tpm, "model", "default"))
        node_set_attr(tpm, "model", g_str_has_prefix(n->arch, "ppc64") ? "tpm-spapr" : "tpm-tis");
    if (node_attr_is(backend, "type", "passthrough")) {
        xmlNode *device = domain_ensure_child(backend, "device");

        if (!node_attr(device, "path"))
            node_set_attr(device, "path", "/dev/tpm0");
    } else if (node_attr_is(backend, "type", "emulator")) {
        const char *version = node_attr(backend, "version");

        if (!version || strcmp(version, "default") == 0)
            node_set_attr(backend, "version", node_attr_is(tpm, "model", "tpm-tis") && n->is_x86 ? "1.2" : "2.0");
    }
    return TRUE;
}

static gboolean
normalise_hostdev(xmlNode *hostdev, GError **error)
{
    xmlNode *source = node_child(hostdev, "source"), *address = node_child(source, "address");

    if (!source && !node_attr_is(hostdev, "type", "usb"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing <source> element in hostdev device");
    for (const char *const *id = (const char *const[]){ "vendor", "product", NULL }; *id; id++) {
        xmlNode *number = node_attr_is(hostdev, "type", "usb") ? node_child(source, *id) : NULL;
        guint64 value;

        if (!number)
            continue;
        if (!uint_parse_any(node_attr(number, "id"), 0, 0xffff, &value))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse %s %s", *id, node_attr(number, "id"));
        node_set_attrf(number, "id", "0x%04x", (guint)value);
    }
    if (!node_attr(hostdev, "managed") && !node_attr_is(hostdev, "type", "scsi_host") && node_attr_is(hostdev, "mode", "subsystem"))
        node_set_attr(hostdev, "managed", "no");
    if (node_attr_is(hostdev, "type", "pci")) {
        return normalise_host_address(address, error);
    }
    if (node_attr_is(hostdev, "type", "mdev")) {
        g_autofree char *uuid = uuid_canonical(node_attr(address, "uuid"));

        if (!node_attr(hostdev, "model"))
            return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'model' in element 'hostdev'");
        if (!uuid)
            return hv_throw(error, HV_ERR_XML_ERROR, "Cannot parse uuid attribute of element <address>");
        node_set_attr(address, "uuid", uuid);
    }
    return TRUE;
}

static gboolean
normalise_shmem(xmlNode *shmem, GError **error)
{
    xmlNode *size = node_child(shmem, "size"), *model = node_child(shmem, "model");
    guint64 bytes;

    if (!model)
        node_set_attr(domain_add_child(shmem, "model"), "type", "ivshmem");
    if (strchr(node_attr(shmem, "name"), '/'))
        return hv_throw(error, HV_ERR_XML_ERROR, "shmem name cannot include '/' character");
    if (node_attr_is(node_child(shmem, "model"), "type", "ivshmem"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "ivshmem device is not supported with this QEMU binary");
    if (!size)
        return TRUE;
    if (!uint_parse(node_text(size), 0, G_MAXUINT64, &bytes))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './size[1]'", node_text(size));
    if (!size_scale(&bytes, node_attr(size, "unit"), 1024, G_MAXINT64, error))
        return FALSE;
    {
        g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, bytes >> 20);

        node_set_text(size, text);
        node_set_attr(size, "unit", "M");
    }
    return TRUE;
}

static gboolean
normalise_device(Normalise *n, xmlNode *device, GError **error)
{
    gboolean live = (n->flags & DOMAIN_PARSE_LIVE) != 0;

    if (node_is(device, "rng"))
        return normalise_rng(device, live, error);
    if (node_is(device, "tpm"))
        return normalise_tpm(n, device, error);
    if (node_is(device, "hostdev"))
        return normalise_hostdev(device, error);
    if (node_is(device, "shmem"))
        return normalise_shmem(device, error);
    if (node_is(device, "redirdev"))
        return normalise_chardev_source(device, live, error);
    if (node_is(device, "smartcard") && node_attr_is(device, "mode", "passthrough")) {
        if (!node_attr(device, "type"))
            return hv_throw(error, HV_ERR_XML_ERROR, "passthrough mode requires a character device type attribute");
        return normalise_chardev_source(device, live, error);
    }
    if (node_is(device, "panic") && (!node_attr(device, "model") || node_attr_is(device, "model", "default")) && !n->is_test)
        node_set_attr(device, "model", n->is_x86 ? "isa" : g_str_has_prefix(n->arch, "ppc64") ? "pseries" : "s390");
    if (node_is(device, "vsock")) {
        xmlNode *cid = domain_ensure_child(device, "cid");

        if (!node_attr(device, "model") || node_attr_is(device, "model", "default"))
            node_set_attr(device, "model", "virtio");
        if (node_attr(cid, "address") && !node_attr_yes(cid, "auto", FALSE) && node_attr_uint(cid, "address", 0) < 3)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "guest CIDs must be >= 3");
        if (!node_attr(cid, "auto"))
            node_set_attr(cid, "auto", node_attr(cid, "address") ? "no" : "yes");
        if (node_attr_yes(cid, "auto", FALSE) && !live)
            node_set_attr(cid, "address", NULL);
    }
    if (node_is(device, "filesystem") && !node_child(device, "target")) {
        const char *dir = node_child_attr(device, "source", "dir");

        return hv_throw(error, HV_ERR_NO_TARGET, "%s", dir ? dir : "");
    }
    if (node_is(device, "filesystem") && !n->is_test && !node_attr_is(device, "type", "mount"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "only supports mount filesystem type");
    if (node_is(device, "sound") && !node_attr_is(device, "model", "ich6") && !node_attr_is(device, "model", "ich9"))
        node_remove_children(device, "codec");
    if (node_is(device, "sound") && node_attr_is(device, "model", "ich7") && !n->is_test)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR,
                        "Cannot automatically add a new PCI bus for a device with connect flags 00");
    if (node_is(device, "controller") && node_attr_is(device, "type", "xenbus") && !n->is_test)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR,
                        "Cannot automatically add a new PCI bus for a device with connect flags 00");
    if (node_is(device, "memballoon") && node_attr_is(node_child(device, "stats"), "period", "0"))
        node_remove(node_child(device, "stats"));
    if (node_is(device, "filesystem") && !node_attr(device, "accessmode") && node_attr_is(device, "type", "mount"))
        node_set_attr(device, "accessmode", "passthrough");
    return TRUE;
}

static gboolean
normalise_smartcard_addresses(Normalise *n)
{
    guint slot = 0;

    NODE_FOREACH(smartcard, n->devices, "smartcard") {
        xmlNode *address;

        if (device_has_address(smartcard))
            continue;
        address = device_set_address(smartcard, "ccid");
        node_set_attr(address, "controller", "0");
        node_set_attrf(address, "slot", "%u", slot++);
    }
    return TRUE;
}

/* Memory slots: what is not given is the lowest free one. */
static gboolean
assign_memory_slots(Normalise *n, GError **error)
{
    guint64 slots = node_attr_uint(node_child(n->root, "maxMemory"), "slots", 0);
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);

    NODE_FOREACH(memory, n->devices, "memory") {
        const xmlNode *address = node_child(memory, "address");

        if (node_attr_is(address, "type", "dimm") && node_attr(address, "slot"))
            g_hash_table_add(used, GUINT_TO_POINTER((guint)node_attr_uint(address, "slot", 0)));
    }
    NODE_FOREACH(memory, n->devices, "memory") {
        guint slot = 0;

        if ((!node_attr_is(memory, "model", "dimm") && !node_attr_is(memory, "model", "nvdimm")) || device_has_address(memory))
            continue;
        while (g_hash_table_contains(used, GUINT_TO_POINTER(slot)))
            slot++;
        if (slot >= slots)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "memory device count '%u' exceeds slots count '%u'", slot + 1,
                            (guint)slots);
        g_hash_table_add(used, GUINT_TO_POINTER(slot));
        node_set_attrf(device_set_address(memory, "dimm"), "slot", "%u", slot);
    }
    return TRUE;
}

gboolean
normalise_other_devices(Normalise *n, GError **error)
{
    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));) {
        normalise_alias(n, device);
        if (!normalise_address(device, error) || !normalise_device(n, device, error))
            return FALSE;
    }
    if (!check_aliases(n, error))
        return FALSE;
    if (n->is_test)
        return TRUE;
    if (node_count(n->devices, "memballoon") > 1)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "only a single memory balloon device is supported");
    if (!node_child(n->devices, "memballoon") && !n->is_virt)
        node_set_attr(domain_add_child(n->devices, "memballoon"), "model", "virtio");
    normalise_smartcard_addresses(n);
    return assign_memory_slots(n, error);
}
