/* CPUs compared and combined: what a host or a hypervisor gives a guest, and whether that is enough.
 *
 * A CPU is a model that QEMU knows and a set of features more or less. What a model means is asked of QEMU (profile.h); other
 * architectures than x86 have models without features here. */
#pragma once

#include "backend/embedded/cpu/processor.h"
#include "backend/qemu/profile.h"
#include "model/cpu-description.h"

G_BEGIN_DECLS

/* Features that are not QEMU's to give ("osxsave"): guests switch them on themselves. */
FeatureSet cpu_ungivable(void);

/* A CPU as a model and what is different from it. */
typedef struct {
    const QemuCpuModel *model;  /* NULL: none fits */
    const char *vendor;         /* libvirt's name, or NULL; borrowed */
    FeatureSet more;
    FeatureSet less;
} CpuDecoded;

typedef struct {
    FeatureSet features;
    const char *vendor;         /* models of other vendors do not count; NULL: only those that are no vendor's do */
    const char *preferred;      /* the model to name if it can be; may be NULL */
    guint family, number;       /* a model with this signature comes before others; 0: none does */
    gboolean subset;            /* only models that have nothing that is missing in @features */
} CpuToDecode;

/* The model that describes it in the fewest words. */
CpuDecoded cpu_decode(const QemuProfile *profile, const CpuToDecode *cpu);

/* What somebody offers to guests. */
typedef struct {
    const char *arch;
    const char *vendor;         /* NULL: any */
    const char *model;          /* of other architectures than x86; NULL: unknown */
    FeatureSet features;
} CpuOffer;

/* virCPUCompareResult */
enum { CPU_INCOMPATIBLE = 0, CPU_IDENTICAL = 1, CPU_SUPERSET = 2 };

/* Whether @offer is enough for @wanted. *@reason says why not (new, NULL unless incompatible). Errors: a model or feature that
 * is not known. */
gboolean cpu_compare(const QemuProfile *profile, const CpuOffer *offer, const CpuDescription *wanted, int *result, char **reason,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

enum { CPU_BASELINE_EXPAND = 1, CPU_BASELINE_MIGRATABLE = 2 };

/* The richest CPU that all of @cpus (of CpuDescription, not empty) can give, as a <cpu> document. @hypervisor: for guests of the
 * profile's accelerator, whose lacks are switched off. */
char *cpu_baseline(const QemuProfile *profile, const char *arch, GPtrArray *cpus, gboolean hypervisor, unsigned flags,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
