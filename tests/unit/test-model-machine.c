/* What is not a device: what libvirt 9.0.0 makes of it, and what it refuses in which words. */
#include "config.h"

#include <string.h>

#include "model/domain.h"
#include "test-model-facts.h"

#define HEAD "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>d</name>"
#define MEMORY "<memory unit='MiB'>256</memory>"
#define OS "<os><type arch='x86_64' machine='q35'>hvm</type></os>"

/* The elements of a domain without its name, and an element of the result, without white space between its parts. */
static const struct {
    const char *xml;
    const char *part;
} accepted[] = {
    /* Numbers lose what stands before them; containers of one name are one. */
    { MEMORY "<vcpu current='+1'>02</vcpu>" OS, "<vcpu placement='static' current='1'>2</vcpu>" },
    { "<memory unit='MiB'> +256</memory>" OS, "<memory unit='KiB'>262144</memory>" },
    { MEMORY "<vcpu cpuset=' 0 - 1 , 3,'>2</vcpu>" OS, "<vcpu placement='static' cpuset='0-1,3'>2</vcpu>" },
    { MEMORY OS "<features><acpi/></features><features><pae/></features>", "<features><acpi/><pae/></features>" },
    { MEMORY OS "<qemu:commandline><qemu:arg value='a'/></qemu:commandline><qemu:commandline><qemu:arg value='b'/></qemu:commandline>",
      "<qemu:commandline><qemu:arg value='a'/><qemu:arg value='b'/></qemu:commandline>" },
    { MEMORY OS "<seclabel type='dynamic'/>", "<seclabel type='none' model='none'/>" },
    { MEMORY OS "<seclabel type='static' model='dac'><label>a</label><imagelabel>b</imagelabel></seclabel>",
      "<seclabel type='static' model='dac' relabel='no'><label>a</label></seclabel>" },
    { MEMORY OS "<perf><event name='cpu_cycles' enabled='yes'/><event name='cmt' enabled='no'/>"
      "<event name='emulation_faults' enabled='no'/></perf>",
      "<perf><event name='cmt' enabled='no'/><event name='cpu_cycles' enabled='yes'/>"
      "<event name='emulation_faults' enabled='no'/></perf>" },
    { MEMORY OS "<resource><partition>/machine/prod</partition></resource>",
      "<resource><partition>/machine/prod</partition></resource>" },
    { MEMORY OS "<pm><suspend-to-mem enabled='no'/></pm>", "<pm><suspend-to-mem enabled='no'/></pm>" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware>"
      "<feature enabled='yes' name='enrolled-keys'/></firmware></os>" "<features><acpi/><smm state='on'/></features>",
      "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><firmware>"
      "<feature enabled='yes' name='enrolled-keys'/><feature enabled='yes' name='secure-boot'/></firmware>"
      "<boot dev='hd'/></os>" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware>"
      "<feature name='secure-boot' enabled='yes'/><feature name='secure-boot' enabled='no'/></firmware></os>"
      "<features><acpi/><smm state='on'/></features>",
      "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><firmware>"
      "<feature enabled='no' name='secure-boot'/></firmware><boot dev='hd'/></os>" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type>"
      "<loader type='pflash' readonly='yes'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram type='block'>"
      "<source dev='/dev/vg/v'/></nvram></os>" "<features><acpi/></features>",
      "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>"
      "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram type='block'>"
      "<source dev='/dev/vg/v'/></nvram><boot dev='hd'/></os>" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><loader>/usr/share/seabios/bios.bin</loader></os>",
      "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><loader type='rom'>/usr/share/seabios/bios.bin"
      "</loader><boot dev='hd'/></os>" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><bootmenu enable='no' timeout='4'/></os>",
      "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/><bootmenu enable='no'/></os>" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><smbios mode='sysinfo'/></os>"
      "<sysinfo type='smbios'><bios><entry name=\"vendor\">a</entry><entry name=\"vendor\">b</entry></bios></sysinfo>",
      "<sysinfo type='smbios'><bios><entry name='vendor'>a</entry></bios></sysinfo>" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><smbios mode='sysinfo'/></os>"
      "<sysinfo type='smbios'><baseBoard/><baseBoard><entry name='serial'>1</entry></baseBoard></sysinfo>",
      "<sysinfo type='smbios'><baseBoard><entry name='serial'>1</entry></baseBoard></sysinfo>" },
    { MEMORY OS "<sysinfo type='fwcfg'><entry name='opt/x' file='/y'>v</entry></sysinfo>",
      "<sysinfo type='fwcfg'><entry name='opt/x' file='/y'/></sysinfo>" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><boot dev='fd'/><boot dev='cdrom'/><boot dev='hd'/>"
      "<boot dev='network'/><boot dev='hd'/></os>",
      "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='fd'/><boot dev='cdrom'/><boot dev='hd'/>"
      "<boot dev='network'/></os>" },
    { "<memory unit='KB'>300000</memory>" OS, "<currentMemory unit='KiB'>292969</currentMemory>" },
    { MEMORY OS "<memoryBacking><hugepages><page size=\"2\" unit=\"M\" nodeset=\"0\"/></hugepages></memoryBacking>",
      "<memoryBacking><hugepages><page size='2048' unit='KiB'/></hugepages></memoryBacking>" },
    { MEMORY OS "<memoryBacking><allocation mode=\"immediate\" threads=\"0\"/></memoryBacking>",
      "<memoryBacking><allocation mode='immediate'/></memoryBacking>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='1' cpus='2-3' memory='128' unit='MiB'/>"
      "<cell id='0' cpus='0-1' memory='128' unit='MiB'/></numa></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><numa>"
      "<cell id='0' cpus='0-1' memory='131072' unit='KiB'/><cell id='1' cpus='2-3' memory='131072' unit='KiB'/>" "</numa></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cpu><numa><cell id='0' cpus='0' memory='128' unit='MiB'/><cell id='1' cpus='2' memory='128' unit='MiB'/>" "</numa></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><numa>"
      "<cell id='0' cpus='0-1,3' memory='131072' unit='KiB'/><cell id='1' cpus='2' memory='131072' unit='KiB'/>" "</numa></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'><distances><sibling id='1' value='21'/>"
      "</distances></cell><cell id='1' cpus='2-3' memory='128' unit='MiB'><distances><sibling id='0' value='31'/>"
      "</distances></cell></numa></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><numa>"
      "<cell id='0' cpus='0-1' memory='131072' unit='KiB'><distances><sibling id='0' value='10'/>"
      "<sibling id='1' value='21'/></distances></cell><cell id='1' cpus='2-3' memory='131072' unit='KiB'>"
      "<distances><sibling id='0' value='31'/><sibling id='1' value='10'/></distances></cell></numa></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'><distances><sibling id='1' value='21'/>"
      "</distances></cell><cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><numa>"
      "<cell id='0' cpus='0-1' memory='131072' unit='KiB'><distances><sibling id='0' value='10'/>"
      "<sibling id='1' value='21'/></distances></cell><cell id='1' cpus='2-3' memory='131072' unit='KiB'>"
      "<distances><sibling id='0' value='21'/><sibling id='1' value='10'/></distances></cell></numa></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/><interconnects>"
      "<bandwidth initiator='0' target='0' type='access' value='1' unit='GiB'/></interconnects></numa></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><numa>"
      "<cell id='0' cpus='0-1' memory='131072' unit='KiB'/><cell id='1' cpus='2-3' memory='131072' unit='KiB'/>"
      "<interconnects><bandwidth initiator='0' target='0' type='access' value='1048576' unit='KiB'/>"
      "</interconnects></numa></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-3' memory='128' unit='MiB'>"
      "<cache level='1' associativity='direct' policy='writeback'><size value='10'/><line value='8'/></cache>"
      "</cell></numa></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><numa>"
      "<cell id='0' cpus='0-3' memory='131072' unit='KiB'>"
      "<cache level='1' associativity='direct' policy='writeback'><size value='10' unit='KiB'/>"
      "<line value='8' unit='B'/></cache></cell></numa></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<numatune><memory mode='strict' nodeset='0'/><memnode cellid='1' mode='preferred' nodeset='0'/>"
      "<memnode cellid='0' mode='strict' nodeset='0'/></numatune><cpu><numa>"
      "<cell id='0' cpus='0-1' memory='128' unit='MiB'/><cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa>" "</cpu>",
      "<numatune><memory mode='strict' nodeset='0'/><memnode cellid='0' mode='strict' nodeset='0'/>"
      "<memnode cellid='1' mode='preferred' nodeset='0'/></numatune>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<numatune><memnode cellid='0' nodeset='0'/></numatune><cpu><numa>"
      "<cell id='0' cpus='0-1' memory='128' unit='MiB'/><cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa>" "</cpu>",
      "<numatune><memnode cellid='0' mode='strict' nodeset='0'/></numatune>" },
    { MEMORY "<vcpu placement='auto'>4</vcpu>" OS, "<numatune><memory mode='strict' placement='auto'/></numatune>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<numatune><memory mode='strict' placement='auto' nodeset='0'/></numatune><cpu><numa>"
      "<cell id='0' cpus='0-1' memory='128' unit='MiB'/><cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa>" "</cpu>",
      "<numatune><memory mode='strict' placement='auto'/></numatune>" },
    { MEMORY OS "<blkiotune><device><path>/dev/sda</path><write_bytes_sec>-1</write_bytes_sec></device></blkiotune>",
      "<blkiotune><device><path>/dev/sda</path><write_bytes_sec>18446744073709551615</write_bytes_sec></device>" "</blkiotune>" },
    { MEMORY OS "<blkiotune><weight>800</weight><device><path>/dev/sda</path><weight>1000</weight></device><device>"
      "<path>/dev/sdb</path><weight>500</weight><read_bytes_sec>10000</read_bytes_sec><write_bytes_sec>10000"
      "</write_bytes_sec><read_iops_sec>20000</read_iops_sec><write_iops_sec>20000</write_iops_sec></device>" "</blkiotune>",
      "<blkiotune><weight>800</weight><device><path>/dev/sda</path><weight>1000</weight></device><device>"
      "<path>/dev/sdb</path><weight>500</weight><read_iops_sec>20000</read_iops_sec><write_iops_sec>20000"
      "</write_iops_sec><read_bytes_sec>10000</read_bytes_sec><write_bytes_sec>10000</write_bytes_sec></device>" "</blkiotune>" },
    { MEMORY "<vcpu cpuset=\"0-1,^1\">2</vcpu>" OS, "<vcpu placement='static' cpuset='0'>2</vcpu>" },
    { MEMORY "<vcpu current=\"2\">4</vcpu>" OS "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/>"
      "<vcpu id='1' enabled='yes' hotpluggable='yes' order='2'/><vcpu id='2' enabled='no' hotpluggable='yes'/>"
      "<vcpu id='3' enabled='no' hotpluggable='yes'/></vcpus>",
      "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/>"
      "<vcpu id='1' enabled='yes' hotpluggable='yes' order='2'/><vcpu id='2' enabled='no' hotpluggable='yes'/>"
      "<vcpu id='3' enabled='no' hotpluggable='yes'/></vcpus>" },
    { MEMORY "<vcpu current=\"2\">4</vcpu>" OS "<vcpus><vcpu id='0' enabled='yes'/></vcpus>",
      "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='no' hotpluggable='yes'/>"
      "<vcpu id='2' enabled='no' hotpluggable='yes'/><vcpu id='3' enabled='no' hotpluggable='yes'/></vcpus>" },
    { MEMORY OS "<iothreads>4</iothreads><iothreadids><iothread id=\"2\"/><iothread id=\"4\"/></iothreadids>",
      "<iothreadids><iothread id='2'/><iothread id='4'/><iothread id='1'/><iothread id='3'/></iothreadids>" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<iothreads>2</iothreads><cputune><vcpusched vcpus=\"0-1,3\" scheduler=\"fifo\" priority=\"1\"/>"
      "<iothreadsched iothreads=\"1-2\" scheduler=\"batch\"/><emulatorsched scheduler=\"rr\" priority=\"2\"/></cputune>",
      "<cputune><emulatorsched scheduler='rr' priority='2'/><vcpusched vcpus='0' scheduler='fifo' priority='1'/>"
      "<vcpusched vcpus='1' scheduler='fifo' priority='1'/><vcpusched vcpus='3' scheduler='fifo' priority='1'/>"
      "<iothreadsched iothreads='1' scheduler='batch'/><iothreadsched iothreads='2' scheduler='batch'/></cputune>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpupin vcpu=\"3\" cpuset=\"1\"/><vcpupin vcpu=\"1\" cpuset=\"0,1\"/></cputune>",
      "<cputune><vcpupin vcpu='1' cpuset='0-1'/><vcpupin vcpu='3' cpuset='1'/></cputune>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><shares>2048</shares><period>1000000</period><quota>-1</quota><global_period>1000000"
      "</global_period><global_quota>-1</global_quota><emulator_period>1000000</emulator_period><emulator_quota>-1"
      "</emulator_quota><iothread_period>1000000</iothread_period><iothread_quota>-1</iothread_quota></cputune>",
      "<cputune><shares>2048</shares><period>1000000</period><quota>-1</quota><global_period>1000000"
      "</global_period><global_quota>-1</global_quota><emulator_period>1000000</emulator_period><emulator_quota>-1"
      "</emulator_quota><iothread_period>1000000</iothread_period><iothread_quota>-1</iothread_quota></cputune>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpupin vcpu=\"7\" cpuset=\"1\"/></cputune>", "<vcpu placement='static'>4</vcpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><model>Nehalem</model></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='allow'>Nehalem</model></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='maximum'/>", "<cpu mode='maximum' check='none'/>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='host-model'><model vendor_id='KVMKVMKVM123'/></cpu>",
      "<cpu mode='host-model' check='partial'><model vendor_id='KVMKVMKVM123'/></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu match='exact'><model>Nehalem</model></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='allow'>Nehalem</model></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' match='exact'><model>qemu64</model><microcode version='3'/>"
      "<signature family='6' model='1' stepping='2'/><counter name='tsc' frequency='1000' scaling='yes'/></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='allow'>qemu64</model></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='maximum'><feature policy='optional' name='aes'/></cpu>",
      "<cpu mode='maximum' check='none'><feature policy='optional' name='aes'/></cpu>" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' match='exact'><model>Nehalem</model></cpu>",
      "<cpu mode='custom' match='exact' check='none'><model fallback='allow'>Nehalem</model></cpu>" },
    { MEMORY OS "<features><hyperv><spinlocks state='off' retries='8191'/></hyperv></features>",
      "<features><hyperv mode='custom'><spinlocks state='off'/></hyperv></features>" },
    { MEMORY OS "<features><hyperv><vpindex state='on'/><synic state='on'/><stimer state='on'><direct state='off'/></stimer>"
      "</hyperv></features>",
      "<features><hyperv mode='custom'><vpindex state='on'/><synic state='on'/><stimer state='on'/></hyperv>" "</features>" },
    { MEMORY OS "<features><hyperv><vendor_id state='off' value='a'/></hyperv></features>",
      "<features><hyperv mode='custom'><vendor_id state='off'/></hyperv></features>" },
    { MEMORY OS "<features><smm state='on'><tseg unit='KiB'>2048</tseg></smm></features>",
      "<features><smm state='on'><tseg unit='MiB'>2</tseg></smm></features>" },
    { MEMORY OS "<features><smm><tseg unit='GiB'>1</tseg></smm></features>",
      "<features><smm state='on'><tseg unit='GiB'>1</tseg></smm></features>" },
    { MEMORY OS "<features><tcg><tb-cache unit='GiB'>1</tb-cache></tcg></features>",
      "<features><tcg><tb-cache unit='KiB'>1048576</tb-cache></tcg></features>" },
    { MEMORY OS "<features><hap/></features>", "<features><hap state='on'/></features>" },
    { MEMORY OS "<features><kvm><dirty-ring state='off' size='4096'/></kvm></features>",
      "<features><kvm><dirty-ring state='off'/></kvm></features>" },
    { MEMORY OS "<clock offset='utc' adjustment='3600'/>", "<clock offset='variable' adjustment='3600' basis='utc'/>" },
    { MEMORY OS "<clock offset='localtime' adjustment='reset'/>", "<clock offset='localtime' adjustment='reset'/>" },
    { MEMORY OS "<clock offset='variable' adjustment='x'/>", "<clock offset='variable' adjustment='0' basis='utc'/>" },
    { MEMORY OS "<clock offset='utc'><timer name='rtc' tickpolicy='catchup' track='guest'/>"
      "<timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/>"
      "<timer name='hypervclock' present='yes'/><timer name='kvmclock' present='no'/>"
      "<timer name='tsc' frequency='1000000' mode='native'/></clock>",
      "<clock offset='utc'><timer name='rtc' tickpolicy='catchup' track='guest'/>"
      "<timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/>"
      "<timer name='hypervclock' present='yes'/><timer name='kvmclock' present='no'/>"
      "<timer name='tsc' frequency='1000000' mode='native'/></clock>" },
    { MEMORY OS "<qemu:override><qemu:device alias='ua-disk'><qemu:frontend></qemu:frontend></qemu:device></qemu:override>"
      "<devices><disk type='file'><source file='/a.img'/><target dev='vda' bus='virtio'/><alias name='ua-disk'/>"
      "</disk></devices>",
      "<qemu:override><qemu:device alias='ua-disk'/></qemu:override>" },
};

static const struct {
    const char *xml;
    const char *message;
} rejected[] = {
    { MEMORY OS "<numatune/><numatune/>", "XML error: only one numatune is supported" },
    { MEMORY OS "<features><foo/></features>", "unsupported configuration: unexpected feature 'foo'" },
    { MEMORY OS "<on_poweroff>rename-restart</on_poweroff>",
      "unsupported configuration: qemu driver doesn't support the 'rename-restart' action for"
      " 'on_reboot'/'on_poweroff'/'on_crash'" },
    { MEMORY OS "<on_reboot>coredump-restart</on_reboot>",
      "unsupported configuration: Lifecycle event 'reboot' doesn't support 'coredump-restart' action" },
    { MEMORY OS "<on_lockfailure>x</on_lockfailure>", "unsupported configuration: unknown on_lockfailure action: x" },
    { MEMORY OS "<resource><fibrechannel appid='ab&#233;'/></resource>",
      "XML error: Fibre Channel 'appid' is not a printable string" },
    { MEMORY OS "<seclabel type='static' model='dac'/>", "XML error: security label is missing" },
    { MEMORY OS "<seclabel type='dynamic' model='dac'/><seclabel type='none' model='dac'/>",
      "seclabel for model dac is already provided" },
    { MEMORY OS "<seclabel type='none' model='dac' relabel='yes'/>",
      "unsupported configuration: resource relabeling is not compatible with 'none' label type" },
    { MEMORY OS "<seclabel type='dynamic' model='dac' relabel='no'/>",
      "unsupported configuration: dynamic label type must use resource relabeling" },
    { MEMORY OS "<seclabel/>", "XML error: missing security model in domain seclabel" },
    { MEMORY OS "<keywrap><cipher name='aes' state='on'/><cipher name='aes' state='off'/></keywrap>",
      "internal error: A domain definition can have no more than one cipher node with name aes" },
    { MEMORY OS "<perf><event name='cmt' enabled='yes'/><event name='cmt' enabled='no'/></perf>",
      "XML error: perf event 'cmt' was already specified" },
    { MEMORY OS "<launchSecurity type='sev'><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits></launchSecurity>",
      "XML error: failed to get launch security policy" },
    { MEMORY OS "<launchSecurity type='sev'><cbitpos>x</cbitpos><reducedPhysBits>1</reducedPhysBits><policy>1</policy>"
      "</launchSecurity>",
      "XML error: Invalid format for launch security cbitpos" },
    { MEMORY OS "<launchSecurity type='sev'><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits><policy>0x0001</policy>"
      "</launchSecurity>",
      "unsupported configuration: SEV launch security is not supported with this QEMU binary" },
    { MEMORY OS "<launchSecurity type='s390-pv'/>",
      "unsupported configuration: S390 PV launch security is not supported with this QEMU binary" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os>",
      "unsupported configuration: UEFI requires ACPI on this architecture" },
    { MEMORY "<os firmware='foo'><type arch='x86_64' machine='q35'>hvm</type></os>" "<features><acpi/></features>",
      "XML error: unknown firmware value foo" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware>"
      "<feature enabled='no' name='secure-boot'/><feature enabled='yes' name='enrolled-keys'/></firmware></os>"
      "<features><acpi/></features>",
      "firmware feature 'enrolled-keys' cannot be enabled when firmware feature 'secure-boot' is disabled" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><loader readonly='yes'/></os>"
      "<features><acpi/></features>",
      "loader attribute 'readonly' cannot be specified when firmware autoselection is enabled" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><loader>/usr/share/OVMF/OVMF_CODE_4M.fd"
      "</loader></os>" "<features><acpi/></features>",
      "loader attribute 'type' cannot be specified when firmware autoselection is enabled" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><loader secure='no'/></os>"
      "<features><acpi/></features>",
      "loader attribute 'secure' cannot be specified when firmware autoselection is enabled" },
    { MEMORY "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>"
      "<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/></os>" "<features><acpi/></features>",
      "nvram attribute 'template' cannot be specified when firmware autoselection is enabled" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><firmware><feature name='secure-boot' enabled='yes'/>"
      "</firmware></os>" "<features><acpi/><smm state='on'/></features>",
      "cannot use feature-based firmware autoselection when firmware autoselection is disabled" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type>"
      "<loader type='pflash' readonly='yes' secure='yes'>/usr/share/OVMF/OVMF_CODE_4M.secboot.fd</loader></os>"
      "<features><acpi/></features>",
      "unsupported configuration: Secure boot requires SMM feature enabled" },
    { MEMORY "<os><type arch='x86_64' machine='pc'>hvm</type>"
      "<loader type='pflash' readonly='yes' secure='yes'>/usr/share/OVMF/OVMF_CODE_4M.secboot.fd</loader></os>"
      "<features><acpi/><smm state='on'/></features>",
      "unsupported configuration: Secure boot is supported with q35 machine types only" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><nvram>/tmp/v.fd</nvram></os>" "<features><acpi/></features>",
      "no loader path specified and firmware auto selection disabled" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type>"
      "<loader type='pflash' readonly='yes'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram type='volume'>"
      "<source pool='p' volume='v'/></nvram></os>" "<features><acpi/></features>",
      "unsupported configuration: unsupported nvram disk type 'volume'" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><bootmenu enable='yes' timeout='65536'/></os>",
      "unsupported configuration: invalid value for boot menu timeout, must be in range [0,65535]" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><bios rebootTimeout='-2'/></os>",
      "unsupported configuration: invalid value for rebootTimeout, must be in range [-1,65535]" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><bios useserial='yes'/></os>",
      "XML error: need at least one serial port to use BIOS serial output" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><smbios mode='sysinfo'/></os>"
      "<sysinfo type='smbios'><bios><entry name='date'>2020-01-01</entry></bios></sysinfo>",
      "Invalid BIOS 'date' format" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><smbios mode='sysinfo'/></os>"
      "<sysinfo type='smbios'><system><entry name='uuid'>11111111-2222-3333-4444-555555555555</entry></system>" "</sysinfo>",
      "UUID mismatch between <uuid> and <sysinfo>" },
    { MEMORY OS "<sysinfo type='fwcfg'><entry name='etc/foo'>v</entry></sysinfo>",
      "unsupported configuration: Invalid firmware name" },
    { MEMORY OS "<sysinfo type='fwcfg'><entry name='opt/org.qemu/x'>v</entry></sysinfo>",
      "unsupported configuration: That firmware name is reserved" },
    { MEMORY OS "<sysinfo type='fwcfg'><entry name='opt/x'/></sysinfo>",
      "XML error: Firmware entry must have either value or 'file' attribute" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><acpi><table type='slic'>/a</table><table type='slic'>/b"
      "</table></acpi></os>" "<features><acpi/></features>",
      "XML error: Only one acpi table is supported" },
    { MEMORY "<os><type arch='x86_64' machine='q35'>hvm</type><acpi><table type='foo'>/tmp/slic.dat</table></acpi></os>"
      "<features><acpi/></features>",
      "XML error: Unknown acpi table type: foo" },
    { MEMORY OS "<bootloader>/usr/bin/pygrub</bootloader><bootloader_args>-x</bootloader_args>",
      "unsupported configuration: bootloader is not supported by QEMU" },
    { MEMORY OS "<idmap><uid start='0' target='1000' count='10'/></idmap>",
      "unsupported configuration: uid and gid should be mapped both" },
    { MEMORY "<os><type arch='aarch64' machine='virt'>hvm</type></os>" "<features><acpi/></features>",
      "unsupported configuration: ACPI requires UEFI on this architecture" },
    { MEMORY "<os><type arch='aarch64' machine='virt'>hvm</type></os>" "<features><gic version='9'/></features>",
      "XML error: Invalid value for attribute 'version' in element 'gic': '9'." },
    { MEMORY "<os><type arch='aarch64' machine='virt'>hvm</type></os>"
      "<clock offset='utc'><timer name='armvtimer' tickpolicy='discard'/></clock>",
      "unsupported configuration: Configuring the 'armvtimer' timer is not supported for virtType=qemu"
      " arch=aarch64 machine=virt-7.2 guests" },
    { "<maxMemory slots='16' unit='GiB'>2</maxMemory><memory unit='MiB'>256</memory>" OS,
      "unsupported configuration: At least one numa node has to be configured when enabling memory hotplug" },
    { "<maxMemory slots='x' unit='GiB'>2</maxMemory><memory unit='MiB'>256</memory>" OS,
      "XML error: Failed to parse memory slot count" },
    { "<maxMemory slots='1' unit='MiB'>100</maxMemory><memory unit='MiB'>256</memory>" OS,
      "XML error: maximum memory size must be equal or greater than the actual memory size" },
    { MEMORY OS "<memoryBacking><hugepages><page size=\"2048\"/><page size=\"1048576\"/></hugepages></memoryBacking>",
      "two master hugepages detected: 1048576 and 2048" },
    { MEMORY OS "<memoryBacking><hugepages><page size=\"0\"/></hugepages></memoryBacking>", "hugepage size can't be zero" },
    { MEMORY OS "<memoryBacking><hugepages><page size=\"2\" unit=\"M\" nodeset=\"1\"/></hugepages></memoryBacking>",
      "hugepages: node 1 not found" },
    { MEMORY OS "<memoryBacking><hugepages/><source type=\"anonymous\"/></memoryBacking>",
      "unsupported configuration: hugepages are not allowed with anonymous memory source" },
    { MEMORY OS "<memoryBacking><hugepages/><allocation mode=\"ondemand\"/></memoryBacking>",
      "unsupported configuration: hugepages are not allowed with memory allocation ondemand" },
    { MEMORY OS "<memoryBacking><source type=\"foo\"/></memoryBacking>",
      "unsupported configuration: unknown memoryBacking/source/type 'foo'" },
    { MEMORY OS "<memtune><min_guarantee>1000</min_guarantee></memtune>",
      "unsupported configuration: Parameter 'min_guarantee' not supported by QEMU." },
    { MEMORY OS "<blkiotune><device><weight>500</weight></device></blkiotune>",
      "unsupported configuration: missing per-device path" },
    { MEMORY OS "<blkiotune><device><path>/dev/sda</path><weight>1000</weight></device><device><path>/dev/sda</path>"
      "<weight>500</weight></device></blkiotune>",
      "unsupported configuration: duplicate blkio device path '/dev/sda'" },
    { MEMORY OS "<blkiotune><device><path>/dev/sda</path><read_bytes_sec>x</read_bytes_sec></device></blkiotune>",
      "unsupported configuration: could not parse read bytes sec x" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa></numa></cpu>", "XML error: NUMA topology defined without NUMA cells" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'><distances><sibling id='1' value='9'/>"
      "</distances></cell><cell id='1' cpus='2' memory='128' unit='MiB'/>"
      "<cell id='2' cpus='3' memory='128' unit='MiB'/></numa></cpu>",
      "XML error: 'value 9' is invalid for 'sibling id 1' under NUMA 'cell id 0'" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/><interconnects>"
      "<latency initiator='9' target='0' type='access' value='5'/></interconnects></numa></cpu>",
      "XML error: 'initiator' refers to a non-existent NUMA node" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cpu><numa><cell id='0' cpus='0-3' memory='128' unit='MiB'/><cell id='1' memory='128' unit='MiB'/>"
      "<interconnects><latency initiator='1' target='0' type='access' value='5'/></interconnects></numa></cpu>",
      "XML error: NUMA nodes without CPUs can't be initiator" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/><interconnects>"
      "<latency initiator='0' target='0' type='access' value='5'/>"
      "<latency initiator='0' target='0' type='access' value='6'/></interconnects></numa></cpu>",
      "XML error: Duplicate info for NUMA latencies" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/><interconnects>"
      "<latency initiator='0' target='0' cache='2' type='access' value='5'/></interconnects></numa></cpu>",
      "XML error: 'cache' refers to a non-existent NUMA node cache" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-3' memory='128' unit='MiB'>"
      "<cache associativity='direct' policy='writeback'><size value='10' unit='KiB'/><line value='8' unit='B'/>"
      "</cache></cell></numa></cpu>",
      "XML error: Missing 'level' attribute in cache element for NUMA node 0" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-3' memory='128' unit='MiB'>"
      "<cache level='1' associativity='foo' policy='writeback'><size value='10' unit='KiB'/>"
      "<line value='8' unit='B'/></cache></cell></numa></cpu>",
      "XML error: Invalid cache associativity 'foo'" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-3' memory='128' unit='MiB'>"
      "<cache level='1' associativity='direct' policy='writeback'><line value='8' unit='B'/></cache></cell></numa>" "</cpu>",
      "XML error: missing element or attribute './size/@value'" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa></cpu><memoryBacking><hugepages>"
      "<page size=\"2\" unit=\"M\" nodeset=\"0\"/><page size=\"1\" unit=\"G\" nodeset=\"0-1\"/></hugepages>"
      "<source type=\"memfd\"/></memoryBacking>",
      "nodeset attribute of hugepages of sizes 1048576 and 2048 intersect" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<numatune><memory mode='strict'/></numatune><cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa></cpu>",
      "unsupported configuration: nodeset for NUMA memory tuning must be set if 'placement' is 'static'" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<numatune><memory mode='strict' placement='auto'/><memnode cellid='0' mode='strict' nodeset='0'/>"
      "</numatune><cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa></cpu>",
      "unsupported configuration: Per-node binding is not compatible with automatic NUMA placement." },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<numatune><memory mode='strict' nodeset='0'/><memnode cellid='7' mode='preferred' nodeset='0'/></numatune>"
      "<cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa></cpu>",
      "XML error: Argument 'cellid' in memnode element must correspond to existing guest's NUMA cell" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<numatune><memory mode='strict' nodeset='0'/><memnode cellid='1' mode='preferred' nodeset='0'/>"
      "<memnode cellid='1' mode='strict' nodeset='0'/></numatune><cpu><numa>"
      "<cell id='0' cpus='0-1' memory='128' unit='MiB'/><cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa>" "</cpu>",
      "XML error: Multiple memnode elements with cellid 1" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<numatune><memory mode='restrictive' nodeset='0'/><memnode cellid='0' mode='strict' nodeset='0'/>"
      "</numatune><cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/>"
      "<cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa></cpu>",
      "XML error: 'restrictive' mode is required in memnode element when mode is 'restrictive' in memory element" },
    { MEMORY "<vcpu>4</vcpu>" OS "<numatune><memory mode='foo' nodeset='0'/></numatune><cpu><numa>"
      "<cell id='0' cpus='0-1' memory='128' unit='MiB'/><cell id='1' cpus='2-3' memory='128' unit='MiB'/></numa>" "</cpu>",
      "unsupported configuration: Unsupported NUMA memory tuning mode 'foo'" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<numatune><memory mode='strict' nodeset='0'/><memnode cellid='0' mode='strict' nodeset='0'/></numatune>",
      "XML error: Element 'memnode' is invalid without any guest NUMA cells" },
    { MEMORY "<vcpu/>" OS, "XML error: maximum vcpus count must be an integer" },
    { MEMORY "<vcpu>256</vcpu>" OS,
      "unsupported configuration: more than 255 vCPUs require extended interrupt mode enabled on the iommu device" },
    { MEMORY "<vcpu cpuset=\"\">2</vcpu>" OS, "invalid argument: Failed to parse bitmap ''" },
    { MEMORY "<vcpu cpuset=\"^0\">2</vcpu>" OS, "unsupported configuration: Invalid value of 'cpuset': ^0" },
    { MEMORY "<vcpu current=\"2\">4</vcpu>" OS "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/>"
      "<vcpu id='2' enabled='yes' hotpluggable='yes' order='1'/></vcpus>",
      "unsupported configuration: all vcpus must have either set or unset order" },
    { MEMORY "<vcpu current=\"2\">4</vcpu>" OS "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='2'/>"
      "<vcpu id='2' enabled='yes' hotpluggable='yes' order='1'/></vcpus>",
      "unsupported configuration: vcpu0 must be enabled first" },
    { MEMORY "<vcpu current=\"2\">4</vcpu>" OS "<vcpus><vcpu id='0' enabled='yes' hotpluggable='yes'/></vcpus>",
      "unsupported configuration: vcpu0 can't be hotpluggable" },
    { MEMORY "<vcpu current=\"2\">4</vcpu>" OS
      "<vcpus><vcpu id='0' enabled='yes'/><vcpu id='1' enabled='no' hotpluggable='no'/></vcpus>",
      "unsupported configuration: vcpu '1' is both offline and not hotpluggable" },
    { MEMORY "<vcpu current=\"2\">4</vcpu>" OS "<vcpus><vcpu id='9' enabled='yes'/></vcpus>",
      "XML error: vcpu id '9' is out of range of maximum vcpu count" },
    { MEMORY OS "<iothreadids><iothread id=\"1\" thread_pool_min=\"8\" thread_pool_max=\"2\"/></iothreadids>",
      "unsupported configuration: thread_pool_min must be smaller or equal to thread_pool_max" },
    { MEMORY OS "<iothreadids><iothread id=\"1\" thread_pool_max=\"0\"/></iothreadids>",
      "unsupported configuration: thread_pool_max must be a positive integer" },
    { MEMORY OS "<iothreadids><iothread id=\"1\" thread_pool_max=\"-1\"/></iothreadids>",
      "XML error: Invalid value for attribute 'thread_pool_max' in element 'iothread': '-1'. Expected non-negative" " value" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><shares>x</shares></cputune>", "XML error: can't parse cputune shares value" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><shares>1</shares></cputune>",
      "unsupported configuration: Value of cputune 'shares' must be in range [2, 262144]" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><period>999</period></cputune>",
      "unsupported configuration: Value of cputune 'period' must be in range [1000, 1000000]" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><global_period>x</global_period></cputune>",
      "XML error: can't parse cputune global period value" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><quota>x</quota></cputune>", "XML error: can't parse cputune quota value" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpupin vcpu=\"0\" cpuset=\"1\"/><vcpupin vcpu=\"0\" cpuset=\"0,1\"/></cputune>",
      "internal error: duplicate vcpupin for vcpu '0'" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpupin vcpu=\"0\"/></cputune>", "internal error: missing cpuset for vcpupin" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><emulatorpin cpuset=\"1\"/><emulatorpin cpuset=\"2\"/></cputune>",
      "XML error: only one emulatorpin is supported" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><iothreadpin iothread=\"1\" cpuset=\"0\"/></cputune>",
      "unsupported configuration: Cannot find 'iothread' : 1" },
    { MEMORY "<vcpu>4</vcpu>" OS "<iothreads>2</iothreads><cputune><iothreadpin iothread=\"0\" cpuset=\"0\"/></cputune>",
      "XML error: Invalid value for attribute 'iothread' in element 'iothreadpin': Zero is not permitted" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpusched vcpus=\"0\" scheduler=\"fifo\" priority=\"1\"/>"
      "<vcpusched vcpus=\"0\" scheduler=\"fifo\" priority=\"1\"/></cputune>",
      "'vcpusched' attributes 'vcpus' must not overlap" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpusched vcpus=\"9\" scheduler=\"batch\"/></cputune>",
      "unsupported configuration: vCPU '9' is not present in domain definition" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpusched vcpus=\"0\" scheduler=\"fifo\"/></cputune>",
      "XML error: Missing required attribute 'priority' in element 'vcpusched'" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><vcpusched scheduler=\"batch\"/></cputune>",
      "XML error: Missing attribute 'vcpus' in element 'vcpusched'" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<iothreads>2</iothreads><cputune><iothreadsched iothreads=\"9\" scheduler=\"batch\"/></cputune>",
      "unsupported configuration: Cannot find 'iothread' : 9" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cputune><cachetune vcpus=\"0-1\"><cache id=\"0\" level=\"3\" type=\"both\" size=\"3\" unit=\"MiB\"/>"
      "<monitor level=\"3\" vcpus=\"0-1\"/></cachetune></cputune>",
      "unsupported configuration: cachetune is only supported for KVM domains" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cputune><cachetune vcpus=\"0-1\"><cache id=\"0\" level=\"3\" type=\"both\" size=\"3\" unit=\"MiB\"/>"
      "<cache id=\"0\" level=\"3\" type=\"both\" size=\"3\" unit=\"MiB\"/></cachetune></cputune>",
      "XML error: Colliding cache allocations for cache level '3' id '0', type 'both'" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cputune><cachetune vcpus=\"0-1\"><cache id=\"0\" level=\"3\" type=\"both\" size=\"3\" unit=\"MiB\"/></cachetune>"
      "<cachetune vcpus=\"1-2\"><cache id=\"0\" level=\"3\" type=\"both\" size=\"3\" unit=\"MiB\"/></cachetune></cputune>",
      "XML error: Overlapping vcpus in resctrls" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cputune><memorytune vcpus=\"0-3\"><node id=\"0\" bandwidth=\"101\"/></memorytune></cputune>",
      "XML error: Memory Bandwidth value exceeding 100 is invalid." },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cputune><memorytune vcpus=\"0\"><node id=\"0\" bandwidth=\"10\"/><node id=\"0\" bandwidth=\"10\"/></memorytune>"
      "</cputune>",
      "XML error: Memory Bandwidth already defined for node 0" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' migratable='on'><model>qemu64</model></cpu>",
      "unsupported configuration: Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' match='exact'><model fallback='foo'>Nehalem</model></cpu>",
      "unsupported configuration: Invalid fallback attribute" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' match='exact'><model vendor_id='KVM'>qemu64</model></cpu>",
      "XML error: vendor_id must be exactly 12 characters long" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><vendor>Intel</vendor></cpu>", "XML error: CPU vendor specified without CPU model" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='foo' name='aes'/></cpu>",
      "unsupported configuration: Invalid CPU feature policy" },
    { MEMORY "<vcpu>4</vcpu>" OS
      "<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name=''/></cpu>",
      "XML error: Invalid CPU feature name" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom'><feature name='aes'/></cpu>",
      "XML error: Non-empty feature list specified without CPU model" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name='aes'/>"
      "<feature policy='disable' name='aes'/></cpu>",
      "XML error: CPU feature 'aes' specified more than once" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='maximum'><cache mode='emulate'/></cpu>",
      "unsupported configuration: CPU cache mode 'emulate' can only be used with level='3'" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='custom' match='exact'><model>qemu64</model><cache mode='passthrough'/></cpu>",
      "unsupported configuration: CPU cache mode 'passthrough' can only be used with 'host-passthrough' /" " 'maximum' CPUs" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='maximum'><cache level='3' mode='disable'/></cpu>",
      "unsupported configuration: unsupported CPU cache level for mode 'disable'" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='maximum'><cache level='0' mode='emulate'/></cpu>",
      "XML error: invalid CPU cache level, must be in range [1,3]" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='maximum'><maxphysaddr mode='emulate'/></cpu>",
      "unsupported configuration: if using CPU maximum physical address mode='emulate', bits= must be specified too" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu mode='maximum'><maxphysaddr mode='passthrough' bits='42'/></cpu>",
      "unsupported configuration: CPU maximum physical address bits number specification cannot be used with"
      " mode='passthrough'" },
    { MEMORY "<vcpu>4</vcpu>" "<os><type arch='aarch64' machine='virt'>hvm</type></os>"
      "<cpu mode='maximum'><maxphysaddr mode='emulate' bits='42'/></cpu>",
      "unsupported configuration: CPU maximum physical address bits specification is not supported for 'aarch64'" " architecture" },
    { MEMORY "<vcpu>4</vcpu>" OS "<cpu><topology sockets='1' cores='0' threads='1'/></cpu>",
      "XML error: Invalid value for attribute 'cores' in element 'topology': Zero is not permitted" },
    { MEMORY OS "<features><foo/></features>", "unsupported configuration: unexpected feature 'foo'" },
    { MEMORY OS "<features><hyperv><foo state='on'/></hyperv></features>",
      "unsupported configuration: unsupported HyperV Enlightenment feature: foo" },
    { MEMORY OS "<features><kvm><foo state='on'/></kvm></features>", "unsupported configuration: unsupported KVM feature: foo" },
    { MEMORY OS "<features><xen><foo state='on'/></xen></features>", "unsupported configuration: unsupported Xen feature: foo" },
    { MEMORY OS "<features><hyperv><spinlocks state='on' retries='4094'/></hyperv></features>",
      "XML error: HyperV spinlock retry count must be at least 4095" },
    { MEMORY OS "<features><hyperv><vendor_id state='on' value='1234567890123'/></hyperv></features>",
      "XML error: HyperV vendor_id value must not be more than 12 characters." },
    { MEMORY OS "<features><kvm><dirty-ring state='on' size='100'/></kvm></features>",
      "XML error: dirty ring must be power of 2 and ranges [1024, 65536]" },
    { MEMORY OS "<features><kvm><dirty-ring state='on'/></kvm></features>",
      "XML error: Missing required attribute 'size' in element 'dirty-ring'" },
    { MEMORY "<os><type arch='x86_64' machine='pc'>hvm</type></os>" "<features><smm state='on'><tseg>16</tseg></smm></features>",
      "unsupported configuration: SMM TSEG is only supported with q35 machine type" },
    { MEMORY OS "<features><smm state='on'><tseg unit='KiB'>1025</tseg></smm></features>",
      "unsupported configuration: SMM TSEG size must be divisible by 1 MiB" },
    { MEMORY OS "<features><tcg><tb-cache unit='KiB'>1025</tb-cache></tcg></features>",
      "unsupported configuration: tb-cache size must be an integer multiple of MiB" },
    { MEMORY OS "<features><gic version='2'/></features>",
      "unsupported configuration: The 'gic' feature is not supported for architecture 'x86_64' or machine type" " 'pc-q35-7.2'" },
    { MEMORY OS "<features><htm state='on'/></features>",
      "unsupported configuration: The 'htm' feature is not supported for architecture 'x86_64' or machine type" " 'pc-q35-7.2'" },
    { MEMORY "<os><type arch='aarch64' machine='virt'>hvm</type></os>" "<features><vmport/></features>" "<cpu mode='maximum'/>",
      "unsupported configuration: vmport is not available with this QEMU binary" },
    { MEMORY OS "<clock offset='timezone' timezone=''/>",
      "internal error: missing 'timezone' attribute for clock with offset='timezone'" },
    { MEMORY OS "<clock offset='utc' adjustment='x'/>", "XML error: unknown clock adjustment 'x'" },
    { MEMORY OS "<clock offset='utc'><timer name='rtc' tickpolicy='merge'/></clock>",
      "unsupported configuration: unsupported rtc timer tickpolicy 'merge'" },
    { MEMORY OS "<clock offset='utc'><timer name='rtc' track='boot'/></clock>",
      "unsupported configuration: unsupported rtc timer track 'boot'" },
    { MEMORY OS "<clock offset='utc'><timer name='pit' frequency='3504000000'/></clock>",
      "unsupported configuration: timer pit doesn't support setting of timer frequency" },
    { MEMORY OS "<clock offset='utc'><timer name='kvmclock' tickpolicy='delay'/></clock>",
      "unsupported configuration: timer kvmclock doesn't support setting of timer tickpolicy" },
    { MEMORY OS "<clock offset='utc'><timer name='hpet' track='boot'/></clock>",
      "unsupported configuration: timer hpet doesn't support setting of timer track" },
    { MEMORY OS "<clock offset='utc'><timer name='rtc'><catchup slew='3' limit='1'/></timer></clock>",
      "XML error: setting of timer catchup policies is only supported with tickpolicy='catchup'" },
    { MEMORY OS "<clock offset='utc'><timer name='platform'/></clock>",
      "unsupported configuration: unsupported timer type (name) 'platform'" },
    { MEMORY OS "<qemu:commandline><qemu:arg/></qemu:commandline>", "internal error: No qemu command-line argument specified" },
    { MEMORY OS "<qemu:commandline><qemu:env name='1A' value='x'/></qemu:commandline>",
      "internal error: Invalid environment name, it must begin with a letter or underscore" },
    { MEMORY OS "<qemu:commandline><qemu:env name='A-B' value='x'/></qemu:commandline>",
      "internal error: Invalid environment name, it must contain only alphanumerics and underscore" },
    { MEMORY OS "<qemu:capabilities><qemu:add/></qemu:capabilities>", "internal error: missing capability name" },
    { MEMORY OS "<qemu:override><qemu:device><qemu:frontend><qemu:property name='d' type='string' value='x'/>"
      "</qemu:frontend></qemu:device></qemu:override>",
      "XML error: missing 'alias' attribute for qemu:device" },
    { MEMORY OS "<qemu:override><qemu:device alias='ua-disk'><qemu:frontend><qemu:property name='d' type='string'/>"
      "</qemu:frontend></qemu:device></qemu:override>"
      "<devices><disk type='file'><source file='/a.img'/><target dev='vda' bus='virtio'/><alias name='ua-disk'/>"
      "</disk></devices>",
      "XML error: missing 'value' attribute for 'qemu:property'" },
    { MEMORY OS "<qemu:override><qemu:device alias='ua-disk'><qemu:frontend>"
      "<qemu:property name='d' type='signed' value='x'/></qemu:frontend></qemu:device></qemu:override>"
      "<devices><disk type='file'><source file='/a.img'/><target dev='vda' bus='virtio'/><alias name='ua-disk'/>"
      "</disk></devices>",
      "XML error: invalid value 'x' of 'value' attribute of 'qemu:property'" },
    { MEMORY OS "<qemu:override><qemu:device alias='ua-disk'><qemu:frontend><qemu:property name='d' type='bool' value='x'/>"
      "</qemu:frontend></qemu:device></qemu:override>"
      "<devices><disk type='file'><source file='/a.img'/><target dev='vda' bus='virtio'/><alias name='ua-disk'/>"
      "</disk></devices>",
      "XML error: invalid value 'x' of 'value' attribute of 'qemu:property'" },
    { MEMORY OS "<qemu:override><qemu:device alias='ua-disk'><qemu:frontend>"
      "<qemu:property name='d' type='remove' value='x'/></qemu:frontend></qemu:device></qemu:override>"
      "<devices><disk type='file'><source file='/a.img'/><target dev='vda' bus='virtio'/><alias name='ua-disk'/>"
      "</disk></devices>",
      "XML error: setting 'value' attribute of 'qemu:property' doesn't make sense with 'remove' type" },
};

static xmlDoc *
parse(const char *elements, GError **error)
{
    g_autofree char *xml = g_strconcat(HEAD, elements, "</domain>", NULL);

    return domain_parse(xml, -1, NULL, &test_model_facts, 0, NULL, error);
}

/* Without indentation. */
static char *
squeeze(const char *text)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        g_string_append(out, g_strchug(*line));
    return g_string_free(out, FALSE);
}

static void
test_accepted(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(accepted); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(accepted[i].xml, &error);
        g_autofree char *text = doc ? document_format(doc) : NULL;
        g_autofree char *squeezed = text ? squeeze(text) : NULL;

        if (!doc)
            g_error("%s: %s", accepted[i].xml, error->message);
        if (!strstr(squeezed, accepted[i].part))
            g_error("no %s in\n%s", accepted[i].part, text);
    }
}

static void
test_rejected(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rejected); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = parse(rejected[i].xml, &error);

        if (doc)
            g_error("taken: %s", rejected[i].xml);
        g_assert_cmpstr(error->message, ==, rejected[i].message);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/machine/accepted", test_accepted);
    g_test_add_func("/model/machine/rejected", test_rejected);
    return g_test_run();
}
