/* The remaining devices, and what all devices have in common: alias and address. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

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
} pci_fields[] = { { "domain", G_MAXUINT, 4 }, { "bus", 0xff, 2 }, { "slot", 0x1f, 2 }, { "function", 7, 1 } };

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
                            pci_fields[i].name, text) ||
                   node_expect(address, error, "a non-negative integer as '%s'", pci_fields[i].name);
        if (value > pci_fields[i].maximum && pci_fields[i].digits == 1)
            return node_throw(address, error, HV_ERR_XML_ERROR, "Invalid PCI address function=0x%x, must be <= 7", (guint)value);
        if (value > pci_fields[i].maximum)
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid PCI address %s='0x%0*x', must be <= 0x%X", pci_fields[i].name,
                            pci_fields[i].digits, (guint)value, pci_fields[i].maximum) ||
                   node_expect(address, error, "at most 0x%x as '%s'", pci_fields[i].maximum, pci_fields[i].name);
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
    return node_attr(address, "type") && !node_attr_is(address, "type", "pci") ? TRUE : normalise_pci_address(address, error);
}

static void
normalise_isa_address(xmlNode *address)
{
    for (const char *const *field = (const char *const[]){ "iobase", "irq", NULL }; *field; field++)
        if (node_attr(address, *field))
            node_set_attrf(address, *field, "0x%x", (guint)node_attr_uint(address, *field, 0));
}

/* Fields of addresses that are 0 where they are not written. */
static void
fill_address(xmlNode *address)
{
    static const struct {
        const char *type;
        const char *fields[4];
    } zero[] = {
        { "drive", { "controller", "bus", "target", "unit" } },
        { "virtio-serial", { "controller", "bus", "port" } },
        { "ccid", { "controller", "slot" } },
        { "usb", { "bus" } },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(zero); i++)
        for (gsize f = 0; node_attr_is(address, "type", zero[i].type) && f < G_N_ELEMENTS(zero[i].fields) && zero[i].fields[f]; f++)
            if (!node_attr(address, zero[i].fields[f]))
                node_set_attr(address, zero[i].fields[f], "0");
}

static gboolean
normalise_address(xmlNode *device, GError **error)
{
    static const char *const fields[] = { "domain", "bus", "slot", "function" };
    static const char *const address_types[] = {
        "none", "pci", "drive", "virtio-serial", "ccid", "usb", "spapr-vio", "virtio-s390", "ccw", "virtio-mmio", "isa", "dimm",
        "unassigned", NULL,
    };
    xmlNode *address = node_child(device, "address");
    gboolean says = FALSE;

    if (!address)
        return TRUE;
    if (!node_attr(address, "type"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "No type specified for device address") ||
               node_expect_word(address, error, "type", address_types);
    if (!g_strv_contains(address_types, node_attr(address, "type")))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown address type '%s'", node_attr(address, "type")) ||
               node_expect_word(address, error, "type", address_types);
    if (node_attr_is(address, "type", "unassigned") && !node_is(device, "hostdev"))
        return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED, "address of type 'unassigned' is supported only for hostdevs");
    if (node_attr_is(address, "type", "isa"))
        normalise_isa_address(address);
    fill_address(address);
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
    if (node_attr_uint(address, "domain", 0) != 0)
        return node_throw(device, error, HV_ERR_XML_ERROR, "Invalid PCI address %04x:%02x:%02x.%x. Only PCI domain 0 is available",
                          (guint)node_attr_uint(address, "domain", 0), (guint)node_attr_uint(address, "bus", 0),
                          (guint)node_attr_uint(address, "slot", 0), (guint)node_attr_uint(address, "function", 0));
    if (node_attr_uint(address, "domain", 0) == 0 && node_attr_uint(address, "bus", 0) == 0 && node_attr_uint(address, "slot", 0) == 0)
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
            return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED, "non unique alias detected: %s", alias);
    }
    return TRUE;
}

#define SHMEM_DEFAULT_MIB 4

static gboolean
normalise_shmem_size(xmlNode *shmem, GError **error)
{
    xmlNode *size = node_child(shmem, "size");
    g_autofree char *text = NULL;
    guint64 bytes = 0;

    if (size && !*node_text(size)) {
        node_remove(size);
        size = NULL;
    }
    if (size && !uint_parse(node_text(size), 0, G_MAXUINT64, &bytes))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './size[1]'", node_text(size)) ||
               node_expect(node_child(shmem, "size"), error, "a number");
    if (size && !size_scale(&bytes, node_attr(size, "unit"), 1, G_MAXINT64, error))
        return FALSE;
    /* Less than one MiB would be written as nothing. */
    if (bytes >> 20 == 0 && node_child_attr(shmem, "model", "type") && strcmp(node_child_attr(shmem, "model", "type"), "ivshmem-plain") == 0)
        bytes = SHMEM_DEFAULT_MIB << 20;
    if (!size && bytes == 0)
        return TRUE;
    text = g_strdup_printf("%" G_GUINT64_FORMAT, bytes >> 20);
    size = domain_ensure_child(shmem, "size");
    node_set_text(size, text);
    node_set_attr(size, "unit", "M");
    return TRUE;
}

static gboolean
normalise_shmem(xmlNode *shmem, GError **error)
{
    xmlNode *model = domain_ensure_child(shmem, "model"), *msi = node_child(shmem, "msi");
    gboolean doorbell;

    if (!node_attr(model, "type"))
        node_set_attr(model, "type", "ivshmem");
    doorbell = node_attr_is(model, "type", "ivshmem-doorbell");
    if (msi)
        node_set_attr(msi, "enabled", NULL);
    if (node_attr_uint(msi, "vectors", 0) > G_MAXUINT)
        return hv_throw(error, HV_ERR_XML_ERROR,
                        "Invalid value for attribute 'vectors' in element 'msi': '%s'. Expected non-negative integer value",
                        node_attr(msi, "vectors")) ||
               node_expect(node_child(shmem, "msi"), error, "a non-negative integer as 'vectors'");
    if (node_attr(msi, "vectors"))
        node_set_attrf(msi, "vectors", "%u", (guint)node_attr_uint(msi, "vectors", 0));
    if (doorbell && !node_attr(msi, "ioeventfd"))
        node_set_attr(domain_ensure_child(shmem, "msi"), "ioeventfd", "on");
    return normalise_shmem_size(shmem, error);
}

/* What a mainframe's boot loader is told: short, and in capitals. */
static gboolean
normalise_loadparm(xmlNode *boot, GError **error)
{
    const char *given = node_attr(boot, "loadparm");
    g_autofree char *parameter = given ? g_ascii_strup(given, -1) : NULL;

    if (!given)
        return TRUE;
    if (!*given || strlen(given) > 8)
        return node_throw(boot, error, HV_ERR_INTERNAL_ERROR, "loadparm value '%s' must be between 1 and 8 characters", given);
    for (const char *at = parameter; *at; at++)
        if (!g_ascii_isalnum(*at) && *at != '.' && *at != ' ')
            return node_throw(boot, error, HV_ERR_INTERNAL_ERROR,
                              "invalid loadparm value '%s', expecting chars in set of [a-zA-Z0-9.] and blank spaces", given);
    node_set_attr(boot, "loadparm", parameter);
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
        return normalise_redirdev(device, live, error);
    if (node_is(device, "smartcard"))
        return normalise_smartcard(device, live, error);
    if (node_is(device, "vsock"))
        return normalise_vsock(device, error);
    if (node_is(device, "panic") && (!node_attr(device, "model") || node_attr_is(device, "model", "default")) && !n->is_test)
        node_set_attr(device, "model", g_str_has_prefix(n->arch, "ppc64") ? "pseries" : strcmp(n->arch, "s390x") == 0 ? "s390" : "isa");
    if (node_is(device, "filesystem"))
        return normalise_filesystem(n, device, error);
    if (node_is(device, "lease"))
        return normalise_lease(device, error);
    if (node_is(device, "sound") && node_attr_is(device, "model", "ich7") && !n->is_test)
        return node_throw(device, error, HV_ERR_INTERNAL_ERROR,
                          "Cannot automatically add a new PCI bus for a device with connect flags 00");
    if (node_is(device, "memballoon") && g_ascii_strtoll(node_child_attr(device, "stats", "period") ?: "0", NULL, 10) <= 0)
        node_remove(node_child(device, "stats"));
    if (node_is(device, "memballoon") && node_attr_is(device, "model", "none"))
        node_remove_children(device, "address");
    if (node_is(device, "memballoon") && node_attr_is(device, "model", "xen") && !n->is_test)
        return node_throw(device, error, HV_ERR_INTERNAL_ERROR,
                          "Cannot automatically add a new PCI bus for a device with connect flags 00");
    if (node_is(device, "hub") && device_has_address(device) && !node_attr_is(node_child(device, "address"), "type", "usb"))
        node_remove_children(device, "address");
    if (node_is(device, "iommu") && node_attr_is(node_child(device, "driver"), "aw_bits", "0"))
        node_set_attr(node_child(device, "driver"), "aw_bits", NULL);
    return TRUE;
}

static void
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
}

/* Boards that libvirt gives no balloon by itself. */
static gboolean
has_no_balloon(const Normalise *n)
{
    return g_str_has_prefix(n->arch, "arm") || strcmp(n->arch, "aarch64") == 0 || g_str_has_prefix(n->arch, "riscv");
}

gboolean
normalise_other_devices(Normalise *n, GError **error)
{
    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));) {
        normalise_alias(n, device);
        if (!normalise_address(device, error) || !normalise_loadparm(node_child(device, "boot"), error) ||
            !normalise_device(n, device, error))
            return node_blame(device, error);
    }
    if (!check_aliases(n, error) || !normalise_redirfilter(n, error))
        return FALSE;
    if (n->is_test)
        return TRUE;
    if (node_count(n->devices, "memballoon") > 1)
        return node_throw(node_child(n->devices, "memballoon"), error, HV_ERR_INTERNAL_ERROR,
                          "only a single memory balloon device is supported");
    if (!node_child(n->devices, "memballoon") && !has_no_balloon(n))
        node_set_attr(domain_add_child(n->devices, "memballoon"), "model", "virtio");
    normalise_smartcard_addresses(n);
    return normalise_memory_slots(n, error);
}
