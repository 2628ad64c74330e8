#include "test-model-facts.h"

#include <string.h>

#include "util/error.h"

static const char *
host_arch(gpointer data)
{
    return "x86_64";
}

static char *
default_emulator(gpointer data, const char *arch, const char *virt_type, GError **error)
{
    return g_strdup_printf("/usr/bin/qemu-system-%s", strcmp(arch, "i686") == 0 ? "i386" : arch);
}

static gboolean
probe(gpointer data, const char *emulator, const char *arch, const char *virt_type, GError **error)
{
    if (g_str_has_prefix(emulator, "/usr/bin/qemu-system-"))
        return TRUE;
    return hv_throw(error, HV_ERR_SYSTEM_ERROR, "Cannot check QEMU binary %s: No such file or directory", emulator);
}

static char *
canonical_machine(gpointer data, const char *emulator, const char *machine)
{
    static const char *const names[][2] = { { "pc", "pc-i440fx-7.2" }, { "q35", "pc-q35-7.2" }, { "virt", "virt-7.2" } };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(machine, names[i][0]) == 0)
            return g_strdup(names[i][1]);
    return NULL;
}

static char *
default_machine(gpointer data, const char *emulator)
{
    return g_strdup("pc");
}

static guint
max_vcpus(gpointer data, const char *emulator, const char *machine)
{
    return g_str_has_prefix(machine, "pc-q35") ? 288 : g_str_has_prefix(machine, "virt-") ? 512 :
           g_str_has_prefix(machine, "pc-i440fx") || strcmp(machine, "isapc") == 0 || strcmp(machine, "microvm") == 0 ? 255 : 0;
}

static char *
default_cpu(gpointer data, const char *emulator, const char *machine, const char *virt_type)
{
    return g_str_has_suffix(emulator, "x86_64") ? g_strdup("qemu64") : NULL;
}

static gboolean
has_device(gpointer data, const char *emulator, const char *device)
{
    return strcmp(device, "sev-guest") != 0;
}

const DomainFacts test_model_facts = {
    NULL, host_arch, default_emulator, probe, canonical_machine, default_machine, max_vcpus, default_cpu, has_device, NULL,
};
