/* The test driver: its store and its connections, through the interface that commands use. */
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>

#include "backend/connection.h"
#include "backend/constants.h"
#include "backend/test/store-memory.h"
#include "util/error.h"

#define UUID_A "11111111-2222-4333-8444-555555555501"
#define UUID_B "11111111-2222-4333-8444-555555555502"

/* --- the store ------------------------------------------------------------------------------------ */

static void
add(Store *store, const char *name, const char *uuid)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(store_save_config(store, name, uuid, "<domain/>", &error));
    g_assert_no_error(error);
}

static void
test_store_finds(void)
{
    g_autoptr(Store) store = store_memory_new();
    g_auto(StoreDomain) domain = { .name = NULL };
    g_auto(StoreDomain) running = { .name = NULL };
    g_autoptr(GPtrArray) all = NULL;

    add(store, "a", UUID_A);
    store_memory_set_running(store, "b", UUID_B, 7, "<live/>", DOMAIN_STATE_RUNNING, RUNNING_BOOTED);

    g_assert_false(store_find_name(store, "c", &domain, NULL));
    g_assert_false(store_find_uuid(store, "rubbish", &domain, NULL));
    g_assert_false(store_find_id(store, -1, &domain, NULL));
    g_assert_null(domain.name);
    g_assert_true(store_find_uuid(store, UUID_A, &domain, NULL));
    g_assert_cmpstr(domain.name, ==, "a");
    g_assert_true(domain.persistent);
    g_assert_false(domain.active);
    g_assert_cmpint(domain.status.id, ==, -1);
    g_assert_true(store_find_id(store, 7, &running, NULL));
    g_assert_cmpstr(running.uuid, ==, UUID_B);
    g_assert_false(running.persistent);
    all = store_list(store, TRUE, NULL);
    g_assert_cmpuint(all->len, ==, 2);
}

static void
test_store_forgets_transient(void)
{
    g_autoptr(Store) store = store_memory_new();
    g_auto(StoreDomain) domain = { .name = NULL };
    g_auto(StoreDomain) kept = { .name = NULL };

    store_memory_set_running(store, "b", UUID_B, 1, "<live/>", DOMAIN_STATE_RUNNING, RUNNING_BOOTED);
    store_memory_set_stopped(store, "b", SHUTOFF_DESTROYED);
    g_assert_false(store_find_name(store, "b", &domain, NULL));
    store_memory_set_stopped(store, "b", SHUTOFF_DESTROYED);

    add(store, "a", UUID_A);
    store_memory_set_running(store, "a", UUID_A, 2, "<live/>", DOMAIN_STATE_RUNNING, RUNNING_BOOTED);
    store_memory_set_stopped(store, "a", SHUTOFF_SHUTDOWN);
    g_assert_true(store_find_name(store, "a", &kept, NULL));
    g_assert_cmpint(kept.status.state, ==, DOMAIN_STATE_SHUTOFF);
    g_assert_cmpint(kept.status.reason, ==, SHUTOFF_SHUTDOWN);
}

static void
test_store_refuses(void)
{
    g_autoptr(Store) store = store_memory_new();
    g_autoptr(GError) error = NULL;
    guint64 applied = 9;
    gboolean on = 5;

    g_assert_null(store_load_config(store, "a", NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_NO_DOMAIN);
    g_clear_error(&error);
    g_assert_false(store_get_autostart(store, "a", STORE_AUTOSTART, &on, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_NO_DOMAIN);
    g_assert_cmpint(on, ==, 5);
    g_clear_error(&error);
    g_assert_false(store_rename_config(store, "a", "b", UUID_A, "<domain/>", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_NO_DOMAIN);
    g_clear_error(&error);
    add(store, "a", UUID_A);
    g_assert_null(store_load_live(store, "a", &applied, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_INVALID);
    g_assert_cmpuint(applied, ==, 9);
}

static void
test_store_renames(void)
{
    g_autoptr(Store) store = store_memory_new();
    g_auto(StoreDomain) domain = { .name = NULL };
    g_autoptr(GHashTable) marked = NULL;
    g_autofree char *xml = NULL;

    add(store, "a", UUID_A);
    g_assert_true(store_set_autostart(store, "a", STORE_AUTOSTART, TRUE, NULL));
    g_assert_true(store_rename_config(store, "a", "z", UUID_A, "<new/>", NULL));
    g_assert_false(store_find_name(store, "a", &domain, NULL));
    xml = store_load_config(store, "z", NULL, NULL);
    g_assert_cmpstr(xml, ==, "<new/>");
    marked = store_autostarted(store, STORE_AUTOSTART, NULL);
    g_assert_true(g_hash_table_contains(marked, "z"));
    g_assert_cmpuint(g_hash_table_size(marked), ==, 1);
}

static void
test_store_locks(void)
{
    g_autoptr(Store) store = store_memory_new();
    g_autoptr(StoreLock) names = store_lock_names(store, NULL);
    g_autoptr(GError) error = NULL;
    StoreLock *first = store_lock(store, "a", "start", 10, NULL);

    g_assert_nonnull(names);
    g_assert_nonnull(first);
    g_assert_null(store_lock(store, "a", "destroy", 10, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    store_unlock(first);
    first = store_lock(store, "a", "destroy", 10, NULL);
    g_assert_nonnull(first);
    store_unlock(first);
}

static gboolean
readable(EventSource *source)
{
    struct pollfd fd = { .fd = event_source_fd(source), .events = POLLIN };

    return poll(&fd, 1, 0) == 1;
}

static void
emit(Store *store, const char *name, const char *uuid, int type)
{
    StoreDomain domain = { .name = (char *)name };

    g_strlcpy(domain.uuid, uuid, sizeof domain.uuid);
    store_emit_lifecycle(store, &domain, type, 0);
}

static void
test_store_events(void)
{
    Store *store = store_memory_new();
    g_auto(DomainRef) b = { .name = g_strdup("b") };
    const EventFilter all = { .event_id = -1 };
    const EventFilter only_b = { .event_id = EVENT_LIFECYCLE, .domain = &b };
    const EventFilter other = { .event_id = EVENT_REBOOT };
    g_autoptr(EventSource) everything = NULL;
    g_autoptr(EventSource) one = NULL;
    g_autoptr(EventSource) reboots = NULL;
    g_auto(Event) event = { .id = 0 };

    g_assert_true(uuid_parse(UUID_B, b.uuid));
    everything = store_watch(store, &all, NULL);
    one = store_watch(store, &only_b, NULL);
    reboots = store_watch(store, &other, NULL);
    g_assert_false(readable(everything));
    emit(store, "a", UUID_A, LIFECYCLE_STARTED);
    emit(store, "b", UUID_B, LIFECYCLE_STOPPED);

    g_assert_true(readable(everything));
    g_assert_false(readable(reboots));
    g_assert_cmpint(event_source_next(everything, &event, NULL), ==, 1);
    g_assert_cmpint(event.n1, ==, LIFECYCLE_STARTED);
    g_assert_cmpstr(event.dom.name, ==, "a");
    g_assert_cmpint(event.time_us, >, 0);
    event_clear(&event);
    g_assert_true(readable(everything));
    g_assert_cmpint(event_source_next(everything, &event, NULL), ==, 1);
    event_clear(&event);
    g_assert_false(readable(everything));
    g_assert_cmpint(event_source_next(everything, &event, NULL), ==, 0);

    g_assert_cmpint(event_source_next(one, &event, NULL), ==, 1);
    g_assert_cmpstr(event.dom.name, ==, "b");
    g_assert_cmpint(event.n1, ==, LIFECYCLE_STOPPED);

    /* What is still queued outlives the store. */
    emit(store, "b", UUID_B, LIFECYCLE_STARTED);
    store_free(store);
    g_assert_true(readable(one));
}

/* --- connections ---------------------------------------------------------------------------------- */

static Connection *
open_default(void)
{
    g_autoptr(GError) error = NULL;
    Connection *conn = conn_open("test:///default", FALSE, &error);

    g_assert_no_error(error);
    return conn;
}

static void
lookup(Connection *conn, const char *name, domain_lookup_by_name_result *found)
{
    const domain_lookup_by_name_args args = { .name = (char *)name };
    g_autoptr(GError) error = NULL;

    g_assert_true(domain_lookup_by_name(conn, &args, found, &error));
    g_assert_no_error(error);
}

/* Operations whose arguments are one domain. */
typedef struct {
    Operation op;
    const char *error;          /* NULL: it succeeds */
    int state, reason;          /* afterwards */
} StateStep;

static const StateStep state_steps[] = {
    { OP_DOMAIN_CREATE, "Requested operation is not valid: domain is already running", DOMAIN_STATE_RUNNING, 0 },
    { OP_DOMAIN_RESUME, "internal error: domain 'test' not paused", DOMAIN_STATE_RUNNING, 0 },
    { OP_DOMAIN_SUSPEND, NULL, DOMAIN_STATE_PAUSED, PAUSED_USER },
    { OP_DOMAIN_SUSPEND, "internal error: domain 'test' not running", DOMAIN_STATE_PAUSED, PAUSED_USER },
    { OP_DOMAIN_RESUME, NULL, DOMAIN_STATE_RUNNING, RUNNING_UNPAUSED },
    { OP_DOMAIN_SHUTDOWN, NULL, DOMAIN_STATE_SHUTOFF, SHUTOFF_SHUTDOWN },
    { OP_DOMAIN_SHUTDOWN, "internal error: domain 'test' not running", DOMAIN_STATE_SHUTOFF, SHUTOFF_SHUTDOWN },
    { OP_DOMAIN_SUSPEND, "internal error: domain 'test' not running", DOMAIN_STATE_SHUTOFF, SHUTOFF_SHUTDOWN },
    { OP_DOMAIN_DESTROY, "Requested operation is not valid: domain is not running", DOMAIN_STATE_SHUTOFF,
      SHUTOFF_SHUTDOWN },
    { OP_DOMAIN_CREATE, NULL, DOMAIN_STATE_RUNNING, RUNNING_BOOTED },
    { OP_DOMAIN_DESTROY, NULL, DOMAIN_STATE_SHUTOFF, SHUTOFF_DESTROYED },
};

static void
test_states(void)
{
    g_autoptr(Connection) conn = open_default();
    g_auto(domain_lookup_by_name_result) found = { .dom.name = NULL };

    lookup(conn, "test", &found);
    for (gsize i = 0; i < G_N_ELEMENTS(state_steps); i++) {
        const StateStep *step = &state_steps[i];
        const domain_get_state_args query = { .dom = found.dom };
        g_auto(domain_get_state_result) now = { .state = 0 };
        g_autoptr(GError) error = NULL;
        gboolean ok = conn_call(conn, step->op, &found.dom, NULL, &error);

        g_test_message("step %zu: %s", i, operation_info(step->op)->name);
        if (step->error) {
            g_assert_false(ok);
            g_assert_cmpstr(error->message, ==, step->error);
        } else {
            g_assert_no_error(error);
        }
        g_assert_true(domain_get_state(conn, &query, &now, NULL));
        g_assert_cmpint(now.state, ==, step->state);
        g_assert_cmpint(now.reason, ==, step->reason);
    }
}

static void
test_flags(void)
{
    g_autoptr(Connection) conn = open_default();
    g_auto(domain_lookup_by_name_result) found = { .dom.name = NULL };
    g_autoptr(GError) error = NULL;

    lookup(conn, "test", &found);
    {
        const domain_create_with_flags_args args = { .dom = found.dom, .flags = START_PAUSED };

        g_assert_false(domain_create_with_flags(conn, &args, NULL, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_INVALID_ARG);
        g_assert_nonnull(strstr(error->message, "unsupported flags (0x1) in function testDomainCreateWithFlags"));
        g_clear_error(&error);
    }
    {
        const domain_undefine_flags_args args = { .dom = found.dom, .flags = UNDEFINE_NVRAM };

        g_assert_false(domain_undefine_flags(conn, &args, NULL, &error));
        g_assert_nonnull(strstr(error->message, "unsupported flags (0x4) in function testDomainUndefineFlags"));
        g_clear_error(&error);
    }
    {
        const domain_reboot_args args = { .dom = found.dom, .flags = SHUTDOWN_SIGNAL };

        g_assert_true(domain_reboot(conn, &args, NULL, &error));
    }
}

static void
test_not_supported(void)
{
    static const Operation ops[] = { OP_DOMAIN_OPEN_CONSOLE, OP_DOMAIN_MONITOR_COMMAND };
    g_autoptr(Connection) conn = open_default();
    g_auto(domain_lookup_by_name_result) found = { .dom.name = NULL };
    g_autoptr(GError) error = NULL;

    lookup(conn, "test", &found);
    for (gsize i = 0; i < G_N_ELEMENTS(ops); i++) {
        /* Room for the arguments of any of them; the first is the domain. */
        union {
            DomainRef dom;
            domain_open_console_args console;
            domain_monitor_command_args monitor;
        } args = { .console = { .dom = found.dom } };

        if (ops[i] == OP_DOMAIN_MONITOR_COMMAND)
            args.monitor.cmd = (char *)"";
        g_assert_false(conn_call(conn, ops[i], &args, NULL, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_NO_SUPPORT);
        g_clear_error(&error);
    }
    g_assert_null(conn_monitor_events(conn, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_NO_SUPPORT);
}

static void
test_events(void)
{
    g_autoptr(Connection) conn = open_default();
    g_autoptr(EventSource) source = conn_events(conn, NULL, EVENT_LIFECYCLE, NULL);
    static const int expected[] = { LIFECYCLE_SUSPENDED, LIFECYCLE_RESUMED, LIFECYCLE_STOPPED, LIFECYCLE_STARTED };
    static const Operation ops[] = { OP_DOMAIN_SUSPEND, OP_DOMAIN_RESUME, OP_DOMAIN_DESTROY, OP_DOMAIN_CREATE };
    g_auto(domain_lookup_by_name_result) found = { .dom.name = NULL };

    lookup(conn, "test", &found);
    for (gsize i = 0; i < G_N_ELEMENTS(ops); i++)
        g_assert_true(conn_call(conn, ops[i], &found.dom, NULL, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_auto(Event) event = { .id = 0 };

        g_assert_cmpint(event_source_next(source, &event, NULL), ==, 1);
        g_assert_cmpint(event.n1, ==, expected[i]);
    }
}

typedef struct {
    const char *content;        /* of the file; NULL: there is none */
    const char *error;
} BadFile;

static const BadFile bad_files[] = {
    { NULL, "XML error: failed to parse xml document '%s'" },
    { "<foo/>", "XML error: expecting root element of 'node', not 'foo'" },
    { "<node><memory>x</memory></node>", "XML error: invalid node memory value" },
    { "<node><cpu><mhz>-1</mhz></cpu></node>", "XML error: invalid node cpu mhz value" },
    { "<node><cpu><nodes>99999999999</nodes></cpu></node>", "XML error: invalid node cpu nodes value" },
    { "<node><domain file='/nosuch/x.xml'/></node>", "XML error: failed to parse xml document '/nosuch/x.xml'" },
    { "<node><domain type='test'><name>x</name><memory>1024</memory></domain></node>",
      "XML error: an os <type> must be specified" },
    { "<node><domain xmlns:t='http://libvirt.org/schemas/domain/test/1.0' type='test'><name>x</name>"
      "<t:runstate>77</t:runstate></domain></node>", "XML error: runstate '77' out of range'" },
    { "<node><domain xmlns:t='http://libvirt.org/schemas/domain/test/1.0' type='test'><name>x</name><t:transient/>"
      "<t:runstate>5</t:runstate></domain></node>", "XML error: transient domain cannot have runstate 'shutoff'" },
    { "<node><auth><user password='p'>u</user></auth></node>",
      "authentication failed: authentication failed, see test XML for the correct username/password" },
};

static char *
write_file(const char *content)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("hvsh-test-XXXXXX.xml", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    if (content)
        g_assert_true(g_file_set_contents(path, content, -1, NULL));
    else
        g_assert_cmpint(g_unlink(path), ==, 0);
    return g_steal_pointer(&path);
}

static void
test_bad_files(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_files); i++) {
        g_autofree char *path = write_file(bad_files[i].content);
        g_autofree char *uri = g_strconcat("test://", path, NULL);
        g_autofree char *expected = g_strdup_printf(bad_files[i].error, path);
        g_autoptr(GError) error = NULL;
        g_autoptr(Connection) conn = conn_open(uri, FALSE, &error);

        g_assert_null(conn);
        g_assert_cmpstr(error->message, ==, expected);
        g_unlink(path);
    }
}

static const char good_file[] =
    "<node><cpu><mhz>6000</mhz></cpu><memory>8192</memory>"
    "<domain type='test'><name>one</name><memory>1024</memory><os><type>hvm</type></os></domain>"
    "<domain type='test' xmlns:t='http://libvirt.org/schemas/domain/test/1.0'><name>two</name><memory>1024</memory>"
    "<os><type>hvm</type></os><t:runstate>5</t:runstate></domain>"
    "<domain type='test' xmlns:t='http://libvirt.org/schemas/domain/test/1.0'><name>three</name><memory>1024</memory>"
    "<os><type>hvm</type></os><t:transient/><t:runstate>3</t:runstate></domain>"
    "</node>";

static void
test_file(void)
{
    static const struct { const char *name; int id; int state; gboolean persistent; } expected[] = {
        { "one", 1, DOMAIN_STATE_RUNNING, TRUE },
        { "two", -1, DOMAIN_STATE_SHUTOFF, TRUE },
        { "three", 2, DOMAIN_STATE_PAUSED, FALSE },
    };
    g_autofree char *path = write_file(good_file);
    g_autofree char *uri = g_strconcat("test://", path, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Connection) conn = conn_open(uri, FALSE, &error);
    g_auto(connect_get_uri_result) shown = { 0 };

    g_unlink(path);
    g_assert_no_error(error);
    g_assert_true(connect_get_uri(conn, &(connect_get_uri_args){ }, &shown, NULL));
    g_assert_cmpstr(shown.uri, ==, uri);
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_auto(domain_lookup_by_name_result) found = { .dom.name = NULL };
        g_auto(domain_get_state_result) now = { .state = 0 };
        g_auto(domain_is_persistent_result) kept = { .persistent = 0 };

        lookup(conn, expected[i].name, &found);
        g_assert_cmpint(found.dom.id, ==, expected[i].id);
        g_assert_true(domain_get_state(conn, &(domain_get_state_args){ .dom = found.dom }, &now, NULL));
        g_assert_cmpint(now.state, ==, expected[i].state);
        g_assert_cmpint(now.reason, ==, 0);
        g_assert_true(domain_is_persistent(conn, &(domain_is_persistent_args){ .dom = found.dom }, &kept, NULL));
        g_assert_cmpint(kept.persistent, ==, expected[i].persistent);
    }
}

static void
test_bad_uris(void)
{
    static const struct { const char *uri; int code; } uris[] = {
        { "test:///", HV_ERR_INVALID_ARG },
        { "test://", HV_ERR_INVALID_ARG },
        { "test:///default/", HV_ERR_XML_ERROR },
        { "test://host/default", HV_ERR_NO_CONNECT },
        { "test+ssh://host/default", HV_ERR_NO_CONNECT },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(conn_open(uris[i].uri, FALSE, &error));
        g_assert_error(error, HV_ERROR, uris[i].code);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/testdriver/store/finds", test_store_finds);
    g_test_add_func("/testdriver/store/forgets-transient", test_store_forgets_transient);
    g_test_add_func("/testdriver/store/refuses", test_store_refuses);
    g_test_add_func("/testdriver/store/renames", test_store_renames);
    g_test_add_func("/testdriver/store/locks", test_store_locks);
    g_test_add_func("/testdriver/store/events", test_store_events);
    g_test_add_func("/testdriver/bad-uris", test_bad_uris);
    g_test_add_func("/testdriver/bad-files", test_bad_files);
    g_test_add_func("/testdriver/file", test_file);
    g_test_add_func("/testdriver/states", test_states);
    g_test_add_func("/testdriver/flags", test_flags);
    g_test_add_func("/testdriver/not-supported", test_not_supported);
    g_test_add_func("/testdriver/events", test_events);
    return g_test_run();
}
