/* What a connection says about the CPUs of its host. */
#include "config.h"

#include "backend/constants.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "host/cpu.h"
#include "host/memory.h"
#include "util/error.h"

/* The room for a model's name in libvirt's structure, without the NUL. */
#define MODEL_MAX 31

gboolean
embedded_node_get_info(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error)
{
    const DriverState *state = call->data;
    node_get_info_result *out = result;
    g_autofree char *arch = NULL;
    g_autoptr(HostTopology) topology = NULL;
    HostCpuSummary cpus;
    guint64 free;

    if (!host_cells_memory(state->host, &out->memory, &free, error))
        return FALSE;
    topology = host_topology_read(state->host, error);
    if (!topology || !host_topology_summary(state->host, topology, &cpus, error))
        return FALSE;
    arch = host_arch(state->host);
    out->model = g_strndup(arch, MODEL_MAX);
    out->cpus = (gint32)cpus.cpus;
    out->mhz = (gint32)cpus.mhz;
    out->nodes = (gint32)cpus.nodes;
    out->sockets = (gint32)cpus.sockets;
    out->cores = (gint32)cpus.cores;
    out->threads = (gint32)cpus.threads;
    return TRUE;
}

gboolean
embedded_node_get_cpu_map(const Call *call, const void *args, void *result, GError **error)
{
    const DriverState *state = call->data;
    const node_get_cpu_map_args *in = args;
    node_get_cpu_map_result *out = result;
    g_autoptr(CpuSet) present = NULL, online = NULL;
    guint size;

    if (!domain_check_flags(in->flags, 0, "virNodeGetCPUMap", error) ||
        !host_cpu_present(state->host, &present, error) || !host_cpu_online(state->host, &online, error))
        return FALSE;
    /* The map goes up to the highest number, gaps included. */
    size = (guint)MAX(cpu_set_last(present), cpu_set_last(online)) + 1;
    out->ret = (gint32)size;
    if (in->need_online)
        out->online = cpu_set_count(online);
    if (in->need_map) {
        out->cpumap.len = (size + 7) / 8;
        out->cpumap.items = g_new0(guint8, out->cpumap.len);
        for (int cpu = cpu_set_next(online, 0); cpu >= 0; cpu = cpu_set_next(online, (guint)cpu + 1))
            out->cpumap.items[cpu / 8] |= (guint8)(1 << cpu % 8);
    }
    return TRUE;
}

/* Callers ask for the number first. */
#define N_CPU_STATS 4

gboolean
embedded_node_get_cpu_stats(const Call *call, const void *args, void *result, GError **error)
{
    const DriverState *state = call->data;
    const node_get_cpu_stats_args *in = args;
    node_get_cpu_stats_result *out = result;
    HostCpuTimes times;

    if (!domain_check_flags(in->flags, 0, "virNodeGetCPUStats", error))
        return FALSE;
    out->nparams = N_CPU_STATS;
    if (in->nparams == 0)
        return TRUE;
    if (in->nparams != N_CPU_STATS)
        return hv_throw_plain(error, HV_ERR_INVALID_ARG, "nparams in %s must be equal to %d", "virHostCPUGetStatsLinux",
                              N_CPU_STATS);
    if (!host_cpu_times(state->host, in->cpu_num, &times, error))
        return FALSE;
    named_uint64_list_add(&out->params, NODE_CPU_STATS_KERNEL, times.kernel);
    named_uint64_list_add(&out->params, NODE_CPU_STATS_USER, times.user);
    named_uint64_list_add(&out->params, NODE_CPU_STATS_IDLE, times.idle);
    named_uint64_list_add(&out->params, NODE_CPU_STATS_IOWAIT, times.iowait);
    return TRUE;
}
