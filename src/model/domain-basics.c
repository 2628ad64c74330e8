/* Name, uuid, memory, lifecycle, features: what is not a device. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"
#include "util/uuid.h"

static const char *const virt_types[] = {
    "qemu", "kqemu", "kvm", "hvf", "xen", "lxc", "uml", "openvz", "test", "vmware", "hyperv", "vbox",
    "phyp", "parallels", "bhyve", "vz", NULL,
};

gboolean
domain_check_name(const char *name, GError **error)
{
    if (!name || !*name)
        return hv_throw_bare(error, HV_ERR_NO_NAME);
    if (!g_utf8_validate(name, -1, NULL))
        return hv_throw(error, HV_ERR_XML_ERROR, "name is not valid UTF-8");
    if (strchr(name, '/'))
        return hv_throw(error, HV_ERR_XML_ERROR, "name %s cannot contain '/'", name);
    if (strchr(name, '\n'))
        return hv_throw(error, HV_ERR_XML_DETAIL, "invalid char in name: \n");
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "name cannot be '%s'", name);
    /* The name is a file name with ".xml" behind it, and file names have at most 255 bytes. */
    if (strlen(name) > 255 - strlen(".xml"))
        return hv_throw(error, HV_ERR_XML_ERROR, "name has %zu bytes, more than the %zu allowed", strlen(name),
                        255 - strlen(".xml"));
    return TRUE;
}

/* Only elements of somebody's namespace are kept, one of each. */
static void
normalise_metadata(Normalise *n)
{
    xmlNode *metadata = node_child(n->root, "metadata");

    for (xmlNode *child = metadata ? metadata->children : NULL, *next; child; child = next) {
        gboolean keep = child->type == XML_ELEMENT_NODE && child->ns;

        next = child->next;
        for (xmlNode *before = child->prev; keep && before; before = before->prev)
            keep = !before->ns || strcmp((const char *)before->ns->href, (const char *)child->ns->href) != 0;
        if (!keep)
            node_remove(child);
    }
}

gboolean
normalise_identity(Normalise *n, GError **error)
{
    xmlNode *uuid = node_child(n->root, "uuid"), *genid = node_child(n->root, "genid");
    const xmlNode *name = node_child(n->root, "name");
    const char *title = node_child_text(n->root, "title");
    char fresh[UUID_TEXT];

    if (!domain_check_name(node_text(name), error))
        return name ? node_expect(name, error, "a name that a file can have") : node_expect(n->root, error, "<name>");

    if (uuid && *node_text(uuid)) {
        g_autofree char *canonical = uuid_canonical(node_text(uuid));

        if (!canonical)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "malformed uuid element") ||
                   node_expect(uuid, error, "a UUID");
        node_set_text(uuid, canonical);
    } else {
        uuid_generate(fresh);
        node_set_text(domain_ensure_child(n->root, "uuid"), fresh);
    }
    if (!n->virt || !*n->virt)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "missing domain type attribute") ||
               node_expect(n->root, error, "'type'");
    if (!g_strv_contains(virt_types, n->virt))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "invalid domain type %s", n->virt) ||
               node_expect_word(n->root, error, "type", virt_types);
    if (genid && !*node_text(genid)) {
        uuid_generate(fresh);
        node_set_text(genid, fresh);
    } else if (genid) {
        g_autofree char *canonical = uuid_canonical(node_text(genid));

        if (!canonical)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "malformed genid element") ||
                   node_expect(genid, error, "a UUID");
        node_set_text(genid, canonical);
    }
    if (title && strchr(title, '\n'))
        return hv_throw(error, HV_ERR_XML_ERROR, "Domain title can't contain newlines") ||
               node_expect(node_child(n->root, "title"), error, "one line");
    if (!(n->flags & DOMAIN_PARSE_LIVE))
        node_set_attr(n->root, "id", NULL);
    normalise_metadata(n);
    return TRUE;
}

/* The actions libvirt knows, each with the events it makes sense for. */
static const struct {
    const char *name;
    gboolean for_crash_only;
} lifecycle_actions[] = {
    { "destroy", FALSE }, { "restart", FALSE }, { "rename-restart", FALSE }, { "preserve", FALSE },
    { "coredump-destroy", TRUE }, { "coredump-restart", TRUE },
};

static const struct {
    const char *name;
    const char *fallback;
} lifecycle_events[] = {
    [DOMAIN_ON_POWEROFF] = { "on_poweroff", "destroy" },
    [DOMAIN_ON_REBOOT] = { "on_reboot", "restart" },
    [DOMAIN_ON_CRASH] = { "on_crash", "destroy" },
};

static gboolean
lifecycle_known(const char *action, gboolean crash)
{
    for (gsize i = 0; i < G_N_ELEMENTS(lifecycle_actions); i++)
        if (strcmp(action, lifecycle_actions[i].name) == 0)
            return crash || !lifecycle_actions[i].for_crash_only;
    return FALSE;
}

const char *
domain_lifecycle(const xmlDoc *doc, DomainLifecycle which)
{
    const char *action = node_child_text(document_root(doc), lifecycle_events[which].name);

    return action ? action : lifecycle_events[which].fallback;
}

gboolean
domain_set_lifecycle(xmlDoc *doc, DomainLifecycle which, const char *action, GError **error)
{
    if (!lifecycle_known(action, TRUE))
        return hv_throw(error, HV_ERR_INVALID_ARG, "Invalid lifecycle action '%s'", action);
    if (!lifecycle_known(action, which == DOMAIN_ON_CRASH))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Lifecycle event '%s' doesn't support '%s' action",
                        lifecycle_events[which].name + strlen("on_"), action);
    /* Domains of the test driver have no emulator, and no limits of one. */
    if (domain_emulator(doc) && which != DOMAIN_ON_CRASH && (strcmp(action, "preserve") == 0 || strcmp(action, "rename-restart") == 0))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "qemu driver doesn't support the '%s' action for 'on_reboot'/'on_poweroff'", action);
    if (domain_emulator(doc) && strcmp(action, "rename-restart") == 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "qemu driver doesn't support the 'rename-restart' action");
    node_set_text(domain_ensure_child(document_root(doc), lifecycle_events[which].name), action);
    return TRUE;
}

gboolean
normalise_lifecycle(Normalise *n, GError **error)
{
    static const char *const lock_actions[] = { "default", "poweroff", "restart", "pause", "ignore", NULL };
    const char *lockfailure = node_child_text(n->root, "on_lockfailure");
    gboolean is_restart_off;

    for (gsize i = 0; i < G_N_ELEMENTS(lifecycle_events); i++) {
        xmlNode *event = domain_ensure_child(n->root, lifecycle_events[i].name);
        const char *action = node_text(event);

        if (!*action)
            node_set_text(event, lifecycle_events[i].fallback);
        else if (!lifecycle_known(action, TRUE))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown %s action: %s", lifecycle_events[i].name, action) ||
                   node_expect(event, error, "destroy, restart or preserve");
    }
    if (!n->is_test) {
        for (gsize i = 0; i <= DOMAIN_ON_CRASH; i++)
            if (strcmp(domain_lifecycle(n->doc, i), "rename-restart") == 0)
                return node_throw(node_child(n->root, lifecycle_events[i].name), error, HV_ERR_CONFIG_UNSUPPORTED,
                                  "qemu driver doesn't support the 'rename-restart' action for " "'on_reboot'/'on_poweroff'/'on_crash'");
        for (gsize i = 0; i < DOMAIN_ON_CRASH; i++) {
            const char *action = domain_lifecycle(n->doc, i);

            if (strcmp(action, "preserve") == 0)
                return node_throw(node_child(n->root, lifecycle_events[i].name), error, HV_ERR_CONFIG_UNSUPPORTED,
                                  "qemu driver doesn't support the '%s' action for 'on_reboot'/'on_poweroff'", action);
            if (!lifecycle_known(action, FALSE))
                return node_throw(node_child(n->root, lifecycle_events[i].name), error, HV_ERR_CONFIG_UNSUPPORTED,
                                  "Lifecycle event '%s' doesn't support '%s' action", lifecycle_events[i].name + strlen("on_"),
                                  action);
        }
        is_restart_off = strcmp(domain_lifecycle(n->doc, DOMAIN_ON_POWEROFF), "restart") == 0;
        if (is_restart_off && strcmp(domain_lifecycle(n->doc, DOMAIN_ON_REBOOT), "destroy") == 0)
            return node_throw(node_child(n->root, "on_reboot"), error, HV_ERR_CONFIG_UNSUPPORTED,
                              "qemu driver doesn't support 'onReboot' set to 'destroy and 'onPoweroff' set to 'reboot'");
    }
    if (lockfailure && (!*lockfailure || strcmp(lockfailure, "default") == 0)) {
        node_remove_children(n->root, "on_lockfailure");
        return TRUE;
    }
    if (lockfailure && !g_strv_contains(lock_actions, lockfailure))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown on_lockfailure action: %s", lockfailure) ||
               node_expect_word(node_child(n->root, "on_lockfailure"), error, NULL, lock_actions);

    return TRUE;
}
