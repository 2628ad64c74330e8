#include "util/library.h"

#include <dlfcn.h>
#include <string.h>

#include "util/error.h"

gboolean
library_load(const char *what, const char *const *sonames, const LibrarySymbol *symbols, gsize n_symbols, GError **error)
{
    void *library = NULL;

    for (; *sonames && !library; sonames++)
        library = dlopen(*sonames, RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return hv_throw(error, HV_ERR_SYSTEM_ERROR, "cannot load %s: %s", what, dlerror());
    for (gsize i = 0; i < n_symbols; i++) {
        void *address = dlsym(library, symbols[i].name);

        if (!address)
            return hv_throw(error, HV_ERR_SYSTEM_ERROR, "%s lacks %s", what, symbols[i].name);
        memcpy(symbols[i].slot, &address, sizeof address);
    }
    return TRUE;
}
