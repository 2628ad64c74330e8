#include "util/quote.h"

void
quote_append(GString *text, const char *word)
{
    g_string_append_c(text, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            g_string_append(text, "'\\''");
        else
            g_string_append_c(text, *word);
    }
    g_string_append_c(text, '\'');
}
