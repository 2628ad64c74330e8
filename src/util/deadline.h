/* Deadlines: points of the monotonic clock, in microseconds. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

static inline gint64
deadline_after(int timeout_ms)
{
    return g_get_monotonic_time() + (gint64)timeout_ms * 1000;
}

/* What is left, in milliseconds for poll(), rounded up: a poll must not return early and spin. 0 when it has passed. */
static inline int
deadline_remaining_ms(gint64 deadline)
{
    gint64 left = deadline - g_get_monotonic_time();

    return left <= 0 ? 0 : (int)MIN((left + 999) / 1000, G_MAXINT);
}

G_END_DECLS
