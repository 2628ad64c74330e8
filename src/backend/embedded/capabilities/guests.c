/* The <guest>s of capabilities: what the emulators on this host can run. */
#include "config.h"

#include "backend/embedded/capabilities/capabilities.h"
#include "model/arch.h"
#include "model/domain.h"

typedef enum { ARCH_I686 = 1 << 0, ARCH_X86 = 1 << 1, ARCH_ACPI = 1 << 2, ARCH_ANY = 1 << 3 } ArchKind;

/* libvirt's features of guests, in its order: which architectures have them, and whether a domain can switch them. */
static const struct {
    const char *name;
    ArchKind kind;
    const char *initial;            /* NULL: no switch */
    const char *toggle;
} guest_features[] = {
    { "pae", ARCH_I686, NULL, NULL },
    { "nonpae", ARCH_I686, NULL, NULL },
    { "acpi", ARCH_ACPI, "on", "yes" },
    { "apic", ARCH_X86, "on", "no" },
    { "cpuselection", ARCH_ANY, NULL, NULL },
    { "deviceboot", ARCH_ANY, NULL, NULL },
    { "disksnapshot", ARCH_ANY, "on", "no" },
};

static unsigned
kinds_of(const char *arch)
{
    unsigned kinds = ARCH_ANY;

    if (g_str_equal(arch, "i686"))
        kinds |= ARCH_I686;
    if (arch_is_x86(arch))
        kinds |= ARCH_X86 | ARCH_ACPI;
    if (g_str_equal(arch, "aarch64"))
        kinds |= ARCH_ACPI;
    return kinds;
}

static void
add_machine(XmlText *xml, const QemuMachine *machine)
{
    g_autofree char *cpus = g_strdup_printf("%u", machine->max_cpus);
    const char *deprecated = machine->deprecated ? "yes" : NULL;

    xml_text_value(xml, "machine", machine->name, "maxCpus", cpus, "deprecated", deprecated, NULL);
    if (machine->alias)
        xml_text_value(xml, "machine", machine->alias, "canonical", machine->name, "maxCpus", cpus, "deprecated", deprecated,
                       NULL);
}

/* The one that domains get by default first; "none" is no machine that a guest could use. */
static void
add_machines(const Capable *capable, XmlText *xml, const QemuCaps *caps)
{
    const DomainFacts *facts = qemu_facts_table(capable->qemu);
    g_autofree char *usual = facts->default_machine(facts->data, qemu_caps_emulator(caps));
    const QemuMachine *first = usual ? qemu_caps_machine(caps, usual) : NULL;

    if (first)
        add_machine(xml, first);
    for (guint i = 0; i < qemu_caps_n_machines(caps); i++) {
        const QemuMachine *machine = qemu_caps_nth_machine(caps, i);

        if (machine != first && !g_str_equal(machine->name, "none"))
            add_machine(xml, machine);
    }
}

static void
add_guest(const Capable *capable, XmlText *xml, const Arch *arch, const QemuCaps *caps)
{
    g_autofree char *wordsize = g_strdup_printf("%u", arch->wordsize);
    unsigned kinds = kinds_of(arch->name);

    xml_text_open(xml, "guest", NULL);
    xml_text_value(xml, "os_type", "hvm", NULL);
    xml_text_open(xml, "arch", "name", arch->name, NULL);
    xml_text_value(xml, "wordsize", wordsize, NULL);
    xml_text_value(xml, "emulator", qemu_caps_emulator(caps), NULL);
    add_machines(capable, xml, caps);
    xml_text_empty(xml, "domain", "type", "qemu", NULL);
    if (capable_kvm(capable, arch->name))
        xml_text_empty(xml, "domain", "type", "kvm", NULL);
    xml_text_close(xml, "arch");
    xml_text_open(xml, "features", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(guest_features); i++)
        if (guest_features[i].kind & kinds)
            xml_text_empty(xml, guest_features[i].name, "default", guest_features[i].initial, "toggle",
                           guest_features[i].toggle, NULL);
    xml_text_close(xml, "features");
    xml_text_close(xml, "guest");
    xml_text_gap(xml);
}

/* A binary that cannot be asked runs no guests either. */
static void
capabilities_add_guests(const Capable *capable, XmlText *xml)
{
    for (guint i = 0; i < arch_count(); i++) {
        g_autofree char *emulator = capable_emulator(arch_nth(i)->name);
        const QemuCaps *caps = emulator ? qemu_facts_caps(capable->qemu, emulator, NULL) : NULL;

        if (caps)
            add_guest(capable, xml, arch_nth(i), caps);
    }
}

char *
capabilities_document(const Capable *capable, GError **error)
{
    XmlText xml;

    xml_text_init(&xml);
    xml_text_open(&xml, "capabilities", NULL);
    xml_text_gap(&xml);
    if (!capabilities_add_host(capable, &xml, error)) {
        g_free(xml_text_finish(&xml));
        return NULL;
    }
    xml_text_gap(&xml);
    capabilities_add_guests(capable, &xml);
    xml_text_close(&xml, "capabilities");
    return xml_text_finish(&xml);
}
