/* What is wrong with the images of a disk, judged when the domain is complete. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"

static gboolean
check_auth(const xmlNode *element, const xmlNode *source, GError **error)
{
    static const char *const protocols[] = { "iscsi", "rbd", "http", "https", "ftp", "ftps", "ssh", NULL };

    if (!node_child(source, "auth") && !node_child(element, "auth"))
        return TRUE;
    if (node_child(source, "auth") && node_child(element, "auth"))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "an <auth> definition already found for disk source");
    if (!g_strv_contains(protocols, node_attr(source, "protocol") ?: ""))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "authentication is not supported for protocol '%s'",
                          node_attr(source, "protocol") ?: "none");
    return TRUE;
}

static gboolean
check_encryption(const xmlNode *element, const xmlNode *source, GError **error)
{
    const xmlNode *encryption = node_child(source, "encryption");
    gboolean rbd = node_attr_is(source, "protocol", "rbd");

    if (encryption && node_child(element, "encryption"))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "an <encryption> definition already found for disk source");
    if (!encryption)
        encryption = node_child(element, "encryption");
    if (!encryption)
        return TRUE;
    if (node_child(encryption, "cipher"))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "supplying <cipher> for domain disk definition is unnecessary");
    if (node_attr_is(encryption, "format", "qcow") || node_attr_is(encryption, "format", "default"))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "old qcow/qcow2 encryption is not supported");
    if (node_attr_is(encryption, "engine", "qemu") && node_attr_is(encryption, "format", "luks2"))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "luks2 is currently not supported by the qemu encryption engine");
    if (node_attr_is(encryption, "engine", "librbd") && !rbd)
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "librbd encryption is supported only with RBD backed disks");
    return TRUE;
}

static gboolean
check_network(const xmlNode *source, GError **error)
{
    const char *protocol = node_attr(source, "protocol"), *name = node_attr(source, "name");
    const xmlNode *host = node_child(source, "host");

    if ((strcmp(protocol, "rbd") == 0 || strcmp(protocol, "gluster") == 0) && (!strchr(name, '/') || *name == '/'))
        return node_throw(source, error, HV_ERR_XML_ERROR, "can't split path '%s' into pool name and image name", name);
    if (strcmp(protocol, "tftp") == 0)
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "'tftp' protocol is not supported with this QEMU binary");
    if (strcmp(protocol, "nfs") != 0)
        return TRUE;
    if (node_count(source, "host") != 1)
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "'nfs' protocol requires the usage of exactly one host");
    if (node_attr(host, "transport"))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "'nfs' host must use TCP protocol");
    if (node_attr_uint(host, "port", 0))
        return node_throw(source, error, HV_ERR_CONFIG_UNSUPPORTED, "port cannot be specified in 'nfs' protocol host");
    return TRUE;
}

/* @element: a disk or an image behind it. */
static gboolean
check_format(const xmlNode *element, GError **error)
{
    const xmlNode *holder = node_is(element, "disk") ? node_child(element, "driver") : node_child(element, "format");
    const char *format = node_attr(holder, "type") ?: "raw";
    gboolean folder = node_attr_is(element, "type", "dir");

    if (strcmp(format, "fat") == 0) {
        if (!folder)
            return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "storage format 'fat' is supported only with 'dir' storage type");
        if (node_is(element, "disk") && !node_child(element, "readonly"))
            return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "virtual FAT storage can't be accessed in read-write mode");
    } else if (folder) {
        return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED, "storage type 'dir' requires use of storage format 'fat'");
    }
    if (strcmp(format, "iso") == 0)
        return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "storage format 'iso' is not directly supported by QEMU, use 'raw' instead");
    if (strcmp(format, "dir") == 0)
        return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "'directory' storage format is not directly supported by QEMU, use "
                          "'dir' disk type instead");
    if (strcmp(format, "cow") == 0)
        return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED, "'cow' storage format is not supported");
    if (node_child(holder, "metadata_cache") && strcmp(format, "qcow2") != 0)
        return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "metadata cache max size control is supported only with qcow2 images");
    return TRUE;
}

static gboolean
check_chain(const xmlNode *disk, GError **error)
{
    for (const xmlNode *element = disk; element; element = node_child(element, "backingStore")) {
        const xmlNode *source = node_child(element, "source");

        if (!source)
            continue;
        if (!check_auth(element, source, error) ||
            (node_attr_is(element, "type", "network") && !check_network(source, error)))
            return node_blame(element, error);
        if (node_attr_is(element, "type", "nvme") && node_attr_uint(source, "namespace", 1) == 0)
            return node_throw(element, error, HV_ERR_CONFIG_UNSUPPORTED, "NVMe namespace can't be zero");
        if (!check_encryption(element, source, error) || !check_format(element, error))
            return node_blame(element, error);
    }
    return TRUE;
}

/* --- what a vhost-user disk cannot have ---------------------------------------------------------------------- */

static gboolean
check_vhostuser(const Normalise *n, const xmlNode *disk, GError **error)
{
    static const struct {
        const char *element, *attribute, *name;
    } refused[] = {
        { "readonly", NULL, "readonly" }, { "shareable", NULL, "shareable" }, { "transient", NULL, "transient" },
        { "serial", NULL, "serial" }, { "wwn", NULL, "wwn" }, { "vendor", NULL, "vendor" }, { "product", NULL, "product" },
        { "auth", NULL, "auth" }, { "encryption", NULL, "encryption" }, { "iotune", NULL, "iotune" },
        { "geometry", NULL, "geometry" }, { "blockio", NULL, "blockio" }, { "backingStore", NULL, "backingStore" },
        { "driver", "cache", "cache" }, { "driver", "io", "io" }, { "driver", "error_policy", "error_policy" },
        { "driver", "rerror_policy", "error_policy" }, { "driver", "discard", "discard" },
        { "driver", "detect_zeroes", "detect_zeroes" }, { "driver", "copy_on_read", "copy_on_read" },
        { "driver", "iothread", "iothread" }, { "driver", "ioeventfd", "ioeventfd" },
    };

    if (!node_attr_is(disk, "type", "vhostuser"))
        return TRUE;
    if (strcmp(node_child_attr(disk, "target", "bus"), "virtio") != 0)
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "vhostuser disk supports only virtio bus");
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
        const xmlNode *element = node_child(disk, refused[i].element);

        if (element && (!refused[i].attribute || node_attr(element, refused[i].attribute)))
            return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "%s is not supported with vhostuser disk", refused[i].name);
    }
    if (!node_attr_is(disk, "snapshot", "no"))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "only snapshot=no is supported with vhostuser disk");
    if (!domain_has_shared_memory(n))
        return node_throw(disk, error, HV_ERR_CONFIG_UNSUPPORTED, "'vhostuser' requires shared memory");
    return TRUE;
}

gboolean
disk_check_source(const Normalise *n, const xmlNode *disk, GError **error)
{
    return check_chain(disk, error) && check_vhostuser(n, disk, error);
}
