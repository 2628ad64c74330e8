/* Where secrets are kept: for any number of processes at once, as domains are.
 *
 *   CONFIG/secrets/UUID.xml, UUID.value     the document and, once it is set, the value
 *   RUN/secrets/UUID.xml, UUID.value        the same of ephemeral secrets: gone with the host's next boot
 *
 * Folders are 0700, files 0600. A secret is there from the moment its document is renamed into place until that is
 * unlinked; its value is removed first. RUN/lock/secrets is held by whoever changes one. */
#pragma once

#include "backend/embedded/paths.h"
#include "model/secret.h"
#include "util/uuid.h"

G_BEGIN_DECLS

/* libvirt's limit of a value, in bytes. */
#define SECRET_MAX_VALUE 65536

/* A file that is named like a secret's document. */
typedef struct {
    char uuid[UUID_TEXT];       /* by which it is named */
    gboolean ephemeral;         /* by where it is */
    xmlDoc *doc;                /* says the same; NULL when it cannot be read or says something else */
    GError *damage;             /* then this is why; names the file */
} SecretEntry;

void secret_entry_free(SecretEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretEntry, secret_entry_free)

/* Every SecretEntry, sorted by uuid, the damaged ones among them. The array frees them. */
GPtrArray *secret_store_list(const Paths *paths, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NO_SECRET where there is none; a damaged one is there. @uuid in canonical form. */
SecretEntry *secret_store_entry(const Paths *paths, const char *uuid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Its document; NO_SECRET, or the damage. */
xmlDoc *secret_store_find(const Paths *paths, const char *uuid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds @doc or replaces the one with its uuid, a damaged one too; a value that is there stays. INTERNAL_ERROR in libvirt's words where another
 * secret has this use, where the use of an existing one would change, or a private one become public. */
gboolean secret_store_define(const Paths *paths, const xmlDoc *doc, GError **error);
gboolean secret_store_undefine(const Paths *paths, const char *uuid, GError **error);

gboolean secret_store_set_value(const Paths *paths, const char *uuid, const guint8 *value, gsize length, GError **error);
/* The value of @doc, new; the caller wipes and frees it. NO_SECRET where none was set. */
guint8 *secret_store_value(const Paths *paths, const xmlDoc *doc, gsize *length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* A QemuSecretFunc; @data is a Paths. Values of private secrets too: they are for the domains. */
guint8 *secret_store_find_value(gconstpointer data, const char *uuid, const char *usage_type, const char *usage, gsize *length,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
