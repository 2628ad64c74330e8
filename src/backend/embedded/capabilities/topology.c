/* The <topology> and <cache> of capabilities: cells, their memory and pages, their CPUs; caches that CPUs share. */
#include "config.h"

#include "backend/embedded/capabilities/capabilities.h"
#include "host/cpu.h"
#include "host/memory.h"

/* libvirt lists caches from this level on: those below are a core's own. */
#define CACHE_MIN_LEVEL 3
#define CACHE_MAX_INDEX 16

/* --- cells --------------------------------------------------------------------------------------------------- */

static gboolean
add_memory(const Host *host, guint cell, XmlText *xml, GError **error)
{
    g_autoptr(GArray) pages = NULL, distances = NULL;
    guint64 total, available;

    if (!host_cell_memory(host, cell, &total, &available, error))
        return FALSE;
    pages = host_pages(host, (int)cell, error);
    distances = pages ? host_cell_distances(host, cell, error) : NULL;
    if (!distances)
        return FALSE;
    xml_text_line(xml, "<memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>", total);
    for (guint i = 0; i < pages->len; i++) {
        const HostPages *pool = &g_array_index(pages, HostPages, i);

        xml_text_line(xml, "<pages unit='KiB' size='%" G_GUINT64_FORMAT "'>%" G_GUINT64_FORMAT "</pages>", pool->size,
                      pool->total);
    }
    if (distances->len == 0)
        return TRUE;
    xml_text_open(xml, "distances", NULL);
    for (guint i = 0; i < distances->len; i++)
        xml_text_line(xml, "<sibling id='%u' value='%u'/>", g_array_index(distances, HostDistance, i).cell,
                      g_array_index(distances, HostDistance, i).distance);
    xml_text_close(xml, "distances");
    return TRUE;
}

/* One that has gone offline meanwhile has a number only. */
static void
add_cpu(const HostTopology *topology, guint id, XmlText *xml)
{
    const HostCpu *cpu = host_topology_cpu(topology, id);
    g_autofree char *siblings = cpu ? cpu_set_format(cpu->siblings) : NULL;

    if (cpu)
        xml_text_line(xml, "<cpu id='%u' socket_id='%u' die_id='%u' core_id='%u' siblings='%s'/>", id, cpu->socket, cpu->die,
                      cpu->core, siblings);
    else
        xml_text_line(xml, "<cpu id='%u'/>", id);
}

static gboolean
add_cell(const Host *host, const HostTopology *topology, guint cell, XmlText *xml, GError **error)
{
    g_autoptr(CpuSet) cpus = NULL;

    xml_text_line(xml, "<cell id='%u'>", cell);
    xml->depth++;
    if (!add_memory(host, cell, xml, error) || !host_cell_cpus(host, cell, &cpus, error))
        return FALSE;
    xml_text_line(xml, "<cpus num='%u'>", cpu_set_count(cpus));
    xml->depth++;
    for (int id = cpu_set_next(cpus, 0); id >= 0; id = cpu_set_next(cpus, (guint)id + 1))
        add_cpu(topology, (guint)id, xml);
    xml_text_close(xml, "cpus");
    xml_text_close(xml, "cell");
    return TRUE;
}

gboolean
capabilities_add_topology(const Host *host, const HostTopology *topology, XmlText *xml, GError **error)
{
    g_autoptr(CpuSet) cells = NULL;

    if (!host_cells(host, &cells, error))
        return FALSE;
    xml_text_open(xml, "topology", NULL);
    xml_text_line(xml, "<cells num='%u'>", cpu_set_count(cells));
    xml->depth++;
    for (int cell = cpu_set_next(cells, 0); cell >= 0; cell = cpu_set_next(cells, (guint)cell + 1))
        if (!add_cell(host, topology, (guint)cell, xml, error))
            return FALSE;
    xml_text_close(xml, "cells");
    xml_text_close(xml, "topology");
    return TRUE;
}

/* --- caches -------------------------------------------------------------------------------------------------- */

/* "32768K" in the largest unit without a remainder. */
static gboolean
cache_size(const char *text, guint64 *size, const char **unit)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
    guint step = 0;
    char *end;

    *size = g_ascii_strtoull(text, &end, 10);
    if (*size == 0)
        return FALSE;
    if (*end == 'K' || *end == 'M' || *end == 'G')
        step = *end == 'K' ? 1 : *end == 'M' ? 2 : 3;
    for (; step + 1 < G_N_ELEMENTS(units) && *size % 1024 == 0; step++)
        *size /= 1024;
    *unit = units[step];
    return TRUE;
}

/* The bank of one cache; *@cpus is the set of the CPUs that share it. */
static void
add_bank(const Host *host, guint cpu, guint index, gint64 level, XmlText *banks, CpuSet **cpus)
{
    g_autofree char *type = host_read_word(host, "sys/devices/system/cpu/cpu%u/cache/index%u/type", cpu, index);
    g_autofree char *size = host_read_word(host, "sys/devices/system/cpu/cpu%u/cache/index%u/size", cpu, index);
    g_autofree char *list = NULL;
    const char *libvirt_type = g_strcmp0(type, "Unified") == 0 ? "both" : g_strcmp0(type, "Data") == 0 ? "data" : "code";
    const char *unit;
    guint64 amount;
    gint64 id = 0;

    if (host_read_list(host, cpus, NULL, "sys/devices/system/cpu/cpu%u/cache/index%u/shared_cpu_list", cpu, index) != HOST_OK ||
        host_read_int(host, &id, NULL, "sys/devices/system/cpu/cpu%u/cache/index%u/id", cpu, index) != HOST_OK || !type ||
        !size || !cache_size(size, &amount, &unit))
        return;
    list = cpu_set_format(*cpus);
    xml_text_line(banks,
                  "<bank id='%" G_GINT64_FORMAT "' level='%" G_GINT64_FORMAT "' type='%s' size='%" G_GUINT64_FORMAT
                  "' unit='%s' cpus='%s'/>", id, level, libvirt_type, amount, unit, list);
}

/* Adds the shared caches of @cpu, and to @covered the CPUs that have the same ones. */
static void
add_banks_of(const Host *host, guint cpu, XmlText *banks, CpuSet *covered)
{
    cpu_set_add(covered, cpu);
    for (guint index = 0; index < CACHE_MAX_INDEX; index++) {
        g_autoptr(CpuSet) sharers = NULL;
        gint64 level = 0;

        if (host_read_int(host, &level, NULL, "sys/devices/system/cpu/cpu%u/cache/index%u/level", cpu, index) != HOST_OK)
            return;
        if (level < CACHE_MIN_LEVEL)
            continue;
        add_bank(host, cpu, index, level, banks, &sharers);
        for (int other = sharers ? cpu_set_next(sharers, 0) : -1; other >= 0; other = cpu_set_next(sharers, (guint)other + 1))
            cpu_set_add(covered, (guint)other);
    }
}

void
capabilities_add_caches(const Host *host, XmlText *xml)
{
    g_autoptr(CpuSet) online = NULL, covered = cpu_set_new();
    g_autofree char *text = NULL;
    XmlText banks;

    /* A kernel that tells of caches does so for every CPU. */
    if (!host_cpu_online(host, &online, NULL) ||
        !host_exists(host, "sys/devices/system/cpu/cpu%d/cache", cpu_set_next(online, 0)))
        return;
    xml_text_init(&banks);
    banks.depth = xml->depth + 1;
    for (int cpu = cpu_set_next(online, 0); cpu >= 0; cpu = cpu_set_next(online, (guint)cpu + 1))
        if (!cpu_set_has(covered, (guint)cpu))
            add_banks_of(host, (guint)cpu, &banks, covered);
    text = xml_text_finish(&banks);
    if (!*text)
        return;
    xml_text_open(xml, "cache", NULL);
    g_string_append(xml->text, text);
    xml_text_close(xml, "cache");
}
