/* Disks: what is refused, in libvirt's words, and what is filled in, as libvirt 9.0.0 with QEMU 7.2 does it. */
#include "test-model-cases.h"

static const ModelCase rejected[] = {
    { PC, NULL, "<disk type='dir'><driver name='qemu' type='fat'/><source dir='/tmp'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "virtual FAT storage can't be accessed in read-write mode" },
    { PC, NULL, "<disk type='file'><driver name='qemu' type='fat'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "storage format 'fat' is supported only with 'dir' storage type" },
    { PC, NULL, "<disk type='volume'><source pool='nopool'/><target dev='vda' bus='virtio'/></disk>",
      XML "'pool' and 'volume' must be specified together for 'pool' type source" },
    { PC, NULL, "<disk type='nvme'><source type='pci' managed='yes' namespace='1'/><target dev='vda' bus='virtio'/></disk>",
      XML "NVMe disk source is missing address" },
    { PC, NULL,
      "<disk type='nvme'><source type='pci' managed='yes' namespace='0'>"
      "<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "NVMe namespace can't be zero" },
    { PC, NULL,
      "<disk type='vhostuser'><driver name='qemu' type='raw'/><source type='unix' path='/tmp/vhost.sock'/>"
      "<target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "'vhostuser' requires shared memory" },
    { PC, SHARED, "<disk type='vhostuser'><source type='unix' path='/tmp/vhost.sock'/><target dev='sda' bus='scsi'/></disk>",
      UNSUPPORTED "vhostuser disk supports only virtio bus" },
    { PC, NULL, "<disk type='file'><source file=''/><target dev='vda' bus='virtio'/></disk>",
      "missing source information for device vda" },
    { PC, NULL, "<disk type='file'><source file='/x.iso' startupPolicy='requisite'/><target dev='vda' bus='virtio'/></disk>",
      XML "disk startupPolicy 'requisite' is allowed only for cdrom or floppy" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='x' startupPolicy='optional'><host name='h'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "disk startupPolicy 'optional' is not allowed for disk of 'network' type" },
    { PC, NULL,
      "<disk type='network'><source protocol='rbd' ><host name='h.example.org'/></source><target dev='vda' bus='virtio'/>"
      "</disk>",
      XML "missing name for disk source" },
    { PC, NULL,
      "<disk type='network'><source protocol='tftp' name='vol/img'><host name='h.example.org'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "'tftp' protocol is not supported with this QEMU binary" },
    { PC, NULL, "<disk type='network'><source protocol='nfs' name='vol/img'></source><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "'nfs' protocol requires the usage of exactly one host" },
    { PC, NULL,
      "<disk type='network'><source protocol='nfs' name='/e/x.img'><host name='h' port='1'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "port cannot be specified in 'nfs' protocol host" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='e'><host transport='x' name='h'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "unknown protocol transport type 'x'" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='e'><host transport='unix'/></source><target dev='vda' bus='virtio'/>"
      "</disk>",
      XML "missing socket for unix transport" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='e'><host name='h' socket='/x'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "transport '(null)' does not support socket attribute" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='e'><host name='h' port='abc'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      "invalid argument: failed to parse port number 'abc'" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='e'><host name='h' port='123456'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      "invalid argument: port '123456' out of range" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='e'><host port='1'/></source><target dev='vda' bus='virtio'/></disk>",
      XML "missing name for host" },
    { PC, NULL,
      "<disk type='network'><source protocol='rbd' name='img'><host name='h.example.org'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "can't split path 'img' into pool name and image name" },
    { PC, NULL,
      "<disk type='network'><source protocol='rbd' name='p/img'><host name='h.example.org'/><auth username='u'>"
      "<secret type='iscsi' usage='xx'/></auth></source><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "invalid secret type 'iscsi'" },
    { PC, NULL,
      "<disk type='network'><source protocol='rbd' name='p/img'><host name='h.example.org'/><auth username='u'>"
      "<secret usage='xx'/></auth></source><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "unknown secret type '<null>'" },
    { PC, NULL,
      "<disk type='network'><source protocol='rbd' name='p/img'><host name='h.example.org'/><auth username='u'>"
      "<secret type='ceph' usage='xx' uuid='d0b00000-0000-4000-8000-0000000000aa'/></auth></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "either secret uuid or usage expected" },
    { PC, NULL,
      "<disk type='network'><source protocol='rbd' name='p/img'><host name='h.example.org'/><auth username='u'>"
      "<secret type='ceph'/></auth></source><target dev='vda' bus='virtio'/></disk>",
      XML "missing secret uuid or usage attribute" },
    { PC, NULL,
      "<disk type='network'><source protocol='nbd' name='p/img'><host name='h.example.org'/><auth username='u'>"
      "<secret type='ceph' usage='xx'/></auth></source><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "authentication is not supported for protocol 'nbd'" },
    { PC, NULL,
      "<disk type='network'><source protocol='rbd' name='p/img'><host name='h.example.org'/><auth username='u'>"
      "<secret type='ceph' usage='xx'/></auth></source><target dev='vda' bus='virtio'/><auth username='u'>"
      "<secret type='ceph' usage='xx'/></auth></disk>",
      UNSUPPORTED "an <auth> definition already found for disk source" },
    { PC, NULL,
      "<disk type='network' device='lun'><source protocol='rbd' name='p/1'><host name='h.example.org'/></source>"
      "<target dev='sda' bus='scsi'/></disk><controller type='scsi' model='virtio-scsi'/>",
      UNSUPPORTED "disk device='lun' is not supported for protocol='rbd'" },
    { PC, NULL,
      "<disk type='network'><source protocol='http' name='u.iso'><host name='h.example.org'/><cookies>"
      "<cookie name='a b'>b</cookie></cookies></source><target dev='vda' bus='virtio'/></disk>",
      XML "cookie name 'a b' contains invalid characters" },
    { PC, NULL,
      "<disk type='network'><source protocol='http' name='u.iso'><host name='h.example.org'/><cookies>"
      "<cookie name='a'>b;c</cookie></cookies></source><target dev='vda' bus='virtio'/></disk>",
      XML "value of cookie 'a' contains invalid characters" },
    { PC, NULL,
      "<disk type='network'><source protocol='http' name='u.iso'><host name='h.example.org'/><cookies>"
      "<cookie name='a'>1</cookie><cookie name='a'>2</cookie></cookies></source><target dev='vda' bus='virtio'/></disk>",
      XML "duplicate cookie 'a'" },
    { PC, NULL,
      "<disk type='network'><source protocol='http' name='u.iso'><host name='h.example.org'/><readahead size='x'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "invalid readahead size or timeout" },
    { PC, NULL, "<disk type='block' device='lun'><source dev='/dev/sdy'/><target dev='hda' bus='ide'/></disk>",
      UNSUPPORTED "disk device='lun' is not supported for bus='ide'" },
    { PC, NULL, "<disk type='file' device='floppy'><source file='/x.img'/><target dev='sda' bus='scsi'/></disk>",
      INTERNAL "Invalid bus type 'scsi' for floppy disk" },
    { PC, NULL, "<disk type='file' device='disk'><source file='/x.img'/><target dev='fda' bus='fdc'/></disk>",
      INTERNAL "Invalid bus type 'fdc' for disk" },
    { PC, NULL, "<disk type='file' device='cdrom'><source file='/x.img'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "disk type of 'vda' does not support ejectable media" },
    { Q35, NULL, "<disk type='file' device='disk'><source file='/x.img'/><target dev='hda' bus='ide'/></disk>",
      UNSUPPORTED "IDE controllers are unsupported for this QEMU binary or machine type" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='fda'/></disk>", INTERNAL "Invalid harddisk device name: fda" },
    { PC, NULL, "<disk type='file' device='floppy'><source file='/x'/><target dev='hda'/></disk>",
      INTERNAL "Invalid floppy device name: hda" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='hde'/></disk>", INTERNAL "Only 1 IDE controller is supported" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda1'/></disk>",
      UNSUPPORTED "invalid disk target 'sda1', partitions can't appear in disk targets" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='foo'/></disk>",
      XML "Unknown disk name 'foo' and no address specified" },
    { PC, NULL, "<disk type='file' device='floppy'><source file='/x'/><target dev='fdc'/></disk>",
      INTERNAL "Only 1 fdc controller is supported" },
    { PC, NULL, "<disk type='file'><source file='/x'/></disk>", "missing target information for device /x" },
    { PC, NULL, "<disk type='file' model='virtio-transitional'><source file='/x'/><target dev='sda' bus='scsi'/></disk>",
      UNSUPPORTED "disk model 'virtio-transitional' not supported for bus 'scsi'" },
    { PC, NULL, "<disk type='file' rawio='yes'><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "rawio can be used only with device='lun'" },
    { PC, NULL, "<disk type='file' sgio='unfiltered'><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "unfiltered sgio is no longer supported" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' rerror_policy='enospace'/><source file='/x'/><target dev='vda' bus='virtio'/>"
      "</disk>",
      UNSUPPORTED "Invalid disk read error policy: 'enospace'" },
    { PC, NULL, "<disk type='file'><driver name='qemu' io='native'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "io='native' needs either no disk cache or directsync cache mode" },
    { PC, "<iothreads>1</iothreads>",
      "<disk type='file'><driver name='qemu' iothread='0'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      XML "Invalid value for attribute 'iothread' in element 'driver': Zero is not permitted" },
    { PC, "<iothreads>1</iothreads>",
      "<disk type='file'><driver name='qemu' iothread='2'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "Disk iothread '2' not defined in iothreadid" },
    { Q35, "<iothreads>1</iothreads>",
      "<disk type='file'><driver name='qemu' iothread='1'/><source file='/x'/><target dev='sda' bus='sata'/></disk>",
      UNSUPPORTED "IOThreads not available for bus sata target sda" },
    { Q35, NULL, "<disk type='file'><driver name='qemu' queues='4'/><source file='/x'/><target dev='sda' bus='sata'/></disk>",
      UNSUPPORTED "queues attribute in disk driver element is only supported by virtio-blk" },
    { Q35, NULL, "<disk type='file'><driver name='qemu' event_idx='on'/><source file='/x'/><target dev='sda' bus='sata'/></disk>",
      UNSUPPORTED "disk event_idx mode supported only for virtio bus" },
    { Q35, NULL, "<disk type='file'><driver name='qemu' ats='on'/><source file='/x'/><target dev='sda' bus='sata'/></disk>",
      UNSUPPORTED "ats driver option is only supported for virtio devices" },
    { PC, NULL, "<disk type='file'><driver name='qemu' type='luks'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "unknown driver format value 'luks'" },
    { PC, NULL, "<disk type='file'><driver name='qemu' type='iso'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "storage format 'iso' is not directly supported by QEMU, use 'raw' instead" },
    { PC, NULL, "<disk type='file'><driver name='tap'/><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "unsupported driver name 'tap' for disk 'vda'" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='raw' cache='none' copy_on_read='on'/><source file='/x'/>"
      "<target dev='vda' bus='virtio'/><readonly/></disk>",
      UNSUPPORTED "copy_on_read is not compatible with read-only disk 'vda'" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/><shareable/>"
      "</disk>",
      UNSUPPORTED "shared access for disk 'vda' requires use of supported storage format" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='raw'><metadata_cache><max_size>2000</max_size></metadata_cache></driver>"
      "<source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      UNSUPPORTED "metadata cache max size control is supported only with qcow2 images" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'><metadata_cache><max_size>abc</max_size></metadata_cache></driver>"
      "<source file='/x'/><target dev='vda' bus='virtio'/></disk>",
      XML "Invalid value 'abc' for element or attribute './metadata_cache/max_size'" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio' tray='open'/></disk>",
      UNSUPPORTED "tray is only valid for cdrom and floppy" },
    { PC, NULL, "<disk type='file' device='cdrom'><source file='/x'/><target dev='hda' bus='ide' removable='on'/></disk>",
      XML "removable is only valid for usb disks" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio' rotation_rate='1'/></disk>",
      INTERNAL "rotation rate is only valid for SCSI/IDE/SATA bus" },
    { PC, NULL, "<disk type='file' device='cdrom'><source file='/x'/><target dev='hda' bus='ide' rotation_rate='1'/></disk>",
      INTERNAL "rotation rate is only valid for disk device" },
    { Q35, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='sata'/><wwn>5000c50015ea71ad</wwn></disk>",
      UNSUPPORTED "Only ide and scsi disk support wwn" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='hda' bus='ide'/><vendor>Seagate</vendor></disk>",
      UNSUPPORTED "Only scsi disk supports vendor and product" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='sda' bus='usb'/><geometry cyls='16383' heads='16' secs='63'/></disk>",
      UNSUPPORTED "CHS geometry can not be set for 'usb' bus" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/>"
      "<geometry cyls='16383' heads='16' secs='63' trans='lba'/></disk>",
      UNSUPPORTED "CHS translation mode can only be set for 'ide' bus not 'scsi'" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='hda' bus='ide'/><readonly/></disk>",
      UNSUPPORTED "readonly ide disks are not supported" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/><serial>a/b</serial></disk>",
      INTERNAL "driver serial 'a/b' contains unsafe characters" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/><wwn>xyz</wwn></disk>",
      INTERNAL "Malformed wwn: xyz" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/><vendor>Seagateee</vendor></disk>",
      UNSUPPORTED "disk vendor is more than 8 characters" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/><product>é</product></disk>",
      XML "disk product is not printable string" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/><transient/><readonly/></disk>",
      UNSUPPORTED "transient disk 'sda' must not be read-only" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='hda' bus='ide'/>"
      "<transient shareBacking='yes'/></disk>",
      UNSUPPORTED "disk bus 'ide' doesn't support transiend disk backing image sharing" },
    { PC, NULL, "<disk type='block'><source dev='/dev/x'/><target dev='vda' bus='virtio'/><transient/></disk>",
      UNSUPPORTED "transient disk supported only with 'file' type (vda)" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><boot order='1'/></disk><disk type='file'>"
      "<source file='/x'/><target dev='vdb'/><boot order='1'/></disk>",
      UNSUPPORTED "boot order '1' used for more than one device" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/></disk><disk type='file'><source file='/x'/>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "target 'vda' duplicated for disk sources '/x' and '/x'" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><iotune><total_bytes_sec>x</total_bytes_sec>"
      "</iotune></disk>",
      XML "disk iotune field 'total_bytes_sec' must be an integer" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><iotune>"
      "<total_iops_sec>10000000000000000</total_iops_sec></iotune></disk>",
      "argument unsupported: block I/O throttle limit must be no more than 1000000000000000 using QEMU" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><iotune><total_bytes_sec>1000</total_bytes_sec>"
      "<read_bytes_sec>1000</read_bytes_sec></iotune></disk>",
      XML "total and read/write bytes_sec cannot be set at the same time" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><iotune><total_iops_sec>100</total_iops_sec>"
      "<group_name>g1</group_name></iotune></disk><disk type='file'><source file='/x'/><target dev='vdb'/><iotune>"
      "<total_iops_sec>200</total_iops_sec><group_name>g1</group_name></iotune></disk>",
      UNSUPPORTED "different iotunes for disks vda and vdb" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><iotune><group_name>g1</group_name></iotune>"
      "</disk>",
      UNSUPPORTED "group_name can be configured only together with settings" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/>"
      "<address type='drive' controller='0' bus='1' target='2' unit='3'/></disk>",
      INTERNAL "SCSI controller only supports 1 bus" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='scsi'/><address type='pci' slot='5'/></disk>",
      UNSUPPORTED "Invalid address type 'pci' for the disk 'sda' with the bus type 'scsi'" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='hda' bus='ide'/>"
      "<address type='drive' controller='0' bus='0' target='1' unit='0'/></disk>",
      UNSUPPORTED "target must be 0 for ide controller" },
    { Q35, NULL,
      "<disk type='file'><source file='/x'/><target dev='sda' bus='sata'/>"
      "<address type='drive' controller='0' bus='1' unit='0'/></disk>",
      UNSUPPORTED "bus must be 0 for sata controller" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><address type='drive'/></disk>",
      UNSUPPORTED "virtio disk cannot have an address of type 'drive'" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><address type='pci' slot='0x1'/></disk>",
      XML "Attempted double use of PCI Address 0000:00:01.0" },
    { Q35, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><address type='pci' bus='3' slot='0x1'/></disk>",
      XML "Invalid PCI address 0000:03:01.0. slot must be <= 0" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='usb'/><address type='usb' bus='0' port='3'/></disk>",
      XML "requested USB port 3 not present on USB bus 0" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='usb'/><address type='usb' bus='1' port='1'/></disk>",
      XML "Missing USB bus 1" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='usb'/><address type='usb' bus='0' port='1.2'/></disk>",
      XML "there is no hub at port 1 in USB address bus: 0 port: 1.2" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='usb'/><address type='pci' slot='9'/></disk>",
      INTERNAL "unexpected address type for usb disk" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='sda' bus='usb'/><address type='usb' bus='0' port='1.2.3.4.5'/>"
      "</disk>",
      INTERNAL "Cannot parse <address> 'port' attribute" },
    { PC, NULL,
      "<disk type='block' device='lun'><source dev='/dev/sdz'/><target dev='sda' bus='scsi'/><serial>a</serial></disk>"
      "<controller type='scsi' model='virtio-scsi'/>",
      UNSUPPORTED "scsi-block 'lun' devices do not support the serial property" },
    { PC, NULL,
      "<disk type='block' device='lun'><driver name='qemu' type='qcow2'/><source dev='/dev/sdz'/>"
      "<target dev='sda' bus='scsi'/></disk><controller type='scsi' model='virtio-scsi'/>",
      UNSUPPORTED "disk device 'lun' must use 'raw' format" },
    { PC, NULL, "<disk type='file'><source file='/x'/><target dev='sda' bus='sd'/><serial>a b</serial></disk>",
      INTERNAL "Serial property not supported for drive bus 'sd'" },
    { PC, NULL,
      "<disk type='network'><source protocol='gluster' name='vol'><host name='h.example.org'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "can't split path 'vol' into pool name and image name" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/>"
      "<backingStore type='file'><source file='/b1'/></backingStore></disk>",
      XML "missing disk backing store format" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/>"
      "<backingStore type='file'><format type='qcow2'/></backingStore></disk>",
      XML "missing disk backing store source" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/>"
      "<backingStore type='x'><format type='qcow2'/><source file='/b1'/></backingStore></disk>",
      XML "unknown storage source type 'x'" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/>"
      "<backingStore type='file'><format type='x'/><source file='/b1'/></backingStore></disk>",
      XML "unknown storage source format 'x'" },
    { PC, NULL,
      "<disk type='file'><source file='/x.img'><slices><slice type='storage' size='10'/></slices></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "missing offset or size attribute of slice" },
    { PC, NULL,
      "<disk type='file'><source file='/x.img'><slices><slice type='storage' offset='x' size='2'/></slices></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      XML "malformed value 'x' of 'offset' attribute of slice" },
    { PC, NULL,
      "<disk type='block'><source dev='/dev/sdz'><reservations managed='yes'/></source><target dev='sda' bus='scsi'/></disk>"
      "<controller type='scsi' model='virtio-scsi'/>",
      UNSUPPORTED "<reservations/> allowed only for lun devices" },
    { PC, NULL,
      "<disk type='block' device='lun'><source dev='/dev/sdz'><reservations managed='no'></reservations></source>"
      "<target dev='sda' bus='scsi'/></disk><controller type='scsi' model='virtio-scsi'/>",
      XML "missing connection type for <reservations/>" },
    { PC, NULL,
      "<disk type='block' device='lun'><source dev='/dev/sdz'><reservations managed='no'>"
      "<source type='tcp' path='/p' mode='client'/></reservations></source><target dev='sda' bus='scsi'/></disk>"
      "<controller type='scsi' model='virtio-scsi'/>",
      XML "unsupported connection type for <reservations/>: tcp" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><encryption format='qcow'>"
      "<secret type='passphrase' usage='domb-u'/></encryption></disk>",
      UNSUPPORTED "old qcow/qcow2 encryption is not supported" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><encryption format='luks2'>"
      "<secret type='passphrase' usage='domb-u'/></encryption></disk>",
      UNSUPPORTED "luks2 is currently not supported by the qemu encryption engine" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><encryption format='luks' engine='librbd'>"
      "<secret type='passphrase' usage='domb-u'/></encryption></disk>",
      UNSUPPORTED "librbd encryption is supported only with RBD backed disks" },
    { PC, NULL,
      "<disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><encryption >"
      "<secret type='passphrase' usage='domb-u'/></encryption></disk>",
      XML "unknown volume encryption format" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/><target dev='vda' bus='virtio'/>"
      "<encryption format='luks'><secret type='passphrase'/></encryption></disk>",
      XML "missing secret uuid or usage attribute" },
    { PC, NULL,
      "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'><encryption format='luks'>"
      "<secret type='passphrase' usage='u'/></encryption></source><target dev='vda' bus='virtio'/><encryption format='luks'>"
      "<secret type='passphrase' usage='u'/></encryption></disk>",
      UNSUPPORTED "an <encryption> definition already found for disk source" },
    { PC, NULL,
      "<disk type='file'><source file='/x'><seclabel model='dac' relabel='no'/><seclabel model='dac' relabel='no'/></source>"
      "<target dev='vda' bus='virtio'/></disk>",
      "seclabel for model dac is already provided" },
};

/* A part of what becomes of a disk. */
static const ModelCase filled[] = {
    { PC, NULL, "<disk><source file='/x'/><target dev='vda'/></disk>",
      "<disk type='file' device='disk'>\n      <driver name='qemu' type='raw'/>\n      <source file='/x'/>\n"
      "      <target dev='vda' bus='virtio'/>\n      <address type='pci'" },
    { PC, NULL, "<disk type='block' device='cdrom'><target dev='foo' bus='ide'/><address type='drive' unit='1'/></disk>",
      "<disk type='file' device='cdrom'>\n      <driver name='qemu' type='raw'/>\n      <target dev='foo' bus='ide'/>\n"
      "      <readonly/>\n      <address type='drive' controller='0' bus='0' target='0' unit='1'/>" },
    { PC, NULL, "<disk type='volume'><source pool='p' volume='v'/><target dev='vda'/></disk>", "<driver name='qemu'/>" },
    { PC, NULL, "<disk><driver type='aio' queues='0' cache='default'/><source file='/x'/><target dev='vda' tray='closed' "
      "rotation_rate='0'/><serial/><iotune><group_name/></iotune><geometry cyls='1' heads='2'/></disk>",
      "<driver name='qemu' type='raw'/>\n      <source file='/x'/>\n      <target dev='vda' bus='virtio'/>\n      <address" },
    { PC, NULL, "<disk type='network'><source protocol='iscsi' name='iqn.a'><host name='h' transport='tcp'/></source>"
      "<target dev='vda'/></disk>",
      "<source protocol='iscsi' name='iqn.a/0'>\n        <host name='h' port='3260'/>" },
    { PC, NULL, "<disk type='network'><source protocol='http' name='x'><host name='h'/><readahead size='0'/><timeout seconds='9'/>"
      "</source><target dev='vda'/></disk>",
      "<host name='h' port='80'/>\n        <timeout seconds='9'/>\n      </source>" },
    { PC, NULL, "<disk type='nvme'><source type='pci' namespace='2'><address bus='1' slot='2' function='1'/></source>"
      "<target dev='vda'/></disk>",
      "<source type='pci' managed='yes' namespace='2'>\n"
      "        <address domain='0x0000' bus='0x01' slot='0x02' function='0x1'/>" },
    { PC, NULL, "<disk><driver name='qemu' type='qcow2'><metadata_cache><max_size unit='KiB'>2</max_size></metadata_cache></driver>"
      "<source file='/x'/><backingStore/><target dev='vda'/></disk>",
      "<max_size unit='bytes'>2048</max_size>\n        </metadata_cache>\n      </driver>\n      <source file='/x'/>\n"
      "      <backingStore/>" },
    { PC, NULL, "<disk><driver name='qemu' type='qcow2'/><source file='/x' index='4'/><backingStore type='file' index='9'>"
      "<format type='raw'/><source file='/y'><slices><slice type='x'/><slice type='storage' offset='1' size='2'/></slices></source>"
      "<backingStore><format type='raw'/></backingStore></backingStore><mirror type='file'/><target dev='vda'/></disk>",
      "<source file='/x'/>\n      <backingStore type='file'>\n        <format type='raw'/>\n        <source file='/y'>\n"
      "          <slices>\n            <slice type='storage' offset='1' size='2'/>\n          </slices>\n        </source>\n"
      "        <backingStore/>\n      </backingStore>\n      <target" },
    { PC, NULL, "<disk><source file='/x'><encryption format='luks'><secret type='passphrase' "
      "uuid='D0B00000-0000-4000-8000-0000000000AA'/></encryption></source><target dev='vda'/></disk>",
      "<encryption format='luks' engine='qemu'>\n"
      "          <secret type='passphrase' uuid='d0b00000-0000-4000-8000-0000000000aa'/>" },
    { PC, SHARED, "<disk type='vhostuser'><source type='unix' path='/v'/><target dev='vda'/></disk>",
      "<disk type='vhostuser' device='disk' snapshot='no'>" },
};

static void
test_rejected(void)
{
    model_cases_rejected(rejected, G_N_ELEMENTS(rejected));
}

static void
test_filled(void)
{
    model_cases_filled(filled, G_N_ELEMENTS(filled));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/disks/rejected", test_rejected);
    g_test_add_func("/model/disks/filled", test_filled);
    return g_test_run();
}
