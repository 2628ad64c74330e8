/* Those who wait for the events of one store in memory. Each has a queue of its own, which outlives the store. */
#pragma once

#include "backend/driver.h"

G_BEGIN_DECLS

typedef struct Watchers Watchers;

Watchers *watchers_new(void);
/* Those that are still open keep what they have not read yet. */
void watchers_unref(Watchers *watchers);
/* A new subscription, from now on; SYSTEM_ERROR when there are no more descriptors. */
EventSource *watchers_add(Watchers *watchers, const EventFilter *filter, GError **error);
/* Copies @event to everyone who wants it; a time of 0 becomes now. */
void watchers_emit(Watchers *watchers, const Event *event);

G_END_DECLS
