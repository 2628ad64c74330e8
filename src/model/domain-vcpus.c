/* Virtual CPUs and I/O threads. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* A number with white space around it; FALSE where there is none. */
static gboolean
cpuset_number(const char **at, guint64 *number)
{
    char *end;

    while (g_ascii_isspace(**at))
        (*at)++;
    if (!g_ascii_isdigit(**at))
        return FALSE;
    *number = g_ascii_strtoull(*at, &end, 10);
    while (g_ascii_isspace(*end))
        end++;
    *at = end;
    return TRUE;
}

GByteArray *
cpuset_parse(const char *text)
{
    g_autoptr(GByteArray) set = g_byte_array_new();
    const char *at = text;

    while (g_ascii_isspace(*at))
        at++;
    while (*at) {
        gboolean out = *at == '^';
        guint64 first, last;

        at += out;
        if (!cpuset_number(&at, &first))
            return NULL;
        last = first;
        if (*at == '-') {
            at++;
            if (!cpuset_number(&at, &last))
                return NULL;
        }
        if ((*at && *at != ',') || last < first || last >= CPUSET_MAX)
            return NULL;
        if (*at == ',')
            at++;
        while (g_ascii_isspace(*at))
            at++;
        if (set->len <= last) {
            guint old = set->len;

            g_byte_array_set_size(set, last + 1);
            memset(set->data + old, 0, set->len - old);
        }
        memset(set->data + first, !out, last - first + 1);
    }
    return g_steal_pointer(&set);
}

char *
cpuset_format(const GByteArray *set)
{
    GString *out = g_string_new(NULL);

    for (guint id = 0; id < set->len; id++) {
        guint last = id;

        if (!set->data[id])
            continue;
        while (last + 1 < set->len && set->data[last + 1])
            last++;
        g_string_append_printf(out, "%s%u", out->len ? "," : "", id);
        if (last > id)
            g_string_append_printf(out, "-%u", last);
        id = last;
    }
    return g_string_free(out, FALSE);
}

char *
cpuset_canonical(const char *text)
{
    g_autoptr(GByteArray) set = cpuset_parse(text);

    return set ? cpuset_format(set) : NULL;
}

gboolean
normalise_cpuset(xmlNode *node, const char *name, GError **error)
{
    const char *text = node_attr(node, name);
    g_autofree char *canonical = NULL;

    if (!text)
        return TRUE;
    canonical = *text ? cpuset_canonical(text) : NULL;
    if (!canonical)
        return hv_throw(error, HV_ERR_INVALID_ARG, "Failed to parse bitmap '%s'", text) ||
               node_expect(node, error, "numbers such as 0-3,5 as '%s'", name);
    if (!*canonical)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Invalid value of '%s': %s", name, text) ||
               node_expect(node, error, "numbers such as 0-3,5 as '%s'", name);
    node_set_attr(node, name, canonical);
    return TRUE;
}

/* Sizes of a pool of threads; what is not given counts as less than none. */
static gboolean
check_thread_pool(const xmlNode *node, GError **error)
{
    gint64 min = node_attr(node, "thread_pool_min") ? (gint64)node_attr_uint(node, "thread_pool_min", 0) : -1;
    gint64 max = node_attr(node, "thread_pool_max") ? (gint64)node_attr_uint(node, "thread_pool_max", 0) : -1;

    if (max == 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "thread_pool_max must be a positive integer") ||
               node_expect(node, error, "a positive integer as 'thread_pool_max'");
    if (min > max)
        return node_throw(node, error, HV_ERR_CONFIG_UNSUPPORTED, "thread_pool_min must be smaller or equal to thread_pool_max");
    return TRUE;
}

/* <iothreads> counts at least the ids listed; ids that are not listed are the lowest free ones. */
static gboolean
normalise_iothreads(Normalise *n, GError **error)
{
    xmlNode *count = node_child(n->root, "iothreads"), *ids = node_child(n->root, "iothreadids");
    guint64 wanted = 0, listed = node_count(ids, "iothread");
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);

    if (count && *node_text(count) && !uint_parse(node_text(count), 0, 65535, &wanted))
        return hv_throw(error, HV_ERR_XML_ERROR, "invalid iothreads count '%s'", node_text(count)) ||
               node_expect(count, error, "a non-negative integer");
    if (!n->is_test && !check_thread_pool(node_child(n->root, "defaultiothread"), error))
        return FALSE;
    NODE_FOREACH(thread, ids, "iothread") {
        guint id = node_attr_uint(thread, "id", 0);

        if (!n->is_test && !check_thread_pool(thread, error))
            return node_blame(thread, error);
        if (id == 0)
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "Invalid value for attribute 'id' in element 'iothread': Zero is not permitted") ||
                   node_expect(thread, error, "a positive integer as 'id'");
        if (!g_hash_table_add(used, GUINT_TO_POINTER(id)))
            return hv_throw(error, HV_ERR_XML_ERROR, "duplicate iothread id '%u' found", id) ||
                   node_expect(thread, error, "another 'id'");
    }
    if (wanted < listed)
        wanted = listed;
    if (wanted == 0) {
        node_remove(count);
        return TRUE;
    }
    if (!count)
        count = domain_add_child(n->root, "iothreads");
    {
        g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, wanted);

        node_set_text(count, text);
    }
    for (guint id = 1; ids && listed < wanted; id++)
        if (g_hash_table_add(used, GUINT_TO_POINTER(id))) {
            node_set_attrf(node_add(ids, "iothread", NULL), "id", "%u", id);
            listed++;
        }
    return TRUE;
}

/* An element with its number and its place. */
typedef struct {
    xmlNode *node;
    guint64 number;
    guint place;
} Numbered;

static int
compare_numbered(gconstpointer a, gconstpointer b)
{
    const Numbered *left = a, *right = b;

    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return left->place < right->place ? -1 : 1;
}

void
sort_by_number(xmlNode *parent, const char *name, const char *attribute)
{
    g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(Numbered));
    xmlNode *first = node_child(parent, name), *last;

    for (xmlNode *node = first; node; node = node_next(node, name)) {
        Numbered numbered = { node, node_attr_uint(node, attribute, 0), nodes->len };

        g_array_append_val(nodes, numbered);
    }
    if (nodes->len < 2)
        return;
    g_array_sort(nodes, compare_numbered);
    last = g_array_index(nodes, Numbered, 0).node;
    if (last != first)
        xmlAddPrevSibling(first, last);
    for (guint i = 1; i < nodes->len; i++) {
        xmlNode *node = g_array_index(nodes, Numbered, i).node;

        if (node->prev != last)
            xmlAddNextSibling(last, node);
        last = node;
    }
}

/* The last word about a processor counts. @by_id has room for @maximum and gets those that stay. */
static gboolean
keep_last_vcpus(xmlNode *vcpus, guint64 maximum, xmlNode **by_id, GError **error)
{
    NODE_FOREACH(vcpu, vcpus, "vcpu")
        if (node_attr_uint(vcpu, "id", 0) >= maximum)
            return node_throw(vcpu, error, HV_ERR_XML_ERROR, "vcpu id '%s' is out of range of maximum vcpu count",
                              node_attr(vcpu, "id"));
    for (xmlNode *vcpu = vcpus->last, *previous; vcpu; vcpu = previous) {
        guint64 id = node_attr_uint(vcpu, "id", 0);

        previous = vcpu->prev;
        if (!node_is(vcpu, "vcpu"))
            continue;
        if (by_id[id])
            node_remove(vcpu);
        else
            by_id[id] = vcpu;
    }
    return TRUE;
}

/* Once one vcpu is described, all are. */
static gboolean
complete_vcpus(Normalise *n, guint64 maximum, GError **error)
{
    xmlNode *vcpus = node_child(n->root, "vcpus");
    g_autofree xmlNode **by_id = NULL;
    guint online = 0;

    if (!node_child(vcpus, "vcpu"))
        return TRUE;
    if (maximum > CPUSET_MAX)
        return hv_throw(error, HV_ERR_XML_ERROR, "too many vcpus");
    by_id = g_new0(xmlNode *, maximum);
    if (!keep_last_vcpus(vcpus, maximum, by_id, error))
        return FALSE;
    for (guint id = 0; id < maximum; id++) {
        xmlNode *found = by_id[id];

        if (!found) {
            found = node_add(vcpus, "vcpu", NULL);
            node_set_attrf(found, "id", "%u", id);
            node_set_attr(found, "enabled", "no");
        }
        if (!node_attr(found, "hotpluggable"))
            node_set_attr(found, "hotpluggable", node_attr_is(found, "enabled", "yes") ? "no" : "yes");
        if (node_attr_is(found, "order", "0"))
            node_set_attr(found, "order", NULL);
        if (id == 0 && node_attr_is(found, "enabled", "no"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "vcpu 0 can't be offline") ||
                   node_expect(found, error, "yes as 'enabled'");
        online += node_attr_is(found, "enabled", "yes");
    }
    sort_by_number(vcpus, "vcpu", "id");
    if (online < maximum)
        node_set_attrf(node_child(n->root, "vcpu"), "current", "%u", online);
    else
        node_set_attr(node_child(n->root, "vcpu"), "current", NULL);
    return TRUE;
}

/* The first processor starts the machine; the others can come and go. */
static gboolean
check_each_vcpu(const xmlNode *vcpus, GError **error)
{
    const xmlNode *first = node_child(vcpus, "vcpu");
    guint with_order = 0, online = 0;

    if (!first)
        return TRUE;
    if (node_attr_is(first, "hotpluggable", "yes"))
        return node_throw(vcpus, error, HV_ERR_CONFIG_UNSUPPORTED, "vcpu0 can't be hotpluggable");
    if (node_attr(first, "order") && !node_attr_is(first, "order", "1"))
        return node_throw(vcpus, error, HV_ERR_CONFIG_UNSUPPORTED, "vcpu0 must be enabled first");
    NODE_FOREACH(vcpu, vcpus, "vcpu") {
        gboolean enabled = node_attr_is(vcpu, "enabled", "yes");

        online += enabled;
        with_order += enabled && node_attr(vcpu, "order");
        if (!enabled && node_attr_is(vcpu, "hotpluggable", "no"))
            return node_throw(vcpu, error, HV_ERR_CONFIG_UNSUPPORTED, "vcpu '%s' is both offline and not hotpluggable",
                              node_attr(vcpu, "id"));
    }
    if (with_order && with_order != online)
        return node_throw(vcpus, error, HV_ERR_CONFIG_UNSUPPORTED, "all vcpus must have either set or unset order");
    return TRUE;
}

gboolean
normalise_vcpus(Normalise *n, GError **error)
{
    xmlNode *vcpu = node_child(n->root, "vcpu");
    guint64 maximum = 1, current;
    g_autofree char *canonical = NULL;
    const char *text;

    if (!vcpu) {
        vcpu = domain_add_child(n->root, "vcpu");
        node_set_text(vcpu, "1");
    }
    text = node_text(vcpu);
    if (!uint_parse(*text == '+' ? text + 1 : text, 0, G_MAXUINT, &maximum))
        return hv_throw(error, HV_ERR_XML_ERROR, "maximum vcpus count must be an integer") ||
               node_expect(vcpu, error, "a non-negative integer");
    canonical = g_strdup_printf("%" G_GUINT64_FORMAT, maximum);
    node_set_text(vcpu, canonical);
    current = maximum;
    if (node_attr(vcpu, "current") && !uint_parse(node_attr(vcpu, "current"), 0, G_MAXUINT, &current))
        return hv_throw(error, HV_ERR_XML_ERROR, "current vcpus count must be an integer") ||
               node_expect(vcpu, error, "a non-negative integer as 'current'");
    if (current == 0 && maximum > 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "vcpu 0 can't be offline") ||
               node_expect(vcpu, error, "at least 1 as 'current'");
    if (maximum == 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "CPU IDs in <numa> exceed the <vcpu> count") ||
               node_expect(vcpu, error, "at least 1");
    if (maximum < current)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "maximum vCPU count must not be less than current vCPU count") ||
               node_expect(vcpu, error, "at most %s as 'current'", node_text(vcpu));
    if (!node_attr(vcpu, "placement"))
        node_set_attr(vcpu, "placement", "static");
    if (current == maximum)
        node_set_attr(vcpu, "current", NULL);
    if (!normalise_cpuset(vcpu, "cpuset", error))
        return FALSE;
    if (node_attr_is(vcpu, "placement", "auto"))
        node_set_attr(vcpu, "cpuset", NULL);
    return complete_vcpus(n, maximum, error) && (n->is_test || check_each_vcpu(node_child(n->root, "vcpus"), error)) &&
           normalise_iothreads(n, error) && normalise_cputune(n, error);
}
