# domxml-to-native, domxml-from-native, explain, define --validate: a domain's XML and what QEMU is told.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

@test "domxml-to-native: what virsh refuses, in its words" {
    domain_xml web >web.xml
    hv define web.xml >/dev/null
    run_hvsh domxml-to-native qemu-argv
    assert_fails_with "error: need either domain or domain XML"
    run_hvsh domxml-to-native qemu-argv --domain web --xml web.xml
    assert_fails_with "error: Options --domain and --xml are mutually exclusive"
    run_hvsh domxml-to-native bogus web.xml
    assert_fails_with "error: invalid argument: unsupported config type bogus"
    run_hvsh domxml-to-native qemu-argv none.xml
    assert_fails_with "error: Failed to open file 'none.xml': No such file or directory"
    run_hvsh domxml-to-native qemu-argv --domain none
    assert_fails_with "error: failed to get domain 'none'"
    run_hvsh -r domxml-to-native qemu-argv --domain web
    assert_fails_with "error: operation forbidden: read only access prevents virConnectDomainXMLToNative"
    run_hvsh domxml-from-native qemu-argv web.xml
    assert_fails_with "error: this function is not supported by the connection driver: virConnectDomainXMLFromNative"
    run_hvsh -c test:///default domxml-to-native qemu-argv --domain test
    assert_fails_with "error: this function is not supported by the connection driver: virConnectDomainXMLToNative"
}

# quits_by SOCKET: QEMU obeys on its monitor and is gone.
quits_by() {
    { printf '%s\n' '{"execute":"qmp_capabilities"}' '{"execute":"quit"}'; } | timeout 10 socat -t 5 - "UNIX-CONNECT:$1"
}

@test "domxml-to-native: a shell can run what it prints" {
    domain_xml "it's" --devices "<serial type='unix'><source mode='bind' path='$SANDBOX/work/a b.sock'/></serial>
        <serial type='file'><source path='$SANDBOX/work/out'/><log file='$SANDBOX/work/log' append='off'/></serial>
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
        <graphics type='vnc'><listen type='socket'/></graphics>
        <interface type='user'/>" >web.xml
    run_hvsh domxml-to-native qemu-argv web.xml
    assert_success
    refute_output_has ",fd="
    refute_output_has "-add-fd"
    # One option a line.
    [[ $output == *$' \\\n-uuid '* && $output == *$' \\\n-chardev file,id=charserial1,path='* ]]
    printf '%s\n' "$output" >run.sh
    # The folder of its sockets is for us to make.
    [[ ! -e "$SANDBOX/root/run/domain-it's" ]]
    mkdir -p "$SANDBOX/root/run/domain-it's/channel/target"
    # QEMU waits for its monitor; it ends when told so.
    sh run.sh 2>qemu.log &
    wait_until test -S "$SANDBOX/root/run/domain-it's/monitor.sock" 20 || { cat qemu.log; return 1; }
    [[ -S "$SANDBOX/work/a b.sock" && -f out && -f log ]]
    ln -s "$SANDBOX/root/run/domain-it's/monitor.sock" monitor.sock
    quits_by monitor.sock
    wait
}

@test "domxml-to-native: nothing is made, a network need not exist" {
    domain_xml web --devices "<interface type='network'><source network='nowhere'/></interface>
        <disk type='file'><source file='/nowhere/disk'/><target dev='vda'/></disk>
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
        <graphics type='vnc'><listen type='socket'/></graphics>
        <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>" >web.xml
    # What is known of the emulator is kept.
    hv define web.xml >/dev/null && hv undefine web >/dev/null
    find "$SANDBOX/root" ! -path '*/cache/*' | sort >before
    run_hvsh domxml-to-native qemu-argv web.xml
    assert_success
    assert_output_has '"type":"tap"'
    find "$SANDBOX/root" ! -path '*/cache/*' | sort | diff before -
    run_hvsh list --all --name
    assert_output ""
}

@test "traces show neither the XML nor the command" {
    domain_xml web --devices "<graphics type='vnc' passwd='sesame'/>" |
        sed "s|<domain |<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' |
            s|</domain>|<qemu:commandline><qemu:arg value='-name'/><qemu:arg value='guest=open-sesame'/></qemu:commandline></domain>|" >web.xml
    hv define web.xml >/dev/null
    export HVSH_LOG_FILTERS='1:*' HVSH_LOG_OUTPUTS="1:file:$PWD/trace"
    run_hvsh domxml-to-native qemu-argv web.xml
    assert_output_has open-sesame
    run_hvsh explain web
    assert_output_has open-sesame
    unset HVSH_LOG_FILTERS HVSH_LOG_OUTPUTS
    grep -q connect_domain_xml_to_native trace
    grep -q domain_explain trace
    run -1 grep sesame trace
}

rows() {
    jq -r --arg element "$1" '.[] | select(.element == $element) | .argument // "-" | split(" ")[0]' explained | tr '\n' ' '
}

@test "explain: every element beside what it became" {
    domain_xml web --devices "<disk type='file'><driver name='qemu' type='qcow2'/><source file='/a'/>
        <backingStore type='file'><format type='raw'/><source file='/b'/><backingStore/></backingStore><target dev='vda'/>
        <iotune><total_bytes_sec>1000000</total_bytes_sec></iotune></disk>
        <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
        <graphics type='vnc' passwd='sesame'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
        <sound model='ich9'/><interface type='user'><alias name='ua-mine'/></interface>" >web.xml
    hv define web.xml >/dev/null
    hv --output json explain web >explained
    [[ $(rows 'devices/disk[1]') == '-blockdev -blockdev -blockdev -blockdev -device '* ]]
    [[ $(rows 'devices/disk[2]') == '-device ' ]]
    [[ $(rows devices/rng) == '-object -device ' ]]
    [[ $(rows devices/interface) == '-netdev -device ' ]]
    [[ $(rows memory) == *'-m '* && $(rows vcpu) == '-smp ' && $(rows clock) == '-rtc ' ]]
    [[ $(rows os/type) == '-machine ' ]]
    [[ $(rows on_reboot) == '- ' ]]
    [[ $(jq -r '.[] | select(.alias == "ua-mine" and .object == "/machine/peripheral/ua-mine") | .element' explained) == devices/interface ]]
    # The password is set over the monitor, and shown nowhere.
    [[ $(rows devices/graphics) == '-vnc {'* ]]
    run -1 grep sesame explained
    # Nothing is explained twice, and nothing of the command is left out.
    hv domxml-to-native qemu-argv --domain web | grep -c '^-' >count
    [[ $(jq '[.[] | select(.argument != null and (.argument | startswith("-")))] | length' explained) == "$(cat count)" ]]
    run_hvsh explain web
    assert_output_matches 'Element +Alias +Object +Argument'
    assert_output_matches 'devices/rng +rng0 +/objects/objrng0 +-object '
}

# What every guest gets, whatever its XML says.
@test "explain: no option is without its element but those of every guest" {
    local case name folder=$BATS_TEST_DIRNAME/../data/domain
    for case in "$folder"/*.xml; do
        [[ $case != *.out.xml ]] || continue
        hv define "$case" >/dev/null 2>&1 || continue
        name=$(xmllint --xpath 'string(/domain/name)' "$case")
        hv --output json explain "$name" >explained || continue
        jq -r '.[] | select(.element == null) | .argument | split(" ")[0:2] | join(" ")' explained |
            grep -vE '^-(S|no-user-config|nodefaults|no-shutdown)$|^-chardev socket,id=charmonitor|^-mon |^-sandbox |^-msg ' &&
            fail_with "in $case"
        # Everything on a bus is QEMU's, so it has an option.
        [[ $(jq '[.[] | select(.element == "devices/rng" and .argument == null)] | length' explained) == 0 ]]
        hv undefine "$name" --nvram >/dev/null
    done
    [[ -n $name ]]
}

# shellcheck disable=SC2154 # stderr is set by bats
@test "define --validate: what the schema does not know is refused, with its line" {
    domain_xml web --devices "<gadget model='teapot'/>" >gadget.xml
    domain_xml web --devices "<disk type='file' colour='red'><target dev='vda'/></disk>" >attribute.xml
    run_hvsh -q define gadget.xml --validate
    assert_fails_with "error: XML document failed to validate against schema: Unable to validate doc against "
    assert_stderr_has "Element domain failed to validate content"
    run_hvsh --output json define gadget.xml --validate
    [[ $(jq -r .error.hint <<<"$stderr") == "gadget.xml:"*": expected no <gadget> in <devices>" ]]
    run_hvsh --output json create attribute.xml --validate --paused
    [[ $(jq -r .error.hint <<<"$stderr") == "attribute.xml:"*": expected no attribute 'colour' in <disk>" ]]
    run_hvsh -q list --all --name
    assert_output ""
    # Without, they are dropped.
    run_hvsh -q define gadget.xml
    assert_success
    run_hvsh dumpxml web
    refute_output_has gadget
    hv dumpxml web >back.xml
    run_hvsh -q define back.xml --validate
    assert_success
}

@test "the schemas that are installed validate without hvsh" {
    local schemas
    schemas=$(find "$HVSH_BUILD" -path '*schemas/domain.rng' | head -n 1)
    domain_xml web >web.xml
    xmllint --noout --relaxng "$schemas" web.xml
    hv define web.xml >/dev/null
    hv dumpxml web >back.xml
    xmllint --noout --relaxng "$schemas" back.xml
    sed -i 's/<memory/<memry/; s/memory>/memry>/' web.xml
    run -3 xmllint --noout --relaxng "$schemas" web.xml
}
