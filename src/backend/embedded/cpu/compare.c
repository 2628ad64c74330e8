/* Whether a host or a hypervisor has what a CPU wants. */
#include "config.h"

#include "backend/embedded/cpu/cpu.h"

#include "model/arch.h"
#include "util/error.h"

static gboolean
throw_unknown(GError **error, const char *what, const char *name)
{
    hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unknown CPU %s %s", what, name);
    hv_error_set_source(error, HV_FROM_CPU);
    return FALSE;
}

static gboolean
is_incompatible(int *result, char **reason, char *text)
{
    *result = CPU_INCOMPATIBLE;
    *reason = text;
    return TRUE;
}

/* A 64-bit x86 runs the CPUs of 32-bit guests and the other way round: the models are the same. */
static gboolean
arch_fits(const char *offered, const char *wanted)
{
    return !wanted || g_str_equal(offered, wanted) || (arch_is_x86(offered) && arch_is_x86(wanted));
}

/* The features that @wanted has under each policy; those of its model are required. */
static gboolean
wishes_of(const QemuProfile *profile, const CpuDescription *wanted, FeatureSet wishes[CPU_FORBID + 1], GError **error)
{
    const QemuCpuModel *model = wanted->model ? qemu_profile_model(profile, wanted->model) : NULL;
    FeatureSet named = { { 0 } };

    if (wanted->model && !model)
        return throw_unknown(error, "model", wanted->model);
    for (guint i = 0; i < wanted->features->len; i++) {
        const CpuWish *wish = g_ptr_array_index(wanted->features, i);
        int feature = cpu_feature_find(wish->name);

        if (feature < 0)
            return throw_unknown(error, "feature", wish->name);
        feature_set_add(&wishes[wish->policy], (guint)feature);
        feature_set_add(&named, (guint)feature);
    }
    if (model)
        wishes[CPU_REQUIRE] = feature_set_union(wishes[CPU_REQUIRE], feature_set_without(model->features, named));
    return TRUE;
}

static gboolean
compare_x86(const QemuProfile *profile, const CpuOffer *offer, const CpuDescription *wanted, int *result, char **reason,
            GError **error)
{
    FeatureSet wishes[CPU_FORBID + 1] = { 0 };
    FeatureSet found;
    g_autofree char *names = NULL;

    if (!wishes_of(profile, wanted, wishes, error))
        return FALSE;
    found = feature_set_common(offer->features, wishes[CPU_FORBID]);
    if (!feature_set_is_empty(found)) {
        names = feature_set_text(found);
        return is_incompatible(result, reason, g_strdup_printf("Host CPU provides forbidden features: %s", names));
    }
    found = feature_set_without(wishes[CPU_REQUIRE], offer->features);
    if (!feature_set_is_empty(found)) {
        names = feature_set_text(found);
        return is_incompatible(result, reason, g_strdup_printf("Host CPU does not provide required features: %s", names));
    }
    found = offer->features;
    for (guint policy = 0; policy <= CPU_FORBID; policy++)
        found = feature_set_without(found, wishes[policy]);
    *result = feature_set_is_empty(found) ? CPU_IDENTICAL : CPU_SUPERSET;
    if (*result == CPU_IDENTICAL || wanted->match != CPU_MATCH_STRICT || wanted->kind != CPU_GUEST)
        return TRUE;
    names = feature_set_text(found);
    return is_incompatible(result, reason,
                           g_strdup_printf("Host CPU does not strictly match guest CPU: Extra features: %s", names));
}

static gboolean
compare_named(const QemuProfile *profile, const CpuOffer *offer, const CpuDescription *wanted, int *result, char **reason,
              GError **error)
{
    if (!wanted->model) {
        *result = CPU_SUPERSET;
        return TRUE;
    }
    if (g_strcmp0(offer->model, wanted->model) == 0) {
        *result = CPU_IDENTICAL;
        return TRUE;
    }
    if (!qemu_profile_model(profile, wanted->model))
        return throw_unknown(error, "model", wanted->model);
    return is_incompatible(result, reason, g_strdup_printf("host CPU model does not match required CPU model %s", wanted->model));
}

gboolean
cpu_compare(const QemuProfile *profile, const CpuOffer *offer, const CpuDescription *wanted, int *result, char **reason,
            GError **error)
{
    *reason = NULL;
    if (!arch_fits(offer->arch, wanted->arch))
        return is_incompatible(result, reason, g_strdup_printf("CPU arch %s does not match host arch", wanted->arch));
    if (wanted->vendor && g_strcmp0(offer->vendor, wanted->vendor) != 0)
        return is_incompatible(result, reason,
                               g_strdup_printf("host CPU vendor does not match required CPU vendor %s", wanted->vendor));
    if (!arch_is_x86(offer->arch))
        return compare_named(profile, offer, wanted, result, reason, error);
    return compare_x86(profile, offer, wanted, result, reason, error);
}
