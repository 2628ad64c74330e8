/* What the commands about the host share. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

/* Waits up to @deadline (monotonic, µs). FALSE when Ctrl-C came first, or nobody reads what is printed any more. */
gboolean node_wait(CmdContext *ctx, gint64 deadline);

/* Prints one sample. */
typedef gboolean (*NodeSample)(CmdContext *ctx, gpointer data, GError **error);
/* Takes samples every --interval seconds until Ctrl-C. Once only when the option was not given. */
gboolean node_repeat(CmdContext *ctx, NodeSample sample, gpointer data, GError **error);
#define NODE_INTERVAL \
    { .name = "interval", .type = CMD_OPT_NUMBER, .flags = CMD_OPT_NAMED_ONLY | CMD_OPT_HVSH, \
      .help = "again every so many seconds, until Ctrl-C" }

/* The capabilities of the host; "unable to get node capabilities" when there are none. */
char *node_capabilities(CmdContext *ctx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Numbers of its cells: an array of guint. */
GArray *node_cells(CmdContext *ctx, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A size of pages as an option gives it, in KiB: a bare number counts KiB, a fraction of one is rounded up.
 * @max: bytes. */
gboolean node_page_size(CmdContext *ctx, guint64 max, guint *kib, GError **error) G_GNUC_WARN_UNUSED_RESULT;

char **complete_cells(CmdContext *ctx, unsigned flags);
char **complete_page_sizes(CmdContext *ctx, unsigned flags);

G_END_DECLS
