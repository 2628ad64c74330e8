/* The shell's side of hvsh-supervisor: starting one, having one adopt a QEMU whose supervisor died, asking it things.
 *
 * The caller holds the domain's lock while it starts, adopts, destroys or cleans up, and cleans up before it starts.
 *
 * run/qemu/NAME/qmp.sock speaks plain QMP to any number of clients (greeting, then qmp_capabilities, no out-of-band
 * commands; commands with SCM_RIGHTS work). run/qemu/NAME/supervisor.sock takes one JSON object a line and answers
 * each with a line: {"ok":true,…} or {"ok":false,"code":N,"message":"…"} (libvirt's error number, the whole message). */
#pragma once

#include "supervisor/journal.h"
#include "supervisor/launch.h"
#include "supervisor/status.h"

G_BEGIN_DECLS

typedef struct {
    pid_t pid;                  /* QEMU */
    guint64 pid_start;
    pid_t supervisor_pid;
    guint64 supervisor_start;
} SupervisorReady;

/* A supervisor that waits to be told what to start: it comes up while the caller is still finding that out. It waits
 * LAUNCH_WAIT_MS, and not longer than this process lives. */
typedef struct SupervisorStart SupervisorStart;

SupervisorStart *supervisor_start_begin(GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Has it start the domain's QEMU; once for each SupervisorStart. On success the status file is there and true, and both
 * sockets answer; with LAUNCH_START_RUNNING the guest runs. On failure nothing is left: no process, no folder, and what
 * launch->release lists has been released. QEMU that ends at once: INTERNAL_ERROR "process exited while connecting to
 * monitor: ITS LAST WORDS"; no answer within the handshake time: OPERATION_TIMEOUT. @timeout_ms bounds the whole call. */
gboolean supervisor_start_finish(SupervisorStart *start, const SupervisorLaunch *launch, int timeout_ms,
                                 SupervisorReady *ready, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One that was not finished is sent away: there is no process of it afterwards. */
void supervisor_start_free(SupervisorStart *start);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SupervisorStart, supervisor_start_free)

/* Has a new supervisor take over the running QEMU of @run_dir. Succeeds also when a supervisor is there already. */
gboolean supervisor_adopt(const char *run_dir, int timeout_ms, SupervisorReady *ready, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Reads the status of @run_dir and adopts when its QEMU lives and its supervisor does not. FALSE with
 * OPERATION_INVALID "domain is not running" when QEMU is gone. Cheap when all is well: one small file. */
gboolean supervisor_ensure(const char *run_dir, int timeout_ms, RunStatus *status, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* What the supervisor would have done at the end of QEMU, when both are dead: releases what launch.json lists, writes
 * NAME.last (shut off, crashed), removes the folder. Does nothing when either is alive; a supervisor is given @wait_ms to
 * end, and *@held (may be NULL) says whether it is still there. */
gboolean supervisor_cleanup(const char *run_dir, int wait_ms, gboolean *held, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One request, one answer (a new reference, "ok" is true). An answer with ok=false becomes an error with its code.
 *   {"op":"info"}             id, name, uuid, pid, pid_start, supervisor_pid, state, reason, since, reboot, seq, on_poweroff,
 *                             on_reboot, on_crash, clients, journal_lost
 *   {"op":"set-action","event":"poweroff"|"reboot"|"crash","action":NAME}
 *   {"op":"set-reboot","value":BOOL}      the next shutdown by the guest is a reboot: QEMU is reset and goes on
 *   {"op":"expect","stop":REASON,"resume":REASON,"end":REASON}   reasons (any of them) that the next such change is given
 *                             instead of paused(user), running(unpaused), shut off(shutdown); -1 takes it back
 *   {"op":"set-state","state":N,"reason":N,"lifecycle":N,"detail":N}   a change that QEMU sends no event for (the last
 *                             two, for the journal, may be left out); ends LAUNCH_START_HOLD
 *   {"op":"release-add"|"release-remove","taps":[…],"files":[…],"trees":[…],"hooks":[[…]]}
 *   {"op":"owner","pid":N,"start":N}      autodestroy; pid 0: nobody any more
 *   {"op":"destroy","graceful":BOOL,"reason":SHUTOFF_…}   SIGTERM, after term_ms SIGKILL (graceful: an error then
 *                             instead); answered when QEMU is gone and everything released */
json_t *supervisor_request(const char *run_dir, const json_t *request, int timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Wrappers for frequent requests. */
gboolean supervisor_destroy(const char *run_dir, gboolean graceful, ShutoffReason reason, int timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean supervisor_set_reboot(const char *run_dir, gboolean value, int timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean supervisor_set_action(const char *run_dir, const char *event, LaunchAction action, int timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
