/* Running a QEMU binary only to ask it about itself. */
#pragma once

#include <glib.h>

#include "backend/qemu/qmp.h"

G_BEGIN_DECLS

typedef struct QemuProbe QemuProbe;

/* Starts @emulator without a machine and with the accelerator @accel ("tcg", "kvm"), its monitor on a descriptor, and connects to it. @deadline is in monotonic
 * microseconds. Errors as for qemu_caps_load(): the binary's last words when it ended, OPERATION_TIMEOUT when it does
 * not answer. */
QemuProbe *qemu_probe_new(const char *emulator, const char *accel, gint64 deadline, GError **error) G_GNUC_WARN_UNUSED_RESULT;
QmpConn *qemu_probe_monitor(QemuProbe *probe);
/* Puts what is known of the process into @error, which is set. Returns FALSE. */
gboolean qemu_probe_explain(QemuProbe *probe, GError **error);
/* Kills it; a process that cannot be killed is left behind after a second. */
void qemu_probe_free(QemuProbe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuProbe, qemu_probe_free)

G_END_DECLS
