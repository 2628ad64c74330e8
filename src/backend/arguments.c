#include "backend/arguments.h"

#include <stddef.h>

#include "util/error.h"

/* Numbers that may not be below a limit. */
static const struct {
    Operation op;
    gsize offset;               /* of a gint32 */
    gint32 minimum;
    const char *refusal;        /* %s is the public function */
} limits[] = {
    { OP_NODE_GET_CPU_STATS, offsetof(node_get_cpu_stats_args, cpu_num), -1,
      "cpuNum in %s only accepts -1 as a negative value" },
    { OP_NODE_GET_MEMORY_STATS, offsetof(node_get_memory_stats_args, cell_num), -1,
      "cellNum in %s only accepts -1 as a negative value" },
    { OP_NODE_GET_CELLS_FREE_MEMORY, offsetof(node_get_cells_free_memory_args, start_cell), 0,
      "startCell in %s must be zero or greater" },
    { OP_NODE_GET_CELLS_FREE_MEMORY, offsetof(node_get_cells_free_memory_args, max_cells), 1,
      "maxCells in %s must be greater than zero" },
};

gboolean
arguments_check(Operation op, const void *args, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
        if (limits[i].op == op && *(const gint32 *)((const char *)args + limits[i].offset) < limits[i].minimum)
            return hv_throw_plain(error, HV_ERR_INVALID_ARG, limits[i].refusal, operation_info(op)->api);
    return TRUE;
}
