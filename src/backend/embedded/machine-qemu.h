/* The machine of qemu:///: every guest is a QEMU under hvsh-supervisor. */
#pragma once

#include "backend/embedded/machine.h"
#include "backend/embedded/paths.h"
#include "backend/qemu/facts.h"
#include "host/host.h"

G_BEGIN_DECLS

/* All borrowed; they must outlive the machine. */
Machine *machine_qemu_new(const Paths *paths, Store *store, QemuFacts *facts, const Host *host);

G_END_DECLS
