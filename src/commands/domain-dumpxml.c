/* dumpxml: the XML of a domain. */
#include <stdio.h>

#include "backend/xml.h"
#include "commands/common.h"

static const CmdOpt dumpxml_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "inactive", .type = CMD_OPT_BOOL, .help = "the definition for the next boot" },
    { .name = "security-info", .type = CMD_OPT_BOOL, .help = "with passwords" },
    { .name = "update-cpu", .type = CMD_OPT_BOOL, .help = "with the CPU as this host would give it" },
    { .name = "migratable", .type = CMD_OPT_BOOL, .help = "in the form that suits a migration" },
    { .name = "xpath", .type = CMD_OPT_STRING, .flags = CMD_OPT_NAMED_ONLY,
      .help = "only the nodes that this XPath expression selects" },
    { .name = "wrap", .type = CMD_OPT_BOOL, .help = "put the selected nodes into one root element" },
    CMD_OPT_END
};

/* The nodes of --xpath. A wrong expression selects nothing, and what libxml2 says about it stands on standard error
 * as it is; that is what virsh does, so only the structured forms make a failure of it. */
static char *
select_nodes(CmdContext *ctx, const char *xml, const char *xpath, GError **error)
{
    gboolean wrap = cmd_bool(ctx, "wrap");
    g_autoptr(GError) local = NULL;
    char *nodes = xml_xpath(xml, xpath, wrap, &local);

    if (nodes)
        return nodes;
    if (g_error_matches(local, HV_ERROR, HV_ERR_INVALID_ARG) && !out_structured(cmd_out(ctx))) {
        fprintf(stderr, "%s\n", local->message);
        return g_strdup(wrap ? "<nodes/>\n" : "");
    }
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
}

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
    g_autofree char *nodes = NULL;

    if (!cmd_domain(ctx, &dom, error) || !cmd_quiet_string(ctx, "xpath", &xpath, error))
        return FALSE;
    args.dom = dom;
    if (!domain_get_xml_desc(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    if (xpath) {
        nodes = select_nodes(ctx, result.xml, xpath, error);
        if (!nodes)
            return FALSE;
    }
    out_document(cmd_out(ctx), "xml", nodes ? nodes : result.xml);
    return TRUE;
}

const CmdDef cmd_dumpxml = {
    .name = "dumpxml",
    .group = "domain",
    .help = "the XML of a domain",
    .desc = "Print the XML of a domain: of the running one, or of its definition when it is not running.",
    .opts = dumpxml_opts,
    .run = dumpxml_run,
};
