/* From what the user wrote to QEMU's command line. */
#include "fuzz.h"

#include <string.h>

#include "backend/qemu/argv.h"
#include "model/domain.h"
#include "../unit/test-model-facts.h"

#define CAPS \
    "{\"emulator\":\"/usr/bin/qemu-system-x86_64\",\"target\":\"x86_64\",\"version\":7002000,\"kvm\":true," \
    "\"machines\":[{\"name\":\"pc-q35-7.2\",\"alias\":\"q35\",\"cpu\":\"qemu64\",\"ram\":\"pc.ram\",\"max-cpus\":288}," \
    "{\"name\":\"pc-i440fx-7.2\",\"alias\":\"pc\",\"cpu\":\"qemu64\",\"ram\":\"pc.ram\",\"max-cpus\":255}]," \
    "\"cpus\":[\"qemu64\",\"max\",\"host\",\"Westmere\"],\"devices\":[\"pcie-root-port\",\"qemu-xhci\",\"e1000\",\"VGA\"," \
    "\"cirrus-vga\",\"virtio-net-pci\",\"virtio-blk-pci\",\"i6300esb\",\"piix3-usb-uhci\",\"lsi53c895a\"],\"commands\":[]}"

static QemuCaps *
make_caps(void)
{
    json_t *json = json_loads(CAPS, 0, NULL);
    QemuCaps *caps = qemu_caps_from_json(json, NULL);

    FUZZ_CHECK(caps);
    json_decref(json);
    return caps;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static QemuCaps *caps;
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = NULL, live = NULL;
    g_autoptr(QemuCommand) command = NULL;
    g_autofree char *text = NULL;
    QemuHost host = {
        .id = 7, .state_dir = "/run/x", .monitor_path = "/run/x/monitor.sock", .no_kvm_check = TRUE, .no_network_check = TRUE,
    };

    if (!caps)
        caps = make_caps();
    host.caps = caps;
    doc = domain_parse((const char *)data, (gssize)size, NULL, &test_model_facts, DOMAIN_PARSE_DEFAULT, NULL, NULL);
    if (!doc)
        return 0;
    live = domain_make_live(doc, 7);
    command = qemu_command_build(document_root(live), &host, &error);
    FUZZ_CHECK(!command == !!error);
    if (!command)
        return 0;
    for (char **arg = command->argv; *arg; arg++) {
        if (**arg == '{') {
            json_t *json = json_loads(*arg, 0, NULL);

            FUZZ_CHECK(json);
            json_decref(json);
        }
    }
    text = qemu_command_format(command);
    return 0;
}
