/* Displays, video, sound, input, TPMs, memory devices and the like: what is refused, in libvirt's words, and what is
 * filled in, as libvirt 9.0.0 with QEMU 7.2 does it. */
#include <string.h>

#include "model/domain.h"
#include "test-model-facts.h"
#include "util/error.h"

#define PC "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
#define Q35 "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
#define CELLS \
    "<maxMemory slots='2' unit='MiB'>4096</maxMemory>" \
    "<cpu><numa><cell id='0' cpus='0' memory='512' unit='MiB'/><cell id='1' memory='512' unit='MiB'/></numa></cpu>"
#define MODULE(model, source, target) "<memory model='" model "'>" source "<target>" target "</target></memory>"
#define SIZE "<size unit='MiB'>256</size><node>0</node>"
#define NVDIMM(target) MODULE("nvdimm", "<source><path>/nv</path></source>", target)
#define SPICE(children) "<graphics type='spice' port='5901'>" children "</graphics>"
#define VIDEO(model) "<video>" model "</video>"
#define UNSUPPORTED "unsupported configuration: "

static const struct {
    const char *more;           /* beside memory and vcpu; NULL: the old PC */
    const char *devices;
    const char *message;
} rejected[] = {
    { NULL, "<graphics/>", "XML error: Missing required attribute 'type' in element 'graphics'" },
    { NULL, "<graphics type='x'/>", "XML error: Invalid value for attribute 'type' in element 'graphics': 'x'." },
    { NULL, "<graphics type='rdp'/>", UNSUPPORTED "rdp graphics are not supported with this QEMU" },
    { NULL, "<graphics type='vnc' port='x'/>", "internal error: cannot parse vnc port x" },
    { NULL, "<graphics type='vnc' passwd='123456789'/>", UNSUPPORTED "VNC password is 9 characters long, only 8 permitted" },
    { NULL, "<graphics type='vnc' passwd='x' passwdValidTo='soon'/>",
      "internal error: cannot parse password validity time 'soon', expect YYYY-MM-DDTHH:MM:SS" },
    { NULL, "<graphics type='vnc' passwd='x' connected='fail'/>", UNSUPPORTED "VNC supports connected='keep' only" },
    { NULL, "<graphics type='vnc'><listen/></graphics>", "XML error: Missing required attribute 'type' in element 'listen'" },
    { NULL, "<graphics type='vnc'><listen type='network'/></graphics>",
      "XML error: 'network' attribute is required for listen type 'network'" },
    { NULL, "<graphics type='vnc'><listen type='address' socket='/s'/></graphics>",
      "XML error: 'socket' attribute is valid only for listen type 'socket'" },
    { NULL, "<graphics type='vnc' listen='1.1.1.1'><listen type='address' address='2.2.2.2'/></graphics>",
      UNSUPPORTED "graphics 'listen' attribute '1.1.1.1' must match 'address' attribute of first listen element (found '2.2.2.2')" },
    { NULL, "<graphics type='vnc'><audio id='2'/></graphics><audio id='1' type='none'/>", "XML error: no audio device with ID 2" },
    { NULL, SPICE("<image compression='x'/>"), "XML error: Invalid value for attribute 'compression' in element 'image': 'x'." },
    { NULL, "<graphics type='spice' port='5901' tlsPort='5902'/>",
      UNSUPPORTED "spice TLS port set in XML configuration, but TLS is disabled in qemu.conf" },
    { NULL, "<graphics type='dbus' p2p='yes' address='unix:path=/x'/>", "XML error: D-Bus p2p with an address is not supported" },
    { NULL, VIDEO("<model type='xen'/>"), UNSUPPORTED "domain configuration does not support video model 'xen'" },
    { NULL, VIDEO("<model type='vga'/>") VIDEO("<model type='vga'/>"),
      UNSUPPORTED "video type 'vga' is only valid as primary video device" },
    { NULL, VIDEO("<model type='vga'/>") VIDEO("<model type='none'/>"),
      UNSUPPORTED "a 'none' video type must be the only video device defined for the domain" },
    { NULL, VIDEO("<model type='vga' heads='2'/>"), UNSUPPORTED "video type 'vga' doesn't support multiple 'heads'" },
    { NULL, VIDEO("<model type='vga' vram='512'/>"), UNSUPPORTED "value for 'vram' must be at least 1 MiB (1024 KiB)" },
    { NULL, VIDEO("<model type='vga' vram='x'/>"), "XML error: cannot parse video vram 'x'" },
    { NULL, VIDEO("<model type='vga' ram='1024'/>"), UNSUPPORTED "ram attribute only supported for video type qxl" },
    { NULL, VIDEO("<model type='qxl' vgamem='10000'/>"), UNSUPPORTED "value for 'vgamem' must be power of two" },
    { NULL, VIDEO("<model type='qxl' ram='4194304'/>"), "numerical overflow: value for 'ram' must be less than '4194303'" },
    { NULL, VIDEO("<model type='virtio'><acceleration/></model>"), UNSUPPORTED "missing values for acceleration" },
    { NULL, VIDEO("<model type='qxl'><acceleration accel3d='yes'/></model>"),
      UNSUPPORTED "3d acceleration is supported only with 'virtio' video device" },
    { NULL, VIDEO("<model type='cirrus'><resolution x='800' y='600'/></model>"), "XML error: model resolution is not supported" },
    { NULL, VIDEO("<model type='virtio'><resolution x='0' y='600'/></model>"),
      UNSUPPORTED "video resolution values must be greater than 0" },
    { NULL, VIDEO("<driver iommu='on'/><model type='vga'/>"), UNSUPPORTED "iommu driver option is only supported for virtio devices" },
    { NULL, "<sound model='ich6'><codec/></sound>", UNSUPPORTED "unknown codec type '(null)'" },
    { NULL, "<sound model='ac97'><audio id='3'/></sound><audio id='1' type='none'/>", "XML error: no audio device with ID 3" },
    { NULL, "<audio id='0' type='none'/>", "XML error: Invalid value for attribute 'id' in element 'audio': Zero is not permitted" },
    { NULL, "<audio id='1' type='none'/><audio id='01' type='none'/>", "XML error: audio ID 1 is used multiple times" },
    { NULL, "<audio id='4294967296' type='none'/>",
      "XML error: Invalid value for attribute 'id' in element 'audio': '4294967296'. Expected non-negative integer value" },
    { NULL, "<serial type='pty'><log file='/a'/><log file='/b'/></serial>",
      "XML error: only one log element is allowed for character device" },
    { NULL, "<disk type='file'><source file='/a'/><target dev='vda'/><boot order='1' loadparm='a_b'/></disk>",
      "internal error: invalid loadparm value 'a_b', expecting chars in set of [a-zA-Z0-9.] and blank spaces" },
    { NULL, "<audio id='1' type='spice'/>", UNSUPPORTED "Spice audio is not supported without spice graphics" },
    { NULL, "<audio id='1' type='none'><input fixedSettings='yes'/></audio>", UNSUPPORTED "fixed audio settings requires mixing engine" },
    { NULL, "<audio id='1' type='none'><input mixingEngine='yes'><settings/></input></audio>",
      UNSUPPORTED "audio settings specified without fixed settings flag" },
    { NULL, "<input type='tablet' bus='ps2'/>", "internal error: ps2 bus does not support tablet input device" },
    { NULL, "<input type='passthrough' bus='usb'/>", UNSUPPORTED "only bus 'virtio' is supported for 'passthrough' input devices" },
    { NULL, "<input type='evdev' bus='usb'><source dev='/e'/></input>", UNSUPPORTED "input evdev doesn't support bus element" },
    { NULL, "<input type='evdev'><source/></input>", "XML error: Missing evdev path for input device" },
    { NULL, "<input type='mouse' bus='usb' model='virtio'/>", UNSUPPORTED "only bus 'virtio' is supported for input model 'virtio'" },
    { NULL, "<input type='mouse' bus='usb'><address type='pci' slot='5'/></input>", "XML error: Invalid address for a USB device" },
    { NULL, "<input type='tablet' bus='usb'/><controller type='usb' model='none'/>",
      UNSUPPORTED "Can't add USB input device. USB bus is disabled" },
    { NULL, "<hub/>", "internal error: missing hub device type" },
    { NULL, "<watchdog/>", "internal error: watchdog must contain model name" },
    { NULL, "<watchdog model='ib700'/><watchdog model='x'/>", "internal error: only a single watchdog device is supported" },
    { NULL, "<watchdog model='diag288'/>", UNSUPPORTED "diag288 model of watchdog is allowed for s390 and s390x only" },
    { NULL, "<watchdog model='ib700'><address type='pci' slot='9'/></watchdog>",
      UNSUPPORTED "ib700 model of watchdog does not support configuring the address" },
    { NULL, "<memballoon model='virtio'/><memballoon model='none'/>", "internal error: only a single memory balloon device is supported" },
    { NULL, "<memballoon model='virtio'><address type='ccw'/></memballoon>",
      UNSUPPORTED "cannot use CCW address type for device '<null>' using machine type 'pc-i440fx-7.2'" },
    { NULL, "<tpm/>", "XML error: missing TPM device backend" },
    { NULL, "<tpm><backend type='emulator'/><backend type='passthrough'/></tpm>", "XML error: only one TPM backend is supported" },
    { NULL, "<tpm><backend type='emulator' persistent_state='x'/></tpm>",
      "internal error: Invalid persistent_state value, either 'yes' or 'no'" },
    { NULL, "<tpm><backend type='emulator'><encryption secret='x'/></backend></tpm>", "internal error: Unable to parse secret uuid 'x'" },
    { NULL, "<tpm><backend type='emulator' version='2.0'><active_pcr_banks><md5/></active_pcr_banks></backend></tpm>",
      UNSUPPORTED "Unsupported PCR banks 'md5'" },
    { NULL, "<tpm><backend type='emulator' version='1.2'><active_pcr_banks><sha1/></active_pcr_banks></backend></tpm>",
      "XML error: <active_pcr_banks/> requires TPM version '2.0'" },
    { NULL, "<tpm model='tpm-crb'><backend type='emulator' version='1.2'/></tpm>", UNSUPPORTED "Unsupported interface 'tpm-crb' for TPM 1.2" },
    { NULL, "<tpm><backend type='external'><source type='tcp'/></backend></tpm>",
      "XML error: only source type 'unix' is supported for external TPM device" },
    { NULL, "<tpm><backend type='passthrough'/></tpm><tpm><backend type='passthrough'/></tpm>",
      UNSUPPORTED "only a single TPM non-proxy device is supported" },
    { NULL, "<panic model='isa'/><panic model='isa'/>", "XML error: Multiple panic devices with model 'isa'" },
    { NULL, "<panic model='pseries'/>", UNSUPPORTED "only pSeries guests support panic device of model 'pseries'" },
    { NULL, "<panic model='isa'><address type='pci' slot='9'/></panic>", UNSUPPORTED "panic is supported only with ISA address type" },
    { NULL, "<shmem/>", "XML error: shmem element must contain 'name' attribute" },
    { NULL, "<shmem name='a/b'/>", UNSUPPORTED "shmem name cannot include '/' character" },
    { NULL, "<shmem name='a'/>", UNSUPPORTED "ivshmem device is not supported with this QEMU binary" },
    { NULL, "<shmem name='a'><model type='ivshmem-plain'/><server/></shmem>",
      UNSUPPORTED "shmem model 'ivshmem-plain' is supported only with server option disabled" },
    { NULL, "<shmem name='a'><model type='ivshmem-doorbell'/></shmem>",
      UNSUPPORTED "shmem model 'ivshmem-doorbell' is supported only with server option enabled" },
    { NULL, "<iommu model='intel'/>", UNSUPPORTED "IOMMU device: 'intel' is only supported with Q35 machines" },
    { Q35, "<iommu model='virtio'/>", UNSUPPORTED "IOMMU device: 'virtio' requires ACPI" },
    { Q35, "<iommu model='virtio'><driver iotlb='on'/></iommu>", "XML error: iommu model 'virtio' doesn't support additional attributes" },
    { Q35, "<iommu model='intel'><driver intremap='on'/></iommu>",
      UNSUPPORTED "IOMMU interrupt remapping requires split I/O APIC (ioapic driver='qemu')" },
    { Q35, "<iommu model='intel'><driver eim='on'/></iommu>", UNSUPPORTED "IOMMU eim requires interrupt remapping to be enabled" },
    { NULL, "<nvram/>", UNSUPPORTED "nvram device is only supported for PPC64" },
    { PC "<maxMemory slots='2' unit='MiB'>4096</maxMemory>", "", UNSUPPORTED "At least one numa node has to be configured when enabling memory hotplug" },
    { PC CELLS, "<memory model='dimm'/>", "XML error: missing <target> element for <memory> device" },
    { PC CELLS, MODULE("dimm", "", "<node>0</node>"), "XML error: missing element or attribute './size'" },
    { PC CELLS, MODULE("dimm", "", "<size unit='MiB'>256</size>"),
      UNSUPPORTED "target NUMA node needs to be specified for memory device" },
    { PC CELLS, MODULE("dimm", "", "<size unit='MiB'>256</size><node>7</node>"),
      "can't add memory backend for guest node '7' as the guest has only '2' NUMA nodes configured" },
    { PC CELLS, MODULE("dimm", "<source><nodemask>x</nodemask></source>", SIZE), "invalid argument: Failed to parse bitmap 'x'" },
    { PC CELLS, MODULE("dimm", "", SIZE) MODULE("dimm", "", SIZE) MODULE("dimm", "", SIZE),
      "internal error: failed to find an empty memory slot" },
    { PC CELLS, "<memory model='dimm'><target>" SIZE "</target><address type='dimm' slot='5'/></memory>",
      UNSUPPORTED "memory device slot '5' exceeds slots count '2'" },
    { PC CELLS, MODULE("nvdimm", "", SIZE), "path is required for model 'nvdimm'" },
    { PC CELLS, NVDIMM(SIZE "<label><size unit='KiB'>64</size></label>"), "XML error: nvdimm label must be at least 128KiB" },
    { PC CELLS, NVDIMM(SIZE "<label><size unit='MiB'>256</size></label>"), "XML error: label size must be smaller than NVDIMM size" },
    { PC CELLS, MODULE("virtio-pmem", "<source><path>/p</path></source>", SIZE), UNSUPPORTED "virtio-pmem does not support NUMA nodes" },
    { PC CELLS, MODULE("virtio-mem", "", SIZE), "block size must be a power of two" },
    { PC CELLS, MODULE("virtio-mem", "", SIZE "<block unit='KiB'>1024</block>"), "block size too small, must be at least 2048KiB" },
    { PC CELLS, MODULE("virtio-mem", "", SIZE "<block unit='KiB'>2048</block><requested unit='GiB'>1</requested>"),
      "requested size must be smaller than or equal to @size (262144KiB)" },
    { PC CELLS, MODULE("virtio-mem", "", SIZE "<block unit='KiB'>2048</block><requested unit='KiB'>1000</requested>"),
      "requested size must be an integer multiple of block size" },
    { PC CELLS, MODULE("sgx-epc", "", "<size unit='KiB'>65536</size>"), UNSUPPORTED "sgx epc isn't supported by this QEMU binary" },
};

static const struct {
    const char *more;
    const char *devices;
    const char *wanted;         /* somewhere in the result */
} filled[] = {
    { NULL, "<graphics type='vnc'/>", "<graphics type='vnc' port='-1' autoport='yes'>\n      <listen type='address'/>" },
    { NULL, "<graphics type='vnc' autoport='no'/>", "<graphics type='vnc' autoport='no'>" },
    { NULL, "<graphics type='vnc' port='5905' autoport='yes'/>", "<graphics type='vnc' port='-1' autoport='yes'>" },
    { NULL, "<graphics type='vnc' socket='/s'/>", "<graphics type='vnc' socket='/s'>\n      <listen type='socket' socket='/s'/>" },
    { NULL, "<graphics type='vnc' socket='/s'><listen type='address' address='1.1.1.1'/></graphics>",
      "<graphics type='vnc' socket='/s'>\n      <listen type='socket' socket='/s'" },
    { NULL, "<graphics type='vnc' connected='x'/>", "<graphics type='vnc' port='-1' autoport='yes'>" },
    { NULL, "<graphics type='spice'/>", "<graphics type='spice'>\n      <listen type='none'/>" },
    { NULL, "<graphics type='spice' port='-1' tlsPort='-1'/>", "<graphics type='spice' autoport='yes'>" },
    { NULL, SPICE("<channel name='record' mode='secure'/><channel name='main' mode='insecure'/><channel name='inputs' mode='any'/>"),
      "<channel name='main' mode='insecure'/>\n      <channel name='record' mode='secure'/>\n    </graphics>" },
    { NULL, "<graphics type='sdl' fullscreen='no'/>", "<graphics type='sdl'/>" },
    { NULL, VIDEO("<model type='cirrus' vram='9216'/>"), "<model type='cirrus' vram='16384' heads='1' primary='yes'/>" },
    { NULL, VIDEO("<model type='qxl' ram='100000' vram64='100000'/>"),
      "<model type='qxl' ram='131072' vram='65536' vram64='100000' vgamem='16384' heads='1' primary='yes'/>" },
    { NULL, VIDEO("<model type='none' heads='2' vram='1024'/><address type='pci' slot='9'/>"),
      "<video>\n      <model type='none'/>\n    </video>" },
    { NULL, VIDEO("<model type='ramfb'/>"), "<model type='ramfb' heads='1' primary='yes'/>\n    </video>" },
    { NULL, "<sound model='ac97'><codec type='x'/></sound>", "<sound model='ac97'>\n      <address" },
    { NULL, "<audio id='1' type='none' path='/x'><output dev='/y' voices='2'/></audio>",
      "<audio id='1' type='none'>\n      <output voices='2'/>" },
    { NULL, "<audio id=' +01' type='none'/>", "<audio id='1' type='none'/>" },
    { NULL, VIDEO("<model type='' heads=''/>"), "<model type='cirrus' vram='16384' heads='1' primary='yes'/>" },
    { NULL, "<input type='passthrough'><source evdev='/e'/></input>", "<input type='passthrough' bus='virtio'>" },
    { NULL, "<memballoon model='virtio'><stats period='-1'/></memballoon>", "<memballoon model='virtio'>\n      <address" },
    { NULL, "<tpm><backend type='passthrough'/></tpm>",
      "<tpm model='tpm-tis'>\n      <backend type='passthrough'>\n        <device path='/dev/tpm0'/>" },
    { NULL, "<tpm><backend type='emulator'/></tpm>", "<backend type='emulator' version='1.2'/>" },
    { NULL, "<tpm model='tpm-crb'><backend type='emulator' persistent_state='no'/></tpm>", "<backend type='emulator' version='2.0'/>" },
    { NULL, "<tpm><backend type='emulator' version='2.0'><active_pcr_banks><sha512/><sha1/></active_pcr_banks></backend></tpm>",
      "<active_pcr_banks>\n          <sha1/>\n          <sha512/>\n" },
    { NULL, "<tpm><backend type='external'><source type='unix' path='/t'/></backend></tpm>",
      "<source type='unix' mode='connect' path='/t'/>" },
    { NULL, "<panic><address type='isa' iobase='1285' irq='5'/></panic>",
      "<panic model='isa'>\n      <address type='isa' iobase='0x505' irq='0x5'/>" },
    { NULL, "<shmem name='a'><model type='ivshmem-plain'/></shmem>", "<size unit='M'>4</size>" },
    { NULL, "<shmem name='a'><model type='ivshmem-plain'/><size>1048576</size></shmem>", "<size unit='M'>1</size>" },
    { NULL, "<shmem name='a'><model type='ivshmem-doorbell'/><server path='/s'/><msi enabled='no'/></shmem>",
      "<server path='/s'/>\n      <msi ioeventfd='on'/>" },
    { Q35, "<iommu model='intel'><driver aw_bits='0'/></iommu>", "<iommu model='intel'/>" },
    { PC CELLS, MODULE("dimm", "<source><path>/ignored</path></source>", SIZE),
      "<memory model='dimm'>\n      <target>\n        <size unit='KiB'>262144</size>\n        <node>0</node>\n      </target>\n"
      "      <address type='dimm' slot='0'/>" },
    { PC CELLS, "<memory model='dimm'><target>" SIZE "</target><address type='dimm' slot='1' base='100000000'/></memory>",
      "<address type='dimm' slot='1' base='0x100000000'/>" },
    { PC CELLS, MODULE("virtio-pmem", "<source><path>/p</path></source>", "<size unit='MiB'>256</size>"),
      "<memory model='virtio-pmem' access='shared'>" },
    { PC CELLS, MODULE("virtio-mem", "", SIZE "<block unit='KiB'>2048</block><current>5</current>"),
      "<block unit='KiB'>2048</block>\n        <requested unit='KiB'>0</requested>\n      </target>" },
};

static xmlDoc *
parse(const char *more, const char *devices, GError **error)
{
    g_autofree char *xml = g_strconcat("<domain type='qemu'><name>d</name><memory unit='MiB'>1024</memory>", more ? more : PC, "<devices>",
                                       devices, "</devices></domain>", NULL);

    return domain_parse(xml, -1, NULL, &test_model_facts, 0, NULL, error);
}

static void
test_rejected(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rejected); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(rejected[i].more, rejected[i].devices, &error);

        g_test_message("%s", rejected[i].devices);
        g_assert_null(doc);
        g_assert_nonnull(error);
        g_assert_cmpstr(error->message, ==, rejected[i].message);
    }
}

/* What was filled in stays when it is read again. */
static void
test_filled(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(filled); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(filled[i].more, filled[i].devices, &error), again = NULL;
        g_autofree char *text = NULL, *second = NULL;

        g_assert_no_error(error);
        text = domain_format(doc, DOMAIN_FORMAT_SECURE, &error);
        g_test_message("%s: %s", filled[i].devices, text);
        g_assert_nonnull(strstr(text, filled[i].wanted));
        again = domain_parse(text, -1, NULL, &test_model_facts, 0, NULL, &error);
        g_assert_no_error(error);
        second = domain_format(again, DOMAIN_FORMAT_SECURE, &error);
        g_assert_cmpstr(second, ==, text);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/devices/rejected", test_rejected);
    g_test_add_func("/model/devices/filled", test_filled);
    return g_test_run();
}
