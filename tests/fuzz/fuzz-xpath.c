/* An XPath expression (the first line) on a document (the rest). */
#include "fuzz.h"

#include <string.h>

#include "model/document.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = fuzz_text(data, size);
    char *xml = strchr(text, '\n');

    if (!xml)
        return 0;
    *xml++ = '\0';
    for (int wrap = FALSE; wrap <= TRUE; wrap++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) nodes = document_xpath(xml, text, wrap, &error);

        FUZZ_CHECK(!nodes == !!error);
    }
    return 0;
}
