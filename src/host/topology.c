/* The figures that sum up how CPUs are arranged. */
#include "host/cpu.h"

#include <string.h>

#include "host/memory.h"
#include "util/error.h"

#define CELL_FOLDER "sys/devices/system/node"

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
static gboolean
cell_shape(const Host *host, const CpuSet *members, const CpuSet *online, gboolean by_number, CellShape *shape,
           GError **error)
{
    g_autoptr(GHashTable) cores = g_hash_table_new_full(core_hash, core_equal, g_free, NULL);
    g_autoptr(GHashTable) per_socket = g_hash_table_new(NULL, NULL);

    *shape = (CellShape){ 0 };
    for (int id = cpu_set_next(members, 0); id >= 0; id = cpu_set_next(members, (guint)id + 1)) {
        g_auto(HostCpu) cpu = { 0 };
        gpointer socket;
        CoreKey *key;

        if (!cpu_set_has(online, (guint)id)) {
            shape->offline++;
            continue;
        }
        if (!host_cpu_read(host, (guint)id, &cpu, error))
            return FALSE;
        shape->online++;
        shape->threads = MAX(shape->threads, cpu_set_count(cpu.siblings));
        socket = GUINT_TO_POINTER(cpu.socket);
        key = g_new(CoreKey, 1);
        *key = (CoreKey){ cpu.socket, cpu.die, by_number ? cpu.id : cpu.core };
        if (g_hash_table_add(cores, key)) {
            guint count = GPOINTER_TO_UINT(g_hash_table_lookup(per_socket, socket)) + 1;

            g_hash_table_insert(per_socket, socket, GUINT_TO_POINTER(count));
            shape->cores = MAX(shape->cores, count);
        }
    }
    shape->sockets = g_hash_table_size(per_socket);
    return TRUE;
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
cells_shape(const Host *host, const CpuSet *online, gboolean by_number, HostCpuSummary *summary, guint *offline,
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
        if (!cell_shape(host, members, online, by_number, &shape, error))
            return FALSE;
        add_shape(summary, &shape, offline);
    }
    return TRUE;
}

gboolean
host_cpu_summary(const Host *host, HostCpuSummary *summary, GError **error)
{
    g_autofree char *arch = host_arch(host);
    gboolean by_number = g_str_has_prefix(arch, "s390");
    g_autoptr(CpuSet) present = NULL, online = NULL;
    HostCpuSummary found = { 0 };
    guint offline = 0, all;
    CellShape shape;

    if (!host_cpu_present(host, &present, error) || !host_cpu_online(host, &online, error) ||
        !cells_shape(host, online, by_number, &found, &offline, error))
        return FALSE;
    all = cpu_set_count(present);
    if (found.cpus + offline != all) {
        /* No cells, or not every CPU has one. */
        found = (HostCpuSummary){ 0 };
        offline = 0;
        if (!cell_shape(host, present, online, by_number, &shape, error))
            return FALSE;
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
