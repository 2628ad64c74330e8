# Every sample of domain XML that libvirt accepts and this machine can run starts, and ends again.
load ../helpers

setup() {
    needs_root
    hvsh_sandbox
}
teardown() { hvsh_sandbox_end; }

# Half a minute goes by waiting for a QEMU that waits for a switch.
@test "the samples start paused, and the others fail as the table says" {
    local samples=$BATS_TEST_DIRNAME/../../../shared/conformance
    [[ -d $samples ]] || skip "no samples beside the source tree"
    HVSH_DEADLINE=300 run timeout -k 10 400 "$BATS_TEST_DIRNAME/../conformance-start" "$HVSH"
    # shellcheck disable=SC2154 # bats sets it
    [[ $status -eq 0 ]] || { grep -A3 '^not ok' <<<"$output"; return 1; }
    [[ $(grep -c '^ok' <<<"$output") -gt 70 ]]
}
