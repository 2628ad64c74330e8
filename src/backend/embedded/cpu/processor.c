/* The processor: proc/cpuinfo, and CPUID on x86. */
#include "config.h"

#include "backend/embedded/cpu/processor.h"

#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "util/sizes.h"

/* --- proc/cpuinfo ---------------------------------------------------------------------------------------- */

/* The lines of the first processor as a table. */
static GHashTable *
first_processor(const char *text)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    while (*text) {
        const char *end = strchrnul(text, '\n');
        const char *colon = memchr(text, ':', (gsize)(end - text));
        char *key;

        if (colon) {
            key = g_strchomp(g_strndup(text, (gsize)(colon - text)));
            if (g_str_equal(key, "processor") && g_hash_table_contains(values, key)) {
                g_free(key);
                break;
            }
            g_hash_table_replace(values, key, g_strstrip(g_strndup(colon + 1, (gsize)(end - colon - 1))));
        }
        text = *end ? end + 1 : end;
    }
    return values;
}

static guint
number_of(GHashTable *values, const char *key)
{
    const char *text = g_hash_table_lookup(values, key);
    guint64 number = 0;

    return text && uint_parse(text, 0, G_MAXUINT32, &number) ? (guint)number : 0;
}

static FeatureSet
flags_of(GHashTable *values)
{
    const char *text = g_hash_table_lookup(values, "flags");
    g_auto(GStrv) flags = g_strsplit(text ? text : "", " ", -1);
    FeatureSet set = { { 0 } };

    for (guint i = 0; flags[i]; i++) {
        int feature = cpu_feature_find_flag(flags[i]);

        if (feature >= 0)
            feature_set_add(&set, (guint)feature);
    }
    return set;
}

/* "48 bits physical, 48 bits virtual" */
static guint
physical_bits_of(GHashTable *values)
{
    const char *text = g_hash_table_lookup(values, "address sizes");
    guint64 bits = text ? g_ascii_strtoull(text, NULL, 10) : 0;

    return bits <= 64 ? (guint)bits : 0;
}

/* Each architecture has a key of its own for it. */
static char *
name_of(GHashTable *values)
{
    static const char *const keys[] = { "model name", "cpu", "uarch", "cpu model", "Processor" };

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (g_hash_table_contains(values, keys[i]))
            return g_strdup(g_hash_table_lookup(values, keys[i]));
    return NULL;
}

/* --- CPUID ------------------------------------------------------------------------------------------------ */

#if defined(__x86_64__) || defined(__i386__)
static FeatureSet
cpuid_features(void)
{
    guint32 last[2] = { __get_cpuid_max(0, NULL), __get_cpuid_max(0x80000000, NULL) };
    FeatureSet set = { { 0 } };

    for (guint i = 0; i < cpu_feature_count(); i++) {
        const CpuFeature *feature = cpu_feature(i);
        guint32 registers[4];

        if (feature->reg == CPU_REGISTER_MSR || feature->leaf > last[feature->leaf >> 31])
            continue;
        __cpuid_count(feature->leaf, feature->subleaf, registers[CPU_REGISTER_EAX], registers[CPU_REGISTER_EBX],
                      registers[CPU_REGISTER_ECX], registers[CPU_REGISTER_EDX]);
        if (registers[feature->reg] >> feature->bit & 1)
            feature_set_add(&set, i);
    }
    return set;
}
#else
static FeatureSet
cpuid_features(void)
{
    return (FeatureSet){ { 0 } };
}
#endif

gboolean
host_processor_read(const Host *host, HostProcessor *processor, GError **error)
{
    g_autofree char *text = host_read(host, error, "proc/cpuinfo");
    g_autoptr(GHashTable) values = NULL;
    const char *microcode;

    if (!text)
        return FALSE;
    values = first_processor(text);
    microcode = g_hash_table_lookup(values, "microcode");
    *processor = (HostProcessor){
        .vendor = g_strdup(cpu_vendor_name(g_hash_table_lookup(values, "vendor_id"))),
        .model = name_of(values),
        .family = number_of(values, "cpu family"),
        .number = number_of(values, "model"),
        .stepping = number_of(values, "stepping"),
        .microcode = microcode ? g_ascii_strtoull(microcode, NULL, 16) : 0,
        .physical_bits = physical_bits_of(values),
        .features = flags_of(values),
    };
    if (host_is_this_machine(host))
        processor->features = feature_set_union(processor->features, cpuid_features());
    return TRUE;
}

void
host_processor_clear(HostProcessor *processor)
{
    g_free(processor->vendor);
    g_free(processor->model);
    *processor = (HostProcessor){ 0 };
}
