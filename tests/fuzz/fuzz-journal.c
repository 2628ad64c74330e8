/* The journal of a domain, entry by entry, and what a watcher is told of it. */
#include "fuzz.h"

#include <glib/gstdio.h>

#include "backend/embedded/event-map.h"
#include "commands/event-text.h"
#include "supervisor/journal.h"

static void
tell(const json_t *entry, gboolean monitor)
{
    DomainRef dom = { .name = (char *)"a", .id = 1 };
    EventFilter filter = { .event_id = -1, .monitor = monitor };
    g_auto(Event) event = { 0 };
    g_autofree char *text = NULL, *line = NULL, *stamp = NULL;

    if (!event_from_journal(entry, &dom, &filter, &event) || monitor)
        return;
    text = event_text(&event);
    FUZZ_CHECK(text);
    stamp = event_timestamp(&event);
    line = event_to_line(&event);
}

static gboolean
on_entry(guint64 seq, json_t *entry, gpointer data)
{
    guint64 *last = data;

    FUZZ_CHECK(seq > 0);
    *last = seq;
    tell(entry, FALSE);
    tell(entry, TRUE);
    return TRUE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = fuzz_file(JOURNAL_FILE, data, size);
    guint64 last = 0;

    FUZZ_CHECK(journal_read(fuzz_folder(), 0, on_entry, &last, &error));
    g_unlink(path);
    return 0;
}
