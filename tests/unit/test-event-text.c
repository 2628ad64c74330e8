/* Events in virsh's words: one row for each kind, and numbers that nobody has named. */
#include "commands/event-text.h"

static const struct {
    Event event;
    const char *text;
} rows[] = {
    { { .id = EVENT_LIFECYCLE, .n1 = 5, .n2 = 1 }, "event 'lifecycle' for domain 'x': Stopped Destroyed\n" },
    { { .id = EVENT_LIFECYCLE, .n1 = 6, .n2 = 2 }, "event 'lifecycle' for domain 'x': Shutdown Finished after host request\n" },
    { { .id = EVENT_LIFECYCLE, .n1 = 3, .n2 = 2 }, "event 'lifecycle' for domain 'x': Suspended I/O Error\n" },
    { { .id = EVENT_LIFECYCLE, .n1 = 77, .n2 = -1 }, "event 'lifecycle' for domain 'x': unknown unknown\n" },
    { { .id = EVENT_LIFECYCLE, .n1 = 1, .n2 = 8 }, "event 'lifecycle' for domain 'x': Undefined unknown\n" },
    { { .id = EVENT_REBOOT }, "event 'reboot' for domain 'x'\n" },
    { { .id = EVENT_CONTROL_ERROR }, "event 'control-error' for domain 'x'\n" },
    { { .id = EVENT_PM_SUSPEND_DISK }, "event 'pm-suspend-disk' for domain 'x'\n" },
    { { .id = EVENT_TUNABLE }, "event 'tunable' for domain 'x':\n" },
    { { .id = EVENT_JOB_COMPLETED }, "event 'job-completed' for domain 'x':\n" },
    { { .id = EVENT_IO_ERROR_REASON }, "event 'io-error-reason' for domain 'x': <null> (<null>) none due to \n" },
    { { .id = EVENT_RTC_CHANGE, .n1 = -3600 }, "event 'rtc-change' for domain 'x': -3600\n" },
    { { .id = EVENT_WATCHDOG, .n1 = 2 }, "event 'watchdog' for domain 'x': reset\n" },
    { { .id = EVENT_IO_ERROR, .s1 = (char *)"/a", .s2 = (char *)"virtio-disk0", .n1 = 1 },
      "event 'io-error' for domain 'x': /a (virtio-disk0) pause\n" },
    { { .id = EVENT_IO_ERROR_REASON, .s1 = (char *)"/a", .s2 = (char *)"virtio-disk0", .s3 = (char *)"enospc", .n1 = 1 },
      "event 'io-error-reason' for domain 'x': /a (virtio-disk0) pause due to enospc\n" },
    { { .id = EVENT_GRAPHICS, .n1 = 1, .s1 = (char *)"none",
        .monitor_details = (char *)"{\"server\":{\"family\":\"ipv4\",\"host\":\"0.0.0.0\",\"service\":\"5900\"},"
                           "\"client\":{\"family\":\"ipv6\",\"host\":\"::1\",\"service\":\"42\"}}" },
      "event 'graphics' for domain 'x': initialize local[IPv4 0.0.0.0 5900] remote[IPv6 ::1 42] none\n" },
    { { .id = EVENT_BLOCK_JOB_2, .s1 = (char *)"vda", .n1 = 3, .n2 = 3 },
      "event 'block-job-2' for domain 'x': Block Commit for vda ready\n" },
    { { .id = EVENT_DISK_CHANGE, .s1 = (char *)"/a", .s3 = (char *)"ide0-1-0", .n1 = 0 },
      "event 'disk-change' for domain 'x' disk ide0-1-0: /a -> <null>: changed\n" },
    { { .id = EVENT_TRAY_CHANGE, .s1 = (char *)"ide0-1-0", .n1 = 1 },
      "event 'tray-change' for domain 'x' disk ide0-1-0: closed\n" },
    { { .id = EVENT_BALLOON_CHANGE, .n1 = 65536 }, "event 'balloon-change' for domain 'x': 65536KiB\n" },
    { { .id = EVENT_DEVICE_REMOVED, .s1 = (char *)"net0" }, "event 'device-removed' for domain 'x': net0\n" },
    { { .id = EVENT_AGENT_LIFECYCLE, .n1 = 1, .n2 = 2 },
      "event 'agent-lifecycle' for domain 'x': state: 'connected' reason: 'channel event'\n" },
    { { .id = EVENT_MIGRATION_ITERATION, .n1 = 4 }, "event 'migration-iteration' for domain 'x': iteration: '4'\n" },
    { { .id = EVENT_METADATA_CHANGE, .n1 = 2, .s1 = (char *)"http://x" },
      "event 'metadata-change' for domain 'x': type element, uri http://x\n" },
    { { .id = EVENT_METADATA_CHANGE, .n1 = 0 }, "event 'metadata-change' for domain 'x': type description, uri <null>\n" },
    { { .id = EVENT_BLOCK_THRESHOLD, .s1 = (char *)"vda", .n1 = 100, .n2 = 7 },
      "event 'block-threshold' for domain 'x': dev: vda(<null>) 100 7\n" },
    { { .id = EVENT_MEMORY_FAILURE, .n1 = 1, .n2 = 1, .n3 = 1 },
      "event 'memory-failure' for domain 'x':\nrecipient: guest\naction: inject\nflags:\n\taction required: 1\n"
      "\trecursive: 0\n" },
    { { .id = EVENT_MEMORY_DEVICE_SIZE_CHANGE, .s1 = (char *)"mem0", .n1 = 5 },
      "event 'memory-device-size-change' for domain 'x':\nalias: mem0\nsize: 5\n" },
};

static void
test_text(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Event event = rows[i].event;
        g_autofree char *text = NULL;

        event.dom.name = (char *)"x";
        text = event_text(&event);
        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

static void
test_names(void)
{
    for (int i = 0; i < EVENT_COUNT; i++)
        g_assert_nonnull(event_names[i]);
    g_assert_null(event_names[EVENT_COUNT]);
}

static void
test_fields(void)
{
    for (int i = 0; i < EVENT_COUNT; i++) {
        Event event = { .id = (EventId)i };
        g_autoptr(GPtrArray) keys = g_ptr_array_new();
        g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(OutValue));

        event_fields(&event, keys, values);
        g_assert_cmpuint(keys->len, ==, values->len);
    }
}

static void
test_sizes_are_bytes(void)
{
    const Event event = { .id = EVENT_BALLOON_CHANGE, .n1 = 3 }, endless = { .id = EVENT_BALLOON_CHANGE, .n1 = G_MAXINT64 };
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(OutValue));

    event_fields(&event, keys, values);
    event_fields(&endless, keys, values);
    g_assert_cmpstr(keys->pdata[0], ==, "memory");
    g_assert_cmpint(g_array_index(values, OutValue, 0).integer, ==, 3072);
    g_assert_cmpint(g_array_index(values, OutValue, 1).integer, ==, G_MAXINT64);
}

static void
test_timestamp(void)
{
    Event event = { .time_us = G_GINT64_CONSTANT(1795241811936999) };
    g_autofree char *text = event_timestamp(&event);

    g_assert_cmpstr(text, ==, "2026-11-21 06:16:51.936+0000");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event-text/text", test_text);
    g_test_add_func("/event-text/names", test_names);
    g_test_add_func("/event-text/fields", test_fields);
    g_test_add_func("/event-text/sizes-are-bytes", test_sizes_are_bytes);
    g_test_add_func("/event-text/timestamp", test_timestamp);
    return g_test_run();
}
