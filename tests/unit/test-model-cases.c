#include "test-model-cases.h"

#include <string.h>

static char *
case_xml(const ModelCase *model_case)
{
    return g_strdup_printf("<domain type='qemu'><name>t</name><memory unit='MiB'>1024</memory><vcpu>2</vcpu>%s"
                           "<os><type arch='x86_64' machine='%s'>hvm</type></os><devices>%s</devices></domain>",
                           model_case->more ? model_case->more : "", model_case->machine, model_case->devices);
}

static char *
elements_xml(const ModelElements *elements)
{
    return g_strconcat("<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>d</name>",
                       elements->elements, "</domain>", NULL);
}

static xmlDoc *
parse(const char *xml, GError **error)
{
    return domain_parse(xml, -1, NULL, &test_model_facts, DOMAIN_PARSE_DEFAULT, NULL, error);
}

/* Without indentation. */
static char *
squeeze(const char *text)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        g_string_append(out, g_strchug(*line));
    return g_string_free(out, FALSE);
}

xmlDoc *
model_case_parse(const ModelCase *model_case, GError **error)
{
    g_autofree char *xml = case_xml(model_case);

    return parse(xml, error);
}

void
model_rejected(const char *xml, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = parse(xml, &error);

    g_test_message("%s", xml);
    g_assert_null(doc);
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, message);
}

/* What was filled in stays when it is read again. */
void
model_filled(const char *xml, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = parse(xml, &error), again = NULL;
    g_autofree char *text = NULL, *squeezed = NULL, *wanted = squeeze(part), *second = NULL;

    g_test_message("%s", xml);
    g_assert_no_error(error);
    text = domain_format(doc, DOMAIN_FORMAT_SECURE, &error);
    squeezed = squeeze(text);
    if (!strstr(squeezed, wanted))
        g_error("no %s in\n%s", wanted, text);
    again = parse(text, &error);
    g_assert_no_error(error);
    second = domain_format(again, DOMAIN_FORMAT_SECURE, &error);
    g_assert_cmpstr(second, ==, text);
}

void
model_cases_rejected(const ModelCase *cases, gsize n_cases)
{
    for (gsize i = 0; i < n_cases; i++) {
        g_autofree char *xml = case_xml(&cases[i]);

        model_rejected(xml, cases[i].expected);
    }
}

void
model_cases_filled(const ModelCase *cases, gsize n_cases)
{
    for (gsize i = 0; i < n_cases; i++) {
        g_autofree char *xml = case_xml(&cases[i]);

        model_filled(xml, cases[i].expected);
    }
}

void
model_elements_rejected(const ModelElements *cases, gsize n_cases)
{
    for (gsize i = 0; i < n_cases; i++) {
        g_autofree char *xml = elements_xml(&cases[i]);

        model_rejected(xml, cases[i].expected);
    }
}

void
model_elements_filled(const ModelElements *cases, gsize n_cases)
{
    for (gsize i = 0; i < n_cases; i++) {
        g_autofree char *xml = elements_xml(&cases[i]);

        model_filled(xml, cases[i].expected);
    }
}
