#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/machine-qemu-private.h"
#include "backend/qemu/monitor.h"
#include "backend/qemu/observe.h"
#include "util/error.h"
#include "util/files.h"
#include "util/keycodes.h"
#include "util/process.h"

#define PICTURE_MAX (256 * 1024 * 1024)
#define KILL_WAIT_MS 5000
#define CONNECT_TRIES 3
#define DYING_MS 300
/* Of each question: whoever asks wants to read a document. */
#define OBSERVE_TIMEOUT_MS 5000

/* --- the monitor ------------------------------------------------------------------------------------ */

/* Through the guest's supervisor, which is replaced when it was killed. The caller holds the domain's lock. */
static QmpConn *
machine_qemu_monitor(MachineQemu *machine, const char *name, GError **error)
{
    g_autofree char *run = paths_domain_run(machine->paths, name);
    g_autofree char *socket = g_build_filename(run, "qmp.sock", NULL);

    for (int tries = 1;; tries++) {
        g_autoptr(GError) failure = NULL;
        QmpConn *conn;
        RunStatus status;

        if (!supervisor_ensure(run, MACHINE_TIMEOUT_MS, &status, error))
            return NULL;
        conn = qmp_connect(socket, QMP_CONNECT_TIMEOUT_MS, &failure);
        if (conn) {
            qmp_set_timeout(conn, MACHINE_TIMEOUT_MS);
            return conn;
        }
        /* A supervisor that was being killed looks alive for a moment: then there will be another. */
        if (tries == CONNECT_TRIES || !process_wait_exit(status.supervisor_pid, status.supervisor_start, DYING_MS)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
    }
}

/* --- running and stopping --------------------------------------------------------------------------- */

static gboolean
kill_unsupervised(MachineQemu *machine, const StoreDomain *domain, GError **error)
{
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);

    if (!process_kill(domain->status.pid, domain->status.pid_start, SIGKILL, error))
        return FALSE;
    if (!process_wait_exit(domain->status.pid, domain->status.pid_start, KILL_WAIT_MS))
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "failed to terminate process %d with SIGKILL: it does not end",
                        (int) domain->status.pid);
    return supervisor_cleanup(run, KILL_WAIT_MS, NULL, error);
}

static gboolean
qemu_destroy(Machine *base, const StoreDomain *domain, gboolean graceful, int reason, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    g_autoptr(GError) failure = NULL;

    for (int tries = 0; tries < CONNECT_TRIES; tries++) {
        RunStatus status;

        g_clear_error(&failure);
        if (!supervisor_ensure(run, MACHINE_TIMEOUT_MS, &status, &failure))
            break;
        if (supervisor_destroy(run, graceful, reason, MACHINE_TIMEOUT_MS, &failure))
            return TRUE;
        if (!process_wait_exit(status.supervisor_pid, status.supervisor_start, DYING_MS))
            break;
    }
    if (!process_alive(domain->status.pid, domain->status.pid_start))
        return supervisor_cleanup(run, KILL_WAIT_MS, NULL, error);
    if (graceful) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return kill_unsupervised(machine, domain, error);
}

static gboolean
qemu_suspend(Machine *base, const StoreDomain *domain, GError **error)
{
    g_autoptr(QmpConn) conn = machine_qemu_monitor((MachineQemu *) base, domain->name, error);

    return conn && qemu_monitor_stop(conn, error);
}

static gboolean
qemu_resume(Machine *base, const StoreDomain *domain, GError **error)
{
    g_autoptr(QmpConn) conn = machine_qemu_monitor((MachineQemu *) base, domain->name, error);

    return conn && qemu_monitor_cont(conn, error);
}

static gboolean
qemu_power_button(Machine *base, const StoreDomain *domain, gboolean reboot, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    g_autoptr(QmpConn) conn = machine_qemu_monitor(machine, domain->name, error);

    return conn && supervisor_set_reboot(run, reboot, MACHINE_TIMEOUT_MS, error) && qemu_monitor_powerdown(conn, error);
}

static gboolean
qemu_reset(Machine *base, const StoreDomain *domain, GError **error)
{
    g_autoptr(QmpConn) conn = machine_qemu_monitor((MachineQemu *) base, domain->name, error);

    return conn && qemu_monitor_reset(conn, error);
}

static gboolean
qemu_inject_nmi(Machine *base, const StoreDomain *domain, GError **error)
{
    g_autoptr(QmpConn) conn = machine_qemu_monitor((MachineQemu *) base, domain->name, error);

    return conn && qemu_monitor_inject_nmi(conn, error);
}

static gboolean
qemu_send_key(Machine *base, const StoreDomain *domain, guint codeset, guint holdtime_ms, const UintList *keys,
              GError **error)
{
    g_autoptr(QmpConn) conn = NULL;

    if (codeset >= KEYCODES_LAST)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "unsupported keycode set %u", codeset);
    for (guint32 i = 0; i < keys->len; i++) {
        if (keycode_translate((KeycodeSet) codeset, KEYCODES_QNUM, keys->items[i]) < 0)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot translate keycode %u of %s codeset to qnum keycode",
                            keys->items[i], keycode_set_name((KeycodeSet) codeset));
    }
    conn = machine_qemu_monitor((MachineQemu *) base, domain->name, error);
    return conn && qemu_monitor_send_key(conn, (int) codeset, keys->items, keys->len, holdtime_ms, error);
}

static gboolean
qemu_set_action(Machine *base, const StoreDomain *domain, guint event, const char *action, GError **error)
{
    static const char *const events[] = { "poweroff", "reboot", "crash" };
    MachineQemu *machine = (MachineQemu *) base;
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    LaunchAction parsed;
    RunStatus status;

    if (event >= G_N_ELEMENTS(events) || !launch_action_parse(action, &parsed))
        return hv_throw(error, HV_ERR_INVALID_ARG, "unknown lifecycle action '%s'", action);
    return supervisor_ensure(run, MACHINE_TIMEOUT_MS, &status, error) &&
           supervisor_set_action(run, events[event], parsed, MACHINE_TIMEOUT_MS, error);
}

/* --- asking ----------------------------------------------------------------------------------------- */

/* User and system time of the process, fields 14 and 15 of /proc/PID/stat (proc(5)), in clock ticks. */
static gboolean
qemu_cpu_time(Machine *base G_GNUC_UNUSED, const StoreDomain *domain, guint64 *ns, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int) domain->status.pid);
    hv_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[1024];
    unsigned long long user = 0;
    unsigned long long system = 0;
    const char *after_name;
    gssize n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

    if (n <= 0)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "cannot read cputime for domain");
    text[n] = '\0';
    after_name = strrchr(text, ')');
    if (!after_name || sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "cannot read cputime for domain");
    *ns = (guint64) (user + system) * (G_GUINT64_CONSTANT(1000000000) / (guint64) sysconf(_SC_CLK_TCK));
    return TRUE;
}

static GPtrArray *
qemu_ptys(Machine *base, const StoreDomain *domain, GError **error)
{
    g_autoptr(QmpConn) conn = machine_qemu_monitor((MachineQemu *) base, domain->name, error);

    return conn ? machine_qemu_query_ptys(conn, error) : NULL;
}

static json_t *
qemu_machine_observe(Machine *base, const StoreDomain *domain, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    g_autoptr(QmpConn) conn = machine_qemu_monitor(machine, domain->name, error);
    hv_autofd int run_fd = conn ? folder_open_path(run, FALSE, error) : -1;
    g_autoptr(SupervisorLaunch) launch = run_fd >= 0 ? launch_read(run_fd, run, error) : NULL;

    if (!launch)
        return NULL;
    qmp_set_timeout(conn, OBSERVE_TIMEOUT_MS);
    return qemu_observe(conn, launch->argv, error);
}

static GBytes *
qemu_screenshot(Machine *base, const StoreDomain *domain, const char *device, guint head, const char **mime,
                GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    g_autofree char *file = g_strdup_printf("screen-%d.tmp", getpid());
    g_autofree char *path = g_build_filename(run, file, NULL);
    g_autoptr(QmpConn) conn = machine_qemu_monitor(machine, domain->name, error);
    char *picture = NULL;
    gsize length = 0;

    if (!conn)
        return NULL;
    if (qemu_monitor_screendump(conn, path, device, head, mime, error))
        picture = file_read(AT_FDCWD, path, NULL, PICTURE_MAX, &length, NULL, error);
    unlink(path);
    return picture ? g_bytes_new_take(picture, length) : NULL;
}

/* What is not JSON already is the name of a command. */
static char *
json_command(const char *command)
{
    json_t *object;
    char *text;
    char *copy;

    if (command[strspn(command, " \t\r\n")] == '{')
        return g_strdup(command);
    object = json_pack("{s:s}", "execute", command);
    text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    copy = g_strdup(text ? text : command);
    free(text);
    json_decref(object);
    return copy;
}

static char *
qemu_monitor_command(Machine *base, const StoreDomain *domain, const char *command, gboolean human, const int *fds,
                     gsize n_fds, GError **error)
{
    g_autoptr(QmpConn) conn = NULL;
    g_autofree char *request = NULL;
    json_t *reply;
    char *text;
    char *copy;

    if (n_fds > 1 || (human && n_fds > 0)) {
        hv_throw(error, HV_ERR_ARGUMENT_UNSUPPORTED, human ? "file descriptors cannot be passed with a command of the "
                 "human monitor" : "at most one file descriptor can be passed with a command");
        return NULL;
    }
    conn = machine_qemu_monitor((MachineQemu *) base, domain->name, error);
    if (!conn)
        return NULL;
    if (human)
        return qmp_human(conn, command, error);
    request = json_command(command);
    reply = qmp_passthrough(conn, request, n_fds ? fds[0] : -1, error);
    if (!reply)
        return NULL;
    text = json_dumps(reply, JSON_COMPACT | JSON_ENCODE_ANY);
    copy = g_strdup(text ? text : "");
    free(text);
    json_decref(reply);
    return copy;
}

static gboolean
qemu_control(Machine *base, const StoreDomain *domain, guint *state, guint *details, guint64 *since_ms,
             GError **error G_GNUC_UNUSED)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_auto(StoreJob) job = { 0 };

    *state = CONTROL_OK;
    *details = 0;
    *since_ms = 0;
    if (store_job_get(machine->store, domain->name, &job)) {
        *state = CONTROL_JOB;
        *since_ms = (guint64) MAX(0, g_get_real_time() / 1000 - job.since_ms);
    }
    return TRUE;
}

static gboolean
qemu_version(Machine *base, guint64 *version, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_autofree char *emulator = qemu_emulator_find(NULL, error);
    const QemuCaps *caps = emulator ? qemu_facts_caps(machine->facts, emulator, error) : NULL;

    if (!caps)
        return FALSE;
    *version = qemu_caps_version(caps);
    return TRUE;
}

static const MachineFuncs qemu_funcs = {
    .start = machine_qemu_start,
    .plan = machine_qemu_plan,
    .native = machine_qemu_native,
    .explain = machine_qemu_explain,
    .destroy = qemu_destroy,
    .suspend = qemu_suspend,
    .resume = qemu_resume,
    .power_button = qemu_power_button,
    .reset = qemu_reset,
    .inject_nmi = qemu_inject_nmi,
    .send_key = qemu_send_key,
    .set_action = qemu_set_action,
    .cpu_time = qemu_cpu_time,
    .ptys = qemu_ptys,
    .observe = qemu_machine_observe,
    .screenshot = qemu_screenshot,
    .console = machine_qemu_console,
    .console_log = machine_qemu_console_log,
    .monitor_command = qemu_monitor_command,
    .control = qemu_control,
    .logs = machine_qemu_logs,
    .version = qemu_version,
    .nvram_exists = machine_qemu_nvram_exists,
    .forget_tpm = machine_qemu_forget_tpm,
    .complete = machine_qemu_complete,
    .free = (void (*)(Machine *)) g_free,
};

Machine *
machine_qemu_new(const Paths *paths, Store *store, QemuFacts *facts, const Host *host)
{
    MachineQemu *machine = g_new0(MachineQemu, 1);

    machine->base.funcs = &qemu_funcs;
    machine->paths = paths;
    machine->store = store;
    machine->facts = facts;
    machine->host = host;
    return &machine->base;
}
