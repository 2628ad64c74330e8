# define, create, undefine: what the user sees, bad input first.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

@test "a file that cannot be read is named with the reason" {
    run_hvsh -q define nofile.xml
    assert_fails_with "error: Failed to open file 'nofile.xml': No such file or directory"
    run_hvsh -q create .
    assert_fails_with "error: Failed to read file '.': Is a directory"
    run_hvsh -q define ''
    assert_fails_with "error: Failed to get option 'file': Option argument is empty"
}

@test "a file above the limit is refused without being kept" {
    { printf '<domain>' && head -c 12000000 /dev/zero | tr '\0' ' ' && printf '</domain>'; } >big.xml
    run_hvsh -q define big.xml
    assert_fails_with "error: Failed to read file 'big.xml': Value too large for defined data type"
}

@test "broken XML: the file, then line and reason" {
    printf '<domain>\n  <name>x</nome>\n</domain>\n' >broken.xml
    run_hvsh -q define broken.xml
    assert_fails_with "error: Failed to define domain from broken.xml"
    assert_stderr_has "(domain_definition):2: Opening and ending tag mismatch: name line 2 and nome"
    run_hvsh -q create broken.xml
    assert_fails_with "error: Failed to create domain from broken.xml"
    run_hvsh list --all --name
    assert_output ""
}

@test "the XML may come through a pipe" {
    domain_xml web >web.xml
    run_hvsh -q define <(cat web.xml)
    assert_success
    run_hvsh -q domstate web
    assert_output "shut off"
}

@test "define --dry-run says what it would write and writes nothing" {
    domain_xml web >web.xml
    run_hvsh define web.xml --dry-run
    assert_success
    assert_output_has "<name>web</name>"
    run_hvsh -q list --all --name
    assert_output ""
    [[ ! -e $SANDBOX/root/etc/qemu/web.xml ]]
}

@test "create: running, transient, gone after destroy" {
    domain_xml web >web.xml
    run_hvsh create web.xml --paused
    assert_success
    assert_output_has "Domain 'web' created from web.xml"
    run_hvsh -q domstate web --reason
    assert_output "paused (user)"
    run_hvsh -q list --transient --name
    assert_output web
    run_hvsh -q undefine web
    assert_fails_with "Requested operation is not valid: cannot undefine transient domain"
    hv destroy web
    run_hvsh -q domstate web
    assert_fails_with "failed to get domain 'web'"
}

@test "a paused guest with a VNC password outlives the command that started it" {
    domain_xml web --devices "<graphics type='vnc' autoport='yes' passwd='x'/>" >web.xml
    hv define web.xml
    hv start web --paused
    run_hvsh -q domstate web --reason
    assert_output "paused (user)"
    hv resume web
    run_hvsh -q domstate web --reason
    assert_output "running (unpaused)"
}

@test "--pass-fds wants numbers" {
    domain_xml web >web.xml
    run_hvsh -q create web.xml --pass-fds 3,x
    assert_fails_with "error: Unable to parse FD number 'x'"
    given_domain web
    run_hvsh -q start web --pass-fds ''
    assert_success
}

@test "undefine: options that exclude or need each other" {
    given_domain web
    run_hvsh -q undefine web --nvram --keep-nvram
    assert_fails_with "error: Options --nvram and --keep-nvram are mutually exclusive"
    run_hvsh -q undefine web --tpm --keep-tpm
    assert_fails_with "error: Options --tpm and --keep-tpm are mutually exclusive"
    run_hvsh -q undefine web --delete-snapshots
    assert_fails_with "error: Option --remove-all-storage is required by option --delete-storage-volume-snapshots"
    run_hvsh -q undefine web --wipe-storage
    assert_fails_with "error: '--wipe-storage' requires '--storage <string>' or '--remove-all-storage'"
    run_hvsh -q undefine web --storage vda --remove-all-storage
    assert_fails_with "error: Specified both --storage and --remove-all-storage"
    run_hvsh -q list --all --name
    assert_output web
}

@test "undefine says which storage is left, and refuses what no disk is called" {
    local left="error: Storage volume 'vda'($PWD/disk.raw) is not managed by libvirt. Remove it manually."
    truncate -s 1M disk.raw
    given_domain web --devices "<disk type='file' device='disk'><source file='$PWD/disk.raw'/><target dev='vda'/></disk>"
    run_hvsh -q undefine web --storage vdb
    assert_fails_with "error: Volume 'vdb' was not found in domain's definition."
    run_hvsh -q undefine web --storage vda,vda,
    assert_status 1
    [[ $stderr == "$left"$'\n\n'*"Volume 'vda' was not found"*"Volume '' was not found"* ]]
    run_hvsh -q undefine web --storage '' --wipe-storage
    assert_fails_with "error: '--wipe-storage' requires"
    run_hvsh -q undefine web --storage "$PWD/disk.raw"
    assert_success
    [[ $stderr == "$left"* && -e disk.raw ]]
    run_hvsh -q list --all --name
    assert_output ""
}

@test "undefine: what there is nothing of may be removed too" {
    given_domain web
    run_hvsh undefine web --managed-save --snapshots-metadata --checkpoints-metadata --nvram --remove-all-storage
    assert_success
    assert_output_has "Domain 'web' has been undefined"
}

@test "undefine of a running domain leaves it transient" {
    given_domain web --running
    run_hvsh -q undefine web --remove-all-storage
    assert_fails_with "error: Storage volume deletion is supported only on stopped domains"
    hv undefine web
    run_hvsh -q dominfo web
    assert_output_has "Persistent:     no"
    hv destroy web
    run_hvsh -q list --all
    assert_output ""
}
