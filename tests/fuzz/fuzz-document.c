/* A domain's document from our own folders, which somebody may have edited: everything that looks into one. */
#include "fuzz.h"

#include "backend/xml.h"
#include "model/domain.h"

static void
look(const xmlDoc *doc)
{
    (void)domain_os_type(doc);
    (void)domain_machine(doc);
    (void)domain_emulator(doc);
    (void)domain_is_q35(doc);
    (void)domain_is_i440fx(doc);
    (void)domain_max_memory(doc);
    (void)domain_memory(doc);
    (void)domain_max_vcpus(doc);
    (void)domain_vcpus(doc);
    (void)domain_title(doc);
    (void)domain_description(doc);
    for (int which = DOMAIN_ON_POWEROFF; which <= DOMAIN_ON_CRASH; which++)
        (void)domain_lifecycle(doc, which);
    for (xmlNode *device = NULL; (device = domain_next_device(doc, device, NULL));) {
        (void)device_alias(device);
        (void)disk_source(device);
        (void)disk_target(device);
        (void)disk_device(device);
        (void)disk_is_empty(device);
    }
}

static void
change(xmlDoc *doc, const char *text)
{
    domain_set_title(doc, "title", NULL);
    domain_set_description(doc, text);
    domain_set_memory(doc, 2048);
    domain_set_lifecycle(doc, DOMAIN_ON_CRASH, "preserve", NULL);
    domain_set_metadata(doc, "urn:fuzz", "f", "<x a='1'/>", NULL);
    domain_assign_aliases(doc);
}

static void
look_as_text(const char *text)
{
    g_autoptr(GPtrArray) disks = xml_domain_disks(text, NULL), interfaces = xml_domain_interfaces(text, NULL);
    g_autoptr(XmlGraphics) graphics = xml_domain_graphics(text, "vnc", NULL);
    g_autofree char *tty = NULL;

    if (xml_domain_console_tty(text, &tty, NULL) && tty)
        FUZZ_CHECK(*tty);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = fuzz_text(data, size), *formatted = NULL, *shown = NULL, *metadata = NULL;
    g_autoptr(xmlDoc) doc = NULL, live = NULL, inactive = NULL, again = NULL;

    look_as_text(text);
    doc = domain_load(text, -1, "fuzz.xml", &error);
    FUZZ_CHECK(!doc == !!error);
    if (!doc)
        return 0;
    look(doc);
    live = domain_make_live(doc, 3);
    look(live);
    inactive = domain_make_inactive(live);
    shown = domain_format(live, DOMAIN_FORMAT_INACTIVE | DOMAIN_FORMAT_MIGRATABLE, NULL);
    change(live, text);
    look(live);
    metadata = domain_metadata(live, "urn:fuzz", NULL);
    formatted = document_format(live);
    again = domain_load(formatted, -1, "again.xml", &error);
    if (!again)
        g_printerr("%s\n", error->message);
    FUZZ_CHECK(again);
    return 0;
}
