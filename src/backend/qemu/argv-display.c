/* What the user sees and types on: graphics, video, input. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

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

static char *
graphics_password_expiry(const xmlNode *graphics)
{
    const char *until = node_attr(graphics, "passwdValidTo");
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) date = until ? g_date_time_new_from_iso8601(until, utc) : NULL;

    return date ? g_strdup_printf("%" G_GINT64_FORMAT, g_date_time_to_unix(date)) : g_strdup("never");
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
graphics_add_vnc(ArgvBuilder *b, const xmlNode *graphics)
{
    const char *listen = graphics_listen_type(graphics);
    const char *audio = node_child_attr(graphics, "audio", "id");
    const char *first_audio = node_child_attr(b->devices, "audio", "id");
    guint64 port = node_attr_is(graphics, "port", "-1") ? 5900 : node_attr_uint(graphics, "port", 5900);
    g_autoptr(GString) options = g_string_new(NULL);

    if (g_str_equal(listen, "socket")) {
        g_string_append(options, "vnc=unix:");
        g_string_append(options, graphics_socket(graphics) ? graphics_socket(graphics) : "");
    } else if (g_str_equal(listen, "none")) {
        g_string_append(options, "none");
    } else {
        graphics_append_host(options, graphics_address(graphics));
        g_string_append_printf(options, ":%" G_GUINT64_FORMAT, port >= 5900 ? port - 5900 : port);
        if (node_attr(graphics, "websocket"))
            g_string_append_printf(options, ",websocket=%" G_GUINT64_FORMAT,
                                   node_attr_is(graphics, "websocket", "-1")
                                       ? 5700
                                       : node_attr_uint(graphics, "websocket", 5700));
    }
    if (node_attr(graphics, "sharePolicy"))
        argv_append(options, "share", node_attr(graphics, "sharePolicy"));
    if (node_attr(graphics, "passwd"))
        g_string_append(options, ",password=on");
    argv_append_switch(options, "power-control", node_attr(graphics, "powerControl"));
    if (audio || first_audio)
        g_string_append_printf(options, ",audiodev=audio%s", audio ? audio : first_audio);
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

static void
graphics_append_spice_channels(GString *options, const xmlNode *graphics)
{
    const char *mode = node_attr(graphics, "defaultMode");

    if (g_strcmp0(mode, "secure") == 0)
        g_string_append(options, ",tls-channel=default");
    else if (g_strcmp0(mode, "insecure") == 0)
        g_string_append(options, ",plaintext-channel=default");
    NODE_FOREACH(channel, graphics, "channel") {
        if (node_attr_is(channel, "mode", "secure"))
            argv_append(options, "tls-channel", node_attr(channel, "name"));
        else if (node_attr_is(channel, "mode", "insecure"))
            argv_append(options, "plaintext-channel", node_attr(channel, "name"));
    }
}

static gboolean
graphics_add_spice(ArgvBuilder *b, const xmlNode *graphics)
{
    const char *listen = graphics_listen_type(graphics);
    const xmlNode *gl = node_child(graphics, "gl");
    g_autoptr(GString) options = g_string_new(NULL);

    if (g_str_equal(listen, "socket")) {
        g_string_append(options, ",unix=on");
        argv_append(options, "addr", graphics_socket(graphics));
    } else if (g_str_equal(listen, "none")) {
        g_string_append(options, ",port=0");
    } else {
        guint64 port = node_attr_is(graphics, "port", "-1") ? 5900 : node_attr_uint(graphics, "port", 5900);

        g_string_append_printf(options, ",port=%" G_GUINT64_FORMAT, port);
        if (node_attr(graphics, "tlsPort") && !node_attr_is(graphics, "tlsPort", "-1"))
            argv_append(options, "tls-port", node_attr(graphics, "tlsPort"));
        argv_append(options, "addr", graphics_address(graphics) ? graphics_address(graphics) : "127.0.0.1");
    }
    if (node_child(graphics, "mouse"))
        argv_append_switch(options, "agent-mouse",
                           node_attr_is(node_child(graphics, "mouse"), "mode", "client") ? "on" : "off");
    if (!node_attr(graphics, "passwd"))
        g_string_append(options, ",disable-ticketing=on");
    graphics_append_spice_channels(options, graphics);
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
graphics_add_egl(ArgvBuilder *b, const xmlNode *graphics)
{
    g_autoptr(GString) options = g_string_new("egl-headless");

    argv_append(options, "rendernode", node_child_attr(graphics, "gl", "rendernode"));
    argv_add(b, "-display", options->str);
    return TRUE;
}

static gboolean
graphics_add_sdl(ArgvBuilder *b, const xmlNode *graphics)
{
    g_autoptr(GString) options = g_string_new("sdl");

    if (node_attr(graphics, "display"))
        g_ptr_array_add(b->env, g_strconcat("DISPLAY=", node_attr(graphics, "display"), NULL));
    if (node_attr(graphics, "xauth"))
        g_ptr_array_add(b->env, g_strconcat("XAUTHORITY=", node_attr(graphics, "xauth"), NULL));
    argv_append_switch(options, "gl", node_child_attr(graphics, "gl", "enable"));
    argv_add(b, "-display", options->str);
    return TRUE;
}

gboolean
argv_add_graphics(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(graphics, b->devices, "graphics") {
        const char *type = node_attr(graphics, "type");
        gboolean done;

        if (g_strcmp0(type, "vnc") == 0)
            done = graphics_add_vnc(b, graphics);
        else if (g_strcmp0(type, "spice") == 0)
            done = graphics_add_spice(b, graphics);
        else if (g_strcmp0(type, "egl-headless") == 0)
            done = graphics_add_egl(b, graphics);
        else if (g_strcmp0(type, "sdl") == 0)
            done = graphics_add_sdl(b, graphics);
        else
            done = device_unsupported(error, "graphics type", type);
        if (!done)
            return FALSE;
    }
    return TRUE;
}

/* --- video ----------------------------------------------------------------------------------------------- */

/* Models, their devices as the primary one and as a further one. */
static const char *const video_models[][3] = {
    { "vga", "VGA", NULL },
    { "cirrus", "cirrus-vga", NULL },
    { "vmvga", "vmware-svga", NULL },
    { "qxl", "qxl-vga", "qxl" },
    { "bochs", "bochs-display", "bochs-display" },
    { "ramfb", "ramfb", NULL },
};

static json_t *
video_props_virtio(const xmlNode *video, const xmlNode *model, gboolean primary)
{
    gboolean gl = node_attr_yes(node_child(model, "acceleration"), "accel3d", FALSE);
    const char *vhost = node_child_attr(video, "driver", "name");
    json_t *props;

    if (g_strcmp0(vhost, "vhostuser") == 0)
        props = primary ? device_props("vhost-user-vga") : device_props_virtio(video, "vhost-user-gpu");
    else if (primary)
        props = device_props(gl ? "virtio-vga-gl" : "virtio-vga");
    else
        props = device_props_virtio(video, gl ? "virtio-gpu-gl" : "virtio-gpu");
    return props;
}

static gboolean
video_has_vga_memory(const char *type)
{
    return g_str_equal(type, "vga") || g_str_equal(type, "vmvga");
}

static void
video_add_memory(json_t *props, const xmlNode *model, const char *type)
{
    guint64 vram = node_attr_uint(model, "vram", 0);

    if (g_str_equal(type, "qxl")) {
        if (node_attr_uint(model, "ram", 0))
            props_uint(props, "ram_size", node_attr_uint(model, "ram", 0) * 1024);
        if (vram)
            props_uint(props, "vram_size", vram * 1024);
        if (node_attr_uint(model, "vram64", 0))
            props_uint(props, "vram64_size_mb", node_attr_uint(model, "vram64", 0) / 1024);
        if (node_attr_uint(model, "vgamem", 0))
            props_uint(props, "vgamem_mb", node_attr_uint(model, "vgamem", 0) / 1024);
        if (node_attr(model, "heads"))
            props_attr_uint(props, "max_outputs", model, "heads");
    } else if (video_has_vga_memory(type) && vram) {
        props_uint(props, "vgamem_mb", vram / 1024);
    } else if (g_str_equal(type, "bochs") && vram) {
        props_uint(props, "vgamem", vram * 1024);
    }
}

static gboolean
video_add(ArgvBuilder *b, const xmlNode *video, gboolean primary, GError **error)
{
    const xmlNode *model = node_child(video, "model");
    const char *type = node_attr(model, "type");
    const char *alias;
    json_t *props = NULL;

    if (!type || g_str_equal(type, "none"))
        return TRUE;
    alias = device_need_alias(video, error);
    if (!alias)
        return FALSE;
    if (g_str_equal(type, "virtio"))
        props = video_props_virtio(video, model, primary);
    for (gsize i = 0; !props && i < G_N_ELEMENTS(video_models); i++) {
        const char *driver = primary ? video_models[i][1] : video_models[i][2];

        if (!g_str_equal(video_models[i][0], type) || !driver)
            continue;
        if (!device_need_model(b, driver, error))
            return FALSE;
        props = device_props(driver);
    }
    if (!props)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "video type '%s' is not supported with QEMU", type);
    props_str(props, "id", alias);
    video_add_memory(props, model, type);
    if (g_str_equal(type, "virtio")) {
        props_attr_uint(props, "max_outputs", model, "heads");
        props_attr_bool(props, "blob", model, "blob");
    }
    props_attr_uint(props, "xres", node_child(model, "resolution"), "x");
    props_attr_uint(props, "yres", node_child(model, "resolution"), "y");
    return device_add(b, props, video, error);
}

gboolean
argv_add_video(ArgvBuilder *b, GError **error)
{
    gboolean marked = FALSE, first = TRUE;

    NODE_FOREACH(video, b->devices, "video")
        marked = marked || node_attr_yes(node_child(video, "model"), "primary", FALSE);
    NODE_FOREACH(video, b->devices, "video") {
        gboolean primary = marked ? node_attr_yes(node_child(video, "model"), "primary", FALSE) : first;

        first = FALSE;
        if (!video_add(b, video, primary, error))
            return FALSE;
    }
    return TRUE;
}

/* --- input ----------------------------------------------------------------------------------------------- */

static gboolean
input_add_evdev(ArgvBuilder *b, const xmlNode *input, const char *alias)
{
    const xmlNode *source = node_child(input, "source");
    json_t *props = json_object();

    props_str(props, "qom-type", "input-linux");
    props_str(props, "id", alias);
    props_attr_str(props, "evdev", source, "dev");
    props_attr_bool(props, "repeat", source, "repeat");
    if (node_attr_is(source, "grab", "all"))
        props_bool(props, "grab_all", TRUE);
    props_attr_str(props, "grab-toggle", source, "grabToggle");
    argv_add_json(b, "-object", props);
    return TRUE;
}

static json_t *
input_props(const xmlNode *input, const char *type, const char *bus)
{
    static const char *const models[][3] = {
        { "mouse", "usb-mouse", "virtio-mouse" }, { "tablet", "usb-tablet", "virtio-tablet" },
        { "keyboard", "usb-kbd", "virtio-keyboard" }, { "passthrough", NULL, "virtio-input-host" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(models); i++) {
        if (!g_str_equal(models[i][0], type))
            continue;
        if (g_str_equal(bus, "virtio"))
            return device_props_virtio(input, models[i][2]);
        return g_str_equal(bus, "usb") && models[i][1] ? device_props(models[i][1]) : NULL;
    }
    return NULL;
}

static gboolean
input_add(ArgvBuilder *b, const xmlNode *input, GError **error)
{
    const char *type = node_attr(input, "type") ? node_attr(input, "type") : "";
    const char *bus = node_attr(input, "bus") ? node_attr(input, "bus") : "";
    const char *alias;
    json_t *props;

    if (g_str_equal(bus, "ps2"))
        return TRUE;        /* part of the machine */
    alias = device_need_alias(input, error);
    if (!alias)
        return FALSE;
    if (g_str_equal(type, "evdev"))
        return input_add_evdev(b, input, alias);
    props = input_props(input, type, bus);
    if (!props)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "%s bus does not support %s input device", bus, type);
    props_str(props, "id", alias);
    if (g_str_equal(type, "passthrough"))
        props_str(props, "evdev", node_child_attr(input, "source", "evdev"));
    return device_add(b, props, input, error);
}

gboolean
argv_add_inputs(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(input, b->devices, "input")
        if (!input_add(b, input, error))
            return FALSE;
    return TRUE;
}
