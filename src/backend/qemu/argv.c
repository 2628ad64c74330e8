/* The command line as a whole: order of the parts, what the launcher does, the command's structures. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <stdlib.h>
#include <string.h>

#include "backend/qemu/kvm.h"
#include "util/cipher.h"
#include "util/error.h"
#include "util/quote.h"

/* sun_path of unix(7), with its NUL. */
#define SOCKET_PATH_SIZE 108

/* --- what the launcher does ------------------------------------------------------------------------------ */

int
argv_add_fd(ArgvBuilder *b, QemuFd fd)
{
    fd.number = QEMU_FIRST_FD + (int)b->fds->len;
    g_array_append_val(b->fds, fd);
    return fd.number;
}

void
argv_append_listener(ArgvBuilder *b, GString *options, QemuFdKind kind, const char *path, const char *alias)
{
    if (b->host->by_name) {
        argv_append(options, "path", path);
        g_ptr_array_add(b->folders, g_path_get_dirname(path));
    } else {
        QemuFd fd = { .kind = kind, .path = g_strdup(path), .alias = g_strdup(alias) };

        g_string_append_printf(options, ",fd=%d", argv_add_fd(b, fd));
    }
    g_string_append(options, ",server=on,wait=off");
}

void
argv_append_helper(ArgvBuilder *b, GString *options, const char *path, const char *alias)
{
    QemuFd fd = { .kind = QEMU_FD_HELPER };

    if (b->host->by_name || strlen(path) < SOCKET_PATH_SIZE) {
        argv_append(options, "path", path);
        return;
    }
    fd.alias = g_strdup(alias);
    g_string_append_printf(options, ",fd=%d", argv_add_fd(b, fd));
}

void
argv_add_file(ArgvBuilder *b, const char *path, const xmlNode *device, gboolean writable, gboolean optional)
{
    QemuFile file = {
        .path = g_strdup(path),
        .alias = g_strdup(device ? device_alias(device) : NULL),
        .target = g_strdup(device ? node_child_attr(device, "target", "dev") : NULL),
        .writable = writable,
        .optional = optional,
    };

    g_array_append_val(b->files, file);
}

void
argv_add_helper(ArgvBuilder *b, char **argv, const char *socket, const xmlNode *device)
{
    QemuHelper helper = {
        .kind = QEMU_HELPER_LISTENS,
        .name = g_path_get_basename(argv[0]),
        /* Displays have none. */
        .alias = g_strdup(device_alias(device) ? device_alias(device) : node_name(device)),
        .argv = argv,
        .socket = g_strdup(socket),
    };

    g_array_append_val(b->helpers, helper);
}

QemuHelper *
argv_add_helper_fd(ArgvBuilder *b, const char *name, char **argv, const char *socket, const xmlNode *device)
{
    QemuHelper helper = {
        .kind = socket ? QEMU_HELPER_TAKES_FD : QEMU_HELPER_PAIR,
        .name = g_strdup(name),
        .alias = g_strdup(device_alias(device)),
        .argv = argv,
        .socket = g_strdup(socket),
    };

    g_array_append_val(b->helpers, helper);
    return &g_array_index(b->helpers, QemuHelper, b->helpers->len - 1);
}

void
argv_add_setup(ArgvBuilder *b, const char *command, json_t *args)
{
    json_array_append_new(b->setup, args ? json_pack("{s:s,s:o}", "execute", command, "arguments", args)
                                         : json_pack("{s:s}", "execute", command));
}

/* --- the parts ------------------------------------------------------------------------------------------- */

static void
argv_add_monitor(ArgvBuilder *b)
{
    g_autoptr(GString) options = g_string_new("socket,id=charmonitor");

    argv_append_listener(b, options, QEMU_FD_MONITOR, b->host->monitor_path, NULL);
    argv_add(b, "-chardev", options->str);
    argv_add(b, "-mon", "chardev=charmonitor,id=monitor,mode=control");
}

static void
argv_add_env(ArgvBuilder *b)
{
    const char *path = g_getenv("PATH");
    const char *home = b->host->state_dir;

    if (!path)
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    g_ptr_array_add(b->env, g_strdup("LC_ALL=C"));
    g_ptr_array_add(b->env, g_strdup_printf("PATH=%s", path));
    if (!home)
        return;
    g_ptr_array_add(b->env, g_strdup_printf("HOME=%s", home));
    g_ptr_array_add(b->env, g_strdup_printf("XDG_DATA_HOME=%s/.local/share", home));
    g_ptr_array_add(b->env, g_strdup_printf("XDG_CACHE_HOME=%s/.cache", home));
    g_ptr_array_add(b->env, g_strdup_printf("XDG_CONFIG_HOME=%s/.config", home));
}

static void
argv_read_boot_order(ArgvBuilder *b)
{
    guint order = 1;

    NODE_FOREACH(boot, node_child(b->domain, "os"), "boot") {
        const char *dev = node_attr(boot, "dev");
        guint *slot = NULL;

        if (g_strcmp0(dev, "hd") == 0)
            slot = &b->boot_disk;
        else if (g_strcmp0(dev, "cdrom") == 0)
            slot = &b->boot_cdrom;
        else if (g_strcmp0(dev, "fd") == 0)
            slot = &b->boot_floppy;
        else if (g_strcmp0(dev, "network") == 0)
            slot = &b->boot_network;
        if (slot && !*slot)
            *slot = order;
        order++;
    }
}

static gboolean
argv_add_all_devices(ArgvBuilder *b, GError **error)
{
    return argv_add_controllers(b, error) && argv_add_disks(b, error) && argv_add_filesystems(b, error) &&
           argv_add_interfaces(b, error) &&
           argv_add_character_devices(b, error) && argv_add_inputs(b, error) && argv_add_audio(b, error) &&
           argv_add_graphics(b, error) && argv_add_video(b, error) && argv_add_sound(b, error) &&
           argv_add_watchdogs(b, error) && argv_add_redirdevs(b, error) && argv_add_hostdevs(b, error) &&
           argv_add_other_devices(b, error);
}

static gboolean
argv_add_all(ArgvBuilder *b, GError **error)
{
    GString *name = g_string_new("guest=");

    /* The first key has no comma before it. */
    argv_append(name, "", node_child_text(b->domain, "name"));
    g_string_erase(name, strlen("guest="), 2);
    argv_addf(b, "-name", "%s,debug-threads=on", name->str);
    g_string_free(name, TRUE);
    argv_add(b, "-S", NULL);
    if (!argv_add_firmware_nodes(b, error) || !argv_add_machine(b, error) || !argv_add_cpu(b, error) ||
        !argv_add_memory(b, error) || !argv_add_smp(b, error))
        return FALSE;
    argv_add_iothreads(b);
    argv_add_pr_helper(b);
    if (!argv_add_numa(b, error) || !argv_add_memory_devices(b, error))
        return FALSE;
    argv_add(b, "-uuid", node_child_text(b->domain, "uuid"));
    if (!argv_add_sysinfo(b, error))
        return FALSE;
    if (!node_child(b->devices, "graphics"))
        argv_add(b, "-display", "none");
    argv_add(b, "-no-user-config", NULL);
    argv_add(b, "-nodefaults", NULL);
    argv_add_monitor(b);
    argv_add_clock(b);
    argv_add_boot(b);
    if (!argv_add_all_devices(b, error))
        return FALSE;
    if (!argv_add_launch_security(b, error))
        return FALSE;
    argv_add_native(b);
    argv_add(b, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    argv_add(b, "-msg", "timestamp=on");
    if (b->host->incoming)
        argv_add(b, "-incoming", b->host->incoming);
    return TRUE;
}

/* --- the command ----------------------------------------------------------------------------------------- */

static void
argv_fd_clear(gpointer data)
{
    QemuFd *fd = data;

    g_free(fd->path);
    g_free(fd->ifname);
    g_free(fd->bridge);
    g_free(fd->lower);
    g_free(fd->mode);
    g_free(fd->script);
    g_free(fd->downscript);
    g_free(fd->mac);
    g_free(fd->alias);
}

static void
argv_file_clear(gpointer data)
{
    QemuFile *file = data;

    g_free(file->path);
    g_free(file->alias);
    g_free(file->target);
}

static void
argv_chardev_clear(gpointer data)
{
    QemuChardev *chardev = data;

    g_free(chardev->alias);
    g_free(chardev->chardev);
    g_free(chardev->type);
}

static void
argv_helper_clear(gpointer data)
{
    QemuHelper *helper = data;

    g_strfreev(helper->argv);
    g_free(helper->name);
    g_free(helper->socket);
    g_free(helper->folder);
    g_free(helper->secret);
    g_free(helper->alias);
}

static GArray *
argv_array(gsize size, GDestroyNotify clear)
{
    GArray *array = g_array_new(FALSE, TRUE, (guint)size);

    g_array_set_clear_func(array, clear);
    return array;
}

static char **
argv_steal_strings(GPtrArray **array)
{
    g_ptr_array_add(*array, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(array), FALSE);
}

static void
argv_wipe_key(guint8 *key)
{
    if (key)
        explicit_bzero(key, CIPHER_KEY_BYTES);
    g_free(key);
}

static void
argv_builder_clear(ArgvBuilder *b)
{
    g_clear_pointer(&b->argv, g_ptr_array_unref);
    g_clear_pointer(&b->env, g_ptr_array_unref);
    g_clear_pointer(&b->folders, g_ptr_array_unref);
    g_clear_pointer(&b->fds, g_array_unref);
    g_clear_pointer(&b->files, g_array_unref);
    g_clear_pointer(&b->chardevs, g_array_unref);
    g_clear_pointer(&b->helpers, g_array_unref);
    g_clear_pointer(&b->master_key, argv_wipe_key);
    g_clear_pointer(&b->master_key_path, g_free);
    json_decref(b->setup);
    b->setup = NULL;
}

static QemuCommand *
argv_builder_finish(ArgvBuilder *b)
{
    QemuCommand *command = g_new0(QemuCommand, 1);

    command->argv = argv_steal_strings(&b->argv);
    command->env = argv_steal_strings(&b->env);
    command->folders = argv_steal_strings(&b->folders);
    command->n_fds = b->fds->len;
    command->fds = (QemuFd *)g_array_free(g_steal_pointer(&b->fds), FALSE);
    command->n_files = b->files->len;
    command->files = (QemuFile *)g_array_free(g_steal_pointer(&b->files), FALSE);
    command->n_chardevs = b->chardevs->len;
    command->chardevs = (QemuChardev *)g_array_free(g_steal_pointer(&b->chardevs), FALSE);
    command->n_helpers = b->helpers->len;
    command->helpers = (QemuHelper *)g_array_free(g_steal_pointer(&b->helpers), FALSE);
    command->master_key = g_steal_pointer(&b->master_key);
    command->master_key_length = command->master_key ? CIPHER_KEY_BYTES : 0;
    command->master_key_path = g_steal_pointer(&b->master_key_path);
    command->setup = g_steal_pointer(&b->setup);
    return command;
}

QemuCommand *
qemu_command_build(struct _xmlNode *domain, const QemuHost *host, GError **error)
{
    const xmlNode *type = node_path(domain, "os/type");
    ArgvBuilder b = {
        .domain = domain,
        .devices = node_child(domain, "devices"),
        .host = host,
        .caps = host->caps,
        .arch = node_attr(type, "arch") ? node_attr(type, "arch") : qemu_host_arch(),
        .machine_name = node_attr(type, "machine"),
        .kvm = node_attr_is(domain, "type", "kvm"),
        .argv = g_ptr_array_new_with_free_func(g_free),
        .env = g_ptr_array_new_with_free_func(g_free),
        .folders = g_ptr_array_new_with_free_func(g_free),
        .fds = argv_array(sizeof(QemuFd), argv_fd_clear),
        .files = argv_array(sizeof(QemuFile), argv_file_clear),
        .chardevs = argv_array(sizeof(QemuChardev), argv_chardev_clear),
        .helpers = argv_array(sizeof(QemuHelper), argv_helper_clear),
        .setup = json_array(),
    };
    gboolean done;

    b.x86 = g_str_equal(b.arch, "x86_64") || g_str_equal(b.arch, "i686");
    b.machine = b.machine_name ? qemu_caps_machine(b.caps, b.machine_name) : NULL;
    b.q35 = b.machine_name && (g_str_has_prefix(b.machine_name, "pc-q35") || g_str_equal(b.machine_name, "q35"));
    if (!b.machine)
        done = hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Emulator '%s' does not support machine type '%s'",
                        qemu_caps_emulator(b.caps), b.machine_name ? b.machine_name : "");
    else
        done = !b.kvm || host->no_kvm_check ||
               kvm_require(host->kvm_device ? host->kvm_device : KVM_DEVICE, host->cache_dir, error);
    if (done) {
        g_ptr_array_add(b.argv, g_strdup(qemu_caps_emulator(b.caps)));
        argv_read_boot_order(&b);
        argv_add_env(&b);
        done = argv_add_all(&b, error);
    }
    if (!done) {
        argv_builder_clear(&b);
        return NULL;
    }
    return argv_builder_finish(&b);
}

void
qemu_command_free(QemuCommand *command)
{
    if (!command)
        return;
    g_strfreev(command->argv);
    g_strfreev(command->env);
    g_strfreev(command->folders);
    for (guint i = 0; i < command->n_fds; i++)
        argv_fd_clear(&command->fds[i]);
    for (guint i = 0; i < command->n_files; i++)
        argv_file_clear(&command->files[i]);
    for (guint i = 0; i < command->n_chardevs; i++)
        argv_chardev_clear(&command->chardevs[i]);
    g_free(command->fds);
    g_free(command->files);
    for (guint i = 0; i < command->n_helpers; i++)
        argv_helper_clear(&command->helpers[i]);
    g_free(command->chardevs);
    g_free(command->helpers);
    argv_wipe_key(command->master_key);
    g_free(command->master_key_path);
    json_decref(command->setup);
    g_free(command);
}

/* --- as text --------------------------------------------------------------------------------------------- */

char *
qemu_option_format(const char *option, const char *value)
{
    GString *text = g_string_new(NULL);

    quote_append_word(text, option);
    if (value) {
        g_string_append_c(text, ' ');
        quote_append_word(text, value);
    }
    return g_string_free(text, FALSE);
}

char *
qemu_command_format(const QemuCommand *command)
{
    GString *text = g_string_new(NULL);

    for (char **env = command->env; *env; env++) {
        const char *equals = strchr(*env, '=');

        g_string_append_len(text, *env, equals - *env + 1);
        if (equals[1])
            quote_append_word(text, equals + 1);
        g_string_append(text, " \\\n");
    }
    quote_append_word(text, command->argv[0]);
    for (char **arg = command->argv + 1; *arg; arg++) {
        g_string_append(text, **arg == '-' ? " \\\n" : " ");
        quote_append_word(text, *arg);
    }
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

char *
qemu_setup_format(const json_t *setup)
{
    json_t *shown = json_deep_copy(setup), *arguments = json_object_get(shown, "arguments");
    char *text, *line;

    if (json_object_get(arguments, "password"))
        json_object_set_new(arguments, "password", json_string("***"));
    text = json_dumps(shown, JSON_COMPACT);
    line = g_strdup(text);
    free(text);
    json_decref(shown);
    return line;
}

char *
qemu_command_format_setup(const QemuCommand *command)
{
    GString *text = g_string_new(NULL);
    const json_t *setup;
    size_t i;

    json_array_foreach(command->setup, i, setup) {
        g_autofree char *line = qemu_setup_format(setup);

        g_string_append_printf(text, "  %s\n", line);
    }
    return g_string_free(text, FALSE);
}
