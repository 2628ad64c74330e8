/* The host of the test driver, invented by libvirt: its figures, and what a test:///FILE says instead of them. Values and messages
 * are those of libvirt's test driver. */
#pragma once

#include "backend/driver.h"
#include "model/libxml.h"

G_BEGIN_DECLS

#define TEST_HOST_CELLS 2

typedef struct {
    char model[32];
    guint64 memory;             /* KiB */
    gint32 mhz, cpus, nodes, sockets, cores, threads;
    gint32 n_cells;             /* a host that a file describes has none */
} TestHost;

/* test:///default's. Free with g_free(). */
TestHost *test_host_new(void);
/* The host that @root, the <node> of a file, describes. */
TestHost *test_host_read(const xmlNode *root, GError **error);

/* Operations, for the driver's table. */
gboolean test_node_get_info(const Call *call, const void *args, void *result, GError **error);
gboolean test_node_get_cpu_map(const Call *call, const void *args, void *result, GError **error);
gboolean test_node_get_cpu_stats(const Call *call, const void *args, void *result, GError **error);
gboolean test_node_get_free_memory(const Call *call, const void *args, void *result, GError **error);
gboolean test_node_get_cells_free_memory(const Call *call, const void *args, void *result, GError **error);
gboolean test_node_get_free_pages(const Call *call, const void *args, void *result, GError **error);
gboolean test_connect_get_sysinfo(const Call *call, const void *args, void *result, GError **error);

G_END_DECLS
