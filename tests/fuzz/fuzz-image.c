/* The header of a disk's image. */
#include "fuzz.h"

#include "backend/qemu/disk-chain.h"
#include "model/document.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *path = fuzz_file("image", data, size);

    for (int known = FALSE; known <= TRUE; known++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = g_strdup_printf("<domain><devices><disk type='file' device='disk'>%s<source file='%s'/>"
                                               "<target dev='vda'/></disk></devices></domain>",
                                               known ? "<driver name='qemu' type='qcow2'/>" : "", path);
        g_autoptr(xmlDoc) doc = document_parse(xml, -1, "fuzz.xml", NULL);
        g_autofree char *text = NULL;

        FUZZ_CHECK(doc);
        if (!disk_chains_complete(document_root(doc), &error))
            FUZZ_CHECK(error);
        text = document_format(doc);
    }
    return 0;
}
