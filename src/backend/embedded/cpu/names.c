/* The order in which CPU models are listed. */
#include "config.h"

#include "backend/embedded/cpu/cpu.h"
#include "util/error.h"

/* libvirt's models of x86 in its order: from old to new, vendor by vendor. */
static const char *const x86_models[] = {
    "486", "pentium", "pentium2", "pentium3", "pentiumpro", "coreduo", "n270", "core2duo", "qemu32", "kvm32", "cpu64-rhel5",
    "cpu64-rhel6", "qemu64", "kvm64", "Conroe", "Penryn", "Nehalem", "Nehalem-IBRS", "Westmere", "Westmere-IBRS",
    "SandyBridge", "SandyBridge-IBRS", "IvyBridge", "IvyBridge-IBRS", "Haswell-noTSX", "Haswell-noTSX-IBRS", "Haswell",
    "Haswell-IBRS", "Broadwell-noTSX", "Broadwell-noTSX-IBRS", "Broadwell", "Broadwell-IBRS", "Skylake-Client",
    "Skylake-Client-IBRS", "Skylake-Client-noTSX-IBRS", "Skylake-Server", "Skylake-Server-IBRS", "Skylake-Server-noTSX-IBRS",
    "Cascadelake-Server", "Cascadelake-Server-noTSX", "Icelake-Client", "Icelake-Client-noTSX", "Icelake-Server",
    "Icelake-Server-noTSX", "Cooperlake", "Snowridge", "athlon", "phenom", "Opteron_G1", "Opteron_G2", "Opteron_G3",
    "Opteron_G4", "Opteron_G5", "EPYC", "EPYC-IBPB", "EPYC-Rome", "EPYC-Milan", "Dhyana", NULL,
};

static const char *const ppc64_models[] = {
    "POWER6", "POWER7", "POWER8", "POWER9", "POWER10", "POWERPC_e5500", "POWERPC_e6500", NULL,
};

/* Of these libvirt takes any model and leaves it to QEMU. */
static const char *const nothing[] = { NULL };

/* Ended by a NULL; NULL itself for an architecture of which libvirt compares no CPUs. */
static const char *const *
models_of(const char *arch)
{
    static const struct {
        const char *arch;
        const char *const *models;
    } known[] = {
        { "x86_64", x86_models }, { "i686", x86_models }, { "ppc64", ppc64_models }, { "ppc64le", ppc64_models },
        { "aarch64", nothing }, { "armv6l", nothing }, { "armv7l", nothing }, { "s390x", nothing },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(known[i].arch, arch))
            return known[i].models;
    return NULL;
}

GPtrArray *
cpu_model_names(const QemuProfile *profile, const char *arch, GError **error)
{
    const char *const *known = models_of(arch);
    GPtrArray *names;

    if (!known && !profile) {
        hv_throw(error, HV_ERR_NO_SUPPORT, "'%s' architecture is not supported by CPU driver", arch);
        hv_error_set_source(error, HV_FROM_CPU);
        return NULL;
    }
    if (!known)
        known = nothing;
    names = g_ptr_array_new();
    for (const char *const *name = known; *name; name++)
        if (!profile || qemu_profile_model(profile, *name))
            g_ptr_array_add(names, (gpointer)*name);
    for (guint i = 0; profile && i < qemu_profile_n_models(profile); i++)
        if (!g_strv_contains(known, qemu_profile_nth_model(profile, i)->name))
            g_ptr_array_add(names, (gpointer)qemu_profile_nth_model(profile, i)->name);
    return names;
}
