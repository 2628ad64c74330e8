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
        threads_per_core: 2, cells: 2, memory_kib: 67108864}' <<<"$output"
    run_hvsh --output json nodecpumap
    jq -e '. == {present: 16, online: 16, map: "0-15"}' <<<"$output"
    run_hvsh --output json nodecpustats 1
    jq -e '. == {user_ns: 1020000000, system_ns: 560000000, idle_ns: 10000000000, iowait_ns: 30000000}' <<<"$output"
    run_hvsh --output json nodememstats
    jq -e '. == {total_kib: 67100000, free_kib: 3145728, buffers_kib: 1000, cached_kib: 2000}' <<<"$output"
    run_hvsh --output json freecell --all
    jq -e '. == [{cell: 0, free_kib: 1048576}, {cell: 1, free_kib: 2097152}]' <<<"$output"
    run_hvsh --output json freepages --all --pagesize 2M
    jq -e '. == [{cell: 0, page_size_kib: 2048, free: 128}, {cell: 1, page_size_kib: 2048, free: 0}]' <<<"$output"
    run_hvsh --output json node-memory-tune
    jq -e '.shm_pages_to_scan == 100 and .shm_merge_across_nodes == 0 and length == 8' <<<"$output"
    given_machine arm64
    run_hvsh --output json nodeinfo
    jq -e '.cpu_mhz == null' <<<"$output"
    run_hvsh --output json sysinfo
    jq -e '.sysinfo | startswith("<sysinfo type=")' <<<"$output"
}

@test "freecell --all: the rule and the sum are gone with -q" {
    given_machine two-sockets
    run_hvsh -q freecell --all
    assert_output "    0:    1048576 KiB
    1:    2097152 KiB"
}
