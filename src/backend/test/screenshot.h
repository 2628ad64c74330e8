/* The picture that every simulated screen shows: a PNG of 64 by 40 pixels, a white frame on blue. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SCREENSHOT_MIME "image/png"

/* A new reference. */
GBytes *screenshot_picture(void);

G_END_DECLS
