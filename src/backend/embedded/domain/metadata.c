#include "config.h"

#include <string.h>

#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

static gboolean
check_request(const domain_set_metadata_args *in, GError **error)
{
    switch (in->type) {
    case METADATA_TITLE:
        if (in->metadata && strchr(in->metadata, '\n'))
            return hv_throw_plain(error, HV_ERR_INVALID_ARG, "metadata title can't contain newlines");
        return TRUE;
    case METADATA_DESCRIPTION:
        return TRUE;
    case METADATA_ELEMENT:
        if (!in->uri || !*in->uri)
            return hv_throw(error, HV_ERR_INVALID_ARG, "a namespace uri is needed for a metadata element");
        if (in->metadata && (!in->key || !*in->key))
            return hv_throw(error, HV_ERR_INVALID_ARG, "a key is needed to set a metadata element");
        return TRUE;
    default:
        return hv_throw(error, HV_ERR_INVALID_ARG, "unknown metadata type");
    }
}

static gboolean
change(xmlDoc *doc, const domain_set_metadata_args *in, GError **error)
{
    switch (in->type) {
    case METADATA_TITLE:
        return domain_set_title(doc, in->metadata, error);
    case METADATA_DESCRIPTION:
        domain_set_description(doc, in->metadata);
        return TRUE;
    default:
        return domain_set_metadata(doc, in->uri, in->key, in->metadata, error);
    }
}

static gboolean
change_in(const Domain *domain, gboolean live, const domain_set_metadata_args *in, GError **error)
{
    g_autoptr(xmlDoc) doc = live ? domain_load_live(domain, error) : domain_load_config(domain, error);

    return doc && change(doc, in, error) &&
           (live ? domain_save_live(domain, doc, error) : domain_save_config(domain, doc, error));
}

gboolean
embedded_domain_set_metadata(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_set_metadata_args *in = args;
    g_autoptr(Domain) domain = NULL;
    guint flags = in->flags;
    Event event = { .id = EVENT_METADATA_CHANGE, .n1 = in->type, .s1 = in->uri };

    if (!domain_check_flags(flags, AFFECT_LIVE | AFFECT_CONFIG, "qemuDomainSetMetadata", error) ||
        !check_request(in, error))
        return FALSE;
    domain = domain_open_locked(call, &in->dom, "metadata", error);
    if (!domain || !domain_resolve_affect(domain, &flags, error))
        return FALSE;
    if ((flags & AFFECT_LIVE) && !change_in(domain, TRUE, in, error))
        return FALSE;
    if ((flags & AFFECT_CONFIG) && !change_in(domain, FALSE, in, error))
        return FALSE;
    domain_make_ref(&domain->info, &event.dom);
    store_emit(domain->state->store, &event);
    domain_ref_clear(&event.dom);
    return TRUE;
}

gboolean
embedded_domain_get_metadata(const Call *call, const void *args, void *result, GError **error)
{
    const domain_get_metadata_args *in = args;
    domain_get_metadata_result *out = result;
    g_autoptr(Domain) domain = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    const char *text;
    guint flags = in->flags;

    if (!domain_check_flags(flags, AFFECT_LIVE | AFFECT_CONFIG, "qemuDomainGetMetadata", error))
        return FALSE;
    if ((flags & AFFECT_LIVE) && (flags & AFFECT_CONFIG))
        return hv_throw(error, HV_ERR_INVALID_ARG, "flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are "
                        "mutually exclusive");
    domain = domain_open(call, &in->dom, error);
    if (!domain || !domain_resolve_affect(domain, &flags, error))
        return FALSE;
    doc = flags & AFFECT_LIVE ? domain_load_live(domain, error) : domain_load_config(domain, error);
    if (!doc)
        return FALSE;
    if (in->type == METADATA_ELEMENT) {
        out->metadata = domain_metadata(doc, in->uri, error);
        return out->metadata != NULL;
    }
    text = in->type == METADATA_TITLE ? domain_title(doc) : domain_description(doc);
    if (!text)
        return hv_throw(error, HV_ERR_NO_DOMAIN_METADATA, "Requested metadata element is not present");
    out->metadata = g_strdup(text);
    return TRUE;
}
