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
