/* CPUs compared and combined: what a host or a hypervisor gives a guest, and whether that is enough.
 *
 * A CPU is a model that QEMU knows and a set of features more or less. What a model means is asked of QEMU (profile.h); other
 * architectures than x86 have models without features here. */
#pragma once

#include "backend/constants.h"
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
    gboolean keep_preferred;    /* the preferred one even so */
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

typedef enum {
    CPU_BASELINE_AS_IS,             /* with all features */
    CPU_BASELINE_FOR_QEMU,          /* without those that QEMU does not know */
    CPU_BASELINE_FOR_HYPERVISOR,    /* and what the profile's accelerator lacks is switched off */
} CpuBaselineKind;

/* The richest CPU that all of @cpus (of CpuDescription, not empty) can give, as a <cpu> document. @flags: BASELINE_CPU_…. */
char *cpu_baseline(const QemuProfile *profile, const char *arch, GPtrArray *cpus, CpuBaselineKind kind, unsigned flags,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The models of @profile, those that libvirt knows first and in its order; without a profile those of @arch that libvirt knows,
 * none where it takes any. Borrowed names. NO_SUPPORT for an architecture of which it knows nothing. */
GPtrArray *cpu_model_names(const QemuProfile *profile, const char *arch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
