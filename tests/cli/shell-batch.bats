# Scripts and standard input.
load ../helpers

setup() {
    hvsh_sandbox
    export HVSH_DEFAULT_URI=test:///default
}

teardown() { hvsh_sandbox_end; }

# script LINE...: the file ./script
script() {
    printf '%s\n' "$@" >script
}

@test "a script stops at the first failure and says where" {
    script 'echo one' '' '# comment' 'domstate nosuch; echo two' 'echo three'
    run_hvsh -q -f script
    assert_status 1
    assert_output one
    [[ $stderr == "script:4: error: failed to get domain 'nosuch'" ]]
}

@test "a leading dash and --keep-going" {
    script '-domstate nosuch' 'echo one'
    run_hvsh -q -f script
    assert_success
    assert_output one
    script 'domstate nosuch' 'echo one'
    run_hvsh -q --keep-going -f script
    assert_status 1
    assert_output one
    script 'await test --condition domain-inactive --timeout 1' 'domstate nosuch' 'echo one'
    run_hvsh -q -c test:///default --keep-going -f script
    assert_status 2
    [[ $output == *one ]]
    script '-domstate nosuch' '!false' 'echo one'
    run_hvsh -q --keep-going -f script
    assert_status 1
    run_hvsh -q --compat --keep-going -f script
    assert_success
}

@test "a script that does not parse does not start, and every bad line is named" {
    script 'echo one' 'nosuch' 'echo "x' 'domstate'
    run_hvsh -f script
    assert_fails_with "script:2: error: unknown command: 'nosuch'
script:3: error: missing \"
script:4: error: command 'domstate' requires <domain> option"
}

@test "a script as a program, with lines that go on" {
    printf '#!%s -qf\necho a \\\n  b\ndomstate \\\ntest\n' "$HVSH" >program
    chmod +x program
    run --separate-stderr ./program
    assert_success
    assert_output $'a brunning' || assert_output $'a b\nrunning'
}

@test "deadlines have status 2 also in scripts" {
    script 'await test --condition state=shutoff --timeout 1' 'echo after'
    run_hvsh -q -f script
    assert_status 2
    refute_output_has after
}

@test "pipes, files and the system's shell" {
    script 'echo "b c" > out' 'echo d >> out' '!cat out' 'list --name | tr a-z A-Z' '!test -e nosuch' 'echo after'
    run_hvsh -f script
    assert_status 1
    [[ $(<out) == $'b c\nd' ]]
    assert_output_has $'b c\nd'
    assert_output_has TEST
    refute_output_has after
    assert_stderr_has "script:5: error: 'test -e nosuch' ended with status 1"
    script 'echo a > /nonexistent/file' 'echo after'
    run_hvsh -f script
    assert_fails_with "script:1: error: cannot write to '/nonexistent/file': No such file or directory"
}

@test "on the command line a bar is a word" {
    run_hvsh 'echo a | b > c'
    assert_output 'a | b > c'
}

@test "files that are no scripts" {
    run_hvsh -f nosuch
    assert_fails_with "error: cannot open the script 'nosuch': No such file or directory"
    head -c 100 /dev/zero >zeros
    run_hvsh -f zeros
    assert_fails_with "zeros is no script: line 1 holds a NUL byte"
    head -c 3000000 /dev/zero | tr '\0' a >long
    run_hvsh -f long
    assert_fails_with "error: long is no script: line 1 is longer than 1048576 bytes"
    run_hvsh -f .
    assert_fails_with "cannot read '.': Is a directory"
}

# run_bounded SHELL-TEXT: with 10 s and, where no sanitizer needs its terabytes, 200 MB of memory.
run_bounded() {
    local limit='ulimit -v 200000;'
    if grep -q __asan_init "$HVSH"; then
        limit=
    fi
    run --separate-stderr timeout --foreground -k 2 10 bash -c "$limit $1"
    check_deadline "$1"
}

# shellcheck disable=SC2016 # for run_bounded
@test "scripts and standard input without end, or without line ends, are given up after the limit" {
    run_bounded '"$HVSH" -f /dev/zero'
    assert_fails_with "error: /dev/zero is no script: line 1 holds a NUL byte"
    (printf 'echo a\n\n' && head -c 20000000 /dev/zero | tr '\0' a) >long
    run_bounded '"$HVSH" -f long'
    assert_fails_with "error: long is no script: line 3 is longer than 1048576 bytes"
    run_bounded 'yes "a\\" | "$HVSH" -f /dev/stdin'
    assert_fails_with "/dev/stdin is no script: line 349526 is longer than 1048576 bytes"
    run_bounded 'yes "" | "$HVSH" -f /dev/stdin'
    assert_fails_with "error: /dev/stdin is no script: more than 1000000 lines"
    run_bounded 'yes "# $(head -c 100000 /dev/zero | tr "\0" a)" | "$HVSH" -f /dev/stdin'
    assert_fails_with "error: /dev/stdin is no script: more than 16777216 bytes"

    run_bounded '"$HVSH" -q - <long'
    assert_status 1
    assert_output a
    [[ $stderr == "error: stdin is no script: line 3 is longer than 1048576 bytes" ]] || fail_with "on stderr"
    run_bounded '"$HVSH" -q <long'
    assert_status 1
    assert_stderr_has "error: stdin is no script: line 3 is longer than 1048576 bytes"
    run_bounded '"$HVSH" -q --compat <long'
    assert_status 1
    assert_stderr_has "error: stdin is no script: line 3 is longer than 1048576 bytes"
}

# shellcheck disable=SC2016
@test "NUL bytes in standard input: an error that names the line; virsh passes over them" {
    printf 'echo a\nec\0ho b\necho c\n' >nul
    run_bounded '"$HVSH" -q - <nul'
    assert_status 1
    assert_output a
    [[ $stderr == "error: stdin is no script: line 2 holds a NUL byte" ]] || fail_with "on stderr"
    run_bounded '"$HVSH" -q <nul'
    assert_status 1
    assert_output $'hvsh # echo a\nahvsh # '
    [[ $stderr == "error: stdin is no script: line 2 holds a NUL byte" ]] || fail_with "on stderr"
    run_bounded '"$HVSH" -q --compat <nul'
    assert_success
    assert_output $'virsh # echo a\navirsh # echo b\nbvirsh # echo c\ncvirsh # '
}

@test "standard input: virsh's form, stops at the first failure" {
    run_hvsh_stdin $'echo a\ndomstate nosuch\necho b'
    assert_status 1
    assert_output "Welcome to hvsh, the virtualization interactive terminal.

Type:  'help' for help with commands
       'quit' to quit

hvsh # echo a
a
hvsh # domstate nosuch"
    [[ $stderr == "stdin:2: error: failed to get domain 'nosuch'" ]]
}

@test "standard input as virsh: everything runs, status 0" {
    run_hvsh_stdin $'domstate nosuch\nnosuch\necho b' -q --compat
    assert_success
    assert_output $'virsh # domstate nosuch\nvirsh # nosuch\nvirsh # echo b\nbvirsh # '
    [[ $stderr == "error: failed to get domain 'nosuch'
error: unknown command: 'nosuch'" ]]
}

@test "a dash reads a script from standard input, line by line" {
    run_hvsh_stdin $'echo a\ndomstate nosuch\necho b' -q -
    assert_status 1
    assert_output a
    [[ $stderr == "stdin:2: error: failed to get domain 'nosuch'" ]]
}

@test "a script with the line ends of DOS" {
    printf '#!%s -qf\r\necho a \\\r\n  b\r\n\r\n# comment\r\n!echo c\r\n' "$HVSH" >script
    run_hvsh -q -f script
    assert_success
    assert_output 'a bc'
    run_hvsh_stdin $'echo a\r\necho b\r\n' -q -
    assert_output 'ab'
}

@test "quit ends a script with 0" {
    script 'echo a' 'quit' 'nosuchdomain-is-not-reached' 'echo b'
    run_hvsh -q --keep-going -f script
    assert_success
    assert_output a
}
