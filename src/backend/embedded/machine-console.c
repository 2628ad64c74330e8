#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/embedded/machine-qemu-private.h"
#include "util/cancel.h"
#include "util/deadline.h"
#include "util/error.h"
#include "util/files.h"
#include "util/lock.h"
#include "util/process.h"
#include "util/unix-socket.h"

#define CONSOLE_LOG "console.log"
/* How long the recording was when this run began. */
#define CONSOLE_START "console-start"
#define CONSOLE_START_MAX 32
#define LET_GO_MS 3000
#define CONNECT_MS 5000

/* --- recording -------------------------------------------------------------------------------------- */

/* The first serial console of the guest: what its boot messages go to. */
static xmlNode *
first_console(const xmlDoc *doc)
{
    xmlNode *serial = domain_next_device(doc, NULL, "serial");

    return serial ? serial : domain_next_device(doc, NULL, "console");
}

void
machine_qemu_record_console(MachineQemu *machine, const char *name, xmlDoc *doc)
{
    xmlNode *device = first_console(doc);
    const char *type = node_attr(device, "type");
    g_autofree char *run = NULL;
    g_autofree char *path = NULL;
    xmlNode *log;

    if (!device || !type || strcmp(type, "file") == 0 || strcmp(type, "null") == 0 || node_child(device, "log"))
        return;
    run = paths_domain_run(machine->paths, name);
    path = g_build_filename(run, CONSOLE_LOG, NULL);
    log = domain_add_child(device, "log");
    node_set_attr(log, "file", path);
    node_set_attr(log, "append", "on");
}

/* A new string, or NULL when the guest's console is recorded nowhere. */
static char *
console_path(MachineQemu *machine, const char *name, const xmlDoc *doc)
{
    const xmlNode *device = first_console(doc);
    const char *log = node_child_attr(device, "log", "file");
    g_autofree char *run = paths_domain_run(machine->paths, name);

    if (!device || node_attr_is(device, "type", "null"))
        return NULL;
    if (node_attr_is(device, "type", "file"))
        return g_strdup(node_child_attr(device, "source", "path"));
    return log ? g_strdup(log) : g_build_filename(run, CONSOLE_LOG, NULL);
}

gboolean
machine_qemu_mark_console(MachineQemu *machine, const char *name, const xmlDoc *doc, GError **error)
{
    g_autofree char *path = console_path(machine, name, doc);
    g_autofree char *run = paths_domain_run(machine->paths, name);
    g_autofree char *text = NULL;
    hv_autofd int dir_fd = -1;
    struct stat earlier;

    if (!path || stat(path, &earlier) < 0 || earlier.st_size == 0)
        return TRUE;
    text = g_strdup_printf("%" G_GUINT64_FORMAT "\n", (guint64) earlier.st_size);
    dir_fd = folder_open_path(run, TRUE, error);
    return dir_fd >= 0 && file_write(dir_fd, CONSOLE_START, NULL, text, -1, FILE_WRITE_DEFAULT, error);
}

char *
machine_qemu_console_log(Machine *base, const StoreDomain *domain, xmlDoc *live, guint64 *offset,
                         GError **error G_GNUC_UNUSED)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    g_autofree char *mark = g_build_filename(run, CONSOLE_START, NULL);
    g_autofree char *text = file_read(AT_FDCWD, mark, NULL, CONSOLE_START_MAX, NULL, NULL, NULL);

    *offset = text ? g_ascii_strtoull(text, NULL, 10) : 0;
    return console_path(machine, domain->name, live);
}

/* --- sessions --------------------------------------------------------------------------------------- */

static gboolean
throw_in_use(GError **error)
{
    return hv_throw(error, HV_ERR_OPERATION_FAILED, "Active console session exists for this domain");
}

/* The session that has the lock is told to end, as by Ctrl-C, and is waited for. */
static gboolean
end_other_session(int dir_fd, const char *record, int fd, GError **error)
{
    g_auto(LockHolder) holder = { 0 };

    if (!file_lock_holder(dir_fd, record, &holder))
        return throw_in_use(error);
    if (holder.pid != getpid() && kill(holder.pid, SIGINT) < 0 && errno != ESRCH)
        return hv_throw_errno(error, errno, "cannot end the console session of process %d", (int) holder.pid);
    for (gint64 deadline = deadline_after(LET_GO_MS); deadline_remaining_ms(deadline) > 0;) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return TRUE;
        process_wait_exit(holder.pid, process_start_time(holder.pid), 20);
    }
    return throw_in_use(error);
}

/* The lock is on the pty itself, so that it ends with the descriptor that the session uses. */
static gboolean
lock_session(MachineQemu *machine, const StoreDomain *domain, const xmlNode *device, int fd, gboolean force,
             gboolean safe, GError **error)
{
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    g_autofree char *record = g_strdup_printf("session-%s", device_alias(device));
    g_autofree char *text = g_strdup_printf("%d %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " hvsh console\n", getpid(),
                                            process_start_time(getpid()), g_get_real_time() / 1000);
    hv_autofd int dir_fd = folder_open_path(run, FALSE, NULL);

    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK)
            return !safe || hv_throw_errno(error, errno, "cannot lock the console");
        if (!force)
            return throw_in_use(error);
        if (!end_other_session(dir_fd, record, fd, error))
            return FALSE;
    }
    /* Only for those who want to end this session: that it cannot be written is no reason not to have one. */
    if (dir_fd >= 0)
        (void) !file_write(dir_fd, record, NULL, text, -1, FILE_WRITE_DEFAULT, NULL);
    return TRUE;
}

static int
open_pty(MachineQemu *machine, const StoreDomain *domain, const xmlNode *device, gboolean force, gboolean safe,
         GError **error)
{
    const char *path = node_child_attr(device, "source", "path");
    hv_autofd int fd = -1;

    if (!path) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "no PTY is known for character device %s", device_alias(device));
        return -1;
    }
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        hv_throw_errno(error, errno, "Unable to open character device '%s'", path);
        return -1;
    }
    if (!lock_session(machine, domain, device, fd, force, safe, error))
        return -1;
    return process_fd_steal(&fd);
}

/* A connected socket, or -1 with errno (ECANCELED: the user wants to stop). */
static int
connect_address(const struct addrinfo *address, gint64 deadline)
{
    hv_autofd int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
    struct pollfd wait = { fd, POLLOUT, 0 };
    int failure = 0, ready;
    socklen_t length = sizeof failure;

    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return process_fd_steal(&fd);
    if (errno != EINPROGRESS)
        return -1;
    do
        ready = cancel_poll(&wait, 1, deadline_remaining_ms(deadline));
    while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return -1;
    if (ready == 0)
        failure = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length) < 0)
        failure = errno;
    if (failure == 0)
        return process_fd_steal(&fd);
    errno = failure;
    return -1;
}

/* QEMU listens on this machine: no name server is asked, which might not answer. */
static struct addrinfo *
resolve_listener(const char *host, const char *service, GError **error)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
    gboolean local = !host || !*host || strcmp(host, "localhost") == 0;
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(local ? NULL : host, service, &hints, &found);

    if (failure == 0)
        return found;
    hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot resolve '%s:%s': %s", local ? "localhost" : host,
             service ? service : "", gai_strerror(failure));
    hv_error_set_hint(error, "only an address is taken here, no name but localhost");
    return NULL;
}

static int
open_tcp(const xmlNode *device, GError **error)
{
    const xmlNode *source = node_child(device, "source");
    const char *host = node_attr(source, "host");
    const char *service = node_attr(source, "service");
    gint64 deadline = deadline_after(CONNECT_MS);
    struct addrinfo *found = resolve_listener(host, service, error);
    int fd = -1, failure = 0;

    if (!found)
        return -1;
    for (const struct addrinfo *a = found; a && fd < 0 && failure != ECANCELED; a = a->ai_next) {
        fd = connect_address(a, deadline);
        failure = errno;
    }
    freeaddrinfo(found);
    if (fd < 0 && failure == ECANCELED)
        cancel_throw(error, "character device %s", device_alias(device));
    else if (fd < 0)
        hv_throw_errno(error, failure, "Unable to connect to character device at '%s:%s'", host ? host : "localhost", service);
    return fd;
}

int
machine_qemu_console(Machine *base, const StoreDomain *domain, const xmlNode *device, gboolean force, gboolean safe,
                     GError **error)
{
    const char *type = node_attr(device, "type");
    const xmlNode *source = node_child(device, "source");
    gboolean listens = node_attr_is(source, "mode", "bind");
    int fd = -1;

    if (g_strcmp0(type, "pty") == 0)
        return open_pty((MachineQemu *) base, domain, device, force, safe, error);
    if (g_strcmp0(type, "unix") == 0 && listens)
        fd = unix_socket_connect(node_attr(source, "path"), error);
    else if (g_strcmp0(type, "tcp") == 0 && listens)
        fd = open_tcp(device, error);
    else
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "character device %s is not using a PTY", device_alias(device));
    return fd;
}
