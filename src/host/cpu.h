/* The CPUs of a host: which are there, how they sit in sockets, dies and cores, what they are called.
 *
 * Files: sys/devices/system/cpu (Documentation/admin-guide/cputopology.rst of Linux) and proc/cpuinfo. Where a container hides the
 * first, the processors of proc/cpuinfo or proc/stat are all that is known. */
#pragma once

#include "host/host.h"

G_BEGIN_DECLS

/* libvirt's name of the architecture ("x86_64", "aarch64", "ppc64le"): uname(2), for a moved root
 * proc/sys/kernel/arch (Linux 6.1), uname(2) again where that is missing. A new string, never NULL. */
char *host_arch(const Host *host);

/* CPUs that are plugged in, and those of them that run. Never empty. */
gboolean host_cpu_present(const Host *host, CpuSet **present, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean host_cpu_online(const Host *host, CpuSet **online, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    guint id;                   /* N of cpuN */
    guint socket;               /* physical_package_id; 0 where the kernel says nothing or -1 (unknown) */
    guint die;                  /* die_id; 0 likewise */
    guint core;                 /* core_id: unique in a die only; 0 likewise */
    CpuSet *siblings;           /* threads of the same core that are online, itself included */
} HostCpu;

/* All CPUs that are online, each read once: of a large machine these are thousands of files. */
typedef struct HostTopology HostTopology;

HostTopology *host_topology_read(const Host *host, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void host_topology_free(HostTopology *topology);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostTopology, host_topology_free)
/* NULL for one that is not online; borrowed. */
const HostCpu *host_topology_cpu(const HostTopology *topology, guint id);

/* The figures of virNodeInfo, with their rules: `nodes` cells of `sockets` sockets of `cores` cores of `threads` threads. Where
 * the product is not the number of CPUs (cells without CPUs, an odd mixture of cores) the machine counts as
 * one cell with one socket whose cores are all the CPUs, those that are offline included. */
typedef struct {
    guint cpus;                 /* online */
    guint mhz;                  /* 0 where unknown, and always on Arm */
    guint nodes;
    guint sockets;              /* in one cell */
    guint cores;                /* in one socket */
    guint threads;              /* in one core */
} HostCpuSummary;

gboolean host_topology_summary(const Host *host, const HostTopology *topology, HostCpuSummary *summary, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* A value of the first processor that proc/cpuinfo describes: "model name", "flags" … A new string, NULL where there is none. */
char *host_cpuinfo(const Host *host, const char *key);

/* What proc/cpuinfo says of the first CPU's speed; 0 where it says nothing, and always on Arm. */
guint host_cpu_mhz(const Host *host);

/* Time that CPUs have spent since boot, in ns. */
typedef struct {
    guint64 user;               /* nice included */
    guint64 kernel;             /* interrupts included */
    guint64 idle;
    guint64 iowait;
} HostCpuTimes;

#define HOST_ALL_CPUS (-1)

/* @cpu: a number or HOST_ALL_CPUS. INVALID_ARG for a CPU that is not there or offline. */
gboolean host_cpu_times(const Host *host, int cpu, HostCpuTimes *times, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
