#include "util/cancel.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "util/error.h"

static int watched_fd = -1;
static gboolean told;

static struct {
    CancelSlowFunc func;
    gpointer data;
    gint64 after_us;
    gint64 waited_us;           /* by the running operation */
    gboolean told;
} slow;

void
cancel_set_fd(int fd)
{
    watched_fd = fd;
    told = FALSE;
}

void
cancel_begin(void)
{
    told = FALSE;
    slow.told = FALSE;
    slow.waited_us = 0;
}

void
cancel_set_slow_func(CancelSlowFunc func, gpointer data, int after_ms)
{
    slow.func = func;
    slow.data = data;
    slow.after_us = (gint64)after_ms * 1000;
}

gboolean
cancel_told(void)
{
    return told;
}

static int
poll_with_wish(struct pollfd *fds, nfds_t n_fds, int timeout_ms)
{
    struct pollfd all[CANCEL_MAX_FDS + 1];
    int ready;

    if (watched_fd < 0 || told)
        return poll(fds, n_fds, timeout_ms);
    if (n_fds > 0)
        memcpy(all, fds, n_fds * sizeof *fds);
    all[n_fds] = (struct pollfd){ .fd = watched_fd, .events = POLLIN };
    ready = poll(all, n_fds + 1, timeout_ms);
    if (n_fds > 0)
        memcpy(fds, all, n_fds * sizeof *fds);
    if (ready <= 0 || !all[n_fds].revents)
        return ready;
    if (ready > 1)              /* what was waited for is there as well */
        return ready - 1;
    told = TRUE;
    errno = ECANCELED;
    return -1;
}

int
cancel_poll(struct pollfd *fds, nfds_t n_fds, int timeout_ms)
{
    gint64 begun;
    int patience, ready;

    g_return_val_if_fail(n_fds <= CANCEL_MAX_FDS, -1);
    if (!slow.func || slow.told)
        return poll_with_wish(fds, n_fds, timeout_ms);
    patience = (int)((MAX(slow.after_us - slow.waited_us, 0) + 999) / 1000);
    if (timeout_ms >= 0)
        patience = MIN(patience, timeout_ms);
    begun = g_get_monotonic_time();
    ready = poll_with_wish(fds, n_fds, patience);
    slow.waited_us += g_get_monotonic_time() - begun;
    if (ready != 0 || patience == timeout_ms)
        return ready;
    slow.told = TRUE;
    slow.func(slow.data);
    return poll_with_wish(fds, n_fds, timeout_ms < 0 ? -1 : timeout_ms - patience);
}

gboolean
cancel_throw(GError **error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return hv_throw(error, HV_ERR_OPERATION_ABORTED, "stopped while waiting for %s", what);
}
