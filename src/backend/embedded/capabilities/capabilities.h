/* The documents that say what a host and its emulators can do: <capabilities>, <domainCapabilities>,
 * <storagepoolCapabilities>. */
#pragma once

#include "backend/embedded/cpu/cpu.h"
#include "backend/interface.h"
#include "backend/qemu/facts.h"
#include "host/cpu.h"
#include "util/xml-text.h"

G_BEGIN_DECLS

typedef struct {
    const Host *host;
    QemuFacts *qemu;
    const char *uuid_folder;        /* where a UUID is kept that the host has none of its own for */
} Capable;

/* --- the host's CPU --- */

typedef struct {
    char *arch;
    HostProcessor processor;
    const QemuProfile *profile;     /* of the emulator for the host's own architecture; NULL where there is none */
} HostCpuOffer;

gboolean host_cpu_offer_read(const Capable *capable, HostCpuOffer *offer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void host_cpu_offer_clear(HostCpuOffer *offer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HostCpuOffer, host_cpu_offer_clear)
/* As what is offered to guests; borrows. */
CpuOffer host_cpu_offer_to(const HostCpuOffer *offer);

/* --- security models --- */

/* The security module that confines processes on this host, "selinux" or "apparmor"; NULL for none. Guests run in the
 * domain of whoever starts them: hvsh gives them no label of their own. */
const char *security_model(const Host *host);
/* The label of a guest's process; "" where there is none. A new string. */
char *security_label(const Host *host, int pid, gboolean *enforcing);
/* The domain of interpretation of every model here. */
#define SECURITY_DOI "0"

/* --- which emulator, machine and accelerator a question is about --- */

typedef struct {
    const QemuCaps *caps;
    const QemuProfile *profile;
    const QemuMachine *machine;
    const char *arch;               /* libvirt's name */
    gboolean kvm;
    gboolean kvm_possible;          /* KVM works and runs code of the architecture */
} CapableTarget;

/* Finds it out of four words each of which may be NULL. The target borrows from @capable. Errors are libvirt's. */
gboolean capable_target(const Capable *capable, const char *emulator, const char *arch, const char *machine,
                        const char *virt_type, CapableTarget *target, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The CPU that guests of @target can have at best: its model and differences. FALSE where QEMU does not tell. */
gboolean capable_host_model(const CapableTarget *target, CpuDecoded *cpu);
/* The emulator for @arch, NULL where there is none. A new string. */
char *capable_emulator(const char *arch);
/* TRUE when KVM works here and runs code of @arch. */
gboolean capable_kvm(const Capable *capable, const char *arch);

/* --- answers that drivers share --- */

/* @profile NULL: no emulator to ask. */
gboolean cpu_model_names_answer(const connect_get_cpu_model_names_args *in, const QemuProfile *profile,
                                connect_get_cpu_model_names_result *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean host_cpu_baseline(QemuFacts *facts, const connect_baseline_cpu_args *in, CpuBaselineKind kind,
                           connect_baseline_cpu_result *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- documents; new strings --- */

char *capabilities_document(const Capable *capable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @flags: DOMCAPS_…. */
char *domain_capabilities_document(const CapableTarget *target, const Host *host, unsigned flags) G_GNUC_WARN_UNUSED_RESULT;
char *pool_capabilities_document(void) G_GNUC_WARN_UNUSED_RESULT;

/* The parts of <capabilities>. */
gboolean capabilities_add_host(const Capable *capable, XmlText *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean capabilities_add_topology(const Host *host, const HostTopology *topology, XmlText *xml, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void capabilities_add_caches(const Host *host, XmlText *xml);

G_END_DECLS
