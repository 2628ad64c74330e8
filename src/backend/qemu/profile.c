/* Profiles of QEMU binaries, as answers. */
#include "config.h"

#include "backend/qemu/profile.h"

#include "backend/qemu/capabilities.h"
#include "backend/qemu/facts-cache.h"
#include "backend/qemu/profile-probe.h"
#include "util/error.h"
#include "util/log.h"

/* Raised whenever the form or the content of the cache file changes, the table of CPU features included. */
#define PROFILE_CACHE_FORMAT 3

struct QemuProfile {
    json_t *root;               /* the strings below belong to it */
    GArray *models;             /* of QemuCpuModel */
    GHashTable *by_name;        /* const char * → index + 1 */
    QemuCpuModel best;          /* without a name: none */
    FeatureSet unknown;
    GPtrArray *displays;        /* each ended by a NULL */
    GPtrArray *hyperv;
    GPtrArray *gic;
    QemuSev sev;
};

static FeatureSet
set_from(json_t *names)
{
    FeatureSet set = { { 0 } };
    json_t *item;
    gsize i;

    json_array_foreach(names, i, item) {
        int feature = json_is_string(item) ? cpu_feature_find(json_string_value(item)) : -1;

        if (feature >= 0)
            feature_set_add(&set, (guint)feature);
    }
    return set;
}

static gboolean
model_from(json_t *object, QemuCpuModel *model)
{
    int deprecated = 0, family = 0, number = 0, stepping = 0;
    json_t *features = NULL, *blockers = NULL, *leaving = NULL;

    *model = (QemuCpuModel){ 0 };
    if (json_unpack(object, "{s:s,s?s,s?i,s?i,s?i,s?b,s?o,s?o,s?o}", "name", &model->name, "vendor", &model->vendor, "family",
                    &family, "model", &number, "stepping", &stepping, "deprecated", &deprecated, "features", &features,
                    "blockers", &blockers, "deprecated-features", &leaving) < 0)
        return FALSE;
    model->family = (guint)family;
    model->model = (guint)number;
    model->stepping = (guint)stepping;
    model->deprecated = deprecated;
    if (blockers)
        model->usable = json_array_size(blockers) == 0 ? QEMU_USABLE_YES : QEMU_USABLE_NO;
    model->features = set_from(features);
    model->blockers = set_from(blockers);
    model->deprecated_features = set_from(leaving);
    return TRUE;
}

static GPtrArray *
strings_from(json_t *array)
{
    GPtrArray *strings = g_ptr_array_new();
    json_t *item;
    gsize i;

    json_array_foreach(array, i, item)
        if (json_is_string(item))
            g_ptr_array_add(strings, (gpointer)json_string_value(item));
    g_ptr_array_add(strings, NULL);
    return strings;
}

static void
sev_from(json_t *object, QemuSev *sev)
{
    json_int_t cbitpos = 0, reduced = 0;

    *sev = (QemuSev){ 0 };
    if (json_unpack(object, "{s:s,s:s,s:I,s:I,s?s}", "pdh", &sev->pdh, "cert-chain", &sev->cert_chain, "cbitpos", &cbitpos,
                    "reduced-phys-bits", &reduced, "cpu0-id", &sev->cpu0_id) < 0)
        return;
    sev->supported = TRUE;
    sev->cbitpos = cbitpos;
    sev->reduced_phys_bits = reduced;
}

QemuProfile *
qemu_profile_from_json(json_t *root, GError **error)
{
    g_autoptr(QemuProfile) profile = g_new0(QemuProfile, 1);
    json_t *models = json_object_get(root, "models"), *item;
    gsize i;

    if (!json_is_array(models)) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "the stored profile of QEMU is damaged");
        return NULL;
    }
    profile->root = json_incref(root);
    profile->models = g_array_new(FALSE, FALSE, sizeof(QemuCpuModel));
    profile->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    json_array_foreach(models, i, item) {
        QemuCpuModel model;

        if (!model_from(item, &model)) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "the stored facts about QEMU's CPU models are damaged");
            return NULL;
        }
        g_array_append_val(profile->models, model);
        g_hash_table_insert(profile->by_name, (gpointer)model.name, GUINT_TO_POINTER(profile->models->len));
    }
    if (!model_from(json_object_get(root, "best"), &profile->best))
        profile->best = (QemuCpuModel){ 0 };
    profile->unknown = set_from(json_object_get(root, "unknown"));
    profile->displays = strings_from(json_object_get(root, "displays"));
    profile->hyperv = strings_from(json_object_get(root, "hyperv"));
    profile->gic = strings_from(json_object_get(root, "gic"));
    sev_from(json_object_get(root, "sev"), &profile->sev);
    return g_steal_pointer(&profile);
}

QemuProfile *
qemu_profile_load(const char *emulator, const char *accel, const char *cache_dir, GError **error)
{
    g_autoptr(FactsCache) cache = facts_cache_new(cache_dir, emulator, accel, PROFILE_CACHE_FORMAT);
    json_t *facts = facts_cache_read(cache);
    QemuProfile *profile = facts ? qemu_profile_from_json(facts, NULL) : NULL;

    if (!profile) {
        gint64 began = g_get_monotonic_time();

        json_decref(facts);
        facts = qemu_profile_probe(emulator, accel, QEMU_PROBE_TIMEOUT_MS, error);
        HV_DEBUG(QEMU_FACTS_MODULE, "asked %s about CPUs under %s: %s in %" G_GINT64_FORMAT " us", emulator, accel,
                 facts ? "done" : "failed", g_get_monotonic_time() - began);
        profile = facts ? qemu_profile_from_json(facts, error) : NULL;
        if (profile)
            facts_cache_write(cache, facts);
    }
    json_decref(facts);
    return profile;
}

void
qemu_profile_free(QemuProfile *profile)
{
    if (!profile)
        return;
    g_clear_pointer(&profile->models, g_array_unref);
    g_clear_pointer(&profile->by_name, g_hash_table_unref);
    g_clear_pointer(&profile->displays, g_ptr_array_unref);
    g_clear_pointer(&profile->hyperv, g_ptr_array_unref);
    g_clear_pointer(&profile->gic, g_ptr_array_unref);
    json_decref(profile->root);
    g_free(profile);
}

/* --- answering ------------------------------------------------------------------------------------------- */

guint
qemu_profile_n_models(const QemuProfile *profile)
{
    return profile->models->len;
}

const QemuCpuModel *
qemu_profile_nth_model(const QemuProfile *profile, guint index)
{
    return &g_array_index(profile->models, QemuCpuModel, index);
}

const QemuCpuModel *
qemu_profile_model(const QemuProfile *profile, const char *name)
{
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(profile->by_name, name));

    return place ? qemu_profile_nth_model(profile, place - 1) : NULL;
}

const QemuCpuModel *
qemu_profile_best(const QemuProfile *profile)
{
    return profile->best.name ? &profile->best : NULL;
}

FeatureSet
qemu_profile_unknown_features(const QemuProfile *profile)
{
    return profile->unknown;
}

gboolean
qemu_profile_has_display(const QemuProfile *profile, const char *display)
{
    return g_strv_contains((const char *const *)profile->displays->pdata, display);
}

const char *const *
qemu_profile_hyperv(const QemuProfile *profile)
{
    return (const char *const *)profile->hyperv->pdata;
}

const char *const *
qemu_profile_gic(const QemuProfile *profile)
{
    return (const char *const *)profile->gic->pdata;
}

const QemuSev *
qemu_profile_sev(const QemuProfile *profile)
{
    return &profile->sev;
}
