/* The operations about the host, called as a server or a client of the interface would: numbers of parameters, ranges of cells,
 * flags; and what a connection says of itself. */
#include <string.h>

#include "backend/connection.h"
#include "backend/constants.h"
#include "util/error.h"
#include "util/files.h"

typedef struct {
    char *root;
    Connection *conn;
} Fixture;

static void
put(const Fixture *f, const char *path, const char *text)
{
    g_autofree char *whole = g_build_filename(f->root, "host", path, NULL);
    g_autofree char *folder = g_path_get_dirname(whole);

    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(whole, text, -1, NULL));
}

#define NODE "sys/devices/system/node/"
#define KSM "sys/kernel/mm/ksm/"

/* Two cells with two CPUs each, of which the last is offline. */
static const char *const files[][2] = {
    { "proc/sys/kernel/arch", "x86_64\n" },
    { "proc/self/smaps", "KernelPageSize:        4 kB\n" },
    { "proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 1000.5\n" },
    { "proc/stat", "cpu  6 0 0 60 0 0 0\ncpu0 1 0 0 20 0 0 0\ncpu1 2 0 0 20 0 0 0\ncpu2 3 0 0 20 0 0 0\n" },
    { "proc/meminfo", "MemTotal: 3000 kB\nMemFree: 300 kB\nBuffers: 30 kB\nCached: 3 kB\n" },
    { "sys/devices/system/cpu/present", "0-3\n" }, { "sys/devices/system/cpu/online", "0-2\n" },
    { "sys/devices/system/cpu/cpu2/topology/physical_package_id", "1\n" },
    { "sys/devices/system/cpu/cpu1/topology/core_id", "1\n" },
    { NODE "node0/cpu0", "" }, { NODE "node0/cpu1", "" }, { NODE "node1/cpu2", "" }, { NODE "node1/cpu3", "" },
    { NODE "node0/meminfo", "Node 0 MemTotal: 1600 kB\nNode 0 MemFree: 160 kB\n" },
    { NODE "node1/meminfo", "Node 1 MemTotal: 1200 kB\nNode 1 MemFree: 120 kB\n" },
    { NODE "node0/hugepages/hugepages-2048kB/nr_hugepages", "5\n" },
    { NODE "node0/hugepages/hugepages-2048kB/free_hugepages", "4\n" },
    { NODE "node1/hugepages/hugepages-2048kB/nr_hugepages", "7\n" },
    { NODE "node1/hugepages/hugepages-2048kB/free_hugepages", "6\n" },
    { KSM "pages_to_scan", "100\n" }, { KSM "sleep_millisecs", "20\n" }, { KSM "pages_shared", "3\n" },
};

static void
set_up(Fixture *f, gconstpointer data)
{
    g_autofree char *uri = NULL;
    g_autoptr(GError) error = NULL;

    f->root = g_dir_make_tmp("node-XXXXXX", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        put(f, files[i][0], files[i][1]);
    uri = g_strdup_printf("qemu:///embed?root=%s/root&host=%s/host", f->root, f->root);
    f->conn = conn_open(uri, data != NULL, &error);
    g_assert_no_error(error);
}

static void
tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    conn_close(f->conn);
    g_assert_true(file_remove_tree(-1, f->root, NULL));
    g_free(f->root);
}

static void
assert_refused(GError **error, int code, const char *part)
{
    g_assert_error(*error, HV_ERROR, code);
    if (!strstr((*error)->message, part))
        g_error("'%s' does not say '%s'", (*error)->message, part);
    g_clear_error(error);
}

/* --- what a connection says of itself ------------------------------------------------------------------- */

static void
assert_connection(Connection *conn, const char *type)
{
    g_auto(connect_get_type_result) name = { 0 };
    g_auto(connect_get_lib_version_result) library = { 0 };
    g_auto(connect_is_alive_result) alive = { 0 };
    g_auto(connect_is_secure_result) secure = { 0 };
    g_auto(connect_is_encrypted_result) encrypted = { 0 };

    g_assert_true(connect_get_type(conn, &(connect_get_type_args){ }, &name, NULL));
    g_assert_cmpstr(name.type, ==, type);
    g_assert_true(connect_get_lib_version(conn, &(connect_get_lib_version_args){ }, &library, NULL));
    g_assert_cmpuint(library.lib_ver, ==, 9000000);
    g_assert_true(connect_is_alive(conn, &(connect_is_alive_args){ }, &alive, NULL));
    g_assert_cmpint(alive.alive, ==, 1);
    /* Nothing is in between that could be listened to, and nothing that would have to be encrypted. */
    g_assert_true(connect_is_secure(conn, &(connect_is_secure_args){ }, &secure, NULL));
    g_assert_cmpint(secure.secure, ==, 1);
    g_assert_true(connect_is_encrypted(conn, &(connect_is_encrypted_args){ }, &encrypted, NULL));
    g_assert_cmpint(encrypted.encrypted, ==, 0);
}

static void
test_connection(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(Connection) test = conn_open("test:///default", FALSE, NULL);

    assert_connection(f->conn, "QEMU");
    assert_connection(test, "TEST");
}

/* --- CPUs ------------------------------------------------------------------------------------------------ */

static void
test_info(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_auto(node_get_info_result) info = { 0 };

    g_assert_true(node_get_info(f->conn, &(node_get_info_args){ }, &info, NULL));
    g_assert_cmpstr(info.model, ==, "x86_64");
    g_assert_cmpuint(info.memory, ==, 2800);
    g_assert_cmpint(info.cpus, ==, 3);
    g_assert_cmpint(info.mhz, ==, 1000);
    g_assert_cmpint(info.nodes, ==, 2);
    g_assert_cmpint(info.sockets, ==, 1);
    g_assert_cmpint(info.cores, ==, 2);
    g_assert_cmpint(info.threads, ==, 1);
}

/* "architecture, 31 characters": libvirt's structure has room for no more. */
static void
test_long_model(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_auto(node_get_info_result) info = { 0 };

    put(f, "proc/sys/kernel/arch", "0123456789012345678901234567890123456789\n");
    g_assert_true(node_get_info(f->conn, &(node_get_info_args){ }, &info, NULL));
    g_assert_cmpstr(info.model, ==, "0123456789012345678901234567890");
}

static void
test_cpu_map(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_auto(node_get_cpu_map_result) all = { 0 }, none = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(node_get_cpu_map(f->conn, &(node_get_cpu_map_args){ .need_map = 1, .need_online = 1 }, &all, NULL));
    g_assert_cmpint(all.ret, ==, 4);
    g_assert_cmpuint(all.online, ==, 3);
    g_assert_cmpuint(all.cpumap.len, ==, 1);
    g_assert_cmpuint(all.cpumap.items[0], ==, 0x07);
    g_assert_true(node_get_cpu_map(f->conn, &(node_get_cpu_map_args){ 0 }, &none, NULL));
    g_assert_cmpint(none.ret, ==, 4);
    g_assert_cmpuint(none.online, ==, 0);
    g_assert_cmpuint(none.cpumap.len, ==, 0);
    g_assert_false(node_get_cpu_map(f->conn, &(node_get_cpu_map_args){ .flags = 1 }, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "unsupported flags (0x1) in function virNodeGetCPUMap");
}

static void
test_cpu_stats(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_auto(node_get_cpu_stats_result) number = { 0 }, one = { 0 };
    g_autoptr(GError) error = NULL;
    node_get_cpu_stats_args args = { .cpu_num = 2 };

    g_assert_true(node_get_cpu_stats(f->conn, &args, &number, NULL));
    g_assert_cmpint(number.nparams, ==, 4);
    g_assert_cmpuint(number.params.len, ==, 0);
    args.nparams = 4;
    g_assert_true(node_get_cpu_stats(f->conn, &args, &one, NULL));
    g_assert_cmpuint(one.params.len, ==, 4);
    g_assert_cmpstr(one.params.items[1].field, ==, "user");
    g_assert_cmpuint(one.params.items[1].value, ==, 30000000);
    args.nparams = 3;
    g_assert_false(node_get_cpu_stats(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "nparams");
    args = (node_get_cpu_stats_args){ .cpu_num = 3, .nparams = 4 };
    g_assert_false(node_get_cpu_stats(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "Invalid cpuNum");
    args.cpu_num = -2;
    g_assert_false(node_get_cpu_stats(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "cpuNum in virNodeGetCPUStats only accepts -1 as a negative value");
    args.flags = 4;
    args.cpu_num = -1;
    g_assert_false(node_get_cpu_stats(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "unsupported flags (0x4)");
}

/* --- memory ------------------------------------------------------------------------------------------------ */

static void
test_memory_stats(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const fields[] = { "total", "free", "buffers", "cached" };
    static const guint64 values[] = { 3000, 300, 30, 3 };
    g_auto(node_get_memory_stats_result) number = { 0 }, all = { 0 }, cell = { 0 };
    g_autoptr(GError) error = NULL;
    node_get_memory_stats_args args = { .cell_num = NODE_STATS_ALL };

    g_assert_true(node_get_memory_stats(f->conn, &args, &number, NULL));
    g_assert_cmpint(number.nparams, ==, 4);
    args.nparams = 4;
    g_assert_true(node_get_memory_stats(f->conn, &args, &all, NULL));
    for (guint i = 0; i < 4; i++) {
        g_assert_cmpstr(all.params.items[i].field, ==, fields[i]);
        g_assert_cmpuint(all.params.items[i].value, ==, values[i]);
    }
    args = (node_get_memory_stats_args){ .cell_num = 1, .nparams = 2 };
    g_assert_true(node_get_memory_stats(f->conn, &args, &cell, NULL));
    g_assert_cmpuint(cell.params.len, ==, 2);
    g_assert_cmpuint(cell.params.items[1].value, ==, 120);
    args.cell_num = 2;
    g_assert_false(node_get_memory_stats(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "cellNum in virHostMemGetStats must be less than or equal to 1");
}

static void
test_free_memory(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_auto(node_get_free_memory_result) sum = { 0 };
    g_auto(node_get_cells_free_memory_result) cells = { 0 }, last = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(node_get_free_memory(f->conn, &(node_get_free_memory_args){ }, &sum, NULL));
    g_assert_cmpuint(sum.free_mem, ==, 280 * 1024);
    /* As many as there are, when more are asked for. */
    g_assert_true(node_get_cells_free_memory(f->conn, &(node_get_cells_free_memory_args){ 0, 100 }, &cells, NULL));
    g_assert_cmpuint(cells.cells.len, ==, 2);
    g_assert_cmpuint(cells.cells.items[0], ==, 160 * 1024);
    g_assert_true(node_get_cells_free_memory(f->conn, &(node_get_cells_free_memory_args){ 1, G_MAXINT }, &last, NULL));
    g_assert_cmpuint(last.cells.len, ==, 1);
    g_assert_cmpuint(last.cells.items[0], ==, 120 * 1024);
    g_assert_false(node_get_cells_free_memory(f->conn, &(node_get_cells_free_memory_args){ 2, 1 }, NULL, &error));
    assert_refused(&error, HV_ERR_INTERNAL_ERROR, "start cell 2 out of range (0-1)");
    g_assert_false(node_get_cells_free_memory(f->conn, &(node_get_cells_free_memory_args){ 0, 0 }, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "maxCells in virNodeGetCellsFreeMemory must be greater than zero");
}

static void
test_free_pages(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const guint64 expected[] = { 40, 4, 30, 6 };
    guint32 sizes[] = { 4, 2048 };
    node_get_free_pages_args args = { .pages = { 2, sizes }, .start_cell = 0, .cell_count = 10 };
    g_auto(node_get_free_pages_result) pages = { 0 };
    g_autoptr(GError) error = NULL;

    /* Grouped by cell. */
    g_assert_true(node_get_free_pages(f->conn, &args, &pages, NULL));
    g_assert_cmpmem(pages.counts.items, pages.counts.len * sizeof(guint64), expected, sizeof expected);
    args.cell_count = 0;
    g_assert_false(node_get_free_pages(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INTERNAL_ERROR, "no suitable info found");
    args.cell_count = 1;
    args.flags = 1;
    g_assert_false(node_get_free_pages(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "unsupported flags (0x1)");
}

static void
test_alloc_pages(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    guint32 sizes[] = { 2048 };
    guint64 counts[] = { 9 };
    node_alloc_pages_args args = {
        .page_sizes = { 1, sizes }, .page_counts = { 1, counts }, .start_cell = 0, .cell_count = 2, .flags = ALLOC_PAGES_SET,
    };
    g_auto(node_alloc_pages_result) result = { 0 };
    g_autofree char *path = g_build_filename(f->root, "host", NODE "node1/hugepages/hugepages-2048kB/nr_hugepages", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(node_alloc_pages(f->conn, &args, &result, NULL));
    g_assert_cmpint(result.ret, ==, 2);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "9\n");
    args.page_counts.len = 0;
    g_assert_false(node_alloc_pages(f->conn, &args, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "counts");
}

/* --- parameters ---------------------------------------------------------------------------------------------- */

static void
test_memory_parameters(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_auto(node_get_memory_parameters_result) number = { 0 }, all = { 0 };
    node_get_memory_parameters_args args = { 0 };

    g_assert_true(node_get_memory_parameters(f->conn, &args, &number, NULL));
    g_assert_cmpint(number.nparams, ==, 3);
    g_assert_cmpuint(number.params.len, ==, 0);
    args.nparams = 3;
    g_assert_true(node_get_memory_parameters(f->conn, &args, &all, NULL));
    g_assert_cmpuint(all.params.len, ==, 3);
    g_assert_cmpstr(all.params.items[0].field, ==, "shm_pages_to_scan");
    g_assert_cmpint(all.params.items[0].type, ==, PARAM_UINT);
    g_assert_cmpuint(all.params.items[0].value.u, ==, 100);
    g_assert_cmpint(all.params.items[2].type, ==, PARAM_ULLONG);
    g_assert_cmpuint(all.params.items[2].value.ul, ==, 3);
}

static void
test_set_memory_parameters(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const struct {
        const char *field;
        int code;
    } refused[] = {
        { "shm_pages_shared", HV_ERR_ARGUMENT_UNSUPPORTED },        /* can only be read */
        { "shm_unheard_of", HV_ERR_ARGUMENT_UNSUPPORTED },
        { "shm_merge_across_nodes", HV_ERR_OPERATION_INVALID },     /* this kernel does not have it */
    };
    g_autofree char *path = g_build_filename(f->root, "host", KSM "pages_to_scan", NULL);
    g_autofree char *text = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_auto(TypedParamList) params = { 0 };
        g_autoptr(GError) error = NULL;

        /* The first one is good, and must not be set when the second is refused. */
        typed_param_list_add_uint(&params, "shm_pages_to_scan", 7);
        typed_param_list_add_uint(&params, refused[i].field, 1);
        g_assert_false(node_set_memory_parameters(f->conn, &(node_set_memory_parameters_args){ .params = params }, NULL, &error));
        g_assert_error(error, HV_ERROR, refused[i].code);
    }
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "100\n");
}

static void
test_suspend(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(node_suspend_for_duration(f->conn, &(node_suspend_for_duration_args){ 3, 60, 0 }, NULL, &error));
    assert_refused(&error, HV_ERR_ARGUMENT_UNSUPPORTED, "target");
    g_assert_false(node_suspend_for_duration(f->conn, &(node_suspend_for_duration_args){ 0, 60, 1 }, NULL, &error));
    assert_refused(&error, HV_ERR_INVALID_ARG, "unsupported flags (0x1)");
    g_assert_false(node_suspend_for_duration(f->conn, &(node_suspend_for_duration_args){ 0, 60, 0 }, NULL, &error));
    assert_refused(&error, HV_ERR_ARGUMENT_UNSUPPORTED, "Suspend-to-RAM");
}

static void
test_readonly(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_auto(node_get_info_result) info = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(node_get_info(f->conn, &(node_get_info_args){ }, &info, NULL));
    g_assert_false(node_alloc_pages(f->conn, &(node_alloc_pages_args){ 0 }, NULL, &error));
    assert_refused(&error, HV_ERR_OPERATION_DENIED, "read only access prevents virNodeAllocPages");
    g_assert_false(node_set_memory_parameters(f->conn, &(node_set_memory_parameters_args){ 0 }, NULL, &error));
    assert_refused(&error, HV_ERR_OPERATION_DENIED, "read only access prevents virNodeSetMemoryParameters");
    g_assert_false(node_suspend_for_duration(f->conn, &(node_suspend_for_duration_args){ 0 }, NULL, &error));
    assert_refused(&error, HV_ERR_OPERATION_DENIED, "read only access prevents virNodeSuspendForDuration");
}

#define NODE_TEST(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    NODE_TEST("/node/connection", test_connection);
    NODE_TEST("/node/info", test_info);
    NODE_TEST("/node/long-model", test_long_model);
    NODE_TEST("/node/cpu-map", test_cpu_map);
    NODE_TEST("/node/cpu-stats", test_cpu_stats);
    NODE_TEST("/node/memory-stats", test_memory_stats);
    NODE_TEST("/node/free-memory", test_free_memory);
    NODE_TEST("/node/free-pages", test_free_pages);
    NODE_TEST("/node/alloc-pages", test_alloc_pages);
    NODE_TEST("/node/memory-parameters", test_memory_parameters);
    NODE_TEST("/node/set-memory-parameters", test_set_memory_parameters);
    NODE_TEST("/node/suspend", test_suspend);
    g_test_add("/node/readonly", Fixture, "", set_up, test_readonly, tear_down);
    return g_test_run();
}
