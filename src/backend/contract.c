#include "backend/contract.h"

#include "util/error.h"

static void
check_fields(const OperationInfo *info, const char *side, const FieldInfo *fields, gconstpointer structure)
{
    for (const FieldInfo *field = fields; field->name; field++) {
        gconstpointer where = (const char *)structure + field->offset;

        if ((field->type == FIELD_str || field->type == FIELD_charstr || field->type == FIELD_chars32) && !*(char *const *)where)
            g_error("%s: %s field '%s' is missing", info->name, side, field->name);
        if (field->type == FIELD_domain && !((const DomainRef *)where)->name)
            g_error("%s: %s domain '%s' has no name", info->name, side, field->name);
        if (field->type == FIELD_domains)
            for (guint32 i = 0; i < ((const DomainRefList *)where)->len; i++)
                if (!((const DomainRefList *)where)->items[i].name)
                    g_error("%s: %s domain %u of '%s' has no name", info->name, side, i, field->name);
    }
}

void
contract_check_args(const OperationInfo *info, gconstpointer args, gconstpointer result)
{
    check_fields(info, "argument", info->args, args);
    for (gsize i = 0; result && i < info->result_size; i++)
        if (((const char *)result)[i])
            g_error("%s: the result was not zeroed by the caller", info->name);
}

void
contract_check_outcome(const OperationInfo *info, gboolean ok, gconstpointer result, const GError *error)
{
    if (!ok && !error)
        g_error("%s: failed without an error", info->name);
    if (ok && error)
        g_error("%s: succeeded with an error: %s", info->name, error->message);
    if (!ok && error->domain != HV_ERROR)
        g_error("%s: failed with a foreign error: %s", info->name, error->message);
    if (ok && result)
        check_fields(info, "result", info->result, result);
}
