/* The store of files, without any guest: definitions, uuids, marks, damage, ids, events; and events as text. */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/event-map.h"
#include "backend/embedded/store-files.h"
#include "util/error.h"
#include "util/files.h"

#define UUID_A "5d8f6e1c-0000-4000-8000-00000000000a"
#define UUID_B "5d8f6e1c-0000-4000-8000-00000000000b"

typedef struct {
    char *root;
    char *etc;
    Paths *paths;
    Store *store;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->root = g_dir_make_tmp("hvsh-store-XXXXXX", NULL);
    fixture->paths = paths_new(PATHS_EMBED, fixture->root, NULL);
    fixture->etc = g_build_filename(fixture->paths->config, "qemu", NULL);
    fixture->store = store_files_new(fixture->paths);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    store_free(fixture->store);
    paths_free(fixture->paths);
    file_remove_tree(AT_FDCWD, fixture->root, NULL);
    g_free(fixture->etc);
    g_free(fixture->root);
}

static void
save(Fixture *fixture, const char *name, const char *uuid)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = g_strdup_printf("<domain>\n  <name>%s</name>\n  <uuid>%s</uuid>\n</domain>\n", name, uuid);

    store_save_config(fixture->store, name, uuid, xml, &error);
    g_assert_no_error(error);
}

static char *
path_of(Fixture *fixture, const char *file)
{
    return g_build_filename(fixture->etc, file, NULL);
}

static gboolean
find_uuid_is(Fixture *fixture, const char *uuid, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_auto(StoreDomain) found = { 0 };
    gboolean ok = store_find_uuid(fixture->store, uuid, &found, &error);

    g_assert_no_error(error);
    return ok ? g_strcmp0(found.name, name) == 0 : name == NULL;
}

static guint
count(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) all = store_list(fixture->store, TRUE, &error);

    g_assert_no_error(error);
    return all->len;
}

static void
test_empty(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_auto(StoreDomain) found = { 0 };

    g_assert_cmpuint(count(fixture), ==, 0);
    g_assert_false(store_find_name(fixture->store, "web", &found, &error));
    g_assert_no_error(error);
    g_assert_false(store_find_id(fixture->store, 1, &found, &error));
    g_assert_no_error(error);
    g_assert_true(find_uuid_is(fixture, UUID_A, NULL));
    /* Looking makes nothing. */
    g_assert_false(g_file_test(fixture->paths->config, G_FILE_TEST_EXISTS));
    g_assert_false(g_file_test(fixture->paths->run, G_FILE_TEST_EXISTS));
}

static void
test_config(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_auto(StoreDomain) found = { 0 };
    g_auto(StoreRemains) nothing = { 0 };
    g_autofree char *xml = NULL;
    g_autofree char *label = NULL;

    save(fixture, "web", UUID_A);
    save(fixture, ".100%", UUID_B);
    g_assert_cmpuint(count(fixture), ==, 2);
    g_assert_true(find_uuid_is(fixture, UUID_A, "web"));
    g_assert_true(find_uuid_is(fixture, UUID_B, ".100%"));
    g_assert_true(store_find_name(fixture->store, ".100%", &found, &error));
    g_assert_cmpstr(found.uuid, ==, UUID_B);
    g_assert_true(found.persistent);
    g_assert_false(found.active);
    g_assert_cmpint(found.status.state, ==, DOMAIN_STATE_SHUTOFF);
    xml = store_load_config(fixture->store, "web", &label, &error);
    g_assert_nonnull(strstr(xml, UUID_A));
    g_assert_true(g_str_has_suffix(label, "/etc/qemu/web.xml"));

    store_remains_init(&nothing);
    g_assert_true(store_remove_config(fixture->store, "web", UUID_A, &nothing, &error));
    g_assert_true(find_uuid_is(fixture, UUID_A, NULL));
    g_assert_cmpuint(count(fixture), ==, 1);
}

static void
test_lost_link(Fixture *fixture, gconstpointer data)
{
    g_autofree char *link = path_of(fixture, "uuid/" UUID_A);

    save(fixture, "web", UUID_A);
    g_assert_cmpint(unlink(link), ==, 0);
    g_assert_true(find_uuid_is(fixture, UUID_A, "web"));
    save(fixture, "web", UUID_A);
    g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
}

static void
test_dangling_link(Fixture *fixture, gconstpointer data)
{
    g_autofree char *file = path_of(fixture, "web.xml");

    save(fixture, "web", UUID_A);
    g_assert_cmpint(unlink(file), ==, 0);
    g_assert_true(find_uuid_is(fixture, UUID_A, NULL));
    g_assert_cmpuint(count(fixture), ==, 0);
    save(fixture, "other", UUID_A);
    g_assert_true(find_uuid_is(fixture, UUID_A, "other"));
}

/* Of two files with one uuid, the one that the link does not mean is what a killed rename left. */
static void
test_rename(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_auto(StoreDomain) found = { 0 };
    g_autofree char *web = path_of(fixture, "web.xml");
    g_autofree char *srv = path_of(fixture, "srv.xml");
    g_autofree char *xml = NULL;

    save(fixture, "web", UUID_A);
    g_assert_true(g_file_get_contents(web, &xml, NULL, NULL));
    g_assert_true(g_file_set_contents(srv, xml, -1, NULL));
    g_assert_cmpuint(count(fixture), ==, 1);
    g_assert_false(store_find_name(fixture->store, "srv", &found, &error));
    g_assert_no_error(error);

    g_assert_true(store_set_autostart(fixture->store, "web", STORE_AUTOSTART, TRUE, &error));
    g_assert_true(store_rename_config(fixture->store, "web", "srv", UUID_A, xml, &error));
    g_assert_no_error(error);
    g_assert_true(find_uuid_is(fixture, UUID_A, "srv"));
    g_assert_false(g_file_test(web, G_FILE_TEST_EXISTS));
    {
        g_autoptr(GHashTable) marked = store_autostarted(fixture->store, STORE_AUTOSTART, &error);

        g_assert_cmpuint(g_hash_table_size(marked), ==, 1);
        g_assert_true(g_hash_table_contains(marked, "srv"));
    }
}

static void
test_damaged(Fixture *fixture, gconstpointer data)
{
    g_autofree char *web = path_of(fixture, "web.xml");
    g_auto(StoreDomain) found = { 0 };

    save(fixture, "web", UUID_A);
    g_assert_true(g_file_set_contents(web, "rubbish", -1, NULL));
    g_assert_cmpuint(count(fixture), ==, 1);
    g_assert_true(store_find_name(fixture->store, "web", &found, NULL));
    g_assert_cmpstr(found.uuid, ==, UUID_A);
}

static void
test_ids(Fixture *fixture, gconstpointer data)
{
    g_autofree char *counter = g_build_filename(fixture->paths->run, "next-id", NULL);
    int id;

    g_assert_true(store_next_id(fixture->store, &id, NULL));
    g_assert_cmpint(id, ==, 1);
    g_assert_true(store_next_id(fixture->store, &id, NULL));
    g_assert_cmpint(id, ==, 2);
    g_assert_true(g_file_set_contents(counter, "rubbish", -1, NULL));
    g_assert_true(store_next_id(fixture->store, &id, NULL));
    g_assert_cmpint(id, ==, 1);
}

static void
test_lock(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    StoreLock *lock = store_lock(fixture->store, "web", "start", 0, &error);
    g_autofree char *file = g_build_filename(fixture->paths->run, "lock", "web", NULL);
    StoreLock *other;

    g_assert_no_error(error);
    g_assert_null(store_lock(fixture->store, "web", "stop", 0, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    g_clear_error(&error);
    other = store_lock(fixture->store, "srv", "start", 0, &error);
    g_assert_no_error(error);
    store_unlock(other);
    g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
    store_unlock(lock);
    /* There is no such domain, so nothing of its lock stays. */
    g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
}

static void
test_job(Fixture *fixture, gconstpointer data)
{
    g_auto(StoreJob) job = { 0 };
    g_auto(StoreJob) none = { 0 };

    g_assert_false(store_job_get(fixture->store, "web", &none));
    g_assert_true(store_job_begin(fixture->store, "web", "save", NULL));
    g_assert_true(store_job_get(fixture->store, "web", &job));
    g_assert_cmpstr(job.type, ==, "save");
    g_assert_cmpint(job.owner_pid, ==, getpid());
    store_job_end(fixture->store, "web");
    g_assert_false(store_job_get(fixture->store, "web", &none));
}

/* --- events ----------------------------------------------------------------------------------------- */

static void
expect(EventSource *source, int type, int detail, const char *name)
{
    g_auto(Event) event = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(event_source_wait(source, g_get_monotonic_time() + 5 * G_USEC_PER_SEC, -1, &event, &error), ==, 1);
    g_assert_no_error(error);
    g_assert_cmpint(event.id, ==, EVENT_LIFECYCLE);
    g_assert_cmpint(event.n1, ==, type);
    g_assert_cmpint(event.n2, ==, detail);
    g_assert_cmpstr(event.dom.name, ==, name);
}

static void
expect_nothing(EventSource *source)
{
    g_auto(Event) event = { 0 };

    g_assert_cmpint(event_source_next(source, &event, NULL), ==, 0);
}

static void
test_events(Fixture *fixture, gconstpointer data)
{
    EventFilter all = { .event_id = -1 };
    EventFilter others = { .event_id = EVENT_REBOOT };
    StoreDomain web = { .name = (char *) "wéb", .uuid = UUID_A, .status.id = -1 };
    g_autoptr(EventSource) source = NULL;
    g_autoptr(EventSource) late = NULL;
    g_autoptr(EventSource) deaf = NULL;
    g_autofree char *run = g_strdup(fixture->paths->run);

    store_emit_lifecycle(fixture->store, &web, LIFECYCLE_DEFINED, 0);
    source = store_watch(fixture->store, &all, NULL);
    deaf = store_watch(fixture->store, &others, NULL);
    expect_nothing(source);
    store_emit_lifecycle(fixture->store, &web, LIFECYCLE_UNDEFINED, 1);
    expect(source, LIFECYCLE_UNDEFINED, 1, "wéb");
    expect_nothing(source);
    expect_nothing(deaf);

    /* More than the file may hold: it is replaced, and nobody misses anything. */
    late = store_watch(fixture->store, &all, NULL);
    for (int i = 0; i < 12000; i++) {
        store_emit_lifecycle(fixture->store, &web, LIFECYCLE_DEFINED, i);
        expect(late, LIFECYCLE_DEFINED, i, "wéb");
    }
    for (int i = 0; i < 12000; i++)
        expect(source, LIFECYCLE_DEFINED, i, "wéb");
    expect_nothing(source);

    /* The runtime folder is wiped: what is told afterwards is heard. */
    g_assert_true(file_remove_tree(AT_FDCWD, run, NULL));
    expect_nothing(source);
    store_emit_lifecycle(fixture->store, &web, LIFECYCLE_UNDEFINED, 0);
    expect(source, LIFECYCLE_UNDEFINED, 0, "wéb");
}

static const char *const bad_lines[] = {
    "", "{}", "[]", "null", "{\"t\":1}", "{\"t\":1,\"id\":99,\"name\":\"a\",\"uuid\":\"" UUID_A
    "\",\"domain-id\":-1,\"n\":[0,0,0],\"s\":[null,null,null]}",
    "{\"t\":1,\"id\":0,\"name\":\"a\",\"uuid\":\"x\",\"domain-id\":-1,\"n\":[0,0,0],\"s\":[null,null,null]}",
    "{\"t\":1,\"id\":0,\"name\":\"a\",\"uuid\":\"" UUID_A "\",\"domain-id\":-1,\"n\":[0,0],\"s\":[null,null,null]}",
    "{\"t\":1,\"id\":2,\"secret\":\"" UUID_A "\",\"usage-type\":0,\"usage\":\"\",\"n\":[0,0]}",
    "{\"t\":1,\"id\":0,\"secret\":\"x\",\"usage-type\":0,\"usage\":\"\",\"n\":[0,0]}",
    "{\"t\":1,\"id\":0,\"secret\":\"" UUID_A "\",\"usage-type\":0,\"usage\":null,\"n\":[0,0]}",
};

static void
test_event_lines(void)
{
    Event event = { .id = EVENT_METADATA_CHANGE, .n1 = 2, .n2 = -5, .s1 = (char *) "http://x/\n\"" };
    g_auto(Event) back = { 0 };
    g_autofree char *line = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(bad_lines); i++)
        g_assert_false(event_from_line(bad_lines[i], strlen(bad_lines[i]), &back));
    event.dom.name = (char *) "web";
    line = event_to_line(&event);
    g_assert_true(event_from_line(line, strlen(line), &back));
    g_assert_cmpint(back.id, ==, EVENT_METADATA_CHANGE);
    g_assert_cmpint(back.n2, ==, -5);
    g_assert_cmpstr(back.s1, ==, "http://x/\n\"");
    g_assert_null(back.s2);
    g_assert_cmpint(back.time_us, >, 0);
}

static void
test_secret_event_lines(void)
{
    Event event = { .of_secret = TRUE, .secret_id = SECRET_EVENT_LIFECYCLE, .n1 = SECRET_UNDEFINED,
                    .secret = { .usage_type = 2, .usage_id = (char *) "pool \"a\"" } };
    g_auto(Event) back = { 0 };
    g_autofree char *line = NULL;
    const EventFilter domains = { .event_id = -1 }, all = { .secrets = TRUE, .event_id = -1 };
    const EventFilter values = { .secrets = TRUE, .event_id = SECRET_EVENT_VALUE_CHANGED };
    const SecretRef other = { .uuid = { 1 } };
    const EventFilter others = { .secrets = TRUE, .event_id = -1, .secret = &other };

    uuid_parse(UUID_A, event.secret.uuid);
    line = event_to_line(&event);
    g_assert_true(event_from_line(line, strlen(line), &back));
    g_assert_true(back.of_secret);
    g_assert_cmpmem(back.secret.uuid, UUID_BYTES, event.secret.uuid, UUID_BYTES);
    g_assert_cmpint(back.secret.usage_type, ==, 2);
    g_assert_cmpstr(back.secret.usage_id, ==, "pool \"a\"");
    g_assert_cmpint(back.n1, ==, SECRET_UNDEFINED);
    g_assert_true(event_wanted(&back, &all));
    g_assert_false(event_wanted(&back, &domains));
    g_assert_false(event_wanted(&back, &values));
    g_assert_false(event_wanted(&back, &others));
}

static const struct {
    const char *entry;
    int id;                     /* -1: no event */
    gint64 n1;
    const char *s1;
} entries[] = {
    { "{\"seq\":1,\"t\":5,\"lifecycle\":5,\"detail\":1}", EVENT_LIFECYCLE, 5, NULL },
    { "{\"seq\":1,\"t\":5,\"state\":3,\"reason\":1}", -1, 0, NULL },
    { "{\"seq\":1,\"lost\":3}", -1, 0, NULL },
    { "{\"event\":{\"event\":\"RESET\",\"data\":{\"guest\":true}}}", EVENT_REBOOT, 0, NULL },
    { "{\"event\":{\"event\":\"RTC_CHANGE\",\"data\":{\"offset\":-7}}}", EVENT_RTC_CHANGE, -7, NULL },
    { "{\"event\":{\"event\":\"WATCHDOG\",\"data\":{\"action\":\"reset\"}}}", EVENT_WATCHDOG, 2, NULL },
    { "{\"event\":{\"event\":\"BALLOON_CHANGE\",\"data\":{\"actual\":1048576}}}", EVENT_BALLOON_CHANGE, 1024, NULL },
    { "{\"event\":{\"event\":\"DEVICE_DELETED\",\"data\":{\"device\":\"net1\",\"path\":\"/x\"}}}", EVENT_DEVICE_REMOVED, 0,
      "net1" },
    { "{\"event\":{\"event\":\"DEVICE_DELETED\",\"data\":{\"path\":\"/x\"}}}", -1, 0, NULL },
    { "{\"event\":{\"event\":\"DEVICE_TRAY_MOVED\",\"data\":{\"id\":\"ide0-0-0\",\"tray-open\":true}}}", EVENT_TRAY_CHANGE, 0,
      "ide0-0-0" },
    { "{\"event\":{\"event\":\"SOMETHING_NEW\",\"data\":{}}}", -1, 0, NULL },
    { "{\"event\":\"RESET\"}", -1, 0, NULL },
    { "[]", -1, 0, NULL },
};

static void
test_journal_entries(void)
{
    EventFilter filter = { .event_id = -1 };
    DomainRef dom = { .name = (char *) "web", .id = 3 };

    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++) {
        json_t *entry = json_loads(entries[i].entry, 0, NULL);
        g_auto(Event) event = { 0 };
        gboolean known = event_from_journal(entry, &dom, &filter, &event);

        g_assert_cmpint(known, ==, entries[i].id >= 0);
        if (known) {
            g_assert_cmpint(event.id, ==, entries[i].id);
            g_assert_cmpint(event.n1, ==, entries[i].n1);
            g_assert_cmpstr(event.s1, ==, entries[i].s1);
            g_assert_cmpstr(event.dom.name, ==, "web");
        }
        json_decref(entry);
    }
}

#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/store/empty", test_empty);
    ADD("/store/config", test_config);
    ADD("/store/lost-link", test_lost_link);
    ADD("/store/dangling-link", test_dangling_link);
    ADD("/store/rename", test_rename);
    ADD("/store/damaged", test_damaged);
    ADD("/store/ids", test_ids);
    ADD("/store/lock", test_lock);
    ADD("/store/job", test_job);
    ADD("/store/events", test_events);
    g_test_add_func("/store/event-lines", test_event_lines);
    g_test_add_func("/store/secret-event-lines", test_secret_event_lines);
    g_test_add_func("/store/journal-entries", test_journal_entries);
    return g_test_run();
}
