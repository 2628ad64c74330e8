/* Memory devices: DIMMs, NVDIMMs, virtio-mem and virtio-pmem. Sizes are in KiB. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* The least that QEMU takes for a label area. */
#define LABEL_MIN 128
/* A block of virtio-mem is at least what the kernel backs with one transparent huge page of x86. */
#define BLOCK_MIN 2048

/* --- reading --------------------------------------------------------------------------------------------- */

static gboolean
parse_size(xmlNode *parent, const char *name, GError **error)
{
    g_autofree char *path = g_strdup_printf("./%s", name);
    xmlNode *size = node_child(parent, name);
    guint64 kib;

    if (!size)
        return TRUE;
    if (!element_kib(size, path, &kib, error))
        return FALSE;
    element_set_kib(size, kib);
    return TRUE;
}

static gboolean
parse_source(xmlNode *source, GError **error)
{
    const char *nodes = node_child_text(source, "nodemask");

    if (!parse_size(source, "pagesize", error) || !parse_size(source, "alignsize", error))
        return FALSE;
    if (nodes) {
        g_autofree char *canonical = cpuset_canonical(nodes);

        if (!canonical)
            return hv_throw(error, HV_ERR_INVALID_ARG, "Failed to parse bitmap '%s'", nodes) ||
                   node_expect(source, error, "numbers of nodes such as 0-3,5");
        node_set_text(node_child(source, "nodemask"), canonical);
    }
    return TRUE;
}

static gboolean
parse_label(const xmlNode *memory, const xmlNode *target, GError **error)
{
    xmlNode *label = node_child(target, "label");
    guint64 kib;

    if (!label)
        return TRUE;
    if (!parse_size(label, "size", error))
        return FALSE;
    kib = node_text_uint(node_child(label, "size"), 0);
    if (kib < LABEL_MIN)
        return node_throw(target, error, HV_ERR_XML_ERROR, "nvdimm label must be at least %uKiB", LABEL_MIN);
    if (kib >= node_text_uint(node_path(memory, "target/size"), 0))
        return node_throw(target, error, HV_ERR_XML_ERROR, "label size must be smaller than NVDIMM size");
    return TRUE;
}

static gboolean
parse_target(const xmlNode *memory, xmlNode *target, GError **error)
{
    const char *node = node_child_text(target, "node");
    guint64 number;

    if (node && !uint_parse(node, 0, G_MAXUINT, &number))
        return hv_throw(error, HV_ERR_XML_ERROR, "invalid value of memory device node") ||
               node_expect(target, error, "the number of a NUMA cell as <node>");
    if (!node_child(target, "size"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing element or attribute './size'") ||
               node_expect(target, error, "<size>");
    for (const char *const *size = (const char *const[]){ "size", "block", "requested", "current", NULL }; *size; size++)
        if (!parse_size(target, *size, error))
            return FALSE;
    return parse_label(memory, target, error);
}

/* libvirt reads the base as hexadecimal, with or without 0x. */
static void
normalise_base(xmlNode *address)
{
    const char *base = node_attr(address, "base");

    if (base && node_attr_is(address, "type", "dimm"))
        node_set_attrf(address, "base", "0x%" G_GINT64_MODIFIER "x", g_ascii_strtoull(base, NULL, 16));
}

gboolean
normalise_memory_devices(Normalise *n, guint64 *total, GError **error)
{
    *total = 0;
    NODE_FOREACH(memory, n->devices, "memory") {
        xmlNode *target = node_child(memory, "target");

        if (!target)
            return hv_throw(error, HV_ERR_XML_ERROR, "missing <target> element for <memory> device") ||
                   node_expect(memory, error, "<target>");
        if (!parse_target(memory, target, error) || (node_child(memory, "source") && !parse_source(node_child(memory, "source"), error)))
            return node_blame(memory, error);
        normalise_base(node_child(memory, "address"));
        *total += node_text_uint(node_child(target, "size"), 0);
        if (node_attr_is(memory, "model", "virtio-pmem") && !node_attr(memory, "access"))
            node_set_attr(memory, "access", "shared");
        if (!node_attr_is(memory, "model", "virtio-mem"))
            continue;
        element_set_kib(domain_ensure_child(target, "requested"), node_text_uint(node_child(target, "requested"), 0));
        if (!(n->flags & DOMAIN_PARSE_LIVE))
            node_remove_children(target, "current");
    }
    return TRUE;
}

/* --- slots ----------------------------------------------------------------------------------------------- */

static gboolean
is_dimm(const xmlNode *memory)
{
    return node_attr_is(memory, "model", "dimm") || node_attr_is(memory, "model", "nvdimm");
}

/* What is not given is the lowest free one. */
gboolean
normalise_memory_slots(Normalise *n, GError **error)
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

        if (!is_dimm(memory) || device_has_address(memory))
            continue;
        while (g_hash_table_contains(used, GUINT_TO_POINTER(slot)))
            slot++;
        if (slot >= slots)
            return node_throw(memory, error, HV_ERR_INTERNAL_ERROR, "failed to find an empty memory slot");
        g_hash_table_add(used, GUINT_TO_POINTER(slot));
        node_set_attrf(device_set_address(memory, "dimm"), "slot", "%u", slot);
    }
    return TRUE;
}

/* --- checks ---------------------------------------------------------------------------------------------- */

static gboolean
check_dimm_address(const xmlNode *memory, guint64 slots, GHashTable *used_slots, GHashTable *used_bases, GError **error)
{
    const xmlNode *address = node_child(memory, "address");
    const char *base = node_attr(address, "base");
    guint64 slot = node_attr_uint(address, "slot", 0);

    if (!node_attr_is(address, "type", "dimm"))
        return TRUE;
    if (slot >= slots)
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "memory device slot '%u' exceeds slots count '%u'",
                          (guint)slot, (guint)slots);
    if (!g_hash_table_add(used_slots, GUINT_TO_POINTER((guint)slot)))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "memory device slot '%u' is already being used by another memory device",
                          (guint)slot);
    if (base && !g_hash_table_add(used_bases, (gpointer)base))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "memory device base '%s' is already being used by another memory device", base);
    return TRUE;
}

static gboolean
check_virtio_mem(const xmlNode *target, GError **error)
{
    guint64 size = node_text_uint(node_child(target, "size"), 0), block = node_text_uint(node_child(target, "block"), 0);
    guint64 requested = node_text_uint(node_child(target, "requested"), 0);

    if (block == 0 || (block & (block - 1)) != 0)
        return node_throw(target, error, HV_ERR_XML_DETAIL, "block size must be a power of two");
    if (block < BLOCK_MIN)
        return node_throw(target, error, HV_ERR_XML_DETAIL, "block size too small, must be at least %uKiB", BLOCK_MIN);
    if (requested > size)
        return node_throw(target, error, HV_ERR_XML_DETAIL,
                          "requested size must be smaller than or equal to @size (%" G_GUINT64_FORMAT "KiB)", size);
    if (requested % block != 0)
        return node_throw(target, error, HV_ERR_XML_DETAIL, "requested size must be an integer multiple of block size");
    return TRUE;
}

static gboolean
check_model(const Normalise *n, const xmlNode *memory, GError **error)
{
    const char *model = node_attr(memory, "model"), *address = node_child_attr(memory, "address", "type");
    const xmlNode *target = node_child(memory, "target");
    gboolean nvdimm = strcmp(model, "nvdimm") == 0, pmem = strcmp(model, "virtio-pmem") == 0, virtio = g_str_has_prefix(model, "virtio");

    if ((nvdimm || pmem) && !*(node_child_text(node_child(memory, "source"), "path") ?: ""))
        return node_throw(memory, error, HV_ERR_XML_DETAIL, "path is required for model '%s'", model);
    if (nvdimm && node_attr_is(memory, "discard", "yes"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "discard is not supported for nvdimms");
    if (pmem && node_attr_is(memory, "access", "private"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "shared access mode required for virtio-pmem device");
    if (pmem && node_child(target, "node"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "virtio-pmem does not support NUMA nodes");
    if (pmem && node_attr(memory, "discard"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "discard is not supported for model '%s'", model);
    if (strcmp(model, "virtio-mem") == 0 && !check_virtio_mem(target, error))
        return FALSE;
    if (nvdimm && node_child(memory, "uuid") && !g_str_has_prefix(n->arch, "ppc64"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "UUID is not supported for NVDIMM device");
    if (strcmp(model, "sgx-epc") == 0)
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "sgx epc isn't supported by this QEMU binary");
    if (virtio && !n->facts->has_device(n->facts->data, n->emulator, pmem ? "virtio-pmem-pci" : "virtio-mem-pci"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "%s isn't supported by this QEMU binary", model);
    if (virtio && address && strcmp(address, "pci") != 0)
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "only 'pci' addresses are supported for the %s device", model);
    return TRUE;
}

static gboolean
check_node(const xmlNode *memory, guint cells, GError **error)
{
    const xmlNode *node = node_path(memory, "target/node");

    if (!node && !node_attr_is(memory, "model", "virtio-pmem") && !node_attr_is(memory, "model", "sgx-epc"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED, "target NUMA node needs to be specified for memory device");
    if (node && node_text_uint(node, 0) >= cells)
        return node_throw(memory, error, HV_ERR_XML_DETAIL,
                          "can't add memory backend for guest node '%s' as the guest has only '%u' NUMA nodes configured",
                          node_text(node), cells);
    return TRUE;
}

gboolean
check_memory_devices(const Normalise *n, GError **error)
{
    const xmlNode *maximum = node_child(n->root, "maxMemory");
    guint cells = node_count(node_path(n->root, "cpu/numa"), "cell"), count = node_count(n->devices, "memory");
    guint64 slots = node_attr_uint(maximum, "slots", 0);
    g_autoptr(GHashTable) used_slots = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) used_bases = g_hash_table_new(g_str_hash, g_str_equal);

    if (!maximum && count > 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "cannot use/hotplug a memory device when domain 'maxMemory' is not defined");
    if (!maximum)
        return TRUE;
    if (cells == 0 && !g_str_has_prefix(n->arch, "ppc64"))
        return node_throw(node_child(n->devices, "memory"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "At least one numa node has to be configured when enabling memory hotplug");
    if (count > slots)
        return node_throw(node_child(n->root, "maxMemory"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "memory device count '%u' exceeds slots count '%u'", count, (guint)slots);
    NODE_FOREACH(memory, n->devices, "memory")
        if (!check_model(n, memory, error) || !check_node(memory, cells, error) ||
            !check_dimm_address(memory, slots, used_slots, used_bases, error))
            return node_blame(memory, error);
    return TRUE;
}
