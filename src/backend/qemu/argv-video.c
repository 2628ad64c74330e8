/* What the guest shows things with and is typed on: video cards and input devices. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

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
video_props_virtio(const ArgvBuilder *b, const xmlNode *video, const xmlNode *model, gboolean primary)
{
    gboolean gl = node_attr_yes(node_child(model, "acceleration"), "accel3d", FALSE);
    const char *address = node_child_attr(video, "address", "type");
    const char *vga = gl ? "virtio-vga-gl" : "virtio-vga";
    json_t *props;

    /* With VGA registers where there are any: firmware and boot loaders draw on them. */
    if (!primary || !qemu_caps_has_device(b->caps, "virtio-vga") || (address && !g_str_equal(address, "pci")))
        return device_props_virtio(video, gl ? "virtio-gpu-gl" : "virtio-gpu");
    props = device_props(vga);
    device_add_virtio_options(props, video);
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
        props_uint(props, "vram64_size_mb", node_attr_uint(model, "vram64", 0) / 1024);
        if (node_attr_uint(model, "vgamem", 0))
            props_uint(props, "vgamem_mb", node_attr_uint(model, "vgamem", 0) / 1024);
        props_uint(props, "max_outputs", node_attr_uint(model, "heads", 1));
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
    /* Its backend would be a process of its own, which its descriptor in /usr/share/qemu/vhost-user names. */
    if (g_strcmp0(node_child_attr(video, "driver", "name"), "vhostuser") == 0)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "Unable to find a satisfying vhost-user-gpu");
    if (g_str_equal(type, "virtio"))
        props = video_props_virtio(b, video, model, primary);
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
input_add_evdev(ArgvBuilder *b, const xmlNode *input, const char *alias, GError **error)
{
    const xmlNode *source = node_child(input, "source");
    json_t *props;

    if (!node_attr(source, "dev"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "argument key 'evdev' must not have null value");
    props = json_object();

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

    if (g_str_equal(bus, "ps2") || g_str_equal(bus, "parallels"))
        return TRUE;        /* part of the machine */
    alias = device_need_alias(input, error);
    if (!alias)
        return FALSE;
    if (g_str_equal(type, "evdev"))
        return input_add_evdev(b, input, alias, error);
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
