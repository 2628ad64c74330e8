/* dumpxml: the XML of a domain. */
#include "commands/common.h"
#include "commands/document.h"

static const CmdOpt dumpxml_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "inactive", .type = CMD_OPT_BOOL, .help = "the definition for the next boot" },
    { .name = "security-info", .type = CMD_OPT_BOOL, .help = "with passwords" },
    { .name = "update-cpu", .type = CMD_OPT_BOOL, .help = "with the CPU as this host would give it" },
    { .name = "migratable", .type = CMD_OPT_BOOL, .help = "in the form that suits a migration" },
    CMD_DOCUMENT(0),
    CMD_OPT_END
};

static gboolean
dumpxml_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_get_xml_desc_result) result = { 0 };
    domain_get_xml_desc_args args = {
        .flags = (cmd_bool(ctx, "inactive") ? XML_INACTIVE : 0) | (cmd_bool(ctx, "security-info") ? XML_SECURE : 0) |
                 (cmd_bool(ctx, "update-cpu") ? XML_UPDATE_CPU : 0) | (cmd_bool(ctx, "migratable") ? XML_MIGRATABLE : 0),
    };
    const char *xpath = NULL;

    if (!cmd_domain(ctx, &dom, error) || !cmd_quiet_string(ctx, "xpath", &xpath, error))
        return FALSE;
    args.dom = dom;
    if (!domain_get_xml_desc(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    return cmd_print_document(ctx, result.xml, FALSE, error);
}

const CmdDef cmd_dumpxml = {
    .name = "dumpxml",
    .group = "domain",
    .help = "the XML of a domain",
    .desc = "Print the XML of a domain: of the running one, or of its definition when it is not running.",
    .opts = dumpxml_opts,
    .run = dumpxml_run,
};
