#include "util/uuid.h"

#include <sys/random.h>

gboolean
uuid_parse(const char *text, guint8 bytes[UUID_BYTES])
{
    guint8 read[UUID_BYTES];

    if (!text)
        return FALSE;
    while (g_ascii_isspace(*text))
        text++;
    for (int i = 0; i < UUID_BYTES; i++) {
        while (*text == '-')
            text++;
        for (int half = 0; half < 2; half++, text++) {
            if (!g_ascii_isxdigit(*text))
                return FALSE;
            read[i] = (half ? read[i] << 4 : 0) | g_ascii_xdigit_value(*text);
        }
    }
    while (*text)
        if (!g_ascii_isspace(*text++))
            return FALSE;
    for (int i = 0; i < UUID_BYTES; i++)
        bytes[i] = read[i];
    return TRUE;
}

void
uuid_format(const guint8 b[UUID_BYTES], char text[UUID_TEXT])
{
    g_snprintf(text, UUID_TEXT, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
               b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

void
uuid_generate(char text[UUID_TEXT])
{
    guint8 bytes[UUID_BYTES];

    /* Requests of up to 256 bytes are never cut short (getrandom(2)); before the pool is ready they wait. */
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        for (int i = 0; i < UUID_BYTES; i++)
            bytes[i] = g_random_int_range(0, 256);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;    /* version 4, RFC 4122 */
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    uuid_format(bytes, text);
}

char *
uuid_canonical(const char *text)
{
    guint8 bytes[UUID_BYTES];
    char canonical[UUID_TEXT];

    if (!uuid_parse(text, bytes))
        return NULL;
    uuid_format(bytes, canonical);
    return g_strdup(canonical);
}
