/* Memory, what backs it, NUMA cells and tuning: what libvirt 9.0.0 makes of them, and what it refuses in which words. */
#include "test-model-cases.h"

static const ModelElements accepted[] = {
    { "<memory unit='MiB'> +256</memory>" OS, "<memory unit='KiB'>262144</memory>" },
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
};

static const ModelElements rejected[] = {
    { MEMORY OS "<numatune/><numatune/>", "XML error: only one numatune is supported" },
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
    g_test_add_func("/model/memory/accepted", test_accepted);
    g_test_add_func("/model/memory/rejected", test_rejected);
    return g_test_run();
}
