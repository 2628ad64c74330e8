/* Finding the model that comes closest to a set of features. */
#include "config.h"

#include "backend/embedded/cpu/cpu.h"

FeatureSet
cpu_ungivable(void)
{
    FeatureSet set = { { 0 } };

    for (guint i = 0; i < cpu_feature_count(); i++)
        if (!cpu_feature(i)->qemu)
            feature_set_add(&set, i);
    return set;
}

static gboolean
model_may_be(const QemuCpuModel *model, const CpuToDecode *cpu)
{
    if (feature_set_is_empty(model->features))
        return FALSE;
    if (model->vendor && g_strcmp0(model->vendor, cpu->vendor) != 0)
        return FALSE;
    if (cpu->keep_preferred && g_strcmp0(model->name, cpu->preferred) == 0)
        return TRUE;
    return !cpu->subset || feature_set_is_empty(feature_set_without(model->features, cpu->features));
}

static gboolean
has_signature(const QemuCpuModel *model, const CpuToDecode *cpu)
{
    return cpu->family && model->vendor && model->family == cpu->family && model->model == cpu->number;
}

/* How many words it takes to say how @cpu differs from @model. */
static guint
distance(const QemuCpuModel *model, const CpuToDecode *cpu)
{
    return feature_set_size(feature_set_without(cpu->features, model->features)) +
           feature_set_size(feature_set_without(model->features, cpu->features));
}

static gboolean
is_better(const QemuCpuModel *model, const QemuCpuModel *than, const CpuToDecode *cpu)
{
    if (!than || g_strcmp0(model->name, cpu->preferred) == 0)
        return TRUE;
    if (g_strcmp0(than->name, cpu->preferred) == 0)
        return FALSE;
    if (has_signature(model, cpu) != has_signature(than, cpu))
        return has_signature(model, cpu);
    return distance(model, cpu) < distance(than, cpu);
}

CpuDecoded
cpu_decode(const QemuProfile *profile, const CpuToDecode *cpu)
{
    CpuDecoded decoded = { .vendor = cpu->vendor };

    for (guint i = 0; i < qemu_profile_n_models(profile); i++) {
        const QemuCpuModel *model = qemu_profile_nth_model(profile, i);

        if (model_may_be(model, cpu) && is_better(model, decoded.model, cpu))
            decoded.model = model;
    }
    if (!decoded.model)
        return decoded;
    decoded.more = feature_set_without(cpu->features, decoded.model->features);
    decoded.less = feature_set_without(decoded.model->features, cpu->features);
    return decoded;
}
