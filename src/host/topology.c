/* How CPUs are arranged, and the figures that sum it up. */
#include "host/cpu.h"

#include <string.h>

#include "host/memory.h"
#include "util/error.h"

#define CPU_FOLDER "sys/devices/system/cpu"
#define CELL_FOLDER "sys/devices/system/node"

/* --- all CPUs -------------------------------------------------------------------------------------------- */

static gboolean
topology_number(const Host *host, guint id, const char *name, guint *number, GError **error)
{
    gint64 value = 0;

    if (host_read_int(host, &value, error, CPU_FOLDER "/cpu%u/topology/%s", id, name) == HOST_FAILED)
        return FALSE;
    if (value > G_MAXINT32)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "%s %" G_GINT64_FORMAT " of CPU %u is out of range", name, value, id);
    *number = value < 0 ? 0 : (guint)value;
    return TRUE;
}

static gboolean
read_cpu(const Host *host, guint id, HostCpu *cpu, GError **error)
{
    HostResult siblings;

    *cpu = (HostCpu){ .id = id };
    if (!topology_number(host, id, "physical_package_id", &cpu->socket, error) ||
        !topology_number(host, id, "die_id", &cpu->die, error) ||
        !topology_number(host, id, "core_id", &cpu->core, error))
        return FALSE;
    siblings = host_read_list(host, &cpu->siblings, error, CPU_FOLDER "/cpu%u/topology/thread_siblings_list", id);
    if (siblings == HOST_FAILED)
        return FALSE;
    if (siblings == HOST_MISSING)
        cpu->siblings = cpu_set_new();
    cpu_set_add(cpu->siblings, id);
    return TRUE;
}

static void
cpu_free(gpointer data)
{
    HostCpu *cpu = data;

    if (cpu && cpu->siblings)
        cpu_set_free(cpu->siblings);
    g_free(cpu);
}

struct HostTopology {
    CpuSet *present, *online;
    GPtrArray *cpus;            /* by number; NULL where there is none, or it is offline */
};

void
host_topology_free(HostTopology *topology)
{
    if (!topology)
        return;
    cpu_set_free(topology->present);
    cpu_set_free(topology->online);
    g_ptr_array_unref(topology->cpus);
    g_free(topology);
}

const HostCpu *
host_topology_cpu(const HostTopology *topology, guint id)
{
    return id < topology->cpus->len ? g_ptr_array_index(topology->cpus, id) : NULL;
}

HostTopology *
host_topology_read(const Host *host, GError **error)
{
    g_autoptr(HostTopology) topology = g_new0(HostTopology, 1);

    topology->cpus = g_ptr_array_new_with_free_func(cpu_free);
    if (!host_cpu_present(host, &topology->present, error) || !host_cpu_online(host, &topology->online, error))
        return NULL;
    g_ptr_array_set_size(topology->cpus, cpu_set_last(topology->online) + 1);
    for (int id = cpu_set_next(topology->online, 0); id >= 0; id = cpu_set_next(topology->online, (guint)id + 1)) {
        HostCpu *cpu = g_new0(HostCpu, 1);

        g_ptr_array_index(topology->cpus, id) = cpu;
        if (!read_cpu(host, (guint)id, cpu, error))
            return NULL;
    }
    return g_steal_pointer(&topology);
}

/* --- the summary ------------------------------------------------------------------------------------------ */

/* What one cell adds. */
typedef struct {
    guint online;
    guint offline;
    guint sockets;
    guint cores;                /* of the socket that has most */
    guint threads;              /* of the core that has most */
} CellShape;

/* What a core is known by. */
typedef struct {
    guint socket;
    guint die;
    guint core;
} CoreKey;

static guint
core_hash(gconstpointer data)
{
    const CoreKey *key = data;

    return (key->socket * 31 + key->die) * 1021 + key->core;
}

static gboolean
core_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(CoreKey)) == 0;
}

/* Counts the CPUs @members of one cell. @by_number: each CPU is a core of its own (s390). */
static void
cell_shape(const HostTopology *topology, const CpuSet *members, gboolean by_number, CellShape *shape)
{
    g_autoptr(GHashTable) cores = g_hash_table_new_full(core_hash, core_equal, g_free, NULL);
    g_autoptr(GHashTable) per_socket = g_hash_table_new(NULL, NULL);

    *shape = (CellShape){ 0 };
    for (int id = cpu_set_next(members, 0); id >= 0; id = cpu_set_next(members, (guint)id + 1)) {
        const HostCpu *cpu = host_topology_cpu(topology, (guint)id);
        gpointer socket;
        CoreKey *key;

        if (!cpu) {
            shape->offline++;
            continue;
        }
        shape->online++;
        shape->threads = MAX(shape->threads, cpu_set_count(cpu->siblings));
        socket = GUINT_TO_POINTER(cpu->socket);
        key = g_new(CoreKey, 1);
        *key = (CoreKey){ cpu->socket, cpu->die, by_number ? cpu->id : cpu->core };
        if (g_hash_table_add(cores, key)) {
            guint count = GPOINTER_TO_UINT(g_hash_table_lookup(per_socket, socket)) + 1;

            g_hash_table_insert(per_socket, socket, GUINT_TO_POINTER(count));
            shape->cores = MAX(shape->cores, count);
        }
    }
    shape->sockets = g_hash_table_size(per_socket);
}

static void
add_shape(HostCpuSummary *summary, const CellShape *shape, guint *offline)
{
    summary->nodes++;
    summary->cpus += shape->online;
    *offline += shape->offline;
    summary->sockets = MAX(summary->sockets, shape->sockets);
    summary->cores = MAX(summary->cores, shape->cores);
    summary->threads = MAX(summary->threads, shape->threads);
}

/* The cells' folders hold a link for each of their CPUs, those that are offline too. */
static gboolean
cells_shape(const Host *host, const HostTopology *topology, gboolean by_number, HostCpuSummary *summary, guint *offline,
            GError **error)
{
    g_autoptr(CpuSet) cells = NULL;

    if (host_read_folder(host, "node", &cells, error, CELL_FOLDER) == HOST_FAILED)
        return FALSE;
    for (int cell = cells ? cpu_set_next(cells, 0) : -1; cell >= 0; cell = cpu_set_next(cells, (guint)cell + 1)) {
        g_autoptr(CpuSet) members = NULL;
        CellShape shape;

        if (host_read_folder(host, "cpu", &members, error, CELL_FOLDER "/node%d", cell) == HOST_FAILED)
            return FALSE;
        if (!members)
            continue;
        cell_shape(topology, members, by_number, &shape);
        add_shape(summary, &shape, offline);
    }
    return TRUE;
}

gboolean
host_topology_summary(const Host *host, const HostTopology *topology, HostCpuSummary *summary, GError **error)
{
    g_autofree char *arch = host_arch(host);
    gboolean by_number = g_str_has_prefix(arch, "s390");
    HostCpuSummary found = { 0 };
    guint offline = 0;

    if (!cells_shape(host, topology, by_number, &found, &offline, error))
        return FALSE;
    if (found.cpus + offline != cpu_set_count(topology->present)) {
        CellShape shape;

        /* No cells, or not every CPU has one. */
        found = (HostCpuSummary){ 0 };
        offline = 0;
        cell_shape(topology, topology->present, by_number, &shape);
        add_shape(&found, &shape, &offline);
    }
    if (found.cpus == 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "no CPUs found: none of those that are present is online");
    if ((guint64)found.nodes * found.sockets * found.cores * found.threads != found.cpus + offline) {
        found.nodes = found.sockets = found.threads = 1;
        found.cores = found.cpus + offline;
    }
    found.mhz = host_cpu_mhz(host);
    *summary = found;
    return TRUE;
}
