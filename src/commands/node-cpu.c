/* nodeinfo, nodecpumap, nodecpustats: the CPUs of the host. */
#include "commands/node.h"
#include "util/cpu-set.h"
#include "util/deadline.h"

/* --- nodeinfo ------------------------------------------------------------------------------------------- */

static gboolean
nodeinfo_run(CmdContext *ctx, GError **error)
{
    g_auto(node_get_info_result) info = { 0 };
    g_autofree char *mhz = NULL, *memory = NULL;
    Out *out = cmd_out(ctx);

    if (!node_get_info(cmd_connection(ctx), &(node_get_info_args){ }, &info, error))
        return hv_error_add_sentence(error, "failed to get node information");
    mhz = g_strdup_printf("%d MHz", info.mhz);
    memory = g_strdup_printf("%" G_GUINT64_FORMAT " KiB", info.memory);
    out_record_begin(out, 20);
    out_field(out, "CPU model:", "cpu_model", OUT_STR(info.model));
    out_field(out, "CPU(s):", "cpus", OUT_INT(info.cpus));
    if (info.mhz)
        out_field(out, "CPU frequency:", "cpu_mhz", OUT_INT_TEXT(mhz, info.mhz));
    else
        out_field(out, NULL, "cpu_mhz", OUT_ABSENT(NULL));
    out_field(out, "CPU socket(s):", "sockets_per_cell", OUT_INT(info.sockets));
    out_field(out, "Core(s) per socket:", "cores_per_socket", OUT_INT(info.cores));
    out_field(out, "Thread(s) per core:", "threads_per_core", OUT_INT(info.threads));
    out_field(out, "NUMA cell(s):", "cells", OUT_INT(info.nodes));
    out_field(out, "Memory size:", "memory", out_kib(memory, info.memory));
    out_record_end(out);
    return TRUE;
}

const CmdDef cmd_nodeinfo = {
    .name = "nodeinfo",
    .group = "host",
    .help = "CPUs and memory of the host in figures",
    .desc = "Print the architecture of the host, how many CPUs are online and how they are arranged, and how much memory its "
            "NUMA cells have. A machine whose cells and sockets are not all alike counts as one cell with one socket.",
    .run = nodeinfo_run,
};

/* --- nodecpumap ------------------------------------------------------------------------------------------ */

static const CmdOpt nodecpumap_opts[] = {
    { .name = "pretty", .type = CMD_OPT_BOOL, .help = "ranges of numbers instead of a letter for each CPU" },
    CMD_OPT_END
};

static gboolean
map_has(const ByteList *map, gint32 cpu)
{
    return (guint32)cpu / 8 < map->len && map->items[cpu / 8] >> cpu % 8 & 1;
}

static char *
map_letters(const ByteList *map, gint32 n_cpus)
{
    GString *letters = g_string_sized_new((gsize)n_cpus);

    for (gint32 cpu = 0; cpu < n_cpus; cpu++)
        g_string_append_c(letters, map_has(map, cpu) ? 'y' : '-');
    return g_string_free(letters, FALSE);
}

static char *
map_ranges(const ByteList *map, gint32 n_cpus)
{
    g_autoptr(CpuSet) set = cpu_set_new();

    for (gint32 cpu = 0; cpu < MIN(n_cpus, CPU_SET_LIMIT); cpu++)
        if (map_has(map, cpu))
            cpu_set_add(set, (guint)cpu);
    return cpu_set_format(set);
}

static gboolean
nodecpumap_run(CmdContext *ctx, GError **error)
{
    const node_get_cpu_map_args args = { .need_map = TRUE, .need_online = TRUE };
    g_auto(node_get_cpu_map_result) result = { 0 };
    g_autofree char *letters = NULL, *ranges = NULL;
    Out *out = cmd_out(ctx);

    if (!node_get_cpu_map(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Unable to get cpu map");
    letters = map_letters(&result.cpumap, result.ret);
    ranges = map_ranges(&result.cpumap, result.ret);
    out_record_begin(out, 15);
    out_field(out, "CPUs present:", "present", OUT_INT(result.ret));
    out_field(out, "CPUs online:", "online", OUT_INT(result.online));
    out_field(out, "CPU map:", "map", OUT_TOKEN(cmd_bool(ctx, "pretty") ? ranges : letters, ranges));
    out_record_end(out);
    return TRUE;
}

const CmdDef cmd_nodecpumap = {
    .name = "nodecpumap",
    .group = "host",
    .help = "which CPUs of the host are online",
    .desc = "Print how many CPUs the host has, how many of them are online, and which: y for each that is, - for each that is not.",
    .opts = nodecpumap_opts,
    .run = nodecpumap_run,
};

/* --- nodecpustats ---------------------------------------------------------------------------------------- */

/* Those that are online. */
static char **
complete_cpus(CmdContext *ctx, unsigned flags)
{
    const node_get_cpu_map_args args = { .need_map = TRUE, .need_online = TRUE };
    g_auto(node_get_cpu_map_result) result = { 0 };
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    if (!node_get_cpu_map(cmd_connection(ctx), &args, &result, NULL))
        return NULL;
    for (gint32 cpu = 0; cpu < result.ret; cpu++)
        if (map_has(&result.cpumap, cpu))
            g_ptr_array_add(words, g_strdup_printf("%d", cpu));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_steal(words, NULL);
}

static const CmdOpt nodecpustats_opts[] = {
    { .name = "cpu", .type = CMD_OPT_NUMBER, .complete = complete_cpus, .help = "number of the only CPU to tell about" },
    { .name = "percent", .type = CMD_OPT_BOOL, .help = "shares of one second instead of times since boot" },
    NODE_INTERVAL,
    CMD_OPT_END
};

typedef enum { USER, SYSTEM, IDLE, IOWAIT, UTILIZATION, N_TIMES } Time;

/* In virsh's order. */
static const struct {
    const char *field, *label, *key, *percent_key;
} times[N_TIMES] = {
    [USER] = { NODE_CPU_STATS_USER, "user:", "user_ns", "user_percent" },
    [SYSTEM] = { NODE_CPU_STATS_KERNEL, "system:", "system_ns", "system_percent" },
    [IDLE] = { NODE_CPU_STATS_IDLE, "idle:", "idle_ns", "idle_percent" },
    [IOWAIT] = { NODE_CPU_STATS_IOWAIT, "iowait:", "iowait_ns", "iowait_percent" },
    [UTILIZATION] = { NODE_CPU_STATS_UTILIZATION, "usage:", NULL, "usage_percent" },
};

typedef struct {
    guint64 value[N_TIMES];
    gboolean known[N_TIMES];
} Sample;

typedef struct {
    int cpu;
    gboolean percent;
    gboolean begun;             /* @last holds something */
    Sample last;
} Watch;

static gboolean
take_sample(CmdContext *ctx, int cpu, Sample *sample, GError **error)
{
    node_get_cpu_stats_args args = { .cpu_num = cpu };
    g_auto(node_get_cpu_stats_result) number = { 0 }, result = { 0 };

    if (!node_get_cpu_stats(cmd_connection(ctx), &args, &number, error))
        return hv_error_add_sentence(error, "Unable to get number of cpu stats");
    *sample = (Sample){ 0 };
    args.nparams = number.nparams;
    if (args.nparams == 0)
        return TRUE;
    if (!node_get_cpu_stats(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Unable to get node cpu stats");
    for (guint32 i = 0; i < result.params.len; i++)
        for (int t = 0; t < N_TIMES; t++)
            if (g_strcmp0(result.params.items[i].field, times[t].field) == 0) {
                sample->value[t] = result.params.items[i].value;
                sample->known[t] = TRUE;
            }
    return TRUE;
}

/* Lines of a sample, and the fields that structured output shows. */
typedef struct {
    GString *text;
    const char *keys[N_TIMES + 1];
    OutValue values[N_TIMES + 1];
    gsize n;
} Lines;

static void
lines_init(Lines *lines)
{
    *lines = (Lines){ .text = g_string_new(NULL) };
    lines->keys[0] = "time_us";
    lines->values[0] = OUT_INT(g_get_real_time());
    lines->n = 1;
}

static void
lines_show(CmdContext *ctx, Lines *lines)
{
    Out *out = cmd_out(ctx);

    if (cmd_given(ctx, "interval")) {
        g_string_append_c(lines->text, '\n');
        out_event(out, lines->text->str, lines->keys, lines->values, lines->n);
    } else if (out_structured(out)) {
        out_record_begin(out, 0);
        for (gsize i = 1; i < lines->n; i++)
            out_field(out, NULL, lines->keys[i], lines->values[i]);
        out_record_end(out);
    } else {
        out_text(out, "%s", lines->text->str);
    }
    g_string_free(lines->text, TRUE);
}

static void
add_time(Lines *lines, Time time, guint64 value)
{
    g_string_append_printf(lines->text, "%-15s %20" G_GUINT64_FORMAT "\n", times[time].label, value);
    lines->keys[lines->n] = times[time].key;
    lines->values[lines->n++] = OUT_INT((gint64)value);
}

/* virsh prints what C makes of 0 of 0: nothing ran at all in a second of the test driver's host. */
static void
add_percent(Lines *lines, Time time, guint64 part, guint64 whole)
{
    double percent = 100.0 * (double)part / (double)whole;

    if (whole > 0)
        g_string_append_printf(lines->text, "%-15s %5.1f%%\n", times[time].label, percent);
    else
        g_string_append_printf(lines->text, "%-15s %5s%%\n", times[time].label, "-nan");
    lines->keys[lines->n] = times[time].percent_key;
    lines->values[lines->n++] = whole > 0 ? OUT_REAL((double)(gint64)(percent * 10 + 0.5) / 10) : OUT_ABSENT(NULL);
}

static void
show_times(CmdContext *ctx, const Sample *sample)
{
    Lines lines;

    lines_init(&lines);
    for (Time t = USER; t <= IOWAIT; t++)
        if (sample->known[t])
            add_time(&lines, t, sample->value[t]);
    lines_show(ctx, &lines);
}

static guint64
passed(const Sample *from, const Sample *to, Time time)
{
    /* Idle times of a CPU that came back may be lower than before. */
    return to->value[time] > from->value[time] ? to->value[time] - from->value[time] : 0;
}

static void
show_percent(CmdContext *ctx, const Sample *from, const Sample *to)
{
    guint64 whole = 0;
    Lines lines;

    lines_init(&lines);
    if (to->known[UTILIZATION]) {
        add_percent(&lines, UTILIZATION, to->value[UTILIZATION], 100);
    } else {
        for (Time t = USER; t <= IOWAIT; t++)
            whole += passed(from, to, t);
        add_percent(&lines, UTILIZATION, passed(from, to, USER) + passed(from, to, SYSTEM), whole);
        for (Time t = USER; t <= IOWAIT; t++)
            if (to->known[t])
                add_percent(&lines, t, passed(from, to, t), whole);
    }
    lines_show(ctx, &lines);
}

static gboolean
nodecpustats_sample(CmdContext *ctx, gpointer data, GError **error)
{
    Watch *watch = data;
    Sample now;

    if (watch->percent && !watch->begun) {
        if (!take_sample(ctx, watch->cpu, &watch->last, error))
            return FALSE;
        watch->begun = TRUE;
        if (!node_wait(ctx, deadline_after(1000)))
            return TRUE;
    }
    if (!take_sample(ctx, watch->cpu, &now, error))
        return FALSE;
    if (watch->percent)
        show_percent(ctx, &watch->last, &now);
    else
        show_times(ctx, &now);
    watch->last = now;
    return TRUE;
}

static gboolean
nodecpustats_run(CmdContext *ctx, GError **error)
{
    Watch watch = { .cpu = NODE_STATS_ALL, .percent = cmd_bool(ctx, "percent") };

    return cmd_int(ctx, "cpu", &watch.cpu, error) && node_repeat(ctx, nodecpustats_sample, &watch, error);
}

const CmdDef cmd_nodecpustats = {
    .name = "nodecpustats",
    .group = "host",
    .help = "what the CPUs of the host spend their time on",
    .desc = "Print the time that all CPUs, or one, have spent since boot, in nanoseconds. With --percent the shares of the second "
            "that begins now; with --interval too, of the time between two lines.",
    .opts = nodecpustats_opts,
    .run = nodecpustats_run,
};
