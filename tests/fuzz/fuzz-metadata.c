/* Metadata of a domain: the first line is the namespace, the second the prefix, the rest the element. */
#include "fuzz.h"

#include "model/domain.h"

#define DOMAIN \
    "<domain type='test'><name>a</name><uuid>74722d00-0000-4000-8000-000000000201</uuid><memory>1</memory>" \
    "<os><type>hvm</type></os><metadata><k:x xmlns:k='urn:k'/></metadata></domain>"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = fuzz_text(data, size), *first = NULL, *second = NULL, *found = NULL;
    g_auto(GStrv) parts = g_strsplit(text, "\n", 3);
    g_autoptr(xmlDoc) doc = NULL, again = NULL;

    if (g_strv_length(parts) < 3 || !g_utf8_validate(text, -1, NULL) || !*parts[0] || !*parts[1])
        return 0;
    doc = domain_parse(DOMAIN, -1, NULL, NULL, DOMAIN_PARSE_DEFAULT, NULL, &error);
    FUZZ_CHECK(doc);
    if (!domain_set_metadata(doc, parts[0], parts[1], parts[2], &error)) {
        FUZZ_CHECK(error);
        return 0;
    }
    found = domain_metadata(doc, parts[0], NULL);
    first = document_format(doc);
    again = domain_parse(first, -1, NULL, NULL, DOMAIN_PARSE_DEFAULT, NULL, &error);
    if (!again)
        g_printerr("%s\n%s\n", error->message, first);
    FUZZ_CHECK(again);
    second = document_format(again);
    fuzz_same("metadata", first, second);
    return 0;
}
