/* The cache of what an emulator can do. */
#include "fuzz.h"

#include "backend/qemu/capabilities.h"

static void
look(const QemuCaps *caps)
{
    (void)qemu_caps_emulator(caps);
    (void)qemu_caps_arch(caps);
    (void)qemu_caps_version(caps);
    (void)qemu_caps_package(caps);
    (void)qemu_caps_default_machine(caps);
    (void)qemu_caps_has_kvm(caps);
    (void)qemu_caps_has_device(caps, "virtio-blk-pci");
    (void)qemu_caps_has_command(caps, "query-x");
    for (guint i = 0; i < qemu_caps_n_machines(caps); i++) {
        const QemuMachine *machine = qemu_caps_nth_machine(caps, i);

        FUZZ_CHECK(machine && machine->name && qemu_caps_machine(caps, machine->name));
    }
    for (guint i = 0; i < qemu_caps_n_cpu_models(caps); i++)
        FUZZ_CHECK(qemu_caps_has_cpu_model(caps, qemu_caps_nth_cpu_model(caps, i)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QemuCaps) caps = NULL, again = NULL;
    json_t *json = json_loadb((const char *)data, size, 0, NULL), *first, *second;

    if (!json)
        return 0;
    caps = qemu_caps_from_json(json, &error);
    json_decref(json);
    FUZZ_CHECK(!caps == !!error);
    if (!caps)
        return 0;
    look(caps);
    first = qemu_caps_to_json(caps);
    again = qemu_caps_from_json(first, NULL);
    FUZZ_CHECK(again);
    second = qemu_caps_to_json(again);
    FUZZ_CHECK(json_equal(first, second));
    json_decref(first);
    json_decref(second);
    return 0;
}
