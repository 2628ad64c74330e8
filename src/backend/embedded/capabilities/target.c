/* Which emulator, machine and accelerator a question about capabilities means. */
#include "config.h"

#include "backend/embedded/capabilities/capabilities.h"
#include "host/cpu.h"
#include "model/arch.h"
#include "model/domain.h"
#include "util/error.h"

/* libvirt's types of virtualisation, of which QEMU serves two. */
static const char *const virt_types[] = {
    "qemu", "kqemu", "kvm", "xen", "lxc", "uml", "openvz", "test", "vmware", "hyperv", "vbox", "phyp", "parallels", "bhyve",
    "vz", "hvf", NULL,
};

char *
capable_emulator(const char *arch)
{
    return qemu_emulator_find(arch, NULL);
}

gboolean
capable_kvm(const Capable *capable, const char *arch)
{
    g_autofree char *host = host_arch(capable->host);

    return arch_runs(host, arch) && qemu_facts_kvm(capable->qemu, NULL) == KVM_USABLE;
}

/* libvirt's name for what an emulator emulates. Where it has several the first in the list, but for arm: that is armv7l. */
static const char *
arch_of(const QemuCaps *caps)
{
    for (guint i = 0; i < arch_count(); i++)
        if (g_str_equal(arch_nth(i)->qemu, qemu_caps_target(caps)) && !g_str_equal(arch_nth(i)->name, "armv6l"))
            return arch_nth(i)->name;
    return qemu_caps_target(caps);
}

static gboolean
emulates(const QemuCaps *caps, const char *arch)
{
    return g_str_equal(arch_find(arch)->qemu, qemu_caps_target(caps)) || arch_runs(qemu_caps_target(caps), arch);
}

static gboolean
find_emulator(const Capable *capable, const char *wanted, const char *arch, CapableTarget *target, GError **error)
{
    g_autofree char *found = NULL;
    g_autofree char *host = host_arch(capable->host);

    if (arch && !arch_find(arch))
        return hv_throw(error, HV_ERR_INVALID_ARG, "unknown architecture: %s", arch);
    if (!wanted) {
        found = capable_emulator(arch ? arch : host);
        if (!found)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unable to find any emulator to serve '%s' architecture",
                            arch ? arch : host);
    }
    target->caps = qemu_facts_caps(capable->qemu, wanted ? wanted : found, error);
    if (!target->caps)
        return FALSE;
    if (arch && !emulates(target->caps, arch))
        return hv_throw(error, HV_ERR_INVALID_ARG, "Emulator '%s' does not support arch '%s'",
                        qemu_caps_emulator(target->caps), arch);
    target->arch = arch ? arch_find(arch)->name : arch_of(target->caps);
    return TRUE;
}

static gboolean
find_accelerator(const Capable *capable, const char *virt_type, CapableTarget *target, GError **error)
{
    target->kvm_possible = capable_kvm(capable, target->arch);
    target->kvm = virt_type ? g_str_equal(virt_type, "kvm") : target->kvm_possible;
    if ((target->kvm && !target->kvm_possible) || (virt_type && !target->kvm && !g_str_equal(virt_type, "qemu")))
        return hv_throw(error, HV_ERR_INVALID_ARG, "the accel '%s' is not supported by '%s' on this host",
                        target->kvm ? "kvm" : "tcg", qemu_caps_emulator(target->caps));
    target->profile = qemu_facts_profile(capable->qemu, qemu_caps_emulator(target->caps), target->kvm ? "kvm" : "tcg", error);
    return target->profile != NULL;
}

static gboolean
find_machine(const Capable *capable, const char *machine, CapableTarget *target, GError **error)
{
    const DomainFacts *facts = qemu_facts_table(capable->qemu);
    const char *emulator = qemu_caps_emulator(target->caps);
    g_autofree char *usual = machine ? NULL : facts->default_machine(facts->data, emulator);
    const char *name = machine ? machine : usual;

    if (name && !g_str_equal(name, "none"))
        target->machine = qemu_caps_machine(target->caps, name);
    for (guint i = 0; !name && !target->machine && i < qemu_caps_n_machines(target->caps); i++)
        if (!g_str_equal(qemu_caps_nth_machine(target->caps, i)->name, "none"))
            target->machine = qemu_caps_nth_machine(target->caps, i);
    return target->machine || hv_throw(error, HV_ERR_INVALID_ARG, "the machine '%s' is not supported by emulator '%s'",
                                       name ? name : "", emulator);
}

gboolean
capable_target(const Capable *capable, const char *emulator, const char *arch, const char *machine, const char *virt_type,
               CapableTarget *target, GError **error)
{
    *target = (CapableTarget){ 0 };
    if (virt_type && !g_strv_contains(virt_types, virt_type))
        return hv_throw(error, HV_ERR_INVALID_ARG, "unknown virttype: %s", virt_type);
    return find_emulator(capable, emulator, arch, target, error) &&
           find_accelerator(capable, virt_type, target, error) && find_machine(capable, machine, target, error);
}

gboolean
capable_host_model(const CapableTarget *target, CpuDecoded *cpu)
{
    const QemuCpuModel *best = qemu_profile_best(target->profile);

    if (!best || !arch_is_x86(target->arch))
        return FALSE;
    *cpu = cpu_decode(target->profile, &(CpuToDecode){ .features = best->features, .vendor = best->vendor,
                                                       .family = best->family, .number = best->model });
    return cpu->model != NULL;
}
