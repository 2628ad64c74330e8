/* The board, firmware, features, clocks, security and QEMU's own namespace: what libvirt 9.0.0 makes of them, and what it refuses
 * in which words. */
#include "test-model-cases.h"

static const ModelElements accepted[] = {
    /* Containers of one name are one. */
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

static const ModelElements rejected[] = {
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
    { MEMORY "<os><type arch='aarch64' machine='virt'>hvm</type></os>" "<features><vmport/></features>" "<cpu mode='maximum'/>",
      "unsupported configuration: vmport is not available with this QEMU binary" },
};

static void
test_accepted(void)
{
    model_elements_filled(accepted, G_N_ELEMENTS(accepted));
}

static void
test_rejected(void)
{
    model_elements_rejected(rejected, G_N_ELEMENTS(rejected));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/machine/accepted", test_accepted);
    g_test_add_func("/model/machine/rejected", test_rejected);
    return g_test_run();
}
