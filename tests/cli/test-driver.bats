# test:///default and test:///FILE: what libvirt's test driver answers, with its state in one session.
load ../helpers

setup() {
    hvsh_sandbox
    export HVSH_DEFAULT_URI=test:///default
}

teardown() { hvsh_sandbox_end; }

# run_session LINE...: the lines as one session; $output is what they print, each command's own newline left out.
run_session() {
    printf '%s\n' "$@" >session
    run_hvsh -q --compat "$(paste -sd ';' session)"
}

small_domain() {
    printf "<domain type='test'><name>%s</name>%s<memory unit='MiB'>64</memory><vcpu>1</vcpu>\n" "$1" "${2:-}"
    printf '<os><type>hvm</type></os></domain>\n'
}

@test "the default domain is libvirt's" {
    run_hvsh dumpxml test
    assert_success
    assert_output_has "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>"
    assert_output_has "<source file='/guest/diskimage1'/>"
    refute_output_has "<alias"
    run_hvsh -q list --all
    assert_output " 1   test   running"
}

@test "dominfo: OS type, security model and label" {
    run_hvsh -q dominfo test
    assert_success
    assert_output_has "OS Type:        linux"
    assert_output_has "Security model: testSecurity"
    assert_output_has "Security label: libvirt-test (enforcing)"
    run_session 'destroy test' 'dominfo test'
    refute_output_has "Security label"
}

@test "state lives as long as the connection" {
    run_session 'destroy test' 'list --all'
    assert_output " -   test   shut off"
    run_hvsh -q list --all
    assert_output " 1   test   running"
}

@test "shutdown and reboot are done at once" {
    run_session 'shutdown test' 'domstate test --reason' 'start test' 'reboot test' 'domstate test --reason' 'domid test'
    assert_success
    assert_output "$(printf 'shut off (shutdown)\nrunning (booted)\n2')"
}

@test "reboot does what on_reboot says" {
    run_session 'set-lifecycle-action test reboot destroy' 'reboot test' 'domstate test --reason'
    assert_success
    assert_output "shut off (shutdown)"
}

@test "wrong states are refused in the test driver's words" {
    run_session 'resume test'
    assert_stderr_has "internal error: domain 'test' not paused"
    run_session 'suspend test' 'suspend test'
    assert_stderr_has "internal error: domain 'test' not running"
    run_session 'destroy test' 'destroy test'
    assert_stderr_has "Requested operation is not valid: domain is not running"
    run_session 'destroy test' 'shutdown test'
    assert_stderr_has "internal error: domain 'test' not running"
    run_session 'destroy test' 'send-key test KEY_A'
    assert_stderr_has "Requested operation is not valid: domain is not running"
}

@test "flags that the test driver does not know are refused by number and function" {
    run_session 'destroy test' 'start test --paused'
    assert_stderr_has "unsupported flags (0x1) in function testDomainCreateWithFlags"
    run_session 'undefine test --nvram'
    assert_stderr_has "unsupported flags (0x4) in function testDomainUndefineFlags"
    run_session 'destroy test --remove-logs'
    assert_stderr_has "unsupported flags (0x2) in function testDomainDestroyFlags"
    run_session 'shutdown test --mode acpi'
    assert_stderr_has "unsupported flags (0x1) in function testDomainShutdownFlags"
    # Without --nvram the command does without the flags that the driver does not know.
    run_session 'undefine test --nvram --tpm --checkpoints-metadata'
    assert_stderr_has "unsupported flags (0x34) in function testDomainUndefineFlags"
    run_session 'undefine test --keep-nvram --tpm --checkpoints-metadata'
    assert_success
}

@test "sentences name the domain as the user did; start takes no id" {
    local command uuid=6695eb01-f6a4-8304-79aa-97f2502e193f
    for command in 'suspend/suspended' 'reset/was reset' 'destroy/destroyed' 'undefine/has been undefined' \
        'shutdown/is being shutdown' 'reboot/is being rebooted' 'autostart/marked as autostarted'; do
        run_hvsh "${command%/*}" 1
        assert_output "Domain '1' ${command#*/}"
        run_hvsh -r "${command%/*}" "$uuid"
        assert_stderr_has "domain '$uuid'"
    done
    run_hvsh start 1
    assert_fails_with "error: failed to get domain '1'"
}

@test "descriptors for a new guest are taken, open or not" {
    small_domain one >one.xml
    run_session 'create one.xml --pass-fds 1,77' 'destroy test' 'start test --pass-fds 77' 'list --name'
    assert_success
    assert_output $'one\ntest'
}

@test "options are read and refused in virsh's order" {
    local line
    while IFS='|' read -r line message; do
        run_hvsh -q "$line"
        assert_fails_with "error: $message"
    done <<'EOF'
freepages x x|Scaled numeric value 'x' for <pagesize> option is malformed or out of range
freepages 0 4194304|Scaled numeric value '4194304' for <pagesize> option is malformed or out of range
domdisplay nosuch --all --type vnc|Options --all and --type are mutually exclusive
hypervisor-cpu-baseline a --model ""|Failed to get option 'model': Option argument is empty
hypervisor-cpu-baseline a --model b|Options --file and --model are mutually exclusive
secret-list --private|Filtering is not supported by this libvirt
qemu-monitor-command test x a 'b c'|failed to wrap arguments 'a b c' into a QMP command wrapper
qemu-monitor-event --regex --event "["|this function is not supported by the connection driver: virConnectDomainQemuMonitorEventRegister
EOF
}

@test "a read-only connection refuses what libvirt's does, supported or not" {
    run_hvsh -r domcapabilities
    assert_stderr_has "operation forbidden: read only access prevents virConnectGetDomainCapabilities"
    run_hvsh -r nodesevinfo
    assert_stderr_has "operation forbidden: read only access prevents virNodeGetSEVInfo"
    run_hvsh -r domdisplay test --include-password
    assert_stderr_has "error: Failed to get domain description xml
error: operation forbidden: virDomainGetXMLDesc with secure flag"
}

@test "connect ends the connection before, also when it fails" {
    small_domain one >one.xml
    run_session 'create one.xml' 'connect bogus:///x' 'list --name'
    assert_output test
}

@test "what the test driver does not have is not supported" {
    run_hvsh qemu-monitor-command test info
    assert_stderr_has "this function is not supported by the connection driver: virDomainQemuMonitorCommand"
    run_hvsh qemu-monitor-event --timeout 1
    assert_stderr_has "this function is not supported by the connection driver: virConnectDomainQemuMonitorEventRegister"
}

@test "what is about QEMU is not supported, for a reason" {
    local command
    for command in doctor 'explain test' 'explain test --inactive'; do
        # shellcheck disable=SC2086 # several words
        run_hvsh --output json $command
        assert_fails_with "\"message\":\"this function is not supported by the connection driver: ${command%% *}\""
        assert_stderr_has 'without a QEMU; try -c qemu:///session'
    done
}

@test "guests-start starts what is marked for autostart and does not run" {
    run_hvsh -q 'guests-start; autostart test; guests-start; destroy test; guests-start; domstate test'
    assert_success
    assert_output "started domain 'test'
running"
    run_hvsh 'autostart test; destroy test; guests-start'
    assert_success
    assert_output_has "1 domains started"
    run_hvsh -r guests-start
    assert_fails_with "read only access prevents"
}

@test "define, start, undefine, and what is left of a running domain" {
    small_domain one >one.xml
    run_session 'define one.xml' 'start one' 'undefine one' 'list --all' 'destroy one' 'list --all'
    assert_success
    assert_output "$(printf ' 1   test   running\n 2   one    running\n 1   test   running')"
}

@test "undefining a transient domain does nothing, and says nothing against it" {
    run_session 'undefine test' 'undefine test' 'list'
    assert_success
    assert_output " 1   test   running"
}

@test "names and uuids are given once" {
    small_domain one '<uuid>11111111-2222-4333-8444-555555555501</uuid>' >one.xml
    small_domain two '<uuid>11111111-2222-4333-8444-555555555501</uuid>' >two.xml
    small_domain one '<uuid>11111111-2222-4333-8444-555555555502</uuid>' >other.xml
    run_session 'define one.xml' 'define two.xml'
    assert_stderr_has "operation failed: domain 'one' is already defined with uuid 11111111-2222-4333-8444-555555555501"
    run_session 'define one.xml' 'define other.xml'
    assert_stderr_has "operation failed: domain 'one' already exists with uuid 11111111-2222-4333-8444-555555555501"
    run_session 'define one.xml' 'define one.xml'
    assert_success
}

@test "rename keeps autostart and refuses what libvirt refuses" {
    run_session 'domrename test x'
    assert_stderr_has "Requested operation is not valid: cannot rename active domain"
    run_session 'destroy test' 'autostart test' 'domrename test other' 'list --all --autostart --name'
    assert_success
    assert_output "other"
}

@test "descriptions and metadata, live and config apart" {
    run_session 'desc test --title --config --new-desc conf' 'desc test --title --live --new-desc live' \
        'desc test --title' 'desc test --title --config'
    assert_success
    assert_output liveconf
}

@test "a screenshot is a PNG, also of a domain that is shut off" {
    run_session 'destroy test' 'screenshot test shot.png'
    assert_success
    [[ $(head -c 8 shot.png | od -An -tx1 | tr -d ' \n') == 89504e470d0a1a0a ]]
}

@test "uri, version and a read-only connection" {
    run_hvsh -q uri
    assert_output "test:///default"
    run_hvsh -q version
    assert_output_has "TEST"
    assert_output_has "Running hypervisor: TEST 0.0.2"
    run_hvsh -r suspend test
    assert_stderr_has "operation forbidden: read only access prevents virDomainSuspend"
}

@test "a file of one's own: domains in place, from files, shut off, paused, transient" {
    small_domain filed >filed.xml
    {
        printf "<node><memory>1000</memory><domain file='filed.xml'/>"
        small_domain stopped "" | sed "s|<vcpu>|<t:runstate xmlns:t='http://libvirt.org/schemas/domain/test/1.0'>5</t:runstate>&|"
        small_domain waiting "" | sed "s|<vcpu>|<t:runstate xmlns:t='http://libvirt.org/schemas/domain/test/1.0'>3</t:runstate>&|"
        printf '</node>\n'
    } >node.xml
    run_hvsh -q -c "test://$PWD/node.xml" list --all
    assert_success
    assert_output "$(printf ' 1   filed     running\n 2   waiting   paused\n -   stopped   shut off')"
}

@test "files that are missing or bad are refused in libvirt's words" {
    run_hvsh -c test:///nosuch/file.xml list
    assert_fails_with "XML error: failed to parse xml document '/nosuch/file.xml'"
    printf '<foo/>\n' >foo.xml
    run_hvsh -c "test://$PWD/foo.xml" list
    assert_fails_with "XML error: expecting root element of 'node', not 'foo'"
    printf '<node><domain\n' >bad.xml
    run_hvsh -c "test://$PWD/bad.xml" list
    assert_fails_with "$PWD/bad.xml:"
    mkdir folder
    run_hvsh -c "test://$PWD/folder" list
    assert_fails_with "failed to connect to the hypervisor"
    run_hvsh -c test:/// list
    assert_fails_with "invalid argument: testOpen: supply a path or use test:///default"
}

@test "the name of a bad file has one slash where the URI has two" {
    printf '<node><domain' >bad.xml
    run_hvsh -c "test:///$PWD/bad.xml" list
    assert_fails_with "error: $PWD/bad.xml:1: "
    [[ $stderr != *"//"* ]] || fail_with "two slashes"
    # As in virsh a file that is not there is named as it was given.
    run_hvsh -c "test:///$PWD/nosuch.xml" list
    assert_fails_with "XML error: failed to parse xml document '/$PWD/nosuch.xml'"
}

@test "a file that grows without end by entities, and one above the limit, are refused" {
    {
        printf '<!DOCTYPE node [<!ENTITY a "aaaaaaaaaa">'
        for i in b c d e f g h i; do
            printf '<!ENTITY %s "&%s;&%s;&%s;&%s;&%s;&%s;&%s;&%s;">' "$i" a a a a a a a a
        done
        printf ']><node><memory>&i;</memory></node>\n'
    } >laughs.xml
    HVSH_DEADLINE=10 run_hvsh -c "test://$PWD/laughs.xml" list
    assert_status 1
    truncate -s 100M big.xml
    HVSH_DEADLINE=10 run_hvsh -c "test://$PWD/big.xml" list
    assert_status 1
}

@test "the host of the default connection is libvirt's" {
    run_hvsh -q nodeinfo
    assert_output "CPU model:           i686
CPU(s):              16
CPU frequency:       1400 MHz
CPU socket(s):       2
Core(s) per socket:  2
Thread(s) per core:  2
NUMA cell(s):        2
Memory size:         3145728 KiB"
    run_hvsh -q nodecpumap
    assert_output "CPUs present:   8
CPUs online:    3
CPU map:        y-y-y---"
    run_hvsh -q nodecpustats 5
    assert_output "user:                     9797400000
system:               34678723400000
idle:                    87264900000
iowait:                    763600000"
    run_hvsh -q sysinfo
    assert_output_has "<entry name='vendor'>LENOVO</entry>"
    run_hvsh nodememstats
    assert_fails_with "this function is not supported by the connection driver: virNodeGetMemoryStats"
    run_hvsh nodesuspend mem 60
    assert_fails_with "this function is not supported by the connection driver: virNodeSuspendForDuration"
}

@test "free memory and pages of the default connection" {
    run_hvsh -q freecell
    assert_output "Total: 3072 KiB"
    run_hvsh -q freecell 1
    assert_output "1: 4096 KiB"
    run_hvsh freecell 2
    assert_fails_with "invalid argument: Range exceeds available cells"
    run_hvsh freecell --all
    assert_output "    0:       2048 KiB
    1:       4096 KiB
--------------------
Total:       6144 KiB"
    run_hvsh freepages 0 3
    assert_output "3KiB: 19"
    run_hvsh freepages --all
    assert_output "Node 0:
4KiB: 19
8KiB: 45
2048KiB: 97
1048576KiB: 201

Node 1:
4KiB: 19
8KiB: 45
2048KiB: 97
1048576KiB: 201"
}

@test "a file describes its host" {
    local element
    cat >node.xml <<'XML'
<node>
  <cpu><mhz>2000</mhz><model>Core2</model><active>6</active><nodes>3</nodes><sockets>4</sockets><cores>5</cores></cpu>
  <memory>9000000</memory>
</node>
XML
    run_hvsh -q -c "test://$PWD/node.xml" nodeinfo
    assert_output "CPU model:           Core2
CPU(s):              6
CPU frequency:       2000 MHz
CPU socket(s):       4
Core(s) per socket:  5
Thread(s) per core:  2
NUMA cell(s):        3
Memory size:         9000000 KiB"
    run_hvsh -c "test://$PWD/node.xml" freecell 0
    assert_fails_with "invalid argument: Range exceeds available cells"
    # More CPUs online than there are cannot be.
    echo '<node><cpu><active>500</active></cpu><memory/></node>' >node.xml
    run_hvsh -c "test://$PWD/node.xml" nodeinfo
    assert_output_has "CPU(s):              16"
    for element in nodes sockets cores threads active mhz; do
        echo "<node><cpu><$element>2.0</$element></cpu></node>" >node.xml
        run_hvsh -c "test://$PWD/node.xml" nodeinfo
        assert_fails_with "XML error: invalid node cpu $element value"
    done
    echo "<node><memory>-1</memory></node>" >node.xml
    run_hvsh -c "test://$PWD/node.xml" nodeinfo
    assert_fails_with "XML error: invalid node memory value"
    echo "<node><cpu><model>01234567890123456789012345678901</model></cpu></node>" >node.xml
    run_hvsh -c "test://$PWD/node.xml" nodeinfo
    assert_fails_with "internal error: Model 01234567890123456789012345678901 too big for destination"
}
