/* What can be judged only when the domain is complete. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* libvirt's limit for emulators whose machine says nothing. */
static gboolean
check_vcpus(const Normalise *n, GError **error)
{
    guint limit = n->facts->max_vcpus(n->facts->data, n->emulator, n->machine);

    if (limit && domain_max_vcpus(n->doc) > limit)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Maximum CPUs greater than specified machine type limit %u", limit);
    return TRUE;
}

gboolean
domain_has_iothread(const Normalise *n, guint64 id)
{
    const xmlNode *ids = node_child(n->root, "iothreadids");

    NODE_FOREACH(thread, ids, "iothread")
        if (node_attr_uint(thread, "id", 0) == id)
            return TRUE;
    return !ids && id >= 1 && id <= node_text_uint(node_child(n->root, "iothreads"), 0);
}

static gboolean
check_controllers(const Normalise *n, GError **error)
{
    NODE_FOREACH(controller, n->devices, "controller") {
        const char *iothread = node_child_attr(controller, "driver", "iothread"), *model = node_attr(controller, "model");
        guint64 id;

        if (iothread && (!uint_parse(iothread, 1, G_MAXUINT, &id) || !domain_has_iothread(n, id)))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "controller iothread '%s' not defined in iothreadid", iothread);
        if (node_attr_is(controller, "model", "buslogic") || node_attr_is(controller, "model", "ibmvscsi"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unsupported controller model: %s", model);
        if (node_attr_is(controller, "type", "pci") && node_attr_is(controller, "index", "0")) {
            const char *wanted = n->is_q35 || n->is_virt ? "pcie-root" : n->is_i440fx ? "pci-root" : NULL;

            if (wanted && g_strcmp0(model, wanted) != 0)
                return hv_throw(error, HV_ERR_XML_ERROR,
                                "The PCI controller with index='0' must be model='%s' for this machine type, but model='%s' "
                                "was found instead", wanted, model ? model : "");
        }
    }
    return TRUE;
}

gboolean
domain_has_shared_memory(const Normalise *n)
{
    if (g_strcmp0(node_attr(node_path(n->root, "memoryBacking/access"), "mode"), "shared") == 0)
        return TRUE;
    NODE_FOREACH(cell, node_path(n->root, "cpu/numa"), "cell")
        if (!node_attr_is(cell, "memAccess", "shared"))
            return FALSE;
    return node_path(n->root, "cpu/numa/cell") != NULL;
}

static gboolean
check_devices(const Normalise *n, GError **error)
{
    static const char *const ppc_features[] = { "hpt", "htm", "nested-hv", "ccf-assist", "cfpc", "sbbc", "ibs" };

    NODE_FOREACH(timer, node_child(n->root, "clock"), "timer")
        if (n->is_x86 && (node_attr_is(timer, "name", "platform") || node_attr_is(timer, "name", "armvtimer")))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported timer type (name) '%s'", node_attr(timer, "name"));
    NODE_FOREACH(filesystem, n->devices, "filesystem")
        if (g_strcmp0(node_child_attr(filesystem, "driver", "type"), "virtiofs") == 0 && !domain_has_shared_memory(n))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "'virtiofs' requires shared memory");
    for (gsize i = 0; i < G_N_ELEMENTS(ppc_features); i++)
        if (node_child(node_child(n->root, "features"), ppc_features[i]) && !g_str_has_prefix(n->arch, "ppc64"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "The '%s' feature is not supported for architecture '%s' or machine type '%s'", ppc_features[i],
                            n->arch, n->machine);
    if (node_attr_is(node_child(n->root, "launchSecurity"), "type", "s390-pv") && strcmp(n->arch, "s390x") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "S390 PV launch security is not supported with this QEMU binary");
    if (node_attr_is(node_child(n->root, "launchSecurity"), "type", "sev") &&
        !n->facts->has_device(n->facts->data, n->emulator, "sev-guest"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "SEV launch security is not supported with this QEMU binary");
    if (node_path(n->root, "features/gic") && !n->is_virt)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "The 'gic' feature is not supported for architecture '%s' or machine type '%s'", n->arch, n->machine);
    return check_graphics(n, error) && check_video(n, error) && check_inputs(n, error) && check_audio(n, error) &&
           check_tpms(n, error) && check_memory_devices(n, error) && check_peripherals(n, error);
}

/* QEMU names by index what the firmware tells the guest of. */
static gboolean
check_acpi_indexes(const Normalise *n, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));) {
        const char *index = node_child_attr(device, "acpi", "index");

        if (!index || node_is(device, "console"))
            continue;
        if (!node_attr_is(node_child(device, "address"), "type", "pci"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "ACPI index is only supported for PCI devices");
        if (!g_hash_table_add(seen, (gpointer)index))
            return hv_throw(error, HV_ERR_XML_ERROR, "ACPI index '%s' is already used", index);
    }
    return TRUE;
}

gboolean
normalise_checks(Normalise *n, GError **error)
{
    return check_chardevs(n, error) && check_hostdevs(n, error) && check_smartcards(n, error) && check_acpi_indexes(n, error) &&
           check_vcpus(n, error) && normalise_disk_checks(n, error) && check_controllers(n, error) && check_devices(n, error);
}
