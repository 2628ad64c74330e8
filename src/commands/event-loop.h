/* Waiting for events and printing them as they come, for `event`, `secret-event` and `qemu-monitor-event`. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

/* Prints @event; FALSE when it is none that was asked for. */
typedef gboolean (*EventShow)(CmdContext *ctx, const Event *event, gpointer data);

/* Reads --loop and --timeout, shows what @source brings until the first event (with --loop: until the time is over or
 * Ctrl-C), then says how many there were. No event at all is a failure without words, as with virsh. */
gboolean event_loop_run(CmdContext *ctx, EventSource *source, EventShow show, gpointer data, GError **error);
/* Prints @event: the line of event_text(), with --timestamp the time before it; as data, @common under @names (both @n) and
 * then what is particular to its kind. Returns TRUE. */
gboolean event_loop_show(CmdContext *ctx, const Event *event, const char *const *names, const OutValue *common, gsize n);
/* Lists the kinds of events there are: @kinds, by number, ended by NULL. */
void event_loop_list(CmdContext *ctx, const char *const *kinds);
/* The number of the kind @name. */
gboolean event_loop_kind(const char *const *kinds, const char *name, int *id, GError **error);
/* Reads --timeout: milliseconds, -1 when it was not given. */
gboolean event_loop_timeout(CmdContext *ctx, gint64 *timeout_ms, GError **error);

G_END_DECLS
