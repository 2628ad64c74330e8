/* What the user hears: sound cards, and the audio backends behind them. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "util/error.h"

static json_t *
audio_direction(const xmlNode *stream)
{
    json_t *props = json_object();
    const xmlNode *settings = node_child(stream, "settings");

    props_attr_str(props, "dev", stream, "dev");
    props_attr_str(props, "name", stream, "name");
    props_attr_str(props, "stream-name", stream, "streamName");
    props_attr_str(props, "server-name", stream, "serverName");
    props_attr_str(props, "client-name", stream, "clientName");
    props_attr_str(props, "connect-ports", stream, "connectPorts");
    props_attr_bool(props, "exact-name", stream, "exactName");
    props_attr_bool(props, "mixing-engine", stream, "mixingEngine");
    props_attr_bool(props, "fixed-settings", stream, "fixedSettings");
    props_attr_bool(props, "try-poll", stream, "tryPoll");
    props_attr_uint(props, "voices", stream, "voices");
    props_attr_uint(props, "buffer-length", stream, "bufferLength");
    props_attr_uint(props, "buffer-count", stream, "bufferCount");
    props_attr_uint(props, "latency", stream, "latency");
    props_attr_uint(props, "frequency", settings, "frequency");
    props_attr_uint(props, "channels", settings, "channels");
    props_attr_str(props, "format", settings, "format");
    return props;
}

gboolean
argv_add_audio(ArgvBuilder *b, GError **error)
{
    static const char *const types[][2] = {
        { "none", "none" }, { "alsa", "alsa" }, { "coreaudio", "coreaudio" }, { "jack", "jack" }, { "oss", "oss" },
        { "pulseaudio", "pa" }, { "sdl", "sdl" }, { "spice", "spice" }, { "file", "wav" }, { "dbus", "dbus" },
    };

    NODE_FOREACH(audio, b->devices, "audio") {
        const char *type = node_attr(audio, "type");
        g_autofree char *id = g_strconcat("audio", node_attr(audio, "id"), NULL);
        json_t *props = json_object();

        props_str(props, "id", id);
        for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
            if (g_strcmp0(types[i][0], type) == 0)
                props_str(props, "driver", types[i][1]);
        if (!json_object_get(props, "driver")) {
            json_decref(props);
            return device_unsupported(error, "audio type", type);
        }
        props_attr_str(props, "path", audio, "path");
        props_attr_str(props, "server", audio, "serverName");
        props_attr_uint(props, "timer-period", audio, "timerPeriod");
        props_attr_bool(props, "try-mmap", audio, "tryMMap");
        props_attr_bool(props, "exclusive", audio, "exclusive");
        props_attr_uint(props, "dsp-policy", audio, "dspPolicy");
        if (node_attr(audio, "driver"))
            g_ptr_array_add(b->env, g_strconcat("SDL_AUDIODRIVER=", node_attr(audio, "driver"), NULL));
        if (node_child(audio, "input"))
            json_object_set_new(props, "in", audio_direction(node_child(audio, "input")));
        if (node_child(audio, "output"))
            json_object_set_new(props, "out", audio_direction(node_child(audio, "output")));
        argv_add_json(b, "-audiodev", props);
    }
    return TRUE;
}

gboolean
argv_audio_of(const ArgvBuilder *b, const xmlNode *device, char **id, GError **error)
{
    const char *wanted = node_child_attr(device, "audio", "id");
    const xmlNode *audio = node_child(b->devices, "audio");

    while (audio && wanted && !node_attr_is(audio, "id", wanted))
        audio = node_next(audio, "audio");
    if (!audio)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "unable to find audio backend for sound device");
    *id = g_strconcat("audio", node_attr(audio, "id"), NULL);
    return TRUE;
}

gboolean
argv_append_speaker(const ArgvBuilder *b, GString *machine, GError **error)
{
    NODE_FOREACH(sound, b->devices, "sound") {
        g_autofree char *backend = NULL;

        if (!node_attr_is(sound, "model", "pcspk") || !b->x86)
            continue;
        if (!argv_audio_of(b, sound, &backend, error))
            return FALSE;
        argv_append(machine, "pcspk-audiodev", backend);
        return TRUE;
    }
    return TRUE;
}

/* Models that need codecs behind them, and those that are complete. */
static const struct {
    const char *model;
    const char *driver;
    gboolean codecs;
} sound_models[] = {
    { "ac97", "AC97", FALSE }, { "es1370", "ES1370", FALSE }, { "sb16", "sb16", FALSE }, { "usb", "usb-audio", FALSE },
    { "ich6", "intel-hda", TRUE }, { "ich9", "ich9-intel-hda", TRUE },
};

static void
sound_add_codec(ArgvBuilder *b, const char *alias, const char *type, guint number, const char *backend)
{
    g_autofree char *driver = g_strconcat("hda-", type, NULL);
    g_autofree char *id = g_strdup_printf("%s-codec%u", alias, number);
    g_autofree char *bus = g_strconcat(alias, ".0", NULL);
    json_t *props = device_props(driver);

    props_str(props, "id", id);
    props_str(props, "bus", bus);
    props_uint(props, "cad", number);
    props_str(props, "audiodev", backend);
    argv_add_json(b, "-device", props);
}

static gboolean
sound_add(ArgvBuilder *b, const xmlNode *sound, GError **error)
{
    const char *model = node_attr(sound, "model");
    const char *alias = device_need_alias(sound, error);
    g_autofree char *backend = NULL;
    guint number = 0;
    gsize i = 0;
    json_t *props;

    if (!alias || !argv_audio_of(b, sound, &backend, error))
        return FALSE;
    if (g_strcmp0(model, "pcspk") == 0)
        return TRUE;        /* part of the machine */
    while (i < G_N_ELEMENTS(sound_models) && g_strcmp0(sound_models[i].model, model) != 0)
        i++;
    if (i == G_N_ELEMENTS(sound_models))
        return device_unsupported(error, "sound card model", model);
    props = device_props(sound_models[i].driver);
    props_str(props, "id", alias);
    if (!sound_models[i].codecs)
        props_str(props, "audiodev", backend);
    if (!device_add(b, props, sound, error))
        return FALSE;
    if (!sound_models[i].codecs)
        return TRUE;
    NODE_FOREACH(codec, sound, "codec")
        sound_add_codec(b, alias, node_attr(codec, "type"), number++, backend);
    if (!number)
        sound_add_codec(b, alias, "duplex", 0, backend);
    return TRUE;
}

gboolean
argv_add_sound(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(sound, b->devices, "sound")
        if (!sound_add(b, sound, error))
            return FALSE;
    return TRUE;
}
