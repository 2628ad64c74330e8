/* Where the bytes of a disk are when they are in no file: network protocols, NVMe. */
#include "config.h"

#include "backend/qemu/argv-disk.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "util/error.h"

/* Ports that QEMU has to be told where the document has none. */
#define RBD_PORT "0"

static const char *
host_port(const xmlNode *host, const char *fallback)
{
    return node_attr(host, "port") ? node_attr(host, "port") : fallback;
}

/* libvirt's SocketAddress; NULL for what QEMU cannot be told. */
static json_t *
source_host(const xmlNode *host, GError **error)
{
    const char *transport = node_attr(host, "transport");

    if (g_strcmp0(transport, "unix") == 0)
        return json_pack("{s:s,s:s*}", "type", "unix", "path", node_attr(host, "socket"));
    if (transport && !g_str_equal(transport, "tcp")) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "transport protocol '%s' is not yet supported", transport);
        return NULL;
    }
    return json_pack("{s:s,s:s*,s:s*}", "type", "inet", "host", node_attr(host, "name"), "port", node_attr(host, "port"));
}

/* The same without its type, where QEMU takes TCP only. */
static json_t *
source_inet_host(const xmlNode *host, const char *default_port, GError **error)
{
    if (node_attr(host, "transport") && !node_attr_is(host, "transport", "tcp")) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "only TCP protocol can be converted to InetSocketAddress");
        return NULL;
    }
    return json_pack("{s:s*,s:s*}", "host", node_attr(host, "name"), "port", host_port(host, default_port));
}

static const xmlNode *
source_only_host(const xmlNode *source, const char *format, GError **error)
{
    const char *protocol = node_attr(source, "protocol");

    if (node_count(source, "host") == 1)
        return node_child(source, "host");
    hv_throw(error, HV_ERR_INTERNAL_ERROR, format, protocol);
    return NULL;
}

static json_t *
source_iscsi(const xmlNode *source, GError **error)
{
    const xmlNode *host = node_child(source, "host");
    g_autofree char *target = g_strdup(node_attr(source, "name"));
    const char *name = node_attr(host, "name");
    gboolean ipv6 = name && strchr(name, ':');
    g_autofree char *portal = NULL;
    char *lun = target ? strchr(target, '/') : NULL;
    guint64 number = 0;
    json_t *props;

    if (!host)
        return device_unsupported(error, "disk without a host, protocol", "iscsi"), NULL;
    if (lun) {
        *lun++ = '\0';
        if (!g_ascii_string_to_unsigned(lun, 10, 0, G_MAXUINT32, &number, NULL)) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse target for lunStr '%s'", target);
            return NULL;
        }
    }
    portal = g_strdup_printf("%s%s%s:%s", ipv6 ? "[" : "", name ? name : "", ipv6 ? "]" : "", host_port(host, "3260"));
    props = json_pack("{s:s,s:s,s:s*,s:I,s:s}", "driver", "iscsi", "portal", portal, "target", target, "lun",
                      (json_int_t)number, "transport", "tcp");
    props_str(props, "initiator-name", node_attr(node_path(source, "initiator/iqn"), "name"));
    return props;
}

static json_t *
source_gluster(const xmlNode *source, GError **error)
{
    g_autofree char *volume = g_strdup(node_attr(source, "name"));
    char *path = volume ? strchr(volume, '/') : NULL;
    json_t *servers = json_array();

    if (path)
        *path++ = '\0';
    NODE_FOREACH(host, source, "host") {
        json_t *server = source_host(host, error);

        if (!server) {
            json_decref(servers);
            return NULL;
        }
        json_array_append_new(servers, server);
    }
    return json_pack("{s:s,s:s*,s:s,s:o,s:i}", "driver", "gluster", "volume", volume, "path", path ? path : "", "server",
                     servers, "debug", 4);
}

/* libcurl does the rest. */
static json_t *
source_url(const xmlNode *source, GError **error)
{
    const xmlNode *host = source_only_host(source, "protocol '%s' accepts only one host", error);
    const char *name = node_attr(source, "name"), *query = node_attr(source, "query"), *protocol = node_attr(source, "protocol");
    g_autoptr(GString) url = g_string_new(protocol);
    json_t *props;

    if (!host)
        return NULL;
    if (node_attr_is(host, "transport", "unix")) {
        g_string_append(url, "+unix://");
    } else {
        gboolean ipv6 = node_attr(host, "name") && strchr(node_attr(host, "name"), ':');

        g_string_append_printf(url, "://%s%s%s", ipv6 ? "[" : "", node_attr(host, "name") ?: "", ipv6 ? "]" : "");
        if (node_attr(host, "port"))
            g_string_append_printf(url, ":%s", node_attr(host, "port"));
    }
    g_string_append_printf(url, "/%s%s%s", name && *name == '/' ? name + 1 : name ? name : "", query ? "?" : "",
                           query ? query : "");
    props = json_pack("{s:s,s:s}", "driver", protocol, "url", url->str);
    props_attr_bool(props, "sslverify", node_child(source, "ssl"), "verify");
    props_attr_uint(props, "readahead", node_child(source, "readahead"), "size");
    props_attr_uint(props, "timeout", node_child(source, "timeout"), "seconds");
    return props;
}

static json_t *
source_rbd(const xmlNode *source, GError **error)
{
    g_autofree char *pool = g_strdup(node_attr(source, "name") ? node_attr(source, "name") : "");
    char *image = strchr(pool, '/');
    json_t *servers = json_array(), *props;

    if (image)
        *image++ = '\0';
    NODE_FOREACH(host, source, "host") {
        json_t *server = source_inet_host(host, RBD_PORT, error);

        if (!server) {
            json_decref(servers);
            return NULL;
        }
        json_array_append_new(servers, server);
    }
    props = json_pack("{s:s,s:s,s:s}", "driver", "rbd", "pool", pool, "image", image ? image : "");
    props_str(props, "snapshot", node_child_attr(source, "snapshot", "name"));
    props_str(props, "conf", node_child_attr(source, "config", "file"));
    if (json_array_size(servers))
        json_object_set(props, "server", servers);
    json_decref(servers);
    return props;
}

/* Objects that check the other end's certificate; the folder is where libvirt's default configuration has them. */
static void
source_add_tls(ArgvBuilder *b, const xmlNode *source, const char *name, json_t *props)
{
    g_autofree char *id = g_strdup_printf("obj%s_tls0", name);

    if (!node_attr_is(source, "tls", "yes"))
        return;
    argv_add_json(b, "-object", json_pack("{s:s,s:s,s:s,s:s,s:b}", "qom-type", "tls-creds-x509", "id", id, "dir", "/etc/pki/qemu",
                                          "endpoint", "client", "verify-peer", TRUE));
    props_str(props, "tls-creds", id);
    props_attr_str(props, "tls-hostname", source, "tlsHostname");
}

static json_t *
source_nbd(ArgvBuilder *b, const xmlNode *source, const char *name, GError **error)
{
    const xmlNode *host = source_only_host(source, "%s protocol accepts only one host", error);
    json_t *server = host ? source_host(host, error) : NULL, *props;

    if (!server)
        return NULL;
    props = json_pack("{s:s,s:o}", "driver", "nbd", "server", server);
    props_attr_str(props, "export", source, "name");
    source_add_tls(b, source, name, props);
    return props;
}

static json_t *
source_ssh(const xmlNode *source, GError **error)
{
    const xmlNode *host = source_only_host(source, "%s protocol accepts only one host", error);
    json_t *server = host ? source_inet_host(host, "22", error) : NULL;

    return server ? json_pack("{s:s,s:s*,s:o}", "driver", "ssh", "path", node_attr(source, "name"), "server", server) : NULL;
}

static json_t *
source_sheepdog(const xmlNode *source, GError **error)
{
    const xmlNode *host = source_only_host(source, "%s protocol accepts only one host", error);
    json_t *server = host ? source_host(host, error) : NULL;

    return server ? json_pack("{s:s,s:o,s:s*}", "driver", "sheepdog", "server", server, "vdi", node_attr(source, "name")) : NULL;
}

/* A user or group by its name or, behind a "+", by its number. */
static gboolean
source_identity(json_t *props, const char *key, const char *text, GError **error)
{
    guint64 number;

    if (!text)
        return TRUE;
    if (*text == '+' && g_ascii_string_to_unsigned(text + 1, 10, 0, G_MAXUINT32, &number, NULL)) {
        props_uint(props, key, number);
        return TRUE;
    }
    if (g_str_equal(key, "user")) {
        const struct passwd *user = getpwnam(text);

        if (!user)
            return hv_throw(error, HV_ERR_SYSTEM_ERROR, "User name '%s' does not exist", text);
        props_uint(props, key, user->pw_uid);
    } else {
        const struct group *group = getgrnam(text);

        if (!group)
            return hv_throw(error, HV_ERR_SYSTEM_ERROR, "Group name '%s' does not exist", text);
        props_uint(props, key, group->gr_gid);
    }
    return TRUE;
}

static json_t *
source_nfs(const xmlNode *source, GError **error)
{
    const xmlNode *identity = node_child(source, "identity");
    json_t *props = json_pack("{s:s,s:s*,s:o}", "driver", "nfs", "path", node_attr(source, "name"), "server",
                              json_pack("{s:s,s:s*}", "type", "inet", "host", node_child_attr(source, "host", "name")));

    if (source_identity(props, "user", node_attr(identity, "user"), error) &&
        source_identity(props, "group", node_attr(identity, "group"), error))
        return props;
    json_decref(props);
    return NULL;
}

json_t *
disk_source_network(ArgvBuilder *b, const xmlNode *source, const char *name, GError **error)
{
    static const char *const urls[] = { "http", "https", "ftp", "ftps", "tftp", NULL };
    const char *protocol = node_attr(source, "protocol") ? node_attr(source, "protocol") : "";

    if (node_attr_is(source, "tls", "yes") && !g_str_equal(protocol, "nbd") && !g_str_equal(protocol, "vxhs")) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "TLS transport is not supported for disk protocol '%s'", protocol);
        return NULL;
    }
    if (g_str_equal(protocol, "iscsi"))
        return source_iscsi(source, error);
    if (g_str_equal(protocol, "gluster"))
        return source_gluster(source, error);
    if (g_str_equal(protocol, "rbd"))
        return source_rbd(source, error);
    if (g_str_equal(protocol, "nbd"))
        return source_nbd(b, source, name, error);
    if (g_str_equal(protocol, "ssh"))
        return source_ssh(source, error);
    if (g_str_equal(protocol, "nfs"))
        return source_nfs(source, error);
    if (g_str_equal(protocol, "sheepdog"))
        return source_sheepdog(source, error);
    if (g_strv_contains(urls, protocol))
        return source_url(source, error);
    if (g_str_equal(protocol, "vxhs"))
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "VxHS protocol is not supported with this QEMU binary");
    else
        device_unsupported(error, "network disk protocol", protocol);
    return NULL;
}

void
disk_source_add_auth(json_t *props, const xmlNode *auth, const char *secret_id)
{
    const char *driver = json_string_value(json_object_get(props, "driver"));

    if (g_strcmp0(driver, "rbd") == 0) {
        props_attr_str(props, "user", auth, "username");
        json_object_set_new(props, "auth-client-required", json_pack("[s,s]", "cephx", "none"));
        props_str(props, "key-secret", secret_id);
    } else {
        props_attr_str(props, g_strcmp0(driver, "iscsi") == 0 ? "user" : "username", auth, "username");
        props_str(props, "password-secret", secret_id);
    }
}

json_t *
disk_source_nvme(const xmlNode *source)
{
    const xmlNode *address = node_child(source, "address");
    g_autofree char *device =
        g_strdup_printf("%04x:%02x:%02x.%x", (guint)node_attr_uint(address, "domain", 0),
                        (guint)node_attr_uint(address, "bus", 0), (guint)node_attr_uint(address, "slot", 0),
                        (guint)node_attr_uint(address, "function", 0));

    return json_pack("{s:s,s:s,s:I}", "driver", "nvme", "device", device, "namespace",
                     (json_int_t)node_attr_uint(source, "namespace", 1));
}
