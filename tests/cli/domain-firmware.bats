# Firmware as a guest gets it: chosen by what the domain asks for, its variables a copy of the empty store that belongs to it.
load ../helpers

CODE=/usr/share/OVMF
setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

# NAME OS-ELEMENT FEATURES: defined and started, its processors stopped.
given_firmware() {
    cat >"$BATS_TEST_TMPDIR/$1.xml" <<XML
<domain type='qemu'><name>$1</name><memory unit='MiB'>64</memory>$2<features><acpi/>$3</features>
  <devices><memballoon model='none'/></devices></domain>
XML
    hv define "$BATS_TEST_TMPDIR/$1.xml" >/dev/null
    hv start "$1" --paused >/dev/null
}

variables_of() {
    hv dumpxml "$1" | xmllint --xpath 'string(/domain/os/nvram)' -
}

@test "features of the firmware decide which one it is, and SMM is on where that needs it" {
    local template=$CODE/OVMF_VARS_4M.fd file
    given_firmware safe "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware>
        <feature enabled='yes' name='secure-boot'/><feature enabled='no' name='enrolled-keys'/></firmware></os>" ''
    run_hvsh dumpxml safe
    assert_output_has "<loader readonly='yes' secure='yes' type='pflash'>$CODE/OVMF_CODE_4M.secboot.fd</loader>"
    assert_output_has "<smm state='on'/>"
    assert_output_has "template='$template'"
    file=$(variables_of safe)
    cmp "$file" "$template"
    hv destroy safe >/dev/null
    hv undefine safe --nvram >/dev/null
    [ ! -e "$file" ]
}

@test "firmware that is named finds its empty store by the descriptors, whatever the names" {
    given_firmware named "<os><type arch='x86_64' machine='q35'>hvm</type>
        <loader readonly='yes' secure='yes' type='pflash'>$CODE/OVMF_CODE_4M.secboot.fd</loader></os>" "<smm state='on'/>"
    cmp "$(variables_of named)" $CODE/OVMF_VARS_4M.fd
    hv destroy named >/dev/null
}

@test "nothing of the firmware may be said beside firmware='efi'" {
    local attribute
    for attribute in "readonly='yes'" "type='pflash'" "secure='no'"; do
        printf '%s' "<domain type='qemu'><name>d</name><memory>65536</memory><os firmware='efi'><type machine='q35'>hvm</type>" \
            "<loader $attribute/></os><features><acpi/></features></domain>" >"$BATS_TEST_TMPDIR/d.xml"
        run_hvsh define "$BATS_TEST_TMPDIR/d.xml"
        assert_status 1
        assert_stderr_has "loader attribute '${attribute%%=*}' cannot be specified when firmware autoselection is enabled"
    done
}
