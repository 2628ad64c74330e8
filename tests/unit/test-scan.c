#include "supervisor/scan.h"

#include <string.h>

static void
test_bad(void)
{
    static const char *const bad[] = {
        "", " ", "{", "}", "[]", "null", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}",
        "{\"a\":+1}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":tru}", "{'a':1}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", "{\"a\":[1,]}",
        "{\"a\":[1 2]}", "{\"id\":1,\"id\":2}", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":[}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":NaN}",
    };
    g_autoptr(GString) deep = g_string_new("{\"a\":");
    ScanMessage message;

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        if (scan_message(bad[i], strlen(bad[i]), &message))
            g_error("accepted: %s", bad[i]);
    for (int i = 0; i < 100000; i++)
        g_string_append_c(deep, '[');
    g_assert_false(scan_message(deep->str, deep->len, &message));
    g_assert_false(scan_message("{\"a\":1}\0", 8, &message));
}

static char *
without_id(const char *text)
{
    ScanMessage message;

    g_assert_true(scan_message(text, strlen(text), &message));
    g_assert_nonnull(message.id_member.start);
    return g_strdup_printf("%.*s%s", (int)(message.id_member.start - text), text, message.id_member.start + message.id_member.length);
}

static void
test_members(void)
{
    static const struct {
        const char *text;
        const char *without;
    } cut[] = {
        { "{\"id\":1}", "{}" },
        { "{\"id\":1,\"return\":{}}", "{\"return\":{}}" },
        { "{ \"return\" : {} , \"id\" : {\"a\":[1]} }", "{ \"return\" : {}  }" },
        { "{\"return\":{\"id\":2},\"id\":1,\"x\":-1.5e+3}", "{\"return\":{\"id\":2},\"x\":-1.5e+3}" },
    };
    static const char event[] = " {\"timestamp\":{},\"event\":\"STOP\",\"data\":{\"id\":\"\\ud83d\\ude00\\n\"}} ";
    ScanMessage message;

    for (gsize i = 0; i < G_N_ELEMENTS(cut); i++) {
        g_autofree char *rest = without_id(cut[i].text);

        g_assert_cmpstr(rest, ==, cut[i].without);
        g_assert_true(scan_message(rest, strlen(rest), &message));
        g_assert_null(message.id.start);
    }
    g_assert_true(scan_message(event, strlen(event), &message));
    g_assert_true(scan_is_string(message.event, "STOP"));
    g_assert_false(scan_is_string(message.event, "STO"));
    g_assert_false(scan_is_string(message.id, "STOP"));
    g_assert_cmpint(message.data.start[0], ==, '{');
    g_assert_cmpint(message.data.start[message.data.length - 1], ==, '}');
}

/* However the stream is cut into reads, the messages are the same. */
static void
test_stream(void)
{
    static const char text[] = "{\"a\":\"}\\\"{\"}\r\n {\"b\":[{}]}{\"c\":1}rubbish here\n]{\"d\":\"\\\\\"}{\"unfinished\":";
    static const char *const expected[] = { "{\"a\":\"}\\\"{\"}", "{\"b\":[{}]}", "{\"c\":1}", "rubbish here\n", "]", "{\"d\":\"\\\\\"}" };

    for (gsize step = 1; step <= sizeof text; step++) {
        ScanStream stream;
        ScanSpan message;
        gsize count = 0;

        scan_stream_init(&stream);
        for (gsize at = 0; at < sizeof text - 1; at += step) {
            scan_stream_add(&stream, text + at, MIN(step, sizeof text - 1 - at));
            while (scan_stream_next(&stream, &message)) {
                g_assert_cmpuint(count, <, G_N_ELEMENTS(expected));
                g_assert_cmpmem(message.start, message.length, expected[count], strlen(expected[count]));
                count++;
            }
        }
        g_assert_cmpuint(count, ==, G_N_ELEMENTS(expected));
        g_assert_cmpuint(scan_stream_pending(&stream), ==, strlen("{\"unfinished\":"));
        scan_stream_clear(&stream);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scan/bad", test_bad);
    g_test_add_func("/scan/members", test_members);
    g_test_add_func("/scan/stream", test_stream);
    return g_test_run();
}
