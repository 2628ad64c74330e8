/* Video cards: models, their memory, which of them is the first. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* What a card may have besides its type. */
typedef enum {
    VIDEO_SECONDARY = 1 << 0,   /* may be a further card */
    VIDEO_HEADS = 1 << 1,
    VIDEO_RESOLUTION = 1 << 2,
    VIDEO_MEMORY_CHECKED = 1 << 3,
} VideoAbility;

/* Models, the device of QEMU that must be there (NULL: none is needed, "": no QEMU has it), and the memory
 * libvirt gives them, in KiB. */
static const struct {
    const char *model, *device;
    guint vram;
    guint abilities;
} models[] = {
    { "vga", "VGA", 16384, VIDEO_RESOLUTION | VIDEO_MEMORY_CHECKED },
    { "cirrus", "cirrus-vga", 16384, 0 },
    { "vmvga", "vmware-svga", 16384, VIDEO_MEMORY_CHECKED },
    { "bochs", "bochs-display", 16384, VIDEO_RESOLUTION },
    { "qxl", "qxl", 65536, VIDEO_SECONDARY | VIDEO_HEADS | VIDEO_RESOLUTION },
    { "virtio", "virtio-gpu-pci", 0, VIDEO_SECONDARY | VIDEO_HEADS | VIDEO_RESOLUTION },
    { "none", NULL, 0, 0 },
    { "ramfb", "ramfb", 0, 0 },
    { "xen", "", 4096, 0 },
    { "vbox", "", 8192, 0 },
    { "parallels", "", 0, 0 },
    { "gop", "", 0, 0 },
};

#define QXL_RAM 65536
#define QXL_VGAMEM 16384

static gboolean
expect_model(const xmlNode *node, GError **error)
{
    const char *names[G_N_ELEMENTS(models) + 1] = { NULL };

    for (gsize i = 0; i < G_N_ELEMENTS(models); i++)
        names[i] = models[i].model;
    return node_expect_word(node, error, "type", names);
}

static int
model_index(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(models); i++)
        if (strcmp(type, models[i].model) == 0)
            return (int)i;
    return -1;
}

/* 0 for what an unsigned int cannot hold. */
static guint
power_of_two(guint64 value)
{
    guint64 power = 1;

    while (power < value)
        power <<= 1;
    return power > G_MAXUINT ? 0 : (guint)power;
}

static const char *
default_model(const Normalise *n)
{
    if (!n->is_x86)
        return "virtio";
    return n->is_test || n->facts->has_device(n->facts->data, n->emulator, "cirrus-vga") ? "cirrus" : "vga";
}

/* The numbers as they stand there, before anything is made of them. */
static gboolean
parse_numbers(const xmlNode *model, GError **error)
{
    static const char *const sizes[] = { "ram", "vram", "vram64", "vgamem" };
    guint64 value;

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (node_attr(model, sizes[i]) && !uint_parse(node_attr(model, sizes[i]), 0, G_MAXUINT, &value))
            return hv_throw(error, HV_ERR_XML_ERROR, "cannot parse video %s '%s'", sizes[i], node_attr(model, sizes[i])) ||
                   node_expect(model, error, "a non-negative integer as '%s'", sizes[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (i != 1 && node_attr(model, sizes[i]) && !node_attr_is(model, "type", "qxl"))
            return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "%s attribute only supported for video type qxl", sizes[i]);
    if (node_attr(model, "heads") && !uint_parse(node_attr(model, "heads"), 0, G_MAXUINT, &value))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse video heads '%s'", node_attr(model, "heads")) ||
               node_expect(model, error, "a non-negative integer as 'heads'");
    return TRUE;
}

static gboolean
parse_extras(xmlNode *video, xmlNode *model, GError **error)
{
    const xmlNode *acceleration = node_child(model, "acceleration");
    const xmlNode *resolution = node_child(model, "resolution");
    xmlNode *driver = node_child(video, "driver");

    if (acceleration && !node_attr(acceleration, "accel2d") && !node_attr(acceleration, "accel3d") && !node_attr(acceleration, "rendernode"))
        return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "missing values for acceleration");
    if (resolution && (node_attr_uint(resolution, "x", 0) == 0 || node_attr_uint(resolution, "y", 0) == 0))
        return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "video resolution values must be greater than 0");
    if (node_attr(driver, "vgaconf") && !node_attr_is(driver, "vgaconf", "on") && !node_attr_is(driver, "vgaconf", "off"))
        node_set_attr(driver, "vgaconf", NULL);
    return TRUE;
}

static void
fill_memory(xmlNode *model, int index)
{
    static const char *const sizes[] = { "ram", "vram", "vgamem", "vram64" };
    gboolean qxl = node_attr_is(model, "type", "qxl");
    const guint defaults[] = { qxl ? QXL_RAM : 0, models[index].vram, qxl ? QXL_VGAMEM : 0, 0 };

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        guint64 size = node_attr_uint(model, sizes[i], 0);

        if (i < 2 && size)
            size = power_of_two(size);
        if (!size)
            size = defaults[i];
        node_set_attr(model, sizes[i], NULL);
        if (size)
            node_set_attrf(model, sizes[i], "%" G_GUINT64_FORMAT, size);
    }
}

static gboolean
normalise_model(Normalise *n, xmlNode *video, gboolean primary, GError **error)
{
    xmlNode *model = domain_ensure_child(video, "model");
    const char *type;
    int index;

    for (const char *const *each = (const char *const[]){ "type", "ram", "vram", "vram64", "vgamem", "heads", NULL }; *each; each++)
        if (node_attr(model, *each) && !*node_attr(model, *each))
            node_set_attr(model, *each, NULL);
    type = node_attr(model, "type");
    if (!type || strcmp(type, "default") == 0) {
        node_set_attr(model, "type", default_model(n));
        type = node_attr(model, "type");
    }
    index = model_index(type);
    if (index < 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown video model '%s'", type) ||
               expect_model(model, error);
    if (!parse_numbers(model, error) || !parse_extras(video, model, error))
        return FALSE;

    if (strcmp(type, "none") == 0) {
        for (const char *const *each = (const char *const[]){ "ram", "vram", "vram64", "vgamem", "heads", "primary", NULL }; *each; each++)
            node_set_attr(model, *each, NULL);
        node_remove_children(model, NULL);
        node_remove_children(video, "address");
        return TRUE;
    }
    node_set_attr(model, "primary", primary ? "yes" : NULL);
    fill_memory(model, index);
    if (node_attr_is(model, "heads", "0") && (models[index].abilities & VIDEO_HEADS))
        node_set_attr(model, "heads", NULL);
    else if (!node_attr(model, "heads"))
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
    NODE_FOREACH(video, n->devices, "video") {
        if (g_strcmp0(node_child_attr(video, "model", "primary"), "yes") != 0)
            continue;
        if (primary)
            return node_throw(video, error, HV_ERR_CONFIG_UNSUPPORTED, "Only one primary video device is supported");
        primary = video;
    }
    if (primary && primary != first)
        xmlAddPrevSibling(first, primary);
    primary = node_child(n->devices, "video");
    NODE_FOREACH(video, n->devices, "video")
        if (!normalise_model(n, video, video == primary, error))
            return node_blame(video, error);
    return TRUE;
}

/* --- checks ---------------------------------------------------------------------------------------------- */

static gboolean
check_acceleration(const xmlNode *video, const xmlNode *model, const char *type, GError **error)
{
    const xmlNode *acceleration = node_child(model, "acceleration");
    gboolean vhost = g_strcmp0(node_child_attr(video, "driver", "name"), "vhostuser") == 0;

    if (vhost && strcmp(type, "virtio") != 0)
        return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "'vhostuser' driver is only supported with 'virtio' device");
    if (node_attr(acceleration, "rendernode") && !vhost)
        return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported rendernode accel attribute without 'vhostuser'");
    if (node_attr(acceleration, "accel2d"))
        return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "qemu does not support the accel2d setting");
    if (node_attr_is(acceleration, "accel3d", "yes") && strcmp(type, "virtio") != 0)
        return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "3d acceleration is supported only with 'virtio' video device");
    return TRUE;
}

static gboolean
check_memory(const xmlNode *model, const char *type, guint abilities, GError **error)
{
    guint64 vgamem = node_attr_uint(model, "vgamem", 0);

    if (strcmp(type, "qxl") == 0) {
        for (const char *const *size = (const char *const[]){ "vram", "ram", NULL }; *size; size++)
            if (node_attr_uint(model, *size, 0) > G_MAXUINT / 1024)
                return node_throw(model, error, HV_ERR_OVERFLOW, "value for '%s' must be less than '%u'", *size, G_MAXUINT / 1024);
        if (vgamem && vgamem < 1024)
            return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "value for 'vgamem' must be at least 1 MiB (1024 KiB)");
        if (vgamem != power_of_two(vgamem))
            return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "value for 'vgamem' must be power of two");
    }
    if ((abilities & VIDEO_MEMORY_CHECKED) && node_attr_uint(model, "vram", 1024) < 1024)
        return node_throw(model, error, HV_ERR_CONFIG_UNSUPPORTED, "value for 'vram' must be at least 1 MiB (1024 KiB)");
    return TRUE;
}

static gboolean
check_card(const Normalise *n, const xmlNode *video, GError **error)
{
    const xmlNode *model = node_child(video, "model");
    const char *type = node_attr(model, "type"), *device;
    int index = model_index(type);
    guint abilities = models[index].abilities;

    device = models[index].device;
    if (strcmp(type, "none") == 0 && node_count(n->devices, "video") > 1)
        return node_throw(video, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "a 'none' video type must be the only video device defined for the domain");
    if (strcmp(type, "virtio") != 0 && !check_virtio_options_absent(video, error))
        return FALSE;
    if (device && (!*device || !n->facts->has_device(n->facts->data, n->emulator, device)))
        return node_throw(video, error, HV_ERR_CONFIG_UNSUPPORTED, "domain configuration does not support video model '%s'", type);
    if (strcmp(type, "none") == 0)
        return TRUE;
    if (!(abilities & VIDEO_SECONDARY) && !node_attr_is(model, "primary", "yes"))
        return node_throw(video, error, HV_ERR_CONFIG_UNSUPPORTED, "video type '%s' is only valid as primary video device", type);
    if (!(abilities & VIDEO_HEADS) && node_attr_uint(model, "heads", 1) != 1)
        return node_throw(video, error, HV_ERR_CONFIG_UNSUPPORTED, "video type '%s' doesn't support multiple 'heads'", type);
    if (!check_acceleration(video, model, type, error) || !check_memory(model, type, abilities, error))
        return FALSE;
    if (node_child(model, "resolution") && !(abilities & VIDEO_RESOLUTION))
        return node_throw(video, error, HV_ERR_XML_ERROR, "model resolution is not supported");
    return TRUE;
}

gboolean
check_video(const Normalise *n, GError **error)
{
    NODE_FOREACH(video, n->devices, "video")
        if (!check_card(n, video, error))
            return node_blame(video, error);
    return TRUE;
}
