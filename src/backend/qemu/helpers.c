/* Where the programs beside QEMU are, and whether they can be run. */
#include "config.h"

#include "backend/qemu/helpers.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/qemu/argv.h"
#include "util/error.h"

const char *
helper_virtiofsd_path(void)
{
    static const char *const places[] = { "/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd" };

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return places[0];
}

static gboolean
check_program(const QemuHelper *helper, GError **error)
{
    const char *program = helper->argv[0];
    g_autofree char *found = g_find_program_in_path(program);
    struct stat info;

    if (found && stat(found, &info) == 0 && S_ISREG(info.st_mode))
        return TRUE;
    if (strchr(program, '/'))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "%s binary '%s' is not executable", helper->name, program);
    return hv_throw_errno(error, ENOENT, "Unable to find '%s' binary in $PATH", program);
}

static gboolean
check_folder(const QemuHelper *helper, GError **error)
{
    struct stat info;

    if (!helper->folder)
        return TRUE;
    /* It changes its root and takes the names of any owner of a file. */
    if (geteuid() != 0)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "virtiofs is not yet supported in session mode");
    if (stat(helper->folder, &info) < 0 || !S_ISDIR(info.st_mode))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "the virtiofs export directory '%s' does not exist", helper->folder);
    return TRUE;
}

gboolean
qemu_command_check_helpers(const QemuCommand *command, GError **error)
{
    for (guint i = 0; i < command->n_helpers; i++)
        if (!check_program(&command->helpers[i], error) || !check_folder(&command->helpers[i], error))
            return FALSE;
    return TRUE;
}
