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

/* The richest CPU that all of @cpus (of CpuDescription, not empty) can give, as a <cpu> document. @hypervisor: for guests of the
 * profile's accelerator, whose lacks are switched off. @flags: BASELINE_CPU_…. */
char *cpu_baseline(const QemuProfile *profile, const char *arch, GPtrArray *cpus, gboolean hypervisor, unsigned flags,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The names of libvirt's models of x86 in its order; ended by a NULL. */
extern const char *const cpu_models_x86[];
/* The models of @profile (NULL: none), those that libvirt knows first and in its order; borrowed names, ended by a NULL. */
GPtrArray *cpu_model_names(const QemuProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
