/* Journal entries and lines of the driver's own event file as events. */
#pragma once

#include <jansson.h>

#include "backend/driver.h"

G_BEGIN_DECLS

/* An entry of a domain's journal (supervisor/journal.h) as what @filter wants of it; @dom is copied. FALSE when it is nothing
 * that a watcher is told. */
gboolean event_from_journal(const json_t *entry, const DomainRef *dom, const EventFilter *filter, Event *event);

/* One line of RUN/events/journal: {"t":…,"id":…,"name":…,"uuid":…,"domain-id":…,"n":[1,2,3],"s":["",null,null]},
 * or of a secret: {"t":…,"id":…,"secret":UUID,"usage-type":…,"usage":…,"n":[1,2]}. New string with its newline; NULL for an event that cannot be written down. */
char *event_to_line(const Event *event);
gboolean event_from_line(const char *line, gsize length, Event *event);

/* Whether @filter asks for this event of this domain or secret. */
gboolean event_wanted(const Event *event, const EventFilter *filter);

G_END_DECLS
