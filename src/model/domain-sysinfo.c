/* What the firmware tells the guest about the machine: SMBIOS tables and files of fw_cfg. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"
#include "util/uuid.h"

/* The order in which libvirt writes the entries of each block. */
static const struct {
    const char *block;
    const char *names[8];
} sysinfo_blocks[] = {
    { "bios", { "vendor", "version", "date", "release" } },
    { "system", { "manufacturer", "product", "version", "serial", "uuid", "sku", "family" } },
    { "baseBoard", { "manufacturer", "product", "version", "serial", "asset", "location" } },
    { "chassis", { "manufacturer", "version", "serial", "asset", "sku" } },
};

static void
normalise_block(xmlNode *block)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    gsize i = 0;

    while (i < G_N_ELEMENTS(sysinfo_blocks) && !node_is(block, sysinfo_blocks[i].block))
        i++;
    if (i == G_N_ELEMENTS(sysinfo_blocks))
        return;
    for (const char *const *name = sysinfo_blocks[i].names; *name; name++)
        NODE_FOREACH(entry, block, "entry")
            if (node_attr_is(entry, "name", *name)) {
                if (*node_text(entry))
                    g_ptr_array_add(sorted, entry);
                break;
            }
    for (guint k = 0; k < sorted->len; k++)
        xmlUnlinkNode(g_ptr_array_index(sorted, k));
    node_remove_children(block, NULL);
    for (guint k = 0; k < sorted->len; k++)
        xmlAddChild(block, g_ptr_array_index(sorted, k));
    if (sorted->len == 0)
        node_remove(block);
}

/* month/day/year, the year with two digits or four. */
static gboolean
is_bios_date(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);
    guint64 month, day, year;

    return g_strv_length(parts) == 3 && uint_parse(parts[0], 1, 12, &month) && uint_parse(parts[1], 1, 31, &day) &&
           uint_parse(parts[2], 0, 9999, &year) && (year < 100 || year >= 1900);
}

static const char *
block_entry(const xmlNode *sysinfo, const char *block, const char *name)
{
    NODE_FOREACH(entry, node_child(sysinfo, block), "entry")
        if (node_attr_is(entry, "name", name))
            return node_text(entry);
    return NULL;
}

static gboolean
normalise_smbios(Normalise *n, xmlNode *sysinfo, GError **error)
{
    const char *date, *uuid;
    g_autofree char *canonical = NULL;

    for (xmlNode *block = node_child(sysinfo, NULL), *next; block; block = next) {
        next = node_next(block, NULL);
        normalise_block(block);
    }
    date = block_entry(sysinfo, "bios", "date");
    if (date && !is_bios_date(date))
        return node_throw(sysinfo, error, HV_ERR_XML_DETAIL, "Invalid BIOS 'date' format");
    uuid = block_entry(sysinfo, "system", "uuid");
    if (!uuid)
        return TRUE;
    canonical = uuid_canonical(uuid);
    if (!canonical)
        return hv_throw(error, HV_ERR_XML_DETAIL, "malformed <sysinfo> uuid element") ||
               node_expect(sysinfo, error, "a UUID");
    if (strcmp(canonical, domain_uuid(n->doc)) != 0)
        return node_throw(sysinfo, error, HV_ERR_XML_DETAIL, "UUID mismatch between <uuid> and <sysinfo>");
    return TRUE;
}

/* QEMU keeps the rest of the name space for itself. */
static gboolean
normalise_fw_cfg(xmlNode *sysinfo, GError **error)
{
    NODE_FOREACH(entry, sysinfo, "entry") {
        const char *name = node_attr(entry, "name");

        if (!name)
            return hv_throw(error, HV_ERR_XML_ERROR, "Firmware entry is missing 'name' attribute") ||
                   node_expect(entry, error, "'name'");
        if (!*(node_attr(entry, "file") ?: "") && !*node_text(entry))
            return node_throw(entry, error, HV_ERR_XML_ERROR, "Firmware entry must have either value or 'file' attribute");
        if (!g_str_has_prefix(name, "opt/"))
            return node_throw(entry, error, HV_ERR_CONFIG_UNSUPPORTED, "Invalid firmware name");
        if (g_str_has_prefix(name, "opt/ovmf/") || g_str_has_prefix(name, "opt/org.qemu/"))
            return node_throw(entry, error, HV_ERR_CONFIG_UNSUPPORTED, "That firmware name is reserved");
        if (node_attr(entry, "file"))
            node_set_text(entry, NULL);
    }
    return TRUE;
}

gboolean
normalise_sysinfo(Normalise *n, GError **error)
{
    NODE_FOREACH(sysinfo, n->root, "sysinfo")
        if (!(node_attr_is(sysinfo, "type", "fwcfg") ? normalise_fw_cfg(sysinfo, error) : normalise_smbios(n, sysinfo, error)))
            return node_blame(sysinfo, error);
    return TRUE;
}
