/* Controllers, buses and filesystems: what is refused, in libvirt's words, and where libvirt 9.0.0 with QEMU 7.2 puts devices. */
#include <string.h>

#include "test-model-cases.h"
#include "util/error.h"

static const ModelCase rejected[] = {
    { PC, NULL,
      "<controller type='pci' index='3' model='pcie-root-port'/>",
      INTERNAL "a PCI slot is needed to connect a PCI controller model='pcie-root-port', but none is available, and it cannot be automatically added" },
    { PC, NULL, "<controller type='pci' index='3' model='pcie-expander-bus'/>",
      UNSUPPORTED "pcie-expander-bus controllers are not supported with this machine type" },
    { PC, NULL, "<controller type='pci' index='3' model='pcie-to-pci-bridge'/>",
      INTERNAL "Cannot automatically add a new PCI bus for a device with connect flags 2000" },
    { PC, NULL,
      "<controller type='pci' model='pcie-root'/>",
      XML "The PCI controller with index='0' must be model='pci-root' for this machine type, but model='pcie-root' was found instead" },
    { PC, NULL, "<controller type='pci' index='1'/>", INTERNAL "PCI controller model was not set correctly" },
    { Q35, NULL, "<controller type='pci' index='3' model='pci-root'/>",
      XML "pci-root and pcie-root controllers should have index 0" },
    { Q35, NULL, "<controller type='pci' index='3' model='pci-expander-bus'/>",
      UNSUPPORTED "pci-expander-bus controllers are only supported on 440fx-based machinetypes" },
    { Q35, NULL, "<controller type='pci' index='0' model='pcie-root'><address type='pci' slot='3'/></controller>",
      UNSUPPORTED "pci-root and pcie-root controllers should not have an address" },
    { Q35, NULL, "<controller type='pci' index='0' model='pcie-root'><target hotplug='off'/></controller>",
      UNSUPPORTED "Option 'hotplug' is not valid for PCI controller with index '0', model 'pcie-root' and modelName 'none'" },
    { PC, NULL, "<controller type='pci' index='0' model='pci-root'><target index='1'/></controller>",
      UNSUPPORTED "Only the PCI controller with index 0 can have target index 0, and vice versa" },
    { PC, NULL, "<controller type='scsi' model='bogus'/>", UNSUPPORTED "Unknown model type 'bogus'" },
    { PC, NULL, "<controller type='scsi' model='buslogic'/>", UNSUPPORTED "Unsupported controller model: buslogic" },
    { PC, NULL, "<controller type='usb' model='ich9-uhci1'/>", "No master USB controller specified" },
    { PC, NULL, "<controller type='usb' model='qusb1'/>",
      UNSUPPORTED "USB controller model type 'qusb1' or 'qusb2' is not supported in qemu" },
    { PC, NULL, "<controller type='usb' index='0'><address type='pci' slot='7'/></controller>",
      INTERNAL "PIIX3 USB controller at index 0 must have PCI address 0:0:1.2" },
    { PC, NULL, "<controller type='ide' index='1'/>",
      UNSUPPORTED "Only a single IDE controller is supported for this machine type" },
    { PC, NULL, "<controller type='ide' index='0'><address type='pci' slot='7'/></controller>",
      INTERNAL "Primary IDE controller must have PCI address 0:0:1.1" },
    { Q35, NULL, "<controller type='sata' index='0'><address type='pci' slot='7'/></controller>",
      INTERNAL "Primary SATA controller must have PCI address 0:0:1f.2" },
    { PC, NULL, "<controller type='scsi' index='0'/><controller type='scsi' index='0'/>",
      XML "Multiple 'scsi' controllers with index '0'" },
    { Q35, NULL, "<controller type='usb' index='0'/><controller type='usb' index='0'/>",
      XML "Duplicate USB controllers with index 0" },
    { PC, NULL, "<controller type='isa' />", INTERNAL "Cannot automatically add a new PCI bus for a device with connect flags 00" },
    { PC, NULL, "<controller type='pci' index='300' model='pci-bridge'/>",
      UNSUPPORTED "PCI controller index 300 too high, maximum is 255" },
    { Q35, NULL, "<controller type='usb' index='1' model='qemu-xhci'><driver queues='4'/></controller>",
      UNSUPPORTED "'queues' is only supported by virtio-scsi controller" },
    { Q35, "<iothreads>1</iothreads>", "<controller type='sata' index='1'><driver iothread='1'/></controller>",
      XML "'iothread' attribute only supported for virtio scsi controllers" },
    { PC, NULL, "<controller type='usb' ports='16' model='nec-xhci'/>",
      UNSUPPORTED "'nec-xhci' controller only supports up to '15' ports" },
    { PC, NULL, "<controller type='usb' index='0' model='none'/><controller type='usb' index='1' model='nec-xhci'/>",
      "Can't add another USB controller: USB is disabled for this domain" },
    { PC, NULL, "<input type='tablet' bus='usb'><address type='usb' bus='3'/></input>",
      XML "USB bus 3 requested but no controller with that index is present" },
    { PC, NULL,
      "<controller type='pci' index='1' model='pci-bridge'><model name='pxb'/></controller>",
      UNSUPPORTED "Option 'modelName' has invalid value for PCI controller with index '1', model 'pci-bridge' and modelName 'pxb'" },
    { PC, NULL, "<controller type='pci' index='1' model='pci-bridge'><target chassisNr='0'/></controller>",
      UNSUPPORTED "PCI controller chassisNr '0' out of range - must be 1-255" },
    { PC, NULL, "<controller type='pci' index='1' model='pci-bridge'><target port='1'/></controller>",
      UNSUPPORTED "Option 'port' is not valid for PCI controller with index '1', model 'pci-bridge' and modelName 'pci-bridge'" },
    { PC, NULL, "<controller type='pci' index='1' model='pci-bridge'><target><node>0</node></target></controller>",
      XML "pci-bridge with index 1 is configured for a NUMA node (0) not present in the domain's <cpu><numa> array (0)" },
    { PC, NULL,
      "<controller type='pci' index='1' model='pci-bridge'><address type='pci' bus='2' slot='3' /></controller>"
      "<controller type='pci' index='2' model='pci-bridge'/>",
      UNSUPPORTED "PCI controller at index 1 (0x01) has bus='0x02', but index must be larger than bus" },
    { PC, NULL, "<controller type='pci' index='1' model='pci-expander-bus'><target busNr='255'/></controller>",
      UNSUPPORTED "PCI controller busNr '255' out of range - must be 1-254" },
    { Q35, NULL, "<controller type='pci' index='1' model='pcie-root-port'><target chassis='300'/></controller>",
      UNSUPPORTED "PCI controller chassis '300' out of range - must be 0-255" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='pcie-root-port'><model name='pcie-pci-bridge'/></controller>",
      UNSUPPORTED "Option 'modelName' has invalid value for PCI controller with index '1', model 'pcie-root-port' and modelName 'pcie-pci-bridge'" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='pcie-switch-downstream-port'/>",
      INTERNAL "a PCI slot is needed to connect a PCI controller model='pcie-switch-downstream-port', but none is available, and it cannot be automatically added" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='pcie-to-pci-bridge'><address type='pci' bus='0' slot='6' /></controller>",
      XML "The device at PCI address 0000:00:06.0 cannot be plugged into the PCI controller with index='0'. It requires a controller that accepts a pcie-to-pci-bridge." },
    { Q35, NULL,
      "<input type='tablet' bus='usb'><address type='usb' bus='0' port='1'/></input><input type='mouse' bus='usb'>"
      "<address type='usb' bus='0' port='1'/></input>",
      XML "Duplicate USB address bus 0 port 1" },
    { Q35, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/>"
      "<address type='pci' bus='0' slot='0x1f' function='0' /></disk>",
      XML "Attempted double use of PCI Address 0000:00:1f.0" },
    { Q35, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/><address type='pci' bus='1' slot='1' />"
      "</disk>",
      XML "Invalid PCI address 0000:01:01.0. slot must be <= 0" },
    { PC, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/><address type='pci' bus='1' slot='0' />"
      "</disk>",
      XML "Invalid PCI address 0000:01:00.0. slot must be >= 1" },
    { PC, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/>"
      "<address type='pci' domain='1' bus='0' slot='5'/></disk>",
      XML "Invalid PCI address 0001:00:05.0. Only PCI domain 0 is available" },
    { PC, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/><address type='pci' bus='0' slot='5'>"
      "<zpci uid='0x1' fid='0x2'/></address></disk>",
      UNSUPPORTED "This QEMU binary doesn't support zPCI" },
    { PC, SHARED,
      "<filesystem type='mount' accessmode='mapped'><driver type='virtiofs'/><source dir='/export'/><target dir='mnt'/>"
      "</filesystem>",
      UNSUPPORTED "virtiofs only supports passthrough accessmode" },
    { PC, SHARED, "<filesystem multidevs='warn'><driver type='virtiofs'/><source dir='/export'/><target dir='mnt'/></filesystem>",
      UNSUPPORTED "virtiofs does not support multidevs" },
    { PC, SHARED, "<filesystem model='virtio'><driver type='virtiofs'/><source dir='/export'/><target dir='mnt'/></filesystem>",
      UNSUPPORTED "virtiofs does not support model" },
    { PC, SHARED, "<filesystem ><driver type='virtiofs'/><source dir='/export'/><target dir='mnt'/><readonly/></filesystem>",
      UNSUPPORTED "virtiofs does not yet support read-only mode" },
    { PC, NULL, "<filesystem ><driver type='virtiofs'/><source dir='/export'/><target dir='mnt'/></filesystem>",
      UNSUPPORTED "'virtiofs' requires shared memory" },
    { PC, SHARED,
      "<filesystem ><driver type='virtiofs'/><source dir='/export'/><target dir='mnt'/></filesystem><filesystem >"
      "<driver type='virtiofs'/><source dir='/export'/><target dir='mnt'/></filesystem>",
      UNSUPPORTED "filesystem target 'mnt' specified twice" },
    { PC, NULL, "<filesystem fmode='644'><source dir='/export'/><target dir='mnt'/></filesystem>",
      UNSUPPORTED "fmode and dmode must be used with accessmode=mapped" },
    { PC, NULL, "<filesystem fmode='1777' accessmode='mapped'><source dir='/export'/><target dir='mnt'/></filesystem>",
      XML "invalid fmode: '01777'" },
    { PC, NULL, "<filesystem ><target dir='mnt'/></filesystem>", "missing source information for device mnt" },
    { PC, NULL, "<filesystem ><source dir='/export'/></filesystem>", "missing target information for device /export" },
    { PC, NULL, "<filesystem type='ram'><source dir='/export'/><target dir='mnt'/></filesystem>",
      XML "missing 'usage' attribute for RAM filesystem" },
    { PC, NULL, "<filesystem type='bind'><source dir='/export'/><target dir='mnt'/></filesystem>",
      UNSUPPORTED "only supports mount filesystem type" },
    { PC, NULL, "<filesystem ><source dir='/export'/><target dir='mnt'/><boot order='1'/></filesystem>",
      UNSUPPORTED "boot order is only supported for virtiofs" },
    { Q35, SHARED, "<filesystem ><driver type='virtiofs' queue='x'/><source dir='/export'/><target dir='mnt'/></filesystem>",
      XML "cannot parse queue size 'x' for virtiofs" },
    { PC, NULL, "<filesystem ><driver type='loop' format='raw'/><source dir='/export'/><target dir='mnt'/></filesystem>",
      INTERNAL "Cannot automatically add a new PCI bus for a device with connect flags 00" },
    { PC, NULL, "<lease><lockspace>ls</lockspace><target path='/x' offset='1024'/></lease>",
      XML "Missing 'key' element for lease" },
    { PC, NULL, "<lease><lockspace>ls</lockspace><key>k</key></lease>", XML "Missing 'target' element for lease" },
};

/* In the order of the words: bus:slot.function with "m" for multifunction, usbBUS-PORT, controller-bus-target-unit. */
static const ModelCase placed[] = {
    { PC, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/></disk><disk type='file'>"
      "<source file='/d1.img'/><target dev='vdb' bus='virtio'/></disk><disk type='file'><source file='/d2.img'/>"
      "<target dev='vdc' bus='virtio'/></disk>",
      "disk@0:2.0 disk@0:3.0 disk@0:4.0 memballoon@0:5.0 usb0@0:1.2" },
    { Q35, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/></disk><disk type='file'>"
      "<source file='/d1.img'/><target dev='vdb' bus='virtio'/></disk><disk type='file'><source file='/d2.img'/>"
      "<target dev='vdc' bus='virtio'/></disk>",
      "disk@2:0.0 disk@3:0.0 disk@4:0.0 memballoon@5:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-root-port@0:1.1 "
      "pci3:pcie-root-port@0:1.2 pci4:pcie-root-port@0:1.3 pci5:pcie-root-port@0:1.4 pci6:pcie-root-port@0:1.5 sata0@0:31.2 "
      "usb0@1:0.0" },
    { Q35, NULL,
      "<controller type='usb' index='0' model='qemu-xhci'/><controller type='usb' index='1' model='qemu-xhci' ports='8'/>"
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>"
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>"
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>"
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>"
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>",
      "hub@usb0-1 input@usb0-1.1 input@usb0-1.2 input@usb0-1.3 input@usb0-1.4 input@usb0-1.5 input@usb0-1.6 input@usb0-1.7 "
      "input@usb0-1.8 input@usb0-2 input@usb0-3 input@usb0-4 input@usb1-1 input@usb1-2 input@usb1-3 memballoon@3:0.0 "
      "pci1:pcie-root-port@0:1.0m pci2:pcie-root-port@0:1.1 pci3:pcie-root-port@0:1.2 pci4:pcie-root-port@0:1.3 sata0@0:31.2 "
      "usb0@1:0.0 usb1@2:0.0" },
    { Q35, NULL,
      "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'>"
      "<master startport='0'/></controller><controller type='usb' index='0' model='ich9-uhci2'><master startport='2'/>"
      "</controller><controller type='usb' index='0' model='ich9-uhci3'><master startport='4'/></controller>",
      "memballoon@1:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-root-port@0:1.1 sata0@0:31.2 usb0@0:29.0m usb0@0:29.1 "
      "usb0@0:29.2 usb0@0:29.7" },
    { PC, NULL,
      "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'>"
      "<master startport='0'/></controller><controller type='usb' index='0' model='ich9-uhci2'><master startport='2'/>"
      "</controller><controller type='usb' index='0' model='ich9-uhci3'><master startport='4'/></controller>"
      "<controller type='usb' index='1' model='ich9-ehci1'/><controller type='usb' index='1' model='ich9-uhci1'>"
      "<master startport='0'/></controller><controller type='usb' index='1' model='ich9-uhci2'><master startport='2'/>"
      "</controller><controller type='usb' index='1' model='ich9-uhci3'><master startport='4'/></controller>",
      "memballoon@0:4.0 usb0@0:2.0m usb0@0:2.1 usb0@0:2.2 usb0@0:2.7 usb1@0:3.0m usb1@0:3.1 usb1@0:3.2 usb1@0:3.7" },
    { Q35, NULL,
      "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'>"
      "<master startport='0'/></controller><controller type='usb' index='0' model='ich9-uhci2'><master startport='2'/>"
      "</controller><controller type='usb' index='0' model='ich9-uhci3'><master startport='4'/></controller>"
      "<controller type='usb' index='1' model='ich9-ehci1'/><controller type='usb' index='1' model='ich9-uhci1'>"
      "<master startport='0'/></controller><controller type='usb' index='1' model='ich9-uhci2'><master startport='2'/>"
      "</controller><controller type='usb' index='1' model='ich9-uhci3'><master startport='4'/></controller>"
      "<controller type='usb' index='2' model='ich9-ehci1'/><controller type='usb' index='2' model='ich9-uhci1'>"
      "<master startport='0'/></controller><controller type='usb' index='2' model='ich9-uhci2'><master startport='2'/>"
      "</controller><controller type='usb' index='2' model='ich9-uhci3'><master startport='4'/></controller>",
      "memballoon@3:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-to-pci-bridge@1:0.0 pci3:pcie-root-port@0:1.1 "
      "pci4:pcie-root-port@0:1.2 sata0@0:31.2 usb0@0:29.0m usb0@0:29.1 usb0@0:29.2 usb0@0:29.7 usb1@0:26.0m usb1@0:26.1 "
      "usb1@0:26.2 usb1@0:26.7 usb2@2:1.0m usb2@2:1.1 usb2@2:1.2 usb2@2:1.7" },
    { PC, NULL,
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>"
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>"
      "<input type='tablet' bus='usb'/><input type='tablet' bus='usb'/><input type='tablet' bus='usb'/>",
      "hub@usb0-1 hub@usb0-2 input@usb0-1.1 input@usb0-1.2 input@usb0-1.3 input@usb0-1.4 input@usb0-1.5 input@usb0-1.6 "
      "input@usb0-1.7 input@usb0-1.8 input@usb0-2.1 memballoon@0:2.0 usb0@0:1.2" },
    { Q35, NULL,
      "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev>"
      "<disk type='file'><source file='/x'/><target dev='sda' bus='usb'/></disk><input type='tablet' bus='usb'/>"
      "<redirdev bus='usb' type='tcp'><source mode='connect' host='h' service='1'/></redirdev>",
      "disk@usb0-2 hostdev@usb0-1 input@usb0-3 memballoon@2:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-root-port@0:1.1 "
      "pci3:pcie-root-port@0:1.2 redirdev@usb0-4 sata0@0:31.2 usb0@1:0.0" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='pcie-root-port'/>"
      "<controller type='pci' index='2' model='pcie-switch-upstream-port'/>"
      "<controller type='pci' index='3' model='pcie-switch-downstream-port'/>"
      "<controller type='pci' index='4' model='pcie-switch-downstream-port'/><disk type='file'><source file='/d0.img'/>"
      "<target dev='vda' bus='virtio'/><address type='pci' bus='3' slot='0' /></disk>",
      "disk@3:0.0 memballoon@5:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-switch-upstream-port@1:0.0 "
      "pci3:pcie-switch-downstream-port@2:0.0 pci4:pcie-switch-downstream-port@2:1.0 pci5:pcie-root-port@0:1.1 sata0@0:31.2 "
      "usb0@4:0.0" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='pcie-switch-upstream-port'/>",
      "memballoon@4:0.0 pci1:pcie-switch-upstream-port@2:0.0 pci2:pcie-root-port@0:1.0m pci3:pcie-root-port@0:1.1 "
      "pci4:pcie-root-port@0:1.2 sata0@0:31.2 usb0@3:0.0" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='dmi-to-pci-bridge'/><controller type='pci' index='2' model='pci-bridge'/>"
      "<interface type='user'><mac address='52:54:00:00:00:5f'/><model type='e1000'/></interface><disk type='file'>"
      "<source file='/d0.img'/><target dev='vda' bus='virtio'/></disk>",
      "disk@4:0.0 interface@2:1.0 memballoon@5:0.0 pci1:dmi-to-pci-bridge@0:30.0 pci2:pci-bridge@1:0.0 "
      "pci3:pcie-root-port@0:1.0m pci4:pcie-root-port@0:1.1 pci5:pcie-root-port@0:1.2 sata0@0:31.2 usb0@3:0.0" },
    { PC, "<cpu><numa><cell id='0' cpus='0' memory='128' unit='MiB'/><cell id='1' cpus='1' memory='128' unit='MiB'/></numa></cpu>",
      "<controller type='pci' index='1' model='pci-expander-bus'><model name='pxb'/><target busNr='254'><node>1</node>"
      "</target></controller><controller type='pci' index='2' model='pci-bridge'><address type='pci' bus='1' slot='0' />"
      "</controller><disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/>"
      "<address type='pci' bus='2' slot='3' /></disk>",
      "disk@2:3.0 memballoon@0:3.0 pci1:pci-expander-bus@0:2.0 pci2:pci-bridge@1:0.0 usb0@0:1.2" },
    { Q35, "<cpu><numa><cell id='0' cpus='0' memory='128' unit='MiB'/><cell id='1' cpus='1' memory='128' unit='MiB'/></numa></cpu>",
      "<controller type='pci' index='1' model='pcie-expander-bus'/>"
      "<controller type='pci' index='2' model='pcie-expander-bus'/><controller type='pci' index='3' model='pcie-root-port'>"
      "<address type='pci' bus='1' slot='0' /></controller><controller type='pci' index='4' model='pcie-root-port'>"
      "<address type='pci' bus='2' slot='0' /></controller>",
      "memballoon@4:0.0 pci1:pcie-expander-bus@0:1.0 pci2:pcie-expander-bus@0:2.0 pci3:pcie-root-port@1:0.0 "
      "pci4:pcie-root-port@2:0.0 sata0@0:31.2 usb0@3:0.0" },
    { PC, NULL,
      "<hub type='usb'/><disk type='file'><source file='/x'/><target dev='sda' bus='usb'/></disk><sound model='usb'/>"
      "<redirdev bus='usb' type='tcp'><source mode='connect' host='h' service='1'/></redirdev><smartcard mode='host'/>"
      "<input type='tablet' bus='usb'/><serial type='pty'><target type='usb-serial'/></serial>",
      "ccid0@usb0-1.1 disk@usb0-2 hub@usb0-1 input@usb0-1.2 memballoon@0:2.0 redirdev@usb0-1.5 serial@usb0-1.3 sound@usb0-1.4 "
      "usb0@0:1.2" },
    { Q35, NULL,
      "<hub type='usb'/><disk type='file'><source file='/x'/><target dev='sda' bus='usb'/></disk><sound model='usb'/>"
      "<redirdev bus='usb' type='tcp'><source mode='connect' host='h' service='1'/></redirdev><smartcard mode='host'/>"
      "<input type='tablet' bus='usb'/><serial type='pty'><target type='usb-serial'/></serial>",
      "ccid0@usb0-3 disk@usb0-2 hub@usb0-1 input@usb0-4 memballoon@2:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-root-port@0:1.1 "
      "pci3:pcie-root-port@0:1.2 redirdev@usb0-1.3 sata0@0:31.2 serial@usb0-1.1 sound@usb0-1.2 usb0@1:0.0" },
    { Q35, NULL,
      "<interface type='user'><mac address='52:54:00:00:02:00'/><model type='e1000e'/></interface><interface type='user'>"
      "<mac address='52:54:00:00:02:01'/><model type='rtl8139'/></interface><interface type='user'>"
      "<mac address='52:54:00:00:02:02'/><model type='virtio'/></interface><interface type='user'>"
      "<mac address='52:54:00:00:02:03'/><model type='e1000'/></interface><interface type='user'>"
      "<mac address='52:54:00:00:02:04'/><model type='e1000e'/></interface><disk type='file'><source file='/0'/>"
      "<target dev='vda'/></disk><disk type='file'><source file='/1'/><target dev='vdb'/></disk><disk type='file'>"
      "<source file='/2'/><target dev='vdc'/></disk><video><model type='virtio'/></video><sound model='ac97'/>"
      "<controller type='scsi' model='lsisas1068'/><controller type='virtio-serial' />"
      "<controller type='usb' model='qemu-xhci'/><watchdog model='i6300esb'/><rng model='virtio'>"
      "<backend model='random'>/dev/urandom</backend></rng><memballoon model='virtio'/>",
      "disk@10:0.0 disk@8:0.0 disk@9:0.0 interface@2:0.0 interface@3:1.0 interface@3:2.0 interface@4:0.0 interface@5:0.0 "
      "memballoon@11:0.0 pci10:pcie-root-port@0:3.0m pci11:pcie-root-port@0:3.1 pci12:pcie-root-port@0:3.2 "
      "pci13:pcie-root-port@0:3.3 pci1:pcie-root-port@0:2.0m pci2:pcie-root-port@0:2.1 pci3:pcie-to-pci-bridge@1:0.0 "
      "pci4:pcie-root-port@0:2.2 pci5:pcie-root-port@0:2.3 pci6:pcie-root-port@0:2.4 pci7:pcie-root-port@0:2.5 "
      "pci8:pcie-root-port@0:2.6 pci9:pcie-root-port@0:2.7 rng@12:0.0 sata0@0:31.2 scsi0@3:4.0 sound@3:3.0 usb0@7:0.0 "
      "video@0:1.0 virtio-serial0@6:0.0 watchdog@3:5.0" },
    { Q35, NULL,
      "<controller type='scsi' index='0' model='lsilogic'/><controller type='scsi' index='1' model='virtio-scsi'/>"
      "<controller type='scsi' index='2' model='lsisas1068'/><controller type='scsi' index='3' model='vmpvscsi'/>"
      "<controller type='scsi' index='4' model='lsisas1078'/><controller type='scsi' index='5' model='am53c974'/>",
      "memballoon@5:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-to-pci-bridge@1:0.0 pci3:pcie-root-port@0:1.1 "
      "pci4:pcie-root-port@0:1.2 pci5:pcie-root-port@0:1.3 pci6:pcie-root-port@0:1.4 sata0@0:31.2 scsi0@2:1.0 scsi1@3:0.0 "
      "scsi2@2:2.0 scsi3@2:3.0 scsi4@2:4.0 scsi5@2:5.0 usb0@4:0.0" },
    { PC, NULL,
      "<controller type='pci' index='1' model='pci-bridge'/><controller type='pci' index='2' model='pci-bridge'/>"
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/><address type='pci' bus='2' slot='4' />"
      "</disk>",
      "disk@2:4.0 memballoon@0:4.0 pci1:pci-bridge@0:2.0 pci2:pci-bridge@0:3.0 usb0@0:1.2" },
    { PC, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/><address type='pci' bus='0' slot='2' />"
      "</disk><video><model type='vga'/></video>",
      "disk@0:2.0 memballoon@0:4.0 usb0@0:1.2 video@0:3.0" },
    { Q35, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/><address type='pci' bus='0' slot='1' />"
      "</disk><video><model type='vga'/></video>",
      "disk@0:1.0 memballoon@4:0.0 pci1:pcie-root-port@0:2.0m pci2:pcie-to-pci-bridge@1:0.0 pci3:pcie-root-port@0:2.1 "
      "pci4:pcie-root-port@0:2.2 pci5:pcie-root-port@0:2.3 sata0@0:31.2 usb0@3:0.0 video@2:1.0" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='pci-bridge'><model name='pci-bridge'/><target chassisNr='77'/>"
      "<address type='pci' bus='0' slot='0x10' /></controller>",
      "memballoon@3:0.0 pci1:pci-bridge@0:16.0 pci2:pcie-root-port@0:1.0m pci3:pcie-root-port@0:1.1 sata0@0:31.2 usb0@2:0.0" },
    { Q35, NULL,
      "<controller type='pci' index='1' model='pcie-root-port'/><controller type='pci' index='5' model='pcie-root-port'/>",
      "memballoon@2:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-root-port@0:1.2 pci3:pcie-root-port@0:1.3 "
      "pci4:pcie-root-port@0:1.4 pci5:pcie-root-port@0:1.1 sata0@0:31.2 usb0@1:0.0" },
    { Q35, NULL,
      "<disk type='file'><source file='/d0.img'/><target dev='vda' bus='virtio'/>"
      "<address type='pci' bus='0' slot='5' function='0' /></disk><disk type='file'><source file='/d1.img'/>"
      "<target dev='vdb' bus='virtio'/><address type='pci' bus='0' slot='5' function='3' /></disk>",
      "disk@0:5.0m disk@0:5.3 memballoon@2:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-root-port@0:1.1 pci3:pcie-root-port@0:1.2 "
      "sata0@0:31.2 usb0@1:0.0" },
    { PC, NULL,
      "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/>"
      "</source></hostdev><hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"
      "<address bus='0' target='0' unit='1'/></source></hostdev><hostdev mode='subsystem' type='scsi'><source>"
      "<adapter name='scsi_host0'/><address bus='0' target='0' unit='2'/></source></hostdev>"
      "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' target='0' unit='3'/>"
      "</source></hostdev><hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"
      "<address bus='0' target='0' unit='4'/></source></hostdev><hostdev mode='subsystem' type='scsi'><source>"
      "<adapter name='scsi_host0'/><address bus='0' target='0' unit='5'/></source></hostdev>"
      "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' target='0' unit='6'/>"
      "</source></hostdev><hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"
      "<address bus='0' target='0' unit='7'/></source></hostdev><hostdev mode='subsystem' type='scsi'><source>"
      "<adapter name='scsi_host0'/><address bus='0' target='0' unit='8'/></source></hostdev><disk type='file'>"
      "<source file='/x'/><target dev='sda' bus='scsi'/></disk><disk type='file'><source file='/x'/>"
      "<target dev='sdb' bus='scsi'/></disk>",
      "disk@0-0-0-0 disk@0-0-0-1 hostdev@0-0-0-2 hostdev@0-0-0-3 hostdev@0-0-0-4 hostdev@0-0-0-5 hostdev@0-0-0-6 "
      "hostdev@1-0-0-0 hostdev@1-0-0-1 hostdev@1-0-0-2 hostdev@1-0-0-3 memballoon@0:4.0 scsi0@0:2.0 scsi1@0:3.0 usb0@0:1.2" },
    { PC, NULL,
      "<controller type='scsi' model='ibmvscsi'/>",
      "memballoon@0:2.0 usb0@0:1.2" },
    { Q35, NULL,
      "<sound model='ich9'/><sound model='ich9'/>",
      "memballoon@4:0.0 pci1:pcie-root-port@0:1.0m pci2:pcie-to-pci-bridge@1:0.0 pci3:pcie-root-port@0:1.1 "
      "pci4:pcie-root-port@0:1.2 pci5:pcie-root-port@0:1.3 sata0@0:31.2 sound@0:27.0 sound@2:1.0 usb0@3:0.0" },
};

static void
test_rejected(void)
{
    model_cases_rejected(rejected, G_N_ELEMENTS(rejected));
}

static int
compare_words(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static guint
number(const xmlNode *address, const char *name)
{
    return (guint)node_attr_uint(address, name, 0);
}

/* The word for a device's place, NULL for one without. */
static char *
place_word(const xmlNode *device)
{
    const xmlNode *address = node_child(device, "address");
    const char *model = node_attr_is(device, "type", "pci") ? node_attr(device, "model") : NULL;
    g_autofree char *name = !node_is(device, "controller") ? g_strdup(node_name(device))
                                : g_strdup_printf("%s%s%s%s", node_attr(device, "type"), node_attr(device, "index"),
                                                  model ? ":" : "", model ? model : "");

    if (node_attr_is(address, "type", "pci"))
        return g_strdup_printf("%s@%u:%u.%u%s", name, number(address, "bus"), number(address, "slot"), number(address, "function"),
                               node_attr_is(address, "multifunction", "on") ? "m" : "");
    if (node_attr_is(address, "type", "usb"))
        return g_strdup_printf("%s@usb%u-%s", name, number(address, "bus"), node_attr(address, "port"));
    if (node_attr_is(address, "type", "drive"))
        return g_strdup_printf("%s@%u-%u-%u-%u", name, number(address, "controller"), number(address, "bus"),
                               number(address, "target"), number(address, "unit"));
    return NULL;
}

static char *
places(const xmlDoc *doc)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    for (xmlNode *device = NULL; (device = domain_next_device(doc, device, NULL));) {
        char *word = place_word(device);

        if (word)
            g_ptr_array_add(words, word);
    }
    g_ptr_array_sort(words, compare_words);
    g_ptr_array_add(words, NULL);
    return g_strjoinv(" ", (char **)words->pdata);
}

static void
test_placed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(placed); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = model_case_parse(&placed[i], &error);
        g_autofree char *text = NULL;

        g_test_message("%s", placed[i].devices);
        g_assert_no_error(error);
        text = places(doc);
        g_assert_cmpstr(text, ==, placed[i].expected);
    }
}

/* No step may take much longer for an address that would need a world of controllers. */
static void
test_absurd(void)
{
    static const char *const devices[] = {
        "<disk><source file='/x'/><target dev='sdzzzzzz' bus='scsi'/></disk>",
        "<disk><source file='/x'/><target dev='sda' bus='scsi'/><address type='drive' controller='4000000000'/></disk>",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(devices); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = model_case_parse(&(ModelCase){ PC, NULL, devices[i], NULL }, &error);

        g_assert_null(doc);
        g_assert_error(error, HV_ERROR, HV_ERR_XML_ERROR);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/topology/rejected", test_rejected);
    g_test_add_func("/model/topology/placed", test_placed);
    g_test_add_func("/model/topology/absurd", test_absurd);
    return g_test_run();
}
