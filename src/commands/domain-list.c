/* list: the domains of the host. */
#include <stdlib.h>
#include <string.h>

#include "commands/common.h"
#include "util/uuid.h"

static const CmdOpt list_opts[] = {
    { .name = "inactive", .type = CMD_OPT_BOOL, .help = "those that are not running" },
    { .name = "all", .type = CMD_OPT_BOOL, .help = "running and not running" },
    { .name = "transient", .type = CMD_OPT_BOOL, .help = "only transient ones" },
    { .name = "persistent", .type = CMD_OPT_BOOL, .help = "only defined ones" },
    { .name = "with-snapshot", .type = CMD_OPT_BOOL, .help = "only those that have snapshots" },
    { .name = "without-snapshot", .type = CMD_OPT_BOOL, .help = "only those that have no snapshot" },
    { .name = "with-checkpoint", .type = CMD_OPT_BOOL, .help = "only those that have checkpoints" },
    { .name = "without-checkpoint", .type = CMD_OPT_BOOL, .help = "only those that have no checkpoint" },
    { .name = "state-running", .type = CMD_OPT_BOOL, .help = "only those in state running" },
    { .name = "state-paused", .type = CMD_OPT_BOOL, .help = "only those in state paused" },
    { .name = "state-shutoff", .type = CMD_OPT_BOOL, .help = "only those in state shut off" },
    { .name = "state-other", .type = CMD_OPT_BOOL, .help = "only those in any other state" },
    { .name = "autostart", .type = CMD_OPT_BOOL, .help = "only those that start with the host" },
    { .name = "no-autostart", .type = CMD_OPT_BOOL, .help = "only those that do not start with the host" },
    { .name = "with-managed-save", .type = CMD_OPT_BOOL, .help = "only those with a managed save image" },
    { .name = "without-managed-save", .type = CMD_OPT_BOOL, .help = "only those without a managed save image" },
    { .name = "uuid", .type = CMD_OPT_BOOL, .help = "print UUIDs instead of the table" },
    { .name = "name", .type = CMD_OPT_BOOL, .help = "print names instead of the table" },
    { .name = "id", .type = CMD_OPT_BOOL, .help = "print ids instead of the table" },
    { .name = "table", .type = CMD_OPT_BOOL, .help = "print the table (what is done anyway)" },
    { .name = "managed-save", .type = CMD_OPT_BOOL, .help = "show which inactive ones have a managed save image" },
    { .name = "title", .type = CMD_OPT_BOOL, .help = "show the titles too" },
    CMD_OPT_END
};
static const char *const list_exclusive[] = { "table|name", "table|uuid", "table|id", NULL };

static guint32
list_flags(CmdContext *ctx)
{
    static const struct {
        const char *option;
        guint32 flag;
    } filters[] = {
        { "persistent", LIST_PERSISTENT },         { "transient", LIST_TRANSIENT },
        { "with-managed-save", LIST_MANAGEDSAVE }, { "without-managed-save", LIST_NO_MANAGEDSAVE },
        { "autostart", LIST_AUTOSTART },           { "no-autostart", LIST_NO_AUTOSTART },
        { "with-snapshot", LIST_HAS_SNAPSHOT },    { "without-snapshot", LIST_NO_SNAPSHOT },
        { "with-checkpoint", LIST_HAS_CHECKPOINT }, { "without-checkpoint", LIST_NO_CHECKPOINT },
        { "state-running", LIST_RUNNING },         { "state-paused", LIST_PAUSED },
        { "state-shutoff", LIST_SHUTOFF },         { "state-other", LIST_OTHER },
    };
    guint32 flags = LIST_ACTIVE;

    if (cmd_bool(ctx, "inactive") || cmd_bool(ctx, "state-shutoff"))
        flags = LIST_INACTIVE;
    if (cmd_bool(ctx, "all"))
        flags = LIST_ACTIVE | LIST_INACTIVE;
    for (gsize i = 0; i < G_N_ELEMENTS(filters); i++)
        if (cmd_bool(ctx, filters[i].option))
            flags |= filters[i].flag;
    return flags;
}

/* Running ones by id, then the others by name. */
static int
compare_domains(gconstpointer left, gconstpointer right)
{
    const DomainRef *a = left, *b = right;

    if (a->id >= 0 && b->id >= 0)
        return a->id < b->id ? -1 : a->id > b->id;
    if (a->id >= 0 || b->id >= 0)
        return a->id >= 0 ? -1 : 1;
    return g_ascii_strcasecmp(a->name, b->name) ? g_ascii_strcasecmp(a->name, b->name) : strcmp(a->name, b->name);
}

/* A domain that ends while it is listed is shown as shut off. */
static OutValue
state_value(Connection *conn, const DomainRef *dom, gboolean mark_saved)
{
    g_auto(domain_get_state_result) state = { .state = DOMAIN_STATE_SHUTOFF };

    if (dom->id >= 0) {
        memset(&state, 0, sizeof state);
        if (!domain_get_state(conn, &(domain_get_state_args){ .dom = *dom }, &state, NULL))
            state.state = DOMAIN_STATE_SHUTOFF;
    } else if (mark_saved) {
        g_auto(domain_has_managed_save_image_result) saved = { 0 };

        if (domain_has_managed_save_image(conn, &(domain_has_managed_save_image_args){ .dom = *dom }, &saved, NULL) &&
            saved.result)
            return OUT_STR("saved");
    }
    return OUT_STATE(state.state);
}

/* Bare words, in virsh's order whatever the order of the options. */
static void
print_words(CmdContext *ctx, const DomainRef *dom, const char *uuid)
{
    gboolean with_uuid = cmd_bool(ctx, "uuid"), with_id = cmd_bool(ctx, "id"), with_name = cmd_bool(ctx, "name");
    g_autoptr(GString) line = g_string_new(with_uuid ? uuid : "");

    if (with_id && dom->id >= 0)
        g_string_append_printf(line, "%s%d", line->len ? " " : "", dom->id);
    else if (with_id)
        g_string_append_printf(line, "%s-", line->len ? " " : "");
    if (with_name)
        g_string_append_printf(line, "%s%s", line->len ? " " : "", dom->name);
    out_text(cmd_out(ctx), "%s\n", line->str);
}

static void
list_words(CmdContext *ctx, const DomainRefList *domains)
{
    gboolean only_id = !cmd_bool(ctx, "uuid") && !cmd_bool(ctx, "name");

    for (guint32 i = 0; i < domains->len; i++) {
        char uuid[UUID_TEXT];

        uuid_format(domains->items[i].uuid, uuid);
        if (domains->items[i].id >= 0 || !only_id)
            print_words(ctx, &domains->items[i], uuid);
    }
}

static void
list_table(CmdContext *ctx, const DomainRefList *domains)
{
    Connection *conn = cmd_connection(ctx);
    gboolean with_title = cmd_bool(ctx, "title"), structured = out_structured(cmd_out(ctx));
    const OutColumn columns[] = {
        { "Id", "id" }, { "Name", "name" }, { "State", "state" }, { NULL, "uuid" }, { "Title", "title" },
    };
    OutTable *table = out_table_new(cmd_out(ctx), columns, with_title ? 5 : 4);

    for (guint32 i = 0; i < domains->len; i++) {
        const DomainRef *dom = &domains->items[i];
        char uuid[UUID_TEXT] = "";
        g_autofree char *id = dom->id >= 0 ? g_strdup_printf("%d", dom->id) : NULL;
        g_autofree char *title = NULL;
        g_autoptr(GError) unread = NULL;
        OutValue cells[5] = { id ? OUT_INT_TEXT(id, dom->id) : OUT_ABSENT("-"), OUT_STR(dom->name),
                              state_value(conn, dom, cmd_bool(ctx, "managed-save")) };

        if (structured)
            uuid_format(dom->uuid, uuid);
        cells[3] = OUT_STR(uuid);
        /* A definition that cannot be read is told of, and the others are listed. */
        if (with_title && !domain_text(conn, dom, METADATA_TITLE, 0, &title, &unread))
            out_warning(cmd_out(ctx), "%s", unread->message);
        cells[4] = title && *title ? OUT_STR(title) : OUT_ABSENT("");
        out_table_add(table, cells);
    }
    out_table_end(table);
}

static gboolean
list_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_list_all_domains_result) result = { 0 };
    connect_list_all_domains_args args = { .need_results = 1, .flags = list_flags(ctx) };
    gboolean words = cmd_bool(ctx, "uuid") || cmd_bool(ctx, "name") || cmd_bool(ctx, "id");

    if (!connect_list_all_domains(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Failed to list domains");
    if (result.domains.len > 1)
        qsort(result.domains.items, result.domains.len, sizeof *result.domains.items, compare_domains);
    if (words && !out_structured(cmd_out(ctx)))
        list_words(ctx, &result.domains);
    else
        list_table(ctx, &result.domains);
    return TRUE;
}

const CmdDef cmd_list = {
    .name = "list",
    .group = "monitor",
    .help = "list domains",
    .desc = "List the running domains, or those that the options select.",
    .opts = list_opts,
    .exclusive = list_exclusive,
    .run = list_run,
};
