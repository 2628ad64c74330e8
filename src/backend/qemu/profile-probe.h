/* Asking a QEMU binary for its profile (profile.h). */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

/* The facts in the form of the cache file; a new reference. */
json_t *qemu_profile_probe(const char *emulator, const char *accel, int timeout_ms, GError **error);

G_END_DECLS
