/* qemu-monitor-command, qemu-monitor-event: QEMU's own monitor. */
#include <jansson.h>
#include <string.h>

#include "commands/common.h"
#include "commands/event-loop.h"
#include "commands/event-text.h"
#include "util/uuid.h"

static const CmdOpt qemu_monitor_command_opts[] = {
    CMD_DOMAIN_ACTIVE,
    { .name = "hmp", .type = CMD_OPT_BOOL, .help = "the command is for people, not JSON" },
    { .name = "pretty", .type = CMD_OPT_BOOL, .help = "print the reply on several lines" },
    { .name = "return-value", .type = CMD_OPT_BOOL, .help = "print only what the command returned" },
    { .name = "pass-fds", .type = CMD_OPT_STRING, .flags = CMD_OPT_NAMED_ONLY | CMD_OPT_EMPTY_OK,
      .help = "descriptors N,M,… to send along" },
    { .name = "cmd", .type = CMD_OPT_ARGV, .flags = CMD_OPT_REQUIRED | CMD_OPT_EMPTY_OK, .help = "the command" },
    CMD_OPT_END
};
static const char *const qemu_monitor_command_exclusive[] = { "hmp|pretty", "hmp|return-value", NULL };

/* Two blanks per level as virsh has it, where an empty object or array holds an empty line. Ends with a newline. */
static char *
json_pretty(const json_t *value)
{
    char *dump = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean in_string = FALSE;
    gsize line = 0;

    for (const char *p = dump; *p; p++) {
        g_string_append_c(text, *p);
        if (in_string && *p == '\\') {
            g_string_append_c(text, *++p);
        } else if (*p == '"') {
            in_string = !in_string;
        } else if (*p == '\n') {
            line = text->len;
        } else if (!in_string && ((p[0] == '{' && p[1] == '}') || (p[0] == '[' && p[1] == ']'))) {
            gsize indent = strspn(text->str + line, " ");

            g_string_append_printf(text, "\n\n%*s", (int)indent, "");
        }
    }
    free(dump);
    g_string_append_c(text, '\n');
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* @reply as --pretty and --return-value want it. */
static char *
monitor_reply_text(CmdContext *ctx, const char *reply, GError **error)
{
    json_error_t problem;
    json_t *whole = json_loads(reply, JSON_DECODE_ANY, &problem);
    json_t *part = whole;
    char *text = NULL;

    if (!whole) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse the reply of the monitor: %s", problem.text);
        return NULL;
    }
    if (cmd_bool(ctx, "return-value"))
        part = json_object_get(whole, "return");
    if (!part) {
        cmd_fail(error, HV_ERR_COMMAND, "'return' member missing");
    } else if (cmd_bool(ctx, "pretty")) {
        text = json_pretty(part);
        text[strlen(text) - 1] = '\0';
    } else {
        char *dump = json_dumps(part, JSON_COMPACT | JSON_ENCODE_ANY);

        text = g_strdup(dump);
        free(dump);
    }
    json_decref(whole);
    return text;
}

static gboolean
monitor_command(CmdContext *ctx, const DomainRef *dom, const char *command, char **reply, GError **error)
{
    Connection *conn = cmd_connection(ctx);
    guint32 flags = cmd_bool(ctx, "hmp") ? MONITOR_COMMAND_HMP : 0;
    g_autofree int *fds = NULL;
    gsize n_fds = 0;

    if (!cmd_pass_fds(ctx, &fds, &n_fds, error))
        return FALSE;
    if (n_fds > 0) {
        g_auto(domain_monitor_command_with_files_result) result = { 0 };
        domain_monitor_command_with_files_args args = { .dom = *dom, .cmd = (char *)command, .flags = flags };
        CallExtra extra = { .fds_in = fds, .n_fds_in = n_fds };

        if (!conn_call_extra(conn, OP_DOMAIN_MONITOR_COMMAND_WITH_FILES, &args, &result, &extra, error))
            return FALSE;
        *reply = g_steal_pointer(&result.result);
    } else {
        g_auto(domain_monitor_command_result) result = { 0 };
        domain_monitor_command_args args = { .dom = *dom, .cmd = (char *)command, .flags = flags };

        if (!domain_monitor_command(conn, &args, &result, error))
            return FALSE;
        *reply = g_steal_pointer(&result.result);
    }
    return TRUE;
}

/* As in virsh: words that are a JSON object together are sent as they are; of others the first names a QMP command, and the
 * rest are the members of its arguments ('"a":1' '"b":2'). */
static char *
qmp_command(CmdContext *ctx, GError **error)
{
    const char *const *words = cmd_argv(ctx, "cmd");
    g_autofree char *whole = cmd_joined(ctx, "cmd"), *members = NULL, *object = NULL, *dump = NULL;
    json_error_t problem;
    json_t *json = json_loads(whole, 0, NULL);

    if (json || !words[1]) {
        json_decref(json);
        return g_steal_pointer(&whole);
    }
    members = g_strjoinv(",", (char **)words + 1);
    object = g_strdup_printf("{%s}", members);
    json = json_loads(object, 0, &problem);
    if (!json) {
        g_autofree char *plain = g_strjoinv(" ", (char **)words + 1);

        hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse json %s: %s", object, problem.text);
        hv_error_add_sentence(error, "failed to wrap arguments '%s' into a QMP command wrapper", plain);
        return NULL;
    }
    json = json_pack("{s:s, s:o}", "execute", words[0], "arguments", json);
    dump = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!dump)
        cmd_fail(error, HV_ERR_INVALID_ARG, "the name of the command is not UTF-8");
    return g_strdup(dump);
}

static gboolean
qemu_monitor_command_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autofree char *command = NULL, *reply = NULL, *text = NULL;
    Out *out = cmd_out(ctx);
    gboolean shaped = cmd_bool(ctx, "pretty") || cmd_bool(ctx, "return-value");

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    command = cmd_bool(ctx, "hmp") ? cmd_joined(ctx, "cmd") : qmp_command(ctx, error);
    if (!command || !monitor_command(ctx, &dom, command, &reply, error))
        return FALSE;
    if (shaped) {
        text = monitor_reply_text(ctx, reply, error);
        if (!text)
            return FALSE;
    }
    if (out_structured(out))
        out_value(out, "reply", cmd_bool(ctx, "hmp") ? OUT_STR(reply) : OUT_PARSED(shaped ? text : reply));
    else
        out_text(out, shaped ? "%s" : "%s\n", shaped ? text : reply);
    return TRUE;
}

const CmdDef cmd_qemu_monitor_command = {
    .name = "qemu-monitor-command",
    .group = "domain",
    .help = "give a command to QEMU's monitor",
    .desc = "Send a command to the monitor of a domain's QEMU and print the reply: JSON as QMP has it, the name of a QMP command "
            "(behind it the members of its arguments), or with --hmp a line for the human monitor.",
    .opts = qemu_monitor_command_opts,
    .exclusive = qemu_monitor_command_exclusive,
    .run = qemu_monitor_command_run,
};

/* Those of QEMU 7.2: its documentation of QMP, under the events. */
static char **
complete_monitor_events(CmdContext *ctx, unsigned flags)
{
    static const char *const events[] = {
        "ACPI_DEVICE_OST", "BALLOON_CHANGE", "BLOCK_EXPORT_DELETED", "BLOCK_IMAGE_CORRUPTED", "BLOCK_IO_ERROR",
        "BLOCK_JOB_CANCELLED", "BLOCK_JOB_COMPLETED", "BLOCK_JOB_ERROR", "BLOCK_JOB_PENDING", "BLOCK_JOB_READY",
        "BLOCK_WRITE_THRESHOLD", "COLO_EXIT", "DEVICE_DELETED", "DEVICE_TRAY_MOVED", "DEVICE_UNPLUG_GUEST_ERROR",
        "DUMP_COMPLETED", "FAILOVER_NEGOTIATED", "GUEST_CRASHLOADED", "GUEST_PANICKED", "JOB_STATUS_CHANGE",
        "MEMORY_DEVICE_SIZE_CHANGE", "MEMORY_FAILURE", "MEM_UNPLUG_ERROR", "MIGRATION", "MIGRATION_PASS",
        "NETDEV_STREAM_CONNECTED", "NETDEV_STREAM_DISCONNECTED", "NIC_RX_FILTER_CHANGED", "POWERDOWN",
        "PR_MANAGER_STATUS_CHANGED", "QUORUM_FAILURE", "QUORUM_REPORT_BAD", "RDMA_GID_STATUS_CHANGED", "RESET", "RESUME",
        "RTC_CHANGE", "SHUTDOWN", "SPICE_CONNECTED", "SPICE_DISCONNECTED", "SPICE_INITIALIZED",
        "SPICE_MIGRATE_COMPLETED", "STOP", "SUSPEND", "SUSPEND_DISK", "UNPLUG_PRIMARY", "VFU_CLIENT_HANGUP", "VNC_CONNECTED",
        "VNC_DISCONNECTED", "VNC_INITIALIZED", "VSERPORT_CHANGE", "WAKEUP", "WATCHDOG", NULL,
    };

    return complete_words(events);
}

static const CmdOpt qemu_monitor_event_opts[] = {
    { .name = "domain", .type = CMD_OPT_STRING, .complete = complete_domains, .complete_flags = LIST_ACTIVE,
      .help = "only of this domain: name, id or UUID" },
    { .name = "event", .type = CMD_OPT_STRING, .complete = complete_monitor_events, .help = "only events of this name" },
    { .name = "pretty", .type = CMD_OPT_BOOL, .help = "print the data on several lines" },
    { .name = "loop", .type = CMD_OPT_BOOL, .help = "go on after the first one, until the time is over or Ctrl-C" },
    { .name = "timeout", .type = CMD_OPT_NUMBER, .help = "seconds to wait at most" },
    { .name = "regex", .type = CMD_OPT_BOOL, .help = "take --event as a regular expression" },
    { .name = "no-case", .type = CMD_OPT_BOOL, .help = "do not tell upper from lower case in --event" },
    { .name = "timestamp", .type = CMD_OPT_BOOL, .help = "print the time before each event" },
    CMD_OPT_END
};

/* Which event names are asked for. */
typedef struct {
    const char *name;           /* NULL: all */
    gboolean no_case;
    GRegex *regex;              /* instead of the name */
} NameFilter;

static void
name_filter_clear(NameFilter *filter)
{
    g_clear_pointer(&filter->regex, g_regex_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NameFilter, name_filter_clear)

static gboolean
name_filter_compile(CmdContext *ctx, NameFilter *filter, GError **error)
{
    g_autoptr(GError) local = NULL;

    filter->no_case = cmd_bool(ctx, "no-case");
    if (!filter->name || !cmd_bool(ctx, "regex"))
        return TRUE;
    filter->regex = g_regex_new(filter->name, filter->no_case ? G_REGEX_CASELESS : 0, 0, &local);
    if (!filter->regex)
        return hv_throw(error, HV_ERR_INVALID_ARG, "failed to compile regex '%s': %s", filter->name, local->message);
    return TRUE;
}

static gboolean
name_filter_matches(const NameFilter *filter, const char *name)
{
    if (filter->regex)
        return g_regex_match(filter->regex, name, 0, NULL);
    if (!filter->name)
        return TRUE;
    return filter->no_case ? g_ascii_strcasecmp(filter->name, name) == 0 : strcmp(filter->name, name) == 0;
}

static char *
pretty_details(const char *details)
{
    json_t *value = json_loads(details, JSON_DECODE_ANY, NULL);
    char *text = value ? json_pretty(value) : g_strdup(details);

    json_decref(value);
    return text;
}

static gboolean
show_monitor_event(CmdContext *ctx, const Event *event, gpointer data)
{
    static const char *const keys[] = { "event", "domain", "uuid", "time_us", "data" };
    g_autofree char *details = NULL, *text = NULL, *time = NULL;
    char uuid[UUID_TEXT];

    if (!name_filter_matches(data, event->monitor_event))
        return FALSE;
    if (event->monitor_details && cmd_bool(ctx, "pretty"))
        details = pretty_details(event->monitor_details);
    else
        details = g_strdup(event->monitor_details ? event->monitor_details : "<null>");
    if (cmd_bool(ctx, "timestamp")) {
        time = event_timestamp(event);
        text = g_strdup_printf("%s: event %s for domain '%s': %s\n", time, event->monitor_event, event->dom.name, details);
    } else {
        text = g_strdup_printf("event %s at %" G_GINT64_FORMAT ".%06d for domain '%s': %s\n", event->monitor_event,
                               event->time_us / G_USEC_PER_SEC, (int)(event->time_us % G_USEC_PER_SEC), event->dom.name,
                               details);
    }
    uuid_format(event->dom.uuid, uuid);
    out_event(cmd_out(ctx), text, keys,
              (OutValue[]){ OUT_STR(event->monitor_event), OUT_STR(event->dom.name), OUT_STR(uuid), OUT_INT(event->time_us),
                            event->monitor_details ? OUT_PARSED(event->monitor_details) : OUT_ABSENT(NULL) },
              G_N_ELEMENTS(keys));
    return TRUE;
}

static gboolean
qemu_monitor_event_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(NameFilter) filter = { 0 };
    g_autoptr(EventSource) source = NULL;
    gint64 timeout_ms;
    gboolean one_domain;

    if (!event_loop_timeout(ctx, &timeout_ms, error) || !cmd_domain_optional(ctx, &one_domain, &dom, error) ||
        !cmd_string(ctx, "event", &filter.name, error))
        return FALSE;
    /* A driver without such events has no use for the expression, right or wrong. */
    source = conn_monitor_events(cmd_connection(ctx), one_domain ? &dom : NULL, error);
    return source && name_filter_compile(ctx, &filter, error) &&
        event_loop_run(ctx, source, show_monitor_event, &filter, error);
}

const CmdDef cmd_qemu_monitor_event = {
    .name = "qemu-monitor-event",
    .group = "domain",
    .help = "wait for events of QEMU's monitor",
    .desc = "Print the events that QEMU's monitor sends, as they come. Status 1 tells that there was none.",
    .opts = qemu_monitor_event_opts,
    .run = qemu_monitor_event_run,
};
