/* explain: what each element of a domain's XML is in QEMU. */
#include "commands/common.h"

static const CmdOpt explain_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "inactive", .type = CMD_OPT_BOOL, .help = "the definition for the next boot" },
    CMD_OPT_END
};

static OutValue
text_or_dash(const char *text)
{
    return *text ? OUT_STR(text) : OUT_ABSENT("-");
}

static gboolean
explain_run(CmdContext *ctx, GError **error)
{
    static const OutColumn columns[] = {
        { "Element", "element" }, { "Alias", "alias" }, { "Object", "object" }, { "Argument", "argument" },
    };
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_explain_result) result = { 0 };
    domain_explain_args args = { .flags = cmd_bool(ctx, "inactive") ? XML_INACTIVE : 0 };
    OutTable *table;

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    args.dom = dom;
    if (!domain_explain(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    table = out_table_new(cmd_out(ctx), columns, G_N_ELEMENTS(columns));
    for (gsize i = 0; i < result.elements.len; i++)
        out_table_add(table, (OutValue[]){ text_or_dash(result.elements.items[i]), text_or_dash(result.aliases.items[i]),
                                           text_or_dash(result.objects.items[i]), text_or_dash(result.arguments.items[i]) });
    out_table_end(table);
    return TRUE;
}

const CmdDef cmd_explain = {
    .name = "explain",
    .group = "domain",
    .help = "what each element of a domain's XML is in QEMU",
    .desc = "Show each element of the XML beside the options of QEMU's command line, or commands to its monitor, that it became, and "
            "what it is called in QEMU. An element with a dash is not told to QEMU; an option without an element is what "
            "every guest gets.",
    .opts = explain_opts,
    .flags = CMD_HVSH,
    .run = explain_run,
};
