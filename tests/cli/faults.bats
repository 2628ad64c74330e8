# Things that go wrong around a guest: a clear error, and nothing left behind.
load ../helpers

setup() {
    hvsh_sandbox
    use_fake_qemu
}
teardown() { hvsh_sandbox_end; }

status_value() { sed -n "s/^$2=//p" "$SANDBOX/root/run/qemu/$1/status"; }

nothing_runs() {
    run_hvsh domstate web
    assert_output 'shut off'
    [[ ! -e $SANDBOX/root/run/qemu/web ]] || fail_with "left: $(ls "$SANDBOX/root/run/qemu/web")"
    [[ -z $(pgrep -f "guest=web" -a | grep -F "$SANDBOX" || true) ]]
}

@test "QEMU dies at once: its last words are the cause" {
    given_domain web
    fake_qemu_plays 'die-at-once qemu: -device foo: no such thing'
    run_hvsh start web
    assert_fails_with 'process exited while connecting to monitor: '
    assert_stderr_has 'no such thing'
    nothing_runs
}

@test "QEMU answers rubbish" {
    given_domain web
    fake_qemu_plays rubbish
    run_hvsh start web
    assert_status 1
    nothing_runs
}

@test "QEMU dies in the middle of the start" {
    given_domain web
    fake_qemu_plays 'kill-after 1'
    run_hvsh start web
    assert_status 1
    nothing_runs
}

@test "QEMU never answers: the deadline ends the start" {
    given_domain web
    fake_qemu_plays stall-greeting
    run_hvsh start web
    assert_status 1
    assert_stderr_has 'Timed out during operation'
    [[ $stderr != *'still waiting'* ]]
    nothing_runs
}

@test "whoever waits at a terminal is told so" {
    given_domain web
    fake_qemu_plays stall-greeting
    term_start "$HVSH" start web
    term_wait '^still waiting; Ctrl-C stops it$'
    term_send C-c
    term_wait_end 30
    wait_until domain_state_is web 'shut off' 30
}

@test "an emulator that is a script and waits for QEMU: both are gone after destroy" {
    mv "$EMULATOR" "$SANDBOX/qemu-inner"
    printf '#!/bin/sh\n%s "$@"\n' "$SANDBOX/qemu-inner" >"$EMULATOR"
    chmod 755 "$EMULATOR"
    given_domain web --running
    run_hvsh destroy web
    assert_success
    nothing_runs
    hv start web >/dev/null
    kill -KILL "$(status_value web pid)"
    wait_until domain_state_is web 'shut off' 10
    nothing_runs
}

@test "QEMU refuses a command" {
    given_domain web --running
    hv destroy web >/dev/null
    fake_qemu_plays 'error stop GenericError not today'
    hv start web >/dev/null
    run_hvsh suspend web
    assert_status 1
    assert_stderr_has "internal error: unable to execute QEMU command 'stop': not today"
    run_hvsh domstate web
    assert_output running
}

@test "missing emulator" {
    EMULATOR=$SANDBOX/none
    domain_xml web >web.xml
    run_hvsh define web.xml
    assert_status 1
    assert_stderr_has "$SANDBOX/none"
    run_hvsh list --all --name
    assert_output ''
}

@test "an emulator that has gone since the definition" {
    given_domain web
    mv "$EMULATOR" "$EMULATOR.away"
    run_hvsh start web
    assert_status 1
    assert_stderr_has "$EMULATOR"
    mv "$EMULATOR.away" "$EMULATOR"
    nothing_runs
}

@test "missing disk" {
    given_domain web --devices "<disk type='file'><source file='$SANDBOX/work/no/such.img'/><target dev='vda' bus='virtio'/></disk>"
    run_hvsh start web
    assert_status 1
    assert_stderr_has "Cannot access storage file '$SANDBOX/work/no/such.img': No such file or directory"
    nothing_runs
    run_hvsh --output json start web
    assert_status 1
    assert_stderr_has '"hint"'
    assert_stderr_has "$SANDBOX/work/no"
}

@test "supervisor killed: the next command goes on with a new one" {
    local old
    given_domain web --running
    old=$(status_value web supervisor-pid)
    kill -KILL "$old"
    run_hvsh list --name
    assert_output web
    run_hvsh suspend web
    assert_success
    [[ $(status_value web supervisor-pid) != "$old" ]]
    run_hvsh domstate web
    assert_output paused
    kill -KILL "$(status_value web supervisor-pid)"
    run_hvsh destroy web
    assert_success
    run_hvsh domstate web --reason
    assert_output 'shut off (destroyed)'
}

# without_status HOW: the running guest's status file is deleted or damaged.
without_status() {
    local file=$SANDBOX/root/run/qemu/web/status
    case $1 in
    deleted) rm "$file" ;;
    damaged) echo rubbish >"$file" ;;
    emptied) : >"$file" ;;
    exchanged) echo rubbish >"$file.new" && mv "$file.new" "$file" ;;
    esac
}

# Also a zombie has.
process_ended() { [[ ! -e /proc/$1/exe ]]; }

status_is_good() { [[ $(status_value web pid) == "$1" ]]; }

@test "status file lost or damaged beside a supervisor: it is written again" {
    given_domain web --running
    pid=$(status_value web pid)
    for how in deleted damaged emptied exchanged; do
        without_status "$how"
        wait_until status_is_good "$pid" 10
        run_hvsh domstate web
        assert_output running
    done
    hv suspend web >/dev/null
    [[ -e $SANDBOX/root/run/qemu/web/monitor.sock && $(status_value web pid) == "$pid" ]]
    # What the supervisor itself writes is no such case.
    [[ $(grep -c 'somebody has changed' "$SANDBOX/root/log/qemu/web.log") == 3 ]]
}

@test "status file lost or damaged, supervisor dead: the guest is still known, never started twice, and goes on" {
    given_domain web --running
    pid=$(status_value web pid)
    for how in deleted damaged emptied exchanged; do
        supervisor=$(status_value web supervisor-pid)
        kill -KILL "$supervisor"
        wait_until process_ended "$supervisor" 10
        without_status "$how"
        run_hvsh list --all --name --state-running --state-other
        assert_output_has web
        run_hvsh start web
        assert_fails_with 'Domain is already active'
        hv suspend web >/dev/null
        hv resume web >/dev/null
        status_is_good "$pid"
        [[ $(status_value web supervisor-pid) != "$supervisor" ]]
        run_hvsh domstate web
        assert_output running
    done
    hv destroy web >/dev/null
    wait_until process_ended "$pid" 10
    nothing_runs
}

@test "a program in the supervisor's place that never answers is given up" {
    given_domain web
    printf '#!/bin/sh\nexec sleep 1000 3<&- 4>&-\n' >"$SANDBOX/sleeper"
    chmod 755 "$SANDBOX/sleeper"
    HVSH_SUPERVISOR=$SANDBOX/sleeper run_hvsh start web
    assert_fails_with 'hvsh-supervisor'
    [[ -z $(processes_of "$SANDBOX") ]]
    nothing_runs
}

@test "QEMU killed: shut off, crashed" {
    given_domain web --running
    kill -KILL "$(status_value web pid)"
    wait_until domain_state_is web 'shut off' 10
    run_hvsh domstate web --reason
    assert_output 'shut off (crashed)'
    hv start web >/dev/null
    run_hvsh domstate web
    assert_output running
}

@test "QEMU and supervisor killed: shut off, crashed; a start cleans up" {
    given_domain web --running
    kill -KILL "$(status_value web supervisor-pid)" "$(status_value web pid)"
    wait_until domain_state_is web 'shut off' 10
    run_hvsh domstate web --reason
    assert_output 'shut off (crashed)'
    run_hvsh start web
    assert_success
    run_hvsh domstate web --reason
    assert_output 'running (booted)'
}

@test "runtime folder wiped while a guest runs" {
    given_domain web --running
    rm -rf "$SANDBOX/root/run" 2>/dev/null || true
    wait_until domain_state_is web running 10
    run_hvsh destroy web
    assert_success
    run_hvsh list --all
    assert_output_has 'shut off'
    hv start web >/dev/null
    run_hvsh domstate web
    assert_output running
}

@test "a log folder that cannot be made" {
    given_domain web
    rm -rf "$SANDBOX/root/log"
    : >"$SANDBOX/root/log"
    run_hvsh start web
    assert_status 1
    assert_stderr_has "$SANDBOX/root/log"
    nothing_runs
    rm "$SANDBOX/root/log"
}

@test "XML that would eat the machine is refused at once" {
    local i
    {
        printf "<domain type='qemu'><name>big</name><description>"
        head -c 100M /dev/zero | tr '\0' x
        printf '</description></domain>'
    } >big.xml
    HVSH_DEADLINE=20 run_hvsh define big.xml
    assert_status 1
    [[ -n $stderr ]]
    {
        printf '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">'
        for i in {1..30}; do
            printf '<!ENTITY a%s "&a%s;&a%s;">' "$i" $((i - 1)) $((i - 1))
        done
        printf "]><domain type='qemu'><name>&a30;</name></domain>"
    } >laughs.xml
    HVSH_DEADLINE=20 run_hvsh define laughs.xml
    assert_status 1
    run_hvsh list --all --name
    assert_output ''
}

@test "a guest that floods its console does not fill the runtime folder" {
    local log=$SANDBOX/root/run/qemu/web/console.log
    given_domain web --running --devices "<serial type='pty'/>"
    [[ -f $log ]]
    head -c 8M /dev/urandom >>"$log"
    small() { (($(du -k "$log" | cut -f1) <= 1600)); }
    wait_until small 10
    (($(stat -c %s "$log") == 8 * 1024 * 1024))
    printf 'the end' >>"$log"
    [[ $(tail -c 7 "$log") == 'the end' ]]
}

ctrl_c_shows_the_error() {
    term_send C-c
    term_shows '^error: operation aborted: stopped while waiting for'
}

@test "a start that is given up, or whose shell is killed, leaves no QEMU that is still coming up" {
    given_domain web
    fake_qemu_plays stall-greeting
    for signal in TERM KILL; do
        "$HVSH" start web >/dev/null 2>&1 </dev/null &
        shell=$!
        wait_until [ -s "$SANDBOX/root/run/qemu/web/status" ] 20
        pid=$(status_value web pid)
        # Long before QEMU's time to answer is over.
        kill -s "$signal" "$shell"
        wait_until process_ended "$pid" 10
        wait "$shell" || true
        wait_until nothing_runs 10
    done
}

@test "Ctrl-C stops a command whose QEMU does not answer, and the shell lives" {
    fake_qemu_plays 'stall stop'
    given_domain web --running
    term_start bash -c '"$HVSH"; echo "ended with $?"'
    term_wait '^hvsh # *$'
    term_type 'suspend web'
    term_send Enter
    wait_until ctrl_c_shows_the_error 10
    term_type 'domstate web'
    term_send Enter
    term_wait '^running'
    term_send C-d
    term_wait '^ended with 0'
}

# What stands for /dev/kvm here opens and answers nothing that KVM answers; test-capabilities has one that hangs.
@test "a /dev/kvm that opens and does not work is named, refused, and does not touch type='qemu'" {
    needs_root
    domain_xml broken | sed "s/<domain type='qemu'>/<domain type='kvm'>/" >kvm.xml
    domain_xml plain >plain.xml
    cat >inside <<'SCRIPT'
set -e
mkdir dev && mount -t tmpfs tmpfs dev
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/ptmx dev
mkdir dev/pts dev/shm && mount --bind /dev/pts dev/pts && mkfifo -m 600 dev/kvm && mount --rbind dev /dev
if "$HVSH" define kvm.xml 2>said; then exit 1; fi
"$HVSH" define plain.xml && "$HVSH" start plain && "$HVSH" destroy plain
SCRIPT
    run unshare --mount --propagation private sh inside
    ((status == 0)) || fail_with "status $status"
    grep -q 'KVM is not usable on this host: /dev/kvm does not work: KVM_GET_API_VERSION' said
    grep -q "type='qemu' works without it" said
}
