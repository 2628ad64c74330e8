#include "commands/node.h"

#include <errno.h>
#include <poll.h>

#include "backend/xml-host.h"
#include "util/deadline.h"

gboolean
node_wait(CmdContext *ctx, gint64 deadline)
{
    Shell *shell = cmd_shell(ctx);
    struct pollfd stop = { .fd = shell_interrupt_fd(shell), .events = POLLIN };
    int left;

    out_flush(cmd_out(ctx));
    while (!shell_interrupted(shell) && !out_write_error(cmd_out(ctx))) {
        left = deadline_remaining_ms(deadline);
        if (left == 0)
            return TRUE;
        if (poll(&stop, 1, left) < 0 && errno != EINTR)
            return FALSE;
    }
    return FALSE;
}

gboolean
node_repeat(CmdContext *ctx, NodeSample sample, gpointer data, GError **error)
{
    gint64 interval_ms = 0, deadline = g_get_monotonic_time();

    if (cmd_given(ctx, "interval") && !cmd_timeout_ms(ctx, "interval", &interval_ms, error))
        return FALSE;
    do {
        if (!sample(ctx, data, error))
            return FALSE;
        deadline += interval_ms * 1000;
    } while (interval_ms > 0 && node_wait(ctx, deadline));
    return TRUE;
}

/* --- what the capabilities say ------------------------------------------------------------------------ */

char *
node_capabilities(CmdContext *ctx, GError **error)
{
    g_auto(connect_get_capabilities_result) result = { 0 };

    if (!connect_get_capabilities(cmd_connection(ctx), &(connect_get_capabilities_args){ }, &result, error)) {
        hv_error_add_sentence(error, "unable to get node capabilities");
        return NULL;
    }
    return g_steal_pointer(&result.capabilities);
}

GArray *
node_cells(CmdContext *ctx, GError **error)
{
    g_autofree char *capabilities = node_capabilities(ctx, error);

    return capabilities ? xml_host_cells(capabilities, error) : NULL;
}

gboolean
node_page_size(CmdContext *ctx, guint64 max, guint *kib, GError **error)
{
    guint64 bytes;

    if (!cmd_scaled(ctx, "pagesize", 1024, max, &bytes, error))
        return FALSE;
    *kib = (guint)((bytes + 1023) / 1024);
    return TRUE;
}

/* --- completion ------------------------------------------------------------------------------------------- */

static char **
number_words(GArray *numbers, const char *suffix)
{
    GPtrArray *words = g_ptr_array_new();

    for (guint i = 0; numbers && i < numbers->len; i++)
        g_ptr_array_add(words, g_strdup_printf("%u%s", g_array_index(numbers, guint, i), suffix));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

char **
complete_cells(CmdContext *ctx, unsigned flags G_GNUC_UNUSED)
{
    g_autoptr(GArray) cells = node_cells(ctx, NULL);

    return number_words(cells, "");
}

char **
complete_page_sizes(CmdContext *ctx, unsigned flags G_GNUC_UNUSED)
{
    g_autofree char *capabilities = node_capabilities(ctx, NULL);
    g_autoptr(GArray) sizes = capabilities ? xml_host_page_sizes(capabilities, NULL) : NULL;

    return number_words(sizes, "KiB");
}
