/* Displays: VNC, SPICE and the others. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/error.h"

/* Displays of VNC are numbered from here. */
#define GRAPHICS_PORT_MIN 5900
#define GRAPHICS_PORT_MAX 65535

/* --- graphics -------------------------------------------------------------------------------------------- */

/* The first <listen>, or the old listen attribute. */
static const char *
graphics_address(const xmlNode *graphics)
{
    const char *address = node_child_attr(graphics, "listen", "address");

    return address ? address : node_attr(graphics, "listen");
}

static const char *
graphics_listen_type(const xmlNode *graphics)
{
    const char *type = node_child_attr(graphics, "listen", "type");

    return type ? type : node_attr(graphics, "socket") ? "socket" : "address";
}

static const char *
graphics_socket(const xmlNode *graphics)
{
    const char *path = node_child_attr(graphics, "listen", "socket");

    return path ? path : node_attr(graphics, "socket");
}

/* Seconds of a date like 2030-01-31T12:00:00, which is UTC; the 31st of a short month is the 1st of the next. */
static char *
graphics_password_expiry(const xmlNode *graphics)
{
    const char *until = node_attr(graphics, "passwdValidTo");
    struct tm date = { .tm_isdst = 0 };

    if (!until || sscanf(until, "%4d-%2d-%2dT%2d:%2d:%2d", &date.tm_year, &date.tm_mon, &date.tm_mday, &date.tm_hour,
                         &date.tm_min, &date.tm_sec) != 6)
        return g_strdup("never");
    date.tm_year -= 1900;
    date.tm_mon--;
    return g_strdup_printf("%lld", (long long)timegm(&date));
}

static void
graphics_add_password(ArgvBuilder *b, const xmlNode *graphics, const char *protocol)
{
    const char *password = node_attr(graphics, "passwd");
    const char *connected = node_attr(graphics, "connected");
    g_autofree char *expiry = NULL;

    if (!password)
        return;
    expiry = graphics_password_expiry(graphics);
    argv_add_setup(b, "set_password",
                   json_pack("{s:s,s:s,s:s*}", "protocol", protocol, "password", password, "connected", connected));
    argv_add_setup(b, "expire_password", json_pack("{s:s,s:s}", "protocol", protocol, "time", expiry));
}

static void
graphics_append_host(GString *options, const char *address)
{
    if (!address)
        address = "127.0.0.1";
    g_string_append_printf(options, strchr(address, ':') ? "[%s]" : "%s", address);
}

static gboolean
graphics_add_vnc(ArgvBuilder *b, const xmlNode *graphics, GError **error)
{
    const char *listen = graphics_listen_type(graphics);
    gint64 port = node_attr(graphics, "port") ? g_ascii_strtoll(node_attr(graphics, "port"), NULL, 10) : 0;
    g_autofree char *audio = NULL;
    g_autoptr(GString) options = g_string_new(NULL);

    if (g_str_equal(listen, "socket")) {
        g_string_append(options, "vnc=unix:");
        argv_append_escaped(options, graphics_socket(graphics) ? graphics_socket(graphics) : "");
    } else if (g_str_equal(listen, "none")) {
        g_string_append(options, "none");
    } else {
        if (port < GRAPHICS_PORT_MIN || port > GRAPHICS_PORT_MAX)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "vnc port must be in range [%d,%d]", GRAPHICS_PORT_MIN, GRAPHICS_PORT_MAX);
        graphics_append_host(options, graphics_address(graphics));
        g_string_append_printf(options, ":%" G_GINT64_FORMAT, port - GRAPHICS_PORT_MIN);
        argv_append(options, "websocket", node_attr(graphics, "websocket"));
    }
    argv_append(options, "share", node_attr(graphics, "sharePolicy"));
    if (node_attr(graphics, "passwd"))
        g_string_append(options, ",password=on");
    argv_append_switch(options, "power-control", node_attr(graphics, "powerControl"));
    if ((node_child(graphics, "audio") || node_child(b->devices, "audio")) && !argv_audio_of(b, graphics, &audio, error))
        return FALSE;
    argv_append(options, "audiodev", audio);
    argv_add(b, "-vnc", options->str);
    if (node_attr(graphics, "keymap"))
        argv_add(b, "-k", node_attr(graphics, "keymap"));
    graphics_add_password(b, graphics, "vnc");
    return TRUE;
}

/* Elements of <graphics type='spice'> with one attribute that goes to QEMU under another name. */
static const char *const spice_options[][3] = {
    { "image", "compression", "image-compression" },
    { "jpeg", "compression", "jpeg-wan-compression" },
    { "zlib", "compression", "zlib-glz-wan-compression" },
    { "playback", "compression", "playback-compression" },
    { "streaming", "mode", "streaming-video" },
};

/* Where libvirt's defaults have the certificates. */
#define SPICE_CERTIFICATES "/etc/pki/qemu"

static gboolean
graphics_append_spice_channels(GString *options, const xmlNode *graphics, gboolean tls, GError **error)
{
    const char *mode = node_attr(graphics, "defaultMode");

    if (g_strcmp0(mode, "secure") == 0 && !tls)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "spice defaultMode secure requested in XML configuration, but TLS connection is not available");
    if (g_strcmp0(mode, "secure") == 0)
        g_string_append(options, ",tls-channel=default");
    else if (g_strcmp0(mode, "insecure") == 0)
        g_string_append(options, ",plaintext-channel=default");
    NODE_FOREACH(channel, graphics, "channel") {
        if (node_attr_is(channel, "mode", "secure") && !tls)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "spice secure channels set in XML configuration, but TLS connection is not available");
        argv_append(options, node_attr_is(channel, "mode", "secure") ? "tls-channel" : "plaintext-channel", node_attr(channel, "name"));
    }
    return TRUE;
}

static gboolean
graphics_add_spice(ArgvBuilder *b, const xmlNode *graphics, GError **error)
{
    const char *listen = graphics_listen_type(graphics);
    const xmlNode *gl = node_child(graphics, "gl");
    g_autoptr(GString) options = g_string_new(NULL);
    gboolean tls = FALSE;

    if (g_str_equal(listen, "socket")) {
        g_string_append(options, ",unix");
        argv_append(options, "addr", graphics_socket(graphics));
    } else if (g_str_equal(listen, "none")) {
        g_string_append(options, ",port=0");
    } else {
        tls = node_attr(graphics, "tlsPort") != NULL;
        argv_append(options, "port", node_attr(graphics, "port"));
        argv_append(options, "tls-port", node_attr(graphics, "tlsPort"));
        if (tls || node_attr(graphics, "port"))
            argv_append(options, "addr", graphics_address(graphics) ? graphics_address(graphics) : "127.0.0.1");
        if (tls)
            argv_append(options, "x509-dir", SPICE_CERTIFICATES);
    }
    if (node_child(graphics, "mouse"))
        argv_append_switch(options, "agent-mouse",
                           node_attr_is(node_child(graphics, "mouse"), "mode", "client") ? "on" : "off");
    if (!node_attr(graphics, "passwd"))
        g_string_append(options, ",disable-ticketing=on");
    if (!graphics_append_spice_channels(options, graphics, tls, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(spice_options); i++)
        argv_append_switch(options, spice_options[i][2],
                           node_child_attr(graphics, spice_options[i][0], spice_options[i][1]));
    if (!node_attr_yes(node_child(graphics, "clipboard"), "copypaste", TRUE))
        g_string_append(options, ",disable-copy-paste=on");
    if (!node_attr_yes(node_child(graphics, "filetransfer"), "enable", TRUE))
        g_string_append(options, ",disable-agent-file-xfer=on");
    if (node_attr_yes(gl, "enable", FALSE)) {
        g_string_append(options, ",gl=on");
        argv_append(options, "rendernode", node_attr(gl, "rendernode"));
    }
    g_string_append(options, ",seamless-migration=on");
    argv_add(b, "-spice", options->str + 1);
    if (node_attr(graphics, "keymap"))
        argv_add(b, "-k", node_attr(graphics, "keymap"));
    graphics_add_password(b, graphics, "spice");
    return TRUE;
}

static gboolean
graphics_add_egl(ArgvBuilder *b, const xmlNode *graphics, G_GNUC_UNUSED GError **error)
{
    g_autoptr(GString) options = g_string_new("egl-headless");

    argv_append(options, "rendernode", node_child_attr(graphics, "gl", "rendernode"));
    argv_add(b, "-display", options->str);
    return TRUE;
}

/* The bus of a display that names none is the domain's own: qemu_prepare_live() has given it this address. */
static void
graphics_add_bus(ArgvBuilder *b, const xmlNode *graphics)
{
    g_autofree char *socket = g_strdup_printf("%s/dbus/dbus.sock", b->host->state_dir ? b->host->state_dir : "");
    g_autofree char *own = g_strconcat("unix:path=", socket, NULL), *address = g_strconcat("--address=", own, NULL);
    const char *const argv[] = { "dbus-daemon", "--session", "--nofork", "--nopidfile", address, NULL };

    if (node_attr_is(graphics, "address", own))
        argv_add_helper(b, g_strdupv((char **)argv), socket, graphics);
}

static gboolean
graphics_add_dbus(ArgvBuilder *b, const xmlNode *graphics, GError **error)
{
    const xmlNode *gl = node_child(graphics, "gl");
    g_autofree char *audio = NULL;
    g_autoptr(GString) options = g_string_new("dbus");

    if (node_attr_is(graphics, "p2p", "yes"))
        g_string_append(options, ",p2p=on");
    else
        graphics_add_bus(b, graphics);
    argv_append(options, "addr", node_attr(graphics, "address"));
    argv_append_switch(options, "gl", node_attr(gl, "enable"));
    argv_append(options, "rendernode", node_attr(gl, "rendernode"));
    if (node_child(graphics, "audio") && !argv_audio_of(b, graphics, &audio, error))
        return FALSE;
    argv_append(options, "audiodev", audio);
    argv_add(b, "-display", options->str);
    return TRUE;
}

static gboolean
graphics_add_sdl(ArgvBuilder *b, const xmlNode *graphics, G_GNUC_UNUSED GError **error)
{
    g_autoptr(GString) options = g_string_new("sdl");

    if (node_attr(graphics, "display"))
        g_ptr_array_add(b->env, g_strconcat("DISPLAY=", node_attr(graphics, "display"), NULL));
    if (node_attr(graphics, "xauth"))
        g_ptr_array_add(b->env, g_strconcat("XAUTHORITY=", node_attr(graphics, "xauth"), NULL));
    argv_append_switch(options, "gl", node_child_attr(graphics, "gl", "enable"));
    argv_add(b, "-display", options->str);
    if (node_attr_is(graphics, "fullscreen", "yes"))
        argv_add(b, "-full-screen", NULL);
    return TRUE;
}

/* One screen each: QEMU knows no more. */
static gboolean
graphics_check(const ArgvBuilder *b, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    NODE_FOREACH(graphics, b->devices, "graphics")
        if (node_count(graphics, "listen") > 1)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "QEMU does not support multiple listens for one graphics device.");
    NODE_FOREACH(graphics, b->devices, "graphics")
        if (!g_hash_table_add(seen, (gpointer)node_attr(graphics, "type")))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "only 1 graphics device of each type (sdl, vnc, spice, headless, dbus) is supported");
    return TRUE;
}

gboolean
argv_add_graphics(ArgvBuilder *b, GError **error)
{
    static const struct {
        const char *type;
        gboolean (*add)(ArgvBuilder *b, const xmlNode *graphics, GError **error);
    } kinds[] = {
        { "vnc", graphics_add_vnc }, { "spice", graphics_add_spice }, { "egl-headless", graphics_add_egl },
        { "sdl", graphics_add_sdl }, { "dbus", graphics_add_dbus },
    };

    if (!graphics_check(b, error))
        return FALSE;
    NODE_FOREACH(graphics, b->devices, "graphics") {
        const char *type = node_attr(graphics, "type");
        gsize i = 0;

        while (i < G_N_ELEMENTS(kinds) && g_strcmp0(type, kinds[i].type) != 0)
            i++;
        if (i == G_N_ELEMENTS(kinds))
            return device_unsupported(error, "graphics type", type);
        if (!kinds[i].add(b, graphics, error))
            return FALSE;
    }
    return TRUE;
}
