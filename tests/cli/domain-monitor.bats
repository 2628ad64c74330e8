# qemu-monitor-command, send-key, screenshot, displays and console of a domain with a real QEMU.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

@test "monitor commands: JSON, a bare name, for people" {
    given_domain web --running
    run_hvsh -q qemu-monitor-command web '{"execute":"query-status"}'
    [[ $(jq -r .return.status <<<"$output") == running ]]
    run_hvsh -q qemu-monitor-command web query-status
    [[ $(jq -r .return.status <<<"$output") == running ]]
    run_hvsh -q qemu-monitor-command web --return-value query-status
    [[ $(jq -r .status <<<"$output") == running ]]
    run_hvsh --output json qemu-monitor-command web query-status
    [[ $(jq -c .reply.return.running <<<"$output") == true ]]
    run_hvsh --output json qemu-monitor-command web --return-value query-status
    [[ $(jq -c .reply.running <<<"$output") == true ]]
    run_hvsh -q qemu-monitor-command web --return-value qom-get '"path":"/machine"' '"property":"type"'
    [[ $(jq -r . <<<"$output") == *-machine ]]
    run_hvsh -q qemu-monitor-command web --return-value '{"execute":' '"query-status"}'
    [[ $(jq -r .status <<<"$output") == running ]]
    run_hvsh -q qemu-monitor-command web --hmp info status
    assert_output_has "VM status: running"
    run_hvsh --output json qemu-monitor-command web --hmp info status
    [[ $(jq -r .reply <<<"$output") == "VM status: running"* ]]
    run_hvsh -q qemu-monitor-command web '{"execute":"no-such"}'
    assert_success
    assert_output_has CommandNotFound
    run_hvsh -q qemu-monitor-command web --return-value no-such
    assert_fails_with "error: 'return' member missing"
}

@test "--pretty is libvirt's: two blanks, and empty things with an empty line" {
    given_domain web --running
    run_hvsh -q qemu-monitor-command web --pretty --return-value query-name
    assert_output "$(printf '{\n  "name": "web"\n}')"
    run_hvsh -q qemu-monitor-command web --pretty query-jobs
    [[ $output == *$'"return": [\n\n  ]'* ]]
}

@test "--hmp goes with neither --pretty nor --return-value" {
    run_hvsh -q qemu-monitor-command nosuch --hmp --pretty info
    assert_fails_with "error: Options --hmp and --pretty are mutually exclusive"
    run_hvsh -q qemu-monitor-command nosuch --hmp --return-value info
    assert_fails_with "error: Options --hmp and --return-value are mutually exclusive"
}

@test "send-key: sets, numbers, names, limits" {
    given_domain web --running
    run_hvsh -q send-key web KEY_BOGUS
    assert_fails_with "error: invalid keycode: 'KEY_BOGUS'"
    run_hvsh -q send-key web --codeset bogus KEY_A
    assert_fails_with "error: unknown codeset: 'bogus'"
    run_hvsh -q send-key web 99999
    assert_fails_with "error: invalid keycode: '99999'"
    run_hvsh -q send-key web 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17
    assert_fails_with "error: too many keycodes"
    run_hvsh -q send-key web --holdtime -1 KEY_A
    assert_fails_with "error: Numeric value '-1' for <holdtime> option is malformed or out of range"
    run_hvsh send-key web KEY_LEFTCTRL 0x1e --holdtime 5
    assert_success
    assert_output ""
    run_hvsh send-key web --codeset win32 VK_A
    assert_success
}

@test "a domain that does not run: every such command says so in virsh's words" {
    given_domain web
    run_hvsh -q vncdisplay web
    assert_fails_with "error: Domain is not running"
    run_hvsh -q domdisplay web
    assert_fails_with "error: Domain is not running"
    run_hvsh -q console web
    assert_fails_with "error: The domain is not running"
    run_hvsh -q send-key web KEY_A
    assert_fails_with "error: Requested operation is not valid: domain is not running"
    run_hvsh -q screenshot web shot.png
    assert_fails_with "error: could not take a screenshot of web"
    [[ ! -e shot.png ]]
    run_hvsh -q ttyconsole web
    assert_status 1
    [[ -z $output && -z $stderr ]]
    run_hvsh -q domcontrol web
    assert_fails_with "error: Requested operation is not valid: domain is not running"
}

@test "displays" {
    given_domain web --running --devices "<graphics type='vnc' autoport='yes' listen='0.0.0.0' passwd='geheim'/>"
    run_hvsh -q vncdisplay web
    assert_output_matches '^:[0-9]+$'
    run_hvsh -q domdisplay web
    assert_output_matches '^vnc://localhost:[0-9]+$'
    run_hvsh -q domdisplay web --include-password
    assert_output_matches '^vnc://:geheim@localhost:[0-9]+$'
    run_hvsh -q domdisplay web --type spice
    assert_fails_with "error: No graphical display with type 'spice' found"
    run_hvsh -q --output json domdisplay web --all
    [[ $(jq length <<<"$output") == 1 ]]
}

@test "screenshot: into a file, over an old one, nowhere" {
    given_domain web --running --devices "<video><model type='vga'/></video><graphics type='vnc' autoport='yes'/>"
    run_hvsh screenshot web shot.png
    assert_output "Screenshot saved to shot.png, with type of image/png"
    printf 'old' >old.png
    run_hvsh -q screenshot web old.png
    assert_success
    [[ $(head -c 4 old.png | tail -c 3) == PNG ]]
    run_hvsh -q screenshot web /nonexistent/x.png
    assert_fails_with "error: cannot create file /nonexistent/x.png"
    run_hvsh -q screenshot web other.png 7
    assert_fails_with "no such screen ID"
    [[ ! -e other.png ]]
    run_hvsh -q screenshot web
    compgen -G 'web-*.png'
}

@test "console: without a terminal" {
    given_domain web --running --devices "<serial type='pty'/>"
    run_hvsh -q console web
    assert_fails_with "error: Cannot run interactive console without a controlling TTY"
    run_hvsh -q ttyconsole web
    assert_output_matches '^/dev/pts/[0-9]+$'
    hv destroy web
    run_hvsh -q start web --console
    assert_fails_with "error: Cannot run interactive console without a controlling TTY"
    run_hvsh -q domstate web
    assert_output running
}

@test "console: keys go in, output comes out, the escape leaves, the terminal is as before" {
    demo_guest_made
    given_domain web --guest
    hv start web --wait 'console=GUEST READY' --timeout 90
    term_start bash --norc
    term_type "PS1='\$ '; stty -a | md5sum; \"$HVSH\" console web"
    term_send Enter
    term_wait "^Connected to domain 'web'"
    term_wait '^Escape character is \^\] \(Ctrl \+ \]\)'
    term_send Enter
    term_wait '^guest# '
    # The line that is typed does not hold what it prints.
    term_type 'echo he""llo'
    term_send Enter
    term_wait '^hello'
    term_send 'C-]'
    term_wait '^\$ '
    term_type 'stty -a | md5sum'
    term_send Enter
    same_sum_twice() { [[ $(term_text | grep -E '^[0-9a-f]{32}' | sort | uniq -d | wc -l) == 1 ]]; }
    wait_until same_sum_twice 20
}

@test "console: an escape character of one's own" {
    demo_guest_made
    given_domain web --guest
    hv start web --wait 'console=GUEST READY' --timeout 90
    term_start "$HVSH" -e ^X console web
    term_wait '^Escape character is \^X \(Ctrl \+ X\)'
    term_send 'C-x'
    term_wait_end
    [[ $term_status == 0 ]]
}

@test "start --console connects before the guest's first word" {
    demo_guest_made
    given_domain web --guest
    term_start "$HVSH" start web --console
    term_wait "^Domain 'web' started"
    term_wait '^GUEST READY' 90
    term_send 'C-]'
    term_wait_end
    [[ $term_status == 0 ]]
    run_hvsh -q domstate web
    assert_output running
}
