/* Names of domains as names of files, there and back. */
#include "fuzz.h"

#include <string.h>

#include "backend/embedded/store-files-private.h"
#include "model/domain.h"
#include "util/files.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = fuzz_text(data, size), *escaped = NULL, *back = NULL, *unescaped = NULL, *file = NULL, *name = NULL;

    if (*text) {
        escaped = file_name_escape(text);
        FUZZ_CHECK(*escaped && !strchr(escaped, '/') && strcmp(escaped, ".") != 0 && strcmp(escaped, "..") != 0);
        back = file_name_unescape(escaped);
        fuzz_same("name", text, back);
        file = store_files_config_file(text);
        name = store_files_config_name(file);
        fuzz_same("name of the configuration", text, name);
    }
    unescaped = file_name_unescape(text);
    if (unescaped && *unescaped) {
        g_autofree char *again = file_name_escape(unescaped);

        fuzz_same("file name", text, again);
    }
    (void)domain_check_name(text, NULL);
    return 0;
}
