#include "util/error.h"

#include <string.h>

typedef struct {
    HvErrorSource source;
    char *hint;
    GPtrArray *sentences;       /* outermost first, with a NULL kept at the end; NULL when empty */
    gboolean hidden;
    HvErrorPlace place;         /* its line is 0: none */
} HvErrorPrivate;

static void
hv_error_private_init(HvErrorPrivate *priv)
{
    memset(priv, 0, sizeof *priv);
}

static void
hv_error_private_copy(const HvErrorPrivate *from, HvErrorPrivate *to)
{
    to->source = from->source;
    to->hint = g_strdup(from->hint);
    to->hidden = from->hidden;
    to->place = (HvErrorPlace){ g_strdup(from->place.file), from->place.line, g_strdup(from->place.element),
                                g_strdup(from->place.expected) };
    to->sentences = NULL;
    if (from->sentences) {
        to->sentences = g_ptr_array_new_with_free_func(g_free);
        for (guint i = 0; i < from->sentences->len; i++)
            g_ptr_array_add(to->sentences, g_strdup(g_ptr_array_index(from->sentences, i)));
    }
}

static void
hv_error_private_clear(HvErrorPrivate *priv)
{
    g_free(priv->hint);
    g_free(priv->place.file);
    g_free(priv->place.element);
    g_free(priv->place.expected);
    g_clear_pointer(&priv->sentences, g_ptr_array_unref);
}

G_DEFINE_EXTENDED_ERROR(HvError, hv_error)

typedef struct {
    const char *name;
    int number;
    const char *bare;
    const char *detailed;
} CodeText;

static const CodeText code_texts[] = {
#define HV_CODE(name, number, bare, detailed) { #name, number, bare, detailed },
#include "util/error-codes.def"
#undef HV_CODE
    { "USAGE", HV_ERR_USAGE, NULL, "%s" },
    { "COMMAND", HV_ERR_COMMAND, NULL, "%s" },
    { "DEADLINE", HV_ERR_DEADLINE, NULL, "%s" },
};

static const CodeText *
code_text(int code)
{
    for (gsize i = 0; i < G_N_ELEMENTS(code_texts); i++)
        if (code_texts[i].number == code)
            return &code_texts[i];
    return NULL;
}

const char *
hv_error_code_name(int code)
{
    const CodeText *text = code_text(code);

    return text ? text->name : "UNKNOWN";
}

static void
throw_detail(GError **error, HvErrorCode code, const char *detail)
{
    const CodeText *text = code_text(code);
    g_autofree char *message = NULL;

    if (!error)
        return;
    message = text ? g_strdup_printf(text->detailed, detail) : g_strdup(detail);
    g_set_error_literal(error, HV_ERROR, code, message);
}

gboolean
hv_throw(GError **error, HvErrorCode code, const char *format, ...)
{
    g_autofree char *detail = NULL;
    va_list args;

    va_start(args, format);
    detail = g_strdup_vprintf(format, args);
    va_end(args);
    throw_detail(error, code, detail);
    return FALSE;
}

void
hv_throw_plain_valist(GError **error, HvErrorCode code, const char *format, va_list args)
{
    g_autofree char *message = g_strdup_vprintf(format, args);

    g_set_error_literal(error, HV_ERROR, code, message);
}

gboolean
hv_throw_plain(GError **error, HvErrorCode code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    hv_throw_plain_valist(error, code, format, args);
    va_end(args);
    return FALSE;
}

gboolean
hv_throw_errno(GError **error, int errnum, const char *format, ...)
{
    g_autofree char *detail = NULL, *whole = NULL;
    va_list args;

    va_start(args, format);
    detail = g_strdup_vprintf(format, args);
    va_end(args);
    whole = g_strdup_printf("%s: %s", detail, g_strerror(errnum));
    throw_detail(error, HV_ERR_SYSTEM_ERROR, whole);
    return FALSE;
}

gboolean
hv_throw_bare(GError **error, HvErrorCode code)
{
    const CodeText *text = code_text(code);

    g_set_error_literal(error, HV_ERROR, code, text && text->bare ? text->bare : "unknown error");
    return FALSE;
}

/* Errors of GLib itself are turned into ours, so that they can carry what ours carry. */
static HvErrorPrivate *
error_private(GError **error)
{
    if (!error || !*error)
        return NULL;
    if ((*error)->domain != HV_ERROR) {
        GError *ours = g_error_new_literal(HV_ERROR, HV_ERR_INTERNAL_ERROR, (*error)->message);

        g_error_free(*error);
        *error = ours;
    }
    return hv_error_get_private(*error);
}

static const HvErrorPrivate *
error_private_const(const GError *error)
{
    return error && error->domain == HV_ERROR ? hv_error_get_private(error) : NULL;
}

void
hv_error_set_source(GError **error, HvErrorSource source)
{
    HvErrorPrivate *priv = error_private(error);

    if (priv)
        priv->source = source;
}

void
hv_error_set_hint(GError **error, const char *format, ...)
{
    HvErrorPrivate *priv = error_private(error);
    va_list args;

    if (!priv || priv->hint)
        return;
    va_start(args, format);
    priv->hint = g_strdup_vprintf(format, args);
    va_end(args);
}

void
hv_error_set_place(GError **error, int line, const char *element, const char *expected)
{
    HvErrorPrivate *priv = error_private(error);

    if (!priv || priv->place.line > 0)
        return;
    priv->place.line = line;
    priv->place.element = g_strdup(element);
    priv->place.expected = g_strdup(expected);
}

void
hv_error_set_file(GError **error, const char *file)
{
    HvErrorPrivate *priv = error_private(error);

    if (priv && priv->place.line > 0 && !priv->place.file)
        priv->place.file = g_strdup(file);
}

gboolean
hv_error_add_sentence(GError **error, const char *format, ...)
{
    HvErrorPrivate *priv = error_private(error);
    va_list args;

    if (!priv)
        return FALSE;
    if (!priv->sentences) {
        priv->sentences = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(priv->sentences, NULL);
    }
    va_start(args, format);
    g_ptr_array_insert(priv->sentences, 0, g_strdup_vprintf(format, args));
    va_end(args);
    return FALSE;
}

void
hv_error_hide_message(GError **error)
{
    HvErrorPrivate *priv = error_private(error);

    if (priv)
        priv->hidden = TRUE;
}

const char *const *
hv_error_sentences(const GError *error)
{
    const HvErrorPrivate *priv = error_private_const(error);

    return priv && priv->sentences ? (const char *const *)priv->sentences->pdata : NULL;
}

gboolean
hv_error_message_hidden(const GError *error)
{
    const HvErrorPrivate *priv = error_private_const(error);

    return priv && priv->hidden;
}

const char *
hv_error_hint(const GError *error)
{
    const HvErrorPrivate *priv = error_private_const(error);

    return priv ? priv->hint : NULL;
}

HvErrorSource
hv_error_source(const GError *error)
{
    const HvErrorPrivate *priv = error_private_const(error);

    return priv ? priv->source : HV_FROM_NONE;
}

const HvErrorPlace *
hv_error_place(const GError *error)
{
    const HvErrorPrivate *priv = error_private_const(error);

    return priv && priv->place.line > 0 ? &priv->place : NULL;
}

char *
hv_error_place_text(const GError *error)
{
    const HvErrorPlace *place = hv_error_place(error);
    g_autofree char *where = NULL;

    if (!place)
        return NULL;
    where = place->file ? g_strdup_printf("%s:%d", place->file, place->line) : g_strdup_printf("line %d", place->line);
    return g_strconcat(where, ":", place->expected ? " expected " : "", place->expected ? place->expected : "",
                       place->element ? " in <" : "", place->element ? place->element : "", place->element ? ">" : "", NULL);
}
