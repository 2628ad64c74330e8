/* The operating system part: type, architecture, emulator, machine, boot order, firmware. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

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
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown OS type '%s'", text);

    arch = node_attr(type, "arch");
    if (arch && !g_strv_contains(architectures, arch))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown architecture %s", arch);
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
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Emulator '%s' does not support virt type '%s'",
                        n->emulator, n->virt);
    if (strcmp(text, "hvm") != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Emulator '%s' does not support os type '%s'",
                        n->emulator, text);
    if (!n->facts->probe(n->facts->data, n->emulator, n->arch, n->virt, error))
        return FALSE;

    machine = node_attr(type, "machine");
    if (!machine) {
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
                            node_attr_is(boot, "order", "0") ? "Zero is not permitted" : node_attr(boot, "order"));
        if (!g_hash_table_add(orders, GUINT_TO_POINTER((guint)order)))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                            "boot order '%u' used for more than one device", (guint)order);
    }
    return TRUE;
}

static int
compare_features(const xmlNode *a, const xmlNode *b)
{
    return g_strcmp0(node_attr(a, "name"), node_attr(b, "name"));
}

gboolean
normalise_boot(Normalise *n, GError **error)
{
    g_autoptr(GHashTable) orders = g_hash_table_new(NULL, NULL);
    xmlNode *loader = node_child(n->os, "loader"), *nvram = node_child(n->os, "nvram");
    xmlNode *firmware = node_child(n->os, "firmware"), *bootmenu = node_child(n->os, "bootmenu");
    const char *reboot = node_child_attr(n->os, "bios", "rebootTimeout");
    xmlNode *first, *second;
    guint64 number;

    if (!collect_boot_orders(n, orders, error))
        return FALSE;
    if (g_hash_table_size(orders) > 0 && node_child(n->os, "boot"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "per-device boot elements cannot be used together with os/boot elements");
    if (g_hash_table_size(orders) == 0 && !node_child(n->os, "boot") &&
        strcmp(node_child_text(n->os, "type"), "hvm") == 0)
        node_set_attr(domain_add_child(n->os, "boot"), "dev", "hd");

    first = node_child(firmware, "feature");
    second = node_next(first, "feature");
    if (second && compare_features(first, second) > 0) {
        node_append_copy(firmware, first);
        node_remove(first);
    }
    if (bootmenu && node_attr(bootmenu, "timeout") && !node_attr_is(bootmenu, "enable", "yes"))
        node_set_attr(bootmenu, "timeout", NULL);

    if (!n->is_test && loader && *node_text(loader) && *node_text(loader) != '/')
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute 'loader'",
                        node_text(loader));
    if (bootmenu && node_attr(bootmenu, "timeout") && !uint_parse(node_attr(bootmenu, "timeout"), 0, 65535, &number))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "invalid value for boot menu timeout, must be in range [0,65535]");
    if (reboot && strcmp(reboot, "-1") != 0 && !uint_parse(reboot, 0, 65535, &number))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "invalid value for rebootTimeout, must be in range [-1,65535]");
    if (firmware && !node_attr(n->os, "firmware"))
        return hv_throw(error, HV_ERR_XML_DETAIL,
                        "cannot use feature-based firmware autoselection when firmware autoselection is disabled");
    if (node_attr_is(node_child(n->os, "bios"), "useserial", "yes") && !node_child(n->devices, "serial"))
        return hv_throw(error, HV_ERR_XML_ERROR, "need at least one serial port to use BIOS serial output");
    if (n->is_test)
        return TRUE;
    if (!node_attr(n->os, "firmware") && (loader || nvram) && (!loader || !*node_text(loader)))
        return hv_throw(error, HV_ERR_XML_DETAIL, "no loader path specified and firmware auto selection disabled");
    if (loader && *node_text(loader) && !node_attr(loader, "type"))
        node_set_attr(loader, "type", "rom");
    if (n->is_x86 && (node_attr_is(loader, "type", "pflash") || node_attr_is(n->os, "firmware", "efi")) &&
        !node_path(n->root, "features/acpi"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "UEFI requires ACPI on this architecture");
    if (node_attr_is(loader, "secure", "yes") && !node_attr_is(node_path(n->root, "features/smm"), "state", "on"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Secure boot requires SMM feature enabled");
    if (node_attr_is(loader, "type", "pflash") && node_attr_is(loader, "readonly", "yes") && n->facts->nvram_path) {
        nvram = domain_ensure_child(n->os, "nvram");
        if (!*node_text(nvram) && !node_child(nvram, "source")) {
            g_autofree char *path = n->facts->nvram_path(n->facts->data, domain_name(n->doc));

            node_set_text(nvram, path);
        }
    }
    return TRUE;
}
