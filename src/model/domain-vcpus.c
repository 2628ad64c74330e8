/* Virtual CPUs, I/O threads, and where they run. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* libvirt's limit for CPU numbers. */
#define CPUSET_MAX 16384

GByteArray *
cpuset_parse(const char *text)
{
    g_autoptr(GByteArray) set = g_byte_array_new();
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **part = parts; *part; part++) {
        const char *range = g_strstrip(*part);
        gboolean out = *range == '^';
        guint64 first, last;
        char *end;

        if (out)
            range++;
        if (!g_ascii_isdigit(*range))
            return NULL;
        first = last = g_ascii_strtoull(range, &end, 10);
        if (*end == '-' && !uint_parse(end + 1, 0, G_MAXUINT64, &last))
            return NULL;
        if ((*end && *end != '-') || last < first || last >= CPUSET_MAX)
            return NULL;
        if (set->len <= last) {
            guint old = set->len;

            g_byte_array_set_size(set, last + 1);
            memset(set->data + old, 0, set->len - old);
        }
        for (guint64 id = first; id <= last; id++)
            set->data[id] = !out;
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

static gboolean
normalise_cpuset(xmlNode *node, const char *name, GError **error)
{
    const char *text = node_attr(node, name);
    g_autofree char *canonical = NULL;

    if (!text)
        return TRUE;
    canonical = cpuset_canonical(text);
    if (!canonical)
        return hv_throw(error, HV_ERR_INVALID_ARG, "Failed to parse bitmap '%s'", text);
    if (!*canonical)
        return hv_throw(error, HV_ERR_INVALID_ARG, "Invalid value of '%s': %s", name, text);
    node_set_attr(node, name, canonical);
    return TRUE;
}

/* <iothreads> counts at least the ids listed; ids that are not listed are the lowest free ones. */
static gboolean
normalise_iothreads(Normalise *n, GError **error)
{
    xmlNode *count = node_child(n->root, "iothreads"), *ids = node_child(n->root, "iothreadids");
    guint64 wanted = 0, listed = node_count(ids, "iothread");
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);

    if (count && !uint_parse(node_text(count), 0, 65535, &wanted))
        return hv_throw(error, HV_ERR_XML_ERROR, "invalid iothreads count '%s'", node_text(count));
    NODE_FOREACH(thread, ids, "iothread") {
        guint id = node_attr_uint(thread, "id", 0);

        if (id == 0)
            return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value for attribute 'id' in element 'iothread': Zero is not permitted");
        if (!g_hash_table_add(used, GUINT_TO_POINTER(id)))
            return hv_throw(error, HV_ERR_XML_ERROR, "duplicate iothread id '%u' found", id);
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

/* A scheduler given to several threads becomes one for each. */
static void
split_schedulers(xmlNode *tune, const char *name, const char *attribute)
{
    for (xmlNode *node = node_child(tune, name), *next; node; node = next) {
        const char *threads = node_attr(node, attribute);
        g_autoptr(GByteArray) set = threads ? cpuset_parse(threads) : NULL;

        next = node_next(node, name);
        for (guint id = 0; set && id < set->len; id++)
            if (set->data[id])
                node_set_attrf(node_insert_copy_before(node, node), attribute, "%u", id);
        if (set)
            node_remove(node);
    }
    sort_by_number(tune, name, attribute);
}

/* Once one vcpu is described, all are. */
static gboolean
complete_vcpus(Normalise *n, guint64 maximum, GError **error)
{
    xmlNode *vcpus = node_child(n->root, "vcpus");
    guint online = 0;

    if (!node_child(vcpus, "vcpu"))
        return TRUE;
    if (maximum > CPUSET_MAX)
        return hv_throw(error, HV_ERR_XML_ERROR, "too many vcpus");
    NODE_FOREACH(vcpu, vcpus, "vcpu")
        if (node_attr_uint(vcpu, "id", 0) >= maximum)
            return hv_throw(error, HV_ERR_XML_ERROR, "vcpu id '%s' is not within the <vcpu> count", node_attr(vcpu, "id"));
    for (guint id = 0; id < maximum; id++) {
        xmlNode *found = NULL;

        NODE_FOREACH(vcpu, vcpus, "vcpu")
            if (node_attr_uint(vcpu, "id", 0) == id)
                found = vcpu;
        if (!found) {
            found = node_add(vcpus, "vcpu", NULL);
            node_set_attrf(found, "id", "%u", id);
            node_set_attr(found, "enabled", "no");
        }
        if (!node_attr(found, "hotpluggable"))
            node_set_attr(found, "hotpluggable", node_attr_is(found, "enabled", "yes") ? "no" : "yes");
        if (id == 0 && node_attr_is(found, "enabled", "no"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "vcpu 0 can't be offline");
        online += node_attr_is(found, "enabled", "yes");
    }
    sort_by_number(vcpus, "vcpu", "id");
    if (online < maximum)
        node_set_attrf(node_child(n->root, "vcpu"), "current", "%u", online);
    else
        node_set_attr(node_child(n->root, "vcpu"), "current", NULL);
    return TRUE;
}

/* Ranges of the kernel's CPU bandwidth control, in microseconds. */
static gboolean
check_cputune(const xmlNode *tune, gboolean kvm, GError **error)
{
    static const char *const prefixes[] = { "", "global_", "emulator_", "iothread_" };
    const char *shares = node_child_text(tune, "shares");
    guint64 number;

    if (shares && !uint_parse(shares, 0, G_MAXUINT64, &number))
        return hv_throw(error, HV_ERR_XML_ERROR, "can't parse cputune shares value");
    for (gsize i = 0; tune && i < G_N_ELEMENTS(prefixes); i++) {
        g_autofree char *period_name = g_strconcat(prefixes[i], "period", NULL), *quota_name = g_strconcat(prefixes[i], "quota", NULL);
        const char *period = node_child_text(tune, period_name), *quota = node_child_text(tune, quota_name);

        if (period && !uint_parse(period, 1000, 1000000, &number))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Value of cputune '%s' must be in range [1000, 1000000]", period_name);
        if (quota && *quota != '-' && !uint_parse(quota, 1000, G_GUINT64_CONSTANT(17592186044415), &number))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Value of cputune '%s' must be in range [1000, 17592186044415]",
                            quota_name);
    }
    if (!kvm && node_child(tune, "cachetune"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "cachetune is only supported for KVM domains");
    return TRUE;
}

gboolean
normalise_vcpus(Normalise *n, GError **error)
{
    xmlNode *vcpu = node_child(n->root, "vcpu"), *tune = node_child(n->root, "cputune");
    guint64 maximum = 1, current;
    const char *text;

    if (!vcpu)
        vcpu = domain_add_child(n->root, "vcpu");
    text = node_text(vcpu);
    if (*text && !uint_parse(text, 0, G_MAXUINT, &maximum))
        return hv_throw(error, HV_ERR_XML_ERROR, "maximum vcpus count must be an integer");
    if (!*text)
        node_set_text(vcpu, "1");
    current = maximum;
    if (node_attr(vcpu, "current") && !uint_parse(node_attr(vcpu, "current"), 0, G_MAXUINT, &current))
        return hv_throw(error, HV_ERR_XML_ERROR, "current vcpus count must be an integer");
    if (current == 0 && maximum > 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "vcpu 0 can't be offline");
    if (maximum == 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "CPU IDs in <numa> exceed the <vcpu> count");
    if (maximum < current)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "maximum vCPU count must not be less than current vCPU count");
    if (!node_attr(vcpu, "placement"))
        node_set_attr(vcpu, "placement", "static");
    if (current == maximum)
        node_set_attr(vcpu, "current", NULL);
    if (!normalise_cpuset(vcpu, "cpuset", error))
        return FALSE;
    if (node_attr_is(vcpu, "placement", "auto"))
        node_set_attr(vcpu, "cpuset", NULL);
    if (!complete_vcpus(n, maximum, error) || !check_cputune(tune, strcmp(n->virt, "kvm") == 0 || n->is_test, error))
        return FALSE;
    NODE_FOREACH(pin, tune, NULL)
        if (!normalise_cpuset(pin, "cpuset", error) || !normalise_cpuset(pin, "vcpus", error) ||
            !normalise_cpuset(pin, "iothreads", error))
            return FALSE;
    sort_by_number(tune, "vcpupin", "vcpu");
    sort_by_number(tune, "iothreadpin", "iothread");
    split_schedulers(tune, "vcpusched", "vcpus");
    split_schedulers(tune, "iothreadsched", "iothreads");
    return normalise_iothreads(n, error);
}
