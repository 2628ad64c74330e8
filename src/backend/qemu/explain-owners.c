/* Whose an option is. */
#include "config.h"

#include "backend/qemu/explain-private.h"

#include <string.h>

#include "model/domain.h"

/* Options that no device leads to. @value: how the value begins (NULL: any). @element: paths below <domain>, the first one
 * that is there counts; "" is <domain> itself, and no path means that every guest has it. */
static const struct {
    const char *option;
    const char *value;
    const char *element;
} owners[] = {
    { "-name", NULL, "name" },
    { "-machine", NULL, "os/type" },
    { "-accel", NULL, "" },
    { "-cpu", NULL, "cpu" },
    { "-m", NULL, "memory" },
    { "-overcommit", NULL, "memoryBacking/locked|memory" },
    { "-smp", NULL, "vcpu" },
    { "-numa", "hmat", "cpu/numa/interconnects" },
    { "-numa", "dist", "cpu/numa" },
    { "-numa", NULL, "cpu/numa" },
    { "-uuid", NULL, "uuid" },
    { "-smbios", NULL, "sysinfo|os/smbios" },
    { "-fw_cfg", NULL, "sysinfo" },
    { "-rtc", NULL, "clock" },
    { "-no-hpet", NULL, "clock/timer|clock" },
    { "-boot", NULL, "os/bootmenu|os/bios|os/boot|os" },
    { "-no-acpi", NULL, "features|" },
    { "-acpitable", NULL, "os/acpi" },
    { "-kernel", NULL, "os/kernel" },
    { "-initrd", NULL, "os/initrd" },
    { "-append", NULL, "os/cmdline" },
    { "-dtb", NULL, "os/dtb" },
    { "-bios", NULL, "os/loader" },
    { "-blockdev", "libvirt-pflash0", "os/loader" },
    { "-blockdev", "libvirt-pflash1", "os/nvram" },
    { "-global", "driver=cfi.pflash01", "os/loader" },
    { "-global", "ICH9-LPC.noreboot", "devices/watchdog" },
    { "-global", "ICH9-LPC", "pm" },
    { "-global", "PIIX4_PM", "pm" },
    { "-global", "kvm-pit", "clock/timer" },
    { "-global", "mch.extended-tseg", "features/smm" },
    { "-global", "isa-fdc", "devices/controller" },
    { "-object", "memory-backend", "memory" },
    { "-object", "iothread", "iothreadids|iothreads" },
    { "-object", "sev-guest", "launchSecurity" },
    { "-display", "none", "devices/graphics|" },
    { "-display", NULL, "devices/graphics" },
    { "-vnc", NULL, "devices/graphics" },
    { "-spice", NULL, "devices/graphics" },
    { "-k", NULL, "devices/graphics" },
    { "-watchdog-action", NULL, "devices/watchdog" },
    { "-action", "watchdog", "devices/watchdog" },
    { "-audiodev", NULL, "devices/audio" },
    { "-device", "pvpanic", "devices/panic" },
    { "-device", "vmcoreinfo", "features/vmcoreinfo" },
    { "-device", "vmgenid", "genid" },
    { "-device", "intel-iommu", "devices/iommu" },
    { "-device", "usb-redir", "devices/redirdev" },
    { "-device", "qxl", "devices/video" },
};

/* The device with the alias @id, or with an alias that @id begins with ("sound0-codec0"). */
static const xmlNode *
device_with_id(const Explainer *explainer, const char *id)
{
    const xmlNode *best = NULL;
    gsize best_length = 0;

    NODE_FOREACH(device, node_child(explainer->domain, "devices"), NULL) {
        const char *alias = device_alias(device);
        gsize length = alias ? strlen(alias) : 0;

        if (length <= best_length || strncmp(id, alias, length) != 0 || (id[length] && id[length] != '-'))
            continue;
        best = device;
        best_length = length;
    }
    return best;
}

static void own(Explainer *explainer, ExplainOption *option, const xmlNode *owner);

/* Keys that name what is somebody else's: a bus, a thread that serves several, the guest's memory. */
static const char *const foreign_keys[] = { "bus", "iothread", "memory-backend", NULL };

/* Everything that @value names, itself or in what it holds, belongs to @owner. */
static void
own_named(Explainer *explainer, const json_t *value, const xmlNode *owner)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_string(value)) {
        guint index = GPOINTER_TO_UINT(g_hash_table_lookup(explainer->by_id, json_string_value(value)));

        if (index > 0)
            own(explainer, &g_array_index(explainer->options, ExplainOption, index - 1), owner);
    }
    json_object_foreach((json_t *)value, key, member)
        if (!g_strv_contains(foreign_keys, key))
            own_named(explainer, member, owner);
    json_array_foreach(value, i, member)
        own_named(explainer, member, owner);
}

static void
own(Explainer *explainer, ExplainOption *option, const xmlNode *owner)
{
    if (option->settled)
        return;
    option->settled = TRUE;
    option->owner = owner;
    own_named(explainer, option->props, owner);
}

/* The one of several elements of a kind that @option means. */
static const xmlNode *
choose(const ExplainOption *option, const xmlNode *first)
{
    const char *name = (const char *)first->name;

    for (const xmlNode *node = first; node; node = node_next(node, name)) {
        const char *type = node_attr(node, "type");

        if (strcmp(name, "audio") == 0 && option->id && g_str_has_prefix(option->id, "audio") &&
            node_attr_is(node, "id", option->id + strlen("audio")))
            return node;
        if (strcmp(name, "graphics") == 0 && type &&
            (strcmp(option->name + 1, type) == 0 || g_strcmp0(option->kind, type) == 0))
            return node;
        if (strcmp(name, "timer") == 0 && node_attr(node, "name") &&
            (strstr(option->name, node_attr(node, "name")) || (option->value && strstr(option->value, node_attr(node, "name")))))
            return node;
    }
    return first;
}

static const xmlNode *
owner_by_table(const Explainer *explainer, const ExplainOption *option)
{
    for (gsize i = 0; i < G_N_ELEMENTS(owners); i++) {
        g_auto(GStrv) paths = NULL;

        if (strcmp(option->name, owners[i].option) != 0 ||
            (owners[i].value && !(option->kind && g_str_has_prefix(option->kind, owners[i].value)) &&
             !(option->id && g_str_has_prefix(option->id, owners[i].value)) &&
             !(option->value && g_str_has_prefix(option->value, owners[i].value))))
            continue;
        paths = g_strsplit(owners[i].element, "|", -1);
        for (char **path = paths; *path; path++) {
            const xmlNode *node = **path ? node_path(explainer->domain, *path) : explainer->domain;

            if (node)
                return choose(option, node);
        }
        if (!*owners[i].element)
            return explainer->domain;
    }
    return NULL;
}

/* -numa node,nodeid=1,…: its cell. */
static const xmlNode *
numa_cell(const Explainer *explainer, const ExplainOption *option)
{
    const char *id = explain_option_string(option, "nodeid");
    guint index = 0;

    if (!id)
        return NULL;
    NODE_FOREACH(cell, node_path(explainer->domain, "cpu/numa"), "cell") {
        g_autofree char *own_id = g_strdup_printf("%u", index++);

        if (strcmp(node_attr(cell, "id") ? node_attr(cell, "id") : own_id, id) == 0)
            return cell;
    }
    return NULL;
}

/* Whom a command to the monitor is about: the display of a protocol, or the device of a QOM path. */
static const xmlNode *
setup_owner(const Explainer *explainer, const json_t *command)
{
    static const char peripheral[] = "/machine/peripheral/";
    const json_t *arguments = json_object_get(command, "arguments");
    const char *protocol = json_string_value(json_object_get(arguments, "protocol"));
    const char *id = json_string_value(json_object_get(arguments, "id"));

    if (id && g_str_has_prefix(id, peripheral)) {
        g_autofree char *device = g_strndup(id + strlen(peripheral), strcspn(id + strlen(peripheral), "/"));

        return device_with_id(explainer, device);
    }
    NODE_FOREACH(graphics, node_child(explainer->domain, "devices"), "graphics")
        if (protocol && node_attr_is(graphics, "type", protocol))
            return graphics;
    return NULL;
}

/* What is said to the monitor before the guest runs. */
void
explain_read_setup(Explainer *explainer, const json_t *setup, GPtrArray *texts)
{
    const json_t *command;
    size_t i;

    json_array_foreach(setup, i, command) {
        ExplainOption option = {
            .name = qemu_setup_format(command), .owner = setup_owner(explainer, command), .settled = TRUE,
        };

        g_ptr_array_add(texts, (gpointer)option.name);
        g_array_append_val(explainer->options, option);
    }
}

/* A companion of a USB 2 controller has no id, only the first port that it takes over. */
static const xmlNode *
usb_companion(const Explainer *explainer, const ExplainOption *option)
{
    const json_t *port = json_object_get(option->props, "firstport");

    if (!port)
        return NULL;
    NODE_FOREACH(controller, node_child(explainer->domain, "devices"), "controller") {
        const xmlNode *master = node_child(controller, "master");

        if (master && (json_int_t)node_attr_uint(master, "startport", 0) == json_integer_value(port))
            return controller;
    }
    return NULL;
}

static const xmlNode *
commandline(const Explainer *explainer)
{
    NODE_FOREACH(child, explainer->domain, NULL)
        if (g_str_equal((const char *)child->name, "commandline"))
            return child;
    return NULL;
}

void
explain_find_owners(Explainer *explainer)
{
    /* IOThreads serve many. */
    for (int round = 0; round < 3; round++)
        for (guint i = 0; i < explainer->options->len; i++) {
            ExplainOption *option = &g_array_index(explainer->options, ExplainOption, i);
            gboolean device = strcmp(option->name, "-device") == 0 || strcmp(option->name, "-object") == 0;
            const xmlNode *owner = NULL;

            if (option->settled)
                continue;
            if (option->native)
                owner = commandline(explainer);
            else if (round == 0)
                owner = device && option->id ? device_with_id(explainer, option->id) : NULL;
            else if (round == 1)
                owner = device ? usb_companion(explainer, option)
                        : strcmp(option->name, "-numa") == 0 ? numa_cell(explainer, option) : NULL;
            else
                owner = owner_by_table(explainer, option);
            if (owner)
                own(explainer, option, owner);
        }
}
