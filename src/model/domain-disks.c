/* Disks. */
#include "model/normalise-storage.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* Buses by the first letters of a target name. */
static const struct {
    const char *prefix;
    const char *bus;
} disk_prefixes[] = {
    { "hd", "ide" }, { "sd", "scsi" }, { "vd", "virtio" }, { "xvd", "xen" }, { "ubd", "uml" },
};

int
disk_name_index(const char *name)
{
    static const char *const prefixes[] = { "fd", "hd", "vd", "sd", "xvd", "ubd" };
    const char *letters = NULL;
    int index = 0;

    for (gsize i = 0; name && i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(name, prefixes[i]))
            letters = name + strlen(prefixes[i]);
    if (!letters || !g_ascii_islower(*letters))
        return -1;
    for (int length = 0; g_ascii_islower(*letters); letters++, length++) {
        if (length == 6)
            return -1;
        index = (index + (length ? 1 : 0)) * 26 + (*letters - 'a');
    }
    /* Digits name a partition. */
    while (g_ascii_isdigit(*letters))
        letters++;
    return *letters ? -1 : index;
}

/* Where a disk stands among those of its bus. */
typedef struct {
    xmlNode *node;
    const char *bus;
    int index;
} DiskPlace;

/* Disks of one bus stand in the order of their names. */
void
arrange_disks(xmlNode *devices)
{
    g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(DiskPlace));
    xmlNode *place = NULL;

    NODE_FOREACH(node, devices, "disk") {
        DiskPlace disk = { node, node_child_attr(node, "target", "bus"), disk_name_index(disk_target(node)) };
        int at = -1;

        for (int i = (int)sorted->len - 1; i >= 0; i--) {
            const DiskPlace *other = &g_array_index(sorted, DiskPlace, i);

            if (g_strcmp0(other->bus, disk.bus) != 0)
                continue;
            /* Those before it on this bus have lower names still. */
            if (other->index <= disk.index) {
                at = at == -1 ? i + 1 : at;
                break;
            }
            at = i;
        }
        g_array_insert_vals(sorted, at == -1 ? sorted->len : (guint)at, &disk, 1);
    }
    for (guint i = 0; i < sorted->len; i++) {
        xmlNode *disk = g_array_index(sorted, DiskPlace, i).node;

        if (place)
            xmlAddNextSibling(place, disk);
        else if (node_child(devices, "disk") != disk)
            xmlAddPrevSibling(node_child(devices, "disk"), disk);
        place = disk;
    }
}

/* libvirt takes a disk whose name says nothing for an IDE one. */
static void
disk_bus(xmlNode *disk)
{
    xmlNode *target = node_child(disk, "target");
    const char *name = disk_target(disk), *bus = "ide";

    if (node_attr(target, "bus"))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(disk_prefixes); i++)
        if (g_str_has_prefix(name, disk_prefixes[i].prefix))
            bus = disk_prefixes[i].bus;
    node_set_attr(target, "bus", strcmp(disk_device(disk), "floppy") == 0 ? "fdc" : bus);
}

/* Attributes that say what is so anyway. */
static void
disk_forget(xmlNode *node, const char *name, const char *value)
{
    if (node && node_attr_is(node, name, value))
        node_set_attr(node, name, NULL);
}

static gboolean
disk_driver(xmlNode *disk, GError **error)
{
    static const char *const formats[] = { "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop",
                                           "cow", "qcow", "qcow2", "qed", "vmdk", NULL };
    xmlNode *driver = domain_ensure_child(disk, "driver");
    const char *type;

    if (!node_attr(driver, "name"))
        node_set_attr(driver, "name", "qemu");
    if (node_attr_is(driver, "type", "aio"))
        node_set_attr(driver, "type", "raw");
    type = node_attr(driver, "type");
    if (type && !g_strv_contains(formats, type))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "unknown driver format value '%s'", type) ||
               node_expect_word(driver, error, "type", formats);
    /* The volume of a pool has the pool's word for it, when the domain starts. */
    if (!type && !node_attr_is(disk, "type", "volume"))
        node_set_attr(driver, "type", "raw");
    if (node_attr_is(disk, "type", "vhostuser") && !node_attr(disk, "snapshot"))
        node_set_attr(disk, "snapshot", "no");
    if (!disk_normalise_cache_size(driver, error))
        return FALSE;
    disk_forget(driver, "cache", "default");
    disk_forget(driver, "queues", "0");
    disk_forget(driver, "queue_size", "0");
    return TRUE;
}

/* Limits of zero are none; what is no number is refused. */
static gboolean
disk_iotune(xmlNode *iotune, GError **error)
{
    for (xmlNode *limit = node_child(iotune, NULL), *next; limit; limit = next) {
        guint64 number = 1;

        next = node_next(limit, NULL);
        if (!*node_text(limit) || (!node_is(limit, "group_name") && strcmp(node_text(limit), "0") == 0))
            node_remove(limit);
        else if (!node_is(limit, "group_name") && !uint_parse(node_text(limit), 0, G_MAXUINT64, &number))
            return hv_throw(error, HV_ERR_XML_ERROR, "disk iotune field '%s' must be an integer", node_name(limit)) ||
                   node_expect(limit, error, "an integer");
        else if (number == 0)
            node_remove(limit);
    }
    if (iotune && !node_child(iotune, NULL))
        node_remove(iotune);
    return TRUE;
}

/* A World Wide Name is 16 hexadecimal digits. */
static gboolean
check_wwn(const char *wwn, GError **error)
{
    const char *digits = g_str_has_prefix(wwn, "0x") ? wwn + 2 : wwn;

    if (strlen(digits) == 16 && strspn(digits, "0123456789abcdefABCDEF") == 16)
        return TRUE;
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Malformed wwn: %s", wwn);
}

static gboolean
disk_identity(xmlNode *disk, GError **error)
{
    static const char *const names[] = { "serial", "wwn", "vendor", "product" };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *text = node_child_text(disk, names[i]);

        if (!text)
            continue;
        if (!*text) {
            node_remove_children(disk, names[i]);
            continue;
        }
        if (strcmp(names[i], "wwn") == 0 && !check_wwn(text, error))
            return FALSE;
        for (const char *c = text; i >= 2 && *c; c++)
            if (!g_ascii_isprint(*c))
                return node_throw(disk, error, HV_ERR_XML_ERROR, "disk %s is not printable string", names[i]);
    }
    return TRUE;
}

/* A geometry is one only with all three numbers. */
static void
disk_geometry(xmlNode *disk)
{
    xmlNode *geometry = node_child(disk, "geometry"), *blocks = node_child(disk, "blockio");

    if (geometry && (!node_attr_uint(geometry, "cyls", 0) || !node_attr_uint(geometry, "heads", 0) ||
                     !node_attr_uint(geometry, "secs", 0)))
        node_remove(geometry);
    disk_forget(blocks, "logical_block_size", "0");
    disk_forget(blocks, "physical_block_size", "0");
    if (blocks && !blocks->properties)
        node_remove(blocks);
}

/* A medium that is none leaves an empty drive of a file, which is refused for a disk that cannot be empty. */
static gboolean
disk_medium(xmlNode *disk, gboolean removable, GError **error)
{
    xmlNode *source = node_child(disk, "source");
    const char *medium = disk_source(disk);
    gboolean empty = disk_is_empty(disk) || (medium && !*medium && !node_attr(source, "protocol"));

    if (!empty)
        return TRUE;
    if (!removable) {
        hv_throw(error, HV_ERR_NO_SOURCE, "%s", disk_target(disk));
        node_expect(disk, error, "<source>");
        return FALSE;
    }
    if (source && !node_attr(source, "startupPolicy"))
        node_remove(source);
    else if (source)
        node_set_attr(source, medium ? (node_attr(source, "file") ? "file" : "dev") : "file", NULL);
    if (node_attr_is(disk, "type", "block") || node_attr_is(disk, "type", "network"))
        node_set_attr(disk, "type", "file");
    return TRUE;
}

static gboolean
normalise_disk(Normalise *n, xmlNode *disk, GError **error)
{
    xmlNode *target = node_child(disk, "target"), *transient = node_child(disk, "transient");
    const char *device = disk_device(disk);
    gboolean removable = strcmp(device, "cdrom") == 0 || strcmp(device, "floppy") == 0;
    gboolean live = (n->flags & DOMAIN_PARSE_LIVE) != 0;

    if (!disk_normalise_source(disk, live, error))
        return FALSE;
    if (!target || !node_attr(target, "dev")) {
        const char *text = disk_source(disk);

        hv_throw(error, HV_ERR_NO_TARGET, "%s", text ? text : "");
        node_expect(disk, error, "'dev' of <target>");
        return FALSE;
    }
    if (!disk_medium(disk, removable, error) || !disk_iotune(node_child(disk, "iotune"), error) ||
        !disk_identity(disk, error))
        return FALSE;
    disk_geometry(disk);
    disk_bus(disk);
    if (!n->is_test && !disk_driver(disk, error))
        return FALSE;
    if (strcmp(device, "cdrom") == 0)
        domain_ensure_child(disk, "readonly");
    if (node_attr_is(disk, "snapshot", "no") && node_child(disk, "readonly"))
        node_set_attr(disk, "snapshot", NULL);
    disk_forget(target, "tray", "closed");
    disk_forget(target, "rotation_rate", "0");
    disk_forget(transient, "shareBacking", "no");
    if (!live)
        node_remove(node_child(disk, "mirror"));
    return TRUE;
}

static gboolean
check_unique_targets(Normalise *n, GError **error)
{
    g_autoptr(GHashTable) disks = g_hash_table_new(g_str_hash, g_str_equal);

    NODE_FOREACH(disk, n->devices, "disk") {
        const xmlNode *other = g_hash_table_lookup(disks, disk_target(disk));
        const char *first = other ? disk_source(other) : NULL, *second = disk_source(disk);

        if (other)
            return hv_throw(error, HV_ERR_XML_ERROR, "target '%s' duplicated for disk sources '%s' and '%s'", disk_target(disk),
                            first ? first : "<null>", second ? second : "<null>") ||
                   node_expect(disk, error, "another 'dev' of <target>");
        g_hash_table_insert(disks, (gpointer)disk_target(disk), disk);
    }
    return TRUE;
}

gboolean
normalise_disks(Normalise *n, GError **error)
{
    arrange_disks(n->devices);
    NODE_FOREACH(disk, n->devices, "disk")
        if (!normalise_disk(n, disk, error))
            return node_blame(disk, error);
    return check_unique_targets(n, error);
}
