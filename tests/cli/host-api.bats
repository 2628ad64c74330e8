# Every function of the host API has a command and a test: tests/host-api.md; and the questions to a connection that concern no
# machine.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

rows() {
    grep -E '^\| (vir|get|set|node|is|compare|baseline)' "$TOP/tests/host-api.md"
}

# is_a_test "FILE.bats: NAME" or "FILE.c /PATH"
is_a_test() {
    case $1 in
    *.bats:*) grep -qF "@test \"${1#*: }\"" "$TOP/tests/cli/${1%%:*}" ;;
    *.c\ /*) grep -qF "\"${1#* }\"" "$TOP/tests/unit/${1%% *}" ;;
    *) false ;;
    esac
}

@test "the tests that host-api.md names are there" {
    local row test tests count=0
    while IFS= read -r row; do
        # shellcheck disable=SC2016
        mapfile -t tests < <(awk -F'|' '{ print $6 }' <<<"$row" | grep -o '`[^`]*`' | tr -d '`')
        ((${#tests[@]} > 0)) || fail_with "no test: $row"
        for test in "${tests[@]}"; do
            is_a_test "$test" || fail_with "there is no test '$test'"
        done
        ((++count))
    done < <(rows)
    ((count >= 32)) || fail_with "only $count rows"
    run ! is_a_test 'host-api.bats: of something that is not there'
    run ! is_a_test 'test-node.c /node/nothing'
}

@test "the commands that host-api.md names are there" {
    local command
    while IFS= read -r command; do
        [[ -z $command ]] || hv help "${command%% *}" >/dev/null
    done < <(rows | awk -F'|' '{ gsub(/^ +| +$/, "", $5); print $5 }')
}

@test "functions of the host in the interface table are in host-api.md" {
    local api
    while IFS= read -r api; do
        grep -q "^| $api |" "$TOP/tests/host-api.md" || fail_with "$api is not there"
    done < <(tr -d '\n' <"$TOP/src/backend/interface.def" |
        grep -oE '"vir(Node(Get|Set|Alloc|Suspend)[A-Za-z]*|Connect(Is[A-Z][a-z]*|(Compare|Baseline)[A-Za-z]*CPU|Get([A-Za-z]*Capabilities|Hostname|URI|Type|Version|LibVersion|Sysinfo|MaxVcpus|CPUModelNames)))"' |
        tr -d '"' | sort -u)
}

@test "hostname, URI and versions" {
    local version
    run_hvsh -q hostname
    assert_output "$(uname -n)"
    run_hvsh -q uri
    assert_output "qemu:///embed?root=$SANDBOX/root"
    version=$("$EMULATOR" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)
    run_hvsh -q version --daemon
    assert_output "Compiled against library: libvirt 9.0.0
Using library: libvirt 9.0.0
Using API: QEMU 9.0.0
Running hypervisor: QEMU $version
Running against daemon: 9.0.0"
    run_hvsh -q -c test:///default version
    assert_output_has "Using API: TEST 9.0.0"
    refute_output_has "Running against daemon"
    run_hvsh --output json version
    jq -e '.library == "9.0.0" and .hypervisor_type == "QEMU"' <<<"$output"
}
