# What the driver says of a domain's life: states, reasons, refusals, events, jobs.
load ../helpers

setup() {
    hvsh_sandbox
    use_fake_qemu
}
teardown() { hvsh_sandbox_end; }

state_is() {
    run_hvsh domstate --reason "$1"
    assert_output "$2"
}

@test "states and reasons are libvirt's" {
    given_domain web
    state_is web 'shut off (unknown)'
    hv start web >/dev/null
    state_is web 'running (booted)'
    hv suspend web >/dev/null
    state_is web 'paused (user)'
    hv suspend web >/dev/null
    hv resume web >/dev/null
    state_is web 'running (unpaused)'
    run_hvsh resume web
    assert_status 1
    assert_stderr_has 'Requested operation is not valid: domain is already running'
    hv destroy web >/dev/null
    state_is web 'shut off (destroyed)'
    hv start web --paused >/dev/null
    state_is web 'paused (user)'
    hv resume web >/dev/null
    hv shutdown web >/dev/null
    wait_until domain_state_is web 'shut off' 10
    state_is web 'shut off (shutdown)'
}

@test "what needs a running domain says so" {
    local command
    given_domain web
    for command in suspend resume shutdown reboot reset destroy inject-nmi 'send-key web KEY_A --domain' \
        'qemu-monitor-command web --cmd query-status --domain' domcontrol; do
        case $command in
        send-key*) run_hvsh send-key web KEY_A ;;
        qemu-*) run_hvsh qemu-monitor-command web query-status ;;
        *) run_hvsh "$command" web ;;
        esac
        assert_status 1
        assert_stderr_has 'Requested operation is not valid: domain is not running'
    done
}

@test "ways to shut down that QEMU has not" {
    given_domain web --running
    run_hvsh shutdown web --mode agent
    assert_stderr_has 'argument unsupported: QEMU guest agent is not configured'
    run_hvsh shutdown web --mode initctl
    assert_stderr_has 'unsupported flags (0x4) in function qemuDomainShutdownFlags'
    run_hvsh reboot web --mode signal
    assert_stderr_has 'unsupported flags (0x8) in function qemuDomainReboot'
}

@test "a running domain that is undefined lives on and is gone afterwards" {
    given_domain web --running
    hv undefine web >/dev/null
    run_hvsh list --all --transient --name
    assert_output web
    run_hvsh undefine web
    assert_stderr_has 'Requested operation is not valid: cannot undefine transient domain'
    run_hvsh autostart web
    assert_stderr_has 'cannot set autostart for transient domain'
    hv destroy web >/dev/null
    run_hvsh list --all --name
    assert_output ''
    [[ -z $(ls -A "$SANDBOX/root/run/qemu") ]]
}

@test "ids count up and are found" {
    local first second
    given_domain web --running
    first=$(hv domid web | tr -d '\n')
    hv destroy web >/dev/null
    hv start web >/dev/null
    second=$(hv domid web | tr -d '\n')
    ((second == first + 1))
    run_hvsh domname "$second"
    assert_output web
    run_hvsh domname "$first"
    assert_status 1
}

@test "watchers see what happened, in libvirt's words and order" {
    domain_xml web >web.xml
    "$HVSH" event --event lifecycle --loop --timeout 20 >events 2>&1 </dev/null &
    local watcher=$!
    wait_until test -d "$SANDBOX/root/run/events" 10
    wait_until grep -qs inotify "/proc/$(pgrep -P $watcher hvsh || echo $watcher)/fdinfo/"* 10
    hv define web.xml >/dev/null
    hv start web >/dev/null
    hv suspend web >/dev/null
    hv resume web >/dev/null
    hv define web.xml >/dev/null 2>&1 || true
    hv destroy web >/dev/null
    hv domrename web srv >/dev/null
    hv undefine srv >/dev/null
    wait_until grep -q "'srv': Undefined Removed" events 10
    kill -INT $watcher
    wait $watcher || true
    grep "event 'lifecycle'" events | grep -v Updated >seen
    diff seen - <<'END'
event 'lifecycle' for domain 'web': Defined Added
event 'lifecycle' for domain 'web': Resumed Unpaused
event 'lifecycle' for domain 'web': Started Booted
event 'lifecycle' for domain 'web': Suspended Paused
event 'lifecycle' for domain 'web': Resumed Unpaused
event 'lifecycle' for domain 'web': Shutdown Finished after host request
event 'lifecycle' for domain 'web': Stopped Destroyed
event 'lifecycle' for domain 'web': Undefined Renamed
event 'lifecycle' for domain 'srv': Defined Renamed
event 'lifecycle' for domain 'srv': Undefined Removed
END
}

@test "a change of title and description is kept where it was asked for" {
    given_domain web --running
    hv desc web --live 'live text' >/dev/null
    hv desc web --config 'config text' >/dev/null
    run_hvsh desc web
    assert_output 'live text'
    run_hvsh desc web --config
    assert_output 'config text'
    hv destroy web >/dev/null
    run_hvsh desc web
    assert_output 'config text'
    run_hvsh desc web --title $'two\nlines'
    assert_stderr_has "metadata title can't contain newlines"
}

@test "a long job of a living process refuses other changes, not queries; that of a dead one does not" {
    given_domain web --running
    mkdir -p "$SANDBOX/root/run/job"
    local start
    start=$(awk '{ print $22 }' /proc/$$/stat)
    printf '%s %s %s save\n' $$ "$start" "${EPOCHREALTIME/./}" >"$SANDBOX/root/run/job/web"
    run_hvsh suspend web
    assert_status 1
    assert_stderr_has 'Timed out during operation: cannot acquire state change lock (held by save'
    run_hvsh domstate web
    assert_output running
    printf '%s %s %s save\n' $$ "$((start + 1))" "${EPOCHREALTIME/./}" >"$SANDBOX/root/run/job/web"
    run_hvsh suspend web
    assert_success
}

@test "set-lifecycle-action takes effect at once and in the definition" {
    given_domain web --running
    hv set-lifecycle-action web reboot destroy --live --config
    run_hvsh dumpxml web --xpath '/domain/on_reboot/text()'
    assert_output destroy
    run_hvsh dumpxml web --inactive --xpath '/domain/on_reboot/text()'
    assert_output destroy
    run_hvsh set-lifecycle-action web poweroff coredump-destroy
    assert_stderr_has "Lifecycle event 'poweroff' doesn't support 'coredump-destroy' action"
}

# The variable of that name in the QEMU of the domain.
qemu_variable() {
    tr '\0' '\n' <"/proc/$(sed -n 's/^pid=//p' "$SANDBOX/root/run/qemu/$1/status")/environ" | sed -n "s/^$2=//p"
}

@test "QEMU's heap is of huge pages, unless the domain's own environment says otherwise" {
    given_domain web --running
    [[ $(qemu_variable web GLIBC_TUNABLES) == *glibc.malloc.hugetlb=1* ]]
    hv destroy web >/dev/null
    hv dumpxml web | sed "s|^<domain |&xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' |
        s|^</domain>|<qemu:commandline><qemu:env name='GLIBC_TUNABLES' value='glibc.malloc.hugetlb=0'/></qemu:commandline>&|" >own.xml
    hv define own.xml >/dev/null
    hv start web >/dev/null
    [[ $(qemu_variable web GLIBC_TUNABLES) == glibc.malloc.hugetlb=0 ]]
}

@test "a plan says what would be done and does nothing" {
    given_domain web
    rm -rf "$SANDBOX/root/run"
    run_hvsh start web --dry-run
    assert_success
    assert_output_has '-name guest=web'
    assert_output_has '"execute":"cont"'
    [[ ! -e $SANDBOX/root/run/qemu/web ]]
    domain_xml other >other.xml
    run_hvsh define other.xml --dry-run
    assert_success
    assert_output_has '<name>other</name>'
    run_hvsh list --all --name
    assert_output web
}

@test "a domain started with --autodestroy ends with its shell" {
    given_domain web
    run_hvsh start web --autodestroy
    assert_success
    wait_until domain_state_is web 'shut off' 10
}
