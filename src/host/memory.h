/* The memory of a host: as a whole, by NUMA cell, by page size.
 *
 * Files: proc/meminfo, sys/devices/system/node (Documentation/ABI/stable/sysfs-devices-node), sys/kernel/mm/hugepages
 * (Documentation/admin-guide/mm/hugetlbpage.rst). */
#pragma once

#include "host/host.h"

G_BEGIN_DECLS

/* proc/meminfo, KiB. */
typedef struct {
    guint64 total;
    guint64 free;
    guint64 buffers;
    guint64 cached;
} HostMemory;

gboolean host_memory(const Host *host, HostMemory *memory, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- NUMA cells ------------------------------------------------------------------------------ */

/* TRUE when the kernel shows cells at all. Without them the whole machine is cell 0. */
gboolean host_has_cells(const Host *host);
/* Numbers of the cells that are online, {0} where the kernel shows none. Never empty. */
gboolean host_cells(const Host *host, CpuSet **cells, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Memory of one cell, KiB; both 0 for a cell without memory. OPERATION_FAILED for a cell that is not there. */
gboolean host_cell_memory(const Host *host, guint cell, guint64 *total, guint64 *free, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* CPUs of one cell that are online; empty for a cell without CPUs. */
gboolean host_cell_cpus(const Host *host, guint cell, CpuSet **cpus, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    guint cell;
    guint distance;             /* 10: the cell itself (ACPI's SLIT) */
} HostDistance;

/* Distances from one cell to all, in order of the cells. An array of HostDistance, empty where the kernel tells none. */
GArray *host_cell_distances(const Host *host, guint cell, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The sum of the cells: what is the memory of `nodeinfo`. KiB. */
gboolean host_cells_memory(const Host *host, guint64 *total, guint64 *free, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- pages ------------------------------------------------------------------------------------- */

/* Page pools of the whole machine instead of a cell. */
#define HOST_ALL_CELLS (-1)

typedef struct {
    guint64 size;               /* KiB */
    guint64 total;              /* of the normal size: those that are in no pool of huge pages */
    guint64 free;
} HostPages;

/* One HostPages a size, the normal one first, then ascending. */
GArray *host_pages(const Host *host, int cell, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Free pages of one size. OPERATION_FAILED for a size that the kernel does not have. */
gboolean host_pages_free(const Host *host, int cell, guint64 size, guint64 *free, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Makes the pool of one size @count pages large, or larger by @count with @add. OPERATION_UNSUPPORTED for normal pages,
 * OPERATION_FAILED with the numbers when the kernel could not get them all (it keeps those that it got). */
gboolean host_pages_allocate(const Host *host, int cell, guint64 size, guint64 count, gboolean add, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
