/* -smbios and -fw_cfg: what the firmware tells the guest. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include "util/error.h"

/* SMBIOS structure type of a board. */
#define BASE_BOARD 2
#define DMI_FOLDER "sys/class/dmi/id"

static const struct {
    const char *block;
    guint type;
    const char *entries[9][2];      /* name in the XML, name for QEMU */
} smbios_blocks[] = {
    { "bios", 0, { { "vendor", "vendor" }, { "version", "version" }, { "date", "date" }, { "release", "release" } } },
    { "system", 1,
      { { "manufacturer", "manufacturer" }, { "product", "product" }, { "version", "version" }, { "serial", "serial" },
        { "uuid", "uuid" }, { "sku", "sku" }, { "family", "family" } } },
    { "baseBoard", 2,
      { { "manufacturer", "manufacturer" }, { "product", "product" }, { "version", "version" }, { "serial", "serial" },
        { "asset", "asset" }, { "location", "location" } } },
    { "chassis", 3,
      { { "manufacturer", "manufacturer" }, { "version", "version" }, { "serial", "serial" }, { "asset", "asset" },
        { "sku", "sku" } } },
};

static const char *
sysinfo_entry(const xmlNode *block, const char *name)
{
    NODE_FOREACH(entry, block, "entry")
        if (node_attr_is(entry, "name", name))
            return node_text(entry);
    return NULL;
}

static void
argv_add_smbios_block(ArgvBuilder *b, const xmlNode *block, gsize index)
{
    g_autoptr(GString) options = g_string_new(NULL);

    g_string_append_printf(options, "type=%u", smbios_blocks[index].type);
    /* libvirt names the maker of a board even where nobody is. */
    if (smbios_blocks[index].type == BASE_BOARD && !sysinfo_entry(block, "manufacturer"))
        g_string_append(options, ",manufacturer=");
    for (gsize i = 0; i < G_N_ELEMENTS(smbios_blocks[index].entries) && smbios_blocks[index].entries[i][0]; i++)
        argv_append(options, smbios_blocks[index].entries[i][1],
                    sysinfo_entry(block, smbios_blocks[index].entries[i][0]));
    argv_add(b, "-smbios", options->str);
}

static gboolean
argv_add_smbios(ArgvBuilder *b, const xmlNode *sysinfo, GError **error)
{
    const xmlNode *oem = node_child(sysinfo, "oemStrings");

    if (node_count(sysinfo, "baseBoard") > 1)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "qemu does not support more than one entry to Type 2 in SMBIOS table");
    for (gsize i = 0; i < G_N_ELEMENTS(smbios_blocks); i++)
        NODE_FOREACH(block, sysinfo, smbios_blocks[i].block)
            argv_add_smbios_block(b, block, i);
    if (oem) {
        g_autoptr(GString) options = g_string_new("type=11");

        NODE_FOREACH(entry, oem, "entry")
            argv_append(options, "value", node_text(entry));
        argv_add(b, "-smbios", options->str);
    }
    return TRUE;
}

/* What the host's own firmware says, without what tells this machine from others of its kind. */
static const struct {
    guint type;
    const char *keys[6][2];         /* name for QEMU, file in /sys/class/dmi/id */
} host_blocks[] = {
    { 0, { { "vendor", "bios_vendor" }, { "version", "bios_version" }, { "date", "bios_date" }, { "release", "bios_release" } } },
    { 1, { { "manufacturer", "sys_vendor" }, { "product", "product_name" }, { "version", "product_version" },
           { "serial", "product_serial" }, { "sku", "product_sku" }, { "family", "product_family" } } },
};

static gboolean
argv_add_host_smbios(ArgvBuilder *b, GError **error)
{
    if (!host_files_exist(b->host->files, DMI_FOLDER "/sys_vendor"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Host SMBIOS information is not available");
    for (gsize i = 0; i < G_N_ELEMENTS(host_blocks); i++) {
        g_autoptr(GString) options = g_string_new(NULL);

        g_string_append_printf(options, "type=%u", host_blocks[i].type);
        for (gsize k = 0; k < G_N_ELEMENTS(host_blocks[i].keys) && host_blocks[i].keys[k][0]; k++) {
            g_autofree char *value = host_files_read(b->host->files, DMI_FOLDER "/%s", host_blocks[i].keys[k][1]);

            /* Serial numbers are root's to read. */
            if (value && *value)
                argv_append(options, host_blocks[i].keys[k][0], value);
        }
        argv_add(b, "-smbios", options->str);
    }
    return TRUE;
}

static void
argv_add_fw_cfg(ArgvBuilder *b, const xmlNode *sysinfo)
{
    NODE_FOREACH(entry, sysinfo, "entry") {
        g_autoptr(GString) options = g_string_new(NULL);
        const char *file = node_attr(entry, "file");

        argv_append(options, "name", node_attr(entry, "name"));
        if (file)
            argv_append(options, "file", file);
        else
            argv_append(options, "string", node_text(entry));
        argv_add(b, "-fw_cfg", options->str + 1);
    }
}

static const xmlNode *
argv_smbios_sysinfo(const ArgvBuilder *b)
{
    NODE_FOREACH(sysinfo, b->domain, "sysinfo")
        if (node_attr_is(sysinfo, "type", "smbios"))
            return sysinfo;
    return NULL;
}

gboolean
argv_add_sysinfo(ArgvBuilder *b, GError **error)
{
    const char *mode = node_attr(node_path(b->domain, "os/smbios"), "mode");

    if (g_strcmp0(mode, "host") == 0 && !argv_add_host_smbios(b, error))
        return FALSE;
    if (g_strcmp0(mode, "sysinfo") == 0) {
        if (!argv_smbios_sysinfo(b))
            return hv_throw(error, HV_ERR_XML_ERROR, "Domain '%s' sysinfo are not available", node_child_text(b->domain, "name"));
        if (!argv_add_smbios(b, argv_smbios_sysinfo(b), error))
            return FALSE;
    }
    NODE_FOREACH(sysinfo, b->domain, "sysinfo")
        if (node_attr_is(sysinfo, "type", "fwcfg"))
            argv_add_fw_cfg(b, sysinfo);
    return TRUE;
}
