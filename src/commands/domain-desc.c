/* desc: the title and description of a domain. */
#include <string.h>

#include "commands/common.h"

static const CmdOpt desc_opts[] = {
    CMD_DOMAIN_ANY,
    CMD_AFFECT("of"),
    { .name = "title", .type = CMD_OPT_BOOL, .help = "the title instead of the description" },
    { .name = "edit", .type = CMD_OPT_BOOL, .help = "change it in an editor" },
    { .name = "new-desc", .type = CMD_OPT_ARGV, .flags = CMD_OPT_EMPTY_OK, .help = "the new text" },
    CMD_OPT_END
};
static const char *const desc_exclusive[] = { "current|live", "current|config", NULL };

static gboolean
set_text(CmdContext *ctx, const DomainRef *dom, const char *text, GError **error)
{
    gboolean title = cmd_bool(ctx, "title");
    domain_set_metadata_args args = {
        .dom = *dom,
        .type = title ? METADATA_TITLE : METADATA_DESCRIPTION,
        .metadata = *text ? (char *)text : NULL,
        .flags = cmd_affect_flags(ctx),
    };

    if (!domain_set_metadata(cmd_connection(ctx), &args, NULL, error))
        return hv_error_add_sentence(error, title ? "Failed to set new domain title" : "Failed to set new domain description");
    out_note_inline(cmd_out(ctx), title ? "Domain title updated successfully" : "Domain description updated successfully");
    return TRUE;
}

/* Editors end a file with a newline; a title cannot hold one. */
static gboolean
edit_text(CmdContext *ctx, const DomainRef *dom, const char *old, const char *start, GError **error)
{
    gboolean title = cmd_bool(ctx, "title");
    g_autofree char *edited = shell_edit_text(cmd_shell(ctx), start, ".xml", error);

    if (!edited)
        return FALSE;
    if (title && g_str_has_suffix(edited, "\n"))
        edited[strlen(edited) - 1] = '\0';
    if (strcmp(edited, old) == 0) {
        out_note(cmd_out(ctx), title ? "Domain title not changed" : "Domain description not changed");
        return TRUE;
    }
    return set_text(ctx, dom, edited, error);
}

static void
show_text(CmdContext *ctx, const DomainRef *dom, const char *text)
{
    gboolean title = cmd_bool(ctx, "title");
    Out *out = cmd_out(ctx);

    if (out_structured(out))
        out_value(out, title ? "title" : "description", *text ? OUT_STR(text) : OUT_ABSENT(NULL));
    else if (*text)
        out_text(out, "%s", text);
    else
        out_note_inline(out, title ? "No title for domain: %s" : "No description for domain: %s", dom->name);
}

static gboolean
desc_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_autofree char *given = cmd_given(ctx, "new-desc") ? cmd_joined(ctx, "new-desc") : NULL;
    g_autofree char *old = NULL;

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    /* Also before a change, as with virsh: a transient domain has no text to change in its --config. */
    if (!domain_text(cmd_connection(ctx), &dom, cmd_bool(ctx, "title") ? METADATA_TITLE : METADATA_DESCRIPTION,
                     cmd_bool(ctx, "config") ? AFFECT_CONFIG : AFFECT_CURRENT, &old, error))
        return FALSE;
    if (cmd_bool(ctx, "edit"))
        return edit_text(ctx, &dom, old, given ? given : old, error);
    if (given)
        return set_text(ctx, &dom, given, error);
    show_text(ctx, &dom, old);
    return TRUE;
}

const CmdDef cmd_desc = {
    .name = "desc",
    .group = "domain",
    .help = "show or set the description or title of a domain",
    .desc = "Print the description of a domain (its title with --title), or set it to the words given.",
    .opts = desc_opts,
    .exclusive = desc_exclusive,
    .run = desc_run,
};
