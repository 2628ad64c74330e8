/* console, ttyconsole: the console of a guest. */
#include "commands/domain-console.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "backend/xml.h"

/* What was read at one side and not yet written at the other. */
typedef struct {
    char bytes[4096];
    gsize start;
    gsize end;
} Buffer;

/* The terminal in raw mode, for as long as this is in scope. */
typedef struct {
    gboolean raw;
    struct termios before;
} RawTerminal;

static void
raw_terminal_restore(RawTerminal *terminal)
{
    if (terminal->raw)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal->before);
    terminal->raw = FALSE;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RawTerminal, raw_terminal_restore)

static gboolean
raw_terminal_enter(RawTerminal *terminal, GError **error)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &terminal->before) < 0)
        return hv_throw_errno(error, errno, "unable to get the settings of the terminal");
    raw = terminal->before;
    cfmakeraw(&raw);
    /* Not TCSAFLUSH: what was typed while the console was being connected is for the guest, or the escape. */
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
        return hv_throw_errno(error, errno, "unable to make the terminal raw");
    terminal->raw = TRUE;
    return TRUE;
}

/* TRUE when the console goes on. @escaped: the user typed @escape; what stood before it is still sent. */
static gboolean
read_keys(Buffer *to_guest, char escape, gboolean *escaped, GError **error)
{
    gssize got = read(STDIN_FILENO, to_guest->bytes, sizeof to_guest->bytes);
    const char *found;

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return TRUE;
    if (got < 0)
        return hv_throw_errno(error, errno, "cannot read from the terminal");
    if (got == 0) {
        *escaped = TRUE;
        return TRUE;
    }
    found = memchr(to_guest->bytes, escape, (gsize)got);
    *escaped = found != NULL;
    to_guest->start = 0;
    to_guest->end = found ? (gsize)(found - to_guest->bytes) : (gsize)got;
    return TRUE;
}

static gboolean
send_keys(Stream *stream, Buffer *to_guest, GError **error)
{
    gssize sent = stream_write(stream, to_guest->bytes + to_guest->start, to_guest->end - to_guest->start, error);

    if (sent == -1)
        return FALSE;
    if (sent > 0)
        to_guest->start += (gsize)sent;
    return TRUE;
}

static gboolean
show_output(Stream *stream, gboolean *ended, GError **error)
{
    char bytes[4096];
    gssize got = stream_read(stream, bytes, sizeof bytes, error);

    if (got == -1)
        return FALSE;
    *ended = got == 0;
    for (gssize done = 0; done < got;) {
        gssize written = write(STDOUT_FILENO, bytes + done, (gsize)(got - done));
        struct pollfd ready = { .fd = STDOUT_FILENO, .events = POLLOUT };

        if (written > 0)
            done += written;
        else if (errno == EAGAIN)
            poll(&ready, 1, -1);
        else if (errno != EINTR)
            return hv_throw_errno(error, errno, "cannot write to the terminal");
    }
    return TRUE;
}

static gboolean
relay(CmdContext *ctx, Stream *stream, GError **error)
{
    Shell *shell = cmd_shell(ctx);
    char escape = shell_escape_char(shell);
    Buffer to_guest = { .end = 0 };
    gboolean ended = FALSE, escaped = FALSE;

    while (!ended && !shell_interrupted(shell)) {
        gboolean pending = to_guest.start < to_guest.end;
        struct pollfd fds[3] = {
            { .fd = stream_fd(stream), .events = (short)(POLLIN | (pending ? POLLOUT : 0)) },
            { .fd = shell_interrupt_fd(shell), .events = POLLIN },
            { .fd = pending || escaped ? -1 : STDIN_FILENO, .events = POLLIN },
        };

        if (escaped && !pending)
            return TRUE;
        if (poll(fds, G_N_ELEMENTS(fds), -1) < 0) {
            if (errno != EINTR)
                return hv_throw_errno(error, errno, "cannot wait for the console");
            continue;
        }
        if ((fds[0].revents & ~POLLOUT) && !show_output(stream, &ended, error))
            return FALSE;
        if (!ended && (fds[0].revents & POLLOUT) && !send_keys(stream, &to_guest, error))
            return FALSE;
        if (fds[2].revents && !read_keys(&to_guest, escape, &escaped, error))
            return FALSE;
    }
    return TRUE;
}

static void
greet(CmdContext *ctx, const DomainRef *dom)
{
    Out *out = cmd_out(ctx);
    char escape = shell_escape_char(cmd_shell(ctx));

    out_note(out, "Connected to domain '%s'", dom->name);
    if ((guchar)escape < 0x20)
        out_note(out, "Escape character is ^%c (Ctrl + %c)", escape ^ 0x40, escape ^ 0x40);
    else
        out_note(out, "Escape character is %c", escape);
    out_flush(out);
}

static gboolean
console_allowed(CmdContext *ctx, const DomainRef *dom, GError **error)
{
    g_auto(domain_get_state_result) state = { 0 };

    if (!domain_get_state(cmd_connection(ctx), &(domain_get_state_args){ .dom = *dom }, &state, error))
        return hv_error_add_sentence(error, "Unable to get domain status");
    if (state.state == DOMAIN_STATE_SHUTOFF)
        return cmd_fail(error, HV_ERR_OPERATION_INVALID, "The domain is not running");
    if (!isatty(STDIN_FILENO))
        return cmd_fail(error, HV_ERR_COMMAND, "Cannot run interactive console without a controlling TTY");
    return TRUE;
}

gboolean
domain_console_run(CmdContext *ctx, const DomainRef *dom, const char *devname, guint32 flags, gboolean resume,
                   GError **error)
{
    domain_open_console_args args = { .dom = *dom, .dev_name = (char *)devname, .flags = flags };
    g_autoptr(Stream) stream = NULL;
    CallExtra extra = { .stream = &stream };
    g_auto(RawTerminal) terminal = { 0 };
    gboolean ok;

    if (!console_allowed(ctx, dom, error))
        return FALSE;
    greet(ctx, dom);
    ok = conn_call_extra(cmd_connection(ctx), OP_DOMAIN_OPEN_CONSOLE, &args, NULL, &extra, error);
    /* A domain that was started for its console runs on without one. */
    if (resume && !domain_resume(cmd_connection(ctx), &(domain_resume_args){ .dom = *dom }, NULL, ok ? error : NULL))
        return ok ? hv_error_add_sentence(error, "Failed to resume domain '%s'", dom->name) : FALSE;
    if (!ok || !raw_terminal_enter(&terminal, error))
        return FALSE;
    ok = relay(ctx, stream, error);
    raw_terminal_restore(&terminal);
    out_note(cmd_out(ctx), "%s", "");
    return ok;
}

static char **
complete_devices(CmdContext *ctx, unsigned flags)
{
    g_autofree char *xml = complete_domain_xml(ctx);

    return xml ? xml_domain_console_aliases(xml, NULL) : NULL;
}

static const CmdOpt console_opts[] = {
    CMD_DOMAIN_ACTIVE,
    { .name = "devname", .type = CMD_OPT_STRING, .complete = complete_devices,
      .help = "alias of the character device (\"serial0\"); the first console if not given" },
    { .name = "force", .type = CMD_OPT_BOOL, .help = "disconnect whoever is connected to it" },
    { .name = "safe", .type = CMD_OPT_BOOL, .help = "only where nobody else can be connected at the same time" },
    { .name = "resume", .type = CMD_OPT_BOOL, .flags = CMD_OPT_NEWER, .help = "let a paused domain run once connected" },
    CMD_OPT_END
};

static gboolean
console_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    const char *devname = NULL;
    guint32 flags = (cmd_bool(ctx, "force") ? CONSOLE_FORCE : 0) | (cmd_bool(ctx, "safe") ? CONSOLE_SAFE : 0);

    return cmd_domain(ctx, &dom, error) && cmd_string(ctx, "devname", &devname, error) &&
           domain_console_run(ctx, &dom, devname, flags, cmd_bool(ctx, "resume"), error);
}

const CmdDef cmd_console = {
    .name = "console",
    .group = "domain",
    .help = "talk to the console of a guest",
    .desc = "Connect this terminal to the serial console of a domain. The escape character (Ctrl + ] unless -e says otherwise) "
            "ends it.",
    .opts = console_opts,
    .run = console_run,
};

static const CmdOpt ttyconsole_opts[] = { CMD_DOMAIN_ACTIVE, CMD_OPT_END };

static gboolean
ttyconsole_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_get_xml_desc_result) xml = { 0 };
    g_autofree char *tty = NULL;

    if (!cmd_domain(ctx, &dom, error) ||
        !domain_get_xml_desc(cmd_connection(ctx), &(domain_get_xml_desc_args){ .dom = dom }, &xml, error) ||
        !xml_domain_console_tty(xml.xml, &tty, error))
        return FALSE;
    if (!tty)
        return cmd_fail_silently(error, HV_ERR_OPERATION_INVALID, "domain '%s' has no terminal for its console", dom.name);
    out_value(cmd_out(ctx), "tty", OUT_STR(tty));
    return TRUE;
}

const CmdDef cmd_ttyconsole = {
    .name = "ttyconsole",
    .group = "domain",
    .help = "the terminal device of the console of a domain",
    .desc = "Print the terminal device that the console of a running domain is connected to.",
    .opts = ttyconsole_opts,
    .run = ttyconsole_run,
};
