/* What kind of processor a host has: its maker, its signature and what it can do.
 *
 * On this machine the features are asked of the processor itself (CPUID), so that the answer does not depend on what the kernel has
 * a name for; under a moved root they are the flags of proc/cpuinfo. */
#pragma once

#include "host/host.h"
#include "model/cpu-feature.h"

G_BEGIN_DECLS

typedef struct {
    char *vendor;               /* libvirt's name, "AMD"; NULL where unknown */
    char *model;                /* as the kernel names it, "POWER9", "AMD EPYC"; NULL where unknown */
    guint family, number, stepping;     /* x86: the signature */
    guint64 microcode;          /* 0: unknown */
    guint physical_bits;        /* of an address; 0: unknown */
    FeatureSet features;        /* x86 */
} HostProcessor;

gboolean host_processor_read(const Host *host, HostProcessor *processor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void host_processor_clear(HostProcessor *processor);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HostProcessor, host_processor_clear)

G_END_DECLS
