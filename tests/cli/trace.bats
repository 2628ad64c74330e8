#!/usr/bin/env bats
# Traces (HVSH_LOG_FILTERS, HVSH_LOG_OUTPUTS): who tells what, and what nobody tells.
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; run sets stderr

load ../helpers

setup() {
    hvsh_sandbox
}

teardown() {
    hvsh_sandbox_end
}

@test "a bad setting of the traces is told of in one line, and the program goes on" {
    local words
    for words in HVSH_LOG_OUTPUTS=1:file:relative HVSH_LOG_OUTPUTS=1:nonsense HVSH_LOG_FILTERS=9:bogus \
        HVSH_LOG_LEVEL=loud LIBVIRT_LOG_FILTERS=qemu; do
        run --separate-stderr env "$words" "$HVSH" -q echo on
        assert_success
        assert_output on
        [[ $stderr == "warning: ${words%%=*} is ignored: "* && $(wc -l <<<"$stderr") == 1 ]] || fail_with "not told: $words"
        # virsh says nothing
        run --separate-stderr env "$words" "$HVSH" --compat -q echo on
        assert_success
        [[ -z $stderr ]] || fail_with "told: $words"
    done
    HVSH_LOG_FILTERS='1:qemu 3:*' HVSH_LOG_OUTPUTS=1:stderr run_hvsh -q echo on
    [[ -z $stderr ]]
}

# trace FILTERS ARGUMENT...: runs hvsh with these filters; what it tells is in the file trace.
trace() {
    local filters=$1
    shift
    rm -f trace
    HVSH_LOG_FILTERS=$filters HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh -q "$@"
}

# modules: those that the file trace holds, in one line.
modules() {
    sed -nE 's/^[0-9-]+ [0-9:.]+\+0000: [0-9]+: [a-z]+ : ([a-z.]+):[a-z_]+ : .*/\1/p' trace | sort -u | tr '\n' ' '
}

@test "a filter shows what it names: the monitor's commands, and nothing of the store" {
    use_fake_qemu 'error query-balloon DeviceNotActive no balloon'
    given_domain web --running
    trace '1:qemu 3:*' qemu-monitor-command web '{"execute":"query-status"}'
    assert_success
    [[ $(modules) == "qemu.monitor " ]]
    [[ $(wc -l <trace) == $(grep -cE ' debug : qemu\.monitor:' trace) ]]
    grep -qE 'libvirt-[0-9]+ query-status: sent in [0-9]+ us$' trace
    grep -qE 'libvirt-[0-9]+ query-status: answered in [0-9]+ us$' trace
    trace '1:qemu 3:*' qemu-monitor-command web '{"execute":"query-balloon"}'
    grep -qE 'query-balloon: refused with DeviceNotActive in [0-9]+ us$' trace
    # as in the manual page: to the standard error
    HVSH_LOG_FILTERS='1:qemu 3:*' HVSH_LOG_OUTPUTS=1:stderr run_hvsh -q qemu-monitor-command web '{"execute":"query-status"}'
    assert_stderr_has "query-status: answered in"
    trace 1:store dominfo web
    [[ $(modules) == "embedded.store " ]]
    grep -qE "status in '.*web': id 1, state 1, reason 1, process [0-9]+$" trace
    run_hvsh -q qemu-monitor-command web '{"execute":"query-status"}'
    [[ -z $stderr ]]
}

@test "every part tells its steps" {
    use_fake_qemu
    domain_xml web >web.xml
    trace 1:store define web.xml
    grep -qE "definition of 'web' written: [0-9]+ bytes$" trace
    trace '1:*' start web
    assert_success
    for words in "embedded.store:.* lock of 'web' for 'start': taken after [0-9]+ us" \
        "embedded.supervisor:.* supervisor of '.*/web' has its description, [0-9]+ us" \
        "embedded.supervisor:.* supervisor of '.*/web' is ready, [0-9]+ us" \
        "util.process:.* .*hvsh-supervisor started as process [0-9]+" \
        "qemu.facts:.*: (hit|miss|of another binary or kernel)$" "embedded.store:.* lock of 'web' given back"; do
        grep -qE " debug : $words" trace || fail_with "nobody told: $words" || return 1
    done
    rm -rf "$SANDBOX/root/cache"
    trace 1:qemu.facts domcapabilities --emulatorbin "$EMULATOR"
    grep -qE "qemu.facts:.* '.*\.json': miss$" trace
    grep -qE "qemu.facts:.* asked .*qemu-fake: done in [0-9]+ us$" trace
    trace 1:qemu.facts domcapabilities --emulatorbin "$EMULATOR"
    grep -qE "qemu.facts:.* '.*\.json': hit$" trace
    run -1 grep asked trace
}

@test "a trace holds no value that went to the monitor, and no keys" {
    use_fake_qemu 'error set_password GenericError geheim is no good' 'answer x-tell {"password":"geheim"}'
    given_domain web --running
    local command
    for command in '{"execute":"set_password","arguments":{"protocol":"vnc","password":"geheim"}}' \
        '{"execute":"expire_password","arguments":{"password":"geheim"}}' '{"execute":"x-tell"}' \
        '{"execute":"set_password","arguments":{"password":"geheim"' '["geheim"]'; do
        trace '1:*' qemu-monitor-command web "$command"
        grep -q domain_monitor_command trace
        run -1 grep geheim trace
    done
    trace '1:*' qemu-monitor-command web --hmp 'change vnc password geheim'
    grep -q 'human-monitor-command: answered' trace
    run -1 grep geheim trace
    trace '1:*' send-key web KEY_G KEY_E
    grep -qE 'called with .*"keycodes":\{"numbers":2\}' trace
}

@test "a trace of a start holds no password of the domain's" {
    use_fake_qemu
    domain_xml web --devices "<graphics type='vnc' socket='$PWD/vnc' passwd='geheim'/>" >web.xml
    trace '1:*' define web.xml
    assert_success
    run -1 grep geheim trace
    trace '1:*' start web
    assert_success
    grep -qE 'qemu.monitor:.* set_password: answered in' trace
    run -1 grep geheim trace
    trace '1:*' dumpxml web --security-info
    assert_output_has geheim
    run -1 grep geheim trace
}
