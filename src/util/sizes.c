#include "util/sizes.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"

gboolean
size_scale(guint64 *value, const char *suffix, guint64 scale, guint64 limit, GError **error)
{
    static const char powers[] = "kmgtpe";
    guint64 base = 1024;

    if (!suffix || !*suffix) {
        if (scale == 0)
            scale = 1;
    } else if (g_ascii_strcasecmp(suffix, "b") == 0 || g_ascii_strcasecmp(suffix, "byte") == 0 ||
               g_ascii_strcasecmp(suffix, "bytes") == 0) {
        scale = 1;
    } else {
        const char *power = strchr(powers, g_ascii_tolower(suffix[0]));

        if (!power || !*power)
            return hv_throw(error, HV_ERR_INVALID_ARG, "unknown suffix '%s'", suffix);
        if (g_ascii_strcasecmp(suffix + 1, "b") == 0)
            base = 1000;
        else if (suffix[1] && g_ascii_strcasecmp(suffix + 1, "ib") != 0)
            return hv_throw(error, HV_ERR_INVALID_ARG, "unknown suffix '%s'", suffix);
        scale = base;
        for (const char *p = powers; p < power; p++)
            scale *= base;
    }

    if (*value && *value > limit / scale)
        return hv_throw(error, HV_ERR_OVERFLOW, "value too large: %" G_GUINT64_FORMAT "%s", *value,
                        suffix ? suffix : "");
    *value *= scale;
    return TRUE;
}

static gboolean
uint_parse_base(const char *text, int base, guint64 min, guint64 max, guint64 *value)
{
    guint64 number;
    char *end;

    if (!text || !g_ascii_isdigit(*text))
        return FALSE;
    errno = 0;
    number = g_ascii_strtoull(text, &end, base);
    if (errno || *end || number < min || number > max)
        return FALSE;
    *value = number;
    return TRUE;
}

gboolean
uint_parse(const char *text, guint64 min, guint64 max, guint64 *value)
{
    return uint_parse_base(text, 10, min, max, value);
}

gboolean
uint_parse_any(const char *text, guint64 min, guint64 max, guint64 *value)
{
    return uint_parse_base(text, 0, min, max, value);
}
