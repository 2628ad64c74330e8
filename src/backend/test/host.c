#include "backend/test/host.h"

#include <stddef.h>
#include <string.h>

#include "backend/constants.h"
#include "backend/embedded/driver-state.h"
#include "model/document.h"
#include "util/error.h"

TestHost *
test_host_new(void)
{
    TestHost *host = g_new(TestHost, 1);

    *host = (TestHost){
        .model = "i686", .memory = 3145728, .mhz = 1400, .nodes = 2, .sockets = 2, .cores = 2, .threads = 2,
        .cpus = 16, .n_cells = TEST_HOST_CELLS,
    };
    return host;
}

/* Numbers of <cpu>, in the order in which libvirt reads them. */
static const struct {
    const char *element;
    gsize offset;
} cpu_numbers[] = {
    { "nodes", offsetof(TestHost, nodes) }, { "sockets", offsetof(TestHost, sockets) },
    { "cores", offsetof(TestHost, cores) }, { "threads", offsetof(TestHost, threads) },
};

/* An empty element is none. */
static gboolean
read_number(const xmlNode *cpu, const char *element, gint32 *value, GError **error)
{
    const char *text = node_child_text(cpu, element);
    guint64 number;

    if (!text || !*text)
        return TRUE;
    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &number, NULL))
        return hv_throw(error, HV_ERR_XML_ERROR, "invalid node cpu %s value", element);
    *value = (gint32)number;
    return TRUE;
}

static gboolean
read_cpu(const xmlNode *cpu, TestHost *host, GError **error)
{
    const char *model = node_child_text(cpu, "model");
    guint64 all = 1;
    gint32 active = G_MAXINT;

    for (gsize i = 0; i < G_N_ELEMENTS(cpu_numbers); i++) {
        gint32 *number = (gint32 *)(gpointer)((char *)host + cpu_numbers[i].offset);

        if (!read_number(cpu, cpu_numbers[i].element, number, error))
            return FALSE;
        all = MIN(all * (guint64)*number, G_MAXINT);
    }
    if (!read_number(cpu, "active", &active, error) || !read_number(cpu, "mhz", &host->mhz, error))
        return FALSE;
    host->cpus = (gint32)MIN(all, (guint64)active);
    if (model && strlen(model) >= sizeof host->model)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Model %s too big for destination", model);
    if (model && *model)
        g_strlcpy(host->model, model, sizeof host->model);
    return TRUE;
}

TestHost *
test_host_read(const xmlNode *root, GError **error)
{
    g_autofree TestHost *host = test_host_new();
    const char *memory = node_child_text(root, "memory");

    host->n_cells = 0;
    if (node_child(root, "cpu") && !read_cpu(node_child(root, "cpu"), host, error))
        return NULL;
    if (memory && *memory && !g_ascii_string_to_unsigned(memory, 10, 0, G_MAXINT64, &host->memory, NULL)) {
        hv_throw(error, HV_ERR_XML_ERROR, "invalid node memory value");
        return NULL;
    }
    return g_steal_pointer(&host);
}

/* --- operations ------------------------------------------------------------------------------------------ */

static const TestHost *
host_of(const Call *call)
{
    return ((const DriverState *)call->data)->invented_host;
}

gboolean
test_node_get_info(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error G_GNUC_UNUSED)
{
    const TestHost *host = host_of(call);
    node_get_info_result *out = result;

    out->model = g_strdup(host->model);
    out->memory = host->memory;
    out->cpus = host->cpus;
    out->mhz = host->mhz;
    out->nodes = host->nodes;
    out->sockets = host->sockets;
    out->cores = host->cores;
    out->threads = host->threads;
    return TRUE;
}

/* Eight CPUs of which 0, 2 and 4 are online, whatever else is said of the host. */
gboolean
test_node_get_cpu_map(const Call *call G_GNUC_UNUSED, const void *args, void *result, GError **error G_GNUC_UNUSED)
{
    const node_get_cpu_map_args *in = args;
    node_get_cpu_map_result *out = result;

    out->ret = 8;
    if (in->need_online)
        out->online = 3;
    if (in->need_map) {
        out->cpumap.len = 1;
        out->cpumap.items = g_new(guint8, 1);
        out->cpumap.items[0] = 0x15;
    }
    return TRUE;
}

gboolean
test_node_get_cpu_stats(const Call *call G_GNUC_UNUSED, const void *args, void *result, GError **error G_GNUC_UNUSED)
{
    static const NamedUint64 stats[] = {
        { (char *)NODE_CPU_STATS_USER, G_GUINT64_CONSTANT(9797400000) },
        { (char *)NODE_CPU_STATS_KERNEL, G_GUINT64_CONSTANT(34678723400000) },
        { (char *)NODE_CPU_STATS_IDLE, G_GUINT64_CONSTANT(87264900000) },
        { (char *)NODE_CPU_STATS_IOWAIT, G_GUINT64_CONSTANT(763600000) },
    };
    node_get_cpu_stats_result *out = result;

    out->nparams = G_N_ELEMENTS(stats);
    for (gsize i = 0; ((const node_get_cpu_stats_args *)args)->nparams > 0 && i < G_N_ELEMENTS(stats); i++)
        named_uint64_list_add(&out->params, stats[i].field, stats[i].value);
    return TRUE;
}

/* Free memory of the cells in bytes; what the whole host has free is half of their sum. */
static const guint64 free_bytes[TEST_HOST_CELLS] = { 2 * 1024 * 1024, 4 * 1024 * 1024 };

gboolean
test_node_get_free_memory(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error G_GNUC_UNUSED)
{
    guint64 sum = 0;

    for (gint32 i = 0; i < host_of(call)->n_cells; i++)
        sum += free_bytes[i];
    ((node_get_free_memory_result *)result)->free_mem = sum / 2;
    return TRUE;
}

gboolean
test_node_get_cells_free_memory(const Call *call, const void *args, void *result, GError **error)
{
    const node_get_cells_free_memory_args *in = args;
    node_get_cells_free_memory_result *out = result;
    gint32 n_cells = host_of(call)->n_cells;

    if (in->start_cell >= n_cells)
        return hv_throw(error, HV_ERR_INVALID_ARG, "Range exceeds available cells");
    out->cells.items = g_new0(guint64, TEST_HOST_CELLS);
    for (gint32 i = 0; i < in->max_cells && in->start_cell + i < n_cells; i++)
        out->cells.items[out->cells.len++] = free_bytes[in->start_cell + i];
    return TRUE;
}

/* A row of numbers, the same for every cell and size. */
gboolean
test_node_get_free_pages(const Call *call G_GNUC_UNUSED, const void *args, void *result, GError **error)
{
    const node_get_free_pages_args *in = args;
    node_get_free_pages_result *out = result;
    guint64 wanted = (guint64)in->pages.len * in->cell_count;
    guint64 number = 6;

    /* libvirt's limit for one answer */
    if (wanted > 1024)
        return hv_throw(error, HV_ERR_RPC, "%" G_GUINT64_FORMAT " counts of pages are too many", wanted);
    out->counts.items = g_new0(guint64, wanted + 1);
    while (out->counts.len < wanted) {
        number = number * 2 + 7;
        out->counts.items[out->counts.len++] = number;
    }
    return TRUE;
}

gboolean
test_connect_get_sysinfo(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                         GError **error G_GNUC_UNUSED)
{
    ((connect_get_sysinfo_result *)result)->sysinfo = g_strdup(
        "<sysinfo type='smbios'>\n"
        "  <bios>\n"
        "    <entry name='vendor'>LENOVO</entry>\n"
        "    <entry name='version'>G4ETA1WW (2.61 )</entry>\n"
        "    <entry name='date'>05/07/2014</entry>\n"
        "    <entry name='release'>2.61</entry>\n"
        "  </bios>\n"
        "</sysinfo>\n");
    return TRUE;
}
