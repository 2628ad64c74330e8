/* -cpu: model, features, and what <features> and <clock> say about the processor. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "backend/qemu/profile.h"
#include "model/arch.h"
#include "util/error.h"

/* What libvirt's description of a model has and QEMU's has not. */
static const struct {
    const char *model;
    const char *feature;
} cpu_model_lacks[] = {
    { "EPYC", "monitor" }, { "EPYC-IBPB", "monitor" }, { "Dhyana", "monitor" }, { "Opteron_G3", "monitor" },
    { "Icelake-Server", "intel-pt" }, { "Icelake-Server-noTSX", "intel-pt" },
};

/* QEMU's property for the feature @name; "" for one that is none of QEMU's to give, NULL for one that nobody knows. */
static const char *
cpu_feature_property(const ArgvBuilder *b, const char *name)
{
    int index = b->x86 ? cpu_feature_find(name) : -1;

    if (!b->x86)
        return name;
    if (index < 0 || !g_str_equal(cpu_feature((guint)index)->name, name))
        return NULL;
    return cpu_feature((guint)index)->qemu ? cpu_feature((guint)index)->qemu : "";
}

static void
cpu_append_property(GString *options, const char *property, gboolean on)
{
    g_autofree char *spelled = g_strdelimit(g_strdup(property), "_", '-');

    g_string_append_printf(options, ",%s=%s", spelled, on ? "on" : "off");
}

/* What the accelerator can give at most, asked of the binary. */
static QemuProfile *
cpu_profile(const ArgvBuilder *b, GError **error)
{
    return qemu_profile_load(qemu_caps_emulator(b->caps), b->kvm ? "kvm" : "tcg", b->host->cache_dir, error);
}

/* An optional feature is there when the accelerator has it. */
static gboolean
cpu_resolve_optional(const ArgvBuilder *b, const char *name, gboolean *on, GError **error)
{
    g_autoptr(QemuProfile) profile = cpu_profile(b, error);
    const QemuCpuModel *best;
    int index = cpu_feature_find(name);

    if (!profile)
        return FALSE;
    best = qemu_profile_best(profile);
    *on = best && index >= 0 && feature_set_has(&best->features, (guint)index);
    return TRUE;
}

static gboolean
cpu_append_features(const ArgvBuilder *b, GString *options, GError **error)
{
    const xmlNode *cpu = node_child(b->domain, "cpu");
    gboolean custom = !node_attr(cpu, "mode") || node_attr_is(cpu, "mode", "custom");
    const char *model = node_child_text(cpu, "model");

    for (gsize i = 0; custom && model && i < G_N_ELEMENTS(cpu_model_lacks); i++) {
        gboolean given = FALSE;

        NODE_FOREACH(feature, cpu, "feature")
            given = given || node_attr_is(feature, "name", cpu_model_lacks[i].feature);
        if (!given && g_str_equal(cpu_model_lacks[i].model, model))
            cpu_append_property(options, cpu_model_lacks[i].feature, FALSE);
    }
    NODE_FOREACH(feature, cpu, "feature") {
        const char *policy = node_attr(feature, "policy"), *name = node_attr(feature, "name");
        const char *property = cpu_feature_property(b, name);
        gboolean on = g_strcmp0(policy, "disable") != 0 && g_strcmp0(policy, "forbid") != 0;

        if (!property)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown CPU feature: %s", name);
        if (g_strcmp0(policy, "optional") == 0) {
            if (!custom)
                continue;
            if (b->x86 && !cpu_resolve_optional(b, name, &on, error))
                return FALSE;
        }
        if (*property)
            cpu_append_property(options, property, on);
    }
    return TRUE;
}

static void
cpu_append_timers(ArgvBuilder *b, GString *options)
{
    NODE_FOREACH(timer, node_child(b->domain, "clock"), "timer") {
        const char *name = node_attr(timer, "name");
        gboolean present = node_attr_yes(timer, "present", TRUE);

        if (!b->x86 || !name)
            continue;
        if (g_str_equal(name, "kvmclock") && node_attr(timer, "present"))
            g_string_append_printf(options, ",kvmclock=%s", present ? "on" : "off");
        else if (g_str_equal(name, "hypervclock") && node_attr_yes(timer, "present", FALSE))
            g_string_append(options, ",hv-time=on");
        else if (g_str_equal(name, "tsc") && node_attr_uint(timer, "frequency", 0))
            g_string_append_printf(options, ",tsc-frequency=%" G_GUINT64_FORMAT, node_attr_uint(timer, "frequency", 0));
    }
}

/* Names in the XML and the suffix of QEMU's hv-… */
static const char *const hyperv_features[][2] = {
    { "relaxed", "relaxed" }, { "vapic", "vapic" }, { "vpindex", "vpindex" }, { "runtime", "runtime" },
    { "synic", "synic" }, { "reset", "reset" }, { "frequencies", "frequencies" },
    { "reenlightenment", "reenlightenment" }, { "tlbflush", "tlbflush" }, { "ipi", "ipi" }, { "evmcs", "evmcs" },
    { "avic", "avic" },
};

static void
cpu_append_hyperv(const ArgvBuilder *b, const xmlNode *hyperv, GString *options)
{
    /* The register that Windows reports its crashes in. */
    NODE_FOREACH(panic, b->devices, "panic")
        if (node_attr_is(panic, "model", "hyperv"))
            g_string_append(options, ",hv-crash=on");
    if (!hyperv)
        return;
    if (node_attr_is(hyperv, "mode", "passthrough"))
        g_string_append(options, ",hv-passthrough=on");
    for (gsize i = 0; i < G_N_ELEMENTS(hyperv_features); i++)
        if (node_attr_yes(node_child(hyperv, hyperv_features[i][0]), "state", FALSE))
            g_string_append_printf(options, ",hv-%s=on", hyperv_features[i][1]);
    if (node_attr_yes(node_child(hyperv, "spinlocks"), "state", FALSE))
        g_string_append_printf(options, ",hv-spinlocks=0x%" G_GINT64_MODIFIER "x",
                               node_attr_uint(node_child(hyperv, "spinlocks"), "retries", 0));
    if (node_attr_yes(node_child(hyperv, "stimer"), "state", FALSE)) {
        g_string_append(options, ",hv-stimer=on");
        if (node_attr_yes(node_child(node_child(hyperv, "stimer"), "direct"), "state", FALSE))
            g_string_append(options, ",hv-stimer-direct=on");
    }
    if (node_attr_yes(node_child(hyperv, "vendor_id"), "state", FALSE))
        argv_append(options, "hv-vendor-id", node_child_attr(hyperv, "vendor_id", "value"));
}

static void
cpu_append_kvm(const xmlNode *features, GString *options)
{
    const xmlNode *kvm = node_child(features, "kvm");

    if (node_attr_yes(node_child(kvm, "hidden"), "state", FALSE))
        g_string_append(options, ",kvm=off");
    if (node_attr_yes(node_child(kvm, "hint-dedicated"), "state", FALSE))
        g_string_append(options, ",kvm-hint-dedicated=on");
    if (node_attr_yes(node_child(kvm, "poll-control"), "state", FALSE))
        g_string_append(options, ",kvm-poll-control=on");
    if (!node_attr_yes(node_child(kvm, "pv-ipi"), "state", TRUE))
        g_string_append(options, ",kvm-pv-ipi=off");
    argv_append_switch(options, "kvm-pv-unhalt", node_child_attr(features, "pvspinlock", "state"));
    argv_append_switch(options, "pmu", node_child_attr(features, "pmu", "state"));
    argv_append_switch(options, "kvm-pv-eoi", node_child_attr(features, "apic", "eoi"));
}

static void
cpu_append_cache(const xmlNode *cpu, GString *options)
{
    const xmlNode *cache = node_child(cpu, "cache");
    const xmlNode *bits = node_child(cpu, "maxphysaddr");

    if (node_attr_is(cache, "mode", "emulate"))
        g_string_append(options, ",l3-cache=on");
    else if (node_attr_is(cache, "mode", "passthrough"))
        g_string_append(options, ",host-cache-info=on,l3-cache=off");
    else if (node_attr_is(cache, "mode", "disable"))
        g_string_append(options, ",l3-cache=off");
    /* A processor with all of the host's features would have its caches too. */
    if (cache && !node_attr_is(cache, "mode", "passthrough") &&
        (node_attr_is(cpu, "mode", "maximum") || node_attr_is(cpu, "mode", "host-passthrough")))
        g_string_append(options, ",host-cache-info=off");
    if (node_attr_is(bits, "mode", "emulate") && node_attr(bits, "bits"))
        argv_append(options, "phys-bits", node_attr(bits, "bits"));
    else if (node_attr_is(bits, "mode", "passthrough"))
        g_string_append(options, ",host-phys-bits=on");
}

/* What is a type of processor for QEMU, and a mode or nothing for libvirt. */
static const char *const cpu_no_models[] = { "base", "host", "max", NULL };

static gboolean
cpu_check_model(const ArgvBuilder *b, const char *model, GError **error)
{
    const xmlNode *node = node_path(b->domain, "cpu/model");

    if (!qemu_caps_n_cpu_models(b->caps) ||
        (qemu_caps_has_cpu_model(b->caps, model) && !g_strv_contains(cpu_no_models, model)))
        return TRUE;
    if (!b->x86)
        return hv_throw_plain(error, HV_ERR_NO_SUPPORT, "this function is not supported by the connection driver: cannot translate "
                              "CPU model %s to a supported model", model);
    if (node_attr_is(node, "fallback", "forbid"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "CPU model %s is not supported by hypervisor", model);
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unknown CPU model %s", model);
}

/* Where the processor is to be checked, its maker is, too. */
static gboolean
cpu_check_vendor(const ArgvBuilder *b, GError **error)
{
    const xmlNode *cpu = node_child(b->domain, "cpu");
    const char *vendor = node_child_text(cpu, "vendor");
    g_autoptr(QemuProfile) profile = NULL;
    const QemuCpuModel *best;

    if (!vendor || !b->x86 || !(node_attr_is(cpu, "check", "partial") || node_attr_is(cpu, "check", "full")))
        return TRUE;
    profile = cpu_profile(b, error);
    if (!profile)
        return FALSE;
    best = qemu_profile_best(profile);
    if (best && best->vendor && !g_str_equal(best->vendor, vendor))
        return hv_throw(error, HV_ERR_CPU_INCOMPATIBLE, "host CPU vendor does not match required CPU vendor %s", vendor);
    return TRUE;
}

char *
argv_cpu_model(ArgvBuilder *b, GError **error)
{
    const xmlNode *cpu = node_child(b->domain, "cpu");
    const char *mode = node_attr(cpu, "mode");
    const char *model = node_child_text(cpu, "model");
    const char *text;
    gboolean passthrough = g_strcmp0(mode, "host-passthrough") == 0, host_model = g_strcmp0(mode, "host-model") == 0;

    /* The host's processor is none of the guest's where it is emulated, or of another architecture. */
    if ((passthrough && !b->kvm) || (host_model && !arch_runs(arch_host(), b->arch))) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "CPU mode '%s' for %s %s domain on %s host is not supported by hypervisor", mode,
                 b->arch, b->kvm ? "kvm" : "qemu", arch_host());
        return NULL;
    }
    if (passthrough)
        return g_strdup("host");
    if (g_strcmp0(mode, "maximum") == 0)
        return g_strdup("max");
    /* TCG has no processor of the host's to model: all it can do comes nearest. */
    if (host_model)
        return g_strdup(b->kvm ? "host" : "max");
    text = model && *model ? model : b->machine->default_cpu;
    if (text && !cpu_check_model(b, text, error))
        return NULL;
    return g_strdup(text ? text : "");
}

gboolean
argv_add_cpu(ArgvBuilder *b, GError **error)
{
    const xmlNode *cpu = node_child(b->domain, "cpu");
    const xmlNode *features = node_child(b->domain, "features");
    g_autofree char *model = argv_cpu_model(b, error);
    g_autoptr(GString) options = g_string_new(NULL);

    if (!model)
        return FALSE;
    argv_append_switch(options, "migratable", node_attr(cpu, "migratable"));
    argv_append(options, "vendor", node_child_attr(cpu, "model", "vendor_id"));
    if (!cpu_append_features(b, options, error) || !cpu_check_vendor(b, error))
        return FALSE;
    cpu_append_timers(b, options);
    cpu_append_kvm(features, options);
    cpu_append_hyperv(b, node_child(features, "hyperv"), options);
    cpu_append_cache(cpu, options);
    if (*model)
        argv_addf(b, "-cpu", "%s%s", model, options->str);
    return TRUE;
}
