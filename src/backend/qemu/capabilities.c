/* QEMU's facts: asking, keeping, answering. */
#include "config.h"

#include "backend/qemu/capabilities.h"

#include <string.h>

#include "backend/qemu/facts-cache.h"
#include "backend/qemu/probe.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/log.h"

/* Raised whenever the form or the content of the cache file changes. */
#define CAPS_CACHE_FORMAT 4

struct QemuCaps {
    char *emulator;
    const char *target;
    guint version;
    json_t *root;           /* the strings below belong to it */
    GArray *machines;       /* of QemuMachine */
    GPtrArray *cpu_models;  /* of const char * */
    GHashTable *devices;    /* set of const char * */
};

/* --- the JSON form --------------------------------------------------------------------------------------- */

static GHashTable *
caps_string_set(json_t *array)
{
    GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *item;
    gsize i;

    json_array_foreach(array, i, item)
        if (json_is_string(item))
            g_hash_table_add(set, (gpointer)json_string_value(item));
    return set;
}

static gboolean
caps_load_machine(json_t *object, QemuMachine *machine)
{
    int max_cpus = 0, is_default = 0, hotplug = 0, numa = 0, acpi = 0, deprecated = 0;

    *machine = (QemuMachine){ 0 };
    if (json_unpack(object, "{s:s,s?s,s?s,s?s,s:i,s?b,s?b,s?b,s?b,s?b}", "name", &machine->name, "alias",
                    &machine->alias, "cpu", &machine->default_cpu, "ram", &machine->default_ram_id, "max-cpus",
                    &max_cpus, "default", &is_default, "hotplug", &hotplug, "numa", &numa, "acpi", &acpi,
                    "deprecated", &deprecated) < 0)
        return FALSE;
    machine->max_cpus = (guint)MAX(max_cpus, 0);
    machine->is_default = is_default;
    machine->hotplug_cpus = hotplug;
    machine->numa_mem_supported = numa;
    machine->acpi = acpi;
    machine->deprecated = deprecated;
    return TRUE;
}

QemuCaps *
qemu_caps_from_json(json_t *root, GError **error)
{
    g_autoptr(QemuCaps) caps = g_new0(QemuCaps, 1);
    const char *emulator = NULL, *target = NULL;
    json_t *machines = NULL, *cpus = NULL, *devices = NULL, *item;
    int version = 0;
    gsize i;

    if (json_unpack(root, "{s:s,s:s,s:i,s:o,s:o,s:o}", "emulator", &emulator, "target", &target, "version", &version,
                    "machines", &machines, "cpus", &cpus, "devices", &devices) < 0 ||
        !json_is_array(machines) || !json_is_array(cpus) || !json_is_array(devices)) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "the stored facts about QEMU are damaged");
        return NULL;
    }
    caps->root = json_incref(root);
    caps->emulator = g_strdup(emulator);
    caps->target = target;
    caps->version = (guint)version;
    caps->machines = g_array_new(FALSE, FALSE, sizeof(QemuMachine));
    json_array_foreach(machines, i, item) {
        QemuMachine machine;

        if (!caps_load_machine(item, &machine)) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "the stored facts about QEMU's machines are damaged");
            return NULL;
        }
        g_array_append_val(caps->machines, machine);
    }
    caps->cpu_models = g_ptr_array_new();
    json_array_foreach(cpus, i, item)
        if (json_is_string(item))
            g_ptr_array_add(caps->cpu_models, (gpointer)json_string_value(item));
    caps->devices = caps_string_set(devices);
    return g_steal_pointer(&caps);
}

/* --- asking ---------------------------------------------------------------------------------------------- */

static gboolean
caps_throw_rubbish(GError **error, const char *emulator, const char *command)
{
    hv_throw(error, HV_ERR_INTERNAL_ERROR, "QEMU binary %s gave an answer to '%s' that cannot be understood", emulator,
             command);
    hv_error_set_source(error, HV_FROM_QEMU);
    return FALSE;
}

static void
caps_copy(json_t *to, const char *key, json_t *from, const char *from_key)
{
    json_t *value = json_object_get(from, from_key);

    if (value && !json_is_false(value))
        json_object_set(to, key, value);
}

/* Processors of both widths of ARM are one family in QEMU. */
static char *
caps_cpu_suffix(const char *arch)
{
    return g_strdup_printf("-%s-cpu", g_str_equal(arch, "aarch64") ? "arm" : arch);
}

/* "qemu64-x86_64-cpu" is the QOM type of the model "qemu64". */
static void
caps_set_default_cpu(json_t *to, json_t *from, const char *arch)
{
    const char *type = json_string_value(json_object_get(from, "default-cpu-type"));
    g_autofree char *suffix = caps_cpu_suffix(arch);
    g_autofree char *model = NULL;

    if (!type)
        return;
    model = g_str_has_suffix(type, suffix) ? g_strndup(type, strlen(type) - strlen(suffix)) : g_strdup(type);
    json_object_set_new(to, "cpu", json_string(model));
}

static json_t *
caps_machines(json_t *answer, const char *arch)
{
    json_t *machines = json_array();
    json_t *item;
    gsize i;

    json_array_foreach(answer, i, item) {
        json_t *machine;

        if (!json_is_string(json_object_get(item, "name")) || !json_is_integer(json_object_get(item, "cpu-max")))
            continue;
        machine = json_object();
        caps_copy(machine, "name", item, "name");
        caps_copy(machine, "alias", item, "alias");
        caps_copy(machine, "max-cpus", item, "cpu-max");
        caps_copy(machine, "default", item, "is-default");
        caps_copy(machine, "hotplug", item, "hotpluggable-cpus");
        caps_copy(machine, "numa", item, "numa-mem-supported");
        caps_copy(machine, "ram", item, "default-ram-id");
        caps_copy(machine, "acpi", item, "acpi");
        caps_copy(machine, "deprecated", item, "deprecated");
        caps_set_default_cpu(machine, item, arch);
        json_array_append_new(machines, machine);
    }
    return machines;
}

/* The names in an array of objects, without those that end in one of the two suffixes. */
static json_t *
caps_names(json_t *answer, const char *without, const char *without_too)
{
    json_t *names = json_array();
    json_t *item;
    gsize i;

    json_array_foreach(answer, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));

        if (name && !(without && g_str_has_suffix(name, without)) &&
            !(without_too && g_str_has_suffix(name, without_too)))
            json_array_append_new(names, json_string(name));
    }
    return names;
}

enum { ASK_VERSION, ASK_TARGET, ASK_MACHINES, ASK_CPUS, ASK_TYPES, ASK_LAST };

static const struct {
    const char *command;
    gboolean optional;      /* not every target has it */
    gboolean array;
} caps_questions[ASK_LAST] = {
    [ASK_VERSION] = { "query-version", FALSE, FALSE },
    [ASK_TARGET] = { "query-target", FALSE, FALSE },
    [ASK_MACHINES] = { "query-machines", FALSE, TRUE },
    [ASK_CPUS] = { "query-cpu-definitions", TRUE, TRUE },
    [ASK_TYPES] = { "qom-list-types", FALSE, TRUE },
};

static gboolean
caps_ask(QmpConn *monitor, const char *emulator, gint64 deadline, json_t **answers, GError **error)
{
    guint64 ids[ASK_LAST];

    for (int i = 0; i < ASK_LAST; i++) {
        ids[i] = qmp_send(monitor, caps_questions[i].command, NULL, error);
        if (!ids[i])
            return FALSE;
    }
    for (int i = 0; i < ASK_LAST; i++) {
        g_autoptr(GError) refused = NULL;

        answers[i] = qmp_collect(monitor, ids[i], deadline, &refused);
        if (!answers[i] && !(caps_questions[i].optional && qmp_error_class(monitor))) {
            g_propagate_error(error, g_steal_pointer(&refused));
            return FALSE;
        }
        if (answers[i] && json_is_array(answers[i]) != caps_questions[i].array)
            return caps_throw_rubbish(error, emulator, caps_questions[i].command);
    }
    return TRUE;
}

/* Each part has three digits in the number that the version becomes. */
static gboolean
version_part_is_sane(int part)
{
    return part >= 0 && part < 1000;
}

static QemuCaps *
caps_from_answers(const char *emulator, json_t **answers, GError **error)
{
    const char *target = json_string_value(json_object_get(answers[ASK_TARGET], "arch"));
    int major, minor, micro;
    g_autofree char *cpu_suffix = NULL;
    json_t *root;
    QemuCaps *caps;

    if (!target) {
        caps_throw_rubbish(error, emulator, "query-target");
        return NULL;
    }
    if (json_unpack(json_object_get(answers[ASK_VERSION], "qemu"), "{s:i,s:i,s:i}", "major", &major, "minor", &minor,
                    "micro", &micro) < 0 ||
        !version_part_is_sane(major) || !version_part_is_sane(minor) || !version_part_is_sane(micro)) {
        caps_throw_rubbish(error, emulator, "query-version");
        return NULL;
    }
    cpu_suffix = caps_cpu_suffix(target);
    root = json_pack("{s:s,s:s,s:i,s:o,s:o,s:o}", "emulator", emulator, "target", target, "version",
                     major * 1000000 + minor * 1000 + micro,
                     "machines", caps_machines(answers[ASK_MACHINES], target), "cpus",
                     caps_names(answers[ASK_CPUS], NULL, NULL), "devices",
                     caps_names(answers[ASK_TYPES], cpu_suffix, "-machine"));
    caps = qemu_caps_from_json(root, error);
    json_decref(root);
    return caps;
}

QemuCaps *
qemu_caps_probe(const char *emulator, int timeout_ms, GError **error)
{
    gint64 deadline = deadline_after(timeout_ms);
    g_autoptr(QemuProbe) probe = NULL;
    json_t *answers[ASK_LAST] = { NULL };
    QemuCaps *caps = NULL;

    if (!qemu_emulator_check(emulator, error))
        return NULL;
    probe = qemu_probe_new(emulator, "tcg", deadline, error);
    if (!probe)
        return NULL;
    if (caps_ask(qemu_probe_monitor(probe), emulator, deadline, answers, error))
        caps = caps_from_answers(emulator, answers, error);
    else if (!qmp_is_alive(qemu_probe_monitor(probe)) ||
             (error && g_error_matches(*error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT)))
        qemu_probe_explain(probe, error);
    for (int i = 0; i < ASK_LAST; i++)
        json_decref(answers[i]);
    return caps;
}

/* --- the cache ------------------------------------------------------------------------------------------- */

QemuCaps *
qemu_caps_load(const char *emulator, const char *cache_dir, GError **error)
{
    g_autoptr(FactsCache) cache = NULL;
    json_t *facts;
    QemuCaps *caps = NULL;

    if (!qemu_emulator_check(emulator, error))
        return NULL;
    cache = facts_cache_new(cache_dir, emulator, NULL, CAPS_CACHE_FORMAT);
    facts = facts_cache_read(cache);
    if (facts)
        caps = qemu_caps_from_json(facts, NULL);
    json_decref(facts);
    if (!caps) {
        gint64 began = g_get_monotonic_time();

        caps = qemu_caps_probe(emulator, QEMU_PROBE_TIMEOUT_MS, error);
        HV_DEBUG(QEMU_FACTS_MODULE, "asked %s: %s in %" G_GINT64_FORMAT " us", emulator, caps ? "done" : "failed",
                 g_get_monotonic_time() - began);
        if (caps)
            facts_cache_write(cache, caps->root);
    }
    return caps;
}

/* --- answering ------------------------------------------------------------------------------------------- */

void
qemu_caps_free(QemuCaps *caps)
{
    if (!caps)
        return;
    g_free(caps->emulator);
    g_clear_pointer(&caps->machines, g_array_unref);
    g_clear_pointer(&caps->cpu_models, g_ptr_array_unref);
    g_clear_pointer(&caps->devices, g_hash_table_unref);
    json_decref(caps->root);
    g_free(caps);
}

const char *
qemu_caps_emulator(const QemuCaps *caps)
{
    return caps->emulator;
}

const char *
qemu_caps_target(const QemuCaps *caps)
{
    return caps->target;
}

guint
qemu_caps_version(const QemuCaps *caps)
{
    return caps->version;
}

guint
qemu_caps_n_machines(const QemuCaps *caps)
{
    return caps->machines->len;
}

const QemuMachine *
qemu_caps_nth_machine(const QemuCaps *caps, guint index)
{
    return &g_array_index(caps->machines, QemuMachine, index);
}

const QemuMachine *
qemu_caps_machine(const QemuCaps *caps, const char *name)
{
    for (guint i = 0; i < caps->machines->len; i++) {
        const QemuMachine *machine = qemu_caps_nth_machine(caps, i);

        if (g_str_equal(machine->name, name) || g_strcmp0(machine->alias, name) == 0)
            return machine;
    }
    return NULL;
}

const QemuMachine *
qemu_caps_default_machine(const QemuCaps *caps)
{
    for (guint i = 0; i < caps->machines->len; i++)
        if (qemu_caps_nth_machine(caps, i)->is_default)
            return qemu_caps_nth_machine(caps, i);
    return NULL;
}

guint
qemu_caps_n_cpu_models(const QemuCaps *caps)
{
    return caps->cpu_models->len;
}

gboolean
qemu_caps_has_cpu_model(const QemuCaps *caps, const char *model)
{
    return g_ptr_array_find_with_equal_func(caps->cpu_models, model, g_str_equal, NULL);
}

gboolean
qemu_caps_has_device(const QemuCaps *caps, const char *type)
{
    /* QEMU takes this device under an alias, which is what libvirt writes, and lists it by its name. */
    return g_hash_table_contains(caps->devices, g_str_equal(type, "lsi") ? "lsi53c895a" : type);
}
