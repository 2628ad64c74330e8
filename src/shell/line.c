#include "shell/line.h"

#include <errno.h>

#include "util/error.h"

static int
throw_no_script(const LineSource *source, const char *problem, GError **error)
{
    hv_throw(error, HV_ERR_USAGE, "%s is no script: line %u %s", source->name, source->number, problem);
    return -1;
}

int
line_read(LineSource *source, GString *line, GError **error)
{
    gboolean any = FALSE;
    int c;

    errno = 0;
    while ((c = getc_unlocked(source->file)) != EOF) {
        if (!any)
            source->number++;
        any = TRUE;
        if (c == '\n' || (c == '\r' && source->as_readline))
            return 1;
        if (c == '\0' && source->as_readline)
            continue;
        if (c == '\0')
            return throw_no_script(source, "holds a NUL byte", error);
        if (line->len >= LINE_BYTES_MAX)
            return throw_no_script(source, "is longer than " G_STRINGIFY(LINE_BYTES_MAX) " bytes", error);
        g_string_append_c(line, (char)c);
    }
    if (ferror(source->file)) {
        hv_throw_errno(error, errno, "cannot read '%s'", source->name);
        return -1;
    }
    return any;
}
