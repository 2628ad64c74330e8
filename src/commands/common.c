#include "commands/common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "util/process.h"
#include "util/sizes.h"
#include "util/uuid.h"

/* virsh reads no larger XML file. */
#define INPUT_FILE_MAX (10 * 1024 * 1024)

Connection *
cmd_connection(CmdContext *ctx)
{
    return shell_connection(cmd_shell(ctx));
}

gboolean
cmd_fail(GError **error, HvErrorCode code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    hv_throw_plain_valist(error, code, format, args);
    va_end(args);
    return FALSE;
}

gboolean
cmd_fail_silently(GError **error, HvErrorCode code, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    hv_throw(error, code, "%s", text);
    hv_error_hide_message(error);
    return FALSE;
}

gboolean
cmd_quiet_string(CmdContext *ctx, const char *name, const char **value, GError **error)
{
    *value = cmd_text(ctx, name);
    if (*value && !**value)
        return cmd_fail_silently(error, HV_ERR_COMMAND, "option --%s is empty", name);
    return TRUE;
}

/* Level 0 as in virsh. */
static void
debug_lookup(CmdContext *ctx, const char *how)
{
    shell_debug(cmd_shell(ctx), 0, "%s: <domain> %s\n", cmd_name(ctx), how);
}

static gboolean
lookup_by_id(CmdContext *ctx, const char *text, DomainRef *dom)
{
    g_auto(domain_lookup_by_id_result) result = { 0 };
    domain_lookup_by_id_args args = { 0 };
    char *end = NULL;
    gint64 id = g_ascii_strtoll(text, &end, 10);

    /* As strtol() reads it: "+1" and " 1" are ids too. */
    if (end == text || *end || id < 0 || id > G_MAXINT32)
        return FALSE;
    debug_lookup(ctx, "looks like ID");
    args.id = (gint32)id;
    if (!domain_lookup_by_id(cmd_connection(ctx), &args, &result, NULL))
        return FALSE;
    domain_ref_copy(&result.dom, dom);
    return TRUE;
}

static gboolean
lookup_by_uuid(Connection *conn, const guchar uuid[16], DomainRef *dom, GError **error)
{
    g_auto(domain_lookup_by_uuid_result) result = { 0 };
    domain_lookup_by_uuid_args args = { 0 };

    memcpy(args.uuid.bytes, uuid, sizeof args.uuid.bytes);
    if (!domain_lookup_by_uuid(conn, &args, &result, error))
        return FALSE;
    domain_ref_copy(&result.dom, dom);
    return TRUE;
}

static gboolean
lookup_by_name(Connection *conn, const char *name, DomainRef *dom, GError **error)
{
    g_auto(domain_lookup_by_name_result) result = { 0 };
    domain_lookup_by_name_args args = { .name = (char *)name };

    if (!domain_lookup_by_name(conn, &args, &result, error))
        return FALSE;
    domain_ref_copy(&result.dom, dom);
    return TRUE;
}

static gboolean
lookup(CmdContext *ctx, const char *text, unsigned by, DomainRef *dom, GError **error)
{
    guint8 uuid[UUID_BYTES];

    if ((by & DOMAIN_BY_ID) && lookup_by_id(ctx, text, dom))
        return TRUE;
    if ((by & DOMAIN_BY_UUID) && strlen(text) == UUID_TEXT - 1) {
        debug_lookup(ctx, "trying as domain UUID");
        if (uuid_parse(text, uuid) && lookup_by_uuid(cmd_connection(ctx), uuid, dom, NULL))
            return TRUE;
    }
    if (by & DOMAIN_BY_NAME) {
        debug_lookup(ctx, "trying as domain NAME");
        return lookup_by_name(cmd_connection(ctx), text, dom, error);
    }
    return hv_throw(error, HV_ERR_NO_DOMAIN, "no domain with matching id or uuid '%s'", text);
}

static gboolean
lookup_or_explain(CmdContext *ctx, const char *text, unsigned by, DomainRef *dom, GError **error)
{
    g_autoptr(GError) local = NULL;

    if (lookup(ctx, text, by, dom, &local))
        return TRUE;
    hv_error_add_sentence(&local, "failed to get domain '%s'", text);
    if (g_error_matches(local, HV_ERROR, HV_ERR_NO_DOMAIN))
        hv_error_hide_message(&local);
    g_propagate_error(error, g_steal_pointer(&local));
    return FALSE;
}

gboolean
cmd_domain_by(CmdContext *ctx, unsigned by, DomainRef *dom, GError **error)
{
    const char *text = NULL;

    if (!cmd_string(ctx, "domain", &text, error))
        return FALSE;
    /* virsh says this for no other option. */
    shell_debug(cmd_shell(ctx), 1, "%s: found option <domain>: %s\n", cmd_name(ctx), text);
    return lookup_or_explain(ctx, text, by, dom, error);
}

gboolean
cmd_domain(CmdContext *ctx, DomainRef *dom, GError **error)
{
    return cmd_domain_by(ctx, DOMAIN_BY_ANY, dom, error);
}

gboolean
cmd_domain_optional(CmdContext *ctx, gboolean *given, DomainRef *dom, GError **error)
{
    *given = cmd_given(ctx, "domain");
    return !*given || cmd_domain(ctx, dom, error);
}

gboolean
cmd_pass_fds(CmdContext *ctx, int **fds, gsize *n_fds, GError **error)
{
    const char *text = cmd_text(ctx, "pass-fds");
    g_auto(GStrv) words = NULL;
    g_autofree int *numbers = NULL;
    guint count;

    *fds = NULL;
    *n_fds = 0;
    if (!text)
        return TRUE;
    words = g_strsplit(text, ",", -1);
    count = g_strv_length(words);
    numbers = g_new0(int, MAX(count, 1));
    for (guint i = 0; i < count; i++) {
        guint64 number = 0;

        if (!uint_parse(words[i], 0, G_MAXINT, &number))
            return cmd_fail(error, HV_ERR_INVALID_ARG, "Unable to parse FD number '%s'", words[i]);
        numbers[i] = (int)number;
    }
    *n_fds = count;
    *fds = g_steal_pointer(&numbers);
    return TRUE;
}

/* The file may be a pipe or a terminal, so there is no size to ask for. What is not longer than @reserve is nowhere but in
 * *@text afterwards. */
static gboolean
read_input(const char *path, gsize reserve, char **text, gsize *length, GError **error)
{
    hv_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GString) bytes = NULL;
    char buffer[16384];
    gssize got;

    if (fd < 0)
        return hv_throw_errno(error, errno, "Failed to open file '%s'", path);
    bytes = g_string_sized_new(reserve);
    while ((got = read(fd, buffer, sizeof buffer)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hv_throw_errno(error, errno, "Failed to read file '%s'", path);
        if (bytes->len + (gsize)got > INPUT_FILE_MAX)
            return hv_throw_errno(error, EOVERFLOW, "Failed to read file '%s'", path);
        g_string_append_len(bytes, buffer, got);
    }
    explicit_bzero(buffer, sizeof buffer);
    if (length)
        *length = bytes->len;
    *text = g_string_free(g_steal_pointer(&bytes), FALSE);
    return TRUE;
}

gboolean
cmd_read_bytes(CmdContext *ctx, const char *name, const char **path, char **text, gsize *length, GError **error)
{
    return cmd_string(ctx, name, path, error) && read_input(*path, CMD_BYTES_UNCOPIED, text, length, error);
}

gboolean
cmd_read_file(CmdContext *ctx, const char *name, const char **path, char **text, GError **error)
{
    return cmd_string(ctx, name, path, error) && read_input(*path, 0, text, NULL, error);
}

guint32
cmd_affect_flags(CmdContext *ctx)
{
    return (cmd_bool(ctx, "live") ? AFFECT_LIVE : 0) | (cmd_bool(ctx, "config") ? AFFECT_CONFIG : 0);
}

char *
cmd_joined(CmdContext *ctx, const char *name)
{
    return g_strjoinv(" ", (char **)cmd_argv(ctx, name));
}

/* Words and tokens by libvirt's state numbers. */
static const struct {
    const char *text;
    const char *token;
} states[] = {
    { "no state", "nostate" },      { "running", "running" },   { "idle", "blocked" },
    { "paused", "paused" },         { "in shutdown", "shutdown" }, { "shut off", "shutoff" },
    { "crashed", "crashed" },       { "pmsuspended", "pmsuspended" },
};

const char *
domain_state_text(int state)
{
    return state >= 0 && state < (int)G_N_ELEMENTS(states) ? states[state].text : "no state";
}

const char *
domain_state_token(int state)
{
    return state >= 0 && state < (int)G_N_ELEMENTS(states) ? states[state].token : "nostate";
}

#define MAX_REASONS 15
static const char *const reasons[][MAX_REASONS] = {
    [DOMAIN_STATE_NONE] = { "unknown" },
    [DOMAIN_STATE_RUNNING] = { "unknown", "booted", "migrated", "restored", "from snapshot", "unpaused",
                               "migration canceled", "save canceled", "event wakeup", "crashed", "post-copy",
                               "post-copy failed" },
    [DOMAIN_STATE_BLOCKED] = { "unknown" },
    [DOMAIN_STATE_PAUSED] = { "unknown", "user", "migrating", "saving", "dumping", "I/O error", "watchdog",
                              "from snapshot", "shutting down", "creating snapshot", "crashed", "starting up",
                              "post-copy", "post-copy failed", "api error" },
    [DOMAIN_STATE_SHUTDOWN] = { "unknown", "user" },
    [DOMAIN_STATE_SHUTOFF] = { "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed",
                               "from snapshot", "daemon" },
    [DOMAIN_STATE_CRASHED] = { "unknown", "panicked" },
    [DOMAIN_STATE_PMSUSPENDED] = { "unknown" },
};

const char *
domain_reason_text(int state, int reason)
{
    const char *text = NULL;

    if (state >= 0 && state < (int)G_N_ELEMENTS(reasons) && reason >= 0 && reason < MAX_REASONS)
        text = reasons[state][reason];
    return text ? text : "unknown";
}

gboolean
domain_text(Connection *conn, const DomainRef *dom, int type, guint32 affect, char **text, GError **error)
{
    g_auto(domain_get_metadata_result) result = { 0 };
    domain_get_metadata_args args = { .dom = *dom, .type = type, .flags = affect };
    g_autoptr(GError) local = NULL;

    if (domain_get_metadata(conn, &args, &result, &local)) {
        *text = g_steal_pointer(&result.metadata);
        return TRUE;
    }
    if (g_error_matches(local, HV_ERROR, HV_ERR_NO_DOMAIN_METADATA)) {
        *text = g_strdup("");
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&local));
    return FALSE;
}

char **
complete_words(const char *const *words)
{
    return g_strdupv((char **)words);
}

static char *
domain_name_copy(const DomainRef *dom)
{
    return g_strdup(dom->name);
}

static char *
domain_uuid_text(const DomainRef *dom)
{
    char uuid[UUID_TEXT];

    uuid_format(dom->uuid, uuid);
    return g_strdup(uuid);
}

static char **
complete_from_domains(CmdContext *ctx, unsigned flags, char *(*word_of)(const DomainRef *dom))
{
    g_auto(connect_list_all_domains_result) result = { 0 };
    connect_list_all_domains_args args = { .need_results = 1, .flags = flags };
    char **words;

    if (!connect_list_all_domains(cmd_connection(ctx), &args, &result, NULL))
        return NULL;
    words = g_new0(char *, result.domains.len + 1);
    for (guint32 i = 0; i < result.domains.len; i++)
        words[i] = word_of(&result.domains.items[i]);
    return words;
}

char **
complete_domains(CmdContext *ctx, unsigned flags)
{
    return complete_from_domains(ctx, flags, domain_name_copy);
}

char **
complete_domain_uuids(CmdContext *ctx, unsigned flags)
{
    return complete_from_domains(ctx, flags, domain_uuid_text);
}

char *
complete_domain_xml(CmdContext *ctx)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_get_xml_desc_result) result = { 0 };

    if (!cmd_given(ctx, "domain") || !cmd_domain(ctx, &dom, NULL) ||
        !domain_get_xml_desc(cmd_connection(ctx), &(domain_get_xml_desc_args){ .dom = dom }, &result, NULL))
        return NULL;
    return g_steal_pointer(&result.xml);
}
