# Machines of all kinds, invented by tests/host-trees/make-tree: what the commands about the host answer on each stands in
# tests/host-trees/NAME.expect, worked out from the descriptions.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

answers_as_expected() {
    given_machine "$1"
    "$TOP/tests/host-trees/compare" "$HVSH" "$HVSH_DEFAULT_URI" "$TOP/tests/host-trees/$1.expect"
}

@test "one CPU" { answers_as_expected one-cpu; }
@test "a laptop with two threads a core, one of them offline" { answers_as_expected laptop; }
@test "two sockets, each a cell" { answers_as_expected two-sockets; }
@test "two sockets of two cells each" { answers_as_expected sub-numa; }
@test "ppc64: eight cells of 32 CPUs with four threads a core" { answers_as_expected ppc64; }
@test "a cell without memory" { answers_as_expected memory-less; }
@test "a cell without CPUs" { answers_as_expected cpu-less; }
@test "gaps in the numbers of CPUs" { answers_as_expected sparse; }
@test "gaps in the numbers of cells" { answers_as_expected sparse-nodes; }
@test "arm64 without topology files" { answers_as_expected arm64; }
@test "a container that masks /sys" { answers_as_expected container; }
@test "a kernel without huge pages" { answers_as_expected no-hugepages; }
@test "pages of 2 MiB and 1 GiB" { answers_as_expected huge-pages; }
@test "dies that number their cores alike" { answers_as_expected dies; }
@test "cores of two kinds: the topology falls back to one socket" { answers_as_expected hybrid; }
@test "1024 CPUs" { answers_as_expected thousand; }

# usb_device NAME VENDOR PRODUCT BUS DEVICE: in the machine.
usb_device() {
    local folder=$MACHINE/sys/bus/usb/devices/$1
    mkdir -p "$folder"
    printf '%s\n' "$2" >"$folder/idVendor"
    printf '%s\n' "$3" >"$folder/idProduct"
    printf '%s\n' "$4" >"$folder/busnum"
    printf '%s\n' "$5" >"$folder/devnum"
}

usb_hostdev() {
    printf "<hostdev mode='subsystem' type='usb'><source %s><vendor id='0x%s'/><product id='0x%s'/></source></hostdev>" "${3-}" "$1" "$2"
}

@test "QEMU's memory comes from the machine's own nodes" {
    given_machine sparse-nodes
    domain_xml web | sed "s|<os>|<numatune><memory mode='strict' nodeset='0,8'/></numatune>&|" >web.xml
    run_hvsh domxml-to-native qemu-argv web.xml
    assert_success
    assert_output_has '"host-nodes":[0,8],"policy":"bind"'
    sed -i "s|'0,8'|'0-1'|" web.xml
    run_hvsh domxml-to-native qemu-argv web.xml
    assert_fails_with "error: unsupported configuration: NUMA node 1 is unavailable"
}

@test "USB devices are found where the machine shows them" {
    given_machine laptop
    domain_xml web --devices "$(usb_hostdev 1d6b 0002)" >web.xml
    hv define web.xml >/dev/null
    run_hvsh start web --dry-run
    assert_fails_with "error: cannot open directory '/sys/bus/usb/devices': No such file or directory"
    usb_device 1-1 1d6b 0003 1 4
    usb_device 1-2 1d6b 0002 1 7
    mkdir "$MACHINE/sys/bus/usb/devices/1-2:1.0"
    # That there is such a device file is another matter.
    run_hvsh start web --dry-run
    assert_fails_with "error: internal error: Did not find USB device bus:1 device:7"
    run_hvsh domxml-to-native qemu-argv --domain web
    assert_output_has '"driver":"usb-host","hostdevice":"/dev/bus/usb/001/007"'
    usb_device 2-1 1d6b 0002 2 9
    run_hvsh start web --dry-run
    assert_fails_with "Multiple USB devices for 1d6b:2, use <address> to specify one"
    rm -r "$MACHINE"/sys/bus/usb/devices/*-[12]
    run_hvsh start web --dry-run
    assert_fails_with "error: internal error: Did not find USB device 1d6b:0002"
    domain_xml web --devices "$(usb_hostdev 1d6b 0002 "startupPolicy='optional'")" --uuid "$(hv domuuid web | head -n 1)" >web.xml
    hv define web.xml >/dev/null
    run_hvsh start web --dry-run
    assert_success
    refute_output_has usb-host
}

@test "SCSI devices and SMBIOS are those of the machine" {
    given_machine laptop
    domain_xml web --devices "<controller type='scsi' model='virtio-scsi'/>
        <hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host3'/><address bus='0' target='1' unit='2'/></source></hostdev>" |
        sed "s|</type>|&<smbios mode='host'/>|" >web.xml
    run_hvsh domxml-to-native qemu-argv web.xml
    assert_fails_with "error: cannot open directory '/sys/bus/scsi/devices/3:0:1:2/scsi_generic': No such file or directory"
    mkdir -p "$MACHINE/sys/bus/scsi/devices/3:0:1:2/scsi_generic/sg7"
    run_hvsh domxml-to-native qemu-argv web.xml
    assert_success
    assert_output_has '"driver":"host_device","filename":"/dev/sg7"'
    assert_output_has "type=1,manufacturer=$(<"$MACHINE/sys/class/dmi/id/sys_vendor")"
}

@test "every description has its answers and its test" {
    local tree name
    for tree in "$TOP"/tests/host-trees/*.tree; do
        name=$(basename "$tree" .tree)
        [[ -s ${tree%.tree}.expect ]] || fail_with "no answers for $name"
        grep -q "answers_as_expected $name;" "$BATS_TEST_FILENAME" || fail_with "no test of $name"
    done
}

@test "a wrong answer is seen" {
    given_machine one-cpu
    sed 's/^CPU(s):              1$/CPU(s):              2/' "$TOP/tests/host-trees/one-cpu.expect" >wrong
    run "$TOP/tests/host-trees/compare" "$HVSH" "$HVSH_DEFAULT_URI" wrong
    assert_status 1
    assert_output_has "+CPU(s):              1"
}

@test "the variable moves the root for embed, and the URI shows what it named itself" {
    given_machine laptop
    run_hvsh uri
    assert_output "$HVSH_DEFAULT_URI"
    HVSH_HOST_ROOT=$MACHINE run_hvsh -c "qemu:///embed?root=$SANDBOX/root" nodecpumap
    assert_output_has "CPU map:        yyyyyyy-"
    HVSH_HOST_ROOT=$MACHINE run_hvsh -c "qemu:///embed?root=$SANDBOX/root" uri
    assert_output "qemu:///embed?root=$SANDBOX/root"
    HVSH_HOST_ROOT=$SANDBOX/nowhere run_hvsh nodecpumap
    assert_output_has "CPU map:        yyyyyyy-"
}

@test "structured output" {
    given_machine two-sockets
    run_hvsh --output json nodeinfo
    jq -e '. == {cpu_model: "x86_64", cpus: 16, cpu_mhz: 2600, sockets_per_cell: 1, cores_per_socket: 4,
        threads_per_core: 2, cells: 2, memory: (67108864 * 1024)}' <<<"$output"
    run_hvsh --output json nodecpumap
    jq -e '. == {present: 16, online: 16, map: "0-15"}' <<<"$output"
    run_hvsh --output json nodecpustats 1
    jq -e '. == {user_ns: 1020000000, system_ns: 560000000, idle_ns: 10000000000, iowait_ns: 30000000}' <<<"$output"
    run_hvsh --output json nodememstats
    jq -e '. == ({total: 67100000, free: 3145728, buffers: 1000, cached: 2000} | map_values(. * 1024))' <<<"$output"
    run_hvsh --output json freecell --all
    jq -e '. == [{cell: 0, free: 1073741824}, {cell: 1, free: 2147483648}]' <<<"$output"
    run_hvsh --output json freepages --all --pagesize 2M
    jq -e '. == [{cell: 0, page_size: 2097152, free_pages: 128}, {cell: 1, page_size: 2097152, free_pages: 0}]' <<<"$output"
    run_hvsh --output json node-memory-tune
    jq -e '.shm_pages_to_scan == 100 and .shm_merge_across_nodes == false and length == 8' <<<"$output"
    given_machine arm64
    run_hvsh --output json nodeinfo
    jq -e '.cpu_mhz == null' <<<"$output"
    run_hvsh --output json sysinfo
    jq -e '.xml | startswith("<sysinfo type=")' <<<"$output"
}

@test "freecell --all: the rule and the sum are gone with -q" {
    given_machine two-sockets
    run_hvsh -q freecell --all
    assert_output "    0:    1048576 KiB
    1:    2097152 KiB"
}
