/* What only the host can choose for a domain about to run: ports, places of sockets, names of taps. */
#include "config.h"

#include "backend/qemu/argv.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/qemu/disk-chain.h"
#include "backend/qemu/firmware.h"
#include "backend/qemu/helpers.h"
#include "backend/qemu/usb-devices.h"
#include "model/document.h"
#include "model/domain.h"
#include "util/error.h"

/* libvirt's ranges of ports for displays. */
#define DISPLAY_PORT_MIN 5900
#define DISPLAY_PORT_MAX 65535
#define WEBSOCKET_PORT_MIN 5700

/* --- ports ----------------------------------------------------------------------------------------------- */

/* Whether @port can be listened on at @address; one that is taken on any address of the family counts as taken. */
static gboolean
port_is_free(const char *address, guint port)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    char service[16];
    gboolean is_free = TRUE;

    g_snprintf(service, sizeof(service), "%u", port);
    /* A host name is left to QEMU; its port is tried everywhere. */
    if (getaddrinfo(address, service, &hints, &found) != 0 && getaddrinfo(NULL, service, &hints, &found) != 0)
        return TRUE;
    for (struct addrinfo *each = found; each && is_free; each = each->ai_next) {
        int fd = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
        int on = 1;

        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (each->ai_family == AF_INET6)
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        if (bind(fd, each->ai_addr, each->ai_addrlen) < 0 || listen(fd, 1) < 0)
            is_free = errno != EADDRINUSE;
        close(fd);
    }
    freeaddrinfo(found);
    return is_free;
}

/* Ports that this domain uses already. */
static gboolean
port_is_taken_here(const xmlNode *devices, guint port)
{
    static const char *const attributes[] = { "port", "tlsPort", "websocket" };

    NODE_FOREACH(graphics, devices, "graphics")
        for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++)
            if (!node_attr_is(graphics, attributes[i], "-1") && node_attr_uint(graphics, attributes[i], 0) == port)
                return TRUE;
    return FALSE;
}

static gboolean
graphics_choose_port(const xmlNode *devices, xmlNode *graphics, const char *attribute, guint first, GError **error)
{
    const char *address = node_child_attr(graphics, "listen", "address");

    if (!address)
        address = node_attr(graphics, "listen") ? node_attr(graphics, "listen") : "127.0.0.1";
    for (guint port = first; port <= DISPLAY_PORT_MAX; port++) {
        if (port_is_taken_here(devices, port) || !port_is_free(address, port))
            continue;
        node_set_attrf(graphics, attribute, "%u", port);
        return TRUE;
    }
    hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to find an unused port in range '%s' (%d-%d)",
             node_attr(graphics, "type"), first, DISPLAY_PORT_MAX);
    hv_error_set_source(error, HV_FROM_QEMU);
    return FALSE;
}

/* What libvirt puts in the place of ports when it only shows a command line. */
#define SHOWN_VNC_PORT 5900
#define SHOWN_SPICE_PORT 5901
#define SHOWN_SPICE_TLS_PORT 5902

typedef struct {
    const char *attribute;
    guint first;        /* where the search begins */
    guint shown;
    gboolean wanted;
} GraphicsPort;

static gboolean
prepare_ports(const xmlNode *devices, xmlNode *graphics, const QemuHost *host, GError **error)
{
    gboolean vnc = node_attr_is(graphics, "type", "vnc"), automatic = node_attr_is(graphics, "autoport", "yes");
    gboolean secure = node_attr_is(graphics, "defaultMode", "secure"), secure_channel = FALSE;
    GraphicsPort ports[3] = { { NULL, 0, 0, FALSE } };

    NODE_FOREACH(channel, graphics, "channel")
        secure_channel |= node_attr_is(channel, "mode", "secure");
    if (vnc) {
        ports[0] = (GraphicsPort){ "port", DISPLAY_PORT_MIN, SHOWN_VNC_PORT, automatic };
        ports[1] = (GraphicsPort){ "websocket", WEBSOCKET_PORT_MIN, 0, node_attr_is(graphics, "websocket", "-1") };
    } else {
        ports[0] = (GraphicsPort){ "port", DISPLAY_PORT_MIN, SHOWN_SPICE_PORT, automatic && !secure };
        ports[1] = (GraphicsPort){ "tlsPort", DISPLAY_PORT_MIN, SHOWN_SPICE_TLS_PORT, automatic && (secure || secure_channel) };
    }
    for (GraphicsPort *port = ports; port->attribute; port++) {
        const char *number = node_attr(graphics, port->attribute);

        if (!port->wanted && g_strcmp0(number, "-1") != 0)
            continue;
        if (number && !g_str_equal(number, "-1") && !g_str_equal(number, "0"))
            continue;
        if (host->by_name && port->shown)
            node_set_attrf(graphics, port->attribute, "%u", port->shown);
        else if (!host->by_name && !graphics_choose_port(devices, graphics, port->attribute, port->first, error))
            return FALSE;
    }
    return TRUE;
}

/* The first of the host's nodes that draw without a screen. */
static gboolean
prepare_render_node(xmlNode *graphics, GError **error)
{
    g_autofree char *found = NULL;
    xmlNode *gl = node_child(graphics, "gl");
    const char *name;
    GDir *folder;

    if (node_attr(gl, "rendernode") ||
        !(node_attr_is(graphics, "type", "egl-headless") ||
          (node_attr_is(graphics, "type", "spice") && node_attr_is(gl, "enable", "yes"))))
        return TRUE;
    errno = 0;
    folder = g_dir_open("/dev/dri", 0, NULL);
    if (!folder)
        return hv_throw_errno(error, errno, "cannot open directory '/dev/dri'");
    while (!found && (name = g_dir_read_name(folder)))
        if (g_str_has_prefix(name, "renderD"))
            found = g_build_filename("/dev/dri", name, NULL);
    g_dir_close(folder);
    if (!found)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "No DRM render nodes available");
    node_set_attr(domain_ensure_child(graphics, "gl"), "rendernode", found);
    return TRUE;
}

static gboolean
prepare_graphics(const xmlNode *devices, xmlNode *graphics, const QemuHost *host, GError **error)
{
    gboolean vnc = node_attr_is(graphics, "type", "vnc");
    xmlNode *listen = node_child(graphics, "listen");
    const char *kind = node_attr(listen, "type");

    if (!prepare_render_node(graphics, error))
        return FALSE;
    /* A bus of the domain's own (argv-graphics.c). */
    if (node_attr_is(graphics, "type", "dbus") && !node_attr(graphics, "address") && !node_attr_is(graphics, "p2p", "yes") &&
        host->state_dir)
        node_set_attrf(graphics, "address", "unix:path=%s/dbus/dbus.sock", host->state_dir);
    if (!vnc && !node_attr_is(graphics, "type", "spice"))
        return TRUE;
    if (g_strcmp0(kind, "socket") == 0) {
        if (!node_attr(listen, "socket") && !node_attr(graphics, "socket") && host->state_dir)
            node_set_attrf(listen, "socket", "%s/%s.sock", host->state_dir, vnc ? "vnc" : "spice");
        return TRUE;
    }
    if (g_strcmp0(kind, "none") == 0 || node_attr(graphics, "socket"))
        return TRUE;
    /* The address is that of a virtual network's bridge. */
    if (g_strcmp0(kind, "network") == 0 && !node_attr(listen, "address"))
        return hv_throw(error, HV_ERR_NO_NETWORK, "no network with matching name '%s'", node_attr(listen, "network"));
    if (!prepare_ports(devices, graphics, host, error))
        return FALSE;
    if (listen && !node_attr(listen, "address"))
        node_set_attr(listen, "address", node_attr(graphics, "listen") ? node_attr(graphics, "listen") : "127.0.0.1");
    if (!node_attr(graphics, "listen"))
        node_set_attr(graphics, "listen", node_attr(listen, "address") ? node_attr(listen, "address") : "127.0.0.1");
    return TRUE;
}

/* --- sockets --------------------------------------------------------------------------------------------- */

/* A channel or console of type unix without a path listens in the domain's own folder under its name in the guest. */
static void
prepare_socket(xmlNode *device, const QemuHost *host)
{
    xmlNode *source = node_child(device, "source");
    const char *name = node_child_attr(device, "target", "name");

    if (!node_attr_is(device, "type", "unix") || node_attr(source, "path") || !host->state_dir)
        return;
    if (!source)
        source = domain_ensure_child(device, "source");
    node_set_attr(source, "mode", "bind");
    if (name) {
        node_set_attrf(source, "path", "%s/channel/target/%s", host->state_dir, name);
    } else {
        const xmlNode *address = node_child(device, "address");

        node_set_attrf(source, "path", "%s/channel/target/vioser-%02u-%02u-%02u.sock", host->state_dir,
                       (guint)node_attr_uint(address, "controller", 0), (guint)node_attr_uint(address, "bus", 0),
                       (guint)node_attr_uint(address, "port", 0));
    }
}

static void
prepare_interface(xmlNode *interface)
{
    const char *type = node_attr(interface, "type");
    xmlNode *target = node_child(interface, "target");

    /* A name of the automatic form in a stored document is somebody else's by now. */
    if (target && type && !node_attr_is(target, "managed", "no") && node_attr(target, "dev") &&
        (g_str_has_prefix(node_attr(target, "dev"), "vnet") || g_str_has_prefix(node_attr(target, "dev"), "macvtap")))
        node_set_attr(target, "dev", NULL);
}

/* The live document says which program serves the folder. */
static void
prepare_filesystem(xmlNode *filesystem)
{
    if (!node_attr_is(node_child(filesystem, "driver"), "type", "virtiofs") || node_child_attr(filesystem, "source", "socket") ||
        node_child_attr(filesystem, "binary", "path"))
        return;
    node_set_attr(domain_ensure_child(filesystem, "binary"), "path", helper_virtiofsd_path());
}

gboolean
qemu_prepare_live(struct _xmlNode *domain, const QemuHost *host, GError **error)
{
    static const char *const sockets[] = { "serial", "parallel", "channel", "console" };
    const xmlNode *devices = node_child(domain, "devices");

    if (!firmware_choose(domain, firmware_folders, host->nvram_dir ? host->nvram_dir : host->state_dir, error) ||
        !disk_chains_complete(domain, error) || !usb_devices_find(domain, host->files, host->by_name, error))
        return FALSE;
    NODE_FOREACH(graphics, devices, "graphics")
        if (!prepare_graphics(devices, graphics, host, error))
            return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(sockets); i++)
        NODE_FOREACH(device, devices, sockets[i])
            prepare_socket(device, host);
    NODE_FOREACH(filesystem, devices, "filesystem")
        prepare_filesystem(filesystem);
    NODE_FOREACH(interface, devices, "interface")
        prepare_interface(interface);
    return TRUE;
}
