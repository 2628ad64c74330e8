/* Finding emulators. */
#include "config.h"

#include "backend/qemu/emulator.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/arch.h"
#include "util/error.h"

const char *
qemu_host_arch(void)
{
    return arch_host();
}

char *
qemu_emulator_find(const char *arch, GError **error)
{
    const char *wanted = arch ? arch : arch_host();
    const Arch *known = arch_find(wanted);
    g_autofree char *name = NULL;
    char *path;

    if (!known) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown architecture %s", wanted);
        return NULL;
    }
    name = g_strconcat("qemu-system-", known->qemu, NULL);
    path = g_find_program_in_path(name);
    /* The 64-bit emulator runs 32-bit guests as well. */
    if (!path && g_str_equal(wanted, "i686"))
        path = g_find_program_in_path("qemu-system-x86_64");
    if (!path) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "No emulator found for arch '%s'", wanted);
        hv_error_set_source(error, HV_FROM_QEMU);
        hv_error_set_hint(error, "install the package that brings %s, or name another in <emulator>", name);
    }
    return path;
}

gboolean
qemu_emulator_check(const char *emulator, GError **error)
{
    struct stat st;

    if (stat(emulator, &st) < 0) {
        hv_throw_errno(error, errno, "Cannot check QEMU binary %s", emulator);
        hv_error_set_source(error, HV_FROM_QEMU);
        hv_error_set_hint(error, "install QEMU, or correct <emulator> in the domain's XML");
        return FALSE;
    }
    if (!S_ISREG(st.st_mode) || access(emulator, X_OK) < 0) {
        hv_throw_errno(error, S_ISREG(st.st_mode) ? errno : EACCES, "QEMU binary %s is not executable", emulator);
        hv_error_set_source(error, HV_FROM_QEMU);
        return FALSE;
    }
    return TRUE;
}
