/* edit: change the definition of a domain in an editor. */
#include <string.h>

#include "commands/common.h"
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

/* Defines what was edited, unless somebody else has changed the domain since @original was read. */
static gboolean
redefine(CmdContext *ctx, const DomainRef *dom, const char *original, const char *edited, guint32 flags, gboolean force,
         const char **sentence, GError **error)
{
    g_auto(domain_define_xml_flags_result) result = { 0 };
    domain_define_xml_flags_args args = { .xml = (char *)edited, .flags = flags };
    g_autofree char *now = NULL;

    *sentence = "Failed.";
    if (!current_definition(ctx, dom, &now, error))
        return FALSE;
    if (!force && strcmp(now, original) != 0) {
        *sentence = "The XML configuration was changed by another user.";
        return FALSE;
    }
    if (!domain_define_xml_flags(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    out_note(cmd_out(ctx), "Domain '%s' XML configuration edited.", result.dom.name);
    return TRUE;
}

static gboolean
edit_domain(CmdContext *ctx, const DomainRef *dom, const char *original, GError **error)
{
    guint32 flags = cmd_bool(ctx, "skip-validate") ? 0 : DEFINE_VALIDATE;
    g_autofree char *text = g_strdup(original);
    gboolean open_editor = TRUE, force = FALSE;

    for (;;) {
        g_autoptr(GError) reason = NULL;
        const char *sentence = NULL;

        if (open_editor) {
            g_autofree char *before = g_steal_pointer(&text);

            text = shell_edit_text(cmd_shell(ctx), before, ".xml", error);
            if (!text)
                return FALSE;
        }
        if (strcmp(text, original) == 0) {
            out_note(cmd_out(ctx), "Domain '%s' XML configuration not changed.", dom->name);
            return TRUE;
        }
        if (redefine(ctx, dom, original, text, flags, force, &sentence, &reason))
            return TRUE;
        open_editor = FALSE;
        switch (edit_ask(ctx, sentence, &reason, (flags & DEFINE_VALIDATE) != 0, error)) {
        case EDIT_AGAIN:
            open_editor = TRUE;
            break;
        case EDIT_GIVE_UP:
            return cmd_fail_silently(error, HV_ERR_OPERATION_ABORTED, "the changes were thrown away");
        case EDIT_FORCE:
            force = TRUE;
            break;
        case EDIT_NO_VALIDATION:
            flags &= ~(guint32)DEFINE_VALIDATE;
            break;
        case EDIT_FAILED:
            return FALSE;
        }
    }
}

static gboolean
edit_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autofree char *original = NULL;

    return cmd_domain(ctx, &dom, error) && current_definition(ctx, &dom, &original, error) &&
           edit_domain(ctx, &dom, original, error);
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
