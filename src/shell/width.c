#include "shell/width.h"

#include <string.h>

static gboolean
is_plain_ascii(const char *text, gsize *length)
{
    const char *p = text;

    while (*p >= 0x20 && *p < 0x7f)
        p++;
    *length = p - text;
    return *p == '\0';
}

static gboolean
is_shown(gunichar c)
{
    return g_unichar_iszerowidth(c) ? !g_unichar_iscntrl(c) : g_unichar_isprint(c);
}

char *
width_escape(const char *text, gsize *width)
{
    gsize length;
    GString *shown;
    const char *p = text, *end;

    if (is_plain_ascii(text, &length)) {
        *width = length;
        return g_strndup(text, length);
    }

    shown = g_string_new(NULL);
    *width = 0;
    end = text + strlen(text);
    while (p < end) {
        gunichar c = g_utf8_get_char_validated(p, end - p);
        gboolean valid = c != (gunichar)-1 && c != (gunichar)-2;
        gsize bytes = valid ? (gsize)g_unichar_to_utf8(c, NULL) : 1;

        if (valid && is_shown(c)) {
            g_string_append_len(shown, p, bytes);
            *width += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
        } else {
            for (gsize i = 0; i < bytes; i++)
                g_string_append_printf(shown, "\\x%02x", (guchar)p[i]);
            *width += 4 * bytes;
        }
        p += bytes;
    }
    return g_string_free(shown, FALSE);
}
