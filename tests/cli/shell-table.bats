# The table of commands against what virsh has, the manual page and the completions.
load ../helpers

setup() { hvsh_sandbox; }

teardown() { hvsh_sandbox_end; }

# Both lists as group, command, option, kind, required, positional, repeat.
our_facts() {
    hv -q self-test --facts
}

their_facts() {
    grep -v '^#' "$TOP/tests/data/virsh-commands.tsv" | tail -n +2
}

@test "the table is sound" {
    run_hvsh self-test
    assert_success
}

@test "commands and options are those of virsh" {
    our_facts | sort >ours
    their_facts | awk -F'\t' '$1 != "global"' | sort >theirs
    cut -f2 ours | sort -u >commands
    # Everything that virsh 9.0.0 has, for commands that exist here; one that had no options then may have got some since.
    awk -F'\t' '$8 != "9.0.0" { print $2 }' theirs >grown
    awk -F'\t' 'FILENAME == "commands" { have[$1]; next } FILENAME == "grown" { more[$1]; next }
        ($2 in have) && $8 == "9.0.0" && !($4 == "none" && $2 in more)' commands grown theirs | cut -f1-7 | sort >wanted
    cut -f1-7 ours | sort >here
    run comm -23 wanted here
    [[ -z $output ]] || fail_with "missing or different: $output"
    # Nothing else but what is marked as ours, or what a later virsh has.
    grep -v $'\thvsh$' ours | cut -f1-7 | sort >claimed
    run comm -13 <(cut -f1-7 theirs | sort) claimed
    [[ -z $output ]] || fail_with "not virsh's and not marked: $output"
}

@test "program options are those of virsh" {
    local option
    run_hvsh --help
    while read -r option; do
        [[ $output == *"$option"* ]] || fail_with "no $option in --help"
        grep -qF -- "${option//-/\\-}" "$(find_manual)" || fail_with "no $option in the manual page"
    done < <(their_facts | awk -F'\t' '$1 == "global" && $8 == "9.0.0" { print $3 }')
}

find_manual() {
    local file
    for file in "$HVSH_BUILD/share/man/man1/hvsh.1" "$HVSH_BUILD/man/hvsh.1"; do
        if [[ -s $file ]]; then
            printf '%s' "$file"
            return
        fi
    done
    fail_with "no manual page in $HVSH_BUILD"
}

@test "the manual page has every command and option, and no other" {
    local manual
    manual=$(find_manual)
    our_facts | awk -F'\t' '$1 != "hidden" && $4 !~ /^alias/ { print $2 "\t" ($4 == "none" ? "" : $3) }' | sort >table
    awk '/^\.SS / { command = $2; gsub(/\\-/, "-", command); options = 0; next }
         /^\.SH / { command = "" }
         command && !options { options = 1; print command "\t" }
         command && /^\.B / { gsub(/\\-/, "-"); sub(/^\.B \[?/, ""); sub(/\].*/, ""); sub(/ .*/, "")
             if ($0 ~ /^</) { gsub(/[<>]/, ""); $0 = "--" $0 }
             print command "\t" $0 }' "$manual" | sort -u >page
    awk -F'\t' '{ print $1 "\t"; if ($2) print }' table | sort -u >expected
    run diff expected page
    [[ $status -eq 0 ]] || fail_with "table and page differ: $output"
    run mandoc -T lint "$manual"
    [[ $status -eq 0 && -z $output ]] || fail_with "mandoc: $output"
}

# Stands for the program in an example: its line becomes one of ./examples, with the words as they were meant.
example() {
    local line='' word
    while [[ ${1:-} == -* ]]; do
        case $1 in
        -c | -o | --connect | --output) shift 2 ;;
        -f | - | -v | -V | -h | --help) return ;;
        *) shift ;;
        esac
    done
    if (($# == 1)); then
        line=$1
    else
        for word; do
            line+=" '$word'"
        done
    fi
    printf '%s\n' "$line" >>examples
}

@test "the examples of the manual page and the README can be read as commands" {
    local line
    # The blocks of the hand-written part, then the lines and words of the README; what has a FILE or COMMAND in it stands for many.
    sed -n '/^\.RS$/,/^\.RE$/p' "$(find_manual)" | sed 's/\\-/-/g; s/\\(aq/'"'"'/g' | grep -E '^(hvsh |-)' >shown
    [[ $(wc -l <shown) -ge 2 ]] || fail_with "no examples in the manual page"
    sed -n 's/^ *\$ \(hvsh .*\)/\1/p' "$TOP/README.md" >>shown
    # shellcheck disable=SC2016
    grep -o '`hvsh [^`]*`' "$TOP/README.md" | tr -d '`' | grep -vE '[A-Z]{3}' >>shown
    [[ $(wc -l <shown) -ge 14 ]] || fail_with "no examples in the README"
    while IFS= read -r line; do
        case $line in
        hvsh*) eval "example ${line#hvsh}" >>"$SANDBOX/echoed" ;;
        *) printf '%s\n' "$line" >>examples ;;
        esac
    done <shown
    [[ $(wc -l <examples) -ge 14 ]] || fail_with "no commands in the examples"
    # A script is checked whole: the last line keeps it from running, and no other may be at fault.
    printf 'no-such-command\n' >>examples
    run_hvsh -f examples
    assert_fails_with "examples:$(wc -l <examples): error: unknown command: 'no-such-command'"
    [[ $stderr != *$'\n'* ]] || fail_with "an example is no command"
}

@test "the manual page tells of every variable that is looked at" {
    local variable
    while read -r variable; do
        grep -q "^\.BR* .*$variable\|^$variable" "$(find_manual)" || fail_with "$variable is not in the manual page"
    done < <(grep -rhoE '"(HVSH|VIRSH|LIBVIRT)_[A-Z_]+"' "$TOP/src" --include='*.c' | tr -d '"' | grep -v '^LIBVIRT_[A-Z]*_$' | sort -u)
}

@test "help texts are there for every command" {
    local command
    while read -r command; do
        run_hvsh -q help "$command"
        assert_success
        assert_output_has "  SYNOPSIS"
    done < <(our_facts | cut -f2 | sort -u)
}

@test "bash completion" {
    export HVSH_DEFAULT_URI=test:///default
    [[ $(wc -l <"$TOP/completions/hvsh") -lt 80 ]]
    run bash -c '
        source "$1/completions/hvsh"
        try() {
            COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
            _hvsh
            printf "%s\n" "${COMPREPLY[@]}"
        }
        try "hvsh domst"
        try "hvsh -c test:///default domstate te"
        try "hvsh domstate --domain=te"
        try "hvsh \"domstate\" --rea"
    ' bash "$TOP"
    assert_output $'domstate\ntest\ntest\n--reason' || assert_output $'domstate\ntest\n--domain=test\n--reason'
}

@test "zsh and fish load their completions" {
    zsh -n "$TOP/completions/_hvsh"
    run fish -c "source '$TOP/completions/hvsh.fish'; and complete -C 'hvsh domst'"
    assert_success
    assert_output domstate
}
