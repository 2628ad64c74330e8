#include "backend/test/capabilities.h"

#include "backend/embedded/capabilities/capabilities.h"
#include "backend/embedded/driver-state.h"
#include "backend/embedded/paths.h"
#include "backend/test/host.h"

#define TEST_ARCH "i686"
#define TEST_EMULATOR "/usr/bin/test-hv"
#define TEST_SECURITY_MODEL "testSecurity"
#define TEST_MAX_VCPUS 32
#define CELL_CPUS 8
#define CELL_PAGES 524288

static const guint cpu_page_sizes[] = { 4, 8, 2048, 1048576 };

/* The cells differ in their normal pages and so in their memory. KiB. */
static const guint cell_page_sizes[TEST_HOST_CELLS] = { 4, 8 };

static void
add_features(XmlText *xml)
{
    xml_text_open(xml, "features", NULL);
    xml_text_empty(xml, "pae", NULL);
    xml_text_empty(xml, "nonpae", NULL);
    xml_text_close(xml, "features");
}

static void
add_cell(XmlText *xml, guint cell)
{
    xml_text_line(xml, "<cell id='%u'>", cell);
    xml->depth++;
    xml_text_line(xml, "<memory unit='KiB'>%u</memory>", cell_page_sizes[cell] * CELL_PAGES);
    xml_text_line(xml, "<pages unit='KiB' size='%u'>%u</pages>", cell_page_sizes[cell], CELL_PAGES);
    xml_text_line(xml, "<pages unit='KiB' size='2048'>0</pages>");
    xml_text_line(xml, "<pages unit='KiB' size='1048576'>0</pages>");
    xml_text_line(xml, "<cpus num='%d'>", CELL_CPUS);
    xml->depth++;
    for (guint i = 0; i < CELL_CPUS; i++) {
        guint id = cell * CELL_CPUS + i;

        xml_text_line(xml, "<cpu id='%u' socket_id='%u' die_id='0' core_id='%u' siblings='%u'/>", id, cell, i, id);
    }
    xml_text_close(xml, "cpus");
    xml_text_close(xml, "cell");
}

static void
add_host(XmlText *xml, guint n_cells)
{
    xml_text_open(xml, "host", NULL);
    xml_text_open(xml, "cpu", NULL);
    xml_text_value(xml, "arch", TEST_ARCH, NULL);
    add_features(xml);
    for (gsize i = 0; i < G_N_ELEMENTS(cpu_page_sizes); i++)
        xml_text_line(xml, "<pages unit='KiB' size='%u'/>", cpu_page_sizes[i]);
    xml_text_close(xml, "cpu");
    xml_text_empty(xml, "power_management", NULL);
    xml_text_empty(xml, "iommu", "support", "no", NULL);
    xml_text_open(xml, "topology", NULL);
    xml_text_line(xml, "<cells num='%u'>", n_cells);
    xml->depth++;
    for (guint cell = 0; cell < n_cells; cell++)
        add_cell(xml, cell);
    xml_text_close(xml, "cells");
    xml_text_close(xml, "topology");
    xml_text_open(xml, "secmodel", NULL);
    xml_text_value(xml, "model", TEST_SECURITY_MODEL, NULL);
    xml_text_value(xml, "doi", "", NULL);
    xml_text_close(xml, "secmodel");
    xml_text_close(xml, "host");
    xml_text_gap(xml);
}

static void
add_guest(XmlText *xml, const char *os_type)
{
    xml_text_open(xml, "guest", NULL);
    xml_text_value(xml, "os_type", os_type, NULL);
    xml_text_open(xml, "arch", "name", TEST_ARCH, NULL);
    xml_text_value(xml, "wordsize", "32", NULL);
    xml_text_value(xml, "emulator", TEST_EMULATOR, NULL);
    xml_text_empty(xml, "domain", "type", "test", NULL);
    xml_text_close(xml, "arch");
    add_features(xml);
    xml_text_close(xml, "guest");
    xml_text_gap(xml);
}

gboolean
test_connect_get_capabilities(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error G_GNUC_UNUSED)
{
    const DriverState *state = call->data;
    const TestHost *host = state->invented_host;
    XmlText xml;

    xml_text_init(&xml);
    xml_text_open(&xml, "capabilities", NULL);
    xml_text_gap(&xml);
    add_host(&xml, (guint)host->n_cells);
    add_guest(&xml, "hvm");
    add_guest(&xml, "xen");
    xml_text_close(&xml, "capabilities");
    ((connect_get_capabilities_result *)result)->capabilities = xml_text_finish(&xml);
    return TRUE;
}

gboolean
test_connect_get_max_vcpus(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                           GError **error G_GNUC_UNUSED)
{
    ((connect_get_max_vcpus_result *)result)->max_vcpus = TEST_MAX_VCPUS;
    return TRUE;
}

gboolean
test_connect_get_cpu_model_names(const Call *call G_GNUC_UNUSED, const void *args, void *result, GError **error)
{
    const connect_get_cpu_model_names_args *in = args;

    return cpu_model_names_answer(in, NULL, result, error);
}

/* The driver has no models of its own: what they mean is asked of this host's emulators. */
gboolean
test_connect_baseline_cpu(const Call *call G_GNUC_UNUSED, const void *args, void *result, GError **error)
{
    const connect_baseline_cpu_args *in = args;
    g_autoptr(Paths) paths = paths_new(PATHS_SESSION, NULL, NULL);
    g_autoptr(QemuFacts) facts = qemu_facts_new(paths ? paths->cache : NULL, NULL);

    return host_cpu_baseline(facts, in, CPU_BASELINE_AS_IS, result, error);
}

gboolean
test_node_get_security_model(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                             GError **error G_GNUC_UNUSED)
{
    node_get_security_model_result *out = result;

    out->model = g_strdup(TEST_SECURITY_MODEL);
    out->doi = g_strdup("");
    return TRUE;
}
