# hvsh beside the real virsh, where there is one.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

@test "the commands of compare-virsh.list answer as virsh does" {
    local status=0
    HVSH_DEADLINE=600 "$TOP/tests/compare-virsh" "$HVSH" >report 2>&1 || status=$?
    if ((status == 77)); then
        skip "there is no virsh to compare with"
    fi
    ((status == 0)) || fail_with "$(<report)"
}

@test "compare-virsh sees a difference" {
    local status=0
    command -v virsh >/dev/null || skip "there is no virsh to compare with"
    printf '#!/bin/sh\n"%s" "$@" | sed s/i686/i586/\n' "$HVSH" >other
    chmod +x other
    "$TOP/tests/compare-virsh" "$PWD/other" '^nodeinfo$' >report 2>&1 || status=$?
    [[ $status == 1 ]]
    grep -q '^+CPU model:           i586$' report
}
