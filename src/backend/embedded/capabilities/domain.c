/* <domainCapabilities>: what a domain of one emulator, machine and accelerator may have. */
#include "config.h"

#include <string.h>

#include "backend/embedded/capabilities/capabilities.h"
#include "backend/qemu/firmware.h"
#include "model/arch.h"

/* --- small pieces -------------------------------------------------------------------------------------------- */

static const char *
yes_no(gboolean yes)
{
    return yes ? "yes" : "no";
}

/* An enumeration of the names for which @has says yes. */
static void
add_values(XmlText *xml, const char *name, const char *const *values)
{
    if (!*values) {
        xml_text_empty(xml, "enum", "name", name, NULL);
        return;
    }
    xml_text_open(xml, "enum", "name", name, NULL);
    for (; *values; values++)
        xml_text_value(xml, "value", *values, NULL);
    xml_text_close(xml, "enum");
}

/* A value that domains may have where the binary has one of two devices; both NULL: always. */
typedef struct {
    const char *value;
    const char *device;
    const char *other;
} DeviceValue;

static gboolean
has_value(const CapableTarget *target, const DeviceValue *value)
{
    return !value->device || qemu_caps_has_device(target->caps, value->device) ||
           (value->other && qemu_caps_has_device(target->caps, value->other));
}

/* Returns how many of @values there are. */
static guint
add_device_values(XmlText *xml, const CapableTarget *target, const char *name, const DeviceValue *values, gsize n)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();

    for (gsize i = 0; i < n; i++)
        if (has_value(target, &values[i]))
            g_ptr_array_add(found, (gpointer)values[i].value);
    g_ptr_array_add(found, NULL);
    add_values(xml, name, (const char *const *)found->pdata);
    return found->len - 1;
}

#define ADD_DEVICE_VALUES(xml, target, name, values) \
    add_device_values((xml), (target), (name), (values), G_N_ELEMENTS(values))

static const DeviceValue virtio_models[] = {
    { "virtio", NULL, NULL }, { "virtio-transitional", NULL, NULL }, { "virtio-non-transitional", NULL, NULL },
};

/* --- firmware ------------------------------------------------------------------------------------------------ */

static void
add_loader(XmlText *xml, const GPtrArray *fits, gboolean secure)
{
    static const char *const types[] = { "rom", "pflash", NULL }, *const readonly[] = { "yes", "no", NULL };
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    xml_text_open(xml, "loader", "supported", "yes", NULL);
    for (guint i = 0; i < fits->len; i++) {
        const FirmwareFit *fit = g_ptr_array_index(fits, i);

        if (fit->path && g_file_test(fit->path, G_FILE_TEST_EXISTS) && g_hash_table_add(seen, fit->path))
            xml_text_value(xml, "value", fit->path, NULL);
    }
    add_values(xml, "type", types);
    add_values(xml, "readonly", readonly);
    add_values(xml, "secure", secure ? (const char *const[]){ "yes", "no", NULL } : (const char *const[]){ "no", NULL });
    xml_text_close(xml, "loader");
}

static void
add_os(XmlText *xml, const CapableTarget *target)
{
    g_autoptr(GPtrArray) fits = firmware_fits(firmware_folders, target->arch, target->machine->name);
    const char *kinds[3] = { NULL };
    gboolean bios = FALSE, uefi = FALSE, secure = FALSE;
    guint n = 0;

    for (guint i = 0; i < fits->len; i++) {
        const FirmwareFit *fit = g_ptr_array_index(fits, i);

        bios = bios || fit->bios;
        uefi = uefi || fit->uefi;
        secure = secure || fit->secure;
    }
    if (bios)
        kinds[n++] = "bios";
    if (uefi)
        kinds[n++] = "efi";
    xml_text_open(xml, "os", "supported", "yes", NULL);
    add_values(xml, "firmware", kinds);
    add_loader(xml, fits, secure);
    xml_text_close(xml, "os");
}

/* --- CPU ----------------------------------------------------------------------------------------------------- */

/* What is said of the host-model CPU beside its model. */
static void
choose_features(const CapableTarget *target, unsigned flags, CpuDecoded *cpu)
{
    const QemuCpuModel *best = qemu_profile_best(target->profile);

    if (flags & (DOMCAPS_EXPAND_FEATURES | DOMCAPS_SUPPORTED_FEATURES))
        cpu->more = best->features;
    if (flags & DOMCAPS_SUPPORTED_FEATURES)
        cpu->less = (FeatureSet){ { 0 } };
    if (flags & DOMCAPS_DISABLE_DEPRECATED) {
        cpu->less = feature_set_union(cpu->less, feature_set_common(best->features, best->deprecated_features));
        cpu->more = feature_set_without(cpu->more, best->deprecated_features);
    }
}

static void
add_host_model(XmlText *xml, const CapableTarget *target, unsigned flags)
{
    CpuDecoded cpu;

    if (!capable_host_model(target, &cpu)) {
        xml_text_empty(xml, "mode", "name", "host-model", "supported", "no", NULL);
        return;
    }
    choose_features(target, flags, &cpu);
    xml_text_open(xml, "mode", "name", "host-model", "supported", "yes", NULL);
    xml_text_value(xml, "model", cpu.model->name, "fallback", "forbid", NULL);
    if (cpu.vendor)
        xml_text_value(xml, "vendor", cpu.vendor, NULL);
    for (guint i = 0; i < cpu_feature_count(); i++)
        if (feature_set_has(&cpu.more, i))
            xml_text_empty(xml, "feature", "policy", "require", "name", cpu_feature(i)->name, NULL);
    for (guint i = 0; i < cpu_feature_count(); i++)
        if (feature_set_has(&cpu.less, i))
            xml_text_empty(xml, "feature", "policy", "disable", "name", cpu_feature(i)->name, NULL);
    xml_text_close(xml, "mode");
}

static void
add_blockers(XmlText *xml, const QemuCpuModel *model)
{
    if (feature_set_is_empty(model->blockers))
        return;
    xml_text_open(xml, "blockers", "model", model->name, NULL);
    for (guint i = 0; i < cpu_feature_count(); i++)
        if (feature_set_has(&model->blockers, i))
            xml_text_empty(xml, "feature", "name", cpu_feature(i)->name, NULL);
    xml_text_close(xml, "blockers");
}

static void
add_custom(XmlText *xml, const CapableTarget *target)
{
    static const char *const usable[] = { "unknown", "yes", "no" };

    if (qemu_profile_n_models(target->profile) == 0) {
        xml_text_empty(xml, "mode", "name", "custom", "supported", "no", NULL);
        return;
    }
    xml_text_open(xml, "mode", "name", "custom", "supported", "yes", NULL);
    for (guint i = 0; i < qemu_profile_n_models(target->profile); i++) {
        const QemuCpuModel *model = qemu_profile_nth_model(target->profile, i);

        xml_text_value(xml, "model", model->name, "usable", usable[model->usable], "deprecated",
                       model->deprecated ? "yes" : NULL, "vendor", model->vendor ? model->vendor : "unknown", NULL);
        add_blockers(xml, model);
    }
    xml_text_close(xml, "mode");
}

static void
add_migratable_mode(XmlText *xml, const char *mode, const char *name, gboolean supported)
{
    static const char *const on_off[] = { "on", "off", NULL };

    if (!supported) {
        xml_text_empty(xml, "mode", "name", mode, "supported", "no", NULL);
        return;
    }
    xml_text_open(xml, "mode", "name", mode, "supported", "yes", NULL);
    add_values(xml, name, on_off);
    xml_text_close(xml, "mode");
}

static void
add_cpu(XmlText *xml, const CapableTarget *target, unsigned flags)
{
    xml_text_open(xml, "cpu", NULL);
    add_migratable_mode(xml, "host-passthrough", "hostPassthroughMigratable", target->kvm);
    add_migratable_mode(xml, "maximum", "maximumMigratable", qemu_profile_best(target->profile) != NULL);
    add_host_model(xml, target, flags);
    add_custom(xml, target);
    xml_text_close(xml, "cpu");
}

/* --- devices ------------------------------------------------------------------------------------------------- */

static void
add_disk(XmlText *xml, const CapableTarget *target)
{
    static const char *const kinds[] = { "disk", "cdrom", "floppy", "lun", NULL };
    static const DeviceValue buses[] = {
        { "fdc", NULL, NULL }, { "scsi", NULL, NULL }, { "virtio", NULL, NULL },
        { "usb", "qemu-xhci", "piix3-usb-uhci" }, { "sata", "ich9-ahci", "ahci" },
    };
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(DeviceValue));

    /* libvirt puts IDE disks on the i440FX chip set only, and floppies on every machine but those without ISA. */
    if (g_str_has_prefix(target->machine->name, "pc-i440fx-"))
        g_array_append_val(all, ((DeviceValue){ "ide", NULL, NULL }));
    g_array_append_vals(all, buses, G_N_ELEMENTS(buses));
    if (g_str_has_prefix(target->arch, "ppc64") || g_str_equal(target->arch, "s390x"))
        for (guint i = 0; i < all->len; i++)
            if (g_str_equal(g_array_index(all, DeviceValue, i).value, "fdc"))
                g_array_remove_index(all, i);
    xml_text_open(xml, "disk", "supported", "yes", NULL);
    add_values(xml, "diskDevice", kinds);
    add_device_values(xml, target, "bus", (const DeviceValue *)all->data, all->len);
    ADD_DEVICE_VALUES(xml, target, "model", virtio_models);
    xml_text_close(xml, "disk");
}

static void
add_graphics(XmlText *xml, const CapableTarget *target)
{
    static const char *const displays[] = { "sdl", "vnc", "spice", "egl-headless", "dbus" };
    const char *found[G_N_ELEMENTS(displays) + 1] = { NULL };
    guint n = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(displays); i++)
        if (qemu_profile_has_display(target->profile, displays[i]))
            found[n++] = displays[i];
    xml_text_open(xml, "graphics", "supported", "yes", NULL);
    add_values(xml, "type", found);
    xml_text_close(xml, "graphics");
}

static void
add_video(XmlText *xml, const CapableTarget *target)
{
    static const DeviceValue models[] = {
        { "vga", "VGA", NULL }, { "cirrus", "cirrus-vga", NULL }, { "vmvga", "vmware-svga", NULL }, { "qxl", "qxl-vga", "qxl" },
        { "virtio", "virtio-gpu-pci", "virtio-gpu-ccw" }, { "none", NULL, NULL }, { "bochs", "bochs-display", NULL },
        { "ramfb", "ramfb", NULL },
    };

    xml_text_open(xml, "video", "supported", "yes", NULL);
    ADD_DEVICE_VALUES(xml, target, "modelType", models);
    xml_text_close(xml, "video");
}

static void
add_hostdev(XmlText *xml, const Host *host)
{
    static const char *const modes[] = { "subsystem", NULL }, *const none[] = { NULL };
    static const char *const policies[] = { "default", "mandatory", "requisite", "optional", NULL };
    static const char *const types[] = { "usb", "pci", "scsi", NULL }, *const vfio[] = { "vfio", NULL };
    g_autoptr(CpuSet) groups = NULL;
    gboolean passthrough = host_read_folder(host, "", &groups, NULL, "sys/kernel/iommu_groups") == HOST_OK &&
                           cpu_set_count(groups) > 0 && host_exists(host, "dev/vfio/vfio");

    xml_text_open(xml, "hostdev", "supported", "yes", NULL);
    add_values(xml, "mode", modes);
    add_values(xml, "startupPolicy", policies);
    add_values(xml, "subsysType", types);
    add_values(xml, "capsType", none);
    add_values(xml, "pciBackend", passthrough ? vfio : none);
    xml_text_close(xml, "hostdev");
}

static void
add_rng(XmlText *xml, const CapableTarget *target)
{
    static const DeviceValue backends[] = {
        { "random", "rng-random", NULL }, { "egd", "rng-egd", NULL }, { "builtin", "rng-builtin", NULL },
    };

    if (!qemu_caps_has_device(target->caps, "virtio-rng-pci") && !qemu_caps_has_device(target->caps, "virtio-rng-ccw")) {
        xml_text_empty(xml, "rng", "supported", "no", NULL);
        return;
    }
    xml_text_open(xml, "rng", "supported", "yes", NULL);
    ADD_DEVICE_VALUES(xml, target, "model", virtio_models);
    ADD_DEVICE_VALUES(xml, target, "backendModel", backends);
    xml_text_close(xml, "rng");
}

static void
add_filesystem(XmlText *xml, const CapableTarget *target)
{
    static const DeviceValue drivers[] = {
        { "path", NULL, NULL }, { "handle", NULL, NULL }, { "virtiofs", "vhost-user-fs-pci", "vhost-user-fs-ccw" },
    };

    xml_text_open(xml, "filesystem", "supported", "yes", NULL);
    ADD_DEVICE_VALUES(xml, target, "driverType", drivers);
    xml_text_close(xml, "filesystem");
}

/* An emulated TPM needs the program that emulates it. */
static void
add_tpm(XmlText *xml, const CapableTarget *target)
{
    static const DeviceValue models[] = {
        { "tpm-tis", "tpm-tis", "tpm-tis-device" }, { "tpm-crb", "tpm-crb", NULL }, { "tpm-spapr", "tpm-spapr", NULL },
    };
    static const char *const versions[] = { "1.2", "2.0", NULL };
    g_autofree char *swtpm = g_find_program_in_path("swtpm");
    gboolean emulated = swtpm && qemu_caps_has_device(target->caps, "tpm-emulator");
    const char *backends[4] = { NULL };
    guint n = 0;
    gboolean any = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(models); i++)
        any = any || has_value(target, &models[i]);
    if (!any) {
        xml_text_empty(xml, "tpm", "supported", "no", NULL);
        return;
    }
    if (qemu_caps_has_device(target->caps, "tpm-passthrough"))
        backends[n++] = "passthrough";
    if (emulated) {
        backends[n++] = "emulator";
        backends[n++] = "external";
    }
    xml_text_open(xml, "tpm", "supported", "yes", NULL);
    ADD_DEVICE_VALUES(xml, target, "model", models);
    add_values(xml, "backendModel", backends);
    if (emulated)
        add_values(xml, "backendVersion", versions);
    xml_text_close(xml, "tpm");
}

static void
add_redirection(XmlText *xml, const CapableTarget *target)
{
    static const char *const buses[] = { "usb", NULL }, *const types[] = { "pty", "unix", "spicevmc", NULL };
    const char *const plain[] = { types[0], types[1], NULL };

    if (qemu_caps_has_device(target->caps, "usb-redir")) {
        xml_text_open(xml, "redirdev", "supported", "yes", NULL);
        add_values(xml, "bus", buses);
        xml_text_close(xml, "redirdev");
    } else {
        xml_text_empty(xml, "redirdev", "supported", "no", NULL);
    }
    xml_text_open(xml, "channel", "supported", "yes", NULL);
    add_values(xml, "type", qemu_profile_has_display(target->profile, "spice") ? types : plain);
    xml_text_close(xml, "channel");
}

/* --- features ------------------------------------------------------------------------------------------------ */

static void
add_gic(XmlText *xml, const CapableTarget *target)
{
    const char *const *versions = qemu_profile_gic(target->profile);

    if (!*versions || !g_str_has_prefix(target->machine->name, "virt-")) {
        xml_text_empty(xml, "gic", "supported", "no", NULL);
        return;
    }
    xml_text_open(xml, "gic", "supported", "yes", NULL);
    add_values(xml, "version", versions);
    xml_text_close(xml, "gic");
}

static void
add_sev(XmlText *xml, const CapableTarget *target)
{
    const QemuSev *sev = qemu_profile_sev(target->profile);

    if (!sev->supported) {
        xml_text_empty(xml, "sev", "supported", "no", NULL);
        return;
    }
    xml_text_open(xml, "sev", "supported", "yes", NULL);
    xml_text_line(xml, "<cbitpos>%" G_GINT64_FORMAT "</cbitpos>", sev->cbitpos);
    xml_text_line(xml, "<reducedPhysBits>%" G_GINT64_FORMAT "</reducedPhysBits>", sev->reduced_phys_bits);
    if (sev->cpu0_id)
        xml_text_value(xml, "cpu0Id", sev->cpu0_id, NULL);
    xml_text_close(xml, "sev");
}

static void
add_features(XmlText *xml, const CapableTarget *target)
{
    xml_text_open(xml, "features", NULL);
    add_gic(xml, target);
    xml_text_empty(xml, "vmcoreinfo", "supported", yes_no(qemu_caps_has_device(target->caps, "vmcoreinfo")), NULL);
    xml_text_empty(xml, "genid", "supported", yes_no(qemu_caps_has_device(target->caps, "vmgenid")), NULL);
    xml_text_empty(xml, "backingStoreInput", "supported", "yes", NULL);
    xml_text_empty(xml, "backup", "supported", "yes", NULL);
    add_sev(xml, target);
    xml_text_empty(xml, "sgx", "supported", "no", NULL);
    if (arch_is_x86(target->arch) && *qemu_profile_hyperv(target->profile)) {
        xml_text_open(xml, "hyperv", "supported", "yes", NULL);
        add_values(xml, "features", qemu_profile_hyperv(target->profile));
        xml_text_close(xml, "hyperv");
    }
    xml_text_close(xml, "features");
}

char *
domain_capabilities_document(const CapableTarget *target, const Host *host, unsigned flags)
{
    static const DeviceValue memory[] = {
        { "file", NULL, NULL }, { "anonymous", NULL, NULL }, { "memfd", "memory-backend-memfd", NULL },
    };
    XmlText xml;

    xml_text_init(&xml);
    xml_text_open(&xml, "domainCapabilities", NULL);
    xml_text_value(&xml, "path", qemu_caps_emulator(target->caps), NULL);
    xml_text_value(&xml, "domain", target->kvm ? "kvm" : "qemu", NULL);
    xml_text_value(&xml, "machine", target->machine->name, NULL);
    xml_text_value(&xml, "arch", target->arch, NULL);
    xml_text_line(&xml, "<vcpu max='%u'/>", target->machine->max_cpus);
    xml_text_empty(&xml, "iothreads", "supported", yes_no(qemu_caps_has_device(target->caps, "iothread")), NULL);
    add_os(&xml, target);
    add_cpu(&xml, target, flags);
    xml_text_open(&xml, "memoryBacking", "supported", "yes", NULL);
    ADD_DEVICE_VALUES(&xml, target, "sourceType", memory);
    xml_text_close(&xml, "memoryBacking");
    xml_text_open(&xml, "devices", NULL);
    add_disk(&xml, target);
    add_graphics(&xml, target);
    add_video(&xml, target);
    add_hostdev(&xml, host);
    add_rng(&xml, target);
    add_filesystem(&xml, target);
    add_tpm(&xml, target);
    add_redirection(&xml, target);
    xml_text_close(&xml, "devices");
    add_features(&xml, target);
    xml_text_close(&xml, "domainCapabilities");
    return xml_text_finish(&xml);
}
