#include <string.h>

#include "model/document.h"
#include "util/error.h"
#include "util/sizes.h"
#include "util/uuid.h"

static char *
repeated(const char *text, guint times)
{
    GString *out = g_string_new(NULL);

    while (times--)
        g_string_append(out, text);
    return g_string_free(out, FALSE);
}

static const struct {
    const char *xml;
    int code;
    const char *message;
} malformed[] = {
    { "", HV_ERR_XML_DETAIL, "t.xml:1: Document is empty\n(null)\n^" },
    { "<a>\n", HV_ERR_XML_DETAIL, "t.xml:2: Premature end of data in tag a line 1\n(null)\n^" },
    { "plain", HV_ERR_XML_DETAIL, "t.xml:1: Start tag expected, '<' not found\nplain\n^" },
    { "<a>\n <name>x</nam>\n</a>", HV_ERR_XML_DETAIL,
      "t.xml:2: Opening and ending tag mismatch: name line 2 and nam\n <name>x</nam>\n--------------^" },
    { "<a><b>x</b>", HV_ERR_XML_DETAIL, "t.xml:1: Premature end of data in tag a line 1\n<a><b>x</b>\n-----------^" },
    { "<a b=>", HV_ERR_XML_DETAIL, "t.xml:1: AttValue: \" or ' expected\n<a b=>\n-----^" },
    { "<a>\n&foo;</a>", HV_ERR_XML_DETAIL, "t.xml:2: Entity 'foo' not defined\n&foo;</a>\n-----^" },
    { "<!DOCTYPE a [<!ENTITY x 'yy'>]><a>&x;</a>", HV_ERR_XML_ERROR,
      "XML error: t.xml:1: entity 'x' is declared, but entities are not allowed here" },
    { "<!DOCTYPE a [\n<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", HV_ERR_XML_ERROR,
      "XML error: t.xml:2: entity 'x' is declared, but entities are not allowed here" },
    { "<!DOCTYPE a [<!ENTITY a0 'ha'><!ENTITY a1 '&a0;&a0;&a0;&a0;'><!ENTITY a2 '&a1;&a1;&a1;&a1;'>]><a>&a2;</a>",
      HV_ERR_XML_ERROR, "XML error: t.xml:1: entity 'a0' is declared, but entities are not allowed here" },
};

static void
test_malformed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(malformed); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(document_parse(malformed[i].xml, -1, "t.xml", &error));
        g_assert_error(error, HV_ERROR, malformed[i].code);
        g_assert_cmpstr(error->message, ==, malformed[i].message);
    }
}

/* Of a line that no terminal could show only what is around the position; no control characters anywhere. */
static void
test_malformed_long_line(void)
{
    g_autofree char *before = repeated("b", 100000);
    g_autofree char *after = repeated("c", 100000);
    g_autofree char *xml = g_strdup_printf("<a>%s</d>%s</a>", before, after);
    g_autofree char *shown_before = repeated("b", 68);
    g_autofree char *shown_after = repeated("c", 72);
    g_autofree char *dashes = repeated("-", 72);
    g_autofree char *expected = g_strdup_printf("t.xml:1: Opening and ending tag mismatch: a line 1 and d\n%s</d>%s\n%s^",
                                                shown_before, shown_after, dashes);
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) control = NULL;

    g_assert_null(document_parse(xml, -1, "t.xml", &error));
    g_assert_cmpstr(error->message, ==, expected);
    g_assert_null(document_parse("\033[2Jx\377", -1, "t.xml", &control));
    g_assert_cmpstr(control->message, ==, "t.xml:1: Start tag expected, '<' not found\n?[2Jx\357\277\275\n^");
}

static void
test_limits(void)
{
    g_autofree char *deep = repeated("<a>", 100000);
    g_autofree char *large = g_malloc(DOCUMENT_MAX_BYTES + 2);
    g_autofree char *long_name = repeated("n", 1000000);
    g_autofree char *named = g_strdup_printf("<%s/>", long_name);
    const char *const texts[] = { deep, large };

    memset(large, ' ', DOCUMENT_MAX_BYTES + 1);
    large[DOCUMENT_MAX_BYTES + 1] = '\0';
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(document_parse(texts[i], -1, "t.xml", &error));
        g_assert_nonnull(error);
    }
    {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = document_parse(named, -1, "t.xml", &error);

        g_assert_true(doc || error);
    }
}

static const struct {
    guint64 number;
    const char *suffix;
} sizes_bad[] = { { 1, "furlong" }, { 1, "kk" }, { 1, " " }, { 1, "0" }, { 16777216, "E" }, { G_MAXUINT64, "k" } };

static void
test_sizes_reject(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sizes_bad); i++) {
        g_autoptr(GError) error = NULL;
        guint64 bytes = sizes_bad[i].number;

        g_assert_false(size_scale(&bytes, sizes_bad[i].suffix, 1, G_MAXUINT64, &error));
        g_assert_nonnull(error);
        g_assert_cmpuint(bytes, ==, sizes_bad[i].number);
    }
}

static const struct {
    guint64 number;
    const char *suffix;
    guint64 bytes;
} sizes[] = {
    { 0, "", 0 }, { 12, NULL, 12 * 1024 }, { 12, "b", 12 }, { 3, "bytes", 3 }, { 1, "k", 1024 }, { 1, "KB", 1000 },
    { 1, "kib", 1024 }, { 2, "MiB", 2 << 20 }, { 1, "g", 1 << 30 }, { 1, "GB", 1000000000 },
    { 1, "T", G_GUINT64_CONSTANT(1) << 40 }, { 15, "E", G_GUINT64_CONSTANT(15) << 60 },
};

static void
test_sizes(void)
{
    g_autoptr(GError) unknown = NULL;
    guint64 value = 1;

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GError) error = NULL;
        guint64 bytes = sizes[i].number;

        g_assert_true(size_scale(&bytes, sizes[i].suffix, 1024, G_MAXUINT64, &error));
        g_assert_cmpuint(bytes, ==, sizes[i].bytes);
    }
    g_assert_false(size_scale(&value, "furlong", 1024, G_MAXUINT64, &unknown));
    g_assert_cmpstr(unknown->message, ==, "invalid argument: unknown suffix 'furlong'");
}

static void
test_uuid(void)
{
    static const char *const bad[] = { "", "x", "not-a-uuid", "74722d00-0000-4000-8000-00000000020", "74722d00-0000-4000-8000-0000000002011" };
    g_autofree char *loose = uuid_canonical(" 74722D0000004000-8000000000000201 ");
    char one[UUID_TEXT], two[UUID_TEXT];

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_null(uuid_canonical(bad[i]));
    g_assert_cmpstr(loose, ==, "74722d00-0000-4000-8000-000000000201");
    uuid_generate(one);
    uuid_generate(two);
    g_assert_cmpstr(one, !=, two);
    g_assert_cmpint(one[14], ==, '4');
}

static void
test_format(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = document_parse("<?xml version='1.0'?><!-- c --><a  x=\"1'&quot;&lt;\">\n<b/><c>it's &amp; "
                                           "<![CDATA[<raw>]]></c><d><!-- gone --></d>\n\n<e> two\nlines </e></a>",
                                           -1, "t.xml", &error);
    g_autofree char *text = doc ? document_format(doc) : NULL;

    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, "<a x='1&apos;&quot;&lt;'>\n  <b/>\n  <c>it&apos;s &amp; &lt;raw&gt;</c>\n  <d/>\n  <e> two\nlines </e>\n</a>\n");
}

static void
test_xpath(void)
{
    static const char xml[] = "<a>\n  <b x='1'>\n    <c/>\n  </b>\n  <b x='2'/>\n</a>\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) nodes = document_xpath(xml, "//b", FALSE, &error);
    g_autoptr(GPtrArray) wrapped = document_xpath(xml, "//c", TRUE, NULL);
    g_autoptr(GPtrArray) none = document_xpath(xml, "//none", FALSE, NULL);

    g_assert_no_error(error);
    g_assert_cmpuint(nodes->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(nodes, 0), ==, "<b x=\"1\">\n  <c/>\n</b>");
    g_assert_cmpstr(g_ptr_array_index(nodes, 1), ==, "<b x=\"2\"/>");
    g_assert_cmpstr(g_ptr_array_index(wrapped, 0), ==, "<nodes>\n  <c/>\n</nodes>");
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_null(document_xpath(xml, "//[", FALSE, &error));
    g_assert_nonnull(error);
}

static void
test_nodes(void)
{
    g_autoptr(xmlDoc) doc = document_new("a");
    xmlNode *root = document_root(doc), *b = node_add(root, "b", "text"), *c = node_add_before(b, "c");

    node_set_attr(c, "n", "0x10");
    node_set_attr(b, "yes", "on");
    g_assert_cmpuint(node_attr_uint(c, "n", 1), ==, 16);
    g_assert_cmpuint(node_attr_uint(b, "n", 1), ==, 1);
    g_assert_true(node_attr_yes(b, "yes", FALSE));
    g_assert_true(node_attr_yes(b, "none", TRUE));
    g_assert_cmpstr(node_child_text(root, "b"), ==, "text");
    g_assert_null(node_child_text(root, "d"));
    node_set_text(b, node_text(b) + 1);
    g_assert_cmpstr(node_text(b), ==, "ext");
    node_set_attr(b, "yes", node_attr(b, "yes") + 1);
    g_assert_cmpstr(node_attr(b, "yes"), ==, "n");
    node_remove(b);
    g_assert_cmpuint(node_count(root, NULL), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/document/malformed", test_malformed);
    g_test_add_func("/model/document/malformed-long-line", test_malformed_long_line);
    g_test_add_func("/model/document/limits", test_limits);
    g_test_add_func("/model/document/format", test_format);
    g_test_add_func("/model/document/xpath", test_xpath);
    g_test_add_func("/model/document/nodes", test_nodes);
    g_test_add_func("/util/sizes/rejects", test_sizes_reject);
    g_test_add_func("/util/sizes", test_sizes);
    g_test_add_func("/util/uuid", test_uuid);
    return g_test_run();
}
