/* secret-define, secret-dumpxml, secret-list, secret-undefine. */
#include "commands/secret.h"

#include "backend/xml-secret.h"
#include "commands/document.h"
#include "util/uuid.h"

char **
complete_secrets(CmdContext *ctx, unsigned flags)
{
    g_auto(connect_list_all_secrets_result) result = { 0 };
    connect_list_all_secrets_args args = { .need_results = 1, .flags = flags };
    char **uuids;

    if (!connect_list_all_secrets(cmd_connection(ctx), &args, &result, NULL))
        return NULL;
    uuids = g_new0(char *, result.secrets.len + 1);
    for (guint32 i = 0; i < result.secrets.len; i++) {
        uuids[i] = g_malloc(UUID_TEXT);
        uuid_format(result.secrets.items[i].uuid, uuids[i]);
    }
    return uuids;
}

gboolean
cmd_secret(CmdContext *ctx, SecretRef *secret, GError **error)
{
    g_auto(secret_lookup_by_uuid_result) result = { 0 };
    secret_lookup_by_uuid_args args = { 0 };
    const char *name = NULL;

    if (!cmd_string(ctx, "secret", &name, error))
        return FALSE;
    shell_debug(cmd_shell(ctx), 0, "%s: found option <secret>: %s\n", cmd_name(ctx), name);
    if (!uuid_parse(name, args.uuid.bytes)) {
        hv_throw_plain(error, HV_ERR_INVALID_ARG, "uuidstr in virSecretLookupByUUIDString must be a valid UUID");
        return hv_error_add_sentence(error, "failed to get secret '%s'", name);
    }
    if (!secret_lookup_by_uuid(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "failed to get secret '%s'", name);
    secret_ref_copy(&result.secret, secret);
    return TRUE;
}

static const CmdOpt define_opts[] = {
    { .name = "file", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED | CMD_OPT_FILE,
      .help = "file with the XML of the secret" },
    { .name = "validate", .type = CMD_OPT_BOOL, .help = "check the XML against the schema first" },
    CMD_OPT_END
};

static gboolean
define_run(CmdContext *ctx, GError **error)
{
    g_auto(secret_define_xml_result) result = { 0 };
    secret_define_xml_args args = { .flags = cmd_bool(ctx, "validate") ? SECRET_DEFINE_VALIDATE : 0 };
    const char *file = NULL;
    g_autofree char *xml = NULL;
    char uuid[UUID_TEXT];

    if (!cmd_read_file(ctx, "file", &file, &xml, error))
        return FALSE;
    args.xml = xml;
    if (!secret_define_xml(cmd_connection(ctx), &args, &result, error)) {
        hv_error_set_file(error, file);
        return hv_error_add_sentence(error, "Failed to set attributes from %s", file);
    }
    uuid_format(result.secret.uuid, uuid);
    out_note(cmd_out(ctx), "Secret %s created", uuid);
    return TRUE;
}

const CmdDef cmd_secret_define = {
    .name = "secret-define",
    .group = "secret",
    .help = "make or change a secret, without its value",
    .desc = "Make a secret of the XML in a file, or change the one with that UUID. Its value is given with secret-set-value.",
    .opts = define_opts,
    .run = define_run,
};

static const CmdOpt dumpxml_opts[] = {
    CMD_SECRET,
    CMD_DOCUMENT(0),
    CMD_OPT_END
};

static gboolean
dumpxml_run(CmdContext *ctx, GError **error)
{
    g_auto(SecretRef) secret = { 0 };
    g_auto(secret_get_xml_desc_result) result = { 0 };
    secret_get_xml_desc_args args = { 0 };

    if (!cmd_secret(ctx, &secret, error))
        return FALSE;
    args.secret = secret;
    return secret_get_xml_desc(cmd_connection(ctx), &args, &result, error) &&
           cmd_print_document(ctx, result.xml, FALSE, error);
}

const CmdDef cmd_secret_dumpxml = {
    .name = "secret-dumpxml",
    .group = "secret",
    .help = "the XML of a secret",
    .desc = "Print the XML of a secret. Its value is not part of it.",
    .opts = dumpxml_opts,
    .run = dumpxml_run,
};

static const CmdOpt list_opts[] = {
    { .name = "ephemeral", .type = CMD_OPT_BOOL, .help = "those that end with the host's run" },
    { .name = "no-ephemeral", .type = CMD_OPT_BOOL, .help = "those that are kept" },
    { .name = "private", .type = CMD_OPT_BOOL, .help = "those whose value nobody can ask for" },
    { .name = "no-private", .type = CMD_OPT_BOOL, .help = "those whose value can be asked for" },
    CMD_OPT_END
};

static guint32
list_flags(CmdContext *ctx)
{
    return (cmd_bool(ctx, "ephemeral") ? SECRETS_EPHEMERAL : 0) | (cmd_bool(ctx, "no-ephemeral") ? SECRETS_NO_EPHEMERAL : 0) |
           (cmd_bool(ctx, "private") ? SECRETS_PRIVATE : 0) | (cmd_bool(ctx, "no-private") ? SECRETS_NO_PRIVATE : 0);
}

/* A driver without a list of secrets may have their number; what it says of that is what virsh shows. */
static gboolean
list_fails(CmdContext *ctx, GError *reason, GError **error)
{
    g_auto(connect_num_of_secrets_result) number = { 0 };

    if (!g_error_matches(reason, HV_ERROR, HV_ERR_NO_SUPPORT)) {
        g_propagate_error(error, reason);
        return hv_error_add_sentence(error, "Failed to list secrets");
    }
    if (list_flags(ctx)) {
        g_error_free(reason);
        return cmd_fail(error, HV_ERR_NO_SUPPORT, "Filtering is not supported by this libvirt");
    }
    if (connect_num_of_secrets(cmd_connection(ctx), &(connect_num_of_secrets_args){ }, &number, error)) {
        g_propagate_error(error, reason);
        return FALSE;
    }
    g_error_free(reason);
    return hv_error_add_sentence(error, "Failed to count secrets");
}

/* A secret that cannot be read is told of, and the others are listed. */
static gboolean
warn_unreadable(CmdContext *ctx, const SecretRef *secret)
{
    g_auto(secret_get_xml_desc_result) result = { 0 };
    g_autoptr(GError) unread = NULL;

    if (secret_get_xml_desc(cmd_connection(ctx), &(secret_get_xml_desc_args){ .secret = *secret }, &result, &unread))
        return FALSE;
    /* It may have been undefined meanwhile. */
    if (g_error_matches(unread, HV_ERROR, HV_ERR_NO_SECRET))
        return FALSE;
    out_warning(cmd_out(ctx), "%s", unread->message);
    return TRUE;
}

static gboolean
list_run(CmdContext *ctx, GError **error)
{
    static const OutColumn columns[] = { { "UUID", "uuid" }, { "Usage", NULL }, { NULL, "usage_type" }, { NULL, "usage_id" } };
    g_auto(connect_list_all_secrets_result) result = { 0 };
    connect_list_all_secrets_args args = { .need_results = 1, .flags = list_flags(ctx) };
    GError *reason = NULL;
    OutTable *table;

    if (!connect_list_all_secrets(cmd_connection(ctx), &args, &result, &reason))
        return list_fails(ctx, reason, error);
    table = out_table_new(cmd_out(ctx), columns, G_N_ELEMENTS(columns));
    for (guint32 i = 0; i < result.secrets.len; i++) {
        const SecretRef *secret = &result.secrets.items[i];
        const char *type = xml_secret_usage_name(secret->usage_type);
        g_autofree char *usage = NULL;
        char uuid[UUID_TEXT];

        uuid_format(secret->uuid, uuid);
        if (type)
            usage = g_strdup_printf("%s %s", type, secret->usage_id);
        else
            usage = g_strdup(warn_unreadable(ctx, secret) ? "Unreadable" : "Unused");
        out_table_add(table, (OutValue[]){ OUT_STR(uuid), OUT_STR(usage), OUT_STR(type ? type : "none"),
                                           type ? OUT_STR(secret->usage_id) : OUT_ABSENT("") });
    }
    out_table_end(table);
    return TRUE;
}

const CmdDef cmd_secret_list = {
    .name = "secret-list",
    .group = "secret",
    .help = "list secrets",
    .desc = "List the secrets and what each is for.",
    .opts = list_opts,
    .run = list_run,
};

static const CmdOpt undefine_opts[] = {
    CMD_SECRET,
    CMD_OPT_END
};

static gboolean
undefine_run(CmdContext *ctx, GError **error)
{
    g_auto(SecretRef) secret = { 0 };
    secret_undefine_args args = { 0 };
    const char *name = cmd_text(ctx, "secret");

    if (!cmd_secret(ctx, &secret, error))
        return FALSE;
    args.secret = secret;
    if (!secret_undefine(cmd_connection(ctx), &args, NULL, error))
        return hv_error_add_sentence(error, "Failed to delete secret %s", name);
    out_note(cmd_out(ctx), "Secret %s deleted", name);
    return TRUE;
}

const CmdDef cmd_secret_undefine = {
    .name = "secret-undefine",
    .group = "secret",
    .help = "remove a secret",
    .desc = "Remove a secret and its value. Domains that name it can no longer be started.",
    .opts = undefine_opts,
    .run = undefine_run,
};
