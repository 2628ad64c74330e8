/* Where in a document an error is, and what was expected there. */
#include <string.h>

#include "model/domain.h"
#include "model/secret.h"
#include "util/error.h"

#define HEAD "<domain type='test'>\n<name>d</name>\n"
#define OS "<os><type>hvm</type></os>\n"
#define DOMAIN(more) HEAD "<memory>65536</memory>\n" OS more "</domain>"
#define DEVICES(devices) HEAD "<memory>65536</memory>\n" OS "<devices>\n" devices "\n</devices></domain>"

static const struct {
    const char *xml;
    const char *place;
} rows[] = {
    /* Syntax. */
    { "", "line 1: expected an XML document" },
    { "<domain type='test'>\n<name>d</nam></domain>", "line 2: expected </name>" },
    { "<domain type='test'>\n<name>d</name>\n", "line 3: expected </domain> before the end" },
    { "<domain type='test'>\n<name a=b>d</name></domain>", "line 2: expected well-formed XML" },
    { "<!DOCTYPE d [\n<!ENTITY a 'b'>]><domain/>", "line 2: expected XML without entities of its own" },
    { "\n<network/>", "line 2: expected a <domain> in <network>" },
    /* Numbers. */
    { HEAD "<memory>12x</memory>\n" OS "</domain>", "line 3: expected a number in <memory>" },
    { HEAD "<memory unit='cow'>12</memory>\n" OS "</domain>",
      "line 3: expected less than 8 EiB, with a unit such as KiB, MiB or GiB in <memory>" },
    { DOMAIN("<vcpu>many</vcpu>"), "line 5: expected a non-negative integer in <vcpu>" },
    { DOMAIN("<vcpu\n current='x'>2</vcpu>"), "line 6: expected a non-negative integer as 'current' in <vcpu>" },
    { DOMAIN("<vcpu current='3'>2</vcpu>"), "line 5: expected at most 2 as 'current' in <vcpu>" },
    { DEVICES("<controller type='usb' index='x'/>"), "line 6: expected a non-negative integer as 'index' in <controller>" },
    { DEVICES("\n<interface type='user'>\n<mac address='zz'/></interface>"),
      "line 7: expected six bytes such as 52:54:00:12:34:56 as <mac address> in <interface>" },
    { DEVICES("<graphics type='vnc' port='x'/>"), "line 6: expected an integer as 'port' in <graphics>" },
    { DOMAIN("<uuid>no</uuid>"), "line 5: expected a UUID in <uuid>" },
    /* Words. */
    { "<domain type='test'><name>d</name><memory>1</memory><os><type>soft</type></os></domain>",
      "line 1: expected one of hvm, xen, linux, exe, uml, xenpvh in <type>" },
    { DOMAIN("<on_reboot>dance</on_reboot>"), "line 5: expected destroy, restart or preserve in <on_reboot>" },
    { DEVICES("<disk type='tape'><target dev='vda'/></disk>"), NULL },
    { DEVICES("<disk type='file'>\n<driver cache='often'/><target dev='vda'/></disk>"),
      "line 7: expected one of default, none, writethrough, writeback, directsync, unsafe as 'cache' in <driver>" },
    { DEVICES("<disk type='file'><target dev='vda'/><shareable/></disk>\n<input type='nose'/>"),
      "line 7: expected one of mouse, tablet, keyboard, passthrough, evdev as 'type' in <input>" },
    { DEVICES("<controller type='warp'/>"), NULL },
    /* Missing. */
    { "<domain type='test'>\n<memory>1</memory>" OS "</domain>", "line 1: expected <name> in <domain>" },
    { HEAD OS "</domain>", "line 1: expected <memory> in <domain>" },
    { HEAD "<memory>1</memory>\n<os/></domain>", "line 4: expected <type> in <os>" },
    { DEVICES("<disk type='file'>\n<source file='/a'/></disk>"), "line 6: expected 'dev' of <target> in <disk>" },
    { DEVICES("\n<interface type='bridge'/>"), "line 7: expected <source> in <interface>" },
    { DEVICES("<watchdog/>"), "line 6: expected one of i6300esb, ib700, diag288 as 'model' in <watchdog>" },
    /* Too many. */
    { DEVICES("<serial type='pty'>\n<log file='a'/>\n<log file='b'/></serial>"), "line 8: expected only one <log> in <serial>" },
    { DEVICES("<disk type='file'><source file='/a'/><target dev='vda'/></disk>\n"
              "<disk type='file'><source file='/b'/><target dev='vda'/></disk>"),
      "line 7: expected another 'dev' of <target> in <disk>" },
    /* Unknown, where libvirt minds. */
    { DOMAIN("<features>\n<warp/></features>"), NULL },
};

static void
test_domains(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = domain_parse(rows[i].xml, -1, NULL, NULL, DOMAIN_PARSE_DEFAULT, NULL, &error);
        g_autofree char *place = hv_error_place_text(error);

        if (doc)
            g_error("no error: %s", rows[i].xml);
        if (!place || (rows[i].place && strcmp(place, rows[i].place) != 0))
            g_error("%s\n%s\n%s", rows[i].xml, error->message, place);
    }
}

static void
test_secret(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *place = NULL;

    g_assert_null(secret_parse("<secret>\n<usage type='volume'/></secret>", NULL, FALSE, &error));
    hv_error_set_file(&error, "s.xml");
    hv_error_set_file(&error, "other.xml");
    place = hv_error_place_text(error);
    g_assert_cmpstr(place, ==, "s.xml:2: expected <volume> in <usage>");
}

/* The nearest place stays, also in copies; an error without one takes no file. */
static void
test_first(void)
{
    g_autoptr(GError) error = NULL, copy = NULL;

    hv_throw(&error, HV_ERR_XML_ERROR, "x");
    hv_error_set_file(&error, "a.xml");
    g_assert_null(hv_error_place(error));
    g_assert_null(hv_error_place_text(error));
    hv_error_set_place(&error, 3, "disk", NULL);
    hv_error_set_place(&error, 1, "domain", "more");
    hv_error_set_file(&error, "a.xml");
    copy = g_error_copy(error);
    g_assert_cmpint(hv_error_place(copy)->line, ==, 3);
    g_assert_cmpstr(hv_error_place(copy)->element, ==, "disk");
    g_assert_cmpstr(hv_error_place(copy)->file, ==, "a.xml");
    g_assert_null(hv_error_place(copy)->expected);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/places/domains", test_domains);
    g_test_add_func("/places/secret", test_secret);
    g_test_add_func("/places/first", test_first);
    return g_test_run();
}
