#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/embedded/machine-start-private.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"
#include "util/unix-socket.h"

char *
machine_qemu_helper_log(const char *log, const char *alias, const char *name)
{
    const char *end = g_str_has_suffix(log, ".log") ? log + strlen(log) - strlen(".log") : log + strlen(log);

    return g_strdup_printf("%.*s-%s-%s.log", (int) (end - log), log, alias, name);
}

static int
listen_at(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    hv_autofd int dir_fd = folder_open_path(folder, TRUE, error);
    int fd = dir_fd >= 0 ? unix_socket_listen(dir_fd, folder, name, error) : -1;

    /* virtiofsd does not wait before it accepts. */
    if (fd >= 0)
        fcntl(fd, F_SETFL, 0);
    return fd;
}

/* The number in QEMU of its connection to that helper; -1 when it makes one itself. */
static int
connection_number(const QemuCommand *command, const char *alias)
{
    for (guint i = 0; i < command->n_fds; i++)
        if (command->fds[i].kind == QEMU_FD_HELPER && g_strcmp0(command->fds[i].alias, alias) == 0)
            return command->fds[i].number;
    return -1;
}

/* Returns the helper's end. */
static int
make_pair(const QemuCommand *command, const QemuHelper *helper, SupervisorLaunch *launch, GArray *fds, GError **error)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        hv_throw_errno(error, errno, "cannot connect QEMU with '%s'", helper->name);
        return -1;
    }
    g_array_append_val(fds, pair[1]);
    launch_add_fd(launch, pair[1], connection_number(command, helper->alias));
    return pair[0];
}

/* The helper's end, which is @fds' to close. */
static int
open_socket(const QemuCommand *command, const QemuHelper *helper, SupervisorLaunch *launch, GArray *fds, GError **error)
{
    int fd = helper->kind == QEMU_HELPER_PAIR ? make_pair(command, helper, launch, fds, error) : listen_at(helper->socket, error);
    int number = connection_number(command, helper->alias), connection;

    if (fd < 0)
        return -1;
    g_array_append_val(fds, fd);
    if (helper->kind == QEMU_HELPER_PAIR || number < 0)
        return fd;
    connection = unix_socket_connect(helper->socket, error);
    if (connection < 0)
        return -1;
    g_array_append_val(fds, connection);
    launch_add_fd(launch, connection, number);
    return fd;
}

static gboolean
make_folder(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    return folder_make(folder, error);
}

/* Each descriptor has a place to read of its own. */
static gboolean
add_secret(MachineQemu *machine, const QemuHelper *helper, LaunchHelper *entry, GArray *fds, GError **error)
{
    for (int number = QEMU_HELPER_SECRET_FD; helper->secret && number <= QEMU_HELPER_SECRET_FD_2; number++) {
        int fd = machine_qemu_tpm_secret(machine, helper->secret, error);

        if (fd < 0)
            return FALSE;
        g_array_append_val(fds, fd);
        launch_helper_add_fd(entry, fd, number);
    }
    return TRUE;
}

static gboolean
add_helper(MachineQemu *machine, const QemuCommand *command, const QemuHelper *helper, const char *log,
           SupervisorLaunch *launch, GArray *fds, GError **error)
{
    g_auto(GStrv) argv = g_strdupv(helper->argv);
    g_autofree char *program = g_find_program_in_path(argv[0]), *own_log = NULL;
    LaunchHelper *entry;
    int fd = -1;

    if (helper->kind == QEMU_HELPER_LISTENS ? !make_folder(helper->socket, error)
                                            : (fd = open_socket(command, helper, launch, fds, error)) < 0)
        return FALSE;
    if (helper->socket)
        launch_add_file(launch, helper->socket);
    if (program) {
        g_free(argv[0]);
        argv[0] = g_steal_pointer(&program);
    }
    own_log = machine_qemu_helper_log(log, helper->alias, helper->name);
    entry = launch_add_helper(launch, helper->name, helper->alias, (const char *const *) argv, own_log);
    if (fd >= 0)
        launch_helper_add_fd(entry, fd, QEMU_HELPER_FD);
    else
        entry->socket = g_strdup(helper->socket);
    return add_secret(machine, helper, entry, fds, error);
}

gboolean
machine_qemu_add_helpers(MachineQemu *machine, const QemuCommand *command, const char *log, SupervisorLaunch *launch,
                         GArray *fds, GError **error)
{
    for (guint i = 0; i < command->n_helpers; i++)
        if (!add_helper(machine, command, &command->helpers[i], log, launch, fds, error))
            return FALSE;
    return TRUE;
}

/* --- logs ------------------------------------------------------------------------------------------- */

static SupervisorLaunch *
read_launch(const MachineQemu *machine, const char *name)
{
    g_autofree char *run = paths_domain_run(machine->paths, name);
    hv_autofd int fd = folder_open_path(run, FALSE, NULL);

    return fd >= 0 ? launch_read(fd, run, NULL) : NULL;
}

GPtrArray *
machine_qemu_logs(Machine *base, const StoreDomain *domain)
{
    const MachineQemu *machine = (MachineQemu *) base;
    SupervisorLaunch *launch = read_launch(machine, domain->name);
    GPtrArray *logs = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(logs, paths_domain_log(machine->paths, domain->name));
    for (guint i = 0; launch && i < launch->helpers->len; i++) {
        const LaunchHelper *helper = launch->helpers->pdata[i];

        if (helper->log_path)
            g_ptr_array_add(logs, g_strdup(helper->log_path));
    }
    launch_free(launch);
    return logs;
}
