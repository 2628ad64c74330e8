/* Keys and passwords on the command line: encrypted there with a key that QEMU reads from a private file, so that neither the
 * list of processes nor a log shows them. The objects are libvirt's. */
#include "config.h"

#include "backend/qemu/argv-secret.h"

#include <string.h>

#include "util/cipher.h"
#include "util/error.h"

#define MASTER_KEY_ID "masterKey0"

static void
add_master_key(ArgvBuilder *b)
{
    b->master_key = g_malloc(CIPHER_KEY_BYTES);
    cipher_random(b->master_key, CIPHER_KEY_BYTES);
    b->master_key_path = g_build_filename(b->host->state_dir ? b->host->state_dir : "/", "master-key.aes", NULL);
    argv_add_json(b, "-object", json_pack("{s:s,s:s,s:s,s:s}", "qom-type", "secret", "id", MASTER_KEY_ID, "format", "raw", "file",
                                          b->master_key_path));
}

gboolean
secret_add_value(ArgvBuilder *b, const char *id, const guint8 *value, gsize length, GError **error)
{
    guint8 iv[CIPHER_IV_BYTES];
    g_autofree char *iv_text = NULL, *data = NULL;
    g_autofree guint8 *encrypted = NULL;
    gsize encrypted_length = 0;

    if (!b->master_key)
        add_master_key(b);
    cipher_random(iv, sizeof iv);
    encrypted = cipher_encrypt(b->master_key, iv, value, length, &encrypted_length, error);
    if (!encrypted)
        return FALSE;
    iv_text = g_base64_encode(iv, sizeof iv);
    data = g_base64_encode(encrypted, encrypted_length);
    argv_add_json(b, "-object", json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "qom-type", "secret", "id", id, "data", data, "keyid",
                                          MASTER_KEY_ID, "iv", iv_text, "format", "base64"));
    return TRUE;
}

gboolean
secret_add(ArgvBuilder *b, const char *id, const xmlNode *secret, const char *usage_type, GError **error)
{
    const char *uuid = node_attr(secret, "uuid"), *usage = node_attr(secret, "usage");
    gsize length = 0;
    guint8 *value;
    gboolean ok;

    if (!b->host->find_secret)
        return uuid ? hv_throw(error, HV_ERR_NO_SECRET, "no secret with matching uuid '%s'", uuid)
                    : hv_throw(error, HV_ERR_NO_SECRET, "no secret with matching usage '%s'", usage ? usage : "");
    value = b->host->find_secret(b->host->find_secret_data, uuid, usage_type, usage, &length, error);
    if (!value)
        return FALSE;
    ok = secret_add_value(b, id, value, length, error);
    explicit_bzero(value, length);
    g_free(value);
    return ok;
}
