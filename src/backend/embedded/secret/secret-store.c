#include "config.h"

#include "backend/embedded/secret/secret-store.h"

#include <string.h>

#include "util/error.h"
#include "util/files.h"
#include "util/lock.h"
#include "util/process.h"
#include "util/uuid.h"

#define XML_SUFFIX ".xml"
#define VALUE_SUFFIX ".value"
#define MAX_DOCUMENT (1024 * 1024)
/* Base64 makes four characters of three bytes. */
#define MAX_ENCODED (SECRET_MAX_VALUE / 3 * 4 + 8)
#define LOCK_TIMEOUT_MS 30000

typedef char SecretFile[UUID_TEXT + sizeof VALUE_SUFFIX];

static int
open_folder(const Paths *paths, gboolean ephemeral, gboolean create, GError **error)
{
    g_autofree char *path = g_build_filename(ephemeral ? paths->run : paths->config, "secrets", NULL);

    return folder_open_path(path, create, error);
}

static void
file_of(SecretFile file, const char *uuid, const char *suffix)
{
    g_snprintf(file, sizeof(SecretFile), "%s%s", uuid, suffix);
}

static FileLock *
take_lock(const Paths *paths, GError **error)
{
    g_autofree char *path = g_build_filename(paths->run, "lock", NULL);
    hv_autofd int fd = folder_open_path(path, TRUE, error);

    return fd >= 0 ? file_lock(fd, "secrets", "a change of secrets", LOCK_TIMEOUT_MS, error) : NULL;
}

/* --- reading ---------------------------------------------------------------------------------------- */

void
secret_entry_free(SecretEntry *entry)
{
    if (!entry)
        return;
    g_clear_pointer(&entry->doc, document_free);
    g_clear_error(&entry->damage);
    g_free(entry);
}

/* What the file says must be what its place says. */
static xmlDoc *
parse(const char *xml, const char *label, const char *uuid, gboolean ephemeral, GError **error)
{
    g_autoptr(xmlDoc) doc = secret_parse(xml, label, FALSE, error);

    if (!doc)
        return NULL;
    if (strcmp(secret_uuid(doc), uuid) != 0)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s' is not named after the UUID of its secret, %s", label, secret_uuid(doc));
    else if (secret_is_ephemeral(doc) != ephemeral)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "'%s' is not where %s secrets are kept", label,
                 ephemeral ? "lasting" : "ephemeral");
    else
        return g_steal_pointer(&doc);
    return NULL;
}

/* NULL without an error when this folder has no such secret. */
static SecretEntry *
load(const Paths *paths, gboolean ephemeral, const char *uuid, GError **error)
{
    g_autoptr(GError) failure = NULL;
    hv_autofd int fd = open_folder(paths, ephemeral, FALSE, &failure);
    gboolean missing = fd < 0;
    g_autofree char *xml = NULL, *label = NULL;
    SecretEntry *entry;
    SecretFile file;

    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    file_of(file, uuid, XML_SUFFIX);
    label = g_build_filename(ephemeral ? paths->run : paths->config, "secrets", file, NULL);
    if (!missing)
        xml = file_read(fd, file, label, MAX_DOCUMENT, NULL, &missing, &failure);
    if (missing)
        return NULL;
    entry = g_new0(SecretEntry, 1);
    entry->ephemeral = ephemeral;
    g_strlcpy(entry->uuid, uuid, sizeof entry->uuid);
    entry->doc = xml ? parse(xml, label, uuid, ephemeral, &failure) : NULL;
    entry->damage = g_steal_pointer(&failure);
    return entry;
}

typedef struct {
    const Paths *paths;
    gboolean ephemeral;
    GPtrArray *found;
    GError *error;
} Listing;

static gboolean
list_entry(const char *name, unsigned char type G_GNUC_UNUSED, gpointer data)
{
    Listing *listing = data;
    g_autofree char *uuid = NULL, *canonical = NULL;
    SecretEntry *entry;

    if (!g_str_has_suffix(name, XML_SUFFIX))
        return TRUE;
    uuid = g_strndup(name, strlen(name) - strlen(XML_SUFFIX));
    canonical = uuid_canonical(uuid);
    if (g_strcmp0(uuid, canonical) != 0)
        return TRUE;
    entry = load(listing->paths, listing->ephemeral, uuid, &listing->error);
    if (entry)
        g_ptr_array_add(listing->found, entry);
    return !listing->error;
}

static int
compare_uuids(gconstpointer left, gconstpointer right)
{
    return strcmp((*(const SecretEntry *const *)left)->uuid, (*(const SecretEntry *const *)right)->uuid);
}

GPtrArray *
secret_store_list(const Paths *paths, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify) secret_entry_free);

    for (int ephemeral = FALSE; ephemeral <= TRUE; ephemeral++) {
        Listing listing = { paths, ephemeral, found, NULL };
        g_autoptr(GError) failure = NULL;
        hv_autofd int fd = open_folder(paths, ephemeral, FALSE, &failure);

        if (fd >= 0 && folder_foreach(fd, "secrets", list_entry, &listing, &failure))
            failure = listing.error;
        if (failure) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
    }
    g_ptr_array_sort(found, compare_uuids);
    return g_steal_pointer(&found);
}

SecretEntry *
secret_store_entry(const Paths *paths, const char *uuid, GError **error)
{
    g_autoptr(GError) failure = NULL;
    SecretEntry *entry = load(paths, FALSE, uuid, &failure);

    if (!entry && !failure)
        entry = load(paths, TRUE, uuid, &failure);
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    else if (!entry)
        hv_throw(error, HV_ERR_NO_SECRET, "no secret with matching uuid '%s'", uuid);
    return entry;
}

xmlDoc *
secret_store_find(const Paths *paths, const char *uuid, GError **error)
{
    g_autoptr(SecretEntry) entry = secret_store_entry(paths, uuid, error);

    if (entry && !entry->doc)
        g_propagate_error(error, g_steal_pointer(&entry->damage));
    return entry ? g_steal_pointer(&entry->doc) : NULL;
}

static const xmlDoc *
find_in(const GPtrArray *secrets, int usage_type, const char *usage_id)
{
    for (guint i = 0; i < secrets->len; i++) {
        const xmlDoc *doc = ((const SecretEntry *)secrets->pdata[i])->doc;

        if (doc && secret_usage_type(doc) == usage_type && strcmp(secret_usage_id(doc), usage_id) == 0)
            return doc;
    }
    return NULL;
}

static xmlDoc *
secret_store_find_usage(const Paths *paths, int usage_type, const char *usage_id, GError **error)
{
    g_autoptr(GPtrArray) secrets = secret_store_list(paths, error);
    const xmlDoc *doc = secrets ? find_in(secrets, usage_type, usage_id) : NULL;

    if (secrets && !doc)
        hv_throw(error, HV_ERR_NO_SECRET, "no secret with matching usage '%s'", usage_id);
    return doc ? document_copy(doc) : NULL;
}

/* --- changing --------------------------------------------------------------------------------------- */

static gboolean
check_change(const xmlDoc *old, const xmlDoc *doc, GError **error)
{
    const char *uuid = secret_uuid(doc);

    if (secret_usage_type(old) != secret_usage_type(doc) || strcmp(secret_usage_id(old), secret_usage_id(doc)) != 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "a secret with UUID %s is already defined for use with %s", uuid,
                        secret_usage_id(old));
    if (secret_is_private(old) && !secret_is_private(doc))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot change private flag on existing secret");
    return TRUE;
}

static gboolean
remove_files(const Paths *paths, gboolean ephemeral, const char *uuid, GError **error)
{
    g_autoptr(GError) failure = NULL;
    hv_autofd int fd = open_folder(paths, ephemeral, FALSE, &failure);
    FileWriteFlags flags = ephemeral ? FILE_WRITE_DEFAULT : FILE_WRITE_SYNC;
    SecretFile value, xml;

    file_of(value, uuid, VALUE_SUFFIX);
    file_of(xml, uuid, XML_SUFFIX);
    if (fd >= 0 && file_remove(fd, value, flags, &failure))
        file_remove(fd, xml, flags, &failure);
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean
write_file(const Paths *paths, gboolean ephemeral, const char *file, const char *text, GError **error)
{
    hv_autofd int fd = open_folder(paths, ephemeral, TRUE, error);

    return fd >= 0 && file_write(fd, file, NULL, text, -1, ephemeral ? FILE_WRITE_DEFAULT : FILE_WRITE_SYNC, error);
}

static gboolean
write_value(const Paths *paths, gboolean ephemeral, const char *uuid, const guint8 *value, gsize length, GError **error)
{
    char *text = g_base64_encode(value, length);
    SecretFile file;
    gboolean ok;

    file_of(file, uuid, VALUE_SUFFIX);
    ok = write_file(paths, ephemeral, file, text, error);
    explicit_bzero(text, strlen(text));
    g_free(text);
    return ok;
}

static guint8 *
read_value(const Paths *paths, gboolean ephemeral, const char *uuid, gsize *length, GError **error)
{
    g_autoptr(GError) failure = NULL;
    hv_autofd int fd = open_folder(paths, ephemeral, FALSE, &failure);
    gboolean missing = FALSE;
    guint8 *value = NULL;
    char *text = NULL;
    SecretFile file;

    file_of(file, uuid, VALUE_SUFFIX);
    if (fd >= 0)
        text = file_read(fd, file, NULL, MAX_ENCODED, NULL, &missing, &failure);
    if (text) {
        value = g_base64_decode(text, length);
        explicit_bzero(text, strlen(text));
        g_free(text);
    } else if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
    } else {
        hv_throw(error, HV_ERR_NO_SECRET, "secret '%s' does not have a value", uuid);
    }
    return value;
}

/* An ephemeral secret becomes a lasting one, or the other way round: its value goes along. */
static gboolean
move_value(const Paths *paths, const SecretEntry *old, gboolean ephemeral, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gsize length = 0;
    guint8 *value = read_value(paths, old->ephemeral, old->uuid, &length, &failure);
    gboolean ok;

    if (!value) {
        /* It may have none yet. One that cannot be read must not be lost. */
        if (g_error_matches(failure, HV_ERROR, HV_ERR_NO_SECRET))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    ok = write_value(paths, ephemeral, old->uuid, value, length, error);
    explicit_bzero(value, length);
    g_free(value);
    return ok;
}

gboolean
secret_store_define(const Paths *paths, const xmlDoc *doc, GError **error)
{
    FileLock *lock = take_lock(paths, error);
    g_autoptr(GPtrArray) secrets = lock ? secret_store_list(paths, error) : NULL;
    const SecretEntry *old = NULL;
    const xmlDoc *other = NULL;
    g_autofree char *xml = document_format(doc);
    gboolean ephemeral = secret_is_ephemeral(doc), moved = FALSE, ok = secrets != NULL;
    SecretFile file;

    for (guint i = 0; ok && i < secrets->len; i++)
        if (strcmp(((const SecretEntry *)secrets->pdata[i])->uuid, secret_uuid(doc)) == 0)
            old = secrets->pdata[i];
    if (ok && !old && secret_usage_type(doc))
        other = find_in(secrets, secret_usage_type(doc), secret_usage_id(doc));
    if (other)
        ok = hv_throw(error, HV_ERR_INTERNAL_ERROR, "a secret with UUID %s already defined for use with %s", secret_uuid(other),
                      secret_usage_id(doc));
    if (ok && old) {
        moved = old->ephemeral != ephemeral;
        /* What is too damaged to be read may be replaced. */
        ok = (!old->doc || check_change(old->doc, doc, error)) && (!moved || move_value(paths, old, ephemeral, error));
    }
    file_of(file, secret_uuid(doc), XML_SUFFIX);
    ok = ok && write_file(paths, ephemeral, file, xml, error) &&
         (!moved || remove_files(paths, !ephemeral, secret_uuid(doc), error));
    file_unlock(lock, FALSE);
    return ok;
}

gboolean
secret_store_undefine(const Paths *paths, const char *uuid, GError **error)
{
    FileLock *lock = take_lock(paths, error);
    g_autoptr(SecretEntry) entry = lock ? secret_store_entry(paths, uuid, error) : NULL;
    gboolean ok = entry && remove_files(paths, entry->ephemeral, uuid, error);

    file_unlock(lock, FALSE);
    return ok;
}

/* --- values ----------------------------------------------------------------------------------------- */

gboolean
secret_store_set_value(const Paths *paths, const char *uuid, const guint8 *value, gsize length, GError **error)
{
    FileLock *lock = take_lock(paths, error);
    g_autoptr(xmlDoc) doc = lock ? secret_store_find(paths, uuid, error) : NULL;
    gboolean ok = doc && write_value(paths, secret_is_ephemeral(doc), uuid, value, length, error);

    file_unlock(lock, FALSE);
    return ok;
}

guint8 *
secret_store_value(const Paths *paths, const xmlDoc *doc, gsize *length, GError **error)
{
    return read_value(paths, secret_is_ephemeral(doc), secret_uuid(doc), length, error);
}

guint8 *
secret_store_find_value(gconstpointer data, const char *uuid, const char *usage_type, const char *usage, gsize *length,
                        GError **error)
{
    const Paths *paths = data;
    g_autoptr(xmlDoc) doc = uuid ? secret_store_find(paths, uuid, error)
                                 : secret_store_find_usage(paths, secret_usage_number(usage_type), usage, error);

    return doc ? secret_store_value(paths, doc, length, error) : NULL;
}
