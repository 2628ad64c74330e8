#include "config.h"

#include "backend/qemu/image-header.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/process.h"

/* The header, its extensions and the name of the backing file lie in the first cluster, which has 64 KiB unless
 * somebody wanted it otherwise. */
#define HEADER_BYTES (64 * 1024)
#define BACKING_MAX 1023

/* qcow and qcow2 share magic and the place of the backing file. */
#define QCOW_BACKING_OFFSET 8
#define QCOW_BACKING_SIZE 16
#define QCOW2_HEADER_LENGTH 100
#define QCOW2_V2_LENGTH 72
#define QCOW2_EXTENSION_FORMAT 0xe2792acau

#define QED_FEATURES 16
#define QED_BACKING_OFFSET 56
#define QED_BACKING_SIZE 60
#define QED_HAS_BACKING 1
#define QED_BACKING_IS_RAW 4

#define VMDK_DESCRIPTOR_OFFSET 28
#define VMDK_DESCRIPTOR_SIZE 36
#define VMDK_SECTOR 512

#define HEADER_MIN 72

static guint32
be32(const guint8 *bytes)
{
    return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

static guint64
be64(const guint8 *bytes)
{
    return (guint64)be32(bytes) << 32 | be32(bytes + 4);
}

static guint32
le32(const guint8 *bytes)
{
    return (guint32)bytes[3] << 24 | (guint32)bytes[2] << 16 | (guint32)bytes[1] << 8 | bytes[0];
}

static guint64
le64(const guint8 *bytes)
{
    return (guint64)le32(bytes + 4) << 32 | le32(bytes);
}

/* A name that the header says is at @offset; NULL for one that is not there. */
static char *
name_at(const guint8 *bytes, gsize len, guint64 offset, guint32 size)
{
    if (!offset || !size || size > BACKING_MAX || offset > len || size > len - offset)
        return NULL;
    return g_strndup((const char *)bytes + offset, size);
}

static void
read_qcow2_extensions(ImageHeader *header, const guint8 *bytes, gsize len, gsize at)
{
    while (at + 8 <= len) {
        guint32 type = be32(bytes + at), size = be32(bytes + at + 4);

        at += 8;
        if (type == 0 || size > len - at)
            return;
        if (type == QCOW2_EXTENSION_FORMAT) {
            header->backing_format = g_strndup((const char *)bytes + at, size);
            return;
        }
        at += ((gsize)size + 7) & ~(gsize)7;
    }
}

static void
read_qcow(ImageHeader *header, const guint8 *bytes, gsize len)
{
    guint64 offset = be64(bytes + QCOW_BACKING_OFFSET);
    guint32 version = be32(bytes + 4);
    gsize extensions = QCOW2_V2_LENGTH;

    header->format = version == 1 ? "qcow" : "qcow2";
    header->backing = name_at(bytes, len, offset, be32(bytes + QCOW_BACKING_SIZE));
    if (!header->backing || version == 1)
        return;
    if (version >= 3 && len >= QCOW2_HEADER_LENGTH + 4)
        extensions = be32(bytes + QCOW2_HEADER_LENGTH);
    read_qcow2_extensions(header, bytes, MIN(len, offset), extensions);
}

static void
read_qed(ImageHeader *header, const guint8 *bytes, gsize len)
{
    guint64 features = le64(bytes + QED_FEATURES);

    header->format = "qed";
    if (!(features & QED_HAS_BACKING))
        return;
    header->backing = name_at(bytes, len, le32(bytes + QED_BACKING_OFFSET), le32(bytes + QED_BACKING_SIZE));
    if (header->backing && (features & QED_BACKING_IS_RAW))
        header->backing_format = g_strdup("raw");
}

/* A text in the image names the parent, and always one of the same format. */
static void
read_vmdk(ImageHeader *header, const guint8 *bytes, gsize len)
{
    static const char key[] = "parentFileNameHint=\"";
    guint64 sector = le64(bytes + VMDK_DESCRIPTOR_OFFSET), sectors = le64(bytes + VMDK_DESCRIPTOR_SIZE);
    g_autofree char *text = NULL;
    const char *hint, *end;

    header->format = "vmdk";
    if (!sector || sector >= len / VMDK_SECTOR)
        return;
    text = g_strndup((const char *)bytes + sector * VMDK_SECTOR, MIN(sectors, len / VMDK_SECTOR - sector) * VMDK_SECTOR);
    hint = strstr(text, key);
    end = hint ? strchr(hint + strlen(key), '"') : NULL;
    if (!end || end - hint - strlen(key) > BACKING_MAX || strstr(text, "parentCID=ffffffff"))
        return;
    header->backing = g_strndup(hint + strlen(key), end - hint - strlen(key));
    header->backing_format = g_strdup("vmdk");
}

static const struct {
    char magic[5];
    void (*read)(ImageHeader *header, const guint8 *bytes, gsize len);
} images[] = { { "QFI\xfb", read_qcow }, { "QED", read_qed }, { "KDMV", read_vmdk } };

void
image_header_read(const char *path, ImageHeader *header)
{
    g_autofree guint8 *bytes = NULL;
    hv_autofd int fd = -1;
    struct stat st;
    ssize_t got;

    *header = (ImageHeader){ .format = "raw" };
    if (stat(path, &st) < 0)
        return;
    header->exists = TRUE;
    header->special = !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode);
    header->is_block = S_ISBLK(st.st_mode);
    if (header->special)
        return;
    /* It may have been exchanged meanwhile. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
        return;
    bytes = g_malloc(HEADER_BYTES);
    got = pread(fd, bytes, HEADER_BYTES, 0);
    if (got < 0)
        return;
    header->readable = TRUE;
    for (gsize i = 0; got >= HEADER_MIN && i < G_N_ELEMENTS(images); i++)
        if (memcmp(bytes, images[i].magic, 4) == 0)
            images[i].read(header, bytes, (gsize)got);
}

void
image_header_clear(ImageHeader *header)
{
    g_clear_pointer(&header->backing, g_free);
    g_clear_pointer(&header->backing_format, g_free);
}
