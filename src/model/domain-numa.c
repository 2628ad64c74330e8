/* NUMA: the guest's cells, what connects them, and where the host puts their memory. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Numbers of a distance that QEMU and the guest's firmware take; a cell is at the first from itself. */
#define DISTANCE_LOCAL 10
#define DISTANCE_MAX 255
/* Levels of cache that the guest's firmware can describe. */
#define CACHE_LEVELS 3

/* Distances between cells are the same both ways unless both are written; a cell is at 10 from itself. */
static void
complete_distances(xmlNode *numa, guint count)
{
    g_autofree guint *distance = g_new0(guint, (gsize)count * count);

    NODE_FOREACH(cell, numa, "cell")
        NODE_FOREACH(sibling, node_child(cell, "distances"), "sibling") {
            guint from = node_attr_uint(cell, "id", 0), to = node_attr_uint(sibling, "id", 0);

            if (to >= count)
                continue;
            distance[from * count + to] = node_attr_uint(sibling, "value", 0);
            if (!distance[to * count + from])
                distance[to * count + from] = distance[from * count + to];
            distance[from * count + from] = distance[to * count + to] = DISTANCE_LOCAL;
        }
    NODE_FOREACH(cell, numa, "cell") {
        guint from = node_attr_uint(cell, "id", 0);
        xmlNode *distances;

        if (!distance[from * count + from])
            continue;
        distances = domain_ensure_child(cell, "distances");
        node_remove_children(distances, NULL);
        for (guint to = 0; to < count; to++)
            if (distance[from * count + to]) {
                xmlNode *sibling = node_add(distances, "sibling", NULL);

                node_set_attrf(sibling, "id", "%u", to);
                node_set_attrf(sibling, "value", "%u", distance[from * count + to]);
            }
    }
}

static gboolean
check_distances(const xmlNode *numa, guint count, GError **error)
{
    NODE_FOREACH(cell, numa, "cell")
        NODE_FOREACH(sibling, node_child(cell, "distances"), "sibling") {
            guint64 value = node_attr_uint(sibling, "value", 0), to = node_attr_uint(sibling, "id", 0);
            gboolean self = to == node_attr_uint(cell, "id", 0);

            if (value < DISTANCE_LOCAL || value > DISTANCE_MAX || (self && value != DISTANCE_LOCAL))
                return node_throw(sibling, error, HV_ERR_XML_ERROR,
                                  "'value %" G_GUINT64_FORMAT "' is invalid for 'sibling id %" G_GUINT64_FORMAT
                                  "' under NUMA 'cell id %s'", value, to, node_attr(cell, "id"));
            if (to >= count)
                return node_throw(sibling, error, HV_ERR_XML_ERROR,
                                  "'sibling_id %" G_GUINT64_FORMAT "' does not refer to a valid cell within "
                                  "NUMA 'cell id %s'", to, node_attr(cell, "id"));
        }
    return TRUE;
}

/* --- caches and interconnects ---------------------------------------------------------------------------- */

/* The size in @attribute of @node becomes @scale's unit. */
static gboolean
normalise_scaled(xmlNode *node, const char *attribute, const char *path, guint64 scale, const char *unit, GError **error)
{
    const char *text = node_attr(node, attribute);
    guint64 value;

    if (!text)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing element or attribute '%s'", path) ||
               node_expect(node, error, "'%s'", attribute);
    if (!uint_parse(text, 0, G_MAXUINT64, &value))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute '%s'", text, path) ||
               node_expect(node, error, "a number as '%s'", attribute);
    if (!size_scale(&value, node_attr(node, "unit"), scale, G_MAXINT64, error))
        return node_expect(node, error, "less than 8 EiB, with a unit such as KiB, MiB or GiB");
    value = value / scale + (value % scale != 0);
    node_set_attrf(node, attribute, "%" G_GUINT64_FORMAT, value);
    node_set_attr(node, "unit", unit);
    return TRUE;
}

static gboolean
normalise_cell_cache(xmlNode *cache, guint id, guint *levels, GError **error)
{
    static const char *const associativities[] = { "none", "direct", "full", NULL };
    static const char *const policies[] = { "none", "writeback", "writethrough", NULL };
    const char *associativity = node_attr(cache, "associativity"), *policy = node_attr(cache, "policy");
    guint64 level;

    if (!node_attr(cache, "level"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing 'level' attribute in cache element for NUMA node %u", id) ||
               node_expect(cache, error, "'level'");
    level = node_attr_uint(cache, "level", 0);
    if (level == 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid 'level' attribute in cache element for NUMA node %u", id) ||
               node_expect(cache, error, "1 to %d as 'level'", CACHE_LEVELS);
    if (!associativity)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing 'associativity' attribute in cache element for NUMA node %u", id) ||
               node_expect_word(cache, error, "associativity", associativities);
    if (!g_strv_contains(associativities, associativity))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid cache associativity '%s'", associativity) ||
               node_expect_word(cache, error, "associativity", associativities);
    if (!policy || !g_strv_contains(policies, policy))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid cache policy '%s'", policy ? policy : "(null)") ||
               node_expect_word(cache, error, "policy", policies);
    if (!normalise_scaled(node_child(cache, "size"), "value", "./size/@value", 1024, "KiB", error) ||
        !normalise_scaled(node_child(cache, "line"), "value", "./line/@value", 1, "B", error))
        return FALSE;
    if (level > CACHE_LEVELS)
        return node_throw(cache, error, HV_ERR_XML_ERROR, "Ain't nobody heard of that much cache level");
    if (*levels & 1u << level)
        return node_throw(cache, error, HV_ERR_XML_ERROR, "Cache level '%u' already defined", (guint)level);
    *levels |= 1u << level;
    return TRUE;
}

static const xmlNode *
find_cell(const xmlNode *numa, guint64 id)
{
    NODE_FOREACH(cell, numa, "cell")
        if (node_attr_uint(cell, "id", 0) == id)
            return cell;
    return NULL;
}

static gboolean
cell_has_cache(const xmlNode *cell, guint64 level)
{
    NODE_FOREACH(cache, cell, "cache")
        if (node_attr_uint(cache, "level", 0) == level)
            return TRUE;
    return FALSE;
}

/* What makes a link the same as another one. */
static char *
link_key(const xmlNode *link)
{
    return g_strdup_printf("%s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, node_name(link),
                           node_attr(link, "type"), node_attr_uint(link, "initiator", 0), node_attr_uint(link, "target", 0),
                           node_attr_uint(link, "cache", 0));
}

/* @seen: the links before this one. */
static gboolean
check_interconnect(const xmlNode *numa, const xmlNode *link, GHashTable *seen, GError **error)
{
    const xmlNode *initiator = find_cell(numa, node_attr_uint(link, "initiator", 0));
    const xmlNode *target = find_cell(numa, node_attr_uint(link, "target", 0));
    guint64 level = node_attr_uint(link, "cache", 0);

    if (!initiator)
        return node_throw(link, error, HV_ERR_XML_ERROR, "'initiator' refers to a non-existent NUMA node");
    if (!target)
        return node_throw(link, error, HV_ERR_XML_ERROR, "'target' refers to a non-existent NUMA node");
    if (!node_attr(initiator, "cpus"))
        return node_throw(link, error, HV_ERR_XML_ERROR, "NUMA nodes without CPUs can't be initiator");
    if (level > 0 && !cell_has_cache(target, level))
        return node_throw(link, error, HV_ERR_XML_ERROR, "'cache' refers to a non-existent NUMA node cache");
    if (!g_hash_table_add(seen, link_key(link)))
        return node_throw(link, error, HV_ERR_XML_ERROR, "Duplicate info for NUMA latencies");
    return TRUE;
}

static gboolean
normalise_hmat(xmlNode *numa, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    xmlNode *interconnects = node_child(numa, "interconnects");

    NODE_FOREACH(cell, numa, "cell") {
        guint levels = 0;

        NODE_FOREACH(cache, cell, "cache")
            if (!normalise_cell_cache(cache, node_attr_uint(cell, "id", 0), &levels, error))
                return node_blame(cache, error);
    }
    NODE_FOREACH(bandwidth, interconnects, "bandwidth")
        if (!normalise_scaled(bandwidth, "value", "./@value", 1024, "KiB", error))
            return node_blame(bandwidth, error);
    NODE_FOREACH(link, interconnects, NULL)
        if (!check_interconnect(numa, link, seen, error))
            return node_blame(link, error);
    return TRUE;
}

/* --- cells ------------------------------------------------------------------------------------------------ */

/* Puts the CPUs of one cell into @taken, which holds for each virtual CPU its cell's id + 1, or 0. */
static gboolean
take_cell_cpus(xmlNode *cell, guint id, GByteArray *taken, guint maximum, GError **error)
{
    const char *cpus = node_attr(cell, "cpus");
    g_autoptr(GByteArray) set = cpus ? cpuset_parse(cpus) : NULL;
    g_autofree char *canonical = set ? cpuset_format(set) : NULL;

    if (!cpus)
        return TRUE;
    if (!set || !*cpus)
        return hv_throw(error, HV_ERR_INVALID_ARG, "Failed to parse bitmap '%s'", cpus) ||
               node_expect(cell, error, "numbers of CPUs such as 0-3,5 as 'cpus'");
    for (guint cpu = 0; cpu < set->len; cpu++) {
        if (!set->data[cpu])
            continue;
        if (cpu >= maximum)
            return node_throw(cell, error, HV_ERR_INTERNAL_ERROR, "Number of CPUs in <numa> exceeds the <vcpu> count");
        if (taken->data[cpu])
            return node_throw(cell, error, HV_ERR_CONFIG_UNSUPPORTED, "NUMA cells %u and %u have overlapping vCPU ids", id,
                              taken->data[cpu] - 1u);
        taken->data[cpu] = MIN(id, 254) + 1;
    }
    node_set_attr(cell, "cpus", *canonical ? canonical : NULL);
    return TRUE;
}

static gboolean
normalise_cells(xmlNode *numa, guint count, GByteArray *taken, guint maximum, GError **error)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);
    guint next = 0;

    NODE_FOREACH(cell, numa, "cell") {
        guint64 id = node_attr_uint(cell, "id", next++);

        if (id >= count)
            return node_throw(cell, error, HV_ERR_XML_ERROR,
                              "Exactly one 'cell' element per guest NUMA cell allowed, non-contiguous ranges or ranges "
                              "not starting from 0 are not allowed");
        if (!g_hash_table_add(ids, GUINT_TO_POINTER((guint)id)))
            return hv_throw(error, HV_ERR_XML_ERROR, "Duplicate NUMA cell info for cell id '%u'", (guint)id) ||
                   node_expect(cell, error, "another 'id'");
        node_set_attrf(cell, "id", "%u", (guint)id);
        if (!take_cell_cpus(cell, id, taken, maximum, error))
            return node_blame(cell, error);
    }
    return TRUE;
}

static void
sort_cells(xmlNode *numa, guint count)
{
    for (guint i = 0; i < count; i++)
        NODE_FOREACH(cell, numa, "cell")
            if (node_attr_uint(cell, "id", 0) == i) {
                node_append_copy(numa, cell);
                node_remove(cell);
                break;
            }
}

/* Virtual CPUs that no cell names belong to the first one. */
static void
give_rest_to_first_cell(xmlNode *first, const GByteArray *taken, guint maximum)
{
    const char *cpus = node_attr(first, "cpus");
    g_autoptr(GByteArray) set = cpus ? cpuset_parse(cpus) : g_byte_array_new();
    g_autofree char *canonical = NULL;
    guint given = set->len;

    if (!memchr(taken->data, 0, maximum))
        return;
    if (given < maximum) {
        g_byte_array_set_size(set, maximum);
        memset(set->data + given, 0, maximum - given);
    }
    for (guint cpu = 0; cpu < maximum; cpu++)
        if (!taken->data[cpu])
            set->data[cpu] = 1;
    canonical = cpuset_format(set);
    node_set_attr(first, "cpus", canonical);
}

gboolean
normalise_numa(Normalise *n, GError **error)
{
    xmlNode *numa = node_path(n->root, "cpu/numa"), *interconnects;
    /* No set holds more of them, and no machine has more. */
    guint count = node_count(numa, "cell"), maximum = MIN(domain_max_vcpus(n->doc), CPUSET_MAX);
    g_autoptr(GByteArray) taken = NULL;

    if (numa && count == 0 && !n->is_test)
        return hv_throw(error, HV_ERR_XML_ERROR, "NUMA topology defined without NUMA cells");
    if (count == 0) {
        node_remove(numa);
        return TRUE;
    }
    if (count > 1024)
        return hv_throw(error, HV_ERR_XML_ERROR, "%u NUMA cells are more than the 1024 allowed", count);
    taken = g_byte_array_new();
    g_byte_array_set_size(taken, MAX(maximum, 1));
    memset(taken->data, 0, taken->len);

    if (!normalise_cells(numa, count, taken, maximum, error))
        return FALSE;
    sort_cells(numa, count);
    if (!check_distances(numa, count, error))
        return FALSE;
    give_rest_to_first_cell(node_child(numa, "cell"), taken, maximum);
    complete_distances(numa, count);
    if (!normalise_hmat(numa, error))
        return FALSE;
    /* libvirt writes what connects the cells behind them. */
    interconnects = node_child(numa, "interconnects");
    if (interconnects) {
        node_append_copy(numa, interconnects);
        node_remove(interconnects);
    }
    return TRUE;
}

/* --- where the memory comes from --------------------------------------------------------------------------- */

/* Without a set of nodes it is left to the host's advisor, which is what placement='auto' of the CPUs asks for, too. */
static gboolean
normalise_numa_memory(Normalise *n, xmlNode *tune, xmlNode *memory, GError **error)
{
    xmlNode *vcpu = node_child(n->root, "vcpu");
    gboolean cpus_auto = node_attr_is(vcpu, "placement", "auto") && !node_attr(vcpu, "cpuset");
    gboolean is_auto;

    if (!normalise_cpuset(memory, "nodeset", error))
        return FALSE;
    is_auto = node_attr_is(memory, "placement", "auto") ||
              (!node_attr(memory, "placement") && !node_attr(memory, "nodeset") && cpus_auto);
    if (!is_auto && !node_attr(memory, "nodeset"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "nodeset for NUMA memory tuning must be set if 'placement' is 'static'");
    if (is_auto && node_child(tune, "memnode"))
        return node_throw(memory, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Per-node binding is not compatible with automatic NUMA placement.");
    node_set_attr(memory, "placement", is_auto ? "auto" : NULL);
    if (is_auto)
        node_set_attr(memory, "nodeset", NULL);
    if (!node_attr(memory, "mode"))
        node_set_attr(memory, "mode", "strict");
    return TRUE;
}

static gboolean
normalise_memnodes(const xmlNode *numa, xmlNode *tune, const char *mode, GError **error)
{
    if (node_child(tune, "memnode") && !node_child(numa, "cell"))
        return node_throw(tune, error, HV_ERR_XML_ERROR, "Element 'memnode' is invalid without any guest NUMA cells");
    NODE_FOREACH(own, tune, "memnode") {
        guint64 cell = node_attr_uint(own, "cellid", 0);

        if (!find_cell(numa, cell))
            return node_throw(own, error, HV_ERR_XML_ERROR,
                              "Argument 'cellid' in memnode element must correspond to existing guest's NUMA cell");
        for (const xmlNode *before = node_child(tune, "memnode"); before != own; before = node_next(before, "memnode"))
            if (node_attr_uint(before, "cellid", 0) == cell)
                return node_throw(own, error, HV_ERR_XML_ERROR, "Multiple memnode elements with cellid %" G_GUINT64_FORMAT, cell);
        if (g_strcmp0(mode, "restrictive") == 0 && !node_attr_is(own, "mode", "restrictive"))
            return node_throw(own, error, HV_ERR_XML_ERROR,
                              "'restrictive' mode is required in memnode element when mode is 'restrictive' "
                              "in memory element");
        if (!normalise_cpuset(own, "nodeset", error))
            return node_blame(own, error);
        node_set_attrf(own, "cellid", "%" G_GUINT64_FORMAT, cell);
    }
    sort_by_number(tune, "memnode", "cellid");
    return TRUE;
}

gboolean
normalise_numatune(Normalise *n, GError **error)
{
    xmlNode *tune = node_child(n->root, "numatune"), *memory = node_child(tune, "memory"), *vcpu = node_child(n->root, "vcpu");

    /* An element that says nothing is none. */
    if (memory && !memory->properties) {
        node_remove(memory);
        memory = NULL;
    }
    if (memory && !normalise_numa_memory(n, tune, memory, error))
        return FALSE;
    if (!normalise_memnodes(node_path(n->root, "cpu/numa"), tune, node_attr(memory, "mode"), error))
        return FALSE;
    if (tune && !tune->children)
        node_remove(tune);
    if (node_attr_is(memory, "placement", "auto") && !node_attr(vcpu, "cpuset"))
        node_set_attr(vcpu, "placement", "auto");
    if (!node_attr_is(vcpu, "placement", "auto"))
        return TRUE;
    tune = domain_ensure_child(n->root, "numatune");
    if (!memory && !n->is_test) {
        memory = domain_ensure_child(tune, "memory");
        node_set_attr(memory, "mode", "strict");
        node_set_attr(memory, "placement", "auto");
    }
    return TRUE;
}
