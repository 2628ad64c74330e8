/* The UUID of a machine. */
#include "host/identity.h"

#include <fcntl.h>
#include <string.h>

#include "util/error.h"
#include "util/files.h"
#include "util/lock.h"
#include "util/process.h"
#include "util/uuid.h"

#define OWN_FILE "host-uuid"
#define OWN_MAX 4096
#define OWN_TIMEOUT_MS 10000

/* What vendors leave in place: one digit all over, and the example of a firmware kit. */
static gboolean
is_filler(const guchar uuid[16])
{
    static const guchar kit[16] = { 3, 0, 2, 0, 4, 0, 5, 0, 0, 6, 0, 7, 0, 8, 0, 9 };
    gboolean same = (uuid[0] >> 4) == (uuid[0] & 15);

    for (gsize i = 1; i < 16; i++)
        same = same && uuid[i] == uuid[0];
    return same || memcmp(uuid, kit, sizeof kit) == 0;
}

static gboolean
read_uuid(const Host *host, const char *path, guchar uuid[16])
{
    g_autofree char *text = host_read_word(host, "%s", path);

    return text && uuid_parse(text, uuid) && !is_filler(uuid);
}

/* FALSE without an error when there is none yet, or nothing that is one. */
static gboolean
read_own(int dir_fd, guchar uuid[16], GError **error)
{
    gboolean missing = FALSE;
    g_autofree char *text = file_read(dir_fd, OWN_FILE, NULL, OWN_MAX, NULL, &missing, error);

    return text && uuid_parse(text, uuid);
}

static gboolean
make_own(int dir_fd, guchar uuid[16], GError **error)
{
    char fresh[UUID_TEXT + 1];

    uuid_generate(fresh);
    uuid_parse(fresh, uuid);
    g_strlcat(fresh, "\n", sizeof fresh);
    return file_write(dir_fd, OWN_FILE, NULL, fresh, -1, FILE_WRITE_SYNC, error);
}

/* One of our own: whoever is first makes it, and who comes at the same time waits for that. */
static gboolean
own_uuid(const char *folder, guchar uuid[16], GError **error)
{
    hv_autofd int dir = folder_open_path(folder, TRUE, error);
    g_autoptr(GError) failure = NULL;
    FileLock *lock;
    gboolean known;

    if (dir < 0)
        return FALSE;
    known = read_own(dir, uuid, &failure);
    if (!known && !failure) {
        lock = file_lock(dir, OWN_FILE ".lock", "hvsh", OWN_TIMEOUT_MS, &failure);
        known = lock && (read_own(dir, uuid, &failure) || (!failure && make_own(dir, uuid, &failure)));
        file_unlock(lock, TRUE);
    }
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    return known;
}

gboolean
host_uuid(const Host *host, const char *own, guchar uuid[16], GError **error)
{
    return read_uuid(host, "sys/class/dmi/id/product_uuid", uuid) || read_uuid(host, "etc/machine-id", uuid) ||
        own_uuid(own, uuid, error);
}
