/* self-test: checks the table of commands, and writes the parts of the manual page that come from it. */
#include "shell/manual.h"
#include "shell/selfcheck.h"
#include "util/error.h"

static const CmdOpt self_test_opts[] = {
    { .name = "completers-missing", .type = CMD_OPT_BOOL, .help = "list the options whose values cannot be completed" },
    { .name = "man", .type = CMD_OPT_STRING, .flags = CMD_OPT_HVSH, .help = "write the manual page from this template" },
    { .name = "facts", .type = CMD_OPT_BOOL, .flags = CMD_OPT_HVSH, .help = "list commands and options as tab-separated values" },
    { .name = NULL },
};

static gboolean
check_table(Shell *shell, GError **error)
{
    g_autoptr(GPtrArray) problems = selfcheck_problems(shell_host(shell));

    if (problems->len == 0)
        return TRUE;
    hv_throw(error, HV_ERR_COMMAND, "%s", (char *)g_ptr_array_index(problems, problems->len - 1));
    for (guint i = problems->len - 1; i > 0; i--)
        hv_error_add_sentence(error, "%s", (char *)g_ptr_array_index(problems, i - 1));
    return FALSE;
}

static gboolean
self_test_run(CmdContext *ctx, GError **error)
{
    Shell *shell = cmd_shell(ctx);
    g_autoptr(GString) text = g_string_new(NULL);
    const char *template;

    if (!cmd_string(ctx, "man", &template, error))
        return FALSE;
    if (template) {
        if (!manual_write(shell_host(shell), template, text, error))
            return FALSE;
    } else if (cmd_bool(ctx, "facts")) {
        selfcheck_facts(shell_host(shell), text);
    } else if (cmd_bool(ctx, "completers-missing")) {
        selfcheck_completers_missing(shell_host(shell), text);
    } else {
        return check_table(shell, error);
    }
    out_document(cmd_out(ctx), "text", text->str);
    return TRUE;
}

const CmdDef cmd_self_test = {
    .name = "self-test",
    .group = "virsh",
    .help = "check the table of commands",
    .desc = "For the tests and the build of the program.",
    .opts = self_test_opts,
    .flags = CMD_NO_CONNECTION | CMD_HIDDEN,
    .run = self_test_run,
};
