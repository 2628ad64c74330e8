# The programs that run beside a QEMU: swtpm, virtiofsd, passt. They come and go with the guest, also when something is
# killed in between or fails half way.
load ../helpers

setup() {
    hvsh_sandbox
    RUN=$SANDBOX/root/run/qemu
    UUID=5a4d7c10-0000-4000-8000-000000000001
    STATE=$SANDBOX/root/lib/swtpm/$UUID
}
teardown() { hvsh_sandbox_end; }

TPM="<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"

# virtiofs_xml [BINARY]
virtiofs_xml() {
    mkdir -p "$SANDBOX/share"
    printf "<filesystem type='mount'><driver type='virtiofs'/><binary path='%s'/><source dir='%s'/><target dir='tag0'/></filesystem>" \
        "${1:-/usr/lib/qemu/virtiofsd}" "$SANDBOX/share"
}

# given_shared NAME DEVICES [OPTION...]: a domain whose memory other processes may see.
given_shared() {
    local name=$1 devices=$2
    shift 2
    domain_xml "$name" --uuid "$UUID" --devices "$devices" "$@" |
        sed "s|  <vcpu>|  <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>\n&|" >shared.xml
    hv define shared.xml >/dev/null
}

# script_file NAME: an executable of that name, from standard input.
script_file() {
    { printf '#!/bin/sh\n' && cat; } >"$SANDBOX/$1"
    chmod 755 "$SANDBOX/$1"
}

processes_named() {
    local pid
    for pid in $(processes_of "$SANDBOX"); do
        [[ $(cat "/proc/$pid/comm" 2>/dev/null) != "$1" ]] || printf '%s\n' "$pid"
    done
}
runs() { [[ -n $(processes_named "$1") ]]; }
runs_not() { ! runs "$1"; }

@test "an emulated TPM is made, kept from start to start, and goes with the definition" {
    given_domain web --uuid "$UUID" --devices "$TPM"
    hv start web --paused
    runs swtpm
    run_hvsh qemu-monitor-command web '{"execute":"query-tpm"}'
    assert_output_has '"type":"emulator"'
    [[ $(stat -c %a "$STATE/tpm2") == 700 ]]
    [[ -s $STATE/tpm2/tpm2-00.permall ]]
    [[ ! -e $STATE/tpm2.new ]]
    grep -q 'Successfully created EK certificate' "$SANDBOX/root/log/qemu/web-tpm0-swtpm.log"
    hv destroy web
    runs_not swtpm
    first=$(stat -c %i "$STATE/tpm2")
    hv start web --paused
    [[ $(stat -c %i "$STATE/tpm2") == "$first" ]]
    hv destroy web

    hv undefine web --keep-tpm
    [[ -s $STATE/tpm2/tpm2-00.permall ]]
    given_domain web --uuid "$UUID" --devices "$TPM"
    hv undefine web
    [[ ! -e $STATE ]]
}

@test "destroy --remove-logs removes the logs of the programs beside QEMU too, and no other domain's" {
    local logs=$SANDBOX/root/log/qemu
    given_domain web --uuid "$UUID" --devices "$TPM"
    hv start web --paused
    [[ -e $logs/web.log && -e $logs/web-tpm0-swtpm.log ]]
    touch "$logs/web-tpm0.log" "$logs/web-2-tpm0-swtpm.log"
    hv destroy web --remove-logs
    [[ $(ls "$logs") == $'web-2-tpm0-swtpm.log\nweb-tpm0.log' ]]
    hv start web --paused
    hv destroy web
    [[ -e $logs/web.log && -e $logs/web-tpm0-swtpm.log ]]
}

@test "persistent_state keeps a TPM until undefine --tpm" {
    given_domain web --uuid "$UUID" --devices "${TPM/version=/persistent_state=\'yes\' version=}"
    hv start web --paused
    hv destroy web
    hv undefine web
    [[ -s $STATE/tpm2/tpm2-00.permall ]]
    given_domain web --uuid "$UUID" --devices "${TPM/version=/persistent_state=\'yes\' version=}"
    hv undefine web --tpm
    [[ ! -e $STATE ]]
}

@test "the TPM of a domain that is not defined ends with the guest, and with whoever undefines it while it runs" {
    domain_xml web --uuid "$UUID" --devices "$TPM" >web.xml
    hv create web.xml --paused
    [[ -d $STATE ]]
    hv destroy web
    [[ ! -e $STATE ]]

    hv define web.xml
    hv start web --paused
    hv undefine web
    [[ -d $STATE ]]
    hv destroy web
    [[ ! -e $STATE ]]

    hv define web.xml
    hv start web --paused
    hv undefine web --keep-tpm
    hv destroy web
    [[ -d $STATE ]]
}

@test "PCR banks are set at the first start and at later ones; TPM 1.2 has a state of its own" {
    given_domain web --uuid "$UUID" --devices "${TPM/\/>/><active_pcr_banks><sha1\/><\/active_pcr_banks><\/backend>}"
    hv start web --paused
    log=$SANDBOX/root/log/qemu/web-tpm0-swtpm.log
    grep -q 'activated PCR banks sha1 among' "$log"
    hv destroy web
    given_domain web --uuid "$UUID" --devices "${TPM/\/>/><active_pcr_banks><sha384\/><\/active_pcr_banks><\/backend>}"
    hv start web --paused
    grep -q 'activated PCR banks sha384 among' "$log"
    hv destroy web
    given_domain web --uuid "$UUID" --devices "<tpm model='tpm-tis'><backend type='emulator' version='1.2'/></tpm>"
    hv start web --paused
    [[ -d $STATE/tpm1.2 && -d $STATE/tpm2 ]]
    hv destroy web
    hv undefine web
    [[ ! -e $STATE ]]
}

@test "a TPM whose state cannot be made: the cause, and nothing is left" {
    given_domain web --uuid "$UUID" --devices "$TPM"
    mkdir -p "$SANDBOX/root/lib"
    : >"$SANDBOX/root/lib/swtpm"
    run_hvsh start web
    assert_fails_with "Failed to start domain 'web'"
    assert_stderr_has "$SANDBOX/root/lib/swtpm"
    rm "$SANDBOX/root/lib/swtpm"

    # shellcheck disable=SC2016 # for the script
    script_file swtpm_setup <<<'echo half >"$2/half"; echo "no entropy today" >&2; exit 7'
    mkdir "$SANDBOX/bin" && mv "$SANDBOX/swtpm_setup" "$SANDBOX/bin/"
    PATH=$SANDBOX/bin:$PATH run_hvsh start web
    assert_fails_with "Could not run 'swtpm_setup'. exitstatus: 7; Check error log"
    assert_stderr_has "no entropy today"
    [[ ! -e $STATE ]]
    [[ ! -e $RUN/web ]]
    run_hvsh start web --paused
    assert_success
}

@test "a start that fails takes back the TPM that it made, and leaves an older one" {
    given_domain web --uuid "$UUID" --devices "$TPM<serial type='unix'><source mode='connect' path='/nonexistent'/></serial>"
    run_hvsh start web
    assert_fails_with "Failed to start domain 'web'"
    [[ ! -e $STATE ]]
    runs_not swtpm
    given_domain web --uuid "$UUID" --devices "$TPM"
    hv start web --paused
    hv destroy web
    given_domain web --uuid "$UUID" --devices "$TPM<serial type='unix'><source mode='connect' path='/nonexistent'/></serial>"
    run_hvsh start web
    assert_status 1
    [[ -s $STATE/tpm2/tpm2-00.permall ]]
}

@test "a TPM that somebody else emulates is not started" {
    given_domain web --devices "<tpm model='tpm-crb'><backend type='external'><source type='unix' path='$SANDBOX/none.sock' mode='connect'/></backend></tpm>"
    run_hvsh start web
    assert_fails_with "$SANDBOX/none.sock"
    [[ ! -e $SANDBOX/root/lib/swtpm ]]
}

@test "a folder of the host in the guest" {
    needs_root
    given_shared web "$(virtiofs_xml | sed "s|<binary[^>]*>||")" --guest
    echo "from the host" >"$SANDBOX/share/file"
    hv start web --wait 'console=GUEST READY' --timeout 90 >/dev/null
    runs virtiofsd
    hv dumpxml web | grep -q "<binary path='/usr/lib/qemu/virtiofsd'/>"
    term_start "$HVSH" console web
    term_wait "Escape character is"
    term_send Enter
    term_wait 'guest#'
    term_type 'mount -t virtiofs tag0 /mnt && cat /mnt/file && echo back >/mnt/answer'
    term_send Enter
    term_wait '^from the host'
    term_send 'C-]'
    term_wait_end
    wait_until file_has "$SANDBOX/share/answer" back 10
    hv destroy web
    runs_not virtiofsd
}

@test "helpers of a domain whose sockets have longer paths than a socket's address" {
    needs_root
    long=$(printf 'w%.0s' {1..90})
    given_shared "$long" "$TPM$(virtiofs_xml)"
    run_hvsh start "$long" --paused
    assert_success
    runs swtpm
    runs virtiofsd
    hv destroy "$long"
}

@test "virtiofsd that cannot serve: the cause, and nothing is left" {
    needs_root
    while IFS='|' read -r binary words; do
        given_shared web "$(virtiofs_xml "$SANDBOX/$binary")"
        # shellcheck disable=SC2016 # for the script
        script_file dies <<<'echo "no such option: $1" >&2; exit 1'
        script_file silent <<<'exit 0'
        : >"$SANDBOX/plain"
        run_hvsh start web
        assert_fails_with "$words"
        [[ ! -e $RUN/web ]]
        no_processes_left
    done <<'CASES'
dies|operation failed: virtiofsd died unexpectedly: no such option: --fd=3
silent|operation failed: virtiofsd died unexpectedly: exit status 0
plain|internal error: virtiofsd binary '
missing|internal error: virtiofsd binary '
CASES
    given_shared web "$(virtiofs_xml)"
    rmdir "$SANDBOX/share"
    run_hvsh start web
    assert_fails_with "internal error: the virtiofs export directory '$SANDBOX/share' does not exist"
}

@test "virtiofsd is gone also when it will not go, and when its supervisor is not there to see it" {
    needs_root
    # It stays when the guest has gone.
    script_file stays <<<'trap "" TERM; /usr/lib/qemu/virtiofsd "$@"; while :; do sleep 1; done'
    given_shared web "$(virtiofs_xml "$SANDBOX/stays")"
    hv start web --paused
    kill -KILL "$(sed -n 's/^supervisor-pid=//p' "$RUN/web/status")"
    hv suspend web >/dev/null || true
    hv destroy web
    no_processes_left

    hv start web --paused
    supervisor=$(sed -n 's/^supervisor-pid=//p' "$RUN/web/status")
    qemu=$(sed -n 's/^pid=//p' "$RUN/web/status")
    kill -KILL "$supervisor"
    kill -KILL "$qemu"
    wait_until runs_not qemu-system-x86 10
    runs stays
    hv domstate web
    # Whoever takes the lock next clears up.
    hv start web --paused
    [[ $(processes_named stays | wc -l) -eq 1 ]]
    hv destroy web
    no_processes_left
}

@test "a guest goes on when its virtiofsd dies, and the log says so" {
    needs_root
    given_shared web "$(virtiofs_xml)"
    hv start web --paused
    kill -KILL "$(processes_named virtiofsd | head -n 1)"
    wait_until file_has "$SANDBOX/root/log/qemu/web.log" "virtiofsd of fs0 is gone (killed by signal 9" 10
    domain_state_is web paused
    wait_until runs_not virtiofsd 10
}

@test "passt carries a guest's network, with ports forwarded" {
    needs_root
    port=$((20000 + RANDOM % 10000))
    given_domain web --devices "<interface type='user'><mac address='52:54:00:12:34:56'/><model type='virtio'/><backend type='passt'/>
      <portForward proto='tcp' address='127.0.0.1'><range start='$port' to='22'/></portForward></interface>"
    run_hvsh start web --paused
    assert_success
    listens() { ss -ltn | grep -q "127.0.0.1:$port "; }
    wait_until listens 10
    run_hvsh qemu-monitor-command web --hmp 'info network'
    assert_output_has 'type=stream'
    hv destroy web
    run ! listens
}

@test "a display on D-Bus that names no bus gets one of its own" {
    given_domain web --devices "<graphics type='dbus'/><video><model type='vga'/></video>"
    run_hvsh start web --paused
    assert_success
    runs dbus-daemon
    # The listener, and QEMU's connection.
    [[ $(grep -c "$RUN/web/dbus/dbus.sock" /proc/net/unix) -ge 2 ]]
    hv destroy web
    runs_not dbus-daemon
}

@test "the state of a TPM is encrypted with its secret, which no command line shows" {
    secret=5a4d7c10-0000-4000-8000-0000000000ff
    printf "<secret><uuid>%s</uuid><usage type='vtpm'><name>tpm</name></usage></secret>" "$secret" >secret.xml
    given_domain web --uuid "$UUID" --devices "${TPM/\/>/><encryption secret=\'$secret\'\/><\/backend>}"
    run_hvsh start web
    assert_fails_with "Secret not found: no secret with matching uuid '$secret'"
    hv secret-define secret.xml
    run_hvsh start web
    assert_fails_with "Secret not found: secret '$secret' does not have a value"
    [[ ! -e $STATE ]]
    printf 'p4ssw0rd-of-the-test' >value
    hv secret-set-value "$secret" --file value --plain
    hv start web --paused
    runs swtpm
    tr '\0' ' ' <"/proc/$(processes_named swtpm)/cmdline" >cmdline
    grep -q -- '--key pwdfd=4,mode=aes-256-cbc' cmdline
    run grep -rl 'p4ssw0rd' cmdline "$SANDBOX/root/run" "$SANDBOX/root/log" "$SANDBOX/root/lib"
    assert_status 1
    hv destroy web
    hv start web --paused
    hv destroy web
    printf "<secret><uuid>%s</uuid><usage type='ceph'><name>tpm</name></usage></secret>" "${secret/ff/fe}" >secret.xml
    hv secret-define secret.xml
    given_domain web --uuid "$UUID" --devices "${TPM/\/>/><encryption secret=\'${secret/ff/fe}\'\/><\/backend>}"
    run_hvsh start web
    assert_fails_with "secret with uuid ${secret/ff/fe} is of type 'ceph' not expected 'vtpm' type"
}

@test "start --dry-run names the helpers and starts none" {
    given_shared web "$TPM$(virtiofs_xml)"
    run_hvsh start web --dry-run
    assert_success
    assert_output_has "  tpm0: "
    assert_output_has " socket --ctrl type=unixio,fd=3 "
    assert_output_has "  fs0: /usr/lib/qemu/virtiofsd --fd=3 -o source=$SANDBOX/share"
    [[ ! -e $STATE ]]
    no_processes_left
}
