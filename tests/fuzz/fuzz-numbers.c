/* Sizes, numbers and UUIDs: the whole input as each of them. */
#include "fuzz.h"

#include <string.h>

#include "util/sizes.h"
#include "util/uuid.h"

static void
check_sizes(const char *text)
{
    guint64 scaled = 7, number = 0;
    g_autoptr(GError) error = NULL;

    if (size_scale(&scaled, text, 1, G_MAXUINT32, &error))
        FUZZ_CHECK(scaled <= G_MAXUINT32);
    else
        FUZZ_CHECK(error && scaled == 7);
    if (uint_parse(text, 5, 500, &number))
        FUZZ_CHECK(number >= 5 && number <= 500);
    if (uint_parse_any(text, 0, 0xffff, &number))
        FUZZ_CHECK(number <= 0xffff);
}

static void
check_uuid(const char *text)
{
    g_autofree char *canonical = uuid_canonical(text), *again = NULL;
    guint8 bytes[UUID_BYTES];
    char formatted[UUID_TEXT];

    FUZZ_CHECK(uuid_parse(text, bytes) == !!canonical);
    if (!canonical)
        return;
    uuid_format(bytes, formatted);
    fuzz_same("uuid", canonical, formatted);
    again = uuid_canonical(formatted);
    fuzz_same("uuid again", formatted, again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = fuzz_text(data, size);

    check_sizes(text);
    check_uuid(text);
    return 0;
}
