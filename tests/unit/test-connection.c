/* The connection's promises for every operation of the table, on the test driver. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/constants.h"
#include "backend/connection.h"
#include "backend/stream.h"

/* Arguments that satisfy the contract of any operation; nothing in them is owned. */
static void
fill_args(const OperationInfo *info, gpointer args)
{
    for (const FieldInfo *field = info->args; field->name; field++) {
        gpointer where = (char *)args + field->offset;

        if (field->type == FIELD_str || field->type == FIELD_charstr)
            *(const char **)where = "x";
        else if (field->type == FIELD_domain)
            *(DomainRef *)where = (DomainRef){ .name = (char *)"no-such-domain", .id = -1 };
    }
}

static void
test_readonly_refuses_every_change(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Connection) conn = conn_open("test:///default", TRUE, &error);
    guint refused = 0;

    g_assert_no_error(error);
    for (int op = 0; op < OPERATION_COUNT; op++) {
        const OperationInfo *info = operation_info(op);
        g_autofree gpointer args = g_malloc0(MAX(info->args_size, 1));
        g_autoptr(GError) refusal = NULL;
        g_autofree char *expected = NULL;

        if (info->access != OP_WRITE)
            continue;
        fill_args(info, args);
        g_assert_false(conn_call(conn, op, args, NULL, &refusal));
        g_assert_error(refusal, HV_ERROR, HV_ERR_OPERATION_DENIED);
        expected = g_strdup_printf("operation forbidden: read only access prevents %s", info->api);
        g_assert_cmpstr(refusal->message, ==, expected);
        refused++;
    }
    g_assert_cmpuint(refused, >, 20);
}

static void
test_readonly_refuses_secrets(void)
{
    g_autoptr(Connection) conn = conn_open("test:///default", TRUE, NULL);
    domain_get_xml_desc_args args = { .dom = { .name = (char *)"test", .id = 1 }, .flags = XML_SECURE };
    g_autoptr(GError) error = NULL;

    g_assert_false(domain_get_xml_desc(conn, &args, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_DENIED);
    g_assert_cmpstr(error->message, ==, "operation forbidden: virDomainGetXMLDesc with secure flag");
}

/* An unknown domain is an error of every operation that names one, and never a crash or a success. */
static void
test_unknown_domain_everywhere(void)
{
    g_autoptr(Connection) conn = conn_open("test:///default", FALSE, NULL);

    for (int op = 0; op < OPERATION_COUNT; op++) {
        const OperationInfo *info = operation_info(op);
        g_autofree gpointer args = g_malloc0(MAX(info->args_size, 1));
        g_autofree gpointer result = g_malloc0(MAX(info->result_size, 1));
        g_autoptr(GError) error = NULL;

        if (!info->args->name || info->args->type != FIELD_domain)
            continue;
        fill_args(info, args);
        g_test_message("%s", info->name);
        g_assert_false(conn_call(conn, op, args, result, &error));
        g_assert_nonnull(error);
        for (gsize i = 0; i < info->result_size; i++)
            g_assert_cmpint(((char *)result)[i], ==, 0);
    }
}

static void
test_numbers_are_unique(void)
{
    for (int a = 0; a < OPERATION_COUNT; a++)
        for (int b = a + 1; b < OPERATION_COUNT; b++) {
            const OperationInfo *one = operation_info(a), *other = operation_info(b);

            if (one->procedure == 0)
                continue;
            g_assert_false(one->program == other->program && one->procedure == other->procedure);
        }
}

static const char *const refused_uris[] = { "bogus:///x", "foo", "test:///", "qemu:///nowhere", "qemu+tcp://127.0.0.1:1/system",
                                            "test:///no/such/file.xml", "qemu:///embed", "qemu:///embed?root=relative" };

static void
test_refuses_uris(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(refused_uris); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", refused_uris[i]);
        g_assert_null(conn_open(refused_uris[i], FALSE, &error));
        g_assert_true(error && error->domain == HV_ERROR);
    }
}

/* The far end is gone: an error, no signal. */
static void
test_stream_without_reader(void)
{
    g_autoptr(GError) error = NULL;
    int socks[2], ends[2];
    Stream *stream;
    char byte = 0;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks), ==, 0);
    close(socks[1]);
    stream = stream_new_fd(socks[0]);
    g_assert_cmpint(stream_write(stream, "x", 1, &error), ==, -1);
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    stream_free(stream);

    g_assert_cmpint(pipe(ends), ==, 0);
    stream = stream_new_fd(ends[1]);
    g_assert_cmpint(stream_write(stream, "x", 1, NULL), ==, 1);
    g_assert_cmpint(read(ends[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'x');
    stream_free(stream);
    close(ends[0]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/connection/readonly-refuses-every-change", test_readonly_refuses_every_change);
    g_test_add_func("/connection/readonly-refuses-secrets", test_readonly_refuses_secrets);
    g_test_add_func("/connection/unknown-domain-everywhere", test_unknown_domain_everywhere);
    g_test_add_func("/connection/numbers-are-unique", test_numbers_are_unique);
    g_test_add_func("/connection/refuses-uris", test_refuses_uris);
    g_test_add_func("/connection/stream-without-reader", test_stream_without_reader);
    return g_test_run();
}
