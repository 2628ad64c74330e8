/* Where a disk's bytes come from: the <source> of a disk or of an image behind it. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"
#include "util/uuid.h"

/* Network protocols: the TCP port that libvirt fills in, whether a name is needed, and what else the source may hold. */
static const struct {
    const char *protocol;
    const char *port;
    gboolean query, cookies, ssl, tuning;
} protocols[] = {
    { "nbd", "10809", FALSE, FALSE, FALSE, FALSE },    { "sheepdog", "7000", FALSE, FALSE, FALSE, FALSE },
    { "gluster", "24007", FALSE, FALSE, FALSE, FALSE }, { "iscsi", "3260", FALSE, FALSE, FALSE, FALSE },
    { "http", "80", TRUE, TRUE, FALSE, TRUE },         { "https", "443", TRUE, TRUE, TRUE, TRUE },
    { "ftp", "21", FALSE, FALSE, FALSE, TRUE },        { "ftps", "990", FALSE, FALSE, TRUE, TRUE },
    { "tftp", "69", FALSE, FALSE, FALSE, TRUE },       { "ssh", "22", FALSE, FALSE, FALSE, FALSE },
    { "vxhs", "9999", FALSE, FALSE, FALSE, FALSE },    { "rbd", NULL, FALSE, FALSE, FALSE, FALSE },
    { "nfs", NULL, FALSE, FALSE, FALSE, FALSE },
};

static gboolean
source_host(xmlNode *host, const char *default_port, GError **error)
{
    const char *transport = node_attr(host, "transport"), *port = node_attr(host, "port");
    guint64 number;

    if (g_strcmp0(transport, "unix") == 0) {
        if (!node_attr(host, "socket"))
            return hv_throw(error, HV_ERR_XML_ERROR, "missing socket for unix transport") ||
                   node_expect(host, error, "'socket'");
        node_set_attr(host, "name", NULL);
        node_set_attr(host, "port", NULL);
        return TRUE;
    }
    if (node_attr(host, "socket"))
        return node_throw(host, error, HV_ERR_XML_ERROR, "transport '%s' does not support socket attribute",
                          transport ? transport : "(null)");
    if (!node_attr(host, "name"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing name for host") ||
               node_expect(host, error, "'name'");
    if (port && !uint_parse(port, 0, G_MAXUINT, &number))
        return node_throw(host, error, HV_ERR_INVALID_ARG, "failed to parse port number '%s'", port);
    if (port && number > G_MAXUINT16)
        return node_throw(host, error, HV_ERR_INVALID_ARG, "port '%s' out of range", port);
    if (!port && g_strcmp0(transport, "rdma") != 0)
        node_set_attr(host, "port", default_port);
    if (g_strcmp0(transport, "tcp") == 0)
        node_set_attr(host, "transport", NULL);
    return TRUE;
}

/* RFC 6265: separators and control characters are in no name; a value may stand in quotes. */
static gboolean
source_cookie(const xmlNode *cookie, GError **error)
{
    const char *name = node_attr(cookie, "name"), *value = node_text(cookie);
    gsize length = strlen(value);
    gboolean quoted = length >= 2 && value[0] == '"' && value[length - 1] == '"';

    if (!name || !*name)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing cookie name") ||
               node_expect(cookie, error, "'name'");
    for (const char *c = name; *c; c++)
        if ((guchar)*c <= ' ' || *c == 0x7f || strchr("()<>@,;:\\\"/[]?={}", *c))
            return node_throw(cookie, error, HV_ERR_XML_ERROR, "cookie name '%s' contains invalid characters", name);
    if (length == 0)
        return node_throw(cookie, error, HV_ERR_XML_ERROR, "missing value for cookie '%s'", name);
    for (gsize i = quoted; i < length - quoted; i++)
        if ((guchar)value[i] <= ' ' || value[i] == 0x7f || strchr("\",;\\", value[i]))
            return node_throw(cookie, error, HV_ERR_XML_ERROR, "value of cookie '%s' contains invalid characters", name);
    for (const xmlNode *other = node_next(cookie, "cookie"); other; other = node_next(other, "cookie"))
        if (node_attr_is(other, "name", name))
            return hv_throw(error, HV_ERR_XML_ERROR, "duplicate cookie '%s'", name) ||
                   node_expect(other, error, "another 'name'");
    return TRUE;
}

/* A number that says nothing when it is zero. */
static gboolean
source_tuning(xmlNode *source, const char *element, const char *attribute, GError **error)
{
    xmlNode *node = node_child(source, element);
    guint64 number;

    if (!node)
        return TRUE;
    if (!uint_parse(node_attr(node, attribute), 0, G_MAXUINT64, &number))
        return node_throw(source, error, HV_ERR_XML_ERROR, "invalid readahead size or timeout");
    if (number == 0)
        node_remove(node);
    return TRUE;
}

static gboolean
source_network(xmlNode *source, GError **error)
{
    const char *protocol = node_attr(source, "protocol"), *name = node_attr(source, "name");
    gsize i = 0;

    if (!name && strcmp(protocol, "nbd") != 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing name for disk source") ||
               node_expect(source, error, "'name'");
    if (name && !*name)
        node_set_attr(source, "name", NULL);
    if (strcmp(protocol, "iscsi") == 0 && !strchr(name, '/'))
        node_set_attrf(source, "name", "%s/0", name);
    while (i < G_N_ELEMENTS(protocols) - 1 && strcmp(protocols[i].protocol, protocol) != 0)
        i++;
    NODE_FOREACH(host, source, "host")
        if (!source_host(host, protocols[i].port, error))
            return node_blame(host, error);
    if (!protocols[i].query)
        node_set_attr(source, "query", NULL);
    if (!protocols[i].ssl)
        node_remove_children(source, "ssl");
    if (!protocols[i].cookies)
        node_remove_children(source, "cookies");
    if (!protocols[i].tuning) {
        node_remove_children(source, "readahead");
        node_remove_children(source, "timeout");
    }
    if (strcmp(protocol, "nfs") != 0)
        node_remove_children(source, "identity");
    NODE_FOREACH(cookie, node_child(source, "cookies"), "cookie")
        if (!source_cookie(cookie, error))
            return node_blame(cookie, error);
    return source_tuning(source, "readahead", "size", error) && source_tuning(source, "timeout", "seconds", error);
}

/* @secret names one by its uuid or by its use. */
static gboolean
check_secret(xmlNode *secret, GError **error)
{
    const char *uuid = node_attr(secret, "uuid"), *usage = node_attr(secret, "usage");
    g_autofree char *canonical = uuid ? uuid_canonical(uuid) : NULL;

    if (!uuid && !usage)
        return hv_throw(error, HV_ERR_XML_ERROR, "missing secret uuid or usage attribute") ||
               node_expect(secret, error, "'uuid' or 'usage'");
    if (uuid && usage)
        return node_throw(secret, error, HV_ERR_XML_ERROR, "either secret uuid or usage expected");
    if (uuid && !canonical)
        return node_throw(secret, error, HV_ERR_XML_ERROR, "invalid secret uuid '%s'", uuid);
    if (uuid)
        node_set_attr(secret, "uuid", canonical);
    return TRUE;
}

/* @protocol is NULL where the disk's own element is read: then the kind of secret is not compared. */
static gboolean
source_auth(xmlNode *auth, const char *protocol, GError **error)
{
    xmlNode *secret = node_child(auth, "secret");
    const char *type = node_attr(secret, "type");
    const char *wanted = g_strcmp0(protocol, "iscsi") == 0 ? "iscsi" : g_strcmp0(protocol, "rbd") == 0 ? "ceph" : NULL;

    if (!auth)
        return TRUE;
    if (!secret)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing <secret> element in auth") ||
               node_expect(auth, error, "<secret>");
    if (!type)
        return node_throw(auth, error, HV_ERR_CONFIG_UNSUPPORTED, "unknown secret type '<null>'");
    if (!check_secret(secret, error))
        return FALSE;
    if (wanted && strcmp(type, wanted) != 0)
        return node_throw(auth, error, HV_ERR_CONFIG_UNSUPPORTED, "invalid secret type '%s'", type);
    return TRUE;
}

static gboolean
source_encryption(xmlNode *encryption, GError **error)
{
    if (!encryption)
        return TRUE;
    NODE_FOREACH(secret, encryption, "secret")
        if (!check_secret(secret, error))
            return node_blame(secret, error);
    if (!node_attr(encryption, "engine") && !node_attr_is(encryption, "format", "default"))
        node_set_attr(encryption, "engine", "qemu");
    return TRUE;
}

static gboolean
source_nvme(xmlNode *source, GError **error)
{
    xmlNode *address = node_child(source, "address");

    if (!node_attr_is(source, "type", "pci"))
        return node_throw(source, error, HV_ERR_XML_ERROR, "unsupported source type '%s'", node_attr(source, "type") ?: "(null)");
    if (!address)
        return hv_throw(error, HV_ERR_XML_ERROR, "NVMe disk source is missing address") ||
               node_expect(source, error, "<address>");
    return normalise_host_address(address, error);
}

static gboolean
source_vhostuser(xmlNode *source, GError **error)
{
    if (!node_attr(source, "type"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing 'type' attribute for vhostuser disk source") ||
               node_expect(source, error, "'type'");
    if (!node_attr_is(source, "type", "unix"))
        return node_throw(source, error, HV_ERR_XML_ERROR, "invalid 'type' attribute for vhostuser disk source");
    if (!node_attr(source, "path"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing 'path' attribute for vhostuser disk source") ||
               node_expect(source, error, "'path'");
    return normalise_reconnect(source, error);
}

static gboolean
source_slices(const xmlNode *source, GError **error)
{
    static const char *const names[] = { "offset", "size" };
    const xmlNode *slice = node_path(source, "slices/slice");
    guint64 number;

    if (!slice)
        return TRUE;
    if (!node_attr(slice, "offset") || !node_attr(slice, "size"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing offset or size attribute of slice") ||
               node_expect(source, error, "'offset' and 'size'");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (!uint_parse(node_attr(slice, names[i]), 0, G_MAXUINT64, &number))
            return hv_throw(error, HV_ERR_XML_ERROR, "malformed value '%s' of '%s' attribute of slice", node_attr(slice, names[i]),
                            names[i]) ||
                   node_expect(source, error, "a non-negative integer");
    return TRUE;
}

static gboolean
source_reservations(xmlNode *reservations, GError **error)
{
    static const char *const parts[][3] = { { "type", "connection type", "unix" }, { "path", "path", NULL },
                                            { "mode", "connection mode", "client" } };
    xmlNode *socket = node_child(reservations, "source");

    if (!reservations)
        return TRUE;
    /* libvirt's own helper has a place that is not the user's to choose. */
    if (node_attr_is(reservations, "managed", "yes") && !socket)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!node_attr(socket, parts[i][0]))
            return node_throw(reservations, error, HV_ERR_XML_ERROR, "missing %s for <reservations/>", parts[i][1]);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i][2] && !node_attr_is(socket, parts[i][0], parts[i][2]))
            return node_throw(reservations, error, HV_ERR_XML_ERROR, "unsupported %s for <reservations/>: %s", parts[i][1],
                              node_attr(socket, parts[i][0]));
    return TRUE;
}

static gboolean
source_seclabels(xmlNode *source, GError **error)
{
    /* QEMU's guests have several models, so that a label without one is nobody's. */
    for (xmlNode *label = node_child(source, "seclabel"), *next; label; label = next) {
        next = node_next(label, "seclabel");
        if (!node_attr(label, "model"))
            node_remove(label);
    }
    NODE_FOREACH(label, source, "seclabel")
        for (const xmlNode *other = node_next(label, "seclabel"); other; other = node_next(other, "seclabel"))
            if (node_attr_is(other, "model", node_attr(label, "model")))
                return node_throw(other, error, HV_ERR_XML_DETAIL, "seclabel for model %s is already provided",
                                  node_attr(label, "model"));
    return TRUE;
}

gboolean
disk_normalise_cache_size(xmlNode *holder, GError **error)
{
    xmlNode *cache = node_child(holder, "metadata_cache"), *size = node_child(cache, "max_size");
    guint64 bytes;

    if (!size)
        return TRUE;
    if (!uint_parse(node_text(size), 0, G_MAXUINT64, &bytes))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './metadata_cache/max_size'",
                        node_text(size)) ||
               node_expect(holder, error, "a number");
    if (!size_scale(&bytes, node_attr(size, "unit"), 1, G_MAXINT64, error))
        return FALSE;
    if (bytes == 0) {
        node_remove(cache);
        return TRUE;
    }
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, bytes);

    node_set_text(size, text);
    node_set_attr(size, "unit", "bytes");
    return TRUE;
}

/* An image behind the disk's own, and those behind it. */
static gboolean
normalise_backing(xmlNode *element, gboolean live, GError **error)
{
    static const char *const formats[] = { "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop",
                                           "cow", "qcow", "qcow2", "qed", "vmdk", NULL };
    static const char *const types[] = { "file", "block", "dir", "network", "volume", "nvme", "vhostuser", NULL };
    xmlNode *backing = node_child(element, "backingStore"), *format;
    const char *type = node_attr(backing, "type");

    if (!backing)
        return TRUE;
    if (!live)
        node_set_attr(backing, "index", NULL);
    if (!type) {
        /* The end of the chain. */
        node_remove_children(backing, NULL);
        return TRUE;
    }
    format = node_child(backing, "format");
    if (!g_strv_contains(types, type))
        return hv_throw(error, HV_ERR_XML_ERROR, "unknown storage source type '%s'", type) ||
               node_expect_word(element, error, "type", types);
    if (!node_attr(format, "type"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing disk backing store format") ||
               node_expect(element, error, "<format>");
    if (!g_strv_contains(formats, node_attr(format, "type")))
        return hv_throw(error, HV_ERR_XML_ERROR, "unknown storage source format '%s'", node_attr(format, "type")) ||
               node_expect_word(format, error, "type", formats);
    if (!node_child(backing, "source"))
        return hv_throw(error, HV_ERR_XML_ERROR, "missing disk backing store source") ||
               node_expect(element, error, "<source>");
    return disk_normalise_cache_size(format, error) && disk_normalise_source(backing, live, error);
}

gboolean
disk_normalise_source(xmlNode *element, gboolean live, GError **error)
{
    xmlNode *source = node_child(element, "source");
    const char *type = node_attr(element, "type"), *protocol = node_attr(source, "protocol");

    if (!source)
        return normalise_backing(element, live, error);
    if (!live)
        node_set_attr(source, "index", NULL);
    if (g_strcmp0(type, "network") == 0 && !source_network(source, error))
        return FALSE;
    if (g_strcmp0(type, "volume") == 0 && !node_attr(source, "pool") != !node_attr(source, "volume"))
        return node_throw(element, error, HV_ERR_XML_ERROR,
                          "'pool' and 'volume' must be specified together for 'pool' type source");
    if ((g_strcmp0(type, "nvme") == 0 && !source_nvme(source, error)) ||
        (g_strcmp0(type, "vhostuser") == 0 && !source_vhostuser(source, error)))
        return FALSE;
    return source_auth(node_child(source, "auth"), protocol, error) &&
           source_auth(node_child(element, "auth"), protocol, error) &&
           source_encryption(node_child(source, "encryption"), error) &&
           source_encryption(node_child(element, "encryption"), error) && source_slices(source, error) &&
           source_reservations(node_child(source, "reservations"), error) && source_seclabels(source, error) &&
           normalise_backing(element, live, error);
}
