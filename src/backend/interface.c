/* The tables that interface.def expands to, and the generic code over them. */
#include "backend/interface.h"

#include <stddef.h>
#include <string.h>

#define OP(id, NAME, program, procedure, access, api) static const FieldInfo id##_arg_fields[] = {
#define ARG(id, type, field) { #field, FIELD_##type, offsetof(id##_args, field) },
#define RES(id, type, field)
#define END(id) { NULL, 0, 0 } };
#include "backend/interface.def"

#define OP(id, NAME, program, procedure, access, api) static const FieldInfo id##_result_fields[] = {
#define ARG(id, type, field)
#define RES(id, type, field) { #field, FIELD_##type, offsetof(id##_result, field) },
#define END(id) { NULL, 0, 0 } };
#include "backend/interface.def"

static const OperationInfo operations[OPERATION_COUNT] = {
#define OP(id, NAME, program, procedure, access, api) \
    { #id, api, PROGRAM_##program, procedure, OP_##access, \
      id##_arg_fields, sizeof(id##_args), id##_result_fields, sizeof(id##_result) },
#define ARG(id, type, field)
#define RES(id, type, field)
#define END(id)
#include "backend/interface.def"
};

const OperationInfo *
operation_info(Operation op)
{
    g_return_val_if_fail(op < OPERATION_COUNT, NULL);
    return &operations[op];
}

void
domain_ref_clear(DomainRef *ref)
{
    g_free(ref->name);
    memset(ref, 0, sizeof *ref);
}

void
domain_ref_copy(const DomainRef *from, DomainRef *to)
{
    *to = *from;
    to->name = g_strdup(from->name);
}

void
domain_ref_list_clear(DomainRefList *list)
{
    for (guint32 i = 0; i < list->len; i++)
        domain_ref_clear(&list->items[i]);
    g_free(list->items);
    memset(list, 0, sizeof *list);
}

void
secret_ref_clear(SecretRef *ref)
{
    g_free(ref->usage_id);
    memset(ref, 0, sizeof *ref);
}

void
secret_ref_copy(const SecretRef *from, SecretRef *to)
{
    *to = *from;
    to->usage_id = g_strdup(from->usage_id);
}

void
secret_ref_list_clear(SecretRefList *list)
{
    for (guint32 i = 0; i < list->len; i++)
        secret_ref_clear(&list->items[i]);
    g_free(list->items);
    memset(list, 0, sizeof *list);
}

void
named_uint64_list_add(NamedUint64List *list, const char *field, guint64 value)
{
    list->items = g_renew(NamedUint64, list->items, list->len + 1);
    list->items[list->len++] = (NamedUint64){ g_strdup(field), value };
}

static void
named_uint64_list_clear(NamedUint64List *list)
{
    for (guint32 i = 0; i < list->len; i++)
        g_free(list->items[i].field);
    g_free(list->items);
    memset(list, 0, sizeof *list);
}

static TypedParam *
typed_param_list_add(TypedParamList *list, const char *field, ParamType type)
{
    TypedParam *param;

    list->items = g_renew(TypedParam, list->items, list->len + 1);
    param = &list->items[list->len++];
    *param = (TypedParam){ .field = g_strdup(field), .type = type };
    return param;
}

void
typed_param_list_add_uint(TypedParamList *list, const char *field, guint32 value)
{
    typed_param_list_add(list, field, PARAM_UINT)->value.u = value;
}

void
typed_param_list_add_ullong(TypedParamList *list, const char *field, guint64 value)
{
    typed_param_list_add(list, field, PARAM_ULLONG)->value.ul = value;
}

void
typed_param_list_add_string(TypedParamList *list, const char *field, const char *value)
{
    typed_param_list_add(list, field, PARAM_STRING)->value.s = g_strdup(value);
}

void
typed_param_list_clear(TypedParamList *list)
{
    for (guint32 i = 0; i < list->len; i++) {
        g_free(list->items[i].field);
        if (list->items[i].type == PARAM_STRING)
            g_free(list->items[i].value.s);
    }
    g_free(list->items);
    memset(list, 0, sizeof *list);
}

void
fields_clear(const FieldInfo *fields, gsize size, gpointer structure)
{
    for (const FieldInfo *field = fields; field->name; field++) {
        gpointer where = (char *)structure + field->offset;

        switch (field->type) {
        case FIELD_str:
        case FIELD_optstr:
        case FIELD_charstr:
        case FIELD_chars32:
            g_free(*(char **)where);
            break;
        case FIELD_domain:
            domain_ref_clear(where);
            break;
        case FIELD_domains:
            domain_ref_list_clear(where);
            break;
        case FIELD_secret:
            secret_ref_clear(where);
            break;
        case FIELD_secrets:
            secret_ref_list_clear(where);
            break;
        case FIELD_u32list:
            g_free(((UintList *)where)->items);
            break;
        case FIELD_strlist:
            g_strfreev(((StringList *)where)->items);
            break;
        case FIELD_u64list:
            g_free(((Uint64List *)where)->items);
            break;
        case FIELD_bytes:
            if (((ByteList *)where)->items)
                explicit_bzero(((ByteList *)where)->items, ((ByteList *)where)->len);
            g_free(((ByteList *)where)->items);
            break;
        case FIELD_figures:
            named_uint64_list_clear(where);
            break;
        case FIELD_params:
            typed_param_list_clear(where);
            break;
        case FIELD_i32:
        case FIELD_u32:
        case FIELD_i64:
        case FIELD_u64:
        case FIELD_u8:
        case FIELD_u16:
        case FIELD_uuid:
            break;
        }
    }
    memset(structure, 0, size);
}
