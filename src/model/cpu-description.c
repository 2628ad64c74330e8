/* <cpu> documents: reading them, and finding them in the documents that hold them. */
#include "config.h"

#include "model/cpu-description.h"

#include <string.h>

#include "model/arch.h"
#include "model/validate.h"
#include "util/error.h"
#include "util/sizes.h"

#define CPU_LABEL "(CPU_definition)"
#define VENDOR_ID_LENGTH 12

static const char *const modes[] = { "custom", "host-model", "host-passthrough", "maximum", NULL };
static const char *const matches[] = { "minimum", "exact", "strict", NULL };
static const char *const checks[] = { "none", "partial", "full", NULL };
static const char *const policies[] = { "force", "require", "optional", "disable", "forbid", NULL };
static const char *const fallbacks[] = { "allow", "forbid", NULL };
static const char *const switches[] = { "on", "off", NULL };

/* The place of @text among @words, -1 for none. */
static int
word_index(const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++)
        if (g_str_equal(words[i], text))
            return i;
    return -1;
}

static void
wish_free(gpointer data)
{
    CpuWish *wish = data;

    g_free(wish->name);
    g_free(wish);
}

void
cpu_description_free(CpuDescription *cpu)
{
    if (!cpu)
        return;
    g_free(cpu->arch);
    g_free(cpu->model);
    g_free(cpu->vendor);
    g_ptr_array_unref(cpu->features);
    g_free(cpu);
}

/* --- attributes ------------------------------------------------------------------------------------------ */

static gboolean
throw_value(GError **error, const xmlNode *node, const char *name, const char *value)
{
    return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute '%s' in element '%s': '%s'.", name, node_name(node),
                    value);
}

/* An attribute that must be one of @words where it is given. */
static gboolean
check_word(const xmlNode *node, const char *name, const char *const *words, int *index, GError **error)
{
    const char *value = node_attr(node, name);
    int found = value ? word_index(words, value) : 0;

    if (found < 0)
        return throw_value(error, node, name, value);
    if (value && index)
        *index = found;
    return TRUE;
}

typedef enum { NUMBER_OPTIONAL, NUMBER_REQUIRED, NUMBER_NOT_ZERO } NumberRule;

static gboolean
check_number(const xmlNode *node, const char *name, NumberRule rule, GError **error)
{
    const char *value = node_attr(node, name);
    guint64 number;

    if (!value)
        return rule == NUMBER_OPTIONAL || hv_throw(error, HV_ERR_XML_ERROR,
                                                   "Missing required attribute '%s' in element '%s'", name, node_name(node));
    if (!uint_parse(value, 0, G_MAXUINT64, &number))
        return hv_throw(error, HV_ERR_XML_ERROR,
                        "Invalid value for attribute '%s' in element '%s': '%s'. Expected non-negative integer value", name,
                        node_name(node), value);
    return number || rule != NUMBER_NOT_ZERO ||
           hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute '%s' in element '%s': Zero is not permitted", name,
                    node_name(node));
}

/* Numbers of children that must be right although nothing here needs them. */
static const struct {
    const char *child;
    const char *attr;
    NumberRule rule;
    CpuKind only;               /* CPU_AUTO: any kind */
} numbers[] = {
    { "microcode", "version", NUMBER_OPTIONAL, CPU_HOST },
    { "signature", "family", NUMBER_REQUIRED, CPU_HOST },
    { "signature", "model", NUMBER_REQUIRED, CPU_HOST },
    { "signature", "stepping", NUMBER_OPTIONAL, CPU_HOST },
    { "counter", "frequency", NUMBER_REQUIRED, CPU_HOST },
    { "topology", "sockets", NUMBER_NOT_ZERO, CPU_AUTO },
    { "topology", "cores", NUMBER_NOT_ZERO, CPU_AUTO },
    { "topology", "threads", NUMBER_NOT_ZERO, CPU_AUTO },
};

static gboolean
check_numbers(const xmlNode *node, CpuKind kind, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        const xmlNode *child = node_child(node, numbers[i].child);

        if (child && (numbers[i].only == CPU_AUTO || numbers[i].only == kind) &&
            !check_number(child, numbers[i].attr, numbers[i].rule, error))
            return FALSE;
    }
    return TRUE;
}

/* --- parts ----------------------------------------------------------------------------------------------- */

static gboolean
read_mode(const xmlNode *node, CpuDescription *cpu, GError **error)
{
    const char *mode = node_attr(node, "mode");
    int index = CPU_MODE_CUSTOM, match = CPU_MATCH_EXACT;

    if (mode && cpu->kind == CPU_HOST)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Attribute mode is only allowed for guest CPU");
    if (mode)
        index = word_index(modes, mode);
    if (index < 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Invalid mode attribute '%s'", mode);
    cpu->mode = (CpuMode)index;
    if (cpu->kind == CPU_GUEST && (!check_word(node, "match", matches, &match, error) ||
                                   !check_word(node, "check", checks, NULL, error)))
        return FALSE;
    cpu->match = (CpuMatch)match;
    if (!node_attr(node, "migratable"))
        return TRUE;
    if (index != CPU_MODE_HOST_PASSTHROUGH && index != CPU_MODE_MAXIMUM)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode");
    return check_word(node, "migratable", switches, NULL, error);
}

static gboolean
read_arch(const xmlNode *node, CpuDescription *cpu, GError **error)
{
    const char *arch = node_child_text(node, "arch");

    if (cpu->kind != CPU_HOST)
        return TRUE;
    if (!arch || !*arch)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing CPU architecture");
    if (!arch_find(arch))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown architecture %s", arch);
    cpu->arch = g_strdup(arch);
    return TRUE;
}

static gboolean
read_model(const xmlNode *node, CpuDescription *cpu, GError **error)
{
    const xmlNode *model = node_child(node, "model");
    const char *text = node_text(model), *vendor = node_child_text(node, "vendor");
    const char *fallback = node_attr(model, "fallback"), *vendor_id = node_attr(model, "vendor_id");

    if (fallback && cpu->kind == CPU_GUEST && word_index(fallbacks, fallback) < 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Invalid fallback attribute");
    if (vendor_id && cpu->kind == CPU_GUEST && strlen(vendor_id) != VENDOR_ID_LENGTH)
        return hv_throw(error, HV_ERR_XML_ERROR, "vendor_id must be exactly %d characters long", VENDOR_ID_LENGTH);
    if (text && *text)
        cpu->model = g_strdup(text);
    if (cpu->kind == CPU_HOST && !cpu->model)
        return hv_throw(error, HV_ERR_XML_ERROR, "Missing CPU model name");
    if (vendor && *vendor && !cpu->model)
        return hv_throw(error, HV_ERR_XML_ERROR, "CPU vendor specified without CPU model");
    if (vendor && *vendor)
        cpu->vendor = g_strdup(vendor);
    return TRUE;
}

static gboolean
read_cache(const xmlNode *node, GError **error)
{
    const xmlNode *cache = node_child(node, "cache");

    if (!cache || !node_attr(cache, "level"))
        return TRUE;
    if (node_attr_uint(cache, "level", 0) < 1 || node_attr_uint(cache, "level", 0) > 3)
        return hv_throw(error, HV_ERR_XML_ERROR, "invalid CPU cache level, must be in range [1,3]");
    return TRUE;
}

static gboolean
read_features(const xmlNode *node, CpuDescription *cpu, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    if (cpu->mode == CPU_MODE_CUSTOM && !cpu->model && node_child(node, "feature"))
        return hv_throw(error, HV_ERR_XML_ERROR, "Non-empty feature list specified without CPU model");
    NODE_FOREACH(feature, node, "feature") {
        const char *policy = cpu->kind == CPU_GUEST ? node_attr(feature, "policy") : NULL;
        const char *name = node_attr(feature, "name");
        int index = policy ? word_index(policies, policy) : CPU_REQUIRE;
        CpuWish *wish;

        if (index < 0)
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Invalid CPU feature policy");
        if (!name || !*name)
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid CPU feature name");
        if (!g_hash_table_add(seen, (gpointer)name))
            return hv_throw(error, HV_ERR_XML_ERROR, "CPU feature '%s' specified more than once", name);
        wish = g_new0(CpuWish, 1);
        wish->name = g_strdup(name);
        wish->policy = (CpuPolicy)index;
        g_ptr_array_add(cpu->features, wish);
    }
    return TRUE;
}

CpuDescription *
cpu_description_parse(const char *xml, CpuKind kind, gboolean validate, GError **error)
{
    g_autoptr(CpuDescription) cpu = g_new0(CpuDescription, 1);
    g_autoptr(xmlDoc) doc = NULL;
    const xmlNode *root;

    cpu->features = g_ptr_array_new_with_free_func(wish_free);
    doc = document_parse(xml, -1, CPU_LABEL, error);
    if (!doc || (validate && !document_validate(doc, "cpu.rng", NULL, error)))
        return NULL;
    root = document_root(doc);
    if (!node_is(root, "cpu")) {
        hv_throw(error, HV_ERR_XML_ERROR, "unexpected root element <%s>, expecting <cpu>", node_name(root));
        return NULL;
    }
    cpu->kind = kind != CPU_AUTO ? kind : node_child(root, "arch") ? CPU_HOST : CPU_GUEST;
    if (!read_mode(root, cpu, error) || !read_arch(root, cpu, error) || !check_numbers(root, cpu->kind, error) ||
        !read_model(root, cpu, error) || !read_features(root, cpu, error) || !read_cache(root, error))
        return NULL;
    return g_steal_pointer(&cpu);
}

/* --- documents that hold CPUs ---------------------------------------------------------------------------- */

static void
add_cpu(GPtrArray *found, const xmlNode *node)
{
    if (node)
        g_ptr_array_add(found, document_format_node(node, 0));
}

/* The host-model of domain capabilities is a guest's CPU in all but name. */
static void
add_host_model(GPtrArray *found, const xmlNode *capabilities)
{
    NODE_FOREACH(mode, node_child(capabilities, "cpu"), "mode") {
        g_autoptr(xmlDoc) doc = NULL;

        if (!node_attr_is(mode, "name", "host-model") || !node_attr_is(mode, "supported", "yes"))
            continue;
        doc = document_new("cpu");
        NODE_FOREACH(child, mode, NULL)
            node_append_copy(document_root(doc), child);
        add_cpu(found, document_root(doc));
    }
}

static void
add_cpus_of(GPtrArray *found, const xmlNode *node)
{
    if (node_is(node, "cpu"))
        add_cpu(found, node);
    else if (node_is(node, "domain") || node_is(node, "host"))
        add_cpu(found, node_child(node, "cpu"));
    else if (node_is(node, "capabilities"))
        add_cpu(found, node_path(node, "host/cpu"));
    else if (node_is(node, "domainCapabilities"))
        add_host_model(found, node);
}

GPtrArray *
cpu_description_extract(const char *text, const char *label, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(xmlDoc) doc = NULL;
    g_autofree char *wrapped = NULL;
    const char *end = g_str_has_prefix(text, "<?xml") ? strstr(text, "?>") : NULL;

    /* Several documents may follow each other, which only a root of our own makes XML. */
    wrapped = g_strconcat("<container>", end ? end + 2 : text, "</container>", NULL);
    doc = document_parse(wrapped, -1, label, error);
    if (!doc)
        return NULL;
    NODE_FOREACH(node, document_root(doc), NULL)
        add_cpus_of(found, node);
    if (found->len == 0) {
        hv_throw(error, HV_ERR_COMMAND, "File '%s' does not contain any <cpu> element or valid domain XML, host capabilities "
                 "XML, or domain capabilities XML", label);
        return NULL;
    }
    return g_steal_pointer(&found);
}
