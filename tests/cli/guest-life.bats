# A real Linux guest from define to shutdown, by hvsh alone.
load ../helpers

setup() {
    hvsh_sandbox
    demo_guest_made
}

teardown() {
    hvsh_sandbox_end
}

# given_guest NAME [OPTION of domain_xml...]: the demo guest, running and ready.
given_guest() {
    local name=$1
    shift
    given_domain "$name" --guest --serial "$SANDBOX/work/$name.console" "$@"
    hv start "$name" --wait 'console=GUEST READY' --timeout 90 >/dev/null
}

@test "a guest on q35 lives from define to undefine" {
    domain_xml web --guest --append hvsh.powerbutton=poweroff >web.xml
    run_hvsh define web.xml
    assert_success
    assert_output_has "Domain 'web' defined from web.xml"
    run_hvsh start web --wait 'console=GUEST READY' --timeout 90
    assert_success
    assert_output_has "Domain 'web' started"
    run_hvsh list --all
    assert_output_matches '[0-9]+ +web +running'
    run_hvsh dominfo web
    assert_output_matches 'State: +running'
    assert_output_matches 'Max memory: +131072 KiB'
    run_hvsh shutdown web
    assert_output_has "Domain 'web' is being shutdown"
    run_hvsh await web --condition domain-inactive --timeout 30
    assert_success
    run_hvsh domstate web --reason
    assert_output "shut off (shutdown)"
    run_hvsh undefine web
    assert_output_has "Domain 'web' has been undefined"
    run_hvsh list --all --name
    assert_output ""
}

@test "a guest on pc obeys the power button" {
    given_guest web --machine pc --append hvsh.powerbutton=poweroff
    hv shutdown web
    run_hvsh await web --condition domain-inactive --timeout 30
    assert_success
}

@test "shutdown of a guest that ignores the power button leaves it running" {
    given_guest web --append hvsh.powerbutton=ignore
    run_hvsh shutdown web
    assert_success
    wait_until file_has web.console "power button pressed: ignored" 20
    run_hvsh domstate web
    assert_output running
}

@test "await reports what it saw when the deadline passes" {
    given_guest web --append hvsh.powerbutton=ignore
    run_hvsh await web --condition domain-inactive --timeout 1
    assert_status 2
    assert_stderr_has running
    assert_stderr_has "GUEST READY"
}

@test "start --wait ends with status 2 when the line does not come, and the guest runs on" {
    given_domain web --guest --serial "$SANDBOX/work/web.console"
    run_hvsh start web --wait 'console=NO SUCH LINE' --timeout 2
    assert_status 2
    run_hvsh domstate web
    assert_output running
}

@test "reboot resets a guest that answers the power button" {
    given_guest web --append hvsh.powerbutton=poweroff
    id=$(hv domid web)
    run_hvsh reboot web
    assert_success
    booted_twice() { [[ $(grep -c "GUEST READY" web.console) -ge 2 ]]; }
    wait_until booted_twice 90
    [[ $(hv domid web) == "$id" ]]
}

@test "reset boots the guest anew" {
    given_guest web
    run_hvsh reset web
    assert_success
    booted_twice() { [[ $(grep -c "GUEST READY" web.console) -ge 2 ]]; }
    wait_until booted_twice 90
}

@test "send-key reaches the guest's kernel: SysRq O powers it off" {
    given_guest web
    run_hvsh send-key web KEY_LEFTALT KEY_SYSRQ KEY_O
    assert_success
    run_hvsh await web --condition domain-inactive --timeout 30
    assert_success
}

@test "suspend stops the guest, resume lets it go on" {
    given_guest web
    hv suspend web
    run_hvsh domstate web --reason
    assert_output "paused (user)"
    hv resume web
    run_hvsh domstate web --reason
    assert_output "running (unpaused)"
}

@test "on_reboot destroy ends a guest that reboots" {
    given_guest web
    hv set-lifecycle-action web reboot destroy --live
    hv send-key web KEY_LEFTALT KEY_SYSRQ KEY_B
    run_hvsh await web --condition domain-inactive --timeout 30
    assert_success
}

@test "console talks to the guest's shell, and the escape character ends it" {
    given_domain web --guest
    hv start web --wait 'console=GUEST READY' --timeout 90
    term_start "$HVSH" console web
    term_wait "Escape character is"
    term_send Enter
    term_wait 'guest#'
    term_type 'echo sum=$((6*7))'
    term_send Enter
    term_wait '^sum=42'
    term_send 'C-]'
    term_wait_end
    [[ $term_status == 0 ]]
}

@test "a console has one session at a time, and --force takes it over" {
    given_domain web --devices "<serial type='pty'/>" --running
    mkfifo keys
    # A terminal that stays open: its input comes from the fifo.
    script -qefc "'$HVSH' console web" first.log <keys >/dev/null 2>&1 &
    first=$!
    exec 9>keys
    wait_until file_has first.log 'Escape character is' 20
    term_start "$HVSH" console web
    term_wait 'error: operation failed: Active console session exists for this domain'
    term_wait_end
    [[ $term_status == 1 ]]
    term_close
    kill -0 "$first"
    term_start "$HVSH" console web --force
    term_wait 'Escape character is'
    ended() { [[ ! -e /proc/$first/exe ]]; }
    wait_until ended 20
    exec 9>&-
    term_send 'C-]'
    term_wait_end
    [[ $term_status == 0 ]]
}

@test "a guest survives the shell and the supervisor" {
    given_guest web --append hvsh.powerbutton=poweroff
    supervisor=$(sed -n 's/^supervisor-pid=//p' "$SANDBOX/root/run/qemu/web/status")
    [[ -n $supervisor ]]
    kill -KILL "$supervisor"
    run_hvsh domstate web
    assert_output running
    run_hvsh shutdown web
    assert_success
    run_hvsh await web --condition domain-inactive --timeout 30
    assert_success
    run_hvsh domstate web --reason
    assert_output "shut off (shutdown)"
}

@test "two guests at the same time have their own ids, and list shows both" {
    given_guest one --memory 128
    given_guest two --memory 128
    [[ $(hv domid one) != "$(hv domid two)" ]]
    run_hvsh list --name
    assert_output_has one
    assert_output_has two
}

@test "any number of watchers see the guest's shutdown" {
    given_guest web --append hvsh.powerbutton=poweroff
    for watcher in 1 2 3; do
        timeout 60 "$HVSH" event web --event lifecycle --loop --timeout 40 >"event.$watcher" 2>&1 &
    done
    watching() { [[ $(processes_of "$SANDBOX" | wc -l) -ge 5 ]]; }
    wait_until watching 20
    hv shutdown web
    for watcher in 1 2 3; do
        wait_until grep -qs 'Stopped Shutdown\|Stopped' "event.$watcher" 30
    done
    kill %1 %2 %3
    wait || true
}

@test "await and start --wait count only what this run of the guest says on its console" {
    given_domain web --guest --serial "$SANDBOX/work/serial.log"
    printf 'GUEST READY, said the guest of yesterday\n' >"$SANDBOX/work/serial.log"
    run_hvsh start web --wait 'console=of yesterday' --timeout 1
    assert_status 2
    hv await web --condition 'console=GUEST READY' --timeout 60
}
