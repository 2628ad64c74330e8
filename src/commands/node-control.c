/* node-memory-tune, nodesuspend, sysinfo: what can be set on the host, and what its firmware says. */
#include "commands/node.h"

#include <string.h>

/* --- node-memory-tune -------------------------------------------------------------------------------------- */

static const CmdOpt node_memory_tune_opts[] = {
    { .name = "shm-pages-to-scan", .type = CMD_OPT_NUMBER, .help = "pages that KSM looks at before it rests" },
    { .name = "shm-sleep-millisecs", .type = CMD_OPT_NUMBER, .help = "how long it rests, in milliseconds" },
    { .name = "shm-merge-across-nodes", .type = CMD_OPT_NUMBER, .help = "1: pages of different NUMA cells are merged too; 0: not" },
    CMD_OPT_END
};

/* What can be set, in the order in which it is. */
static const struct {
    const char *option;
    const char *field;
} tunables[] = {
    { "shm-pages-to-scan", "shm_pages_to_scan" },
    { "shm-sleep-millisecs", "shm_sleep_millisecs" },
    { "shm-merge-across-nodes", "shm_merge_across_nodes" },
};

static gboolean
read_tunables(CmdContext *ctx, TypedParamList *params, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(tunables); i++) {
        guint value = 0;

        if (!cmd_uint(ctx, tunables[i].option, &value, error))
            return FALSE;
        if (cmd_given(ctx, tunables[i].option))
            typed_param_list_add_uint(params, tunables[i].field, value);
    }
    return TRUE;
}

static guint64
param_number(const TypedParam *param)
{
    return param->type == PARAM_UINT ? param->value.u : param->value.ul;
}

static gboolean
show_tunables(CmdContext *ctx, GError **error)
{
    node_get_memory_parameters_args args = { 0 };
    g_auto(node_get_memory_parameters_result) number = { 0 }, result = { 0 };
    Out *out = cmd_out(ctx);

    if (!node_get_memory_parameters(cmd_connection(ctx), &args, &number, error))
        return hv_error_add_sentence(error, "Unable to get number of memory parameters");
    args.nparams = number.nparams;
    if (args.nparams > 0 && !node_get_memory_parameters(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Unable to get memory parameters");
    if (result.params.len > 0)
        out_text(out, "Shared memory:\n");
    out_record_begin(out, 0);
    for (guint32 i = 0; i < result.params.len; i++) {
        const TypedParam *param = &result.params.items[i];

        if (param->type != PARAM_UINT && param->type != PARAM_ULLONG)
            continue;
        out_text(out, "\t%-15s %" G_GUINT64_FORMAT "\n", param->field, param_number(param));
        out_field(out, NULL, param->field, strcmp(param->field, "shm_merge_across_nodes") == 0
                                               ? OUT_BOOL(NULL, param_number(param) != 0)
                                               : OUT_INT((gint64)param_number(param)));
    }
    out_record_end(out);
    return TRUE;
}

static gboolean
node_memory_tune_run(CmdContext *ctx, GError **error)
{
    g_auto(TypedParamList) params = { 0 };

    if (!read_tunables(ctx, &params, error))
        return FALSE;
    if (params.len == 0)
        return show_tunables(ctx, error);
    if (!node_set_memory_parameters(cmd_connection(ctx), &(node_set_memory_parameters_args){ .params = params }, NULL, error))
        return hv_error_add_sentence(error, "Unable to change memory parameters");
    return TRUE;
}

const CmdDef cmd_node_memory_tune = {
    .name = "node-memory-tune",
    .group = "host",
    .help = "show or set how the host merges equal pages",
    .desc = "Without options print the parameters of the kernel's samepage merging (KSM) and what it has found; with options set "
            "them. Pages of different cells can be merged, or not, only while nothing is merged.",
    .opts = node_memory_tune_opts,
    .run = node_memory_tune_run,
};

/* --- nodesuspend ------------------------------------------------------------------------------------------- */

/* In the order of libvirt's numbers. */
static const char *const targets[] = { "mem", "disk", "hybrid", NULL };

static char **
complete_targets(CmdContext *ctx G_GNUC_UNUSED, unsigned flags G_GNUC_UNUSED)
{
    return complete_words(targets);
}

static const CmdOpt nodesuspend_opts[] = {
    { .name = "target", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .complete = complete_targets,
      .help = "mem (to memory), disk (to disk) or hybrid (to both)" },
    { .name = "duration", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_REQUIRED,
      .help = "seconds until the clock wakes the host, 60 at least" },
    CMD_OPT_END
};

static gboolean
nodesuspend_run(CmdContext *ctx, GError **error)
{
    node_suspend_for_duration_args args = { 0 };
    const char *target = NULL;
    gint64 seconds = 0;

    if (!cmd_string(ctx, "target", &target, error) || !cmd_longlong(ctx, "duration", &seconds, error))
        return FALSE;
    while (args.target < NODE_SUSPEND_HYBRID && g_strcmp0(targets[args.target], target) != 0)
        args.target++;
    if (g_strcmp0(targets[args.target], target) != 0)
        return cmd_fail(error, HV_ERR_COMMAND, "Invalid target");
    if (seconds < 0)
        return cmd_fail(error, HV_ERR_COMMAND, "Invalid duration");
    args.duration = (guint64)seconds;
    if (!node_suspend_for_duration(cmd_connection(ctx), &args, NULL, error))
        return hv_error_add_sentence(error, "The host was not suspended");
    return TRUE;
}

const CmdDef cmd_nodesuspend = {
    .name = "nodesuspend",
    .group = "host",
    .help = "put the host to sleep for some time",
    .desc = "Suspend the host after its clock was told when to wake it up. Guests sleep with it.",
    .opts = nodesuspend_opts,
    .run = nodesuspend_run,
};

/* --- sysinfo ----------------------------------------------------------------------------------------------- */

static gboolean
sysinfo_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_sysinfo_result) result = { 0 };

    if (!connect_get_sysinfo(cmd_connection(ctx), &(connect_get_sysinfo_args){ 0 }, &result, error))
        return hv_error_add_sentence(error, "failed to get sysinfo");
    out_document(cmd_out(ctx), "xml", result.sysinfo);
    return TRUE;
}

const CmdDef cmd_sysinfo = {
    .name = "sysinfo",
    .group = "host",
    .help = "what the host's firmware says of the machine",
    .desc = "Print BIOS, maker, model, serial numbers, processors and memory modules of the host as a <sysinfo> element. Some of it "
            "is told to root only.",
    .run = sysinfo_run,
};
