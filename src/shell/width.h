/* How wide text is on a terminal. Text counts as UTF-8 whatever the locale says. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @text with control characters and bytes that are no UTF-8 as \xHH. *@width is its width in columns: 2 for wide
 * characters, 0 for combining and zero-width ones. Free with g_free. */
char *width_escape(const char *text, gsize *width);

G_END_DECLS
