/* What commands read from a domain's XML. */
#include "backend/xml.h"

#include "util/error.h"

static const char guest[] =
    "<domain><name>x</name><devices>"
    "<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>"
    "<disk type='block' device='disk'><source dev='/dev/sdx' index='1'/><target dev='vda'/></disk>"
    "<disk type='network' device='disk'><source protocol='nbd' name='export'><host name='h'/></source>"
    "<target dev='vdb'/></disk>"
    "<disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdc'/></disk>"
    "<disk type='nvme' device='disk'><source type='pci' namespace='1'>"
    "<address domain='0x0000' bus='0x0a' slot='0x00' function='0x1'/></source><target dev='vdd'/></disk>"
    "<interface type='user'><mac address='52:54:00:00:00:01'/></interface>"
    "<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/><target dev='vnet0'/>"
    "<model type='virtio'/></interface>"
    "<console type='pty' tty='/dev/pts/3'/>"
    "<graphics type='spice' port='5902' tlsPort='5903' listen='::1' passwd='s'/>"
    "<graphics type='vnc' port='-1' autoport='yes'><listen type='socket' socket='/run/vnc'/></graphics>"
    "</devices></domain>";

static void
test_disks(void)
{
    static const char *const sources[] = { NULL, "/dev/sdx", "export", "v", "nvme://0000:0a:00.1/1" };
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) disks = xml_domain_disks(guest, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(disks->len, ==, G_N_ELEMENTS(sources));
    for (guint i = 0; i < disks->len; i++)
        g_assert_cmpstr(((XmlDisk *)g_ptr_array_index(disks, i))->source, ==, sources[i]);
    g_assert_cmpstr(((XmlDisk *)g_ptr_array_index(disks, 0))->target, ==, "hdc");
    g_assert_cmpstr(((XmlDisk *)g_ptr_array_index(disks, 0))->device, ==, "cdrom");
}

static void
test_interfaces(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) ifaces = xml_domain_interfaces(guest, &error);
    const XmlInterface *bridge;

    g_assert_no_error(error);
    g_assert_cmpuint(ifaces->len, ==, 2);
    g_assert_null(((XmlInterface *)g_ptr_array_index(ifaces, 0))->source);
    g_assert_null(((XmlInterface *)g_ptr_array_index(ifaces, 0))->target);
    bridge = g_ptr_array_index(ifaces, 1);
    g_assert_cmpstr(bridge->source, ==, "br0");
    g_assert_cmpstr(bridge->target, ==, "vnet0");
    g_assert_cmpstr(bridge->model, ==, "virtio");
    g_assert_cmpstr(bridge->mac, ==, "52:54:00:00:00:02");
}

static void
test_graphics(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(XmlGraphics) spice = xml_domain_graphics(guest, "spice", &error);
    g_autoptr(XmlGraphics) vnc = xml_domain_graphics(guest, "vnc", &error);
    g_autoptr(XmlGraphics) rdp = xml_domain_graphics(guest, "rdp", &error);

    g_assert_no_error(error);
    g_assert_cmpint(spice->port, ==, 5902);
    g_assert_cmpint(spice->tls_port, ==, 5903);
    g_assert_cmpstr(spice->listen, ==, "::1");
    g_assert_cmpstr(spice->password, ==, "s");
    g_assert_cmpint(vnc->port, ==, 0);      /* -1: none chosen yet */
    g_assert_cmpstr(vnc->socket, ==, "/run/vnc");
    g_assert_cmpint(rdp->port, ==, 0);
    g_assert_null(rdp->listen);
}

static void
test_console(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *tty = NULL, *none = g_strdup("old");

    g_assert_true(xml_domain_console_tty(guest, &tty, &error));
    g_assert_cmpstr(tty, ==, "/dev/pts/3");
    g_clear_pointer(&none, g_free);
    g_assert_true(xml_domain_console_tty("<domain><devices/></domain>", &none, &error));
    g_assert_null(none);
}

static void
test_xpath(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = xml_xpath(guest, "//domain/name", FALSE, &error);
    g_autofree char *attribute = xml_xpath(guest, "//graphics[1]/@port", FALSE, &error);
    g_autofree char *nothing = xml_xpath(guest, "//nothing", FALSE, &error);
    g_autofree char *wrapped = xml_xpath(guest, "//nothing", TRUE, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(name, ==, "<name>x</name>\n");
    g_assert_cmpstr(attribute, ==, " port=\"5902\"\n");
    g_assert_cmpstr(nothing, ==, "");
    g_assert_cmpstr(wrapped, ==, "<nodes/>\n");
    g_assert_null(xml_xpath(guest, "count(//disk)", FALSE, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
    g_assert_cmpstr(error->message, ==, "internal error: Incorrect xpath 'count(//disk)'");
    g_clear_error(&error);
    g_assert_null(xml_xpath(guest, "//[", FALSE, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INVALID_ARG);
    g_assert_cmpstr(error->message, ==, "XPath error : Invalid expression\n//[\n  ^");
    g_clear_error(&error);
    g_assert_null(xml_xpath(guest, "$x", TRUE, &error));
    g_assert_cmpstr(error->message, ==, "XPath error : Undefined variable");
}

/* Nodes are indented from their own level, wherever they stood. */
static void
test_xpath_indentation(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        xml_xpath("<domain>\n  <devices>\n    <disk>\n      <target dev='a'/>\n    </disk>\n  </devices>\n</domain>\n",
                  "//disk", FALSE, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, "<disk>\n  <target dev=\"a\"/>\n</disk>\n");
}

static void
test_rubbish(void)
{
    static const char *const texts[] = { "", "<", "<domain>", "no xml", "<a></b>" };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *tty = NULL;

        g_assert_null(xml_domain_disks(texts[i], &error));
        g_assert_nonnull(error);
        g_assert_false(xml_domain_console_tty(texts[i], &tty, NULL));
        g_assert_null(xml_domain_interfaces(texts[i], NULL));
        g_assert_null(xml_domain_graphics(texts[i], "vnc", NULL));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/rubbish", test_rubbish);
    g_test_add_func("/xml/disks", test_disks);
    g_test_add_func("/xml/interfaces", test_interfaces);
    g_test_add_func("/xml/graphics", test_graphics);
    g_test_add_func("/xml/console", test_console);
    g_test_add_func("/xml/xpath", test_xpath);
    g_test_add_func("/xml/xpath-indentation", test_xpath_indentation);
    return g_test_run();
}
