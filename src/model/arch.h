/* Architectures: libvirt's names, QEMU's names, sizes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    const char *name;           /* libvirt's: "armv7l" */
    const char *qemu;           /* QEMU's target and the end of its emulator's name: "arm" */
    guint wordsize;             /* bits */
} Arch;

/* The architectures that QEMU has full-system emulators for, in the order of libvirt's capabilities. */
guint arch_count(void);
const Arch *arch_nth(guint index);
/* NULL for a name that is none of them. */
const Arch *arch_find(const char *name);
/* This machine's, in libvirt's spelling ("x86_64"). */
const char *arch_host(void);
gboolean arch_is_x86(const char *name);
/* Whether a processor of @host runs code of @guest by itself: x86_64 that of i686, and every one its own. */
gboolean arch_runs(const char *host, const char *guest);

G_END_DECLS
