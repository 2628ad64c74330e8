# Definitions on disk: names, uuids, marks, damage, full disks.
load ../helpers

setup() {
    hvsh_sandbox
    use_fake_qemu
    ETC=$SANDBOX/root/etc/qemu
}
teardown() { hvsh_sandbox_end; }

A=5d8f6e1c-0000-4000-8000-00000000000a
B=5d8f6e1c-0000-4000-8000-00000000000b

# given_named NAME: NAME as it stands in XML.
given_named() {
    domain_xml "$1" >named.xml
    hv define named.xml >/dev/null
}

@test "unusual names are defined, found, listed, started and undefined" {
    local name
    for name in -dash .hidden ..x 100% 'a b' 'Ünï→' "it's" x.last uuid con.xml; do
        given_named "$name"
        run_hvsh list --all --name
        assert_success
        [[ $output == "$name" ]] || fail_with "listed as '$output', not '$name'"
        hv start -- "$name" >/dev/null
        run_hvsh domstate -- "$name"
        assert_output running
        hv destroy -- "$name" >/dev/null
        run_hvsh domstate --reason -- "$name"
        assert_output 'shut off (destroyed)'
        hv undefine -- "$name" >/dev/null
        run_hvsh list --all --name
        assert_output ''
    done
    [[ -z $(find "$SANDBOX/root/etc" -not -type d) ]] || fail_with "left: $(find "$SANDBOX/root/etc" -not -type d)"
    [[ -z $(ls -A "$SANDBOX/root/run/qemu") ]] || fail_with "left: $(ls -A "$SANDBOX/root/run/qemu")"
}

@test "two domains whose names differ only by .last do not meet" {
    given_named web
    given_named web.last
    hv start web >/dev/null
    hv start web.last >/dev/null
    hv destroy web >/dev/null
    run_hvsh domstate web.last
    assert_output running
    run_hvsh domstate web --reason
    assert_output 'shut off (destroyed)'
}

@test "names that no file can have are refused" {
    domain_xml "$(printf 'n%.0s' {1..300})" >long.xml
    run_hvsh define long.xml
    assert_status 1
    assert_stderr_has '300 bytes'
    # Short enough itself, but not with its characters escaped.
    domain_xml "$(printf '%%%.0s' {1..90})" >escaped.xml
    run_hvsh define escaped.xml
    assert_status 1
    assert_stderr_has 'File name too long'
    domain_xml 'a/b' >slash.xml
    run_hvsh define slash.xml
    assert_status 1
    assert_stderr_has "name a/b cannot contain '/'"
    domain_xml 'a&#10;b' >newline.xml
    run_hvsh define newline.xml
    assert_status 1
    run_hvsh list --all --name
    assert_output ''
}

@test "a name or a uuid of another domain is refused" {
    domain_xml web --uuid $A >web.xml
    domain_xml other --uuid $A >other.xml
    domain_xml web --uuid $B >web-b.xml
    hv define web.xml >/dev/null
    run_hvsh define other.xml
    assert_status 1
    assert_stderr_has "operation failed: domain 'web' is already defined with uuid $A"
    run_hvsh define web-b.xml
    assert_status 1
    assert_stderr_has "operation failed: domain 'web' already exists with uuid $A"
    run_hvsh create web-b.xml
    assert_status 1
    assert_stderr_has "operation failed: domain 'web' already exists with uuid $A"
    hv start web >/dev/null
    run_hvsh create web.xml
    assert_status 1
    assert_stderr_has "Requested operation is not valid: domain 'web' is already active"
}

@test "a damaged definition is listed, named in the error, and can be replaced or undefined" {
    domain_xml good >good.xml
    domain_xml bad --uuid $A >bad.xml
    hv define good.xml >/dev/null
    hv define bad.xml >/dev/null
    printf '<domain><name>bad' >"$ETC/bad.xml"
    run_hvsh list --all --name
    assert_output $'bad\ngood'
    run_hvsh dumpxml bad
    assert_status 1
    assert_stderr_has "$ETC/bad.xml:1"
    run_hvsh start bad
    assert_status 1
    assert_stderr_has "$ETC/bad.xml:1"
    run_hvsh dominfo good
    assert_success
    hv define bad.xml >/dev/null
    hv dumpxml bad >/dev/null
    : >"$ETC/bad.xml"
    hv undefine bad >/dev/null
    run_hvsh list --all --name
    assert_output good
}

@test "foreign files in the folder are not domains" {
    given_named web
    mkdir "$ETC/folder.xml"
    touch "$ETC/notes.txt" "$ETC/.hidden.xml" "$ETC/%zz.xml"
    run_hvsh list --all --name
    assert_output web
    rm -r "$ETC/folder.xml" "$ETC/%zz.xml"
}

@test "a definition without its link is found by uuid, and the next define adds the link" {
    domain_xml web --uuid $A >web.xml
    hv define web.xml >/dev/null
    rm "$ETC/uuid/$A"
    run_hvsh domname $A
    assert_output web
    run_hvsh list --all --uuid
    assert_output $A
    domain_xml other --uuid $A >other.xml
    run_hvsh define other.xml
    assert_status 1
    assert_stderr_has "domain 'web' is already defined with uuid $A"
    hv define web.xml >/dev/null
    [[ $(readlink "$ETC/uuid/$A") == ../web.xml ]]
}

@test "what a killed rename has left is no domain of its own" {
    domain_xml web --uuid $A >web.xml
    hv define web.xml >/dev/null
    sed 's/web/new/' "$ETC/web.xml" >"$ETC/new.xml"
    run_hvsh list --all --name
    assert_output web
    run_hvsh domname new
    assert_status 1
    hv domrename web new
    run_hvsh list --all --name
    assert_output new
    [[ ! -e $ETC/web.xml && $(readlink "$ETC/uuid/$A") == ../new.xml ]]
}

@test "rename keeps uuid, autostart and last state's place" {
    domain_xml web --uuid $A >web.xml
    hv define web.xml >/dev/null
    hv autostart web >/dev/null
    hv domrename web srv >/dev/null
    run_hvsh domuuid srv
    assert_output $A
    run_hvsh list --all --autostart --name
    assert_output srv
    run_hvsh dumpxml srv --xpath '/domain/name/text()'
    assert_output srv
    [[ ! -e $ETC/autostart/web ]]
    given_named other
    run_hvsh domrename srv other
    assert_status 1
    assert_stderr_has "Requested operation is not valid: domain with name 'other' already exists"
    run_hvsh domrename srv srv
    assert_stderr_has "Can't rename domain to itself"
    hv start srv >/dev/null
    run_hvsh domrename srv web
    assert_stderr_has 'cannot rename active domain'
}

@test "a mark for autostart does not outlive its domain" {
    given_named web
    hv autostart web >/dev/null
    [[ -L $ETC/autostart/web ]]
    hv undefine web >/dev/null
    [[ ! -L $ETC/autostart/web ]]
    # As a crash in the middle of undefine leaves it.
    ln -s ../web.xml "$ETC/autostart/web"
    run_hvsh list --all --autostart --name
    assert_output ''
    given_named web
    run_hvsh dominfo web
    assert_output_matches 'Autostart: +disable'
}

@test "a definition changed while the domain runs counts from the next start" {
    domain_xml web --uuid $A --memory 32 >web.xml
    hv define web.xml >/dev/null
    hv start web >/dev/null
    domain_xml web --uuid $A --memory 64 >web.xml
    hv define web.xml >/dev/null
    run_hvsh dumpxml web --xpath '/domain/memory/text()'
    assert_output 32768
    run_hvsh dumpxml web --inactive --xpath '/domain/memory/text()'
    assert_output 65536
    hv destroy web >/dev/null
    run_hvsh dumpxml web --xpath '/domain/memory/text()'
    assert_output 65536
}

@test "list opens neither the XML library nor a monitor" {
    given_named web
    hv start web >/dev/null
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -f -qq -o trace -e trace=openat,connect "$HVSH" list --all >/dev/null
    grep -q status trace
    ! grep -E 'libxml|libicu|live\.xml|qmp\.sock|etc/qemu/[^"]*\.xml' trace || fail_with "$(cat trace)"
}

@test "a full disk: define fails, the old definition stays, nothing else is left" {
    ((EUID == 0)) || skip "mounting needs root"
    domain_xml web --uuid $A >web.xml
    hv define web.xml >/dev/null
    cp "$ETC/web.xml" before.xml
    mkdir full
    cp -r "$ETC/." full/
    mount -t tmpfs -o size=64k,mode=700 tmpfs "$ETC"
    cp -r full/. "$ETC/"
    head -c 1M /dev/zero >"$ETC/filler" 2>/dev/null || true
    domain_xml web --uuid $A --memory 64 >new.xml
    run_hvsh define new.xml
    local kept
    kept=$(cat "$ETC/web.xml")
    local files
    files=$(find "$ETC" -name '.tmp-*')
    domain_xml second >second.xml
    local first=("$status" "$stderr")
    run_hvsh define second.xml
    rm "$ETC/filler"
    local names
    names=$(hv list --all --name)
    umount "$ETC"
    [[ ${first[0]} -eq 1 && ${first[1]} == *'No space left on device'* ]] || fail_with "define said: ${first[1]}"
    assert_status 1
    assert_stderr_has 'No space left on device'
    [[ $kept == "$(cat before.xml)" ]]
    [[ -z $files ]] || fail_with "left: $files"
    [[ $names == $'web\n' || $names == web ]]
}

@test "folders that cannot be used are named in the error" {
    mkdir -p "$SANDBOX/root/etc"
    : >"$SANDBOX/root/etc/qemu"
    run_hvsh list --all
    assert_status 1
    assert_stderr_has "$SANDBOX/root/etc/qemu"
    domain_xml web >web.xml
    run_hvsh define web.xml
    assert_status 1
    assert_stderr_has "$SANDBOX/root/etc/qemu"
    rm "$SANDBOX/root/etc/qemu"
}

@test "what is written is private" {
    given_named web
    hv start web >/dev/null
    run find "$SANDBOX/root" \( -type f -perm /077 -o -type d -perm /077 \) -not -path "$SANDBOX/root"
    [[ -z $output ]] || fail_with "open to others: $output"
}
