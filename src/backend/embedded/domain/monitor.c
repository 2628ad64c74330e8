#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

static gboolean
fds_are_open(const int *fds, gsize n_fds, GError **error)
{
    for (gsize i = 0; i < n_fds; i++)
        if (fcntl(fds[i], F_GETFD) < 0)
            return hv_throw_errno(error, errno, "Cannot duplicate FD %d", fds[i]);
    return TRUE;
}

static gboolean
run_command(const Call *call, const DomainRef *ref, const char *command, guint flags, const char *function,
            char **answer, GError **error)
{
    g_autoptr(Domain) domain = NULL;
    Machine *machine;

    if (!fds_are_open(call->fds_in, call->n_fds_in, error) ||
        !domain_check_flags(flags, MONITOR_COMMAND_HMP, function, error))
        return FALSE;
    domain = domain_open_running(call, ref, "qemu-monitor-command", error);
    if (!domain)
        return FALSE;
    machine = domain->state->machine;
    if (!machine->funcs->monitor_command)
        return domain_throw_unsupported(call, error);
    *answer = machine->funcs->monitor_command(machine, &domain->info, command, (flags & MONITOR_COMMAND_HMP) != 0,
                                              call->fds_in, call->n_fds_in, error);
    return *answer != NULL;
}

gboolean
embedded_domain_monitor_command(const Call *call, const void *args, void *result, GError **error)
{
    const domain_monitor_command_args *in = args;

    return run_command(call, &in->dom, in->cmd, in->flags, "qemuDomainQemuMonitorCommandWithFiles",
                       &((domain_monitor_command_result *) result)->result, error);
}

gboolean
embedded_domain_monitor_command_with_files(const Call *call, const void *args, void *result, GError **error)
{
    const domain_monitor_command_with_files_args *in = args;

    return run_command(call, &in->dom, in->cmd, in->flags, "qemuDomainQemuMonitorCommandWithFiles",
                       &((domain_monitor_command_with_files_result *) result)->result, error);
}
