/* Encryption of the few bytes that are handed to QEMU on its command line, by GnuTLS, which is loaded when it is first
 * needed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CIPHER_KEY_BYTES 32
#define CIPHER_IV_BYTES 16

/* @length random bytes of the kernel. */
void cipher_random(guint8 *bytes, gsize length);

/* @plain under AES-256 in CBC mode, padded as PKCS #7 says: a new array. INTERNAL_ERROR where GnuTLS cannot be had or
 * refuses. */
guint8 *cipher_encrypt(const guint8 key[CIPHER_KEY_BYTES], const guint8 iv[CIPHER_IV_BYTES], const guint8 *plain,
                       gsize length, gsize *encrypted_length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
