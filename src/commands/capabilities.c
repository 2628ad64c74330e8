/* capabilities, domcapabilities, pool-capabilities, maxvcpus, nodesevinfo: what the host and its emulators can do. */
#include "commands/common.h"
#include "commands/cpu-target.h"
#include "commands/document.h"

static const CmdOpt capabilities_opts[] = {
    CMD_DOCUMENT(CMD_OPT_NEWER),
    CMD_OPT_END
};

static gboolean
capabilities_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_capabilities_result) result = { 0 };

    if (!connect_get_capabilities(cmd_connection(ctx), &(connect_get_capabilities_args){ }, &result, error))
        return hv_error_add_sentence(error, "failed to get capabilities");
    return cmd_print_document(ctx, result.capabilities, TRUE, error);
}

const CmdDef cmd_capabilities = {
    .name = "capabilities",
    .group = "host",
    .help = "what the host can do",
    .desc = "Print an XML document about the host: its processors, memory and caches, its security, and the guests that can run "
            "on it.",
    .opts = capabilities_opts,
    .run = capabilities_run,
};

static const CmdOpt domcapabilities_opts[] = {
    CPU_TARGET_VIRTTYPE(0),
    { .name = "emulatorbin", .type = CMD_OPT_STRING, .flags = CMD_OPT_FILE, .help = "path of the emulator" },
    CPU_TARGET_ARCH(0),
    CPU_TARGET_MACHINE(0),
    CMD_DOCUMENT(CMD_OPT_NEWER),
    { .name = "disable-deprecated-features", .type = CMD_OPT_BOOL, .flags = CMD_OPT_NEWER,
      .help = "the host-model CPU without features that are going away" },
    { .name = "expand-cpu-features", .type = CMD_OPT_BOOL, .flags = CMD_OPT_NEWER,
      .help = "list the features that the model of the host-model CPU implies, too" },
    { .name = "supported-cpu-features", .type = CMD_OPT_BOOL, .flags = CMD_OPT_NEWER,
      .help = "list every feature that the emulator can give" },
    CMD_OPT_END
};

static gboolean
domcapabilities_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_domain_capabilities_result) result = { 0 };
    connect_get_domain_capabilities_args args = { 0 };
    CpuTarget target;

    if (!cpu_target_read(ctx, "emulatorbin", &target, error))
        return FALSE;
    args = (connect_get_domain_capabilities_args){
        .emulatorbin = target.emulator, .arch = target.arch, .machine = target.machine, .virttype = target.virttype,
        .flags = (cmd_bool(ctx, "disable-deprecated-features") ? DOMCAPS_DISABLE_DEPRECATED : 0) |
                 (cmd_bool(ctx, "expand-cpu-features") ? DOMCAPS_EXPAND_FEATURES : 0) |
                 (cmd_bool(ctx, "supported-cpu-features") ? DOMCAPS_SUPPORTED_FEATURES : 0),
    };
    if (!connect_get_domain_capabilities(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "failed to get emulator capabilities");
    return cmd_print_document(ctx, result.capabilities, TRUE, error);
}

const CmdDef cmd_domcapabilities = {
    .name = "domcapabilities",
    .group = "host",
    .help = "what a domain can have",
    .desc = "Print an XML document about what domains of one emulator, machine and type may have: firmware, CPUs, devices, "
            "features. What is not given is the host's usual one.",
    .opts = domcapabilities_opts,
    .run = domcapabilities_run,
};

static gboolean
pool_capabilities_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_storage_pool_capabilities_result) result = { 0 };

    if (!connect_get_storage_pool_capabilities(cmd_connection(ctx), &(connect_get_storage_pool_capabilities_args){ 0 }, &result,
                                               error))
        return hv_error_add_sentence(error, "failed to get storage pool capabilities");
    out_document(cmd_out(ctx), "xml", result.capabilities);
    out_text(cmd_out(ctx), "\n");
    return TRUE;
}

const CmdDef cmd_pool_capabilities = {
    .name = "pool-capabilities",
    .group = "pool",
    .help = "what storage pools there can be",
    .desc = "Print an XML document about the types of storage pools and the formats that each of them knows.",
    .run = pool_capabilities_run,
};

static const CmdOpt maxvcpus_opts[] = {
    { .name = "type", .type = CMD_OPT_STRING, .help = "type of the domain: qemu or kvm",
      .complete = complete_virt_types },
    CMD_OPT_END
};

static gboolean
maxvcpus_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_max_vcpus_result) result = { 0 };
    connect_get_max_vcpus_args args = { 0 };
    const char *type = NULL;

    if (!cmd_string(ctx, "type", &type, error))
        return FALSE;
    args.type = (char *)type;
    if (!connect_get_max_vcpus(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    out_value(cmd_out(ctx), "max_vcpus", OUT_INT(result.max_vcpus));
    return TRUE;
}

const CmdDef cmd_maxvcpus = {
    .name = "maxvcpus",
    .group = "host",
    .help = "the largest number of CPUs a domain can have",
    .desc = "Print how many virtual CPUs one domain of this connection can have at most.",
    .opts = maxvcpus_opts,
    .run = maxvcpus_run,
};

static void
show_param(Out *out, const TypedParam *param)
{
    g_autofree char *label = g_strdup_printf("%-18s:", param->field);
    g_autofree char *key = g_strdelimit(g_strdup(param->field), "-", '_');

    if (param->type == PARAM_STRING)
        out_field(out, label, key, OUT_STR(param->value.s));
    else
        out_field(out, label, key, OUT_INT(param->value.u));
}

static gboolean
nodesevinfo_run(CmdContext *ctx, GError **error)
{
    g_auto(node_get_sev_info_result) result = { 0 };
    node_get_sev_info_args args = { .nparams = G_MAXINT16 };
    Out *out = cmd_out(ctx);

    if (!node_get_sev_info(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Unable to get host SEV information");
    out_record_begin(out, 0);
    for (guint32 i = 0; i < result.params.len; i++)
        show_param(out, &result.params.items[i]);
    out_record_end(out);
    return TRUE;
}

const CmdDef cmd_nodesevinfo = {
    .name = "nodesevinfo",
    .group = "host",
    .help = "the host's memory encryption for guests",
    .desc = "Print what a guest's owner must know of the host's AMD SEV: its certificates, and where the encryption bit is.",
    .run = nodesevinfo_run,
};
