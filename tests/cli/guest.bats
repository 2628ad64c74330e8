# The demo guest in plain QEMU, without hvsh: what the other tests rely on.
load ../helpers

setup() {
    demo_guest_made
}

boot() {
    run "$TOP/tests/guest/boot.py" "$HVSH_GUEST" "$@"
    [[ $status -eq 0 ]] || fail_with "boot.py failed"
    printf '# %s\n' "$output" >&3
}

@test "guest boots on q35, its agent answers, the power button ends it" {
    boot q35 --agent
}

@test "guest boots on pc, its console answers, the power button ends it" {
    boot pc --console
}

@test "guest powers off at once with hvsh.powerbutton=poweroff" {
    boot q35 --append 'console=ttyS0 panic=1 quiet hvsh.powerbutton=poweroff'
    [[ $output =~ powerbutton\ to\ end\ ([0-9]+) ]]
    ((BASH_REMATCH[1] < 3))
}

@test "guest obeys SysRq O" {
    boot q35 --press sysrq-o
}

@test "guest obeys SysRq B" {
    boot pc --press sysrq-b
}
