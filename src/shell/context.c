/* What handlers read from their parsed command. */
#include "shell/internal.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

Shell *
cmd_shell(CmdContext *ctx)
{
    return ctx->shell;
}

const char *
cmd_name(const CmdContext *ctx)
{
    return ctx->def->name;
}

Out *
cmd_out(CmdContext *ctx)
{
    return ctx->shell->out;
}

static const CmdArg *
find_arg(const CmdContext *ctx, const char *name)
{
    for (guint i = 0; i < ctx->args->len; i++) {
        const CmdArg *arg = &g_array_index(ctx->args, CmdArg, i);

        if (strcmp(arg->opt->name, name) == 0)
            return arg;
    }
    return NULL;
}

gboolean
cmd_given(const CmdContext *ctx, const char *name)
{
    return find_arg(ctx, name) != NULL;
}

gboolean
cmd_bool(const CmdContext *ctx, const char *name)
{
    return find_arg(ctx, name) != NULL;
}

const char *
cmd_text(const CmdContext *ctx, const char *name)
{
    const CmdArg *arg = find_arg(ctx, name);

    return arg ? arg->value : NULL;
}

gboolean
cmd_string(const CmdContext *ctx, const char *name, const char **value, GError **error)
{
    const CmdArg *arg = find_arg(ctx, name);

    if (arg && *arg->value == '\0' && !(arg->opt->flags & CMD_OPT_EMPTY_OK))
        return hv_throw(error, HV_ERR_COMMAND, "Failed to get option '%s': Option argument is empty", name);
    *value = arg ? arg->value : NULL;
    return TRUE;
}

const char *const *
cmd_argv(const CmdContext *ctx, const char *name)
{
    static const char *const none[] = { NULL };

    return ctx->argv && find_arg(ctx, name) ? ctx->argv : none;
}

static gboolean
bad_number(const CmdArg *arg, GError **error)
{
    return hv_throw(error, HV_ERR_COMMAND, "Numeric value '%s' for <%s> option is malformed or out of range",
                    arg->value, arg->opt->name);
}

/* A whole decimal number; blanks and a sign may come first. */
static gboolean
read_signed(const char *text, gint64 min, gint64 max, gint64 *value)
{
    char *end;
    gint64 number;

    errno = 0;
    number = g_ascii_strtoll(text, &end, 10);
    if (errno || end == text || *end || number < min || number > max)
        return FALSE;
    *value = number;
    return TRUE;
}

static gboolean
read_unsigned(const char *text, guint64 max, guint64 *value, const char **rest)
{
    char *end;
    guint64 number;

    errno = 0;
    number = g_ascii_strtoull(text, &end, 10);
    /* The C library would accept -1 as the largest number. */
    if (errno || end == text || memchr(text, '-', end - text) || number > max)
        return FALSE;
    *rest = end;
    *value = number;
    return TRUE;
}

gboolean
cmd_int(const CmdContext *ctx, const char *name, int *value, GError **error)
{
    const CmdArg *arg = find_arg(ctx, name);
    gint64 number;

    if (!arg)
        return TRUE;
    if (!read_signed(arg->value, G_MININT, G_MAXINT, &number))
        return bad_number(arg, error);
    *value = number;
    return TRUE;
}

gboolean
cmd_uint(const CmdContext *ctx, const char *name, guint *value, GError **error)
{
    const CmdArg *arg = find_arg(ctx, name);
    const char *rest;
    guint64 number;

    if (!arg)
        return TRUE;
    if (!read_unsigned(arg->value, G_MAXUINT, &number, &rest) || *rest)
        return bad_number(arg, error);
    *value = number;
    return TRUE;
}

gboolean
cmd_ulonglong(const CmdContext *ctx, const char *name, guint64 *value, GError **error)
{
    const CmdArg *arg = find_arg(ctx, name);
    const char *rest;
    guint64 number;

    if (!arg)
        return TRUE;
    if (!read_unsigned(arg->value, G_MAXUINT64, &number, &rest) || *rest)
        return bad_number(arg, error);
    *value = number;
    return TRUE;
}

gboolean
cmd_longlong(const CmdContext *ctx, const char *name, gint64 *value, GError **error)
{
    const CmdArg *arg = find_arg(ctx, name);

    return !arg || read_signed(arg->value, G_MININT64, G_MAXINT64, value) || bad_number(arg, error);
}

gboolean
cmd_scaled(const CmdContext *ctx, const char *name, guint64 scale, guint64 max, guint64 *value, GError **error)
{
    const CmdArg *arg = find_arg(ctx, name);
    const char *suffix;
    guint64 number;

    if (!arg)
        return TRUE;
    if (!read_unsigned(arg->value, G_MAXUINT64, &number, &suffix))
        return hv_throw(error, HV_ERR_COMMAND, "Scaled numeric value '%s' for <%s> option is malformed or out of range",
                        arg->value, name);
    if (!size_scale(&number, suffix, scale, max, error))
        return hv_error_add_sentence(error, "Scaled numeric value '%s' for <%s> option is malformed or out of range",
                                     arg->value, name);
    *value = number;
    return TRUE;
}

gboolean
cmd_timeout_ms(const CmdContext *ctx, const char *name, gint64 *ms, GError **error)
{
    const CmdArg *arg = find_arg(ctx, name);
    gint64 seconds;

    if (!arg)
        return TRUE;
    if (!read_signed(arg->value, 1, G_MAXINT, &seconds))
        return bad_number(arg, error);
    *ms = seconds * 1000;
    return TRUE;
}
