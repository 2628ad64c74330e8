/* The operations that tell what a host and its emulators can do. */
#include "config.h"

#include "backend/embedded/capabilities/capabilities.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "model/arch.h"
#include "util/error.h"

/* libvirt's limit on the CPUs of one call. */
#define CPUS_MAX 256
#define COMPARE_FLAGS (COMPARE_CPU_FAIL_INCOMPATIBLE | COMPARE_CPU_VALIDATE_XML)
#define BASELINE_FLAGS (BASELINE_CPU_EXPAND_FEATURES | BASELINE_CPU_MIGRATABLE)
#define DOMCAPS_FLAGS (DOMCAPS_DISABLE_DEPRECATED | DOMCAPS_EXPAND_FEATURES | DOMCAPS_SUPPORTED_FEATURES)

static Capable
capable_of(const Call *call)
{
    DriverState *state = call->data;

    return (Capable){ .host = state->host, .qemu = state->qemu, .uuid_folder = state->uuid_folder };
}

gboolean
embedded_connect_get_capabilities(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error)
{
    Capable capable = capable_of(call);

    ((connect_get_capabilities_result *)result)->capabilities = capabilities_document(&capable, error);
    return ((connect_get_capabilities_result *)result)->capabilities != NULL;
}

gboolean
embedded_connect_get_domain_capabilities(const Call *call, const void *args, void *result, GError **error)
{
    const connect_get_domain_capabilities_args *in = args;
    connect_get_domain_capabilities_result *out = result;
    Capable capable = capable_of(call);
    CapableTarget target;

    if (!domain_check_flags(in->flags, DOMCAPS_FLAGS, "qemuConnectGetDomainCapabilities", error) ||
        !capable_target(&capable, in->emulatorbin, in->arch, in->machine, in->virttype, &target, error))
        return FALSE;
    out->capabilities = domain_capabilities_document(&target, capable.host, in->flags);
    return TRUE;
}

gboolean
embedded_connect_get_storage_pool_capabilities(const Call *call G_GNUC_UNUSED, const void *args, void *result, GError **error)
{
    const connect_get_storage_pool_capabilities_args *in = args;

    if (!domain_check_flags(in->flags, 0, "storageConnectGetStoragePoolCapabilities", error))
        return FALSE;
    ((connect_get_storage_pool_capabilities_result *)result)->capabilities = pool_capabilities_document();
    return TRUE;
}

/* --- CPUs of guests -------------------------------------------------------------------------------------------- */

/* What libvirt's driver itself puts as a limit for emulated guests; under KVM the machine of the emulator does. */
#define QEMU_VCPUS_MAX 255

gboolean
embedded_connect_get_max_vcpus(const Call *call, const void *args, void *result, GError **error)
{
    const char *type = ((const connect_get_max_vcpus_args *)args)->type;
    connect_get_max_vcpus_result *out = result;
    Capable capable = capable_of(call);
    g_autofree char *detail = NULL;
    CapableTarget target;

    if (type && g_ascii_strcasecmp(type, "kvm") != 0 && g_ascii_strcasecmp(type, "qemu") != 0)
        return hv_throw(error, HV_ERR_INVALID_ARG, "unknown type '%s'", type);
    if (type && g_ascii_strcasecmp(type, "kvm") == 0) {
        KvmState state = qemu_facts_kvm(capable.qemu, &detail);

        if (state == KVM_ABSENT)
            return hv_throw_errno(error, ENOENT, "Unable to open " KVM_DEVICE);
        if (state != KVM_USABLE)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "%s", detail);
        if (!capable_target(&capable, NULL, NULL, NULL, "kvm", &target, error))
            return FALSE;
        out->max_vcpus = (gint32)target.machine->max_cpus;
        return TRUE;
    }
    out->max_vcpus = QEMU_VCPUS_MAX;
    return TRUE;
}

gboolean
cpu_model_names_answer(const connect_get_cpu_model_names_args *in, const QemuProfile *profile,
                       connect_get_cpu_model_names_result *out, GError **error)
{
    g_autoptr(GPtrArray) names = NULL;

    if (!arch_find(in->arch))
        return hv_throw(error, HV_ERR_INVALID_ARG, "cannot find architecture %s", in->arch);
    names = cpu_model_names(profile, in->arch, error);
    if (!names)
        return FALSE;
    out->ret = (gint32)names->len;
    if (!in->need_results || names->len == 0)
        return TRUE;
    g_ptr_array_add(names, NULL);
    out->models.len = (guint32)out->ret;
    out->models.items = g_strdupv((char **)names->pdata);
    return TRUE;
}

gboolean
embedded_connect_get_cpu_model_names(const Call *call, const void *args, void *result, GError **error)
{
    const connect_get_cpu_model_names_args *in = args;
    Capable capable = capable_of(call);
    g_autofree char *emulator = NULL;
    const QemuProfile *profile = NULL;

    if (!domain_check_flags(in->flags, 0, "qemuConnectGetCPUModelNames", error))
        return FALSE;
    emulator = capable_emulator(in->arch);
    if (emulator) {
        profile = qemu_facts_profile(capable.qemu, emulator, "tcg", error);
        if (!profile)
            return FALSE;
    }
    return cpu_model_names_answer(in, profile, result, error);
}

/* --- comparing and combining CPUs ------------------------------------------------------------------------------ */

/* An incompatible CPU is an answer, or an error for whoever asked for one. */
static gboolean
compare(const QemuProfile *profile, const CpuOffer *offer, const char *xml, unsigned flags, gint32 *answer, GError **error)
{
    g_autoptr(CpuDescription) wanted = cpu_description_parse(xml, CPU_AUTO, (flags & COMPARE_CPU_VALIDATE_XML) != 0,
                                                                   error);
    g_autofree char *reason = NULL;
    int result = CPU_INCOMPATIBLE;

    if (!wanted || !cpu_compare(profile, offer, wanted, &result, &reason, error))
        return FALSE;
    if (result == CPU_INCOMPATIBLE && (flags & COMPARE_CPU_FAIL_INCOMPATIBLE)) {
        hv_throw(error, HV_ERR_CPU_INCOMPATIBLE, "%s", reason);
        hv_error_set_source(error, HV_FROM_CPU);
        return FALSE;
    }
    *answer = result;
    return TRUE;
}

static gboolean
throw_no_models(GError **error, const char *arch)
{
    return hv_throw(error, HV_ERR_NO_SUPPORT, "cannot compare CPUs of %s architecture: there is no emulator to ask about them",
                    arch);
}

gboolean
embedded_connect_compare_cpu(const Call *call, const void *args, void *result, GError **error)
{
    const connect_compare_cpu_args *in = args;
    connect_compare_cpu_result *out = result;
    Capable capable = capable_of(call);
    g_auto(HostCpuOffer) host = { 0 };
    CpuOffer offer;

    if (!domain_check_flags(in->flags, COMPARE_FLAGS, "qemuConnectCompareCPU", error) ||
        !host_cpu_offer_read(&capable, &host, error))
        return FALSE;
    if (!host.profile)
        return throw_no_models(error, host.arch);
    offer = host_cpu_offer_to(&host);
    return compare(host.profile, &offer, in->xml, in->flags, &out->result, error);
}

gboolean
embedded_connect_compare_hypervisor_cpu(const Call *call, const void *args, void *result, GError **error)
{
    const connect_compare_hypervisor_cpu_args *in = args;
    connect_compare_hypervisor_cpu_result *out = result;
    Capable capable = capable_of(call);
    const QemuCpuModel *best;
    CapableTarget target;
    CpuOffer offer;

    if (!domain_check_flags(in->flags, COMPARE_FLAGS, "qemuConnectCompareHypervisorCPU",
                            error) ||
        !capable_target(&capable, in->emulator, in->arch, in->machine, in->virttype, &target, error))
        return FALSE;
    best = qemu_profile_best(target.profile);
    if (!best)
        return hv_throw(error, HV_ERR_OPERATION_UNSUPPORTED, "QEMU '%s' does not support reporting CPU model for virttype '%s'",
                        qemu_caps_emulator(target.caps), target.kvm ? "kvm" : "qemu");
    offer = (CpuOffer){ .arch = target.arch, .vendor = best->vendor, .model = best->name, .features = best->features };
    return compare(target.profile, &offer, in->xml_cpu, in->flags, &out->result, error);
}

/* The descriptions in @xml_cpus; NULL with an error when one is none, or has no model. */
static GPtrArray *
parse_cpus(const StringList *xml_cpus, CpuKind kind, GError **error)
{
    g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)cpu_description_free);

    if (xml_cpus->len == 0) {
        hv_throw(error, HV_ERR_INVALID_ARG, "no CPUs given");
        return NULL;
    }
    if (xml_cpus->len > CPUS_MAX) {
        hv_throw(error, HV_ERR_RPC, "too many CPUs: %u > %d", xml_cpus->len, CPUS_MAX);
        return NULL;
    }
    for (guint32 i = 0; i < xml_cpus->len; i++) {
        CpuDescription *cpu = cpu_description_parse(xml_cpus->items[i], kind, FALSE, error);

        if (!cpu)
            return NULL;
        g_ptr_array_add(cpus, cpu);
        if (cpu->model)
            continue;
        hv_throw(error, HV_ERR_INVALID_ARG, "no CPU model specified at index %u", i);
        return NULL;
    }
    return g_steal_pointer(&cpus);
}

gboolean
host_cpu_baseline(QemuFacts *facts, const connect_baseline_cpu_args *in, CpuBaselineKind kind,
                  connect_baseline_cpu_result *out, GError **error)
{
    g_autoptr(GPtrArray) cpus = parse_cpus(&in->xml_cpus, CPU_HOST, error);
    const QemuProfile *profile = NULL;
    g_autofree char *emulator = NULL;
    const char *arch;

    if (!cpus)
        return FALSE;
    arch = ((CpuDescription *)g_ptr_array_index(cpus, 0))->arch;
    emulator = capable_emulator(arch);
    if (emulator) {
        profile = qemu_facts_profile(facts, emulator, "tcg", error);
        if (!profile)
            return FALSE;
    }
    if (!profile && arch_is_x86(arch))
        return throw_no_models(error, arch);
    out->cpu = cpu_baseline(profile, arch, cpus, kind, in->flags, error);
    return out->cpu != NULL;
}

gboolean
embedded_connect_baseline_cpu(const Call *call, const void *args, void *result, GError **error)
{
    const connect_baseline_cpu_args *in = args;
    DriverState *state = call->data;

    return domain_check_flags(in->flags, BASELINE_FLAGS, "qemuConnectBaselineCPU", error) &&
           host_cpu_baseline(state->qemu, in, CPU_BASELINE_FOR_QEMU, result, error);
}

gboolean
embedded_connect_baseline_hypervisor_cpu(const Call *call, const void *args, void *result, GError **error)
{
    const connect_baseline_hypervisor_cpu_args *in = args;
    connect_baseline_hypervisor_cpu_result *out = result;
    Capable capable = capable_of(call);
    g_autoptr(GPtrArray) cpus = NULL;
    CapableTarget target;

    if (!domain_check_flags(in->flags, BASELINE_FLAGS | BASELINE_CPU_IGNORE_HOST,
                            "qemuConnectBaselineHypervisorCPU", error))
        return FALSE;
    cpus = parse_cpus(&in->xml_cpus, CPU_AUTO, error);
    if (!cpus || !capable_target(&capable, in->emulator, in->arch, in->machine, in->virttype, &target, error))
        return FALSE;
    out->cpu = cpu_baseline(target.profile, target.arch, cpus, CPU_BASELINE_FOR_HYPERVISOR, in->flags, error);
    return out->cpu != NULL;
}

/* --- memory encryption, security ------------------------------------------------------------------------------- */

gboolean
embedded_node_get_sev_info(const Call *call, const void *args, void *result, GError **error)
{
    const node_get_sev_info_args *in = args;
    node_get_sev_info_result *out = result;
    Capable capable = capable_of(call);
    const QemuSev *sev = NULL;
    CapableTarget target;

    if (!domain_check_flags(in->flags, 0, "qemuNodeGetSEVInfo", error))
        return FALSE;
    if (capable_target(&capable, NULL, NULL, NULL, NULL, &target, NULL) && target.kvm)
        sev = qemu_profile_sev(target.profile);
    if (!sev || !sev->supported)
        return hv_throw(error, HV_ERR_OPERATION_UNSUPPORTED, "QEMU does not support SEV guest");
    typed_param_list_add_string(&out->params, "pdh", sev->pdh);
    typed_param_list_add_string(&out->params, "cert-chain", sev->cert_chain);
    if (sev->cpu0_id)
        typed_param_list_add_string(&out->params, "cpu0-id", sev->cpu0_id);
    typed_param_list_add_uint(&out->params, "cbitpos", (guint32)sev->cbitpos);
    typed_param_list_add_uint(&out->params, "reduced-phys-bits", (guint32)sev->reduced_phys_bits);
    out->nparams = (gint32)out->params.len;
    if (in->nparams == 0)
        typed_param_list_clear(&out->params);
    return TRUE;
}

gboolean
embedded_node_get_security_model(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error G_GNUC_UNUSED)
{
    node_get_security_model_result *out = result;
    DriverState *state = call->data;
    const char *model = security_model(state->host);

    out->model = g_strdup(model ? model : "none");
    out->doi = g_strdup(SECURITY_DOI);
    return TRUE;
}

/* --- the connection -------------------------------------------------------------------------------------------- */

/* The backend is this very process: it is there, nobody can listen in, and nothing needs to be encrypted. */
gboolean
embedded_connect_is_alive(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                          GError **error G_GNUC_UNUSED)
{
    ((connect_is_alive_result *)result)->alive = 1;
    return TRUE;
}

gboolean
embedded_connect_is_secure(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                           GError **error G_GNUC_UNUSED)
{
    ((connect_is_secure_result *)result)->secure = 1;
    return TRUE;
}

gboolean
embedded_connect_is_encrypted(const Call *call G_GNUC_UNUSED, const void *args G_GNUC_UNUSED, void *result,
                              GError **error G_GNUC_UNUSED)
{
    ((connect_is_encrypted_result *)result)->encrypted = 0;
    return TRUE;
}
