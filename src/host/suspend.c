#include "host/suspend.h"

#include <string.h>

#include "util/error.h"

/* How each target is reached: a word of sys/power/disk, unless NULL, then one of sys/power/state. */
static const struct {
    const char *title;          /* libvirt's */
    const char *disk;
    const char *state;
} targets[HOST_SUSPEND_LAST] = {
    [HOST_SUSPEND_MEM] = { "Suspend-to-RAM", NULL, "mem" },
    [HOST_SUSPEND_DISK] = { "Suspend-to-Disk", NULL, "disk" },
    [HOST_SUSPEND_HYBRID] = { "Hybrid-Suspend", "suspend", "disk" },
};

/* Files of words with blanks between; the one that is chosen is in brackets: "[platform] shutdown suspend". */
static gboolean
offers(const Host *host, const char *file, const char *wanted)
{
    g_autofree char *text = host_read_word(host, "sys/power/%s", file);
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " []", -1);

    return g_strv_contains((const char *const *)words, wanted);
}

gboolean
host_can_suspend(const Host *host, HostSuspendTarget target)
{
    return offers(host, "state", targets[target].state) &&
        (!targets[target].disk || offers(host, "disk", targets[target].disk));
}

/* The first clock that can wake the machine, -1 when none can. */
static int
find_clock(const Host *host)
{
    g_autoptr(CpuSet) clocks = NULL;

    if (host_read_folder(host, "rtc", &clocks, NULL, "sys/class/rtc") != HOST_OK)
        return -1;
    for (int clock = cpu_set_next(clocks, 0); clock >= 0; clock = cpu_set_next(clocks, (guint)clock + 1))
        if (host_exists(host, "sys/class/rtc/rtc%d/wakealarm", clock))
            return clock;
    return -1;
}

static gboolean
set_alarm(const Host *host, guint64 seconds, GError **error)
{
    g_autofree char *text = g_strdup_printf("+%" G_GUINT64_FORMAT, seconds);
    int clock = find_clock(host);

    if (clock < 0)
        return hv_throw(error, HV_ERR_OPERATION_UNSUPPORTED, "no clock of this machine can wake it up");
    /* An alarm that is set must be taken back before there can be another. */
    return host_write(host, "0", error, "sys/class/rtc/rtc%d/wakealarm", clock) &&
        host_write(host, text, error, "sys/class/rtc/rtc%d/wakealarm", clock);
}

static void
clear_alarm(const Host *host)
{
    (void)host_write(host, "0", NULL, "sys/class/rtc/rtc%d/wakealarm", find_clock(host));
}

gboolean
host_suspend(const Host *host, HostSuspendTarget target, guint64 seconds, GError **error)
{
    if (!host_can_suspend(host, target)) {
        hv_throw(error, HV_ERR_ARGUMENT_UNSUPPORTED, "%s", targets[target].title);
        hv_error_set_hint(error, "/sys/power/state and /sys/power/disk list what the kernel can do");
        return FALSE;
    }
    if (seconds < HOST_SUSPEND_MIN_SECONDS)
        return hv_throw(error, HV_ERR_INVALID_ARG, "Suspend duration is too short");
    if (seconds > G_MAXINT32)
        return hv_throw(error, HV_ERR_INVALID_ARG, "a suspend of %" G_GUINT64_FORMAT " seconds is too long", seconds);
    if (!set_alarm(host, seconds, error))
        return FALSE;
    if ((!targets[target].disk || host_write(host, targets[target].disk, error, "sys/power/disk")) &&
        host_write(host, targets[target].state, error, "sys/power/state"))
        return TRUE;
    clear_alarm(host);
    return FALSE;
}
