#include "backend/test/watchers.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/error.h"
#include "util/uuid.h"

struct Watchers {
    guint references;           /* its owner and every watcher */
    GPtrArray *all;             /* Watch, borrowed */
};

typedef struct {
    EventSource source;
    Watchers *watchers;
    gboolean one_domain;
    guchar uuid[UUID_BYTES];
    int event_id;
    GQueue queue;               /* Event * */
    int fd;                     /* an eventfd, readable while something is queued */
} Watch;

Watchers *
watchers_new(void)
{
    Watchers *watchers = g_new0(Watchers, 1);

    watchers->references = 1;
    watchers->all = g_ptr_array_new();
    return watchers;
}

void
watchers_unref(Watchers *watchers)
{
    if (--watchers->references)
        return;
    g_ptr_array_unref(watchers->all);
    g_free(watchers);
}

static void
event_free(gpointer data)
{
    event_clear(data);
    g_free(data);
}

static Event *
event_copy(const Event *event)
{
    Event *copy = g_new(Event, 1);

    *copy = *event;
    domain_ref_copy(&event->dom, &copy->dom);
    secret_ref_copy(&event->secret, &copy->secret);
    copy->s1 = g_strdup(event->s1);
    copy->s2 = g_strdup(event->s2);
    copy->s3 = g_strdup(event->s3);
    copy->monitor_event = g_strdup(event->monitor_event);
    copy->monitor_details = g_strdup(event->monitor_details);
    if (!copy->time_us)
        copy->time_us = g_get_real_time();
    return copy;
}

static gboolean
watch_wants(const Watch *watch, const Event *event)
{
    if (watch->event_id >= 0 && (int)event->id != watch->event_id)
        return FALSE;
    return !watch->one_domain || memcmp(watch->uuid, event->dom.uuid, sizeof watch->uuid) == 0;
}

/* The descriptor is readable while something is queued. The counter cannot overflow: it stands at 0 or 1. */
static void
watch_signal(Watch *watch, gboolean readable)
{
    eventfd_t value;

    if (readable)
        (void)eventfd_write(watch->fd, 1);
    else
        (void)eventfd_read(watch->fd, &value);
}

void
watchers_emit(Watchers *watchers, const Event *event)
{
    for (guint i = 0; i < watchers->all->len; i++) {
        Watch *watch = watchers->all->pdata[i];

        if (!watch_wants(watch, event))
            continue;
        if (g_queue_is_empty(&watch->queue))
            watch_signal(watch, TRUE);
        g_queue_push_tail(&watch->queue, event_copy(event));
    }
}

static int
watch_fd(EventSource *source)
{
    return ((Watch *)source)->fd;
}

static int
watch_next(EventSource *source, Event *event, GError **error)
{
    Watch *watch = (Watch *)source;
    Event *first = g_queue_pop_head(&watch->queue);

    if (!first)
        return 0;
    *event = *first;
    g_free(first);
    if (g_queue_is_empty(&watch->queue))
        watch_signal(watch, FALSE);
    return 1;
}

static void
watch_free(EventSource *source)
{
    Watch *watch = (Watch *)source;

    g_ptr_array_remove_fast(watch->watchers->all, watch);
    watchers_unref(watch->watchers);
    g_queue_clear_full(&watch->queue, event_free);
    close(watch->fd);
    g_free(watch);
}

EventSource *
watchers_add(Watchers *watchers, const EventFilter *filter, GError **error)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    Watch *watch;

    if (fd < 0) {
        hv_throw_errno(error, errno, "cannot create an event descriptor");
        return NULL;
    }
    watch = g_new0(Watch, 1);
    watch->source.fd = watch_fd;
    watch->source.next = watch_next;
    watch->source.free = watch_free;
    watch->watchers = watchers;
    watchers->references++;
    watch->event_id = filter->event_id;
    watch->fd = fd;
    if (filter->domain) {
        watch->one_domain = TRUE;
        memcpy(watch->uuid, filter->domain->uuid, sizeof watch->uuid);
    }
    g_queue_init(&watch->queue);
    g_ptr_array_add(watchers->all, watch);
    return &watch->source;
}
