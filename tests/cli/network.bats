# Interfaces on the host's bridges, in a network namespace of the test's own.

load ../helpers

setup() {
    needs_root
    hvsh_sandbox
}
teardown() { hvsh_sandbox_end; }

# in_namespace: runs the script on standard input in a network namespace that ends with it, and with the /sys of that.
in_namespace() {
    {
        printf 'mount -t sysfs sysfs /sys\n'
        cat
    } >"$SANDBOX/work/inside"
    run --separate-stderr timeout -k 5 60 unshare --net --mount sh -e "$SANDBOX/work/inside"
}

bridged() {
    domain_xml web --devices "<interface type='bridge'><mac address='52:54:00:12:34:56'/><source bridge='$1'/>
        <model type='virtio'/></interface>"
}

@test "a guest on a bridge: its tap is made, put on the bridge, and gone with the guest" {
    bridged hvbr0 >web.xml
    in_namespace <<'SCRIPT'
ip link add hvbr0 type bridge
ip link set hvbr0 up mtu 1400
"$HVSH" -q define web.xml
"$HVSH" -q start web
"$HVSH" -q domiflist web
cat /sys/class/net/vnet0/mtu /sys/class/net/vnet0/address
ls /sys/class/net/hvbr0/brif
"$HVSH" -q destroy web
echo "left: $(ls /sys/class/net/hvbr0/brif)"
SCRIPT
    assert_success
    assert_output_has 'vnet0   bridge   hvbr0   virtio   52:54:00:12:34:56'
    assert_output_has $'1400\nfe:54:00:12:34:56\nvnet0\nleft: '
    refute_output_has 'left: vnet0'
}

@test "a bridge that is not there is named, and the start leaves nothing" {
    bridged nobr9 >web.xml
    in_namespace <<'SCRIPT'
"$HVSH" -q define web.xml
"$HVSH" -q start web || echo "status $?"
ls /sys/class/net | grep -v lo || echo 'no interface'
SCRIPT
    assert_success
    assert_stderr_has "error: Cannot get interface MTU on 'nobr9': No such device"
    assert_output_has 'status 1'
    assert_output_has 'no interface'
}

@test "a virtual network is refused as one that is not there" {
    domain_xml web --devices "<interface type='network'><source network='default'/></interface>" >web.xml
    hv define web.xml
    run_hvsh start web
    assert_status 1
    assert_stderr_has "Network not found: no network with matching name 'default'"
}

@test "an interface of the host is shared by macvtap, which goes with the guest" {
    domain_xml web --devices "<interface type='direct'><mac address='52:54:00:12:34:57'/><source dev='lower0' mode='bridge'/>
        <model type='virtio'/></interface>
        <interface type='direct'><mac address='52:54:00:12:34:58'/><source dev='lower0' mode='bridge'/><model type='virtio'/>
        <driver queues='2'/></interface>" >web.xml
    in_namespace <<'SCRIPT'
ip link add lower0 type veth peer name lower1
ip link set lower0 up
"$HVSH" -q define web.xml
"$HVSH" -q start --paused web
"$HVSH" -q domiflist web
cat /sys/class/net/macvtap0/address
ip -d -o link show macvtap1 | grep -o 'macvtap mode [a-z]*'
"$HVSH" -q dumpxml --inactive web | grep -c macvtap || :
"$HVSH" -q destroy web
ls /sys/class/net | grep macvtap || echo 'none is left'
SCRIPT
    assert_success
    assert_output_has 'macvtap0   direct   lower0   virtio   52:54:00:12:34:57'
    assert_output_has $'52:54:00:12:34:57\nmacvtap mode bridge\n0\nnone is left'
}

@test "macvtap on an interface that is not there: the start leaves nothing" {
    domain_xml web --devices "<interface type='direct'><source dev='nolower9'/><model type='virtio'/></interface>" >web.xml
    in_namespace <<'SCRIPT'
"$HVSH" -q define web.xml
"$HVSH" -q start web || echo "status $?"
SCRIPT
    assert_success
    assert_stderr_has 'error: Unable to get index for interface nolower9: No such device'
    assert_output_has 'status 1'
}

@test "macvtap, and another interface that fails: the start leaves neither" {
    domain_xml web --devices "<interface type='direct'><source dev='lower0' mode='bridge'/><model type='virtio'/></interface>
        <interface type='direct'><source dev='nolower9'/><model type='virtio'/></interface>" >web.xml
    in_namespace <<'SCRIPT'
ip link add lower0 type veth peer name lower1
"$HVSH" -q define web.xml
"$HVSH" -q start web || echo "status $?"
ls /sys/class/net | grep macvtap || echo 'none is left'
SCRIPT
    assert_success
    assert_stderr_has 'error: Unable to get index for interface nolower9: No such device'
    assert_output_has $'status 1\nnone is left'
}

@test "a tap of its own: scripts are run for it, one of somebody else's stays as it is" {
    printf '#!/bin/sh\necho "$0 $1" >>"%s/work/scripts"\n' "$SANDBOX" >up
    chmod +x up
    cp up down
    domain_xml web --devices "<interface type='ethernet'><script path='$PWD/up'/><downscript path='$PWD/down'/><target dev='own0'/>
        <model type='virtio'/></interface>
        <interface type='ethernet'><target dev='other0' managed='no'/><model type='virtio'/></interface>" >web.xml
    in_namespace <<'SCRIPT'
ip tuntap add other0 mode tap
"$HVSH" -q define web.xml
"$HVSH" -q start --paused web
"$HVSH" -q domiflist web
"$HVSH" -q destroy web
ls /sys/class/net
cat scripts
ip tuntap del other0 mode tap
"$HVSH" -q start web || echo "status $?"
SCRIPT
    assert_success
    assert_output_has 'own0     ethernet   -   virtio'
    assert_output_has 'other0   ethernet   -   virtio'
    assert_output_has $'other0\n'"$PWD/up own0"$'\n'"$PWD/down own0"
    refute_output_has $'own0\nup'
    assert_output_has 'status 1'
    assert_stderr_has "error: internal error: target managed='no' but specified dev doesn't exist"
}

# bridged_with XML: an interface on the bridge hvbr0 with more in it.
bridged_with() {
    domain_xml web --devices "<interface type='bridge'><mac address='52:54:00:12:34:56'/><source bridge='hvbr0'/>
        <model type='virtio'/>$1</interface>"
}

@test "a port that is isolated, and frames that are gathered" {
    bridged_with "<port isolated='yes'/><coalesce><rx><frames max='7'/></rx></coalesce>" >web.xml
    in_namespace <<'SCRIPT'
ip link add hvbr0 type bridge
ip link set hvbr0 up
"$HVSH" -q define web.xml
"$HVSH" -q start --paused web
cat /sys/class/net/vnet0/brport/isolated
"$HVSH" -q destroy web
SCRIPT
    assert_success
    assert_output 1
}

# tc as it is called; the traffic control of this kernel may lack the modules.
fake_tc() {
    mkdir -p "$SANDBOX/bin"
    printf '#!/bin/sh\necho "$@" >>"%s/tc.calls"\n%s\n' "$SANDBOX" "${1:-}" >"$SANDBOX/bin/tc"
    chmod +x "$SANDBOX/bin/tc"
    PATH=$SANDBOX/bin:$PATH
}

@test "limits of bandwidth are set on the tap, whose sending is the guest's receiving" {
    fake_tc
    bridged_with "<bandwidth><inbound average='1000' peak='2000' burst='512'/><outbound average='300'/></bandwidth>" >web.xml
    in_namespace <<'SCRIPT'
ip link add hvbr0 type bridge
ip link set hvbr0 up
"$HVSH" -q define web.xml
"$HVSH" -q start --paused web
"$HVSH" -q destroy web
SCRIPT
    assert_success
    diff - "$SANDBOX/tc.calls" <<'CALLS'
qdisc add dev vnet0 root handle 1: htb default 1
class add dev vnet0 parent 1: classid 1:1 htb rate 1000kbps ceil 2000kbps burst 512kb quantum 85
qdisc add dev vnet0 parent 1:1 handle 2: sfq perturb 10
filter add dev vnet0 parent 1:0 protocol all prio 1 handle 1 fw flowid 1
qdisc add dev vnet0 ingress
filter add dev vnet0 parent ffff: protocol all u32 match u32 0 0 police rate 300kbps burst 300kb mtu 64kb drop flowid :1
CALLS
}

@test "limits that the kernel refuses end the start, which leaves nothing" {
    fake_tc 'echo "Error: Specified qdisc kind is unknown." >&2; exit 2'
    bridged_with "<bandwidth><inbound average='1000'/></bandwidth>" >web.xml
    in_namespace <<'SCRIPT'
ip link add hvbr0 type bridge
ip link set hvbr0 up
"$HVSH" -q define web.xml
"$HVSH" -q start --paused web || echo "status $?"
ls /sys/class/net/hvbr0/brif
SCRIPT
    assert_success
    assert_output "status 1"
    assert_stderr_has "error: Failed to start domain 'web'"
    assert_stderr_has "'tc' failed: Error: Specified qdisc kind is unknown."
}

@test "a filter, a VLAN or a virtual port that cannot be had is refused, not left out" {
    local case
    for case in "<filterref filter='clean-traffic'/>|referenced filter 'clean-traffic' is missing" \
        "<vlan><tag id='4'/></vlan>|interface 52:54:00:12:34:56 - vlan tag not supported for this connection type" \
        "<virtualport type='openvswitch'/>|Unable to add port 52:54:00:12:34:56 to OVS bridge hvbr0"; do
        bridged_with "${case%%|*}" >web.xml
        hv define web.xml
        run_hvsh -q start web
        assert_fails_with "error: Failed to start domain 'web'"
        assert_stderr_has "${case#*|}"
        hv undefine web
    done
    domain_xml web --devices "<interface type='network'><source network='none'/><virtualport type='openvswitch'/></interface>" >web.xml
    hv define web.xml
    run_hvsh -q start web
    assert_fails_with "error: Failed to start domain 'web'"
    assert_stderr_has "virtual ports of type 'openvswitch' are not supported"
}
