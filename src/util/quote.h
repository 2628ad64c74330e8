/* Words as a POSIX shell reads them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends @word between apostrophes; those within it stand outside of them, behind a backslash. */
void quote_append(GString *text, const char *word);
/* The same where the word needs it. */
void quote_append_word(GString *text, const char *word);

G_END_DECLS
