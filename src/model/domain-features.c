/* <features>, and what is said elsewhere about the same parts of the machine: sleep states, the generation id. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Entries of KVM's ring of dirty pages, a power of two. */
#define DIRTY_RING_MIN 1024
#define DIRTY_RING_MAX 65536
/* Fewer tries of a spin lock than this make no sense to Hyper-V. */
#define SPINLOCK_RETRIES_MIN 4095

static gboolean
normalise_spinlocks(xmlNode *spinlocks, GError **error)
{
    const char *retries = node_attr(spinlocks, "retries");
    guint64 value;

    if (!node_attr_is(spinlocks, "state", "on")) {
        if (spinlocks)
            node_set_attr(spinlocks, "retries", NULL);
        return TRUE;
    }
    if (!retries)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'retries' in element 'spinlocks'") ||
               node_expect(spinlocks, error, "a non-negative integer as 'retries'");
    if (!uint_parse_any(retries, 0, G_MAXUINT, &value))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute 'retries' in element 'spinlocks': '%s'. Expected "
                        "non-negative integer value", retries) ||
               node_expect(spinlocks, error, "a non-negative integer as 'retries'");
    if (value < SPINLOCK_RETRIES_MIN)
        return node_throw(spinlocks, error, HV_ERR_XML_ERROR, "HyperV spinlock retry count must be at least %d",
                          SPINLOCK_RETRIES_MIN);
    node_set_attrf(spinlocks, "retries", "%" G_GUINT64_FORMAT, value);
    return TRUE;
}

static gboolean
normalise_hyperv(xmlNode *hyperv, GError **error)
{
    xmlNode *vendor = node_child(hyperv, "vendor_id"), *stimer = node_child(hyperv, "stimer");
    xmlNode *direct = node_child(stimer, "direct");
    const char *value = node_attr(vendor, "value");

    if (!normalise_spinlocks(node_child(hyperv, "spinlocks"), error))
        return FALSE;
    if (node_attr_is(vendor, "state", "on")) {
        if (!value)
            return node_throw(hyperv, error, HV_ERR_XML_ERROR, "missing 'value' attribute for HyperV feature 'vendor_id'");
        if (strlen(value) > 12)
            return node_throw(hyperv, error, HV_ERR_XML_ERROR, "HyperV vendor_id value must not be more than 12 characters.");
        if (strchr(value, ','))
            return node_throw(hyperv, error, HV_ERR_XML_ERROR, "HyperV vendor_id value is invalid");
    } else if (vendor) {
        node_set_attr(vendor, "value", NULL);
    }
    if (direct && (!node_attr_is(stimer, "state", "on") || !node_attr_is(direct, "state", "on")))
        node_remove(direct);
    return TRUE;
}

static gboolean
normalise_dirty_ring(xmlNode *ring, GError **error)
{
    guint64 size = node_attr_uint(ring, "size", 0);

    if (!node_attr_is(ring, "state", "on")) {
        if (ring)
            node_set_attr(ring, "size", NULL);
        return TRUE;
    }
    if (!node_attr(ring, "size"))
        return node_throw(ring, error, HV_ERR_XML_ERROR, "Missing required attribute 'size' in element 'dirty-ring'");
    if (size < DIRTY_RING_MIN || size > DIRTY_RING_MAX || (size & (size - 1)) != 0)
        return node_throw(ring, error, HV_ERR_XML_ERROR, "dirty ring must be power of 2 and ranges [%d, %d]", DIRTY_RING_MIN,
                          DIRTY_RING_MAX);
    return TRUE;
}

/* The size in the largest unit that divides it. */
static void
set_pretty_size(xmlNode *node, guint64 bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    g_autofree char *text = NULL;
    gsize unit = 0;

    while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < G_N_ELEMENTS(units)) {
        bytes /= 1024;
        unit++;
    }
    text = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
    node_set_text(node, text);
    node_set_attr(node, "unit", units[unit]);
}

static gboolean
normalise_smm(Normalise *n, xmlNode *smm, GError **error)
{
    xmlNode *tseg = node_child(smm, "tseg");
    guint64 bytes;

    if (!tseg)
        return TRUE;
    if (!*node_text(tseg) || !node_attr_is(smm, "state", "on")) {
        node_remove(tseg);
        return TRUE;
    }
    if (!uint_parse(node_text(tseg), 0, G_MAXUINT64, &bytes))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute 'string(./features/smm/tseg)'",
                        node_text(tseg)) ||
               node_expect(node_child(smm, "tseg"), error, "a number");
    if (!size_scale(&bytes, node_attr(tseg, "unit"), 1024 * 1024, G_MAXINT64, error))
        return FALSE;
    if (!n->is_test && bytes % (1024 * 1024) != 0)
        return node_throw(smm, error, HV_ERR_CONFIG_UNSUPPORTED, "SMM TSEG size must be divisible by 1 MiB");
    set_pretty_size(tseg, bytes);
    return TRUE;
}

static gboolean
normalise_tcg(xmlNode *tcg, GError **error)
{
    xmlNode *cache = node_child(tcg, "tb-cache");
    guint64 kib = 0;

    if (cache && *node_text(cache) && !element_kib(cache, "./tb-cache", &kib, error))
        return FALSE;
    if (kib % 1024 != 0)
        return node_throw(tcg, error, HV_ERR_CONFIG_UNSUPPORTED, "tb-cache size must be an integer multiple of MiB");
    if (kib)
        element_set_kib(cache, kib);
    else
        node_remove(tcg);
    return TRUE;
}

/* The default says nothing by itself. */
static void
normalise_capabilities(xmlNode *capabilities)
{
    if (!capabilities)
        return;
    if (!node_attr(capabilities, "policy"))
        node_set_attr(capabilities, "policy", "default");
    if (node_attr_is(capabilities, "policy", "default") && !capabilities->children)
        node_remove(capabilities);
}

gboolean
normalise_features(Normalise *n, GError **error)
{
    xmlNode *features = node_child(n->root, "features"), *pm = node_child(n->root, "pm");

    if (!normalise_hyperv(node_child(features, "hyperv"), error) ||
        !normalise_dirty_ring(node_path(features, "kvm/dirty-ring"), error) ||
        !normalise_smm(n, node_child(features, "smm"), error) || !normalise_tcg(node_child(features, "tcg"), error))
        return FALSE;
    normalise_capabilities(node_child(features, "capabilities"));
    if (features && !features->children)
        node_remove(features);
    for (xmlNode *state = node_child(pm, NULL), *next; state; state = next) {
        next = node_next(state, NULL);
        if (!node_attr(state, "enabled"))
            node_remove(state);
    }
    return TRUE;
}

/* The interrupt controller that QEMU gives ARM's "virt" board without KVM. */
void
normalise_default_features(Normalise *n)
{
    xmlNode *gic;

    if (!n->is_virt || strcmp(n->virt, "qemu") != 0 || (strcmp(n->arch, "aarch64") != 0 && strcmp(n->arch, "armv7l") != 0))
        return;
    gic = domain_ensure_child(domain_ensure_child(n->root, "features"), "gic");
    if (!node_attr(gic, "version"))
        node_set_attr(gic, "version", "2");
}

static gboolean
throw_feature(const Normalise *n, const char *feature, GError **error)
{
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                    "The '%s' feature is not supported for architecture '%s' or machine type '%s'", feature, n->arch, n->machine);
}

gboolean
check_features(const Normalise *n, GError **error)
{
    static const char *const ppc_features[] = { "hpt", "htm", "nested-hv", "ccf-assist", "cfpc", "sbbc", "ibs" };
    const xmlNode *features = node_child(n->root, "features");
    gboolean sleeps = n->facts->has_device(n->facts->data, n->emulator, "PIIX4_PM") ||
                      n->facts->has_device(n->facts->data, n->emulator, "ICH9-LPC");

    for (gsize i = 0; i < G_N_ELEMENTS(ppc_features); i++)
        if (node_child(features, ppc_features[i]) && !g_str_has_prefix(n->arch, "ppc64"))
            return throw_feature(n, ppc_features[i], error);
    if (node_child(features, "gic") && !n->is_virt)
        return throw_feature(n, "gic", error);
    if (node_child(features, "pvspinlock") && !n->is_x86)
        return throw_feature(n, "pvspinlock", error);
    if (node_child(features, "vmport") && !n->is_x86)
        return node_throw(node_path(n->root, "features/vmport"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "vmport is not available with this QEMU binary");
    if (node_path(features, "smm/tseg") && !n->is_q35)
        return node_throw(node_path(n->root, "features/smm"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "SMM TSEG is only supported with q35 machine type");
    if (node_child(features, "vmcoreinfo") && !n->facts->has_device(n->facts->data, n->emulator, "vmcoreinfo"))
        return node_throw(node_path(n->root, "features/vmcoreinfo"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "vmcoreinfo is not available with this QEMU binary");
    if (node_path(n->root, "pm/suspend-to-mem") && !sleeps)
        return node_throw(node_path(n->root, "pm/suspend-to-mem"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "setting ACPI S3 not supported");
    if (node_path(n->root, "pm/suspend-to-disk") && !sleeps)
        return node_throw(node_path(n->root, "pm/suspend-to-disk"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "setting ACPI S4 not supported");
    if (node_child(n->root, "genid") && !n->facts->has_device(n->facts->data, n->emulator, "vmgenid"))
        return node_throw(node_child(n->root, "genid"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "this QEMU does not support the 'genid' capability");
    return TRUE;
}
