/* hvsh: gives the shell its commands and its connections. */
#include "config.h"

#include "backend/connection.h"
#include "commands/registry.h"
#include "shell/shell.h"
#include "util/error.h"

/* The release of virsh whose options, texts and exit status are followed. */
#define COMPAT_VERSION "9.0.0"
/* virsh's own defaults of -k (seconds) and -K. */
#define KEEPALIVE_INTERVAL 5
#define KEEPALIVE_COUNT 6

static void
host_disconnect(Shell *shell)
{
    Connection *conn = shell_connection(shell);

    shell_set_connection(shell, NULL);
    conn_close(conn);
}

/* virsh asks for keepalive messages unless -k 0 says otherwise. Without -k and -K a connection that cannot send
 * them is used all the same. */
static gboolean
set_up_keepalive(Shell *shell, Connection *conn, GError **error)
{
    int interval = shell_keepalive_interval(shell), count = shell_keepalive_count(shell);
    gboolean insist = interval >= 0 || count >= 0;
    g_autoptr(GError) failure = NULL;

    if (interval == 0 || conn_set_keepalive(conn, interval < 0 ? KEEPALIVE_INTERVAL : interval,
                                            count < 0 ? KEEPALIVE_COUNT : count, &failure))
        return TRUE;
    if (!insist) {
        shell_debug(shell, 1, "Failed to setup keepalive on connection\n");
        return TRUE;
    }
    hv_error_add_sentence(&failure, "failed to connect to the hypervisor");
    hv_error_add_sentence(&failure, "Cannot setup keepalive on connection as requested, disconnecting");
    g_propagate_error(error, g_steal_pointer(&failure));
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
