/* The status file of a running domain. */
#include "fuzz.h"

#include <string.h>

#include "supervisor/status.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL, *second = NULL;
    RunStatus status = { 0 }, again = { 0 };

    if (!status_parse((const char *)data, size, &status, &error)) {
        FUZZ_CHECK(error);
        return 0;
    }
    first = status_format(&status);
    FUZZ_CHECK(status_parse(first, strlen(first), &again, NULL));
    second = status_format(&again);
    fuzz_same("status", first, second);
    return 0;
}
