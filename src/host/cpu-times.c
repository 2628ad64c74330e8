/* proc/stat: what CPUs have spent their time on (proc_stat in Documentation/filesystems/proc.rst of Linux). */
#include "host/cpu.h"

#include <string.h>
#include <unistd.h>

#include "util/error.h"

/* user nice system idle iowait irq softirq; those behind are parts of others, or not the host's. */
#define N_FIELDS 7

/* Kernels count in ticks of this length whatever their own clock is (USER_HZ). */
static guint64
tick_ns(void)
{
    long hz = sysconf(_SC_CLK_TCK);

    return G_GUINT64_CONSTANT(1000000000) / (guint64)(hz > 0 ? hz : 100);
}

/* Fields that an old kernel does not have are 0. */
static gboolean
parse_fields(const char *at, guint64 fields[N_FIELDS])
{
    gsize n;

    for (n = 0; n < N_FIELDS; n++) {
        char *end;

        while (*at == ' ')
            at++;
        if (!g_ascii_isdigit(*at))
            break;
        fields[n] = g_ascii_strtoull(at, &end, 10);
        at = end;
    }
    return n >= 4 && (*at == ' ' || *at == '\n' || *at == '\0');
}

/* The line of a CPU, behind its name. */
static const char *
find_line(const char *text, const char *name)
{
    gsize length = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            return line + length;
    }
    return NULL;
}

gboolean
host_cpu_times(const Host *host, int cpu, HostCpuTimes *times, GError **error)
{
    g_autofree char *text = host_read(host, error, "proc/stat");
    g_autofree char *name = cpu < 0 ? g_strdup("cpu") : g_strdup_printf("cpu%d", cpu);
    guint64 fields[N_FIELDS] = { 0 };
    guint64 ns = tick_ns();
    const char *line;

    if (!text)
        return FALSE;
    line = find_line(text, name);
    if (!line && cpu >= 0)
        return hv_throw_plain(error, HV_ERR_INVALID_ARG, "Invalid cpuNum in %s", "virHostCPUGetStatsLinux");
    if (!line || !parse_fields(line, fields)) {
        g_autofree char *path = host_path(host, "proc/stat");

        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s' has no times of '%s'", path, name);
    }
    *times = (HostCpuTimes){
        .user = (fields[0] + fields[1]) * ns,
        .kernel = (fields[2] + fields[5] + fields[6]) * ns,
        .idle = fields[3] * ns,
        .iowait = fields[4] * ns,
    };
    return TRUE;
}
