/* QEMU's binaries on this host. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The path of the emulator for @arch ("x86_64") that PATH gives: a new string. CONFIG_UNSUPPORTED
 * "No emulator found for arch 'X'" when there is none. @arch NULL means this machine's. */
char *qemu_emulator_find(const char *arch, GError **error);
/* This machine's architecture in libvirt's spelling ("x86_64"). */
const char *qemu_host_arch(void);
/* Checks that @emulator is there and can be run, without running it. */
gboolean qemu_emulator_check(const char *emulator, GError **error);

G_END_DECLS
