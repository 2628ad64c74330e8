/* send-key and inject-nmi: what a person at the machine would do. */
#include <string.h>

#include "commands/common.h"
#include "util/keycodes.h"
#include "util/sizes.h"

/* virDomainSendKey() takes no more at once. */
#define MAX_KEYS 16

static char **
complete_codesets(CmdContext *ctx, unsigned flags)
{
    char **names = g_new0(char *, KEYCODES_LAST + 1);

    for (int i = 0; i < KEYCODES_LAST; i++)
        names[i] = g_strdup(keycode_set_name((KeycodeSet)i));
    return names;
}

static char **
complete_keys(CmdContext *ctx, unsigned flags)
{
    static const char *const keys[] = {
        "KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_LEFTSHIFT", "KEY_LEFTMETA", "KEY_RIGHTCTRL", "KEY_RIGHTALT", "KEY_RIGHTSHIFT",
        "KEY_DELETE", "KEY_INSERT", "KEY_HOME", "KEY_END", "KEY_PAGEUP", "KEY_PAGEDOWN", "KEY_UP", "KEY_DOWN", "KEY_LEFT",
        "KEY_RIGHT", "KEY_ENTER", "KEY_ESC", "KEY_TAB", "KEY_SPACE", "KEY_BACKSPACE", "KEY_SYSRQ", "KEY_POWER", "KEY_SLEEP",
        "KEY_WAKEUP", "KEY_F1", "KEY_F2", "KEY_F3", "KEY_F4", "KEY_F5", "KEY_F6", "KEY_F7", "KEY_F8", "KEY_F9", "KEY_F10",
        "KEY_F11", "KEY_F12", "KEY_0", "KEY_1", "KEY_2", "KEY_3", "KEY_4", "KEY_5", "KEY_6", "KEY_7", "KEY_8", "KEY_9",
        "KEY_A", "KEY_B", "KEY_C", "KEY_D", "KEY_E", "KEY_F", "KEY_G", "KEY_H", "KEY_I", "KEY_J", "KEY_K", "KEY_L", "KEY_M",
        "KEY_N", "KEY_O", "KEY_P", "KEY_Q", "KEY_R", "KEY_S", "KEY_T", "KEY_U", "KEY_V", "KEY_W", "KEY_X", "KEY_Y", "KEY_Z",
        NULL,
    };

    return complete_words(keys);
}

static const CmdOpt send_key_opts[] = {
    CMD_DOMAIN_ACTIVE,
    { .name = "codeset", .type = CMD_OPT_STRING, .flags = CMD_OPT_NAMED_ONLY, .complete = complete_codesets,
      .help = "set that the codes belong to (linux if not given)" },
    { .name = "holdtime", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_NAMED_ONLY, .help = "milliseconds to hold the keys down" },
    { .name = "keycode", .type = CMD_OPT_ARGV, .flags = CMD_OPT_REQUIRED | CMD_OPT_EMPTY_OK, .complete = complete_keys,
      .help = "names or numbers of the keys to press together" },
    CMD_OPT_END
};

static gboolean
parse_key(KeycodeSet set, const char *word, guint32 *code, GError **error)
{
    guint64 number = 0;
    int found = keycode_from_name(set, word);

    if (found > 0) {
        *code = (guint32)found;
        return TRUE;
    }
    if (!uint_parse_any(word, 0, G_MAXUINT16, &number))
        return cmd_fail(error, HV_ERR_INVALID_ARG, "invalid keycode: '%s'", word);
    *code = (guint32)number;
    return TRUE;
}

static gboolean
parse_keys(CmdContext *ctx, KeycodeSet set, guint32 codes[MAX_KEYS], guint32 *count, GError **error)
{
    for (const char *const *word = cmd_argv(ctx, "keycode"); *word; word++) {
        if (*count == MAX_KEYS)
            return cmd_fail(error, HV_ERR_INVALID_ARG, "too many keycodes");
        if (!parse_key(set, *word, &codes[*count], error))
            return FALSE;
        (*count)++;
    }
    return TRUE;
}

static gboolean
send_key_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    guint32 codes[MAX_KEYS];
    domain_send_key_args args = { .codeset = KEYCODES_LINUX, .keycodes = { .len = 0, .items = codes } };
    const char *codeset = cmd_text(ctx, "codeset");

    if (!cmd_domain(ctx, &dom, error) || !cmd_uint(ctx, "holdtime", &args.holdtime, error))
        return FALSE;
    if (codeset && *codeset) {
        int set = strcmp(codeset, "rfb") == 0 ? KEYCODES_QNUM : keycode_set_from_name(codeset);

        if (set < 0)
            return cmd_fail(error, HV_ERR_INVALID_ARG, "unknown codeset: '%s'", codeset);
        args.codeset = (guint32)set;
    }
    if (!parse_keys(ctx, (KeycodeSet)args.codeset, codes, &args.keycodes.len, error))
        return FALSE;
    args.dom = dom;
    return domain_send_key(cmd_connection(ctx), &args, NULL, error);
}

const CmdDef cmd_send_key = {
    .name = "send-key",
    .group = "domain",
    .help = "press keys on the keyboard of a domain",
    .desc = "Press keys together on the keyboard of a domain and let them go: names such as KEY_LEFTCTRL, or numbers of the set "
            "given by --codeset.",
    .opts = send_key_opts,
    .run = send_key_run,
};

static const CmdOpt inject_nmi_opts[] = { CMD_DOMAIN_ACTIVE, CMD_OPT_END };

static gboolean
inject_nmi_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };

    return cmd_domain(ctx, &dom, error) &&
           domain_inject_nmi(cmd_connection(ctx), &(domain_inject_nmi_args){ .dom = dom }, NULL, error);
}

const CmdDef cmd_inject_nmi = {
    .name = "inject-nmi",
    .group = "domain",
    .help = "give a domain a non-maskable interrupt",
    .desc = "Send a non-maskable interrupt to the CPUs of a domain.",
    .opts = inject_nmi_opts,
    .run = inject_nmi_run,
};
