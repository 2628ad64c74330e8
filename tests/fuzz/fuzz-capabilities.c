/* The cache of what an emulator can do. */
#include "fuzz.h"

#include "backend/qemu/capabilities.h"
#include "backend/qemu/profile.h"

static void
look(const QemuCaps *caps)
{
    (void)qemu_caps_emulator(caps);
    (void)qemu_caps_version(caps);
    if (qemu_caps_default_machine(caps))
        FUZZ_CHECK(qemu_caps_machine(caps, qemu_caps_default_machine(caps)->name));
    (void)qemu_caps_has_device(caps, "virtio-blk-pci");
    (void)qemu_caps_has_cpu_model(caps, "qemu64");
    (void)qemu_caps_n_cpu_models(caps);
}

/* The other file of the cache. */
static void
look_at_profile(json_t *json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QemuProfile) profile = qemu_profile_from_json(json, &error);

    FUZZ_CHECK(!profile == !!error);
    for (guint i = 0; profile && i < qemu_profile_n_models(profile); i++)
        FUZZ_CHECK(qemu_profile_model(profile, qemu_profile_nth_model(profile, i)->name));
    if (profile)
        (void)qemu_profile_best(profile);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QemuCaps) caps = NULL;
    json_t *json = json_loadb((const char *)data, size, 0, NULL);

    if (!json)
        return 0;
    look_at_profile(json);
    caps = qemu_caps_from_json(json, &error);
    json_decref(json);
    FUZZ_CHECK(!caps == !!error);
    if (caps)
        look(caps);
    return 0;
}
