# Loaded by every tests/cli/*.bats: a private root folder per test, hvsh with a deadline, assertions, waiting on
# conditions, and a check that nothing outlives the test.
#
# HVSH_BUILD (default: build/ of the source tree) is the build or installation that is tested; HVSH_GUEST (default:
# its guest/) the folder scripts/make-guest filled; HVSH_FAKE_QEMU_PROGRAM (default: its tests/fake-qemu) what
# tests/fake-qemu.c became.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
HVSH_BUILD=${HVSH_BUILD:-$TOP/build}
HVSH_GUEST=${HVSH_GUEST:-$HVSH_BUILD/guest}
HVSH_FAKE_QEMU_PROGRAM=${HVSH_FAKE_QEMU_PROGRAM:-$HVSH_BUILD/tests/fake-qemu}
REAL_QEMU=${REAL_QEMU:-/usr/bin/qemu-system-x86_64}

find_hvsh() {
    local candidate
    for candidate in "$HVSH_BUILD/bin/hvsh" "$HVSH_BUILD/hvsh" "$HVSH_BUILD/src/hvsh"; do
        if [[ -x $candidate ]]; then
            printf '%s' "$candidate"
            return
        fi
    done
    printf 'no hvsh in %s: build first, or set HVSH_BUILD\n' "$HVSH_BUILD" >&2
    return 1
}

# hvsh_sandbox: to be called in setup. SANDBOX is a short path (a socket's path has 107 bytes), the working directory
# is $SANDBOX/work, the default connection lives in $SANDBOX/root.
hvsh_sandbox() {
    local name
    HVSH=$(find_hvsh)
    for name in $(compgen -e | grep -E '^(HVSH_|VIRSH_|LIBVIRT_|XDG_|VISUAL$|EDITOR$|LANGUAGE$|LC_|LANG$|HV_)'); do
        case $name in
        HVSH_BUILD | HVSH_GUEST | HVSH_FAKE_QEMU_PROGRAM | HVSH) ;;
        *) unset "$name" ;;
        esac
    done
    SANDBOX=$(mktemp -d /tmp/hvt.XXXXXX)
    mkdir -p "$SANDBOX"/{work,home,root,asan,xdg}
    chmod 700 "$SANDBOX/xdg"
    export HVSH SANDBOX LC_ALL=C.UTF-8
    export HOME=$SANDBOX/home XDG_RUNTIME_DIR=$SANDBOX/xdg
    export HVSH_DEFAULT_URI="qemu:///embed?root=$SANDBOX/root"
    # Reports go to files, so that those of processes in the background are seen too.
    export ASAN_OPTIONS="log_path=$SANDBOX/asan/asan:detect_leaks=1:exitcode=99:abort_on_error=0"
    export UBSAN_OPTIONS="log_path=$SANDBOX/asan/ubsan:print_stacktrace=1:halt_on_error=1"
    export LSAN_OPTIONS="log_path=$SANDBOX/asan/lsan"
    PATH=$(dirname "$HVSH"):$PATH
    EMULATOR=$REAL_QEMU
    cd "$SANDBOX/work" || return 1
}

# use_fake_qemu [DIRECTIVE...]: domains made from here on by domain_xml run the scripted fake QEMU (tests/fake-qemu.c says what
# the directives are). fake_qemu_plays changes its part for the next start.
use_fake_qemu() {
    if [[ ! -x $HVSH_FAKE_QEMU_PROGRAM ]]; then
        printf 'no fake QEMU at %s: make tests/fake-qemu\n' "$HVSH_FAKE_QEMU_PROGRAM" >&2
        return 1
    fi
    fake_qemu_plays "$@"
    EMULATOR=$SANDBOX/qemu-fake
    printf '#!/bin/sh\nHVSH_FAKE_QEMU=@%s exec %s "$@"\n' "$SANDBOX/part" "$HVSH_FAKE_QEMU_PROGRAM" >"$EMULATOR"
    chmod 755 "$EMULATOR"
}

fake_qemu_plays() {
    printf '%s\n' "$@" >"$SANDBOX/part"
}

# processes_of FOLDER: ids of the processes that have it in their command line, environment or open files.
processes_of() {
    local folder=$1 pid
    for pid in /proc/[0-9]*; do
        pid=${pid#/proc/}
        if [[ $pid == "$$" || $pid == "$BASHPID" || $pid == "$PPID" ]]; then
            continue
        fi
        if grep -qsF -- "$folder" "/proc/$pid/cmdline" "/proc/$pid/environ" ||
            [[ $(readlink -s "/proc/$pid/cwd" || true) == "$folder"* ]]; then
            # bats' own processes of this test carry the environment too.
            if ! is_bats_process "$pid"; then
                printf '%s\n' "$pid"
            fi
        fi
    done
}

is_bats_process() {
    tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qE '/(bats|bats-[a-z-]+)( |$)'
}

no_processes_left() {
    [[ -z $(processes_of "$SANDBOX") ]]
}

# hvsh_sandbox_end: to be called in teardown. Destroys the domains that run, by hvsh; then nothing may be left: no
# process, no mount, no runtime folder, no temporary file, no sanitizer report. What is left is removed, and the test fails.
# shellcheck disable=SC2120
hvsh_sandbox_end() {
    local problems=() name pid mount file
    [[ -n ${SANDBOX:-} && -d $SANDBOX ]] || return 0
    cd /
    term_close
    if [[ -d $SANDBOX/root/run ]]; then
        while IFS= read -r name; do
            [[ -n $name ]] || continue
            timeout -k 5 30 "$HVSH" -c "qemu:///embed?root=$SANDBOX/root" destroy -- "$name" >/dev/null 2>&1 ||
                problems+=("domain '$name' could not be destroyed")
        done < <(timeout -k 5 30 "$HVSH" -c "qemu:///embed?root=$SANDBOX/root" list --name 2>/dev/null)
    fi
    if ! wait_until no_processes_left 8; then
        for pid in $(processes_of "$SANDBOX"); do
            problems+=("process $pid is left: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-300)")
            kill -KILL "$pid" 2>/dev/null || true
        done
    fi
    while read -r mount; do
        problems+=("mount $mount is left")
        umount -l "$mount" || true
    done < <(awk -v prefix="$SANDBOX/" 'index($5, prefix) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
    if [[ -z ${SANDBOX_ALLOW_FILES:-} ]]; then
        while IFS= read -r file; do
            problems+=("file $file is left")
        done < <(
            find "$SANDBOX/root" -regextype posix-extended \
                \( -path "*/run/qemu/*" -a \( -type s -o -name status -o -name live.xml -o -name launch.json \) \
                -o -regex '.*(\.tmp|\.new|\.part|\.[A-Za-z0-9]{6}~?|~)$' -a -path '*/etc/*' \
                -o -xtype l \) 2>/dev/null | head -n 10
        )
    fi
    for file in "$SANDBOX"/asan/*; do
        [[ -e $file ]] || continue
        problems+=("sanitizer report: $(head -n 40 "$file")")
    done
    if [[ -z ${HVSH_KEEP_SANDBOX:-} ]]; then
        rm -rf "$SANDBOX"
    fi
    if ((${#problems[@]})); then
        printf 'left behind: %s\n' "${problems[@]}" >&2
        return 1
    fi
}

# wait_until CONDITION [ARGUMENT...] SECONDS: polls until the command succeeds; fails at the deadline.
wait_until() {
    local seconds=${*: -1} end
    local condition=("${@:1:$#-1}")
    end=$((${EPOCHREALTIME/./} + seconds * 1000000))
    until "${condition[@]}"; do
        if ((${EPOCHREALTIME/./} >= end)); then
            printf 'not within %s s: %s\n' "$seconds" "${condition[*]}" >&2
            return 1
        fi
        sleep 0.05
    done
}

# run_hvsh ARGUMENT...: $output, $stderr, $status; never longer than HVSH_DEADLINE seconds (default 60).
run_hvsh() {
    run --separate-stderr timeout --foreground -k 5 "${HVSH_DEADLINE:-60}" "$HVSH" "$@" </dev/null
    check_deadline "$@"
}

# run_hvsh_stdin TEXT ARGUMENT...: the same with TEXT on standard input.
run_hvsh_stdin() {
    local text=$1
    shift
    run --separate-stderr timeout --foreground -k 5 "${HVSH_DEADLINE:-60}" "$HVSH" "$@" <<<"$text"
    check_deadline "$@"
}

# shellcheck disable=SC2154 # status, output and stderr are set by bats' run
check_deadline() {
    if ((status == 124 || status == 137)); then
        fail_with "hvsh $* hung: no end after ${HVSH_DEADLINE:-60} s"
    fi
    if ((status > 128)); then
        fail_with "hvsh $* was ended by signal $((status - 128))"
    fi
}

# shellcheck disable=SC2154
fail_with() {
    printf '%s\n' "$1" >&2
    printf -- '-- status %s\n-- stdout:\n%s\n-- stderr:\n%s\n' "${status:-}" "${output:-}" "${stderr:-}" >&2
    return 1
}

assert_success() {
    [[ $status -eq 0 ]] || fail_with "expected success"
}

# assert_status N
assert_status() {
    [[ $status -eq $1 ]] || fail_with "expected status $1"
}

# assert_fails_with TEXT [STATUS]: fails, says TEXT on stderr, and nothing on stdout.
assert_fails_with() {
    [[ $status -eq ${2:-1} ]] || fail_with "expected status ${2:-1}" || return 1
    [[ $stderr == *"$1"* ]] || fail_with "expected on stderr: $1" || return 1
    [[ -z $output ]] || fail_with "expected nothing on stdout"
}

assert_output() {
    [[ $output == "$1" ]] || fail_with "expected on stdout exactly: $1"
}

assert_output_has() {
    [[ $output == *"$1"* ]] || fail_with "expected on stdout: $1"
}

refute_output_has() {
    [[ $output != *"$1"* ]] || fail_with "not expected on stdout: $1"
}

assert_stderr_has() {
    [[ $stderr == *"$1"* ]] || fail_with "expected on stderr: $1"
}

# assert_output_matches REGEX (bash's extended ones)
assert_output_matches() {
    [[ $output =~ $1 ]] || fail_with "expected on stdout a match of: $1"
}

# hv ARGUMENT...: hvsh where the test wants only success; prints its stdout.
hv() {
    timeout --foreground -k 5 "${HVSH_DEADLINE:-60}" "$HVSH" "$@" </dev/null || {
        printf 'hvsh %s: status %s\n' "$*" "$?" >&2
        return 1
    }
}

domain_state_is() {
    [[ $(hv domstate "$1") == "$2" ]]
}

# domain_xml NAME [--machine M] [--memory MIB] [--guest] [--append WORDS] [--devices XML] [--uuid U] [--serial FILE]:
# a small domain under TCG. --guest boots the demo guest, whose first serial port is a pty or FILE.
domain_xml() {
    local name=$1 machine=q35 memory=32 guest='' devices='' uuid='' serial='' words=''
    shift
    while (($#)); do
        case $1 in
        --machine) machine=$2 && shift ;;
        --memory) memory=$2 && shift ;;
        --guest) guest=1 ;;
        --append) words=" $2" && shift ;;
        --devices) devices=$2 && shift ;;
        --uuid) uuid="<uuid>$2</uuid>" && shift ;;
        --serial) serial=$2 && shift ;;
        *) printf 'domain_xml: what is %s?\n' "$1" >&2 && return 1 ;;
        esac
        shift
    done
    if [[ -n $guest ]]; then
        ((memory >= 128)) || memory=128
        demo_guest_made
    fi
    printf "<domain type='qemu'>\n  <name>%s</name>\n  %s\n  <memory unit='MiB'>%s</memory>\n  <vcpu>1</vcpu>\n" \
        "$name" "$uuid" "$memory"
    printf "  <os>\n    <type arch='x86_64' machine='%s'>hvm</type>\n" "$machine"
    if [[ -n $guest ]]; then
        printf '    <kernel>%s/vmlinuz</kernel>\n    <initrd>%s/initrd.img</initrd>\n' "$HVSH_GUEST" "$HVSH_GUEST"
        printf '    <cmdline>console=ttyS0 panic=1 quiet%s</cmdline>\n' "$words"
    fi
    printf '  </os>\n  <features>\n    <acpi/>\n  </features>\n  <devices>\n    <emulator>%s</emulator>\n' "$EMULATOR"
    if [[ -n $serial ]]; then
        printf "    <serial type='file'>\n      <source path='%s'/>\n    </serial>\n" "$serial"
    elif [[ -n $guest ]]; then
        printf "    <serial type='pty'/>\n    <console type='pty'/>\n"
    fi
    printf '%s\n  </devices>\n</domain>\n' "$devices"
}

# given_domain NAME [--running] [OPTION of domain_xml...]: defined, and with --running started.
given_domain() {
    local name=$1 running='' words=()
    shift
    while (($#)); do
        case $1 in
        --running) running=1 ;;
        --shutoff) ;;
        *) words+=("$1") ;;
        esac
        shift
    done
    domain_xml "$name" "${words[@]}" >"$SANDBOX/work/.given.xml"
    hv define "$SANDBOX/work/.given.xml" >/dev/null
    if [[ -n $running ]]; then
        hv start "$name" >/dev/null
    fi
}

# given_machine NAME: makes the /proc and /sys of tests/host-trees/NAME.tree in $MACHINE, and has the default connection look
# there.
given_machine() {
    MACHINE=$SANDBOX/machine
    rm -rf "$MACHINE"
    "$TOP/tests/host-trees/make-tree" "$TOP/tests/host-trees/$1.tree" "$MACHINE"
    export HVSH_DEFAULT_URI="qemu:///embed?root=$SANDBOX/root&host=$MACHINE"
}

demo_guest_made() {
    if [[ ! -s $HVSH_GUEST/vmlinuz || ! -s $HVSH_GUEST/initrd.img ]]; then
        printf 'the demo guest is missing: run scripts/make-guest %s\n' "$HVSH_GUEST" >&2
        return 1
    fi
}

# file_has FILE TEXT: for wait_until.
file_has() {
    grep -qsF -- "$2" "$1"
}

# needs_root: in a test that can only run as root.
needs_root() {
    if ((EUID != 0)); then
        skip "needs root"
    fi
}

# as_user COMMAND...: as nobody, when the test runs as root.
as_user() {
    if ((EUID == 0)); then
        setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs -- "$@"
    else
        "$@"
    fi
}

# background NAME ARGUMENT...: hvsh in the background; background_end NAME waits for it: $status, $output, $stderr.
background() {
    local name=$1
    shift
    timeout --foreground -k 5 60 "$HVSH" "$@" >"$name.out" 2>"$name.err" </dev/null &
    printf '%s' $! >"$name.pid"
}

# shellcheck disable=SC2034
background_end() {
    status=0
    wait "$(<"$1.pid")" || status=$?
    output=$(<"$1.out")
    stderr=$(<"$1.err")
}

# A subscriber is there once it watches: it holds an inotify descriptor or a connection to the supervisor.
subscribed() {
    local pid
    pid=$(pgrep -P "$(<"$1.pid")" -x "$(basename "$(readlink -f "$HVSH")")" | head -n 1)
    [[ -n $pid && -n $(find "/proc/$pid/fd" \( -lname '*inotify*' -o -lname 'socket:*' \) 2>/dev/null) ]]
}

# A real terminal, by tmux. term_start COMMAND...: runs it there, 100 columns wide.
term_start() {
    TERM_SERVER=hvt-${SANDBOX##*.}
    rm -f "$SANDBOX/term.status"
    # tmux 3.3a now and then never learns how a program ended, so a shell between them writes it down.
    # shellcheck disable=SC2016
    tmux -L "$TERM_SERVER" -f /dev/null new-session -d -x 100 -y 40 -- \
        sh -c 'trap : INT; file=$1; shift; "$@"; echo $? >"$file.new"; mv "$file.new" "$file"' sh "$SANDBOX/term.status" "$@"
    tmux -L "$TERM_SERVER" set-option -g remain-on-exit on
}

# term_send KEY...: as tmux names them (Enter, C-c, Tab); other words are typed as they are.
term_send() {
    tmux -L "$TERM_SERVER" send-keys -t 0 -- "$@"
}

term_type() {
    tmux -L "$TERM_SERVER" send-keys -t 0 -l -- "$1"
}

term_text() {
    tmux -L "$TERM_SERVER" capture-pane -p -J -S - -t 0
}

term_shows() {
    term_text | grep -qE -- "$1"
}

# term_wait REGEX [SECONDS]: until a line on the terminal matches.
term_wait() {
    wait_until term_shows "$1" "${2:-20}" || {
        term_text >&2
        return 1
    }
}

term_ended() {
    [[ -s $SANDBOX/term.status ]]
}

# term_wait_end [SECONDS]: until the program has ended; its status is then in $term_status.
# shellcheck disable=SC2034 # for the tests
term_wait_end() {
    wait_until term_ended "${1:-20}" || return 1
    term_status=$(<"$SANDBOX/term.status")
}

term_close() {
    if [[ -n ${TERM_SERVER:-} ]]; then
        tmux -L "$TERM_SERVER" kill-server 2>/dev/null || true
        TERM_SERVER=
    fi
}
