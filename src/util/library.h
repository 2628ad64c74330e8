/* Shared libraries that are opened when they are first needed, because loading them costs more than most commands take. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    const char *name;           /* "gnutls_strerror" */
    gpointer slot;              /* the pointer that it is put into */
} LibrarySymbol;

/* Opens the first of the @sonames (ends with NULL) that is there and fills the slots. @what names it in errors ("the XML
 * library"). SYSTEM_ERROR where it cannot be loaded or lacks a symbol. It stays open. */
gboolean library_load(const char *what, const char *const *sonames, const LibrarySymbol *symbols, gsize n_symbols, GError **error);

G_END_DECLS
