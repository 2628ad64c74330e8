#include "backend/test/objects.h"

#include <string.h>

#include "backend/constants.h"
#include "backend/driver.h"
#include "backend/test/host.h"
#include "backend/test/store-memory.h"
#include "util/error.h"

#define TEST_NAMESPACE "http://libvirt.org/schemas/domain/test/1.0"

/* Facts of libvirt's test:///default, as its dumpxml shows them. */
static const char default_domain[] =
    "<domain type='test'>"
    "<name>test</name>"
    "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>"
    "<memory unit='KiB'>8388608</memory>"
    "<currentMemory unit='KiB'>2097152</currentMemory>"
    "<vcpu placement='static'>2</vcpu>"
    "<os><type arch='i686'>hvm</type><boot dev='hd'/></os>"
    "<devices>"
    "<disk type='file' device='disk'>"
    "<source file='/guest/diskimage1'/><target dev='vda' bus='virtio'/>"
    "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>"
    "</disk>"
    "<interface type='network'>"
    "<mac address='aa:bb:cc:dd:ee:ff'/><source network='default'/><target dev='testnet0'/>"
    "<address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/>"
    "</interface>"
    "<memballoon model='virtio'>"
    "<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/>"
    "</memballoon>"
    "</devices>"
    "</domain>";

typedef struct {
    int state;                  /* DOMAIN_STATE_… */
    gboolean transient;
} Beginning;

/* For operations whose result is one domain. */
static gboolean
run_operation(DriverState *state, Operation op, const void *args, DomainRef *dom, GError **error)
{
    const Call call = { .data = state, .op = op };

    return test_driver.ops[op](&call, args, dom, error);
}

/* Domains come into being through the driver's own operations, so that what they refuse is refused here. */
static gboolean
domain_add(DriverState *state, char *xml, const Beginning *beginning, GError **error)
{
    domain_create_xml_args transient = { .xml_desc = xml };
    domain_define_xml_flags_args persistent = { .xml = xml };
    g_auto(DomainRef) dom = { .name = NULL };
    g_auto(DomainRef) running = { .name = NULL };

    if (beginning->transient) {
        if (!run_operation(state, OP_DOMAIN_CREATE_XML, &transient, &dom, error))
            return FALSE;
    } else {
        if (!run_operation(state, OP_DOMAIN_DEFINE_XML_FLAGS, &persistent, &dom, error))
            return FALSE;
    }
    if (!beginning->transient && beginning->state != DOMAIN_STATE_SHUTOFF) {
        domain_create_with_flags_args create = { .dom = dom };

        if (!run_operation(state, OP_DOMAIN_CREATE_WITH_FLAGS, &create, &running, error))
            return FALSE;
    }
    /* libvirt gives no reason for these first states; 0 is "unknown" in each of them. */
    store_memory_set_state(state->store, dom.name, beginning->state, 0);
    return TRUE;
}

gboolean
objects_load_default(DriverState *state, GError **error)
{
    const Beginning running = { .state = DOMAIN_STATE_RUNNING };
    g_autofree char *xml = g_strdup(default_domain);

    state->invented_host = test_host_new();
    return domain_add(state, xml, &running, error);
}

/* --- test:///FILE ------------------------------------------------------------------------------- */

static xmlNode *
test_element(const xmlNode *domain, const char *name)
{
    for (xmlNode *node = domain->children; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && node->ns && strcmp((const char *)node->ns->href, TEST_NAMESPACE) == 0 &&
            strcmp((const char *)node->name, name) == 0)
            return node;
    return NULL;
}

static gboolean
read_beginning(const xmlNode *domain, Beginning *beginning, GError **error)
{
    const xmlNode *runstate = test_element(domain, "runstate");
    const char *text = runstate ? node_text(runstate) : NULL;

    beginning->transient = test_element(domain, "transient") != NULL;
    beginning->state = DOMAIN_STATE_RUNNING;
    if (text) {
        guint64 number;

        if (!g_ascii_string_to_unsigned(text, 10, DOMAIN_STATE_RUNNING, DOMAIN_STATE_PMSUSPENDED, &number, NULL))
            return hv_throw(error, HV_ERR_XML_ERROR, "runstate '%s' out of range'", text);
        beginning->state = (int)number;
    }
    if (beginning->transient && beginning->state == DOMAIN_STATE_SHUTOFF)
        return hv_throw(error, HV_ERR_XML_ERROR, "transient domain cannot have runstate 'shutoff'");
    return TRUE;
}

/* libvirt's words for a file that cannot be read leave out why; the hint tells. */
static xmlDoc *
read_document(const char *path, GError **error)
{
    /* libxml2 opens a file of libvirt's itself, and takes one of two slashes at the beginning away: two begin a network path. */
    gboolean doubled = path[0] == '/' && path[1] == '/' && path[2] != '/';
    g_autoptr(GError) local = NULL;
    g_autoptr(xmlDoc) doc = document_read_file(path + doubled, &local);

    if (doc)
        return g_steal_pointer(&doc);
    if (!g_error_matches(local, HV_ERROR, HV_ERR_SYSTEM_ERROR)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    hv_throw(error, HV_ERR_XML_ERROR, "failed to parse xml document '%s'", path);
    hv_error_set_hint(error, "%s", local->message);
    return NULL;
}

static gboolean
load_domain(DriverState *state, const char *folder, const xmlNode *node, GError **error)
{
    const char *file = node_attr(node, "file");
    g_autofree char *path = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    g_autofree char *xml = NULL;
    Beginning beginning;

    if (file) {
        path = g_path_is_absolute(file) ? g_strdup(file) : g_build_filename(folder, file, NULL);
        doc = read_document(path, error);
        if (!doc)
            return FALSE;
        node = document_root(doc);
    }
    if (!read_beginning(node, &beginning, error))
        return FALSE;
    xml = document_format_node(node, 0);
    return domain_add(state, xml, &beginning, error);
}

gboolean
objects_load_file(DriverState *state, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(xmlDoc) doc = read_document(path, error);
    const xmlNode *root;

    if (!doc)
        return FALSE;
    root = document_root(doc);
    if (!node_is(root, "node"))
        return hv_throw(error, HV_ERR_XML_ERROR, "expecting root element of 'node', not '%s'", node_name(root));
    if (node_child(root, "auth")) {
        hv_throw(error, HV_ERR_AUTH_FAILED, "authentication failed, see test XML for the correct username/password");
        hv_error_set_hint(error, "'%s' asks for a user and a password (<auth>), which hvsh does not ask for", path);
        return FALSE;
    }
    state->invented_host = test_host_read(root, error);
    if (!state->invented_host)
        return FALSE;
    NODE_FOREACH(node, root, "domain")
        if (!load_domain(state, folder, node, error))
            return FALSE;
    return TRUE;
}
