/* Events of domains and secrets in virsh's words. */
#pragma once

#include "backend/events.h"
#include "shell/output.h"

G_BEGIN_DECLS

/* "lifecycle", by EventId; ended by NULL. */
extern const char *const event_names[EVENT_COUNT + 1];
/* The same by SecretEventId. */
extern const char *const secret_event_names[SECRET_EVENT_COUNT + 1];

/* "2026-11-21 06:16:51.936+0000", the time of the event in UTC. */
char *event_timestamp(const Event *event);
/* The line (or lines) that virsh prints for @event, newline included; new. */
char *event_text(const Event *event);
/* The same as a record of the structured forms: what is particular to the kind of event. Keys and values that point
 * into @event are added to @keys (const char *) and @values (OutValue). */
void event_fields(const Event *event, GPtrArray *keys, GArray *values);

G_END_DECLS
