# Files under /proc and /sys that are missing, empty, cut off, unreadable or absurd; numbers out of range; cells and CPUs that are
# not there.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

CPU=sys/devices/system/cpu
NODE=sys/devices/system/node

@test "a CPU or cell that is not there" {
    given_machine two-sockets
    run_hvsh nodecpustats 16
    assert_fails_with "Invalid cpuNum in virHostCPUGetStatsLinux"
    run_hvsh nodecpustats -- -2
    assert_fails_with "cpuNum in virNodeGetCPUStats only accepts -1 as a negative value"
    run_hvsh nodememstats 2
    assert_fails_with "cellNum in virHostMemGetStats must be less than or equal to 1"
    run_hvsh nodememstats -- -2
    assert_fails_with "cellNum in virNodeGetMemoryStats only accepts -1 as a negative value"
    run_hvsh freecell 2
    assert_fails_with "internal error: start cell 2 out of range (0-1)"
    run_hvsh freecell -- -1
    assert_fails_with "startCell in virNodeGetCellsFreeMemory must be zero or greater"
    run_hvsh freepages 2 4
    assert_fails_with "internal error: start cell 2 out of range (0-1)"
    run_hvsh freepages -- -2 4
    assert_fails_with "cell number must be non-negative integer or -1"
}

@test "options that lack each other" {
    given_machine two-sockets
    run_hvsh freepages
    assert_fails_with "missing cellno argument"
    run_hvsh freepages 0
    assert_fails_with "missing pagesize argument"
    run_hvsh freepages --all --cellno 0
    assert_fails_with "Options --all and --cellno are mutually exclusive"
    run_hvsh freecell --all 0
    assert_fails_with "Options --all and --cellno are mutually exclusive"
    run_hvsh freepages 0 4T
    assert_fails_with "Scaled numeric value '4T' for <pagesize> option is malformed or out of range"
    run_hvsh freepages 0 4097b
    assert_fails_with "page size 5 is not available on node 0"
    run_hvsh freecell 99999999999
    assert_fails_with "Numeric value '99999999999' for <cellno> option is malformed or out of range"
}

# broken FILE COMMAND TEXT: with FILE empty, of rubbish, and unreadable COMMAND fails and names the file.
broken() {
    local file=$1 command=$2 kind
    for kind in empty rubbish binary endless folder; do
        given_machine two-sockets
        [[ -e $MACHINE/$file ]] || fail_with "no $file"
        case $kind in
        empty) : >"$MACHINE/$file" ;;
        rubbish) echo "of course not" >"$MACHINE/$file" ;;
        binary) head -c 3000 /dev/zero >"$MACHINE/$file" ;;
        endless) rm "$MACHINE/$file" && ln -s /dev/zero "$MACHINE/$file" ;;
        folder) rm "$MACHINE/$file" && mkdir "$MACHINE/$file" ;;
        esac
        # shellcheck disable=SC2086
        run_hvsh $command
        assert_fails_with "$file" || fail_with "$file: $kind"
    done
}

@test "proc/meminfo is broken" { broken proc/meminfo nodememstats; }
@test "proc/stat is broken" { broken proc/stat nodecpustats; }
@test "the memory of a cell is broken" { broken $NODE/node1/meminfo nodeinfo; }
@test "a core's number is broken" { broken $CPU/cpu3/topology/core_id nodeinfo; }
@test "a pool is broken" { broken $NODE/node0/hugepages/hugepages-2048kB/free_hugepages "freepages 0 2048"; }
@test "a parameter of KSM is broken" { broken sys/kernel/mm/ksm/full_scans node-memory-tune; }

@test "a fifo does not stop anybody" {
    given_machine two-sockets
    rm "$MACHINE/proc/stat"
    mkfifo "$MACHINE/proc/stat"
    HVSH_DEADLINE=10 run_hvsh nodecpustats
    assert_fails_with "cannot read '$MACHINE/proc/stat'"
}

@test "files that are cut off" {
    given_machine two-sockets
    head -c 60 "$MACHINE/proc/meminfo" >part && cp part "$MACHINE/proc/meminfo"
    run_hvsh nodememstats
    assert_fails_with "'$MACHINE/proc/meminfo' does not say how much memory there is"
    head -c 9 "$MACHINE/proc/stat" >part && cp part "$MACHINE/proc/stat"
    run_hvsh nodecpustats
    assert_fails_with "'$MACHINE/proc/stat' has no times of 'cpu'"
}

@test "absurd lists of CPUs" {
    local list
    given_machine two-sockets
    for list in 0-4294967295 5-3 0,,1 0- -1 0-99999 1e3 "0-3 5"; do
        echo "$list" >"$MACHINE/$CPU/online"
        run_hvsh nodecpumap
        assert_fails_with "which is no list of numbers"
        run_hvsh nodeinfo
        assert_fails_with "$CPU/online"
    done
    echo >"$MACHINE/$CPU/online"
    run_hvsh nodeinfo
    assert_fails_with "no CPUs found"
}

@test "absurd numbers of cores and sockets" {
    given_machine two-sockets
    echo 99999999999999999999 >"$MACHINE/$CPU/cpu0/topology/core_id"
    run_hvsh nodeinfo
    assert_fails_with "which is no number"
    echo 4294967296 >"$MACHINE/$CPU/cpu0/topology/core_id"
    run_hvsh nodeinfo
    assert_fails_with "out of range"
    # -1 is the kernel's way to say that it does not know.
    given_machine one-cpu
    echo -1 >"$MACHINE/$CPU/cpu0/topology/physical_package_id"
    run_hvsh nodeinfo
    assert_success
    assert_output_has "CPU socket(s):       1"
}

@test "absurd amounts of memory" {
    given_machine two-sockets
    sed -i 's/\(MemFree: *\)[0-9]*/\199999999999999999999999/' "$MACHINE/$NODE/node0/meminfo"
    run_hvsh freecell
    assert_fails_with "node0/meminfo' does not say how much memory there is"
    given_machine two-sockets
    sed -i 's/\(MemFree: *\)/\1-/' "$MACHINE/$NODE/node0/meminfo"
    run_hvsh freecell
    assert_fails_with "node0/meminfo' does not say how much memory there is"
}

@test "files that are missing" {
    given_machine two-sockets
    rm "$MACHINE/proc/meminfo"
    run_hvsh nodememstats
    assert_fails_with "cannot open '$MACHINE/proc/meminfo': No such file or directory"
    # Without the lists the folders and each CPU's own file tell.
    rm "$MACHINE/$CPU/present" "$MACHINE/$CPU/online"
    echo 0 >"$MACHINE/$CPU/cpu15/online"
    run_hvsh nodecpumap --pretty
    assert_output_has "CPU map:        0-14"
    # A cell whose memory is hidden: the whole machine's counts.
    given_machine two-sockets
    rm "$MACHINE/$NODE/node1/meminfo"
    run_hvsh nodeinfo
    assert_output_has "Memory size:         67100000 KiB"
    # Nothing at all.
    rm -rf "${MACHINE:?}"/*
    run_hvsh nodeinfo
    assert_fails_with "cannot open '$MACHINE/proc/meminfo'"
    run_hvsh nodecpumap
    assert_fails_with "no CPUs found"
}

@test "files that may not be read" {
    given_machine two-sockets
    chmod 0 "$MACHINE/proc/stat"
    chmod 755 "$SANDBOX"
    run as_user env HOME=/nonexistent "$HVSH" -c "qemu:///embed?root=$SANDBOX/none&host=$MACHINE" nodecpustats
    assert_status 1
    assert_output_has "cannot open '$MACHINE/proc/stat': Permission denied"
}

@test "CPUs without a cell: the topology falls back" {
    given_machine two-sockets
    rm "$MACHINE/$NODE/node1"/cpu*
    run_hvsh nodeinfo
    assert_output_has "CPU(s):              16"
    assert_output_has "NUMA cell(s):        1"
    assert_output_has "CPU socket(s):       2"
}

@test "firmware that is no text loses what XML cannot hold" {
    given_machine laptop
    printf 'a\001b\377c\n' >"$MACHINE/sys/class/dmi/id/bios_vendor"
    printf 'x\002y\n' >"$MACHINE/sys/class/dmi/id/bios_version"
    run_hvsh sysinfo
    assert_success
    xmllint --noout - <<<"$output"
    assert_output_has "<entry name='version'>xy</entry>"
}

@test "the root of a host must be a folder" {
    run_hvsh -c "qemu:///embed?root=$SANDBOX/root&host=$SANDBOX/nowhere" nodeinfo
    assert_fails_with "cannot open the root of the host '$SANDBOX/nowhere'"
    run_hvsh -c "qemu:///embed?root=$SANDBOX/root&host=relative" nodeinfo
    assert_fails_with "the root of a host must be an absolute path, not 'relative'"
}
