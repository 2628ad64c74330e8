/* domblklist, domiflist: the disks and network interfaces of a domain. */
#include "backend/xml.h"
#include "commands/common.h"

static gboolean
device_xml(CmdContext *ctx, domain_get_xml_desc_result *xml, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    domain_get_xml_desc_args args = { .flags = cmd_bool(ctx, "inactive") ? XML_INACTIVE : 0 };

    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    args.dom = dom;
    return domain_get_xml_desc(cmd_connection(ctx), &args, xml, error) ||
        hv_error_add_sentence(error, "Failed to get domain description xml");
}

static OutValue
text_or_dash(const char *text)
{
    return text && *text ? OUT_STR(text) : OUT_ABSENT("-");
}

static const CmdOpt domblklist_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "inactive", .type = CMD_OPT_BOOL, .help = "those of the definition, not of the running domain" },
    { .name = "details", .type = CMD_OPT_BOOL, .help = "show also type and kind of device" },
    CMD_OPT_END
};

static gboolean
domblklist_run(CmdContext *ctx, GError **error)
{
    static const OutColumn short_columns[] = {
        { "Target", "target" }, { "Source", "source" }, { NULL, "type" }, { NULL, "device" },
    };
    static const OutColumn long_columns[] = {
        { "Type", "type" }, { "Device", "device" }, { "Target", "target" }, { "Source", "source" },
    };
    g_auto(domain_get_xml_desc_result) xml = { 0 };
    g_autoptr(GPtrArray) disks = NULL;
    gboolean details = cmd_bool(ctx, "details");
    OutTable *table;

    if (!device_xml(ctx, &xml, error))
        return FALSE;
    disks = xml_domain_disks(xml.xml, error);
    if (!disks)
        return FALSE;
    table = out_table_new(cmd_out(ctx), details ? long_columns : short_columns, 4);
    for (guint i = 0; i < disks->len; i++) {
        const XmlDisk *disk = g_ptr_array_index(disks, i);
        OutValue type = text_or_dash(disk->type), device = text_or_dash(disk->device);
        OutValue target = text_or_dash(disk->target), source = text_or_dash(disk->source);

        if (details)
            out_table_add(table, (OutValue[]){ type, device, target, source });
        else
            out_table_add(table, (OutValue[]){ target, source, type, device });
    }
    out_table_end(table);
    return TRUE;
}

const CmdDef cmd_domblklist = {
    .name = "domblklist",
    .group = "monitor",
    .help = "list the disks of a domain",
    .desc = "List the disks of a domain: what the guest calls them, and what they are on the host.",
    .opts = domblklist_opts,
    .run = domblklist_run,
};

static const CmdOpt domiflist_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "inactive", .type = CMD_OPT_BOOL, .help = "those of the definition, not of the running domain" },
    CMD_OPT_END
};

static gboolean
domiflist_run(CmdContext *ctx, GError **error)
{
    static const OutColumn columns[] = {
        { "Interface", "interface" }, { "Type", "type" }, { "Source", "source" }, { "Model", "model" }, { "MAC", "mac" },
    };
    g_auto(domain_get_xml_desc_result) xml = { 0 };
    g_autoptr(GPtrArray) ifaces = NULL;
    OutTable *table;

    if (!device_xml(ctx, &xml, error))
        return FALSE;
    ifaces = xml_domain_interfaces(xml.xml, error);
    if (!ifaces)
        return FALSE;
    table = out_table_new(cmd_out(ctx), columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < ifaces->len; i++) {
        const XmlInterface *iface = g_ptr_array_index(ifaces, i);

        out_table_add(table, (OutValue[]){ text_or_dash(iface->target), text_or_dash(iface->type),
                                           text_or_dash(iface->source), text_or_dash(iface->model),
                                           text_or_dash(iface->mac) });
    }
    out_table_end(table);
    return TRUE;
}

const CmdDef cmd_domiflist = {
    .name = "domiflist",
    .group = "monitor",
    .help = "list the network interfaces of a domain",
    .desc = "List the network interfaces of a domain.",
    .opts = domiflist_opts,
    .run = domiflist_run,
};
