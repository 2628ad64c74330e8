/* What users write into a domain's document: a title, a description, and metadata, where the first line is the namespace, the
 * second the prefix, the rest the element. What was accepted can be read again. */
#include "fuzz.h"

#include "model/domain.h"

#define DOMAIN \
    "<domain type='test'><name>a</name><uuid>74722d00-0000-4000-8000-000000000201</uuid><memory>1</memory>" \
    "<os><type>hvm</type></os><metadata><k:x xmlns:k='urn:k'/></metadata></domain>"

static xmlDoc *
make_domain(void)
{
    xmlDoc *doc = domain_parse(DOMAIN, -1, NULL, NULL, DOMAIN_PARSE_DEFAULT, NULL, NULL);

    FUZZ_CHECK(doc);
    return doc;
}

static char *
read_again(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) again = domain_parse(text, -1, NULL, NULL, DOMAIN_PARSE_DEFAULT, NULL, &error);

    if (!again)
        g_printerr("%s\n%s\n", error->message, text);
    FUZZ_CHECK(again);
    return document_format(again);
}

/* Reading turns carriage returns into newlines; after that nothing changes any more. */
static void
check_readable(const xmlDoc *doc)
{
    g_autofree char *first = document_format(doc), *second = read_again(first), *third = read_again(second);

    fuzz_same("document", second, third);
}

static void
check_texts(const char *text)
{
    g_autoptr(xmlDoc) titled = make_domain(), described = make_domain();

    if (domain_set_title(titled, text, NULL))
        check_readable(titled);
    domain_set_description(described, text);
    check_readable(described);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = fuzz_text(data, size), *found = NULL;
    g_auto(GStrv) parts = g_strsplit(text, "\n", 3);
    g_autoptr(xmlDoc) doc = make_domain();

    check_texts(text);
    if (g_strv_length(parts) < 3)
        return 0;
    if (!domain_set_metadata(doc, parts[0], parts[1], parts[2], &error)) {
        FUZZ_CHECK(error);
        return 0;
    }
    found = domain_metadata(doc, parts[0], NULL);
    check_readable(doc);
    return 0;
}
