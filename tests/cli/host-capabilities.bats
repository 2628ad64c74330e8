# capabilities, domcapabilities, pool-capabilities, maxvcpus, nodesevinfo, the security model, doctor: what host and emulators can
# do.
load ../helpers

setup() { hvsh_sandbox; }
teardown() { hvsh_sandbox_end; }

# has_line REGEX: a line of the output matches.
# shellcheck disable=SC2154 # bats sets it
has_line() {
    grep -qE -- "$1" <<<"$output" || fail_with "expected a line that matches: $1"
}

# capability XPATH: its string value in the document of capabilities.
capability() {
    hv capabilities >caps.xml
    xmllint --xpath "string($1)" caps.xml
}

# domain_capability XPATH OPTION...
domain_capability() {
    local path=$1
    shift
    hv domcapabilities "$@" >dom.xml
    xmllint --xpath "string($path)" dom.xml
}

is() {
    [[ $1 == "$2" ]] || fail_with "'$1' is not '$2'"
}

@test "capabilities: what the documents of the API tell of is there, and true" {
    hv capabilities >caps.xml
    value() { xmllint --xpath "string($1)" caps.xml; }
    [[ $(value /capabilities/host/uuid) =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]]
    is "$(value /capabilities/host/cpu/arch)" "$(uname -m)"
    is "$(value 'count(/capabilities/host/migration_features/live)')" 1
    is "$(value '/capabilities/host/migration_features/uri_transports/uri_transport[1]')" tcp
    is "$(value 'count(/capabilities/host/topology/cells/cell/cpus/cpu)')" "$(getconf _NPROCESSORS_ONLN)"
    is "$(value /capabilities/host/topology/cells/@num)" "$(value 'count(/capabilities/host/topology/cells/cell)')"
    is "$(value '/capabilities/host/secmodel[1]/doi')" 0
    is "$(value '/capabilities/host/secmodel[model="dac"]/baselabel[@type="qemu"]')" "+$(id -u):+$(id -g)"
    is "$(value '/capabilities/guest[arch/@name="x86_64"]/os_type')" hvm
    is "$(value '/capabilities/guest/arch[@name="x86_64"]/wordsize')" 64
    is "$(value '/capabilities/guest/arch[@name="x86_64"]/emulator')" "$(command -v qemu-system-x86_64)"
    is "$(value '/capabilities/guest/arch[@name="x86_64"]/domain[1]/@type')" qemu
    is "$(value 'count(/capabilities/guest[arch/@name="x86_64"]/features/acpi[@default="on"][@toggle="yes"])')" 1
    is "$(value 'count(/capabilities/guest[arch/@name="i686"]/features/pae)')" 1
    is "$(value '/capabilities/guest/arch[@name="x86_64"]/machine[.="q35"]/@canonical')" \
        "$(value '/capabilities/guest/arch[@name="x86_64"]/machine[starts-with(., "pc-q35-")][@maxCpus="288"][. = ../machine[.="q35"]/@canonical]')"
    is "$(value 'count(/capabilities/guest/arch/machine[.="none"])')" 0
}

@test "capabilities: the UUID stays" {
    is "$(capability /capabilities/host/uuid)" "$(capability /capabilities/host/uuid)"
}

@test "capabilities: cells, their pages, distances and CPUs" {
    given_machine huge-pages
    hv capabilities >caps.xml
    value() { xmllint --xpath "string($1)" caps.xml; }
    is "$(value '/capabilities/host/topology/cells/@num')" 2
    is "$(value '//cell[@id="1"]/memory')" 16777216
    is "$(value '//cell[@id="0"]/pages[@size="2048"]')" 1024
    is "$(value '//cell[@id="1"]/pages[@size="1048576"]')" 2
    # 16 GiB without 512 pages of 2 MiB and two of 1 GiB.
    is "$(value '//cell[@id="1"]/pages[@size="4"]')" 3407872
    is "$(value '//cell[@id="0"]/distances/sibling[@id="1"]/@value')" 20
    is "$(value '//cell[@id="1"]/cpus/cpu[@id="3"]/@core_id')" 1
    is "$(value '/capabilities/host/cpu/pages[@size="1048576"]/@unit')" KiB
}

@test "capabilities: a cell without CPUs, threads, suspend targets, another architecture" {
    given_machine cpu-less
    is "$(capability '//cell[@id="1"]/cpus/@num')" 0
    given_machine laptop
    is "$(capability '//cpu[@id="4"]/@siblings')" 0,4
    is "$(capability 'count(/capabilities/host/power_management/*)')" 3
    given_machine ppc64
    is "$(capability /capabilities/host/cpu/arch)" ppc64
    is "$(capability '//cpu[@id="9"]/@siblings')" 8-11
}

@test "capabilities: the processor as a moved root tells it" {
    given_machine one-cpu
    {
        printf 'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 26\nstepping\t: 3\nmicrocode\t: 0x1f\n'
        printf 'flags\t\t: %s\n' "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 \
syscall nx lm pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm pclmulqdq tsc_deadline_timer"
        printf 'address sizes\t: 40 bits physical, 48 bits virtual\n'
    } >"$MACHINE/proc/cpuinfo"
    hv capabilities >caps.xml
    value() { xmllint --xpath "string($1)" caps.xml; }
    is "$(value //host/cpu/model)" Nehalem
    is "$(value //host/cpu/vendor)" Intel
    is "$(value //host/cpu/microcode/@version)" 31
    is "$(value //host/cpu/signature/@family)-$(value //host/cpu/signature/@model)-$(value //host/cpu/signature/@stepping)" 6-26-3
    is "$(value //host/cpu/maxphysaddr/@bits)" 40
    is "$(xmllint --xpath '//host/cpu/feature/@name' caps.xml | tr -d '\n')" ' name="pclmuldq" name="tsc-deadline"'
}

@test "capabilities: caches that CPUs share" {
    given_machine one-cpu
    local index=$MACHINE/sys/devices/system/cpu/cpu0/cache
    mkdir -p "$index"/index{0,1}
    printf '1\n' >"$index/index0/level"
    printf '3\n' >"$index/index1/level"
    printf '7\n' >"$index/index1/id"
    printf 'Unified\n' >"$index/index1/type"
    printf '33792K\n' >"$index/index1/size"
    printf '0\n' >"$index/index1/shared_cpu_list"
    run_hvsh capabilities
    assert_output_has "<bank id='7' level='3' type='both' size='33' unit='MiB' cpus='0'/>"
    printf 'nonsense\n' >"$index/index1/size"
    run_hvsh capabilities
    assert_success
    refute_output_has "<bank"
}

@test "security: the module of the host, or none" {
    given_machine one-cpu
    is "$(capability '/capabilities/host/secmodel[1]/model')" none
    mkdir -p "$MACHINE/sys/fs/selinux"
    printf '1' >"$MACHINE/sys/fs/selinux/enforce"
    is "$(capability '/capabilities/host/secmodel[1]/model')" selinux
    rm -r "$MACHINE/sys/fs/selinux"
    mkdir -p "$MACHINE/sys/module/apparmor/parameters" "$MACHINE/sys/kernel/security/apparmor"
    printf 'Y\n' >"$MACHINE/sys/module/apparmor/parameters/enabled"
    : >"$MACHINE/sys/kernel/security/apparmor/profiles"
    is "$(capability '/capabilities/host/secmodel[1]/model')" apparmor
}

@test "capabilities: --xpath, --wrap and JSON" {
    run_hvsh capabilities --xpath /capabilities/host/cpu/arch
    assert_output "<arch>$(uname -m)</arch>"
    run_hvsh capabilities --xpath //os_type --wrap
    assert_output_has "<nodes>"
    run_hvsh --output json capabilities
    jq -e '.xml | startswith("<capabilities>")' <<<"$output"
    run_hvsh capabilities extra
    assert_fails_with "unexpected data 'extra'"
}

@test "domcapabilities: the default, and what is asked for" {
    is "$(domain_capability /domainCapabilities/path)" "$(command -v qemu-system-x86_64)"
    is "$(domain_capability /domainCapabilities/domain --virttype qemu)" qemu
    [[ $(domain_capability /domainCapabilities/machine --machine q35) == pc-q35-* ]]
    is "$(domain_capability /domainCapabilities/vcpu/@max --machine isapc)" 1
    is "$(domain_capability /domainCapabilities/arch --arch i686)" i686
    is "$(domain_capability "/domainCapabilities/os/enum[@name='firmware']/value" --machine q35)" efi
    is "$(domain_capability "count(/domainCapabilities/os/loader/enum[@name='secure']/value)" --machine q35)" 2
    is "$(domain_capability "count(/domainCapabilities/os/loader/enum[@name='secure']/value)" --machine pc)" 1
    is "$(domain_capability "count(//disk/enum[@name='bus']/value[.='ide'])" --machine q35)" 0
    is "$(domain_capability "count(//disk/enum[@name='bus']/value[.='ide'])" --machine pc)" 1
    is "$(domain_capability "//features/sev/@supported")" no
}

@test "domcapabilities: models say whether they can be used, and what keeps them from it" {
    is "$(domain_capability "//mode[@name='custom']/model[.='qemu64']/@usable" --virttype qemu)" yes
    is "$(domain_capability "//mode[@name='custom']/model[.='Haswell']/@usable" --virttype qemu)" no
    is "$(domain_capability "//mode[@name='custom']/model[.='Haswell']/@vendor" --virttype qemu)" Intel
    is "$(domain_capability "//mode[@name='custom']/model[.='kvm64']/@vendor" --virttype qemu)" unknown
    is "$(domain_capability "count(//blockers[@model='Haswell']/feature[@name='rtm'])" --virttype qemu)" 1
    is "$(domain_capability "count(//mode[@name='custom']/model[contains(., '-v1')])")" 0
    is "$(domain_capability "//mode[@name='host-passthrough']/@supported" --virttype qemu)" no
}

@test "domcapabilities: the host-model CPU told in other ways" {
    local usual all
    usual=$(domain_capability "count(//mode[@name='host-model']/feature)" --virttype qemu)
    all=$(domain_capability "count(//mode[@name='host-model']/feature)" --virttype qemu --expand-cpu-features)
    ((all > usual))
    is "$(domain_capability "count(//mode[@name='host-model']/feature[@policy='disable'])" --virttype qemu --supported-cpu-features)" 0
    is "$(domain_capability "count(//mode[@name='host-model']/feature)" --virttype qemu --disable-deprecated-features)" "$usual"
}

@test "domcapabilities: what cannot be is refused in libvirt's words" {
    run_hvsh domcapabilities --virttype foo
    assert_fails_with "invalid argument: unknown virttype: foo"
    run_hvsh domcapabilities --virttype xen
    assert_fails_with "is not supported by '$(command -v qemu-system-x86_64)' on this host"
    run_hvsh domcapabilities --arch foo
    assert_fails_with "invalid argument: unknown architecture: foo"
    run_hvsh domcapabilities --arch sparc64
    assert_fails_with "unsupported configuration: unable to find any emulator to serve 'sparc64' architecture"
    run_hvsh domcapabilities --machine none
    assert_fails_with "invalid argument: the machine 'none' is not supported by emulator"
    run_hvsh domcapabilities --emulatorbin /nope
    assert_fails_with "Cannot check QEMU binary /nope: No such file or directory"
    run_hvsh domcapabilities --emulatorbin "$(command -v qemu-system-i386)" --arch x86_64
    assert_fails_with "does not support arch 'x86_64'"
}

@test "a binary that cannot be asked is no guest, and the facts are kept" {
    mkdir bin
    printf '#!/bin/sh\nexit 1\n' >bin/qemu-system-sparc
    chmod 755 bin/qemu-system-sparc
    PATH=$PWD/bin:$PATH run_hvsh capabilities
    assert_success
    refute_output_has "sparc"
    run_hvsh domcapabilities
    assert_success
    [[ $(find "$SANDBOX/root/cache/capabilities" -name '*-tcg.json' | wc -l) -ge 1 ]]
    printf 'rubbish' | tee "$SANDBOX"/root/cache/capabilities/*-tcg.json >/dev/null
    run_hvsh domcapabilities
    assert_success
}

@test "pool-capabilities, maxvcpus, nodesevinfo" {
    hv pool-capabilities >pools.xml
    is "$(xmllint --xpath "string(/storagepoolCapabilities/pool[@type='dir']/volOptions/defaultFormat/@type)" pools.xml)" raw
    run_hvsh maxvcpus --type qemu
    assert_output 255
    run_hvsh --output json maxvcpus
    jq -e '.max_vcpus == 255' <<<"$output"
    run_hvsh maxvcpus --type foo
    assert_fails_with "invalid argument: unknown type 'foo'"
    run_hvsh nodesevinfo
    assert_fails_with "Unable to get host SEV information"
}

@test "doctor: a line a check, what mends it, status and JSON" {
    given_machine one-cpu
    run_hvsh doctor
    assert_success
    has_line '^WARN  IOMMU '
    has_line '^PASS  QEMU            .*qemu-system-x86_64, version [0-9]+\.'
    has_line '^WARN  vhost-net       no /dev/vhost-net'
    assert_output_has "modprobe vhost_net"
    run_hvsh --output json doctor
    jq -e '[.[] | .check] | contains(["KVM", "cgroups", "tun", "firmware"])' <<<"$output"
    jq -e '.[] | select(.check == "vhost-net") | .result == "warn" and (.fix | endswith("modprobe vhost_net"))' <<<"$output"
    jq -e '[.[] | select(.result == "pass") | .fix] | all(. == null)' <<<"$output"
}

@test "doctor: without an emulator it fails, and knows the packages of the distribution" {
    given_machine one-cpu
    mkdir -p bin "$MACHINE/etc"
    printf 'NAME=x\nID=rocky\nID_LIKE="rhel centos fedora"\n' >"$MACHINE/etc/os-release"
    run --separate-stderr env PATH="$PWD/bin" "$HVSH" doctor
    assert_status 1
    has_line '^FAIL  QEMU            no emulator for'
    assert_output_has "dnf install qemu-kvm"
    has_line '^FAIL  qemu-img '
    printf 'ID=debian\n' >"$MACHINE/etc/os-release"
    run --separate-stderr env PATH="$PWD/bin" "$HVSH" doctor
    assert_output_has "apt-get install qemu-utils"
}

@test "doctor: control groups of both versions, nested KVM" {
    given_machine one-cpu
    mkdir -p "$MACHINE/sys/fs/cgroup" "$MACHINE/sys/module/kvm_amd/parameters"
    printf 'cpuset cpu io memory pids\n' >"$MACHINE/sys/fs/cgroup/cgroup.controllers"
    printf '0\n' >"$MACHINE/sys/module/kvm_amd/parameters/nested"
    run_hvsh doctor
    has_line '^PASS  cgroups         version 2 '
    has_line '^WARN  nested '
    assert_output_has "options kvm_amd nested=1"
    printf 'cpu memory\n' >"$MACHINE/sys/fs/cgroup/cgroup.controllers"
    printf '1\n' >"$MACHINE/sys/module/kvm_amd/parameters/nested"
    run_hvsh doctor
    has_line '^WARN  cgroups         version 2 without cpuset, io'
    has_line '^PASS  nested '
    rm "$MACHINE/sys/fs/cgroup/cgroup.controllers"
    mkdir -p "$MACHINE"/sys/fs/cgroup/{cpu,cpuset,memory,blkio}
    run_hvsh doctor
    has_line '^PASS  cgroups         version 1 '
}
