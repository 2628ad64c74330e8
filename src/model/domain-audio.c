/* Audio backends, and the sound cards that use them. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

const char *
domain_default_audio(const xmlNode *devices)
{
    const char *backend = node_child(devices, "graphics") ? NULL : "none";

    /* The last display that has a say decides; those on the host's own screen have none. */
    NODE_FOREACH(graphics, devices, "graphics")
        if (node_attr_is(graphics, "type", "spice"))
            backend = "spice";
        else if (node_attr_is(graphics, "type", "vnc"))
            backend = "none";
    return backend;
}

void
normalise_implicit_audio(Normalise *n)
{
    const char *backend = domain_default_audio(n->devices);
    xmlNode *audio;

    if (node_child(n->devices, "audio") || !backend)
        return;
    audio = domain_add_child(n->devices, "audio");
    node_set_attr(audio, "id", "1");
    node_set_attr(audio, "type", backend);
}

const xmlNode *
domain_audio(const xmlNode *devices, const char *id)
{
    guint64 wanted, own;

    if (!uint_parse(id, 1, G_MAXUINT, &wanted))
        return NULL;
    NODE_FOREACH(audio, devices, "audio")
        if (uint_parse(node_attr(audio, "id"), 1, G_MAXUINT, &own) && own == wanted)
            return audio;
    return NULL;
}

gboolean
normalise_audio(Normalise *n, GError **error)
{
    NODE_FOREACH(audio, n->devices, "audio") {
        if (node_attr(audio, "dspPolicy") && *node_attr(audio, "dspPolicy") == '-')
            return hv_throw(error, HV_ERR_XML_ERROR, "cannot parse 'dspPolicy' value '%s'", node_attr(audio, "dspPolicy")) ||
                   node_expect(audio, error, "an integer as 'dspPolicy'");
        NODE_FOREACH(stream, audio, NULL)
            if (node_child(stream, "settings") && !node_attr_is(stream, "fixedSettings", "yes"))
                return node_throw(stream, error, HV_ERR_CONFIG_UNSUPPORTED, "audio settings specified without fixed settings flag");
    }
    return TRUE;
}

/* --- checks ---------------------------------------------------------------------------------------------- */

static gboolean
has_spice(const Normalise *n)
{
    NODE_FOREACH(graphics, n->devices, "graphics")
        if (node_attr_is(graphics, "type", "spice"))
            return TRUE;
    return FALSE;
}

gboolean
check_audio(const Normalise *n, GError **error)
{
    NODE_FOREACH(audio, n->devices, "audio") {
        if (domain_audio(n->devices, node_attr(audio, "id")) != audio)
            return node_throw(audio, error, HV_ERR_XML_ERROR, "audio ID %s is used multiple times", node_attr(audio, "id"));
        NODE_FOREACH(stream, audio, NULL)
            if (node_attr_is(stream, "fixedSettings", "yes") && !node_attr_is(stream, "mixingEngine", "yes"))
                return node_throw(stream, error, HV_ERR_CONFIG_UNSUPPORTED, "fixed audio settings requires mixing engine");
        if (node_attr_is(audio, "type", "spice") && !has_spice(n))
            return node_throw(audio, error, HV_ERR_CONFIG_UNSUPPORTED, "Spice audio is not supported without spice graphics");
    }
    NODE_FOREACH(sound, n->devices, "sound") {
        const char *id = node_child_attr(sound, "audio", "id");

        if (id && !domain_audio(n->devices, id))
            return node_throw(sound, error, HV_ERR_XML_ERROR, "no audio device with ID %s", id);
    }
    return TRUE;
}
