# hvsh is killed at each write to disk of a command, in turn: what is found afterwards is the old or the new state, the
# other commands work, and the command can simply be given again.

load ../helpers

setup() {
    hvsh_sandbox
    use_fake_qemu
}
teardown() { hvsh_sandbox_end; }

# Everything that changes a file or a folder. openat is left out: what it creates is empty until written.
WRITES=(write pwrite64 writev rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir
    fsync fdatasync ftruncate fchmod sendmsg)

# writes_of COMMAND...: lines "SYSCALL COUNT" of one undisturbed run.
writes_of() {
    local trace=$SANDBOX/work/trace IFS=,
    strace -qq -o "$trace" -e "trace=${WRITES[*]}" "$HVSH" "$@" >/dev/null 2>&1 </dev/null
    sed -nE 's/^([a-z0-9]+)\(.*/\1/p' "$trace" | sort | uniq -c | awk '{ print $2, $1 }'
}

# killed_at SYSCALL N COMMAND...: the command, killed as it begins its Nth SYSCALL; $killed says whether it was.
killed_at() {
    local call=$1 n=$2 status=0
    shift 2
    # LeakSanitizer does not work under ptrace.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 timeout -k 5 60 strace -qq -o /dev/null -e "trace=$call" \
        -e "inject=$call:signal=KILL:when=$n" "$HVSH" "$@" >/dev/null 2>&1 </dev/null || status=$?
    killed=$((status == 137))
    if ((status == 124)); then
        printf 'hung when killed at %s %s\n' "$call" "$n" >&2
        return 1
    fi
}

# each_kill PREPARE VERIFY COMMAND...
each_kill() {
    local prepare=$1 verify=$2 call count n kills=0
    shift 2
    "$prepare"
    local counts
    counts=$(ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 writes_of "$@")
    [[ -n $counts ]] || fail_with "no write was seen in: $*"
    while read -r call count; do
        for ((n = 1; n <= count; n++)); do
            "$prepare"
            killed_at "$call" "$n" "$@"
            if ! "$verify"; then
                fail_with "after a kill at $call $n of: $*"
                return 1
            fi
            ((kills += killed)) || true
        done
    done <<<"$counts"
    printf '# %s: %s kills\n' "$*" "$kills" >&3
    ((kills >= 3))
}

gone() {
    local name=$1
    "$HVSH" destroy "$name" >/dev/null 2>&1 || true
    "$HVSH" undefine "$name" >/dev/null 2>&1 || true
    [[ -z $(hv list --all --name | tr -d '\n') ]]
}

# The domain is not there, or it is there as a whole; the list works either way, and defining it works now.
old_or_new_definition() {
    local names
    names=$(hv list --all --name | sed '/^$/d') || return 1
    case $names in
    '') ;;
    web)
        hv dumpxml web | xmllint --noout - || return 1
        [[ $(hv domuuid web) == 5d8f6e1c-0000-4000-8000-000000000001* ]] || return 1
        [[ $(hv domname 5d8f6e1c-0000-4000-8000-000000000001) == web* ]] || return 1
        ;;
    *) return 1 ;;
    esac
    hv define web.xml >/dev/null && hv domname 5d8f6e1c-0000-4000-8000-000000000001 >/dev/null
}

@test "define, killed at every write" {
    domain_xml web --uuid 5d8f6e1c-0000-4000-8000-000000000001 >web.xml
    nothing_defined() { gone web; }
    each_kill nothing_defined old_or_new_definition define web.xml
}

@test "define of a domain that exists, killed at every write" {
    domain_xml web --uuid 5d8f6e1c-0000-4000-8000-000000000001 --memory 32 >web.xml
    domain_xml web --uuid 5d8f6e1c-0000-4000-8000-000000000001 --memory 64 >new.xml
    old_defined() { hv define web.xml >/dev/null; }
    old_or_new_memory() {
        local memory
        memory=$(hv dumpxml web --xpath '/domain/memory/text()')
        [[ $memory == 32768 || $memory == 65536 ]] && hv define new.xml >/dev/null
    }
    each_kill old_defined old_or_new_memory define new.xml
}

@test "undefine, killed at every write" {
    domain_xml web --uuid 5d8f6e1c-0000-4000-8000-000000000001 >web.xml
    defined() { hv define web.xml >/dev/null && hv autostart web >/dev/null; }
    each_kill defined old_or_new_definition undefine web
}

# One domain under one of the names, with its mark; nothing of it comes back when it is undefined.
old_or_new_name() {
    local name
    name=$(hv list --all --name | sed '/^$/d') || return 1
    [[ $name == web || $name == mail ]] || return 1
    [[ $(hv domname 5d8f6e1c-0000-4000-8000-000000000001) == "$name"* ]] || return 1
    hv dominfo "$name" | grep -q '^Autostart: *enable' || return 1
    hv undefine "$name" >/dev/null && [[ -z $(hv list --all --name | tr -d '\n') ]]
}

@test "domrename, killed at every write" {
    domain_xml web --uuid 5d8f6e1c-0000-4000-8000-000000000001 >web.xml
    old_name() {
        "$HVSH" undefine mail >/dev/null 2>&1 || true
        hv define web.xml >/dev/null && hv autostart web >/dev/null
    }
    each_kill old_name old_or_new_name domrename web mail
    # Of unfinished files the next define removes those that are older than a minute.
    touch -h -d '2 minutes ago' "$SANDBOX"/root/etc/qemu/uuid/.tmp-*
    hv define web.xml >/dev/null
    hv undefine web >/dev/null
    [[ -z $(find "$SANDBOX"/root/etc/qemu/{uuid,removing,autostart} ! -type d ! -name '.tmp-*') ]]
    [[ -z $(find "$SANDBOX/root/etc/qemu/uuid" ! -type d) ]]
}

# A domain with UEFI variables in a file and the state of a TPM in a folder, as a guest has left them.
# shellcheck disable=SC2034 # EMULATOR is for domain_xml
given_keepsakes() {
    EMULATOR=$REAL_QEMU
    UUID=5d8f6e1c-0000-4000-8000-000000000001
    NVRAM=$SANDBOX/root/lib/qemu/nvram/web_VARS.fd
    TPM=$SANDBOX/root/lib/swtpm/$UUID
    domain_xml web --uuid $UUID --devices "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>" |
        sed "s|</type>|&<loader readonly='yes' type='pflash'>/code.fd</loader><nvram>$NVRAM</nvram>|" >web.xml
}

defined_with_keepsakes() {
    mkdir -p "${NVRAM%/*}" "$TPM/tpm2"
    printf 'variables' >"$NVRAM" && printf 'keys' >"$TPM/tpm2/tpm2-00.permall" && hv define web.xml >/dev/null
}

has_keepsakes() {
    [[ $(<"$NVRAM") == variables && $(<"$TPM/tpm2/tpm2-00.permall") == keys ]]
}

# All that it had is there as long as it is defined; another domain of its name and uuid inherits nothing.
old_with_keepsakes_or_new() {
    if hv list --all --name | grep -qx web; then
        has_keepsakes && hv define web.xml >/dev/null && has_keepsakes &&
            hv undefine web --nvram --tpm >/dev/null && hv define web.xml >/dev/null || return 1
    fi
    hv define web.xml >/dev/null && [[ ! -e $NVRAM && ! -e $TPM && ! -e $SANDBOX/root/etc/qemu/removing/web ]]
}

@test "undefine of a domain with NVRAM and a TPM, killed at every write" {
    given_keepsakes
    each_kill defined_with_keepsakes old_with_keepsakes_or_new undefine web --nvram
}

@test "what an undefine was killed over goes before another name gets the uuid, and stays where the domain has" {
    given_keepsakes
    defined_with_keepsakes
    # The record of what is to go is there, the definition too: nothing was undefined.
    killed_at unlinkat 1 undefine web --nvram
    ((killed))
    [[ -e $SANDBOX/root/etc/qemu/removing/web && -e $SANDBOX/root/etc/qemu/web.xml ]]
    hv domrename web mail >/dev/null
    has_keepsakes
    hv undefine mail --keep-nvram --keep-tpm >/dev/null
    has_keepsakes
    [[ ! -e $SANDBOX/root/etc/qemu/removing ]]

    defined_with_keepsakes
    # The definition is gone: after the link by uuid and the definition itself.
    killed_at unlinkat 3 undefine web --nvram
    ((killed))
    [[ ! -e $SANDBOX/root/etc/qemu/web.xml && -e $SANDBOX/root/etc/qemu/removing/web ]]
    sed 's|<name>web</name>|<name>other</name>|' web.xml >other.xml
    hv define other.xml >/dev/null
    [[ ! -e $NVRAM && ! -e $TPM && ! -e $SANDBOX/root/etc/qemu/removing ]]
}

@test "a definition that cannot be removed keeps its NVRAM and TPM; what cannot be removed is inherited by nobody" {
    given_keepsakes
    defined_with_keepsakes
    # Its removal fails once the link by uuid is gone.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -o /dev/null -e trace=unlinkat \
        -e inject=unlinkat:error=EIO:when=2 "$HVSH" undefine web --nvram </dev/null >out 2>err && false
    grep -q 'Input/output error' err
    hv domstate web >/dev/null
    has_keepsakes

    # The file cannot be removed although the definition could.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -o /dev/null -e trace=unlink \
        -e inject=unlink:error=EPERM "$HVSH" undefine web --nvram </dev/null >out 2>err && false
    grep -qF "domain 'web' is no longer defined, but not all that it kept could be removed: cannot remove '$NVRAM': Operation not permitted" err
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -o /dev/null -e trace=unlink \
        -e inject=unlink:error=EPERM "$HVSH" define web.xml </dev/null >out 2>err && false
    grep -qF "what a former domain of that name or uuid kept is still there: cannot remove '$NVRAM': Operation not permitted" err
    [[ -z $(hv list --all --name | tr -d '\n') ]]
    hv define web.xml >/dev/null
    [[ ! -e $NVRAM && ! -e $TPM ]]
}

# Running or shut off, and both ways out work.
running_or_shut_off() {
    local state
    state=$(hv domstate web) || return 1
    case $state in
    running* | paused*) hv destroy web >/dev/null ;;
    'shut off'*) ;;
    *) return 1 ;;
    esac && domain_state_is web 'shut off' && hv start web >/dev/null && hv destroy web >/dev/null
}

@test "start, killed at every write" {
    domain_xml web >web.xml
    hv define web.xml
    shut_off() { "$HVSH" destroy web >/dev/null 2>&1 || domain_state_is web 'shut off'; }
    each_kill shut_off running_or_shut_off start web
}

@test "destroy, killed at every write" {
    domain_xml web >web.xml
    hv define web.xml
    running() { domain_state_is web running || hv start web >/dev/null; }
    each_kill running running_or_shut_off destroy web
}
