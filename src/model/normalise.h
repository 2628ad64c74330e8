/* The steps that make a normalised domain of what a user wrote. Used by domain.c alone; every
 * step changes the document in place, and fails in libvirt's words. */
#pragma once

#include "model/domain.h"
#include "model/schema.h"

G_BEGIN_DECLS

typedef struct {
    xmlDoc *doc;
    xmlNode *root, *os, *devices;
    const DomainFacts *facts;   /* NULL in the test driver */
    DomainParseFlags flags;
    const char *label;
    const char *virt;           /* these live as long as the step that set them wants: see normalise_machine() */
    char *arch, *machine, *emulator;
    gboolean is_test, is_x86, is_q35, is_i440fx, is_virt;   /* is_virt: the "virt" board of ARM and RISC-V */
} Normalise;

/* domain-basics.c: what is not a device. */
gboolean normalise_identity(Normalise *n, GError **error);      /* type, name, uuid, title */
gboolean normalise_lifecycle(Normalise *n, GError **error);
/* domain-features.c, domain-clock.c, domain-sysinfo.c, domain-security.c; check_…() when the machine is known. */
gboolean normalise_features(Normalise *n, GError **error);
void normalise_default_features(Normalise *n);
gboolean check_features(const Normalise *n, GError **error);
gboolean normalise_clock(Normalise *n, GError **error);
gboolean check_timers(const Normalise *n, GError **error);
gboolean normalise_sysinfo(Normalise *n, GError **error);
gboolean normalise_security(Normalise *n, GError **error);
gboolean check_launch_security(const Normalise *n, GError **error);
/* domain-native.c */
#define QEMU_URI "http://libvirt.org/schemas/domain/qemu/1.0"
gboolean normalise_native(Normalise *n, GError **error);
/* domain-memory.c */
gboolean normalise_memory(Normalise *n, GError **error);
/* domain-vcpus.c */
gboolean normalise_vcpus(Normalise *n, GError **error);
/* The set of CPUs in attribute @name of @node, which may be missing, in its canonical form. */
gboolean normalise_cpuset(xmlNode *node, const char *name, GError **error);
gboolean domain_has_iothread(const Normalise *n, guint64 id);
/* domain-cputune.c */
gboolean normalise_cputune(Normalise *n, GError **error);
/* domain-os.c */
gboolean normalise_machine(Normalise *n, GError **error);       /* os type, arch, emulator, machine */
gboolean normalise_boot(Normalise *n, GError **error);
/* domain-cpu.c */
gboolean normalise_cpu(Normalise *n, GError **error);
/* domain-numa.c */
gboolean normalise_numa(Normalise *n, GError **error);
gboolean normalise_numatune(Normalise *n, GError **error);
/* domain-disks.c */
gboolean normalise_disks(Normalise *n, GError **error);
void arrange_disks(xmlNode *devices);           /* the order that libvirt gives those it reads */
gboolean normalise_drive_addresses(Normalise *n, GError **error);
/* domain-chardevs.c */
gboolean normalise_chardevs(Normalise *n, GError **error);
/* Checks and completes source and protocol of @chardev, whose type stands in its attribute. */
gboolean normalise_chardev_source(xmlNode *chardev, gboolean live, GError **error);
void normalise_console(Normalise *n);
/* Once more, when addresses have been given. */
void mirror_serial_consoles(Normalise *n);
gboolean check_chardevs(const Normalise *n, GError **error);
/* domain-serials.c */
gboolean normalise_serial_target(Normalise *n, xmlNode *serial, GError **error);
/* Before an address that only wishes for PCI goes. */
gboolean check_serial_address(const xmlNode *serial, GError **error);
gboolean check_serials(const Normalise *n, GError **error);
/* domain-hostdevs.c */
gboolean normalise_hostdev(xmlNode *hostdev, GError **error);
gboolean check_hostdevs(const Normalise *n, GError **error);
/* domain-redirdevs.c */
gboolean normalise_redirdev(xmlNode *redirdev, gboolean live, GError **error);
gboolean normalise_redirfilter(Normalise *n, GError **error);
gboolean normalise_smartcard(xmlNode *smartcard, gboolean live, GError **error);
gboolean check_smartcards(const Normalise *n, GError **error);
gboolean normalise_rng(xmlNode *rng, gboolean live, GError **error);
gboolean normalise_vsock(xmlNode *vsock, GError **error);
/* domain-virtio-serial.c */
gboolean normalise_virtio_serial(Normalise *n, GError **error);
/* domain-interfaces.c */
gboolean normalise_interfaces(Normalise *n, GError **error);
gboolean interface_is_virtio(const xmlNode *interface);
/* <reconnect> of a socket. */
gboolean normalise_reconnect(xmlNode *source, GError **error);
/* domain-interface-checks.c */
gboolean check_interface(const Normalise *n, const xmlNode *interface, GError **error);
gboolean check_rom(const xmlNode *rom, GError **error);
/* domain-interface-parts.c; NULL for a part that is not there. @where is for errors. */
gboolean normalise_vlan(xmlNode *vlan, GError **error);
gboolean normalise_virtualport(xmlNode *interface, GError **error);
gboolean normalise_bandwidth(xmlNode *bandwidth, GError **error);
gboolean normalise_addresses(xmlNode *parent, const char *where, GError **error);
gboolean normalise_port_forwards(xmlNode *interface, GError **error);
/* domain-graphics.c, domain-video.c, domain-inputs.c, domain-audio.c */
gboolean normalise_graphics(Normalise *n, GError **error);
gboolean normalise_video(Normalise *n, GError **error);
gboolean normalise_inputs(Normalise *n, GError **error);
void normalise_implicit_inputs(Normalise *n);
gboolean normalise_audio(Normalise *n, GError **error);
void normalise_implicit_audio(Normalise *n);
/* The backend that a domain with these devices gets when it names none; NULL: it gets no <audio>. */
const char *domain_default_audio(const xmlNode *devices);
/* The <audio> with @id, or NULL. */
const xmlNode *domain_audio(const xmlNode *devices, const char *id);
/* domain-memory-devices.c: sizes (@total is the sum, in KiB) and slots. */
gboolean normalise_memory_devices(Normalise *n, guint64 *total, GError **error);
gboolean normalise_memory_slots(Normalise *n, GError **error);
/* domain-tpm.c */
gboolean normalise_tpm(const Normalise *n, xmlNode *tpm, GError **error);
/* domain-devices.c: the rest */
gboolean normalise_other_devices(Normalise *n, GError **error);
/* domain-controllers.c */
gboolean normalise_controllers(Normalise *n, GError **error);
void arrange_controllers(xmlNode *devices);     /* the same */
void normalise_hostdev_controllers(Normalise *n);
gboolean normalise_default_controllers(Normalise *n, GError **error);
gboolean normalise_implicit_controllers(Normalise *n, GError **error);
/* A new one behind all others. */
xmlNode *controller_add(Normalise *n, const char *type, guint index, const char *model);
xmlNode *controller_find(const Normalise *n, const char *type, guint index);
/* domain-pci.c, domain-usb.c */
gboolean normalise_pci(Normalise *n, GError **error);
gboolean normalise_usb(Normalise *n, GError **error);
/* domain-checks.c: what can be judged only when all is in place. */
gboolean normalise_checks(Normalise *n, GError **error);
/* domain-peripheral-checks.c and beside the steps above: parts of the former. */
gboolean check_graphics(const Normalise *n, GError **error);
gboolean check_video(const Normalise *n, GError **error);
gboolean check_inputs(const Normalise *n, GError **error);
gboolean check_audio(const Normalise *n, GError **error);
gboolean check_tpms(const Normalise *n, GError **error);
gboolean check_memory_devices(const Normalise *n, GError **error);
/* Of what there can be one only. libvirt counts before it looks closer. */
gboolean check_counts(const xmlNode *root, GError **error);
gboolean check_peripherals(const Normalise *n, GError **error);
/* CONFIG_UNSUPPORTED when <driver> of a device that is not virtio has options of virtio devices. */
gboolean check_virtio_options_absent(const xmlNode *device, GError **error);

/* Addresses. */
gboolean device_has_address(const xmlNode *device);
xmlNode *device_set_address(xmlNode *device, const char *type);
/* The address of a device of the host, in a <source>. */
gboolean normalise_host_address(xmlNode *address, GError **error);
/* Number in KiB from an element's text and unit. */
gboolean element_kib(xmlNode *element, const char *path, guint64 *kib, GError **error);
void element_set_kib(xmlNode *element, guint64 kib);
/* "0-3,^1" → "0,2-3"; NULL for nonsense. */
char *cpuset_canonical(const char *text);
/* libvirt's limit for CPU numbers. */
#define CPUSET_MAX 16384
/* The ids in a cpuset, one byte each, all below CPUSET_MAX; NULL for nonsense. */
GByteArray *cpuset_parse(const char *text);
char *cpuset_format(const GByteArray *set);
/* Puts elements in the order of the number in @attribute, those of one number as they were. */
void sort_by_number(xmlNode *parent, const char *name, const char *attribute);

G_END_DECLS
