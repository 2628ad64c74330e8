/* The XML of a secret: a key or password that domains and pools name by its UUID or by what it is used for. The value is
 * never part of it. */
#pragma once

#include "model/document.h"

G_BEGIN_DECLS

/* Reads and normalises @xml: only what is known stays, in libvirt's order, with a uuid (a new one when it names none).
 * @label names its source in errors; NULL: a definition. @validate: against the schema first. Errors in libvirt's words: XML_ERROR, INTERNAL_ERROR, CONFIG_UNSUPPORTED,
 * XML_INVALID_SCHEMA. */
xmlDoc *secret_parse(const char *xml, const char *label, gboolean validate, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of a normalised document; borrowed from it. */
const char *secret_uuid(const xmlDoc *doc);
gboolean secret_is_ephemeral(const xmlDoc *doc);    /* nothing of it outlives the host's next boot */
gboolean secret_is_private(const xmlDoc *doc);      /* its value is given to QEMU only */
/* Its number in the API (0: none), and the volume, target or name that it is for ("" for none). */
int secret_usage_type(const xmlDoc *doc);
const char *secret_usage_id(const xmlDoc *doc);

/* The number of "volume"; 0 for what is none. */
int secret_usage_number(const char *name);
/* Back from it; NULL for 0 and for what is no number of a usage. */
const char *secret_usage_name(int number);

G_END_DECLS
