#include "backend/uri.h"
#include "util/error.h"

static const char *const bad[] = {
    "://x", "test:///%zz", "http://[::1/x", "1qemu:///system", "qemu://h:port/x", "qemu:///sys tem", "qemu:///a\nb",
    "foo", "",
};

static void
test_rejects(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Uri) uri = uri_parse(bad[i], &error);

        g_test_message("'%s'", bad[i]);
        g_assert_null(uri);
        g_assert_true(error && error->domain == HV_ERROR);
    }
}

static const struct {
    const char *text, *scheme, *transport, *user, *host;
    int port;
    const char *path, *canonical;
} good[] = {
    { "qemu:///system", "qemu", NULL, NULL, NULL, -1, "/system", "qemu:///system" },
    { "QEMU+SSH://root@host:22/system", "QEMU", "ssh", "root", "host", 22, "/system", "QEMU+SSH://root@host:22/system" },
    { "qemu+tcp://[::1]:16509/system", "qemu", "tcp", NULL, "::1", 16509, "/system", "qemu+tcp://[::1]:16509/system" },
    { "test:default", "test", NULL, NULL, NULL, -1, "default", "test://default" },
    { "qemu://", "qemu", NULL, NULL, NULL, -1, "", "qemu://" },
    { "qemu:///embed?root=/a%20b&x=", "qemu", NULL, NULL, NULL, -1, "/embed", "qemu:///embed?root=/a%20b&x=" },
    { "test://:12/default", "test", NULL, NULL, NULL, 12, "/default", "test:///default" },
    { "qemu://[::1]/a:b", "qemu", NULL, NULL, "::1", -1, "/a:b", "qemu://[::1]/a%3Ab" },
    { "test:///a%2Fb", "test", NULL, NULL, NULL, -1, "/a/b", "test:///a/b" },
    { "test:/d%65%20fault?a=%41#b", "test", NULL, NULL, NULL, -1, "/de fault", "test:///de%20fault?a=%41#b" },
};

static void
test_accepts(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Uri) uri = uri_parse(good[i].text, &error);

        g_test_message("'%s'", good[i].text);
        g_assert_no_error(error);
        g_assert_cmpstr(uri->scheme, ==, good[i].scheme);
        g_assert_cmpstr(uri->transport, ==, good[i].transport);
        g_assert_cmpstr(uri->user, ==, good[i].user);
        g_assert_cmpstr(uri->host, ==, good[i].host);
        g_assert_cmpint(uri->port, ==, good[i].port);
        g_assert_cmpstr(uri->path, ==, good[i].path);
        g_assert_cmpstr(uri->text, ==, good[i].canonical);
    }
}

static void
test_query(void)
{
    g_autoptr(Uri) uri = uri_parse("qemu:///embed?root=/a%20b&x=&=y;z=1#frag", NULL);

    g_assert_cmpstr(g_hash_table_lookup(uri->query, "root"), ==, "/a b");
    g_assert_cmpstr(g_hash_table_lookup(uri->query, "x"), ==, "");
    g_assert_cmpstr(g_hash_table_lookup(uri->query, "z"), ==, "1");
}

static void
test_default(void)
{
    g_autofree char *ours = NULL, *theirs = NULL, *library = NULL;

    g_setenv("LIBVIRT_DEFAULT_URI", "test:///theirs", TRUE);
    theirs = uri_default(FALSE);
    g_assert_cmpstr(theirs, ==, "test:///theirs");
    g_setenv("HVSH_DEFAULT_URI", "test:///ours", TRUE);
    library = uri_default(TRUE);
    g_assert_cmpstr(library, ==, "test:///theirs");
    ours = uri_default(FALSE);
    g_assert_cmpstr(ours, ==, "test:///ours");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uri/rejects", test_rejects);
    g_test_add_func("/uri/accepts", test_accepts);
    g_test_add_func("/uri/query", test_query);
    g_test_add_func("/uri/default", test_default);
    return g_test_run();
}
