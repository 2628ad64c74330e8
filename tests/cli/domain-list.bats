# list, and the commands that tell what a domain is called and how it is.
load ../helpers

setup() {
    hvsh_sandbox
    export HVSH_DEFAULT_URI=test:///default
}

teardown() { hvsh_sandbox_end; }

session() {
    run_hvsh -q --compat "$1"
}

small() {
    printf "<domain type='test'><name>%s</name>%s<memory>65536</memory><os><type>hvm</type></os></domain>" "$1" "${2:-}" >"$1.xml"
}

@test "--table goes with no bare list" {
    run_hvsh -q list --table --name
    assert_fails_with "error: Options --table and --name are mutually exclusive"
    run_hvsh -q list --uuid --table
    assert_fails_with "error: Options --table and --uuid are mutually exclusive"
    run_hvsh -q list --id --table
    assert_fails_with "error: Options --table and --id are mutually exclusive"
}

@test "running ones by id, then the others by name whatever their case" {
    small b && small A && small c
    session 'define b.xml; define A.xml; define c.xml; start c; list --all --name'
    assert_output "$(printf 'test\nc\nA\nb')"
}

@test "words come in the order uuid, id, name; --id alone leaves out what has none" {
    small off "<uuid>11111111-2222-3333-4444-555555555555</uuid>"
    session 'define off.xml; list --all --name --id --uuid'
    assert_output "$(printf '6695eb01-f6a4-8304-79aa-97f2502e193f 1 test\n11111111-2222-3333-4444-555555555555 - off')"
    session 'define off.xml; list --all --id'
    assert_output 1
}

@test "filters" {
    small off
    session 'define off.xml; list --inactive --name'
    assert_output off
    session 'define off.xml; list --state-shutoff --name'
    assert_output off
    session 'define off.xml; list --state-running --state-shutoff --name --all'
    assert_output "$(printf 'test\noff')"
    session 'define off.xml; list --all --transient --name'
    assert_output ""
    session 'suspend test; list --state-paused --name; list --state-running'
    assert_output test
    session 'list --all --with-managed-save --name; list --all --with-snapshot --name; list --all --without-checkpoint --name'
    assert_output test
}

@test "titles" {
    small off '<title>a title</title>'
    run_hvsh --compat 'define off.xml; list --all --title'
    assert_output_has " -    off    shut off   a title"
    assert_output_has " 1    test   running    "
}

@test "list as data: numbers, tokens, null, and [] for nothing" {
    small off
    run_hvsh --output json -q --compat 'list --all'
    [[ $(jq -c '.[0] | [.id, .name, .state, .uuid]' <<<"$output") == '[1,"test","running","6695eb01-f6a4-8304-79aa-97f2502e193f"]' ]]
    run_hvsh --output json list --inactive
    [[ $(jq -c . <<<"$output") == '[]' ]]
}

@test "id before uuid before name" {
    small 1
    session 'define 1.xml; domstate 1'
    assert_output "running"
    session 'define 1.xml; destroy test; domstate 1'
    assert_output "shut off"
    run_hvsh -q domstate +1
    assert_output running
    run_hvsh -q domstate 6695eb01-f6a4-8304-79aa-97f2502e193f
    assert_output running
    run_hvsh -q domstate -- -1
    assert_fails_with "error: failed to get domain '-1'"
    [[ $stderr != *"Domain not found"* ]]
}

@test "domid, domname and domuuid look up by the other two only" {
    run_hvsh -q domid test
    assert_output 1
    run_hvsh -q domid 1
    assert_fails_with "error: failed to get domain '1'"
    run_hvsh -q domname test
    assert_fails_with "error: failed to get domain 'test'"
    run_hvsh -q domuuid 6695eb01-f6a4-8304-79aa-97f2502e193f
    assert_fails_with "error: failed to get domain '6695eb01-f6a4-8304-79aa-97f2502e193f'"
    session 'destroy test; domid test'
    assert_output -
}

@test "a domain that is not found has libvirt's code" {
    run_hvsh --output json dominfo nosuch
    assert_status 1
    [[ $(jq -c '[.error.code, .error.name]' <<<"$stderr") == '[42,"NO_DOMAIN"]' ]]
}

@test "dominfo as data" {
    run_hvsh --output json dominfo test
    [[ $(jq -c '[.id, .state, .cpus, .max_memory, .persistent, .autostart, .security_label]' <<<"$output") == \
        '[1,"running",2,8589934592,true,false,"libvirt-test"]' ]]
    session 'destroy test; dominfo test'
    assert_output_has "Id:             -"
    refute_output_has "Security label"
}

@test "domstate with its reason" {
    session 'suspend test; domstate test --reason; resume test; domstate test --reason; destroy test; domstate test --reason'
    assert_output "$(printf 'paused (user)\nrunning (unpaused)\nshut off (destroyed)')"
}

@test "domrename" {
    run_hvsh -q domrename test other
    assert_fails_with "error: Requested operation is not valid: cannot rename active domain"
    run_hvsh -q domrename test ''
    assert_fails_with "error: Failed to get option 'new-name': Option argument is empty"
    run_hvsh --compat 'destroy test; domrename test other'
    assert_output_has "Domain successfully renamed"
}

@test "autostart" {
    run_hvsh autostart test
    assert_output_has "Domain 'test' marked as autostarted"
    run_hvsh autostart test --disable
    assert_output_has "Domain 'test' unmarked as autostarted"
    run_hvsh -q -r autostart test
    assert_fails_with "error: operation forbidden: read only access prevents virDomainSetAutostart"
}

@test "wrong modes of shutdown and reboot" {
    run_hvsh -q shutdown test --mode bogus
    assert_fails_with "error: Unknown mode bogus value, expecting 'acpi', 'agent', 'initctl', 'signal', or 'paravirt'"
    run_hvsh -q reboot test --mode acpi,
    assert_fails_with "error: Unknown mode  value, expecting 'acpi', 'agent', 'initctl', 'signal' or 'paravirt'"
    run_hvsh -q shutdown nosuch --mode bogus
    assert_stderr_has "Unknown mode"
}

@test "disks and interfaces of the XML" {
    run_hvsh domblklist test --details
    assert_output_has " file   disk     vda      /guest/diskimage1"
    run_hvsh domiflist test
    assert_output_has " testnet0    network   default   -       aa:bb:cc:dd:ee:ff"
    run_hvsh --output json domblklist test
    [[ $(jq -c . <<<"$output") == '[{"target":"vda","source":"/guest/diskimage1","type":"file","device":"disk"}]' ]]
}

@test "set-lifecycle-action checks its words before it looks for the domain" {
    run_hvsh -q set-lifecycle-action nosuch bogus destroy
    assert_fails_with "error: Invalid lifecycle type 'bogus'."
    run_hvsh -q set-lifecycle-action nosuch crash bogus
    assert_fails_with "error: Invalid lifecycle action 'bogus'."
    run_hvsh -q set-lifecycle-action test crash destroy --live --current
    assert_fails_with "error: Options --current and --live are mutually exclusive"
}

@test "version says whose interface this is" {
    run_hvsh version --daemon
    assert_output_has "Using library: libvirt 9.0.0"
    assert_output_has "Running against daemon: 9.0.0"
    run_hvsh --output json version
    [[ $(jq -r .hypervisor <<<"$output") == 0.0.2 ]]
}

@test "a title that there is not is null; a definition that cannot be read is told of" {
    export HVSH_DEFAULT_URI="qemu:///embed?root=$SANDBOX/root"
    given_domain bare
    given_domain titled
    run_hvsh desc titled --title --new-desc 'A title'
    run_hvsh --output json list --all --title
    assert_success
    [[ $(jq -c 'map([.name, .title])' <<<"$output") == '[["bare",null],["titled","A title"]]' ]]
    echo rubbish >"$SANDBOX/root/etc/qemu/bare.xml"
    run_hvsh list --all --title
    assert_success
    assert_output_has 'A title'
    [[ $stderr == "error: "*"/bare.xml:1: Start tag expected"* ]] || fail_with "not told of: $stderr"
}
