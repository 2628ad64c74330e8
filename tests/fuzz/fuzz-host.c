/* Files under /proc and /sys: the input is the content of one of them, which its first byte names; the others are in order. And lists
 * of CPUs, and what dmidecode prints. */
#include "fuzz.h"

#include <string.h>

#include "host/cpu.h"
#include "host/identity.h"
#include "host/ksm.h"
#include "host/memory.h"
#include "host/suspend.h"
#include "host/sysinfo.h"

#define CPU "sys/devices/system/cpu/"
#define NODE "sys/devices/system/node/"

static const char *const files[][2] = {
    { "proc/stat", "cpu  1 2 3 4 5 6 7\ncpu0 1 2 3 4 5 6 7\n" },
    { "proc/meminfo", "MemTotal: 30 kB\nMemFree: 3 kB\nBuffers: 2 kB\nCached: 1 kB\n" },
    { "proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 1000.5\nmodel name : x\n" },
    { "proc/self/smaps", "KernelPageSize: 4 kB\n" },
    { "proc/sys/kernel/arch", "x86_64\n" },
    { CPU "present", "0-1\n" },
    { CPU "online", "0\n" },
    { CPU "cpu0/topology/core_id", "0\n" },
    { CPU "cpu0/topology/thread_siblings_list", "0-1\n" },
    { NODE "node0/meminfo", "Node 0 MemTotal: 30 kB\nNode 0 MemFree: 3 kB\n" },
    { NODE "node0/cpulist", "0-1\n" },
    { NODE "node0/distance", "10\n" },
    { NODE "node0/hugepages/hugepages-2048kB/nr_hugepages", "1\n" },
    { "sys/kernel/mm/ksm/pages_to_scan", "100\n" },
    { "sys/power/state", "mem disk\n" },
    { "sys/power/disk", "[platform] suspend\n" },
    { "sys/class/dmi/id/bios_vendor", "x\n" },
    { "sys/class/dmi/id/product_uuid", "4c4c4544-0051-3510-8052-b4c04f4a5931\n" },
};

static const char *root;

static void
put(const char *path, const char *text, gsize length)
{
    g_autofree char *whole = g_build_filename(root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(whole);

    FUZZ_CHECK(g_mkdir_with_parents(folder, 0700) == 0);
    FUZZ_CHECK(g_file_set_contents_full(whole, text, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
make_root(void)
{
    root = fuzz_folder();
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        put(files[i][0], files[i][1], strlen(files[i][1]));
}

static void
ask_cpus(const Host *host)
{
    g_autoptr(HostTopology) topology = host_topology_read(host, NULL);
    g_autofree char *model = host_cpuinfo(host, "model name");
    HostCpuSummary summary;
    HostCpuTimes times;

    if (topology && host_topology_summary(host, topology, &summary, NULL))
        FUZZ_CHECK(summary.cpus > 0 && summary.nodes > 0 && summary.sockets > 0 && summary.cores > 0 && summary.threads > 0);
    if (host_cpu_times(host, 0, &times, NULL))
        FUZZ_CHECK(host_cpu_times(host, 0, &times, NULL));
}

static void
ask_memory(const Host *host)
{
    g_autoptr(GArray) pages = host_pages(host, 0, NULL), distances = host_cell_distances(host, 0, NULL);
    g_autoptr(CpuSet) cpus = NULL;
    HostMemory memory;
    guint64 total = 0, available = 0;

    if (host_memory(host, &memory, NULL))
        FUZZ_CHECK(memory.total <= G_MAXUINT64 >> 20);
    if (host_cells_memory(host, &total, &available, NULL))
        FUZZ_CHECK(total <= G_MAXUINT64 >> 20);
    if (host_cell_cpus(host, 0, &cpus, NULL))
        FUZZ_CHECK(cpu_set_last(cpus) < CPU_SET_LIMIT);
}

static void
ask_rest(const Host *host)
{
    g_autofree char *sysinfo = host_sysinfo(host, NULL);
    g_autofree char *own = g_build_filename(root, "own", NULL);
    guint64 value;
    guchar uuid[16];

    if (sysinfo)
        FUZZ_CHECK(g_utf8_validate(sysinfo, -1, NULL) && g_str_has_suffix(sysinfo, "</sysinfo>\n"));
    if (ksm_get(host, &ksm_parameters[0], &value, NULL) == HOST_OK)
        FUZZ_CHECK(value <= G_MAXUINT32);
    FUZZ_CHECK(host_uuid(host, own, uuid, NULL));
    for (int target = 0; target < HOST_SUSPEND_LAST; target++)
        host_can_suspend(host, (HostSuspendTarget)target);
}

static void
check_texts(const char *text)
{
    g_autoptr(CpuSet) set = cpu_set_parse_list(text), again = NULL;
    g_autoptr(Sysinfo) sysinfo = sysinfo_new();
    g_autofree char *formatted = set ? cpu_set_format(set) : NULL, *second = NULL, *document = NULL;

    if (set) {
        again = cpu_set_parse_list(formatted);
        FUZZ_CHECK(again && cpu_set_count(again) == cpu_set_count(set));
        second = cpu_set_format(again);
        fuzz_same("list", formatted, second);
    }
    sysinfo_add_dmidecode(sysinfo, text);
    document = sysinfo_format(sysinfo);
    if (document)
        FUZZ_CHECK(g_utf8_validate(document, -1, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = fuzz_text(data, size);
    g_autoptr(Host) host = NULL;
    gsize which;

    check_texts(text);
    if (size == 0)
        return 0;
    if (!root)
        make_root();
    which = data[0] % G_N_ELEMENTS(files);
    put(files[which][0], (const char *)data + 1, size - 1);
    host = host_new(root, NULL);
    FUZZ_CHECK(host);
    ask_cpus(host);
    ask_memory(host);
    ask_rest(host);
    put(files[which][0], files[which][1], strlen(files[which][1]));
    return 0;
}
