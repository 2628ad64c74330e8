/* Character devices: -chardev for the host's end, serial ports, consoles and channels for the guest's. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

#define ISA_SERIAL_MAX 4

/* --- the host's end -------------------------------------------------------------------------------------- */

/* What a file is for: the keys of its path and of whether to append, and the name of its descriptor set. */
typedef struct {
    const char *path_key;
    const char *append_key;
    const char *what;
} ChardevFile;

static const ChardevFile chardev_output = { "path", "append", "source" };
static const ChardevFile chardev_log = { "logfile", "logappend", "log" };

/* A file opened by the launcher and passed as a member of a descriptor set: QEMU needs no right to the folder. What is
 * in the file when QEMU starts is the launcher's business too, so QEMU is always told to append. */
static void
chardev_append_path(ArgvBuilder *b, GString *options, const ChardevFile *file, const char *path, const char *append,
                    const char *alias)
{
    /* A restarted guest goes on with its file unless told otherwise. */
    gboolean appends = g_strcmp0(append, "off") != 0;

    if (b->host->by_name) {
        argv_append(options, file->path_key, path);
        argv_append(options, file->append_key, append);
    } else {
        QemuFd fd = {
            .kind = QEMU_FD_FILE, .path = g_strdup(path), .append = appends, .alias = g_strdup(alias),
        };
        int set = (int)b->n_fdsets++;

        argv_addf(b, "-add-fd", "set=%d,fd=%d,opaque=%s-%s", set, argv_add_fd(b, fd), alias, file->what);
        g_string_append_printf(options, ",%s=/dev/fdset/%d,%s=on", file->path_key, set, file->append_key);
    }
}

static void
chardev_append_reconnect(GString *options, const xmlNode *source)
{
    const xmlNode *reconnect = node_child(source, "reconnect");

    if (reconnect)
        argv_append(options, "reconnect", node_attr_yes(reconnect, "enabled", FALSE) ? node_attr(reconnect, "timeout") : "0");
}

/* Where libvirt's own configuration has the certificates of character devices. */
#define TLS_CERTIFICATES "/etc/pki/qemu"

static void
chardev_append_tls(ArgvBuilder *b, GString *options, const char *id, gboolean server)
{
    g_autofree char *object = g_strdup_printf("obj%s_tls0", id);

    argv_add_json(b, "-object",
                  json_pack("{s:s,s:s,s:s,s:s,s:b}", "qom-type", "tls-creds-x509", "id", object, "dir", TLS_CERTIFICATES,
                            "endpoint", server ? "server" : "client", "verify-peer", !server));
    argv_append(options, "tls-creds", object);
}

static void
chardev_append_unix(ArgvBuilder *b, GString *options, const xmlNode *device, const xmlNode *source, const char *id)
{
    const char *path = node_attr(source, "path");

    g_string_append(options, "socket");
    argv_append(options, "id", id);
    if (node_attr_is(source, "mode", "bind")) {
        argv_append_listener(b, options, QEMU_FD_LISTEN, path, device_alias(device));
    } else {
        argv_append(options, "path", path);
        chardev_append_reconnect(options, source);
    }
}

/* The two ends of TCP and UDP are <source mode=…> elements. */
static const xmlNode *
chardev_source(const xmlNode *device, const char *mode)
{
    NODE_FOREACH(source, device, "source")
        if (node_attr_is(source, "mode", mode))
            return source;
    return NULL;
}

static void
chardev_append_tcp(ArgvBuilder *b, GString *options, const xmlNode *device, const char *id)
{
    const xmlNode *bind = chardev_source(device, "bind");
    const xmlNode *source = bind ? bind : node_child(device, "source");

    g_string_append(options, "socket");
    argv_append(options, "id", id);
    argv_append(options, "host", node_attr(source, "host"));
    argv_append(options, "port", node_attr(source, "service"));
    if (g_strcmp0(node_child_attr(device, "protocol", "type"), "telnet") == 0)
        g_string_append(options, ",telnet=on");
    if (bind)
        g_string_append(options, ",server=on,wait=off");
    else
        chardev_append_reconnect(options, source);
    if (node_attr_yes(source, "tls", FALSE))
        chardev_append_tls(b, options, id, bind != NULL);
}

static void
chardev_append_udp(GString *options, const xmlNode *device, const char *id)
{
    const xmlNode *bind = chardev_source(device, "bind");
    const xmlNode *peer = chardev_source(device, "connect");
    const char *host = node_attr(peer, "host");
    const char *local = node_attr(bind, "host");
    const char *port = node_attr(bind, "service");

    g_string_append(options, "udp");
    argv_append(options, "id", id);
    argv_append(options, "host", host ? host : "");
    argv_append(options, "port", node_attr(peer, "service") ? node_attr(peer, "service") : "0");
    argv_append(options, "localaddr", local ? local : "");
    argv_append(options, "localport", port ? port : "0");
}

static void
chardev_append_file(ArgvBuilder *b, GString *options, const xmlNode *device, const xmlNode *source, const char *id,
                    const char *alias)
{
    g_string_append(options, "file");
    argv_append(options, "id", id);
    chardev_append_path(b, options, &chardev_output, node_attr(source, "path"), node_attr(source, "append"), alias);
}

static gboolean
chardev_append_other(GString *options, const xmlNode *device, const char *type, const char *id, GError **error)
{
    static const struct {
        const char *type;
        const char *backend;
        const char *value;      /* key that takes the source's path */
    } plain[] = {
        { "pty", "pty", NULL }, { "null", "null", NULL }, { "vc", "vc", NULL }, { "stdio", "stdio", NULL },
        { "dev", "serial", "path" }, { "pipe", "pipe", "path" },
    };
    const xmlNode *source = node_child(device, "source");

    for (gsize i = 0; i < G_N_ELEMENTS(plain); i++) {
        if (!g_str_equal(plain[i].type, type))
            continue;
        g_string_append(options, node_is(device, "parallel") && g_str_equal(type, "dev") ? "parallel" : plain[i].backend);
        argv_append(options, "id", id);
        if (plain[i].value)
            argv_append(options, plain[i].value, node_attr(source, "path"));
        return TRUE;
    }
    if (g_str_equal(type, "spicevmc")) {
        g_string_append(options, "spicevmc");
        argv_append(options, "id", id);
        g_string_append(options, node_is(device, "redirdev")    ? ",name=usbredir"
                                 : node_is(device, "smartcard") ? ",name=smartcard"
                                                                : ",name=vdagent");
        return TRUE;
    }
    if (g_str_equal(type, "spiceport") || g_str_equal(type, "dbus")) {
        g_string_append(options, type);
        argv_append(options, "id", id);
        argv_append(options, "name", node_attr(source, "channel"));
        return TRUE;
    }
    if (g_str_equal(type, "qemu-vdagent")) {
        g_string_append(options, "qemu-vdagent");
        argv_append(options, "id", id);
        g_string_append(options, ",name=vdagent");
        argv_append_switch(options, "clipboard", node_child_attr(source, "clipboard", "copypaste"));
        if (node_child_attr(source, "mouse", "mode"))
            argv_append_switch(options, "mouse",
                               node_attr_is(node_child(source, "mouse"), "mode", "client") ? "on" : "off");
        return TRUE;
    }
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported chardev '%s'", type);
}

gboolean
argv_add_chardev(ArgvBuilder *b, const xmlNode *device, const char *id, GError **error)
{
    const char *type = node_attr(device, "type");
    const xmlNode *source = node_child(device, "source");
    const xmlNode *log = node_child(device, "log");
    const char *alias = device_alias(device);
    g_autoptr(GString) options = g_string_new(NULL);
    QemuChardev chardev;

    if (!type)
        type = "null";
    if ((g_str_equal(type, "file") || g_str_equal(type, "unix")) && !node_attr(source, "path"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Missing source path attribute for char device");
    if (g_str_equal(type, "unix"))
        chardev_append_unix(b, options, device, source, id);
    else if (g_str_equal(type, "tcp"))
        chardev_append_tcp(b, options, device, id);
    else if (g_str_equal(type, "udp"))
        chardev_append_udp(options, device, id);
    else if (g_str_equal(type, "file"))
        chardev_append_file(b, options, device, source, id, alias ? alias : id);
    else if (!chardev_append_other(options, device, type, id, error))
        return FALSE;
    if (node_attr(log, "file"))
        chardev_append_path(b, options, &chardev_log, node_attr(log, "file"), node_attr(log, "append"), alias ? alias : id);
    argv_add(b, "-chardev", options->str);
    chardev = (QemuChardev){ .alias = g_strdup(alias), .chardev = g_strdup(id), .type = g_strdup(type) };
    g_array_append_val(b->chardevs, chardev);
    return TRUE;
}

/* --- the guest's end ------------------------------------------------------------------------------------- */

static json_t *
serial_props(ArgvBuilder *b, const xmlNode *serial, const char *id, const char *alias, GError **error)
{
    const xmlNode *target = node_child(serial, "target");
    const char *model = node_child_attr(target, "model", "name");
    gboolean isa;
    json_t *props;

    if (!model)
        model = node_attr(target, "type") ? node_attr(target, "type") : "isa-serial";
    isa = g_str_equal(model, "isa-serial");
    if (!isa && !g_str_equal(model, "usb-serial") && !g_str_equal(model, "pci-serial") &&
        !g_str_equal(model, "isa-debugcon") && !g_str_equal(model, "spapr-vty") &&
        !g_str_equal(model, "sclpconsole") && !g_str_equal(model, "sclplmconsole")) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Invalid target model for serial device");
        return NULL;
    }
    if (!device_need_model(b, model, error))
        return NULL;
    props = device_props(model);
    props_str(props, "chardev", id);
    props_str(props, "id", alias);
    if (isa)
        props_attr_uint(props, "index", target, "port");
    return props;
}

/* Ports that are part of the board take a chardev by -serial, in order. */
static gboolean
serial_is_builtin(const xmlNode *serial)
{
    const char *model = node_child_attr(node_child(serial, "target"), "model", "name");

    return model && (g_str_equal(model, "pl011") || g_str_equal(model, "16550a"));
}

/* The port that SPICE's agent in the guest looks for. */
#define SPICE_AGENT "com.redhat.spice.0"

static json_t *
channel_props(const xmlNode *channel, const char *id, const char *alias, GError **error)
{
    const char *type = node_child_attr(channel, "target", "type");
    const char *name = node_child_attr(channel, "target", "name");
    const char *source = node_attr(channel, "type");
    json_t *props;

    if (g_strcmp0(type, "virtio") != 0) {
        device_unsupported(error, "channel target type", type);
        return NULL;
    }
    if (!name && (g_strcmp0(source, "spicevmc") == 0 || g_strcmp0(source, "qemu-vdagent") == 0))
        name = SPICE_AGENT;
    if (g_strcmp0(source, "spicevmc") == 0 && !g_str_equal(name, SPICE_AGENT)) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unsupported spicevmc target name '%s'", name);
        return NULL;
    }
    props = device_props("virtserialport");
    props_str(props, "chardev", id);
    props_str(props, "id", alias);
    props_str(props, "name", name);
    return props;
}

static json_t *
console_props(const xmlNode *console, const char *id, const char *alias, GError **error)
{
    const char *type = node_child_attr(console, "target", "type");
    json_t *props;

    if (g_strcmp0(type, "virtio") == 0)
        props = device_props("virtconsole");
    else if (g_strcmp0(type, "sclp") == 0)
        props = device_props("sclpconsole");
    else if (g_strcmp0(type, "sclplm") == 0)
        props = device_props("sclplmconsole");
    else {
        device_unsupported(error, "console target type", type);
        return NULL;
    }
    props_str(props, "chardev", id);
    props_str(props, "id", alias);
    return props;
}

/* <channel> that forwards an address of user networking. */
static void
channel_add_guestfwd(ArgvBuilder *b, const xmlNode *channel, const char *id, const char *alias)
{
    g_autofree char *forward = g_strdup_printf("tcp:%s:%s-chardev:%s", node_child_attr(channel, "target", "address"),
                                               node_child_attr(channel, "target", "port"), id);

    argv_add_json(b, "-netdev", json_pack("{s:s,s:[{s:s}],s:s}", "type", "user", "guestfwd", "str", forward, "id", alias));
}

/* The <console> that stands for the first serial port is no device of its own. */
static gboolean
console_is_serial(const xmlNode *device)
{
    const char *type = node_child_attr(device, "target", "type");

    return node_is(device, "console") && (!type || g_str_equal(type, "serial"));
}

static gboolean
chardev_add_device(ArgvBuilder *b, const xmlNode *device, GError **error)
{
    const char *alias = device_need_alias(device, error);
    g_autofree char *id = g_strconcat("char", alias, NULL);
    json_t *props;

    if (!alias || !argv_add_chardev(b, device, id, error))
        return FALSE;
    if (node_is(device, "serial") && serial_is_builtin(device)) {
        argv_addf(b, "-serial", "chardev:%s", id);
        return TRUE;
    }
    if (node_is(device, "channel") && g_strcmp0(node_child_attr(device, "target", "type"), "guestfwd") == 0) {
        channel_add_guestfwd(b, device, id, alias);
        return TRUE;
    }
    if (node_is(device, "serial")) {
        props = serial_props(b, device, id, alias, error);
    } else if (node_is(device, "parallel")) {
        props = device_props("isa-parallel");
        props_str(props, "chardev", id);
        props_str(props, "id", alias);
        /* libvirt leaves the place of parallel ports to QEMU. */
        argv_add_json(b, "-device", props);
        return TRUE;
    } else if (node_is(device, "channel")) {
        props = channel_props(device, id, alias, error);
    } else {
        props = console_props(device, id, alias, error);
    }
    if (!props)
        return FALSE;
    return device_add(b, props, device, error);
}

/* A PC has four places for ISA serial ports. */
static gboolean
serial_check_ports(const ArgvBuilder *b, GError **error)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);

    NODE_FOREACH(serial, b->devices, "serial") {
        const xmlNode *target = node_child(serial, "target");

        if (g_strcmp0(node_child_attr(target, "model", "name"), "isa-serial") == 0 &&
            node_attr_uint(target, "port", 0) >= ISA_SERIAL_MAX)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Maximum supported number of ISA serial ports is '%d'",
                            ISA_SERIAL_MAX);
        if (node_attr(target, "port") && !g_hash_table_add(taken, (gpointer)node_attr(target, "port")))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "target port '%s' already allocated", node_attr(target, "port"));
    }
    return TRUE;
}

gboolean
argv_add_character_devices(ArgvBuilder *b, GError **error)
{
    static const char *const kinds[] = { "serial", "parallel", "channel", "console" };

    if (!serial_check_ports(b, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        NODE_FOREACH(device, b->devices, kinds[i])
            if (!console_is_serial(device) && !chardev_add_device(b, device, error))
                return FALSE;
    return TRUE;
}
