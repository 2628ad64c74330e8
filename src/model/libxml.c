#include "model/libxml.h"

#include "util/library.h"

#define HV_LIBXML(name) __typeof__(hv_##name) hv_##name;
#include "model/libxml.def"
#undef HV_LIBXML
xmlFreeFunc *hv_xmlFree;

static const LibrarySymbol libxml_symbols[] = {
#define HV_LIBXML(name) { #name, &hv_##name },
#include "model/libxml.def"
#undef HV_LIBXML
    { "xmlFree", &hv_xmlFree },
};

static void
ignore_message(void *data G_GNUC_UNUSED, const char *format G_GNUC_UNUSED, ...)
{
}

gboolean
libxml_load(GError **error)
{
    /* The soname of libxml2 up to 2.13; later ones carry another. */
    static const char *const sonames[] = { "libxml2.so.2", "libxml2.so.16", NULL };
    static gboolean loaded;

    if (loaded)
        return TRUE;
    if (!library_load("the XML library", sonames, libxml_symbols, G_N_ELEMENTS(libxml_symbols), error))
        return FALSE;

    xmlInitParser();
    /* It tells standard error of what it has no other way to say (bytes that are not in the encoding named). */
    xmlSetGenericErrorFunc(NULL, ignore_message);
    loaded = TRUE;
    return TRUE;
}
