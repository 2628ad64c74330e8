/* domxml-to-native, domxml-from-native: domain XML and the hypervisor's own form of it. */
#include "commands/common.h"

static char **
complete_formats(CmdContext *ctx, unsigned flags)
{
    static const char *const formats[] = { "qemu-argv", NULL };

    return complete_words(formats);
}

static const CmdOpt to_native_opts[] = {
    { .name = "format", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .complete = complete_formats,
      .help = "the form wanted: qemu-argv" },
    { .name = "domain", .type = CMD_OPT_STRING, .flags = CMD_OPT_NAMED_ONLY, .help = "name, id or UUID of the domain",
      .complete = complete_domains },
    { .name = "xml", .type = CMD_OPT_STRING, .flags = CMD_OPT_FILE, .help = "file with the XML of a domain" },
    CMD_OPT_END
};
static const char *const to_native_exclusive[] = { "domain|xml", NULL };

static gboolean
read_domain_xml(CmdContext *ctx, char **xml, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_get_xml_desc_result) result = { 0 };
    domain_get_xml_desc_args args = { 0 };
    const char *file = NULL;

    if (cmd_given(ctx, "xml"))
        return cmd_read_file(ctx, "xml", &file, xml, error);
    if (!cmd_given(ctx, "domain"))
        return cmd_fail(error, HV_ERR_USAGE, "need either domain or domain XML");
    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    args.dom = dom;
    if (!domain_get_xml_desc(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    *xml = g_steal_pointer(&result.xml);
    return TRUE;
}

static gboolean
to_native_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_domain_xml_to_native_result) result = { 0 };
    connect_domain_xml_to_native_args args = { 0 };
    const char *format = NULL;
    g_autofree char *xml = NULL;

    if (!cmd_string(ctx, "format", &format, error) || !read_domain_xml(ctx, &xml, error))
        return FALSE;
    args.native_format = (char *)format;
    args.domain_xml = xml;
    if (!connect_domain_xml_to_native(cmd_connection(ctx), &args, &result, error)) {
        if (cmd_given(ctx, "xml"))
            hv_error_set_file(error, cmd_text(ctx, "xml"));
        return FALSE;
    }
    out_document(cmd_out(ctx), "native", result.native_config);
    return TRUE;
}

const CmdDef cmd_domxml_to_native = {
    .name = "domxml-to-native",
    .group = "domain",
    .help = "the hypervisor's own form of a domain",
    .desc = "Print what the hypervisor is given to run a domain: of a QEMU domain, its command line. "
            "Nothing is started or made; to run it by hand, make the folder of its monitor's socket first.",
    .opts = to_native_opts,
    .exclusive = to_native_exclusive,
    .run = to_native_run,
};

static const CmdOpt from_native_opts[] = {
    { .name = "format", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .complete = complete_formats,
      .help = "the form it has: qemu-argv" },
    { .name = "config", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED | CMD_OPT_FILE,
      .help = "file with the hypervisor's own form" },
    CMD_OPT_END
};

static gboolean
from_native_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_domain_xml_from_native_result) result = { 0 };
    connect_domain_xml_from_native_args args = { 0 };
    const char *format = NULL, *file = NULL;
    g_autofree char *config = NULL;

    if (!cmd_string(ctx, "format", &format, error) || !cmd_read_file(ctx, "config", &file, &config, error))
        return FALSE;
    args.native_format = (char *)format;
    args.native_config = config;
    if (!connect_domain_xml_from_native(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    out_document(cmd_out(ctx), "xml", result.domain_xml);
    return TRUE;
}

const CmdDef cmd_domxml_from_native = {
    .name = "domxml-from-native",
    .group = "domain",
    .help = "the domain XML of the hypervisor's own form",
    .desc = "Print the domain XML that describes what a hypervisor is given. No local hypervisor can: libvirt gave it up "
            "for QEMU too.",
    .opts = from_native_opts,
    .run = from_native_run,
};
