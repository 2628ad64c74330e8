/* Labels, accounting, encryption of the guest, performance events: what the host does to the guest from outside. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Identifier of a virtual machine for Fibre Channel fabrics. */
#define APPID_MAX 128

static gboolean
normalise_seclabel(xmlNode *label, gboolean alone, GError **error)
{
    const char *type = node_attr(label, "type"), *model = node_attr(label, "model"), *relabel = node_attr(label, "relabel");
    gboolean is_dynamic = strcmp(type, "dynamic") == 0, is_none = strcmp(type, "none") == 0;

    if (is_dynamic && g_strcmp0(relabel, "no") == 0)
        return node_throw(label, error, HV_ERR_CONFIG_UNSUPPORTED, "dynamic label type must use resource relabeling");
    if (is_none && g_strcmp0(relabel, "yes") == 0)
        return node_throw(label, error, HV_ERR_CONFIG_UNSUPPORTED, "resource relabeling is not compatible with 'none' label type");
    if (strcmp(type, "static") == 0 && !*(node_child_text(label, "label") ?: ""))
        return node_throw(label, error, HV_ERR_XML_ERROR, "security label is missing");
    node_remove_children(label, "imagelabel");
    /* Without a driver for labels, the only one that needs no name does nothing. */
    if (!model && alone && !node_child(label, NULL)) {
        node_set_attr(label, "type", "none");
        node_set_attr(label, "model", "none");
        node_set_attr(label, "relabel", NULL);
        return TRUE;
    }
    if (!model)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing security model in domain seclabel") ||
               node_expect(label, error, "'model'");
    node_set_attr(label, "relabel", is_none ? NULL : relabel ? relabel : is_dynamic ? "yes" : "no");
    return TRUE;
}

static gboolean
normalise_seclabels(Normalise *n, GError **error)
{
    gboolean alone = node_count(n->root, "seclabel") == 1;

    for (xmlNode *label = node_child(n->root, "seclabel"), *next; label; label = next) {
        next = node_next(label, "seclabel");
        if (!node_attr(label, "type")) {
            if (!node_attr(label, "model"))
                return hv_throw(error, HV_ERR_XML_ERROR, "missing security model in domain seclabel") ||
                       node_expect(label, error, "'model'");
            /* What every domain gets needs not be said. */
            node_remove(label);
        } else if (!normalise_seclabel(label, alone, error)) {
            return node_blame(label, error);
        }
    }
    NODE_FOREACH(label, n->root, "seclabel")
        for (const xmlNode *before = node_child(n->root, "seclabel"); before != label; before = node_next(before, "seclabel"))
            if (node_attr_is(before, "model", node_attr(label, "model")))
                return node_throw(label, error, HV_ERR_XML_DETAIL, "seclabel for model %s is already provided",
                                  node_attr(label, "model"));
    return TRUE;
}

static gboolean
check_resource(const xmlNode *resource, GError **error)
{
    const xmlNode *fabric = node_child(resource, "fibrechannel");
    const char *appid = node_attr(fabric, "appid");

    if (resource && !*(node_child_text(resource, "partition") ?: "") && !fabric)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing <partition> or <fibrechannel> in element 'resource'") ||
               node_expect(resource, error, "<partition> or <fibrechannel>");
    if (!fabric)
        return TRUE;
    if (!*appid)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute 'appid' in element 'fibrechannel'") ||
               node_expect(resource, error, "'appid' of <fibrechannel>");
    for (const char *at = appid; *at; at++)
        if (!g_ascii_isprint(*at))
            return node_throw(resource, error, HV_ERR_XML_ERROR, "Fibre Channel 'appid' is not a printable string");
    if (strlen(appid) > APPID_MAX)
        return node_throw(resource, error, HV_ERR_INVALID_ARG, "Fibre Channel 'appid' string length must be between [1, %d]",
                          APPID_MAX);
    return TRUE;
}

/* libvirt writes the events in the order of its own list, which is that of the table. */
static gboolean
normalise_perf(Normalise *n, GError **error)
{
    static const char *const events[] = {
        "cmt", "mbmt", "mbml", "cpu_cycles", "instructions", "cache_references", "cache_misses", "branch_instructions",
        "branch_misses", "bus_cycles", "stalled_cycles_frontend", "stalled_cycles_backend", "ref_cpu_cycles", "cpu_clock",
        "task_clock", "page_faults", "context_switches", "cpu_migrations", "page_faults_min", "page_faults_maj",
        "alignment_faults", "emulation_faults",
    };
    xmlNode *perf = node_child(n->root, "perf");

    for (gsize i = 0; perf && i < G_N_ELEMENTS(events); i++) {
        xmlNode *found = NULL;

        NODE_FOREACH(event, perf, "event") {
            if (!node_attr_is(event, "name", events[i]))
                continue;
            if (found)
                return node_throw(event, error, HV_ERR_XML_ERROR, "perf event '%s' was already specified", events[i]);
            found = event;
        }
        if (found) {
            xmlUnlinkNode(found);
            xmlAddChild(perf, found);
        }
    }
    return TRUE;
}

static gboolean
check_keywrap(const Normalise *n, GError **error)
{
    const xmlNode *keywrap = node_child(n->root, "keywrap");

    NODE_FOREACH(cipher, keywrap, "cipher")
        for (const xmlNode *before = node_child(keywrap, "cipher"); before != cipher; before = node_next(before, "cipher"))
            if (node_attr_is(before, "name", node_attr(cipher, "name")))
                return node_throw(cipher, error, HV_ERR_INTERNAL_ERROR,
                                  "A domain definition can have no more than one cipher node with name %s",
                                  node_attr(cipher, "name"));
    return TRUE;
}

static gboolean
check_sev(const xmlNode *security, GError **error)
{
    static const char *const numbers[][2] = {
        { "cbitpos", "Invalid format for launch security cbitpos" },
        { "reducedPhysBits", "Invalid format for launch security reduced-phys-bits" },
    };
    const char *policy = node_child_text(security, "policy");
    guint64 value;

    if (!policy || !uint_parse_any(policy, 0, G_MAXUINT, &value))
        return node_throw(security, error, HV_ERR_XML_ERROR, "failed to get launch security policy");
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        const char *text = node_child_text(security, numbers[i][0]);

        if (text && !uint_parse(text, 0, G_MAXUINT, &value))
            return node_throw(security, error, HV_ERR_XML_ERROR, "%s", numbers[i][1]);
    }
    return TRUE;
}

static gboolean
normalise_launch_security(Normalise *n, GError **error)
{
    xmlNode *security = node_child(n->root, "launchSecurity"), *policy = node_child(security, "policy");
    g_autofree char *text = NULL;
    guint64 value;

    if (!node_attr_is(security, "type", "sev"))
        return TRUE;
    if (!check_sev(security, error))
        return FALSE;
    uint_parse_any(node_text(policy), 0, G_MAXUINT, &value);
    text = g_strdup_printf("0x%04" G_GINT64_MODIFIER "x", value);
    node_set_text(policy, text);
    return TRUE;
}

gboolean
normalise_security(Normalise *n, GError **error)
{
    if (!node_path(n->root, "idmap/uid") != !node_path(n->root, "idmap/gid"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "uid and gid should be mapped both");
    return normalise_seclabels(n, error) && check_resource(node_child(n->root, "resource"), error) && normalise_perf(n, error) &&
           check_keywrap(n, error) && normalise_launch_security(n, error);
}

gboolean
check_launch_security(const Normalise *n, GError **error)
{
    const xmlNode *security = node_child(n->root, "launchSecurity");

    if (node_attr_is(security, "type", "s390-pv") && strcmp(n->arch, "s390x") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "S390 PV launch security is not supported with this QEMU binary");
    /* Only KVM on AMD's processors encrypts a guest's memory. */
    if (node_attr_is(security, "type", "sev") &&
        (strcmp(n->virt, "kvm") != 0 || !n->facts->has_device(n->facts->data, n->emulator, "sev-guest")))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "SEV launch security is not supported with this QEMU binary");
    return TRUE;
}
