/* Displays and what belongs to them: graphics, video, input, audio. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Video models and the memory libvirt gives them, in KiB; 0: the attribute does not exist. */
static const struct {
    const char *model;
    guint ram, vram, vgamem;
} video_models[] = {
    { "vga", 0, 16384, 0 }, { "cirrus", 0, 16384, 0 }, { "vmvga", 0, 16384, 0 }, { "bochs", 0, 16384, 0 },
    { "qxl", 65536, 65536, 16384 }, { "virtio", 0, 0, 0 }, { "gop", 0, 0, 0 }, { "none", 0, 0, 0 },
    { "ramfb", 0, 0, 0 }, { "xen", 0, 4096, 0 }, { "vbox", 0, 8192, 0 }, { "parallels", 0, 0, 0 },
};

/* The old attributes listen= and socket= stand for the first <listen>. */
static void
legacy_listen(xmlNode *graphics)
{
    xmlNode *first = node_child(graphics, "listen");
    const char *address = node_attr(graphics, "listen"), *socket = node_attr(graphics, "socket");

    if (!first && socket) {
        first = domain_add_child(graphics, "listen");
        node_set_attr(first, "type", "socket");
        node_set_attr(first, "socket", socket);
    } else if (!first && address && *address) {
        first = domain_add_child(graphics, "listen");
        node_set_attr(first, "type", "address");
        node_set_attr(first, "address", address);
    } else if (first && address && node_attr_is(first, "type", "address") && !node_attr(first, "address")) {
        node_set_attr(first, "address", address);
    }
}

static gboolean
normalise_listens(const Normalise *n, xmlNode *graphics, GError **error)
{
    gboolean spice = node_attr_is(graphics, "type", "spice"), gl = FALSE;
    gboolean ports = node_attr(graphics, "port") || node_attr(graphics, "tlsPort") || node_attr_is(graphics, "autoport", "yes");
    const char *address, *type;
    xmlNode *first;

    if (spice && !ports && (!node_child(graphics, "listen") || node_attr_is(node_child(graphics, "listen"), "type", "address"))) {
        /* Nothing to listen on: a display for local use. */
        node_remove_children(graphics, "listen");
        node_set_attr(graphics, "listen", NULL);
    }
    address = node_attr(graphics, "listen");
    legacy_listen(graphics);
    first = node_child(graphics, "listen");
    if (first && address && node_attr_is(first, "type", "address") && node_attr(first, "address") &&
        strcmp(address, node_attr(first, "address")) != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "graphics 'listen' attribute '%s' must match 'address' attribute of first listen element (found '%s')",
                        address, node_attr(first, "address"));
    NODE_FOREACH(listen, graphics, "listen") {
        if (node_attr_is(listen, "type", "network")) {
            if (!node_attr(listen, "network"))
                return hv_throw(error, HV_ERR_XML_ERROR, "'network' attribute is required for listen type 'network'");
            if (!(n->flags & DOMAIN_PARSE_LIVE))
                node_set_attr(listen, "address", NULL);
        }
        if (node_attr(listen, "address") && !*node_attr(listen, "address"))
            node_set_attr(listen, "address", NULL);
    }
    if (!first) {
        gl = node_attr_is(node_child(graphics, "gl"), "enable", "yes");
        first = domain_add_child(graphics, "listen");
        node_set_attr(first, "type", spice && (gl || !ports) ? "none" : "address");
    }
    type = node_attr(first, "type");
    node_set_attr(graphics, "listen", strcmp(type, "address") == 0 ? node_attr(first, "address") : NULL);
    node_set_attr(graphics, "socket", strcmp(type, "socket") == 0 ? node_attr(first, "socket") : NULL);
    return TRUE;
}

static gboolean
has_ports(const xmlNode *graphics)
{
    const char *type = node_child_attr(graphics, "listen", "type");

    return strcmp(type, "address") == 0 || strcmp(type, "network") == 0;
}

/* Port -1 (for libvirt, also 0 and none) means: whichever is free at start. */
static gboolean
normalise_vnc(xmlNode *graphics, gboolean live, GError **error)
{
    const char *port = node_attr(graphics, "port");
    guint64 number;
    gboolean automatic = node_attr_yes(graphics, "autoport", FALSE);

    if (port && strcmp(port, "-1") != 0 && !uint_parse(port, 0, 65535, &number))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse vnc port %s", port);
    if (!has_ports(graphics)) {
        node_set_attr(graphics, "port", NULL);
        node_set_attr(graphics, "autoport", NULL);
        return TRUE;
    }
    if (!port || strcmp(port, "-1") == 0)
        automatic = TRUE;
    if (port && strcmp(port, "0") == 0 && !automatic)
        node_set_attr(graphics, "port", NULL);
    if (automatic && !live)
        node_set_attr(graphics, "port", "-1");
    node_set_attr(graphics, "autoport", automatic ? "yes" : "no");
    return TRUE;
}

static gboolean
normalise_spice(xmlNode *graphics, gboolean live, GError **error)
{
    static const char *const ports[] = { "port", "tlsPort" };
    gboolean automatic = node_attr_yes(graphics, "autoport", FALSE);

    /* -1 for both is an old way of saying autoport. */
    if (node_attr_is(graphics, "port", "-1") && node_attr_is(graphics, "tlsPort", "-1"))
        automatic = TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(ports); i++) {
        const char *port = node_attr(graphics, ports[i]);
        guint64 number;

        if (port && strcmp(port, "-1") != 0 && !uint_parse(port, 0, 65535, &number))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse spice %s %s", ports[i], port);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(ports); i++)
        if (!has_ports(graphics) || (automatic && !live) || node_attr_is(graphics, ports[i], "0"))
            node_set_attr(graphics, ports[i], NULL);
    node_set_attr(graphics, "autoport", has_ports(graphics) ? (automatic ? "yes" : "no") : NULL);
    if (node_attr_is(graphics, "defaultMode", "any"))
        node_set_attr(graphics, "defaultMode", NULL);
    return TRUE;
}

gboolean
normalise_graphics(Normalise *n, GError **error)
{
    gboolean live = (n->flags & DOMAIN_PARSE_LIVE) != 0;

    NODE_FOREACH(graphics, n->devices, "graphics") {
        const char *type = node_attr(graphics, "type");
        gboolean listens = strcmp(type, "vnc") == 0 || strcmp(type, "spice") == 0 || strcmp(type, "rdp") == 0;

        if (listens && !normalise_listens(n, graphics, error))
            return FALSE;
        if (strcmp(type, "vnc") == 0 && !normalise_vnc(graphics, live, error))
            return FALSE;
        if (strcmp(type, "spice") == 0 && !normalise_spice(graphics, live, error))
            return FALSE;
    }
    NODE_FOREACH(input, n->devices, "input") {
        const char *type = node_attr(input, "type"), *bus = node_attr(input, "bus");

        if (!bus && strcmp(type, "passthrough") == 0)
            node_set_attr(input, "bus", "virtio");
        else if (!bus && strcmp(type, "evdev") != 0)
            node_set_attr(input, "bus", n->is_x86 && strcmp(type, "tablet") != 0 ? "ps2" : "usb");
        if (node_attr(input, "model") && strcmp(type, "passthrough") != 0)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "virtio (non-)transitional models are not supported for input type=%s", type);
        if (!n->is_test && (node_attr_is(input, "bus", "xen") || node_attr_is(input, "bus", "parallels")))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "unsupported input bus %s", node_attr(input, "bus"));
        if (strcmp(type, "tablet") == 0 && node_attr_is(input, "bus", "ps2"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "ps2 bus does not support %s input device", type);
        if (strcmp(type, "evdev") == 0)
            node_set_attr(input, "bus", NULL);
    }
    return TRUE;
}

static void
add_input(Normalise *n, const char *type)
{
    xmlNode *input;

    NODE_FOREACH(other, n->devices, "input")
        if (node_attr_is(other, "type", type) && node_attr_is(other, "bus", "ps2"))
            return;
    input = domain_add_child(n->devices, "input");
    node_set_attr(input, "type", type);
    node_set_attr(input, "bus", "ps2");
}

/* A PC has its keyboard controller always. */
void
normalise_implicit_inputs(Normalise *n)
{
    if (!n->is_x86)
        return;
    add_input(n, "mouse");
    add_input(n, "keyboard");
}

const char *
domain_default_audio(const xmlNode *devices)
{
    const char *backend = node_child(devices, "graphics") ? NULL : "none";

    /* The last display that has a say decides; those on the host's own screen have none. */
    NODE_FOREACH(graphics, devices, "graphics")
        if (node_attr_is(graphics, "type", "spice"))
            backend = "spice";
        else if (node_attr_is(graphics, "type", "vnc"))
            backend = "none";
    return backend;
}

void
normalise_implicit_audio(Normalise *n)
{
    const char *backend = domain_default_audio(n->devices);
    xmlNode *audio;

    if (node_child(n->devices, "audio") || !backend)
        return;
    audio = domain_add_child(n->devices, "audio");
    node_set_attr(audio, "id", "1");
    node_set_attr(audio, "type", backend);
}

static guint64
power_of_two(guint64 value)
{
    guint64 power = 1;

    while (power < value && power < G_MAXUINT)
        power <<= 1;
    return power;
}

static gboolean
normalise_video_model(Normalise *n, xmlNode *video, gboolean primary, GError **error)
{
    xmlNode *model = domain_ensure_child(video, "model");
    const char *type = node_attr(model, "type");
    gsize i;

    if (!type || strcmp(type, "default") == 0) {
        type = n->is_x86 ? (n->is_test || n->facts->has_device(n->facts->data, n->emulator, "cirrus-vga") ? "cirrus" : "vga") : "virtio";
        node_set_attr(model, "type", type);
        type = node_attr(model, "type");
    }
    for (i = 0; i < G_N_ELEMENTS(video_models); i++)
        if (strcmp(type, video_models[i].model) == 0)
            break;
    if (i == G_N_ELEMENTS(video_models))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown video model '%s'", type);

    node_set_attr(model, "primary", primary && strcmp(type, "none") != 0 ? "yes" : NULL);
    if (strcmp(type, "none") == 0)
        return TRUE;
    if (!primary && !n->is_test && strcmp(type, "qxl") != 0 && strcmp(type, "virtio") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "video type '%s' is only valid as primary video device", type);
    if (strcmp(type, "qxl") == 0) {
        guint64 vgamem = node_attr_uint(model, "vgamem", 0);
        static const char *const sizes[] = { "ram", "vram", "vgamem" };
        const guint defaults[] = { video_models[i].ram, video_models[i].vram, video_models[i].vgamem };

        if (vgamem != 0 && vgamem != power_of_two(vgamem))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "value for 'vgamem' must be power of two");
        for (gsize k = 0; k < G_N_ELEMENTS(sizes); k++)
            node_set_attrf(model, sizes[k], "%" G_GUINT64_FORMAT,
                           power_of_two(node_attr_uint(model, sizes[k], defaults[k])));
    } else {
        if (node_attr(model, "ram") || node_attr(model, "vgamem") || node_attr(model, "vram64"))
            return hv_throw(error, HV_ERR_XML_ERROR, "%s attribute only supported for video type qxl",
                            node_attr(model, "ram") ? "ram" : node_attr(model, "vgamem") ? "vgamem" : "vram64");
        if (!node_attr(model, "vram") && video_models[i].vram)
            node_set_attrf(model, "vram", "%u", video_models[i].vram);
        if (strcmp(type, "vga") == 0 || strcmp(type, "vmvga") == 0)
            node_set_attrf(model, "vram", "%" G_GUINT64_FORMAT, power_of_two(node_attr_uint(model, "vram", 16384)));
    }
    if (node_attr(model, "vram") && node_attr_uint(model, "vram", 0) < 1024 && !n->is_test)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "value for 'vram' must be at least 1 MiB (1024 KiB)");
    if (node_attr_uint(model, "heads", 1) > 1 && strcmp(type, "qxl") != 0 && strcmp(type, "virtio") != 0 && !n->is_test)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "video type '%s' doesn't support multiple 'heads'", type);
    if (node_attr_is(node_child(model, "acceleration"), "accel3d", "yes") && strcmp(type, "virtio") != 0 && !n->is_test)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "3d acceleration is supported only with 'virtio' video device");
    if (!node_attr(model, "heads"))
        node_set_attr(model, "heads", "1");
    return TRUE;
}

gboolean
normalise_video(Normalise *n, GError **error)
{
    xmlNode *first, *primary = NULL;

    if (!node_child(n->devices, "video") && node_child(n->devices, "graphics"))
        domain_add_child(n->devices, "video");
    first = node_child(n->devices, "video");
    for (xmlNode *video = first, *next; video; video = next) {
        next = node_next(video, "video");
        if (g_strcmp0(node_child_attr(video, "model", "primary"), "yes") != 0)
            continue;
        if (primary)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Only one primary video device is supported");
        primary = video;
    }
    if (primary && primary != first)
        xmlAddPrevSibling(first, primary);
    primary = node_child(n->devices, "video");
    NODE_FOREACH(video, n->devices, "video")
        if (!normalise_video_model(n, video, video == primary, error))
            return FALSE;
    return TRUE;
}
