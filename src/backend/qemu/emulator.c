/* Finding emulators; what they and libvirt call the architectures. */
#include "config.h"

#include "backend/qemu/emulator.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/error.h"

/* libvirt's names of the architectures that QEMU has full-system emulators for. */
static const char *const known_arches[] = {
    "aarch64", "alpha", "armv7l", "avr", "cris", "hppa", "i686", "loongarch64", "m68k", "microblaze", "microblazeel",
    "mips", "mips64", "mips64el", "mipsel", "or32", "ppc", "ppc64", "ppc64le", "riscv32", "riscv64", "s390x", "sh4",
    "sh4eb", "sparc", "sparc64", "unicore32", "x86_64", "xtensa", "xtensaeb",
};

/* Where QEMU names an emulator otherwise than libvirt the architecture. */
static const struct {
    const char *arch;
    const char *suffix;
} emulator_names[] = {
    { "i686", "i386" }, { "armv7l", "arm" }, { "ppc64le", "ppc64" }, { "or32", "or1k" },
};

const char *
qemu_host_arch(void)
{
    static struct utsname host;

    if (!*host.machine && uname(&host) < 0)
        return "x86_64";
    /* A 32-bit machine may call itself anything from i386 to i686. */
    if (host.machine[0] == 'i' && g_str_has_suffix(host.machine, "86"))
        return "i686";
    return host.machine;
}

static const char *
emulator_suffix(const char *arch)
{
    for (gsize i = 0; i < G_N_ELEMENTS(emulator_names); i++)
        if (g_str_equal(emulator_names[i].arch, arch))
            return emulator_names[i].suffix;
    return arch;
}

static gboolean
arch_is_known(const char *arch)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known_arches); i++)
        if (g_str_equal(known_arches[i], arch))
            return TRUE;
    return FALSE;
}

char *
qemu_emulator_find(const char *arch, GError **error)
{
    const char *wanted = arch ? arch : qemu_host_arch();
    g_autofree char *name = NULL;
    char *path;

    if (!arch_is_known(wanted)) {
        hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "Unknown architecture %s", wanted);
        return NULL;
    }
    name = g_strconcat("qemu-system-", emulator_suffix(wanted), NULL);
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
