/* The questions whose answers make a profile. */
#include "config.h"

#include "backend/qemu/profile-probe.h"

#include <string.h>

#include "backend/qemu/emulator.h"
#include "backend/qemu/probe.h"
#include "model/cpu-feature.h"
#include "util/deadline.h"
#include "util/error.h"

/* A model that QEMU has made up, or that any vendor's processors of its time had: no host is refused for its vendor. */
static const char *const generic_models[] = {
    "486", "pentium", "pentium2", "pentium3", "pentiumpro", "qemu32", "qemu64", "kvm32", "kvm64", NULL,
};

/* libvirt's names of Hyper-V enlightenments, in its order; QEMU's properties are "hv-" and the name. */
static const char *const hyperv_features[] = {
    "relaxed", "vapic", "spinlocks", "vpindex", "runtime", "synic", "stimer", "reset", "vendor_id", "frequencies",
    "reenlightenment", "tlbflush", "ipi", "evmcs", "avic", "emsr_bitmap", "xmm_input",
};

/* Displays: members of the enumeration of -display, and those that have a command of their own. */
static const char *const schema_displays[] = { "sdl", "gtk", "egl-headless", "dbus" };
static const struct {
    const char *command;
    const char *display;
} command_displays[] = { { "query-vnc", "vnc" }, { "query-spice", "spice" } };

/* --- CPU models ------------------------------------------------------------------------------------------ */

/* "EPYC-v2" is a version of "EPYC", which is what domains name. */
static gboolean
is_version(const char *name)
{
    const char *v = g_strrstr(name, "-v");

    return v && v[2] && strspn(v + 2, "0123456789") == strlen(v + 2);
}

/* Names that stand for something else. Arm has a model "max" that a domain may name; on x86 it is a mode of its own. */
static gboolean
is_pseudo(const char *name, gboolean x86)
{
    return g_str_equal(name, "host") || (x86 && (g_str_equal(name, "max") || g_str_equal(name, "base")));
}

/* What has been switched on of the features that have names. QEMU tells every guest that there is a hypervisor, which makes it no
 * feature of the model. */
static json_t *
features_of(json_t *props, gboolean named)
{
    json_t *names = json_array();

    for (guint i = 0; i < cpu_feature_count(); i++) {
        const CpuFeature *feature = cpu_feature(i);

        if (named && g_str_equal(feature->name, "hypervisor"))
            continue;
        if (feature->qemu && json_is_true(json_object_get(props, feature->qemu)))
            json_array_append_new(names, json_string(feature->name));
    }
    return names;
}

/* The features that this QEMU has no name for yet, or no more. */
static json_t *
unknown_features(json_t *props)
{
    json_t *names = json_array();

    for (guint i = 0; i < cpu_feature_count(); i++)
        if (cpu_feature(i)->qemu && !json_object_get(props, cpu_feature(i)->qemu))
            json_array_append_new(names, json_string(cpu_feature(i)->name));
    return names;
}

/* QEMU's names of features in libvirt's spelling; what has no name in libvirt keeps its own. */
static json_t *
named_features(json_t *unavailable)
{
    json_t *names = json_array();
    json_t *item;
    gsize i;

    json_array_foreach(unavailable, i, item) {
        const char *property = json_string_value(item);
        int feature = property ? cpu_feature_find_qemu(property) : -1;

        if (property)
            json_array_append_new(names, json_string(feature >= 0 ? cpu_feature(feature)->name : property));
    }
    return names;
}

/* Numbers arrive as reals where the same answer has one that is too large for an integer. */
static void
copy_integer(json_t *to, json_t *props, const char *key)
{
    double value = json_number_value(json_object_get(props, key));

    if (value >= 0 && value <= G_MAXINT)
        json_object_set_new(to, key, json_integer((json_int_t)value));
}

static json_t *
model_new(const char *name, json_t *definition, json_t *expansion)
{
    json_t *model = json_pack("{s:s}", "name", name);
    json_t *props = json_object_get(json_object_get(expansion, "model"), "props");
    const char *vendor = json_string_value(json_object_get(props, "vendor"));

    if (json_is_true(json_object_get(definition, "deprecated")))
        json_object_set_new(model, "deprecated", json_true());
    if (json_is_array(json_object_get(definition, "unavailable-features")))
        json_object_set_new(model, "blockers", named_features(json_object_get(definition, "unavailable-features")));
    if (!json_is_object(props))
        return model;
    if (vendor && !g_strv_contains(generic_models, name))
        json_object_set_new(model, "vendor", json_string(cpu_vendor_name(vendor)));
    copy_integer(model, props, "family");
    copy_integer(model, props, "model");
    copy_integer(model, props, "stepping");
    json_object_set_new(model, "features", features_of(props, definition != NULL));
    json_object_set_new(model, "deprecated-features", named_features(json_object_get(expansion, "deprecated-props")));
    return model;
}

static guint64
send_expansion(QmpConn *monitor, const char *name, const char *enabled, GError **error)
{
    json_t *args = json_pack("{s:s,s:{s:s}}", "type", "full", "model", "name", name);
    guint64 id;

    if (enabled)
        json_object_set_new(json_object_get(args, "model"), "props", json_pack("{s:b}", enabled, 1));
    id = qmp_send(monitor, "query-cpu-model-expansion", args, error);
    json_decref(args);
    return id;
}

/* The answer, NULL with *@lost when the link is; a refusal is NULL: not every target expands every model. */
static json_t *
collect_optional(QmpConn *monitor, guint64 id, gint64 deadline, gboolean *lost, GError **error)
{
    g_autoptr(GError) refused = NULL;
    json_t *answer = id ? qmp_collect(monitor, id, deadline, &refused) : NULL;

    if (!answer && refused && !qmp_error_class(monitor)) {
        g_propagate_error(error, g_steal_pointer(&refused));
        *lost = TRUE;
    }
    return answer;
}

static gboolean
ask_models(QmpConn *monitor, json_t *definitions, gboolean x86, gint64 deadline, json_t *models, GError **error)
{
    g_autofree guint64 *ids = g_new0(guint64, json_array_size(definitions) + 1);
    gboolean lost = FALSE;
    json_t *item;
    gsize i;

    json_array_foreach(definitions, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));

        if (!name || is_version(name) || is_pseudo(name, x86))
            continue;
        ids[i] = send_expansion(monitor, name, NULL, error);
        if (!ids[i])
            return FALSE;
    }
    json_array_foreach(definitions, i, item) {
        json_t *expansion;

        if (!ids[i])
            continue;
        expansion = collect_optional(monitor, ids[i], deadline, &lost, error);
        if (lost)
            return FALSE;
        json_array_append_new(models, model_new(json_string_value(json_object_get(item, "name")), item, expansion));
        json_decref(expansion);
    }
    return TRUE;
}

/* --- the best CPU, and what only its expansion tells ----------------------------------------------------- */

static json_t *
hyperv_of(json_t *expansion)
{
    json_t *props = json_object_get(json_object_get(expansion, "model"), "props");
    json_t *names = json_array();

    for (gsize i = 0; i < G_N_ELEMENTS(hyperv_features); i++) {
        g_autofree char *property = g_strconcat("hv-", hyperv_features[i], NULL);
        json_t *value = json_object_get(props, g_strdelimit(property, "_", '-'));

        if (json_is_true(value) || json_is_string(value) || (json_is_number(value) && json_number_value(value) != 0))
            json_array_append_new(names, json_string(hyperv_features[i]));
    }
    return names;
}

static gboolean
ask_best(QmpConn *monitor, const char *accel, gint64 deadline, json_t *root, GError **error)
{
    gboolean kvm = g_str_equal(accel, "kvm");
    const char *name = kvm ? "host" : "max";
    gboolean lost = FALSE;
    guint64 plain = send_expansion(monitor, name, NULL, error);
    guint64 hyperv = plain ? send_expansion(monitor, name, kvm ? "hv-passthrough" : NULL, error) : 0;
    json_t *expansion;

    if (!hyperv)
        return FALSE;
    expansion = collect_optional(monitor, plain, deadline, &lost, error);
    if (expansion) {
        json_object_set_new(root, "best", model_new(name, NULL, expansion));
        json_object_set_new(root, "unknown", unknown_features(json_object_get(json_object_get(expansion, "model"), "props")));
    }
    json_decref(expansion);
    expansion = lost ? NULL : collect_optional(monitor, hyperv, deadline, &lost, error);
    json_object_set_new(root, "hyperv", hyperv_of(expansion));
    json_decref(expansion);
    return !lost;
}

/* --- the rest -------------------------------------------------------------------------------------------- */

/* The enumeration of displays has no name of its own in the schema; egl-headless is a member of no other. */
static void
add_schema_displays(json_t *schema, json_t *displays)
{
    json_t *type, *value;
    gsize i, k;

    json_array_foreach(schema, i, type) {
        gboolean is_displays = FALSE;

        json_array_foreach(json_object_get(type, "values"), k, value)
            is_displays = is_displays || g_strcmp0(json_string_value(value), "egl-headless") == 0;
        if (!is_displays)
            continue;
        json_array_foreach(json_object_get(type, "values"), k, value)
            for (gsize d = 0; d < G_N_ELEMENTS(schema_displays); d++)
                if (g_strcmp0(json_string_value(value), schema_displays[d]) == 0)
                    json_array_append(displays, value);
        return;
    }
}

static void
add_command_displays(json_t *commands, json_t *displays)
{
    json_t *item;
    gsize i;

    json_array_foreach(commands, i, item)
        for (gsize d = 0; d < G_N_ELEMENTS(command_displays); d++)
            if (g_strcmp0(json_string_value(json_object_get(item, "name")), command_displays[d].command) == 0)
                json_array_append_new(displays, json_string(command_displays[d].display));
}

/* Versions of the interrupt controller that the accelerator has in one way or the other. */
static json_t *
gic_of(json_t *answer)
{
    json_t *versions = json_array();
    json_t *item;
    gsize i;

    for (int version = 2; version <= 4; version++)
        json_array_foreach(answer, i, item)
            if (json_integer_value(json_object_get(item, "version")) == version &&
                (json_is_true(json_object_get(item, "emulated")) || json_is_true(json_object_get(item, "kernel"))))
                json_array_append_new(versions, json_sprintf("%d", version));
    return versions;
}

enum { ASK_TARGET, ASK_DEFINITIONS, ASK_SCHEMA, ASK_COMMANDS, ASK_SEV, ASK_GIC, ASK_LAST };

/* Each may be refused: by targets without CPU models, binaries without memory encryption. */
static const char *const questions[ASK_LAST] = {
    "query-target", "query-cpu-definitions", "query-qmp-schema", "query-commands", "query-sev-capabilities",
    "query-gic-capabilities",
};

static json_t *
facts_from(json_t **answers)
{
    json_t *root = json_pack("{s:[],s:[],s:o}", "models", "displays", "gic", gic_of(answers[ASK_GIC]));
    json_t *displays = json_object_get(root, "displays");

    add_command_displays(answers[ASK_COMMANDS], displays);
    add_schema_displays(answers[ASK_SCHEMA], displays);
    if (json_is_object(answers[ASK_SEV]))
        json_object_set(root, "sev", answers[ASK_SEV]);
    return root;
}

static json_t *
ask(QmpConn *monitor, const char *accel, gint64 deadline, GError **error)
{
    json_t *answers[ASK_LAST] = { NULL };
    guint64 ids[ASK_LAST];
    gboolean lost = FALSE;
    json_t *root = NULL;
    const char *target;

    for (int i = 0; i < ASK_LAST && !lost; i++) {
        ids[i] = qmp_send(monitor, questions[i], NULL, error);
        lost = ids[i] == 0;
    }
    for (int i = 0; i < ASK_LAST && !lost; i++)
        answers[i] = collect_optional(monitor, ids[i], deadline, &lost, error);
    if (!lost) {
        root = facts_from(answers);
        target = json_string_value(json_object_get(answers[ASK_TARGET], "arch"));
        if (!ask_models(monitor, answers[ASK_DEFINITIONS], g_strcmp0(target, "x86_64") == 0 || g_strcmp0(target, "i386") == 0,
                        deadline, json_object_get(root, "models"), error) ||
            !ask_best(monitor, accel, deadline, root, error)) {
            json_decref(root);
            root = NULL;
        }
    }
    for (int i = 0; i < ASK_LAST; i++)
        json_decref(answers[i]);
    return root;
}

json_t *
qemu_profile_probe(const char *emulator, const char *accel, int timeout_ms, GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    g_autoptr(QemuProbe) probe = NULL;
    json_t *root;

    if (!qemu_emulator_check(emulator, error))
        return NULL;
    probe = qemu_probe_new(emulator, accel, deadline, error);
    if (!probe)
        return NULL;
    root = ask(qemu_probe_monitor(probe), accel, deadline, error);
    if (!root)
        qemu_probe_explain(probe, error);
    return root;
}
