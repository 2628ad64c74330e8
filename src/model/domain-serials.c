/* Serial ports as the guest sees them: which target and model go with which machine and address. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"

/* A PC has four places for ISA serial ports. */
#define ISA_SERIAL_MAX 4

/* Where a kind of port is found. */
typedef enum { ANYWHERE, ON_X86, ON_ARM_VIRT, ON_RISCV, ON_PSERIES, ON_S390 } Place;

static const struct {
    const char *target, *model;
    Place place;
    const char *address;        /* the only type of address it may have; NULL: none at all */
} serials[] = {
    { "isa-serial", "isa-serial", ANYWHERE, "isa" },
    { "isa-debug", "isa-debugcon", ON_X86, "isa" },
    { "usb-serial", "usb-serial", ANYWHERE, "usb" },
    { "pci-serial", "pci-serial", ANYWHERE, "pci" },
    { "spapr-vio-serial", "spapr-vty", ON_PSERIES, "spapr-vio" },
    { "system-serial", "pl011", ON_ARM_VIRT, NULL },
    { "system-serial", "16550a", ON_RISCV, NULL },
    { "sclp-serial", "sclpconsole", ON_S390, NULL },
    { "sclp-serial", "sclplmconsole", ON_S390, NULL },
};

static gboolean
is_place(const Normalise *n, Place place)
{
    switch (place) {
    case ON_X86:
        return n->is_x86;
    case ON_ARM_VIRT:
        return n->is_virt && !g_str_has_prefix(n->arch, "riscv");
    case ON_RISCV:
        return n->is_virt && g_str_has_prefix(n->arch, "riscv");
    case ON_PSERIES:
        return g_str_has_prefix(n->arch, "ppc64") && g_str_has_prefix(n->machine, "pseries");
    case ON_S390:
        return g_str_has_prefix(n->arch, "s390");
    default:
        return TRUE;
    }
}

static const char *
default_target(const Normalise *n, const char *address)
{
    if (n->is_x86)
        return "isa-serial";
    if (g_strcmp0(address, "usb") == 0)
        return "usb-serial";
    if (g_strcmp0(address, "pci") == 0)
        return "pci-serial";
    return n->is_virt ? "system-serial" : is_place(n, ON_S390) ? "sclp-serial" : is_place(n, ON_PSERIES) ? "spapr-vio-serial" : NULL;
}

static gboolean
check_model(const char *type, const char *model, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(serials); i++) {
        if (strcmp(model, serials[i].model) != 0)
            continue;
        if (strcmp(type, serials[i].target) == 0)
            return TRUE;
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Target model '%s' requires target type '%s'", model, serials[i].target);
    }
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown target model '%s' specified for character device", model);
}

gboolean
normalise_serial_target(Normalise *n, xmlNode *serial, GError **error)
{
    xmlNode *target = domain_ensure_child(serial, "target"), *model = node_child(target, "model");
    const char *type = node_attr(target, "type");
    gboolean known = FALSE;

    if (!type)
        type = default_target(n, node_child_attr(serial, "address", "type"));
    /* What is said of a PC's port is meant for the port that the board has. */
    else if (strcmp(type, "isa-serial") == 0 && n->is_virt)
        type = "system-serial";
    if (!type)
        return TRUE;
    node_set_attr(target, "type", type);
    for (gsize i = 0; i < G_N_ELEMENTS(serials); i++) {
        known |= strcmp(type, serials[i].target) == 0;
        if (strcmp(type, serials[i].target) == 0 && !node_attr(model, "name") &&
            (is_place(n, serials[i].place) || strcmp(type, "system-serial") != 0)) {
            model = domain_ensure_child(target, "model");
            node_set_attr(model, "name", serials[i].model);
        }
    }
    if (!known)
        return node_throw(serial, error, HV_ERR_CONFIG_UNSUPPORTED, "unknown target type '%s' specified for character device",
                          type);
    if (model && !node_attr(model, "name")) {
        node_remove(model);
        return TRUE;
    }
    if (g_strcmp0(type, "isa-serial") == 0 && node_attr_uint(target, "port", 0) >= ISA_SERIAL_MAX)
        return node_throw(serial, error, HV_ERR_INTERNAL_ERROR, "Maximum supported number of ISA serial ports is '%d'",
                          ISA_SERIAL_MAX);
    return !model || check_model(type, node_attr(model, "name"), error);
}

gboolean
check_serial_address(const xmlNode *serial, GError **error)
{
    const xmlNode *target = node_child(serial, "target");
    const char *type = node_attr(target, "type"), *model = node_child_attr(target, "model", "name");
    const char *address = node_child_attr(serial, "address", "type");

    for (gsize i = 0; address && model && i < G_N_ELEMENTS(serials); i++) {
        if (strcmp(model, serials[i].model) != 0 || g_strcmp0(address, serials[i].address) == 0)
            continue;
        if (!serials[i].address)
            return node_throw(serial, error, HV_ERR_CONFIG_UNSUPPORTED, "Target type '%s' cannot have an associated address", type);
        if (strcmp(type, "usb-serial") == 0)
            return node_throw(serial, error, HV_ERR_CONFIG_UNSUPPORTED, "usb-serial requires address of usb type");
        return node_throw(serial, error, HV_ERR_CONFIG_UNSUPPORTED, "Target type '%s' requires address type '%s'", type,
                          serials[i].address);
    }
    return TRUE;
}

static gboolean
check_serial(const Normalise *n, const xmlNode *serial, GError **error)
{
    const xmlNode *target = node_child(serial, "target");
    const char *type = node_attr(target, "type"), *model = node_child_attr(target, "model", "name");

    if (g_strcmp0(type, "isa-debug") == 0 && !n->is_x86)
        return node_throw(serial, error, HV_ERR_CONFIG_UNSUPPORTED, "isa-debug serial type only valid on x86 architecture");
    for (gsize i = 0; type && model && i < G_N_ELEMENTS(serials); i++)
        if (strcmp(model, serials[i].model) == 0 && !is_place(n, serials[i].place))
            return node_throw(serial, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "Serial device with target type '%s' and target model '%s' not compatible with guest architecture or "
                              "machine type", type, model);
    return TRUE;
}

gboolean
check_serials(const Normalise *n, GError **error)
{
    NODE_FOREACH(serial, n->devices, "serial")
        if (!check_serial(n, serial, error))
            return node_blame(serial, error);
    return TRUE;
}
