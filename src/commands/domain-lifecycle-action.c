/* set-lifecycle-action: what happens when a guest powers off, reboots or crashes. */
#include <string.h>

#include "commands/common.h"

/* In the order of libvirt's numbers. */
static const char *const types[] = { "poweroff", "reboot", "crash", NULL };
static const char *const actions[] = {
    "destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart", NULL,
};

static char **
complete_types(CmdContext *ctx, unsigned flags)
{
    return complete_words(types);
}

static char **
complete_actions(CmdContext *ctx, unsigned flags)
{
    return complete_words(actions);
}

static const CmdOpt set_lifecycle_action_opts[] = {
    CMD_DOMAIN_ANY,
    { .name = "type", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .complete = complete_types,
      .help = "event: poweroff, reboot or crash" },
    { .name = "action", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .complete = complete_actions,
      .help = "what to do then: destroy, restart, rename-restart, preserve, coredump-destroy, coredump-restart" },
    { .name = "config", .type = CMD_OPT_BOOL, .help = "in the definition, for the next boot" },
    { .name = "live", .type = CMD_OPT_BOOL, .help = "for the running domain" },
    { .name = "current", .type = CMD_OPT_BOOL, .help = "for the domain in the state it is in now" },
    CMD_OPT_END
};
static const char *const set_lifecycle_action_exclusive[] = { "current|live", "current|config", NULL };

static int
word_index(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static gboolean
set_lifecycle_action_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    domain_set_lifecycle_action_args args = { .flags = cmd_affect_flags(ctx) };
    const char *type = NULL, *action = NULL;
    int type_number, action_number;

    if (!cmd_string(ctx, "type", &type, error) || !cmd_string(ctx, "action", &action, error))
        return FALSE;
    type_number = word_index(types, type);
    if (type_number < 0)
        return cmd_fail(error, HV_ERR_INVALID_ARG, "Invalid lifecycle type '%s'.", type);
    action_number = word_index(actions, action);
    if (action_number < 0)
        return cmd_fail(error, HV_ERR_INVALID_ARG, "Invalid lifecycle action '%s'.", action);
    if (!cmd_domain(ctx, &dom, error))
        return FALSE;
    args.dom = dom;
    args.type = (guint32)type_number;
    args.action = (guint32)action_number;
    if (!domain_set_lifecycle_action(cmd_connection(ctx), &args, NULL, error))
        return hv_error_add_sentence(error, "Unable to change lifecycle action.");
    return TRUE;
}

const CmdDef cmd_set_lifecycle_action = {
    .name = "set-lifecycle-action",
    .group = "domain",
    .help = "say what happens when a guest powers off, reboots or crashes",
    .desc = "Set what is done with a domain when its guest powers off, reboots or crashes.",
    .opts = set_lifecycle_action_opts,
    .exclusive = set_lifecycle_action_exclusive,
    .run = set_lifecycle_action_run,
};
