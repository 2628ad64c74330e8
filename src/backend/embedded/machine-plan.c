/* What a start would do, for people. */
#include "config.h"

#include "backend/embedded/machine-start-private.h"
#include "backend/qemu/explain.h"
#include "util/files.h"
#include "util/quote.h"

static void
plan_files(GString *text, const QemuCommand *command)
{
    for (guint f = 0; f < command->n_files; f++) {
        const QemuFile *file = &command->files[f];

        g_string_append_printf(text, "  %s %s%s%s\n", file->writable ? "write" : "read ", file->path,
                               file->target ? " as " : "", file->target ? file->target : "");
    }
    for (guint f = 0; f < command->n_fds; f++) {
        const QemuFd *fd = &command->fds[f];

        if (fd->kind == QEMU_FD_TAP)
            g_string_append_printf(text, "  tap   %s%s%s\n", fd->ifname ? fd->ifname : "vnet%d",
                                   fd->bridge ? " in bridge " : "", fd->bridge ? fd->bridge : "");
        else if (fd->path)
            g_string_append_printf(text, "  make  %s\n", fd->path);
    }
}

static void
plan_helpers(GString *text, const Starting *starting)
{
    for (guint h = 0; h < starting->command->n_helpers; h++) {
        const QemuHelper *helper = &starting->command->helpers[h];
        g_autofree char *log = machine_qemu_helper_log(starting->log, helper->alias, helper->name);

        if (helper->socket)
            g_string_append_printf(text, "  make  %s\n", helper->socket);
        g_string_append_printf(text, "  log   %s\n", log);
    }
    if (starting->command->n_helpers > 0)
        g_string_append(text, "helpers:\n");
    for (guint h = 0; h < starting->command->n_helpers; h++) {
        const QemuHelper *helper = &starting->command->helpers[h];

        g_string_append_printf(text, "  %s:", helper->alias);
        for (char **arg = helper->argv; *arg; arg++) {
            g_string_append_c(text, ' ');
            quote_append_word(text, *arg);
        }
        g_string_append_c(text, '\n');
    }
}

char *
machine_qemu_plan(Machine *base, const MachineStart *start, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_auto(Starting) starting = { 0 };
    g_autofree char *command = NULL, *setup = NULL;
    GString *text;

    starting_init(&starting, machine, start);
    if (!starting_build(&starting, BUILD_PLAN, error))
        return NULL;
    text = g_string_new("files:\n");
    plan_files(text, starting.command);
    g_string_append_printf(text, "  make  %s/live.xml\n  log   %s\n", starting.run, starting.log);
    plan_helpers(text, &starting);
    command = qemu_command_format(starting.command);
    g_string_append_printf(text, "command:\n%s%smonitor:\n", command, g_str_has_suffix(command, "\n") ? "" : "\n");
    g_string_append(text, "  {\"execute\":\"qmp_capabilities\"}\n");
    setup = qemu_command_format_setup(starting.command);
    g_string_append(text, setup);
    if (starting_has_ptys(starting.command))
        g_string_append(text, "  {\"execute\":\"query-chardev\"}\n");
    if (!start->paused)
        g_string_append(text, "  {\"execute\":\"cont\"}\n");
    return g_string_free(text, FALSE);
}

/* The command as a person would run it. It has a folder of its own for sockets: that of the running domain comes and goes
 * with its supervisor, and somebody else may be using it. Nothing is made: who runs the command makes that folder first. */
static gboolean
build_native(Starting *starting, MachineQemu *machine, const MachineStart *start, GError **error)
{
    starting_init(starting, machine, start);
    g_free(starting->run);
    g_free(starting->monitor);
    starting->run = g_strdup_printf("%s/domain-%s", machine->paths->run, start->name);
    starting->monitor = g_build_filename(starting->run, "monitor.sock", NULL);
    return starting_build(starting, BUILD_NATIVE, error);
}

char *
machine_qemu_native(Machine *base, const MachineStart *start, GError **error)
{
    g_auto(Starting) starting = { 0 };

    return build_native(&starting, (MachineQemu *) base, start, error) ? qemu_command_format(starting.command) : NULL;
}

GPtrArray *
machine_qemu_explain(Machine *base, const MachineStart *start, GError **error)
{
    g_auto(Starting) starting = { 0 };

    return build_native(&starting, (MachineQemu *) base, start, error)
           ? qemu_explain(document_root(starting.doc), starting.command) : NULL;
}
