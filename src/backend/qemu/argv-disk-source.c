/* Where the bytes of a disk are when they are in no file: network protocols, NVMe. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

static json_t *
source_host(const xmlNode *host, const char *default_port)
{
    const char *port = node_attr(host, "port");

    if (node_attr_is(host, "transport", "unix"))
        return json_pack("{s:s,s:s*}", "type", "unix", "path", node_attr(host, "socket"));
    return json_pack("{s:s,s:s*,s:s*}", "type", "inet", "host", node_attr(host, "name"), "port",
                     port ? port : default_port);
}

static json_t *
source_iscsi(const xmlNode *source, GError **error)
{
    const xmlNode *host = node_child(source, "host");
    g_autofree char *target = g_strdup(node_attr(source, "name") ? node_attr(source, "name") : "");
    const char *name = node_attr(host, "name");
    gboolean ipv6 = name && strchr(name, ':');
    g_autofree char *portal = g_strdup_printf("%s%s%s:%s", ipv6 ? "[" : "", name ? name : "", ipv6 ? "]" : "",
                                              node_attr(host, "port") ? node_attr(host, "port") : "3260");
    char *lun = strchr(target, '/');
    guint64 number = 0;
    json_t *props;

    if (lun) {
        *lun++ = '\0';
        if (!g_ascii_string_to_unsigned(lun, 10, 0, G_MAXUINT32, &number, NULL)) {
            hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse target for lunStr '%s'", lun);
            return NULL;
        }
    }
    props = json_pack("{s:s,s:s,s:s,s:I,s:s}", "driver", "iscsi", "portal", portal, "target", target, "lun",
                      (json_int_t)number, "transport", node_attr_is(host, "transport", "iser") ? "iser" : "tcp");
    props_str(props, "initiator-name", node_attr(node_path(source, "initiator/iqn"), "name"));
    return props;
}

static json_t *
source_gluster(const xmlNode *source)
{
    g_autofree char *volume = g_strdup(node_attr(source, "name") ? node_attr(source, "name") : "");
    char *path = strchr(volume, '/');
    json_t *servers = json_array();

    if (path)
        *path++ = '\0';
    NODE_FOREACH(host, source, "host")
        json_array_append_new(servers, source_host(host, "24007"));
    return json_pack("{s:s,s:s,s:s,s:o,s:i}", "driver", "gluster", "volume", volume, "path", path ? path : "",
                     "server", servers, "debug", 4);
}

static json_t *
source_url(const xmlNode *source, const char *protocol)
{
    const xmlNode *host = node_child(source, "host");
    const char *name = node_attr(source, "name");
    const char *query = node_attr(source, "query");
    g_autofree char *port = node_attr(host, "port") ? g_strconcat(":", node_attr(host, "port"), NULL) : g_strdup("");
    g_autofree char *url = g_strdup_printf("%s://%s%s/%s%s%s", protocol, node_attr(host, "name"), port,
                                           name && *name == '/' ? name + 1 : name ? name : "", query ? "?" : "",
                                           query ? query : "");
    json_t *props = json_pack("{s:s,s:s}", "driver", protocol, "url", url);

    if (g_str_equal(protocol, "https") || g_str_equal(protocol, "ftps"))
        props_attr_bool(props, "sslverify", node_child(source, "ssl"), "verify");
    props_text_uint(props, "readahead", source, "readahead");
    props_text_uint(props, "timeout", source, "timeout");
    return props;
}

static json_t *
source_rbd(const xmlNode *source)
{
    g_autofree char *pool = g_strdup(node_attr(source, "name") ? node_attr(source, "name") : "");
    char *image = strchr(pool, '/');
    json_t *servers = json_array();
    json_t *props;

    if (image)
        *image++ = '\0';
    NODE_FOREACH(host, source, "host")
        json_array_append_new(servers, json_pack("{s:s*,s:s}", "host", node_attr(host, "name"), "port",
                                                 node_attr(host, "port") ? node_attr(host, "port") : "6789"));
    props = json_pack("{s:s,s:s,s:s}", "driver", "rbd", "pool", pool, "image", image ? image : "");
    props_str(props, "snapshot", node_child_attr(source, "snapshot", "name"));
    props_str(props, "conf", node_child_attr(source, "config", "file"));
    if (json_array_size(servers))
        json_object_set(props, "server", servers);
    json_decref(servers);
    return props;
}

json_t *
disk_source_network(const xmlNode *source, GError **error)
{
    const char *protocol = node_attr(source, "protocol");
    const char *name = node_attr(source, "name");
    json_t *props;

    if (g_strcmp0(protocol, "iscsi") == 0)
        return source_iscsi(source, error);
    if (g_strcmp0(protocol, "gluster") == 0)
        return source_gluster(source);
    if (g_strcmp0(protocol, "rbd") == 0)
        return source_rbd(source);
    if (g_strcmp0(protocol, "nbd") == 0) {
        props = json_pack("{s:s,s:o}", "driver", "nbd", "server", source_host(node_child(source, "host"), "10809"));
        props_str(props, "export", name);
        return props;
    }
    if (g_strcmp0(protocol, "ssh") == 0)
        return json_pack("{s:s,s:s*,s:o}", "driver", "ssh", "path", name, "server",
                         json_pack("{s:s*,s:s}", "host", node_child_attr(source, "host", "name"), "port",
                                   node_child_attr(source, "host", "port") ? node_child_attr(source, "host", "port")
                                                                           : "22"));
    if (g_strcmp0(protocol, "nfs") == 0)
        return json_pack("{s:s,s:s*,s:o}", "driver", "nfs", "path", name, "server",
                         json_pack("{s:s,s:s*}", "type", "inet", "host", node_child_attr(source, "host", "name")));
    if (protocol && (g_str_equal(protocol, "http") || g_str_equal(protocol, "https") ||
                     g_str_equal(protocol, "ftp") || g_str_equal(protocol, "ftps") || g_str_equal(protocol, "tftp")))
        return source_url(source, protocol);
    device_unsupported(error, "network disk protocol", protocol);
    return NULL;
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
