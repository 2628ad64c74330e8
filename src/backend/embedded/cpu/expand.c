#include "config.h"

#include "backend/embedded/cpu/expand.h"

#include "backend/embedded/capabilities/capabilities.h"

static xmlNode *
find_feature(const xmlNode *cpu, const char *name)
{
    NODE_FOREACH(feature, cpu, "feature")
        if (node_attr_is(feature, "name", name))
            return feature;
    return NULL;
}

/* Before the document's own, which decide where both name one. @before NULL: at the end. */
static void
add_features(xmlNode *cpu, xmlNode *before, const FeatureSet *features, const char *policy)
{
    for (guint i = 0; i < cpu_feature_count(); i++) {
        const char *name = cpu_feature(i)->name;
        xmlNode *feature;

        if (!feature_set_has(features, i) || find_feature(cpu, name))
            continue;
        feature = before ? node_add_before(before, "feature") : node_add(cpu, "feature", NULL);
        node_set_attr(feature, "policy", policy);
        node_set_attr(feature, "name", name);
    }
}

static void
resolve_optional(xmlNode *cpu, const FeatureSet *best)
{
    NODE_FOREACH(feature, cpu, "feature") {
        int index = cpu_feature_find(node_attr(feature, "name"));

        if (node_attr_is(feature, "policy", "optional"))
            node_set_attr(feature, "policy", index >= 0 && feature_set_has(best, (guint)index) ? "require" : "disable");
    }
}

static void
fill(xmlNode *cpu, const CpuDecoded *model, const FeatureSet *best, gboolean host_model)
{
    xmlNode *name = node_child(cpu, "model"), *own, *first = node_child(cpu, NULL);
    g_autofree char *check = NULL;

    if (!name) {
        name = first ? node_add_before(first, "model") : node_add(cpu, "model", NULL);
        node_set_attr(name, "fallback", "allow");
    }
    node_set_text(name, model->model->name);
    if (host_model && model->vendor && !node_child(cpu, "vendor")) {
        xmlNode *after = name->next;

        if (after)
            node_set_text(node_add_before(after, "vendor"), model->vendor);
        else
            node_add(cpu, "vendor", model->vendor);
    }
    own = node_child(cpu, "feature");
    if (!own)
        own = node_child(cpu, "numa");
    add_features(cpu, own, &model->more, "require");
    add_features(cpu, own, &model->less, "disable");
    resolve_optional(cpu, best);
    check = g_strdup(node_attr(cpu, "check"));
    node_set_attr(cpu, "check", NULL);
    node_set_attr(cpu, "mode", "custom");
    node_set_attr(cpu, "match", "exact");
    node_set_attr(cpu, "check", check);
}

gboolean
cpu_expand(QemuFacts *qemu, xmlDoc *doc, GError **error)
{
    xmlNode *cpu = node_child(document_root(doc), "cpu"), *type = node_path(document_root(doc), "os/type");
    gboolean host_model = node_attr_is(cpu, "mode", "host-model");
    gboolean kvm = node_attr_is(document_root(doc), "type", "kvm");
    CapableTarget target = { .arch = node_attr(type, "arch"), .kvm = kvm };
    CpuDecoded model;

    if (!host_model && !node_attr_is(cpu, "match", "minimum"))
        return TRUE;
    /* Whoever starts the domain will hear that KVM is not there. */
    if (!target.arch || (kvm && qemu_facts_kvm(qemu, NULL) != KVM_USABLE))
        return TRUE;
    target.profile = qemu_facts_profile(qemu, domain_emulator(doc), kvm ? "kvm" : "tcg", error);
    if (!target.profile)
        return FALSE;
    if (capable_host_model(&target, &model))
        fill(cpu, &model, &qemu_profile_best(target.profile)->features, host_model);
    return TRUE;
}
