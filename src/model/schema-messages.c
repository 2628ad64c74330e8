/* What libvirt says of attributes for which it has words of its own. */
#include "model/schema.h"

#include <string.h>

#include "util/error.h"

/* @invalid is the format for a value that is not allowed (HV_ERR_CONFIG_UNSUPPORTED), @missing the text where there is no
 * value (HV_ERR_XML_ERROR), unless @code says otherwise; NULL: the general words. */
static const struct {
    const char *parent;         /* NULL: wherever the element stands */
    const char *element, *attribute;
    const char *invalid, *missing;
    int code;
} messages[] = {
    { NULL, "input", "type", "unknown input device type '%s'", NULL, 0 },
    { NULL, "input", "bus", "unknown input bus type '%s'", NULL, 0 },
    { NULL, "input", "type", NULL, "missing input device type", HV_ERR_INTERNAL_ERROR },
    { NULL, "input", "model", "unknown input model '%s'", NULL, 0 },
    { NULL, "hub", "type", "unknown hub device type '%s'", NULL, 0 },
    { NULL, "hub", "type", NULL, "missing hub device type", HV_ERR_INTERNAL_ERROR },
    { NULL, "watchdog", "model", NULL, "watchdog must contain model name", HV_ERR_INTERNAL_ERROR },
    { NULL, "shmem", "name", NULL, "shmem element must contain 'name' attribute", 0 },
    { NULL, "codec", "type", "unknown codec type '%s'", NULL, 0 },
    { NULL, "codec", "type", NULL, "unknown codec type '(null)'", HV_ERR_CONFIG_UNSUPPORTED },
    { NULL, "rng", "model", "unknown RNG model '%s'", NULL, 0 },
    { NULL, "watchdog", "model", "unknown watchdog model '%s'", NULL, 0 },
    { NULL, "watchdog", "action", "unknown watchdog action '%s'", NULL, 0 },
    { NULL, "serial", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "parallel", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "console", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "channel", "type", "unknown type presented to host for character device: %s", NULL, 0 },
    { NULL, "clock", "offset", "unknown clock offset '%s'", NULL, 0 },
    { NULL, "clock", "basis", "unknown clock basis '%s'", NULL, 0 },
    { NULL, "backend", "model", "unknown RNG backend model '%s'", NULL, 0 },
    { NULL, "redirdev", "type", "unknown redirdev character device type '%s'", NULL, 0 },
    { NULL, "panic", "model", "unknown panic model '%s'", NULL, 0 },
    { NULL, "hostdev", "mode", "unknown hostdev mode '%s'", NULL, 0 },
    { NULL, "cpu", "mode", "Invalid mode attribute '%s'", NULL, 0 },
    { NULL, "smbios", "mode", "unknown smbios mode '%s'", NULL, 0 },
    { NULL, "os", "firmware", "unknown firmware value %s", NULL, HV_ERR_XML_ERROR },
    { "acpi", "table", "type", "Unknown acpi table type: %s", NULL, HV_ERR_XML_ERROR },
    { "memoryBacking", "source", "type", "unknown memoryBacking/source/type '%s'", NULL, 0 },
    { "memoryBacking", "allocation", "mode", "unknown memoryBacking/allocation/mode '%s'", NULL, 0 },
    { "memoryBacking", "allocation", "threads", "Failed to parse memory allocation threads", NULL, HV_ERR_XML_ERROR },
    { NULL, "maxMemory", "slots", "Failed to parse memory slot count", NULL, HV_ERR_XML_ERROR },
    { "numatune", "memory", "mode", "Unsupported NUMA memory tuning mode '%s'", NULL, 0 },
    { "numatune", "memory", "placement", "Unsupported NUMA memory placement mode '%s'", NULL, 0 },
    { "cpu", "model", "fallback", "Invalid fallback attribute", NULL, 0 },
    { "cpu", "feature", "policy", "Invalid CPU feature policy", NULL, 0 },
    { NULL, "access", "mode", "unknown memoryBacking/access/mode '%s'", NULL, 0 },
    { "disk", "source", "mode", "unknown source mode '%s' for volume type disk", NULL, 0 },
    { "backingStore", "source", "mode", "unknown source mode '%s' for volume type disk", NULL, 0 },
    { NULL, "source", "namespace", NULL, "missing 'namespace' attribute to disk source", 0 },
    { "source", "host", "transport", "unknown protocol transport type '%s'", NULL, 0 },
    { NULL, "auth", "username", NULL, "missing username for auth", 0 },
    { "auth", "secret", "type", "unknown secret type '%s'", NULL, 0 },
    { NULL, "encryption", "format", "unknown volume encryption format type %s", "unknown volume encryption format", 0 },
    { "encryption", "secret", "type", "unknown volume encryption secret type %s", "unknown volume encryption secret type", 0 },
    { NULL, "link", "state", "unknown interface link state '%s'", NULL, 0 },
    { NULL, "protocol", "type", "Unknown protocol '%s'", NULL, 0 },
    { NULL, "redirdev", "bus", "unknown redirdev bus '%s'", NULL, 0 },
    { "rng", "backend", "type", "unknown backend type '%s' for egd", NULL, 0 },
    { "rng", "backend", "model", "unknown RNG backend model '%s'", "missing RNG device backend model", 0 },
    { NULL, "rng", "model", NULL, "missing RNG device model", 0 },
    { NULL, "teaming", "type", "unknown teaming type '%s'", NULL, 0 },
    { "acpi", "table", "type", NULL, "Missing acpi table type", 0 },
    { "hugepages", "page", "size", NULL, "missing element or attribute './@size'", 0 },
    { "numa", "cell", "memory", NULL, "missing element or attribute './@memory'", 0 },
    { "numatune", "memnode", "nodeset", NULL, "Missing required nodeset attribute in memnode element", 0 },
    { "cpu", "feature", "name", NULL, "Invalid CPU feature name", 0 },
    { "cputune", "vcpupin", "cpuset", NULL, "missing cpuset for vcpupin", HV_ERR_INTERNAL_ERROR },
    { "cputune", "emulatorpin", "cpuset", NULL, "missing cpuset for emulatorpin", HV_ERR_INTERNAL_ERROR },
    { "cputune", "iothreadpin", "cpuset", NULL, "missing cpuset for iothreadpin", HV_ERR_INTERNAL_ERROR },
    { "cputune", "cachetune", "vcpus", NULL, "Missing cachetune attribute 'vcpus'", 0 },
    { "cputune", "memorytune", "vcpus", NULL, "Missing memorytune attribute 'vcpus'", 0 },
    { "cputune", "vcpusched", "vcpus", NULL, "Missing attribute 'vcpus' in element 'vcpusched'", 0 },
    { "cputune", "iothreadsched", "iothreads", NULL, "Missing attribute 'iothreads' in element 'iothreadsched'", 0 },
    { "domain", "clock", "timezone", NULL, "missing 'timezone' attribute for clock with offset='timezone'", HV_ERR_INTERNAL_ERROR },
    { "domain", "clock", "start", NULL, "missing 'start' attribute for clock with offset='absolute'", HV_ERR_INTERNAL_ERROR },
};

/* Elements whose children are all known to libvirt, which refuses any other. */
static const struct {
    const char *grandparent, *parent, *format;
} closed_elements[] = {
    { "domain", "features", "unexpected feature '%s'" },
    { "features", "hyperv", "unsupported HyperV Enlightenment feature: %s" },
    { "features", "kvm", "unsupported KVM feature: %s" },
    { "features", "xen", "unsupported Xen feature: %s" },
};

gboolean
schema_throw_element(const xmlNode *node, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(closed_elements); i++)
        if (node_is(node->parent, closed_elements[i].parent) && node_is(node->parent->parent, closed_elements[i].grandparent)) {
            hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, closed_elements[i].format, node_name(node));
            return TRUE;
        }
    return FALSE;
}

gboolean
schema_throw_attribute(const xmlNode *node, const char *name, const char *value, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(messages); i++) {
        const char *text = value ? messages[i].invalid : messages[i].missing;

        if (!text || !node_is(node, messages[i].element) || strcmp(name, messages[i].attribute) != 0 ||
            (messages[i].parent && !node_is(node->parent, messages[i].parent)))
            continue;
        if (value)
            hv_throw(error, messages[i].code ? messages[i].code : HV_ERR_CONFIG_UNSUPPORTED, text, value);
        else
            hv_throw(error, messages[i].code ? messages[i].code : HV_ERR_XML_ERROR, "%s", text);
        return TRUE;
    }
    return FALSE;
}

/* Elements there can be one of among their siblings, with the text for a second one. */
static const struct {
    const char *parent, *element, *text;
} repeated_elements[] = {
    { NULL, "log", "only one log element is allowed for character device" },
    { "serial", "source", "only one source element is allowed for character device" },
    { "parallel", "source", "only one source element is allowed for character device" },
    { "console", "source", "only one source element is allowed for character device" },
    { "channel", "source", "only one source element is allowed for character device" },
    { "cpu", "cache", "at most one CPU cache element may be specified" },
    { "cpu", "maxphysaddr", "at most one CPU maximum physical address bits element may be specified" },
    { "controller", "target", "Multiple <target> elements in controller definition not allowed" },
    { "controller", "model", "Multiple <model> elements in controller definition not allowed" },
};

gboolean
schema_throw_repeated(const xmlNode *node, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(repeated_elements); i++)
        if (node_is(node, repeated_elements[i].element) &&
            (!repeated_elements[i].parent || node_is(node->parent, repeated_elements[i].parent))) {
            hv_throw(error, HV_ERR_XML_ERROR, "%s", repeated_elements[i].text);
            return TRUE;
        }
    return FALSE;
}
