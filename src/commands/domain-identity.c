/* domid, domname, domuuid, domrename: what a domain is called. */
#include "commands/common.h"
#include "util/uuid.h"

static const CmdOpt domid_opts[] = { CMD_DOMAIN("name or UUID of the domain", 0), CMD_OPT_END };

static gboolean
domid_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autofree char *text = NULL;

    if (!cmd_domain_by(ctx, DOMAIN_BY_UUID | DOMAIN_BY_NAME, &dom, error))
        return FALSE;
    text = g_strdup_printf("%d", dom.id);
    out_value(cmd_out(ctx), "id", dom.id >= 0 ? OUT_INT_TEXT(text, dom.id) : OUT_ABSENT("-"));
    return TRUE;
}

const CmdDef cmd_domid = {
    .name = "domid",
    .group = "domain",
    .help = "the id of a domain",
    .desc = "Print the id of a domain, `-` when it is not running.",
    .opts = domid_opts,
    .run = domid_run,
};

static const CmdOpt domname_opts[] = {
    { .name = "domain", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "id or UUID of the domain",
      .complete = complete_domain_uuids },
    CMD_OPT_END
};

static gboolean
domname_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };

    if (!cmd_domain_by(ctx, DOMAIN_BY_ID | DOMAIN_BY_UUID, &dom, error))
        return FALSE;
    out_value(cmd_out(ctx), "name", OUT_STR(dom.name));
    return TRUE;
}

const CmdDef cmd_domname = {
    .name = "domname",
    .group = "domain",
    .help = "the name of a domain",
    .desc = "Print the name of the domain with an id or UUID.",
    .opts = domname_opts,
    .run = domname_run,
};

static const CmdOpt domuuid_opts[] = { CMD_DOMAIN("name or id of the domain", 0), CMD_OPT_END };

static gboolean
domuuid_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    char uuid[UUID_TEXT];

    if (!cmd_domain_by(ctx, DOMAIN_BY_ID | DOMAIN_BY_NAME, &dom, error))
        return FALSE;
    uuid_format(dom.uuid, uuid);
    out_value(cmd_out(ctx), "uuid", OUT_STR(uuid));
    return TRUE;
}

const CmdDef cmd_domuuid = {
    .name = "domuuid",
    .group = "domain",
    .help = "the UUID of a domain",
    .desc = "Print the UUID of the domain with a name or id.",
    .opts = domuuid_opts,
    .run = domuuid_run,
};

static const CmdOpt domrename_opts[] = {
    CMD_DOMAIN("name or UUID of an inactive domain", LIST_INACTIVE),
    { .name = "new-name", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "what it shall be called" },
    CMD_OPT_END
};

static gboolean
domrename_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_rename_result) result = { 0 };
    domain_rename_args args = { 0 };
    const char *new_name = NULL;

    if (!cmd_domain(ctx, &dom, error) || !cmd_string(ctx, "new-name", &new_name, error))
        return FALSE;
    args.dom = dom;
    args.new_name = (char *)new_name;
    if (!domain_rename(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    out_note(cmd_out(ctx), "Domain successfully renamed");
    return TRUE;
}

const CmdDef cmd_domrename = {
    .name = "domrename",
    .group = "domain",
    .help = "give an inactive domain another name",
    .desc = "Rename a domain that is not running.",
    .opts = domrename_opts,
    .run = domrename_run,
};
