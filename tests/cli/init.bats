# The systemd units: what they call exists and does what they say.
load ../helpers

setup() {
    hvsh_sandbox
    UNITS=$HVSH_BUILD/lib/systemd
    [[ -d $UNITS ]] || UNITS=$HVSH_BUILD/init
}

teardown() {
    hvsh_sandbox_end
}

# command_of UNIT KEY: the words after the connection, which the test replaces by its own.
command_of() {
    sed -nE "s|^$2=[^ ]*/hvsh -c qemu:///(system\|session) ||p" "$UNITS/$1/hvsh-guests.service"
}

@test "units call hvsh with its full path" {
    for unit in system user; do
        run grep -E '^Exec(Start|Stop)=' "$UNITS/$unit/hvsh-guests.service"
        [[ ${#lines[@]} -eq 2 ]]
        for line in "${lines[@]}"; do
            [[ $line == Exec*=?(-)/*/hvsh\ -c\ qemu:///* ]] || fail_with "bad line: $line"
        done
    done
}

# The program need not be installed: another stands for it.
@test "systemd finds nothing to complain of" {
    mkdir -m 700 run
    for unit in system user; do
        mkdir "$unit"
        sed -E 's|^(Exec[A-Za-z]*=-?)/[^ ]*/hvsh|\1/bin/true|' "$UNITS/$unit/hvsh-guests.service" >"$unit/hvsh-guests.service"
        complaints=$(XDG_RUNTIME_DIR=$PWD/run systemd-analyze verify "--$unit" --man=no "$PWD/$unit/hvsh-guests.service" 2>&1)
        [[ -z $complaints ]] || fail_with "$unit: $complaints"
    done
}

# systemd runs no ExecStop for a unit whose start has failed.
@test "a guest that cannot start does not keep the others from their shutdown" {
    for unit in system user; do
        grep -q '^ExecStart=-/' "$UNITS/$unit/hvsh-guests.service"
        grep -q '^TimeoutStartSec=infinity' "$UNITS/$unit/hvsh-guests.service"
    done
}

@test "ExecStart starts the guests marked autostart, and only those" {
    given_domain marked
    given_domain other
    hv autostart marked
    read -ra words <<<"$(command_of system ExecStart)"
    run_hvsh "${words[@]}"
    assert_success
    run_hvsh list --name
    assert_output marked
}

@test "ExecStart again does nothing" {
    given_domain marked --running
    hv autostart marked
    id=$(hv domid marked)
    read -ra words <<<"$(command_of user ExecStart)"
    run_hvsh "${words[@]}"
    assert_success
    [[ $(hv domid marked) == "$id" ]]
}

@test "ExecStart goes on after a guest that cannot start, and fails" {
    mkdir disks
    domain_xml broken --devices "<disk type='file' device='disk'><source file='$PWD/disks/none.img'/><target dev='vda' bus='virtio'/></disk>" >broken.xml
    hv define broken.xml
    given_domain works
    hv autostart broken
    hv autostart works
    read -ra words <<<"$(command_of system ExecStart)"
    run_hvsh "${words[@]}"
    assert_status 1
    [[ $output$stderr == *broken*none.img* ]] || fail_with "expected the reason"
    run_hvsh list --name
    assert_output works
}

@test "ExecStop shuts a guest down by ACPI" {
    given_domain web --guest --serial "$SANDBOX/work/console" --append hvsh.powerbutton=poweroff --running
    wait_until file_has console "GUEST READY" 60
    read -ra words <<<"$(command_of system ExecStop)"
    run_hvsh "${words[@]}"
    assert_success
    run_hvsh domstate web --reason
    assert_output "shut off (shutdown)"
}

@test "ExecStop destroys a guest that ignores the power button, at the deadline" {
    given_domain deaf --running
    read -ra words <<<"$(command_of user ExecStop)"
    run_hvsh "${words[@]/90/2}"
    run_hvsh domstate deaf --reason
    assert_output "shut off (destroyed)"
}

@test "ExecStop: a QEMU that hangs costs the others nothing" {
    use_fake_qemu 'stall system_powerdown'
    given_domain hangs --running
    fake_qemu_plays 'stall cont'
    given_domain paused
    hv start paused --paused
    fake_qemu_plays ''
    given_domain well --running
    run_hvsh guests-stop --timeout 15
    assert_status 0
    [[ $stderr == *"domain 'hangs' did not answer within 5 s"*"domain 'paused' did not answer within 5 s"* ]]
    run_hvsh domstate well --reason
    assert_output 'shut off (shutdown)'
    run_hvsh domstate hangs --reason
    assert_output 'shut off (destroyed)'
}
