/* What the options of dumpxml change. The expectations are those of libvirt 9.0.0's virsh. */
#include "config.h"

#include <string.h>

#include "model/domain.h"
#include "test-model-facts.h"

#define DOMAIN(machine, devices) \
    "<domain type='qemu'><name>a</name><uuid>74722d00-0000-4000-8000-000000000201</uuid><memory>65536</memory>" \
    "<os><type arch='x86_64' machine='" machine "'>hvm</type></os><devices>" devices "</devices></domain>"

#define SECRETS DOMAIN("q35", \
    "<disk type='network' device='cdrom'><source protocol='https' name='a'><host name='h' port='443'/>" \
    "<cookies><cookie name='a'>b</cookie></cookies></source><target dev='sda' bus='sata'/></disk>" \
    "<graphics type='vnc' passwd='sesame' passwdValidTo='2026-01-01T00:00:00'/><graphics type='spice' passwd='mellon'/>")
#define SCSI DOMAIN("pc", \
    "<disk type='file'><source file='/a'/><target dev='sda' bus='scsi'/></disk>" \
    "<disk type='file'><source file='/b'/><target dev='vda' bus='virtio'/></disk>")

enum { INACTIVE = DOMAIN_FORMAT_INACTIVE, SECURE = DOMAIN_FORMAT_SECURE, CPU = DOMAIN_FORMAT_UPDATE_CPU,
       MIGRATABLE = DOMAIN_FORMAT_MIGRATABLE };

static const struct {
    const char *xml;
    guint flags;
    const char *there[5];
    const char *not_there[5];
} formats[] = {
    { SECRETS, 0, { "passwdValidTo='2026-01-01T00:00:00'" }, { "sesame", "mellon", "<cookie" } },
    { SECRETS, INACTIVE, { "<graphics type='spice'>" }, { "sesame", "mellon", "<cookie" } },
    { SECRETS, SECURE, { "passwd='sesame'", "passwd='mellon'", "<cookie name='a'>b</cookie>" }, { NULL } },
    /* A receiving side needs the passwords. */
    { SECRETS, MIGRATABLE, { "passwd='sesame'", "<graphics type='spice' autoport='no' passwd='mellon'/>", "<cookie " }, { NULL } },
    { SECRETS, CPU, { "passwdValidTo" }, { "sesame", "mellon", "<cookie" } },

    { SCSI, 0, { "type='usb' index='0' model='piix3-uhci'", "type='pci' index='0' model='pci-root'", "keyboard" }, { NULL } },
    { SCSI, INACTIVE | CPU, { "piix3-uhci", "pci-root", "keyboard", "<audio" }, { NULL } },
    { SCSI, MIGRATABLE, { "mouse" }, { "piix3-uhci", "pci-root", "keyboard", "<audio" } },
    { SCSI, INACTIVE | MIGRATABLE, { "mouse" }, { "piix3-uhci", "pci-root", "keyboard", "<audio" } },
};

static void
test_options(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = domain_parse(formats[i].xml, -1, NULL, &test_model_facts, 0, NULL, &error);
        g_autofree char *text = NULL;

        g_assert_no_error(error);
        text = domain_format(doc, formats[i].flags, &error);
        g_assert_no_error(error);
        for (const char *const *part = formats[i].there; *part; part++)
            if (!strstr(text, *part))
                g_error("case %zu: no %s in\n%s", i, *part, text);
        for (const char *const *part = formats[i].not_there; *part; part++)
            if (strstr(text, *part))
                g_error("case %zu: %s in\n%s", i, *part, text);
    }
}

/* Controllers that were added at the end stand with those of their type when libvirt reads its text again. */
static void
test_order(void)
{
    static const char xml[] =
        DOMAIN("q35", "<controller type='pci' index='1' model='dmi-to-pci-bridge'/><controller type='usb' model='qemu-xhci'/>"
                      "<video><model type='cirrus'/></video>");
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = domain_parse(xml, -1, NULL, &test_model_facts, 0, NULL, &error);
    g_autofree char *plain = NULL, *again = NULL, *update = NULL;
    g_autoptr(xmlDoc) second = NULL;

    g_assert_no_error(error);
    plain = domain_format(doc, DOMAIN_FORMAT_DEFAULT, &error);
    update = domain_format(doc, DOMAIN_FORMAT_UPDATE_CPU, &error);
    second = domain_parse(plain, -1, NULL, &test_model_facts, 0, NULL, &error);
    g_assert_no_error(error);
    again = domain_format(second, DOMAIN_FORMAT_DEFAULT, &error);
    g_assert_cmpstr(update, !=, plain);
    g_assert_cmpstr(update, ==, again);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/format/options", test_options);
    g_test_add_func("/model/format/order", test_order);
    return g_test_run();
}
