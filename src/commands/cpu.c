/* cpu-models, cpu-compare, cpu-baseline and their siblings for one hypervisor. */
#include "backend/cpu-file.h"
#include "backend/xml-host.h"
#include "commands/common.h"
#include "commands/cpu-target.h"
#include "commands/node.h"

gboolean
cpu_target_read(CmdContext *ctx, const char *emulator, CpuTarget *target, GError **error)
{
    const char *virttype, *binary, *arch, *machine;

    if (!cmd_string(ctx, "virttype", &virttype, error) || !cmd_string(ctx, emulator, &binary, error) ||
        !cmd_string(ctx, "arch", &arch, error) || !cmd_string(ctx, "machine", &machine, error))
        return FALSE;
    *target = (CpuTarget){ (char *)virttype, (char *)binary, (char *)arch, (char *)machine };
    return TRUE;
}

/* --- completion ---------------------------------------------------------------------------------------------- */

char **
complete_virt_types(CmdContext *ctx G_GNUC_UNUSED, unsigned flags G_GNUC_UNUSED)
{
    static const char *const types[] = { "kvm", "qemu", NULL };

    return complete_words(types);
}

/* Those that people run guests of. */
char **
complete_arches(CmdContext *ctx G_GNUC_UNUSED, unsigned flags G_GNUC_UNUSED)
{
    static const char *const arches[] = {
        "aarch64", "armv7l", "i686", "loongarch64", "ppc64", "ppc64le", "riscv64", "s390x", "x86_64", NULL,
    };

    return complete_words(arches);
}

char **
complete_machines(CmdContext *ctx, unsigned flags G_GNUC_UNUSED)
{
    const char *arch = cmd_text(ctx, "arch");
    g_autofree char *capabilities = node_capabilities(ctx, NULL);

    return capabilities ? xml_host_machines(capabilities, arch ? arch : "x86_64", NULL) : NULL;
}

static char **
complete_models(CmdContext *ctx, unsigned flags G_GNUC_UNUSED)
{
    g_auto(connect_get_cpu_model_names_result) result = { 0 };
    const char *arch = cmd_text(ctx, "arch");
    connect_get_cpu_model_names_args args = { .arch = (char *)(arch ? arch : "x86_64"), .need_results = 1 };

    if (!connect_get_cpu_model_names(cmd_connection(ctx), &args, &result, NULL))
        return NULL;
    return g_strdupv(result.models.items);
}

/* --- models -------------------------------------------------------------------------------------------------- */

static const CmdOpt models_opts[] = {
    { .name = "arch", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "architecture",
      .complete = complete_arches },
    CMD_OPT_END
};

static gboolean
models_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_cpu_model_names_result) result = { 0 };
    connect_get_cpu_model_names_args args = { .need_results = 1 };
    Out *out = cmd_out(ctx);
    const char *arch = NULL;

    if (!cmd_string(ctx, "arch", &arch, error))
        return FALSE;
    args.arch = (char *)arch;
    if (!connect_get_cpu_model_names(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "failed to get CPU model names");
    if (result.models.len == 0)
        out_text(out, "all CPU models are accepted\n");
    out_list_begin(out);
    for (guint32 i = 0; i < result.models.len; i++)
        out_list_item(out, OUT_STR(result.models.items[i]));
    out_list_end(out);
    return TRUE;
}

const CmdDef cmd_cpu_models = {
    .name = "cpu-models",
    .group = "host",
    .help = "the CPU models of an architecture",
    .desc = "List the CPU models that domains of an architecture may name.",
    .opts = models_opts,
    .run = models_run,
};

static const CmdOpt hypervisor_models_opts[] = {
    CPU_TARGET_VIRTTYPE(CMD_OPT_NAMED_ONLY),
    CPU_TARGET_EMULATOR(CMD_OPT_NAMED_ONLY),
    CPU_TARGET_ARCH(CMD_OPT_NAMED_ONLY),
    CPU_TARGET_MACHINE(CMD_OPT_NAMED_ONLY),
    { .name = "all", .type = CMD_OPT_BOOL, .help = "those that cannot be used on this host, too" },
    CMD_OPT_END
};

static gboolean
hypervisor_models_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_domain_capabilities_result) result = { 0 };
    connect_get_domain_capabilities_args args = { 0 };
    g_auto(GStrv) models = NULL;
    Out *out = cmd_out(ctx);
    CpuTarget target;

    if (!cpu_target_read(ctx, "emulator", &target, error))
        return FALSE;
    args = (connect_get_domain_capabilities_args){
        .emulatorbin = target.emulator, .arch = target.arch, .machine = target.machine, .virttype = target.virttype,
    };
    if (!connect_get_domain_capabilities(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "failed to get hypervisor CPU model names");
    models = cpu_file_models(result.capabilities, cmd_bool(ctx, "all"), error);
    if (!models)
        return FALSE;
    out_list_begin(out);
    for (char **model = models; *model; model++)
        out_list_item(out, OUT_STR(*model));
    out_list_end(out);
    return TRUE;
}

const CmdDef cmd_hypervisor_cpu_models = {
    .name = "hypervisor-cpu-models",
    .group = "host",
    .help = "the CPU models that an emulator can give",
    .desc = "List the CPU models that domains of one emulator, machine and type can have on this host.",
    .opts = hypervisor_models_opts,
    .run = hypervisor_models_run,
};

/* --- compare ------------------------------------------------------------------------------------------------- */

/* virCPUCompareResult */
enum { COMPARED_INCOMPATIBLE = 0, COMPARED_IDENTICAL = 1, COMPARED_SUPERSET = 2 };

static gboolean
read_cpus(CmdContext *ctx, const char **path, char ***cpus, GError **error)
{
    g_autofree char *text = NULL;

    if (!cmd_read_file(ctx, "file", path, &text, error))
        return FALSE;
    *cpus = cpu_file_extract(text, *path, error);
    if (!*cpus)
        hv_error_set_file(error, *path);
    return *cpus != NULL;
}

static guint32
compare_flags(CmdContext *ctx)
{
    return (cmd_bool(ctx, "error") ? COMPARE_CPU_FAIL_INCOMPATIBLE : 0) | (cmd_bool(ctx, "validate") ? COMPARE_CPU_VALIDATE_XML : 0);
}

/* The answer: @incompatible, @identical and @superset are what virsh says of the file. */
static gboolean
show_comparison(CmdContext *ctx, int result, const char *incompatible, const char *identical, const char *superset, GError **error)
{
    static const char *const tokens[] = { "incompatible", "identical", "superset" };
    const char *const texts[] = { incompatible, identical, superset };
    Out *out = cmd_out(ctx);

    if (result < COMPARED_INCOMPATIBLE || result > COMPARED_SUPERSET)
        return cmd_fail(error, HV_ERR_INTERNAL_ERROR, "the comparison gave %d", result);
    out_value(out, "result", OUT_TOKEN(texts[result], tokens[result]));
    return result != COMPARED_INCOMPATIBLE || cmd_fail_silently(error, HV_ERR_CPU_INCOMPATIBLE, "%s", incompatible);
}

#define COMPARE_OPTS \
    { .name = "error", .type = CMD_OPT_BOOL, .help = "fail with what is missing when they are incompatible" }, \
    { .name = "validate", .type = CMD_OPT_BOOL, .help = "check the XML against the schema first" }
#define CPU_FILE \
    { .name = "file", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED | CMD_OPT_FILE, .help = "file with the XML of a CPU" }

static const CmdOpt compare_opts[] = { CPU_FILE, COMPARE_OPTS, CMD_OPT_END };

static gboolean
compare_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_compare_cpu_result) result = { 0 };
    connect_compare_cpu_args args = { .flags = compare_flags(ctx) };
    g_autofree char *incompatible = NULL, *identical = NULL, *superset = NULL;
    g_auto(GStrv) cpus = NULL;
    const char *path = NULL;

    if (!read_cpus(ctx, &path, &cpus, error))
        return FALSE;
    args.xml = cpus[0];
    if (!connect_compare_cpu(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Failed to compare host CPU with %s", path);
    incompatible = g_strdup_printf("CPU described in %s is incompatible with host CPU", path);
    identical = g_strdup_printf("CPU described in %s is identical to host CPU", path);
    superset = g_strdup_printf("Host CPU is a superset of CPU described in %s", path);
    return show_comparison(ctx, result.result, incompatible, identical, superset, error);
}

const CmdDef cmd_cpu_compare = {
    .name = "cpu-compare",
    .group = "host",
    .help = "whether the host's CPU is enough",
    .desc = "Compare the host's CPU with the one in a file: a <cpu>, or a domain, capabilities or domain capabilities with one.",
    .opts = compare_opts,
    .run = compare_run,
};

static const CmdOpt hypervisor_compare_opts[] = {
    CPU_FILE, CPU_TARGET_VIRTTYPE(0), CPU_TARGET_EMULATOR(0), CPU_TARGET_ARCH(0), CPU_TARGET_MACHINE(0), COMPARE_OPTS, CMD_OPT_END
};

static gboolean
hypervisor_compare_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_compare_hypervisor_cpu_result) result = { 0 };
    connect_compare_hypervisor_cpu_args args = { 0 };
    g_autofree char *incompatible = NULL, *identical = NULL, *superset = NULL;
    g_auto(GStrv) cpus = NULL;
    const char *path = NULL;
    CpuTarget target;

    if (!cpu_target_read(ctx, "emulator", &target, error) || !read_cpus(ctx, &path, &cpus, error))
        return FALSE;
    args = (connect_compare_hypervisor_cpu_args){
        .emulator = target.emulator, .arch = target.arch, .machine = target.machine, .virttype = target.virttype,
        .xml_cpu = cpus[0], .flags = compare_flags(ctx),
    };
    if (!connect_compare_hypervisor_cpu(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Failed to compare hypervisor CPU with %s", path);
    incompatible = g_strdup_printf("CPU described in %s is incompatible with the CPU provided by hypervisor on the host", path);
    identical = g_strdup_printf("CPU described in %s is identical to the CPU provided by hypervisor on the host", path);
    superset = g_strdup_printf("The CPU provided by hypervisor on the host is a superset of CPU described in %s", path);
    return show_comparison(ctx, result.result, incompatible, identical, superset, error);
}

const CmdDef cmd_hypervisor_cpu_compare = {
    .name = "hypervisor-cpu-compare",
    .group = "host",
    .help = "whether an emulator's CPU is enough",
    .desc = "Compare the best CPU that an emulator can give on this host with the one in a file.",
    .opts = hypervisor_compare_opts,
    .run = hypervisor_compare_run,
};

/* --- baseline ------------------------------------------------------------------------------------------------ */

#define BASELINE_OPTS \
    { .name = "features", .type = CMD_OPT_BOOL, .help = "list the features that the model implies, too" }, \
    { .name = "migratable", .type = CMD_OPT_BOOL, .help = "without features that keep a domain from being migrated" }

static guint32
baseline_flags(CmdContext *ctx)
{
    return (cmd_bool(ctx, "features") ? BASELINE_CPU_EXPAND_FEATURES : 0) |
           (cmd_bool(ctx, "migratable") ? BASELINE_CPU_MIGRATABLE : 0);
}

static const CmdOpt baseline_opts[] = {
    { .name = "file", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED | CMD_OPT_FILE, .help = "file with the XML of CPUs" },
    BASELINE_OPTS,
    CMD_OPT_END
};

static gboolean
baseline_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_baseline_cpu_result) result = { 0 };
    connect_baseline_cpu_args args = { .flags = baseline_flags(ctx) };
    g_auto(GStrv) cpus = NULL;
    const char *path = NULL;

    if (!read_cpus(ctx, &path, &cpus, error))
        return FALSE;
    args.xml_cpus = (StringList){ g_strv_length(cpus), cpus };
    if (!connect_baseline_cpu(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    out_document(cmd_out(ctx), "xml", result.cpu);
    return TRUE;
}

const CmdDef cmd_cpu_baseline = {
    .name = "cpu-baseline",
    .group = "host",
    .help = "the CPU that several hosts have in common",
    .desc = "Print the richest CPU that every one of the CPUs in a file can give: those of the capabilities of several hosts, "
            "so that a domain with it can be moved between them.",
    .opts = baseline_opts,
    .run = baseline_run,
};

static const CmdOpt hypervisor_baseline_opts[] = {
    { .name = "file", .type = CMD_OPT_STRING, .flags = CMD_OPT_FILE, .help = "file with the XML of CPUs" },
    CPU_TARGET_VIRTTYPE(0), CPU_TARGET_EMULATOR(0), CPU_TARGET_ARCH(0), CPU_TARGET_MACHINE(0),
    BASELINE_OPTS,
    { .name = "model", .type = CMD_OPT_STRING, .help = "one model in place of a file", .complete = complete_models },
    { .name = "ignore-host", .type = CMD_OPT_BOOL, .flags = CMD_OPT_NEWER,
      .help = "leave features on that this host's emulator lacks" },
    CMD_OPT_END
};
static gboolean
baseline_input(CmdContext *ctx, const char *file, char ***cpus, GError **error)
{
    const char *model = NULL;
    g_autofree char *escaped = NULL;

    if (!cmd_string(ctx, "model", &model, error))
        return FALSE;
    if (model && file)
        return cmd_fail(error, HV_ERR_COMMAND, "Options --file and --model are mutually exclusive");
    if (file)
        return read_cpus(ctx, &file, cpus, error);
    if (!model)
        return cmd_fail(error, HV_ERR_COMMAND, "Either --file or --model must be provided");
    escaped = g_markup_escape_text(model, -1);
    *cpus = g_new0(char *, 2);
    (*cpus)[0] = g_strdup_printf("<cpu><model>%s</model></cpu>", escaped);
    return TRUE;
}

static gboolean
hypervisor_baseline_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_baseline_hypervisor_cpu_result) result = { 0 };
    connect_baseline_hypervisor_cpu_args args = { 0 };
    g_auto(GStrv) cpus = NULL;
    const char *file;
    CpuTarget target;

    /* Whatever is empty is complained about before what does not go together. */
    if (!cmd_string(ctx, "file", &file, error) || !cpu_target_read(ctx, "emulator", &target, error) ||
        !baseline_input(ctx, file, &cpus, error))
        return FALSE;
    args = (connect_baseline_hypervisor_cpu_args){
        .emulator = target.emulator, .arch = target.arch, .machine = target.machine, .virttype = target.virttype,
        .xml_cpus = { g_strv_length(cpus), cpus },
        .flags = baseline_flags(ctx) | (cmd_bool(ctx, "ignore-host") ? BASELINE_CPU_IGNORE_HOST : 0),
    };
    if (!connect_baseline_hypervisor_cpu(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    out_document(cmd_out(ctx), "xml", result.cpu);
    return TRUE;
}

const CmdDef cmd_hypervisor_cpu_baseline = {
    .name = "hypervisor-cpu-baseline",
    .group = "host",
    .help = "the CPU that several hosts have in common, for one emulator",
    .desc = "Print the richest CPU that every one of the CPUs in a file can give, without the features that the emulator lacks "
            "on this host.",
    .opts = hypervisor_baseline_opts,
    .run = hypervisor_baseline_run,
};
