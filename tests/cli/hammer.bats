# Many shells on the same few domains at the same time.

load ../helpers

setup() {
    hvsh_sandbox
    use_fake_qemu
}
teardown() { hvsh_sandbox_end; }

# What a command may answer when others work on the same domain.
EXPECTED='failed to get domain|already active|is not running|already running|already exists|already defined|cannot acquire state change lock|Domain not found|domain is being|cannot undefine transient domain'

# One shell: commands in turn on random domains until the deadline; whatever is not expected goes to a file.
hammer() {
    local me=$1 end=$2 name command status text n=0
    local commands=(define start start suspend resume destroy undefine)
    RANDOM=$me
    while ((EPOCHSECONDS < end)); do
        name=d$((RANDOM % 4))
        command=${commands[RANDOM % ${#commands[@]}]}
        status=0
        if [[ $command == define ]]; then
            text=$(timeout -k 5 50 "$HVSH" define "$name.xml" 2>&1 >/dev/null </dev/null) || status=$?
        else
            text=$(timeout -k 5 50 "$HVSH" "$command" "$name" 2>&1 >/dev/null </dev/null) || status=$?
        fi
        ((++n))
        if ((status > 1)); then
            printf '%s %s: status %s: %s\n' "$command" "$name" "$status" "$text" >>"wrong.$me"
        elif ((status == 1)) && grep -vE "^error: Failed to|$EXPECTED" <<<"$text" | grep -q .; then
            printf '%s %s: %s\n' "$command" "$name" "$text" >>"wrong.$me"
        fi
    done
    printf '%s\n' "$n" >"count.$me"
}

@test "32 shells for a minute on 4 domains" {
    local i end name
    for i in 0 1 2 3; do
        domain_xml "d$i" --uuid "5d8f6e1c-0000-4000-8000-00000000000$i" >"d$i.xml"
    done
    end=$((EPOCHSECONDS + 60))
    for ((i = 1; i <= 32; i++)); do
        hammer "$i" "$end" 3>&- &
    done
    wait
    printf '# %s commands\n' "$(cat count.* | awk "{ n += \$1 } END { print n }")" >&3
    if compgen -G 'wrong.*' >/dev/null; then
        sort wrong.* | uniq -c | sort -rn | head -n 20 >&2
        return 1
    fi
    # Every domain still obeys, and nothing is left of any of them.
    for name in d0 d1 d2 d3; do
        "$HVSH" destroy "$name" >/dev/null 2>&1 || true
        hv define "$name.xml" >/dev/null
        hv start "$name" >/dev/null
        domain_state_is "$name" running
        hv destroy "$name" >/dev/null
        hv undefine "$name" >/dev/null
    done
    [[ -z $(hv list --all --name | tr -d '\n') ]]
}
