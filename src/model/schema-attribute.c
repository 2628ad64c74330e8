/* What one attribute may hold. */
#include "model/schema-private.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

gboolean
schema_next_attribute(const char **at, SchemaAttribute *rule)
{
    const char *p = *at;

    if (!p)
        return FALSE;
    p += strspn(p, " ");
    if (!*p)
        return FALSE;
    memset(rule, 0, sizeof *rule);
    rule->name = p;
    rule->name_len = strcspn(p, "!=:~ ");
    p += rule->name_len;
    if (*p == '!') {
        rule->required = TRUE;
        p++;
    }
    if (*p == '=') {
        rule->kind = '=';
        rule->values = ++p;
        rule->values_len = strcspn(p, "~ ");
        p += rule->values_len;
    } else if (*p == ':') {
        rule->kind = p[1];
        p += 2;
    }
    if (*p == '~') {
        rule->fallback = ++p;
        rule->fallback_len = strcspn(p, " ");
        p += rule->fallback_len;
    }
    *at = p;
    return TRUE;
}

gboolean
schema_values_have(const char *values, gsize values_len, const char *value)
{
    gsize len = strlen(value);

    for (const char *p = values, *end = values + values_len; p <= end;) {
        const char *bar = memchr(p, '|', end - p);
        gsize part = (bar ? bar : end) - p;

        if (part == len && strncmp(p, value, len) == 0)
            return TRUE;
        p += part + 1;
    }
    return FALSE;
}

/* strtoull() passes over white space and a sign before a number. */
static const char *
number_start(const char *value)
{
    while (g_ascii_isspace(*value))
        value++;
    return *value == '+' && g_ascii_isdigit(value[1]) ? value + 1 : value;
}

static gboolean
rule_is_number(const SchemaAttribute *rule)
{
    return rule->kind && strchr("uUpdnPiI", rule->kind);
}

void
schema_attribute_canonicalise(xmlNode *node, const SchemaAttribute *rule, const char *value)
{
    const char *start = number_start(value);
    g_autofree char *name = NULL, *digits = NULL;

    if (!rule_is_number(rule))
        return;
    if (rule->kind && strchr("uUpd", rule->kind))
        while (*start == '0' && g_ascii_isdigit(start[1]))
            start++;
    if (start == value)
        return;
    name = g_strndup(rule->name, rule->name_len);
    digits = g_strdup(start);
    node_set_attr(node, name, digits);
}

static gboolean
rule_accepts(const SchemaAttribute *rule, const char *value)
{
    guint64 number;

    if (rule_is_number(rule))
        value = number_start(value);

    switch (rule->kind) {
    case '=':
        return schema_values_have(rule->values, rule->values_len, value);
    case 'u':
        return uint_parse(value, 0, G_MAXUINT, &number);
    case 'U':
        return uint_parse(value, 0, G_MAXUINT64, &number);
    case 'p':
        return uint_parse(value, 1, G_MAXUINT, &number);
    case 'P':
        return uint_parse_any(value, 1, G_MAXUINT64, &number);
    case 'n':
        return uint_parse_any(value, 0, G_MAXUINT64, &number);
    case 'd':
        return uint_parse(value, 0, G_MAXINT, &number);
    case 'i':
        return uint_parse(*value == '-' ? value + 1 : value, 0, G_MAXINT, &number);
    case 'I':
        return uint_parse(*value == '-' ? value + 1 : value, 0, G_MAXINT64, &number);
    case 'y':
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
    case 'o':
        return strcmp(value, "on") == 0 || strcmp(value, "off") == 0;
    default:
        return TRUE;
    }
}

/* What the rule accepts, in the words of node_expect(). */
static char *
rule_expected(const SchemaAttribute *rule)
{
    static const struct {
        const char *kinds, *text;
    } texts[] = {
        { "uUnd", "a non-negative integer" }, { "pP", "a positive integer" }, { "iI", "an integer" }, { "y", "yes or no" },
        { "o", "on or off" },
    };
    GString *text = g_string_new(NULL);

    if (rule->kind == '=') {
        g_string_append_len(text, rule->values, rule->values_len);
        if (g_str_has_suffix(text->str, "|"))
            g_string_truncate(text, text->len - 1);
        if (strchr(text->str, '|'))
            g_string_prepend(text, "one of ");
        g_string_replace(text, "|", ", ", 0);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (rule->kind && strchr(texts[i].kinds, rule->kind))
            g_string_append(text, texts[i].text);
    if (text->len == 0)
        g_string_append(text, "something");
    g_string_append_printf(text, " as '%.*s'", (int)rule->name_len, rule->name);
    return g_string_free(text, FALSE);
}

static gboolean
rule_throw(const SchemaAttribute *rule, const xmlNode *node, const char *value, GError **error)
{
    g_autofree char *name = g_strndup(rule->name, rule->name_len);
    const char *expected = "";
    guint64 zero;

    if (schema_throw_attribute(node, name, value, error))
        return FALSE;
    if (!value)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing required attribute '%s' in element '%s'", name,
                        node_name(node));
    if ((rule->kind == 'p' || rule->kind == 'P') && uint_parse_any(value, 0, 0, &zero))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute '%s' in element '%s': Zero is not permitted", name,
                        node_name(node));
    if (rule->kind && strchr("uUnpP", rule->kind))
        expected = " Expected non-negative integer value";
    else if (rule->kind == 'd' && *value == '-' && uint_parse(value + 1, 0, G_MAXINT, &(guint64){ 0 }))
        expected = " Expected non-negative value";
    else if (rule->kind && strchr("iId", rule->kind))
        expected = " Expected integer value";
    return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute '%s' in element '%s': '%s'.%s", name,
                    node_name(node), value, expected);
}

gboolean
schema_attribute_check(const SchemaAttribute *rule, const xmlNode *node, const char *value, GError **error)
{
    g_autofree char *expected = NULL;

    if (value ? rule_accepts(rule, value) : !rule->required)
        return TRUE;
    expected = rule_expected(rule);
    return rule_throw(rule, node, value, error) || node_expect(node, error, "%s", expected);
}
