#include "model/secret.h"

#include <string.h>

#include "model/validate.h"
#include "util/error.h"
#include "util/uuid.h"

#define LABEL "(definition_of_secret)"

/* In the order of their numbers in the API. */
static const struct {
    const char *name;
    const char *child;          /* the element that holds what it is for; NULL: nothing */
    const char *missing;        /* what libvirt says without it */
} usages[] = {
    { "none", NULL, NULL },
    { "volume", "volume", "volume usage specified, but volume path is missing" },
    { "ceph", "name", "Ceph usage specified, but name is missing" },
    { "iscsi", "target", "iSCSI usage specified, but target is missing" },
    { "tls", "name", "TLS usage specified, but name is missing" },
    { "vtpm", "name", "vTPM usage specified, but name is missing" },
};

static const SchemaElement schema_secret =
    SCHEMA("secret", SCHEMA_ONE, NULL, "ephemeral:y~no private:y~no",
           SCHEMA("uuid", SCHEMA_TEXT, NULL, NULL), SCHEMA("description", SCHEMA_TEXT, NULL, NULL),
           SCHEMA("usage", SCHEMA_ONE, NULL, "type=none|volume|ceph|iscsi|tls|vtpm",
                  SCHEMA("volume", SCHEMA_TEXT, NULL, NULL), SCHEMA("target", SCHEMA_TEXT, NULL, NULL),
                  SCHEMA("name", SCHEMA_TEXT, NULL, NULL)));

static gboolean
copy_flag(const xmlNode *from, xmlNode *to, const char *name, GError **error)
{
    const char *value = node_attr(from, name);

    if (value && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        return hv_throw(error, HV_ERR_XML_ERROR, "invalid value of '%s'", name) ||
               node_expect(from, error, "yes or no as '%s'", name);
    node_set_attr(to, name, value ? value : "no");
    return TRUE;
}

static gboolean
copy_uuid(const xmlNode *from, xmlNode *to, GError **error)
{
    const char *text = node_child_text(from, "uuid");
    g_autofree char *canonical = NULL;
    char generated[UUID_TEXT];

    if (text && *text) {
        canonical = uuid_canonical(text);
        if (!canonical)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "malformed uuid element") ||
                   node_expect(node_child(from, "uuid"), error, "a UUID");
    } else {
        uuid_generate(generated);
    }
    node_add(to, "uuid", canonical ? canonical : generated);
    return TRUE;
}

static gboolean
copy_usage(const xmlNode *from, xmlNode *to, GError **error)
{
    const xmlNode *usage = node_child(from, "usage");
    const char *type = node_attr(usage, "type"), *id;
    gsize i = 0;

    if (!usage)
        return TRUE;
    if (!type)
        return node_throw(usage, error, HV_ERR_XML_ERROR, "unknown secret usage type");
    while (i < G_N_ELEMENTS(usages) && strcmp(usages[i].name, type) != 0)
        i++;
    if (i == G_N_ELEMENTS(usages))
        return node_throw(usage, error, HV_ERR_CONFIG_UNSUPPORTED, "unknown secret usage type %s", type);
    if (!usages[i].child)
        return TRUE;
    id = node_child_text(usage, usages[i].child);
    if (!id || !*id)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "%s", usages[i].missing) ||
               node_expect(usage, error, "<%s>", usages[i].child);
    to = node_add(to, "usage", NULL);
    node_set_attr(to, "type", type);
    node_add(to, usages[i].child, id);
    return TRUE;
}

xmlDoc *
secret_parse(const char *xml, const char *label, gboolean validate, GError **error)
{
    g_autoptr(xmlDoc) given = document_parse(xml, -1, label ? label : LABEL, error);
    g_autoptr(xmlDoc) doc = NULL;
    const xmlNode *from = given ? document_root(given) : NULL;
    const char *description;
    xmlNode *to;

    if (!given || (validate && !document_validate(given, "secret.rng", &schema_secret, error)))
        return NULL;
    if (!node_is(from, "secret")) {
        hv_throw(error, HV_ERR_XML_ERROR, "expecting root element of 'secret', not '%s'", node_name(from));
        node_expect(from, error, "a <secret>");
        return NULL;
    }
    doc = document_new("secret");
    to = document_root(doc);
    if (!copy_flag(from, to, "ephemeral", error) || !copy_flag(from, to, "private", error) || !copy_uuid(from, to, error))
        return NULL;
    description = node_child_text(from, "description");
    if (description && *description)
        node_add(to, "description", description);
    return copy_usage(from, to, error) ? g_steal_pointer(&doc) : NULL;
}

const char *
secret_uuid(const xmlDoc *doc)
{
    return node_child_text(document_root(doc), "uuid");
}

gboolean
secret_is_ephemeral(const xmlDoc *doc)
{
    return node_attr_is(document_root(doc), "ephemeral", "yes");
}

gboolean
secret_is_private(const xmlDoc *doc)
{
    return node_attr_is(document_root(doc), "private", "yes");
}

int
secret_usage_number(const char *name)
{
    for (gsize i = 1; name && i < G_N_ELEMENTS(usages); i++)
        if (strcmp(usages[i].name, name) == 0)
            return (int)i;
    return 0;
}

const char *
secret_usage_name(int number)
{
    return number > 0 && number < (int)G_N_ELEMENTS(usages) ? usages[number].name : NULL;
}

int
secret_usage_type(const xmlDoc *doc)
{
    return secret_usage_number(node_attr(node_child(document_root(doc), "usage"), "type"));
}

const char *
secret_usage_id(const xmlDoc *doc)
{
    const char *child = usages[secret_usage_type(doc)].child;

    return child ? node_child_text(node_child(document_root(doc), "usage"), child) : "";
}
