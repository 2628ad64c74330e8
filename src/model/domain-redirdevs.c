/* USB devices of somewhere else, and which of them the guest may have; smart cards; random numbers; vsock. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* --- redirected USB devices -------------------------------------------------------------------------------- */

gboolean
normalise_redirdev(xmlNode *redirdev, gboolean live, GError **error)
{
    if (!node_attr(redirdev, "type"))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "missing type in redirdev") ||
               node_expect(redirdev, error, "'type'");
    return normalise_chardev_source(redirdev, live, error);
}

/* "2.56": two digits at most on either side of the dot. */
static gboolean
version_is_valid(const char *text)
{
    gsize major = strspn(text, "0123456789"), minor = text[major] == '.' ? strspn(text + major + 1, "0123456789") : 0;

    return major >= 1 && major <= 2 && minor >= 1 && minor <= 2 && !text[major + 1 + minor];
}

static gboolean
normalise_filter_rule(xmlNode *rule, GError **error)
{
    static const struct {
        const char *name, *what;
        int digits;
        guint maximum;
    } numbers[] = { { "class", "Class", 2, 0xff }, { "vendor", NULL, 4, G_MAXINT }, { "product", NULL, 4, G_MAXINT } };
    const char *version = node_attr(rule, "version");

    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        const char *text = node_attr(rule, numbers[i].name);
        guint64 number;

        if (!text)
            continue;
        if (strcmp(text, "-1") == 0) {
            node_set_attr(rule, numbers[i].name, NULL);
            continue;
        }
        if (!uint_parse_any(text, 0, G_MAXINT, &number))
            return hv_throw(error, HV_ERR_XML_ERROR,
                            "Invalid value for attribute '%s' in element 'usbdev': '%s'. Expected integer value", numbers[i].name,
                            text) ||
                   node_expect(rule, error, "an integer as '%s'", numbers[i].name);
        if (numbers[i].what && number > numbers[i].maximum)
            return node_throw(rule, error, HV_ERR_INTERNAL_ERROR, "Invalid USB %s code 0x%x", numbers[i].what, (guint)number);
        node_set_attrf(rule, numbers[i].name, "0x%0*X", numbers[i].digits, (guint)number);
    }
    if (g_strcmp0(version, "-1") == 0)
        node_set_attr(rule, "version", NULL);
    else if (version && !version_is_valid(version))
        return node_throw(rule, error, HV_ERR_XML_ERROR, "Cannot parse USB device version %s", version);
    return TRUE;
}

gboolean
normalise_redirfilter(Normalise *n, GError **error)
{
    if (node_count(n->devices, "redirfilter") > 1)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "only one set of redirection filter rule is supported");
    NODE_FOREACH(rule, node_child(n->devices, "redirfilter"), "usbdev")
        if (!normalise_filter_rule(rule, error))
            return node_blame(rule, error);
    return TRUE;
}

/* --- smart cards -------------------------------------------------------------------------------------------- */

/* Certificates that a card has: libcacard's emulation wants so many. */
#define CERTIFICATES 3

gboolean
normalise_smartcard(xmlNode *smartcard, gboolean live, GError **error)
{
    const char *database = node_child_text(smartcard, "database");

    if (node_attr_is(smartcard, "mode", "host-certificates") && node_count(smartcard, "certificate") != CERTIFICATES)
        return node_throw(smartcard, error, HV_ERR_XML_ERROR, "host-certificates mode needs exactly three certificates");
    if (database && *database != '/')
        return node_throw(smartcard, error, HV_ERR_XML_ERROR, "expecting absolute path: %s", database);
    if (!node_attr_is(smartcard, "mode", "passthrough"))
        return TRUE;
    if (!node_attr(smartcard, "type"))
        return node_throw(smartcard, error, HV_ERR_XML_ERROR, "passthrough mode requires a character device type attribute");
    return normalise_chardev_source(smartcard, live, error);
}

gboolean
check_smartcards(const Normalise *n, GError **error)
{
    NODE_FOREACH(smartcard, n->devices, "smartcard") {
        const xmlNode *address = node_child(smartcard, "address");

        if (address && !node_attr_is(address, "type", "ccid"))
            return node_throw(smartcard, error, HV_ERR_CONFIG_UNSUPPORTED, "Controllers must use the 'ccid' address type");
        if (node_next(smartcard, "smartcard") || node_attr_uint(address, "controller", 0) || node_attr_uint(address, "slot", 0))
            return node_throw(smartcard, error, HV_ERR_CONFIG_UNSUPPORTED, "this QEMU binary lacks multiple smartcard support");
    }
    return TRUE;
}

/* --- random numbers ------------------------------------------------------------------------------------------- */

static gboolean
normalise_rate(xmlNode *rate, GError **error)
{
    const char *bytes = node_attr(rate, "bytes"), *period = node_attr(rate, "period");
    guint64 number = 0;

    if (bytes && !uint_parse(bytes, 0, G_MAXUINT, &number))
        return node_throw(rate, error, HV_ERR_XML_ERROR, "invalid RNG rate bytes value");
    if (number == 0) {
        node_remove(rate);
        return TRUE;
    }
    if (period && !uint_parse(period, 0, G_MAXUINT, &number))
        return node_throw(rate, error, HV_ERR_XML_ERROR, "invalid RNG rate period value");
    if (number == 0)
        node_set_attr(rate, "period", NULL);
    return TRUE;
}

gboolean
normalise_rng(xmlNode *rng, gboolean live, GError **error)
{
    xmlNode *backend = node_child(rng, "backend"), *rate = node_child(rng, "rate");

    if (node_count(rng, "backend") != 1)
        return node_throw(rng, error, HV_ERR_XML_ERROR, "only one RNG backend is supported");
    if (rate && !normalise_rate(rate, error))
        return FALSE;
    if (node_attr_is(backend, "model", "random") && !*node_text(backend))
        node_set_text(backend, "/dev/random");
    if (!node_attr_is(backend, "model", "egd"))
        return TRUE;
    if (!node_attr(backend, "type"))
        return node_throw(rng, error, HV_ERR_XML_ERROR, "missing EGD backend type");
    return normalise_chardev_source(backend, live, error);
}

/* --- vsock ------------------------------------------------------------------------------------------------------ */

/* The first context id that a guest can have (VMADDR_CID_HOST is 2). */
#define VSOCK_FIRST_CID 3

gboolean
normalise_vsock(xmlNode *vsock, GError **error)
{
    xmlNode *cid = domain_ensure_child(vsock, "cid");
    const char *address = node_attr(cid, "address");

    if (!node_attr(vsock, "model") || node_attr_is(vsock, "model", "default"))
        node_set_attr(vsock, "model", "virtio");
    if (address && node_attr_uint(cid, "address", 0) > G_MAXUINT32)
        return hv_throw(error, HV_ERR_XML_ERROR,
                        "Invalid value for attribute 'address' in element 'cid': '%s'. Expected non-negative integer value",
                        address) ||
               node_expect(vsock, error, "a non-negative integer as 'address' of <cid>");
    if (address && node_attr_uint(cid, "address", 0) < VSOCK_FIRST_CID)
        return node_throw(vsock, error, HV_ERR_CONFIG_UNSUPPORTED, "guest CIDs must be >= %d", VSOCK_FIRST_CID);
    if (!node_attr(cid, "auto"))
        node_set_attr(cid, "auto", address ? "no" : "yes");
    return TRUE;
}
