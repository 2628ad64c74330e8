/* uri, hostname, version: the connection and what is at its other end. */
#include "commands/common.h"

static gboolean
uri_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_uri_result) result = { 0 };

    if (!connect_get_uri(cmd_connection(ctx), &(connect_get_uri_args){ }, &result, error))
        return hv_error_add_sentence(error, "failed to get URI");
    out_value(cmd_out(ctx), "uri", OUT_STR(result.uri));
    return TRUE;
}

const CmdDef cmd_uri = {
    .name = "uri",
    .group = "host",
    .help = "the URI of the connection",
    .desc = "Print the URI of the current connection.",
    .run = uri_run,
};

static gboolean
hostname_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_hostname_result) result = { 0 };

    if (!connect_get_hostname(cmd_connection(ctx), &(connect_get_hostname_args){ }, &result, error))
        return hv_error_add_sentence(error, "failed to get hostname");
    out_value(cmd_out(ctx), "hostname", OUT_STR(result.hostname));
    return TRUE;
}

const CmdDef cmd_hostname = {
    .name = "hostname",
    .group = "host",
    .help = "the name of the host",
    .desc = "Print the name of the host that the domains are on.",
    .run = hostname_run,
};

static const CmdOpt version_opts[] = {
    { .name = "daemon", .type = CMD_OPT_BOOL, .help = "also of the server at the other end" },
    CMD_OPT_END
};

/* Versions travel as one number: 1000000 × major + 1000 × minor + release. */
static char *
version_text(guint64 version)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, version / 1000000,
                           version / 1000 % 1000, version % 1000);
}

static void
show_version(Out *out, const char *label, const char *key, const char *prefix, const char *version)
{
    if (out_structured(out))
        out_field(out, NULL, key, OUT_STR(version));
    else
        out_text(out, "%s: %s%s%s\n", label, prefix, *prefix ? " " : "", version);
}

static gboolean
version_run(CmdContext *ctx, GError **error)
{
    Connection *conn = cmd_connection(ctx);
    Out *out = cmd_out(ctx);
    g_auto(connect_get_lib_version_result) library = { 0 };
    g_auto(connect_get_type_result) type = { 0 };
    g_auto(connect_get_version_result) hypervisor = { 0 };
    g_autofree char *library_text = NULL, *hypervisor_text = NULL;
    gboolean known;

    if (!connect_get_type(conn, &(connect_get_type_args){ }, &type, error))
        return hv_error_add_sentence(error, "failed to get hypervisor type");
    if (!connect_get_lib_version(conn, &(connect_get_lib_version_args){ }, &library, error))
        return hv_error_add_sentence(error, "failed to get the library version");
    if (!connect_get_version(conn, &(connect_get_version_args){ }, &hypervisor, error))
        return hv_error_add_sentence(error, "failed to get the hypervisor version");
    library_text = version_text(library.lib_ver);
    hypervisor_text = version_text(hypervisor.hv_ver);
    known = hypervisor.hv_ver != 0;

    out_record_begin(out, 0);
    show_version(out, "Compiled against library", "compiled_against", "libvirt", library_text);
    show_version(out, "Using library", "library", "libvirt", library_text);
    show_version(out, "Using API", "api", type.type, library_text);
    if (out_structured(out))
        out_field(out, NULL, "hypervisor_type", OUT_STR(type.type));
    if (known)
        show_version(out, "Running hypervisor", "hypervisor", type.type, hypervisor_text);
    else
        out_text(out, "Cannot extract running %s hypervisor version\n", type.type);
    if (cmd_bool(ctx, "daemon"))
        show_version(out, "Running against daemon", "daemon", "", library_text);
    out_record_end(out);
    return TRUE;
}

const CmdDef cmd_version = {
    .name = "version",
    .group = "host",
    .help = "versions of API and hypervisor",
    .desc = "Print the version of libvirt whose interface this program has, and that of the hypervisor.",
    .opts = version_opts,
    .run = version_run,
};
