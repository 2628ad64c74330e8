/* Names of x86 CPU features, and sets of them.
 *
 * A feature is known by its place in the table cpu-features.def, which is libvirt's order: sets are listed in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { CPU_REGISTER_EAX, CPU_REGISTER_EBX, CPU_REGISTER_ECX, CPU_REGISTER_EDX, CPU_REGISTER_MSR } CpuRegister;

typedef struct {
    guint32 leaf;               /* of CPUID; for CPU_REGISTER_MSR the register's number */
    guint32 subleaf;
    CpuRegister reg;
    guint8 bit;
    const char *name;           /* libvirt's: "pclmuldq" */
    const char *qemu;           /* QEMU's property "pclmulqdq"; NULL when QEMU has none */
    const char *flag;           /* in /proc/cpuinfo, with '_' for '-' and '.': "pclmulqdq" */
} CpuFeature;

guint cpu_feature_count(void);
const CpuFeature *cpu_feature(guint index);
/* The place of the feature with that name, property or flag; -1 for none. QEMU's own spellings with '_' for '-' are known too. */
int cpu_feature_find(const char *name);
int cpu_feature_find_qemu(const char *property);
int cpu_feature_find_flag(const char *flag);
/* Features that only the operating system or the firmware switches on, and a guest therefore cannot be given. */
gboolean cpu_feature_is_migratable(guint index);

#define FEATURE_SET_WORDS 4

typedef struct {
    guint64 words[FEATURE_SET_WORDS];
} FeatureSet;

static inline void
feature_set_add(FeatureSet *set, guint index)
{
    set->words[index / 64] |= G_GUINT64_CONSTANT(1) << (index % 64);
}

static inline void
feature_set_drop(FeatureSet *set, guint index)
{
    set->words[index / 64] &= ~(G_GUINT64_CONSTANT(1) << (index % 64));
}

static inline gboolean
feature_set_has(const FeatureSet *set, guint index)
{
    return set->words[index / 64] >> (index % 64) & 1;
}

FeatureSet feature_set_union(FeatureSet a, FeatureSet b);
FeatureSet feature_set_common(FeatureSet a, FeatureSet b);
FeatureSet feature_set_without(FeatureSet a, FeatureSet b);
gboolean feature_set_is_empty(FeatureSet set);
guint feature_set_size(FeatureSet set);
/* The names in the order of the table, with ", " between; new. */
char *feature_set_text(FeatureSet set);

/* "GenuineIntel" → "Intel"; a vendor that libvirt has no name for as it is. NULL is NULL. */
const char *cpu_vendor_name(const char *cpuid);
/* Whether libvirt has a name of its own for the vendor: "Intel". */
gboolean cpu_vendor_is_known(const char *name);

G_END_DECLS
