/* What the kernel and the machine must have. */
#include "config.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "backend/embedded/doctor/doctor.h"
#include "host/cpu.h"
#include "model/arch.h"

/* Open files of a guest with many disks and network queues. */
#define FILES_WANTED 8192

/* "kvm_amd", by what the processor can; NULL when it cannot, and on other architectures than x86. */
static const char *
kvm_module(const Host *host)
{
    g_autofree char *flags = host_cpuinfo(host, "flags");
    g_auto(GStrv) words = g_strsplit(flags ? flags : "", " ", -1);

    if (g_strv_contains((const char *const *)words, "svm"))
        return "kvm_amd";
    return g_strv_contains((const char *const *)words, "vmx") ? "kvm_intel" : NULL;
}

static void
check_virtualization(const Capable *capable, Finding *finding)
{
    g_autofree char *arch = host_arch(capable->host);
    const char *module = kvm_module(capable->host);

    if (!arch_is_x86(arch)) {
        finding_set(finding, DOCTOR_PASS, "not told by processors of %s: KVM itself shows it", arch);
        return;
    }
    if (module) {
        finding_set(finding, DOCTOR_PASS, "the processor has %s", g_str_equal(module, "kvm_amd") ? "AMD-V" : "VT-x");
        return;
    }
    finding_set(finding, DOCTOR_WARN, "the processor shows neither VT-x nor AMD-V: guests are emulated, which is slow");
    finding->fix = g_strdup("switch virtualization on in the machine's firmware; on a virtual machine, nested virtualization in "
                            "its hypervisor");
}

static void
check_kvm(const Capable *capable, Finding *finding)
{
    const char *module = kvm_module(capable->host);
    g_autofree char *detail = NULL;

    if (!host_is_this_machine(capable->host)) {
        if (host_exists(capable->host, "dev/kvm"))
            finding_set(finding, DOCTOR_PASS, "/dev/kvm is there");
        else
            finding_set(finding, DOCTOR_WARN, "there is no /dev/kvm");
        return;
    }
    switch (qemu_facts_kvm(capable->qemu, &detail)) {
    case KVM_USABLE:
        finding_set(finding, DOCTOR_PASS, "it runs code");
        return;
    case KVM_ABSENT:
        finding_set(finding, DOCTOR_WARN, "%s: guests are emulated, which is slow", detail);
        if (module)
            finding_fix(finding, "modprobe %s", module);
        return;
    case KVM_DENIED:
        finding_set(finding, DOCTOR_FAIL, "%s", detail);
        finding_fix(finding, "usermod -aG kvm %s", g_get_user_name());
        return;
    case KVM_HANGS:
    case KVM_BROKEN:
        finding_set(finding, DOCTOR_WARN, "%s: guests are emulated, which is slow", detail);
        finding->fix = g_strdup("use type='qemu' in the XML of domains; on a virtual machine, look at its hypervisor");
        return;
    }
}

static void
check_nested(const Capable *capable, Finding *finding)
{
    static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm_hv" };

    for (gsize i = 0; i < G_N_ELEMENTS(modules); i++) {
        g_autofree char *nested = host_read_word(capable->host, "sys/module/%s/parameters/nested", modules[i]);

        if (!nested)
            continue;
        if (g_str_equal(nested, "Y") || g_str_equal(nested, "1")) {
            finding_set(finding, DOCTOR_PASS, "guests may run guests of their own");
            return;
        }
        finding_set(finding, DOCTOR_WARN, "guests cannot run KVM guests of their own");
        finding_fix(finding, "sh -c 'echo options %s nested=1 >/etc/modprobe.d/%s.conf && modprobe -r %s && modprobe %s'",
                    modules[i], modules[i], modules[i], modules[i]);
        return;
    }
    finding_set(finding, DOCTOR_PASS, "does not matter without KVM");
}

/* --- control groups ------------------------------------------------------------------------------------------ */

static const char *const controllers[] = { "cpu", "cpuset", "memory", "io" };

/* Version 1 has a folder for each controller, and another name for one. */
static gboolean
has_controller(const Host *host, const char *unified, const char *name)
{
    g_auto(GStrv) words = g_strsplit(unified ? unified : "", " ", -1);

    if (unified)
        return g_strv_contains((const char *const *)words, name);
    return host_exists(host, "sys/fs/cgroup/%s", g_str_equal(name, "io") ? "blkio" : name);
}

static void
check_cgroups(const Capable *capable, Finding *finding)
{
    g_autofree char *unified = host_read_word(capable->host, "sys/fs/cgroup/cgroup.controllers");
    g_autoptr(GString) missing = g_string_new(NULL);
    guint found = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(controllers); i++) {
        if (has_controller(capable->host, unified, controllers[i]))
            found++;
        else
            g_string_append_printf(missing, "%s%s", missing->len ? ", " : "", controllers[i]);
    }
    if (found == 0 && !unified) {
        finding_set(finding, DOCTOR_WARN, "no control groups: what guests use cannot be limited");
        finding_fix(finding, "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
    } else if (missing->len) {
        finding_set(finding, DOCTOR_WARN, "version %d without %s", unified ? 2 : 1, missing->str);
        if (unified)
            finding_fix(finding, "sh -c 'for c in %s; do echo +$c >/sys/fs/cgroup/cgroup.subtree_control; done'",
                        g_strdelimit(missing->str, ",", ' '));
    } else {
        finding_set(finding, DOCTOR_PASS, "version %d with cpu, cpuset, memory and io", unified ? 2 : 1);
    }
}

/* --- devices ------------------------------------------------------------------------------------------------- */

static void
check_iommu(const Capable *capable, Finding *finding)
{
    g_autoptr(CpuSet) groups = NULL;
    g_autofree char *vendor = host_cpuinfo(capable->host, "vendor_id");

    if (host_read_folder(capable->host, "", &groups, NULL, "sys/kernel/iommu_groups") == HOST_OK && cpu_set_count(groups) > 0) {
        finding_set(finding, DOCTOR_PASS, "%u groups of devices", cpu_set_count(groups));
        return;
    }
    finding_set(finding, DOCTOR_WARN, "none in use: PCI devices cannot be given to guests");
    if (g_strcmp0(vendor, "GenuineIntel") == 0)
        finding_fix(finding, "sh -c 'echo GRUB_CMDLINE_LINUX=\\\"\\$GRUB_CMDLINE_LINUX intel_iommu=on\\\" >>/etc/default/grub && "
                    "update-grub', and start the machine anew");
    else
        finding->fix = g_strdup("switch the IOMMU on in the machine's firmware");
}

/* A device node that must be there and open for writing. */
static void
check_device(const Capable *capable, Finding *finding, const char *path, const char *module, const char *without)
{
    if (!host_exists(capable->host, "%s", path)) {
        finding_set(finding, DOCTOR_WARN, "no /%s: %s", path, without);
        finding_fix(finding, "modprobe %s", module);
    } else if (host_is_this_machine(capable->host) && !host_writable(capable->host, "%s", path)) {
        finding_set(finding, DOCTOR_WARN, "no permission to open /%s: %s", path, without);
        finding_fix(finding, "setfacl -m u:%s:rw /%s", g_get_user_name(), path);
    } else {
        finding_set(finding, DOCTOR_PASS, "/%s is there", path);
    }
}

static void
check_vhost_net(const Capable *capable, Finding *finding)
{
    check_device(capable, finding, "dev/vhost-net", "vhost_net", "networks of guests are slower");
}

static void
check_vhost_vsock(const Capable *capable, Finding *finding)
{
    check_device(capable, finding, "dev/vhost-vsock", "vhost_vsock", "guests cannot have <vsock>");
}

static void
check_tun(const Capable *capable, Finding *finding)
{
    check_device(capable, finding, "dev/net/tun", "tun", "guests have no network but type='user'");
}

/* --- limits -------------------------------------------------------------------------------------------------- */

static void
check_files(const Capable *capable G_GNUC_UNUSED, Finding *finding)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    if (limit.rlim_max >= FILES_WANTED) {
        finding_set(finding, DOCTOR_PASS, "%llu", (unsigned long long)limit.rlim_max);
        return;
    }
    finding_set(finding, DOCTOR_WARN, "%llu, less than the %d that a guest with many devices opens",
                (unsigned long long)limit.rlim_max, FILES_WANTED);
    finding_fix(finding, "sh -c 'echo \"%s - nofile %d\" >/etc/security/limits.d/hvsh.conf'", g_get_user_name(), FILES_WANTED);
}

/* Memory that must stay where it is: of guests with PCI devices or <locked/>. */
static void
check_locked(const Capable *capable G_GNUC_UNUSED, Finding *finding)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
        return;
    if (geteuid() == 0 || limit.rlim_max == RLIM_INFINITY) {
        finding_set(finding, DOCTOR_PASS, "unlimited");
        return;
    }
    finding_set(finding, DOCTOR_WARN, "%llu MiB: guests with PCI devices need all of their memory locked",
                (unsigned long long)limit.rlim_max >> 20);
    finding_fix(finding, "sh -c 'echo \"%s - memlock unlimited\" >/etc/security/limits.d/hvsh.conf'", g_get_user_name());
}

const DoctorItem doctor_host_checks[] = {
    { "virtualization", check_virtualization },
    { "KVM", check_kvm },
    { "nested", check_nested },
    { "cgroups", check_cgroups },
    { "IOMMU", check_iommu },
    { "vhost-net", check_vhost_net },
    { "vhost-vsock", check_vhost_vsock },
    { "tun", check_tun },
    { "open files", check_files },
    { "locked memory", check_locked },
    { NULL, NULL },
};
