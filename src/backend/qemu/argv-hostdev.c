/* Devices of the host and of somewhere else: passed-through and redirected devices, vsock. */
#include "config.h"

#include "backend/qemu/argv-disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/qemu/argv-secret.h"
#include "util/error.h"

/* Where Linux shows its SCSI devices, and the control devices of VFIO, vhost-scsi and vhost-vsock. */
#define SCSI_DEVICES "sys/bus/scsi/devices"
#define VFIO_CONTROL "/dev/vfio/vfio"
#define VHOST_SCSI "/dev/vhost-scsi"
#define VHOST_VSOCK "/dev/vhost-vsock"

/* --- redirected devices ------------------------------------------------------------------------------------ */

/* "CLASS:VENDOR:PRODUCT:VERSION:ALLOW|…", -1 for any. A version 2.56 is 0x0256. */
static char *
redir_filter(const ArgvBuilder *b)
{
    GString *text = g_string_new(NULL);

    NODE_FOREACH(rule, node_child(b->devices, "redirfilter"), "usbdev") {
        const char *version = node_attr(rule, "version"), *dot = version ? strchr(version, '.') : NULL;

        g_string_append_printf(text, "%s%s:%s:%s:", text->len ? "|" : "", node_attr(rule, "class") ?: "-1",
                               node_attr(rule, "vendor") ?: "-1", node_attr(rule, "product") ?: "-1");
        if (dot)
            g_string_append_printf(text, "0x%02d%02d", atoi(version), atoi(dot + 1));
        else
            g_string_append(text, "-1");
        g_string_append(text, node_attr_yes(rule, "allow", FALSE) ? ":1" : ":0");
    }
    return g_string_free(text, text->len == 0);
}

gboolean
argv_add_redirdevs(ArgvBuilder *b, GError **error)
{
    g_autofree char *filter = redir_filter(b);

    NODE_FOREACH(redirdev, b->devices, "redirdev") {
        const char *alias = device_need_alias(redirdev, error);
        g_autofree char *id = g_strconcat("char", alias, NULL);
        json_t *props;

        if (!alias || !device_need_model(b, "usb-redir", error) || !argv_add_chardev(b, redirdev, id, error))
            return FALSE;
        props = device_props("usb-redir");
        props_str(props, "chardev", id);
        props_str(props, "id", alias);
        props_str(props, "filter", filter);
        device_add_boot(props, redirdev);
        if (!device_add(b, props, redirdev, error))
            return FALSE;
    }
    return TRUE;
}

/* --- host devices --------------------------------------------------------------------------------------------- */

static json_t *
hostdev_pci(ArgvBuilder *b, const xmlNode *hostdev, GError **error)
{
    const xmlNode *address = node_path(hostdev, "source/address");
    const char *driver = node_child_attr(hostdev, "driver", "name");
    g_autofree char *host = g_strdup_printf("%04x:%02x:%02x.%x", (guint)node_attr_uint(address, "domain", 0),
                                            (guint)node_attr_uint(address, "bus", 0),
                                            (guint)node_attr_uint(address, "slot", 0),
                                            (guint)node_attr_uint(address, "function", 0));
    gboolean vfio = access(VFIO_CONTROL, F_OK) == 0;
    json_t *props;

    if (!b->host->by_name && !vfio) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, driver ? "host doesn't support VFIO PCI passthrough"
                                                        : "host doesn't support passthrough of host PCI devices");
        hv_error_set_hint(error, "PCI device %s needs VFIO: there is no " VFIO_CONTROL " (module vfio-pci, IOMMU enabled)", host);
        return NULL;
    }
    /* A driver that is not named is the one the host has. */
    if (driver ? !g_str_equal(driver, "vfio") : !vfio) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "invalid PCI passthrough type '%s'", driver ? driver : "default");
        return NULL;
    }
    if (!device_need_model(b, "vfio-pci", error))
        return NULL;
    props = device_props("vfio-pci");
    props_str(props, "host", host);
    return props;
}

static json_t *
hostdev_mdev(ArgvBuilder *b, const xmlNode *hostdev, GError **error)
{
    const char *model = node_attr(hostdev, "model") ? node_attr(hostdev, "model") : "vfio-pci";
    gboolean ramfb = node_attr_is(hostdev, "ramfb", "on");
    const char *uuid = node_attr(node_path(hostdev, "source/address"), "uuid");
    g_autofree char *path = g_strconcat("/sys/bus/mdev/devices/", uuid, NULL);
    json_t *props;

    if (ramfb)
        model = "vfio-pci-nohotplug";
    if (!device_need_model(b, model, error))
        return NULL;
    if (!b->host->by_name && access(VFIO_CONTROL, F_OK) < 0) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Mediated host device assignment requires VFIO support");
        hv_error_set_hint(error, "there is no " VFIO_CONTROL " (module vfio, IOMMU enabled)");
        return NULL;
    }
    if (!b->host->by_name && !host_files_exist(b->host->files, "%s", path + 1)) {
        hv_throw_errno(error, ENOENT, "mediated device '%s' not found", uuid);
        return NULL;
    }
    props = device_props(model);
    props_str(props, "sysfsdev", path);
    props_attr_str(props, "display", hostdev, "display");
    if (ramfb)
        props_bool(props, "ramfb", TRUE);
    return props;
}

static json_t *
hostdev_usb(ArgvBuilder *b, const xmlNode *hostdev, GError **error)
{
    const xmlNode *source = node_child(hostdev, "source"), *address = node_child(source, "address");
    const char *reset = node_attr(source, "guestReset");
    g_autofree char *path = NULL;
    json_t *props;

    if (!node_child(source, NULL)) {
        hv_throw(error, HV_ERR_XML_ERROR, "Missing <source> element in hostdev device");
        return NULL;
    }
    if (!address) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "USB host device is missing bus/device information");
        return NULL;
    }
    path = g_strdup_printf("/dev/bus/usb/%03u/%03u", (guint)node_attr_uint(address, "bus", 0),
                           (guint)node_attr_uint(address, "device", 0));
    if (!device_need_model(b, "usb-host", error))
        return NULL;
    if (!b->host->by_name && access(path, F_OK) < 0) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Did not find USB device bus:%u device:%u",
                 (guint)node_attr_uint(address, "bus", 0), (guint)node_attr_uint(address, "device", 0));
        return NULL;
    }
    props = device_props("usb-host");
    props_str(props, "hostdevice", path);
    if (reset) {
        props_bool(props, "guest-reset", !g_str_equal(reset, "off"));
        if (!g_str_equal(reset, "off"))
            props_bool(props, "guest-resets-all", g_str_equal(reset, "on"));
    }
    return props;
}

/* --- SCSI ------------------------------------------------------------------------------------------------------- */

/* The generic device of a SCSI device of the host: "/dev/sg3". */
static char *
scsi_generic_path(const ArgvBuilder *b, const xmlNode *source, GError **error)
{
    const xmlNode *address = node_child(source, "address");
    const char *adapter = node_child_attr(source, "adapter", "name");
    g_autofree char *folder = NULL;
    g_auto(GStrv) names = NULL;
    guint64 host;

    if (!adapter || !g_str_has_prefix(adapter, "scsi_host") ||
        !g_ascii_string_to_unsigned(adapter + strlen("scsi_host"), 10, 0, G_MAXUINT, &host, NULL)) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Cannot parse adapter '%s'", adapter ? adapter : "");
        return NULL;
    }
    folder = g_strdup_printf(SCSI_DEVICES "/%u:%s:%s:%s/scsi_generic", (guint)host, node_attr(address, "bus"),
                             node_attr(address, "target"), node_attr(address, "unit"));
    names = host_files_names(b->host->files, folder);
    if (names && names[0])
        return g_strconcat("/dev/", names[0], NULL);
    if (names)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "no generic device in '/%s'", folder);
    else
        hv_throw_errno(error, ENOENT, "cannot open directory '/%s'", folder);
    return NULL;
}

static json_t *
scsi_backend(ArgvBuilder *b, const xmlNode *hostdev, const char *node, GError **error)
{
    const xmlNode *source = node_child(hostdev, "source"), *host = node_child(source, "host");
    const xmlNode *auth = node_child(source, "auth"), *secret = node_child(auth, "secret");
    g_autofree char *path = NULL, *secret_id = g_strconcat(node, "-secret0", NULL);
    json_t *props;

    if (!node_attr_is(source, "protocol", "iscsi")) {
        path = scsi_generic_path(b, source, error);
        return path ? json_pack("{s:s,s:s}", "driver", "host_device", "filename", path) : NULL;
    }
    if (secret && !secret_add(b, secret_id, secret, "iscsi", error))
        return NULL;
    props = disk_source_network(b, source, device_alias(hostdev), error);
    if (props && secret)
        disk_source_add_auth(props, auth, secret_id);
    /* libvirt gives no port of its own here. */
    if (props && !node_attr(host, "port")) {
        const char *name = node_attr(host, "name") ? node_attr(host, "name") : "";
        g_autofree char *portal = g_strdup_printf(strchr(name, ':') ? "[%s]:0" : "%s:0", name);

        props_str(props, "portal", portal);
    }
    return props;
}

/* Its block node is numbered behind those of the disks. */
static guint
scsi_node_number(const ArgvBuilder *b, const xmlNode *hostdev)
{
    guint number = 1;

    NODE_FOREACH(disk, b->devices, "disk")
        number += disk_count_images(disk);
    NODE_FOREACH(other, b->devices, "hostdev") {
        if (other == hostdev)
            break;
        number += node_attr_is(other, "type", "scsi");
    }
    return number;
}

static gboolean
hostdev_add_scsi(ArgvBuilder *b, const xmlNode *hostdev, const char *alias, GError **error)
{
    const xmlNode *address = node_child(hostdev, "address");
    guint64 index = node_attr_uint(address, "controller", 0);
    const xmlNode *controller = device_controller(b, "scsi", index);
    g_autofree char *node = g_strdup_printf("libvirt-%u-backend", scsi_node_number(b, hostdev));
    g_autofree char *bus = NULL;
    json_t *backend = scsi_backend(b, hostdev, node, error), *props;

    if (!backend)
        return FALSE;
    props_str(backend, "node-name", node);
    props_bool(backend, "read-only", node_child(hostdev, "readonly") != NULL);
    argv_add_json(b, "-blockdev", backend);
    if (!controller || !device_alias(controller))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to find a SCSI controller with idx=%u", (guint)index);
    bus = g_strconcat(device_alias(controller), ".0", NULL);
    props = device_props("scsi-generic");
    props_str(props, "drive", node);
    props_str(props, "id", alias);
    device_add_boot(props, hostdev);
    props_str(props, "bus", bus);
    if (node_attr_is(controller, "model", "lsilogic")) {
        props_uint(props, "scsi-id", node_attr_uint(address, "unit", 0));
    } else {
        props_uint(props, "channel", node_attr_uint(address, "bus", 0));
        props_uint(props, "scsi-id", node_attr_uint(address, "target", 0));
        props_uint(props, "lun", node_attr_uint(address, "unit", 0));
    }
    argv_add_json(b, "-device", props);
    return TRUE;
}

static json_t *
hostdev_scsi_host(ArgvBuilder *b, const xmlNode *hostdev, GError **error)
{
    json_t *props;

    if (access(VHOST_SCSI, F_OK) < 0) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "vhost-scsi device file '%s' cannot be found", VHOST_SCSI);
        return NULL;
    }
    if (!device_need_model(b, "vhost-scsi-pci", error))
        return NULL;
    props = device_props_virtio(hostdev, "vhost-scsi");
    props_attr_str(props, "wwpn", node_child(hostdev, "source"), "wwpn");
    return props;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/* @node is a <hostdev>, or an <interface> that is one. */
static gboolean
hostdev_add_props(ArgvBuilder *b, const xmlNode *node, const char *alias, json_t *props, GError **error)
{
    const xmlNode *teaming = node_child(node, "teaming");

    props_str(props, "id", alias);
    if (node_attr_is(teaming, "type", "transient"))
        props_attr_str(props, "failover_pair_id", teaming, "persistent");
    device_add_boot(props, node);
    device_add_rom(props, node);
    return device_add(b, props, node, error);
}

static gboolean
hostdev_add(ArgvBuilder *b, const xmlNode *hostdev, GError **error)
{
    static const struct {
        const char *type;
        json_t *(*props)(ArgvBuilder *b, const xmlNode *hostdev, GError **error);
    } types[] = {
        { "pci", hostdev_pci }, { "mdev", hostdev_mdev }, { "usb", hostdev_usb }, { "scsi_host", hostdev_scsi_host },
    };
    const char *type = node_attr(hostdev, "type");
    const char *alias = device_need_alias(hostdev, error);

    if (!alias)
        return FALSE;
    /* Set aside on the host, for no guest. */
    if (g_strcmp0(node_child_attr(hostdev, "address", "type"), "unassigned") == 0)
        return TRUE;
    if (g_strcmp0(type, "scsi") == 0)
        return hostdev_add_scsi(b, hostdev, alias, error);
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        json_t *props;

        if (g_strcmp0(type, types[i].type) != 0)
            continue;
        props = types[i].props(b, hostdev, error);
        return props && hostdev_add_props(b, hostdev, alias, props, error);
    }
    return device_unsupported(error, "host device type", type);
}

gboolean
argv_add_hostdevs(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(hostdev, b->devices, "hostdev")
        if (!hostdev_add(b, hostdev, error))
            return FALSE;
    NODE_FOREACH(interface, b->devices, "interface") {
        const char *alias;
        json_t *props;

        if (!node_attr_is(interface, "type", "hostdev"))
            continue;
        alias = device_need_alias(interface, error);
        props = alias ? hostdev_pci(b, interface, error) : NULL;
        if (!props || !hostdev_add_props(b, interface, alias, props, error))
            return FALSE;
    }
    return TRUE;
}

/* --- vsock ------------------------------------------------------------------------------------------------------------ */

/* The number of the descriptor that a person passes by hand. */
#define VSOCK_FD_BY_HAND 3

gboolean
argv_add_vsock(ArgvBuilder *b, const xmlNode *vsock, GError **error)
{
    const char *alias = device_need_alias(vsock, error);
    int number = VSOCK_FD_BY_HAND;
    g_autofree char *text = NULL;
    json_t *props;

    if (!alias || !device_need_virtio_address(vsock, "vhost-vsock", error) || !device_need_model(b, "vhost-vsock-pci", error))
        return FALSE;
    if (!b->host->by_name) {
        QemuFd fd = { .kind = QEMU_FD_DEVICE, .path = g_strdup(VHOST_VSOCK), .alias = g_strdup(alias) };

        number = argv_add_fd(b, fd);
        if (access(VHOST_VSOCK, R_OK | W_OK) < 0) {
            hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unable to open vhost-vsock device");
            hv_error_set_hint(error, "%s: %s", VHOST_VSOCK, g_strerror(errno));
            return FALSE;
        }
    }
    text = g_strdup_printf("%d", number);
    props = device_props_virtio(vsock, "vhost-vsock");
    props_str(props, "id", alias);
    props_uint(props, "guest-cid", node_attr_uint(node_child(vsock, "cid"), "address", 0));
    props_str(props, "vhostfd", text);
    return device_add(b, props, vsock, error);
}
