/* Tables and the width of text. */
#include "shell/table.h"
#include "shell/width.h"

static const struct {
    const char *text;
    const char *shown;
    gsize width;
} texts[] = {
    { "", "", 0 },
    { "plain", "plain", 5 },
    { "tab\tx", "tab\\x09x", 8 },
    { "\x7f", "\\x7f", 4 },
    { "a\xff", "a\\xff", 5 },
    { "\xc3", "\\xc3", 4 },
    { "\xc2\x85", "\\xc2\\x85", 8 },
    { "\xc3\xa9", "\xc3\xa9", 1 },
    { "e\xcc\x81", "e\xcc\x81", 1 },
    { "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4 },
    { "a\xe2\x80\x8b" "b", "a\xe2\x80\x8b" "b", 2 },
};

static void
test_width(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        gsize width;
        g_autofree char *shown = width_escape(texts[i].text, &width);

        g_assert_cmpstr(shown, ==, texts[i].shown);
        g_assert_cmpuint(width, ==, texts[i].width);
    }
}

static Table *
sample(void)
{
    static const char *const rows[][3] = {
        { "Id", "Name", "State" },
        { "1", "test", "running" },
        { "-", "a longer name", "" },
    };
    Table *table = table_new(3);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        table_add_row(table, rows[i]);
    return table;
}

static void
test_layout(void)
{
    g_autoptr(Table) table = sample();
    g_autoptr(GString) text = g_string_new(NULL);

    table_format(table, TRUE, text);
    g_assert_cmpstr(text->str, ==,
                    " Id   Name            State\n"
                    "-------------------------------\n"
                    " 1    test            running\n"
                    " -    a longer name   \n");
}

static void
test_without_titles(void)
{
    g_autoptr(Table) table = sample();
    g_autoptr(GString) text = g_string_new(NULL);

    table_format(table, FALSE, text);
    g_assert_cmpstr(text->str, ==, " 1   test            running\n -   a longer name   \n");
}

static void
test_empty(void)
{
    static const char *const titles[] = { "Target", "Source" };
    g_autoptr(Table) table = table_new(2);
    g_autoptr(GString) text = g_string_new(NULL);

    table_add_row(table, titles);
    table_format(table, TRUE, text);
    g_assert_cmpstr(text->str, ==, " Target   Source\n------------------\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/table/width", test_width);
    g_test_add_func("/table/layout", test_layout);
    g_test_add_func("/table/without-titles", test_without_titles);
    g_test_add_func("/table/empty", test_empty);
    return g_test_run();
}
