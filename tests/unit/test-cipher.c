/* Encryption beside the vectors of NIST SP 800-38A, F.2.5 (AES-256 in CBC mode). */
#include <string.h>

#include "util/cipher.h"

static const guint8 key[CIPHER_KEY_BYTES] = {
    0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d, 0x77, 0x81,
    0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4,
};
static const guint8 iv[CIPHER_IV_BYTES] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const guint8 plain[32] = {
    0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a,
    0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c, 0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51,
};
static const guint8 encrypted[32] = {
    0xf5, 0x8c, 0x4c, 0x04, 0xd6, 0xe5, 0xf1, 0xba, 0x77, 0x9e, 0xab, 0xfb, 0x5f, 0x7b, 0xfb, 0xd6,
    0x9c, 0xfc, 0x4e, 0x96, 0x7e, 0xdb, 0x80, 0x8d, 0x67, 0x9f, 0x77, 0x7b, 0xc6, 0x70, 0x2c, 0x7d,
};

static void
test_vectors(void)
{
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    g_autofree guint8 *got = cipher_encrypt(key, iv, plain, sizeof plain, &length, &error);

    g_assert_no_error(error);
    g_assert_cmpmem(got, 32, encrypted, 32);
    g_assert_cmpuint(length, ==, 48);
}

/* PKCS #7 always adds something, so that its end can be told. */
static void
test_lengths(void)
{
    for (gsize length = 0; length <= 32; length++) {
        g_autoptr(GError) error = NULL;
        gsize padded = 0;
        g_autofree guint8 *got = cipher_encrypt(key, iv, plain, length, &padded, &error);

        g_assert_no_error(error);
        g_assert_cmpuint(padded, ==, (length / 16 + 1) * 16);
    }
}

static void
test_random(void)
{
    guint8 one[CIPHER_KEY_BYTES] = { 0 }, other[CIPHER_KEY_BYTES] = { 0 };

    cipher_random(one, sizeof one);
    cipher_random(other, sizeof other);
    g_assert_true(memcmp(one, other, sizeof one) != 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cipher/vectors", test_vectors);
    g_test_add_func("/cipher/lengths", test_lengths);
    g_test_add_func("/cipher/random", test_random);
    return g_test_run();
}
