# The prompt on a real terminal.
load ../helpers

setup() {
    hvsh_sandbox
    export XDG_STATE_HOME=$SANDBOX/state
    export HVSH_DEFAULT_URI=test:///default
    term_start bash -c '"$HVSH"; echo "ended with $?"'
    term_wait '^hvsh # *$'
}

teardown() { hvsh_sandbox_end; }

# Pressed again until it has an effect: the command may not have begun.
interrupted() {
    term_send C-c
    term_shows '^error: '
}

@test "TAB where a file is due completes files, not options" {
    hv dumpxml test >only-file.xml
    term_type 'define '
    term_send Tab Tab
    term_wait 'hvsh # define .*only-file.xml|^only-file.xml'
    run ! term_shows 'define --'
}

@test "commands, completion and history" {
    term_type 'domst'
    term_send Tab
    term_type 'te'
    term_send Tab Enter
    term_wait '^running'
    term_type 'domstate test --re'
    term_send Tab Enter
    term_wait '^running \('
    term_type 'quit'
    term_send Enter
    term_wait '^ended with 0'
    grep -q '^domstate test' "$SANDBOX/state/hvsh/history"
    [[ $(stat -c %a "$SANDBOX/state/hvsh/history") == 600 ]]
}

@test "Ctrl-C clears the line and stops a command, and the shell lives" {
    term_type 'garbage'
    term_wait 'hvsh # garbage'
    term_send C-c
    term_wait '\^C'
    term_type 'await test --condition state=shutoff'
    term_send Enter
    wait_until interrupted 20
    term_type 'echo still'
    term_send Enter
    term_wait '^still'
    term_send C-d
    term_wait '^ended with 0'
}

@test "Ctrl-C in a search of the history leaves nothing of it" {
    term_type 'echo first words'
    term_send Enter
    term_wait '^first words'
    term_send C-r
    term_type 'first'
    term_wait 'i-search.*echo first words'
    term_send C-c
    term_wait '^hvsh # *$'
    term_type 'echo second'
    term_wait '^hvsh # echo second$'
}

@test "pipes, files and the system's shell" {
    term_type "list --all | sed 's/^/:/'"
    term_send Enter
    term_wait '^: Id   Name   State'
    term_type "echo stored > $SANDBOX/work/out"
    term_send Enter
    term_type "!cat $SANDBOX/work/out"
    term_send Enter
    term_wait '^stored'
}

@test "hints are shown to people" {
    term_type 'lits'
    term_send Enter
    term_wait "^error: unknown command: 'lits'"
    term_wait "^hint: did you mean 'list'\?"
}

@test "read-only prompt" {
    term_type 'connect test:///default --readonly'
    term_send Enter
    term_wait '^hvsh > *$'
}
