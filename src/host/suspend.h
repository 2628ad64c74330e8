/* Putting a host to sleep and having its clock wake it: sys/power (Documentation/admin-guide/pm/sleep-states.rst of Linux)
 * and sys/class/rtc/rtcN/wakealarm (Documentation/ABI/testing/sysfs-class-rtc). */
#pragma once

#include "host/host.h"

G_BEGIN_DECLS

/* Numbers of libvirt's virNodeSuspendTarget. */
typedef enum {
    HOST_SUSPEND_MEM = 0,
    HOST_SUSPEND_DISK = 1,
    HOST_SUSPEND_HYBRID = 2,    /* to both: the memory is kept, the disk is for when power fails */
    HOST_SUSPEND_LAST,
} HostSuspendTarget;

/* Below this a machine may be told to wake before it sleeps: libvirt's limit. Seconds. */
#define HOST_SUSPEND_MIN_SECONDS 60

/* Whether the kernel can. */
gboolean host_can_suspend(const Host *host, HostSuspendTarget target);
/* Sets the alarm of the clock to @seconds from now, then suspends; returns when the machine runs again. ARGUMENT_UNSUPPORTED
 * where the kernel cannot do it, INVALID_ARG for a time that is too short or too long, OPERATION_UNSUPPORTED without a clock that
 * can wake the machine, SYSTEM_ERROR for an alarm that cannot be set: then nothing is suspended. */
gboolean host_suspend(const Host *host, HostSuspendTarget target, guint64 seconds, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
