/* Memory: how much, where it comes from, what it may use of the host's. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* libvirt's "no limit", in KiB. */
#define MEMORY_UNLIMITED G_GUINT64_CONSTANT(9007199254740991)

gboolean
element_kib(xmlNode *element, const char *path, guint64 *kib, GError **error)
{
    const char *text = node_text(element);
    guint64 bytes;

    /* strtoull() takes white space and a sign. */
    while (g_ascii_isspace(*text))
        text++;
    if (*text == '+')
        text++;

    if (!uint_parse(text, 0, G_MAXUINT64, &bytes))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute '%s'", node_text(element), path) ||
               node_expect(element, error, "a number");
    /* The largest size that libvirt's clients can ask for: a long long of bytes. */
    if (!size_scale(&bytes, node_attr(element, "unit"), 1024, G_MAXINT64, error))
        return node_expect(element, error, "less than 8 EiB, with a unit such as KiB, MiB or GiB");
    *kib = bytes / 1024 + (bytes % 1024 != 0);
    return TRUE;
}

void
element_set_kib(xmlNode *element, guint64 kib)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, kib);

    node_set_text(element, text);
    node_set_attr(element, "unit", "KiB");
}

/* Elements whose text is a size, below any element of this name; the values become KiB. */
static gboolean
normalise_sizes(xmlNode *parent, const char *const *names, GError **error)
{
    for (; *names; names++) {
        xmlNode *element = node_child(parent, *names);
        g_autofree char *path = g_strdup_printf("./%s/%s[1]", node_name(parent), *names);
        guint64 kib;

        if (!element)
            continue;
        if (!*node_text(element)) {
            node_remove(element);
            continue;
        }
        if (!element_kib(element, path, &kib, error))
            return FALSE;
        element_set_kib(element, kib);
    }
    return TRUE;
}

static gboolean
normalise_memtune(Normalise *n, GError **error)
{
    static const char *const limits[] = { "hard_limit", "soft_limit", "min_guarantee", "swap_hard_limit", NULL };
    xmlNode *memtune = node_child(n->root, "memtune");

    if (!memtune)
        return TRUE;
    if (!normalise_sizes(memtune, limits, error))
        return FALSE;
    for (gsize i = 0; limits[i]; i++)
        if (node_text_uint(node_child(memtune, limits[i]), 0) >= MEMORY_UNLIMITED)
            node_remove(node_child(memtune, limits[i]));
    if (!n->is_test && node_child(memtune, "min_guarantee"))
        return node_throw(node_child(memtune, "min_guarantee"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Parameter 'min_guarantee' not supported by QEMU.");
    return TRUE;
}

/* The sets of two <page> must not meet, and one may do without a set: it is for all other nodes. */
static gboolean
check_page_pairs(const xmlNode *hugepages, GError **error)
{
    /* By node: which page has it, counted from 1. */
    g_autofree guint *owners = g_new0(guint, CPUSET_MAX);
    g_autoptr(GPtrArray) pages = g_ptr_array_new();
    const xmlNode *master = NULL;

    NODE_FOREACH(page, hugepages, "page") {
        g_autoptr(GByteArray) set = node_attr(page, "nodeset") ? cpuset_parse(node_attr(page, "nodeset")) : NULL;
        guint first = 0;

        if (!set && master)
            return node_throw(page, error, HV_ERR_XML_DETAIL, "two master hugepages detected: %s and %s", node_attr(page, "size"),
                              node_attr(master, "size"));
        if (!set)
            master = page;
        g_ptr_array_add(pages, page);
        for (guint i = 0; set && i < set->len; i++) {
            if (!set->data[i])
                continue;
            if (owners[i] && (first == 0 || owners[i] < first))
                first = owners[i];
            owners[i] = pages->len;
        }
        if (first)
            return node_throw(page, error, HV_ERR_XML_DETAIL, "nodeset attribute of hugepages of sizes %s and %s intersect",
                              node_attr(page, "size"), node_attr(g_ptr_array_index(pages, first - 1), "size"));
    }
    return TRUE;
}

static gboolean
check_page_nodes(const xmlNode *hugepages, guint cells, GError **error)
{
    NODE_FOREACH(page, hugepages, "page") {
        const char *nodes = node_attr(page, "nodeset");
        g_autoptr(GByteArray) set = nodes ? cpuset_parse(nodes) : NULL;

        for (guint i = MAX(cells, 1); set && i < set->len; i++)
            if (set->data[i])
                return node_throw(page, error, HV_ERR_XML_DETAIL, "hugepages: node %u not found", i);
    }
    return TRUE;
}

static gboolean
normalise_hugepages(Normalise *n, GError **error)
{
    xmlNode *hugepages = node_path(n->root, "memoryBacking/hugepages");
    guint cells = node_count(node_path(n->root, "cpu/numa"), "cell");

    NODE_FOREACH(page, hugepages, "page") {
        const char *nodes = node_attr(page, "nodeset");
        guint64 size;

        if (!uint_parse(node_attr(page, "size"), 0, G_MAXUINT64, &size))
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './@size'",
                            node_attr(page, "size")) ||
                   node_expect(page, error, "a number as 'size'");
        if (!size_scale(&size, node_attr(page, "unit"), 1024, G_MAXINT64, error))
            return node_blame(page, error);
        if (size == 0)
            return node_throw(page, error, HV_ERR_XML_DETAIL, "hugepage size can't be zero");
        node_set_attrf(page, "size", "%" G_GUINT64_FORMAT, size / 1024);
        node_set_attr(page, "unit", "KiB");
        if (nodes) {
            g_autofree char *canonical = *nodes ? cpuset_canonical(nodes) : NULL;

            if (!canonical)
                return hv_throw(error, HV_ERR_INVALID_ARG, "Failed to parse bitmap '%s'", nodes) ||
                       node_expect(page, error, "numbers of nodes such as 0-3,5 as 'nodeset'");
            /* Without NUMA cells everything is node 0. */
            node_set_attr(page, "nodeset", !*canonical || (!cells && strcmp(canonical, "0") == 0) ? NULL : canonical);
        }
    }
    return n->is_test || (check_page_pairs(hugepages, error) && check_page_nodes(hugepages, cells, error));
}

static gboolean
normalise_memory_backing(Normalise *n, GError **error)
{
    xmlNode *backing = node_child(n->root, "memoryBacking"), *allocation = node_child(backing, "allocation");

    if (node_attr_is(allocation, "threads", "0"))
        node_set_attr(allocation, "threads", NULL);
    if (!normalise_hugepages(n, error))
        return FALSE;
    if (!n->is_test && node_child(backing, "hugepages")) {
        if (node_attr_is(node_child(backing, "source"), "type", "anonymous"))
            return node_throw(node_child(backing, "hugepages"), error, HV_ERR_CONFIG_UNSUPPORTED,
                              "hugepages are not allowed with anonymous memory source");
        if (node_attr_is(allocation, "mode", "ondemand"))
            return node_throw(allocation, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "hugepages are not allowed with memory allocation ondemand");
    }
    return TRUE;
}

/* What may be said of one device of the host, with libvirt's name of it in errors. */
static const struct {
    const char *element, *label;
    guint64 max;
} io_limits[] = {
    { "weight", "weight", G_MAXUINT }, { "read_iops_sec", "read iops sec", G_MAXUINT },
    { "write_iops_sec", "write iops sec", G_MAXUINT }, { "read_bytes_sec", "read bytes sec", G_MAXUINT64 },
    { "write_bytes_sec", "write bytes sec", G_MAXUINT64 },
};

/* As strtoull() reads it: a minus counts down from the end. */
static gboolean
io_limit_parse(const char *text, guint64 max, guint64 *value)
{
    if (*text != '-')
        return uint_parse(text, 0, max, value);
    if (max != G_MAXUINT64 || !uint_parse(text + 1, 0, max, value))
        return FALSE;
    *value = 0 - *value;
    return TRUE;
}

/* Limits of 0 are none, and a device without limits is not there. */
static gboolean
normalise_io_device(xmlNode *device, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(io_limits); i++) {
        xmlNode *limit = node_child(device, io_limits[i].element);
        g_autofree char *text = NULL;
        guint64 value;

        if (!limit)
            continue;
        if (!io_limit_parse(node_text(limit), io_limits[i].max, &value))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "could not parse %s %s", io_limits[i].label, node_text(limit)) ||
                   node_expect(limit, error, "a number");
        text = g_strdup_printf("%" G_GUINT64_FORMAT, value);
        node_set_text(limit, text);
        if (value == 0)
            node_remove(limit);
    }
    if (!*(node_child_text(device, "path") ?: ""))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "missing per-device path") ||
               node_expect(device, error, "<path>");
    return TRUE;
}

static gboolean
normalise_blkiotune(Normalise *n, GError **error)
{
    xmlNode *tune = node_child(n->root, "blkiotune"), *weight = node_child(tune, "weight");
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
    guint64 value;

    if (weight && (!uint_parse(node_text(weight), 0, G_MAXUINT, &value) || value == 0))
        node_remove(weight);
    for (xmlNode *device = node_child(tune, "device"), *next; device; device = next) {
        next = node_next(device, "device");
        if (!normalise_io_device(device, error))
            return node_blame(device, error);
        if (!g_hash_table_add(paths, (gpointer)node_child_text(device, "path")))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "duplicate blkio device path '%s'",
                            node_child_text(device, "path")) ||
                   node_expect(device, error, "another <path>");
    }
    for (xmlNode *device = node_child(tune, "device"), *next; device; device = next) {
        next = node_next(device, "device");
        if (node_count(device, NULL) == 1)
            node_remove(device);
    }
    if (tune && !tune->children)
        node_remove(tune);
    return TRUE;
}

static gboolean
is_ppc64(const Normalise *n)
{
    return g_str_has_prefix(node_attr(node_child(n->os, "type"), "arch") ?: "", "ppc64");
}

/* Memory that can be plugged in. */
static gboolean
normalise_max_memory(Normalise *n, xmlNode *maximum, guint64 total, GError **error)
{
    guint64 kib = 0, slots = 0;

    if (node_attr(maximum, "slots") && !uint_parse(node_attr(maximum, "slots"), 0, G_MAXUINT, &slots))
        return hv_throw(error, HV_ERR_XML_ERROR, "Failed to parse memory slot count") ||
               node_expect(maximum, error, "a non-negative integer as 'slots'");
    if (maximum && *node_text(maximum) && !element_kib(maximum, "./maxMemory[1]", &kib, error))
        return FALSE;
    if (maximum && kib == 0 && slots == 0) {
        node_remove(maximum);
        maximum = NULL;
    }
    if (!maximum) {
        if (node_child(n->devices, "memory"))
            return node_throw(node_child(n->devices, "memory"), error, HV_ERR_CONFIG_UNSUPPORTED,
                              "cannot use/hotplug a memory device when domain 'maxMemory' is not defined");
        return TRUE;
    }
    element_set_kib(maximum, kib);
    if (kib == 0 || slots == 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "both maximum memory size and memory slot count must be specified") ||
               node_expect(maximum, error, "a size, and 'slots'");
    if (kib < total)
        return node_throw(maximum, error, HV_ERR_XML_ERROR,
                          "maximum memory size must be equal or greater than the actual memory size");
    /* Memory is plugged into cells, except where the machine has one of its own accord. */
    if (!n->is_test && !node_path(n->root, "cpu/numa/cell") && !is_ppc64(n))
        return node_throw(maximum, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "At least one numa node has to be configured when enabling memory hotplug");
    return TRUE;
}

/* Memory of NUMA cells and of memory devices is part of <memory>, but not all of it; NUMA cells overrule it. */
gboolean
normalise_memory(Normalise *n, GError **error)
{
    xmlNode *maximum = node_child(n->root, "maxMemory"), *memory = node_child(n->root, "memory");
    xmlNode *current = node_child(n->root, "currentMemory"), *numa = node_path(n->root, "cpu/numa");
    guint64 total = 0, cells = 0, devices = 0, kib;

    if (memory && *node_text(memory) && !element_kib(memory, "./memory[1]", &total, error))
        return FALSE;
    NODE_FOREACH(cell, numa, "cell") {
        if (!uint_parse(node_attr(cell, "memory"), 0, G_MAXUINT64, &kib))
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './@memory'",
                            node_attr(cell, "memory")) ||
                   node_expect(cell, error, "a number as 'memory'");
        if (!size_scale(&kib, node_attr(cell, "unit"), 1024, G_MAXINT64, error))
            return node_blame(cell, error);
        kib = kib / 1024 + (kib % 1024 != 0);
        node_set_attrf(cell, "memory", "%" G_GUINT64_FORMAT, kib);
        node_set_attr(cell, "unit", "KiB");
        cells += kib;
    }
    if (!normalise_memory_devices(n, &devices, error))
        return FALSE;
    if (!cells && total && devices > total)
        return node_throw(memory, error, HV_ERR_XML_ERROR, "Total size of memory devices exceeds the total memory size");
    if (cells)
        total = cells + devices;
    if (total == devices)
        return hv_throw(error, HV_ERR_XML_ERROR, "Memory size must be specified via <memory> or in the <numa> configuration") ||
               node_expect(memory ? memory : n->root, error, memory ? "a size above 0" : "<memory>");
    if (!memory)
        memory = domain_add_child(n->root, "memory");
    element_set_kib(memory, total);

    kib = total;
    if (current && *node_text(current) && !element_kib(current, "./currentMemory[1]", &kib, error))
        return FALSE;
    if (!current)
        current = domain_add_child(n->root, "currentMemory");
    element_set_kib(current, kib == 0 || kib > total ? total : kib);

    return normalise_max_memory(n, maximum, total, error) && normalise_memtune(n, error) &&
           normalise_memory_backing(n, error) && normalise_blkiotune(n, error);
}
