/* The table of <domain>, in libvirt's order; its devices are in schema-devices.c. */
#include "model/schema.h"

#define E SCHEMA
#define ONE SCHEMA_ONE
#define MANY SCHEMA_MANY
#define TEXT SCHEMA_TEXT
#define FULL SCHEMA_FULL

#define QEMU_NS "{http://libvirt.org/schemas/domain/qemu/1.0}"

#define ENTRIES E("entry", MANY | TEXT, NULL, "name file")
#define STATE(name) E(name, ONE, NULL, "state!:o")

#define OS \
    E("os", ONE, NULL, "firmware=bios|efi|", \
      E("type", TEXT, NULL, "arch machine"), \
      E("firmware", FULL, NULL, NULL, E("feature", MANY, NULL, "enabled!:y name!=enrolled-keys|secure-boot")), \
      E("init", TEXT, NULL, NULL), \
      E("initarg", MANY | TEXT, NULL, NULL), \
      E("initenv", MANY | TEXT, NULL, "name"), \
      E("initdir", TEXT, NULL, NULL), \
      E("inituser", TEXT, NULL, NULL), \
      E("initgroup", TEXT, NULL, NULL), \
      E("loader", TEXT | FULL, NULL, "readonly:y secure:y type=rom|pflash"), \
      E("nvram", TEXT | FULL, NULL, "type=file|block|dir|network|volume|nvme|vhostuser template", \
        E("source", FULL, NULL, "file dev dir protocol name tls pool volume query", \
          E("host", MANY, NULL, "transport name port socket"), \
          E("auth", ONE, NULL, "username", E("secret", ONE, NULL, "type usage uuid")), \
          E("initiator", ONE, NULL, NULL, E("iqn", ONE, NULL, "name")))), \
      E("kernel", TEXT | FULL, NULL, NULL), \
      E("initrd", TEXT | FULL, NULL, NULL), \
      E("cmdline", TEXT | FULL, NULL, NULL), \
      E("dtb", TEXT | FULL, NULL, NULL), \
      E("acpi", ONE, NULL, NULL, E("table", MANY | TEXT, NULL, "type!=slic")), \
      E("boot", MANY, NULL, "dev!=fd|cdrom|hd|network"), \
      E("bootmenu", FULL, NULL, "enable:y timeout:u"), \
      E("bios", FULL, NULL, "useserial rebootTimeout:i"), \
      E("smbios", ONE, NULL, "mode=none|emulate|host|sysinfo|"))

#define HYPERV \
    E("hyperv", ONE, NULL, "mode=custom|passthrough~custom", \
      STATE("relaxed"), STATE("vapic"), E("spinlocks", ONE, NULL, "state!:o retries"), \
      STATE("vpindex"), STATE("runtime"), STATE("synic"), \
      E("stimer", ONE, NULL, "state!:o", E("direct", ONE, NULL, "state!:o")), \
      STATE("reset"), E("vendor_id", ONE, NULL, "state!:o value"), STATE("frequencies"), \
      STATE("reenlightenment"), STATE("tlbflush"), STATE("ipi"), STATE("evmcs"), STATE("avic"))

/* What a container's programs may do. */
#define CAPABILITIES \
    STATE("audit_control"), STATE("audit_write"), STATE("block_suspend"), STATE("chown"), STATE("dac_override"), \
    STATE("dac_read_search"), STATE("fowner"), STATE("fsetid"), STATE("ipc_lock"), STATE("ipc_owner"), STATE("kill"), \
    STATE("lease"), STATE("linux_immutable"), STATE("mac_admin"), STATE("mac_override"), STATE("mknod"), STATE("net_admin"), \
    STATE("net_bind_service"), STATE("net_broadcast"), STATE("net_raw"), STATE("setgid"), STATE("setfcap"), STATE("setpcap"), \
    STATE("setuid"), STATE("sys_admin"), STATE("sys_boot"), STATE("sys_chroot"), STATE("sys_module"), STATE("sys_nice"), \
    STATE("sys_pacct"), STATE("sys_ptrace"), STATE("sys_rawio"), STATE("sys_resource"), STATE("sys_time"), \
    STATE("sys_tty_config"), STATE("syslog"), STATE("wake_alarm")

#define FEATURES \
    E("features", FULL, NULL, NULL, \
      E("acpi", ONE, NULL, NULL), \
      E("apic", ONE, NULL, "eoi:o"), \
      E("pae", ONE, NULL, NULL), \
      E("hap", ONE, NULL, "state:o~on"), \
      E("viridian", ONE, NULL, NULL), \
      E("privnet", ONE, NULL, NULL), \
      HYPERV, \
      E("kvm", ONE, NULL, NULL, \
        STATE("hidden"), STATE("hint-dedicated"), STATE("poll-control"), STATE("pv-ipi"), E("dirty-ring", ONE, NULL, "state!:o size:u")), \
      E("xen", ONE, NULL, NULL, STATE("e820_host"), E("passthrough", ONE, NULL, "state!:o mode=default|sync_pt|share_pt")), \
      E("pvspinlock", ONE, NULL, "state:o~on"), \
      E("pmu", ONE, NULL, "state:o~on"), \
      E("vmport", ONE, NULL, "state:o~on"), \
      E("gic", ONE, NULL, "version=2|3|host"), \
      E("smm", ONE, NULL, "state:o~on", E("tseg", TEXT, NULL, "unit")), \
      E("ioapic", FULL, NULL, "driver=qemu|kvm"), \
      E("hpt", FULL, NULL, "resizing=enabled|disabled|required", E("maxpagesize", TEXT, NULL, "unit")), \
      E("vmcoreinfo", ONE, NULL, "state:o~on"), \
      STATE("htm"), STATE("nested-hv"), \
      E("msrs", ONE, NULL, "unknown!=ignore|fault"), \
      STATE("ccf-assist"), \
      E("cfpc", FULL, NULL, "value=broken|workaround|fixed"), \
      E("sbbc", FULL, NULL, "value=broken|workaround|fixed"), \
      E("ibs", FULL, NULL, "value=broken|workaround|fixed-ibs|fixed-ccd|fixed-na"), \
      E("tcg", FULL, NULL, NULL, E("tb-cache", TEXT, NULL, "unit")), \
      E("capabilities", FULL, NULL, "policy=default|allow|deny", CAPABILITIES))

#define HMAT "initiator!:u target!:u cache:u type!=access|read|write value!:u"
#define CPU \
    E("cpu", ONE, NULL, "mode=custom|host-model|host-passthrough|maximum match=minimum|exact|strict check=none|partial|full migratable:o", \
      E("model", TEXT, NULL, "fallback=allow|forbid| vendor_id"), \
      E("vendor", TEXT, NULL, NULL), \
      E("microcode", ONE, NULL, "version"), \
      E("signature", ONE, NULL, "family model stepping"), \
      E("counter", MANY, NULL, "name frequency scaling"), \
      E("topology", ONE, NULL, "sockets!:u dies:u~1 cores!:u threads!:u"), \
      E("cache", ONE, NULL, "level:d mode!=emulate|passthrough|disable"), \
      E("maxphysaddr", ONE, NULL, "mode!=emulate|passthrough bits:d"), \
      E("feature", MANY, NULL, "policy=force|require|optional|disable|forbid name!"), \
      E("numa", ONE, NULL, NULL, \
        E("cell", MANY, NULL, "id:u cpus memory! unit memAccess=shared|private discard:y", \
          E("distances", FULL, NULL, NULL, E("sibling", MANY, NULL, "id!:u value!:u")), \
          E("cache", MANY, NULL, "level:u associativity policy", \
            E("size", ONE, NULL, "value unit"), E("line", ONE, NULL, "value unit"))), \
        E("interconnects", FULL | SCHEMA_LOOSE, NULL, NULL, \
          E("latency", MANY, NULL, HMAT), E("bandwidth", MANY, NULL, HMAT " unit"))))

#define CLOCK_COMMON \
    E("timer", MANY, NULL, \
      "name!=platform|pit|rtc|hpet|tsc|kvmclock|hypervclock|armvtimer present:y tickpolicy=delay|catchup|merge|discard " \
      "track=boot|guest|wall|realtime frequency:U mode=auto|native|emulate|paravirt|smpsafe", \
      E("catchup", FULL, NULL, "threshold:U slew:U limit:U"))

#define CPUTUNE \
    E("cputune", FULL, NULL, NULL, \
      E("shares", TEXT, NULL, NULL), \
      E("period", TEXT, NULL, NULL), E("quota", TEXT, NULL, NULL), \
      E("global_period", TEXT, NULL, NULL), E("global_quota", TEXT, NULL, NULL), \
      E("emulator_period", TEXT, NULL, NULL), E("emulator_quota", TEXT, NULL, NULL), \
      E("iothread_period", TEXT, NULL, NULL), E("iothread_quota", TEXT, NULL, NULL), \
      E("vcpupin", MANY, NULL, "vcpu!:u cpuset!"), \
      E("emulatorpin", MANY, NULL, "cpuset!"), \
      E("iothreadpin", MANY, NULL, "iothread!:u cpuset!"), \
      E("emulatorsched", MANY, NULL, "scheduler!=batch|idle|fifo|rr priority:i"), \
      E("vcpusched", MANY, NULL, "vcpus! scheduler!=batch|idle|fifo|rr priority:i"), \
      E("iothreadsched", MANY, NULL, "iothreads! scheduler!=batch|idle|fifo|rr priority:i"), \
      E("cachetune", MANY, NULL, "vcpus!", \
        E("cache", MANY, NULL, "id!:u level!:u type!=both|code|data size! unit"), E("monitor", MANY, NULL, "level!:u vcpus!")), \
      E("memorytune", MANY, NULL, "vcpus!", E("node", MANY, NULL, "id!:u bandwidth!:u"), E("monitor", MANY, NULL, "vcpus!")))

const SchemaElement schema_domain = E("domain", ONE, NULL, "type id",
    E("name", TEXT, NULL, NULL),
    E("uuid", TEXT, NULL, NULL),
    E("genid", TEXT, NULL, NULL),
    E("title", TEXT | FULL, NULL, NULL),
    E("description", TEXT | FULL, NULL, NULL),
    E("metadata", SCHEMA_FOREIGN, NULL, NULL),
    E("maxMemory", TEXT, NULL, "slots unit"),
    E("memory", TEXT, NULL, "dumpCore:o unit"),
    E("currentMemory", TEXT, NULL, "unit"),
    E("blkiotune", FULL, NULL, NULL,
      E("weight", TEXT, NULL, NULL),
      E("device", MANY, NULL, NULL,
        E("path", TEXT, NULL, NULL), E("weight", TEXT, NULL, NULL),
        E("read_iops_sec", TEXT, NULL, NULL), E("write_iops_sec", TEXT, NULL, NULL),
        E("read_bytes_sec", TEXT, NULL, NULL), E("write_bytes_sec", TEXT, NULL, NULL))),
    E("memtune", FULL, NULL, NULL,
      E("hard_limit", TEXT, NULL, "unit"), E("soft_limit", TEXT, NULL, "unit"),
      E("min_guarantee", TEXT, NULL, "unit"), E("swap_hard_limit", TEXT, NULL, "unit")),
    E("memoryBacking", FULL, NULL, NULL,
      E("hugepages", ONE, NULL, NULL, E("page", MANY, NULL, "size! unit nodeset")),
      E("nosharepages", ONE, NULL, NULL),
      E("locked", ONE, NULL, NULL),
      E("source", FULL, NULL, "type=anonymous|file|memfd|"),
      E("access", FULL, NULL, "mode=shared|private|"),
      E("allocation", FULL, NULL, "mode=immediate|ondemand| threads:u"),
      E("discard", ONE, NULL, NULL)),
    E("vcpu", TEXT, NULL, "placement=static|auto~static cpuset current:u"),
    E("vcpus", FULL, NULL, NULL, E("vcpu", MANY, NULL, "id!:u enabled!:y hotpluggable:y order:u")),
    E("iothreads", TEXT, NULL, NULL),
    E("iothreadids", FULL, NULL, NULL, E("iothread", MANY, NULL, "id!:u thread_pool_min:d thread_pool_max:d")),
    E("defaultiothread", FULL, NULL, "thread_pool_min:d thread_pool_max:d"),
    CPUTUNE,
    E("numatune", FULL, NULL, NULL,
      E("memory", ONE, NULL, "mode=strict|preferred|interleave|restrictive nodeset placement=static|auto"),
      E("memnode", MANY, NULL, "cellid!:u mode=strict|preferred|interleave|restrictive~strict nodeset!")),
    E("resource", FULL, NULL, NULL,
      E("partition", TEXT, NULL, NULL), E("fibrechannel", ONE, NULL, "appid!")),
    E("sysinfo", MANY, NULL, "type!=smbios|fwcfg",
      E("bios", FULL, NULL, NULL, ENTRIES),
      E("system", FULL, NULL, NULL, ENTRIES),
      E("baseBoard", MANY | FULL, NULL, NULL, ENTRIES),
      E("chassis", FULL, NULL, NULL, ENTRIES),
      E("oemStrings", FULL, NULL, NULL, ENTRIES),
      ENTRIES),
    E("bootloader", TEXT | FULL, NULL, NULL),
    E("bootloader_args", TEXT | FULL, NULL, NULL),
    OS,
    E("idmap", FULL, NULL, NULL, E("uid", MANY, NULL, "start target count"), E("gid", MANY, NULL, "start target count")),
    FEATURES,
    CPU,
    E("clock", ONE, "offset=utc|localtime|", "offset~utc adjustment", CLOCK_COMMON),
    E("clock", ONE, "offset=variable", "offset adjustment~0 basis=utc|localtime|~utc", CLOCK_COMMON),
    E("clock", ONE, "offset=timezone", "offset timezone!", CLOCK_COMMON),
    E("clock", ONE, "offset=absolute", "offset start!:I", CLOCK_COMMON),
    E("clock", ONE, NULL, "offset=utc|localtime|variable|timezone|absolute", CLOCK_COMMON),
    E("on_poweroff", TEXT, NULL, NULL),
    E("on_reboot", TEXT, NULL, NULL),
    E("on_crash", TEXT, NULL, NULL),
    E("on_lockfailure", TEXT, NULL, NULL),
    E("pm", FULL, NULL, NULL,
      E("suspend-to-mem", FULL, NULL, "enabled:y"), E("suspend-to-disk", FULL, NULL, "enabled:y")),
    E("perf", FULL, NULL, NULL, E("event", MANY, NULL,
      "name!=cmt|mbmt|mbml|cpu_cycles|instructions|cache_references|cache_misses|branch_instructions|branch_misses|bus_cycles|"
      "stalled_cycles_frontend|stalled_cycles_backend|ref_cpu_cycles|cpu_clock|task_clock|page_faults|context_switches|"
      "cpu_migrations|page_faults_min|page_faults_maj|alignment_faults|emulation_faults enabled!:y")),
    { "devices", ONE, NULL, NULL, schema_devices },
    E("seclabel", MANY, NULL, "type=dynamic|static|none model relabel:y",
      E("label", TEXT, NULL, NULL), E("imagelabel", TEXT, NULL, NULL), E("baselabel", TEXT, NULL, NULL)),
    E("keywrap", FULL, NULL, NULL, E("cipher", MANY, NULL, "name!=aes|dea state!:o")),
    E("launchSecurity", ONE, "type=sev", "type kernelHashes:y",
      E("cbitpos", TEXT, NULL, NULL), E("reducedPhysBits", TEXT, NULL, NULL), E("policy", TEXT, NULL, NULL),
      E("dhCert", TEXT, NULL, NULL), E("session", TEXT, NULL, NULL)),
    E("launchSecurity", ONE, NULL, "type!=sev|s390-pv"),
    E(QEMU_NS "commandline", MANY | FULL, NULL, NULL,
      E(QEMU_NS "arg", MANY, NULL, "value"), E(QEMU_NS "env", MANY, NULL, "name value")),
    E(QEMU_NS "capabilities", FULL, NULL, NULL,
      E(QEMU_NS "add", MANY, NULL, "capability"), E(QEMU_NS "del", MANY, NULL, "capability")),
    E(QEMU_NS "override", FULL, NULL, NULL,
      E(QEMU_NS "device", MANY, NULL, "alias",
        E(QEMU_NS "frontend", FULL, NULL, NULL,
          E(QEMU_NS "property", MANY, NULL, "name type!=string|signed|unsigned|bool|remove value")))),
    E(QEMU_NS "deprecation", FULL, NULL, "behavior"));
