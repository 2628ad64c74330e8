/* The reader of /proc and /sys below the commands: sets of numbers, dmidecode's text, the UUID of a host. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/cpu.h"
#include "host/identity.h"
#include "host/ksm.h"
#include "host/memory.h"
#include "host/suspend.h"
#include "host/sysinfo.h"
#include "util/error.h"
#include "util/files.h"
#include "util/uuid.h"

/* --- sets -------------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    const char *formatted;      /* NULL: no list */
    guint count;
} lists[] = {
    { "", "", 0 }, { "\n", "", 0 }, { "0\n", "0", 1 }, { "0-3", "0-3", 4 }, { " 1,3 \n", "1,3", 2 },
    { "0-1,2,4-5", "0-2,4-5", 5 }, { "3,1", "1,3", 2 }, { "63-64", "63-64", 2 }, { "65535", "65535", 1 },
    { "0-65535", "0-65535", 65536 }, { "5-5", "5", 1 },
    { "65536", NULL, 0 }, { "0-65536", NULL, 0 }, { "4294967296", NULL, 0 }, { "99999999999999999999", NULL, 0 },
    { "3-1", NULL, 0 }, { "-1", NULL, 0 }, { "1-", NULL, 0 }, { "1,", NULL, 0 }, { ",1", NULL, 0 }, { "1,,2", NULL, 0 },
    { "1 2", NULL, 0 }, { "a", NULL, 0 }, { "0x1", NULL, 0 }, { "1-2-3", NULL, 0 }, { "(null)", NULL, 0 },
};

static void
test_lists(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(CpuSet) set = cpu_set_parse_list(lists[i].text);
        g_autofree char *formatted = set ? cpu_set_format(set) : NULL;

        g_assert_cmpstr(formatted, ==, lists[i].formatted);
        if (set)
            g_assert_cmpuint(cpu_set_count(set), ==, lists[i].count);
    }
}

static void
test_set(void)
{
    g_autoptr(CpuSet) set = cpu_set_new();

    g_assert_cmpint(cpu_set_last(set), ==, -1);
    g_assert_cmpint(cpu_set_next(set, 0), ==, -1);
    cpu_set_add(set, 200);
    cpu_set_add(set, 63);
    g_assert_true(cpu_set_has(set, 63));
    g_assert_false(cpu_set_has(set, 64));
    g_assert_false(cpu_set_has(set, 100000));
    g_assert_cmpint(cpu_set_next(set, 0), ==, 63);
    g_assert_cmpint(cpu_set_next(set, 63), ==, 63);
    g_assert_cmpint(cpu_set_next(set, 64), ==, 200);
    g_assert_cmpint(cpu_set_next(set, 201), ==, -1);
    g_assert_cmpint(cpu_set_next(set, 100000), ==, -1);
    g_assert_cmpint(cpu_set_last(set), ==, 200);
}

/* --- a host of a few files ----------------------------------------------------------------------------- */

typedef struct {
    char *root;
    Host *host;
} Fixture;

static void
put(const Fixture *f, const char *path, const char *text)
{
    g_autofree char *whole = g_build_filename(f->root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(whole);

    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(whole, text, -1, NULL));
}

static void
set_up(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->root = g_dir_make_tmp("host-XXXXXX", NULL);
    f->host = host_new(f->root, NULL);
    g_assert_nonnull(f->host);
}

static void
tear_down(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    host_free(f->host);
    g_assert_true(file_remove_tree(-1, f->root, NULL));
    g_free(f->root);
}

static void
test_root(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Host) here = host_new(NULL, NULL);
    g_autoptr(Host) slash = host_new("/", NULL);

    g_assert_true(host_is_this_machine(here));
    g_assert_true(host_is_this_machine(slash));
    g_assert_null(host_new("relative", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INVALID_ARG);
    g_clear_error(&error);
    g_assert_null(host_new("/nonexistent/tree", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
}

static const struct {
    const char *text;
    HostResult result;
    gint64 value;
} integers[] = {
    { "0\n", HOST_OK, 0 }, { "-1\n", HOST_OK, -1 }, { "42", HOST_OK, 42 }, { "9223372036854775807\n", HOST_OK, G_MAXINT64 },
    { "", HOST_FAILED, 7 }, { "\n", HOST_FAILED, 7 }, { "9223372036854775808\n", HOST_FAILED, 7 }, { "0x10\n", HOST_FAILED, 7 },
    { "1 2\n", HOST_FAILED, 7 }, { "one\n", HOST_FAILED, 7 }, { "1.5\n", HOST_FAILED, 7 },
};

static void
test_integers(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(integers); i++) {
        g_autoptr(GError) error = NULL;
        gint64 value = 7;

        put(f, "sys/number", integers[i].text);
        g_assert_cmpint(host_read_int(f->host, &value, &error, "sys/%s", "number"), ==, integers[i].result);
        g_assert_cmpint(value, ==, integers[i].value);
        if (integers[i].result == HOST_FAILED)
            g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        else
            g_assert_no_error(error);
    }
}

static void
test_missing(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CpuSet) set = NULL;
    g_auto(GStrv) names = NULL;
    gint64 value = 7;

    g_assert_cmpint(host_read_int(f->host, &value, &error, "sys/none"), ==, HOST_MISSING);
    g_assert_cmpint(host_read_list(f->host, &set, &error, "sys/none"), ==, HOST_MISSING);
    g_assert_cmpint(host_read_folder(f->host, "cpu", &set, &error, "sys/none"), ==, HOST_MISSING);
    g_assert_cmpint(host_read_names(f->host, &names, &error, "sys/none"), ==, HOST_MISSING);
    g_assert_null(host_read_optional(f->host, &error, "sys/none"));
    g_assert_no_error(error);
    g_assert_null(host_read(f->host, &error, "sys/none"));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_clear_error(&error);
    g_assert_false(host_write(f->host, "1", &error, "sys/none"));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
}

static void
test_numbered_folder(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const names[] = { "cpu0", "cpu12", "cpufreq", "cpu", "cpu99999", "cpu-1", "cpu1x", "node3" };
    g_autoptr(CpuSet) set = NULL;
    g_autofree char *text = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename("sys/devices", names[i], "x", NULL);

        put(f, path, "");
    }
    g_assert_cmpint(host_read_folder(f->host, "cpu", &set, NULL, "sys/devices"), ==, HOST_OK);
    text = cpu_set_format(set);
    g_assert_cmpstr(text, ==, "0,12");
}

/* --- architecture -------------------------------------------------------------------------------------- */

static void
test_arch(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const pairs[][2] = {
        { "x86_64", "x86_64" }, { "i586", "i686" }, { "arm64", "aarch64" }, { "ppc64le", "ppc64le" }, { "riscv64", "riscv64" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *arch = NULL;

        put(f, "proc/sys/kernel/arch", pairs[i][0]);
        arch = host_arch(f->host);
        g_assert_cmpstr(arch, ==, pairs[i][1]);
    }
}

static const struct {
    const char *arch, *cpuinfo;
    guint mhz;
} frequencies[] = {
    { "x86_64", "processor\t: 0\ncpu MHz\t\t: 2596.992\n\nprocessor\t: 1\ncpu MHz\t\t: 800.0\n", 2596 },
    { "x86_64", "cpu MHz: 0.9\n", 0 }, { "x86_64", "cpu MHz\t\t: unknown\n", 0 }, { "x86_64", "", 0 },
    { "x86_64", "cpu MHz\t\t: 99999999999999999999\n", 0 }, { "x86_64", "cpu MHz 5\n", 0 },
    { "ppc64le", "processor\t: 0\nclock\t\t: 3425.000000MHz\n", 3425 },
    { "s390x", "cpu number      : 0\ncpu MHz dynamic : 5200\ncpu MHz static  : 5300\n", 5200 },
    { "aarch64", "processor\t: 0\nBogoMIPS\t: 108.00\n", 0 },
};

static void
test_frequency(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(frequencies); i++) {
        put(f, "proc/sys/kernel/arch", frequencies[i].arch);
        put(f, "proc/cpuinfo", frequencies[i].cpuinfo);
        g_assert_cmpuint(host_cpu_mhz(f->host), ==, frequencies[i].mhz);
    }
}

/* Processors of s390 have no core_id that could be told apart: each counts. */
static void
test_s390(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(HostTopology) topology = NULL;
    HostCpuSummary summary;

    put(f, "proc/sys/kernel/arch", "s390x");
    put(f, "proc/cpuinfo", "vendor_id       : IBM/S390\nprocessor 0: version = FF\nprocessor 1: version = FF\n");
    topology = host_topology_read(f->host, NULL);
    g_assert_nonnull(host_topology_cpu(topology, 1));
    g_assert_null(host_topology_cpu(topology, 2));
    g_assert_true(host_topology_summary(f->host, topology, &summary, NULL));
    g_assert_cmpuint(summary.cpus, ==, 2);
    g_assert_cmpuint(summary.sockets, ==, 1);
    g_assert_cmpuint(summary.cores, ==, 2);
    g_assert_cmpuint(summary.threads, ==, 1);
}

/* --- times ------------------------------------------------------------------------------------------------ */

static void
test_times(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    HostCpuTimes times;

    put(f, "proc/stat", "cpu  10 1 5 100 3 2 4 9 8 7\ncpu1 1 0 2 3\ncpu11 1 2 3\ncpu12 1 2 3 x\nintr 5\n");
    g_assert_true(host_cpu_times(f->host, HOST_ALL_CPUS, &times, NULL));
    g_assert_cmpuint(times.user, ==, 11 * G_GUINT64_CONSTANT(10000000));
    g_assert_cmpuint(times.kernel, ==, 11 * G_GUINT64_CONSTANT(10000000));
    g_assert_cmpuint(times.idle, ==, 100 * G_GUINT64_CONSTANT(10000000));
    g_assert_cmpuint(times.iowait, ==, 3 * G_GUINT64_CONSTANT(10000000));
    /* Linux 2.4 had no more than four. */
    g_assert_true(host_cpu_times(f->host, 1, &times, NULL));
    g_assert_cmpuint(times.iowait, ==, 0);
    g_assert_false(host_cpu_times(f->host, 11, &times, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
    g_clear_error(&error);
    g_assert_false(host_cpu_times(f->host, 12, &times, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
    g_clear_error(&error);
    g_assert_false(host_cpu_times(f->host, 0, &times, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INVALID_ARG);
}

/* --- distances ------------------------------------------------------------------------------------------ */

static void
test_distances(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const bad[] = { "10 21 30\n", "10 x\n", "10 256\n", "10 -1\n" };
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) distances = NULL;

    put(f, "sys/devices/system/node/node0/meminfo", "");
    put(f, "sys/devices/system/node/node8/meminfo", "");
    put(f, "sys/devices/system/node/node0/distance", "10 40\n");
    distances = host_cell_distances(f->host, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(distances->len, ==, 2);
    g_assert_cmpuint(g_array_index(distances, HostDistance, 1).cell, ==, 8);
    g_assert_cmpuint(g_array_index(distances, HostDistance, 1).distance, ==, 40);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        put(f, "sys/devices/system/node/node0/distance", bad[i]);
        g_assert_null(host_cell_distances(f->host, 0, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        g_clear_error(&error);
    }
}

/* --- firmware -------------------------------------------------------------------------------------------- */

static const char dmidecode_text[] =
    "BIOS Information\n\tVendor: Example <BIOS>\n\tVersion: 1.2\n\tRelease Date: 01/02/2023\n\tCharacteristics:\n"
    "\t\tPCI is supported\n\tBIOS Revision: 5.17\n\n"
    "System Information\n\tManufacturer: Example\n\tProduct Name: Box\n\tVersion:\n\tUUID: 4c4c4544-0051-3510-8052-b4c04f4a5931\n"
    "\tWake-up Type: Power Switch\n\n"
    "Processor Information\n\tSocket Designation: CPU1\n\tID: 54 06 05 00\n\tMax Speed: 4000 MHz\n\n"
    "Memory Device\n\tSize: No Module Installed\n\tLocator: DIMM_A1\n\n"
    "Memory Device\n\tSize: 16 GB\n\tForm Factor: DIMM\n\tBank Locator: BANK 1\n\tLocator: DIMM_A2\n\n"
    "Unknown Structure\n\tVendor: none\n\n"
    "OEM Strings\n\tString 1: Dell System\n\tString 2: 5[0000]\n";

static void
test_dmidecode(void)
{
    g_autoptr(Sysinfo) sysinfo = sysinfo_new();
    g_autofree char *text = NULL;

    sysinfo_add_dmidecode(sysinfo, dmidecode_text);
    text = sysinfo_format(sysinfo);
    g_assert_cmpstr(text, ==,
                    "<sysinfo type='smbios'>\n"
                    "  <bios>\n"
                    "    <entry name='vendor'>Example &lt;BIOS&gt;</entry>\n"
                    "    <entry name='version'>1.2</entry>\n"
                    "    <entry name='date'>01/02/2023</entry>\n"
                    "    <entry name='release'>5.17</entry>\n"
                    "  </bios>\n"
                    "  <system>\n"
                    "    <entry name='manufacturer'>Example</entry>\n"
                    "    <entry name='product'>Box</entry>\n"
                    "    <entry name='uuid'>4c4c4544-0051-3510-8052-b4c04f4a5931</entry>\n"
                    "  </system>\n"
                    "  <processor>\n"
                    "    <entry name='socket_destination'>CPU1</entry>\n"
                    "    <entry name='max_speed'>4000 MHz</entry>\n"
                    "  </processor>\n"
                    "  <memory_device>\n"
                    "    <entry name='size'>16 GB</entry>\n"
                    "    <entry name='form_factor'>DIMM</entry>\n"
                    "    <entry name='locator'>DIMM_A2</entry>\n"
                    "    <entry name='bank_locator'>BANK 1</entry>\n"
                    "  </memory_device>\n"
                    "  <oemStrings>\n"
                    "    <entry>Dell System</entry>\n"
                    "    <entry>5[0000]</entry>\n"
                    "  </oemStrings>\n"
                    "</sysinfo>\n");
}

static void
test_dmidecode_nothing(void)
{
    static const char *const texts[] = { "", "\n\n", "BIOS Information\n", "BIOS Information\n\tVendor:\n", "\tVendor: x\n",
                                         "# No SMBIOS nor DMI entry point found, sorry.\n" };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Sysinfo) sysinfo = sysinfo_new();

        sysinfo_add_dmidecode(sysinfo, texts[i]);
        g_assert_null(sysinfo_format(sysinfo));
    }
}

/* --- UUID --------------------------------------------------------------------------------------------------- */

static void
assert_uuid(const Fixture *f, const char *own, const char *expected)
{
    g_autoptr(GError) error = NULL;
    char text[UUID_TEXT];
    guchar uuid[16];

    g_assert_true(host_uuid(f->host, own, uuid, &error));
    g_assert_no_error(error);
    uuid_format(uuid, text);
    g_assert_cmpstr(text, ==, expected);
}

static void
test_uuid(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    static const char *const fillers[] = {
        "00000000-0000-0000-0000-000000000000\n", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\n",
        "03000200-0400-0500-0006-000700080009\n", "Not Settable\n", "\n",
    };
    g_autofree char *own = g_build_filename(f->root, "own", NULL);

    put(f, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    put(f, "sys/class/dmi/id/product_uuid", "4C4C4544-0051-3510-8052-B4C04F4A5931\n");
    assert_uuid(f, own, "4c4c4544-0051-3510-8052-b4c04f4a5931");
    for (gsize i = 0; i < G_N_ELEMENTS(fillers); i++) {
        put(f, "sys/class/dmi/id/product_uuid", fillers[i]);
        assert_uuid(f, own, "01234567-89ab-cdef-0123-456789abcdef");
    }
}

static void
test_uuid_of_our_own(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *own = g_build_filename(f->root, "own", NULL);
    guchar first[16], second[16];

    put(f, "etc/machine-id", "uninitialized\n");
    g_assert_true(host_uuid(f->host, own, first, NULL));
    g_assert_true(host_uuid(f->host, own, second, NULL));
    g_assert_cmpmem(first, 16, second, 16);
    /* A file that is damaged is made anew. */
    put(f, "own/host-uuid", "rubbish");
    g_assert_true(host_uuid(f->host, own, second, NULL));
    g_assert_true(memcmp(first, second, 16) != 0);
    put(f, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    assert_uuid(f, own, "01234567-89ab-cdef-0123-456789abcdef");
}

/* A process that asks for the UUID once @start ends, and writes what it was told. */
static pid_t
fork_asker(Fixture *f, const char *own, int start[2], int told)
{
    pid_t pid = fork();
    guchar uuid[16] = { 0 };
    char byte;

    g_assert_cmpint(pid, >=, 0);
    if (pid > 0)
        return pid;
    close(start[1]);
    if (read(start[0], &byte, 1) != 0 || !host_uuid(f->host, own, uuid, NULL))
        _exit(1);
    _exit(write(told, uuid, sizeof uuid) != sizeof uuid);
}

static void
test_uuid_of_many(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    enum { ROUNDS = 10, ASKERS = 16 };
    g_autofree char *own = g_build_filename(f->root, "own", NULL);
    g_autofree char *file = g_build_filename(own, "host-uuid", NULL);
    g_autofree char *lock = g_strconcat(file, ".lock", NULL);

    for (int round = 0; round < ROUNDS; round++) {
        guchar uuids[ASKERS][16], now[16];
        pid_t askers[ASKERS];
        int start[2], told[2], status;

        unlink(file);
        if (round % 2)
            put(f, "own/host-uuid", "rubbish");
        g_assert_cmpint(pipe(start), ==, 0);
        g_assert_cmpint(pipe(told), ==, 0);
        for (int i = 0; i < ASKERS; i++)
            askers[i] = fork_asker(f, own, start, told[1]);
        close(start[0]);
        close(start[1]);
        close(told[1]);
        for (int i = 0; i < ASKERS; i++)
            g_assert_cmpint(read(told[0], uuids[i], 16), ==, 16);
        close(told[0]);
        for (int i = 0; i < ASKERS; i++)
            g_assert_true(waitpid(askers[i], &status, 0) == askers[i] && status == 0);
        g_assert_true(host_uuid(f->host, own, now, NULL));
        for (int i = 0; i < ASKERS; i++)
            g_assert_cmpmem(uuids[i], 16, now, 16);
        g_assert_false(g_file_test(lock, G_FILE_TEST_EXISTS));
    }
}

/* --- sleep --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *state, *disk;
    gboolean can[HOST_SUSPEND_LAST];
} sleeps[] = {
    { "freeze mem disk\n", "[platform] shutdown reboot suspend test_resume\n", { TRUE, TRUE, TRUE } },
    { "freeze mem disk\n", "platform [suspend]\n", { TRUE, TRUE, TRUE } },
    { "freeze mem disk\n", "[platform] shutdown\n", { TRUE, TRUE, FALSE } },
    { "freeze mem\n", "[disabled]\n", { TRUE, FALSE, FALSE } },
    { "freeze\n", "suspend\n", { FALSE, FALSE, FALSE } },
    { "memory disks\n", "suspended\n", { FALSE, FALSE, FALSE } },
    { "", "", { FALSE, FALSE, FALSE } },
};

static void
test_can_suspend(Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_assert_false(host_can_suspend(f->host, HOST_SUSPEND_MEM));
    for (gsize i = 0; i < G_N_ELEMENTS(sleeps); i++) {
        put(f, "sys/power/state", sleeps[i].state);
        put(f, "sys/power/disk", sleeps[i].disk);
        for (int target = 0; target < HOST_SUSPEND_LAST; target++)
            g_assert_cmpint(host_can_suspend(f->host, target), ==, sleeps[i].can[target]);
    }
}

#define HOST_TEST(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cpu-set/lists", test_lists);
    g_test_add_func("/cpu-set/set", test_set);
    g_test_add_func("/host/root", test_root);
    HOST_TEST("/host/integers", test_integers);
    HOST_TEST("/host/missing", test_missing);
    HOST_TEST("/host/numbered-folder", test_numbered_folder);
    HOST_TEST("/cpu/arch", test_arch);
    HOST_TEST("/cpu/frequency", test_frequency);
    HOST_TEST("/cpu/s390", test_s390);
    HOST_TEST("/cpu/times", test_times);
    HOST_TEST("/memory/distances", test_distances);
    g_test_add_func("/sysinfo/dmidecode", test_dmidecode);
    g_test_add_func("/sysinfo/nothing", test_dmidecode_nothing);
    HOST_TEST("/uuid/sources", test_uuid);
    HOST_TEST("/uuid/own", test_uuid_of_our_own);
    HOST_TEST("/uuid/many", test_uuid_of_many);
    HOST_TEST("/suspend/targets", test_can_suspend);
    return g_test_run();
}
