/* YAML by libyaml, which is loaded only for --output yaml. */
#include "shell/record.h"

#include <string.h>
#include <yaml.h>

#include "util/error.h"
#include "util/library.h"

static struct {
    int (*emitter_initialize)(yaml_emitter_t *);
    void (*emitter_delete)(yaml_emitter_t *);
    void (*emitter_set_output)(yaml_emitter_t *, yaml_write_handler_t *, void *);
    void (*emitter_set_unicode)(yaml_emitter_t *, int);
    void (*emitter_set_width)(yaml_emitter_t *, int);
    int (*emitter_emit)(yaml_emitter_t *, yaml_event_t *);
    int (*stream_start)(yaml_event_t *, yaml_encoding_t);
    int (*stream_end)(yaml_event_t *);
    int (*document_start)(yaml_event_t *, yaml_version_directive_t *, yaml_tag_directive_t *,
                          yaml_tag_directive_t *, int);
    int (*document_end)(yaml_event_t *, int);
    int (*scalar)(yaml_event_t *, const yaml_char_t *, const yaml_char_t *, const yaml_char_t *, int, int, int,
                  yaml_scalar_style_t);
    int (*sequence_start)(yaml_event_t *, const yaml_char_t *, const yaml_char_t *, int, yaml_sequence_style_t);
    int (*sequence_end)(yaml_event_t *);
    int (*mapping_start)(yaml_event_t *, const yaml_char_t *, const yaml_char_t *, int, yaml_mapping_style_t);
    int (*mapping_end)(yaml_event_t *);
} lib;

static const LibrarySymbol symbols[] = {
    { "yaml_emitter_initialize", &lib.emitter_initialize },
    { "yaml_emitter_delete", &lib.emitter_delete },
    { "yaml_emitter_set_output", &lib.emitter_set_output },
    { "yaml_emitter_set_unicode", &lib.emitter_set_unicode },
    { "yaml_emitter_set_width", &lib.emitter_set_width },
    { "yaml_stream_start_event_initialize", &lib.stream_start },
    { "yaml_stream_end_event_initialize", &lib.stream_end },
    { "yaml_document_start_event_initialize", &lib.document_start },
    { "yaml_document_end_event_initialize", &lib.document_end },
    { "yaml_scalar_event_initialize", &lib.scalar },
    { "yaml_sequence_start_event_initialize", &lib.sequence_start },
    { "yaml_sequence_end_event_initialize", &lib.sequence_end },
    { "yaml_mapping_start_event_initialize", &lib.mapping_start },
    { "yaml_mapping_end_event_initialize", &lib.mapping_end },
    { "yaml_emitter_emit", &lib.emitter_emit },
};

gboolean
record_yaml_load(GError **error)
{
    static const char *const sonames[] = { "libyaml-0.so.2", NULL };
    static gboolean loaded;

    loaded = loaded || library_load("the YAML library", sonames, symbols, G_N_ELEMENTS(symbols), error);
    if (!loaded)
        hv_error_set_hint(error, "install the package libyaml-0-2");
    return loaded;
}

static int
append_output(void *data, unsigned char *buffer, size_t size)
{
    g_string_append_len(data, (char *)buffer, size);
    return 1;
}

/* Whether a reader would take the plain word for something else than a string. */
static gboolean
needs_quotes(const char *text)
{
    static const char *const words[] = { "true", "false", "yes", "no", "on", "off", "null", "y", "n", NULL };
    g_autofree char *lower = NULL;

    if (!g_ascii_isalpha(*text) && *text != '/')
        return TRUE;
    lower = g_ascii_strdown(text, -1);
    return g_strv_contains(words, lower);
}

static yaml_scalar_style_t
style_of(const char *text)
{
    if (strchr(text, '\n'))
        return YAML_LITERAL_SCALAR_STYLE;
    return needs_quotes(text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
}

static gboolean
emit_text(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;

    return lib.scalar(&event, NULL, NULL, (const yaml_char_t *)text, strlen(text), 1, 1, style) &&
           lib.emitter_emit(emitter, &event);
}

static gboolean emit_value(yaml_emitter_t *emitter, const json_t *value);

static gboolean
emit_list(yaml_emitter_t *emitter, const json_t *list)
{
    yaml_sequence_style_t style = json_array_size(list) ? YAML_BLOCK_SEQUENCE_STYLE : YAML_FLOW_SEQUENCE_STYLE;
    yaml_event_t event;
    gsize i;
    json_t *element;

    if (!lib.sequence_start(&event, NULL, NULL, 1, style) || !lib.emitter_emit(emitter, &event))
        return FALSE;
    json_array_foreach(list, i, element)
        if (!emit_value(emitter, element))
            return FALSE;
    return lib.sequence_end(&event) && lib.emitter_emit(emitter, &event);
}

static gboolean
emit_mapping(yaml_emitter_t *emitter, const json_t *object)
{
    yaml_mapping_style_t style = json_object_size(object) ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE;
    yaml_event_t event;
    void *iter;

    if (!lib.mapping_start(&event, NULL, NULL, 1, style) || !lib.emitter_emit(emitter, &event))
        return FALSE;
    for (iter = json_object_iter((json_t *)object); iter; iter = json_object_iter_next((json_t *)object, iter))
        if (!emit_text(emitter, json_object_iter_key(iter), style_of(json_object_iter_key(iter))) ||
            !emit_value(emitter, json_object_iter_value(iter)))
            return FALSE;
    return lib.mapping_end(&event) && lib.emitter_emit(emitter, &event);
}

static gboolean
emit_value(yaml_emitter_t *emitter, const json_t *value)
{
    g_autofree char *text = NULL;

    if (json_is_array(value))
        return emit_list(emitter, value);
    if (json_is_object(value))
        return emit_mapping(emitter, value);
    text = record_scalar_text(value, "null");
    return emit_text(emitter, text, json_is_string(value) ? style_of(text) : YAML_PLAIN_SCALAR_STYLE);
}

static gboolean
emit_document(yaml_emitter_t *emitter, const json_t *value)
{
    yaml_event_t event;

    return lib.stream_start(&event, YAML_UTF8_ENCODING) && lib.emitter_emit(emitter, &event) &&
           lib.document_start(&event, NULL, NULL, NULL, 1) && lib.emitter_emit(emitter, &event) &&
           emit_value(emitter, value) &&
           lib.document_end(&event, 1) && lib.emitter_emit(emitter, &event) &&
           lib.stream_end(&event) && lib.emitter_emit(emitter, &event);
}

gboolean
record_write_yaml(const json_t *value, GString *text, GError **error)
{
    yaml_emitter_t emitter;
    gboolean written;

    if (!record_yaml_load(error))
        return FALSE;
    if (!lib.emitter_initialize(&emitter))
        return hv_throw(error, HV_ERR_NO_MEMORY, "YAML output");
    lib.emitter_set_output(&emitter, append_output, text);
    lib.emitter_set_unicode(&emitter, 1);
    lib.emitter_set_width(&emitter, -1);
    written = emit_document(&emitter, value) ||
              hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot write YAML: %s", emitter.problem ? emitter.problem : "?");
    lib.emitter_delete(&emitter);
    return written;
}
