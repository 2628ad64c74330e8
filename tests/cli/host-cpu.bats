# cpu-models, cpu-compare, cpu-baseline and their siblings for a hypervisor: files of the user's, virsh's words and status.
load ../helpers

setup() {
    hvsh_sandbox
    CPU=$TOP/tests/data/cpu
    # A processor of which everything is known.
    given_machine one-cpu
    {
        printf 'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 26\n'
        printf 'flags\t\t: %s\n' "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 \
syscall nx lm pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm aes"
    } >"$MACHINE/proc/cpuinfo"
}
teardown() { hvsh_sandbox_end; }

# has_line REGEX: a line of the output matches.
# shellcheck disable=SC2154 # bats sets it
has_line() {
    grep -qE -- "$1" <<<"$output" || fail_with "expected a line that matches: $1"
}

@test "cpu-compare: superset, identical, incompatible" {
    run_hvsh cpu-compare "$CPU/kvm64.xml"
    assert_success
    assert_output "Host CPU is a superset of CPU described in $CPU/kvm64.xml"
    hv capabilities >caps.xml
    run_hvsh cpu-compare caps.xml
    assert_success
    assert_output "CPU described in caps.xml is identical to host CPU"
    run_hvsh cpu-compare "$CPU/haswell.xml"
    assert_status 1
    assert_output "CPU described in $CPU/haswell.xml is incompatible with host CPU"
    run_hvsh cpu-compare "$CPU/kvm64-strict.xml"
    assert_status 1
}

@test "cpu-compare --error names what is missing" {
    run_hvsh cpu-compare --error "$CPU/kvm64-svm.xml"
    assert_status 1
    assert_stderr_has "error: Failed to compare host CPU with $CPU/kvm64-svm.xml"
    assert_stderr_has "error: the CPU is incompatible with host CPU: Host CPU does not provide required features: svm"
    run_hvsh cpu-compare --error "$CPU/arm.xml"
    assert_fails_with "CPU arch aarch64 does not match host arch"
}

@test "cpu-compare --validate: only what the schema knows" {
    printf '<cpu><model>kvm64</model><bogus/></cpu>\n' >bogus.xml
    run_hvsh cpu-compare bogus.xml
    assert_success
    run_hvsh cpu-compare --validate bogus.xml
    assert_fails_with "XML document failed to validate against schema: Unable to validate doc against"
    hv capabilities >caps.xml
    run_hvsh cpu-compare --validate caps.xml
    assert_success
    run_hvsh hypervisor-cpu-compare --virttype qemu --validate "$CPU/kvm64-svm.xml"
    assert_success
}

@test "cpu-compare: JSON" {
    run_hvsh --output json cpu-compare "$CPU/kvm64.xml"
    jq -e '.result == "superset"' <<<"$output"
}

@test "what is no CPU is refused" {
    run_hvsh cpu-compare "$CPU/no-cpu.xml"
    assert_fails_with "does not contain any <cpu> element or valid domain XML, host capabilities XML, or domain capabilities XML"
    run_hvsh cpu-baseline "$CPU/no-cpu.xml"
    assert_fails_with "does not contain any <cpu> element"
    run_hvsh cpu-compare "$CPU/no-xml.xml"
    assert_fails_with "error parsing attribute name"
    run_hvsh cpu-compare nosuch.xml
    assert_fails_with "Failed to open file 'nosuch.xml': No such file or directory"
    run_hvsh cpu-compare "$CPU/unknown-model.xml"
    assert_fails_with "internal error: Unknown CPU model nosuch"
    run_hvsh cpu-compare "$CPU/unknown-feature.xml"
    assert_fails_with "internal error: Unknown CPU feature blah"
}

@test "cpu-baseline: one, two, whole capabilities, what does not fit together" {
    run_hvsh -q cpu-baseline "$CPU/haswell.xml"
    assert_output "$(printf "<cpu mode='custom' match='exact'>\n  <model fallback='forbid'>Haswell</model>\n</cpu>")"
    run_hvsh cpu-baseline "$CPU/two.xml"
    assert_output_has "<model fallback='allow'>Nehalem</model>"
    hv capabilities >caps.xml
    cat caps.xml caps.xml >both.xml
    run_hvsh cpu-baseline both.xml
    assert_output_has "<model fallback='forbid'>Nehalem</model>"
    assert_output_has "<feature policy='require' name='aes'/>"
    run_hvsh cpu-baseline "$CPU/vendors.xml"
    assert_fails_with "operation failed: CPU vendors do not match"
    run_hvsh cpu-baseline "$CPU/kvm64.xml"
    assert_fails_with "XML error: Missing CPU architecture"
}

@test "cpu-baseline: --features and --migratable" {
    run_hvsh cpu-baseline "$CPU/invtsc.xml"
    assert_output_has "<feature policy='require' name='invtsc'/>"
    run_hvsh cpu-baseline --migratable "$CPU/invtsc.xml"
    refute_output_has "invtsc"
    run_hvsh cpu-baseline --features "$CPU/invtsc.xml"
    assert_output_has "<feature policy='require' name='sse4.2'/>"
}

@test "cpu-models: libvirt's order; an architecture without an emulator, one that is none" {
    run_hvsh cpu-models x86_64
    has_line '^486$'
    has_line '^EPYC-Milan$'
    hv cpu-models x86_64 | grep -xE 'core2duo|qemu64|kvm64|Nehalem|EPYC' >order
    is_order=$(paste -sd' ' order)
    [[ $is_order == "core2duo qemu64 kvm64 Nehalem EPYC" ]] || fail_with "$is_order"
    run_hvsh cpu-models s390x
    assert_output "all CPU models are accepted"
    run_hvsh cpu-models foo
    assert_fails_with "invalid argument: cannot find architecture foo"
}

@test "hypervisor-cpu-models: usable ones, or all" {
    run_hvsh hypervisor-cpu-models --virttype qemu
    has_line '^qemu64$'
    refute_output_has "Haswell"
    run_hvsh hypervisor-cpu-models --virttype qemu --all
    has_line '^Haswell$'
}

@test "hypervisor-cpu-compare: with what the emulator can give" {
    run_hvsh hypervisor-cpu-compare --virttype qemu "$CPU/kvm64-svm.xml"
    assert_success
    assert_output "The CPU provided by hypervisor on the host is a superset of CPU described in $CPU/kvm64-svm.xml"
    hv domcapabilities --virttype qemu >dom.xml
    run_hvsh hypervisor-cpu-compare --virttype qemu dom.xml
    assert_output "CPU described in dom.xml is identical to the CPU provided by hypervisor on the host"
    run_hvsh hypervisor-cpu-compare --virttype qemu --error "$CPU/haswell.xml"
    assert_fails_with "Host CPU does not provide required features: pcid, x2apic, tsc-deadline, hle, invpcid, rtm"
    run_hvsh hypervisor-cpu-compare --machine foo "$CPU/haswell.xml"
    assert_fails_with "the machine 'foo' is not supported by emulator"
}

@test "hypervisor-cpu-baseline: what the emulator lacks is switched off" {
    run_hvsh hypervisor-cpu-baseline --virttype qemu --model Haswell
    assert_output_has "<feature policy='disable' name='rtm'/>"
    run_hvsh hypervisor-cpu-baseline --virttype qemu --model Haswell --ignore-host
    refute_output_has "disable"
    run_hvsh hypervisor-cpu-baseline
    assert_fails_with "Either --file or --model must be provided"
    run_hvsh hypervisor-cpu-baseline --model Haswell --file "$CPU/two.xml"
    assert_fails_with "Options --file and --model are mutually exclusive"
    run_hvsh hypervisor-cpu-baseline "$CPU/domain.xml"
    assert_fails_with "invalid argument: no CPU model specified at index 0"
}

@test "the test driver: its own host and models" {
    export HVSH_DEFAULT_URI=test:///default
    run_hvsh capabilities --xpath "//guest[1]/arch/emulator"
    assert_output "<emulator>/usr/bin/test-hv</emulator>"
    hv capabilities >caps.xml
    [[ $(xmllint --xpath 'count(//cell/cpus/cpu)' caps.xml) == 16 ]]
    run_hvsh maxvcpus
    assert_output 32
    run_hvsh cpu-baseline "$CPU/two.xml"
    assert_output_has "<model fallback='allow'>Nehalem</model>"
    run_hvsh cpu-compare "$CPU/kvm64.xml"
    assert_fails_with "this function is not supported by the connection driver: virConnectCompareCPU"
    run_hvsh domcapabilities
    assert_fails_with "this function is not supported by the connection driver: virConnectGetDomainCapabilities"
}

@test "host-model and match='minimum' become the model and features that guests get" {
    local model
    domain_xml web | sed "s#<features>#<cpu mode='host-model'><feature policy='disable' name='erms'/></cpu><features>#" >web.xml
    domain_xml least | sed "s#<features>#<cpu match='minimum'><model>Westmere</model><feature policy='optional' name='mpx'/></cpu>\
<features>#" >least.xml
    hv define web.xml
    hv define least.xml
    model=$(hv domcapabilities --virttype qemu | xmllint --xpath "string(//mode[@name='host-model']/model)" -)
    [[ -n $model ]]

    hv dumpxml web --update-cpu >updated.xml
    [[ $(xmllint --xpath 'string(/domain/cpu/model)' updated.xml) == "$model" ]]
    [[ $(xmllint --xpath "string(/domain/cpu/feature[@name='erms']/@policy)" updated.xml) == disable ]]
    grep -q "<cpu mode='custom' match='exact' check='partial'>" updated.xml
    hv dumpxml web | grep -q "<cpu mode='host-model'"

    hv dumpxml least --update-cpu >updated.xml
    [[ $(xmllint --xpath 'string(/domain/cpu/model)' updated.xml) == "$model" ]]
    [[ $(xmllint --xpath "string(/domain/cpu/feature[@name='mpx']/@policy)" updated.xml) == require ]]

    hv start web --paused
    hv domxml-to-native qemu-argv --domain web | grep -q -- "-cpu $model,.*erms=off"
    [[ $(hv dumpxml web | xmllint --xpath 'string(/domain/cpu/model)' -) == "$model" ]]
    [[ $(hv dumpxml web --inactive | xmllint --xpath 'string(/domain/cpu/@mode)' -) == host-model ]]
    hv destroy web
}
