/* DomainFacts out of QEMU's capabilities. */
#include "config.h"

#include "backend/qemu/facts.h"

#include "model/arch.h"
#include "model/domain.h"
#include "util/error.h"

struct QemuFacts {
    char *cache_dir;
    char *kvm_device;
    GHashTable *loaded;     /* emulator → QemuCaps */
    GHashTable *profiles;   /* "ACCELERATOR EMULATOR" → QemuProfile */
    DomainFacts table;
};

/* NULL for an emulator that probe() has not been asked for or has refused. */
static const QemuCaps *
facts_loaded(gpointer data, const char *emulator)
{
    QemuFacts *facts = data;

    return g_hash_table_lookup(facts->loaded, emulator);
}

static const QemuMachine *
facts_machine(gpointer data, const char *emulator, const char *machine)
{
    const QemuCaps *caps = facts_loaded(data, emulator);

    return caps && machine ? qemu_caps_machine(caps, machine) : NULL;
}

static const char *
facts_host_arch(gpointer data)
{
    return qemu_host_arch();
}

static char *
facts_default_emulator(gpointer data, const char *arch, const char *virt_type, GError **error)
{
    return qemu_emulator_find(arch, error);
}

/* Whether an emulator of @target has machines of the architecture @arch: the 64-bit ones of x86 and ARM have both. */
static gboolean
facts_runs(const char *target, const char *arch)
{
    const Arch *known = arch_find(arch);

    return (known && g_str_equal(known->qemu, target)) || (g_str_equal(target, "x86_64") && g_str_equal(arch, "i686")) ||
           (g_str_equal(target, "aarch64") && g_str_equal(arch, "armv7l"));
}

static gboolean
facts_probe(gpointer data, const char *emulator, const char *arch, const char *virt_type, GError **error)
{
    QemuFacts *facts = data;
    const QemuCaps *caps = qemu_facts_caps(facts, emulator, error);
    g_autofree char *absent = NULL;

    if (!caps)
        return FALSE;
    if (!facts_runs(qemu_caps_target(caps), arch))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Emulator '%s' does not support arch '%s'", emulator, arch);
    if (g_strcmp0(virt_type, "kvm") != 0)
        return TRUE;
    /* Where there is no KVM libvirt has words for it; one that is there and does not work it does not know. */
    if (kvm_check(facts->kvm_device, facts->cache_dir, &absent) != KVM_ABSENT)
        return kvm_require(facts->kvm_device, facts->cache_dir, error);
    hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Emulator '%s' does not support virt type 'kvm'", emulator);
    hv_error_set_source(error, HV_FROM_QEMU);
    hv_error_set_hint(error, "%s; " KVM_HINT, absent);
    return FALSE;
}

static char *
facts_canonical_machine(gpointer data, const char *emulator, const char *machine)
{
    const QemuMachine *found = facts_machine(data, emulator, machine);

    return found && g_strcmp0(found->alias, machine) == 0 ? g_strdup(found->name) : NULL;
}

/* Where QEMU has no default machine. */
static const char *const default_machines[][2] = {
    { "aarch64", "integratorcp" }, { "arm", "integratorcp" }, { "riscv32", "spike" }, { "riscv64", "spike" },
};

static char *
facts_default_machine(gpointer data, const char *emulator)
{
    const QemuCaps *caps = facts_loaded(data, emulator);
    const QemuMachine *found = caps ? qemu_caps_default_machine(caps) : NULL;

    for (gsize i = 0; caps && !found && i < G_N_ELEMENTS(default_machines); i++)
        if (g_str_equal(default_machines[i][0], qemu_caps_target(caps)))
            found = qemu_caps_machine(caps, default_machines[i][1]);
    if (!found)
        return NULL;
    return g_strdup(found->alias ? found->alias : found->name);
}

static guint
facts_max_vcpus(gpointer data, const char *emulator, const char *machine)
{
    const QemuMachine *found = facts_machine(data, emulator, machine);

    return found ? found->max_cpus : 0;
}

static char *
facts_default_cpu(gpointer data, const char *emulator, const char *machine, const char *virt_type)
{
    const QemuMachine *found = facts_machine(data, emulator, machine);

    return found ? g_strdup(found->default_cpu) : NULL;
}

static gboolean
facts_has_device(gpointer data, const char *emulator, const char *device)
{
    const QemuCaps *caps = facts_loaded(data, emulator);

    return caps && qemu_caps_has_device(caps, device);
}

QemuFacts *
qemu_facts_new(const char *cache_dir, const char *kvm_device)
{
    QemuFacts *facts = g_new0(QemuFacts, 1);

    facts->cache_dir = g_strdup(cache_dir);
    facts->kvm_device = g_strdup(kvm_device ? kvm_device : KVM_DEVICE);
    facts->loaded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)qemu_caps_free);
    facts->profiles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)qemu_profile_free);
    facts->table = (DomainFacts){
        .data = facts,
        .host_arch = facts_host_arch,
        .default_emulator = facts_default_emulator,
        .probe = facts_probe,
        .canonical_machine = facts_canonical_machine,
        .default_machine = facts_default_machine,
        .max_vcpus = facts_max_vcpus,
        .default_cpu = facts_default_cpu,
        .has_device = facts_has_device,
    };
    return facts;
}

void
qemu_facts_free(QemuFacts *facts)
{
    if (!facts)
        return;
    g_hash_table_unref(facts->loaded);
    g_hash_table_unref(facts->profiles);
    g_free(facts->cache_dir);
    g_free(facts->kvm_device);
    g_free(facts);
}

gconstpointer
qemu_facts_table(QemuFacts *facts)
{
    return &facts->table;
}

const QemuCaps *
qemu_facts_caps(QemuFacts *facts, const char *emulator, GError **error)
{
    QemuCaps *caps = g_hash_table_lookup(facts->loaded, emulator);

    if (!caps) {
        caps = qemu_caps_load(emulator, facts->cache_dir, error);
        if (caps)
            g_hash_table_insert(facts->loaded, g_strdup(emulator), caps);
    }
    return caps;
}

const QemuProfile *
qemu_facts_profile(QemuFacts *facts, const char *emulator, const char *accel, GError **error)
{
    g_autofree char *key = g_strconcat(accel, " ", emulator, NULL);
    QemuProfile *profile = g_hash_table_lookup(facts->profiles, key);

    if (!profile) {
        profile = qemu_profile_load(emulator, accel, facts->cache_dir, error);
        if (profile)
            g_hash_table_insert(facts->profiles, g_steal_pointer(&key), profile);
    }
    return profile;
}

KvmState
qemu_facts_kvm(QemuFacts *facts, char **detail)
{
    return kvm_check(facts->kvm_device, facts->cache_dir, detail);
}
