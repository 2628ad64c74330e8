#include "model/libxml.h"

#include <dlfcn.h>

#include "util/error.h"

#define HV_LIBXML(name) __typeof__(hv_##name) hv_##name;
#include "model/libxml.def"
#undef HV_LIBXML
xmlFreeFunc *hv_xmlFree;

static const struct {
    const char *name;
    void **slot;
} libxml_symbols[] = {
#define HV_LIBXML(name) { #name, (void **)&hv_##name },
#include "model/libxml.def"
#undef HV_LIBXML
    { "xmlFree", (void **)&hv_xmlFree },
};

static void
ignore_message(void *data G_GNUC_UNUSED, const char *format G_GNUC_UNUSED, ...)
{
}

gboolean
libxml_load(GError **error)
{
    static gboolean loaded;
    void *library;

    if (loaded)
        return TRUE;

    /* The soname of libxml2 up to 2.13; later ones carry another. */
    library = dlopen("libxml2.so.2", RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        library = dlopen("libxml2.so.16", RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot load the XML library: %s", dlerror());
    for (gsize i = 0; i < G_N_ELEMENTS(libxml_symbols); i++) {
        *libxml_symbols[i].slot = dlsym(library, libxml_symbols[i].name);
        if (!*libxml_symbols[i].slot)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "the XML library lacks the function %s",
                            libxml_symbols[i].name);
    }

    xmlInitParser();
    /* It tells standard error of what it has no other way to say (bytes that are not in the encoding named). */
    xmlSetGenericErrorFunc(NULL, ignore_message);
    loaded = TRUE;
    return TRUE;
}
