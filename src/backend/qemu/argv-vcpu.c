/* -smp, processors that are plugged in later, I/O threads. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

typedef struct {
    guint64 sockets, dies, cores, threads;
} Topology;

static Topology
argv_topology(const ArgvBuilder *b, guint64 maximum)
{
    const xmlNode *topology = node_path(b->domain, "cpu/topology");

    return (Topology){
        .sockets = topology ? MAX(node_attr_uint(topology, "sockets", 1), 1) : maximum,
        .dies = MAX(node_attr_uint(topology, "dies", 1), 1),
        .cores = MAX(node_attr_uint(topology, "cores", 1), 1),
        .threads = MAX(node_attr_uint(topology, "threads", 1), 1),
    };
}

/* A processor of <vcpus> that is on and may be unplugged is plugged in by the monitor, so that it can be unplugged. */
static void
argv_plug_vcpu(ArgvBuilder *b, guint64 id, const Topology *topology, const char *model)
{
    g_autofree char *type = g_strdup_printf("%s-%s-cpu", model, g_str_equal(b->arch, "i686") ? "i386" : b->arch);
    g_autofree char *name = g_strdup_printf("vcpu%" G_GUINT64_FORMAT, id);
    guint64 in_die = topology->threads * topology->cores;
    guint64 in_socket = in_die * topology->dies;
    json_t *args = json_pack("{s:s,s:s,s:I}", "driver", type, "id", name, "socket-id", (json_int_t)(id / in_socket));

    if (topology->dies > 1)
        props_uint(args, "die-id", id / in_die % topology->dies);
    props_uint(args, "core-id", id / topology->threads % topology->cores);
    props_uint(args, "thread-id", id % topology->threads);
    argv_add_setup(b, "device_add", args);
}

static gboolean
argv_vcpu_is_plugged(const xmlNode *vcpu)
{
    return node_attr_yes(vcpu, "enabled", FALSE) && node_attr_yes(vcpu, "hotpluggable", FALSE);
}

/* In the order in which they came, which is what the guest saw. */
static gboolean
argv_plug_vcpus(ArgvBuilder *b, guint64 maximum, const Topology *topology, guint64 *plugged, GError **error)
{
    const xmlNode *vcpus = node_child(b->domain, "vcpus");
    g_autofree char *model = NULL;

    *plugged = 0;
    NODE_FOREACH(vcpu, vcpus, "vcpu")
        *plugged += argv_vcpu_is_plugged(vcpu);
    if (!*plugged)
        return TRUE;
    model = argv_cpu_model(b, error);
    if (!model)
        return FALSE;
    for (guint64 order = 1; order <= maximum; order++)
        NODE_FOREACH(vcpu, vcpus, "vcpu")
            if (argv_vcpu_is_plugged(vcpu) && node_attr_uint(vcpu, "order", 0) == order)
                argv_plug_vcpu(b, node_attr_uint(vcpu, "id", 0), topology, model);
    return TRUE;
}

gboolean
argv_add_smp(ArgvBuilder *b, GError **error)
{
    const xmlNode *vcpu = node_child(b->domain, "vcpu");
    guint64 maximum = node_text_uint(vcpu, 1);
    guint64 current = node_attr_uint(vcpu, "current", maximum);
    Topology topology = argv_topology(b, maximum);
    g_autoptr(GString) options = g_string_new(NULL);
    guint64 plugged;

    if (!argv_plug_vcpus(b, maximum, &topology, &plugged, error))
        return FALSE;
    current -= MIN(plugged, current);
    g_string_append_printf(options, "%" G_GUINT64_FORMAT, current);
    if (current != maximum)
        g_string_append_printf(options, ",maxcpus=%" G_GUINT64_FORMAT, maximum);
    g_string_append_printf(options, ",sockets=%" G_GUINT64_FORMAT, topology.sockets);
    if (node_path(b->domain, "cpu/topology"))
        g_string_append_printf(options, ",dies=%" G_GUINT64_FORMAT, topology.dies);
    g_string_append_printf(options, ",cores=%" G_GUINT64_FORMAT ",threads=%" G_GUINT64_FORMAT, topology.cores,
                           topology.threads);
    argv_add(b, "-smp", options->str);
    return TRUE;
}

static void
argv_add_iothread(ArgvBuilder *b, guint64 id, const xmlNode *node)
{
    json_t *props = json_object();
    g_autofree char *name = g_strdup_printf("iothread%" G_GUINT64_FORMAT, id);

    props_str(props, "qom-type", "iothread");
    props_str(props, "id", name);
    props_attr_uint(props, "thread-pool-min", node, "thread_pool_min");
    props_attr_uint(props, "thread-pool-max", node, "thread_pool_max");
    argv_add_json(b, "-object", props);
}

/* Sizes of the pool of threads of QEMU's own loop. */
static void
argv_add_main_loop(ArgvBuilder *b)
{
    const xmlNode *pool = node_child(b->domain, "defaultiothread");
    json_t *props;

    if (!pool)
        return;
    props = json_pack("{s:s,s:s}", "qom-type", "main-loop", "id", "main-loop");
    props_attr_uint(props, "thread-pool-min", pool, "thread_pool_min");
    props_attr_uint(props, "thread-pool-max", pool, "thread_pool_max");
    argv_add_json(b, "-object", props);
}

void
argv_add_iothreads(ArgvBuilder *b)
{
    const xmlNode *ids = node_child(b->domain, "iothreadids");
    guint64 count = node_text_uint(node_child(b->domain, "iothreads"), 0);

    argv_add_main_loop(b);
    NODE_FOREACH(id, ids, "iothread") {
        argv_add_iothread(b, node_attr_uint(id, "id", 0), id);
        if (count)
            count--;
    }
    /* Those without an entry get the lowest free numbers. */
    for (guint64 id = 1; count; id++) {
        gboolean taken = FALSE;

        NODE_FOREACH(other, ids, "iothread")
            taken = taken || node_attr_uint(other, "id", 0) == id;
        if (taken)
            continue;
        argv_add_iothread(b, id, NULL);
        count--;
    }
}
