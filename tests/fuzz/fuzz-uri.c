/* Connection URIs. */
#include "fuzz.h"

#include "backend/uri.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = fuzz_text(data, size);
    g_autoptr(Uri) uri = uri_parse(text, &error);

    FUZZ_CHECK(!uri == !!error);
    if (uri) {
        FUZZ_CHECK(uri->scheme && uri->path && uri->port >= -1);
        fuzz_same("uri", text, uri->text);
    }
    return 0;
}
