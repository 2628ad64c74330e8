/* What the commands about secrets share. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

/* Completion: UUIDs of secrets. */
char **complete_secrets(CmdContext *ctx, unsigned flags);

/* The secret that option "secret" names. The caller clears *@secret. */
gboolean cmd_secret(CmdContext *ctx, SecretRef *secret, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define CMD_SECRET \
    { .name = "secret", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = "UUID of the secret", \
      .complete = complete_secrets }

G_END_DECLS
