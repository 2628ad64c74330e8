/* Presence, place and names of CPUs. */
#include "host/cpu.h"

#include <string.h>
#include <sys/utsname.h>

#include "util/error.h"

#define CPU_FOLDER "sys/devices/system/cpu"

/* --- architecture and proc/cpuinfo ------------------------------------------------------------------ */

/* libvirt's names where the kernel has others. */
static const struct {
    const char *kernel, *name;
} arch_names[] = {
    { "i386", "i686" }, { "i486", "i686" }, { "i586", "i686" }, { "amd64", "x86_64" },
    { "arm64", "aarch64" }, { "ppc64el", "ppc64le" },
};

char *
host_arch(const Host *host)
{
    g_autofree char *told = host_is_this_machine(host) ? NULL : host_read_word(host, "proc/sys/kernel/arch");
    struct utsname names;

    if (!told || !*told) {
        uname(&names);
        g_free(told);
        told = g_strdup(names.machine);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(arch_names); i++)
        if (strcmp(told, arch_names[i].kernel) == 0)
            return g_strdup(arch_names[i].name);
    return g_steal_pointer(&told);
}

static const char *
line_end(const char *line)
{
    const char *end = strchr(line, '\n');

    return end ? end : line + strlen(line);
}

/* The text behind "KEY :" when the line begins so, or NULL. */
static const char *
line_value(const char *line, const char *key)
{
    gsize length = strlen(key);

    if (strncmp(line, key, length) != 0)
        return NULL;
    line += length;
    while (*line == ' ' || *line == '\t')
        line++;
    return *line == ':' ? line + 1 : NULL;
}

static char *
find_value(const char *text, const char *key)
{
    for (const char *line = text; *line; line = *line_end(line) ? line_end(line) + 1 : line_end(line)) {
        const char *value = line_value(line, key);

        if (value) {
            g_autofree char *copy = g_strndup(value, line_end(value) - value);

            return g_utf8_validate(copy, -1, NULL) ? g_strdup(g_strstrip(copy)) : NULL;
        }
    }
    return NULL;
}

char *
host_cpuinfo(const Host *host, const char *key)
{
    g_autofree char *text = host_read_optional(host, NULL, "proc/cpuinfo");

    return text ? find_value(text, key) : NULL;
}

/* Where proc/cpuinfo tells how fast the CPUs run. On Arm and others it does not. */
static const struct {
    const char *arch;           /* or its beginning */
    const char *key;
} frequency_keys[] = {
    { "x86_64", "cpu MHz" }, { "i686", "cpu MHz" }, { "ppc", "clock" }, { "s390", "cpu MHz dynamic" },
};

guint
host_cpu_mhz(const Host *host)
{
    g_autofree char *arch = host_arch(host);

    for (gsize i = 0; i < G_N_ELEMENTS(frequency_keys); i++) {
        g_autofree char *value = NULL;
        guint64 mhz;

        if (!g_str_has_prefix(arch, frequency_keys[i].arch))
            continue;
        value = host_cpuinfo(host, frequency_keys[i].key);
        /* "2596.992", "3425.000000MHz": what stands before the point counts. */
        mhz = value && g_ascii_isdigit(*value) ? g_ascii_strtoull(value, NULL, 10) : 0;
        return mhz <= G_MAXINT ? (guint)mhz : 0;
    }
    return 0;
}

/* --- which CPUs there are ------------------------------------------------------------------------------ */

/* "processor : 3" of x86, "processor 3: …" of s390; "cpu3 …" of proc/stat. */
static CpuSet *
processors_of(const char *text, const char *word)
{
    g_autoptr(CpuSet) set = cpu_set_new();

    for (const char *line = text; *line; line = *line_end(line) ? line_end(line) + 1 : line_end(line)) {
        const char *at = line + strlen(word);

        if (strncmp(line, word, strlen(word)) != 0)
            continue;
        while (*at == ' ' || *at == '\t' || *at == ':')
            at++;
        if (g_ascii_isdigit(*at)) {
            guint64 number = g_ascii_strtoull(at, NULL, 10);

            if (number < CPU_SET_LIMIT)
                cpu_set_add(set, (guint)number);
        }
    }
    return g_steal_pointer(&set);
}

static gboolean
processors_of_proc(const Host *host, CpuSet **set, GError **error)
{
    static const char *const files[][2] = { { "proc/cpuinfo", "processor" }, { "proc/stat", "cpu" } };

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *text = host_read_optional(host, NULL, "%s", files[i][0]);
        g_autoptr(CpuSet) found = text ? processors_of(text, files[i][1]) : NULL;

        if (found && cpu_set_count(found) > 0) {
            *set = g_steal_pointer(&found);
            return TRUE;
        }
    }
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "no CPUs found: neither /%s nor /proc tells of any", CPU_FOLDER);
}

gboolean
host_cpu_present(const Host *host, CpuSet **present, GError **error)
{
    g_autoptr(CpuSet) set = NULL;
    HostResult result = host_read_list(host, &set, error, CPU_FOLDER "/present");

    if (result == HOST_MISSING || (result == HOST_OK && cpu_set_count(set) == 0)) {
        g_clear_pointer(&set, cpu_set_free);
        result = host_read_folder(host, "cpu", &set, error, CPU_FOLDER);
    }
    if (result == HOST_FAILED)
        return FALSE;
    if (result == HOST_MISSING || cpu_set_count(set) == 0) {
        g_clear_pointer(&set, cpu_set_free);
        return processors_of_proc(host, present, error);
    }
    *present = g_steal_pointer(&set);
    return TRUE;
}

/* Old kernels, and those without hotplug, have no list: a CPU runs unless its own file says 0. */
static gboolean
online_one_by_one(const Host *host, const CpuSet *present, CpuSet **online, GError **error)
{
    g_autoptr(CpuSet) set = cpu_set_new();

    for (int cpu = cpu_set_next(present, 0); cpu >= 0; cpu = cpu_set_next(present, (guint)cpu + 1)) {
        gint64 value = 1;

        if (host_read_int(host, &value, error, CPU_FOLDER "/cpu%d/online", cpu) == HOST_FAILED)
            return FALSE;
        if (value != 0)
            cpu_set_add(set, (guint)cpu);
    }
    *online = g_steal_pointer(&set);
    return TRUE;
}

gboolean
host_cpu_online(const Host *host, CpuSet **online, GError **error)
{
    g_autoptr(CpuSet) set = NULL, present = NULL;

    if (host_read_list(host, &set, error, CPU_FOLDER "/online") == HOST_FAILED)
        return FALSE;
    if (!set && (!host_cpu_present(host, &present, error) || !online_one_by_one(host, present, &set, error)))
        return FALSE;
    if (cpu_set_count(set) == 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "no CPUs found: /%s says that none is online", CPU_FOLDER);
    *online = g_steal_pointer(&set);
    return TRUE;
}
