/* hvsh: gives the shell its commands and its connections. */
#include "config.h"

#include "backend/connection.h"
#include "commands/registry.h"
#include "shell/shell.h"

/* The release of virsh whose options, texts and exit status are followed. */
#define COMPAT_VERSION "9.0.0"

static void
host_disconnect(Shell *shell)
{
    Connection *conn = shell_connection(shell);

    shell_set_connection(shell, NULL);
    conn_close(conn);
}

/* -k and -K ask for keepalive messages; a connection that cannot send them is not used then. */
static gboolean
set_up_keepalive(Shell *shell, Connection *conn, GError **error)
{
    int interval = shell_keepalive_interval(shell), count = shell_keepalive_count(shell);

    if (interval <= 0 || conn_set_keepalive(conn, interval, count < 0 ? 5 : count, error))
        return TRUE;
    hv_error_add_sentence(error, "failed to connect to the hypervisor");
    hv_error_add_sentence(error, "Cannot setup keepalive on connection as requested, disconnecting");
    return FALSE;
}

static gboolean
host_connect(Shell *shell, const char *uri, gboolean readonly, GError **error)
{
    g_autoptr(Connection) conn = conn_open(uri ? uri : shell_default_uri(shell), readonly, error);

    if (!conn)
        return hv_error_add_sentence(error, "failed to connect to the hypervisor");
    if (!set_up_keepalive(shell, conn, error))
        return FALSE;
    if (shell_connection(shell))
        host_disconnect(shell);
    shell_set_connection(shell, g_steal_pointer(&conn));
    return TRUE;
}

int
main(int argc, char **argv)
{
    static const char *const uris[] = { "qemu:///system", "qemu:///session", "test:///default", NULL };
    static const ShellHost host = {
        .commands = cmd_all,
        .groups = cmd_groups,
        .connect = host_connect,
        .disconnect = host_disconnect,
        .version = PACKAGE_VERSION,
        .compat_version = COMPAT_VERSION,
        .uris = uris,
        .features = "hvsh " PACKAGE_VERSION ", a virtual machine shell without a daemon\n\n"
                    "Compiled with support for:\n"
                    " Hypervisors: QEMU/KVM Test\n"
                    " Output: text json json-lines yaml csv table\n"
                    " Miscellaneous: Readline\n",
    };

    return shell_main(&host, argc, argv);
}
