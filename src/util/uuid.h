/* UUIDs as text and bytes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UUID_BYTES 16
#define UUID_TEXT 37    /* with the NUL */

/* libvirt's loose reading: 32 hexadecimal digits, hyphens anywhere between, white space around. */
gboolean uuid_parse(const char *text, guint8 bytes[UUID_BYTES]);
/* Lower case, with hyphens. */
void uuid_format(const guint8 bytes[UUID_BYTES], char text[UUID_TEXT]);
/* A random one (version 4, from the kernel). */
void uuid_generate(char text[UUID_TEXT]);
/* @text as uuid_format() would write it, or NULL when it is no UUID. Free with g_free. */
char *uuid_canonical(const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
