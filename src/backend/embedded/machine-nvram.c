#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/machine-qemu-private.h"
#include "backend/qemu/firmware.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

#define FIRMWARE_MAX (64 * 1024 * 1024)

/* Descriptors tell which empty variable store belongs to the code. Without one: distributions put it beside the code, as in
 * OVMF_CODE_4M.fd and OVMF_VARS_4M.fd. */
static char *
find_template(const xmlNode *loader, const xmlNode *nvram)
{
    const char *given = node_attr(nvram, "template");
    const char *code = node_text(loader);
    const char *at = code ? g_strrstr(code, "CODE") : NULL;
    char *described;

    if (given)
        return g_strdup(given);
    described = code ? firmware_find_template(code, firmware_folders) : NULL;
    if (described)
        return described;
    return at ? g_strdup_printf("%.*sVARS%s", (int) (at - code), code, at + strlen("CODE")) : NULL;
}

/* Firmware in flash keeps its variables in a file of the domain's own. */
static gboolean
needs_nvram(const xmlNode *loader)
{
    return node_attr_is(loader, "type", "pflash") && node_attr_yes(loader, "readonly", FALSE) &&
           !node_attr_yes(loader, "stateless", FALSE);
}

/* NULL when the variables are in no file: on a block device or behind a network. */
static const char *
nvram_path(const xmlNode *nvram)
{
    const char *text;

    if (node_child(nvram, "source"))
        return node_child_attr(nvram, "source", "file");
    text = nvram ? node_text(nvram) : NULL;
    return text && *text ? text : NULL;
}

static char *
default_path(MachineQemu *machine, const char *name)
{
    g_autofree char *escaped = file_name_escape(name);
    g_autofree char *file = g_strconcat(escaped, "_VARS.fd", NULL);

    return g_build_filename(machine->paths->state, "qemu", "nvram", file, NULL);
}

void
machine_qemu_complete(Machine *base, xmlDoc *doc)
{
    xmlNode *os = node_child(document_root(doc), "os");
    xmlNode *nvram = node_child(os, "nvram");
    g_autofree char *path = NULL;

    if (!needs_nvram(node_child(os, "loader")) || nvram_path(nvram) || node_child(nvram, "source"))
        return;
    path = default_path((MachineQemu *) base, domain_name(doc));
    node_set_text(nvram ? nvram : domain_add_child(os, "nvram"), path);
}

gboolean
machine_qemu_nvram_exists(Machine *base, const xmlDoc *doc, char **path)
{
    const xmlNode *os = node_child(document_root(doc), "os");
    const char *given = nvram_path(node_child(os, "nvram"));
    g_autofree char *found = g_strdup(given);

    /* Firmware that is chosen at each start has its variables in the default place. */
    if (!found && node_attr_is(os, "firmware", "efi"))
        found = default_path((MachineQemu *) base, domain_name(doc));
    if (!found || access(found, F_OK) < 0)
        return FALSE;
    *path = g_steal_pointer(&found);
    return TRUE;
}

gboolean
machine_qemu_make_nvram(const MachineStart *start, char **made, GError **error)
{
    xmlNode *os = node_child(document_root(start->live), "os");
    xmlNode *loader = node_child(os, "loader");
    xmlNode *nvram = node_child(os, "nvram");
    const char *path = nvram_path(nvram);
    gboolean exists = path && access(path, F_OK) == 0;
    g_autofree char *template = NULL;
    g_autofree char *folder = NULL;
    g_autofree char *file = NULL;
    g_autofree char *content = NULL;
    hv_autofd int dir_fd = -1;
    gsize length = 0;

    if (!needs_nvram(loader) || !path)
        return TRUE;
    template = find_template(loader, nvram);
    if (template && !node_child(nvram, "source"))
        node_set_attr(nvram, "template", template);
    if (exists && !start->reset_nvram)
        return TRUE;
    if (!template)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "unable to find any master var store for loader: %s",
                        node_text(loader));
    content = file_read(AT_FDCWD, template, template, FIRMWARE_MAX, &length, NULL, error);
    if (!content)
        return FALSE;
    folder = g_path_get_dirname(path);
    file = g_path_get_basename(path);
    dir_fd = folder_open_path(folder, TRUE, error);
    if (dir_fd < 0 || !file_write(dir_fd, file, path, content, (gssize) length, FILE_WRITE_SYNC, error))
        return FALSE;
    if (!exists)
        *made = g_strdup(path);
    return TRUE;
}
