/* What a start would do. */
#include "config.h"

#include "backend/embedded/machine-start-private.h"
#include "backend/embedded/plan.h"
#include "backend/qemu/explain.h"
#include "util/files.h"
#include "util/quote.h"

static void
plan_files(json_t *plan, const QemuCommand *command)
{
    for (guint f = 0; f < command->n_files; f++) {
        const QemuFile *file = &command->files[f];

        plan_add_file(plan, file->writable ? "write" : "read", file->path, file->target);
    }
    for (guint f = 0; f < command->n_fds; f++) {
        const QemuFd *fd = &command->fds[f];

        if (fd->kind == QEMU_FD_TAP)
            plan_add_file(plan, "tap", fd->ifname ? fd->ifname : "vnet%d", fd->bridge);
        else if (fd->path)
            plan_add_file(plan, "make", fd->path, NULL);
    }
}

static void
plan_helpers(json_t *plan, const Starting *starting)
{
    for (guint h = 0; h < starting->command->n_helpers; h++) {
        const QemuHelper *helper = &starting->command->helpers[h];
        g_autofree char *log = machine_qemu_helper_log(starting->log, helper->alias, helper->name);

        if (helper->socket)
            plan_add_file(plan, "make", helper->socket, NULL);
        plan_add_file(plan, "log", log, NULL);
        json_array_append_new(json_object_get(plan, "helpers"),
                              json_pack("{s:s, s:o}", "alias", helper->alias, "argv", plan_strings(helper->argv)));
    }
}

static void
append_helpers(GString *text, const Starting *starting)
{
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

/* The lines of JSON in @text, which is what the text form shows of the monitor. */
static void
plan_monitor(json_t *plan, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        json_t *command = json_loads(*line, 0, NULL);

        if (command)
            json_array_append_new(json_object_get(plan, "qmp"), command);
    }
}

char *
machine_qemu_plan(Machine *base, const MachineStart *start, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    g_auto(Starting) starting = { 0 };
    g_autofree char *command = NULL, *setup = NULL, *live = NULL;
    g_autoptr(GString) monitor = g_string_new("  {\"execute\":\"qmp_capabilities\"}\n");
    json_t *plan;
    GString *text;

    starting_init(&starting, machine, start);
    if (!starting_build(&starting, BUILD_PLAN, error))
        return NULL;
    plan = plan_new();
    plan_files(plan, starting.command);
    live = g_build_filename(starting.run, "live.xml", NULL);
    plan_add_file(plan, "make", live, NULL);
    plan_add_file(plan, "log", starting.log, NULL);
    plan_helpers(plan, &starting);
    json_object_set_new(plan, "argv", plan_strings(starting.command->argv));
    setup = qemu_command_format_setup(starting.command);
    g_string_append(monitor, setup);
    if (starting_has_ptys(starting.command))
        g_string_append(monitor, "  {\"execute\":\"query-chardev\"}\n");
    if (!start->paused)
        g_string_append(monitor, "  {\"execute\":\"cont\"}\n");
    plan_monitor(plan, monitor->str);

    text = g_string_new(NULL);
    plan_append_files(plan, text);
    append_helpers(text, &starting);
    command = qemu_command_format(starting.command);
    g_string_append_printf(text, "command:\n%s%smonitor:\n", command, g_str_has_suffix(command, "\n") ? "" : "\n");
    g_string_append(text, monitor->str);
    return plan_finish(plan, text);
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
