#include "config.h"

#include "backend/qemu/explain.h"

#include <string.h>

#include "model/document.h"
#include "model/domain.h"

/* Options without a value; every other one has one. */
static const char *const bare[] = {
    "-S", "-no-acpi", "-no-fd-bootchk", "-no-hpet", "-no-reboot", "-no-shutdown", "-no-user-config", "-nodefaults",
    "-nographic", NULL,
};

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

typedef struct {
    const char *name;           /* "-device"; borrowed, like the value */
    const char *value;          /* NULL for none */
    json_t *props;              /* of the value: a JSON object as it is, "a=b,c=d" as one; NULL for neither */
    const char *kind;           /* the driver, type or model: the first word of "virtio,id=a" */
    const char *id;
    const xmlNode *owner;       /* NULL: none found */
    gboolean native;            /* the user's own */
    gboolean settled;
} Option;

typedef struct {
    const xmlNode *domain;
    GArray *options;
    GHashTable *by_id;          /* id → index of its option + 1; devices are not in it */
} Explainer;

/* --- reading the command --------------------------------------------------------------------------------- */

/* "virtio,id=a,b=c,,d": a comma that is part of a value is doubled. The first word without "=" is "kind". */
static json_t *
read_keys(const char *text)
{
    json_t *props = json_object();
    g_autoptr(GString) word = g_string_new(NULL);
    gboolean first = TRUE;

    for (const char *p = text;; p++) {
        if (*p && (*p != ',' || p[1] == ',')) {
            g_string_append_c(word, *p);
            p += *p == ',';
            continue;
        }
        char *equals = strchr(word->str, '=');

        if (equals)
            *equals = '\0';
        if (equals)
            json_object_set_new(props, word->str, json_string(equals + 1));
        else if (first)
            json_object_set_new(props, "kind", json_string(word->str));
        first = FALSE;
        g_string_truncate(word, 0);
        if (!*p)
            return props;
    }
}

static const char *
option_string(const Option *option, const char *key)
{
    return json_string_value(json_object_get(option->props, key));
}

static void
option_read(Option *option)
{
    static const char *const kinds[] = { "driver", "qom-type", "type", "kind" };
    static const char *const ids[] = { "id", "node-name" };

    if (!option->value)
        return;
    option->props = *option->value == '{' ? json_loads(option->value, 0, NULL) : read_keys(option->value);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds) && !option->kind; i++)
        option->kind = option_string(option, kinds[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(ids) && !option->id; i++)
        option->id = option_string(option, ids[i]);
}

/* Where the words of <qemu:commandline> begin: they stand together, and words of hvsh follow. */
static guint
native_words(const xmlNode *domain, char **argv, guint *count)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    guint total = g_strv_length(argv);

    NODE_FOREACH(child, domain, NULL)
        if (g_str_equal((const char *)child->name, "commandline"))
            NODE_FOREACH(arg, child, NULL)
                if (g_str_equal((const char *)arg->name, "arg"))
                    g_ptr_array_add(words, (gpointer)(node_attr(arg, "value") ? node_attr(arg, "value") : ""));
    *count = words->len;
    for (guint start = total; words->len > 0 && start > 0; start--) {
        guint same = 0;

        while (same < words->len && start - 1 + same < total && strcmp(argv[start - 1 + same], words->pdata[same]) == 0)
            same++;
        if (same == words->len)
            return start - 1;
    }
    *count = 0;
    return total;
}

static void
read_options(Explainer *explainer, char **argv)
{
    guint n_native, first_native = native_words(explainer->domain, argv, &n_native);

    for (guint i = 1; argv[i]; i++) {
        Option option = { .name = argv[i], .native = i >= first_native && i < first_native + n_native };
        gboolean alone = option.native ? !argv[i + 1] || *argv[i + 1] == '-' || i + 1 == first_native + n_native
                                       : g_strv_contains(bare, argv[i]);

        if (!alone && argv[i + 1])
            option.value = argv[++i];
        if (!option.native)
            option_read(&option);
        g_array_append_val(explainer->options, option);
        if (option.id && strcmp(option.name, "-device") != 0)
            g_hash_table_insert(explainer->by_id, (gpointer)option.id, GUINT_TO_POINTER(explainer->options->len));
    }
}

/* --- owners ---------------------------------------------------------------------------------------------- */

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

static void own(Explainer *explainer, Option *option, const xmlNode *owner);

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
            own(explainer, &g_array_index(explainer->options, Option, index - 1), owner);
    }
    json_object_foreach((json_t *)value, key, member)
        if (!g_strv_contains(foreign_keys, key))
            own_named(explainer, member, owner);
    json_array_foreach(value, i, member)
        own_named(explainer, member, owner);
}

static void
own(Explainer *explainer, Option *option, const xmlNode *owner)
{
    if (option->settled)
        return;
    option->settled = TRUE;
    option->owner = owner;
    own_named(explainer, option->props, owner);
}

/* The one of several elements of a kind that @option means. */
static const xmlNode *
choose(const Option *option, const xmlNode *first)
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
owner_by_table(const Explainer *explainer, const Option *option)
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
numa_cell(const Explainer *explainer, const Option *option)
{
    const char *id = option_string(option, "nodeid");
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
static void
read_setup(Explainer *explainer, const json_t *setup, GPtrArray *texts)
{
    const json_t *command;
    size_t i;

    json_array_foreach(setup, i, command) {
        Option option = {
            .name = qemu_setup_format(command), .owner = setup_owner(explainer, command), .settled = TRUE,
        };

        g_ptr_array_add(texts, (gpointer)option.name);
        g_array_append_val(explainer->options, option);
    }
}

/* A companion of a USB 2 controller has no id, only the first port that it takes over. */
static const xmlNode *
usb_companion(const Explainer *explainer, const Option *option)
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

static void
find_owners(Explainer *explainer)
{
    /* IOThreads serve many. */
    for (int round = 0; round < 3; round++)
        for (guint i = 0; i < explainer->options->len; i++) {
            Option *option = &g_array_index(explainer->options, Option, i);
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

/* --- the answer ------------------------------------------------------------------------------------------ */

static char *
object_name(const Option *option)
{
    if (!option->id)
        return NULL;
    if (strcmp(option->name, "-device") == 0)
        return g_strconcat("/machine/peripheral/", option->id, NULL);
    if (strcmp(option->name, "-object") == 0)
        return g_strconcat("/objects/", option->id, NULL);
    if (strcmp(option->name, "-chardev") == 0)
        return g_strconcat("/chardevs/", option->id, NULL);
    return g_strdup(option->id);
}

/* "devices/disk[2]"; the number only where there are several. */
static char *
element_path(const Explainer *explainer, const xmlNode *node)
{
    const char *name = node->ns && node->ns->prefix ? NULL : node_name(node);
    g_autofree char *qualified = name ? g_strdup(name) : g_strdup_printf("%s:%s", node->ns->prefix, node->name);
    g_autofree char *parent = NULL, *step = NULL;
    guint count = 0, position = 0;

    if (node == explainer->domain)
        return g_strdup(".");
    NODE_FOREACH(sibling, node->parent, NULL) {
        count += strcmp((const char *)sibling->name, (const char *)node->name) == 0;
        if (sibling == node)
            position = count;
    }
    step = count > 1 ? g_strdup_printf("%s[%u]", qualified, position) : g_steal_pointer(&qualified);
    if (node->parent == explainer->domain)
        return g_steal_pointer(&step);
    parent = element_path(explainer, node->parent);
    return g_strconcat(parent, "/", step, NULL);
}

static void
explanation_free(gpointer data)
{
    QemuExplanation *explanation = data;

    g_free(explanation->element);
    g_free(explanation->alias);
    g_free(explanation->argument);
    g_free(explanation->object);
    g_free(explanation);
}

static void
add_explanation(const Explainer *explainer, GPtrArray *answer, const xmlNode *node, const Option *option)
{
    QemuExplanation *explanation = g_new0(QemuExplanation, 1);

    explanation->element = node ? element_path(explainer, node) : NULL;
    explanation->alias = node && node->parent && node_is(node->parent, "devices") ? g_strdup(device_alias(node)) : NULL;
    if (option) {
        explanation->argument = *option->name == '{' ? g_strdup(option->name)
                                                     : qemu_option_format(option->name, option->value);
        explanation->object = object_name(option);
    }
    g_ptr_array_add(answer, explanation);
}

static guint
add_options_of(const Explainer *explainer, GPtrArray *answer, const xmlNode *node)
{
    guint count = 0;

    for (guint i = 0; i < explainer->options->len; i++) {
        const Option *option = &g_array_index(explainer->options, Option, i);

        if (option->owner == node) {
            add_explanation(explainer, answer, node, option);
            count++;
        }
    }
    return count;
}

/* What stands below @node comes after it. TRUE when any of it is QEMU's. */
static gboolean
add_element(const Explainer *explainer, GPtrArray *answer, const xmlNode *node)
{
    gboolean inner = node_is(node, "devices") || node_is(node, "os");
    guint before = answer->len;
    guint count = add_options_of(explainer, answer, node);

    if (node_is(node, "metadata"))
        return FALSE;
    NODE_FOREACH(child, node, NULL)
        count += add_element(explainer, answer, child);
    /* One line for a whole that QEMU is told nothing of; the parts of <os> and <devices> each have theirs. */
    if (count == 0 && !inner) {
        g_ptr_array_set_size(answer, (gint)before);
        if (node->parent == explainer->domain || node_is(node->parent, "devices") || node_is(node->parent, "os"))
            add_explanation(explainer, answer, node, NULL);
    }
    return count > 0;
}

GPtrArray *
qemu_explain(const xmlNode *domain, const QemuCommand *command)
{
    g_autoptr(GArray) options = g_array_new(FALSE, FALSE, sizeof(Option));
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    Explainer explainer = { .domain = domain, .options = options, .by_id = by_id };
    GPtrArray *answer = g_ptr_array_new_with_free_func(explanation_free);

    read_options(&explainer, command->argv);
    find_owners(&explainer);
    read_setup(&explainer, command->setup, texts);
    add_options_of(&explainer, answer, domain);
    NODE_FOREACH(child, domain, NULL)
        add_element(&explainer, answer, child);
    add_options_of(&explainer, answer, NULL);
    for (guint i = 0; i < options->len; i++)
        json_decref(g_array_index(options, Option, i).props);
    return answer;
}
