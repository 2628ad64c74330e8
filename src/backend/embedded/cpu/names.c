/* The order in which CPU models are listed. */
#include "config.h"

#include "backend/embedded/cpu/cpu.h"

/* libvirt's order of the models of x86: from old to new, vendor by vendor. */
const char *const cpu_models_x86[] = {
    "486", "pentium", "pentium2", "pentium3", "pentiumpro", "coreduo", "n270", "core2duo", "qemu32", "kvm32", "cpu64-rhel5",
    "cpu64-rhel6", "qemu64", "kvm64", "Conroe", "Penryn", "Nehalem", "Nehalem-IBRS", "Westmere", "Westmere-IBRS",
    "SandyBridge", "SandyBridge-IBRS", "IvyBridge", "IvyBridge-IBRS", "Haswell-noTSX", "Haswell-noTSX-IBRS", "Haswell",
    "Haswell-IBRS", "Broadwell-noTSX", "Broadwell-noTSX-IBRS", "Broadwell", "Broadwell-IBRS", "Skylake-Client",
    "Skylake-Client-IBRS", "Skylake-Client-noTSX-IBRS", "Skylake-Server", "Skylake-Server-IBRS", "Skylake-Server-noTSX-IBRS",
    "Cascadelake-Server", "Cascadelake-Server-noTSX", "Icelake-Client", "Icelake-Client-noTSX", "Icelake-Server",
    "Icelake-Server-noTSX", "Cooperlake", "Snowridge", "athlon", "phenom", "Opteron_G1", "Opteron_G2", "Opteron_G3",
    "Opteron_G4", "Opteron_G5", "EPYC", "EPYC-IBPB", "EPYC-Rome", "EPYC-Milan", "Dhyana", NULL,
};

GPtrArray *
cpu_model_names(const QemuProfile *profile)
{
    GPtrArray *names = g_ptr_array_new();

    for (const char *const *name = cpu_models_x86; profile && *name; name++)
        if (qemu_profile_model(profile, *name))
            g_ptr_array_add(names, (gpointer)*name);
    for (guint i = 0; profile && i < qemu_profile_n_models(profile); i++)
        if (!g_strv_contains(cpu_models_x86, qemu_profile_nth_model(profile, i)->name))
            g_ptr_array_add(names, (gpointer)qemu_profile_nth_model(profile, i)->name);
    g_ptr_array_add(names, NULL);
    return names;
}
