/* Checks every call against the interface table; in builds with --enable-contract-checks only. */
#pragma once

#include "backend/interface.h"

G_BEGIN_DECLS

/* Both abort with a message that names the operation and the field when the contract is broken. */
void contract_check_args(const OperationInfo *info, gconstpointer args, gconstpointer result);
void contract_check_outcome(const OperationInfo *info, gboolean ok, gconstpointer result, const GError *error);

G_END_DECLS
