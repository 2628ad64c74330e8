# secret-event: what happens to secrets, whoever does it.
load ../helpers

setup() {
    hvsh_sandbox
    secret_xml "$UUID" pool >secret.xml
    secret_xml "$OTHER" other >other.xml
}
teardown() { hvsh_sandbox_end; }

UUID=74722d00-0000-4000-8000-0000000005e1
OTHER=74722d00-0000-4000-8000-0000000005e2

secret_xml() {
    printf "<secret><uuid>%s</uuid><usage type='ceph'><name>%s</name></usage></secret>\n" "$1" "$2"
}

@test "the kinds, and what is wrong" {
    run_hvsh -q secret-event --list --event lifecycle
    assert_success
    assert_output $'lifecycle\nvalue-changed'
    run_hvsh -q secret-event
    assert_fails_with "error: either --list or --event <type> is required"
    run_hvsh -q secret-event lifecycle
    assert_fails_with "error: either --list or --event <type> is required"
    run_hvsh -q secret-event --event reboot
    assert_fails_with "error: unknown event type reboot"
    run_hvsh -q secret-event --event lifecycle --timeout 0
    assert_fails_with "error: Numeric value '0' for <timeout> option is malformed or out of range"
    run_hvsh -q secret-event "$UUID" lifecycle --timeout 1
    assert_fails_with "error: failed to get secret '$UUID'"
    assert_stderr_has "error: Secret not found: no secret with matching uuid '$UUID'"
    run_hvsh -q -c test:///default secret-event --event lifecycle --timeout 1
    assert_fails_with "error: this function is not supported by the connection driver: virConnectSecretEventRegisterAny"
}

@test "none in time is status 1 without an error; domains' events are none; a read-only connection hears" {
    background lifecycle -q -r secret-event --event lifecycle --timeout 2
    wait_until subscribed lifecycle 10
    domain_xml web >web.xml
    hv define web.xml
    hv undefine web
    background_end lifecycle
    assert_status 1
    assert_output $'event loop timed out\nevents received: 0'
    [[ -z $stderr ]]
}

@test "what other processes do to secrets, in lines" {
    background lifecycle -q secret-event --event lifecycle --loop --timeout 8
    background values -q secret-event --event value-changed --loop --timeout 8
    background domains -q event --all --loop --timeout 8
    wait_until subscribed lifecycle 10
    wait_until subscribed values 10
    wait_until subscribed domains 10
    hv secret-define secret.xml
    hv secret-define secret.xml
    hv secret-set-value "$UUID" --file other.xml --plain
    hv secret-define other.xml
    run_hvsh secret-undefine 74722d00-0000-4000-8000-0000000005e3
    assert_status 1
    hv secret-undefine "$UUID"
    background_end lifecycle
    assert_success
    assert_output "event 'lifecycle' for secret $UUID: Defined
event 'lifecycle' for secret $UUID: Defined
event 'lifecycle' for secret $OTHER: Defined
event 'lifecycle' for secret $UUID: Undefined
event loop timed out
events received: 4"
    background_end values
    assert_output "event 'value-changed' for secret $UUID
event loop timed out
events received: 1"
    background_end domains
    assert_output $'event loop timed out\nevents received: 0'
}

@test "one secret, the first event, the time before it, and as data" {
    hv secret-define secret.xml
    background watcher -q secret-event "$UUID" value-changed --timestamp --timeout 30
    background data --output json-lines secret-event --secret "$UUID" --event lifecycle --timeout 30
    wait_until subscribed watcher 10
    wait_until subscribed data 10
    hv secret-define other.xml
    hv secret-set-value "$OTHER" --file secret.xml --plain
    hv secret-set-value "$UUID" --file secret.xml --plain
    hv secret-undefine "$UUID"
    background_end watcher
    assert_success
    assert_output_matches "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{3}\+0000: event 'value-changed' for secret $UUID
events received: 1$"
    background_end data
    assert_success
    [[ $(jq -c '[.event, .uuid, .usage_type, .usage_id, .type]' <<<"$output") == "[\"lifecycle\",\"$UUID\",\"ceph\",\"pool\",\"Undefined\"]" ]]
}
