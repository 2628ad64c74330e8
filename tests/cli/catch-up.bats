#!/usr/bin/env bats
# The live document follows what the guest did while no hvsh ran.
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a subshell; run sets output

load ../helpers

setup() {
    hvsh_sandbox
}

teardown() {
    hvsh_sandbox_end
}

DEVICES="<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
    <interface type='user'><model type='virtio'/></interface>
    <channel type='unix'><target type='virtio' name='org.example.0'/></channel>"

# events EVENT...: the directives that have them follow the command x-go.
events() {
    local event
    for event in "$@"; do
        printf 'event x-go %s\n' "$event"
    done
}

# guest [DIRECTIVE...]: a running domain with a cdrom, an interface, a channel and a clock that the guest may set.
guest() {
    use_fake_qemu "$@"
    domain_xml web --devices "$DEVICES" |
        sed "s|<features>|<clock offset='variable' adjustment='3600' basis='utc'/><features>|" >web.xml
    hv define web.xml >/dev/null
    hv start web >/dev/null
    RUN=$SANDBOX/root/run/qemu/web
}

# go: has the guest's events happen, through the supervisor's socket: no hvsh is there.
go() {
    printf '{"execute":"qmp_capabilities"}\n{"execute":"x-go"}\n' | timeout 10 socat -t 2 - "UNIX-CONNECT:$RUN/qmp.sock" >/dev/null
    wait_until file_has "$RUN/journal" "$1" 10
}

ALL=('{"event":"DEVICE_DELETED","data":{"device":"net0","path":"/machine/peripheral/net0"}}'
    '{"event":"DEVICE_TRAY_MOVED","data":{"device":"","id":"sata0-0-0","tray-open":true}}'
    '{"event":"BALLOON_CHANGE","data":{"actual":16777216}}'
    '{"event":"VSERPORT_CHANGE","data":{"id":"channel0","open":true}}'
    '{"event":"RTC_CHANGE","data":{"offset":11,"qom-path":"/machine/unattached/device[7]"}}')

assert_all_but_clock() {
    refute_output_has "<interface" && assert_output_has " tray='open'" &&
        assert_output_has "<currentMemory unit='KiB'>16384</currentMemory>" && assert_output_has "state='connected'"
}

@test "what the guest did while nobody looked is in its document" {
    local directives
    mapfile -t directives < <(events "${ALL[@]}")
    guest "${directives[@]}"
    run_hvsh dumpxml web
    assert_output_has "<interface type='user'>"
    assert_output_has "<target dev='sda' bus='sata'/>"
    assert_output_has "<currentMemory unit='KiB'>32768</currentMemory>"
    assert_output_has "state='disconnected'"
    assert_output_has "adjustment='3600'"
    go RTC_CHANGE
    run_hvsh dumpxml web
    assert_all_but_clock
    assert_output_has "adjustment='3611'"
    refute_output_has adjustment0
    # the definition is the user's
    run_hvsh dumpxml web --inactive
    assert_output_has "<interface type='user'>"
    assert_output_has "adjustment='3600'"
    # it was written down; nobody needs the journal for it any more
    : >"$RUN/journal"
    run_hvsh dumpxml web
    assert_all_but_clock
}

@test "events that are lost are asked of QEMU" {
    local directives
    mapfile -t directives < <(events "${ALL[@]}" '{"event":"X_LAST","data":{}}')
    guest "${directives[@]}" \
        'answer query-block [{"device":"","qdev":"sata0-0-0","tray_open":true}]' \
        'answer query-balloon {"actual":16777216}' \
        'answer query-chardev [{"label":"charmonitor","frontend-open":true},{"label":"charchannel0","frontend-open":true}]' \
        'answer qom-list [{"name":"virtio-serial0"},{"name":"sata0-0-0"},{"name":"channel0"},{"name":"balloon0"}]'
    run_hvsh dumpxml web
    assert_output_has "<interface type='user'>"
    go X_LAST
    # as after two rotations, or a full disk
    grep -v -e DEVICE_DELETED -e TRAY -e BALLOON -e VSERPORT -e RTC "$RUN/journal" >left
    cat left >"$RUN/journal"
    HVSH_LOG_FILTERS='1:live 1:qemu.monitor' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh dumpxml web
    assert_all_but_clock
    assert_output_has "<disk "
    assert_output_has "<channel "
    grep -qE "embedded.live:.*'web': [0-9]+ entries up to [0-9]+, some are lost" trace
    # QEMU is asked once
    rm trace
    HVSH_LOG_FILTERS='1:live 1:qemu.monitor' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh dumpxml web
    assert_all_but_clock
    [[ ! -s trace ]]
}

@test "a QEMU that does not tell leaves the gap for the next one" {
    guest "event x-go ${ALL[1]}" 'event x-go {"event":"X_LAST","data":{}}' 'error query-block GenericError no' \
        'error qom-list GenericError no' 'error query-balloon DeviceNotActive no'
    run_hvsh dumpxml web
    go X_LAST
    grep -v TRAY "$RUN/journal" >left
    cat left >"$RUN/journal"
    exec 9>"$SANDBOX/root/run/lock/web"
    flock 9
    HVSH_LOG_FILTERS='1:live' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh dumpxml web
    assert_success
    # whoever holds the lock has not looked: the next reader does
    flock -u 9
    exec 9>&-
    HVSH_LOG_FILTERS='1:live' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh dumpxml web
    assert_success
    [[ $(grep -c 'some are lost' trace) == 2 ]]
    HVSH_LOG_FILTERS='1:live' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh dumpxml web
    [[ $(grep -c 'some are lost' trace) == 2 ]]
}

@test "a real QEMU that is asked tells of a guest that is as it was" {
    local devices=$DEVICES
    truncate -s 1M disk.img
    devices+="<disk type='file' device='disk'><source file='$PWD/disk.img'/><target dev='vda' bus='virtio'/></disk>
        <controller type='usb' model='qemu-xhci'/><controller type='scsi' model='virtio-scsi'/>
        <disk type='file' device='cdrom'><target dev='sdb' bus='scsi'/></disk>
        <disk type='file' device='floppy'><target dev='fda' bus='fdc'/></disk>
        <input type='tablet' bus='usb'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
        <serial type='null'/><console type='null'><target type='virtio'/></console>
        <graphics type='vnc' socket='$PWD/vnc'/><video><model type='vga'/></video>
        <watchdog model='i6300esb'/><memballoon model='virtio'/>"
    domain_xml web --machine pc --devices "$devices" >web.xml
    hv define web.xml >/dev/null
    hv start web >/dev/null
    RUN=$SANDBOX/root/run/qemu/web
    hv dumpxml web >before
    tail -n 1 "$RUN/journal" | sed 's/"seq":[0-9]*/"seq":900/' >last
    cat last >>"$RUN/journal"
    HVSH_LOG_FILTERS='1:live 1:qemu.monitor' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" hv dumpxml web >after
    grep -q 'some are lost' trace
    [[ $(grep -c ': answered in' trace) == 5 ]]
    grep -q 'query-chardev: answered' trace
    diff before after
    grep -q "<input type='tablet'" after
    hv qemu-monitor-command web '{"execute":"device_del","arguments":{"id":"input0"}}' >/dev/null
    wait_until file_has "$RUN/journal" DEVICE_DELETED 10
    grep -v DEVICE_DELETED "$RUN/journal" | sed '$s/"seq":[0-9]*/"seq":950/' >left
    cat left >"$RUN/journal"
    run_hvsh dumpxml web
    refute_output_has "<input type='tablet'"
    diff before <(printf '%s\n\n' "$output") | grep -c '^[<>]' >changes || true
    [[ $(<changes) -lt 10 ]]
}
