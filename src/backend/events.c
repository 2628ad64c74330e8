#include "backend/events.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "util/deadline.h"
#include "util/error.h"

void
event_clear(Event *event)
{
    domain_ref_clear(&event->dom);
    secret_ref_clear(&event->secret);
    g_free(event->s1);
    g_free(event->s2);
    g_free(event->s3);
    g_free(event->monitor_event);
    g_free(event->monitor_details);
    memset(event, 0, sizeof *event);
}

int
event_source_fd(EventSource *source)
{
    return source->fd(source);
}

int
event_source_next(EventSource *source, Event *event, GError **error)
{
    memset(event, 0, sizeof *event);
    return source->next(source, event, error);
}

int
event_source_wait(EventSource *source, gint64 deadline_us, int cancel_fd, Event *event, GError **error)
{
    for (;;) {
        struct pollfd fds[2] = { { .events = POLLIN }, { .fd = cancel_fd, .events = POLLIN } };
        int got = event_source_next(source, event, error);
        int ready;

        if (got != 0)
            return got;
        fds[0].fd = event_source_fd(source);
        ready = poll(fds, cancel_fd >= 0 ? 2 : 1, deadline_us < 0 ? -1 : deadline_remaining_ms(deadline_us));
        if (ready == 0)
            return 0;
        if (ready < 0 && errno != EINTR) {
            hv_throw_errno(error, errno, "cannot wait for events");
            return -1;
        }
        if (ready > 0 && cancel_fd >= 0 && fds[1].revents)
            return 0;
    }
}

void
event_source_free(EventSource *source)
{
    if (source)
        source->free(source);
}
