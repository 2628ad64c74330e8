/* The CPU that several hosts have in common. */
#include "config.h"

#include <string.h>

#include "backend/embedded/cpu/cpu.h"
#include "model/arch.h"
#include "util/error.h"
#include "util/xml-text.h"

typedef struct {
    FeatureSet features;        /* in all of the CPUs */
    const char *vendor;         /* that all of them are of; NULL: none */
    gboolean vendor_said;       /* every one says so */
    const char *model;          /* that all of them name; NULL: different ones */
} Common;

/* --- what the CPUs have in common -------------------------------------------------------------------------- */

static gboolean
throw_failed(GError **error, HvErrorCode code, const char *text)
{
    hv_throw(error, code, "%s", text);
    hv_error_set_source(error, HV_FROM_CPU);
    return FALSE;
}

/* What @cpu has for certain. */
static gboolean
features_of(const CpuDescription *cpu, const QemuCpuModel *model, FeatureSet *features, GError **error)
{
    *features = model->features;
    for (guint i = 0; i < cpu->features->len; i++) {
        const CpuWish *wish = g_ptr_array_index(cpu->features, i);
        int feature = cpu_feature_find(wish->name);

        if (feature < 0) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unknown CPU feature %s", wish->name);
            hv_error_set_source(error, HV_FROM_CPU);
            return FALSE;
        }
        if (wish->policy == CPU_REQUIRE || wish->policy == CPU_FORCE)
            feature_set_add(features, (guint)feature);
        else
            feature_set_drop(features, (guint)feature);
    }
    return TRUE;
}

static gboolean
add_vendor(Common *common, const CpuDescription *cpu, const QemuCpuModel *model, gboolean first, GError **error)
{
    const char *vendor = cpu->vendor ? cpu->vendor : model->vendor;

    if (cpu->vendor && !cpu_vendor_is_known(cpu->vendor)) {
        hv_throw(error, HV_ERR_OPERATION_FAILED, "Unknown CPU vendor %s", cpu->vendor);
        hv_error_set_source(error, HV_FROM_CPU);
        return FALSE;
    }
    if (first) {
        common->vendor = vendor;
        common->vendor_said = cpu->vendor != NULL;
        return TRUE;
    }
    if (common->vendor_said && cpu->vendor && !g_str_equal(common->vendor, cpu->vendor))
        return throw_failed(error, HV_ERR_OPERATION_FAILED, "CPU vendors do not match");
    common->vendor_said = common->vendor_said && cpu->vendor;
    if (g_strcmp0(common->vendor, vendor) != 0)
        common->vendor = NULL;
    return TRUE;
}

static gboolean
find_common(const QemuProfile *profile, GPtrArray *cpus, Common *common, GError **error)
{
    for (guint i = 0; i < cpus->len; i++) {
        const CpuDescription *cpu = g_ptr_array_index(cpus, i);
        const QemuCpuModel *model = qemu_profile_model(profile, cpu->model);
        FeatureSet features;

        if (!model) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unknown CPU model %s", cpu->model);
            hv_error_set_source(error, HV_FROM_CPU);
            return FALSE;
        }
        if (!features_of(cpu, model, &features, error) || !add_vendor(common, cpu, model, i == 0, error))
            return FALSE;
        common->features = i == 0 ? features : feature_set_common(common->features, features);
        common->model = i == 0 || g_strcmp0(common->model, cpu->model) == 0 ? cpu->model : NULL;
    }
    return feature_set_is_empty(common->features) ? throw_failed(error, HV_ERR_OPERATION_FAILED, "CPUs are incompatible") : TRUE;
}

/* --- writing it down --------------------------------------------------------------------------------------- */

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(cpu_feature(*(const guint *)a)->name, cpu_feature(*(const guint *)b)->name);
}

static void
add_policy(XmlText *xml, guint feature, gboolean required)
{
    xml_text_empty(xml, "feature", "policy", required ? "require" : "disable", "name", cpu_feature(feature)->name, NULL);
}

/* The features in the order of the table: first those to have, then those to do without. */
static void
add_differences(XmlText *xml, const CpuDecoded *cpu)
{
    for (guint i = 0; i < cpu_feature_count(); i++)
        if (feature_set_has(&cpu->more, i))
            add_policy(xml, i, TRUE);
    for (guint i = 0; i < cpu_feature_count(); i++)
        if (feature_set_has(&cpu->less, i))
            add_policy(xml, i, FALSE);
}

/* With those that the model implies, all by name. */
static void
add_all_features(XmlText *xml, const CpuDecoded *cpu)
{
    FeatureSet known = feature_set_union(cpu->model->features, cpu->more);
    g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; i < cpu_feature_count(); i++)
        if (feature_set_has(&known, i))
            g_array_append_val(sorted, i);
    g_array_sort(sorted, compare_names);
    for (guint i = 0; i < sorted->len; i++) {
        guint feature = g_array_index(sorted, guint, i);

        add_policy(xml, feature, !feature_set_has(&cpu->less, feature));
    }
}

static char *
baseline_x86(const QemuProfile *profile, GPtrArray *cpus, CpuBaselineKind kind, unsigned flags, GError **error)
{
    gboolean hypervisor = kind == CPU_BASELINE_FOR_HYPERVISOR;
    Common common = { 0 };
    CpuDecoded cpu;
    XmlText xml;
    gboolean exact;

    if (!find_common(profile, cpus, &common, error))
        return NULL;
    if (kind != CPU_BASELINE_AS_IS)
        common.features = feature_set_without(common.features, cpu_ungivable());
    for (guint i = 0; (flags & BASELINE_CPU_MIGRATABLE) && i < cpu_feature_count(); i++)
        if (!cpu_feature_is_migratable(i))
            feature_set_drop(&common.features, i);
    cpu = cpu_decode(profile, &(CpuToDecode){ .features = common.features, .vendor = common.vendor,
                                              .preferred = common.model, .subset = TRUE, .keep_preferred = hypervisor });
    if (!cpu.model) {
        throw_failed(error, HV_ERR_INTERNAL_ERROR, "Cannot find suitable CPU model for given data");
        return NULL;
    }
    if (hypervisor && !(flags & BASELINE_CPU_IGNORE_HOST))
        cpu.less = feature_set_union(cpu.less, feature_set_without(cpu.model->blockers, cpu.more));
    exact = hypervisor || g_strcmp0(cpu.model->name, common.model) == 0;

    xml_text_init(&xml);
    xml_text_open(&xml, "cpu", "mode", "custom", "match", "exact", NULL);
    xml_text_value(&xml, "model", cpu.model->name, "fallback", exact ? "forbid" : "allow", NULL);
    if (common.vendor_said)
        xml_text_value(&xml, "vendor", common.vendor, NULL);
    if (flags & BASELINE_CPU_EXPAND_FEATURES)
        add_all_features(&xml, &cpu);
    else
        add_differences(&xml, &cpu);
    xml_text_close(&xml, "cpu");
    return xml_text_finish(&xml);
}

/* Without features, only equal models are compatible. */
static char *
baseline_named(GPtrArray *cpus, gboolean exact, GError **error)
{
    const CpuDescription *first = g_ptr_array_index(cpus, 0);
    XmlText xml;

    for (guint i = 1; i < cpus->len; i++) {
        const CpuDescription *cpu = g_ptr_array_index(cpus, i);

        if (g_strcmp0(cpu->arch, first->arch) != 0 || !g_str_equal(cpu->model, first->model)) {
            throw_failed(error, HV_ERR_OPERATION_FAILED, "CPUs are incompatible");
            return NULL;
        }
    }
    xml_text_init(&xml);
    xml_text_open(&xml, "cpu", "mode", "custom", "match", "exact", NULL);
    xml_text_value(&xml, "model", first->model, "fallback", exact ? "forbid" : "allow", NULL);
    xml_text_close(&xml, "cpu");
    return xml_text_finish(&xml);
}

char *
cpu_baseline(const QemuProfile *profile, const char *arch, GPtrArray *cpus, CpuBaselineKind kind, unsigned flags,
             GError **error)
{
    if (arch_is_x86(arch))
        return baseline_x86(profile, cpus, kind, flags, error);
    return baseline_named(cpus, kind == CPU_BASELINE_FOR_HYPERVISOR || g_str_has_prefix(arch, "ppc"), error);
}
