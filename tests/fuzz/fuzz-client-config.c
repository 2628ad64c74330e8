/* The client configuration file. Its reader is private to uri.c, whose place it is in. */
#include "fuzz.h"

#include "backend/uri.c"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *path = fuzz_file("hvsh.conf", data, size);
    g_autofree char *uri = conf_uri_default(path);

    FUZZ_CHECK(!uri || *uri);
    return 0;
}
