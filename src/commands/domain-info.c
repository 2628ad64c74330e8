/* dominfo, domstate, domcontrol: what is known about one domain. */
#include "commands/common.h"
#include "util/uuid.h"

static const CmdOpt domain_only_opts[] = { CMD_DOMAIN_ANY, CMD_OPT_END };

static void
info_resources(Out *out, const domain_get_info_result *info)
{
    g_autofree char *cpus = g_strdup_printf("%u", info->nr_virt_cpu);
    g_autofree char *time = g_strdup_printf("%.1fs", info->cpu_time / 1e9);
    g_autofree char *max = g_strdup_printf("%" G_GUINT64_FORMAT " KiB", info->max_mem);
    g_autofree char *used = g_strdup_printf("%" G_GUINT64_FORMAT " KiB", info->memory);

    out_field(out, "CPU(s):", "cpus", OUT_INT_TEXT(cpus, info->nr_virt_cpu));
    if (info->cpu_time != 0)
        out_field(out, "CPU time:", "cpu_time_ns", OUT_INT_TEXT(time, (gint64)info->cpu_time));
    if (info->max_mem != G_MAXULONG)
        out_field(out, "Max memory:", "max_memory", out_kib(max, info->max_mem));
    else
        out_field(out, "Max memory:", "max_memory", OUT_ABSENT("no limit"));
    out_field(out, "Used memory:", "used_memory", out_kib(used, info->memory));
}

static void
info_lifetime(CmdContext *ctx, const DomainRef *dom)
{
    Connection *conn = cmd_connection(ctx);
    Out *out = cmd_out(ctx);
    g_auto(domain_is_persistent_result) persistent = { 0 };
    g_auto(domain_get_autostart_result) autostart = { 0 };
    g_auto(domain_has_managed_save_image_result) saved = { 0 };
    gboolean known;

    known = domain_is_persistent(conn, &(domain_is_persistent_args){ .dom = *dom }, &persistent, NULL);
    shell_debug(cmd_shell(ctx), 0, "Domain persistent flag value: %d\n", known ? persistent.persistent : -1);
    if (known)
        out_field(out, "Persistent:", "persistent",
                  OUT_BOOL(persistent.persistent ? "yes" : "no", persistent.persistent));
    else
        out_field(out, "Persistent:", "persistent", OUT_ABSENT("unknown"));
    if (domain_get_autostart(conn, &(domain_get_autostart_args){ .dom = *dom }, &autostart, NULL))
        out_field(out, "Autostart:", "autostart",
                  OUT_BOOL(autostart.autostart ? "enable" : "disable", autostart.autostart));
    if (domain_has_managed_save_image(conn, &(domain_has_managed_save_image_args){ .dom = *dom }, &saved, NULL))
        out_field(out, "Managed save:", "managed_save", OUT_BOOL(saved.result ? "yes" : "no", saved.result));
    else
        out_field(out, "Managed save:", "managed_save", OUT_ABSENT("unknown"));
}

static gboolean
info_security(Connection *conn, Out *out, const DomainRef *dom, GError **error)
{
    g_auto(node_get_security_model_result) model = { 0 };
    g_auto(domain_get_security_label_result) label = { 0 };
    g_autofree char *shown = NULL;

    /* A host without security models says so; that is no failure of dominfo. */
    if (!node_get_security_model(conn, &(node_get_security_model_args){ }, &model, NULL) || !*model.model)
        return TRUE;
    out_field(out, "Security model:", "security_model", OUT_STR(model.model));
    out_field(out, "Security DOI:", "security_doi", OUT_STR(model.doi));
    if (!domain_get_security_label(conn, &(domain_get_security_label_args){ .dom = *dom }, &label, error))
        return FALSE;
    if (!*label.label)
        return TRUE;
    shown = g_strdup_printf("%s (%s)", label.label, label.enforcing ? "enforcing" : "permissive");
    out_field(out, "Security label:", "security_label", OUT_TOKEN(shown, label.label));
    out_field(out, NULL, "security_enforcing", OUT_BOOL(NULL, label.enforcing));
    return TRUE;
}

static gboolean
dominfo_run(CmdContext *ctx, GError **error)
{
    Connection *conn = cmd_connection(ctx);
    Out *out = cmd_out(ctx);
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_get_info_result) info = { 0 };
    g_auto(domain_get_os_type_result) os = { 0 };
    g_autofree char *id = NULL;
    char uuid[UUID_TEXT];
    gboolean ok;

    if (!cmd_domain(ctx, &dom, error) ||
        !domain_get_info(conn, &(domain_get_info_args){ .dom = dom }, &info, error))
        return FALSE;
    uuid_format(dom.uuid, uuid);
    id = g_strdup_printf("%d", dom.id);

    out_record_begin(out, 15);
    out_field(out, "Id:", "id", dom.id >= 0 ? OUT_INT_TEXT(id, dom.id) : OUT_ABSENT("-"));
    out_field(out, "Name:", "name", OUT_STR(dom.name));
    out_field(out, "UUID:", "uuid", OUT_STR(uuid));
    if (domain_get_os_type(conn, &(domain_get_os_type_args){ .dom = dom }, &os, NULL))
        out_field(out, "OS Type:", "os_type", OUT_STR(os.type));
    out_field(out, "State:", "state", OUT_STATE(info.state));
    info_resources(out, &info);
    info_lifetime(ctx, &dom);
    ok = info_security(conn, out, &dom, error);
    out_record_end(out);
    return ok;
}

const CmdDef cmd_dominfo = {
    .name = "dominfo",
    .group = "monitor",
    .help = "the main facts about a domain",
    .desc = "Print the main facts about a domain.",
    .opts = domain_only_opts,
    .run = dominfo_run,
};

static const CmdOpt domstate_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "reason", .type = CMD_OPT_BOOL, .help = "say also how it came into that state" },
    CMD_OPT_END
};

static gboolean
domstate_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_get_state_result) state = { 0 };
    Out *out = cmd_out(ctx);
    const char *reason;

    if (!cmd_domain(ctx, &dom, error) ||
        !domain_get_state(cmd_connection(ctx), &(domain_get_state_args){ .dom = dom }, &state, error))
        return FALSE;
    reason = domain_reason_text(state.state, state.reason);
    if (out_structured(out)) {
        out_record_begin(out, 15);
        out_field(out, NULL, "state", OUT_STATE(state.state));
        out_field(out, NULL, "reason", OUT_STR(reason));
        out_record_end(out);
    } else if (cmd_bool(ctx, "reason")) {
        out_text(out, "%s (%s)\n", domain_state_text(state.state), reason);
    } else {
        out_text(out, "%s\n", domain_state_text(state.state));
    }
    return TRUE;
}

const CmdDef cmd_domstate = {
    .name = "domstate",
    .group = "monitor",
    .help = "the state of a domain",
    .desc = "Print the state of a domain, with --reason also why it is in it.",
    .opts = domstate_opts,
    .run = domstate_run,
};

static const char *
control_state_text(guint32 state)
{
    static const char *const texts[] = { "ok", "background job", "occupied", "error" };

    return state < G_N_ELEMENTS(texts) ? texts[state] : "unknown";
}

static const char *
control_error_text(guint32 details)
{
    static const char *const texts[] = { "unknown", "monitor failure", "internal (locking) error" };

    /* libvirt counts: 0 none, 1 unknown, 2 monitor, 3 internal */
    return details >= 1 && details <= G_N_ELEMENTS(texts) ? texts[details - 1] : "unknown";
}

static gboolean
domcontrol_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_get_control_info_result) info = { 0 };
    Out *out = cmd_out(ctx);

    if (!cmd_domain(ctx, &dom, error) ||
        !domain_get_control_info(cmd_connection(ctx), &(domain_get_control_info_args){ .dom = dom }, &info, error))
        return FALSE;
    if (out_structured(out)) {
        out_record_begin(out, 15);
        out_field(out, NULL, "state", OUT_STR(control_state_text(info.state)));
        out_field(out, NULL, "error", info.state == CONTROL_ERROR ? OUT_STR(control_error_text(info.details)) :
                                                                    OUT_ABSENT(NULL));
        out_field(out, NULL, "state_time_ms", OUT_INT((gint64)info.state_time));
        out_record_end(out);
    } else if (info.state == CONTROL_OK) {
        out_text(out, "%s\n", control_state_text(info.state));
    } else if (info.state == CONTROL_ERROR) {
        out_text(out, "%s: %s\n", control_state_text(info.state), control_error_text(info.details));
    } else {
        out_text(out, "%s (%0.3fs)\n", control_state_text(info.state), info.state_time / 1000.0);
    }
    return TRUE;
}

const CmdDef cmd_domcontrol = {
    .name = "domcontrol",
    .group = "monitor",
    .help = "the state of the channel that controls a domain",
    .desc = "Print whether commands can be given to the emulator of a domain, or what keeps it busy.",
    .opts = domain_only_opts,
    .run = domcontrol_run,
};
