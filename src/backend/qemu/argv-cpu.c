/* -cpu: model, features, and what <features> and <clock> say about the processor. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

/* libvirt's names of features that QEMU calls otherwise, apart from - for _. */
static const char *const cpu_feature_names[][2] = {
    { "pclmuldq", "pclmulqdq" },
};

static void
cpu_append_feature(GString *options, const char *name, gboolean on)
{
    g_autofree char *spelled = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(cpu_feature_names); i++)
        if (g_str_equal(cpu_feature_names[i][0], name))
            name = cpu_feature_names[i][1];
    spelled = g_strdelimit(g_strdup(name), "_", '-');
    g_string_append_printf(options, ",%s=%s", spelled, on ? "on" : "off");
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
        else if (g_str_equal(name, "hypervclock") && present)
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
    if (node_attr_is(bits, "mode", "emulate") && node_attr(bits, "bits"))
        argv_append(options, "phys-bits", node_attr(bits, "bits"));
    else if (node_attr_is(bits, "mode", "passthrough"))
        g_string_append(options, ",host-phys-bits=on");
}

char *
argv_cpu_model(ArgvBuilder *b, GError **error)
{
    const xmlNode *cpu = node_child(b->domain, "cpu");
    const char *mode = node_attr(cpu, "mode");
    const char *model = node_child_text(cpu, "model");
    const char *text;

    if (g_strcmp0(mode, "host-passthrough") == 0 && !b->kvm) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                 "CPU mode 'host-passthrough' for %s qemu domain on %s host is not supported by hypervisor", b->arch,
                 qemu_host_arch());
        return NULL;
    }
    if (g_strcmp0(mode, "host-passthrough") == 0)
        return g_strdup("host");
    if (g_strcmp0(mode, "maximum") == 0)
        return g_strdup("max");
    /* TCG has no processor of the host's to model: all it can do comes nearest. */
    if (g_strcmp0(mode, "host-model") == 0)
        return g_strdup(b->kvm ? "host" : "max");
    text = model && *model ? model : b->machine->default_cpu;
    if (text && qemu_caps_n_cpu_models(b->caps) && !qemu_caps_has_cpu_model(b->caps, text)) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown CPU model: %s", text);
        return NULL;
    }
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
    NODE_FOREACH(feature, cpu, "feature") {
        const char *policy = node_attr(feature, "policy");

        if (node_attr(feature, "name"))
            cpu_append_feature(options, node_attr(feature, "name"),
                               g_strcmp0(policy, "disable") != 0 && g_strcmp0(policy, "forbid") != 0);
    }
    cpu_append_timers(b, options);
    cpu_append_kvm(features, options);
    cpu_append_hyperv(b, node_child(features, "hyperv"), options);
    cpu_append_cache(cpu, options);
    if (*model)
        argv_addf(b, "-cpu", "%s%s", model, options->str);
    return TRUE;
}
