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
    E("address", ONE, "type=isa", "type iobase:n irq:n"), \
    E("address", ONE, "type=dimm", "type slot!:u base:n"), \
    E("address", ONE, "type=spapr-vio", "type reg:n"), \
    E("address", ONE, "type=ccw", "type cssid:n ssid:n devno:n"), \
    E("address", ONE, NULL, "type")

/* What every device may have, and what only some have with it. */
#define ALIAS E("alias", FULL, NULL, "name")
#define BOOT E("boot", ONE, NULL, "order!:p loadparm")
#define ROM E("rom", FULL, NULL, "enabled:y bar:o file")
#define INFO \
    ALIAS, \
    E("master", ONE, NULL, "startport:u"), \
    E("acpi", FULL, NULL, "index:p"), \
    ADDRESS
#define INFO_BOOT BOOT, INFO
#define INFO_ROM \
    BOOT, \
    ALIAS, \
    ROM, \
    E("acpi", FULL, NULL, "index:p"), \
    ADDRESS

#define VIRTIO_DRIVER "iommu:o ats:o packed:o page_per_vq:o"

#define SECLABELS \
    E("seclabel", MANY, NULL, "type model relabel:y labelskip:y", \
      E("label", TEXT, NULL, NULL), \
      E("baselabel", TEXT, NULL, NULL), \
      E("imagelabel", TEXT, NULL, NULL))

#define RECONNECT E("reconnect", FULL, NULL, "enabled:y timeout:u")

/* Where the bytes of a character device come from and go to; the type stands in the parent. */
#define CHARDEV \
    E("source", FULL | MANY, "../type=pty|dev|pipe", "path", SECLABELS), \
    E("source", FULL | MANY, "../type=file", "path append:o", SECLABELS), \
    E("source", FULL | MANY, "../type=unix", "mode=bind|connect path", RECONNECT, SECLABELS), \
    E("source", FULL | MANY, "../type=tcp", "mode=bind|connect host service tls:y", RECONNECT), \
    E("source", MANY, "../type=udp", "mode=bind|connect host service"), \
    E("source", FULL | MANY, "../type=spiceport|dbus", "channel"), \
    E("source", FULL | MANY, "../type=nmdm", "master slave"), \
    E("source", FULL | MANY, "../type=qemu-vdagent", NULL, \
      E("clipboard", ONE, NULL, "copypaste!:y"), \
      E("mouse", ONE, NULL, "mode!=server|client")), \
    E("protocol", ONE, "../type=tcp", "type=raw|telnet|telnets|tls"), \
    E("log", FULL, NULL, "file append:o")

#define CHARDEV_TYPES "=null|vc|pty|dev|file|pipe|stdio|udp|tcp|unix|spicevmc|spiceport|nmdm|qemu-vdagent|dbus"

#define ENCRYPTION \
    E("encryption", ONE, NULL, "format!=default|qcow|luks|luks2 engine=qemu|librbd", \
      E("secret", MANY, NULL, "type!=passphrase uuid usage"), \
      E("cipher", ONE, NULL, "name size:u mode hash"), \
      E("ivgen", ONE, NULL, "name hash"))
#define AUTH \
    E("auth", ONE, NULL, "username!", \
      E("secret", ONE, NULL, "type=none|volume|ceph|iscsi|tls|vtpm uuid usage"))

#define SOURCE_EXTRAS \
    E("slices", FULL, NULL, NULL, E("slice", ONE, "type=storage", "type! offset size")), \
    SECLABELS, \
    ENCRYPTION, \
    E("reservations", ONE, NULL, "managed!:y", E("source", FULL, NULL, "type path mode"))

#define STORAGE_SOURCES \
    E("source", FULL, "../type=file", "file fdgroup startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=block", "dev startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=dir", "dir startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=network", \
      "protocol!=nbd|rbd|sheepdog|gluster|iscsi|http|https|ftp|ftps|tftp|vxhs|ssh|nfs name query tls:y tlsHostname startupPolicy=mandatory|requisite|optional index:u", \
      E("host", MANY, NULL, "transport=tcp|unix|rdma name port socket"), \
      E("identity", FULL, NULL, "user group"), \
      E("snapshot", ONE, NULL, "name!"), \
      E("config", ONE, NULL, "file!"), \
      AUTH, \
      SOURCE_EXTRAS, \
      E("initiator", ONE, NULL, NULL, E("iqn", ONE, NULL, "name!")), \
      E("ssl", ONE, NULL, "verify:y"), \
      E("cookies", FULL, NULL, NULL, E("cookie", MANY | TEXT, NULL, "name")), \
      E("readahead", FULL, NULL, "size"), \
      E("timeout", FULL, NULL, "seconds")), \
    E("source", FULL, "../type=volume", \
      "pool volume mode=host|direct startupPolicy=mandatory|requisite|optional index:u", SOURCE_EXTRAS), \
    E("source", FULL, "../type=nvme", "type managed:y~yes namespace!:U index:u", \
      E("address", ONE, NULL, "domain:n bus:n slot:n function:n"), SOURCE_EXTRAS), \
    E("source", FULL, "../type=vhostuser", "type path index:u", RECONNECT)

static const SchemaElement backing_store[] = {
    E("format", ONE, NULL, "type", E("metadata_cache", FULL, NULL, NULL, E("max_size", TEXT, NULL, "unit"))),
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
      "type=file|block|dir|network|volume|nvme|vhostuser~file device=disk|cdrom|floppy|lun~disk " \
      "model=virtio|virtio-transitional|virtio-non-transitional|virtio-scsi rawio:y sgio=filtered|unfiltered " \
      "snapshot=no|internal|external|manual", \
      E("driver", FULL, NULL, \
        "name type cache=default|none|writethrough|writeback|directsync|unsafe " \
        "error_policy=stop|report|ignore|enospace rerror_policy=stop|report|ignore|enospace " \
        "io=native|threads|io_uring ioeventfd:o event_idx:o copy_on_read:o discard=unmap|ignore iothread:p " \
        "detect_zeroes=off|on|unmap queues:u queue_size:u " VIRTIO_DRIVER, \
        E("metadata_cache", FULL, NULL, NULL, E("max_size", TEXT, NULL, "unit"))), \
      AUTH, \
      STORAGE_SOURCES, \
      { "backingStore", ONE, NULL, "type index:u", backing_store }, \
      E("backenddomain", ONE, NULL, "name"), \
      E("geometry", FULL, NULL, "cyls:u heads:u secs:u trans=none|auto|lba"), \
      E("blockio", FULL, NULL, "logical_block_size:u physical_block_size:u"), \
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
      INFO_BOOT)

#define CONTROLLER \
    E("controller", MANY, NULL, \
      "type=ide|fdc|scsi|sata|virtio-serial|ccid|usb|pci|xenbus|isa~ide index:d model ports:d vectors:d " \
      "maxGrantFrames:d maxEventChannels:d", \
      E("driver", FULL, NULL, "queues:u cmd_per_lun:u max_sectors:u ioeventfd:o iothread:u " VIRTIO_DRIVER), \
      E("pcihole64", TEXT, NULL, "unit"), \
      E("model", FULL, NULL, \
        "name=pci-bridge|i82801b11-bridge|ioh3420|x3130-upstream|xio3130-downstream|pxb|pxb-pcie|pcie-root-port|" \
        "spapr-pci-host-bridge|pcie-pci-bridge"), \
      E("target", FULL, NULL, "chassisNr:i chassis:i port:n busNr:i index:i hotplug:o", E("node", TEXT, NULL, NULL)), \
      INFO_BOOT)

#define FILESYSTEM \
    E("filesystem", MANY, NULL, \
      "type=mount|block|file|template|ram|bind|volume~mount accessmode=passthrough|mapped|squash " \
      "model=virtio|virtio-transitional|virtio-non-transitional multidevs=default|remap|forbid|warn fmode dmode", \
      E("driver", FULL, NULL, \
        "type=path|handle|loop|nbd|ploop|virtiofs format wrpolicy=immediate queue " VIRTIO_DRIVER), \
      E("binary", FULL, NULL, "path xattr:o", \
        E("cache", FULL, NULL, "mode=none|always"), \
        E("sandbox", FULL, NULL, "mode=namespace|chroot"), \
        E("lock", FULL, NULL, "posix:o flock:o"), \
        E("thread_pool", FULL, NULL, "size")), \
      E("source", FULL, "../type=mount", "dir socket"), \
      E("source", FULL, "../type=bind", "dir"), \
      E("source", FULL, "../type=block", "dev"), \
      E("source", FULL, "../type=file", "file"), \
      E("source", FULL, "../type=template", "name"), \
      E("source", FULL, "../type=ram", "usage units"), \
      E("source", FULL, "../type=volume", "pool volume"), \
      E("target", FULL, NULL, "dir"), \
      E("readonly", ONE, NULL, NULL), \
      INFO_BOOT, \
      E("space_hard_limit", TEXT, NULL, "unit"), \
      E("space_soft_limit", TEXT, NULL, "unit"))

#define OFFLOADS "csum:o gso:o tso4:o tso6:o ecn:o ufo:o"
#define RATES "average peak floor burst"
#define HOST_IP \
    E("ip", MANY, NULL, "address family prefix peer"), \
    E("route", MANY, NULL, "family address netmask prefix gateway metric:p")

#define INTERFACE \
    E("interface", MANY, NULL, \
      "type=user|ethernet|server|client|mcast|network|bridge|internal|direct|hostdev|udp|vdpa|null|vds|vhostuser~user " \
      "managed trustGuestRxFilters:y", \
      E("mac", FULL, NULL, "address type=generated|static check:y"), \
      E("driver", FULL, "../type=hostdev", "name=kvm|vfio|xen"), \
      E("source", ONE, "../type=network", "network! portgroup portid bridge", HOST_IP), \
      E("source", ONE, "../type=bridge", "bridge!", HOST_IP), \
      E("source", ONE, "../type=direct", "dev! mode=vepa|private|bridge|passthrough~vepa", HOST_IP), \
      E("source", ONE, "../type=internal", "name!", HOST_IP), \
      E("source", ONE, "../type=vdpa", "dev!", HOST_IP), \
      E("source", FULL, "../type=user", "dev", HOST_IP), \
      E("source", ONE, "../type=server", "address port!:i", HOST_IP), \
      E("source", ONE, "../type=client|mcast", "address! port!:i", HOST_IP), \
      E("source", ONE, "../type=udp", "address! port!:i", E("local", ONE, NULL, "address! port!:i"), HOST_IP), \
      E("source", ONE, "../type=vhostuser", "type! path mode=server|client", RECONNECT, HOST_IP), \
      E("source", ONE, "../type=vds", "switchid! portid! portgroupid! connectionid!:u"), \
      E("source", ONE, "../type=hostdev", NULL, \
        E("address", ONE, "type=usb", "type bus:n device:n"), \
        E("address", ONE, NULL, "type domain:n bus:n slot:n function:n")), \
      E("source", FULL, "../type=ethernet", NULL, HOST_IP), \
      E("vlan", ONE, NULL, "trunk", E("tag", MANY, NULL, "id!:u nativeMode=tagged|untagged")), \
      E("virtualport", ONE, NULL, "type", \
        E("parameters", FULL, NULL, "managerid typeid typeidversion instanceid interfaceid profileid")), \
      E("bandwidth", FULL, NULL, NULL, E("inbound", MANY, NULL, RATES), E("outbound", MANY, NULL, RATES)), \
      E("port", FULL, NULL, "isolated:y"), \
      E("ip", MANY, NULL, "address family prefix peer"), \
      E("route", MANY, NULL, "family address netmask prefix gateway metric:p"), \
      E("portForward", MANY, NULL, "proto!=tcp|udp address dev", \
        E("range", MANY, NULL, "start!:p end:p to:p exclude:y")), \
      E("script", FULL, NULL, "path"), \
      E("downscript", FULL, NULL, "path"), \
      E("backenddomain", FULL, NULL, "name"), \
      E("target", FULL, NULL, "dev managed:y"), \
      E("guest", FULL, NULL, "dev actual"), \
      E("model", FULL, NULL, "type"), \
      E("driver", FULL, NULL, \
        "name=qemu|vhost txmode=iothread|timer ioeventfd:o event_idx:o queues:u rx_queue_size:u tx_queue_size:u " \
        "rss:o rss_hash_report:o " VIRTIO_DRIVER, \
        E("host", FULL, NULL, OFFLOADS " mrg_rxbuf:o"), \
        E("guest", FULL, NULL, "csum:o tso4:o tso6:o ecn:o ufo:o")), \
      E("backend", FULL, NULL, "type=passt tap vhost logFile"), \
      E("filterref", FULL, NULL, "filter", E("parameter", MANY, NULL, "name value")), \
      E("tune", FULL, NULL, NULL, E("sndbuf", TEXT | FULL, NULL, NULL)), \
      E("link", FULL, NULL, "state=up|down|"), \
      E("mtu", FULL, NULL, "size"), \
      E("coalesce", FULL, NULL, NULL, \
        E("rx", FULL, NULL, NULL, E("frames", FULL, NULL, "max"))), \
      E("teaming", FULL, NULL, "type=persistent|transient| persistent"), \
      INFO_ROM)

#define SERIAL(name) \
    E(name, MANY, NULL, "type" CHARDEV_TYPES "~pty tty", \
      CHARDEV, \
      E("target", ONE, NULL, "type port", E("model", ONE, NULL, "name")), \
      INFO)

#define CHANNEL \
    E("channel", MANY, NULL, "type" CHARDEV_TYPES "~pty", \
      CHARDEV, \
      E("target", ONE, "type=guestfwd", "type address port"), \
      E("target", ONE, NULL, "type name state"), \
      INFO)

#define GRAPHICS_LISTEN E("listen", MANY, NULL, "type!=address|network|socket|none address network socket")

#define PASSWORD "passwd passwdValidTo connected"

#define GRAPHICS \
    E("graphics", MANY, "type=vnc", \
      "type port autoport websocket:i wsGenerated:y listen socket keymap powerControl:y sharePolicy=allow-exclusive|force-shared|ignore " \
      PASSWORD, GRAPHICS_LISTEN, E("audio", ONE, NULL, "id!:p")), \
    E("graphics", MANY, "type=spice", \
      "type port:i tlsPort:i autoport:y listen keymap defaultMode=secure|insecure|any " PASSWORD, \
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
    E("graphics", MANY, "type=rdp", "type port autoport replaceUser multiUser listen", GRAPHICS_LISTEN), \
    E("graphics", MANY, "type=desktop", "type display fullscreen:y"), \
    E("graphics", MANY, "type=egl-headless", "type", E("gl", FULL, NULL, "rendernode")), \
    E("graphics", MANY, "type=dbus", "type p2p:y address", E("gl", ONE, NULL, "enable!:y rendernode"), \
      E("audio", ONE, NULL, "id!:p")), \
    E("graphics", MANY, NULL, "type!=vnc|spice|sdl|rdp|desktop|egl-headless|dbus")

#define AUDIO_STREAM(name, type, attributes) \
    E(name, FULL, "../type=" type, "mixingEngine:y fixedSettings:y voices:p bufferLength:p " attributes, \
      E("settings", ONE, NULL, "frequency:p channels:p format=s8|u8|s16|u16|s32|u32|f32"))
#define AUDIO_STREAMS(name) \
    AUDIO_STREAM(name, "alsa", "dev"), \
    AUDIO_STREAM(name, "coreaudio", "bufferCount:p"), \
    AUDIO_STREAM(name, "jack", "serverName clientName connectPorts exactName:y"), \
    AUDIO_STREAM(name, "oss", "dev bufferCount:p tryPoll:y"), \
    AUDIO_STREAM(name, "pulseaudio", "name streamName latency:p"), \
    AUDIO_STREAM(name, "sdl", "bufferCount:p"), \
    AUDIO_STREAM(name, "none|dbus|spice|file", "")
#define AUDIO_OF(type, attributes) \
    E("audio", MANY, "type=" type, "id!:p type timerPeriod:p " attributes, AUDIO_STREAMS("input"), AUDIO_STREAMS("output"))
#define AUDIO \
    AUDIO_OF("none|alsa|coreaudio|dbus|jack|spice", ""), \
    AUDIO_OF("oss", "tryMMap:y exclusive:y dspPolicy:i"), \
    AUDIO_OF("pulseaudio", "serverName"), \
    AUDIO_OF("sdl", "driver=esd|alsa|arts|pulseaudio"), \
    AUDIO_OF("file", "path"), \
    E("audio", MANY, NULL, "type!=none|alsa|coreaudio|dbus|jack|oss|pulseaudio|sdl|spice|file id")

#define VIDEO \
    E("video", MANY, NULL, NULL, \
      E("driver", FULL, NULL, VIRTIO_DRIVER " name=qemu|vhostuser vgaconf"), \
      E("model", ONE, NULL, "type ram vram vram64 vgamem heads primary", \
        E("acceleration", ONE, NULL, "accel3d:y accel2d:y rendernode"), \
        E("resolution", ONE, NULL, "x!:u y!:u")), \
      INFO)

#define HOSTDEV_ADDRESS "type domain:n bus:n slot:n function:n"
#define HOSTDEV \
    E("hostdev", MANY, NULL, \
      "mode=subsystem|capabilities~subsystem type managed sgio=filtered|unfiltered rawio:y model display:o ramfb:o", \
      E("driver", FULL, "../type=pci", "name=vfio|xen|kvm"), \
      E("source", ONE, "../type=usb", "startupPolicy=mandatory|requisite|optional guestReset=off|uninitialized|on", \
        E("vendor", ONE, NULL, "id!:P"), E("product", ONE, NULL, "id!:P"), E("address", ONE, NULL, "bus!:n device!:n port")), \
      E("source", ONE, "../type=pci", "writeFiltering:y", E("address", ONE, NULL, HOSTDEV_ADDRESS)), \
      E("source", ONE, "../type=mdev", NULL, E("address", ONE, NULL, "uuid")), \
      E("source", ONE, "../type=scsi", "protocol name", \
        E("adapter", ONE, NULL, "name"), E("address", ONE, NULL, "bus!:u target!:u unit!:u"), \
        E("host", MANY, NULL, "name port transport socket"), AUTH, \
        E("initiator", FULL, NULL, NULL, E("iqn", FULL, NULL, "name"))), \
      E("source", ONE, "../type=scsi_host", "protocol wwpn"), \
      E("source", ONE, "../type=storage", NULL, E("block", TEXT, NULL, NULL)), \
      E("source", ONE, "../type=misc", NULL, E("char", TEXT, NULL, NULL)), \
      E("source", ONE, "../type=net", NULL, E("interface", TEXT, NULL, NULL)), \
      E("source", ONE, NULL, NULL), \
      E("teaming", FULL, NULL, "type=persistent|transient| persistent"), \
      E("readonly", ONE, NULL, NULL), \
      E("shareable", ONE, NULL, NULL), \
      INFO_ROM)

#define MEMORY_SIZE(name) E(name, TEXT, NULL, "unit")
#define MEMORY_PLACE MEMORY_SIZE("size"), E("node", TEXT, NULL, NULL)
#define MEMORY_PAGES MEMORY_SIZE("pagesize"), E("nodemask", TEXT, NULL, NULL)
#define MEMORY_OF(model, ...) \
    E("memory", MANY, "model=" model, "model access=shared|private discard:y", E("uuid", TEXT, NULL, NULL), __VA_ARGS__, INFO)
#define MEMORY \
    MEMORY_OF("dimm", E("source", FULL, NULL, NULL, MEMORY_PAGES), E("target", ONE, NULL, NULL, MEMORY_PLACE)), \
    MEMORY_OF("nvdimm", \
      E("source", FULL, NULL, NULL, E("path", TEXT, NULL, NULL), MEMORY_SIZE("alignsize"), E("pmem", ONE, NULL, NULL)), \
      E("target", ONE, NULL, NULL, MEMORY_PLACE, E("label", FULL, NULL, NULL, MEMORY_SIZE("size")), E("readonly", ONE, NULL, NULL))), \
    MEMORY_OF("virtio-pmem", E("source", FULL, NULL, NULL, E("path", TEXT, NULL, NULL)), E("target", ONE, NULL, NULL, MEMORY_PLACE)), \
    MEMORY_OF("virtio-mem", E("source", FULL, NULL, NULL, MEMORY_PAGES), \
      E("target", ONE, NULL, NULL, \
        MEMORY_PLACE, MEMORY_SIZE("block"), MEMORY_SIZE("requested"), MEMORY_SIZE("current"))), \
    MEMORY_OF("sgx-epc", E("source", FULL, NULL, NULL, E("nodemask", TEXT, NULL, NULL)), E("target", ONE, NULL, NULL, MEMORY_PLACE)), \
    E("memory", MANY, NULL, "model!=dimm|nvdimm|virtio-pmem|virtio-mem|sgx-epc")

const SchemaElement schema_devices[] = {
    E("emulator", TEXT, NULL, NULL),
    DISK,
    CONTROLLER,
    E("lease", MANY, NULL, NULL,
      E("lockspace", TEXT, NULL, NULL), E("key", TEXT, NULL, NULL), E("target", ONE, NULL, "path! offset:U")),
    FILESYSTEM,
    INTERFACE,
    E("smartcard", MANY, "mode=host", "mode!=host|host-certificates|passthrough", INFO),
    E("smartcard", MANY, "mode=host-certificates", "mode!",
      E("certificate", MANY | TEXT, NULL, NULL), E("database", TEXT, NULL, NULL), INFO),
    E("smartcard", MANY, NULL, "mode!=host|host-certificates|passthrough type" CHARDEV_TYPES, CHARDEV, INFO),
    SERIAL("serial"),
    E("parallel", MANY, NULL, "type" CHARDEV_TYPES "~pty tty", CHARDEV, E("target", ONE, NULL, "type port"), INFO),
    SERIAL("console"),
    CHANNEL,
    E("input", MANY, NULL,
      "type!=mouse|tablet|keyboard|passthrough|evdev bus=ps2|usb|xen|parallels|virtio|none "
      "model=virtio|virtio-transitional|virtio-non-transitional",
      E("driver", FULL, NULL, VIRTIO_DRIVER),
      E("source", ONE, "../type=passthrough", "evdev"),
      E("source", ONE, "../type=evdev",
        "dev grab=all grabToggle=ctrl-ctrl|alt-alt|shift-shift|meta-meta|scrolllock|ctrl-scrolllock repeat:o"),
      INFO),
    E("tpm", MANY, NULL, "model=tpm-tis|tpm-crb|tpm-spapr|spapr-tpm-proxy",
      E("backend", MANY, "type=passthrough", "type", E("device", ONE, NULL, "path")),
      E("backend", MANY, "type=emulator", "type version=1.2|2.0 persistent_state",
        E("encryption", FULL, NULL, "secret"),
        E("active_pcr_banks", FULL | SCHEMA_FOREIGN, NULL, NULL)),
      E("backend", MANY, "type=external", "type", E("source", FULL, NULL, "type mode path", SECLABELS)),
      E("backend", MANY, NULL, "type!=passthrough|emulator|external"),
      INFO),
    GRAPHICS,
    E("sound", MANY, NULL, "model!=sb16|es1370|pcspk|ac97|ich6|ich9|usb|ich7",
      E("codec", MANY, "../model=ich6|ich9", "type!=duplex|micro|output"),
      E("audio", ONE, NULL, "id!:p"),
      INFO),
    AUDIO,
    VIDEO,
    HOSTDEV,
    E("redirdev", MANY, NULL, "bus=usb~usb type" CHARDEV_TYPES, CHARDEV, INFO_BOOT),
    E("redirfilter", MANY | FULL, NULL, NULL,
      E("usbdev", MANY, NULL, "class vendor product version allow!:y")),
    E("hub", MANY, NULL, "type!=usb", INFO),
    E("watchdog", MANY, NULL, "model!=i6300esb|ib700|diag288 action=reset|shutdown|poweroff|pause|dump|none|inject-nmi~reset",
      INFO),
    E("memballoon", MANY, NULL,
      "model!=virtio|virtio-transitional|virtio-non-transitional|xen|none autodeflate:o freePageReporting:o",
      E("stats", FULL, NULL, "period:i"),
      INFO,
      E("driver", FULL, NULL, VIRTIO_DRIVER)),
    E("rng", MANY, NULL, "model!=virtio|virtio-transitional|virtio-non-transitional",
      E("rate", FULL, NULL, "bytes period"),
      E("backend", TEXT | MANY, "model=random", "model!"),
      E("backend", MANY, "model=egd", "model! type" CHARDEV_TYPES, CHARDEV),
      E("backend", MANY, NULL, "model!=random|egd|builtin"),
      E("driver", FULL, NULL, VIRTIO_DRIVER),
      INFO),
    E("nvram", ONE, NULL, NULL, INFO),
    E("panic", MANY, NULL, "model=default|pseries|isa|hyperv|s390", INFO),
    E("shmem", MANY, NULL, "name! role=master|peer",
      E("model", FULL, NULL, "type=ivshmem|ivshmem-plain|ivshmem-doorbell"),
      E("size", TEXT, NULL, "unit"),
      E("server", ONE, NULL, "path"),
      E("msi", ONE, NULL, "enabled:y vectors:n ioeventfd:o"),
      INFO),
    MEMORY,
    E("iommu", MANY, NULL, "model!=intel|smmuv3|virtio",
      E("driver", FULL, NULL, "intremap:o caching_mode:o eim:o iotlb:o aw_bits:u"),
      INFO),
    E("vsock", MANY, NULL, "model=default|virtio|virtio-transitional|virtio-non-transitional",
      E("cid", ONE, NULL, "auto:y address:p"),
      INFO,
      E("driver", FULL, NULL, VIRTIO_DRIVER)),
    { NULL },
};
