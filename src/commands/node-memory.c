/* nodememstats, freecell, freepages, allocpages: the memory of the host. */
#include "backend/xml-host.h"
#include "commands/node.h"

/* --- nodememstats ------------------------------------------------------------------------------------------ */

static const CmdOpt nodememstats_opts[] = {
    { .name = "cell", .type = CMD_OPT_NUMBER, .help = "number of the only NUMA cell to tell about", .complete = complete_cells },
    NODE_INTERVAL,
    CMD_OPT_END
};

/* Figures that libvirt names, at most. */
#define MAX_FIGURES 16

static void
show_stats(CmdContext *ctx, const NamedUint64List *stats)
{
    Out *out = cmd_out(ctx);
    g_autoptr(GString) text = g_string_new(NULL);
    const char *keys[MAX_FIGURES + 1] = { "time_us" };
    OutValue values[MAX_FIGURES + 1] = { OUT_INT(g_get_real_time()) };
    gsize n = 1;

    for (guint32 i = 0; i < MIN(stats->len, MAX_FIGURES); i++) {
        g_string_append_printf(text, "%-7s: %20" G_GUINT64_FORMAT " KiB\n", stats->items[i].field, stats->items[i].value);
        keys[n] = stats->items[i].field;
        values[n++] = out_kib(NULL, stats->items[i].value);
    }
    if (cmd_given(ctx, "interval")) {
        g_string_append_c(text, '\n');
        out_event(out, text->str, keys, values, n);
    } else if (out_structured(out)) {
        out_record_begin(out, 0);
        for (gsize i = 1; i < n; i++)
            out_field(out, NULL, keys[i], values[i]);
        out_record_end(out);
    } else {
        out_text(out, "%s", text->str);
    }
}

static gboolean
nodememstats_sample(CmdContext *ctx, gpointer data, GError **error)
{
    node_get_memory_stats_args args = { .cell_num = *(const int *)data };
    g_auto(node_get_memory_stats_result) number = { 0 }, result = { 0 };

    if (!node_get_memory_stats(cmd_connection(ctx), &args, &number, error))
        return hv_error_add_sentence(error, "Unable to get number of memory stats");
    args.nparams = number.nparams;
    if (args.nparams == 0)
        return TRUE;
    if (!node_get_memory_stats(cmd_connection(ctx), &args, &result, error))
        return hv_error_add_sentence(error, "Unable to get memory stats");
    show_stats(ctx, &result.params);
    return TRUE;
}

static gboolean
nodememstats_run(CmdContext *ctx, GError **error)
{
    int cell = NODE_STATS_ALL;

    return cmd_int(ctx, "cell", &cell, error) && node_repeat(ctx, nodememstats_sample, &cell, error);
}

const CmdDef cmd_nodememstats = {
    .name = "nodememstats",
    .group = "host",
    .help = "how the memory of the host is used",
    .desc = "Print how much memory the host has, is free, and holds buffers and cached files, in KiB; for one cell only what it has "
            "and what is free.",
    .opts = nodememstats_opts,
    .run = nodememstats_run,
};

/* --- freecell ------------------------------------------------------------------------------------------------ */

static const CmdOpt freecell_opts[] = {
    { .name = "cellno", .type = CMD_OPT_NUMBER, .help = "number of the NUMA cell", .complete = complete_cells },
    { .name = "all", .type = CMD_OPT_BOOL, .help = "each cell, and their sum" },
    CMD_OPT_END
};
static const char *const all_or_cell[] = { "all|cellno", NULL };

static gboolean
cell_free(CmdContext *ctx, int cell, guint64 *kib, GError **error)
{
    const node_get_cells_free_memory_args args = { .start_cell = cell, .max_cells = 1 };
    g_auto(node_get_cells_free_memory_result) result = { 0 };

    if (!node_get_cells_free_memory(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    if (result.cells.len != 1)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "%u answers about the memory of cell %d", result.cells.len, cell);
    *kib = result.cells.items[0] / 1024;
    return TRUE;
}

static void
cell_record(Out *out, guint cell, guint64 kib)
{
    out_record_begin(out, 0);
    out_field(out, NULL, "cell", OUT_INT(cell));
    out_field(out, NULL, "free", out_kib(NULL, kib));
    out_record_end(out);
}

static void
show_cells(Out *out, const GArray *cells, const guint64 *free)
{
    guint64 total = 0;

    if (out_structured(out)) {
        out_records_begin(out);
        for (guint i = 0; i < cells->len; i++)
            cell_record(out, g_array_index(cells, guint, i), free[i]);
        out_records_end(out);
        return;
    }
    for (guint i = 0; i < cells->len; i++) {
        out_text(out, "%5u: %10" G_GUINT64_FORMAT " KiB\n", g_array_index(cells, guint, i), free[i]);
        total += free[i];
    }
    out_note(out, "--------------------");
    out_note(out, "%5s: %10" G_GUINT64_FORMAT " KiB", "Total", total);
}

static gboolean
freecell_all(CmdContext *ctx, GError **error)
{
    g_autoptr(GArray) cells = node_cells(ctx, error);
    g_autofree guint64 *free = cells ? g_new0(guint64, cells->len + 1) : NULL;

    if (!cells)
        return FALSE;
    for (guint i = 0; i < cells->len; i++)
        if (!cell_free(ctx, (int)g_array_index(cells, guint, i), &free[i], error))
            return hv_error_add_sentence(error, "failed to get free memory for NUMA node number: %u",
                                         g_array_index(cells, guint, i));
    show_cells(cmd_out(ctx), cells, free);
    return TRUE;
}

static gboolean
freecell_sum(CmdContext *ctx, GError **error)
{
    g_auto(node_get_free_memory_result) result = { 0 };
    g_autofree char *text = NULL;

    if (!node_get_free_memory(cmd_connection(ctx), &(node_get_free_memory_args){ }, &result, error))
        return FALSE;
    text = g_strdup_printf("Total: %" G_GUINT64_FORMAT " KiB", result.free_mem / 1024);
    out_value(cmd_out(ctx), "free", out_kib(text, result.free_mem / 1024));
    return TRUE;
}

static gboolean
freecell_run(CmdContext *ctx, GError **error)
{
    Out *out = cmd_out(ctx);
    guint64 kib = 0;
    int cell = 0;

    if (cmd_bool(ctx, "all"))
        return freecell_all(ctx, error);
    if (!cmd_given(ctx, "cellno"))
        return freecell_sum(ctx, error);
    if (!cmd_int(ctx, "cellno", &cell, error) || !cell_free(ctx, cell, &kib, error))
        return FALSE;
    if (out_structured(out))
        cell_record(out, (guint)cell, kib);
    else
        out_text(out, "%d: %" G_GUINT64_FORMAT " KiB\n", cell, kib);
    return TRUE;
}

const CmdDef cmd_freecell = {
    .name = "freecell",
    .group = "host",
    .help = "free memory of the host's NUMA cells",
    .desc = "Print the free memory of the host: as a whole, of one NUMA cell, or of each.",
    .opts = freecell_opts,
    .exclusive = all_or_cell,
    .run = freecell_run,
};

/* --- freepages -------------------------------------------------------------------------------------------------- */

static const CmdOpt freepages_opts[] = {
    { .name = "cellno", .type = CMD_OPT_NUMBER, .help = "number of the NUMA cell; -1: the whole host", .complete = complete_cells },
    { .name = "pagesize", .type = CMD_OPT_NUMBER, .help = "size of the pages, in KiB unless it has a unit",
      .complete = complete_page_sizes },
    { .name = "all", .type = CMD_OPT_BOOL, .help = "each cell, and each size unless one is given" },
    CMD_OPT_END
};

static gboolean
show_pages(CmdContext *ctx, int cell, GArray *sizes, GError **error)
{
    const node_get_free_pages_args args = {
        .pages = { .len = sizes->len, .items = (guint32 *)(gpointer)sizes->data }, .start_cell = cell, .cell_count = 1,
    };
    g_auto(node_get_free_pages_result) result = { 0 };
    Out *out = cmd_out(ctx);

    if (!node_get_free_pages(cmd_connection(ctx), &args, &result, error))
        return FALSE;
    for (guint i = 0; i < MIN(sizes->len, result.counts.len); i++) {
        guint size = g_array_index(sizes, guint, i);

        out_text(out, "%uKiB: %" G_GUINT64_FORMAT "\n", size, result.counts.items[i]);
        if (!out_structured(out))
            continue;
        out_record_begin(out, 0);
        out_field(out, NULL, "cell", cell < 0 ? OUT_ABSENT(NULL) : OUT_INT(cell));
        out_field(out, NULL, "page_size", out_kib(NULL, size));
        out_field(out, NULL, "free_pages", OUT_INT((gint64)result.counts.items[i]));
        out_record_end(out);
    }
    return TRUE;
}

static GArray *
all_sizes(const char *capabilities, GError **error)
{
    g_autoptr(GArray) sizes = xml_host_page_sizes(capabilities, error);

    if (sizes && sizes->len == 0) {
        cmd_fail(error, HV_ERR_COMMAND, "could not get information about supported page sizes");
        return NULL;
    }
    return g_steal_pointer(&sizes);
}

/* @wanted: the only size to tell about, or NULL. */
static gboolean
freepages_all(CmdContext *ctx, GArray *wanted, GError **error)
{
    g_autofree char *capabilities = node_capabilities(ctx, error);
    g_autoptr(GArray) every = capabilities && !wanted ? all_sizes(capabilities, error) : NULL;
    GArray *sizes = wanted ? wanted : every;
    g_autoptr(GArray) cells = capabilities && sizes ? xml_host_cells(capabilities, error) : NULL;
    Out *out = cmd_out(ctx);

    if (!cells)
        return FALSE;
    out_records_begin(out);
    for (guint i = 0; i < cells->len; i++) {
        guint cell = g_array_index(cells, guint, i);

        out_text(out, "Node %u:\n", cell);
        if (!show_pages(ctx, (int)cell, sizes, error))
            return FALSE;
        out_text(out, "\n");
    }
    out_records_end(out);
    return TRUE;
}

static gboolean
freepages_run(CmdContext *ctx, GError **error)
{
    g_autoptr(GArray) sizes = NULL;
    int cell = 0;
    guint size = 0;

    /* Numbers are read before what is missing is missed. virsh takes no page of 4 GiB or more here. */
    if (cmd_given(ctx, "pagesize")) {
        if (!node_page_size(ctx, G_MAXUINT, &size, error))
            return FALSE;
        sizes = g_array_new(FALSE, FALSE, sizeof size);
        g_array_append_val(sizes, size);
    }
    if (!cmd_int(ctx, "cellno", &cell, error))
        return FALSE;
    if (cmd_bool(ctx, "all"))
        return freepages_all(ctx, sizes, error);
    if (!cmd_given(ctx, "cellno"))
        return cmd_fail(error, HV_ERR_COMMAND, "missing cellno argument");
    if (cell < -1)
        return cmd_fail(error, HV_ERR_COMMAND, "cell number must be non-negative integer or -1");
    if (!sizes)
        return cmd_fail(error, HV_ERR_COMMAND, "missing pagesize argument");
    return show_pages(ctx, cell, sizes, error);
}

const CmdDef cmd_freepages = {
    .name = "freepages",
    .group = "host",
    .help = "free pages of the host by size",
    .desc = "Print how many pages are free in a NUMA cell, of one size or of each that the host has, the normal one included.",
    .opts = freepages_opts,
    .exclusive = all_or_cell,
    .run = freepages_run,
};

/* --- allocpages ------------------------------------------------------------------------------------------------- */

static const CmdOpt allocpages_opts[] = {
    { .name = "pagesize", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_REQUIRED,
      .help = "size of the pages, in KiB unless it has a unit", .complete = complete_page_sizes },
    { .name = "pagecount", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_REQUIRED, .help = "how many pages" },
    { .name = "cellno", .type = CMD_OPT_NUMBER, .help = "number of the NUMA cell; without it the kernel spreads them",
      .complete = complete_cells },
    { .name = "add", .type = CMD_OPT_BOOL, .help = "make the pool larger by so many pages" },
    { .name = "all", .type = CMD_OPT_BOOL, .help = "so many in each cell" },
    CMD_OPT_END
};

static gboolean
allocate(CmdContext *ctx, int cell, guint size, guint64 count, GError **error)
{
    const node_alloc_pages_args args = {
        .page_sizes = { .len = 1, .items = &size }, .page_counts = { .len = 1, .items = &count },
        .start_cell = cell, .cell_count = 1, .flags = cmd_bool(ctx, "add") ? ALLOC_PAGES_ADD : ALLOC_PAGES_SET,
    };

    return node_alloc_pages(cmd_connection(ctx), &args, NULL, error);
}

static gboolean
allocpages_run(CmdContext *ctx, GError **error)
{
    g_autoptr(GArray) cells = NULL;
    guint64 count = 0;
    guint size = 0;
    int cell = -1;

    if (!cmd_int(ctx, "cellno", &cell, error) || !node_page_size(ctx, (guint64)G_MAXUINT * 1024, &size, error) ||
        !cmd_ulonglong(ctx, "pagecount", &count, error))
        return FALSE;
    if (!cmd_bool(ctx, "all"))
        return allocate(ctx, cell, size, count, error);
    cells = node_cells(ctx, error);
    if (!cells)
        return FALSE;
    for (guint i = 0; i < cells->len; i++)
        if (!allocate(ctx, (int)g_array_index(cells, guint, i), size, count, error))
            return FALSE;
    return TRUE;
}

const CmdDef cmd_allocpages = {
    .name = "allocpages",
    .group = "host",
    .help = "size the host's pools of huge pages",
    .desc = "Make the pool of huge pages of a size as large as said, or larger by it. When the kernel cannot find so many, the error "
            "says how many there are now.",
    .opts = allocpages_opts,
    .exclusive = all_or_cell,
    .run = allocpages_run,
};
