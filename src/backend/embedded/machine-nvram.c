#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/embedded/machine-qemu-private.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

#define FIRMWARE_MAX (64 * 1024 * 1024)

/* Distributions put the empty variable store beside the code: OVMF_CODE_4M.fd, OVMF_VARS_4M.fd. */
static char *
find_template(const xmlNode *loader, const xmlNode *nvram)
{
    const char *given = node_attr(nvram, "template");
    const char *code = node_text(loader);
    const char *at = code ? g_strrstr(code, "CODE") : NULL;

    if (given)
        return g_strdup(given);
    return at ? g_strdup_printf("%.*sVARS%s", (int) (at - code), code, at + strlen("CODE")) : NULL;
}

gboolean
machine_qemu_prepare_nvram(MachineQemu *machine, const MachineStart *start, GError **error)
{
    xmlNode *os = node_child(document_root(start->live), "os");
    xmlNode *loader = node_child(os, "loader");
    xmlNode *nvram = node_child(os, "nvram");
    g_autofree char *template = NULL;
    g_autofree char *folder = NULL;
    g_autofree char *file = NULL;
    g_autofree char *content = NULL;
    hv_autofd int dir_fd = -1;
    gsize length = 0;

    if (!node_attr_is(loader, "type", "pflash") || node_attr_is(loader, "stateless", "yes"))
        return TRUE;
    if (!nvram)
        nvram = domain_add_child(os, "nvram");
    if (!node_text(nvram) || !*node_text(nvram)) {
        g_autofree char *escaped = file_name_escape(start->name);
        g_autofree char *name = g_strconcat(escaped, "_VARS.fd", NULL);
        g_autofree char *path = g_build_filename(machine->paths->state, "qemu", "nvram", name, NULL);

        node_set_text(nvram, path);
    }
    if (access(node_text(nvram), F_OK) == 0 && !start->reset_nvram)
        return TRUE;

    template = find_template(loader, nvram);
    if (!template)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "unable to find any master var store for loader: %s",
                        node_text(loader));
    content = file_read(AT_FDCWD, template, template, FIRMWARE_MAX, &length, NULL, error);
    if (!content)
        return FALSE;
    folder = g_path_get_dirname(node_text(nvram));
    file = g_path_get_basename(node_text(nvram));
    dir_fd = folder_open(folder, TRUE, error);
    return dir_fd >= 0 && file_write(dir_fd, file, node_text(nvram), content, (gssize) length, FILE_WRITE_SYNC, error);
}
