/* Devices of one or two options each: watchdog, balloon, rng, host devices, shared memory and so on. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

/* --- watchdog -------------------------------------------------------------------------------------------- */

static gboolean
watchdog_add(ArgvBuilder *b, const xmlNode *watchdog, GError **error)
{
    const char *model = node_attr(watchdog, "model") ? node_attr(watchdog, "model") : "";
    const char *alias = device_need_alias(watchdog, error);
    json_t *props;

    if (!alias)
        return FALSE;
    if (g_str_equal(model, "itco")) {
        /* Part of the chip set, where a strap keeps it from resetting the machine. */
        argv_add(b, "-global", "ICH9-LPC.noreboot=off");
        return TRUE;
    }
    if (!device_need_model(b, model, error))
        return FALSE;
    props = device_props(model);
    props_str(props, "id", alias);
    return device_add(b, props, watchdog, error);
}

gboolean
argv_add_watchdogs(ArgvBuilder *b, GError **error)
{
    const char *action = NULL;

    NODE_FOREACH(watchdog, b->devices, "watchdog") {
        if (!watchdog_add(b, watchdog, error))
            return FALSE;
        action = node_attr(watchdog, "action") ? node_attr(watchdog, "action") : "reset";
    }
    /* libvirt itself dumps the guest that stands still. */
    if (action)
        argv_add(b, "-watchdog-action", g_str_equal(action, "dump") ? "pause" : action);
    return TRUE;
}

/* --- balloon and random numbers -------------------------------------------------------------------------- */

static gboolean
balloon_add(ArgvBuilder *b, const xmlNode *balloon, GError **error)
{
    guint64 maximum = argv_kib(node_child(b->domain, "memory"), 0);
    guint64 current = argv_kib(node_child(b->domain, "currentMemory"), maximum);
    const char *alias;
    json_t *props;

    if (node_attr_is(balloon, "model", "none"))
        return TRUE;
    alias = device_need_alias(balloon, error);
    if (!alias)
        return FALSE;
    props = device_props_virtio(balloon, "virtio-balloon");
    props_str(props, "id", alias);
    props_attr_bool(props, "deflate-on-oom", balloon, "autodeflate");
    props_attr_bool(props, "free-page-reporting", balloon, "freePageReporting");
    if (!device_add(b, props, balloon, error))
        return FALSE;
    if (current < maximum && !b->host->incoming)
        argv_add_setup(b, "balloon", json_pack("{s:I}", "value", (json_int_t)(current * 1024)));
    if (node_attr_uint(node_child(balloon, "stats"), "period", 0)) {
        g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", alias);

        argv_add_setup(b, "qom-set",
                       json_pack("{s:s,s:s,s:I}", "path", path, "property", "guest-stats-polling-interval", "value",
                                 (json_int_t)node_attr_uint(node_child(balloon, "stats"), "period", 0)));
    }
    return TRUE;
}

static gboolean
rng_add_backend(ArgvBuilder *b, const xmlNode *rng, const char *alias, const char *object_id, GError **error)
{
    const xmlNode *backend = node_child(rng, "backend");
    const char *model = node_attr(backend, "model");
    json_t *props = json_object();

    if (g_strcmp0(model, "egd") == 0) {
        g_autofree char *chardev = g_strconcat("char", alias, NULL);

        if (!argv_add_chardev(b, backend, chardev, error)) {
            json_decref(props);
            return FALSE;
        }
        props_str(props, "qom-type", "rng-egd");
        props_str(props, "id", object_id);
        props_str(props, "chardev", chardev);
    } else if (g_strcmp0(model, "builtin") == 0) {
        props_str(props, "qom-type", "rng-builtin");
        props_str(props, "id", object_id);
    } else {
        const char *file = node_text(backend);

        props_str(props, "qom-type", "rng-random");
        props_str(props, "id", object_id);
        props_str(props, "filename", file && *file ? file : "/dev/random");
    }
    argv_add_json(b, "-object", props);
    return TRUE;
}

static gboolean
rng_add(ArgvBuilder *b, const xmlNode *rng, GError **error)
{
    const xmlNode *rate = node_child(rng, "rate");
    const char *alias = device_need_alias(rng, error);
    g_autofree char *object_id = g_strconcat("obj", alias, NULL);
    json_t *props;

    if (!alias || !rng_add_backend(b, rng, alias, object_id, error))
        return FALSE;
    if (!device_need_virtio_address(rng, "virtio-rng", error))
        return FALSE;
    props = device_props_virtio(rng, "virtio-rng");
    props_str(props, "rng", object_id);
    props_str(props, "id", alias);
    if (rate) {
        props_attr_uint(props, "max-bytes", rate, "bytes");
        props_uint(props, "period", node_attr_uint(rate, "period", 1000));
    }
    return device_add(b, props, rng, error);
}

/* --- the rest
 * --------------------------------------------------------------------------------------------------------- */

static gboolean
iommu_add(ArgvBuilder *b, const xmlNode *iommu, GError **error)
{
    const char *model = node_attr(iommu, "model");
    const xmlNode *driver = node_child(iommu, "driver");
    json_t *props;

    if (g_strcmp0(model, "intel") == 0) {
        props = device_props("intel-iommu");
        props_str(props, "id", device_alias(iommu));
        props_attr_str(props, "intremap", driver, "intremap");
        props_attr_bool(props, "caching-mode", driver, "caching_mode");
        props_attr_str(props, "eim", driver, "eim");
        props_attr_bool(props, "device-iotlb", driver, "iotlb");
        props_attr_uint(props, "aw-bits", driver, "aw_bits");
    } else if (g_strcmp0(model, "smmuv3") == 0) {
        return TRUE;        /* a property of the machine */
    } else if (g_strcmp0(model, "virtio") == 0) {
        props = device_props("virtio-iommu");
        props_str(props, "id", device_alias(iommu));
    } else {
        return device_unsupported(error, "IOMMU model", model);
    }
    return device_add(b, props, iommu, error);
}

/* What ivshmem has when nothing is said. */
#define SHMEM_DEFAULT_BYTES (4 * 1024 * 1024)

static gboolean
shmem_add_server(ArgvBuilder *b, const xmlNode *shmem, const char *alias, json_t *props)
{
    const xmlNode *msi = node_child(shmem, "msi");
    const char *path = node_child_attr(shmem, "server", "path");
    g_autofree char *fallback = g_strdup_printf("/var/lib/libvirt/shmem-%s-sock", node_attr(shmem, "name"));
    g_autofree char *chardev = g_strconcat("char", alias, NULL);
    g_autoptr(GString) options = g_string_new("socket");

    argv_append(options, "id", chardev);
    argv_append(options, "path", path ? path : fallback);
    argv_add(b, "-chardev", options->str);
    props_str(props, "chardev", chardev);
    props_attr_uint(props, "vectors", msi, "vectors");
    props_attr_bool(props, "ioeventfd", msi, "ioeventfd");
    return TRUE;
}

static gboolean
shmem_add_memory(ArgvBuilder *b, const xmlNode *shmem, const char *alias, json_t *props, GError **error)
{
    g_autofree char *backend = g_strconcat("shmmem-", alias, NULL);
    g_autofree char *path = g_strconcat("/dev/shm/", node_attr(shmem, "name"), NULL);
    guint64 size = argv_kib(node_child(shmem, "size"), 0) * 1024;

    if (!size)
        size = SHMEM_DEFAULT_BYTES;
    if ((size & (size - 1)) != 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "shmem size must be a power of two");
    argv_add_json(b, "-object",
                  json_pack("{s:s,s:s,s:s,s:I,s:b}", "qom-type", "memory-backend-file", "id", backend, "mem-path", path,
                            "size", (json_int_t)size, "share", 1));
    props_str(props, "memdev", backend);
    if (node_attr(shmem, "role"))
        props_str(props, "master", node_attr_is(shmem, "role", "master") ? "on" : "off");
    return TRUE;
}

static gboolean
shmem_add(ArgvBuilder *b, const xmlNode *shmem, GError **error)
{
    const char *model = node_child_attr(shmem, "model", "type");
    const char *alias = device_need_alias(shmem, error);
    gboolean done;
    json_t *props;

    if (!alias)
        return FALSE;
    props = device_props(model ? model : "ivshmem-plain");
    props_str(props, "id", alias);
    done = node_child(shmem, "server") ? shmem_add_server(b, shmem, alias, props)
                                       : shmem_add_memory(b, shmem, alias, props, error);
    if (done)
        return device_add(b, props, shmem, error);
    json_decref(props);
    return FALSE;
}

static gboolean
smartcard_add(ArgvBuilder *b, const xmlNode *smartcard, GError **error)
{
    const char *mode = node_attr(smartcard, "mode");
    const char *alias = device_need_alias(smartcard, error);
    json_t *props;

    if (!alias)
        return FALSE;
    if (g_strcmp0(mode, "host") == 0) {
        props = device_props("ccid-card-emulated");
        props_str(props, "backend", "nss-emulated");
    } else if (g_strcmp0(mode, "passthrough") == 0) {
        g_autofree char *chardev = g_strconcat("char", alias, NULL);

        if (!argv_add_chardev(b, smartcard, chardev, error))
            return FALSE;
        props = device_props("ccid-card-passthru");
        props_str(props, "chardev", chardev);
    } else {
        guint number = 0;

        props = device_props("ccid-card-emulated");
        props_str(props, "backend", "certificates");
        NODE_FOREACH(certificate, smartcard, "certificate") {
            g_autofree char *key = g_strdup_printf("cert%u", ++number);

            props_str(props, key, node_text(certificate));
        }
        props_str(props, "db", node_child_text(smartcard, "database") ? node_child_text(smartcard, "database")
                                                                      : "/etc/pki/nssdb");
    }
    props_str(props, "id", alias);
    return device_add(b, props, smartcard, error);
}

static gboolean
panic_add(ArgvBuilder *b, const xmlNode *panic, GError **error)
{
    const char *model = node_attr(panic, "model");
    const xmlNode *address = node_child(panic, "address");
    json_t *props;

    /* Hyper-V's comes with the CPU, that of s390 and pSeries with the machine. */
    if (g_strcmp0(model, "isa") != 0)
        return TRUE;
    props = device_props("pvpanic");
    if (address)
        props_uint(props, "ioport", node_attr_uint(address, "iobase", 0));
    argv_add_json(b, "-device", props);
    return TRUE;
}

static gboolean
not_here_add(ArgvBuilder *b, const xmlNode *device, GError **error)
{
    return device_unsupported(error, "device", node_name(device));
}

gboolean
argv_add_other_devices(ArgvBuilder *b, GError **error)
{
    static const struct {
        const char *kind;
        gboolean (*add)(ArgvBuilder *b, const xmlNode *device, GError **error);
    } kinds[] = {
        { "iommu", iommu_add },           { "memballoon", balloon_add }, { "rng", rng_add },
        { "smartcard", smartcard_add },   { "shmem", shmem_add },        { "panic", panic_add },
        { "tpm", argv_add_tpm },               { "vsock", argv_add_vsock },
        { "nvram", not_here_add },        { "crypto", not_here_add },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        NODE_FOREACH(device, b->devices, kinds[i].kind)
            if (!kinds[i].add(b, device, error))
                return FALSE;
    if (node_path(b->domain, "features/vmcoreinfo") &&
        node_attr_yes(node_path(b->domain, "features/vmcoreinfo"), "state", TRUE))
        argv_add_json(b, "-device", device_props("vmcoreinfo"));
    return argv_add_virtio_memory(b, error);
}
