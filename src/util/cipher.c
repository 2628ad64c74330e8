#include "util/cipher.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/random.h>

#include "util/error.h"
#include "util/library.h"

static struct {
    __typeof__(gnutls_cipher_init) *init;
    __typeof__(gnutls_cipher_encrypt) *encrypt;
    __typeof__(gnutls_cipher_deinit) *deinit;
    __typeof__(gnutls_strerror) *strerror;
} library;

static gboolean
load_library(GError **error)
{
    static const char *const sonames[] = { "libgnutls.so.30", NULL };
    static const LibrarySymbol symbols[] = {
        { "gnutls_cipher_init", &library.init },
        { "gnutls_cipher_encrypt", &library.encrypt },
        { "gnutls_cipher_deinit", &library.deinit },
        { "gnutls_strerror", &library.strerror },
    };

    return library.strerror || library_load("the library for encryption", sonames, symbols, G_N_ELEMENTS(symbols), error);
}

void
cipher_random(guint8 *bytes, gsize length)
{
    for (gsize done = 0; done < length;) {
        gssize got = getrandom(bytes + done, length - done, 0);

        if (got > 0)
            done += (gsize)got;
    }
}

guint8 *
cipher_encrypt(const guint8 key[CIPHER_KEY_BYTES], const guint8 iv[CIPHER_IV_BYTES], const guint8 *plain, gsize length,
               gsize *encrypted_length, GError **error)
{
    gnutls_datum_t key_datum = { (guint8 *)key, CIPHER_KEY_BYTES }, iv_datum = { (guint8 *)iv, CIPHER_IV_BYTES };
    gnutls_cipher_hd_t handle = NULL;
    gsize padding = CIPHER_IV_BYTES - length % CIPHER_IV_BYTES, total = length + padding;
    guint8 *bytes;
    int status;

    if (!load_library(error))
        return NULL;
    bytes = g_malloc(total);
    memcpy(bytes, plain, length);
    memset(bytes + length, (int)padding, padding);
    status = library.init(&handle, GNUTLS_CIPHER_AES_256_CBC, &key_datum, &iv_datum);
    if (status == 0) {
        status = library.encrypt(handle, bytes, total);
        library.deinit(handle);
    }
    if (status != 0) {
        explicit_bzero(bytes, total);
        g_free(bytes);
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot encrypt: %s", library.strerror(status));
        return NULL;
    }
    *encrypted_length = total;
    return bytes;
}
