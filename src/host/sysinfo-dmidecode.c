/* dmidecode's text as sysinfo. */
#include "host/sysinfo.h"

#include <string.h>

/* Per structure, dmidecode's names of its fields and libvirt's names of the entries, in libvirt's order. */
typedef struct {
    const char *field;
    const char *entry;
} FieldName;

static const FieldName bios_fields[] = {
    { "Vendor", "vendor" }, { "Version", "version" }, { "Release Date", "date" }, { "BIOS Revision", "release" }, { NULL, NULL },
};
static const FieldName system_fields[] = {
    { "Manufacturer", "manufacturer" }, { "Product Name", "product" }, { "Version", "version" }, { "Serial Number", "serial" },
    { "UUID", "uuid" }, { "SKU Number", "sku" }, { "Family", "family" }, { NULL, NULL },
};
static const FieldName board_fields[] = {
    { "Manufacturer", "manufacturer" }, { "Product Name", "product" }, { "Version", "version" }, { "Serial Number", "serial" },
    { "Asset Tag", "asset" }, { "Location In Chassis", "location" }, { NULL, NULL },
};
static const FieldName chassis_fields[] = {
    { "Manufacturer", "manufacturer" }, { "Version", "version" }, { "Serial Number", "serial" }, { "Asset Tag", "asset" },
    { "SKU Number", "sku" }, { NULL, NULL },
};
static const FieldName processor_fields[] = {
    { "Socket Designation", "socket_destination" }, { "Type", "type" }, { "Family", "family" },
    { "Manufacturer", "manufacturer" }, { "Signature", "signature" }, { "Version", "version" },
    { "External Clock", "external_clock" }, { "Max Speed", "max_speed" }, { "Status", "status" },
    { "Serial Number", "serial_number" }, { "Part Number", "part_number" }, { NULL, NULL },
};
static const FieldName memory_fields[] = {
    { "Size", "size" }, { "Form Factor", "form_factor" }, { "Locator", "locator" }, { "Bank Locator", "bank_locator" },
    { "Type", "type" }, { "Type Detail", "type_detail" }, { "Speed", "speed" }, { "Manufacturer", "manufacturer" },
    { "Serial Number", "serial_number" }, { "Part Number", "part_number" }, { NULL, NULL },
};

/* Structures in the order of the document. */
static const struct {
    const char *title;
    const char *element;
    const FieldName *fields;    /* NULL: every line is an entry */
} structures[] = {
    { "BIOS Information", "bios", bios_fields },
    { "System Information", "system", system_fields },
    { "Base Board Information", "baseBoard", board_fields },
    { "Chassis Information", "chassis", chassis_fields },
    { "Processor Information", "processor", processor_fields },
    { "Memory Device", "memory_device", memory_fields },
    { "OEM Strings", "oemStrings", NULL },
};

/* The value of "\tNAME: VALUE", a new string; NULL when no line of the structure has it. */
static char *
field_value(char **lines, const char *name)
{
    gsize length = strlen(name);

    for (; *lines && **lines == '\t'; lines++)
        if (strncmp(*lines + 1, name, length) == 0 && (*lines)[length + 1] == ':')
            return g_strstrip(g_strdup(*lines + length + 2));
    return NULL;
}

static void
add_all_lines(SysinfoBlock *block, char **lines)
{
    for (; *lines && **lines == '\t'; lines++) {
        const char *colon = strchr(*lines, ':');
        g_autofree char *text = colon ? g_strstrip(g_strdup(colon + 1)) : NULL;

        sysinfo_add_entry(block, NULL, text);
    }
}

/* An empty slot has a structure, too. */
static gboolean
is_empty_slot(char **lines)
{
    g_autofree char *size = field_value(lines, "Size");

    return g_strcmp0(size, "No Module Installed") == 0;
}

void
sysinfo_add_dmidecode(Sysinfo *sysinfo, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (gsize i = 0; i < G_N_ELEMENTS(structures); i++)
        for (char **line = lines; *line; line++) {
            const FieldName *field = structures[i].fields;
            SysinfoBlock *block;

            if (strcmp(*line, structures[i].title) != 0 || (field == memory_fields && is_empty_slot(line + 1)))
                continue;
            block = sysinfo_add_block(sysinfo, structures[i].element);
            if (!field)
                add_all_lines(block, line + 1);
            for (; field && field->field; field++) {
                g_autofree char *value = field_value(line + 1, field->field);

                sysinfo_add_entry(block, field->entry, value);
            }
        }
}
