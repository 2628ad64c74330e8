/* What must be installed. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "backend/embedded/doctor/doctor.h"
#include "backend/qemu/firmware.h"
#include "host/cpu.h"

/* The oldest QEMU that is looked after here: it has what its command line is made of. */
#define QEMU_OLDEST_MAJOR 5

static void
check_qemu(const Capable *capable, Finding *finding)
{
    g_autofree char *arch = host_arch(capable->host);
    g_autofree char *emulator = capable_emulator(arch);
    g_autoptr(GError) error = NULL;
    const QemuCaps *caps;
    guint version;

    if (!emulator) {
        finding_set(finding, DOCTOR_FAIL, "no emulator for %s", arch);
        finding_fix_package(finding, capable, "qemu");
        return;
    }
    caps = qemu_facts_caps(capable->qemu, emulator, &error);
    if (!caps) {
        finding_set(finding, DOCTOR_FAIL, "%s does not work: %s", emulator, error->message);
        finding_fix_package(finding, capable, "qemu");
        return;
    }
    version = qemu_caps_version(caps);
    finding_set(finding, version / 1000000 < QEMU_OLDEST_MAJOR ? DOCTOR_WARN : DOCTOR_PASS, "%s, version %u.%u.%u%s", emulator,
                version / 1000000, version / 1000 % 1000, version % 1000,
                version / 1000000 < QEMU_OLDEST_MAJOR ? ": older than what is tested" : "");
    finding_fix_package(finding, capable, "qemu");
}

/* Finds the program in PATH or at one of @places. */
static void
check_program(const Capable *capable, Finding *finding, const char *name, const char *const *places, DoctorLevel level,
              const char *without)
{
    g_autofree char *found = g_find_program_in_path(name);

    for (; !found && places && *places; places++)
        if (access(*places, X_OK) == 0)
            found = g_strdup(*places);
    if (found) {
        finding_set(finding, DOCTOR_PASS, "%s", found);
        return;
    }
    finding_set(finding, level, "not installed: %s", without);
    finding_fix_package(finding, capable, name);
}

static void
check_images(const Capable *capable, Finding *finding)
{
    check_program(capable, finding, "qemu-img", NULL, DOCTOR_FAIL, "images of disks cannot be made or read");
}

static void
check_swtpm(const Capable *capable, Finding *finding)
{
    check_program(capable, finding, "swtpm", NULL, DOCTOR_WARN, "guests cannot have an emulated <tpm>");
}

static void
check_virtiofsd(const Capable *capable, Finding *finding)
{
    static const char *const places[] = { "/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/lib/virtiofsd", NULL };

    check_program(capable, finding, "virtiofsd", places, DOCTOR_WARN, "guests cannot share folders through virtiofs");
}

static void
check_passt(const Capable *capable, Finding *finding)
{
    check_program(capable, finding, "passt", NULL, DOCTOR_WARN, "networks of type user have no backend but QEMU's own");
}

static void
check_firmware(const Capable *capable, Finding *finding)
{
    g_autofree char *arch = host_arch(capable->host);
    g_autofree char *emulator = capable_emulator(arch);
    const QemuCaps *caps = emulator ? qemu_facts_caps(capable->qemu, emulator, NULL) : NULL;
    guint found = 0;

    for (guint i = 0; caps && i < qemu_caps_n_machines(caps) && found == 0; i++) {
        g_autoptr(GPtrArray) fits = firmware_fits(firmware_folders, arch, qemu_caps_nth_machine(caps, i)->name);

        for (guint k = 0; k < fits->len; k++)
            found += ((FirmwareFit *)g_ptr_array_index(fits, k))->uefi;
    }
    if (found) {
        finding_set(finding, DOCTOR_PASS, "UEFI for %s", arch);
        return;
    }
    finding_set(finding, DOCTOR_WARN, "no UEFI for %s: <os firmware='efi'> finds nothing", arch);
    finding_fix_package(finding, capable, "firmware");
}

const DoctorItem doctor_program_checks[] = {
    { "QEMU", check_qemu },
    { "qemu-img", check_images },
    { "firmware", check_firmware },
    { "swtpm", check_swtpm },
    { "virtiofsd", check_virtiofsd },
    { "passt", check_passt },
    { NULL, NULL },
};
