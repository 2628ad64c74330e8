/* What commands say of secrets in the words of their XML, without having to know documents. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "volume" for SecretRef.usage_type; NULL for a secret that is for nothing in particular, and for numbers that are unknown. */
const char *xml_secret_usage_name(int usage_type);

G_END_DECLS
