# The shell's own rules: words, options of commands and of the program, exit status, help.
load ../helpers

setup() {
    hvsh_sandbox
    export HVSH_DEFAULT_URI=test:///default
    ln -s "$HVSH" "$SANDBOX/virsh"
}

teardown() { hvsh_sandbox_end; }

# as_virsh ARGUMENT...: the same program under virsh's name.
as_virsh() {
    HVSH=$SANDBOX/virsh run_hvsh "$@"
}

@test "one word with blanks is a string of commands, several words are one command" {
    run_hvsh 'echo a; echo "b c"'
    assert_output $'a\nb c'
    run_hvsh echo 'a;' '#b'
    assert_output 'a; #b'
}

@test "a string that does not parse runs nothing" {
    local text
    for text in 'echo a; nosuch' 'echo a; echo "b' 'echo a; echo \' 'echo a; pwd x'; do
        run_hvsh "$text"
        assert_fails_with "error: "
    done
    run_hvsh ''
    assert_status 1
    [[ -z $output$stderr ]]
    for text in '   ' ';' '#x'; do
        run_hvsh "$text"
        assert_success
        assert_output ""
    done
}

@test "a word that begins with # is a comment in place of a command, quoted or not" {
    run_hvsh -q '"#a" b; echo c; \#d'
    assert_success
    assert_output c
    run_hvsh -q '#a' list
    assert_success
    assert_output ""
}

@test "echo: no control characters in XML, line ends of split words on standard error" {
    run_hvsh -q echo --xml -- $'a\x01\tb<'
    assert_output $'a\tb&lt;'
    run_hvsh -q 'echo --split --err a,b; echo --err c'
    [[ $stderr == $'error: a\nb\n\nerror: c' ]]
}

@test "every missing argument is named, one a line" {
    run_hvsh set-lifecycle-action
    assert_fails_with "error: command 'set-lifecycle-action' requires <domain> option
error: command 'set-lifecycle-action' requires <type> option
error: command 'set-lifecycle-action' requires <action> option"
}

@test "strict: the first failure ends a string with its status; a dash or --keep-going lets it go on" {
    run_hvsh 'domstate nosuch; echo after'
    assert_status 1
    refute_output_has after
    run_hvsh -- '-domstate nosuch; echo after'
    assert_success
    assert_output_has after
    run_hvsh --keep-going 'domstate nosuch; echo after'
    assert_status 1
    assert_output_has after
}

@test "as virsh the last command decides" {
    as_virsh 'domstate nosuch; echo after'
    assert_success
    assert_output $'\nafter'
    as_virsh 'echo before; domstate nosuch'
    assert_status 1
    run_hvsh --compat 'domstate nosuch; echo after'
    assert_success
}

@test "program options" {
    run_hvsh -qv nosuch
    assert_success
    assert_output_matches '^[0-9]+\.[0-9]+\.[0-9]+$'
    as_virsh --version
    assert_output_matches '^9\.[0-9]+\.[0-9]+$'
    run_hvsh --bogus
    assert_fails_with "error: unsupported option '--bogus'. See --help."
    run_hvsh -c
    assert_fails_with "error: option '-c'/'--connect' requires an argument"
    run_hvsh -d x pwd
    assert_fails_with "error: option -d takes a numeric argument"
    run_hvsh --deb=x pwd
    assert_fails_with "error: option --debug takes a numeric argument"
    run_hvsh -e '^' pwd
    assert_fails_with "error: Invalid string '^' for escape sequence"
    run_hvsh -k -1 pwd
    assert_fails_with "error: option -k requires a positive integer argument"
    run_hvsh -q --keepalive-count=x pwd
    assert_fails_with "error: Invalid value for option --keepalive-count"
    run_hvsh -l /nonexistent/log -v
    assert_fails_with "error: failed to open the log file. check the log file path"
    run_hvsh --output xml pwd
    assert_fails_with "error: unknown output format 'xml'"
    run_hvsh -d 9 pwd
    assert_success
    assert_stderr_has "error: ignoring debug level 9 out of range [0-4]"
    run_hvsh list -c x
    assert_fails_with "error: unexpected data '-c'"
}

@test "a bad URI fails before the command, with no output" {
    run_hvsh -c bogus:///x echo a
    assert_fails_with "error: failed to connect to the hypervisor
error: no connection driver available for bogus:///x"
    HVSH_DEFAULT_URI=bogus:///x run_hvsh -q echo a
    assert_output a
}

@test "the URI is shown in libvirt's form, and its scheme has a case" {
    run_hvsh -q -c test:/d%65fault uri
    assert_output test:///default
    run_hvsh -c TEST:///default uri
    assert_fails_with "error: no connection driver available for TEST:///default"
    run_hvsh -c test+x:///default uri
    assert_fails_with "error: invalid argument: remote_open: transport in URL not recognised (should be tls|unix|ssh|ext|tcp|libssh2|libssh)"
}

@test "the log file has every error" {
    run_hvsh -l log domstate nosuch
    assert_status 1
    grep -E "^\[[0-9.]{10} [0-9:]{8} hvsh [0-9]+\] ERROR failed to get domain 'nosuch'$" log
    [[ $(stat -c %a log) == 6[04][04] ]]
}

@test "variables of the environment are read before the options, which win over them" {
    local bad="error: VIRSH_DEBUG not set with a valid numeric value"
    VIRSH_DEBUG=5 as_virsh -v
    assert_success
    [[ $stderr == "$bad" ]]
    VIRSH_DEBUG='' as_virsh pwd
    [[ $stderr == "$bad"$'\n'"$bad" ]]
    VIRSH_DEBUG=x as_virsh -d 4 pwd
    [[ $stderr == "$bad" ]]
    VIRSH_DEBUG=x run_hvsh pwd
    [[ $stderr == "$bad" ]]
    VIRSH_LOG_FILE=first run_hvsh -l second domid x
    [[ -f first && ! -s first && -s second ]]
}

@test "an empty URI means the library's default, not the program's" {
    unset HVSH_DEFAULT_URI
    VIRSH_DEFAULT_CONNECT_URI=bogus:/// LIBVIRT_DEFAULT_URI=test:///default run_hvsh -q -c '' uri
    assert_output test:///default
}

@test "debug lines" {
    run_hvsh -q -d 1 echo --shell a
    assert_output $'echo: shell(bool): (none)\necho: string(optdata): a\na'
    run_hvsh -q -d 1 'echo --shell a; pwd --foo'
    assert_status 1
    assert_output $'commands: "echo --shell a; pwd --foo"\necho: shell(bool): (none)\necho: string(optdata): a'
    run_hvsh -q -d 1 -c test:///default uri
    assert_output $'commands: "uri"\nFailed to setup keepalive on connection\ntest:///default'
}

@test "keepalive that is asked for by -k or -K must be possible" {
    local option
    for option in -k -K; do
        run_hvsh -c test:///default "$option" 3 uri
        assert_fails_with "error: Cannot setup keepalive on connection as requested, disconnecting"
    done
    run_hvsh -q -c test:///default -k 0 -K 3 uri
    assert_output test:///default
}

@test "control characters of a name are spelled out in tables only" {
    printf '<domain type="test"><name>tab&#9;x</name><memory>65536</memory><os><type>hvm</type></os></domain>' >d.xml
    run_hvsh -q 'define d.xml; list --inactive'
    assert_output ' -   tab\x09x   shut off'
    run_hvsh -q 'define d.xml; list --inactive --name'
    assert_output $'tab\tx'
}

@test "help pages" {
    local page
    run_hvsh -q help start
    page=$output
    assert_output_has "  NAME
    start - "
    assert_output_has "  SYNOPSIS
    start <domain> [--console]"
    run_hvsh -q start nosuch --help
    assert_output "$page"
    run_hvsh help virsh
    assert_output_has " Hvsh itself (help keyword 'hvsh'):"
    as_virsh help virsh
    assert_output_has " Virsh itself (help keyword 'virsh'):"
    # A group whose commands are not built in has its title only.
    run_hvsh -q help snapshot
    assert_success
    assert_output " Snapshot (help keyword 'snapshot'):"
    run_hvsh help bogus
    assert_status 1
    assert_stderr_has "error: command or command group 'bogus' doesn't exist"
}

@test "the newline after each command, -q and -t" {
    run --separate-stderr bash -c '"$HVSH" pwd | od -An -c | tr -d " \n"'
    [[ $output == *'\n\n' ]]
    run --separate-stderr bash -c '"$HVSH" -q echo a | od -An -c | tr -d " \n"'
    [[ $output == a ]]
    run_hvsh -qt pwd
    assert_output_matches $'\n\n\\(Time: [0-9]+\\.[0-9]{3} ms\\)$'
}

@test "a full disk is reported, a closed pipe is not" {
    run bash -c '"$HVSH" list >/dev/full'
    assert_status 1
    [[ $output == *"error: cannot write to standard output: No space left on device"* ]]
    run bash -c '"$HVSH" list >&-'
    assert_status 1
    [[ $output == *"error: cannot write to standard output: Bad file descriptor"* ]]
    run bash -c 'set -o pipefail; "$HVSH" help | true; echo ${PIPESTATUS[0]}'
    [[ $output == [01] ]]
}

@test "completion: where a file is due there are no option names" {
    local words
    for words in 'define' 'create' 'secret-define' 'cpu-compare' 'domxml-from-native qemu-argv' 'domxml-to-native --xml'; do
        # shellcheck disable=SC2086 # several words
        run_hvsh -q complete -- $words ''
        assert_status 1
        assert_output ""
    done
    run_hvsh -q complete -- define --val
    assert_output --validate
    run_hvsh -q complete -- define web.xml ''
    assert_output_has --validate
    # What may be left out keeps nobody from the options.
    run_hvsh -q complete -- screenshot test ''
    assert_output_has --screen
}

@test "completion: values that the backend knows" {
    run_hvsh -q complete -- domxml-to-native ''
    assert_output qemu-argv
    run_hvsh -q complete -- domxml-from-native --format qe
    assert_output qemu-argv
    run_hvsh -q complete -- domcapabilities --virttype ''
    assert_output $'kvm\nqemu'
    run_hvsh -q complete -- domcapabilities --arch ppc64
    assert_output $'ppc64\nppc64le'
    run_hvsh -q complete -- qemu-monitor-event --event POWER
    assert_output POWERDOWN
    run_hvsh -q complete -- console test --devname ''
    assert_status 1
    export HVSH_DEFAULT_URI="qemu:///embed?root=$SANDBOX/root"
    given_domain web --running --devices "<serial type='pty'/><serial type='pty'/><console type='pty'/>
        <channel type='pty'><target type='virtio' name='org.example'/></channel>
        <video><model type='virtio' heads='2'/></video><video><model type='virtio'/></video>"
    run_hvsh -q complete -- console web --devname ''
    assert_output $'serial0\nserial1\nchannel0'
    run_hvsh -q complete -- console web --devname=ser
    assert_output $'--devname=serial0\n--devname=serial1'
    run_hvsh -q complete -- screenshot web --screen ''
    assert_output $'0\n1\n2'
}

@test "completion: the CPUs and machine types of the host" {
    given_machine laptop
    run_hvsh -q complete -- nodecpustats --cpu ''
    assert_output "$(hv -q --output json nodecpumap | jq -r .map | tr , '\n' |
        while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done)"
    run_hvsh -q complete -- domcapabilities --arch x86_64 --machine pc-q35-7.
    assert_output_has pc-q35-7.2
    [[ -z $(sort <<<"$output" | uniq -d) ]] || fail_with "one twice"
}

@test "completion: commands, options, names, values" {
    run_hvsh -q complete -- domst
    assert_output domstate
    run_hvsh -q complete -- domstate --re
    assert_output --reason
    run_hvsh -q complete -- domstate te
    assert_output test
    run_hvsh -q complete -- domstate --domain te
    assert_output test
    run_hvsh -q complete -- domstate --domain=te
    assert_output --domain=test
    run_hvsh -q complete -- domname ''
    assert_output 6695eb01-f6a4-8304-79aa-97f2502e193f
    run_hvsh -q complete -- -c test:///default -r domstate ''
    assert_output test
    run_hvsh -q complete -- --output js
    assert_output $'json\njson-lines'
    run_hvsh -q complete -- --output=js
    assert_output $'--output=json\n--output=json-lines'
    run_hvsh -q complete -- --keep-
    assert_output --keep-going
    run_hvsh -q complete -- nosuch x
    assert_status 1
    assert_output ""
}
