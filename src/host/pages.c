/* Pools of pages. */
#include "host/memory.h"

#include <unistd.h>

#include "util/error.h"

#define ALL_FOLDER "sys/kernel/mm/hugepages"
#define CELL_FOLDER "sys/devices/system/node"

/* The folder that holds the pools of a cell, or of all; where the kernel shows no cells, cell 0 is all. */
static char *
pools_folder(const Host *host, int cell)
{
    if (cell == HOST_ALL_CELLS || (cell == 0 && !host_has_cells(host)))
        return g_strdup(ALL_FOLDER);
    return g_strdup_printf(CELL_FOLDER "/node%d/hugepages", cell);
}

/* Of normal pages, in KiB. */
static guint64
host_page_size(const Host *host)
{
    long bytes = sysconf(_SC_PAGESIZE);
    g_autofree char *maps = host_is_this_machine(host) ? NULL : host_read_word(host, "proc/self/smaps");
    g_auto(GStrv) lines = g_strsplit(maps ? maps : "", "\n", -1);

    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, "KernelPageSize:")) {
            guint64 size = g_ascii_strtoull(*line + sizeof "KernelPageSize:" - 1, NULL, 10);

            if (size > 0 && size <= 1024 * 1024)
                return size;
        }
    return bytes > 0 ? (guint64)bytes / 1024 : 4;
}

/* One number of a pool. HOST_MISSING when there is no such pool. */
static HostResult
read_pool(const Host *host, int cell, guint64 size, const char *name, guint64 *value, GError **error)
{
    g_autofree char *folder = pools_folder(host, cell);
    gint64 number = 0;
    HostResult result = host_read_int(host, &number, error, "%s/hugepages-%" G_GUINT64_FORMAT "kB/%s", folder, size, name);

    if (result == HOST_OK)
        *value = number < 0 ? 0 : (guint64)number;
    return result;
}

/* libvirt's words for a pool that is not there. */
static gboolean
throw_no_pool(const Host *host, int cell, guint64 size, GError **error)
{
    g_autoptr(CpuSet) cells = NULL;

    if (cell == HOST_ALL_CELLS)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "page size %" G_GUINT64_FORMAT " is not available", size);
    if (!host_cells(host, &cells, error))
        return FALSE;
    if (cell < 0 || cell >= CPU_SET_LIMIT || !cpu_set_has(cells, (guint)cell))
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "NUMA node %d is not available", cell);
    return hv_throw(error, HV_ERR_OPERATION_FAILED, "page size %" G_GUINT64_FORMAT " is not available on node %d", size, cell);
}

static gint
by_size(gconstpointer a, gconstpointer b)
{
    const HostPages *first = a, *second = b;

    return first->size < second->size ? -1 : first->size > second->size;
}

static gboolean
find_pools(const Host *host, int cell, GArray *pools, GError **error)
{
    g_autofree char *folder = pools_folder(host, cell);
    g_auto(GStrv) names = NULL;

    if (host_read_names(host, &names, error, "%s", folder) == HOST_FAILED)
        return FALSE;
    for (char **name = names; name && *name; name++) {
        HostPages pages = { 0 };
        char *end = NULL;

        if (!g_str_has_prefix(*name, "hugepages-"))
            continue;
        pages.size = g_ascii_strtoull(*name + sizeof "hugepages-" - 1, &end, 10);
        if (g_strcmp0(end, "kB") != 0 || pages.size == 0 || pages.size > G_MAXUINT32)
            continue;
        if (read_pool(host, cell, pages.size, "nr_hugepages", &pages.total, error) == HOST_FAILED ||
            read_pool(host, cell, pages.size, "free_hugepages", &pages.free, error) == HOST_FAILED)
            return FALSE;
        g_array_append_val(pools, pages);
    }
    g_array_sort(pools, by_size);
    return TRUE;
}

static gboolean
memory_of(const Host *host, int cell, guint64 *total, guint64 *free, GError **error)
{
    return cell < 0 ? host_cells_memory(host, total, free, error) : host_cell_memory(host, (guint)cell, total, free, error);
}

GArray *
host_pages(const Host *host, int cell, GError **error)
{
    g_autoptr(GArray) pages = g_array_new(FALSE, FALSE, sizeof(HostPages));
    HostPages normal = { .size = host_page_size(host) };
    guint64 total = 0, free = 0;

    if (!memory_of(host, cell, &total, &free, error) || !find_pools(host, cell, pages, error))
        return NULL;
    for (guint i = 0; i < pages->len; i++) {
        const HostPages *huge = &g_array_index(pages, HostPages, i);

        /* Numbers are not from one moment. */
        total -= MIN(total, huge->size * MIN(huge->total, G_MAXUINT32));
    }
    normal.total = total / normal.size;
    normal.free = free / normal.size;
    g_array_prepend_val(pages, normal);
    return g_steal_pointer(&pages);
}

gboolean
host_pages_free(const Host *host, int cell, guint64 size, guint64 *free, GError **error)
{
    guint64 total = 0, free_kib = 0;

    if (size == host_page_size(host)) {
        if (!memory_of(host, cell, &total, &free_kib, error))
            return FALSE;
        *free = free_kib / size;
        return TRUE;
    }
    switch (read_pool(host, cell, size, "free_hugepages", free, error)) {
    case HOST_OK:
        return TRUE;
    case HOST_MISSING:
        return throw_no_pool(host, cell, size, error);
    case HOST_FAILED:
        break;
    }
    return FALSE;
}

gboolean
host_pages_allocate(const Host *host, int cell, guint64 size, guint64 count, gboolean add, GError **error)
{
    g_autofree char *folder = pools_folder(host, cell), *text = NULL;
    guint64 before = 0, after = 0;

    if (size == host_page_size(host))
        return hv_throw(error, HV_ERR_OPERATION_UNSUPPORTED, "system pages pool can't be modified");
    switch (read_pool(host, cell, size, "nr_hugepages", &before, error)) {
    case HOST_FAILED:
        return FALSE;
    case HOST_MISSING:
        return throw_no_pool(host, cell, size, error);
    case HOST_OK:
        break;
    }
    if (add && count > G_MAXUINT64 - before)
        return hv_throw(error, HV_ERR_OVERFLOW, "a pool of %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " pages", before,
                        count);
    if (add)
        count += before;
    if (count == before)
        return TRUE;
    text = g_strdup_printf("%" G_GUINT64_FORMAT "\n", count);
    if (!host_write(host, text, error, "%s/hugepages-%" G_GUINT64_FORMAT "kB/nr_hugepages", folder, size))
        return FALSE;
    /* The write returns when the kernel has tried; what it got is only told by reading. */
    if (read_pool(host, cell, size, "nr_hugepages", &after, error) == HOST_FAILED)
        return FALSE;
    if (after != count)
        return hv_throw(error, HV_ERR_OPERATION_FAILED,
                        "Unable to allocate %" G_GUINT64_FORMAT " pages. Allocated only %" G_GUINT64_FORMAT, count, after);
    return TRUE;
}
