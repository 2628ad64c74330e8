/* Choosing firmware by its descriptor. */
#include "config.h"

#include "backend/qemu/firmware.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <string.h>

#include "model/document.h"
#include "model/domain.h"
#include "util/error.h"
#include "util/json-file.h"

#define DESCRIPTOR_MAX_BYTES (256 * 1024)

const char *const firmware_folders[] = { "/etc/qemu/firmware", "/usr/share/qemu/firmware", NULL };

static gboolean
array_has(json_t *array, const char *text)
{
    json_t *item;
    gsize i;

    json_array_foreach(array, i, item)
        if (g_strcmp0(json_string_value(item), text) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
targets_match(json_t *targets, const char *arch, const char *machine)
{
    json_t *target, *pattern;
    gsize i, j;

    json_array_foreach(targets, i, target) {
        if (g_strcmp0(json_string_value(json_object_get(target, "architecture")), arch) != 0)
            continue;
        json_array_foreach(json_object_get(target, "machines"), j, pattern)
            if (json_is_string(pattern) && fnmatch(json_string_value(pattern), machine, 0) == 0)
                return TRUE;
    }
    return FALSE;
}

/* What the domain asks of the firmware, and what the firmware asks of the domain. */
static gboolean
features_match(json_t *features, const xmlNode *domain)
{
    const xmlNode *os = node_child(domain, "os");
    gboolean requires_smm = array_has(features, "requires-smm");

    NODE_FOREACH(feature, node_child(os, "firmware"), "feature") {
        const char *name = node_attr(feature, "name");

        if (name && node_attr(feature, "enabled") &&
            array_has(features, name) != node_attr_yes(feature, "enabled", FALSE))
            return FALSE;
    }
    if (node_attr_yes(node_path(domain, "pm/suspend-to-mem"), "enabled", FALSE) && !array_has(features, "acpi-s3"))
        return FALSE;
    if (node_attr_yes(node_path(domain, "pm/suspend-to-disk"), "enabled", FALSE) && !array_has(features, "acpi-s4"))
        return FALSE;
    if (node_attr_yes(node_child(os, "loader"), "secure", FALSE) && !requires_smm)
        return FALSE;
    return !requires_smm || node_attr_yes(node_path(domain, "features/smm"), "state", TRUE);
}

static gboolean
descriptor_matches(json_t *descriptor, gconstpointer data)
{
    const xmlNode *domain = data;
    const xmlNode *os = node_child(domain, "os");
    const xmlNode *type = node_child(os, "type");
    const char *wanted = node_attr(os, "firmware");
    const char *machine = node_attr(type, "machine");
    const char *arch = node_attr(type, "arch");

    return machine && arch &&
           array_has(json_object_get(descriptor, "interface-types"), g_str_equal(wanted, "efi") ? "uefi" : wanted) &&
           targets_match(json_object_get(descriptor, "targets"), arch, machine) &&
           features_match(json_object_get(descriptor, "features"), domain);
}

static json_t *
descriptor_read(const char *path)
{
    return json_file_read(AT_FDCWD, path, NULL, DESCRIPTOR_MAX_BYTES, 0, NULL);
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All names in order; an empty file masks one of the same name further down. */
static GPtrArray *
descriptor_names(const char *const *folders)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (; *folders; folders++) {
        g_autoptr(GDir) dir = g_dir_open(*folders, 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir)))
            if (g_str_has_suffix(name, ".json") && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
                g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

/* The descriptor of that name in the first folder that has it. */
static json_t *
descriptor_named(const char *const *folders, const char *name)
{
    for (const char *const *folder = folders; *folder; folder++) {
        g_autofree char *path = g_build_filename(*folder, name, NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return descriptor_read(path);
    }
    return NULL;
}

/* Whether a descriptor is the one that @data asks for. */
typedef gboolean (*DescriptorTest)(json_t *descriptor, gconstpointer data);

/* The first that passes; a new reference, NULL for none. */
static json_t *
firmware_find(const char *const *folders, DescriptorTest test, gconstpointer data)
{
    g_autoptr(GPtrArray) names = descriptor_names(folders);

    for (guint i = 0; i < names->len; i++) {
        for (const char *const *folder = folders; *folder; folder++) {
            g_autofree char *path = g_build_filename(*folder, g_ptr_array_index(names, i), NULL);
            json_t *descriptor;

            if (!g_file_test(path, G_FILE_TEST_EXISTS))
                continue;
            descriptor = descriptor_read(path);
            if (descriptor && test(descriptor, data))
                return descriptor;
            json_decref(descriptor);
            break;
        }
    }
    return NULL;
}

static const char *
descriptor_file(json_t *descriptor, const char *part)
{
    return json_string_value(json_object_get(json_object_get(json_object_get(descriptor, "mapping"), part), "filename"));
}

static gboolean
descriptor_has_code(json_t *descriptor, gconstpointer code)
{
    return g_strcmp0(descriptor_file(descriptor, "executable"), code) == 0;
}

char *
firmware_find_template(const char *code, const char *const *folders)
{
    json_t *descriptor = firmware_find(folders, descriptor_has_code, code);
    char *template = g_strdup(descriptor_file(descriptor, "nvram-template"));

    json_decref(descriptor);
    return template;
}

static void
firmware_use_flash(xmlNode *domain, json_t *descriptor, const char *nvram_dir)
{
    const char *code = descriptor_file(descriptor, "executable");
    const char *template = descriptor_file(descriptor, "nvram-template");
    xmlNode *os = node_child(domain, "os");
    xmlNode *loader = domain_ensure_child(os, "loader");

    node_set_attr(loader, "readonly", "yes");
    if (array_has(json_object_get(descriptor, "features"), "requires-smm")) {
        node_set_attr(loader, "secure", "yes");
        node_set_attr(domain_ensure_child(domain_ensure_child(domain, "features"), "smm"), "state", "on");
    }
    node_set_attr(loader, "type", "pflash");
    node_set_text(loader, code);
    if (template && nvram_dir) {
        xmlNode *nvram = domain_ensure_child(os, "nvram");

        if (!node_attr(nvram, "template"))
            node_set_attr(nvram, "template", template);
        if (!node_child(nvram, "source") && !*node_text(nvram)) {
            g_autofree char *file = g_strconcat(node_child_text(domain, "name"), "_VARS.fd", NULL);
            g_autofree char *path = g_build_filename(nvram_dir, file, NULL);

            node_set_text(nvram, path);
        }
    }
}

gboolean
firmware_choose(struct _xmlNode *domain, const char *const *folders, const char *nvram_dir, GError **error)
{
    xmlNode *os = node_child(domain, "os");
    const char *wanted = node_attr(os, "firmware");
    const char *loader = node_child_text(os, "loader");
    json_t *descriptor, *mapping;
    const char *device, *file;

    if (!wanted || g_str_equal(wanted, "none") || (loader && *loader))
        return TRUE;
    descriptor = firmware_find(folders, descriptor_matches, domain);
    mapping = json_object_get(descriptor, "mapping");
    device = json_string_value(json_object_get(mapping, "device"));
    file = json_string_value(json_object_get(mapping, "filename"));
    if (g_strcmp0(device, "flash") == 0 && json_object_get(json_object_get(mapping, "executable"), "filename")) {
        firmware_use_flash(domain, descriptor, nvram_dir);
    } else if (g_strcmp0(device, "memory") == 0 && file) {
        xmlNode *node = domain_ensure_child(os, "loader");

        node_set_attr(node, "type", "rom");
        node_set_text(node, file);
    } else {
        json_decref(descriptor);
        hv_throw(error, HV_ERR_OPERATION_FAILED, "Unable to find any firmware to satisfy '%s'", wanted);
        hv_error_set_source(error, HV_FROM_QEMU);
        hv_error_set_hint(error, "install the firmware (package ovmf), or name the file in <loader>");
        return FALSE;
    }
    json_decref(descriptor);
    return TRUE;
}

static void
fit_free(gpointer data)
{
    FirmwareFit *fit = data;

    g_free(fit->path);
    g_free(fit);
}

static FirmwareFit *
fit_new(json_t *descriptor)
{
    json_t *mapping = json_object_get(descriptor, "mapping");
    json_t *code = json_object_get(mapping, "executable");
    const char *path = json_string_value(json_object_get(code ? code : mapping, "filename"));
    FirmwareFit *fit = g_new0(FirmwareFit, 1);

    fit->uefi = array_has(json_object_get(descriptor, "interface-types"), "uefi");
    fit->bios = array_has(json_object_get(descriptor, "interface-types"), "bios");
    fit->secure = array_has(json_object_get(descriptor, "features"), "requires-smm");
    fit->path = g_strdup(path);
    return fit;
}

GPtrArray *
firmware_fits(const char *const *folders, const char *arch, const char *machine)
{
    g_autoptr(GPtrArray) names = descriptor_names(folders);
    GPtrArray *fits = g_ptr_array_new_with_free_func(fit_free);

    for (guint i = 0; i < names->len; i++) {
        json_t *descriptor = descriptor_named(folders, g_ptr_array_index(names, i));

        if (descriptor && targets_match(json_object_get(descriptor, "targets"), arch, machine))
            g_ptr_array_add(fits, fit_new(descriptor));
        json_decref(descriptor);
    }
    return fits;
}
