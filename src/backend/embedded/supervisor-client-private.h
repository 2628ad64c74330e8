/* What supervisor-start.c and supervisor-client.c share. */
#pragma once

#include "backend/embedded/supervisor-client.h"

G_BEGIN_DECLS

#define SUPERVISOR_PROGRAM "hvsh-supervisor"

/* One line, without its end. NULL at the deadline (monotonic µs), when the user wants to stop, or at the end of the stream,
 * which sets @ended. */
char *supervisor_read_line(int fd, gint64 deadline, gboolean *ended);
/* An error {"code":…,"message":…} that the supervisor reports, whose message is complete. Returns FALSE. */
gboolean supervisor_throw_answer(const json_t *answer, GError **error);

G_END_DECLS
