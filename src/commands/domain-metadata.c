/* metadata: XML that applications keep with a domain, under a namespace of their own. */
#include "commands/edit-loop.h"

static const CmdOpt metadata_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "uri", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "URI of the namespace" },
    CMD_AFFECT("of"),
    { .name = "edit", .type = CMD_OPT_BOOL, .help = "change it in an editor" },
    { .name = "key", .type = CMD_OPT_STRING, .help = "prefix to use for the namespace" },
    { .name = "set", .type = CMD_OPT_STRING, .help = "the new XML" },
    { .name = "remove", .type = CMD_OPT_BOOL, .help = "remove what is there for the URI" },
    CMD_OPT_END
};
static const char *const metadata_exclusive[] = {
    "current|live", "current|config", "edit|set", "remove|set", "remove|edit", NULL,
};

static gboolean
get_element(CmdContext *ctx, const DomainRef *dom, char **xml, GError **error)
{
    g_auto(domain_get_metadata_result) result = { 0 };
    domain_get_metadata_args args = {
        .dom = *dom, .type = METADATA_ELEMENT, .uri = (char *)cmd_text(ctx, "uri"), .flags = cmd_affect_flags(ctx),
    };

    /* libvirt's library says this without the class of the error. */
    if (args.flags == (AFFECT_LIVE | AFFECT_CONFIG))
        return cmd_fail(error, HV_ERR_INVALID_ARG,
                        "Flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually exclusive");
    if (!domain_get_metadata(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    *xml = g_steal_pointer(&result.metadata);
    return TRUE;
}

static gboolean
set_element(CmdContext *ctx, const DomainRef *dom, const char *xml, GError **error)
{
    domain_set_metadata_args args = {
        .dom = *dom, .type = METADATA_ELEMENT, .metadata = (char *)xml, .key = (char *)cmd_text(ctx, "key"),
        .uri = (char *)cmd_text(ctx, "uri"), .flags = cmd_affect_flags(ctx),
    };

    if (!domain_set_metadata(cmd_connection(ctx), &args, NULL, error))
        return FALSE;
    out_note(cmd_out(ctx), xml ? "Metadata modified" : "Metadata removed");
    return TRUE;
}

/* What is there now; an empty line where there is nothing yet. */
static gboolean
element_to_edit(CmdContext *ctx, const DomainRef *dom, char **xml, GError **error)
{
    g_autoptr(GError) local = NULL;

    if (get_element(ctx, dom, xml, &local))
        return TRUE;
    if (g_error_matches(local, HV_ERROR, HV_ERR_NO_DOMAIN_METADATA)) {
        *xml = g_strdup("\n");
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&local));
    return FALSE;
}

static gboolean
take_edited(CmdContext *ctx, const char *text, EditAttempt *attempt G_GNUC_UNUSED, gpointer data, GError **error)
{
    return set_element(ctx, data, text, error);
}

static gboolean
edit_element(CmdContext *ctx, DomainRef *dom, GError **error)
{
    g_autofree char *original = NULL;
    gboolean changed = FALSE;

    if (!element_to_edit(ctx, dom, &original, error) || !edit_loop(ctx, original, FALSE, take_edited, dom, &changed, error))
        return FALSE;
    if (!changed)
        out_note_inline(cmd_out(ctx), "Metadata not changed");
    return TRUE;
}

static gboolean
metadata_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    const char *uri = NULL, *key = NULL, *set = NULL;
    g_autofree char *xml = NULL;

    if (!cmd_domain(ctx, &dom, error) || !cmd_string(ctx, "uri", &uri, error) || !cmd_string(ctx, "key", &key, error) ||
        !cmd_string(ctx, "set", &set, error))
        return FALSE;
    if ((set || cmd_bool(ctx, "edit")) && !key)
        return cmd_fail(error, HV_ERR_USAGE, "namespace key is required when modifying metadata");
    if (set || cmd_bool(ctx, "remove"))
        return set_element(ctx, &dom, set, error);
    if (cmd_bool(ctx, "edit"))
        return edit_element(ctx, &dom, error);
    if (!get_element(ctx, &dom, &xml, error))
        return FALSE;
    if (out_structured(cmd_out(ctx)))
        out_document(cmd_out(ctx), "metadata", xml);
    else
        out_text(cmd_out(ctx), "%s\n", xml);
    return TRUE;
}

const CmdDef cmd_metadata = {
    .name = "metadata",
    .group = "domain",
    .help = "show or set the XML that an application keeps with a domain",
    .desc = "Print, set or remove the metadata element of a domain in the namespace of an application.",
    .opts = metadata_opts,
    .exclusive = metadata_exclusive,
    .run = metadata_run,
};
