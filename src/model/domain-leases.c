/* Leases that a lock manager holds for a domain. */
#include "model/normalise-storage.h"

#include "util/error.h"

gboolean
normalise_lease(xmlNode *lease, GError **error)
{
    static const char *const parts[] = { "lockspace", "key", "target" };
    xmlNode *target = node_child(lease, "target");

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!node_child(lease, parts[i]))
            return node_throw(lease, error, HV_ERR_XML_ERROR, "Missing '%s' element for lease", parts[i]);
    if (node_attr_is(target, "offset", "0"))
        node_set_attr(target, "offset", NULL);
    return TRUE;
}
