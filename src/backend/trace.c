#include "backend/trace.h"

#include <jansson.h>
#include <string.h>

/* Fields whose content is somebody's document, command or typing: passwords can stand in any of them. */
static const char *const opaque_fields[] = {
    "xml", "xml_desc", "domain_xml", "native_config", "arguments", "cmd", "metadata", "result", "plan", "capabilities",
    "checks", "cpu", "xml_cpu", "xml_cpus", "sysinfo", "keycodes",
};

static gboolean
is_opaque(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(opaque_fields); i++)
        if (!strcmp(name, opaque_fields[i]))
            return TRUE;
    return FALSE;
}

gboolean
trace_holds_opaque(const FieldInfo *fields)
{
    for (const FieldInfo *field = fields; field->name; field++)
        if (is_opaque(field->name))
            return TRUE;
    return FALSE;
}

static json_t *
string_json(const char *name, const char *text)
{
    if (!text)
        return json_null();
    if (is_opaque(name))
        return json_pack("{s:I}", "bytes", (json_int_t)strlen(text));
    /* A name from outside need not be UTF-8. */
    return g_utf8_validate(text, -1, NULL) ? json_string(text) : json_pack("{s:I}", "bytes", (json_int_t)strlen(text));
}

static json_t *
uuid_json(const guchar *uuid)
{
    char text[33];

    for (int i = 0; i < 16; i++)
        g_snprintf(text + 2 * i, 3, "%02x", uuid[i]);
    return json_string(text);
}

static json_t *
domain_json(const DomainRef *ref)
{
    json_t *object = json_object();

    json_object_set_new(object, "name", string_json("name", ref->name));
    json_object_set_new(object, "uuid", uuid_json(ref->uuid));
    json_object_set_new(object, "id", json_integer(ref->id));
    return object;
}

static json_t *
secret_json(const SecretRef *ref)
{
    json_t *object = json_object();

    json_object_set_new(object, "uuid", uuid_json(ref->uuid));
    json_object_set_new(object, "usage-type", json_integer(ref->usage_type));
    json_object_set_new(object, "usage-id", string_json("usage-id", ref->usage_id));
    return object;
}

static json_t *
figures_json(const NamedUint64List *list)
{
    json_t *object = json_object();

    for (guint32 i = 0; i < list->len; i++)
        json_object_set_new(object, list->items[i].field, json_integer((json_int_t)list->items[i].value));
    return object;
}

static json_t *
param_json(const TypedParam *param)
{
    switch (param->type) {
    case PARAM_INT:
        return json_integer(param->value.i);
    case PARAM_UINT:
        return json_integer(param->value.u);
    case PARAM_LLONG:
        return json_integer(param->value.l);
    case PARAM_ULLONG:
        return json_integer((json_int_t)param->value.ul);
    case PARAM_DOUBLE:
        return json_real(param->value.d);
    case PARAM_BOOLEAN:
        return json_boolean(param->value.b);
    case PARAM_STRING:
        return string_json(param->field, param->value.s);
    }
    return json_null();
}

static json_t *
params_json(const TypedParamList *list)
{
    json_t *object = json_object();

    for (guint32 i = 0; i < list->len; i++)
        json_object_set_new(object, list->items[i].field, param_json(&list->items[i]));
    return object;
}

static json_t *
field_json(const FieldInfo *field, gconstpointer where)
{
    json_t *array;

    switch (field->type) {
    case FIELD_i32:
        return json_integer(*(const gint32 *)where);
    case FIELD_u32:
        return json_integer(*(const guint32 *)where);
    case FIELD_i64:
        return json_integer(*(const gint64 *)where);
    case FIELD_u64:
        return json_integer((json_int_t) * (const guint64 *)where);
    case FIELD_u8:
        return json_integer(*(const guint8 *)where);
    case FIELD_u16:
        return json_integer(*(const guint16 *)where);
    case FIELD_str:
    case FIELD_optstr:
    case FIELD_charstr:
    case FIELD_chars32:
        return string_json(field->name, *(char *const *)where);
    case FIELD_uuid:
        return uuid_json(((const Uuid *)where)->bytes);
    case FIELD_domain:
        return domain_json(where);
    case FIELD_domains:
        array = json_array();
        for (guint32 i = 0; i < ((const DomainRefList *)where)->len; i++)
            json_array_append_new(array, domain_json(&((const DomainRefList *)where)->items[i]));
        return array;
    case FIELD_secret:
        return secret_json(where);
    case FIELD_secrets:
        array = json_array();
        for (guint32 i = 0; i < ((const SecretRefList *)where)->len; i++)
            json_array_append_new(array, secret_json(&((const SecretRefList *)where)->items[i]));
        return array;
    case FIELD_u32list:
        if (is_opaque(field->name))
            return json_pack("{s:I}", "numbers", (json_int_t)((const UintList *)where)->len);
        array = json_array();
        for (guint32 i = 0; i < ((const UintList *)where)->len; i++)
            json_array_append_new(array, json_integer(((const UintList *)where)->items[i]));
        return array;
    case FIELD_strlist:
        array = json_array();
        for (guint32 i = 0; i < ((const StringList *)where)->len; i++)
            json_array_append_new(array, string_json(field->name, ((const StringList *)where)->items[i]));
        return array;
    case FIELD_u64list:
        array = json_array();
        for (guint32 i = 0; i < ((const Uint64List *)where)->len; i++)
            json_array_append_new(array, json_integer((json_int_t)((const Uint64List *)where)->items[i]));
        return array;
    case FIELD_bytes:
        return json_pack("{s:I}", "bytes", (json_int_t)((const ByteList *)where)->len);
    case FIELD_figures:
        return figures_json(where);
    case FIELD_params:
        return params_json(where);
    }
    return json_null();
}

char *
trace_fields(const FieldInfo *fields, gconstpointer structure)
{
    json_t *object = json_object();
    char *dumped, *text;

    for (const FieldInfo *field = fields; field->name; field++)
        json_object_set_new(object, field->name, field_json(field, (const char *)structure + field->offset));
    dumped = json_dumps(object, JSON_COMPACT);
    text = g_strdup(dumped ? dumped : "{}");
    free(dumped);
    json_decref(object);
    return text;
}
