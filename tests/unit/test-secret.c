/* The XML of secrets: what is refused, in libvirt's words, and what is made of the rest. */
#include "config.h"

#include <string.h>

#include "model/secret.h"
#include "util/error.h"

#define UUID "74722d00-0000-4000-8000-0000000005e1"
#define WITH(inside) "<secret><uuid>" UUID "</uuid>" inside "</secret>"

static const struct {
    const char *xml;
    const char *message;        /* how it begins */
} refused[] = {
    { "", "(definition_of_secret):1: Document is empty" },
    { "<secret>\n", "(definition_of_secret):2: Premature end of data in tag secret line 1\n(null)\n^" },
    { "<domain/>", "XML error: expecting root element of 'secret', not 'domain'" },
    { "<secret ephemeral='maybe'/>", "XML error: invalid value of 'ephemeral'" },
    { "<secret private=''/>", "XML error: invalid value of 'private'" },
    { "<secret><uuid>12345</uuid></secret>", "internal error: malformed uuid element" },
    { WITH("<usage/>"), "XML error: unknown secret usage type" },
    { WITH("<usage type='lottery'/>"), "unsupported configuration: unknown secret usage type lottery" },
    { WITH("<usage type='volume'/>"), "internal error: volume usage specified, but volume path is missing" },
    { WITH("<usage type='volume'><volume/></usage>"), "internal error: volume usage specified, but volume path is missing" },
    { WITH("<usage type='volume'><name>x</name></usage>"), "internal error: volume usage specified, but volume path is missing" },
    { WITH("<usage type='ceph'/>"), "internal error: Ceph usage specified, but name is missing" },
    { WITH("<usage type='iscsi'/>"), "internal error: iSCSI usage specified, but target is missing" },
    { WITH("<usage type='tls'/>"), "internal error: TLS usage specified, but name is missing" },
    { WITH("<usage type='vtpm'/>"), "internal error: vTPM usage specified, but name is missing" },
};

static void
test_refused(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = secret_parse(refused[i].xml, NULL, FALSE, &error);

        g_assert_null(doc);
        g_assert_nonnull(error);
        if (!g_str_has_prefix(error->message, refused[i].message))
            g_error("%s: got '%s', not '%s'", refused[i].xml, error->message, refused[i].message);
    }
}

static const struct {
    const char *xml;
    const char *normal;
    int type;
    const char *id;
} accepted[] = {
    { WITH(""), "<secret ephemeral='no' private='no'>\n  <uuid>" UUID "</uuid>\n</secret>\n", 0, "" },
    { WITH("<usage type='none'/>"), "<secret ephemeral='no' private='no'>\n  <uuid>" UUID "</uuid>\n</secret>\n", 0, "" },
    { "<secret private='yes' ephemeral='yes'><usage type='iscsi'><name>no</name><target>t&amp;1</target></usage><bogus/>"
      "<description>d</description><uuid>74722D00-00004000-8000-0000000005E1</uuid></secret>",
      "<secret ephemeral='yes' private='yes'>\n  <uuid>" UUID "</uuid>\n  <description>d</description>\n  <usage type='iscsi'>\n"
      "    <target>t&amp;1</target>\n  </usage>\n</secret>\n", 3, "t&1" },
};

static void
test_accepted(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(accepted); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = secret_parse(accepted[i].xml, NULL, FALSE, &error);
        g_autofree char *text = NULL;

        g_assert_no_error(error);
        text = document_format(doc);
        g_assert_cmpstr(text, ==, accepted[i].normal);
        g_assert_cmpint(secret_usage_type(doc), ==, accepted[i].type);
        g_assert_cmpstr(secret_usage_id(doc), ==, accepted[i].id);
        g_assert_cmpstr(secret_uuid(doc), ==, UUID);
    }
}

static void
test_new_uuid(void)
{
    g_autoptr(xmlDoc) one = secret_parse("<secret/>", NULL, FALSE, NULL), other = secret_parse("<secret/>", NULL, FALSE, NULL);

    g_assert_cmpstr(secret_uuid(one), !=, secret_uuid(other));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/secret/refused", test_refused);
    g_test_add_func("/secret/accepted", test_accepted);
    g_test_add_func("/secret/new-uuid", test_new_uuid);
    return g_test_run();
}
