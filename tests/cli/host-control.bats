# What can be set on the host: pools of pages, samepage merging, sleep; and watching it.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

pool_is() {
    [[ $(<"$MACHINE/$1/hugepages-$2kB/nr_hugepages") == "$3" ]] || fail_with "$1 has $(<"$MACHINE/$1/hugepages-$2kB/nr_hugepages")"
}

CELL0=sys/devices/system/node/node0/hugepages
CELL1=sys/devices/system/node/node1/hugepages
ALL=sys/kernel/mm/hugepages

@test "allocpages sets a pool, of all, of a cell, of each cell" {
    given_machine huge-pages
    run_hvsh allocpages 2048 64
    assert_success
    assert_output ""
    pool_is $ALL 2048 64
    pool_is $CELL0 2048 1024
    run_hvsh allocpages 2M 10 1
    assert_success
    pool_is $CELL1 2048 10
    pool_is $CELL0 2048 1024
    run_hvsh allocpages --pagesize 1G --pagecount 7 --all
    assert_success
    pool_is $CELL0 1048576 7
    pool_is $CELL1 1048576 7
    pool_is $ALL 1048576 6
}

@test "allocpages --add makes a pool larger" {
    given_machine huge-pages
    run_hvsh allocpages 2048 6 --cellno 0 --add
    assert_success
    pool_is $CELL0 2048 1030
    run_hvsh allocpages 1048576 1 --all --add
    pool_is $CELL0 1048576 5
    pool_is $CELL1 1048576 3
    run_hvsh allocpages 2048 18446744073709551615 --add
    assert_fails_with "numerical overflow"
    pool_is $ALL 2048 1536
}

@test "allocpages beyond memory tells how many were really got" {
    given_machine huge-pages
    # A file of the kernel that keeps less than it was told, as nr_hugepages does: 5 of 17 is rounded down.
    ln -sf /proc/self/oom_adj "$MACHINE/$CELL0/hugepages-2048kB/nr_hugepages"
    run_hvsh allocpages 2048 5 0
    assert_fails_with "operation failed: Unable to allocate 5 pages. Allocated only 4"
}

@test "allocpages refuses what is no pool" {
    given_machine huge-pages
    run_hvsh allocpages 4 10
    assert_fails_with "Operation not supported: system pages pool can't be modified"
    run_hvsh allocpages 7 10
    assert_fails_with "operation failed: page size 7 is not available"
    run_hvsh allocpages 7 10 1
    assert_fails_with "operation failed: page size 7 is not available on node 1"
    run_hvsh allocpages 2048 10 2
    assert_fails_with "internal error: start cell 2 out of range (0-1)"
    run_hvsh allocpages 2048 10 -- -2
    assert_fails_with "operation failed: NUMA node -2 is not available"
    run_hvsh allocpages 2048 10 --all --cellno 0
    assert_fails_with "Options --all and --cellno are mutually exclusive"
    run_hvsh allocpages 2048 many
    assert_fails_with "Numeric value 'many' for <pagecount> option is malformed or out of range"
    run_hvsh -r allocpages 2048 1
    assert_fails_with "operation forbidden: read only access prevents virNodeAllocPages"
}

@test "node-memory-tune sets what it is told" {
    given_machine laptop
    run_hvsh node-memory-tune 200 50 0
    assert_success
    assert_output ""
    [[ $(<"$MACHINE/sys/kernel/mm/ksm/pages_to_scan") == 200 ]]
    [[ $(<"$MACHINE/sys/kernel/mm/ksm/sleep_millisecs") == 50 ]]
    [[ $(<"$MACHINE/sys/kernel/mm/ksm/merge_across_nodes") == 0 ]]
    run_hvsh node-memory-tune --shm-sleep-millisecs 70
    assert_success
    run_hvsh node-memory-tune
    assert_output_has "shm_pages_to_scan 200"
    assert_output_has "shm_sleep_millisecs 70"
    run_hvsh -r node-memory-tune 1
    assert_fails_with "operation forbidden: read only access prevents virNodeSetMemoryParameters"
}

@test "node-memory-tune without the right names the file and the right" {
    given_machine laptop
    chmod 444 "$MACHINE/sys/kernel/mm/ksm/pages_to_scan"
    chmod 755 "$SANDBOX"
    run as_user env HOME=/nonexistent "$HVSH" -c "qemu:///embed?root=$SANDBOX/none&host=$MACHINE" node-memory-tune 100
    assert_status 1
    assert_output_has "error: Unable to change memory parameters"
    assert_output_has "failed to set shm_pages_to_scan: cannot write to '$MACHINE/sys/kernel/mm/ksm/pages_to_scan', which takes root: Permission denied"
}

@test "parameters that this kernel does not have are left out, and cannot be set" {
    given_machine laptop
    rm "$MACHINE/sys/kernel/mm/ksm/merge_across_nodes"
    run_hvsh node-memory-tune
    refute_output_has merge_across
    assert_output_has "shm_full_scans  9"
    run_hvsh node-memory-tune 100 --shm-merge-across-nodes 1
    assert_fails_with "Parameter 'shm_merge_across_nodes' is not supported by this kernel"
    [[ $(<"$MACHINE/sys/kernel/mm/ksm/pages_to_scan") == 100 ]]
}

@test "nodesuspend sets the alarm, then suspends" {
    given_machine laptop
    run_hvsh nodesuspend mem 60
    assert_success
    [[ $(<"$MACHINE/sys/class/rtc/rtc0/wakealarm") == +60 ]]
    [[ $(<"$MACHINE/sys/power/state") == mem ]]
    given_machine laptop
    run_hvsh nodesuspend hybrid 3600
    assert_success
    [[ $(<"$MACHINE/sys/class/rtc/rtc0/wakealarm") == +3600 ]]
    [[ $(<"$MACHINE/sys/power/disk") == suspend ]]
    [[ $(<"$MACHINE/sys/power/state") == disk ]]
}

@test "nodesuspend refuses what cannot be, and then nothing was suspended" {
    given_machine laptop
    local states
    states=$(<"$MACHINE/sys/power/state")
    run_hvsh nodesuspend mem 59
    assert_fails_with "invalid argument: Suspend duration is too short"
    run_hvsh nodesuspend mem -1
    assert_fails_with "error: Invalid duration"
    run_hvsh nodesuspend sofa 60
    assert_fails_with "error: Invalid target"
    run_hvsh nodesuspend '' 60
    assert_fails_with "Failed to get option 'target': Option argument is empty"
    run_hvsh nodesuspend mem 99999999999
    assert_fails_with "seconds is too long"
    run_hvsh -r nodesuspend mem 60
    assert_fails_with "operation forbidden: read only access prevents virNodeSuspendForDuration"
    rm "$MACHINE/sys/class/rtc/rtc0/wakealarm"
    run_hvsh nodesuspend mem 60
    assert_fails_with "Operation not supported: no clock of this machine can wake it up"
    [[ $(<"$MACHINE/sys/power/state") == "$states" ]]
    echo freeze mem >"$MACHINE/sys/power/state"
    run_hvsh nodesuspend disk 60
    assert_fails_with "argument unsupported: Suspend-to-Disk"
    run_hvsh nodesuspend hybrid 60
    assert_fails_with "argument unsupported: Hybrid-Suspend"
}

# samples N: whether so many lines of the watched output have come.
samples() {
    (($(grep -c '^user:\|^total' watched) >= $1))
}

@test "nodecpustats and nodememstats --interval go on until Ctrl-C" {
    local pid
    given_machine laptop
    for command in nodecpustats nodememstats; do
        # An interactive bash would make it immune to SIGINT.
        # shellcheck disable=SC2016
        setsid --fork bash -c 'trap - INT; echo $$ >pid; exec "$@"' sh "$HVSH" "$command" --interval 1 >watched 2>&1
        wait_until samples 2 20
        pid=$(<pid)
        kill -INT "$pid"
        wait_until no_processes_left 10
        run ! grep -q error watched
    done
    grep -q '^total  :             16320000 KiB$' watched
}

@test "--interval ends when nobody reads" {
    given_machine laptop
    # shellcheck disable=SC2016
    run timeout 20 bash -c '"$HVSH" nodememstats --interval 1 | head -n 1'
    assert_success
    assert_output "total  :             16320000 KiB"
    wait_until no_processes_left 10
}

@test "--interval in structured form" {
    given_machine laptop
    # shellcheck disable=SC2016
    run timeout 20 bash -c '"$HVSH" --output json-lines nodecpustats --percent --interval 1 | head -n 1'
    jq -e 'has("time_us") and .usage_percent == null' <<<"$output"
    run_hvsh nodecpustats --interval 0
    assert_fails_with "Numeric value '0' for <interval> option is malformed or out of range"
}

@test "nodecpustats --percent shares out one second" {
    run_hvsh nodecpustats --percent
    assert_success
    assert_output_matches '^usage: +[0-9.]+%'
    awk '/^(user|system|idle|iowait):/ { sum += $2 } END { exit !(sum > 99.7 && sum < 100.3) }' <<<"$output"
}
