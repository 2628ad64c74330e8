/* What goes to QEMU as it stands in the XML: <qemu:commandline>, <qemu:override>, <qemu:deprecation>. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

/* The namespace of elements that go to QEMU as they are. */
#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

static const xmlNode *
argv_native_child(const xmlNode *parent, const xmlNode *previous, const char *name)
{
    const xmlNode *node = previous ? previous->next : parent->children;

    for (; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && node->ns && g_str_equal((const char *)node->ns->href, QEMU_NAMESPACE) &&
            g_str_equal((const char *)node->name, name))
            return node;
    return NULL;
}

/* What QEMU does when it is asked for something deprecated. */
static void
argv_add_deprecation(ArgvBuilder *b)
{
    const char *behavior = node_attr(argv_native_child(b->domain, NULL, "deprecation"), "behavior");

    if (g_strcmp0(behavior, "omit") == 0)
        argv_add(b, "-compat", "deprecated-output=hide");
    else if (g_strcmp0(behavior, "reject") == 0 || g_strcmp0(behavior, "crash") == 0)
        argv_addf(b, "-compat", "deprecated-output=hide,deprecated-input=%s", behavior);
}

void
argv_add_native(ArgvBuilder *b)
{
    const xmlNode *commandline = argv_native_child(b->domain, NULL, "commandline");

    argv_add_deprecation(b);
    if (!commandline)
        return;
    for (const xmlNode *arg = NULL; (arg = argv_native_child(commandline, arg, "arg"));)
        g_ptr_array_add(b->argv, g_strdup(node_attr(arg, "value") ? node_attr(arg, "value") : ""));
    for (const xmlNode *env = NULL; (env = argv_native_child(commandline, env, "env"));)
        if (node_attr(env, "name"))
            g_ptr_array_add(b->env, g_strdup_printf("%s=%s", node_attr(env, "name"),
                                                    node_attr(env, "value") ? node_attr(env, "value") : ""));
}

static json_t *
override_value(const char *type, const char *value)
{
    if (g_str_equal(type, "signed"))
        return json_integer((json_int_t)g_ascii_strtoll(value, NULL, 10));
    if (g_str_equal(type, "unsigned"))
        return json_integer((json_int_t)g_ascii_strtoull(value, NULL, 10));
    if (g_str_equal(type, "bool"))
        return json_boolean(g_str_equal(value, "true"));
    return json_string(value);
}

void
argv_override_device(const ArgvBuilder *b, json_t *props)
{
    const xmlNode *override = argv_native_child(b->domain, NULL, "override"), *device = NULL;
    const char *id = json_string_value(json_object_get(props, "id"));

    while (override && id && (device = argv_native_child(override, device, "device"))) {
        const xmlNode *frontend = argv_native_child(device, NULL, "frontend"), *property = NULL;

        if (!node_attr_is(device, "alias", id))
            continue;
        while (frontend && (property = argv_native_child(frontend, property, "property"))) {
            const char *name = node_attr(property, "name"), *type = node_attr(property, "type");
            const char *value = node_attr(property, "value");

            if (!name || !type)
                continue;
            if (g_str_equal(type, "remove"))
                json_object_del(props, name);
            else if (value)
                json_object_set_new(props, name, override_value(type, value));
        }
    }
}
