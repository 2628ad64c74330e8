#include "util/json-file.h"

#include "util/error.h"
#include "util/files.h"

json_t *
json_file_read(int dir_fd, const char *path, const char *label, gsize max, size_t flags, GError **error)
{
    gsize length;
    g_autofree char *text = file_read(dir_fd, path, label, max, &length, NULL, error);
    json_error_t problem;
    json_t *json;

    if (!text)
        return NULL;
    json = json_loadb(text, length, flags, &problem);
    if (!json)
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot read '%s': line %d: %s", label ? label : path, problem.line, problem.text);
    return json;
}
