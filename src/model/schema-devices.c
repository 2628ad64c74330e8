/* The table of what <devices> holds, in libvirt's order. */
#include "model/schema.h"

#define E SCHEMA
#define ONE SCHEMA_ONE
#define MANY SCHEMA_MANY
#define TEXT SCHEMA_TEXT
#define FULL SCHEMA_FULL

#define ADDRESS \
    E("address", ONE, "type=pci", "type domain:n bus:n slot:n function:n multifunction:o", \
      E("zpci", ONE, NULL, "uid fid")), \
    E("address", ONE, "type=drive", "type controller:u bus:u target:u unit:u"), \
    E("address", ONE, "type=virtio-serial", "type controller:u bus:u port:u"), \
    E("address", ONE, "type=ccid", "type controller:u slot:u"), \
    E("address", ONE, "type=usb", "type bus:u port"), \
    E("address", ONE, "type=isa", "type iobase irq"), \
    E("address", ONE, "type=dimm", "type slot:u base:n"), \
    E("address", ONE, "type=spapr-vio", "type reg:n"), \
    E("address", ONE, "type=ccw", "type cssid:n ssid:n devno:n"), \
    E("address", ONE, "type=virtio-mmio|unassigned", "type")

#define INFO \
    E("boot", ONE, NULL, "order! loadparm"), \
    E("alias", ONE, NULL, "name!"), \
    E("master", ONE, NULL, "startport:u"), \
    E("rom", FULL, NULL, "enabled:y bar:o file"), \
    E("acpi", ONE, NULL, "index:u"), \
    ADDRESS

#define VIRTIO_DRIVER "iommu:o ats:o packed:o page_per_vq:o"

#define SECLABELS \
    E("seclabel", MANY, NULL, "type model relabel:y labelskip:y", \
      E("label", TEXT, NULL, NULL), \
      E("baselabel", TEXT, NULL, NULL), \
      E("imagelabel", TEXT, NULL, NULL))

#define RECONNECT E("reconnect", ONE, NULL, "enabled!:y timeout:u")

/* Where the bytes of a character device come from and go to; the type stands in the parent. */
#define CHARDEV \
    E("source", FULL, "../type=pty|dev|pipe", "path", SECLABELS), \
    E("source", FULL, "../type=file", "path append:o", SECLABELS), \
    E("source", FULL, "../type=unix", "mode=bind|connect path", RECONNECT, SECLABELS), \
    E("source", FULL, "../type=tcp", "mode=bind|connect host service tls:y", RECONNECT), \
    E("source", MANY, "../type=udp", "mode=bind|connect host service"), \
    E("source", FULL, "../type=spiceport|dbus", "channel"), \
    E("source", FULL, "../type=nmdm", "master slave"), \
    E("source", FULL, "../type=qemu-vdagent", NULL, \
      E("clipboard", ONE, NULL, "copypaste!:y"), \
      E("mouse", ONE, NULL, "mode!=server|client")), \
    E("protocol", ONE, "../type=tcp", "type=raw|telnet|telnets|tls"), \
    E("log", ONE, NULL, "file! append:o")

#define CHARDEV_TYPES "=null|vc|pty|dev|file|pipe|stdio|udp|tcp|unix|spicevmc|spiceport|nmdm|qemu-vdagent|dbus"

#define SECRET E("secret", MANY, NULL, "type uuid usage")
#define ENCRYPTION \
    E("encryption", ONE, NULL, "format=default|qcow|luks|luks2|luks-any engine=qemu|librbd", SECRET, \
      E("cipher", ONE, NULL, "name size:u mode hash"), \
      E("ivgen", ONE, NULL, "name hash"))
#define AUTH E("auth", ONE, NULL, "username!", SECRET)

#define SOURCE_EXTRAS \
    E("slices", FULL, NULL, NULL, E("slice", MANY, NULL, "type!=storage offset!:u size!:u")), \
    SECLABELS, \
    ENCRYPTION, \
    E("reservations", ONE, NULL, "managed:y", E("source", ONE, NULL, "type path mode"))

#define STORAGE_SOURCES \
    E("source", FULL, "../type=file", "file fdgroup startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=block", "dev startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=dir", "dir startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=network", \
      "protocol!=nbd|rbd|sheepdog|gluster|iscsi|http|https|ftp|ftps|tftp|vxhs|ssh|nfs name query tls:y tlsHostname index:u", \
      E("host", MANY, NULL, "transport=tcp|unix|rdma name port socket"), \
      E("snapshot", ONE, NULL, "name!"), \
      E("config", ONE, NULL, "file!"), \
      AUTH, \
      SOURCE_EXTRAS, \
      E("initiator", ONE, NULL, NULL, E("iqn", ONE, NULL, "name!")), \
      E("ssl", ONE, NULL, "verify:y"), \
      E("cookies", FULL, NULL, NULL, E("cookie", MANY | TEXT, NULL, "name!")), \
      E("readahead", ONE, NULL, "size:u"), \
      E("timeout", ONE, NULL, "seconds:u"), \
      E("identity", FULL, NULL, "user group"), \
      E("reconnect", ONE, NULL, "delay:u")), \
    E("source", FULL, "../type=volume", \
      "pool! volume! mode=host|direct startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=nvme", "type!=pci managed:y namespace!:u index:u", \
      E("address", ONE, NULL, "domain:n bus:n slot:n function:n"), SOURCE_EXTRAS), \
    E("source", FULL, "../type=vhostuser", "type!=unix path! index:u", RECONNECT), \
    E("source", FULL, "../type=vhostvdpa", "dev! index:u")

static const SchemaElement backing_store[] = {
    E("format", ONE, NULL, "type!", E("metadata_cache", ONE, NULL, NULL, E("max_size", TEXT, NULL, "unit"))),
    STORAGE_SOURCES,
    { "backingStore", ONE, NULL, "type index:u", backing_store },
    { NULL },
};

#define IOTUNE_SIX(suffix) \
    E("total_bytes_sec" suffix, TEXT, NULL, NULL), \
    E("read_bytes_sec" suffix, TEXT, NULL, NULL), \
    E("write_bytes_sec" suffix, TEXT, NULL, NULL), \
    E("total_iops_sec" suffix, TEXT, NULL, NULL), \
    E("read_iops_sec" suffix, TEXT, NULL, NULL), \
    E("write_iops_sec" suffix, TEXT, NULL, NULL)

#define DISK \
    E("disk", MANY, NULL, \
      "type=file|block|dir|network|volume|nvme|vhostuser|vhostvdpa~file device=disk|cdrom|floppy|lun~disk " \
      "model=virtio|virtio-transitional|virtio-non-transitional|virtio-scsi rawio:y sgio=filtered|unfiltered " \
      "snapshot=no|internal|external|manual", \
      E("driver", FULL, NULL, \
        "name type cache=default|none|writethrough|writeback|directsync|unsafe " \
        "error_policy=default|stop|report|ignore|enospace rerror_policy=default|stop|report|ignore " \
        "io=native|threads|io_uring ioeventfd:o event_idx:o copy_on_read:o discard=unmap|ignore iothread:u " \
        "detect_zeroes=off|on|unmap queues:u queue_size:u " VIRTIO_DRIVER, \
        E("metadata_cache", ONE, NULL, NULL, E("max_size", TEXT, NULL, "unit"))), \
      AUTH, \
      STORAGE_SOURCES, \
      { "backingStore", ONE, NULL, "type index:u", backing_store }, \
      E("backenddomain", ONE, NULL, "name"), \
      E("geometry", ONE, NULL, "cyls:u heads:u secs:u trans=none|auto|lba"), \
      E("blockio", FULL, NULL, "logical_block_size:u physical_block_size:u discard_granularity:u"), \
      E("mirror", SCHEMA_FOREIGN, NULL, NULL), \
      E("target", ONE, NULL, "dev bus=ide|fdc|scsi|virtio|xen|usb|uml|sata|sd tray=open|closed removable:o rotation_rate:u"), \
      E("iotune", FULL, NULL, NULL, \
        IOTUNE_SIX(""), \
        IOTUNE_SIX("_max"), \
        E("size_iops_sec", TEXT, NULL, NULL), \
        E("group_name", TEXT, NULL, NULL), \
        IOTUNE_SIX("_max_length")), \
      E("readonly", ONE, NULL, NULL), \
      E("shareable", ONE, NULL, NULL), \
      E("transient", ONE, NULL, "shareBacking:y"), \
      E("serial", TEXT, NULL, NULL), \
      E("wwn", TEXT, NULL, NULL), \
      E("vendor", TEXT, NULL, NULL), \
      E("product", TEXT, NULL, NULL), \
      ENCRYPTION, \
      INFO)

#define CONTROLLER \
    E("controller", MANY, NULL, \
      "type!=ide|fdc|scsi|sata|virtio-serial|ccid|usb|pci|xenbus|isa index model ports:u vectors:u " \
      "maxGrantFrames:u maxEventChannels:u", \
      E("driver", FULL, NULL, "queues:u cmd_per_lun:u max_sectors:u ioeventfd:o iothread:u " VIRTIO_DRIVER), \
      E("pcihole64", TEXT, NULL, "unit"), \
      E("model", ONE, NULL, "name!"), \
      E("target", FULL, NULL, "chassisNr:u chassis:u port:n busNr:u index:u hotplug:o", E("node", TEXT, NULL, NULL)), \
      INFO)

#define FILESYSTEM \
    E("filesystem", MANY, NULL, \
      "type=mount|block|file|template|ram|bind|volume~mount accessmode=passthrough|mapped|squash " \
      "model=virtio|virtio-transitional|virtio-non-transitional multidevs=default|remap|forbid|warn fmode dmode", \
      E("driver", FULL, NULL, \
        "type=path|handle|loop|nbd|ploop|virtiofs|mtp format wrpolicy=immediate queue:u " VIRTIO_DRIVER), \
      E("binary", FULL, NULL, "path xattr:o", \
        E("cache", ONE, NULL, "mode=none|always"), \
        E("sandbox", ONE, NULL, "mode=namespace|chroot"), \
        E("lock", ONE, NULL, "posix:o flock:o"), \
        E("thread_pool", ONE, NULL, "size:u")), \
      E("source", FULL, "../type=mount", "dir socket"), \
      E("source", FULL, "../type=bind", "dir"), \
      E("source", FULL, "../type=block", "dev"), \
      E("source", FULL, "../type=file", "file"), \
      E("source", FULL, "../type=template", "name"), \
      E("source", FULL, "../type=ram", "usage units"), \
      E("source", FULL, "../type=volume", "pool volume"), \
      E("target", ONE, NULL, "dir!"), \
      E("readonly", ONE, NULL, NULL), \
      E("space_hard_limit", TEXT, NULL, "unit"), \
      E("space_soft_limit", TEXT, NULL, "unit"), \
      INFO)

#define OFFLOADS "csum:o gso:o tso4:o tso6:o ecn:o ufo:o"
#define BANDWIDTH "average peak burst floor"

#define INTERFACE \
    E("interface", MANY, NULL, \
      "type!=user|ethernet|server|client|mcast|network|bridge|internal|direct|hostdev|udp|vdpa|null|vds|vhostuser " \
      "managed:y trustGuestRxFilters:y", \
      E("mac", ONE, NULL, "address! type=generated|static check:y"), \
      E("source", ONE, "../type=network", "network! portgroup portid bridge"), \
      E("source", ONE, "../type=bridge", "bridge!"), \
      E("source", ONE, "../type=direct", "dev! mode=vepa|private|bridge|passthrough"), \
      E("source", ONE, "../type=internal", "name!"), \
      E("source", ONE, "../type=vdpa|user", "dev"), \
      E("source", ONE, "../type=server|client|mcast", "address port:u"), \
      E("source", ONE, "../type=udp", "address port:u", E("local", ONE, NULL, "address port:u")), \
      E("source", ONE, "../type=vhostuser", "type path mode=server|client", RECONNECT), \
      E("source", ONE, "../type=hostdev", NULL, E("address", ONE, NULL, "type domain:n bus:n slot:n function:n")), \
      E("source", FULL, "../type=ethernet", NULL, \
        E("ip", MANY, NULL, "address family prefix peer"), \
        E("route", MANY, NULL, "family address netmask prefix gateway metric")), \
      E("vlan", ONE, NULL, "trunk:y", E("tag", MANY, NULL, "id!:n nativeMode")), \
      E("virtualport", ONE, NULL, "type", \
        E("parameters", FULL, NULL, "managerid typeid typeidversion instanceid profileid interfaceid")), \
      E("bandwidth", FULL, NULL, NULL, \
        E("inbound", FULL, NULL, "average peak burst floor"), \
        E("outbound", FULL, NULL, "average peak burst")), \
      E("port", FULL, NULL, "isolated:y"), \
      E("ip", MANY, NULL, "address! family prefix peer"), \
      E("route", MANY, NULL, "family address netmask prefix gateway metric"), \
      E("portForward", MANY, "../type=user", "proto!=tcp|udp address dev", \
        E("range", MANY, NULL, "start!:u end:u to:u exclude:y")), \
      E("script", ONE, NULL, "path!"), \
      E("downscript", ONE, NULL, "path!"), \
      E("backenddomain", ONE, NULL, "name"), \
      E("target", FULL, NULL, "dev managed:y"), \
      E("guest", FULL, NULL, "dev actual"), \
      E("model", ONE, NULL, "type!"), \
      E("driver", FULL, NULL, \
        "name=kvm|vfio|qemu|vhost txmode=iothread|timer ioeventfd:o event_idx:o queues:u rx_queue_size:u tx_queue_size:u " \
        "rss:o rss_hash_report:o " VIRTIO_DRIVER, \
        E("host", FULL, NULL, "csum:o gso:o tso4:o tso6:o ecn:o ufo:o mrg_rxbuf:o"), \
        E("guest", FULL, NULL, OFFLOADS)), \
      E("backend", FULL, NULL, "type=default tap vhost logFile"), \
      E("filterref", ONE, NULL, "filter!", E("parameter", MANY, NULL, "name value")), \
      E("link", ONE, NULL, "state!=up|down"), \
      E("mtu", FULL, NULL, "size:u"), \
      E("coalesce", ONE, NULL, NULL, \
        E("rx", ONE, NULL, NULL, E("frames", ONE, NULL, "max:u"))), \
      E("teaming", ONE, NULL, "type!=persistent|transient persistent"), \
      E("tune", ONE, NULL, NULL, E("sndbuf", TEXT, NULL, NULL)), \
      INFO)

#define SERIAL(name) \
    E(name, MANY, NULL, "type" CHARDEV_TYPES "~pty tty", \
      CHARDEV, \
      E("target", ONE, NULL, "type port:u", E("model", ONE, NULL, "name")), \
      INFO)

#define CHANNEL \
    E("channel", MANY, NULL, "type!" CHARDEV_TYPES, \
      CHARDEV, \
      E("target", ONE, "type=guestfwd", "type address port"), \
      E("target", ONE, NULL, "type name state=connected|disconnected"), \
      INFO)

#define GRAPHICS_LISTEN \
    E("listen", MANY, "type=address", "type address"), \
    E("listen", MANY, "type=network", "type address network"), \
    E("listen", MANY, "type=socket", "type socket"), \
    E("listen", MANY, "type=none", "type")

#define PASSWORD "passwd passwdValidTo connected=fail|disconnect|keep"

#define GRAPHICS \
    E("graphics", MANY, "type=vnc", \
      "type port autoport:y websocket:i wsGenerated:y listen socket keymap powerControl:y sharePolicy=allow-exclusive|force-shared|ignore " \
      PASSWORD, GRAPHICS_LISTEN, E("audio", ONE, NULL, "id:u")), \
    E("graphics", MANY, "type=spice", \
      "type port tlsPort autoport:y listen keymap defaultMode=secure|insecure|any " PASSWORD, \
      GRAPHICS_LISTEN, \
      E("channel", MANY, NULL, "name!=main|display|inputs|cursor|playback|record|smartcard|usbredir mode!=any|secure|insecure"), \
      E("image", ONE, NULL, "compression!=auto_glz|auto_lz|quic|glz|lz|off"), \
      E("jpeg", ONE, NULL, "compression!=auto|never|always"), \
      E("zlib", ONE, NULL, "compression!=auto|never|always"), \
      E("playback", ONE, NULL, "compression!:o"), \
      E("streaming", ONE, NULL, "mode!=filter|all|off"), \
      E("mouse", ONE, NULL, "mode!=server|client"), \
      E("clipboard", ONE, NULL, "copypaste!:y"), \
      E("filetransfer", ONE, NULL, "enable!:y"), \
      E("gl", ONE, NULL, "enable!:y rendernode")), \
    E("graphics", MANY, "type=sdl", "type display xauth fullscreen:y", E("gl", ONE, NULL, "enable!:y")), \
    E("graphics", MANY, "type=rdp", "type port:i autoport:y replaceUser:y multiUser:y listen", GRAPHICS_LISTEN), \
    E("graphics", MANY, "type=desktop", "type display fullscreen:y"), \
    E("graphics", MANY, "type=egl-headless", "type", E("gl", ONE, NULL, "rendernode")), \
    E("graphics", MANY, "type=dbus", "type p2p:y address", E("gl", ONE, NULL, "enable!:y rendernode"), \
      E("audio", ONE, NULL, "id:u"))

#define AUDIO_SETTINGS E("settings", FULL, NULL, "frequency:u channels:u format=s8|u8|s16|u16|s32|u32|f32")
#define AUDIO_COMMON "mixingEngine:y fixedSettings:y voices:u bufferLength:u "
#define AUDIO \
    E("audio", MANY, NULL, \
      "id!:u type!=none|alsa|coreaudio|dbus|jack|oss|pulseaudio|sdl|spice|file timerPeriod:u serverName driver path runtimeDir " \
      "tryMMap:y exclusive:y dspPolicy:i", \
      E("input", FULL, NULL, AUDIO_COMMON "dev name streamName latency:u bufferCount:u tryPoll:y serverName clientName connectPorts exactName:y", AUDIO_SETTINGS), \
      E("output", FULL, NULL, AUDIO_COMMON "dev name streamName latency:u bufferCount:u tryPoll:y serverName clientName connectPorts exactName:y", AUDIO_SETTINGS))

#define VIDEO \
    E("video", MANY, NULL, NULL, \
      E("driver", FULL, NULL, VIRTIO_DRIVER " name=qemu|vhostuser vgaconf=io|on|off"), \
      E("model", ONE, NULL, "type ram:u vram:u vram64:u vgamem:u heads:u primary:y", \
        E("acceleration", FULL, NULL, "accel3d:y accel2d:y rendernode"), \
        E("resolution", FULL, NULL, "x!:u y!:u")), \
      INFO)

#define HOSTDEV_ADDRESS "domain:n bus:n slot:n function:n"
#define HOSTDEV \
    E("hostdev", MANY, NULL, \
      "mode!=subsystem|capabilities type!=usb|pci|scsi|scsi_host|mdev|storage|misc|net managed:y " \
      "sgio=filtered|unfiltered rawio:y model display:o ramfb:o", \
      E("driver", FULL, NULL, "name=vfio|xen|kvm " VIRTIO_DRIVER), \
      E("source", FULL, "../type=usb", "startupPolicy guestReset", \
        E("vendor", ONE, NULL, "id!"), E("product", ONE, NULL, "id!"), E("address", ONE, NULL, "bus:n device:n port")), \
      E("source", ONE, "../type=pci", "writeFiltering:y", E("address", ONE, NULL, HOSTDEV_ADDRESS)), \
      E("source", ONE, "../type=mdev", NULL, E("address", ONE, NULL, "uuid!")), \
      E("source", ONE, "../type=scsi", "protocol name", \
        E("adapter", ONE, NULL, "name!"), E("address", ONE, NULL, "bus:u target:u unit:u"), \
        E("host", MANY, NULL, "name port"), AUTH, \
        E("initiator", ONE, NULL, NULL, E("iqn", ONE, NULL, "name!"))), \
      E("source", ONE, "../type=scsi_host", "protocol! wwpn!"), \
      E("source", ONE, "../type=storage", NULL, E("block", TEXT, NULL, NULL)), \
      E("source", ONE, "../type=misc", NULL, E("char", TEXT, NULL, NULL)), \
      E("source", ONE, "../type=net", NULL, E("interface", TEXT, NULL, NULL)), \
      E("teaming", ONE, NULL, "type!=persistent|transient persistent"), \
      E("readonly", ONE, NULL, NULL), \
      E("shareable", ONE, NULL, NULL), \
      INFO)

#define MEMORY \
    E("memory", MANY, NULL, "model!=dimm|nvdimm|virtio-pmem|virtio-mem|sgx-epc access=shared|private discard:y", \
      E("uuid", TEXT, NULL, NULL), \
      E("source", FULL, NULL, NULL, \
        E("nodemask", TEXT, NULL, NULL), E("pagesize", TEXT, NULL, "unit"), E("path", TEXT, NULL, NULL), \
        E("alignsize", TEXT, NULL, "unit"), E("pmem", ONE, NULL, NULL)), \
      E("target", ONE, NULL, NULL, \
        E("size", TEXT, NULL, "unit"), E("node", TEXT, NULL, NULL), \
        E("label", ONE, NULL, NULL, E("size", TEXT, NULL, "unit")), \
        E("block", TEXT, NULL, "unit"), E("requested", TEXT, NULL, "unit"), E("current", TEXT, NULL, "unit"), \
        E("readonly", ONE, NULL, NULL)), \
      INFO)

const SchemaElement schema_devices[] = {
    E("emulator", TEXT, NULL, NULL),
    DISK,
    CONTROLLER,
    E("lease", MANY, NULL, NULL,
      E("lockspace", TEXT, NULL, NULL), E("key", TEXT, NULL, NULL), E("target", ONE, NULL, "path! offset:u")),
    FILESYSTEM,
    INTERFACE,
    E("smartcard", MANY, "mode=host", "mode!=host|host-certificates|passthrough", INFO),
    E("smartcard", MANY, "mode=host-certificates", "mode!",
      E("certificate", MANY | TEXT, NULL, NULL), E("database", TEXT, NULL, NULL), INFO),
    E("smartcard", MANY, NULL, "mode!=host|host-certificates|passthrough type" CHARDEV_TYPES, CHARDEV, INFO),
    SERIAL("serial"),
    E("parallel", MANY, NULL, "type" CHARDEV_TYPES "~pty tty", CHARDEV, E("target", ONE, NULL, "type port:u"), INFO),
    SERIAL("console"),
    CHANNEL,
    E("input", MANY, NULL,
      "type!=mouse|tablet|keyboard|passthrough|evdev bus=ps2|usb|xen|parallels|virtio|none "
      "model=virtio|virtio-transitional|virtio-non-transitional",
      E("driver", FULL, NULL, VIRTIO_DRIVER),
      E("source", FULL, NULL, "dev evdev grab=all grabToggle=ctrl-ctrl|alt-alt|shift-shift|meta-meta|scrolllock|ctrl-scrolllock repeat:o"),
      INFO),
    E("tpm", MANY, NULL, "model=tpm-tis|tpm-crb|tpm-spapr|spapr-tpm-proxy|default",
      E("backend", ONE, "type=passthrough", "type!", E("device", ONE, NULL, "path")),
      E("backend", ONE, "type=emulator", "type! version=default|1.2|2.0 persistent_state:y",
        E("encryption", ONE, NULL, "secret"),
        E("active_pcr_banks", FULL, NULL, NULL,
          E("sha1", ONE, NULL, NULL), E("sha256", ONE, NULL, NULL), E("sha384", ONE, NULL, NULL), E("sha512", ONE, NULL, NULL))),
      E("backend", ONE, "type=external", "type!",
        E("source", ONE, NULL, "type mode path")),
      E("backend", ONE, NULL, "type!=passthrough|emulator|external"),
      INFO),
    GRAPHICS,
    E("sound", MANY, NULL, "model!=sb16|es1370|pcspk|ac97|ich6|ich9|usb|ich7 multichannel:y",
      E("codec", MANY, NULL, "type!=duplex|micro|output"),
      E("audio", ONE, NULL, "id!:u"),
      INFO),
    AUDIO,
    VIDEO,
    HOSTDEV,
    E("redirdev", MANY, NULL, "bus=usb~usb type!" CHARDEV_TYPES, CHARDEV, INFO),
    E("redirfilter", ONE, NULL, NULL,
      E("usbdev", MANY, NULL, "class vendor product version allow!:y")),
    E("hub", MANY, NULL, "type!=usb", INFO),
    E("watchdog", MANY, NULL, "model!=i6300esb|ib700|diag288 action=reset|shutdown|poweroff|pause|dump|none|inject-nmi~reset",
      INFO),
    E("memballoon", MANY, NULL,
      "model!=virtio|virtio-transitional|virtio-non-transitional|xen|none autodeflate:o freePageReporting:o",
      E("stats", FULL, NULL, "period:u"),
      INFO,
      E("driver", FULL, NULL, VIRTIO_DRIVER)),
    E("rng", MANY, NULL, "model!=virtio|virtio-transitional|virtio-non-transitional",
      E("rate", ONE, NULL, "bytes!:u period:u"),
      E("backend", TEXT, "model=random", "model!"),
      E("backend", ONE, "model=egd", "model! type" CHARDEV_TYPES, CHARDEV),
      E("backend", ONE, NULL, "model!=random|egd|builtin"),
      E("driver", FULL, NULL, VIRTIO_DRIVER),
      INFO),
    E("nvram", ONE, NULL, NULL, INFO),
    E("panic", MANY, NULL, "model=default|pseries|isa|hyperv|s390", INFO),
    E("shmem", MANY, NULL, "name! role=master|peer",
      E("model", ONE, NULL, "type=ivshmem|ivshmem-plain|ivshmem-doorbell"),
      E("size", TEXT, NULL, "unit"),
      E("server", ONE, NULL, "path"),
      E("msi", ONE, NULL, "enabled:y vectors:u ioeventfd:o"),
      INFO),
    MEMORY,
    E("iommu", MANY, NULL, "model!=intel|smmuv3|virtio",
      E("driver", FULL, NULL, "intremap:o caching_mode:o eim:o iotlb:o aw_bits:u"),
      INFO),
    E("vsock", MANY, NULL, "model=default|virtio|virtio-transitional|virtio-non-transitional",
      E("cid", ONE, NULL, "auto:y address:u"),
      E("driver", FULL, NULL, VIRTIO_DRIVER),
      INFO),
    { NULL },
};
