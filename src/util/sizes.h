/* Sizes with units, as libvirt reads them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Multiplies *@value by the unit @suffix: b, bytes; k, K, KiB, kib, … E, EiB for powers of 1024; KB, MB, … for powers of 1000
 * (case does not matter). @suffix NULL or "": @scale. A result above @limit is HV_ERR_OVERFLOW, an unknown unit
 * HV_ERR_INVALID_ARG; both leave *@value alone. */
gboolean size_scale(guint64 *value, const char *suffix, guint64 scale, guint64 limit, GError **error);
/* Decimal only, whole string, within [@min, @max]; no error is set. */
gboolean uint_parse(const char *text, guint64 min, guint64 max, guint64 *value);
/* The same, 0x… and octal allowed as in C (the way libvirt reads PCI addresses). */
gboolean uint_parse_any(const char *text, guint64 min, guint64 max, guint64 *value);

G_END_DECLS
