/* x86 CPU features by name; sets of them as bits. */
#include "config.h"

#include "model/cpu-feature.h"

#include <string.h>

static const CpuFeature features[] = {
#define CPU_FEATURE(leaf, subleaf, reg, bit, name, qemu, flag) \
    { leaf, subleaf, CPU_REGISTER_##reg, bit, name, qemu, flag },
#include "model/cpu-features.def"
#undef CPU_FEATURE
};

G_STATIC_ASSERT(G_N_ELEMENTS(features) <= FEATURE_SET_WORDS * 64);

/* The feature as others see it: with the names that the table leaves to the rule. */
static CpuFeature resolved[G_N_ELEMENTS(features)];
static GHashTable *by_name, *by_qemu, *by_flag;     /* const char * → index + 1 */

static const char *
interned(const char *name, const char *from, char to)
{
    g_autofree char *text = g_strdelimit(g_strdup(name), from, to);

    return g_intern_string(text);
}

static void
load_table(void)
{
    static gsize once;

    if (!g_once_init_enter(&once))
        return;
    by_name = g_hash_table_new(g_str_hash, g_str_equal);
    by_qemu = g_hash_table_new(g_str_hash, g_str_equal);
    by_flag = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < G_N_ELEMENTS(features); i++) {
        CpuFeature *feature = &resolved[i];

        *feature = features[i];
        if (!feature->qemu)
            feature->qemu = feature->name;
        if (!*feature->qemu)
            feature->qemu = NULL;
        if (!feature->flag)
            feature->flag = interned(feature->name, "-.", '_');
        g_hash_table_insert(by_name, (gpointer)feature->name, GUINT_TO_POINTER(i + 1));
        g_hash_table_insert(by_flag, (gpointer)feature->flag, GUINT_TO_POINTER(i + 1));
        if (feature->qemu) {
            g_hash_table_insert(by_qemu, (gpointer)feature->qemu, GUINT_TO_POINTER(i + 1));
            g_hash_table_insert(by_qemu, (gpointer)interned(feature->qemu, "-", '_'), GUINT_TO_POINTER(i + 1));
        }
    }
    g_once_init_leave(&once, 1);
}

guint
cpu_feature_count(void)
{
    return G_N_ELEMENTS(features);
}

const CpuFeature *
cpu_feature(guint index)
{
    load_table();
    return &resolved[index];
}

/* @table only exists once the tables are loaded. */
static int
find_in(GHashTable **table, const char *name)
{
    load_table();
    return (int)GPOINTER_TO_UINT(g_hash_table_lookup(*table, name)) - 1;
}

int
cpu_feature_find(const char *name)
{
    return find_in(&by_name, name);
}

int
cpu_feature_find_qemu(const char *property)
{
    return find_in(&by_qemu, property);
}

int
cpu_feature_find_flag(const char *flag)
{
    return find_in(&by_flag, flag);
}

gboolean
cpu_feature_is_migratable(guint index)
{
    return !g_str_equal(features[index].name, "invtsc");
}

/* --- sets ------------------------------------------------------------------------------------------------ */

FeatureSet
feature_set_union(FeatureSet a, FeatureSet b)
{
    for (guint i = 0; i < FEATURE_SET_WORDS; i++)
        a.words[i] |= b.words[i];
    return a;
}

FeatureSet
feature_set_common(FeatureSet a, FeatureSet b)
{
    for (guint i = 0; i < FEATURE_SET_WORDS; i++)
        a.words[i] &= b.words[i];
    return a;
}

FeatureSet
feature_set_without(FeatureSet a, FeatureSet b)
{
    for (guint i = 0; i < FEATURE_SET_WORDS; i++)
        a.words[i] &= ~b.words[i];
    return a;
}

gboolean
feature_set_is_empty(FeatureSet set)
{
    return feature_set_size(set) == 0;
}

guint
feature_set_size(FeatureSet set)
{
    guint size = 0;

    for (guint i = 0; i < FEATURE_SET_WORDS; i++)
        size += (guint)__builtin_popcountll(set.words[i]);
    return size;
}

char *
feature_set_text(FeatureSet set)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(features); i++)
        if (feature_set_has(&set, i))
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", features[i].name);
    return g_string_free(text, FALSE);
}

/* --- vendors --------------------------------------------------------------------------------------------- */

static const struct {
    const char *cpuid;
    const char *name;
} vendors[] = {
    { "GenuineIntel", "Intel" }, { "AuthenticAMD", "AMD" }, { "HygonGenuine", "Hygon" },
};

const char *
cpu_vendor_name(const char *cpuid)
{
    for (gsize i = 0; cpuid && i < G_N_ELEMENTS(vendors); i++)
        if (g_str_equal(vendors[i].cpuid, cpuid))
            return vendors[i].name;
    return cpuid;
}

gboolean
cpu_vendor_is_known(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(vendors); i++)
        if (g_str_equal(vendors[i].name, name))
            return TRUE;
    return FALSE;
}
