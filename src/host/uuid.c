/* The UUID of a machine. */
#include "host/identity.h"

#include <fcntl.h>
#include <string.h>

#include "util/error.h"
#include "util/files.h"
#include "util/process.h"
#include "util/uuid.h"

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

/* One of our own: whoever is first makes it. */
static gboolean
own_uuid(const char *folder, guchar uuid[16], GError **error)
{
    hv_autofd int dir = folder_open_path(folder, TRUE, error);
    g_autofree char *text = NULL;
    char fresh[UUID_TEXT + 1];
    gboolean missing = FALSE;

    if (dir < 0)
        return FALSE;
    text = file_read(dir, "host-uuid", NULL, 4096, NULL, &missing, error);
    if (!text && !missing)
        return FALSE;
    if (text && uuid_parse(text, uuid))
        return TRUE;
    uuid_generate(fresh);
    uuid_parse(fresh, uuid);
    g_strlcat(fresh, "\n", sizeof fresh);
    return file_write(dir, "host-uuid", NULL, fresh, -1, FILE_WRITE_SYNC, error);
}

gboolean
host_uuid(const Host *host, const char *own, guchar uuid[16], GError **error)
{
    return read_uuid(host, "sys/class/dmi/id/product_uuid", uuid) || read_uuid(host, "etc/machine-id", uuid) ||
        own_uuid(own, uuid, error);
}
