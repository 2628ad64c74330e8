#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/cpu/expand.h"
#include "backend/embedded/machine-start-private.h"
#include "backend/embedded/secret/secret-store.h"
#include "backend/qemu/kvm.h"
#include "backend/qemu/monitor.h"
#include "supervisor/release.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"
#include "util/unix-socket.h"

#define START_TIMEOUT_MS 60000
#define PORTS_LOCK ".ports"

void
starting_clear(Starting *starting)
{
    for (guint i = 0; starting->fds && i < starting->fds->len; i++)
        close(g_array_index(starting->fds, int, i));
    g_clear_pointer(&starting->fds, g_array_unref);
    g_clear_pointer(&starting->supervisor, supervisor_start_free);
    g_clear_pointer(&starting->launch, launch_free);
    g_clear_pointer(&starting->command, qemu_command_free);
    g_clear_pointer(&starting->doc, document_free);
    file_unlock(starting->ports, FALSE);
    starting->ports = NULL;
    g_clear_pointer(&starting->run, g_free);
    g_clear_pointer(&starting->monitor, g_free);
    g_clear_pointer(&starting->log, g_free);
    g_clear_pointer(&starting->nvram, g_free);
    g_clear_pointer(&starting->tpm, g_free);
}

static gboolean
wants_ports(const xmlDoc *doc)
{
    for (xmlNode *dev = NULL; (dev = domain_next_device(doc, dev, "graphics"));) {
        if (node_attr_yes(dev, "autoport", FALSE) || node_attr_is(dev, "port", "-1"))
            return TRUE;
    }
    return FALSE;
}

/* Two starts at once must not choose the same port. */
static gboolean
lock_ports(Starting *starting, GError **error)
{
    g_autofree char *folder = g_build_filename(starting->machine->paths->run, "lock", NULL);
    hv_autofd int fd = -1;

    if (!wants_ports(starting->start->live))
        return TRUE;
    fd = folder_open_path(folder, TRUE, error);
    if (fd >= 0)
        starting->ports = file_lock(fd, PORTS_LOCK, "hvsh start", STORE_LOCK_TIMEOUT_MS, error);
    return starting->ports != NULL;
}

gboolean
starting_build(Starting *starting, BuildPurpose purpose, GError **error)
{
    MachineQemu *machine = starting->machine;
    g_autofree char *nvram_dir = g_build_filename(machine->paths->state, "qemu", "nvram", NULL);
    g_autofree char *tpm_dir = machine_qemu_tpm_dir(machine);
    QemuHostFiles files = machine_qemu_host_files(machine);
    QemuHost host = {
        .id = starting->start->id,
        .state_dir = starting->run,
        .monitor_path = starting->monitor,
        .cache_dir = machine->paths->cache,
        .nvram_dir = nvram_dir,
        .tpm_dir = tpm_dir,
        .find_secret = secret_store_find_value,
        .find_secret_data = machine->paths,
        .files = &files,
        .no_kvm_check = purpose != BUILD_START,
        .no_network_check = purpose == BUILD_NATIVE,
        .by_name = purpose == BUILD_NATIVE,
    };

    if (!qemu_emulator_check(domain_emulator(starting->start->live), error))
        return FALSE;
    starting->caps = host.caps = qemu_facts_caps(machine->facts, domain_emulator(starting->start->live), error);
    if (!host.caps || !cpu_expand(machine->facts, starting->start->live, error) ||
        !qemu_prepare_live(document_root(starting->start->live), &host, error))
        return FALSE;
    /* The firmware may have been chosen only now. */
    machine_qemu_complete(&machine->base, starting->start->live);
    if (purpose == BUILD_START && !machine_qemu_make_nvram(starting->start, &starting->nvram, error))
        return FALSE;
    starting->doc = document_copy(starting->start->live);
    if (purpose != BUILD_NATIVE)
        machine_qemu_record_console(machine, starting->start->name, starting->doc);
    starting->command = qemu_command_build(document_root(starting->doc), &host, error);
    return starting->command != NULL;
}

void
starting_init(Starting *starting, MachineQemu *machine, const MachineStart *start)
{
    starting->machine = machine;
    starting->start = start;
    starting->run = paths_domain_run(machine->paths, start->name);
    starting->monitor = g_build_filename(starting->run, "monitor.sock", NULL);
    starting->log = paths_domain_log(machine->paths, start->name);
    starting->fds = g_array_new(FALSE, FALSE, sizeof(int));
}

/* --- descriptors ------------------------------------------------------------------------------------ */

void
starting_pass_fd(Starting *starting, int fd, int number)
{
    g_array_append_val(starting->fds, fd);
    launch_add_fd(starting->launch, fd, number);
}

static gboolean
open_listener(Starting *starting, const QemuFd *wanted, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(wanted->path);
    g_autofree char *name = g_path_get_basename(wanted->path);
    hv_autofd int dir_fd = folder_open_path(folder, TRUE, error);
    int fd = dir_fd >= 0 ? unix_socket_listen(dir_fd, folder, name, error) : -1;

    if (fd < 0)
        return FALSE;
    starting_pass_fd(starting, fd, wanted->number);
    launch_add_file(starting->launch, wanted->path);
    return TRUE;
}

static gboolean
open_file(Starting *starting, const QemuFd *wanted, GError **error)
{
    int fd = open(wanted->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (wanted->append ? O_APPEND : O_TRUNC), 0600);

    if (fd < 0)
        return hv_throw_errno(error, errno, "Unable to open file: %s", wanted->path);
    starting_pass_fd(starting, fd, wanted->number);
    return TRUE;
}

static gboolean
open_device(Starting *starting, const QemuFd *wanted, GError **error)
{
    int fd = open(wanted->path, O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return hv_throw_errno(error, errno, "Unable to open '%s'", wanted->path);
    starting_pass_fd(starting, fd, wanted->number);
    return TRUE;
}

static gboolean
open_fds(Starting *starting, GError **error)
{
    const QemuCommand *command = starting->command;
    gboolean ok = TRUE;

    for (guint i = 0; ok && i < command->n_fds; i++) {
        const QemuFd *wanted = &command->fds[i];

        switch (wanted->kind) {
        case QEMU_FD_MONITOR:
            starting->launch->monitor_fd = wanted->number;
            break;
        case QEMU_FD_LISTEN:
            ok = open_listener(starting, wanted, error);
            break;
        case QEMU_FD_FILE:
            ok = open_file(starting, wanted, error);
            break;
        case QEMU_FD_DEVICE:
            ok = open_device(starting, wanted, error);
            break;
        case QEMU_FD_HELPER:
            /* Made together with the helper's end. */
            break;
        case QEMU_FD_TAP:
            if (wanted->queue == 0)
                ok = machine_qemu_open_interface(starting, wanted, error);
            break;
        }
    }
    return ok;
}

/* --- the launch ------------------------------------------------------------------------------------- */

static LaunchAction
action_of(const xmlDoc *doc, DomainLifecycle which, LaunchAction fallback)
{
    LaunchAction action;

    return launch_action_parse(domain_lifecycle(doc, which), &action) ? action : fallback;
}

static void
fill_launch(Starting *starting)
{
    const MachineStart *start = starting->start;
    SupervisorLaunch *launch = launch_new(start->name, start->uuid, start->id);

    starting->launch = launch;
    launch->argv = g_strdupv(starting->command->argv);
    if (starting->command->env && starting->command->env[0])
        launch->env = g_strdupv(starting->command->env);
    launch->run_dir = g_strdup(starting->run);
    launch->log_path = g_strdup(starting->log);
    launch->dump_dir = g_build_filename(starting->machine->paths->state, "qemu", "dump", NULL);
    launch->on_poweroff = action_of(start->live, DOMAIN_ON_POWEROFF, LAUNCH_ACTION_DESTROY);
    launch->on_reboot = action_of(start->live, DOMAIN_ON_REBOOT, LAUNCH_ACTION_RESTART);
    launch->on_crash = action_of(start->live, DOMAIN_ON_CRASH, LAUNCH_ACTION_DESTROY);
    if (json_array_size(starting->command->setup) > 0)
        launch->start = LAUNCH_START_HOLD;
    else
        launch->start = start->paused ? LAUNCH_START_PAUSED : LAUNCH_START_RUNNING;
    if (start->autodestroy) {
        launch->owner_pid = getpid();
        launch->owner_start = process_start_time(getpid());
    }
}

GPtrArray *
machine_qemu_query_ptys(QmpConn *conn, GError **error)
{
    g_autoptr(GPtrArray) chardevs = qemu_monitor_query_chardev(conn, error);
    g_autoptr(GPtrArray) ptys = g_ptr_array_new_with_free_func((GDestroyNotify) machine_pty_free);

    if (!chardevs)
        return NULL;
    for (guint i = 0; i < chardevs->len; i++) {
        const QemuMonitorChardev *chardev = chardevs->pdata[i];
        MachinePty *pty;

        if (!chardev->pty || !g_str_has_prefix(chardev->id, "char"))
            continue;
        pty = g_new0(MachinePty, 1);
        pty->alias = g_strdup(chardev->id + strlen("char"));
        pty->path = g_strdup(chardev->pty);
        g_ptr_array_add(ptys, pty);
    }
    return g_steal_pointer(&ptys);
}

gboolean
starting_has_ptys(const QemuCommand *command)
{
    for (guint i = 0; i < command->n_chardevs; i++) {
        if (g_strcmp0(command->chardevs[i].type, "pty") == 0)
            return TRUE;
    }
    return FALSE;
}

/* Nothing tells the supervisor that a guest which stays paused is ready, as `cont` does for one that runs. The events
 * are those of libvirt, in its order. */
static gboolean
end_hold_paused(const Starting *starting, GError **error)
{
    static const LifecycleEvent events[] = { LIFECYCLE_STARTED, LIFECYCLE_SUSPENDED };

    for (gsize i = 0; i < G_N_ELEMENTS(events); i++) {
        json_t *request = json_pack("{s:s, s:i, s:i, s:i, s:i}", "op", "set-state", "state", DOMAIN_STATE_PAUSED, "reason",
                                    PAUSED_USER, "lifecycle", (int)events[i], "detail", 0);
        json_t *answer = supervisor_request(starting->run, request, MACHINE_TIMEOUT_MS, error);

        json_decref(request);
        if (!answer)
            return FALSE;
        json_decref(answer);
    }
    return TRUE;
}

static gboolean
run_setup(Starting *starting, QmpConn *conn, GError **error)
{
    json_t *command;
    size_t i;

    json_array_foreach(starting->command->setup, i, command) {
        if (!qmp_run(conn, json_string_value(json_object_get(command, "execute")),
                     json_object_get(command, "arguments"), error))
            return FALSE;
    }
    return starting->start->paused ? end_hold_paused(starting, error) : qemu_monitor_cont(conn, error);
}

/* What is still to be done with a QEMU that runs. */
static gboolean
finish(Starting *starting, GError **error)
{
    const MachineStart *start = starting->start;
    g_autofree char *socket = g_build_filename(starting->run, "qmp.sock", NULL);
    g_autofree char *xml = NULL;
    g_autoptr(QmpConn) conn = NULL;
    gboolean hold = starting->launch->start == LAUNCH_START_HOLD;

    if (!hold && !starting_has_ptys(starting->command))
        return TRUE;
    conn = qmp_connect(socket, QMP_CONNECT_TIMEOUT_MS, error);
    if (!conn)
        return FALSE;
    if (starting_has_ptys(starting->command)) {
        g_autoptr(GPtrArray) ptys = machine_qemu_query_ptys(conn, error);

        if (!ptys)
            return FALSE;
        machine_set_ptys(start->live, ptys);
        xml = document_format(start->live);
        if (!store_save_live(starting->machine->store, start->name, xml, 0, error))
            return FALSE;
    }
    return !hold || run_setup(starting, conn, error);
}

/* What holds for a guest that has not run yet; of every change of it QEMU tells (BALLOON_CHANGE, VSERPORT_CHANGE). It has
 * all of its memory until its balloon driver gives some back, and no program in it has opened a channel. */
static void
set_first_state(xmlDoc *live)
{
    domain_set_memory(live, domain_max_memory(live));
    NODE_FOREACH(channel, domain_devices(live), "channel") {
        xmlNode *target = node_child(channel, "target");

        if (node_attr_is(target, "type", "virtio"))
            node_set_attr(target, "state", "disconnected");
    }
}

/* The run folder and those that the command wants. */
static gboolean
make_folders(const Starting *starting, GError **error)
{
    if (!folder_make(starting->run, error))
        return FALSE;
    for (char **folder = starting->command->folders; *folder; folder++)
        if (!folder_make(*folder, error))
            return FALSE;
    return TRUE;
}

/* It goes when the guest does. */
static gboolean
write_master_key(Starting *starting, GError **error)
{
    const QemuCommand *command = starting->command;
    g_autofree char *name = command->master_key ? g_path_get_basename(command->master_key_path) : NULL;
    hv_autofd int run_fd = -1;

    if (!name)
        return TRUE;
    launch_add_file(starting->launch, command->master_key_path);
    run_fd = folder_open_path(starting->run, TRUE, error);
    return run_fd >= 0 && file_write(run_fd, name, command->master_key_path, (const char *)command->master_key,
                                     (gssize)command->master_key_length, FILE_WRITE_DEFAULT, error);
}

/* All that the supervisor is handed. */
static gboolean
prepare_launch(Starting *starting, GError **error)
{
    MachineQemu *machine = starting->machine;
    const MachineStart *start = starting->start;
    g_autofree char *xml = NULL;

    if (!machine_qemu_mark_console(starting->machine, starting->start->name, starting->doc, error) ||
        !open_fds(starting, error) ||
        !machine_qemu_add_helpers(machine, starting->command, starting->log, starting->launch, starting->fds, error))
        return FALSE;
    machine_qemu_release_tpm(machine, start, starting->launch);
    set_first_state(start->live);
    /* Written before QEMU runs: whoever finds it running, also after a crash of this process, knows what it is. */
    xml = document_format(start->live);
    return write_master_key(starting, error) && store_save_live(machine->store, start->name, xml, 0, error);
}

static gboolean
launch_guest(Starting *starting, GError **error)
{
    g_autofree char *log_dir = g_path_get_dirname(starting->log);
    SupervisorReady ready;

    if (!make_folders(starting, error) || !folder_make(log_dir, error))
        return FALSE;
    fill_launch(starting);
    if (!prepare_launch(starting, error)) {
        /* There is no supervisor yet that would, and a macvtap outlives its descriptors. */
        release_all(starting->launch, NULL, NULL);
        return FALSE;
    }
    if (!supervisor_start_finish(starting->supervisor, starting->launch, START_TIMEOUT_MS, &ready, error))
        return FALSE;
    if (finish(starting, error))
        return TRUE;
    if (!supervisor_destroy(starting->run, FALSE, SHUTOFF_FAILED, MACHINE_TIMEOUT_MS, NULL)) {
        process_kill(ready.pid, ready.pid_start, SIGKILL, NULL);
        process_wait_exit(ready.pid, ready.pid_start, MACHINE_TIMEOUT_MS);
    }
    return FALSE;
}

/* What a start that failed leaves: nothing. */
static void
undo(const Starting *starting)
{
    g_autofree char *parent = g_path_get_dirname(starting->run);
    g_autofree char *name = g_path_get_basename(starting->run);
    hv_autofd int fd = folder_open_path(parent, FALSE, NULL);

    if (fd >= 0)
        file_remove_tree(fd, name, NULL);
    if (starting->nvram)
        unlink(starting->nvram);
    machine_qemu_undo_tpm(starting->tpm);
}

gboolean
machine_qemu_start(Machine *base, const MachineStart *start, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_auto(Starting) starting = { 0 };

    starting_init(&starting, machine, start);
    if (machine_qemu_check_interfaces(start->live, error) && lock_ports(&starting, error) &&
        (starting.supervisor = supervisor_start_begin(error)) && starting_build(&starting, BUILD_START, error) &&
        qemu_command_check_files(starting.command, error) && qemu_command_check_helpers(starting.command, error) &&
        machine_qemu_make_tpm(machine, start, &starting.tpm, error) && launch_guest(&starting, error))
        return TRUE;
    undo(&starting);
    return FALSE;
}
