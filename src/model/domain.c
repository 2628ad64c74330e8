#include "model/domain.h"

#include <string.h>

#include "model/normalise.h"
#include "model/validate.h"
#include "util/error.h"
#include "util/uuid.h"

/* Puts @node and what is below it from other declarations of @home's URI to @home itself. */
static void
move_namespace(xmlNode *node, xmlNs *home)
{
    if (node->ns && strcmp((const char *)node->ns->href, (const char *)home->href) == 0)
        node->ns = home;
    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            move_namespace(child, home);
    for (xmlNs **link = &node->nsDef; *link;) {
        xmlNs *ns = *link;

        if (strcmp((const char *)ns->href, (const char *)home->href) != 0) {
            link = &ns->next;
            continue;
        }
        *link = ns->next;
        xmlFreeNs(ns);
    }
}

static gboolean
check_root(const xmlDoc *doc, GError **error)
{
    const xmlNode *root = document_root(doc);

    if (!node_is(root, "domain"))
        return hv_throw(error, HV_ERR_XML_ERROR, "expecting root element of 'domain', not '%s'", node_name(root)) ||
               node_expect(root, error, "a <domain>");
    return TRUE;
}

/* libvirt declares its extensions on the root element, under its own prefix. */
static void
hoist_namespace(xmlNode *root, const xmlChar *uri)
{
    xmlNs *home = NULL;

    for (xmlNode *child = root->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE || !child->ns || strcmp((const char *)child->ns->href, (const char *)uri) != 0)
            continue;
        for (xmlNs *ns = root->nsDef; ns && !home; ns = ns->next)
            if (strcmp((const char *)ns->href, (const char *)uri) == 0)
                home = ns;
        if (!home)
            home = xmlNewNs(root, uri, (const xmlChar *)"qemu");
        if (!home)
            return;
        move_namespace(child, home);
    }
}

/* Prefixes of namespaces that libvirt does not know go with what was in them. */
static void
drop_unused_namespaces(xmlNode *root)
{
    xmlNs **link = &root->nsDef;

    while (*link) {
        xmlNs *ns = *link;
        gboolean used = FALSE;

        for (xmlNode *child = root->children; child; child = child->next)
            used |= child->type == XML_ELEMENT_NODE && child->ns == ns;
        if (used || node_child(root, "metadata")) {
            link = &ns->next;
            continue;
        }
        *link = ns->next;
        xmlFreeNs(ns);
    }
}

/* Devices are compared with each other in several places; a domain with more than this is nobody's. */
static gboolean
check_size(const Normalise *n, const xmlNode *parent, GError **error)
{
    guint limit = node_is(parent, "devices") ? DOMAIN_MAX_DEVICES : DOMAIN_MAX_CHILDREN, count = 0;

    NODE_FOREACH(child, parent, NULL) {
        if (++count > limit)
            return hv_throw(error, HV_ERR_XML_ERROR, "%s:%d: <%s> has more than the %u children allowed", n->label,
                            node_line(child), node_name(parent), limit);
        if (!node_is(child, "metadata") && !check_size(n, child, error))
            return FALSE;
    }
    return TRUE;
}

/* Elements that libvirt reads by what is in them: those of one name are one. Of others the first counts. */
static void
merge_repeated(xmlNode *root)
{
    static const char *const containers[] = { "memtune", "memoryBacking", "cputune", "features", "pm" };

    for (gsize i = 0; i < G_N_ELEMENTS(containers); i++) {
        xmlNode *first = node_child(root, containers[i]);

        for (xmlNode *other = first ? node_next(first, containers[i]) : NULL, *next; other; other = next) {
            next = node_next(other, containers[i]);
            while (other->children) {
                xmlNode *child = other->children;

                xmlUnlinkNode(child);
                xmlAddChild(first, child);
            }
            node_remove(other);
        }
    }
}

/* What is not a device, and the element that is blamed for what cannot be blamed on one of its parts. */
static const struct {
    gboolean (*run)(Normalise *n, GError **error);
    const char *path;
} steps[] = {
    { normalise_memory, "memory" },         { normalise_vcpus, "vcpu" },        { normalise_numa, "cpu/numa" },
    { normalise_numatune, "numatune" },     { normalise_lifecycle, "on_poweroff" }, { normalise_features, "features" },
    { normalise_clock, "clock" },           { normalise_sysinfo, "sysinfo" },   { normalise_security, "launchSecurity" },
    { normalise_native, "commandline" },    { normalise_machine, "os/type" },   { normalise_boot, "os" },
};

/* The order in which libvirt does things; later steps stand on what earlier ones filled in. */
static gboolean
normalise(Normalise *n, GPtrArray *warnings, GError **error)
{
    gboolean strict = (n->flags & DOMAIN_PARSE_VALIDATE) != 0;

    merge_repeated(n->root);
    if (!check_size(n, n->root, error))
        return FALSE;
    if ((strict && !document_validate(n->doc, "domain.rng", &schema_domain, error)) ||
        !check_counts(n->root, error) ||
        !schema_apply(n->root, &schema_domain, n->label, strict, warnings, error))
        return FALSE;
    n->virt = node_attr(n->root, "type");
    n->is_test = !n->facts;
    n->devices = domain_ensure_child(n->root, "devices");
    if (!normalise_identity(n, error))
        return FALSE;
    n->os = domain_ensure_child(n->root, "os");

    /* libvirt asks for this before anything else of the machine. */
    if (!*(node_child_text(n->os, "type") ?: ""))
        return hv_throw(error, HV_ERR_XML_ERROR, "an os <type> must be specified") || node_expect(n->os, error, "<type>");
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (!steps[i].run(n, error))
            return node_blame(node_path(n->root, steps[i].path), error);
    if (!n->is_test)
        normalise_default_features(n);

    normalise_hostdev_controllers(n);
    if (!normalise_controllers(n, error))
        return FALSE;
    if (!n->is_test && !normalise_default_controllers(n, error))
        return FALSE;
    if (!normalise_cpu(n, error) || !normalise_disks(n, error) || !normalise_interfaces(n, error) ||
        !normalise_chardevs(n, error) || !normalise_inputs(n, error) || !normalise_graphics(n, error) || !normalise_audio(n, error) ||
        !normalise_other_devices(n, error) ||
        !normalise_drive_addresses(n, error))
        return FALSE;
    normalise_console(n);
    if (!n->is_test)
        normalise_implicit_inputs(n);
    if (!normalise_implicit_controllers(n, error) || !normalise_video(n, error))
        return FALSE;
    if (!n->is_test) {
        normalise_implicit_audio(n);
        if (!normalise_virtio_serial(n, error) || !normalise_pci(n, error) || !normalise_usb(n, error) ||
            !normalise_checks(n, error))
            return FALSE;
        mirror_serial_consoles(n);
    }
    /* Once more, for the order of what was added. */
    if (!schema_apply(n->root, &schema_domain, n->label, FALSE, NULL, error))
        return FALSE;
    hoist_namespace(n->root, (const xmlChar *)QEMU_URI);
    drop_unused_namespaces(n->root);
    return TRUE;
}

static gboolean
domain_normalise(xmlDoc *doc, const DomainFacts *facts, DomainParseFlags flags, GPtrArray *warnings, GError **error)
{
    Normalise n = {
        .doc = doc, .root = document_root(doc), .facts = facts, .flags = flags,
        .label = doc->URL ? (const char *)doc->URL : "(domain_definition)",
    };
    gboolean done;

    if (!check_root(doc, error))
        return FALSE;
    done = normalise(&n, warnings, error) || node_blame(n.root, error);
    g_free(n.arch);
    g_free(n.machine);
    g_free(n.emulator);
    return done;
}

xmlDoc *
domain_parse(const char *xml, gssize len, const char *filename, const DomainFacts *facts,
             DomainParseFlags flags, GPtrArray *warnings, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(xml, len, filename ? filename : "(domain_definition)", error);

    if (!doc || !domain_normalise(doc, facts, flags, warnings, error))
        return NULL;
    return g_steal_pointer(&doc);
}

xmlDoc *
domain_load(const char *xml, gssize len, const char *filename, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(xml, len, filename, error);
    guint8 uuid[UUID_BYTES];

    if (!doc || !check_root(doc, error) || !domain_check_name(node_child_text(document_root(doc), "name"), error))
        return NULL;
    if (!node_attr(document_root(doc), "type")) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "missing domain type attribute");
        return NULL;
    }
    if (!uuid_parse(domain_uuid(doc), uuid)) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "malformed uuid element");
        return NULL;
    }
    domain_ensure_child(document_root(doc), "devices");
    return g_steal_pointer(&doc);
}

xmlNode *
domain_add_child(xmlNode *parent, const char *name)
{
    return schema_add_child(parent, &schema_domain, name);
}

xmlNode *
domain_ensure_child(xmlNode *parent, const char *name)
{
    xmlNode *child = node_child(parent, name);

    return child ? child : domain_add_child(parent, name);
}
