/* -m, memory backends and memory devices. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>
#include <unistd.h>

#include "util/error.h"

/* Normalised documents count memory in KiB, but the unit may stand there in another form. */
guint64
argv_kib(const xmlNode *node, guint64 fallback)
{
    static const struct {
        const char *unit;
        guint64 bytes;
    } units[] = {
        { "b", 1 }, { "bytes", 1 }, { "KB", 1000 }, { "k", 1024 }, { "KiB", 1024 }, { "MB", 1000000 },
        { "M", 1048576 }, { "MiB", 1048576 }, { "GB", 1000000000 }, { "G", 1073741824 }, { "GiB", 1073741824 },
        { "T", G_GUINT64_CONSTANT(1099511627776) }, { "TiB", G_GUINT64_CONSTANT(1099511627776) },
    };
    const char *unit = node_attr(node, "unit");
    guint64 value = node_text(node) && *node_text(node) ? node_text_uint(node, fallback)
                                                        : node_attr_uint(node, "memory", fallback);

    for (gsize i = 0; unit && i < G_N_ELEMENTS(units); i++)
        if (g_str_equal(units[i].unit, unit))
            return (value * units[i].bytes + 1023) / 1024;
    return value;
}

static guint64
memory_round_mib(guint64 kib)
{
    return (kib + 1023) / 1024 * 1024;
}

/* What the machine starts with: all that is not in pluggable devices. */
static guint64
memory_initial_kib(const ArgvBuilder *b)
{
    const xmlNode *numa = node_path(b->domain, "cpu/numa");
    guint64 total = argv_kib(node_child(b->domain, "memory"), 0);

    if (numa) {
        total = 0;
        NODE_FOREACH(cell, numa, "cell")
            total += memory_round_mib(argv_kib(cell, 0));
        return total;
    }
    NODE_FOREACH(memory, b->devices, "memory") {
        guint64 size = argv_kib(node_path(memory, "target/size"), 0);

        total -= MIN(size, total);
    }
    return total;
}

typedef struct {
    const char *id;
    guint64 kib;
    const char *access;         /* "shared", "private", NULL: that of <memoryBacking> */
    const char *path;           /* of the file that holds it; NULL: as <memoryBacking> says */
    const char *file;           /* its name where <memoryBacking> wants a file; NULL: the id */
    gboolean discard, no_discard;       /* neither: as <memoryBacking> says */
    gboolean main_memory;               /* under the name that the machine gives it */
    gint64 node;                /* of <numatune>; -1: none */
    const char *host_nodes;     /* NULL: as <numatune> says */
    guint64 page_kib;           /* 0: as <hugepages> says */
    guint64 align_kib;          /* 0: QEMU's choice */
    gboolean pmem;              /* @path is persistent memory */
    gboolean fill;              /* @path is written through before the start */
    gboolean unreserved;        /* the device asks for memory as it needs it */
} MemoryBackend;

/* Nodes of the host that memory may come from. */
static json_t *
memory_host_nodes(const ArgvBuilder *b, const char *set, GError **error)
{
    json_t *nodes = json_array();

    while (*set) {
        char *end;
        guint64 first = g_ascii_strtoull(set, &end, 10), last = first;

        if (end == set)
            break;
        if (*end == '-')
            last = g_ascii_strtoull(end + 1, &end, 10);
        for (guint64 i = first; i <= last && i - first < 1024; i++) {
            /* A kernel without NUMA has no folder at all, and node 0. */
            if (i > 0 && !host_files_exist(b->host->files, "sys/devices/system/node/node%" G_GUINT64_FORMAT, i)) {
                json_decref(nodes);
                hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "NUMA node %" G_GUINT64_FORMAT " is unavailable", i);
                return NULL;
            }
            json_array_append_new(nodes, json_integer((json_int_t)i));
        }
        set = *end == ',' ? end + 1 : end;
    }
    return nodes;
}

static gboolean
memory_add_policy(ArgvBuilder *b, json_t *props, const MemoryBackend *backend, GError **error)
{
    gint64 node = backend->node;
    const xmlNode *tune = node_child(b->domain, "numatune");
    const xmlNode *place = node_child(tune, "memory");
    const char *mode, *set;
    json_t *nodes;

    if (node_attr_is(place, "placement", "auto"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Advice from numad is needed in case of automatic numa placement");
    NODE_FOREACH(own, tune, "memnode")
        if (node >= 0 && (gint64)node_attr_uint(own, "cellid", G_MAXUINT64) == node)
            place = own;
    mode = node_attr(place, "mode");
    set = node_attr(place, "nodeset");
    if (backend->host_nodes) {
        set = backend->host_nodes;
        mode = mode ? mode : "strict";
    }
    if (!set || !mode || g_str_equal(mode, "restrictive") || (node < 0 && !node_child(tune, "memory") && !backend->host_nodes))
        return TRUE;
    nodes = memory_host_nodes(b, set, error);
    if (!nodes)
        return FALSE;
    json_object_set_new(props, "host-nodes", nodes);
    props_str(props, "policy", g_str_equal(mode, "strict") ? "bind" : mode);
    return TRUE;
}

/* The directory of QEMU's huge pages: the first hugetlbfs that is mounted. */
static char *
memory_hugepages_dir(void)
{
    g_autofree char *mounts = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents("/proc/mounts", &mounts, NULL, NULL))
        return NULL;
    lines = g_strsplit(mounts, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, " ", 4);

        if (g_strv_length(fields) >= 3 && g_str_equal(fields[2], "hugetlbfs"))
            return g_strdup(fields[1]);
    }
    return NULL;
}

/* A file of the domain's own, in a folder that the launcher makes. */
static char *
memory_own_path(ArgvBuilder *b, const char *name)
{
    g_autofree char *owner = g_strdup_printf("%d-%s", b->host->id, node_child_text(b->domain, "name"));
    g_autofree char *folder = g_build_filename(b->host->state_dir ? b->host->state_dir : "/", "ram", owner, NULL);

    if (!g_ptr_array_find_with_equal_func(b->folders, folder, g_str_equal, NULL))
        g_ptr_array_add(b->folders, g_strdup(folder));
    return g_build_filename(folder, name, NULL);
}

/* Whether @id is in a set like "0,2-3". */
static gboolean
memory_set_has(const char *set, guint64 id)
{
    g_auto(GStrv) parts = g_strsplit(set, ",", -1);

    for (char **part = parts; *part; part++) {
        char *end;
        guint64 first = g_ascii_strtoull(*part, &end, 10);
        guint64 last = *end == '-' ? g_ascii_strtoull(end + 1, NULL, 10) : first;

        if (id >= first && id <= last)
            return TRUE;
    }
    return FALSE;
}

/* Whether the memory comes in huge pages; their size in KiB, 0 for the host's default. */
static gboolean
memory_page_size(const ArgvBuilder *b, const MemoryBackend *backend, guint64 *kib)
{
    const xmlNode *huge = node_path(b->domain, "memoryBacking/hugepages"), *found = NULL;
    gint64 node = backend->node;

    *kib = backend->page_kib;
    if (backend->page_kib)
        return *kib * 1024 != (guint64)sysconf(_SC_PAGESIZE);
    if (!huge)
        return FALSE;
    if (!node_child(huge, "page"))
        return TRUE;
    NODE_FOREACH(page, huge, "page") {
        const char *nodes = node_attr(page, "nodeset");

        if (!nodes ? !found : node >= 0 && memory_set_has(nodes, (guint64)node))
            found = page;
    }
    *kib = node_attr_uint(found, "size", 0);
    /* Pages of the ordinary size are not huge. */
    return found && *kib * 1024 != (guint64)sysconf(_SC_PAGESIZE);
}

/* The properties that say where the bytes are. */
static gboolean
memory_add_source(ArgvBuilder *b, json_t *props, const MemoryBackend *backend, gboolean memfd, GError **error)
{
    g_autofree char *directory = NULL, *own = NULL;
    guint64 page;
    gboolean huge = memory_page_size(b, backend, &page) && !backend->path;

    if (huge && (!memfd || page == 0)) {
        directory = memory_hugepages_dir();
        if (!directory)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR,
                            "hugetlbfs filesystem is not mounted or disabled by administrator config");
    }
    if (memfd) {
        if (huge)
            props_bool(props, "hugetlb", TRUE);
        if (page && huge)
            props_uint(props, "hugetlbsize", page * 1024);
        return TRUE;
    }
    own = directory ? g_strdup(directory) : memory_own_path(b, backend->file ? backend->file : backend->id);
    props_str(props, "mem-path", backend->path ? backend->path : own);
    return TRUE;
}

/* Memory of certain nodes of the host is filled by threads that run there. */
static void
memory_add_thread_context(ArgvBuilder *b, json_t *props, const char *id)
{
    json_t *nodes = json_object_get(props, "host-nodes");
    g_autofree char *name = g_strconcat("tc-", id, NULL);

    if (!nodes || !qemu_caps_has_device(b->caps, "thread-context"))
        return;
    argv_add_json(b, "-object", json_pack("{s:s,s:s,s:O}", "qom-type", "thread-context", "id", name, "node-affinity", nodes));
    props_str(props, "prealloc-context", name);
}

static gboolean
memory_add_backend(ArgvBuilder *b, const MemoryBackend *backend, GError **error)
{
    const xmlNode *backing = node_child(b->domain, "memoryBacking");
    const xmlNode *allocation = node_child(backing, "allocation");
    const char *source = node_child_attr(backing, "source", "type");
    const char *access = backend->access ? backend->access : node_child_attr(backing, "access", "mode");
    guint64 page;
    gboolean huge = memory_page_size(b, backend, &page) && !backend->path;
    gboolean memfd = g_strcmp0(source, "memfd") == 0 && !backend->path;
    gboolean file = !memfd && (huge || access || backend->path || g_strcmp0(source, "file") == 0);
    json_t *props = json_object();

    props_str(props, "qom-type", memfd ? "memory-backend-memfd" : file ? "memory-backend-file" : "memory-backend-ram");
    props_str(props, "id", backend->id);
    if ((memfd || file) && !memory_add_source(b, props, backend, memfd, error)) {
        json_decref(props);
        return FALSE;
    }
    if (file && (backend->no_discard ? FALSE : backend->discard || node_child(backing, "discard")))
        props_bool(props, "discard-data", TRUE);
    if ((memfd || file) && access)
        props_bool(props, "share", g_str_equal(access, "shared"));
    if (backend->main_memory && (memfd || file))
        props_bool(props, "x-use-canonical-path-for-ramblock-id", FALSE);
    if (backend->align_kib)
        props_uint(props, "align", backend->align_kib * 1024);
    if (backend->pmem)
        props_bool(props, "pmem", TRUE);
    if (backend->unreserved) {
        props_bool(props, "reserve", FALSE);
    } else {
        if (huge || backend->fill || node_attr_is(allocation, "mode", "immediate"))
            props_bool(props, "prealloc", TRUE);
        props_attr_uint(props, "prealloc-threads", allocation, "threads");
    }
    props_uint(props, "size", backend->kib * 1024);
    if (!memory_add_policy(b, props, backend, error)) {
        json_decref(props);
        return FALSE;
    }
    if (json_object_get(props, "prealloc"))
        memory_add_thread_context(b, props, backend->id);
    argv_add_json(b, "-object", props);
    return TRUE;
}

gboolean
argv_add_memory(ArgvBuilder *b, GError **error)
{
    const xmlNode *maximum = node_child(b->domain, "maxMemory");
    guint64 kib = memory_round_mib(memory_initial_kib(b));

    if (maximum)
        argv_addf(b, "-m", "size=%" G_GUINT64_FORMAT "k,slots=%" G_GUINT64_FORMAT ",maxmem=%" G_GUINT64_FORMAT "k", kib,
                  node_attr_uint(maximum, "slots", 16), memory_round_mib(argv_kib(maximum, kib)));
    else
        argv_addf(b, "-m", "%" G_GUINT64_FORMAT, kib / 1024);
    if (!node_path(b->domain, "cpu/numa") && b->machine->default_ram_id) {
        MemoryBackend backend = { .id = b->machine->default_ram_id, .kib = kib, .main_memory = TRUE, .node = -1 };

        if (!memory_add_backend(b, &backend, error))
            return FALSE;
    }
    argv_add(b, "-overcommit", node_path(b->domain, "memoryBacking/locked") ? "mem-lock=on" : "mem-lock=off");
    return TRUE;
}

gboolean
argv_add_cell_memory(ArgvBuilder *b, const xmlNode *cell, GError **error)
{
    guint64 id = node_attr_uint(cell, "id", 0);
    g_autofree char *name = g_strdup_printf("ram-node%" G_GUINT64_FORMAT, id);
    MemoryBackend backend = {
        .id = name, .kib = memory_round_mib(argv_kib(cell, 0)), .access = node_attr(cell, "memAccess"),
        .discard = node_attr_yes(cell, "discard", FALSE), .no_discard = !node_attr_yes(cell, "discard", TRUE),
        .node = (gint64)id,
    };

    return memory_add_backend(b, &backend, error);
}

/* --- memory devices -------------------------------------------------------------------------------------- */

static const struct {
    const char *model;
    const char *driver;
} memory_models[] = {
    { "dimm", "pc-dimm" },
    { "nvdimm", "nvdimm" },
    { "virtio-pmem", "virtio-pmem" },
    { "virtio-mem", "virtio-mem" },
};

/* Modules are plugged in steps of 2 MiB, and of 256 MiB on pSeries. */
static guint64
memory_module_kib(const ArgvBuilder *b, const xmlNode *memory)
{
    guint64 step = g_str_has_prefix(b->arch, "ppc64") ? 256 * 1024 : 2048;

    return (argv_kib(node_path(memory, "target/size"), 0) + step - 1) / step * step;
}

static json_t *
memory_device_props(const ArgvBuilder *b, const xmlNode *memory, const char *driver)
{
    const xmlNode *target = node_child(memory, "target");
    json_t *props = g_str_has_prefix(driver, "virtio") ? device_props_virtio(memory, driver) : device_props(driver);

    props_text_uint(props, "node", target, "node");
    if (node_path(target, "label/size"))
        props_uint(props, "label-size", argv_kib(node_path(target, "label/size"), 0) * 1024);
    if (node_child(target, "block"))
        props_uint(props, "block-size", argv_kib(node_child(target, "block"), 0) * 1024);
    if (argv_kib(node_child(target, "requested"), 0))
        props_uint(props, "requested-size", argv_kib(node_child(target, "requested"), 0) * 1024);
    if (node_attr_is(memory, "model", "virtio-mem") && node_attr_is(node_path(b->domain, "memoryBacking/allocation"), "mode", "immediate"))
        props_bool(props, "prealloc", TRUE);
    if (node_child(target, "readonly"))
        props_bool(props, "unarmed", TRUE);
    return props;
}

static gboolean
memory_add_device(ArgvBuilder *b, const xmlNode *memory, GError **error)
{
    const char *model = node_attr(memory, "model");
    const char *alias = device_need_alias(memory, error);
    const xmlNode *target = node_child(memory, "target"), *source = node_child(memory, "source");
    const char *driver = NULL;
    g_autofree char *id = g_strconcat("mem", alias, NULL);
    gboolean nvdimm = g_strcmp0(model, "nvdimm") == 0, pmem = g_strcmp0(model, "virtio-pmem") == 0;
    MemoryBackend backend = {
        .id = id, .file = alias, .kib = memory_module_kib(b, memory), .access = node_attr(memory, "access"),
        .path = node_child_text(source, "path"),
        .discard = node_attr_yes(memory, "discard", FALSE),
        .no_discard = nvdimm || pmem || !node_attr_yes(memory, "discard", TRUE),
        .node = node_child(target, "node") ? (gint64)node_text_uint(node_child(target, "node"), 0) : -1,
        .host_nodes = node_child_text(source, "nodemask"),
        .page_kib = argv_kib(node_child(source, "pagesize"), 0),
        .align_kib = argv_kib(node_child(source, "alignsize"), 0),
        .pmem = node_child(source, "pmem") != NULL,
        .fill = nvdimm && !node_child(source, "pmem"),
        .unreserved = g_strcmp0(model, "virtio-mem") == 0,
    };
    json_t *props;

    if (!alias)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(memory_models); i++)
        if (g_strcmp0(memory_models[i].model, model) == 0)
            driver = memory_models[i].driver;
    if (!driver)
        return device_unsupported(error, "memory device model", model);
    if (!memory_add_backend(b, &backend, error))
        return FALSE;
    props = memory_device_props(b, memory, driver);
    props_str(props, "memdev", id);
    props_str(props, "id", alias);
    return device_add(b, props, memory, error);
}

/* DIMMs are part of the machine and come with its memory; virtio ones need their bus first. */
gboolean
argv_add_memory_devices(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(memory, b->devices, "memory")
        if (!g_str_has_prefix(node_attr(memory, "model") ? node_attr(memory, "model") : "", "virtio") &&
            !memory_add_device(b, memory, error))
            return FALSE;
    return TRUE;
}

gboolean
argv_add_virtio_memory(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(memory, b->devices, "memory")
        if (g_str_has_prefix(node_attr(memory, "model") ? node_attr(memory, "model") : "", "virtio") &&
            !memory_add_device(b, memory, error))
            return FALSE;
    return TRUE;
}
