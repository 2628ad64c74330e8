/* -numa: cells, distances, speeds and caches. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

static void
numa_append_cpus(GString *options, const char *cpus)
{
    g_auto(GStrv) parts = NULL;

    if (!cpus || !*cpus)
        return;
    parts = g_strsplit(cpus, ",", -1);
    for (char **part = parts; *part; part++)
        g_string_append_printf(options, ",cpus=%s", *part);
}

static gboolean
numa_add_cell(ArgvBuilder *b, const xmlNode *cell, gint64 initiator, GError **error)
{
    guint64 id = node_attr_uint(cell, "id", 0);
    g_autoptr(GString) options = g_string_new("node");

    if (!argv_add_cell_memory(b, cell, error))
        return FALSE;
    g_string_append_printf(options, ",nodeid=%" G_GUINT64_FORMAT, id);
    numa_append_cpus(options, node_attr(cell, "cpus"));
    if (initiator >= 0)
        g_string_append_printf(options, ",initiator=%" G_GINT64_FORMAT, initiator);
    g_string_append_printf(options, ",memdev=ram-node%" G_GUINT64_FORMAT, id);
    argv_add(b, "-numa", options->str);
    return TRUE;
}

/* Once one distance is given, all are: a cell is at 10 from itself, and at 20 from others that nothing is said about. */
static void
numa_add_distances(ArgvBuilder *b, const xmlNode *numa)
{
    gboolean given = FALSE;

    NODE_FOREACH(cell, numa, "cell")
        given = given || node_path(cell, "distances/sibling");
    if (!given)
        return;
    NODE_FOREACH(from, numa, "cell")
        NODE_FOREACH(to, numa, "cell") {
            const char *value = from == to ? "10" : "20";

            NODE_FOREACH(sibling, node_child(from, "distances"), "sibling")
                if (node_attr_is(sibling, "id", node_attr(to, "id")))
                    value = node_attr(sibling, "value");
            argv_addf(b, "-numa", "dist,src=%s,dst=%s,val=%s", node_attr(from, "id"), node_attr(to, "id"), value);
        }
}

gboolean
argv_has_hmat(const ArgvBuilder *b)
{
    const xmlNode *numa = node_path(b->domain, "cpu/numa");

    NODE_FOREACH(cell, numa, "cell")
        if (node_child(cell, "cache"))
            return TRUE;
    return node_child(numa, "interconnects") != NULL;
}

/* The first cell with processors that has the best access to @cell: its own, else the lowest latency or the
 * greatest bandwidth that <interconnects> tells. */
static gint64
numa_initiator(const xmlNode *numa, const xmlNode *cell)
{
    const char *cpus = node_attr(cell, "cpus");
    const xmlNode *interconnects = node_child(numa, "interconnects");
    const char *id = node_attr(cell, "id");

    if (cpus && *cpus)
        return (gint64)node_attr_uint(cell, "id", 0);
    NODE_FOREACH(entry, interconnects, NULL)
        if (!node_attr(entry, "cache") && id && node_attr_is(entry, "target", id))
            return (gint64)node_attr_uint(entry, "initiator", 0);
    NODE_FOREACH(other, numa, "cell")
        if (node_attr(other, "cpus") && *node_attr(other, "cpus"))
            return (gint64)node_attr_uint(other, "id", 0);
    return 0;
}

static void
numa_add_interconnects(ArgvBuilder *b, const xmlNode *numa)
{
    static const char *const levels[] = { "memory", "first-level", "second-level", "third-level" };

    NODE_FOREACH(entry, node_child(numa, "interconnects"), NULL) {
        gboolean latency = node_is(entry, "latency");
        guint64 level = MIN(node_attr_uint(entry, "cache", 0), G_N_ELEMENTS(levels) - 1);

        argv_addf(b, "-numa", "hmat-lb,initiator=%s,target=%s,hierarchy=%s,data-type=%s-%s,%s=%s%s",
                  node_attr(entry, "initiator"), node_attr(entry, "target"), levels[level], node_attr(entry, "type"),
                  latency ? "latency" : "bandwidth", latency ? "latency" : "bandwidth", node_attr(entry, "value"),
                  latency ? "" : "K");
    }
}

static void
numa_add_caches(ArgvBuilder *b, const xmlNode *numa)
{
    NODE_FOREACH(cell, numa, "cell") {
        NODE_FOREACH(cache, cell, "cache") {
            const char *associativity = node_attr(cache, "associativity");
            const char *policy = node_attr(cache, "policy");

            if (g_strcmp0(associativity, "full") == 0)
                associativity = "complex";
            if (g_strcmp0(policy, "writeback") == 0)
                policy = "write-back";
            else if (g_strcmp0(policy, "writethrough") == 0)
                policy = "write-through";
            argv_addf(b, "-numa", "hmat-cache,node-id=%s,size=%sK,level=%s,associativity=%s,policy=%s,line=%s",
                      node_attr(cell, "id"), node_child_attr(cache, "size", "value"), node_attr(cache, "level"),
                      associativity, policy, node_child_attr(cache, "line", "value"));
        }
    }
}

gboolean
argv_add_numa(ArgvBuilder *b, GError **error)
{
    const xmlNode *numa = node_path(b->domain, "cpu/numa");
    gboolean hmat = argv_has_hmat(b);

    NODE_FOREACH(cell, numa, "cell")
        if (!numa_add_cell(b, cell, hmat ? numa_initiator(numa, cell) : -1, error))
            return FALSE;
    numa_add_distances(b, numa);
    numa_add_interconnects(b, numa);
    numa_add_caches(b, numa);
    return TRUE;
}
