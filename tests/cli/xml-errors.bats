#!/usr/bin/env bats
# What is wrong in a document: file, line and what was expected; what is left out of it; what a dry run says of it.
# shellcheck disable=SC2154 # output and stderr are set by bats

load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

# field FILTER: of the error on stderr
field() {
    jq -r ".error$1" <<<"$stderr"
}

@test "a wrong value: libvirt's message, and the place of the value" {
    printf '%s\n' "<domain type='qemu'>" "<name>mal</name>" "<memory>12x</memory>" \
        "<os><type arch='x86_64' machine='pc'>hvm</type></os>" "</domain>" >mal.xml
    run_hvsh define mal.xml
    assert_fails_with "error: XML error: Invalid value '12x' for element or attribute './memory[1]'"
    [[ $stderr != *hint* ]]
    run_hvsh --output json define mal.xml
    [[ $(field .hint) == "mal.xml:3: expected a number in <memory>" ]]
    [[ $(field .place | jq -c .) == '{"file":"mal.xml","line":3,"element":"memory","expected":"a number"}' ]]
    run_hvsh --output json create mal.xml
    [[ $(field .hint) == "mal.xml:3: expected a number in <memory>" ]]
    run_hvsh --output json domxml-to-native qemu-argv --xml mal.xml
    [[ $(field .hint) == "mal.xml:3: expected a number in <memory>" ]]
    run_hvsh --output json define mal.xml --dry-run
    [[ $(field .hint) == "mal.xml:3: expected a number in <memory>" ]]
}

@test "a wrong value: a person sees the place" {
    domain_xml web --devices "<input type='nose'/>" >nose.xml
    run timeout 20 script -qec "$HVSH define nose.xml" /dev/null
    [[ $output == *"hint: nose.xml:"*": expected one of mouse, tablet, keyboard, passthrough, evdev as 'type' in <input>"* ]]
}

@test "bad syntax: the file is named" {
    printf '%s\n' "<domain type='qemu'>" "<name>mal</nam>" "</domain>" >mal.xml
    run_hvsh --output json define mal.xml
    [[ $(field .hint) == "mal.xml:2: expected </name>" ]]
    [[ $(field .message) == *"(domain_definition):2: Opening and ending tag mismatch"* ]]
}

@test "secrets: the place of what is wrong" {
    printf '%s\n' "<secret>" "<usage type='volume'/>" "</secret>" >secret.xml
    run_hvsh --output json secret-define secret.xml
    [[ $(field .hint) == "secret.xml:2: expected <volume> in <usage>" ]]
}

@test "unknown elements are left out of a definition, with a warning" {
    domain_xml web --uuid 74722d00-0000-4000-8000-000000000208 --devices "<gadget model='teapot'/>" >gadget.xml
    run timeout 20 script -qec "$HVSH define gadget.xml" /dev/null
    [[ $status == 0 ]]
    [[ $output == *"warning: gadget.xml:"*": unknown element <gadget> in <devices>"* ]]
    [[ $output != *error* ]]
    run_hvsh define gadget.xml
    assert_success
    [[ -z $stderr ]]
    run_hvsh --output json define gadget.xml
    assert_success
    [[ -z $stderr ]]
    [[ $(jq -r .message <<<"$output") == "Domain 'web' defined from gadget.xml" ]]
    [[ $(jq -r '.warnings[]' <<<"$output") == "gadget.xml:"*": unknown element <gadget> in <devices>" ]]
    domain_xml other >other.xml
    run_hvsh --output json define other.xml
    [[ $(jq -c .warnings <<<"$output") == "[]" ]]
}

@test "define --dry-run names the files" {
    uuid=74722d00-0000-4000-8000-000000000207
    domain_xml web --uuid "$uuid" >web.xml
    run_hvsh define web.xml --dry-run
    assert_success
    assert_output_has "add domain 'web' with uuid $uuid:"
    assert_output_has "  write $SANDBOX/root/etc/qemu/web.xml"
    assert_output_has "  link  $SANDBOX/root/etc/qemu/uuid/$uuid to ../web.xml"
    run_hvsh --output json define web.xml --dry-run
    [[ $(jq -c '[.action, .argv, .qmp, .helpers]' <<<"$output") == '["add",[],[],[]]' ]]
    [[ $(jq -c '.files | map(.action)' <<<"$output") == '["write","link"]' ]]
    [[ $(jq -r .xml <<<"$output") == "<domain type='qemu'>"* ]]
    run_hvsh -q define web.xml
    assert_success
    [[ -f $SANDBOX/root/etc/qemu/web.xml ]]
    [[ $(readlink "$SANDBOX/root/etc/qemu/uuid/$uuid") == ../web.xml ]]
    run_hvsh --output json define web.xml --dry-run
    [[ $(jq -r .action <<<"$output") == change ]]
}

@test "start --dry-run as data" {
    given_domain web
    run_hvsh --output json start web --dry-run
    assert_success
    jq -e '.argv[0] | startswith("/")' <<<"$output"
    jq -e '.argv | index("-S")' <<<"$output"
    jq -e '.qmp[0].execute == "qmp_capabilities" and .qmp[-1].execute == "cont"' <<<"$output"
    jq -e '.files | map(select(.action == "log" and (.path | endswith("/qemu/web.log")))) | length == 1' <<<"$output"
    run_hvsh --output json start web --paused --dry-run
    jq -e '.qmp[-1].execute != "cont"' <<<"$output"
    [[ ! -e $SANDBOX/root/run/qemu/web ]]
}
