/* define, create, undefine: where domains come from and where they go. */
#include <string.h>
#include <unistd.h>

#include "backend/xml.h"
#include "commands/common.h"
#include "commands/domain-console.h"
#include "commands/domain-plan.h"

static const CmdOpt define_opts[] = {
    { .name = "file", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED | CMD_OPT_FILE,
      .help = "file with the XML of the domain" },
    { .name = "validate", .type = CMD_OPT_BOOL, .help = "check the XML against the schema first" },
    { .name = "dry-run", .type = CMD_OPT_BOOL, .flags = CMD_OPT_HVSH,
      .help = "say what would be written, and write nothing" },
    CMD_OPT_END
};

/* An error about what the file has. Returns FALSE. */
static gboolean
fail_with_file(GError **error, const char *action, const char *file)
{
    hv_error_set_file(error, file);
    return hv_error_add_sentence(error, "Failed to %s domain from %s", action, file);
}

static gboolean
define_plan(CmdContext *ctx, const char *file, const char *xml, guint32 flags, GError **error)
{
    g_auto(domain_define_plan_result) result = { 0 };
    domain_define_plan_args args = { .xml = (char *)xml, .flags = flags };

    if (!domain_define_plan(cmd_connection(ctx), &args, &result, error))
        return fail_with_file(error, "define", file);
    return cmd_show_plan(ctx, result.plan, error);
}

/* What the last definition left out, "FILE:LINE: …". */
static GPtrArray *
define_warnings(CmdContext *ctx, const char *file)
{
    static const char label[] = "(domain_definition):";
    g_auto(domain_define_warnings_result) result = { 0 };
    g_auto(GStrv) lines = NULL;
    GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);

    if (!domain_define_warnings(cmd_connection(ctx), &(domain_define_warnings_args){ }, &result, NULL))
        return warnings;
    lines = g_strsplit(result.warnings, "\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, label))
            g_ptr_array_add(warnings, g_strconcat(file, ":", *line + strlen(label), NULL));
        else if (**line)
            g_ptr_array_add(warnings, g_strdup(*line));
    return warnings;
}

/* As text, warnings are for a person who looks: the standard error of a successful define is empty with virsh, and scripts
 * take anything there for a failure. */
static void
define_report(CmdContext *ctx, const DomainRef *dom, const char *file)
{
    Out *out = cmd_out(ctx);
    g_autoptr(GPtrArray) warnings = define_warnings(ctx, file);
    g_autofree char *message = g_strdup_printf("Domain '%s' defined from %s", dom->name, file);

    if (out_structured(out)) {
        g_autofree char *list = cmd_json_strings(warnings);

        out_record_begin(out, 0);
        out_field(out, NULL, "message", OUT_STR(message));
        out_field(out, NULL, "warnings", OUT_PARSED(list));
        out_record_end(out);
        return;
    }
    out_note(out, "%s", message);
    for (guint i = 0; i < warnings->len && !shell_is_virsh(cmd_shell(ctx)) && isatty(STDERR_FILENO); i++)
        out_remark(out, "%s", (const char *)warnings->pdata[i]);
}

static gboolean
define_domain(CmdContext *ctx, const char *xml, guint32 flags, DomainRef *dom, GError **error)
{
    Connection *conn = cmd_connection(ctx);

    if (flags) {
        g_auto(domain_define_xml_flags_result) result = { 0 };
        domain_define_xml_flags_args args = { .xml = (char *)xml, .flags = flags };

        if (!domain_define_xml_flags(conn, &args, &result, error))
            return FALSE;
        domain_ref_copy(&result.dom, dom);
    } else {
        g_auto(domain_define_xml_result) result = { 0 };

        if (!domain_define_xml(conn, &(domain_define_xml_args){ .xml = (char *)xml }, &result, error))
            return FALSE;
        domain_ref_copy(&result.dom, dom);
    }
    return TRUE;
}

static gboolean
define_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    guint32 flags = cmd_bool(ctx, "validate") ? DEFINE_VALIDATE : 0;
    const char *file = NULL;
    g_autofree char *xml = NULL;

    if (!cmd_read_file(ctx, "file", &file, &xml, error))
        return FALSE;
    if (cmd_bool(ctx, "dry-run"))
        return define_plan(ctx, file, xml, flags, error);

    if (!define_domain(ctx, xml, flags, &dom, error))
        return fail_with_file(error, "define", file);
    define_report(ctx, &dom, file);
    return TRUE;
}

const CmdDef cmd_define = {
    .name = "define",
    .group = "domain",
    .help = "define a domain (without starting it) from an XML file",
    .desc = "Make a persistent domain of the XML in a file, or change the one that is there already. A running domain keeps "
            "its hardware until it is started anew.",
    .opts = define_opts,
    .run = define_run,
};

static const CmdOpt create_opts[] = {
    { .name = "file", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED | CMD_OPT_FILE,
      .help = "file with the XML of the domain" },
    { .name = "console", .type = CMD_OPT_BOOL, .help = "connect to the console when the domain runs" },
    { .name = "paused", .type = CMD_OPT_BOOL, .help = "leave the domain paused after its creation" },
    { .name = "autodestroy", .type = CMD_OPT_BOOL, .help = "destroy the domain when this program disconnects" },
    { .name = "pass-fds", .type = CMD_OPT_STRING, .flags = CMD_OPT_EMPTY_OK,
      .help = "descriptors N,M,… to hand to the guest" },
    { .name = "validate", .type = CMD_OPT_BOOL, .help = "check the XML against the schema first" },
    { .name = "reset-nvram", .type = CMD_OPT_BOOL, .help = "make the NVRAM anew from its template" },
    CMD_OPT_END
};

static gboolean
create_domain(CmdContext *ctx, const char *xml, guint32 flags, DomainRef *dom, GError **error)
{
    g_autofree int *fds = NULL;
    gsize n_fds = 0;

    if (!cmd_pass_fds(ctx, &fds, &n_fds, error))
        return FALSE;
    if (n_fds > 0) {
        g_auto(domain_create_xml_with_files_result) result = { 0 };
        domain_create_xml_with_files_args args = { .xml_desc = (char *)xml, .flags = flags };
        CallExtra extra = { .fds_in = fds, .n_fds_in = n_fds };

        if (!conn_call_extra(cmd_connection(ctx), OP_DOMAIN_CREATE_XML_WITH_FILES, &args, &result, &extra, error))
            return fail_with_file(error, "create", cmd_text(ctx, "file"));
        domain_ref_copy(&result.dom, dom);
    } else {
        g_auto(domain_create_xml_result) result = { 0 };
        domain_create_xml_args args = { .xml_desc = (char *)xml, .flags = flags };

        if (!domain_create_xml(cmd_connection(ctx), &args, &result, error))
            return fail_with_file(error, "create", cmd_text(ctx, "file"));
        domain_ref_copy(&result.dom, dom);
    }
    return TRUE;
}

static gboolean
create_run(CmdContext *ctx, GError **error)
{
    guint32 flags = (cmd_bool(ctx, "paused") ? START_PAUSED : 0) | (cmd_bool(ctx, "autodestroy") ? START_AUTODESTROY : 0) |
                    (cmd_bool(ctx, "validate") ? START_VALIDATE : 0) |
                    (cmd_bool(ctx, "reset-nvram") ? START_RESET_NVRAM : 0);
    g_auto(DomainRef) dom = { 0 };
    g_autoptr(GError) failure = NULL;
    const char *file = NULL;
    g_autofree char *xml = NULL;

    if (!cmd_read_file(ctx, "file", &file, &xml, error) || !create_domain(ctx, xml, flags, &dom, error))
        return FALSE;
    out_note(cmd_out(ctx), "Domain '%s' created from %s", dom.name, file);
    /* The domain is there, so virsh counts the command as done even where the console failed. */
    if (cmd_bool(ctx, "console") && !domain_console_run(ctx, &dom, NULL, 0, FALSE, &failure))
        out_warning(cmd_out(ctx), "%s", failure->message);
    return TRUE;
}

const CmdDef cmd_create = {
    .name = "create",
    .group = "domain",
    .help = "create and start a transient domain from an XML file",
    .desc = "Start a domain from the XML in a file. Unless it is defined too, nothing remains of it when it ends.",
    .opts = create_opts,
    .run = create_run,
};

static const CmdOpt undefine_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "managed-save", .type = CMD_OPT_BOOL, .help = "remove its managed save image too" },
    { .name = "storage", .type = CMD_OPT_STRING, .flags = CMD_OPT_EMPTY_OK,
      .help = "remove these volumes too: targets or source paths, with commas between (see domblklist)" },
    { .name = "remove-all-storage", .type = CMD_OPT_BOOL, .help = "remove all of its volumes too; the data is lost" },
    { .name = "delete-storage-volume-snapshots", .type = CMD_OPT_BOOL,
      .help = "remove the snapshots of the volumes that --remove-all-storage removes" },
    { .name = "delete-snapshots", .type = CMD_OPT_ALIAS, .alias_of = "delete-storage-volume-snapshots" },
    { .name = "wipe-storage", .type = CMD_OPT_BOOL, .help = "overwrite the data of removed volumes" },
    { .name = "snapshots-metadata", .type = CMD_OPT_BOOL, .help = "forget its snapshots (while it is inactive)" },
    { .name = "checkpoints-metadata", .type = CMD_OPT_BOOL, .help = "forget its checkpoints (while it is inactive)" },
    { .name = "nvram", .type = CMD_OPT_BOOL, .help = "remove its NVRAM file" },
    { .name = "keep-nvram", .type = CMD_OPT_BOOL, .help = "keep its NVRAM file" },
    { .name = "tpm", .type = CMD_OPT_BOOL, .help = "remove the state of its TPM" },
    { .name = "keep-tpm", .type = CMD_OPT_BOOL, .help = "keep the state of its TPM" },
    CMD_OPT_END
};
static const char *const undefine_exclusive[] = { "nvram|keep-nvram", "tpm|keep-tpm", NULL };
static const char *const undefine_requires[] = { "delete-storage-volume-snapshots>remove-all-storage", NULL };

/* Takes the name of @disk out of @names (by an empty pointer in its place); FALSE when it is not there. */
static gboolean
take_name(const XmlDisk *disk, GPtrArray *names)
{
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);

        if (name && (g_strcmp0(name, disk->target) == 0 || strcmp(name, disk->source) == 0)) {
            names->pdata[i] = NULL;
            return TRUE;
        }
    }
    return FALSE;
}

/* What virsh does with disks that are no volumes of a storage pool: it says so and leaves them. Names of nothing are refused. */
static gboolean
leave_storage(CmdContext *ctx, GPtrArray *disks, char **words, gboolean all, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    gboolean known = TRUE;

    for (char **word = words; *word; word++)
        g_ptr_array_add(names, *word);
    for (guint i = 0; i < disks->len; i++) {
        const XmlDisk *disk = g_ptr_array_index(disks, i);

        if (disk->source && (take_name(disk, names) || all))
            out_warning(cmd_out(ctx), "Storage volume '%s'(%s) is not managed by libvirt. Remove it manually.\n", disk->target,
                        disk->source);
    }
    for (guint i = 0; i < names->len; i++) {
        if (!names->pdata[i])
            continue;
        known = FALSE;
        out_warning(cmd_out(ctx), "Volume '%s' was not found in domain's definition.\n", (char *)names->pdata[i]);
    }
    return known || cmd_fail_silently(error, HV_ERR_COMMAND, "not all volumes are in the domain's definition");
}

/* An empty --storage is none. */
static gboolean
names_storage(CmdContext *ctx)
{
    const char *storage = cmd_text(ctx, "storage");

    return storage && *storage;
}

static gboolean
undefine_storage(CmdContext *ctx, const DomainRef *dom, GError **error)
{
    gboolean all = cmd_bool(ctx, "remove-all-storage");
    domain_get_xml_desc_args args = { .dom = *dom, .flags = XML_INACTIVE };
    g_auto(domain_get_xml_desc_result) result = { 0 };
    g_autoptr(GPtrArray) disks = NULL;
    g_auto(GStrv) names = NULL;

    if (!names_storage(ctx) && !all)
        return TRUE;
    if (dom->id >= 0)
        return cmd_fail(error, HV_ERR_OPERATION_INVALID, "Storage volume deletion is supported only on stopped domains");
    if (names_storage(ctx) && all)
        return cmd_fail(error, HV_ERR_USAGE, "Specified both --storage and --remove-all-storage");
    if (!domain_get_xml_desc(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Failed to get domain description xml");
    disks = xml_domain_disks(result.xml, error);
    names = names_storage(ctx) ? g_strsplit(cmd_text(ctx, "storage"), ",", -1) : g_new0(char *, 1);
    return disks && leave_storage(ctx, disks, names, all, error);
}

static guint32
undefine_flags(CmdContext *ctx)
{
    static const struct {
        const char *option;
        guint32 flag;
    } table[] = {
        { "managed-save", UNDEFINE_MANAGED_SAVE },
        { "snapshots-metadata", UNDEFINE_SNAPSHOTS_METADATA },
        { "checkpoints-metadata", UNDEFINE_CHECKPOINTS_METADATA },
        { "nvram", UNDEFINE_NVRAM },
        { "keep-nvram", UNDEFINE_KEEP_NVRAM },
        { "tpm", UNDEFINE_TPM },
        { "keep-tpm", UNDEFINE_KEEP_TPM },
    };
    guint32 flags = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
        if (cmd_bool(ctx, table[i].option))
            flags |= table[i].flag;
    return flags;
}

/* Where a driver does not know the flags, plain undefining does the same as long as there is nothing that they are about. */
static gboolean
undefine_domain(CmdContext *ctx, const domain_undefine_flags_args *args, GError **error)
{
    Connection *conn = cmd_connection(ctx);
    g_autoptr(GError) local = NULL;

    if (domain_undefine_flags(conn, args, NULL, &local))
        return TRUE;
    if (!(args->flags & UNDEFINE_NVRAM) && (g_error_matches(local, HV_ERROR, HV_ERR_INVALID_ARG) ||
                                            g_error_matches(local, HV_ERROR, HV_ERR_NO_SUPPORT)))
        return domain_undefine(conn, &(domain_undefine_args){ .dom = args->dom }, NULL, error);
    g_propagate_error(error, g_steal_pointer(&local));
    return FALSE;
}

static gboolean
undefine_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    domain_undefine_flags_args args = { .flags = undefine_flags(ctx) };

    if (cmd_bool(ctx, "wipe-storage") && !names_storage(ctx) && !cmd_bool(ctx, "remove-all-storage"))
        return cmd_fail(error, HV_ERR_USAGE,
                        "'--wipe-storage' requires '--storage <string>' or '--remove-all-storage'");
    if (!cmd_domain(ctx, &dom, error) || !undefine_storage(ctx, &dom, error))
        return FALSE;
    args.dom = dom;
    if (!undefine_domain(ctx, &args, error))
        return hv_error_add_sentence(error, "Failed to undefine domain '%s'", cmd_text(ctx, "domain"));
    out_note(cmd_out(ctx), "Domain '%s' has been undefined", cmd_text(ctx, "domain"));
    return TRUE;
}

const CmdDef cmd_undefine = {
    .name = "undefine",
    .group = "domain",
    .help = "remove the definition of a domain",
    .desc = "Remove the definition of a domain. One that is running goes on as a transient domain.",
    .opts = undefine_opts,
    .exclusive = undefine_exclusive,
    .requires = undefine_requires,
    .run = undefine_run,
};
