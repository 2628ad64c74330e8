# desc, metadata, edit, dumpxml: the texts of a domain, also through an editor.
load ../helpers

setup() {
    hvsh_sandbox
    export HVSH_DEFAULT_URI=test:///default
}

teardown() { hvsh_sandbox_end; }

session() {
    run_hvsh -q --compat "$1"
}

# given_editor COMMANDS: an editor that runs them on the file "$1"; what it was given is kept in `seen`.
given_editor() {
    printf '#!/bin/sh\ncat "$1" >%q\n%s\n' "$PWD/seen" "$1" >editor
    chmod +x editor
    export EDITOR=$PWD/editor
}

@test "desc: nothing, set, removed" {
    run_hvsh desc test
    assert_output "No description for domain: test"
    run_hvsh -q desc test
    assert_output ""
    run_hvsh --compat 'desc test two words; desc test'
    assert_output "$(printf 'Domain description updated successfully\ntwo words')"
    run_hvsh --compat "desc test x; desc test ''; desc test"
    assert_output_has "No description for domain: test"
    run_hvsh --output json desc test --title
    [[ $(jq -c . <<<"$output") == '{"title":null}' ]]
}

@test "a title holds no newline" {
    run_hvsh -q desc test --title $'a\nb'
    assert_fails_with "error: Failed to set new domain title"
    assert_stderr_has "metadata title can't contain newlines"
    given_editor 'echo "one line" >"$1"'
    run_hvsh --compat 'desc test --title --edit; desc test --title'
    assert_output_has "Domain title updated successfully"
    assert_output_has "one line"
}

@test "desc --edit begins with the words given, and tells when nothing changed" {
    given_editor true
    run_hvsh desc test --edit
    assert_output "Domain description not changed"
    run_hvsh --compat 'desc test --edit hello there; desc test'
    assert_output "$(printf 'Domain description updated successfully\nhello there')"
    [[ $(<seen) == "hello there" ]]
}

@test "metadata: options, key and namespace" {
    run_hvsh -q metadata test http://x
    assert_fails_with "error: metadata not found: Requested metadata element is not present"
    run_hvsh -q metadata test http://x --set '<a/>'
    assert_fails_with "error: namespace key is required when modifying metadata"
    run_hvsh -q metadata test http://x --remove --set '<a/>'
    assert_fails_with "error: Options --remove and --set are mutually exclusive"
    run_hvsh -q metadata test http://x --live --config
    assert_fails_with "error: Flags 'VIR_DOMAIN_AFFECT_LIVE' and 'VIR_DOMAIN_AFFECT_CONFIG' are mutually exclusive"
    session "metadata test http://x --set '<a/>' --key k; metadata test http://x; dumpxml test --xpath //metadata/*"
    assert_output "$(printf '<a/>\n<k:a xmlns:k="http://x"/>')"
    run_hvsh metadata test http://x --remove
    assert_output_has "Metadata removed"
}

@test "metadata --edit: new, unchanged, refused" {
    given_editor 'echo "<b/>" >"$1"'
    run_hvsh --compat 'metadata test http://x --edit --key k; metadata test http://x'
    assert_output_has "Metadata modified"
    assert_output_has "<b/>"
    given_editor true
    run_hvsh metadata test http://x --edit --key k
    assert_output "Metadata not changed"
    given_editor 'echo rubbish >"$1"'
    run_hvsh -q metadata test http://x --edit --key k
    assert_fails_with "error: Failed."
    assert_stderr_has "(metadata_xml):1: Start tag expected, '<' not found"
}

@test "edit: unchanged, changed, refused without a terminal" {
    given_editor true
    run_hvsh edit test
    assert_output "Domain 'test' XML configuration not changed."
    given_editor 'sed -i "s|<vcpu.*|<vcpu>4</vcpu>|" "$1"'
    run_hvsh --compat 'edit test; dumpxml test --inactive --xpath //vcpu'
    assert_output_has "Domain 'test' XML configuration edited."
    assert_output_has '<vcpu placement="static">4</vcpu>'
    given_editor 'echo "<domain" >"$1"'
    run_hvsh -q edit test
    assert_fails_with "error: Failed."
    run_hvsh -q edit nosuch
    assert_fails_with "error: failed to get domain 'nosuch'"
}

@test "edit notices that somebody else was faster" {
    export HVSH_DEFAULT_URI="qemu:///embed?root=$SANDBOX/root"
    given_domain web
    given_editor "$HVSH desc web --config faster >/dev/null; sed -i 's|<vcpu.*|<vcpu>2</vcpu>|' \"\$1\""
    run_hvsh -q edit web
    assert_fails_with "error: The XML configuration was changed by another user."
    run_hvsh -q desc web
    assert_output faster
}

@test "edit asks on a terminal: help, again, give up" {
    given_editor 'echo "<domain" >"$1"'
    term_start "$HVSH" edit test
    term_wait 'Failed. Try again\? \[y,n,i,f,\?\]:'
    term_type '?'
    term_wait '^n - no'
    term_type n
    term_wait_end
    [[ $term_status == 1 ]]
}

@test "dumpxml --xpath: nodes, attributes, text, wrapped, none" {
    run_hvsh -q dumpxml test --xpath //disk/target
    assert_output '<target dev="vda" bus="virtio"/>'
    run_hvsh -q dumpxml test --xpath //disk/source/@file
    assert_output ' file="/guest/diskimage1"'
    run_hvsh -q dumpxml test --xpath '//name|//disk/target' --wrap
    assert_output "$(printf '<nodes>\n  <name>test</name>\n  <target dev="vda" bus="virtio"/>\n</nodes>')"
    run_hvsh -q dumpxml test --xpath //nothing
    assert_success
    assert_output ""
}

@test "dumpxml --xpath: wrong expressions" {
    run_hvsh -q dumpxml test --xpath 'count(//disk)'
    assert_fails_with "error: internal error: Incorrect xpath 'count(//disk)'"
    run_hvsh -q dumpxml test --xpath '//['
    assert_success
    [[ $stderr == $'XPath error : Invalid expression\n//[\n  ^' ]]
    run_hvsh -q --output json dumpxml test --xpath '//['
    assert_status 1
    run_hvsh -q dumpxml test --xpath ''
    assert_status 1
    [[ -z $stderr ]]
}

@test "secrets are not for read-only connections" {
    run_hvsh -q -r dumpxml test --security-info
    assert_fails_with "error: operation forbidden: virDomainGetXMLDesc with secure flag"
    given_editor true
    run_hvsh -q -r edit test
    assert_fails_with "error: operation forbidden: virDomainGetXMLDesc with secure flag"
}
