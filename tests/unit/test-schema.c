/* The RELAX NG schemas: what is accepted by the model has to be valid, what they forbid has to be found and named. */
#include "config.h"

#include <string.h>

#include "model/domain.h"
#include "model/validate.h"
#include "util/error.h"

#define HEAD "<domain type='qemu'>\n<name>d</name>\n<memory>65536</memory>\n"
#define OS "<os><type arch='x86_64' machine='pc'>hvm</type></os>\n"
#define DOMAIN(more) HEAD OS more "</domain>"
#define DEVICES(devices) HEAD OS "<devices>\n" devices "\n</devices></domain>"

static const char *const valid[] = {
    DOMAIN(""),
    /* Children in any order. */
    "<domain type='qemu'>" OS "<devices/><vcpu>1</vcpu><memory unit='MiB'>64</memory><name>d</name></domain>",
    DOMAIN("<metadata><a:b xmlns:a='http://x/' c='d'>text<e/></a:b></metadata>"),
    DOMAIN("<uuid>74722D0000004000-8000000000000201</uuid>"),
    DOMAIN("<uuid> 74722d00-0000-4000-8000-000000000201\n</uuid>"),
    DOMAIN("<clock offset='utc' adjustment='reset'><timer name='rtc' tickpolicy='catchup'/></clock>"),
    DOMAIN("<clock offset='variable' adjustment='10' basis='utc'/>"),
    DEVICES("<disk type='file'><target dev='vda'/><source file='/a'/></disk>"),
    DEVICES("<disk><source file='/a'/><target dev='vda'/></disk>"),
    DEVICES("<disk type='network'><source protocol='nbd'><host name='h'/></source><target dev='vda'/></disk>"),
    DEVICES("<disk type='file'><source file='/a'/><backingStore type='file'><format type='raw'/><source file='/b'/>"
            "<backingStore type='block'><format type='raw'/><source dev='/c'/><backingStore/></backingStore>"
            "</backingStore><target dev='vda'/></disk>"),
    /* What depends on the type need not stand together. */
    DEVICES("<interface type='bridge'><source bridge='b'/><model type='virtio'/><driver queues='2'/></interface>"),
    DEVICES("<disk type='file'><source file='/a'/><target dev='vda'/><backingStore/></disk>"),
    DEVICES("<serial/><serial type='pty'/><console type='stdio'/>"),
    DEVICES("<graphics type='vnc'/><graphics type='spice'><listen type='none'/></graphics>"),
    "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>d</name><memory>65536</memory>" OS
    "<qemu:commandline><qemu:arg value='-s'/></qemu:commandline></domain>",
};

/* @place: what hv_error_place_text() says after "line "; NULL: anything. */
static const struct {
    const char *xml;
    const char *message;
    const char *place;
} invalid[] = {
    { DOMAIN("<nonsense/>"), "Element domain has extra content: nonsense", "5: expected no <nonsense> in <domain>" },
    { DEVICES("<gadget model='teapot'/>"), "Extra element devices in interleave\nElement domain failed to validate content",
      "6: expected no <gadget> in <devices>" },
    { DEVICES("<disk type='file' colour='red'><target dev='vda'/></disk>"), "Extra element devices in interleave",
      "6: expected no attribute 'colour' in <disk>" },
    { DEVICES("<disk type='file'><source dev='/a'/><target dev='vda'/></disk>"), "Extra element devices in interleave",
      "6: expected no attribute 'dev' in <source>" },
    { DEVICES("<disk type='file'><driver cache='often'/><target dev='vda'/></disk>"), "Extra element devices in interleave",
      "6: expected one of default, none, writethrough, writeback, directsync, unsafe as 'cache' in <driver>" },
    { DEVICES("<graphics type='sdl'><listen type='none'/></graphics>"), "Extra element devices in interleave",
      "6: expected no <listen> in <graphics>" },
    { DEVICES("<disk type='file'><backingStore type='file'><source file='/b' speed='9'/></backingStore></disk>"),
      "Extra element devices in interleave", "6: expected no attribute 'speed' in <source>" },
    { DOMAIN("<clock offset='utc' basis='utc'/>"), "clock", "5: expected no attribute 'basis' in <clock>" },
    { DOMAIN("<uuid>not-a-uuid</uuid>"), "uuid", NULL },
    { DOMAIN("<vcpu>many</vcpu>"), "vcpu", "5: expected what the schema allows in <vcpu>" },
    { DOMAIN("<on_reboot>dance</on_reboot>"), "on_reboot", NULL },
    { DOMAIN("<features><acpi/><acpi/></features>"), "features", NULL },
    { "<domain type='qemu'><memory>65536</memory>" OS "</domain>", "name", NULL },
    { "<domain><name>d</name></domain>", "Element domain failed to validate attributes", NULL },
    { "<network><name>d</name></network>", "domain", NULL },
};

static xmlDoc *
parse(const char *xml)
{
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = document_parse(xml, -1, "(domain_definition)", &error);

    g_assert_no_error(error);
    return doc;
}

static void
test_valid(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(valid); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(valid[i]);

        if (!document_validate(doc, "domain.rng", &schema_domain, &error))
            g_error("%s\n%s", valid[i], error->message);
    }
}

static void
test_invalid(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(invalid); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(invalid[i].xml);
        g_autofree char *place = NULL;

        if (document_validate(doc, "domain.rng", &schema_domain, &error))
            g_error("valid: %s", invalid[i].xml);
        g_assert_error(error, HV_ERROR, HV_ERR_XML_INVALID_SCHEMA);
        g_assert_true(g_str_has_prefix(error->message, "XML document failed to validate against schema: "
                                       "Unable to validate doc against "));
        if (!strstr(error->message, invalid[i].message))
            g_error("%s\n%s", invalid[i].xml, error->message);
        place = hv_error_place_text(error);
        g_assert_nonnull(place);
        if (invalid[i].place)
            g_assert_cmpstr(place + strlen("line "), ==, invalid[i].place);
    }
}

static guint
validate_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    guint count = 0;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *text = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = NULL;

        /* What the samples refuse need not be valid; some cases come with documents of other kinds. */
        if (!g_str_has_suffix(name, ".xml") || strstr(name, "-neg-"))
            continue;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        doc = parse(text);
        if (!node_is(document_root(doc), "domain"))
            continue;
        if (!document_validate(doc, "domain.rng", &schema_domain, &error))
            g_error("%s: %s\n%s", path, error->message, hv_error_place_text(error));
        count++;
    }
    return count;
}

static void
test_golden(void)
{
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "data", "domain", NULL);

    g_assert_cmpuint(validate_folder(folder), >, 40);
}

static void
test_samples(void)
{
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "..", "..", "shared", "conformance", "domain", NULL);

    if (validate_folder(folder) == 0)
        g_test_skip("no conformance samples beside the source tree");
}

static void
test_no_schema(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = parse(DOMAIN(""));

    g_assert_false(document_validate(doc, "nothing.rng", &schema_domain, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
    g_assert_nonnull(strstr(error->message, "Unable to parse RNG "));
    g_assert_nonnull(strstr(error->message, "nothing.rng"));
}

int
main(int argc, char **argv)
{
    g_autofree char *schemas = NULL;

    g_test_init(&argc, &argv, NULL);
    schemas = g_test_build_filename(G_TEST_BUILT, "..", "schemas", NULL);
    g_setenv("HVSH_SCHEMAS", schemas, FALSE);
    g_test_add_func("/schema/valid", test_valid);
    g_test_add_func("/schema/invalid", test_invalid);
    g_test_add_func("/schema/golden", test_golden);
    g_test_add_func("/schema/samples", test_samples);
    g_test_add_func("/schema/no-schema", test_no_schema);
    return g_test_run();
}
