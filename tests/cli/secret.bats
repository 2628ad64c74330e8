# Secrets: their documents and values, and the domains that use them.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

UUID=74722d00-0000-4000-8000-0000000005e1
OTHER=74722d00-0000-4000-8000-0000000005e2

# secret_xml UUID KIND ELEMENT ID [ATTRIBUTES]
secret_xml() {
    printf "<secret %s><uuid>%s</uuid><usage type='%s'><%s>%s</%s></usage></secret>\n" "${5-}" "$1" "$2" "$3" "$4" "$3"
}

given_secret() {
    secret_xml "$@" >secret.xml
    run_hvsh -q secret-define secret.xml
    assert_success
}

@test "a secret that is not there, and what is no UUID" {
    run_hvsh -q secret-dumpxml "$UUID"
    assert_fails_with "error: failed to get secret '$UUID'"
    assert_stderr_has "error: Secret not found: no secret with matching uuid '$UUID'"
    run_hvsh -q secret-undefine nothing
    assert_fails_with "error: failed to get secret 'nothing'"
    assert_stderr_has "error: uuidstr in virSecretLookupByUUIDString must be a valid UUID"
}

@test "documents that are refused leave nothing behind" {
    printf '<secret>\n' >open.xml
    run_hvsh -q secret-define open.xml
    assert_fails_with "error: Failed to set attributes from open.xml"
    assert_stderr_has "(definition_of_secret):2: Premature end of data in tag secret line 1"
    secret_xml "$UUID" volume name x >wrong.xml
    run_hvsh -q secret-define wrong.xml
    assert_stderr_has "error: internal error: volume usage specified, but volume path is missing"
    printf '<secret><bogus/></secret>' >unknown.xml
    run_hvsh -q secret-define unknown.xml --validate
    assert_status 1
    assert_stderr_has "error: XML document failed to validate against schema"
    run_hvsh -q --output json secret-list
    assert_output "[]"
}

@test "one use has one secret, which keeps its use and stays private" {
    given_secret "$UUID" volume volume /images/a "private='yes'"
    secret_xml "$OTHER" volume volume /images/a >other.xml
    run_hvsh -q secret-define other.xml
    assert_stderr_has "error: internal error: a secret with UUID $UUID already defined for use with /images/a"
    secret_xml "$UUID" volume volume /images/b "private='yes'" >moved.xml
    run_hvsh -q secret-define moved.xml
    assert_stderr_has "error: internal error: a secret with UUID $UUID is already defined for use with /images/a"
    secret_xml "$UUID" volume volume /images/a "private='no'" >public.xml
    run_hvsh -q secret-define public.xml
    assert_stderr_has "error: internal error: cannot change private flag on existing secret"
}

@test "values: set, read, kept for the user alone, gone with the secret" {
    given_secret "$UUID" ceph name pool
    run_hvsh -q secret-get-value "$UUID"
    assert_fails_with "error: Secret not found: secret '$UUID' does not have a value"
    printf 'a\0b\n' >value
    run_hvsh -q secret-set-value "$UUID" --plain --file value
    assert_success
    hv -q secret-get-value "$UUID" --plain | head -c 4 | cmp - value
    run_hvsh -q secret-get-value "$UUID"
    assert_output "YQBiCg=="
    hv -q --output json secret-get-value "$UUID" | jq -e '. == {base64: "YQBiCg=="}'
    [[ $(stat -c %a "$SANDBOX/root/etc/secrets") == 700 ]]
    [[ $(stat -c %a "$SANDBOX/root/etc/secrets/$UUID.value") == 600 ]]
    run_hvsh -q secret-undefine "$UUID"
    assert_success
    [[ -z $(ls "$SANDBOX/root/etc/secrets") ]]
}

@test "a value on the command line is warned of, a missing or empty one refused" {
    given_secret "$UUID" ceph name pool
    run_hvsh -q secret-set-value "$UUID" c2VjcmV0
    assert_success
    assert_stderr_has "error: Passing secret value as command-line argument is insecure!"
    run_hvsh -q secret-set-value "$UUID"
    assert_fails_with "error: Input secret value is missing"
    : >empty
    run_hvsh -q secret-set-value "$UUID" --file empty
    assert_stderr_has "error: value in virSecretSetValue must not be NULL"
    run_hvsh -q secret-get-value "$UUID" --plain
    assert_output secret
    head -c 70000 /dev/zero >large
    run_hvsh -q secret-set-value "$UUID" --plain --file large
    assert_status 1
    assert_stderr_has "a secret's value has at most 65536 bytes, not 70000"
}

@test "--interactive reads a line that is not shown" {
    given_secret "$UUID" ceph name pool
    term_start "$HVSH" secret-set-value "$UUID" --interactive
    term_wait "Enter new value for secret:"
    term_type "hidden word"
    term_send Enter
    term_wait "Secret value set"
    run term_shows "hidden word"
    assert_status 1
    term_close
    run_hvsh -q secret-get-value "$UUID" --plain
    assert_output "hidden word"
}

@test "--interactive: Ctrl-C leaves a terminal that shows what is typed, and a value too long is refused" {
    given_secret "$UUID" ceph name pool
    term_start sh -c "'$HVSH' secret-set-value '$UUID' --interactive; echo \"status \$?\"; stty -a | tr ' ;' '\n\n' | grep -x -e echo -e isig"
    term_wait "Enter new value for secret:"
    term_send C-c
    term_wait "status 130"
    term_wait isig
    run term_shows "^echo"
    assert_success
    term_close
    run_hvsh -q secret-get-value "$UUID"
    assert_stderr_has "secret '$UUID' does not have a value"
    head -c 70000 /dev/zero | tr '\0' x >long
    run --separate-stderr "$HVSH" -q secret-set-value "$UUID" --interactive <long
    assert_status 1
    assert_stderr_has "a secret's value has at most 65536 bytes, not 65537"
}

@test "a secret whose value cannot be read stays as it is" {
    given_secret "$UUID" tls name t "ephemeral='no'"
    mkdir "$SANDBOX/root/etc/secrets/$UUID.value"
    secret_xml "$UUID" tls name t "ephemeral='yes'" >secret.xml
    run_hvsh -q secret-define secret.xml
    assert_fails_with "error: Failed to set attributes from secret.xml"
    [[ -e $SANDBOX/root/etc/secrets/$UUID.xml && ! -e $SANDBOX/root/run/secrets/$UUID.xml ]]
}

@test "private values are handed to nobody, a read-only connection to no one either" {
    given_secret "$UUID" ceph name pool "private='yes'"
    given_secret "$OTHER" iscsi target t
    printf x >value
    hv -q secret-set-value "$UUID" --plain --file value
    run_hvsh -q secret-get-value "$UUID"
    assert_fails_with "error: Invalid secret: secret is private"
    run_hvsh -q -r secret-get-value "$OTHER"
    assert_fails_with "error: operation forbidden: read only access prevents virSecretGetValue"
}

@test "an ephemeral secret lies in the folder that the next boot empties" {
    given_secret "$UUID" tls name t "ephemeral='yes'"
    printf x >value
    hv -q secret-set-value "$UUID" --plain --file value
    [[ -e $SANDBOX/root/run/secrets/$UUID.value && ! -e $SANDBOX/root/etc/secrets/$UUID.xml ]]
    given_secret "$UUID" tls name t "ephemeral='no'"
    [[ -e $SANDBOX/root/etc/secrets/$UUID.value && ! -e $SANDBOX/root/run/secrets/$UUID.xml ]]
    run_hvsh -q secret-get-value "$UUID" --plain
    assert_output x
}

@test "lists: filters, and fields of their own in JSON" {
    given_secret "$UUID" volume volume /images/a
    given_secret "$OTHER" ceph name 'a pool' "ephemeral='yes' private='yes'"
    run_hvsh -q secret-list --private
    assert_output_has "ceph a pool"
    refute_output_has "$UUID"
    run_hvsh -q secret-list --no-ephemeral --no-private
    assert_output_has "volume /images/a"
    refute_output_has "$OTHER"
    hv -q --output json secret-list | jq -e --arg uuid "$OTHER" \
        '.[1] == {uuid: $uuid, usage_type: "ceph", usage_id: "a pool"}'
}

@test "neither traces nor the list of processes show a value" {
    given_secret "$UUID" volume volume /images/a
    printf 'topsecret' >value
    HVSH_LOG_FILTERS='1:*' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh -q secret-set-value "$UUID" --plain --file value
    assert_success
    HVSH_LOG_FILTERS='1:*' HVSH_LOG_OUTPUTS="1:file:$PWD/trace" run_hvsh -q secret-get-value "$UUID"
    grep -q secret_get_value trace
    [[ -z $(grep -e topsecret -e dG9wc2VjcmV0 trace) ]]
}

# luks_domain: an encrypted image, its secret without a value, and a domain with it.
luks_domain() {
    printf 'topsecret' >value
    # On a busy machine qemu-img cannot measure how fast its own key derivation is, and gives up.
    wait_until qemu-img create -q --object secret,id=key,file=value -f qcow2 \
        -o encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10 disk.qcow2 4M 60
    given_secret "$UUID" volume volume "$PWD/disk.qcow2" "private='yes'"
    domain_xml luks | sed "s#</devices>#<disk type='file'><driver name='qemu' type='qcow2'/><source file='$PWD/disk.qcow2'>\
<encryption format='luks'><secret type='passphrase' uuid='$UUID'/></encryption></source><target dev='vdz' bus='virtio'/></disk>\
</devices>#" >luks.xml
    run_hvsh -q define luks.xml
    assert_success
}

@test "a guest gets an encrypted disk; its key is in no argument and no log" {
    luks_domain
    run_hvsh -q start luks --paused
    assert_fails_with "error: Failed to start domain 'luks'"
    assert_stderr_has "error: Secret not found: secret '$UUID' does not have a value"
    hv -q secret-set-value "$UUID" --plain --file value
    run_hvsh -q start luks --paused
    assert_success
    hv -q qemu-monitor-command luks '{"execute":"query-block"}' |
        jq -e '.return | map(select(.inserted.file | contains("disk.qcow2"))) | .[0].inserted.encrypted'
    [[ $(stat -c '%a %s' "$SANDBOX/root/run/qemu/luks/master-key.aes") == "600 32" ]]
    [[ -z $(grep -r -e topsecret -e dG9wc2VjcmV0 "$SANDBOX/root/log" "$SANDBOX/root/run") ]]
    run_hvsh -q destroy luks
    assert_success
    [[ ! -e $SANDBOX/root/run/qemu/luks ]]
}

@test "a wrong key is QEMU's own refusal" {
    luks_domain
    printf 'wrong' >value
    hv -q secret-set-value "$UUID" --plain --file value
    run_hvsh -q start luks --paused
    assert_status 1
    assert_stderr_has "Invalid password, cannot unlock any keyslot"
}

@test "damaged secrets are listed, named in a warning, and can be replaced or undefined" {
    local etc=$SANDBOX/root/etc/secrets third=74722d00-0000-4000-8000-0000000005e3
    given_secret "$UUID" ceph name pool
    given_secret "$OTHER" volume volume /images/a
    hv -q secret-set-value "$OTHER" --plain --file secret.xml
    printf '<secret><uuid>' >"$etc/$OTHER.xml"
    cp "$etc/$UUID.xml" "$etc/$third.xml"
    touch "$etc/notes.xml" "$etc/$UUID.xml.orig"
    run_hvsh -q secret-list
    assert_success
    assert_output_matches "$UUID +ceph pool
.*$OTHER +Unreadable
.*$third +Unreadable"
    assert_stderr_has "$etc/$OTHER.xml:1: "
    assert_stderr_has "'$etc/$third.xml' is not named after the UUID of its secret, $UUID"
    [[ $stderr != *"$etc/$UUID.xml"* ]]
    run_hvsh -q -r --output json secret-list
    [[ $(jq -r '.[].uuid' <<<"$output" | tr '\n' ' ') == "$UUID $OTHER $third " ]]
    # Nobody is told the value of what may be private.
    run_hvsh -q secret-list --no-private
    refute_output_has Unreadable
    run_hvsh -q secret-get-value "$OTHER"
    assert_fails_with "$etc/$OTHER.xml:1: "
    run_hvsh -q secret-dumpxml "$third"
    assert_fails_with "'$etc/$third.xml' is not named after the UUID of its secret, $UUID"
    run_hvsh -q secret-undefine "$third"
    assert_success
    # A secret keeps its value when its document is made anew.
    given_secret "$OTHER" volume volume /images/a
    hv -q secret-get-value "$OTHER" --plain | head -n 1 | cmp - secret.xml
    sed -i "s/ephemeral='no'/ephemeral='yes'/" "$etc/$OTHER.xml"
    run_hvsh -q secret-list
    assert_stderr_has "'$etc/$OTHER.xml' is not where ephemeral secrets are kept"
    run_hvsh -q secret-undefine "$OTHER"
    assert_success
    run_hvsh -q --output json secret-list
    [[ -z $stderr && $(jq -r '.[].uuid' <<<"$output") == "$UUID" ]]
    [[ $(ls "$etc") == "$(printf '%s\n' "$UUID.xml" "$UUID.xml.orig" notes.xml | sort)" ]]
}

@test "libvirt's test driver has no secrets" {
    run_hvsh -q -c test:///default secret-list
    assert_fails_with "error: Failed to count secrets"
    assert_stderr_has "error: this function is not supported by the connection driver: virConnectNumOfSecrets"
}
