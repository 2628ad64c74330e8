/* SMBIOS and device tree. */
#include "host/sysinfo.h"

#include <string.h>

#include "host/identity.h"
#include "util/error.h"
#include "util/process.h"
#include "util/xml-text.h"

/* --- the document ------------------------------------------------------------------------------------- */

static void
block_free(gpointer data)
{
    SysinfoBlock *block = data;

    g_ptr_array_unref(block->names);
    g_ptr_array_unref(block->texts);
    g_free(block);
}

Sysinfo *
sysinfo_new(void)
{
    return g_ptr_array_new_with_free_func(block_free);
}

void
sysinfo_free(Sysinfo *sysinfo)
{
    if (sysinfo)
        g_ptr_array_unref(sysinfo);
}

SysinfoBlock *
sysinfo_add_block(Sysinfo *sysinfo, const char *element)
{
    SysinfoBlock *block = g_new0(SysinfoBlock, 1);

    block->element = element;
    block->names = g_ptr_array_new();
    block->texts = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(sysinfo, block);
    return block;
}

void
sysinfo_add_entry(SysinfoBlock *block, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    g_ptr_array_add(block->names, (gpointer)name);
    g_ptr_array_add(block->texts, g_utf8_make_valid(text, -1));
}

/* Without the control characters that XML cannot hold. */
static char *
printable(const char *text)
{
    char *copy = g_strdup(text), *to = copy;

    for (const char *from = copy; *from; from++)
        if ((guchar)*from >= ' ')
            *to++ = *from;
    *to = '\0';
    return copy;
}

char *
sysinfo_format(const Sysinfo *sysinfo)
{
    gboolean empty = TRUE;
    g_autofree char *document = NULL;
    XmlText xml;

    xml_text_init(&xml);
    xml_text_open(&xml, "sysinfo", "type", "smbios", NULL);
    for (guint i = 0; i < sysinfo->len; i++) {
        const SysinfoBlock *block = g_ptr_array_index(sysinfo, i);

        if (block->texts->len == 0)
            continue;
        empty = FALSE;
        xml_text_open(&xml, block->element, NULL);
        for (guint j = 0; j < block->texts->len; j++) {
            const char *name = g_ptr_array_index(block->names, j);
            g_autofree char *text = printable(g_ptr_array_index(block->texts, j));

            xml_text_value(&xml, "entry", text, name ? "name" : NULL, name, NULL);
        }
        xml_text_close(&xml, block->element);
    }
    xml_text_close(&xml, "sysinfo");
    document = xml_text_finish(&xml);
    return empty ? NULL : g_steal_pointer(&document);
}

/* --- sys/class/dmi/id ----------------------------------------------------------------------------------- */

/* Files and entries, block by block, in libvirt's order. Serial numbers and the UUID are for root only. */
static const struct {
    const char *element, *entry, *file;
} dmi_files[] = {
    { "bios", "vendor", "bios_vendor" }, { "bios", "version", "bios_version" }, { "bios", "date", "bios_date" },
    { "bios", "release", "bios_release" },
    { "system", "manufacturer", "sys_vendor" }, { "system", "product", "product_name" },
    { "system", "version", "product_version" }, { "system", "serial", "product_serial" }, { "system", "uuid", "product_uuid" },
    { "system", "sku", "product_sku" }, { "system", "family", "product_family" },
    { "baseBoard", "manufacturer", "board_vendor" }, { "baseBoard", "product", "board_name" },
    { "baseBoard", "version", "board_version" }, { "baseBoard", "serial", "board_serial" },
    { "baseBoard", "asset", "board_asset_tag" },
    { "chassis", "manufacturer", "chassis_vendor" }, { "chassis", "version", "chassis_version" },
    { "chassis", "serial", "chassis_serial" }, { "chassis", "asset", "chassis_asset_tag" },
};

static void
add_dmi_files(Sysinfo *sysinfo, const Host *host)
{
    SysinfoBlock *block = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(dmi_files); i++) {
        g_autofree char *text = host_read_word(host, "sys/class/dmi/id/%s", dmi_files[i].file);

        if (!block || strcmp(block->element, dmi_files[i].element) != 0)
            block = sysinfo_add_block(sysinfo, dmi_files[i].element);
        sysinfo_add_entry(block, dmi_files[i].entry, text);
    }
}

/* --- dmidecode ------------------------------------------------------------------------------------------ */

/* It says more than the files do, but to root only. */
static void
add_dmidecode(Sysinfo *sysinfo, const Host *host)
{
    /* BIOS, system, board, chassis, processors, OEM strings, memory: the types of the SMBIOS specification (DSP0134). */
    static const char *const argv[] = { "dmidecode", "-q", "-t", "0,1,2,3,4,11,17", NULL };
    const ProcessRun run = { .argv = argv, .timeout_ms = 10000 };
    g_auto(ProcessOutput) output = { 0 };

    if (host_is_this_machine(host) && host_exists(host, "sys/firmware/dmi/tables/DMI") &&
        process_run(&run, &output, NULL) && output.exit_status == 0 && !output.truncated)
        sysinfo_add_dmidecode(sysinfo, output.out);
}

/* --- device tree ---------------------------------------------------------------------------------------- */

/* A property that is one or more strings, each with a NUL at its end: the first. */
static char *
tree_string(const Host *host, const char *property)
{
    g_autofree char *text = host_read_string(host, "proc/device-tree/%s", property);

    return text && g_utf8_validate(text, -1, NULL) ? g_strstrip(g_steal_pointer(&text)) : NULL;
}

/* "compatible" begins with the vendor: "raspberrypi,4-model-b". (Devicetree specification, 2.3.1) */
static void
add_device_tree(Sysinfo *sysinfo, const Host *host)
{
    g_autofree char *compatible = tree_string(host, "compatible"), *model = tree_string(host, "model");
    g_autofree char *serial = tree_string(host, "serial-number");
    SysinfoBlock *block = sysinfo_add_block(sysinfo, "system");
    char *comma = compatible ? strchr(compatible, ',') : NULL;

    if (comma) {
        *comma = '\0';
        sysinfo_add_entry(block, "manufacturer", compatible);
    }
    sysinfo_add_entry(block, "product", model);
    sysinfo_add_entry(block, "serial", serial);
}

char *
host_sysinfo(const Host *host, GError **error)
{
    static void (*const sources[])(Sysinfo *, const Host *) = { add_dmidecode, add_dmi_files, add_device_tree };

    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++) {
        g_autoptr(Sysinfo) sysinfo = sysinfo_new();
        char *text;

        sources[i](sysinfo, host);
        text = sysinfo_format(sysinfo);
        if (text)
            return text;
    }
    hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Host SMBIOS information is not available");
    hv_error_set_hint(error, "neither /sys/class/dmi/id nor /proc/device-tree tells what machine this is");
    return NULL;
}
