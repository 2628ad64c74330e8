/* The guest's CPU and its NUMA cells. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* A domain without CPU model gets the machine's own, so that it stays the same with the next emulator. */
static void
default_cpu_model(Normalise *n)
{
    xmlNode *cpu = node_child(n->root, "cpu"), *model;
    g_autofree char *name = NULL;

    if (cpu && (node_child(cpu, "model") || !(node_attr(cpu, "mode") == NULL || node_attr_is(cpu, "mode", "custom"))))
        return;
    name = n->facts->default_cpu(n->facts->data, n->emulator, n->machine, n->virt);
    if (!name)
        return;
    if (!cpu)
        cpu = domain_add_child(n->root, "cpu");
    node_set_attr(cpu, "mode", "custom");
    node_set_attr(cpu, "match", "exact");
    node_set_attr(cpu, "check", "none");
    model = domain_add_child(cpu, "model");
    node_set_text(model, name);
    node_set_attr(model, "fallback", "forbid");
}

static const char *
default_check(const Normalise *n, const char *mode)
{
    if (strcmp(mode, "host-model") == 0)
        return "partial";
    if (strcmp(mode, "custom") == 0 && strcmp(n->virt, "kvm") == 0)
        return "partial";
    return "none";
}

static gboolean
check_topology(const Normalise *n, const xmlNode *topology, GError **error)
{
    guint64 sockets = node_attr_uint(topology, "sockets", 0), dies = node_attr_uint(topology, "dies", 1);
    guint64 cores = node_attr_uint(topology, "cores", 0), threads = node_attr_uint(topology, "threads", 0);

    if (!sockets || !dies || !cores || !threads)
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute '%s' in element 'topology': Zero is not permitted",
                        !sockets ? "sockets" : !dies ? "dies" : !cores ? "cores" : "threads");
    if (MAX(MAX(sockets, dies), MAX(cores, threads)) > 65535 ||
        sockets * dies * cores * threads != domain_max_vcpus(n->doc))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "CPU topology doesn't match maximum vcpu count");
    return TRUE;
}

gboolean
normalise_cpu(Normalise *n, GError **error)
{
    xmlNode *cpu, *model, *topology;
    const char *mode;

    cpu = node_child(n->root, "cpu");
    if (cpu && !node_attr(cpu, "mode") && !node_child(cpu, "model") && node_child(cpu, "feature"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Non-empty feature list specified without CPU model");
    if (!n->is_test)
        default_cpu_model(n);
    cpu = node_child(n->root, "cpu");
    if (!cpu)
        return TRUE;

    model = node_child(cpu, "model");
    mode = node_attr(cpu, "mode");
    if (!mode && model) {
        node_set_attr(cpu, "mode", "custom");
        mode = "custom";
    }
    if (mode) {
        gboolean custom = strcmp(mode, "custom") == 0;

        if (!custom)
            node_set_attr(cpu, "match", NULL);
        else if (model && !node_attr(cpu, "match"))
            node_set_attr(cpu, "match", "exact");
        if (!n->is_test && !node_attr(cpu, "check"))
            node_set_attr(cpu, "check", default_check(n, mode));
        if (!n->is_test && !node_attr(cpu, "migratable") && strcmp(mode, "host-passthrough") == 0)
            node_set_attr(cpu, "migratable", "on");
        if (node_attr(cpu, "migratable") && strcmp(mode, "host-passthrough") != 0 && strcmp(mode, "maximum") != 0)
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode");
        if (model && !node_attr(model, "fallback"))
            node_set_attr(model, "fallback", "allow");
        if (model && !custom && (strcmp(mode, "host-model") != 0 || !*node_text(model)))
            node_remove(model);
    } else {
        node_set_attr(cpu, "match", NULL);
        node_set_attr(cpu, "check", NULL);
    }

    for (xmlNode *feature = node_child(cpu, "feature"); feature; feature = node_next(feature, "feature")) {
        if (!node_attr(feature, "policy"))
            node_set_attr(feature, "policy", "require");
        for (xmlNode *other = node_next(feature, "feature"); other; other = node_next(other, "feature"))
            if (node_attr_is(other, "name", node_attr(feature, "name")))
                return hv_throw(error, HV_ERR_XML_ERROR, "CPU feature '%s' specified more than once",
                                node_attr(feature, "name"));
    }
    topology = node_child(cpu, "topology");
    if (topology && !check_topology(n, topology, error))
        return FALSE;
    if (!cpu->children && !cpu->properties)
        node_remove(cpu);
    return TRUE;
}

/* Distances between cells are the same both ways unless both are written; a cell is at 10 from itself. */
static void
complete_distances(xmlNode *numa, guint count)
{
    g_autofree guint *distance = g_new0(guint, (gsize)count * count);

    NODE_FOREACH(cell, numa, "cell")
        NODE_FOREACH(sibling, node_child(cell, "distances"), "sibling") {
            guint from = node_attr_uint(cell, "id", 0), to = node_attr_uint(sibling, "id", 0);

            if (to < count)
                distance[from * count + to] = node_attr_uint(sibling, "value", 0);
        }
    for (guint from = 0; from < count; from++)
        for (guint to = 0; to < count; to++)
            if (from != to && distance[from * count + to]) {
                if (!distance[to * count + from])
                    distance[to * count + from] = distance[from * count + to];
                if (!distance[from * count + from])
                    distance[from * count + from] = 10;
                if (!distance[to * count + to])
                    distance[to * count + to] = 10;
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

/* Puts the CPUs of one cell into @taken, which holds for each virtual CPU its cell's id + 1, or 0. */
static gboolean
take_cell_cpus(xmlNode *cell, guint id, GByteArray *taken, guint maximum, GError **error)
{
    const char *cpus = node_attr(cell, "cpus");
    g_autoptr(GByteArray) set = cpus ? cpuset_parse(cpus) : NULL;
    g_autofree char *canonical = set ? cpuset_format(set) : NULL;

    if (!cpus)
        return TRUE;
    if (!set)
        return hv_throw(error, HV_ERR_INVALID_ARG, "Failed to parse bitmap '%s'", cpus);
    for (guint cpu = 0; cpu < set->len; cpu++) {
        if (!set->data[cpu])
            continue;
        if (cpu >= maximum)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Number of CPUs in <numa> exceeds the <vcpu> count");
        if (taken->data[cpu])
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "NUMA cells %u and %u have overlapping vCPU ids", id,
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
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "Exactly one 'cell' element per guest NUMA cell allowed, non-contiguous ranges or ranges "
                            "not starting from 0 are not allowed");
        if (!g_hash_table_add(ids, GUINT_TO_POINTER((guint)id)))
            return hv_throw(error, HV_ERR_XML_ERROR, "Duplicate NUMA cell info for cell id '%u'", (guint)id);
        node_set_attrf(cell, "id", "%u", (guint)id);
        if (!take_cell_cpus(cell, id, taken, maximum, error))
            return FALSE;
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
    guint count = node_count(numa, "cell"), maximum = domain_max_vcpus(n->doc);
    g_autoptr(GByteArray) taken = NULL;

    if (count == 0)
        return TRUE;
    if (count > 1024)
        return hv_throw(error, HV_ERR_XML_ERROR, "%u NUMA cells are more than the 1024 allowed", count);
    taken = g_byte_array_new();
    g_byte_array_set_size(taken, MAX(maximum, 1));
    memset(taken->data, 0, taken->len);

    if (!normalise_cells(numa, count, taken, maximum, error))
        return FALSE;
    sort_cells(numa, count);
    give_rest_to_first_cell(node_child(numa, "cell"), taken, maximum);
    complete_distances(numa, count);
    /* libvirt writes what connects the cells behind them. */
    interconnects = node_child(numa, "interconnects");
    if (interconnects) {
        node_append_copy(numa, interconnects);
        node_remove(interconnects);
    }
    return TRUE;
}
