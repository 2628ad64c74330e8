/* `test-model-domain --print FILE` shows what FILE becomes: how a new pair for tests/data/domain is made. */
#include <stdio.h>
#include <string.h>

#include "model/domain.h"
#include "test-model-facts.h"
#include "util/error.h"

#define OS "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
#define DEVICES(devices) "<domain type='qemu'><name>d</name><memory>65536</memory>" OS "<devices>" devices "</devices></domain>"
#define NAMED(name) "<domain type='qemu'><name>" name "</name><memory>65536</memory>" OS "</domain>"
#define WITH(more) "<domain type='qemu'><name>d</name>" more OS "</domain>"
#define N100 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static const struct {
    const char *xml;
    const char *message;
} rejected[] = {
    { "<network/>", "XML error: expecting root element of 'domain', not 'network'" },
    { "<domain><name>d</name></domain>", "internal error: missing domain type attribute" },
    { "<domain type='hyperdrive'><name>d</name></domain>", "unsupported configuration: invalid domain type hyperdrive" },
    { NAMED(""), "missing name information" },
    { NAMED("a/b"), "XML error: name a/b cannot contain '/'" },
    { NAMED("a\nb"), "invalid char in name: \n" },
    { NAMED(".."), "XML error: name cannot be '..'" },
    { NAMED(N100 N100 N100), "XML error: name has 300 bytes, more than the 251 allowed" },
    { WITH("<uuid>not-a-uuid</uuid><memory>65536</memory>"), "internal error: malformed uuid element" },
    { WITH(""), "XML error: Memory size must be specified via <memory> or in the <numa> configuration" },
    { WITH("<memory>-5</memory>"), "XML error: Invalid value '-5' for element or attribute './memory[1]'" },
    { WITH("<memory>lots</memory>"), "XML error: Invalid value 'lots' for element or attribute './memory[1]'" },
    { WITH("<memory unit='furlong'>64</memory>"), "invalid argument: unknown suffix 'furlong'" },
    { WITH("<memory unit='EiB'>99999</memory>"), "numerical overflow: value too large: 99999EiB" },
    { WITH("<memory>65536</memory><vcpu>x</vcpu>"), "XML error: maximum vcpus count must be an integer" },
    { WITH("<memory>65536</memory><vcpu current='4'>2</vcpu>"),
      "unsupported configuration: maximum vCPU count must not be less than current vCPU count" },
    { WITH("<memory>65536</memory><vcpu>999</vcpu>"),
      "unsupported configuration: Maximum CPUs greater than specified machine type limit 255" },
    { WITH("<memory>65536</memory><title>a\nb</title>"), "XML error: Domain title can't contain newlines" },
    { WITH("<memory>65536</memory><on_reboot>jump</on_reboot>"), "unsupported configuration: unknown on_reboot action: jump" },
    { WITH("<memory>65536</memory><clock offset='x'/>"), "unsupported configuration: unknown clock offset 'x'" },
    { "<domain type='qemu'><name>d</name><memory>65536</memory></domain>", "XML error: an os <type> must be specified" },
    { "<domain type='qemu'><name>d</name><memory>65536</memory><os><type arch='vax'>hvm</type></os></domain>",
      "unsupported configuration: Unknown architecture vax" },
    { "<domain type='qemu'><name>d</name><memory>65536</memory><os><type machine='nosuch'>hvm</type></os></domain>",
      "XML error: No PCI buses available" },
    { "<domain type='xen'><name>d</name><memory>65536</memory>" OS "</domain>",
      "unsupported configuration: Emulator '/usr/bin/qemu-system-x86_64' does not support virt type 'xen'" },
    { DEVICES("<emulator>/nosuch</emulator>"), "Cannot check QEMU binary /nosuch: No such file or directory" },
    { DEVICES("<disk><source file='/a'/></disk>"), "missing target information for device /a" },
    { DEVICES("<disk><target dev='vda'/></disk>"), "missing source information for device vda" },
    { DEVICES("<disk><source file='/a'/><target dev='foo'/></disk>"),
      "XML error: Unknown disk name 'foo' and no address specified" },
    { DEVICES("<disk><source file='/a'/><target dev='vda'/></disk><disk><source file='/b'/><target dev='vda'/></disk>"),
      "XML error: target 'vda' duplicated for disk sources '/a' and '/b'" },
    { DEVICES("<disk><source file='/a'/><target dev='vda' bus='warp'/></disk>"),
      "XML error: Invalid value for attribute 'bus' in element 'target': 'warp'." },
    { DEVICES("<interface type='user'><mac address='xx'/></interface>"), "XML error: unable to parse mac address 'xx'" },
    { DEVICES("<interface type='bridge'/>"), "XML error: interface type='bridge' requires a 'source' element" },
    { DEVICES("<controller type='pci' index='1' model='pcie-root-port'/>"),
      "internal error: a PCI slot is needed to connect a PCI controller model='pcie-root-port', but none is available, and it "
      "cannot be automatically added" },
    { DEVICES("<controller type='pci' index='99999' model='pci-bridge'/>"), "unsupported configuration: PCI controller index 99999 too high, maximum is 255" },
    { DEVICES("<controller type='scsi' index='0'/><controller type='scsi' index='0'/>"),
      "XML error: Multiple 'scsi' controllers with index '0'" },
    { DEVICES("<serial type='tcp'><source mode='connect' host='h'/></serial>"),
      "internal error: Missing source service attribute for char device" },
    { DEVICES("<channel type='unix'/>"), "XML error: target type must be specified for channel device" },
    { DEVICES("<input type='tablet' bus='usb'><address type='usb' bus='7' port='1'/></input>"), "XML error: Missing USB bus 7" },
    { DEVICES("<video><model type='voodoo2'/></video>"), "unsupported configuration: unknown video model 'voodoo2'" },
};

static xmlDoc *
parse(const char *xml, DomainParseFlags flags, GPtrArray *warnings, GError **error)
{
    return domain_parse(xml, -1, NULL, &test_model_facts, flags, warnings, error);
}

static void
test_rejected(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rejected); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(rejected[i].xml, 0, NULL, &error);

        g_assert_null(doc);
        g_assert_nonnull(error);
        g_assert_cmpstr(error->message, ==, rejected[i].message);
    }
}

/* Work grows with the square of some counts, so the counts have an end. */
static void
test_too_many(void)
{
    g_autoptr(GString) xml = g_string_new("<domain type='qemu'><name>d</name><memory>65536</memory>" OS "<devices>");
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i <= DOMAIN_MAX_DEVICES; i++)
        g_string_append(xml, "<input type='mouse' bus='ps2'/>");
    g_string_append(xml, "</devices></domain>");
    g_assert_null(parse(xml->str, 0, NULL, &error));
    g_assert_cmpstr(error->message, ==, "XML error: (domain_definition):1: <devices> has more than the 2048 children allowed");
}

static void
test_unknown(void)
{
    static const char xml[] = "<domain type='qemu'><name>d</name><memory>65536</memory>\n<nonsense/>" OS "<metadata><x xmlns='urn:x'/></metadata></domain>";
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = parse(xml, 0, warnings, &error);

    g_assert_no_error(error);
    g_assert_null(node_child(document_root(doc), "nonsense"));
    g_assert_nonnull(node_child(document_root(doc), "metadata")->children);
    g_assert_cmpuint(warnings->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(warnings, 0), ==, "(domain_definition):2: unknown element <nonsense> in <domain>");
    g_assert_null(parse(xml, DOMAIN_PARSE_VALIDATE, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_XML_INVALID_SCHEMA);
}

/* Each NAME.xml beside NAME.out.xml, which is what libvirt 9.0.0 with QEMU 7.2 makes of it. */
static void
test_golden(void)
{
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "data", "domain", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    guint compared = 0;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *in = g_build_filename(folder, name, NULL), *stem = g_strndup(in, strlen(in) - strlen(".xml"));
        g_autofree char *out = g_strconcat(stem, ".out.xml", NULL), *given = NULL, *wanted = NULL;
        g_autoptr(GError) error = NULL;

        if (g_str_has_suffix(name, ".out.xml") || !g_str_has_suffix(name, ".xml"))
            continue;
        g_assert_true(g_file_get_contents(in, &given, NULL, NULL));
        g_assert_true(g_file_get_contents(out, &wanted, NULL, NULL));
        /* What libvirt wrote must stay as it is, too: a definition is read again on every edit. */
        for (int round = 0; round < 2; round++) {
            g_autoptr(xmlDoc) doc = parse(round ? wanted : given, 0, NULL, &error);
            g_autofree char *got = doc ? domain_format(doc, DOMAIN_FORMAT_DEFAULT, &error) : NULL;

            g_test_message("%s, round %d", name, round);
            g_assert_no_error(error);
            if (round == 0)
                g_assert_cmpstr(got, ==, wanted);
        }
        compared++;
    }
    g_assert_cmpuint(compared, >, 20);
}

static void
test_views(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = parse(
        "<domain type='qemu'><name>d</name><uuid>74722D0000004000-8000000000000201</uuid><memory unit='MiB'>64</memory>"
        "<currentMemory unit='MiB'>32</currentMemory><vcpu current='1'>2</vcpu>" OS
        "<devices><disk type='file'><source file='/a'/><target dev='vda'/></disk><interface type='user'/>"
        "<serial type='pty'/><graphics type='vnc' passwd='secret'/></devices></domain>", 0, NULL, &error);
    g_autoptr(xmlDoc) live = NULL, inactive = NULL;
    g_autofree char *plain = NULL, *secure = NULL;

    g_assert_no_error(error);
    g_assert_cmpstr(domain_name(doc), ==, "d");
    g_assert_cmpstr(domain_uuid(doc), ==, "74722d00-0000-4000-8000-000000000201");
    g_assert_null(node_attr(document_root(doc), "id"));
    g_assert_cmpuint(domain_max_memory(doc), ==, 65536);
    g_assert_cmpuint(domain_memory(doc), ==, 32768);
    g_assert_cmpuint(domain_max_vcpus(doc), ==, 2);
    g_assert_cmpuint(domain_vcpus(doc), ==, 1);
    g_assert_cmpstr(domain_machine(doc), ==, "pc-i440fx-7.2");
    g_assert_true(domain_is_i440fx(doc));
    g_assert_cmpstr(domain_lifecycle(doc, DOMAIN_ON_REBOOT), ==, "restart");
    g_assert_false(domain_set_lifecycle(doc, DOMAIN_ON_REBOOT, "preserve", NULL));
    g_assert_true(domain_set_lifecycle(doc, DOMAIN_ON_CRASH, "preserve", NULL));
    g_assert_false(domain_set_title(doc, "a\nb", NULL));
    g_assert_true(domain_set_title(doc, "t", NULL));
    g_assert_cmpstr(domain_title(doc), ==, "t");
    g_assert_cmpstr(disk_source(domain_next_device(doc, NULL, "disk")), ==, "/a");

    plain = domain_format(doc, 0, NULL);
    secure = domain_format(doc, DOMAIN_FORMAT_SECURE, NULL);
    g_assert_null(strstr(plain, "secret"));
    g_assert_nonnull(strstr(secure, "passwd='secret'"));

    live = domain_make_live(doc, 7);
    g_assert_cmpstr(node_attr(document_root(live), "id"), ==, "7");
    g_assert_cmpstr(device_alias(domain_next_device(live, NULL, "disk")), ==, "virtio-disk0");
    g_assert_cmpstr(device_alias(domain_next_device(live, NULL, "interface")), ==, "net0");
    g_assert_cmpstr(device_alias(domain_next_device(live, NULL, "console")), ==, "serial0");
    inactive = domain_make_inactive(live);
    {
        g_autofree char *before = document_format(doc), *after = document_format(inactive);

        g_assert_cmpstr(before, ==, after);
    }
}

/* What `virsh dumpxml --migratable` of libvirt 9.0.0 leaves out, and the names and formats of a running one. */
static void
test_migratable(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL, *running = NULL;
    g_autoptr(xmlDoc) live = NULL;
    g_autoptr(xmlDoc) doc = parse(WITH("<memory>65536</memory><devices>"
                                       "<controller type='scsi' index='0' model='lsilogic'/>"
                                       "<disk type='file' device='disk'><source file='/a'/><target dev='sdc' bus='scsi'/></disk>"
                                       "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>"
                                       "<graphics type='vnc'/></devices>"), 0, NULL, &error);

    g_assert_no_error(error);
    live = domain_make_live(doc, 7);
    running = document_format(live);
    g_assert_nonnull(strstr(running, "<alias name='scsi0-0-2'/>"));
    g_assert_nonnull(strstr(running, "<disk type='file' device='cdrom'>\n      <driver name='qemu'/>"));
    g_assert_nonnull(strstr(running, "<input type='keyboard' bus='ps2'>"));

    text = domain_format(live, DOMAIN_FORMAT_MIGRATABLE, &error);
    g_assert_no_error(error);
    g_assert_null(strstr(text, "id='7'"));
    g_assert_null(strstr(text, "<alias"));
    g_assert_null(strstr(text, "keyboard"));
    g_assert_null(strstr(text, "<audio"));
    g_assert_null(strstr(text, "pci-root"));
    g_assert_null(strstr(text, "piix3-uhci"));
    g_assert_nonnull(strstr(text, "<disk type='file' device='cdrom'>\n      <driver name='qemu' type='raw'/>"));
    g_assert_nonnull(strstr(text, "<input type='mouse' bus='ps2'/>"));
}

static void
test_metadata(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = parse(WITH("<memory>65536</memory>"), 0, NULL, &error);
    g_autofree char *got = NULL, *text = NULL;

    g_assert_no_error(error);
    g_assert_null(domain_metadata(doc, "http://a/", &error));
    g_assert_error(error, HV_ERROR, HV_ERR_NO_DOMAIN_METADATA);
    g_clear_error(&error);
    g_assert_true(domain_set_metadata(doc, "http://a/", "app", "<owner id='1'><name>x</name></owner>", &error));
    got = domain_metadata(doc, "http://a/", &error);
    g_assert_cmpstr(got, ==, "<owner id=\"1\">\n  <name>x</name>\n</owner>");
    text = document_format(doc);
    g_assert_nonnull(strstr(text, "    <app:owner xmlns:app=\"http://a/\" id=\"1\">\n      <app:name>x</app:name>\n    </app:owner>\n"));
    g_assert_true(domain_set_metadata(doc, "http://a/", "app", NULL, &error));
    /* libvirt leaves the empty element behind. */
    g_assert_nonnull(node_child(document_root(doc), "metadata"));
    g_assert_null(node_child(node_child(document_root(doc), "metadata"), NULL));
}

static int
print(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = NULL, *text = NULL;
    g_autoptr(xmlDoc) doc = NULL;

    if (g_file_get_contents(path, &xml, NULL, &error))
        doc = domain_parse(xml, -1, path, &test_model_facts, 0, NULL, &error);
    if (!doc) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    text = document_format(doc);
    fputs(text, stdout);
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--print") == 0)
        return print(argv[2]);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/domain/rejected", test_rejected);
    g_test_add_func("/model/domain/too-many", test_too_many);
    g_test_add_func("/model/domain/unknown", test_unknown);
    g_test_add_func("/model/domain/golden", test_golden);
    g_test_add_func("/model/domain/views", test_views);
    g_test_add_func("/model/domain/metadata", test_metadata);
    g_test_add_func("/model/domain/migratable", test_migratable);
    return g_test_run();
}
