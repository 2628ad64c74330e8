# await, start --wait, event, qemu-monitor-event: waiting for what happens, on events alone.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

@test "conditions that make no sense are refused before anything is waited for" {
    given_domain web
    run_hvsh -q await web
    assert_fails_with "error: command 'await' requires --condition option"
    run_hvsh -q await web --condition bogus
    assert_fails_with "unknown condition 'bogus'; there are domain-inactive, state=STATE, console=REGEX, job-done"
    run_hvsh -q await web --condition state=happy
    assert_fails_with "unknown state 'happy'"
    run_hvsh -q await web --condition 'console=('
    assert_fails_with "condition 'console=(' is no extended regular expression"
    run_hvsh -q await web --condition domain-inactive,
    assert_fails_with "unknown condition ''"
    run_hvsh -q await web --condition guest-agent-available
    assert_fails_with "this function is not supported by the connection driver"
    run_hvsh -q await web --condition domain-inactive --timeout 0
    assert_fails_with "error: Numeric value '0' for <timeout> option is malformed or out of range"
    run_hvsh -q await nosuch --condition domain-inactive
    assert_fails_with "error: failed to get domain 'nosuch'"
    run_hvsh -q start web --wait bogus
    assert_fails_with "unknown condition 'bogus'"
    run_hvsh -q domstate web
    assert_output "shut off"
    run_hvsh -q start web --timeout 1
    assert_fails_with "Option --wait is required by option --timeout"
}

@test "what holds already is not waited for" {
    given_domain web
    run_hvsh await web --condition domain-inactive
    assert_success
    assert_output ""
    run_hvsh await web --condition 'state=shut off,job-done'
    assert_success
    run_hvsh await web --condition 'state=running,domain-inactive' --any
    assert_success
}

@test "the end of a domain wakes await at once" {
    given_domain web --running
    background waiter await web --condition domain-inactive --timeout 30
    wait_until subscribed waiter 10
    hv destroy web
    background_end waiter
    assert_success
}

@test "a transient domain that vanishes is inactive" {
    domain_xml web >web.xml
    hv create web.xml
    background waiter await web --condition domain-inactive --timeout 30
    wait_until subscribed waiter 10
    hv destroy web
    background_end waiter
    assert_success
}

@test "all conditions at the same time, or any" {
    given_domain web --running
    run_hvsh await web --condition state=running,state=paused --timeout 1
    assert_status 2
    assert_stderr_has "condition: state=running: met"
    assert_stderr_has "condition: state=paused: not met"
    background waiter await web --condition state=shutoff,state=paused --any --timeout 30
    wait_until subscribed waiter 10
    hv suspend web
    background_end waiter
    assert_success
}

@test "console: lines that are there, lines that come, prompts without an end" {
    given_domain web --serial "$PWD/console"
    hv start web
    printf 'first line\r\n' >>console
    run_hvsh await web --condition 'console=^first (line|word)$' --timeout 10
    assert_success
    background waiter await web --condition 'console=^login: $' --timeout 30
    wait_until subscribed waiter 10
    printf 'more\nlogin: ' >>console
    background_end waiter
    assert_success
}

@test "two commas are one within a condition" {
    given_domain web --serial "$PWD/console"
    hv start web
    printf 'aa\n' >>console
    run_hvsh await web --condition 'console=^a{2,,3}$,state=running' --timeout 10
    assert_success
}

@test "a read-only connection waits for states, and sees nothing of the console" {
    given_domain web --serial "$PWD/console"
    # as for the command console, whether or not the guest runs
    run_hvsh -r await web --condition console=geheim --timeout 10
    assert_fails_with "error: operation forbidden: read only access prevents virDomainOpenConsole"
    hv start web
    printf 'geheim\n' >>console
    run_hvsh -r await web --condition console=geheim --timeout 10
    assert_fails_with "error: operation forbidden: read only access prevents virDomainOpenConsole"
    run_hvsh -r await web --condition state=running --timeout 10
    assert_success
    run_hvsh -r await web --condition state=paused --timeout 1
    assert_status 2
    assert_stderr_has "state: running (booted)"
    [[ $stderr != *geheim* ]] || fail_with "the console is quoted"
}

@test "the deadline: status 2, the state, the last lines" {
    given_domain web --serial "$PWD/console"
    hv start web
    printf 'line %s\n' {1..20} >>console
    printf 'evil \033[2J\b\n' >>console
    run_hvsh await web --condition console=NEVER --timeout 1
    assert_status 2
    assert_stderr_has "error: the time is over while waiting for 'console=NEVER' of domain 'web'"
    assert_stderr_has "state: running (booted)"
    assert_stderr_has "line 20"
    assert_stderr_has "evil ?"
    [[ $stderr != *$'\033'* ]]
    [[ $stderr != *"line 3"$'\n'* ]]
    run_hvsh --output json await web --condition console=NEVER --timeout 1
    [[ $(jq -r .error.name <<<"$stderr") == DEADLINE ]]
}

@test "a guest without a console cannot write what is waited for" {
    given_domain web --running
    run_hvsh await web --condition console=NEVER --timeout 30
    assert_fails_with "error: device not found: domain 'web' has no serial console whose output is recorded"
    run_hvsh await web --condition console=NEVER,domain-inactive --any --timeout 30
    assert_status 1
}

@test "a guest that has ended writes nothing more: await gives up at once" {
    given_domain web --serial "$PWD/console"
    hv start web
    printf 'last words\n' >>console
    background waiter await web --condition console=NEVER --timeout 50
    wait_until subscribed waiter 10
    hv destroy web
    background_end waiter
    assert_status 1
    assert_stderr_has "error: operation failed: the domain ended while waiting for 'console=NEVER' of domain 'web'"
    assert_stderr_has "last words"
}

@test "await may begin before the start" {
    given_domain web --serial "$PWD/console"
    background waiter await web --condition console=READY --timeout 30
    wait_until subscribed waiter 10
    hv start web
    printf 'READY\n' >>console
    background_end waiter
    assert_success
}

@test "event: the kinds, and what is wrong" {
    run_hvsh -q event --list
    assert_output_has memory-device-size-change
    run_hvsh -q event
    assert_fails_with "error: one of --list, --all, or --event <type> is required"
    run_hvsh -q event --event bogus
    assert_fails_with "error: unknown event type bogus"
    run_hvsh -q event --list --all
    assert_fails_with "error: Options --list and --all are mutually exclusive"
    run_hvsh -q event --all --timeout -1
    assert_fails_with "error: Numeric value '-1' for <timeout> option is malformed or out of range"
    run_hvsh -q event nosuch --all
    assert_fails_with "error: failed to get domain 'nosuch'"
}

@test "event: none in time is status 1 without an error" {
    run_hvsh -q event --all --timeout 1
    assert_status 1
    assert_output "$(printf 'event loop timed out\nevents received: 0')"
    [[ -z $stderr ]]
}

# interrupt NAME: Ctrl-C for the background command.
interrupt() {
    kill -INT "$(pgrep -P "$(<"$1.pid")" -x "$(basename "$(readlink -f "$HVSH")")")"
}

@test "Ctrl-C: await ends with 2 and commands that wait for events with 1, as in virsh, whatever they are called" {
    local mode
    given_domain web --running
    for mode in --quiet --compat; do
        background waiter $mode await web --condition domain-inactive
        wait_until subscribed waiter 10
        interrupt waiter
        background_end waiter
        assert_fails_with "error: interrupted while waiting for 'domain-inactive' of domain 'web'" 2

        background watcher $mode event --all
        wait_until subscribed watcher 10
        interrupt watcher
        background_end watcher
        assert_status 1
        assert_output "$(printf 'event loop interrupted\nevents received: 0')"
        [[ -z $stderr ]] || fail_with "expected no error"

        background watcher $mode qemu-monitor-event web
        wait_until subscribed watcher 10
        interrupt watcher
        background_end watcher
        assert_status 1
        assert_output "$(printf 'event loop interrupted\nevents received: 0')"
    done
}

@test "event --loop: Ctrl-C is its end, and good when something came" {
    given_domain web --running
    background watcher event --all --loop
    wait_until subscribed watcher 10
    hv suspend web
    wait_until file_has watcher.out Suspended 10
    interrupt watcher
    background_end watcher
    assert_success
    assert_output_has "event loop interrupted
events received: "
}

@test "event: a life in lines, from other processes" {
    domain_xml web >web.xml
    background watcher event --all --loop --timeout 8
    wait_until subscribed watcher 10
    hv define web.xml
    hv start web
    hv suspend web
    hv resume web
    hv destroy web
    hv undefine web
    background_end watcher
    assert_success
    assert_output_has "event 'lifecycle' for domain 'web': Defined Added"
    assert_output_has "event 'lifecycle' for domain 'web': Started Booted"
    assert_output_has "event 'lifecycle' for domain 'web': Suspended Paused"
    assert_output_has "event 'lifecycle' for domain 'web': Resumed Unpaused"
    assert_output_has "event 'lifecycle' for domain 'web': Stopped Destroyed"
    assert_output_has "event 'lifecycle' for domain 'web': Undefined Removed"
    assert_output_matches 'events received: [0-9]+'
}

@test "event: the first one ends it, with the time before it" {
    given_domain web
    given_domain other
    background watcher event web --event lifecycle --timestamp --timeout 30
    wait_until subscribed watcher 10
    hv start other
    hv start web
    background_end watcher
    assert_success
    assert_output_matches "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{3}\+0000: event 'lifecycle' for domain 'web': "
    assert_output_has "events received: 1"
}

@test "event as data: an object a line" {
    given_domain web
    background watcher --output json-lines event web --event lifecycle --timeout 30
    wait_until subscribed watcher 10
    hv start web --paused
    background_end watcher
    assert_success
    [[ $(jq -c '[.event, .domain, .type, .detail]' <<<"$output") == '["lifecycle","web","Started","Booted"]' ]]
}

@test "qemu-monitor-event: by name, by expression, whatever the case" {
    given_domain web --running
    run_hvsh -q qemu-monitor-event web --event 'a(' --regex --timeout 1
    assert_fails_with "failed to compile regex"
    background exact qemu-monitor-event web --event STOP --timeout 30
    background regex qemu-monitor-event web --event '^res' --regex --no-case --timestamp --timeout 30
    background lower qemu-monitor-event web --event stop --timeout 4
    wait_until subscribed exact 10
    wait_until subscribed regex 10
    wait_until subscribed lower 10
    hv suspend web
    hv resume web
    background_end exact
    assert_output_matches "^event STOP at [0-9]+\.[0-9]{6} for domain 'web': <null>"
    background_end regex
    assert_output_matches "\+0000: event RESUME for domain 'web': <null>"
    background_end lower
    assert_status 1
}

@test "guests-stop: those that do not listen are destroyed when the time is over" {
    given_domain one --running
    given_domain two --running
    hv suspend two
    run_hvsh guests-stop --timeout 1
    assert_success
    assert_output_has "Domain 'one' is being shutdown"
    assert_output_has "Domain 'two' destroyed"
    run_hvsh -q list
    assert_output ""
    run_hvsh -q guests-stop
    assert_success
}

@test "guests-start: what is marked, and what failed" {
    given_domain one
    given_domain two
    hv autostart one
    run_hvsh guests-start
    assert_success
    run_hvsh -q list --name
    assert_output one
    hv autostart one --disable
}
