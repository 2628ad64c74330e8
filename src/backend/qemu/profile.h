/* What one QEMU binary offers to guests under one accelerator: CPU models, the best CPU it can give, displays, memory encryption.
 * Asked through QMP when it is first needed and kept in the cache folder (facts-cache.h); a start needs none of it. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "model/cpu-feature.h"

G_BEGIN_DECLS

typedef struct QemuProfile QemuProfile;

typedef enum { QEMU_USABLE_UNKNOWN, QEMU_USABLE_YES, QEMU_USABLE_NO } QemuUsable;

typedef struct {
    const char *name;           /* "Haswell-noTSX"; versions and what is no model of its own (host) are left out */
    const char *vendor;         /* libvirt's name, "Intel"; NULL for a model that is no real vendor's, and where QEMU does not say */
    guint family, model, stepping;
    gboolean deprecated;
    QemuUsable usable;          /* whether the accelerator has all that the model needs */
    FeatureSet features;            /* x86 only */
    FeatureSet blockers;            /* features of it that the accelerator lacks */
    FeatureSet deprecated_features;     /* that QEMU is going to lose */
} QemuCpuModel;

typedef struct {
    gboolean supported;
    gint64 cbitpos;
    gint64 reduced_phys_bits;
    const char *pdh;            /* base64 */
    const char *cert_chain;
    const char *cpu0_id;        /* NULL: not known */
} QemuSev;

/* @accel is "tcg" or "kvm". New. Errors as for qemu_caps_load(). */
QemuProfile *qemu_profile_load(const char *emulator, const char *accel, const char *cache_dir, GError **error);
void qemu_profile_free(QemuProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuProfile, qemu_profile_free)

/* From the form of the cache file, of which it keeps a reference. */
QemuProfile *qemu_profile_from_json(json_t *root, GError **error);

guint qemu_profile_n_models(const QemuProfile *profile);
const QemuCpuModel *qemu_profile_nth_model(const QemuProfile *profile, guint index);
/* NULL when QEMU has none of that name. */
const QemuCpuModel *qemu_profile_model(const QemuProfile *profile, const char *name);
/* The CPU with everything that the accelerator offers ("host" under KVM, "max" under TCG); NULL where QEMU does not tell. */
const QemuCpuModel *qemu_profile_best(const QemuProfile *profile);

/* Features that this QEMU does not know at all: neither it nor its models can have them. */
FeatureSet qemu_profile_unknown_features(const QemuProfile *profile);

/* Whether the binary has the display ("sdl", "egl-headless", "dbus", "vnc", "spice"). */
gboolean qemu_profile_has_display(const QemuProfile *profile, const char *display);
/* The Hyper-V enlightenments in libvirt's names and order ("vendor_id"); ended by a NULL, borrowed. */
const char *const *qemu_profile_hyperv(const QemuProfile *profile);
/* Versions of the Arm interrupt controller, "2", "3"; ended by a NULL, borrowed. */
const char *const *qemu_profile_gic(const QemuProfile *profile);
const QemuSev *qemu_profile_sev(const QemuProfile *profile);

G_END_DECLS
