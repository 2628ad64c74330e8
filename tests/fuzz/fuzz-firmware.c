/* Descriptors of firmware, as packages install them. */
#include "fuzz.h"

#include <glib/gstdio.h>

#include "backend/qemu/firmware.h"
#include "model/document.h"

#define DOMAIN \
    "<domain type='qemu'><name>a</name><os firmware='%s'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>" \
    "<loader secure='no'/></os><features><smm state='on'/></features></domain>"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = { "efi", "bios" };
    g_autofree char *folder = g_build_filename(fuzz_folder(), "firmware", NULL), *path = NULL;
    const char *const folders[] = { folder, NULL };

    g_mkdir_with_parents(folder, 0700);
    path = fuzz_file("firmware/10-a.json", data, size);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = g_strdup_printf(DOMAIN, kinds[i]);
        g_autoptr(xmlDoc) doc = document_parse(xml, -1, "fuzz.xml", NULL);

        FUZZ_CHECK(doc);
        if (!firmware_choose(document_root(doc), folders, "/nvram", &error))
            FUZZ_CHECK(error);
    }
    return 0;
}
