/* What events of QEMU change in the document of a running domain, and that journals are read from where they were left. */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#include "backend/embedded/domain/live.h"
#include "backend/embedded/store-files.h"
#include "supervisor/journal.h"
#include "util/error.h"
#include "util/files.h"

static const char guest[] =
    "<domain type='qemu' id='1'>\n"
    "  <name>web</name>\n"
    "  <uuid>5d8f6e1c-0000-4000-8000-00000000000a</uuid>\n"
    "  <memory unit='KiB'>1048576</memory>\n"
    "  <currentMemory unit='KiB'>1048576</currentMemory>\n"
    "  <clock offset='variable' adjustment='3600' basis='utc'/>\n"
    "  <devices>\n"
    "    <disk type='file' device='cdrom'>\n"
    "      <target dev='sda' bus='sata'/>\n"
    "      <alias name='sata0-0-0'/>\n"
    "    </disk>\n"
    "    <disk type='file' device='cdrom'>\n"
    "      <target dev='sdb' bus='sata' tray='open'/>\n"
    "      <alias name='sata0-0-1'/>\n"
    "    </disk>\n"
    "    <interface type='user'>\n"
    "      <alias name='net0'/>\n"
    "    </interface>\n"
    "    <channel type='unix'>\n"
    "      <target type='virtio' name='org.example.0' state='disconnected'/>\n"
    "      <alias name='channel0'/>\n"
    "    </channel>\n"
    "    <console type='pty'>\n"
    "      <target type='virtio' port='0'/>\n"
    "      <alias name='console0'/>\n"
    "    </console>\n"
    "  </devices>\n"
    "</domain>\n";

#define EVENT(name, data) "{\"event\":\"" name "\",\"data\":" data ",\"timestamp\":{\"seconds\":1,\"microseconds\":2}}"

/* Each case: an event, and what it replaces in the guest's document; NULL: nothing at all. */
static const struct {
    const char *event;
    const char *before, *after;
} cases[] = {
    { EVENT("DEVICE_DELETED", "{\"device\":\"net0\",\"path\":\"/machine/peripheral/net0\"}"),
      "    <interface type='user'>\n      <alias name='net0'/>\n    </interface>\n", "" },
    { EVENT("DEVICE_DELETED", "{\"path\":\"/machine/peripheral/net0/virtio-backend\"}"), NULL, NULL },
    { EVENT("DEVICE_DELETED", "{\"device\":\"net7\",\"path\":\"/machine/peripheral/net7\"}"), NULL, NULL },
    { EVENT("DEVICE_DELETED", "{\"device\":7}"), NULL, NULL },
    { EVENT("DEVICE_TRAY_MOVED", "{\"device\":\"\",\"id\":\"sata0-0-0\",\"tray-open\":true}"),
      "dev='sda' bus='sata'", "dev='sda' bus='sata' tray='open'" },
    { EVENT("DEVICE_TRAY_MOVED", "{\"device\":\"\",\"id\":\"sata0-0-1\",\"tray-open\":false}"), " tray='open'", "" },
    { EVENT("DEVICE_TRAY_MOVED", "{\"device\":\"\",\"id\":\"sata0-0-0\",\"tray-open\":false}"), NULL, NULL },
    { EVENT("DEVICE_TRAY_MOVED", "{\"device\":\"\",\"id\":\"sata0-0-1\",\"tray-open\":true}"), NULL, NULL },
    { EVENT("DEVICE_TRAY_MOVED", "{\"device\":\"\",\"id\":\"sata9-9-9\",\"tray-open\":true}"), NULL, NULL },
    { EVENT("BALLOON_CHANGE", "{\"actual\":536870912}"), "<currentMemory unit='KiB'>1048576", "<currentMemory unit='KiB'>524288" },
    { EVENT("BALLOON_CHANGE", "{\"actual\":1073741824}"), NULL, NULL },
    { EVENT("BALLOON_CHANGE", "{\"actual\":0}"), NULL, NULL },
    { EVENT("BALLOON_CHANGE", "{}"), NULL, NULL },
    { EVENT("VSERPORT_CHANGE", "{\"id\":\"channel0\",\"open\":true}"), "state='disconnected'", "state='connected'" },
    { EVENT("VSERPORT_CHANGE", "{\"id\":\"channel0\",\"open\":false}"), NULL, NULL },
    { EVENT("VSERPORT_CHANGE", "{\"id\":\"console0\",\"open\":true}"), NULL, NULL },
    { EVENT("VSERPORT_CHANGE", "{\"id\":\"net0\",\"open\":true}"), NULL, NULL },
    { EVENT("RTC_CHANGE", "{\"offset\":10,\"qom-path\":\"/machine/unattached/device[7]\"}"), "adjustment='3600'", "adjustment='3610'" },
    { EVENT("RTC_CHANGE", "{\"offset\":-4000}"), "adjustment='3600'", "adjustment='-400'" },
    { EVENT("RTC_CHANGE", "{\"offset\":0}"), NULL, NULL },
    { EVENT("RESUME", "{}"), NULL, NULL },
    { EVENT("DEVICE_UNPLUG_GUEST_ERROR", "{\"device\":\"net0\"}"), NULL, NULL },
    { "{\"data\":{\"device\":\"net0\"}}", NULL, NULL },
    { "{\"event\":\"DEVICE_DELETED\"}", NULL, NULL },
};

static xmlDoc *
load(void)
{
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = domain_load(guest, -1, NULL, &error);

    g_assert_no_error(error);
    return doc;
}

static char *
shown(const xmlDoc *doc)
{
    return domain_format(doc, DOMAIN_FORMAT_DEFAULT, NULL);
}

static char *
replaced(const char *text, const char *before, const char *after)
{
    g_auto(GStrv) parts = g_strsplit(text, before, 2);

    g_assert_cmpuint(g_strv_length(parts), ==, 2);
    return g_strjoin(after, parts[0], parts[1], NULL);
}

static void
test_events(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(xmlDoc) doc = load();
        g_autofree char *old = shown(doc), *expected = NULL, *first = NULL, *second = NULL;
        json_t *event = json_loads(cases[i].event, 0, NULL);

        g_test_message("%s", cases[i].event);
        expected = cases[i].before ? replaced(old, cases[i].before, cases[i].after) : g_strdup(old);
        g_assert_cmpint(live_apply(doc, event), ==, cases[i].before != NULL);
        first = shown(doc);
        g_assert_cmpstr(first, ==, expected);
        /* A document may be newer than the position that was written down with it. */
        g_assert_false(live_apply(doc, event));
        second = shown(doc);
        g_assert_cmpstr(second, ==, expected);
        json_decref(event);
    }
}

/* The offset counts from the clock at the start, whatever it was moved by since, and by whom that was written down. */
static void
test_clock_moves_twice(void)
{
    g_autofree char *kept = g_strdup(guest);

    for (int offset = 10; offset <= 20; offset += 10) {
        json_t *event = json_pack("{s:s, s:{s:i}}", "event", "RTC_CHANGE", "data", "offset", offset);
        g_autoptr(xmlDoc) doc = domain_load(kept, -1, NULL, NULL);
        g_autofree char *expected = g_strdup_printf(" adjustment='%d'", 3600 + offset), *text = NULL;

        g_assert_true(live_apply(doc, event));
        text = shown(doc);
        g_assert_nonnull(strstr(text, expected));
        g_assert_null(strstr(text, DOMAIN_CLOCK_FIRST_ADJUSTMENT));
        g_free(kept);
        kept = document_format(doc);
        g_assert_nonnull(strstr(kept, DOMAIN_CLOCK_FIRST_ADJUSTMENT "='3600'"));
        json_decref(event);
    }
}

#define TRAY(open) "\"event\":" EVENT("DEVICE_TRAY_MOVED", "{\"id\":\"sata0-0-0\",\"tray-open\":" open "}")

static void
test_journal(void)
{
    static const struct {
        const char *old, *current;
        guint64 from, to;
        LiveNews news;
    } journals[] = {
        { NULL, NULL, 0, 0, { 0, FALSE, FALSE } },
        { NULL, "{\"seq\":1,\"state\":1}\n", 0, 1, { 1, FALSE, FALSE } },
        { NULL, "{\"seq\":1,\"state\":1}\n{\"seq\":2," TRAY("true") "}\n", 0, 2, { 2, TRUE, FALSE } },
        { NULL, "{\"seq\":1," TRAY("true") "}\n{\"seq\":2,\"state\":1}\n", 1, 2, { 1, FALSE, FALSE } },
        { "{\"seq\":1," TRAY("true") "}\n", "{\"seq\":2,\"state\":1}\n", 0, 2, { 2, TRUE, FALSE } },
        /* two rotations */
        { "{\"seq\":8,\"state\":1}\n", "{\"seq\":9,\"state\":1}\n", 5, 9, { 2, FALSE, TRUE } },
        { "{\"seq\":8,\"state\":1}\n", "{\"seq\":9,\"state\":1}\n", 7, 9, { 2, FALSE, FALSE } },
        { NULL, "{\"seq\":2,\"state\":1}\n", 0, 2, { 1, FALSE, TRUE } },
        /* a full disk, and a damaged line */
        { NULL, "{\"seq\":1,\"state\":1}\n{\"seq\":4,\"lost\":2}\n{\"seq\":5,\"state\":1}\n", 0, 5, { 3, FALSE, TRUE } },
        { NULL, "{\"seq\":1,\"state\":1}\n{\"seq\":2,\"st\n{\"seq\":3,\"state\":1}\n", 0, 3, { 2, FALSE, TRUE } },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(journals); i++) {
        g_autofree char *root = g_dir_make_tmp("hvsh-live-XXXXXX", NULL), *run = NULL, *old = NULL, *current = NULL;
        g_autoptr(Paths) paths = paths_new(PATHS_EMBED, root, NULL);
        g_autoptr(Store) store = store_files_new(paths);
        g_autoptr(xmlDoc) doc = load();
        guint64 position = journals[i].from;
        LiveNews news = { 0 };

        g_test_message("case %zu", i);
        run = paths_domain_run(paths, "web");
        g_assert_true(folder_make(run, NULL));
        old = g_build_filename(run, JOURNAL_OLD_FILE, NULL);
        current = g_build_filename(run, JOURNAL_FILE, NULL);
        g_assert_true(!journals[i].old || g_file_set_contents(old, journals[i].old, -1, NULL));
        g_assert_true(!journals[i].current || g_file_set_contents(current, journals[i].current, -1, NULL));
        g_assert_true(live_catch_up(store, "web", doc, &position, &news, NULL));
        g_assert_cmpuint(position, ==, journals[i].to);
        g_assert_cmpuint(news.entries, ==, journals[i].news.entries);
        g_assert_cmpint(news.changed, ==, journals[i].news.changed);
        g_assert_cmpint(news.gap, ==, journals[i].news.gap);
        file_remove_tree(AT_FDCWD, root, NULL);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/live/events", test_events);
    g_test_add_func("/live/clock-moves-twice", test_clock_moves_twice);
    g_test_add_func("/live/journal", test_journal);
    return g_test_run();
}
