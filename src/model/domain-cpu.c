/* The guest's CPU and its NUMA cells. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

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
                        !sockets ? "sockets" : !dies ? "dies" : !cores ? "cores" : "threads");
    if (MAX(MAX(sockets, dies), MAX(cores, threads)) > 65535 ||
        sockets * dies * cores * threads != domain_max_vcpus(n->doc))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "CPU topology doesn't match maximum vcpu count");
    return TRUE;
}

gboolean
normalise_cpu(Normalise *n, GError **error)
{
    xmlNode *cpu, *model, *topology;
    const char *mode;

    cpu = node_child(n->root, "cpu");
    if (cpu && !node_attr(cpu, "mode") && !node_child(cpu, "model") && node_child(cpu, "feature"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Non-empty feature list specified without CPU model");
    if (!n->is_test)
        default_cpu_model(n);
    cpu = node_child(n->root, "cpu");
    if (!cpu)
        return TRUE;

    model = node_child(cpu, "model");
    mode = node_attr(cpu, "mode");
    if (!mode && model) {
        node_set_attr(cpu, "mode", "custom");
        mode = "custom";
    }
    if (mode) {
        gboolean custom = strcmp(mode, "custom") == 0;

        if (!custom)
            node_set_attr(cpu, "match", NULL);
        else if (model && !node_attr(cpu, "match"))
            node_set_attr(cpu, "match", "exact");
        if (!n->is_test && !node_attr(cpu, "check"))
            node_set_attr(cpu, "check", default_check(n, mode));
        if (!n->is_test && !node_attr(cpu, "migratable") && strcmp(mode, "host-passthrough") == 0)
            node_set_attr(cpu, "migratable", "on");
        if (node_attr(cpu, "migratable") && strcmp(mode, "host-passthrough") != 0 && strcmp(mode, "maximum") != 0)
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode");
        if (model && !node_attr(model, "fallback"))
            node_set_attr(model, "fallback", "allow");
        if (model && !custom && (strcmp(mode, "host-model") != 0 || !*node_text(model)))
            node_remove(model);
    } else {
        node_set_attr(cpu, "match", NULL);
        node_set_attr(cpu, "check", NULL);
    }

    for (xmlNode *feature = node_child(cpu, "feature"); feature; feature = node_next(feature, "feature")) {
        if (!node_attr(feature, "policy"))
            node_set_attr(feature, "policy", "require");
        for (xmlNode *other = node_next(feature, "feature"); other; other = node_next(other, "feature"))
            if (node_attr_is(other, "name", node_attr(feature, "name")))
                return hv_throw(error, HV_ERR_XML_ERROR, "CPU feature '%s' specified more than once",
                                node_attr(feature, "name"));
    }
    topology = node_child(cpu, "topology");
    if (topology && !check_topology(n, topology, error))
        return FALSE;
    if (!cpu->children && !cpu->properties)
        node_remove(cpu);
    return TRUE;
}
