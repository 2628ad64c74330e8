/* What the model asks about this host (DomainFacts), answered from QEMU's capabilities. Each emulator is loaded when it
 * is first asked about. */
#pragma once

#include <glib.h>

#include "backend/qemu/capabilities.h"
#include "backend/qemu/kvm.h"
#include "backend/qemu/profile.h"

G_BEGIN_DECLS

typedef struct QemuFacts QemuFacts;

/* @cache_dir as for qemu_caps_load(); @kvm_device NULL is /dev/kvm. Both are copied. Nothing is probed yet. */
QemuFacts *qemu_facts_new(const char *cache_dir, const char *kvm_device);
void qemu_facts_free(QemuFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuFacts, qemu_facts_free)

/* A `const DomainFacts *` (model/domain.h), valid as long as @facts. Its probe() refuses virt type "kvm" where KVM
 * does not work: with libvirt's "Emulator 'X' does not support virt type 'kvm'" where there is none, with kvm_require()'s
 * reason where there is one; "qemu" never looks at KVM. */
gconstpointer qemu_facts_table(QemuFacts *facts);

/* The loaded facts of one emulator; borrowed, NULL with the error of qemu_caps_load(). */
const QemuCaps *qemu_facts_caps(QemuFacts *facts, const char *emulator, GError **error);
/* The profile of one emulator under an accelerator ("tcg", "kvm"); borrowed, NULL with the error of qemu_profile_load(). */
const QemuProfile *qemu_facts_profile(QemuFacts *facts, const char *emulator, const char *accel, GError **error);
/* kvm_check() of this connection's device. */
KvmState qemu_facts_kvm(QemuFacts *facts, char **detail);

G_END_DECLS
