/* edit: change the definition of a domain in an editor. */
#include <string.h>

#include "commands/edit-loop.h"

static const CmdOpt edit_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "skip-validate", .type = CMD_OPT_BOOL, .help = "do not check the XML against the schema" },
    CMD_OPT_END
};

static gboolean
current_definition(CmdContext *ctx, const DomainRef *dom, char **xml, GError **error)
{
    g_auto(domain_get_xml_desc_result) result = { 0 };
    domain_get_xml_desc_args args = { .dom = *dom, .flags = XML_INACTIVE | XML_SECURE };

    if (!domain_get_xml_desc(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    *xml = g_steal_pointer(&result.xml);
    return TRUE;
}

typedef struct {
    const DomainRef *dom;
    const char *original;
} DomainEdit;

/* Defines what was edited, unless somebody else has changed the domain since it was read. */
static gboolean
redefine(CmdContext *ctx, const char *text, EditAttempt *attempt, gpointer data, GError **error)
{
    const DomainEdit *edit = data;
    g_auto(domain_define_xml_flags_result) result = { 0 };
    domain_define_xml_flags_args args = { .xml = (char *)text, .flags = attempt->validate ? DEFINE_VALIDATE : 0 };
    g_autofree char *now = NULL;

    if (!current_definition(ctx, edit->dom, &now, error))
        return FALSE;
    if (!attempt->force && strcmp(now, edit->original) != 0) {
        attempt->sentence = "The XML configuration was changed by another user.";
        return FALSE;
    }
    if (!domain_define_xml_flags(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    out_note(cmd_out(ctx), "Domain '%s' XML configuration edited.", result.dom.name);
    return TRUE;
}

static gboolean
edit_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autofree char *original = NULL;
    DomainEdit edit = { .dom = &dom };
    gboolean changed = FALSE;

    if (!cmd_domain(ctx, &dom, error) || !current_definition(ctx, &dom, &original, error))
        return FALSE;
    edit.original = original;
    if (!edit_loop(ctx, original, !cmd_bool(ctx, "skip-validate"), redefine, &edit, &changed, error))
        return FALSE;
    if (!changed)
        out_note(cmd_out(ctx), "Domain '%s' XML configuration not changed.", dom.name);
    return TRUE;
}

const CmdDef cmd_edit = {
    .name = "edit",
    .group = "domain",
    .help = "change the definition of a domain in an editor",
    .desc = "Open the XML of a domain in $VISUAL or $EDITOR and define what is left there. A running domain gets the change with "
            "its next start.",
    .opts = edit_opts,
    .run = edit_run,
};
