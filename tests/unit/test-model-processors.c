/* vCPUs, the processor that they show, IOThreads and where all of them run: what libvirt 9.0.0 makes of them, and what it refuses
 * in which words. */
#include "test-model-cases.h"

static const ModelElements accepted[] = {
    /* Numbers lose what stands before them. */
    { MEMORY "<vcpu current='+1'>02</vcpu>" OS, "<vcpu placement='static' current='1'>2</vcpu>" },
    { MEMORY "<vcpu cpuset=' 0 - 1 , 3,'>2</vcpu>" OS, "<vcpu placement='static' cpuset='0-1,3'>2</vcpu>" },
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
};

static const ModelElements rejected[] = {
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
    g_test_add_func("/model/processors/accepted", test_accepted);
    g_test_add_func("/model/processors/rejected", test_rejected);
    return g_test_run();
}
