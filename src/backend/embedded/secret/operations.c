/* The operations on secrets. */
#include "config.h"

#include <string.h>

#include "backend/constants.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "backend/embedded/secret/secret-store.h"
#include "util/uuid.h"

static const Paths *
paths_of(const Call *call)
{
    return ((const DriverState *)call->data)->paths;
}

/* @doc NULL: nobody knows what it is for. */
static void
make_ref(const char *uuid, const xmlDoc *doc, SecretRef *ref)
{
    uuid_parse(uuid, ref->uuid);
    ref->usage_type = doc ? secret_usage_type(doc) : 0;
    ref->usage_id = g_strdup(doc ? secret_usage_id(doc) : "");
}

static xmlDoc *
find(const Call *call, const guchar *uuid, GError **error)
{
    char text[UUID_TEXT];

    uuid_format(uuid, text);
    return secret_store_find(paths_of(call), text, error);
}

/* Tells the watchers, as the store does of domains: @secret is borrowed. */
static void
tell(const Call *call, SecretEventId id, int type, const SecretRef *secret)
{
    Store *store = ((const DriverState *)call->data)->store;
    Event event = { .of_secret = TRUE, .secret_id = id, .secret = *secret, .n1 = type };

    store_emit(store, &event);
}

/* --- finding ---------------------------------------------------------------------------------------- */

gboolean
embedded_connect_num_of_secrets(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error)
{
    g_autoptr(GPtrArray) secrets = secret_store_list(paths_of(call), error);

    if (secrets)
        ((connect_num_of_secrets_result *)result)->num = (gint32)secrets->len;
    return secrets != NULL;
}

/* The value of a damaged one is given to nobody. */
static gboolean
wanted(const SecretEntry *entry, guint32 flags)
{
    guint32 kind = entry->ephemeral ? SECRETS_EPHEMERAL : SECRETS_NO_EPHEMERAL;
    guint32 access = !entry->doc || secret_is_private(entry->doc) ? SECRETS_PRIVATE : SECRETS_NO_PRIVATE;

    return (!(flags & (SECRETS_EPHEMERAL | SECRETS_NO_EPHEMERAL)) || (flags & kind)) &&
           (!(flags & (SECRETS_PRIVATE | SECRETS_NO_PRIVATE)) || (flags & access));
}

gboolean
embedded_connect_list_all_secrets(const Call *call, const void *args, void *result, GError **error)
{
    const connect_list_all_secrets_args *in = args;
    connect_list_all_secrets_result *out = result;
    g_autoptr(GPtrArray) secrets = NULL;

    if (!domain_check_flags(in->flags, SECRETS_EPHEMERAL | SECRETS_NO_EPHEMERAL | SECRETS_PRIVATE | SECRETS_NO_PRIVATE,
                            "secretConnectListAllSecrets", error))
        return FALSE;
    secrets = secret_store_list(paths_of(call), error);
    if (!secrets)
        return FALSE;
    out->secrets.items = g_new0(SecretRef, secrets->len);
    for (guint i = 0; i < secrets->len; i++) {
        const SecretEntry *entry = secrets->pdata[i];

        if (!wanted(entry, in->flags))
            continue;
        if (in->need_results)
            make_ref(entry->uuid, entry->doc, &out->secrets.items[out->secrets.len++]);
        out->ret++;
    }
    return TRUE;
}

gboolean
embedded_secret_lookup_by_uuid(const Call *call, const void *args, void *result, GError **error)
{
    g_autoptr(SecretEntry) entry = NULL;
    char uuid[UUID_TEXT];

    uuid_format(((const secret_lookup_by_uuid_args *)args)->uuid.bytes, uuid);
    entry = secret_store_entry(paths_of(call), uuid, error);
    if (entry)
        make_ref(uuid, entry->doc, &((secret_lookup_by_uuid_result *)result)->secret);
    return entry != NULL;
}

gboolean
embedded_secret_get_xml_desc(const Call *call, const void *args, void *result, GError **error)
{
    const secret_get_xml_desc_args *in = args;
    g_autoptr(xmlDoc) doc = NULL;

    if (!domain_check_flags(in->flags, 0, "secretGetXMLDesc", error))
        return FALSE;
    doc = find(call, in->secret.uuid, error);
    if (doc)
        ((secret_get_xml_desc_result *)result)->xml = document_format(doc);
    return doc != NULL;
}

/* --- changing --------------------------------------------------------------------------------------- */

gboolean
embedded_secret_define_xml(const Call *call, const void *args, void *result, GError **error)
{
    const secret_define_xml_args *in = args;
    secret_define_xml_result *out = result;
    g_autoptr(xmlDoc) doc = NULL;

    if (!domain_check_flags(in->flags, SECRET_DEFINE_VALIDATE, "secretDefineXML", error))
        return FALSE;
    doc = secret_parse(in->xml, NULL, in->flags & SECRET_DEFINE_VALIDATE, error);
    if (!doc || !secret_store_define(paths_of(call), doc, error))
        return FALSE;
    make_ref(secret_uuid(doc), doc, &out->secret);
    tell(call, SECRET_EVENT_LIFECYCLE, SECRET_DEFINED, &out->secret);
    return TRUE;
}

gboolean
embedded_secret_undefine(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const SecretRef *secret = &((const secret_undefine_args *)args)->secret;
    char uuid[UUID_TEXT];

    uuid_format(secret->uuid, uuid);
    if (!secret_store_undefine(paths_of(call), uuid, error))
        return FALSE;
    tell(call, SECRET_EVENT_LIFECYCLE, SECRET_UNDEFINED, secret);
    return TRUE;
}

gboolean
embedded_secret_set_value(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const secret_set_value_args *in = args;
    char uuid[UUID_TEXT];

    if (!domain_check_flags(in->flags, 0, "secretSetValue", error))
        return FALSE;
    if (!in->value.items)
        return hv_throw_plain(error, HV_ERR_INVALID_ARG, "value in virSecretSetValue must not be NULL");
    if (in->value.len > SECRET_MAX_VALUE)
        return hv_throw(error, HV_ERR_INVALID_ARG, "a secret's value has at most %d bytes, not %u", SECRET_MAX_VALUE,
                        in->value.len);
    uuid_format(in->secret.uuid, uuid);
    if (!secret_store_set_value(paths_of(call), uuid, in->value.items, in->value.len, error))
        return FALSE;
    tell(call, SECRET_EVENT_VALUE_CHANGED, 0, &in->secret);
    return TRUE;
}

gboolean
embedded_secret_get_value(const Call *call, const void *args, void *result, GError **error)
{
    const secret_get_value_args *in = args;
    ByteList *value = &((secret_get_value_result *)result)->value;
    g_autoptr(xmlDoc) doc = NULL;
    gsize length = 0;

    if (!domain_check_flags(in->flags, 0, "secretGetValue", error))
        return FALSE;
    doc = find(call, in->secret.uuid, error);
    if (!doc)
        return FALSE;
    if (secret_is_private(doc))
        return hv_throw(error, HV_ERR_INVALID_SECRET, "secret is private");
    value->items = secret_store_value(paths_of(call), doc, &length, error);
    value->len = (guint32)length;
    return value->items != NULL;
}
