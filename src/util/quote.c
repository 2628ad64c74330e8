#include "util/quote.h"

#include <string.h>

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

void
quote_append_word(GString *text, const char *word)
{
    gsize plain = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@%+-");

    if (*word && !word[plain])
        g_string_append(text, word);
    else
        quote_append(text, word);
}
