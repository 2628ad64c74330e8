/* The operating system part: type, architecture, emulator, machine, boot order, firmware. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* So many <boot> elements are read, one for each kind of device. */
#define BOOT_MAX 4

static const char *const os_types[] = { "hvm", "xen", "linux", "exe", "uml", "xenpvh", NULL };

/* libvirt's names of architectures. */
static const char *const architectures[] = {
    "alpha", "armv6l", "armv7l", "armv7b", "aarch64", "cris", "i686", "ia64", "lm32", "loongarch64", "m68k",
    "microblaze", "microblazeel", "mips", "mipsel", "mips64", "mips64el", "openrisc", "parisc", "parisc64",
    "ppc", "ppc64", "ppc64le", "ppcemb", "riscv32", "riscv64", "s390", "s390x", "sh4", "sh4eb", "sparc",
    "sparc64", "unicore32", "x86_64", "xtensa", "xtensaeb", NULL,
};

static gboolean
machine_is(const char *machine, const char *family)
{
    return strcmp(machine, family) == 0 ||
           (g_str_has_prefix(machine, family) && machine[strlen(family)] == '-');
}

gboolean
normalise_machine(Normalise *n, GError **error)
{
    xmlNode *type = node_child(n->os, "type");
    const char *text = node_text(type), *arch, *machine;
    g_autofree char *canonical = NULL;

    if (!g_strv_contains(os_types, text))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown OS type '%s'", text) ||
               node_expect_word(type, error, NULL, os_types);

    if (node_attr_is(type, "arch", ""))
        node_set_attr(type, "arch", NULL);
    arch = node_attr(type, "arch");
    if (arch && !g_strv_contains(architectures, arch))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown architecture %s", arch) ||
               node_expect_word(type, error, "arch", architectures);
    if (!arch)
        arch = n->is_test ? "i686" : n->facts->host_arch(n->facts->data);
    node_set_attr(type, "arch", arch);
    n->arch = g_strdup(arch);
    n->is_x86 = strcmp(arch, "x86_64") == 0 || strcmp(arch, "i686") == 0;
    if (n->is_test)
        return TRUE;

    if (node_child(n->devices, "emulator") && !*node_child_text(n->devices, "emulator"))
        node_remove_children(n->devices, "emulator");
    if (node_child(n->devices, "emulator")) {
        n->emulator = g_strdup(node_child_text(n->devices, "emulator"));
    } else {
        n->emulator = n->facts->default_emulator(n->facts->data, n->arch, n->virt, error);
        if (!n->emulator)
            return FALSE;
        node_set_text(domain_add_child(n->devices, "emulator"), n->emulator);
    }
    if (strcmp(n->virt, "qemu") != 0 && strcmp(n->virt, "kvm") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Emulator '%s' does not support virt type '%s'", n->emulator, n->virt) ||
               node_expect(n->root, error, "qemu or kvm as 'type'");
    if (strcmp(text, "hvm") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Emulator '%s' does not support os type '%s'", n->emulator, text) ||
               node_expect(type, error, "hvm");
    if (!n->facts->probe(n->facts->data, n->emulator, n->arch, n->virt, error))
        return FALSE;

    machine = node_attr(type, "machine");
    if (!machine || !*machine) {
        g_autofree char *preferred = n->facts->default_machine(n->facts->data, n->emulator);

        if (!preferred)
            return hv_throw(error, HV_ERR_INVALID_ARG, "could not get preferred machine for %s type=%s",
                            n->emulator, n->virt);
        node_set_attr(type, "machine", preferred);
        machine = node_attr(type, "machine");
    }
    canonical = n->facts->canonical_machine(n->facts->data, n->emulator, machine);
    if (canonical)
        node_set_attr(type, "machine", canonical);
    n->machine = g_strdup(node_attr(type, "machine"));

    n->is_q35 = n->is_x86 && (machine_is(n->machine, "q35") || machine_is(n->machine, "pc-q35"));
    n->is_i440fx = n->is_x86 && (machine_is(n->machine, "pc") || g_str_has_prefix(n->machine, "pc-0.") ||
                                 g_str_has_prefix(n->machine, "pc-1.") || machine_is(n->machine, "pc-i440fx") ||
                                 machine_is(n->machine, "rhel6.0.0"));
    if (n->is_q35)
        n->is_i440fx = FALSE;
    else if (machine_is(n->machine, "pc") && strcmp(n->machine, "pc") != 0)
        n->is_i440fx = machine_is(n->machine, "pc-i440fx") || g_ascii_isdigit(n->machine[3]);
    n->is_virt = !n->is_x86 && machine_is(n->machine, "virt");
    return TRUE;
}

/* Devices that may carry <boot order='…'/>. */
static gboolean
collect_boot_orders(Normalise *n, GHashTable *orders, GError **error)
{
    NODE_FOREACH(device, n->devices, NULL) {
        xmlNode *boot = node_child(device, "boot");
        guint64 order;

        if (!boot)
            continue;
        if (!uint_parse(node_attr(boot, "order"), 1, G_MAXUINT, &order))
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute 'order' in element 'boot': %s",
                            node_attr_is(boot, "order", "0") ? "Zero is not permitted" : node_attr(boot, "order")) ||
                   node_expect(device, error, "a positive integer as 'order' of <boot>");
        if (!g_hash_table_add(orders, GUINT_TO_POINTER((guint)order)))
            return node_throw(device, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "boot order '%u' used for more than one device", (guint)order);
    }
    return TRUE;
}

/* The features of <firmware>: the last word about one counts, and keys that are enrolled need Secure Boot. */
static gboolean
normalise_firmware_features(Normalise *n, GError **error)
{
    static const char *const names[] = { "enrolled-keys", "secure-boot" };      /* in libvirt's order */
    xmlNode *firmware = node_child(n->os, "firmware");
    const char *enabled[G_N_ELEMENTS(names)] = { NULL };

    if (!firmware)
        return TRUE;
    if (!node_attr(n->os, "firmware"))
        return node_throw(n->os, error, HV_ERR_XML_DETAIL,
                          "cannot use feature-based firmware autoselection when firmware autoselection is disabled");
    NODE_FOREACH(feature, firmware, "feature")
        for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
            if (node_attr_is(feature, "name", names[i]))
                enabled[i] = node_attr_is(feature, "enabled", "yes") ? "yes" : "no";
    if (g_strcmp0(enabled[0], "yes") == 0 && g_strcmp0(enabled[1], "no") == 0)
        return hv_throw(error, HV_ERR_XML_DETAIL, "firmware feature 'enrolled-keys' cannot be enabled when firmware feature "
                        "'secure-boot' is disabled");
    if (g_strcmp0(enabled[0], "yes") == 0)
        enabled[1] = "yes";
    node_remove_children(firmware, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (enabled[i]) {
            xmlNode *feature = node_add(firmware, "feature", NULL);

            node_set_attr(feature, "enabled", enabled[i]);
            node_set_attr(feature, "name", names[i]);
        }
    return TRUE;
}

/* <nvram> names a file by its text, or any storage by <source>. */
static gboolean
check_nvram(xmlNode *nvram, GError **error)
{
    static const char *const usable[] = { "file", "block", "network", NULL };
    const char *type = node_attr(nvram, "type");

    if (!type)
        return TRUE;
    if (!g_strv_contains(usable, type))
        return node_throw(nvram, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported nvram disk type '%s'", type);
    if (!node_child(nvram, "source"))
        return node_throw(nvram, error, HV_ERR_XML_ERROR, "missing <source> element for <nvram> of type '%s'", type);
    return TRUE;
}

/* With firmware='…' the host's firmware is chosen when the domain starts, and nothing of it may be said here. */
static gboolean
check_auto_firmware(const xmlNode *loader, const xmlNode *nvram, GError **error)
{
    const char *given = NULL;

    if (node_attr(loader, "readonly"))
        given = "readonly";
    else if (node_attr(loader, "type") || (loader && *node_text(loader)))
        given = "type";
    else if (node_attr_is(loader, "secure", "no"))
        given = "secure";
    if (given)
        return node_throw(loader, error, HV_ERR_XML_DETAIL,
                          "loader attribute '%s' cannot be specified when firmware autoselection is enabled", given);
    if (node_attr(nvram, "template"))
        return node_throw(loader, error, HV_ERR_XML_DETAIL,
                          "nvram attribute 'template' cannot be specified when firmware autoselection is enabled");
    return TRUE;
}

static gboolean
check_named_firmware(const Normalise *n, const xmlNode *loader, const xmlNode *nvram, GError **error)
{
    if ((loader || nvram) && (!loader || !*node_text(loader)))
        return node_throw(loader, error, HV_ERR_XML_DETAIL, "no loader path specified and firmware auto selection disabled");
    if (!node_attr_is(loader, "secure", "yes"))
        return TRUE;
    if (!n->is_q35)
        return node_throw(loader, error, HV_ERR_CONFIG_UNSUPPORTED, "Secure boot is supported with q35 machine types only");
    if (!node_attr_is(node_path(n->root, "features/smm"), "state", "on"))
        return node_throw(loader, error, HV_ERR_CONFIG_UNSUPPORTED, "Secure boot requires SMM feature enabled");
    return TRUE;
}

static gboolean
normalise_firmware(Normalise *n, GError **error)
{
    xmlNode *loader = node_child(n->os, "loader"), *nvram = node_child(n->os, "nvram");
    gboolean efi = node_attr_is(n->os, "firmware", "efi") || node_attr_is(loader, "type", "pflash");
    gboolean acpi = node_path(n->root, "features/acpi") != NULL;

    if (!(node_attr(n->os, "firmware") ? check_auto_firmware(loader, nvram, error)
                                       : check_named_firmware(n, loader, nvram, error)) ||
        !check_nvram(nvram, error))
        return FALSE;
    if (loader && *node_text(loader) && !node_attr(loader, "type"))
        node_set_attr(loader, "type", "rom");
    if (n->is_x86 && efi && !acpi)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "UEFI requires ACPI on this architecture");
    if (strcmp(n->arch, "aarch64") == 0 && acpi && !efi)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "ACPI requires UEFI on this architecture");
    if (node_attr_is(loader, "type", "pflash") && node_attr_is(loader, "readonly", "yes") && n->facts->nvram_path) {
        nvram = domain_ensure_child(n->os, "nvram");
        if (!*node_text(nvram) && !node_child(nvram, "source")) {
            g_autofree char *path = n->facts->nvram_path(n->facts->data, domain_name(n->doc));

            node_set_text(nvram, path);
        }
    }
    return TRUE;
}

/* What only containers have: the program that is started instead of a system. */
static gboolean
normalise_init(Normalise *n, GError **error)
{
    static const char *const parts[] = { "init", "initarg", "initenv", "initdir", "inituser", "initgroup" };

    if (strcmp(node_child_text(n->os, "type"), "exe") == 0) {
        if (!*(node_child_text(n->os, "init") ?: ""))
            return hv_throw(error, HV_ERR_XML_ERROR, "init binary must be specified");
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        node_remove_children(n->os, parts[i]);
    return TRUE;
}

static gboolean
normalise_acpi_table(Normalise *n, GError **error)
{
    xmlNode *table = node_path(n->os, "acpi/table");

    if (node_next(table, "table"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Only one acpi table is supported");
    if (!table)
        node_remove_children(n->os, "acpi");
    return TRUE;
}

static gboolean
normalise_bios(Normalise *n, GError **error)
{
    xmlNode *bootmenu = node_child(n->os, "bootmenu"), *bios = node_child(n->os, "bios");
    xmlNode *smbios = node_child(n->os, "smbios");
    const char *reboot = node_attr(bios, "rebootTimeout"), *serial = node_attr(bios, "useserial");
    const char *mode = node_attr(smbios, "mode");
    guint64 number;

    if (bootmenu && node_attr(bootmenu, "timeout") && !node_attr_is(bootmenu, "enable", "yes"))
        node_set_attr(bootmenu, "timeout", NULL);
    if (bootmenu && node_attr(bootmenu, "timeout") && !uint_parse(node_attr(bootmenu, "timeout"), 0, 65535, &number))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "invalid value for boot menu timeout, must be in range [0,65535]");
    if (reboot && strcmp(reboot, "-1") != 0 && !uint_parse(reboot, 0, 65535, &number))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "invalid value for rebootTimeout, must be in range [-1,65535]");
    if (serial && strcmp(serial, "yes") != 0)
        node_set_attr(bios, "useserial", "no");
    if (node_attr_is(bios, "useserial", "yes") && !node_child(n->devices, "serial"))
        return hv_throw(error, HV_ERR_XML_ERROR, "need at least one serial port to use BIOS serial output");
    if (bios && !bios->properties)
        node_remove(bios);
    /* "none" is what a domain without the element has. */
    if (smbios && (!mode || !*mode || strcmp(mode, "none") == 0))
        node_remove(smbios);
    return TRUE;
}

static gboolean
normalise_boot_devices(Normalise *n, GError **error)
{
    g_autoptr(GHashTable) orders = g_hash_table_new(NULL, NULL);
    guint count = 0;

    if (!collect_boot_orders(n, orders, error))
        return FALSE;
    if (g_hash_table_size(orders) > 0 && node_child(n->os, "boot"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "per-device boot elements cannot be used together with os/boot elements");
    if (g_hash_table_size(orders) == 0 && !node_child(n->os, "boot") &&
        strcmp(node_child_text(n->os, "type"), "hvm") == 0)
        node_set_attr(domain_add_child(n->os, "boot"), "dev", "hd");
    for (xmlNode *boot = node_child(n->os, "boot"), *next; boot; boot = next) {
        next = node_next(boot, "boot");
        if (++count > BOOT_MAX)
            node_remove(boot);
    }
    return TRUE;
}

gboolean
normalise_boot(Normalise *n, GError **error)
{
    if (node_attr_is(n->os, "firmware", ""))
        node_set_attr(n->os, "firmware", NULL);
    if (!normalise_boot_devices(n, error) || !normalise_init(n, error) || !normalise_firmware_features(n, error) ||
        !normalise_acpi_table(n, error) || !normalise_bios(n, error))
        return FALSE;
    if (n->is_test)
        return TRUE;
    if (node_child(n->root, "bootloader"))
        return node_throw(node_child(n->root, "bootloader"), error, HV_ERR_CONFIG_UNSUPPORTED,
                          "bootloader is not supported by QEMU");
    return normalise_firmware(n, error);
}
