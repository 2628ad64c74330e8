/* Lifecycle details, as libvirt numbers them:
 *   started    0 booted 1 migrated 2 restored 3 from snapshot 4 wakeup
 *   suspended  0 paused 1 migrated 2 I/O error 3 watchdog 4 restored 5 from snapshot 6 API error 7 post-copy 8 post-copy failed
 *   resumed    0 unpaused 1 migrated 2 from snapshot 3 post-copy
 *   shutdown   0 finished 1 by the guest 2 by the host
 *   pmsuspended 0 memory 1 disk;  crashed 0 panicked */
#include "supervisor/supervisor.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A reset that was asked for and did not come: the guest cannot go on. */
#define RESET_TIMEOUT_S 30

void
guest_init(Supervisor *sup)
{
    sup->expect_stop = sup->expect_resume = sup->expect_end = -1;
    sup->pause_hint = -1;
    sup->end_reason = -1;
}

void
guest_set_state(Supervisor *sup, int state, int reason, int lifecycle, int detail)
{
    g_autoptr(GString) entry = g_string_new(NULL);

    if (sup->status.state != state || sup->status.reason != reason) {
        sup->status.state = state;
        sup->status.reason = reason;
        sup->status.since = g_get_real_time() / 1000;
        folder_write_status(sup);
    }
    g_string_printf(entry, "\"id\":%d,", sup->launch->id);
    if (lifecycle >= 0)
        g_string_append_printf(entry, "\"lifecycle\":%d,\"detail\":%d,", lifecycle, detail);
    g_string_append_printf(entry, "\"state\":%d,\"reason\":%d", state, reason);
    journal_append(sup, entry->str, entry->len);
}

static int
take(int *expected)
{
    int value = *expected;

    *expected = -1;
    return value;
}

static int
started_detail(int running_reason)
{
    switch (running_reason) {
    case RUNNING_MIGRATED:
        return 1;
    case RUNNING_RESTORED:
        return 2;
    case RUNNING_FROM_SNAPSHOT:
        return 3;
    case RUNNING_WAKEUP:
        return 4;
    default:
        return 0;
    }
}

static int
resumed_detail(int running_reason)
{
    switch (running_reason) {
    case RUNNING_MIGRATED:
        return 1;
    case RUNNING_FROM_SNAPSHOT:
        return 2;
    case RUNNING_POSTCOPY:
    case RUNNING_POSTCOPY_FAILED:
        return 3;
    default:
        return 0;
    }
}

static int
suspended_detail(int paused_reason)
{
    switch (paused_reason) {
    case PAUSED_MIGRATION:
        return 1;
    case PAUSED_IOERROR:
        return 2;
    case PAUSED_WATCHDOG:
        return 3;
    case PAUSED_FROM_SNAPSHOT:
        return 5;
    case PAUSED_API_ERROR:
        return 6;
    case PAUSED_POSTCOPY:
        return 7;
    case PAUSED_POSTCOPY_FAILED:
        return 8;
    default:
        return 0;
    }
}

static int
stopped_detail(int shutoff_reason)
{
    switch (shutoff_reason) {
    case SHUTOFF_DESTROYED:
        return STOPPED_DESTROYED;
    case SHUTOFF_CRASHED:
        return STOPPED_CRASHED;
    case SHUTOFF_MIGRATED:
        return STOPPED_MIGRATED;
    case SHUTOFF_SAVED:
        return STOPPED_SAVED;
    case SHUTOFF_FAILED:
    case SHUTOFF_UNKNOWN:
        return STOPPED_FAILED;
    case SHUTOFF_FROM_SNAPSHOT:
        return STOPPED_FROM_SNAPSHOT;
    default:
        return STOPPED_SHUTDOWN;
    }
}

static gboolean
is_starting(const Supervisor *sup)
{
    return sup->status.state == STATE_PAUSED && sup->status.reason == PAUSED_STARTING_UP;
}

static void
on_stop(Supervisor *sup)
{
    int reason = take(&sup->expect_stop);

    /* What follows a shutdown, a panic, or a stop of QEMU's before the start is no pause of the guest's. */
    if (sup->got_shutdown || sup->resetting || sup->status.state == STATE_CRASHED || is_starting(sup))
        return;
    if (reason < 0)
        reason = sup->pause_hint;
    if (reason < 0)
        reason = monitor_is_pending(sup, "stop") ? PAUSED_USER : PAUSED_UNKNOWN;
    guest_set_state(sup, STATE_PAUSED, reason, LIFECYCLE_SUSPENDED, suspended_detail(reason));
}

static void
reset_done(Supervisor *sup)
{
    g_clear_handle_id(&sup->reset_timer, g_source_remove);
    sup->resetting = FALSE;
    sup->got_shutdown = FALSE;
    sup->panicked = FALSE;
    guest_set_state(sup, STATE_RUNNING, sup->reset_reason, -1, 0);
}

static void
on_resume(Supervisor *sup)
{
    int reason = take(&sup->expect_resume);

    sup->pause_hint = -1;
    if (sup->resetting) {
        reset_done(sup);
        return;
    }
    if (is_starting(sup)) {
        if (reason < 0)
            reason = sup->launch->running_reason;
        qemu_release_holder(sup);
        /* libvirt tells its clients both, in this order. */
        guest_set_state(sup, STATE_RUNNING, reason, LIFECYCLE_RESUMED, resumed_detail(reason));
        guest_set_state(sup, STATE_RUNNING, reason, LIFECYCLE_STARTED, started_detail(reason));
        return;
    }
    if (sup->status.state == STATE_RUNNING)
        return;
    if (reason < 0)
        reason = RUNNING_UNPAUSED;
    sup->got_shutdown = FALSE;
    sup->panicked = FALSE;
    guest_set_state(sup, STATE_RUNNING, reason, LIFECYCLE_RESUMED, resumed_detail(reason));
}

static void
reset_failed(Supervisor *sup, const char *step)
{
    log_note(sup, "the guest could not be reset (%s); it is ended", step);
    sup->resetting = FALSE;
    g_clear_handle_id(&sup->reset_timer, g_source_remove);
    qemu_end(sup, FALSE, SHUTOFF_FAILED);
}

static gboolean
on_reset_timeout(gpointer data)
{
    Supervisor *sup = data;

    sup->reset_timer = 0;
    reset_failed(sup, "no answer in time");
    return G_SOURCE_REMOVE;
}

static void
on_reset_replied(Supervisor *sup, const ScanMessage *reply, gpointer data)
{
    if (reply && reply->error.start && sup->resetting)
        reset_failed(sup, data);
}

/* The guest's shutdown becomes a reboot: reset, and let it run when the reset has taken place. */
static void
reset_and_go_on(Supervisor *sup, int running_reason)
{
    sup->resetting = TRUE;
    sup->reset_reason = running_reason;
    g_clear_handle_id(&sup->reset_timer, g_source_remove);
    sup->reset_timer = g_timeout_add_seconds(RESET_TIMEOUT_S, on_reset_timeout, sup);
    monitor_call(sup, "system_reset", NULL, on_reset_replied, (gpointer)"system_reset");
}

static void
on_shutdown(Supervisor *sup, const json_t *data)
{
    gboolean by_guest = json_is_true(json_object_get(data, "guest"));
    const char *cause = json_string_value(json_object_get(data, "reason"));
    gboolean was_reset = cause && (g_str_equal(cause, "guest-reset") || g_str_equal(cause, "host-qmp-system-reset"));
    LaunchAction action = was_reset || sup->status.reboot ? sup->launch->on_reboot : sup->launch->on_poweroff;
    gboolean restart = action == LAUNCH_ACTION_RESTART || action == LAUNCH_ACTION_RENAME_RESTART;

    if (sup->got_shutdown)
        return;
    sup->got_shutdown = TRUE;
    if (sup->status.reboot && !sup->ending) {
        sup->status.reboot = FALSE;
        folder_write_status(sup);
        /* Nobody is told of this shutdown: to the outside the guest just reboots. */
        if (restart) {
            reset_and_go_on(sup, RUNNING_BOOTED);
            return;
        }
    }
    guest_set_state(sup, STATE_SHUTDOWN, SHUTDOWN_UNKNOWN, LIFECYCLE_SHUTDOWN, by_guest ? 1 : 2);
    if (sup->ending)
        return;
    /* These end QEMU without our doing. */
    if (cause && (g_str_equal(cause, "host-signal") || g_str_equal(cause, "host-qmp-quit") || g_str_equal(cause, "host-ui")))
        return;
    if (restart)
        reset_and_go_on(sup, RUNNING_BOOTED);
    else if (action != LAUNCH_ACTION_PRESERVE)
        qemu_end(sup, FALSE, SHUTOFF_SHUTDOWN);
}

/* What on_crash says besides the dump. */
static void
finish_crash(Supervisor *sup)
{
    switch (sup->launch->on_crash) {
    case LAUNCH_ACTION_DESTROY:
    case LAUNCH_ACTION_COREDUMP_DESTROY:
        qemu_end(sup, FALSE, SHUTOFF_CRASHED);
        break;
    case LAUNCH_ACTION_RESTART:
    case LAUNCH_ACTION_RENAME_RESTART:
    case LAUNCH_ACTION_COREDUMP_RESTART:
        reset_and_go_on(sup, RUNNING_CRASHED);
        break;
    case LAUNCH_ACTION_PRESERVE:
        break;
    }
}

static void
on_dumped(Supervisor *sup, const ScanMessage *reply, gpointer data)
{
    if (reply && reply->error.start)
        log_note(sup, "the crashed guest's memory could not be dumped: %.*s", (int)reply->error.length, reply->error.start);
    if (reply)
        finish_crash(sup);
}

static void
dump_memory(Supervisor *sup)
{
    g_autofree char *name = NULL, *file = NULL;
    time_t now = time(NULL);
    char stamp[32];
    struct tm local;
    json_t *arguments;
    char *text;

    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y-%m-%d-%H:%M:%S", &local);
    name = g_strdup_printf("file:%s/%d-%s-%s", sup->launch->dump_dir, sup->launch->id, sup->launch->name, stamp);
    arguments = json_pack("{s:b, s:s}", "paging", 0, "protocol", name);
    text = arguments ? json_dumps(arguments, JSON_COMPACT) : NULL;
    json_decref(arguments);
    if (!text) {
        finish_crash(sup);
        return;
    }
    monitor_call(sup, "dump-guest-memory", text, on_dumped, NULL);
    free(text);
}

static void
on_panic(Supervisor *sup, const json_t *data)
{
    const char *action = json_string_value(json_object_get(data, "action"));
    LaunchAction on_crash = sup->launch->on_crash;

    /* "run": QEMU was told to take no notice. */
    if (sup->panicked || sup->ending || (action && g_str_equal(action, "run")))
        return;
    sup->panicked = TRUE;
    guest_set_state(sup, STATE_CRASHED, CRASHED_PANICKED, LIFECYCLE_CRASHED, 0);
    if (on_crash != LAUNCH_ACTION_COREDUMP_DESTROY && on_crash != LAUNCH_ACTION_COREDUMP_RESTART) {
        finish_crash(sup);
    } else if (sup->launch->dump_dir) {
        dump_memory(sup);
    } else {
        log_note(sup, "the crashed guest's memory is not dumped: there is no folder for it");
        finish_crash(sup);
    }
}

void
guest_event(Supervisor *sup, const ScanMessage *event)
{
    json_t *data = event->data.start ? json_loadb(event->data.start, event->data.length, 0, NULL) : NULL;
    const char *action = json_string_value(json_object_get(data, "action"));

    if (scan_is_string(event->event, "STOP")) {
        on_stop(sup);
    } else if (scan_is_string(event->event, "RESUME")) {
        on_resume(sup);
    } else if (scan_is_string(event->event, "SHUTDOWN")) {
        on_shutdown(sup, data);
    } else if (scan_is_string(event->event, "RESET")) {
        if (sup->resetting)
            monitor_call(sup, "cont", NULL, on_reset_replied, (gpointer)"cont");
    } else if (scan_is_string(event->event, "GUEST_PANICKED")) {
        on_panic(sup, data);
    } else if (scan_is_string(event->event, "SUSPEND")) {
        guest_set_state(sup, STATE_PMSUSPENDED, 0, LIFECYCLE_PMSUSPENDED, 0);
    } else if (scan_is_string(event->event, "SUSPEND_DISK")) {
        guest_set_state(sup, STATE_PMSUSPENDED, 0, LIFECYCLE_PMSUSPENDED, 1);
    } else if (scan_is_string(event->event, "WAKEUP")) {
        guest_set_state(sup, STATE_RUNNING, RUNNING_WAKEUP, LIFECYCLE_STARTED, started_detail(RUNNING_WAKEUP));
    } else if (scan_is_string(event->event, "BLOCK_IO_ERROR")) {
        if (action && g_str_equal(action, "stop"))
            sup->pause_hint = PAUSED_IOERROR;
    } else if (scan_is_string(event->event, "WATCHDOG")) {
        if (action && g_str_equal(action, "pause"))
            sup->pause_hint = PAUSED_WATCHDOG;
    }
    json_decref(data);
}

void
guest_started(Supervisor *sup)
{
    int reason = sup->launch->paused_reason;

    if (sup->launch->start != LAUNCH_START_PAUSED)
        return;
    guest_set_state(sup, STATE_PAUSED, reason, LIFECYCLE_STARTED, started_detail(sup->launch->running_reason));
    guest_set_state(sup, STATE_PAUSED, reason, LIFECYCLE_SUSPENDED, suspended_detail(reason));
}

void
guest_sync(Supervisor *sup, const char *run_state, gboolean running)
{
    int state = sup->status.state;

    if (running) {
        if (state != STATE_RUNNING)
            on_resume(sup);
    } else if (g_str_equal(run_state, "shutdown")) {
        on_shutdown(sup, NULL);
    } else if (g_str_equal(run_state, "guest-panicked")) {
        if (state != STATE_CRASHED)
            on_panic(sup, NULL);
    } else if (g_str_equal(run_state, "suspended")) {
        if (state != STATE_PMSUSPENDED)
            guest_set_state(sup, STATE_PMSUSPENDED, 0, LIFECYCLE_PMSUSPENDED, 0);
    } else if (state == STATE_RUNNING || state == STATE_NOSTATE) {
        if (g_str_equal(run_state, "io-error"))
            sup->pause_hint = PAUSED_IOERROR;
        else if (g_str_equal(run_state, "watchdog"))
            sup->pause_hint = PAUSED_WATCHDOG;
        on_stop(sup);
    }
}

int
guest_end_reason(Supervisor *sup)
{
    if (sup->end_reason >= 0 && sup->end_reason != SHUTOFF_SHUTDOWN)
        return sup->end_reason;
    if (sup->expect_end >= 0)
        return sup->expect_end;
    if (sup->panicked)
        return SHUTOFF_CRASHED;
    return sup->got_shutdown || sup->end_reason >= 0 ? SHUTOFF_SHUTDOWN : SHUTOFF_CRASHED;
}

void
guest_ended(Supervisor *sup, int reason)
{
    /* libvirt calls only a panicked guest crashed here; a QEMU that vanished has failed. */
    int detail = reason == SHUTOFF_CRASHED && !sup->panicked ? STOPPED_FAILED : stopped_detail(reason);

    guest_set_state(sup, STATE_SHUTOFF, reason, LIFECYCLE_STOPPED, detail);
}
