/* The images behind a disk: headers, chains, and files that are none. */
#include "config.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/qemu/argv.h"
#include "backend/qemu/disk-chain.h"
#include "backend/qemu/image-header.h"
#include "model/document.h"
#include "model/domain.h"
#include "util/error.h"

static char *folder;

static char *
in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void
test_check_file(void)
{
    g_autofree char *file = in_folder("file");
    g_autofree char *below = in_folder("file/below");
    g_autofree char *link = in_folder("link");
    g_autofree char *missing = in_folder("no/such/file");
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(file, "x", 1, NULL));
    g_assert_no_errno(symlink("nowhere", link));
    g_assert_true(qemu_check_file(file, TRUE, &error));
    g_assert_no_error(error);

    g_assert_false(qemu_check_file(missing, FALSE, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    {
        g_autofree char *text = g_strdup_printf("Cannot access storage file '%s': No such file or directory", missing);
        g_autofree char *hint = g_strdup_printf("'%s/no': No such file or directory", folder);

        g_assert_cmpstr(error->message, ==, text);
        g_assert_cmpstr(hv_error_hint(error), ==, hint);
    }
    g_clear_error(&error);
    g_assert_false(qemu_check_file(below, FALSE, &error));
    g_assert_nonnull(strstr(hv_error_hint(error), "is not a directory"));
    g_clear_error(&error);
    g_assert_false(qemu_check_file(link, FALSE, &error));
    g_assert_nonnull(strstr(hv_error_hint(error), "symbolic link"));
}

static char *
write_qcow2(const char *name, const char *backing, const char *format)
{
    char *path = in_folder(name);
    guint8 header[512] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };
    gsize at = 104;

    header[103] = 104;
    if (format) {
        const guint8 extension[] = { 0xe2, 0x79, 0x2a, 0xca, 0, 0, 0, (guint8)strlen(format) };

        memcpy(header + at, extension, 8);
        memcpy(header + at + 8, format, strlen(format));
    }
    if (backing) {
        header[14] = 1;     /* at 256 */
        header[19] = (guint8)strlen(backing);
        memcpy(header + 256, backing, strlen(backing));
    }
    g_assert_true(g_file_set_contents(path, (const char *)header, sizeof(header), NULL));
    return path;
}

static char *
complete_disk(const char *path, const char *type, GError **error)
{
    g_autofree char *disk = g_strdup_printf("<disk type='file' device='disk'><driver name='qemu' type='%s'/>"
                                            "<source file='%s'/><target dev='vda' bus='virtio'/></disk>", type, path);
    g_autofree char *text = g_strdup_printf("<domain><devices>%s</devices></domain>", disk);
    g_autoptr(xmlDoc) doc = document_parse(text, -1, "test", NULL);

    if (!disk_chains_complete(document_root(doc), error))
        return NULL;
    return document_format_node(node_path(document_root(doc), "devices/disk"), 0);
}

static void
test_chains(void)
{
    g_autofree char *base = write_qcow2("base.qcow2", NULL, NULL);
    g_autofree char *top = write_qcow2("top.qcow2", "base.qcow2", "qcow2");
    g_autofree char *untold = write_qcow2("untold.qcow2", "base.qcow2", NULL);
    g_autofree char *gone = write_qcow2("gone.qcow2", "nowhere", "raw");
    g_autofree char *loop = write_qcow2("loop.qcow2", "loop.qcow2", "qcow2");
    g_autofree char *remote = write_qcow2("remote.qcow2", "nbd://h/x", "raw");
    g_autofree char *control = write_qcow2("control.qcow2", "base\001.qcow2", "qcow2");
    g_autofree char *latin = write_qcow2("latin.qcow2", "base.qcow2", "qc\xf6w2");
    g_autofree char *second = write_qcow2("circle2.qcow2", "circle3.qcow2", "qcow2");
    g_autofree char *third = write_qcow2("circle3.qcow2", "./circle.qcow2", "qcow2");
    g_autofree char *circle = write_qcow2("circle.qcow2", "circle2.qcow2", "qcow2");
    g_autofree char *piped = write_qcow2("piped.qcow2", "pipe", "raw");
    g_autofree char *zeroes = write_qcow2("zeroes.qcow2", "/dev/zero", "raw");
    g_autofree char *pipe = in_folder("pipe");
    g_autofree char *missing = in_folder("missing.qcow2");
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = NULL;
    g_autofree char *wanted = NULL;

    g_assert_null(complete_disk(untold, "qcow2", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_INVALID);
    g_clear_error(&error);
    g_assert_null(complete_disk(gone, "qcow2", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_nonnull(strstr(error->message, "Cannot access backing file"));
    g_clear_error(&error);
    g_assert_null(complete_disk(control, "qcow2", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_INVALID);
    g_clear_error(&error);
    g_assert_null(complete_disk(latin, "qcow2", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_INVALID);
    g_clear_error(&error);
    g_assert_null(complete_disk(loop, "qcow2", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
    g_assert_nonnull(strstr(error->message, "self-referential"));
    g_clear_error(&error);
    /* In a circle of three, by another name of the same file. */
    g_assert_null(complete_disk(circle, "qcow2", &error));
    g_assert_nonnull(strstr(error->message, "self-referential"));
    g_clear_error(&error);
    /* Nothing is waited for. */
    g_assert_no_errno(mkfifo(pipe, 0600));
    g_assert_null(complete_disk(piped, "qcow2", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_INVALID);
    g_assert_nonnull(strstr(error->message, "is neither a regular file nor a block device"));
    g_clear_error(&error);
    g_assert_null(complete_disk(zeroes, "qcow2", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_INVALID);
    g_clear_error(&error);
    g_assert_false(qemu_check_file(pipe, FALSE, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_clear_error(&error);

    xml = complete_disk(missing, "qcow2", &error);
    g_assert_null(strstr(xml, "backingStore"));
    g_free(xml);
    xml = complete_disk(remote, "qcow2", &error);
    g_assert_null(strstr(xml, "backingStore"));
    g_free(xml);
    xml = complete_disk(top, "raw", &error);
    g_assert_nonnull(strstr(xml, "<backingStore/>"));
    g_free(xml);
    xml = complete_disk(top, "qcow2", &error);
    g_assert_no_error(error);
    wanted = g_strdup_printf("<source file='%s' index='1'/>\n  <backingStore type='file' index='2'>\n"
                             "    <format type='qcow2'/>\n    <source file='%s'/>\n    <backingStore/>\n"
                             "  </backingStore>", top, base);
    g_assert_nonnull(strstr(xml, wanted));
}

static const struct {
    const char *format;
    const char *header;     /* hexadecimal, OFFSET:BYTES */
    const char *backing, *backing_format;
} headers[] = {
    { "raw", "0:00", NULL, NULL },
    { "qcow", "0:514649fb00000001 8:0000000000000100 16:00000004 256:62617365", "base", NULL },
    { "qed", "0:51454400 16:01 56:00010000 60:04000000 256:62617365", "base", NULL },
    { "qed", "0:51454400 16:05 56:00010000 60:04000000 256:62617365", "base", "raw" },
    { "qed", "0:51454400 16:00 56:00010000 60:04000000 256:62617365", NULL, NULL },
    /* parentFileNameHint="base" in the second sector */
    { "vmdk", "0:4b444d56 28:01 36:01 512:706172656e7446696c654e616d6548696e743d226261736522", "base", "vmdk" },
    /* Headers that claim what there is not. */
    { "qcow2", "0:514649fb00000003 8:00000000ffffff00 16:00000004", NULL, NULL },
    { "qcow2", "0:514649fb00000003 8:0000000000000100 16:7fffffff", NULL, NULL },
    { "qcow2", "0:514649fb00000003 8:ffffffffffffffff 16:00000004", NULL, NULL },
    { "qed", "0:51454400 16:01 56:ffffffff 60:ffffffff", NULL, NULL },
    { "vmdk", "0:4b444d56 28:ffffffffffffffff 36:ffffffffffffffff", NULL, NULL },
    { "vmdk", "0:4b444d56 28:01 36:ffffffffffffffff 512:706172656e7446696c654e616d6548696e743d22", NULL, NULL },
};

static void
test_image_headers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_auto(GStrv) parts = g_strsplit(headers[i].header, " ", -1);
        g_autofree char *path = in_folder("header.img");
        g_auto(ImageHeader) header = { 0 };
        guint8 bytes[1024] = { 0 };

        for (char **part = parts; *part; part++) {
            const char *hex = strchr(*part, ':') + 1;
            gsize at = strtoul(*part, NULL, 10);

            for (; *hex; hex += 2)
                bytes[at++] = (guint8)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
        }
        g_assert_true(g_file_set_contents(path, (const char *)bytes, sizeof(bytes), NULL));
        image_header_read(path, &header);
        g_assert_true(header.readable);
        g_assert_cmpstr(header.format, ==, headers[i].format);
        g_assert_cmpstr(header.backing, ==, headers[i].backing);
        g_assert_cmpstr(header.backing_format, ==, headers[i].backing_format);
    }
}

static void
remove_folder(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = in_folder(name);

        g_assert_no_errno(g_unlink(path));
    }
    g_assert_no_errno(g_rmdir(folder));
    g_free(folder);
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("hvt-chain.XXXXXX", NULL);
    g_assert_nonnull(folder);
    g_test_add_func("/disk-chain/check-file", test_check_file);
    g_test_add_func("/disk-chain/chains", test_chains);
    g_test_add_func("/disk-chain/headers", test_image_headers);
    result = g_test_run();
    remove_folder();
    return result;
}
