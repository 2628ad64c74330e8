/* What can be judged only when the domain is complete. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Processors with greater numbers need interrupts with longer addresses. */
#define VCPUS_MAX_WITHOUT_EIM 255

static gboolean
check_vcpus(const Normalise *n, GError **error)
{
    guint limit = n->facts->max_vcpus(n->facts->data, n->emulator, n->machine);

    if (limit == 0 || strcmp(n->machine, "none") == 0)
        return node_throw(node_child(n->os, "type"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Emulator '%s' does not support machine type '%s'", n->emulator, n->machine);
    if (domain_max_vcpus(n->doc) > limit)
        return node_throw(node_child(n->root, "vcpu"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Maximum CPUs greater than specified machine type limit %u", limit);
    if (!n->is_x86 || domain_max_vcpus(n->doc) <= VCPUS_MAX_WITHOUT_EIM)
        return TRUE;
    if (!n->is_q35)
        return node_throw(node_child(n->root, "vcpu"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "more than %d vCPUs are only supported on q35-based machine types", VCPUS_MAX_WITHOUT_EIM);
    if (g_strcmp0(node_attr(node_path(n->devices, "iommu/driver"), "eim"), "on") != 0)
        return node_throw(node_child(n->root, "vcpu"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "more than %d vCPUs require extended interrupt mode enabled on the iommu device", VCPUS_MAX_WITHOUT_EIM);
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
    return check_features(n, error) && check_timers(n, error) && check_launch_security(n, error) &&
           check_graphics(n, error) && check_video(n, error) && check_inputs(n, error) && check_audio(n, error) &&
           check_tpms(n, error) && check_memory_devices(n, error) && check_peripherals(n, error);
}

/* QEMU names by index what the firmware tells the guest of. */
static gboolean
check_acpi_indexes(const Normalise *n, GError **error)
{
    for (xmlNode *device = NULL; (device = domain_next_device(n->doc, device, NULL));)
        if (node_child(device, "acpi") && !node_is(device, "console") &&
            !node_attr_is(node_child(device, "address"), "type", "pci"))
            return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED, "ACPI index is only supported for PCI devices");
    return TRUE;
}

gboolean
normalise_checks(Normalise *n, GError **error)
{
    return check_chardevs(n, error) && check_hostdevs(n, error) && check_smartcards(n, error) &&
           check_vcpus(n, error) && normalise_disk_checks(n, error) && normalise_controller_checks(n, error) &&
           normalise_filesystem_checks(n, error) && check_acpi_indexes(n, error) && check_devices(n, error);
}
