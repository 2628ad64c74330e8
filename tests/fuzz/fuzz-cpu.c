/* Files with CPUs: what is found in them can be read or is refused, compared and combined. */
#include "fuzz.h"

#include "backend/embedded/cpu/cpu.h"

static const char models[] =
    "{\"models\":[{\"name\":\"kvm64\",\"features\":[\"fpu\",\"tsc\",\"lm\"],\"blockers\":[]},"
    "{\"name\":\"Haswell\",\"vendor\":\"Intel\",\"family\":6,\"model\":60,\"features\":[\"fpu\",\"tsc\",\"lm\",\"avx\"],"
    "\"blockers\":[\"avx\"]}]}";

static void
compare(const QemuProfile *profile, const CpuDescription *cpu)
{
    CpuOffer offer = { .arch = "x86_64", .vendor = "Intel", .features = qemu_profile_model(profile, "Haswell")->features };
    g_autoptr(GError) error = NULL;
    g_autofree char *reason = NULL;
    int result = -1;
    gboolean ok = cpu_compare(profile, &offer, cpu, &result, &reason, &error);

    FUZZ_CHECK(ok == !error);
    if (ok)
        FUZZ_CHECK((result == CPU_INCOMPATIBLE) == (reason != NULL));
}

static void
combine(const QemuProfile *profile, GPtrArray *cpus)
{
    const CpuDescription *first = cpus->len ? g_ptr_array_index(cpus, 0) : NULL;
    g_autoptr(CpuDescription) again = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    if (!first)
        return;
    text = cpu_baseline(profile, first->arch, cpus, CPU_BASELINE_FOR_QEMU, 0, &error);
    FUZZ_CHECK(!text == !!error);
    /* What comes out is a guest's CPU. */
    if (text)
        again = cpu_description_parse(text, CPU_GUEST, FALSE, NULL);
    FUZZ_CHECK(!text || again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GPtrArray) hosts = g_ptr_array_new_with_free_func((GDestroyNotify)cpu_description_free);
    g_autoptr(QemuProfile) profile = NULL;
    g_autoptr(GPtrArray) cpus = NULL;
    g_autoptr(GError) error = NULL;
    json_t *root;

    cpus = cpu_description_extract(text, "file", &error);
    FUZZ_CHECK(!cpus == !!error);
    if (!cpus)
        return 0;
    root = json_loads(models, 0, NULL);
    profile = qemu_profile_from_json(root, NULL);
    json_decref(root);
    for (guint i = 0; i < cpus->len; i++) {
        g_autoptr(CpuDescription) cpu = cpu_description_parse(g_ptr_array_index(cpus, i), CPU_AUTO, FALSE, NULL);
        CpuDescription *host = cpu_description_parse(g_ptr_array_index(cpus, i), CPU_HOST, FALSE, NULL);

        if (cpu)
            compare(profile, cpu);
        if (host)
            g_ptr_array_add(hosts, host);
    }
    combine(profile, hosts);
    return 0;
}
