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
        [[ $stderr == "error: ${words%%=*} is ignored: "* && $(wc -l <<<"$stderr") == 1 ]] || fail_with "not told: $words"
        # virsh says nothing
        run --separate-stderr env "$words" "$HVSH" --compat -q echo on
        assert_success
        [[ -z $stderr ]] || fail_with "told: $words"
    done
    HVSH_LOG_FILTERS='1:qemu 3:*' HVSH_LOG_OUTPUTS=1:stderr run_hvsh -q echo on
    [[ -z $stderr ]]
}
