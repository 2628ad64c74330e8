/* --xpath and --wrap. */
#include "commands/document.h"

#include <stdio.h>

#include "backend/xml.h"
#include "commands/common.h"

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

gboolean
cmd_print_document(CmdContext *ctx, const char *xml, gboolean gap, GError **error)
{
    const char *xpath = NULL;
    g_autofree char *nodes = NULL;

    if (!cmd_quiet_string(ctx, "xpath", &xpath, error))
        return FALSE;
    if (xpath) {
        nodes = select_nodes(ctx, xml, xpath, error);
        if (!nodes)
            return FALSE;
    }
    out_document(cmd_out(ctx), "xml", nodes ? nodes : xml);
    if (gap && !nodes)
        out_text(cmd_out(ctx), "\n");
    return TRUE;
}
