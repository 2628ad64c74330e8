/* Records in every form. */
#include <fcntl.h>
#include <unistd.h>

#include "shell/internal.h"
#include "util/error.h"

typedef void (*Say)(Out *out);

/* What @say prints as one command in @format. */
static char *
said(Say say, OutFormat format, gboolean quiet)
{
    g_autofree char *path = NULL;
    char *text = NULL;
    Out *out = out_new(format, quiet);
    int fd = g_file_open_tmp("test-output-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    out_redirect(out, fd);
    out_command_begin(out);
    say(out);
    g_assert_true(out_command_end(out, TRUE, NULL));
    out_flush(out);
    out_free(out);
    close(fd);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    unlink(path);
    return text;
}

static void
check(Say say, OutFormat format, gboolean quiet, const char *expected)
{
    g_autofree char *text = said(say, format, quiet);

    g_assert_cmpstr(text, ==, expected);
}

static const OutColumn columns[] = { { "Id", "id" }, { "Name", "name" }, { "Shown", NULL }, { NULL, "active" } };

static void
say_table(Out *out)
{
    OutTable *table = out_table_new(out, columns, G_N_ELEMENTS(columns));
    const OutValue first[] = { OUT_INT(1), OUT_STR("a,\"b\""), OUT_STR("x"), OUT_BOOL("yes", TRUE) };
    const OutValue second[] = { OUT_ABSENT(NULL), OUT_TOKEN("shut off", "shutoff"), OUT_STR("y"), OUT_BOOL(NULL, FALSE) };

    out_table_add(table, first);
    out_table_add(table, second);
    out_table_end(table);
    out_note(out, "done");
}

static void
test_table(void)
{
    check(say_table, OUT_FORMAT_TEXT, TRUE, " 1   a,\"b\"      x\n -   shut off   y\n");
    check(say_table, OUT_FORMAT_JSON_LINES, FALSE,
          "{\"id\":1,\"name\":\"a,\\\"b\\\"\",\"active\":true}\n{\"id\":null,\"name\":\"shutoff\",\"active\":false}\n");
    check(say_table, OUT_FORMAT_CSV, FALSE, "id,name,active\n1,\"a,\"\"b\"\"\",true\n,shutoff,false\n");
    check(say_table, OUT_FORMAT_YAML, FALSE,
          "- id: 1\n  name: a,\"b\"\n  active: true\n- id: null\n  name: shutoff\n  active: false\n");
    check(say_table, OUT_FORMAT_TABLE, FALSE,
          " id   name      active\n------------------------\n 1    a,\"b\"     true\n -    shutoff   false\n");
}

static void
say_parsed(Out *out)
{
    out_record_begin(out, 0);
    out_field(out, NULL, "reply", OUT_PARSED("{\"a\":[1,true],\"b\":{}}"));
    out_field(out, NULL, "bad", OUT_PARSED("{\"a\""));
    out_record_end(out);
}

static void
test_parsed(void)
{
    check(say_parsed, OUT_FORMAT_JSON_LINES, FALSE, "{\"reply\":{\"a\":[1,true],\"b\":{}},\"bad\":\"{\\\"a\\\"\"}\n");
    check(say_parsed, OUT_FORMAT_YAML, FALSE, "reply:\n  a:\n  - 1\n  - true\n  b: {}\nbad: \"{\\\"a\\\"\"\n");
    check(say_parsed, OUT_FORMAT_CSV, FALSE, "reply,bad\n\"{\"\"a\"\":[1,true],\"\"b\"\":{}}\",\"{\"\"a\"\"\"\n");
}

static void
say_empty_table(Out *out)
{
    out_table_end(out_table_new(out, columns, G_N_ELEMENTS(columns)));
}

static void
test_empty_table(void)
{
    check(say_empty_table, OUT_FORMAT_JSON, FALSE, "[]\n");
    check(say_empty_table, OUT_FORMAT_JSON_LINES, FALSE, "");
    check(say_empty_table, OUT_FORMAT_CSV, FALSE, "id,name,active\n");
    check(say_empty_table, OUT_FORMAT_YAML, FALSE, "[]\n");
    check(say_empty_table, OUT_FORMAT_TEXT, TRUE, "");
}

static void
say_record(Out *out)
{
    out_record_begin(out, 15);
    out_field(out, "Id:", "id", OUT_INT(3));
    out_field(out, "Memory:", "memory", OUT_INT_TEXT("1 KiB", 1024));
    out_field(out, "Label:", NULL, OUT_STR("x"));
    out_field(out, NULL, "bad", OUT_STR("a\xff"));
    out_record_end(out);
}

static void
test_record(void)
{
    check(say_record, OUT_FORMAT_TEXT, FALSE, "Id:             3\nMemory:         1 KiB\nLabel:          x\n");
    check(say_record, OUT_FORMAT_JSON, FALSE,
          "{\n  \"id\": 3,\n  \"memory\": 1024,\n  \"bad\": \"a\xef\xbf\xbd\"\n}\n");
}

static void
say_records(Out *out)
{
    out_records_begin(out);
    say_record(out);
    out_records_end(out);
}

static void
test_records(void)
{
    check(say_records, OUT_FORMAT_JSON_LINES, FALSE, "{\"id\":3,\"memory\":1024,\"bad\":\"a\xef\xbf\xbd\"}\n");
    check(say_records, OUT_FORMAT_CSV, FALSE, "id,memory,bad\n3,1024,a\xef\xbf\xbd\n");
}

static void
say_note(Out *out)
{
    out_note(out, "Domain '%s' started", "x");
}

static void
say_inline(Out *out)
{
    out_note_inline(out, "no newline");
}

static void
test_notes(void)
{
    check(say_note, OUT_FORMAT_TEXT, FALSE, "Domain 'x' started\n");
    check(say_note, OUT_FORMAT_TEXT, TRUE, "");
    check(say_note, OUT_FORMAT_JSON_LINES, FALSE, "{\"message\":\"Domain 'x' started\"}\n");
    check(say_inline, OUT_FORMAT_TEXT, FALSE, "no newline");
}

static void
say_list(Out *out)
{
    out_list_begin(out);
    out_list_item(out, OUT_STR("yes"));
    out_list_item(out, OUT_INT(5));
    out_list_end(out);
}

static void
test_list(void)
{
    check(say_list, OUT_FORMAT_TEXT, TRUE, "yes\n5\n");
    check(say_list, OUT_FORMAT_JSON, FALSE, "[\n  \"yes\",\n  5\n]\n");
    check(say_list, OUT_FORMAT_YAML, FALSE, "- \"yes\"\n- 5\n");
    check(say_list, OUT_FORMAT_CSV, FALSE, "value\nyes\n5\n");
}

static void
say_document(Out *out)
{
    out_document(out, "xml", "<a>\n  <b/>\n</a>\n");
}

static void
test_document(void)
{
    check(say_document, OUT_FORMAT_TEXT, TRUE, "<a>\n  <b/>\n</a>\n");
    check(say_document, OUT_FORMAT_JSON_LINES, FALSE, "{\"xml\":\"<a>\\n  <b/>\\n</a>\\n\"}\n");
    check(say_document, OUT_FORMAT_TABLE, FALSE, "<a>\n  <b/>\n</a>\n");
    check(say_document, OUT_FORMAT_YAML, FALSE, "xml: |\n  <a>\n    <b/>\n  </a>\n");
}

static void
say_events(Out *out)
{
    static const char *const keys[] = { "event", "number" };

    for (int i = 0; i < 2; i++) {
        const OutValue values[] = { OUT_STR("lifecycle"), OUT_INT(i) };

        out_event(out, "event\n", keys, values, 2);
    }
}

static void
test_events(void)
{
    check(say_events, OUT_FORMAT_TEXT, TRUE, "event\nevent\n");
    check(say_events, OUT_FORMAT_JSON_LINES, FALSE, "{\"event\":\"lifecycle\",\"number\":0}\n{\"event\":\"lifecycle\",\"number\":1}\n");
    check(say_events, OUT_FORMAT_JSON, FALSE,
          "[\n  {\n    \"event\": \"lifecycle\",\n    \"number\": 0\n  },\n  {\n    \"event\": \"lifecycle\",\n    \"number\": 1\n  }\n]\n");
    check(say_events, OUT_FORMAT_CSV, FALSE, "event,number\nlifecycle,0\nlifecycle,1\n");
    check(say_events, OUT_FORMAT_YAML, FALSE, "- event: lifecycle\n  number: 0\n- event: lifecycle\n  number: 1\n");
}

static void
test_full_disk(void)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    Out *out = out_new(OUT_FORMAT_TEXT, FALSE);

    g_assert_cmpint(fd, >=, 0);
    out_redirect(out, fd);
    out_text(out, "x");
    out_flush(out);
    g_assert_cmpint(out_write_error(out), !=, 0);
    out_free(out);
    close(fd);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/output/parsed", test_parsed);
    g_test_add_func("/output/table", test_table);
    g_test_add_func("/output/empty-table", test_empty_table);
    g_test_add_func("/output/record", test_record);
    g_test_add_func("/output/records", test_records);
    g_test_add_func("/output/notes", test_notes);
    g_test_add_func("/output/list", test_list);
    g_test_add_func("/output/document", test_document);
    g_test_add_func("/output/events", test_events);
    g_test_add_func("/output/full-disk", test_full_disk);
    return g_test_run();
}
