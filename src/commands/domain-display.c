/* vncdisplay, domdisplay: where the screens of a domain can be seen. */
#include <string.h>

#include "backend/xml.h"
#include "commands/common.h"

/* Display :0 of VNC is this port. */
#define VNC_BASE_PORT 5900

static const char *const display_types[] = { "vnc", "spice", "rdp", NULL };

static gboolean
running_xml(CmdContext *ctx, guint32 flags, domain_get_xml_desc_result *xml, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    domain_get_xml_desc_args args = { .flags = flags };

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    if (dom.id < 0)
        return cmd_fail(error, HV_ERR_OPERATION_INVALID, "Domain is not running");
    args.dom = dom;
    return domain_get_xml_desc(cmd_connection(ctx), &args, xml, error) ||
        hv_error_add_sentence(error, "Failed to get domain description xml");
}

static const CmdOpt vncdisplay_opts[] = { CMD_DOMAIN_ACTIVE, CMD_OPT_END };

static gboolean
vncdisplay_run(CmdContext *ctx, GError **error)
{
    g_auto(domain_get_xml_desc_result) xml = { 0 };
    g_autoptr(XmlGraphics) vnc = NULL;
    g_autofree char *text = NULL;
    const char *listen;

    if (!running_xml(ctx, 0, &xml, error))
        return FALSE;
    vnc = xml_domain_graphics(xml.xml, "vnc", error);
    if (!vnc)
        return FALSE;
    if (vnc->port <= 0)
        return cmd_fail(error, HV_ERR_OPERATION_INVALID, "Failed to get VNC port. Is this domain using VNC?");
    listen = vnc->listen && strcmp(vnc->listen, "0.0.0.0") != 0 ? vnc->listen : "";
    text = g_strdup_printf("%s:%d", listen, vnc->port - VNC_BASE_PORT);
    out_value(cmd_out(ctx), "display", OUT_STR(text));
    return TRUE;
}

const CmdDef cmd_vncdisplay = {
    .name = "vncdisplay",
    .group = "domain",
    .help = "the VNC display of a domain",
    .desc = "Print the address and display number of the VNC server of a running domain.",
    .opts = vncdisplay_opts,
    .run = vncdisplay_run,
};

static char **
complete_types(CmdContext *ctx, unsigned flags)
{
    return complete_words(display_types);
}

static const CmdOpt domdisplay_opts[] = {
    CMD_DOMAIN_ACTIVE,
    { .name = "include-password", .type = CMD_OPT_BOOL, .help = "put the password into the URI" },
    { .name = "type", .type = CMD_OPT_STRING, .complete = complete_types, .help = "only this kind: vnc, spice or rdp" },
    { .name = "all", .type = CMD_OPT_BOOL, .help = "every display, not only the first one" },
    CMD_OPT_END
};

/* The address to connect to: a server that listens everywhere is reached at the host itself. */
static void
append_host(GString *uri, const char *listen)
{
    if (!listen || strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0)
        g_string_append(uri, "localhost");
    else if (strchr(listen, ':'))
        g_string_append_printf(uri, "[%s]", listen);
    else
        g_string_append(uri, listen);
}

/* NULL when there is no display of that kind to connect to. */
static char *
display_uri(const char *type, const XmlGraphics *graphics, gboolean with_password)
{
    g_autoptr(GString) uri = g_string_new(type);
    gboolean spice = strcmp(type, "spice") == 0, by_socket = graphics->port == 0 && graphics->tls_port == 0;
    const char *password = with_password ? graphics->password : NULL;
    char separator = '?';

    if (by_socket && !graphics->socket)
        return NULL;
    g_string_append(uri, by_socket ? "+unix://" : "://");
    if (password && !spice)
        g_string_append_printf(uri, ":%s@", password);
    if (by_socket)
        g_string_append(uri, graphics->socket);
    else
        append_host(uri, graphics->listen);
    if (graphics->port)
        g_string_append_printf(uri, ":%d", strcmp(type, "vnc") == 0 ? graphics->port - VNC_BASE_PORT : graphics->port);
    if (graphics->tls_port) {
        g_string_append_printf(uri, "%ctls-port=%d", separator, graphics->tls_port);
        separator = '&';
    }
    if (password && spice)
        g_string_append_printf(uri, "%cpassword=%s", separator, password);
    return g_string_free(g_steal_pointer(&uri), FALSE);
}

static gboolean
collect_uris(CmdContext *ctx, const char *xml, const char *wanted, GPtrArray *uris, GError **error)
{
    for (const char *const *type = display_types; *type; type++) {
        g_autoptr(XmlGraphics) graphics = NULL;
        char *uri;

        if (wanted && strcmp(wanted, *type) != 0)
            continue;
        graphics = xml_domain_graphics(xml, *type, error);
        if (!graphics)
            return FALSE;
        uri = display_uri(*type, graphics, cmd_bool(ctx, "include-password"));
        if (uri)
            g_ptr_array_add(uris, uri);
    }
    return TRUE;
}

static void
show_uris(CmdContext *ctx, GPtrArray *uris)
{
    Out *out = cmd_out(ctx);
    gboolean all = cmd_bool(ctx, "all");

    if (!out_structured(out)) {
        for (guint i = 0; i < (all ? uris->len : 1); i++)
            out_text(out, all ? "%s\n" : "%s", (char *)g_ptr_array_index(uris, i));
        return;
    }
    out_list_begin(out);
    for (guint i = 0; i < (all ? uris->len : 1); i++)
        out_list_item(out, OUT_STR(g_ptr_array_index(uris, i)));
    out_list_end(out);
}

static gboolean
domdisplay_run(CmdContext *ctx, GError **error)
{
    g_auto(domain_get_xml_desc_result) xml = { 0 };
    g_autoptr(GPtrArray) uris = g_ptr_array_new_with_free_func(g_free);
    const char *type = NULL;

    if (!running_xml(ctx, cmd_bool(ctx, "include-password") ? XML_SECURE : 0, &xml, error) ||
        !cmd_string(ctx, "type", &type, error) || !collect_uris(ctx, xml.xml, type, uris, error))
        return FALSE;
    if (uris->len == 0 && type)
        return cmd_fail(error, HV_ERR_OPERATION_INVALID, "No graphical display with type '%s' found", type);
    if (uris->len == 0)
        return cmd_fail(error, HV_ERR_OPERATION_INVALID, "No graphical display found");
    show_uris(ctx, uris);
    return TRUE;
}

const CmdDef cmd_domdisplay = {
    .name = "domdisplay",
    .group = "domain",
    .help = "the URI of the display of a domain",
    .desc = "Print the URI with which a viewer connects to the display of a running domain.",
    .opts = domdisplay_opts,
    .exclusive = (const char *const[]){ "all|type", NULL },
    .run = domdisplay_run,
};
