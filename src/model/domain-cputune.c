/* Where the guest's threads run on the host, how long, and with how much of its caches. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Ranges of the kernel's CPU bandwidth control, in microseconds, and of its shares. */
#define PERIOD_MIN 1000
#define PERIOD_MAX 1000000
#define QUOTA_MIN 1000
#define QUOTA_MAX G_GUINT64_CONSTANT(17592186044415)
#define SHARES_MIN 2
#define SHARES_MAX 262144

/* Threads that the kernel's bandwidth control knows: elements and libvirt's words for them in errors. */
static const struct {
    const char *prefix, *words;
} groups[] = { { "", "" }, { "global_", "global " }, { "emulator_", "emulator " }, { "iothread_", "iothread " } };

static gboolean
normalise_bandwidth_part(xmlNode *tune, gsize group, const char *part, gboolean is_signed, guint64 min, guint64 max, GError **error)
{
    g_autofree char *name = g_strconcat(groups[group].prefix, part, NULL);
    xmlNode *node = node_child(tune, name);
    const char *text = node ? node_text(node) : NULL;
    gboolean negative = is_signed && text && *text == '-';
    guint64 number;

    if (!text)
        return TRUE;
    if (!uint_parse(text + negative, 0, G_MAXUINT64, &number))
        return node_throw(tune, error, HV_ERR_XML_ERROR, "can't parse cputune %s%s value", groups[group].words, part);
    if (number == 0)
        node_remove(node);
    else if (!negative && (number < min || number > max))
        return node_throw(tune, error, HV_ERR_CONFIG_UNSUPPORTED, "Value of cputune '%s' must be in range [%" G_GUINT64_FORMAT
                          ", %" G_GUINT64_FORMAT "]", name, min, max);
    return TRUE;
}

static gboolean
normalise_bandwidths(xmlNode *tune, gboolean is_test, GError **error)
{
    const char *shares = node_child_text(tune, "shares");
    guint64 number;

    if (shares && !uint_parse(shares, 0, G_MAXUINT64, &number))
        return node_throw(tune, error, HV_ERR_XML_ERROR, "can't parse cputune shares value");
    if (shares && !is_test && number && (number < SHARES_MIN || number > SHARES_MAX))
        return node_throw(tune, error, HV_ERR_CONFIG_UNSUPPORTED, "Value of cputune 'shares' must be in range [%d, %d]",
                          SHARES_MIN, SHARES_MAX);
    for (gsize i = 0; i < G_N_ELEMENTS(groups); i++)
        if (!normalise_bandwidth_part(tune, i, "period", FALSE, PERIOD_MIN, PERIOD_MAX, error) ||
            !normalise_bandwidth_part(tune, i, "quota", TRUE, QUOTA_MIN, QUOTA_MAX, error))
            return FALSE;
    return TRUE;
}

/* --- pins ------------------------------------------------------------------------------------------------- */

static gboolean
throw_no_iothread(guint64 id, GError **error)
{
    return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Cannot find 'iothread' : %" G_GUINT64_FORMAT, id);
}

/* @what is how libvirt calls the thread in errors; @seen: the threads of the pins before. */
static gboolean
check_repeated(const xmlNode *pin, const char *attribute, const char *what, GHashTable *seen, GError **error)
{
    if (!g_hash_table_add(seen, GUINT_TO_POINTER((guint)node_attr_uint(pin, attribute, 0))))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "duplicate %s for %s '%s'", node_name(pin), what,
                        node_attr(pin, attribute)) ||
               node_expect(pin, error, "one <%s> for each", node_name(pin));
    return TRUE;
}

static gboolean
normalise_pins(Normalise *n, xmlNode *tune, GError **error)
{
    g_autoptr(GHashTable) vcpus = g_hash_table_new(NULL, NULL), iothreads = g_hash_table_new(NULL, NULL);

    NODE_FOREACH(pin, tune, NULL)
        if (!normalise_cpuset(pin, "cpuset", error))
            return node_blame(pin, error);
    NODE_FOREACH(pin, tune, "vcpupin")
        if (!check_repeated(pin, "vcpu", "vcpu", vcpus, error))
            return node_blame(pin, error);
    for (xmlNode *pin = node_child(tune, "vcpupin"), *next; pin; pin = next) {
        next = node_next(pin, "vcpupin");
        if (node_attr_uint(pin, "vcpu", 0) >= domain_max_vcpus(n->doc))
            node_remove(pin);
    }
    NODE_FOREACH(pin, tune, "iothreadpin") {
        guint64 id = node_attr_uint(pin, "iothread", 0);

        if (id == 0)
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "Invalid value for attribute 'iothread' in element 'iothreadpin': Zero is not permitted") ||
                   node_expect(pin, error, "a positive integer as 'iothread'");
        if (!domain_has_iothread(n, id))
            return throw_no_iothread(id, error);
        if (!check_repeated(pin, "iothread", "same iothread", iothreads, error))
            return node_blame(pin, error);
    }
    if (node_count(tune, "emulatorpin") > 1)
        return node_throw(tune, error, HV_ERR_XML_ERROR, "only one emulatorpin is supported");
    sort_by_number(tune, "vcpupin", "vcpu");
    sort_by_number(tune, "iothreadpin", "iothread");
    return TRUE;
}

/* --- schedulers -------------------------------------------------------------------------------------------- */

/* Only the real-time ones have priorities. */
static gboolean
normalise_scheduler(xmlNode *node, GError **error)
{
    gboolean real_time = node_attr_is(node, "scheduler", "fifo") || node_attr_is(node, "scheduler", "rr");

    if (real_time && !node_attr(node, "priority"))
        return node_throw(node, error, HV_ERR_XML_ERROR, "Missing required attribute 'priority' in element '%s'", node_name(node));
    if (!real_time)
        node_set_attr(node, "priority", NULL);
    return TRUE;
}

static gboolean
check_scheduled_thread(const Normalise *n, const char *attribute, guint id, GError **error)
{
    if (strcmp(attribute, "vcpus") == 0 && id >= domain_max_vcpus(n->doc))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "vCPU '%u' is not present in domain definition", id);
    if (strcmp(attribute, "iothreads") == 0 && !domain_has_iothread(n, id))
        return throw_no_iothread(id, error);
    return TRUE;
}

/* A scheduler given to several threads becomes one for each. */
static gboolean
split_schedulers(Normalise *n, xmlNode *tune, const char *name, const char *attribute, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    for (xmlNode *node = node_child(tune, name), *next; node; node = next) {
        g_autoptr(GByteArray) set = NULL;

        next = node_next(node, name);
        if (!normalise_scheduler(node, error) || !normalise_cpuset(node, attribute, error))
            return node_blame(node, error);
        set = cpuset_parse(node_attr(node, attribute));
        for (guint id = 0; set && id < set->len; id++) {
            if (!set->data[id])
                continue;
            if (!check_scheduled_thread(n, attribute, id, error))
                return node_blame(node, error);
            if (!g_hash_table_add(seen, GUINT_TO_POINTER(id)))
                return node_throw(node, error, HV_ERR_XML_DETAIL, "'%s' attributes '%s' must not overlap", name, attribute);
            node_set_attrf(node_insert_copy_before(node, node), attribute, "%u", id);
        }
        node_remove(node);
    }
    sort_by_number(tune, name, attribute);
    return TRUE;
}

static gboolean
normalise_schedulers(Normalise *n, xmlNode *tune, GError **error)
{
    if (node_count(tune, "emulatorsched") > 1)
        return node_throw(tune, error, HV_ERR_XML_ERROR, "only one emulatorsched is supported");
    return (!node_child(tune, "emulatorsched") || normalise_scheduler(node_child(tune, "emulatorsched"), error)) &&
           split_schedulers(n, tune, "vcpusched", "vcpus", error) && split_schedulers(n, tune, "iothreadsched", "iothreads", error);
}

/* --- caches and memory bandwidth --------------------------------------------------------------------------- */

/* What the groups of one kind have said so far. */
typedef struct {
    const xmlNode **owners;     /* by processor: the first group that has it; CPUSET_MAX of them */
    GHashTable *said;           /* what must not be said again, as text */
} Groups;

/* The processors of @node, which are none that an earlier group of the same kind has some of. */
static gboolean
normalise_group_cpus(const Normalise *n, xmlNode *node, const Groups *before, GError **error)
{
    g_autoptr(GByteArray) set = cpuset_parse(node_attr(node, "vcpus"));
    g_autofree char *canonical = NULL;
    const xmlNode *same = node;

    if (!set)
        return node_throw(node, error, HV_ERR_XML_ERROR, "Invalid %s attribute 'vcpus' value '%s'", node_name(node),
                          node_attr(node, "vcpus"));
    /* Processors that are not there are not counted. */
    if (set->len > domain_max_vcpus(n->doc))
        g_byte_array_set_size(set, domain_max_vcpus(n->doc));
    canonical = cpuset_format(set);
    node_set_attr(node, "vcpus", canonical);
    for (guint i = 0; i < set->len; i++) {
        if (!set->data[i])
            continue;
        if (!before->owners[i])
            before->owners[i] = node;
        if (before->owners[i] == same)
            continue;
        same = before->owners[i];
        if (!node_attr_is(same, "vcpus", canonical))
            return node_throw(node, error, HV_ERR_XML_ERROR, "Overlapping vcpus in resctrls");
    }
    return TRUE;
}

/* @said: the caches of the same group before this one, "LEVEL ID TYPE". */
static gboolean
normalise_cache(xmlNode *cache, GHashTable *said, GError **error)
{
    static const char *const types[] = { "both", "code", "data" };
    gboolean collides = FALSE;
    guint64 size;

    if (!uint_parse(node_attr(cache, "size"), 0, G_MAXUINT64, &size))
        return hv_throw(error, HV_ERR_XML_ERROR, "Invalid value '%s' for element or attribute './@size'",
                        node_attr(cache, "size")) ||
               node_expect(cache, error, "a number as 'size'");
    if (!size_scale(&size, node_attr(cache, "unit"), 1024, G_MAXINT64, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *key = g_strdup_printf("%s %s %s", node_attr(cache, "level"), node_attr(cache, "id"), types[i]);
        gboolean own = node_attr_is(cache, "type", types[i]);

        if (own || i == 0 || node_attr_is(cache, "type", "both"))
            collides = collides || g_hash_table_contains(said, key);
        if (own)
            g_hash_table_add(said, g_steal_pointer(&key));
    }
    if (collides)
        return node_throw(cache, error, HV_ERR_XML_ERROR, "Colliding cache allocations for cache level '%s' id '%s', type '%s'",
                          node_attr(cache, "level"), node_attr(cache, "id"), node_attr(cache, "type"));
    return TRUE;
}

static gboolean
normalise_cachetune(const Normalise *n, xmlNode *group, const Groups *before, GError **error)
{
    if (!normalise_group_cpus(n, group, before, error))
        return FALSE;
    g_hash_table_remove_all(before->said);
    NODE_FOREACH(cache, group, "cache")
        if (!normalise_cache(cache, before->said, error))
            return node_blame(cache, error);
    NODE_FOREACH(monitor, group, "monitor")
        if (!node_attr_is(monitor, "level", "3"))
            return node_throw(monitor, error, HV_ERR_XML_ERROR, "Invalid monitor cache level '%s'", node_attr(monitor, "level"));
    return TRUE;
}

/* Groups of the same processors are one: a node of the host has one bandwidth there. */
static gboolean
normalise_memorytune(const Normalise *n, xmlNode *group, const Groups *before, GError **error)
{
    if (!normalise_group_cpus(n, group, before, error))
        return FALSE;
    NODE_FOREACH(node, group, "node") {
        if (node_attr_uint(node, "bandwidth", 0) > 100)
            return node_throw(node, error, HV_ERR_XML_ERROR, "Memory Bandwidth value exceeding 100 is invalid.");
        if (!g_hash_table_add(before->said, g_strdup_printf("%s %s", node_attr(group, "vcpus"), node_attr(node, "id"))))
            return node_throw(node, error, HV_ERR_XML_ERROR, "Memory Bandwidth already defined for node %s", node_attr(node, "id"));
    }
    return TRUE;
}

static gboolean
normalise_resctrl(Normalise *n, xmlNode *tune, GError **error)
{
    static const struct {
        const char *name;
        gboolean (*normalise)(const Normalise *n, xmlNode *group, const Groups *before, GError **error);
    } kinds[] = { { "cachetune", normalise_cachetune }, { "memorytune", normalise_memorytune } };
    gboolean any = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree const xmlNode **owners = g_new0(const xmlNode *, CPUSET_MAX);
        g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        NODE_FOREACH(group, tune, kinds[i].name)
            if (!kinds[i].normalise(n, group, &(Groups){ owners, said }, error))
                return node_blame(group, error);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        for (xmlNode *group = node_child(tune, kinds[i].name), *next; group; group = next) {
            next = node_next(group, kinds[i].name);
            if (!node_child(group, NULL))
                node_remove(group);
            else
                any = TRUE;
        }
    if (any && !n->is_test && strcmp(n->virt, "kvm") != 0)
        return node_throw(tune, error, HV_ERR_CONFIG_UNSUPPORTED, "cachetune is only supported for KVM domains");
    return TRUE;
}

gboolean
normalise_cputune(Normalise *n, GError **error)
{
    xmlNode *tune = node_child(n->root, "cputune");

    if (!tune)
        return TRUE;
    if (!normalise_bandwidths(tune, n->is_test, error) || !normalise_pins(n, tune, error) ||
        !normalise_schedulers(n, tune, error) || !normalise_resctrl(n, tune, error))
        return FALSE;
    if (!tune->children)
        node_remove(tune);
    return TRUE;
}
