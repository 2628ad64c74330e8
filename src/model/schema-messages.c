/* What libvirt says of attributes for which it has words of its own. */
#include "model/schema.h"

#include <string.h>

#include "util/error.h"

/* @invalid is the format for a value that is not allowed (HV_ERR_CONFIG_UNSUPPORTED unless @code says otherwise), @missing the
 * text where there is no value (HV_ERR_XML_ERROR); NULL: the general words. */
static const struct {
    const char *parent;         /* NULL: wherever the element stands */
    const char *element, *attribute;
    const char *invalid, *missing;
    int code;
} messages[] = {
    { NULL, "input", "type", "unknown input device type '%s'", NULL, 0 },
    { NULL, "input", "bus", "unknown input bus type '%s'", NULL, 0 },
    { NULL, "rng", "model", "unknown RNG model '%s'", NULL, 0 },
    { NULL, "watchdog", "model", "unknown watchdog model '%s'", NULL, 0 },
    { NULL, "watchdog", "action", "unknown watchdog action '%s'", NULL, 0 },
    { NULL, "serial", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "parallel", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "console", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "channel", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "clock", "offset", "unknown clock offset '%s'", NULL, 0 },
    { NULL, "clock", "basis", "unknown clock basis '%s'", NULL, 0 },
    { NULL, "backend", "model", "unknown RNG backend model '%s'", NULL, 0 },
    { NULL, "redirdev", "type", "unknown redirdev character device type '%s'", NULL, 0 },
    { NULL, "panic", "model", "unknown panic model '%s'", NULL, 0 },
    { NULL, "hostdev", "mode", "unknown hostdev mode '%s'", NULL, 0 },
    { NULL, "cpu", "mode", "Invalid mode attribute '%s'", NULL, 0 },
    { NULL, "smbios", "mode", "unknown smbios mode '%s'", NULL, 0 },
    { NULL, "access", "mode", "unknown memoryBacking/access/mode '%s'", NULL, 0 },
    { NULL, "link", "state", "unknown interface link state '%s'", NULL, 0 },
};

gboolean
schema_throw_attribute(const xmlNode *node, const char *name, const char *value, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(messages); i++) {
        const char *text = value ? messages[i].invalid : messages[i].missing;

        if (!text || !node_is(node, messages[i].element) || strcmp(name, messages[i].attribute) != 0 ||
            (messages[i].parent && !node_is(node->parent, messages[i].parent)))
            continue;
        if (value)
            hv_throw(error, messages[i].code ? messages[i].code : HV_ERR_CONFIG_UNSUPPORTED, text, value);
        else
            hv_throw(error, HV_ERR_XML_ERROR, "%s", text);
        return TRUE;
    }
    return FALSE;
}
