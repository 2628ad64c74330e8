/* secret-get-value, secret-set-value: what a secret holds. It is wiped from memory wherever it has been. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "commands/secret.h"
#include "util/cancel.h"

/* One byte more than the longest value: the backend refuses what is longer, rather than that an end is cut off here. */
#define MAX_LINE (64 * 1024 + 1)

static const CmdOpt get_opts[] = {
    CMD_SECRET,
    { .name = "plain", .type = CMD_OPT_BOOL, .help = "the bytes as they are, not in base64" },
    CMD_OPT_END
};

static gboolean
get_run(CmdContext *ctx, GError **error)
{
    g_auto(SecretRef) secret = { 0 };
    g_auto(secret_get_value_result) result = { 0 };
    secret_get_value_args args = { 0 };
    char *text;

    if (!cmd_secret(ctx, &secret, error))
        return FALSE;
    args.secret = secret;
    if (!secret_get_value(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    if (cmd_bool(ctx, "plain") && !out_structured(cmd_out(ctx))) {
        out_bytes(cmd_out(ctx), result.value.items, result.value.len);
        return TRUE;
    }
    text = g_base64_encode(result.value.items, result.value.len);
    if (out_structured(cmd_out(ctx)))
        out_value(cmd_out(ctx), "base64", OUT_STR(text));
    else
        out_text(cmd_out(ctx), "%s", text);
    explicit_bzero(text, strlen(text));
    g_free(text);
    return TRUE;
}

const CmdDef cmd_secret_get_value = {
    .name = "secret-get-value",
    .group = "secret",
    .help = "the value of a secret",
    .desc = "Print the value of a secret in base64. That of a private one is given to nobody but the domains that use it.",
    .opts = get_opts,
    .run = get_run,
};

static const CmdOpt set_opts[] = {
    CMD_SECRET,
    { .name = "file", .type = CMD_OPT_STRING, .flags = CMD_OPT_NAMED_ONLY | CMD_OPT_FILE,
      .help = "file with the value, in base64" },
    { .name = "plain", .type = CMD_OPT_BOOL, .help = "the file holds the bytes as they are" },
    { .name = "interactive", .type = CMD_OPT_BOOL, .help = "ask for the value" },
    { .name = "base64", .type = CMD_OPT_STRING, .help = "the value in base64; other users can see it there" },
    CMD_OPT_END
};
static const char *const set_exclusive[] = { "file|base64", "plain|base64", "interactive|base64", "interactive|file",
                                             "interactive|plain", NULL };

/* Makes a terminal show nothing. Ctrl-C is a character then that ends the line: a signal would end the program, and leave
 * the terminal like that. Returns whether it is one; *@before is what it was. */
static gboolean
hush(struct termios *before)
{
    struct termios quiet;

    if (tcgetattr(STDIN_FILENO, before) < 0)
        return FALSE;
    quiet = *before;
    quiet.c_lflag &= (tcflag_t)~(ECHO | ISIG);
    quiet.c_cc[VEOL] = before->c_cc[VINTR];
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/* A line of standard input that the terminal does not show. */
static gboolean
ask_value(CmdContext *ctx, ByteList *value, GError **error)
{
    gboolean hidden, stopped = FALSE;
    struct termios before;
    gssize got = 0;
    guint8 byte;

    out_text(cmd_out(ctx), "%s", "Enter new value for secret:");
    out_flush(cmd_out(ctx));
    hidden = hush(&before);
    value->items = g_malloc(MAX_LINE);
    while (value->len < MAX_LINE && !stopped && (got = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n') {
        stopped = hidden && byte == before.c_cc[VINTR] && byte != _POSIX_VDISABLE;
        if (!stopped)
            value->items[value->len++] = byte;
    }
    if (hidden)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    if (stopped) {
        raise(SIGINT);
        return cancel_throw(error, "the value");
    }
    if (got < 0)
        return hv_throw_errno(error, errno, "cannot read the value");
    return TRUE;
}

/* What a base64 text stands for, in place. */
static void
decode(ByteList *value)
{
    gsize length = 0;

    if (value->len > 0)
        g_base64_decode_inplace((char *)value->items, &length);
    explicit_bzero(value->items + length, value->len - length);
    value->len = (guint32)length;
}

static gboolean
read_value(CmdContext *ctx, ByteList *value, GError **error)
{
    const char *file = NULL, *base64 = NULL;
    gsize length = 0;

    if (!cmd_string(ctx, "base64", &base64, error))
        return FALSE;
    if (base64) {
        /* The arguments of a running program are there for everybody to see. */
        out_warning(cmd_out(ctx), "%s", "Passing secret value as command-line argument is insecure!");
        value->items = (guint8 *)g_strdup(base64);
        value->len = (guint32)strlen(base64);
    } else if (cmd_given(ctx, "file")) {
        if (!cmd_read_bytes(ctx, "file", &file, (char **)&value->items, &length, error))
            return FALSE;
        value->len = (guint32)length;
    } else if (cmd_bool(ctx, "interactive")) {
        return ask_value(ctx, value, error);
    } else {
        return cmd_fail(error, HV_ERR_USAGE, "Input secret value is missing");
    }
    if (!cmd_bool(ctx, "plain"))
        decode(value);
    return TRUE;
}

static gboolean
set_value(CmdContext *ctx, const SecretRef *secret, const ByteList *value, GError **error)
{
    secret_set_value_args args = { .secret = *secret, .value = *value };

    /* libvirt knows no empty value. */
    if (value->len == 0)
        args.value.items = NULL;
    if (!secret_set_value(cmd_connection(ctx), &args, NULL, error))
        return hv_error_add_sentence(error, "Failed to set secret value");
    out_note(cmd_out(ctx), "Secret value set");
    return TRUE;
}

static gboolean
set_run(CmdContext *ctx, GError **error)
{
    g_auto(SecretRef) secret = { 0 };
    ByteList value = { 0 };
    gboolean ok = cmd_secret(ctx, &secret, error) && read_value(ctx, &value, error) && set_value(ctx, &secret, &value, error);

    if (value.items)
        explicit_bzero(value.items, value.len);
    g_free(value.items);
    return ok;
}

const CmdDef cmd_secret_set_value = {
    .name = "secret-set-value",
    .group = "secret",
    .help = "give a secret its value",
    .desc = "Give a secret its value, from a file or asked for on the terminal.",
    .opts = set_opts,
    .exclusive = set_exclusive,
    .run = set_run,
};
