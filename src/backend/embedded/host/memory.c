/* What a connection says about the memory of its host, and how it sizes the pools of pages. */
#include "host/memory.h"

#include "backend/constants.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "util/error.h"

static int
last_cell(const CpuSet *cells)
{
    return cpu_set_last(cells);
}

/* libvirt's words for a range that begins behind the last cell. */
static gboolean
check_start(const CpuSet *cells, int start, GError **error)
{
    return start <= last_cell(cells) ||
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "start cell %d out of range (0-%d)", start, last_cell(cells));
}

/* The last cell of a range of @count cells from @start. */
static int
range_end(const CpuSet *cells, int start, gint64 count)
{
    return (int)MIN(last_cell(cells), start + count - 1);
}

static gboolean
all_stats(const Host *host, node_get_memory_stats_result *out, GError **error)
{
    HostMemory memory;

    if (!host_memory(host, &memory, error))
        return FALSE;
    named_uint64_list_add(&out->params, NODE_MEMORY_STATS_TOTAL, memory.total);
    named_uint64_list_add(&out->params, NODE_MEMORY_STATS_FREE, memory.free);
    named_uint64_list_add(&out->params, NODE_MEMORY_STATS_BUFFERS, memory.buffers);
    named_uint64_list_add(&out->params, NODE_MEMORY_STATS_CACHED, memory.cached);
    return TRUE;
}

static gboolean
cell_stats(const Host *host, int cell, node_get_memory_stats_result *out, GError **error)
{
    guint64 total, free;

    if (!host_cell_memory(host, (guint)cell, &total, &free, error))
        return FALSE;
    named_uint64_list_add(&out->params, NODE_MEMORY_STATS_TOTAL, total);
    named_uint64_list_add(&out->params, NODE_MEMORY_STATS_FREE, free);
    return TRUE;
}

gboolean
embedded_node_get_memory_stats(const Call *call, const void *args, void *result, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const node_get_memory_stats_args *in = args;
    node_get_memory_stats_result *out = result;
    gboolean all = in->cell_num == NODE_STATS_ALL;
    g_autoptr(CpuSet) cells = NULL;

    if (!domain_check_flags(in->flags, 0, "virNodeGetMemoryStats", error) || !host_cells(host, &cells, error))
        return FALSE;
    if (in->cell_num > last_cell(cells))
        return hv_throw_plain(error, HV_ERR_INVALID_ARG, "cellNum in %s must be less than or equal to %d",
                              "virHostMemGetStats", last_cell(cells));
    /* A cell has no buffers and no cache. */
    out->nparams = all ? 4 : 2;
    if (in->nparams == 0)
        return TRUE;
    if (in->nparams != out->nparams)
        return hv_throw_plain(error, HV_ERR_INVALID_ARG, "nparams in %s must be %d", "virHostMemGetStatsLinux", out->nparams);
    return all ? all_stats(host, out, error) : cell_stats(host, in->cell_num, out, error);
}

gboolean
embedded_node_get_free_memory(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    guint64 total, free;

    if (!host_cells_memory(host, &total, &free, error))
        return FALSE;
    ((node_get_free_memory_result *)result)->free_mem = free * 1024;
    return TRUE;
}

gboolean
embedded_node_get_cells_free_memory(const Call *call, const void *args, void *result, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const node_get_cells_free_memory_args *in = args;
    node_get_cells_free_memory_result *out = result;
    g_autoptr(CpuSet) cells = NULL;
    int end;

    if (!host_cells(host, &cells, error) || !check_start(cells, in->start_cell, error))
        return FALSE;
    end = range_end(cells, in->start_cell, in->max_cells);
    out->cells.items = g_new0(guint64, (gsize)(end - in->start_cell) + 1);
    /* A number between that no cell has counts as a cell without memory. */
    for (int cell = in->start_cell; cell <= end; cell++) {
        guint64 total, free = 0;

        if (cpu_set_has(cells, (guint)cell) && !host_cell_memory(host, (guint)cell, &total, &free, error))
            return FALSE;
        out->cells.items[out->cells.len++] = free * 1024;
    }
    return TRUE;
}

/* --- pages ------------------------------------------------------------------------------------------------ */

gboolean
embedded_node_get_free_pages(const Call *call, const void *args, void *result, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const node_get_free_pages_args *in = args;
    node_get_free_pages_result *out = result;
    g_autoptr(CpuSet) cells = NULL;
    int end;

    if (!domain_check_flags(in->flags, 0, "virNodeGetFreePages", error) || !host_cells(host, &cells, error) ||
        !check_start(cells, in->start_cell, error))
        return FALSE;
    end = range_end(cells, in->start_cell, in->cell_count);
    for (int cell = in->start_cell; cell <= end; cell++)
        for (guint32 i = 0; i < in->pages.len; i++) {
            guint64 free = 0;

            if (!host_pages_free(host, cell, in->pages.items[i], &free, error))
                return FALSE;
            out->counts.items = g_renew(guint64, out->counts.items, out->counts.len + 1);
            out->counts.items[out->counts.len++] = free;
        }
    return out->counts.len > 0 || hv_throw(error, HV_ERR_INTERNAL_ERROR, "no suitable info found");
}

gboolean
embedded_node_alloc_pages(const Call *call, const void *args, void *result, GError **error)
{
    const Host *host = ((const DriverState *)call->data)->host;
    const node_alloc_pages_args *in = args;
    node_alloc_pages_result *out = result;
    gboolean add = !(in->flags & ALLOC_PAGES_SET);
    g_autoptr(CpuSet) cells = NULL;
    int end;

    if (!domain_check_flags(in->flags, ALLOC_PAGES_SET, "virNodeAllocPages", error) || !host_cells(host, &cells, error) ||
        !check_start(cells, in->start_cell, error))
        return FALSE;
    if (in->page_sizes.len != in->page_counts.len)
        return hv_throw(error, HV_ERR_INVALID_ARG, "%u sizes of pages and %u counts", in->page_sizes.len, in->page_counts.len);
    end = range_end(cells, in->start_cell, in->cell_count);
    for (int cell = in->start_cell; cell <= end; cell++)
        for (guint32 i = 0; i < in->page_sizes.len; i++) {
            if (!host_pages_allocate(host, cell, in->page_sizes.items[i], in->page_counts.items[i], add, error))
                return FALSE;
            out->ret++;
        }
    return TRUE;
}
