/* A machine (embedded/machine.h) without guests: it does at once, in the memory store beside it, what libvirt's test
 * driver does. */
#pragma once

#include "backend/embedded/machine.h"

G_BEGIN_DECLS

/* @store is one of store_memory_new(), borrowed: it must outlive the machine. */
Machine *machine_simulated_new(Store *store);

G_END_DECLS
