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
fields_clear(const FieldInfo *fields, gsize size, gpointer structure)
{
    for (const FieldInfo *field = fields; field->name; field++) {
        gpointer where = (char *)structure + field->offset;

        switch (field->type) {
        case FIELD_str:
        case FIELD_optstr:
        case FIELD_charstr:
            g_free(*(char **)where);
            break;
        case FIELD_domain:
            domain_ref_clear(where);
            break;
        case FIELD_domains:
            domain_ref_list_clear(where);
            break;
        case FIELD_u32list:
            g_free(((UintList *)where)->items);
            break;
        case FIELD_strlist:
            g_strfreev(((StringList *)where)->items);
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
