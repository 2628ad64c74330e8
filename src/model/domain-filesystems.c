/* Filesystems: folders of the host in the guest. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

static gboolean
is_virtiofs(const xmlNode *filesystem)
{
    return g_strcmp0(node_child_attr(filesystem, "driver", "type"), "virtiofs") == 0;
}

/* --- what is written ---------------------------------------------------------------------------------------- */

/* Modes are octal, whether they begin with a zero or not. */
static gboolean
normalise_mode(xmlNode *filesystem, const char *name, GError **error)
{
    const char *text = node_attr(filesystem, name);
    guint64 mode = 0;

    if (!text)
        return TRUE;
    if (!g_ascii_string_to_unsigned(text, 8, 0, G_MAXUINT, &mode, NULL))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute '%s' in element 'filesystem': '%s'. "
                        "Expected non-negative integer value", name, text) ||
               node_expect(filesystem, error, "a non-negative integer as '%s'", name);
    if (mode > 0777)
        return node_throw(filesystem, error, HV_ERR_XML_ERROR, "invalid %s: '0%o'", name, (guint)mode);
    node_set_attrf(filesystem, name, "%04o", (guint)mode);
    return TRUE;
}

static gboolean
normalise_driver(xmlNode *filesystem, GError **error)
{
    static const char *const formats[] = { "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop",
                                           "cow", "qcow", "qcow2", "qed", "vmdk", NULL };
    xmlNode *driver = node_child(filesystem, "driver"), *binary = node_child(filesystem, "binary");
    const char *format = node_attr(driver, "format"), *queue = node_attr(driver, "queue");
    const char *threads = node_child_attr(binary, "thread_pool", "size");
    guint64 number;

    if (format && !g_strv_contains(formats, format))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown driver format value '%s'", format) ||
               node_expect_word(node_child(filesystem, "driver"), error, "format", formats);
    if (!is_virtiofs(filesystem)) {
        node_set_attr(driver, "queue", NULL);
        node_remove(binary);
    } else {
        if (queue && !uint_parse(queue, 0, G_MAXUINT64, &number))
            return hv_throw(error, HV_ERR_XML_ERROR, "cannot parse queue size '%s' for virtiofs", queue) ||
                   node_expect(filesystem, error, "a number as 'queue' of <driver>");
        if (threads && !uint_parse(threads, 0, G_MAXINT, &number))
            return hv_throw(error, HV_ERR_XML_ERROR, "cannot parse thread pool size '%s' for virtiofs", threads) ||
                   node_expect(filesystem, error, "a number as 'size' of <thread_pool>");
    }
    if (driver && !driver->properties)
        node_remove(driver);
    return TRUE;
}

/* The attributes of <source> that tell what is shared, by type of filesystem. */
static gboolean
check_source(const xmlNode *filesystem, GError **error)
{
    static const char *const attributes[][2] = { { "mount", "dir" }, { "bind", "dir" }, { "block", "dev" }, { "file", "file" },
                                                 { "template", "name" }, { "volume", "pool" } };
    const xmlNode *source = node_child(filesystem, "source"), *target = node_child(filesystem, "target");

    if (node_attr_is(filesystem, "type", "ram"))
        return node_attr(source, "usage") || node_throw(filesystem, error, HV_ERR_XML_ERROR,
                                                        "missing 'usage' attribute for RAM filesystem");
    for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (node_attr_is(filesystem, "type", attributes[i][0]) && !node_attr(source, attributes[i][1]) &&
            !node_attr(source, "socket")) {
            const char *name = node_attr(target, "dir");

            return hv_throw(error, HV_ERR_NO_SOURCE, "%s", name ? name : "") ||
                   node_expect(filesystem, error, "<source>");
        }
    return TRUE;
}

static gboolean
normalise_limits(xmlNode *filesystem, GError **error)
{
    static const char *const limits[] = { "space_hard_limit", "space_soft_limit" };

    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
        xmlNode *limit = node_child(filesystem, limits[i]);
        g_autofree char *text = NULL;
        guint64 bytes;

        if (!limit)
            continue;
        if (!uint_parse(node_text(limit), 0, G_MAXUINT64, &bytes))
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './%s[1]'", node_text(limit),
                            limits[i]) ||
                   node_expect(limit, error, "a number");
        if (!size_scale(&bytes, node_attr(limit, "unit"), 1, G_MAXUINT64, error))
            return FALSE;
        if (bytes == 0) {
            node_remove(limit);
            continue;
        }
        text = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
        node_set_text(limit, text);
        node_set_attr(limit, "unit", "bytes");
    }
    return TRUE;
}

gboolean
normalise_filesystem(Normalise *n, xmlNode *filesystem, GError **error)
{
    const char *folder = node_child_attr(filesystem, "source", "dir"), *target = node_child_attr(filesystem, "target", "dir");

    if (!check_source(filesystem, error))
        return FALSE;
    if (!target || !*target)
        return hv_throw(error, HV_ERR_NO_TARGET, "%s", folder ? folder : "") ||
               node_expect(filesystem, error, "<target>");
    if (node_child_attr(filesystem, "source", "socket"))
        node_set_attr(node_child(filesystem, "source"), "dir", NULL);
    if (node_attr_is(filesystem, "multidevs", "default"))
        node_set_attr(filesystem, "multidevs", NULL);
    if (!node_attr(filesystem, "accessmode") && node_attr_is(filesystem, "type", "mount") &&
        !node_child_attr(filesystem, "source", "socket"))
        node_set_attr(filesystem, "accessmode", "passthrough");
    return normalise_driver(filesystem, error) && normalise_limits(filesystem, error) &&
           normalise_mode(filesystem, "fmode", error) && normalise_mode(filesystem, "dmode", error);
}

/* --- what is wrong when the domain is complete ------------------------------------------------------------------ */

static gboolean
check_virtiofs(const Normalise *n, const xmlNode *filesystem, GError **error)
{
    if (node_child(filesystem, "readonly"))
        return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "virtiofs does not yet support read-only mode");
    if (node_attr(filesystem, "accessmode") && !node_attr_is(filesystem, "accessmode", "passthrough"))
        return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "virtiofs only supports passthrough accessmode");
    if (node_child_attr(filesystem, "driver", "wrpolicy"))
        return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "virtiofs does not support wrpolicy");
    if (node_attr(filesystem, "model"))
        return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "virtiofs does not support model");
    if (node_child_attr(filesystem, "driver", "format"))
        return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "virtiofs does not support format");
    if (node_attr(filesystem, "multidevs"))
        return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "virtiofs does not support multidevs");
    if (!domain_has_shared_memory(n))
        return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "'virtiofs' requires shared memory");
    for (const xmlNode *other = node_next(filesystem, "filesystem"); other; other = node_next(other, "filesystem"))
        if (is_virtiofs(other) &&
            g_strcmp0(node_child_attr(other, "target", "dir"), node_child_attr(filesystem, "target", "dir")) == 0)
            return node_throw(other, error, HV_ERR_CONFIG_UNSUPPORTED, "filesystem target '%s' specified twice",
                              node_child_attr(filesystem, "target", "dir"));
    return TRUE;
}

gboolean
normalise_filesystem_checks(Normalise *n, GError **error)
{
    NODE_FOREACH(filesystem, n->devices, "filesystem") {
        gboolean modes = node_attr(filesystem, "fmode") || node_attr(filesystem, "dmode");

        if (!node_attr_is(filesystem, "type", "mount"))
            return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "only supports mount filesystem type");
        if (modes && !node_attr_is(filesystem, "accessmode", "mapped"))
            return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "fmode and dmode must be used with accessmode=mapped");
        if (is_virtiofs(filesystem) && !check_virtiofs(n, filesystem, error))
            return node_blame(filesystem, error);
        if (!is_virtiofs(filesystem) && node_child(filesystem, "boot"))
            return node_throw(filesystem, error, HV_ERR_CONFIG_UNSUPPORTED, "boot order is only supported for virtiofs");
    }
    return TRUE;
}
