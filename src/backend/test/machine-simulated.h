/* A machine (embedded/machine.h) without guests: it does at once, in the memory store beside it, what libvirt's test
 * driver does. */
#pragma once

#include "backend/embedded/machine.h"

G_BEGIN_DECLS

/* @store is one of store_memory_new(), borrowed: it must outlive the machine. */
Machine *machine_simulated_new(Store *store);

/* Gives every interface of @doc that has none the name of a host interface: "testnet0" and so on. TRUE when there was
 * one. libvirt's test driver does it when a domain is defined or created. */
gboolean machine_simulated_name_interfaces(xmlDoc *doc);

G_END_DECLS
