/* How much memory there is, as a whole and by cell. */
#include "host/memory.h"

#include <string.h>

#include "host/cpu.h"
#include "util/error.h"

#define CELL_FOLDER "sys/devices/system/node"

/* --- lines of the form "MemTotal:  24684096 kB" ------------------------------------------------------ */

typedef struct {
    const char *key;
    guint64 *value;             /* KiB */
} MemoryField;

/* Fills the fields that the text has; lines may have @prefix ("Node 0 "). The number of fields found. */
static gsize
parse_meminfo(const char *text, const char *prefix, const MemoryField *fields, gsize n_fields)
{
    gsize found = 0;

    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, prefix, strlen(prefix)) != 0)
            continue;
        line += strlen(prefix);
        for (gsize i = 0; i < n_fields; i++) {
            const char *at = line + strlen(fields[i].key);
            char *end = NULL;

            if (strncmp(line, fields[i].key, strlen(fields[i].key)) != 0 || *at++ != ':')
                continue;
            while (*at == ' ' || *at == '\t')
                at++;
            *fields[i].value = g_ascii_isdigit(*at) ? g_ascii_strtoull(at, &end, 10) : G_MAXUINT64;
            /* Above this no machine has memory, and sums of it stay numbers. */
            if (*fields[i].value > G_MAXUINT64 >> 20 || !g_str_has_prefix(end, " kB"))
                return 0;
            found++;
        }
    }
    return found;
}

static gboolean
throw_meminfo(const Host *host, const char *path, GError **error)
{
    g_autofree char *shown = host_path(host, "%s", path);

    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s' does not say how much memory there is", shown);
}

gboolean
host_memory(const Host *host, HostMemory *memory, GError **error)
{
    HostMemory found = { 0 };
    const MemoryField fields[] = {
        { "MemTotal", &found.total }, { "MemFree", &found.free }, { "Buffers", &found.buffers }, { "Cached", &found.cached },
    };
    g_autofree char *text = host_read(host, error, "proc/meminfo");

    if (!text)
        return FALSE;
    if (parse_meminfo(text, "", fields, G_N_ELEMENTS(fields)) != G_N_ELEMENTS(fields))
        return throw_meminfo(host, "proc/meminfo", error);
    *memory = found;
    return TRUE;
}

/* --- cells ----------------------------------------------------------------------------------------------- */

gboolean
host_has_cells(const Host *host)
{
    g_autoptr(CpuSet) set = NULL;

    return host_read_folder(host, "node", &set, NULL, CELL_FOLDER) == HOST_OK && cpu_set_count(set) > 0;
}

gboolean
host_cells(const Host *host, CpuSet **cells, GError **error)
{
    g_autoptr(CpuSet) set = NULL;

    /* The folders, not the list "online": both name the same cells, and the folders are what is read next. */
    if (host_read_folder(host, "node", &set, error, CELL_FOLDER) == HOST_FAILED)
        return FALSE;
    if (!set)
        set = cpu_set_new();
    if (cpu_set_count(set) == 0)
        cpu_set_add(set, 0);
    *cells = g_steal_pointer(&set);
    return TRUE;
}

/* HOST_MISSING when the kernel does not show the cell, or not its memory. */
static HostResult
read_cell(const Host *host, guint cell, guint64 *total, guint64 *free, GError **error)
{
    g_autofree char *path = g_strdup_printf(CELL_FOLDER "/node%u/meminfo", cell);
    g_autofree char *prefix = g_strdup_printf("Node %u ", cell);
    g_autoptr(GError) local = NULL;
    g_autofree char *text = host_read_optional(host, &local, "%s", path);
    guint64 found_total = 0, found_free = 0;
    const MemoryField fields[] = { { "MemTotal", &found_total }, { "MemFree", &found_free } };

    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return HOST_FAILED;
    }
    if (!text)
        return HOST_MISSING;
    if (parse_meminfo(text, prefix, fields, G_N_ELEMENTS(fields)) != G_N_ELEMENTS(fields)) {
        throw_meminfo(host, path, error);
        return HOST_FAILED;
    }
    *total = found_total;
    *free = found_free;
    return HOST_OK;
}

gboolean
host_cell_memory(const Host *host, guint cell, guint64 *total, guint64 *free, GError **error)
{
    HostMemory memory;

    switch (read_cell(host, cell, total, free, error)) {
    case HOST_OK:
        return TRUE;
    case HOST_FAILED:
        return FALSE;
    case HOST_MISSING:
        break;
    }
    if (cell != 0 || host_has_cells(host))
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "NUMA node %u is not available", cell);
    if (!host_memory(host, &memory, error))
        return FALSE;
    *total = memory.total;
    *free = memory.free;
    return TRUE;
}

gboolean
host_cells_memory(const Host *host, guint64 *total, guint64 *free, GError **error)
{
    g_autoptr(CpuSet) cells = NULL;
    guint64 sum_total = 0, sum_free = 0;

    if (!host_cells(host, &cells, error))
        return FALSE;
    for (int cell = cpu_set_next(cells, 0); cell >= 0; cell = cpu_set_next(cells, (guint)cell + 1)) {
        guint64 cell_total = 0, cell_free = 0;
        HostMemory memory;

        switch (read_cell(host, (guint)cell, &cell_total, &cell_free, error)) {
        case HOST_FAILED:
            return FALSE;
        case HOST_MISSING:
            /* No cells, or a container that hides them. */
            if (!host_memory(host, &memory, error))
                return FALSE;
            *total = memory.total;
            *free = memory.free;
            return TRUE;
        case HOST_OK:
            sum_total += cell_total;
            sum_free += cell_free;
            break;
        }
    }
    *total = sum_total;
    *free = sum_free;
    return TRUE;
}

gboolean
host_cell_cpus(const Host *host, guint cell, CpuSet **cpus, GError **error)
{
    g_autoptr(CpuSet) set = NULL;

    if (host_read_list(host, &set, error, CELL_FOLDER "/node%u/cpulist", cell) == HOST_FAILED)
        return FALSE;
    if (!set && cell == 0 && !host_has_cells(host))
        return host_cpu_online(host, cpus, error);
    *cpus = set ? g_steal_pointer(&set) : cpu_set_new();
    return TRUE;
}

GArray *
host_cell_distances(const Host *host, guint cell, GError **error)
{
    g_autoptr(GArray) distances = g_array_new(FALSE, FALSE, sizeof(HostDistance));
    g_autoptr(GError) local = NULL;
    g_autofree char *text = host_read_optional(host, &local, CELL_FOLDER "/node%u/distance", cell);
    g_autoptr(CpuSet) cells = NULL;
    g_auto(GStrv) words = NULL;
    int at;

    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    if (!text)
        return g_steal_pointer(&distances);
    if (!host_cells(host, &cells, error))
        return NULL;
    words = g_strsplit_set(g_strstrip(text), " \t\n", -1);
    at = cpu_set_next(cells, 0);
    for (char **word = words; *word; word++) {
        HostDistance distance;
        guint64 value;

        if (!**word)
            continue;
        if (at < 0 || !g_ascii_string_to_unsigned(*word, 10, 0, 255, &value, NULL)) {
            g_autofree char *path = host_path(host, CELL_FOLDER "/node%u/distance", cell);

            hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s' is no list of the distances to %u cells", path,
                     cpu_set_count(cells));
            return NULL;
        }
        distance = (HostDistance){ (guint)at, (guint)value };
        g_array_append_val(distances, distance);
        at = cpu_set_next(cells, (guint)at + 1);
    }
    return g_steal_pointer(&distances);
}
