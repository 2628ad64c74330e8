/* The driver's own event file, line by line. */
#include "fuzz.h"

#include <string.h>

#include "backend/embedded/event-map.h"
#include "commands/event-text.h"

static void
take(const char *line, gsize length)
{
    g_auto(Event) event = { 0 };
    g_auto(Event) again = { 0 };
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(OutValue));
    g_autofree char *first = NULL, *second = NULL, *text = NULL, *stamp = NULL;

    if (!event_from_line(line, length, &event))
        return;
    stamp = event_timestamp(&event);
    text = event_text(&event);
    event_fields(&event, keys, values);
    FUZZ_CHECK(keys->len == values->len);
    first = event_to_line(&event);
    if (!first)
        return;
    FUZZ_CHECK(event_from_line(first, strlen(first) - 1, &again));
    second = event_to_line(&again);
    fuzz_same("event", first, second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;

    while (at < end) {
        const char *stop = memchr(at, '\n', (gsize)(end - at));

        if (!stop)
            stop = end;
        take(at, (gsize)(stop - at));
        at = stop + 1;
    }
    return 0;
}
