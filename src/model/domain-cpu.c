/* The guest's CPU. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"

/* What a processor says of its maker in CPUID leaf 0. */
#define VENDOR_ID_LENGTH 12

/* A domain without CPU model gets the machine's own, so that it stays the same with the next emulator. */
static void
default_cpu_model(Normalise *n)
{
    xmlNode *cpu = node_child(n->root, "cpu"), *model;
    g_autofree char *name = NULL;

    if (cpu && (node_child(cpu, "model") || !(node_attr(cpu, "mode") == NULL || node_attr_is(cpu, "mode", "custom"))))
        return;
    name = n->facts->default_cpu(n->facts->data, n->emulator, n->machine, n->virt);
    if (!name)
        return;
    if (!cpu)
        cpu = domain_add_child(n->root, "cpu");
    node_set_attr(cpu, "mode", "custom");
    node_set_attr(cpu, "match", "exact");
    node_set_attr(cpu, "check", "none");
    model = domain_add_child(cpu, "model");
    node_set_text(model, name);
    node_set_attr(model, "fallback", "forbid");
}

static const char *
default_check(const Normalise *n, const char *mode)
{
    if (strcmp(mode, "host-model") == 0)
        return "partial";
    if (strcmp(mode, "custom") == 0 && strcmp(n->virt, "kvm") == 0)
        return "partial";
    return "none";
}

static gboolean
check_topology(const Normalise *n, const xmlNode *topology, GError **error)
{
    guint64 sockets = node_attr_uint(topology, "sockets", 0), dies = node_attr_uint(topology, "dies", 1);
    guint64 cores = node_attr_uint(topology, "cores", 0), threads = node_attr_uint(topology, "threads", 0);

    if (!sockets || !dies || !cores || !threads)
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute '%s' in element 'topology': Zero is not permitted",
                        !sockets ? "sockets" : !dies ? "dies" : !cores ? "cores" : "threads") ||
               node_expect(topology, error, "a positive integer as each number");
    if (MAX(MAX(sockets, dies), MAX(cores, threads)) > 65535 ||
        sockets * dies * cores * threads != domain_max_vcpus(n->doc))
        return node_throw(topology, error, HV_ERR_CONFIG_UNSUPPORTED, "CPU topology doesn't match maximum vcpu count");
    return TRUE;
}

/* --- parts -------------------------------------------------------------------------------------------------- */

static gboolean
normalise_vendor_id(xmlNode *model, GError **error)
{
    const char *id = node_attr(model, "vendor_id");

    if (!id || !*id) {
        if (model)
            node_set_attr(model, "vendor_id", NULL);
        return TRUE;
    }
    if (strlen(id) != VENDOR_ID_LENGTH)
        return node_throw(model, error, HV_ERR_XML_ERROR, "vendor_id must be exactly %d characters long", VENDOR_ID_LENGTH);
    if (strchr(id, ','))
        return node_throw(model, error, HV_ERR_XML_ERROR, "vendor id is invalid");
    return TRUE;
}

static gboolean
normalise_model_parts(xmlNode *cpu, GError **error)
{
    /* Facts about a host's processor, which say nothing about a guest's. */
    static const char *const host_parts[] = { "microcode", "signature", "counter" };
    xmlNode *model = node_child(cpu, "model"), *vendor = node_child(cpu, "vendor");
    gboolean has_model = model && *node_text(model);

    for (gsize i = 0; i < G_N_ELEMENTS(host_parts); i++)
        node_remove_children(cpu, host_parts[i]);
    if (!normalise_vendor_id(model, error))
        return FALSE;
    if (vendor && !*node_text(vendor))
        node_remove(vendor);
    else if (vendor && !has_model)
        return node_throw(cpu, error, HV_ERR_XML_ERROR, "CPU vendor specified without CPU model");
    if (!has_model && node_child(cpu, "feature") && (!node_attr(cpu, "mode") || node_attr_is(cpu, "mode", "custom")))
        return node_throw(cpu, error, HV_ERR_XML_ERROR, "Non-empty feature list specified without CPU model");
    if (model && !has_model && !node_attr(model, "vendor_id"))
        node_remove(model);
    return TRUE;
}

static gboolean
mode_is_of_host(const char *mode)
{
    return mode && (strcmp(mode, "host-passthrough") == 0 || strcmp(mode, "maximum") == 0);
}

static void
normalise_model(xmlNode *cpu, const char *mode)
{
    xmlNode *model = node_child(cpu, "model");

    if (!model)
        return;
    if (strcmp(mode, "custom") != 0 && strcmp(mode, "host-model") != 0)
        node_remove(model);
    else if (!*node_text(model))
        node_set_attr(model, "fallback", NULL);
    else if (!node_attr(model, "fallback"))
        node_set_attr(model, "fallback", "allow");
}

static gboolean
normalise_mode(Normalise *n, xmlNode *cpu, GError **error)
{
    const char *mode;

    if (!node_attr(cpu, "mode") && node_child(cpu, "model"))
        node_set_attr(cpu, "mode", "custom");
    mode = node_attr(cpu, "mode");
    if (node_attr(cpu, "migratable") && !mode_is_of_host(mode))
        return node_throw(cpu, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode");
    if (!mode) {
        node_set_attr(cpu, "match", NULL);
        node_set_attr(cpu, "check", NULL);
        return TRUE;
    }
    if (strcmp(mode, "custom") != 0)
        node_set_attr(cpu, "match", NULL);
    else if (node_child(cpu, "model") && !node_attr(cpu, "match"))
        node_set_attr(cpu, "match", "exact");
    if (!n->is_test && !node_attr(cpu, "check"))
        node_set_attr(cpu, "check", default_check(n, mode));
    if (n->is_x86 && !node_attr(cpu, "migratable") && strcmp(mode, "host-passthrough") == 0)
        node_set_attr(cpu, "migratable", strcmp(n->arch, "x86_64") == 0 ? "on" : "off");
    normalise_model(cpu, mode);
    return TRUE;
}

static gboolean
normalise_cpu_features(const xmlNode *cpu, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    NODE_FOREACH(feature, cpu, "feature") {
        const char *name = node_attr(feature, "name");

        if (!*name)
            return node_throw(feature, error, HV_ERR_XML_ERROR, "Invalid CPU feature name");
        if (!node_attr(feature, "policy"))
            node_set_attr(feature, "policy", "require");
        if (!g_hash_table_add(seen, (gpointer)name))
            return node_throw(feature, error, HV_ERR_XML_ERROR, "CPU feature '%s' specified more than once", name);
    }
    return TRUE;
}

static gboolean
check_cache(const xmlNode *cache, const char *cpu_mode, GError **error)
{
    const char *mode = node_attr(cache, "mode"), *level = node_attr(cache, "level");

    if (!cache)
        return TRUE;
    if (level && (node_attr_uint(cache, "level", 0) < 1 || node_attr_uint(cache, "level", 0) > 3))
        return node_throw(cache, error, HV_ERR_XML_ERROR, "invalid CPU cache level, must be in range [1,3]");
    if (strcmp(mode, "emulate") == 0) {
        if (!node_attr_is(cache, "level", "3"))
            return node_throw(cache, error, HV_ERR_CONFIG_UNSUPPORTED, "CPU cache mode '%s' can only be used with level='3'", mode);
        return TRUE;
    }
    if (strcmp(mode, "passthrough") == 0 && !mode_is_of_host(cpu_mode))
        return node_throw(cache, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "CPU cache mode '%s' can only be used with 'host-passthrough' / 'maximum' "
                          "CPUs", mode);
    if (level)
        return node_throw(cache, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported CPU cache level for mode '%s'", mode);
    return TRUE;
}

static gboolean
check_address_bits(const Normalise *n, const xmlNode *bits, GError **error)
{
    if (!bits)
        return TRUE;
    if (!n->is_x86)
        return node_throw(bits, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "CPU maximum physical address bits specification is not supported for '%s' architecture", n->arch);
    if (node_attr_is(bits, "mode", "passthrough") && node_attr(bits, "bits"))
        return node_throw(bits, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "CPU maximum physical address bits number specification cannot be used with mode='passthrough'");
    if (node_attr_is(bits, "mode", "emulate") && !node_attr(bits, "bits"))
        return node_throw(bits, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "if using CPU maximum physical address mode='emulate', bits= must be specified too");
    return TRUE;
}

gboolean
normalise_cpu(Normalise *n, GError **error)
{
    xmlNode *cpu = node_child(n->root, "cpu"), *topology;

    if (cpu && !normalise_model_parts(cpu, error))
        return FALSE;
    if (!n->is_test)
        default_cpu_model(n);
    cpu = node_child(n->root, "cpu");
    if (!cpu)
        return TRUE;
    topology = node_child(cpu, "topology");
    if (!normalise_mode(n, cpu, error) || !normalise_cpu_features(cpu, error) || (topology && !check_topology(n, topology, error)))
        return FALSE;
    if (!n->is_test && (!check_cache(node_child(cpu, "cache"), node_attr(cpu, "mode"), error) ||
                        !check_address_bits(n, node_child(cpu, "maxphysaddr"), error)))
        return FALSE;
    if (!cpu->children && !cpu->properties)
        node_remove(cpu);
    return TRUE;
}
