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
        /* In the form that it keeps it is the same URI; but libvirt writes a path without a slash in the place of a host. */
        if (uri->path[0] == '/') {
            g_autoptr(Uri) again = uri_parse(uri->text, NULL);

            FUZZ_CHECK(again && !g_strcmp0(again->host, uri->host) && !g_strcmp0(again->user, uri->user));
            FUZZ_CHECK(again->port == (uri->host || uri->user ? uri->port : -1));
            fuzz_same("path", uri->path, again->path);
            fuzz_same("uri", uri->text, again->text);
        }
    }
    return 0;
}
